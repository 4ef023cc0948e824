"""corrections.csv: what was printed wrongly, and what is used in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from screener.model.messages import NOTHING, InputError, Sentence, message_of, say
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
            problems.append(
                Problem("bad_line", line.where, message_of(error), line.cells["symbol"])
            )
    return corrections, problems


def orphaned_corrections(corrections: Iterable[Correction], folder: Path) -> list[Problem]:
    known = watchlist_files(folder)
    return [
        Problem(
            "correction_unused",
            correction.where,
            say(
                "there is no watchlist {watchlist!r}: {known}",
                watchlist=correction.watchlist,
                known=", ".join(known),
            ),
            correction.symbol,
        )
        for correction in corrections
        if correction.watchlist not in known
    ]


def _correction(line: CsvLine) -> Correction:
    cells = line.cells
    for column in CORRECTION_COLUMNS:
        if not cells[column] and column != "printed":
            raise InputError(say("{column} is empty", column=column))
    effective = cells.get("effective", "")
    return Correction(
        where=line.where,
        watchlist=cells["watchlist"],
        symbol=cells["symbol"],
        field=cells["field"],
        printed=cells["printed"],
        corrected=cells["corrected"],
        effective=csvfile.parse_day(effective) if effective else None,
        dated=csvfile.parse_day(cells["dated"]),
        reason=cells["reason"],
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
            problems.append(
                Problem("correction_unused", correction.where, fault, correction.symbol)
            )
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
    if row is None:
        return say(
            "{watchlist} has no row {symbol}",
            watchlist=correction.watchlist,
            symbol=correction.symbol,
        )
    if correction.field not in row or correction.field == "printed_symbol":
        return say(
            "{watchlist} has no column {field}",
            watchlist=correction.watchlist,
            field=correction.field,
        )
    if row[correction.field] != correction.printed:
        return say(
            "corrects {field} {printed!r}, but {watchlist} has {found!r}",
            field=correction.field,
            printed=correction.printed,
            watchlist=correction.watchlist,
            found=row[correction.field],
        )
    return NOTHING
