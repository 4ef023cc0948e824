"""CSV files that people keep by hand: read line by line, each fault costing only its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

from screener.model.messages import NOTHING, InputError, Sentence, message_of, say
from screener.model.problems import Problem, bad_file
from screener.model.reading import plain_bytes


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One data line: where it stands (`file:line`) and its cells by column name, stripped."""

    where: str
    cells: Mapping[str, str]

    def problem(self, error: Exception) -> Problem:
        """Why the line cannot be used."""
        return Problem("bad_line", self.where, message_of(error), self.cells.get("symbol", ""))


def read(path: Path, required: Sequence[str]) -> tuple[list[CsvLine], list[Problem]]:
    """The data lines of a UTF-8 CSV file (with or without BOM), and what could not be read.

    Blank lines and lines that begin with `#` are skipped; the order of columns is free. A file
    that cannot be read at all gives no lines and one problem of kind `bad_file`.
    """
    try:
        text = plain_bytes(path).decode("utf-8-sig")
    except OSError as error:
        return [], [bad_file(path, say("cannot be opened: {why}", why=error.strerror))]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = say("is not UTF-8 text; in Excel save it as 'CSV UTF-8 (comma delimited)'")
        return [], [bad_file(f"{path}:{line}", message)]

    lines: list[CsvLine] = []
    problems: list[Problem] = []
    columns: list[str] | None = None
    for where, cells in _cells(path, text, problems):
        if columns is None:
            columns = [cell.lower() for cell in cells]
            fault = _header_fault(columns, required)
            if fault:
                return [], [bad_file(where, fault)]
        elif len(cells) > len(columns) and any(cells[len(columns) :]):
            counts = {"cells": len(cells), "columns": len(columns)}
            message = say(
                "has {cells} cells, the header has {columns}: a comma too many?", **counts
            )
            problems.append(Problem("bad_line", where, message))
        else:
            # Spreadsheet programs leave out the last cells of a line where they are empty.
            padded = [*cells, *[""] * (len(columns) - len(cells))]
            lines.append(CsvLine(where, dict(zip(columns, padded, strict=False))))
    if columns is None and not problems:
        message = say("is empty; it needs {required}", required=", ".join(required))
        problems.append(bad_file(path, message))
    return lines, problems


def _cells(path: Path, text: str, problems: list[Problem]) -> Iterator[tuple[str, list[str]]]:
    # Each line is parsed by itself, so that a quote left open spoils one line and not the rest.
    for number, ended in enumerate(StringIO(text, newline=None), start=1):
        raw = ended.rstrip("\n")
        if raw.lstrip('" \t').startswith("#"):
            continue
        where = f"{path}:{number}"
        try:
            cells = [cell.strip() for row in csv.reader([raw], strict=True) for cell in row]
        except csv.Error as error:
            message = say("is no CSV ({error}): look at its quotes", error=error)
            problems.append(Problem("bad_line", where, message))
            continue
        # A blank that looks like one and is none would make a symbol another symbol.
        hidden = [mark for mark in raw if not mark.isprintable() and mark != "\t"]
        if hidden:
            message = say("holds the invisible character {hidden!r}: delete it", hidden=hidden[0])
            problems.append(Problem("bad_line", where, message))
        elif any(cells):
            yield where, cells


def _header_fault(columns: list[str], required: Sequence[str]) -> Sentence:
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t"):
        return say("separates its columns by semicolons or tabs; they must be commas")
    missing = ", ".join(name for name in required if name not in columns)
    if missing:
        there = ", ".join(filter(None, columns))
        return say("the header lacks {missing}; it has {columns}", missing=missing, columns=there)
    repeated = ", ".join(sorted({name for name in columns if name and columns.count(name) > 1}))
    return say("the header names {repeated} twice", repeated=repeated) if repeated else NOTHING


# Digits with or without commas in their places, and a point; bounded, so that no product of
# such numbers leaves the range of a float.
_NUMBER = re.compile(r"[-+]?(\d{1,12}|\d{1,3}(,\d{3}){1,3})(\.\d{1,8})?", re.ASCII)


def parse_number(text: str) -> Decimal:
    """The number written as 12.34, -0.5 or 23,877.77, to the digit. Raises ValueError."""
    if not _NUMBER.fullmatch(text):
        raise InputError(say("{text!r} is no number: write 12.34 or -0.5", text=text))
    return Decimal(text.replace(",", ""))


def parse_day(text: str) -> date:
    """The day written as 2025-10-09, or as Excel saves it, 2025/10/9. Raises ValueError."""
    match = re.fullmatch(r"((?:19|20|21)\d\d)([-/])(\d{1,2})\2(\d{1,2})", text, re.ASCII)
    try:
        if match:
            return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        pass
    raise InputError(say("{text!r} is no day: write 2025-10-09", text=text))
