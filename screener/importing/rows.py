"""The rows under a heading: which cell stands in which column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from screener.importing.cells import (
    code_in,
    has_code,
    is_blank,
    is_code,
    is_figure,
    is_numeric,
    number_text,
    split_code,
)
from screener.importing.documents.line import Cell, Line, words
from screener.importing.headings import LONGEST_HEADING, is_subheading, years_in, years_of
from screener.importing.table import Heading, Kind, Row, TableHead, Unread
from screener.model.messages import say

SOURCE_LINE = re.compile(r"(资料|数据)?来源\s*[:：]|source\s*[:：]|^注\s*[:：]|^note", re.I)

HONG_KONG = re.compile(r"港股|H ?股|香港|港元|港币|HK\$|HKD|hong kong", re.I)

_SUMMARY_ROW = re.compile(r"平均|均值|中位数|合计|总计|行业|average|mean|median|total|sector", re.I)


@dataclass
class RowReader:
    """The rows of a table as they are met, and what the lines between them say of the next ones."""

    in_hong_kong: bool
    other_heading: str = ""
    rows: list[Row] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def take(self, line: Line, head: TableHead, extents: Sequence[tuple[float, float]]) -> bool:
        """Put a line where it belongs; False if it is no row."""
        if is_subheading(line):
            self.other_heading = "" if years_in(line) == years_of(head) else line.text[:60]
        elif len(line.text) < LONGEST_HEADING and not is_numeric(line, head.headings):
            # A line between rows may say which market the next ones are of.
            self.in_hong_kong = _market_said(line, self.in_hong_kong)
        read = _read(line, head.headings, extents, in_hong_kong=self.in_hong_kong)
        if read is None:
            return False
        if self.other_heading:
            why = say("stands under another heading ({heading})", heading=self.other_heading)
            read = Unread(line.where, line.text[:120], why)
        if isinstance(read, Unread):
            self.unread.append(read)
        else:
            self.rows.append(read)
        return True


def _read(
    line: Line,
    headings: Sequence[Heading],
    extents: Sequence[tuple[float, float]],
    *,
    in_hong_kong: bool,
) -> Row | Unread | None:
    """The row that a line is, or why it cannot be read; None if it is none of the table."""
    code = code_in(line, in_hong_kong=in_hong_kong)
    if not is_numeric(line, headings) and (code is None or len(line.cells) < 2):
        return None
    texts = _aligned(line, headings, extents)
    if texts is None:
        why = say("its cells do not fit the {columns} columns", columns=len(headings))
        return Unread(line.where, line.text[:120], why)
    return _row(line, headings, texts, in_hong_kong=in_hong_kong)


def _row(
    line: Line, headings: Sequence[Heading], texts: Sequence[str], *, in_hong_kong: bool
) -> Row | Unread:
    """The row of these cells, or why it is none."""
    text = line.text[:120]
    cells: dict[tuple[Kind, int | None], str] = {}
    for heading, cell in zip(headings, texts, strict=True):
        if heading.kind == "currency":
            cells["currency", None] = cell
        elif heading.is_figure:
            figure = number_text(cell)
            if figure is None:
                return Unread(
                    line.where,
                    text,
                    say("{heading} {cell!r} is no number", heading=heading.text, cell=cell),
                )
            cells[heading.kind, heading.year] = figure
    code, name = _identity(headings, texts, in_hong_kong=in_hong_kong)
    if not code:
        return Unread(line.where, text, say("has no code"), bool(_SUMMARY_ROW.search(text)))
    if not name:
        return Unread(line.where, text, say("has no name"))
    return Row(line.where, code, name, cells, in_hong_kong)


def _identity(
    headings: Sequence[Heading], texts: Sequence[str], *, in_hong_kong: bool
) -> tuple[str, str]:
    """Code and name of a row, wherever among the columns of identity they stand."""
    code, names = "", []
    for heading, cell in zip(headings, texts, strict=True):
        if heading.kind in ("code", "name"):
            part, rest = split_code(cell, in_hong_kong=in_hong_kong)
            code = code or part
            names += [rest] if rest else []
    return code, " ".join(names).strip(" ()")


def _aligned(
    line: Line, headings: Sequence[Heading], extents: Sequence[tuple[float, float]]
) -> list[str] | None:
    """The text of each column of a row, empty where nothing is printed; None if they do not fit."""
    if line.is_grid:
        return _in_grid(line, headings)
    for cells in (list(line.cells), _joined_words(line, len(headings))):
        if len(cells) == len(headings):
            return [cell.text for cell in cells]
    return _by_place(list(line.cells), extents)


def _in_grid(line: Line, headings: Sequence[Heading]) -> list[str] | None:
    texts = [""] * len(headings)
    unclaimed = []
    for cell in line.cells:
        at = next(
            (n for n, each in enumerate(headings) if each.left <= cell.left < each.right), None
        )
        if at is None:
            unclaimed.append(cell)
        elif texts[at]:
            texts[at] += f" {cell.text}"
        else:
            texts[at] = cell.text
    if not unclaimed:
        return texts
    # A row that stands one column beside its heading is read by order, if it is whole.
    return [cell.text for cell in line.cells] if len(line.cells) == len(headings) else None


def _joined_words(line: Line, count: int) -> list[Cell]:
    """The words of a line, with those of a name made one until there are `count` of them."""
    cells = words(line)
    while len(cells) > count:
        pair = next(
            (
                at
                for at in range(len(cells) - 1)
                if not any(
                    is_figure(cell.text) or is_code(cell.text) for cell in cells[at : at + 2]
                )
            ),
            None,
        )
        if pair is None:
            break
        first, second = cells[pair : pair + 2]
        joined = Cell(f"{first.text} {second.text}", first.left, second.right)
        cells[pair : pair + 2] = [joined]
    return cells


def _by_place(cells: Sequence[Cell], extents: Sequence[tuple[float, float]]) -> list[str] | None:
    """The cells in the columns they lie in most; None where two lie in one, or one in none."""
    texts = [""] * len(extents)
    for cell in cells:
        shares = [min(cell.right, right) - max(cell.left, left) for left, right in extents]
        at = max(range(len(extents)), key=lambda each: shares[each], default=-1)
        if at < 0 or shares[at] <= 0 or texts[at]:
            return None
        texts[at] = cell.text
    return texts


def column_extents(lines: Sequence[Line], head: TableHead) -> list[tuple[float, float]]:
    """From where to where each column reaches: its heading and the cells of whole rows."""
    extents = [(heading.left, heading.right) for heading in head.headings]
    for line in lines[head.end : head.end + 200]:
        if line.is_grid or is_blank(line) or SOURCE_LINE.search(line.text):
            continue
        cells = list(line.cells)
        if len(cells) != len(extents):
            cells = _joined_words(line, len(extents))
        if len(cells) == len(extents) and has_code(line):
            extents = [
                (min(left, cell.left), max(right, cell.right))
                for (left, right), cell in zip(extents, cells, strict=True)
            ]
    return _parted(extents)


def _parted(extents: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The extents cut where a column reaches into the next."""
    edges = [list(extent) for extent in extents]
    for one, other in pairwise(edges):
        if one[1] > other[0]:
            one[1] = other[0] = (one[1] + other[0]) / 2
    return [(left, right) for left, right in edges]


def _market_said(line: Line, in_hong_kong: bool) -> bool:
    if HONG_KONG.search(line.text):
        return True
    return in_hong_kong and not re.search(r"A ?股|沪深|A.shares?", line.text, re.I)
