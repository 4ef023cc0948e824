"""corrections.csv: what was printed wrongly, and what is used in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from screener.model.messages import NOTHING, InputError, Sentence, say
from screener.model.problems import Problem
from screener.model.records import Correction
from screener.watchlists import csvfile
from screener.watchlists.csvfile import CsvLine
from screener.watchlists.folder import watchlist_files

CORRECTION_COLUMNS = ("watchlist", "symbol", "field", "printed", "corrected", "dated", "reason")


def read_corrections(path: Path) -> tuple[list[Correction], list[Problem]]:
    if not path.exists():
        return [], []
    lines, problems = csvfile.read(path, CORRECTION_COLUMNS)
    corrections = []
    for line in lines:
        try:
            corrections.append(_correction(line))
        except ValueError as error:
            problems.append(line.problem(error))
    return corrections, problems


def orphaned_corrections(corrections: Iterable[Correction], folder: Path) -> list[Problem]:
    known = watchlist_files(folder)
    names = ", ".join(known)
    return [
        _unused(
            correction,
            say("there is no watchlist {watchlist!r}: {known}", watchlist=name, known=names),
        )
        for correction in corrections
        if (name := correction.watchlist) not in known
    ]


def _unused(correction: Correction, why: Sentence) -> Problem:
    return Problem("correction_unused", correction.where, why, correction.symbol)


def _correction(line: CsvLine) -> Correction:
    cells = line.cells
    # An empty printed value is corrected, too: it adds what a table left out.
    for column in CORRECTION_COLUMNS:
        if not cells[column] and column != "printed":
            raise InputError(say("{column} is empty", column=column))
    effective = cells.get("effective", "")
    texts = {column: cells[column] for column in CORRECTION_COLUMNS if column != "dated"}
    return Correction(
        where=line.where,
        effective=csvfile.parse_day(effective) if effective else None,
        dated=csvfile.parse_day(cells["dated"]),
        **texts,
    )


def apply_corrections(
    lines: Sequence[CsvLine], corrections: Sequence[Correction]
) -> tuple[list[CsvLine], list[Correction], list[Problem]]:
    """The lines with the corrections in their cells, those applied, and a problem for each."""
    cells = [{**line.cells, "printed_symbol": line.cells["symbol"]} for line in lines]
    # Of two rows with one code the first is kept, so it is the one to be corrected.
    by_printed_symbol = {row["printed_symbol"]: row for row in reversed(cells)}
    applied, problems = [], []
    for correction in corrections:
        row = by_printed_symbol.get(correction.symbol)
        fault = _misfit(correction, row)
        if row is None or fault:
            problems.append(_unused(correction, fault))
            continue
        row[correction.field] = correction.corrected
        applied.append(correction)
        message = say(
            "{field} {printed} → {corrected} ({dated}): {reason}",
            field=correction.field,
            printed=correction.printed,
            corrected=correction.corrected,
            dated=correction.dated,
            reason=correction.reason,
        )
        problems.append(Problem("correction", correction.where, message, row["symbol"]))
    corrected = [CsvLine(line.where, row) for line, row in zip(lines, cells, strict=True)]
    return corrected, applied, problems


def _misfit(correction: Correction, row: Mapping[str, str] | None) -> Sentence:
    name, field = correction.watchlist, correction.field
    if row is None:
        return say("{watchlist} has no row {symbol}", watchlist=name, symbol=correction.symbol)
    if field not in row or field == "printed_symbol":
        return say("{watchlist} has no column {field}", watchlist=name, field=field)
    # A table that was printed anew may be right now: what was wrong then must still stand there.
    if row[field] != correction.printed:
        return say(
            "corrects {field} {printed!r}, but {watchlist} has {found!r}",
            field=field,
            printed=correction.printed,
            watchlist=name,
            found=row[field],
        )
    return NOTHING
