"""The codes that stand in a column of a CSV or of a workbook."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from screener.importing.documents.read import read_document
from screener.model.codes import AmbiguousError, canonical
from screener.model.messages import joined, say
from screener.model.reading import plain_bytes
from screener.model.symbols import SymbolError
from screener.model.usage import UsageError

# A number of fewer digits is a number, whatever else it may be.
LEAST_DIGITS = 3

Rows = Sequence[Sequence[str]]


def codes_in(path: Path, column: str = "") -> list[str]:
    """The texts of a column: of that name, else of the one that has the most codes.

    Raises UsageError for a file that cannot be read, and where there is no such column.
    """
    rows = _rows(path)
    if column:
        return _named(path, rows, column)
    width = max(map(len, rows), default=0)
    columns = [[row[at] for row in rows if len(row) > at and row[at]] for at in range(width)]
    best = max(columns, key=lambda cells: sum(map(_is_code, cells)), default=[])
    if not any(map(_is_code, best)):
        raise UsageError(say("{path} has no column of codes", path=path))
    # What stands above the first code is its heading.
    return best if _is_code(best[0]) else best[1:]


def _named(path: Path, rows: Rows, column: str) -> list[str]:
    wanted = column.strip().casefold()
    for number, row in enumerate(rows):
        heads = [cell.casefold() for cell in row]
        if wanted in heads:
            at = heads.index(wanted)
            return [below[at] for below in rows[number + 1 :] if len(below) > at and below[at]]
    raise UsageError(say("{path} has no column {column!r}", path=path, column=column))


def _rows(path: Path) -> Rows:
    if path.suffix.lower() == ".xlsx":
        return _of_workbook(path)
    try:
        text = plain_bytes(path).decode("utf-8-sig")
        return [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(say("{path} cannot be read: {why}", path=path, why=str(error))) from None


def _of_workbook(path: Path) -> Rows:
    """The rows of the first sheet, read in a child, which can be ended."""
    lines, problems = read_document(path)
    why = joined(problem.message for problem in problems)
    if not why and not (lines and lines[0].begins_part):
        why = say("is no workbook")
    if why:
        raise UsageError(say("{path} cannot be read: {why}", path=path, why=why))
    rows = []
    for line in lines[1:]:  # after the title of the sheet
        if line.begins_part:
            break
        row = [""] * int(max((cell.left + 1 for cell in line.cells), default=0))
        for cell in line.cells:
            row[int(cell.left)] = cell.text
        rows.append(row)
    return rows


def _is_code(text: str) -> bool:
    try:
        canonical(text)
    except AmbiguousError:
        return len(text) >= LEAST_DIGITS
    except SymbolError:
        return False
    return True


def texts_of(given: Iterable[str]) -> list[str]:
    """Codes and names that stand in a text: parted by commas, or by blanks where all are codes."""
    found = []
    for text in given:
        parts = [part.strip() for part in text.replace("\n", ",").replace("，", ",").split(",")]
        for part in filter(None, parts):
            words = part.split()
            # `700 HK` is one code, and `中国移动 600941` two of them.
            whole = _is_code(part) or not all(map(_is_code, words))
            found += [part] if whole else words
    return found
