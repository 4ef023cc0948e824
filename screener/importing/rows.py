"""The rows under a heading: which cell stands in which column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from screener.importing.cells import (
    count_codes,
    has_code,
    is_blank,
    is_code,
    is_figure,
    is_numeric,
    number_text,
    split_code,
)
from screener.importing.documents.line import Cell, Line, words
from screener.importing.headings import is_subheading, years_in, years_of
from screener.importing.meaning import LONGEST_HEADING
from screener.importing.table import Heading, Kind, Market, Row, TableHead, Unread
from screener.model.messages import say

# From where to where a column of a table that is no grid reaches.
Extent = tuple[float, float]

SOURCE_LINE = re.compile(r"(资料|数据)?来源\s*[:：]|source\s*[:：]|^注\s*[:：]|^note", re.I)
HONG_KONG = re.compile(r"港股|H ?股|香港|港元|港币|HK\$|HKD|hong kong", re.I)
# The first that fits: `海外市场` stands above shares of Seoul, Taipei and New York.
ABROAD = re.compile(
    r"海外|境外|国外|美股|台股|韩股|日股|欧股|美国|台湾|韩国|日本|欧洲|overseas|global|foreign"
    r"|\bU\.?S\.?\b|taiwan|korea|japan|europe|\bKRX\b|\bTWSE\b|\bNYSE\b|nasdaq|纽交所|纳斯达克|东京",
    re.I,
)
MAINLAND = re.compile(r"A ?股|沪深|北交所|科创板|创业板|A.shares?|mainland", re.I)
_SAID: Mapping[Market, re.Pattern[str]] = {
    Market.ABROAD: ABROAD,
    Market.HONG_KONG: HONG_KONG,
    Market.MAINLAND: MAINLAND,
}
_UNIT_SAID = re.compile(
    r"单位|\bunits?\b|[(（][^)）]*(?:元|仙|cents|\$|RMB|mn|bn)[^)）]*[)）]", re.I
)
_SUMMARY_ROW = re.compile(r"平均|均值|中位数|合计|总计|行业|average|mean|median|total|sector", re.I)


@dataclass
class RowReader:
    """The rows of a table as they are met, and what the lines between them say of the next ones."""

    head: TableHead
    extents: Sequence[Extent]
    market: Market
    other_heading: str = ""
    rows: list[Row] = field(default_factory=list)
    misfits: int = 0
    unread: list[Unread] = field(default_factory=list)

    def take(self, line: Line, *, is_near: bool = True) -> bool:
        """Put a line where it belongs; False if it is no row.

        Far below the last row only whole ones with a code are rows of the same table.
        """
        if is_subheading(line):
            self.other_heading = "" if years_in(line) == years_of(self.head) else line.text[:60]
        elif len(line.text) < LONGEST_HEADING and not is_numeric(line, self.head.headings):
            # A line between rows may say which market the next ones are of.
            self.market = _market_said(line, self.market)
            # Rows below are in other units than the heading says, and in which of them nobody says.
            is_of_units = _UNIT_SAID.search(line.text) and not SOURCE_LINE.search(line.text)
            if is_of_units and len(line.cells) <= 2:
                self.other_heading = line.text[:60]
        read = self._read(line)
        if not is_near and not isinstance(read, Row) and not has_code(line):
            return False
        if isinstance(read, Row):
            self.rows.append(read)
        elif read is not None:
            self.unread.append(read)
        return read is not None

    def _read(self, line: Line) -> Row | Unread | None:
        """The row that a line is, or why it cannot be read; None if it is none of the table."""
        headings = self.head.headings
        codes = (self._split(cell.text)[0] for cell in line.cells[:4])
        if not is_numeric(line, headings) and (len(line.cells) < 2 or not any(codes)):
            return None
        if self.other_heading:
            why = say("stands under another heading ({heading})", heading=self.other_heading)
            return _unread(line, why)
        texts = _aligned(line, headings, self.extents)
        if texts is None:
            self.misfits += 1
            why = say("its cells do not fit the {columns} columns", columns=len(headings))
            return _unread(line, why)
        return self._row(line, texts)

    def _row(self, line: Line, texts: Sequence[str]) -> Row | Unread:
        """The row of these cells, or why it is none."""
        cells: dict[tuple[Kind, int | None], str] = {}
        for heading, text in zip(self.head.headings, texts, strict=True):
            if heading.kind == "currency":
                cells["currency", None] = text
            elif heading.is_figure:
                figure = number_text(text)
                if figure is None:
                    why = say("{heading} {cell!r} is no number", heading=heading.text, cell=text)
                    return _unread(line, why)
                cells[heading.kind, heading.year] = figure
        code, name = self._identity(texts)
        if self._codes(texts) > 1:
            return _unread(line, say("has two codes: whose its figures are nobody can tell"))
        if not code:
            # Means and totals stand under many tables: they are no listing that got lost.
            is_summary = _SUMMARY_ROW.search(line.text[:120]) is not None
            return replace(_unread(line, say("has no code")), is_summary=is_summary)
        if not name:
            return _unread(line, say("has no name"))
        beside = " ".join(
            text
            for heading, text in zip(self.head.headings, texts, strict=True)
            if heading.kind == "other" and not is_figure(text)
        )
        return Row(line.where, code, name, cells, self.market, beside)

    def _codes(self, texts: Sequence[str]) -> int:
        """How many different codes stand in the columns of identity."""
        identity = (
            text
            for heading, text in zip(self.head.headings, texts, strict=True)
            if heading.kind in ("code", "name")
        )
        return count_codes(" ".join(identity))

    def _identity(self, texts: Sequence[str]) -> tuple[str, str]:
        """Code and name of a row, wherever among the columns of identity they stand."""
        parts = [
            self._split(text)
            for heading, text in zip(self.head.headings, texts, strict=True)
            if heading.kind in ("code", "name")
        ]
        code = next((code for code, _ in parts if code), "")
        return code, " ".join(rest for _, rest in parts if rest).strip(" ()")

    def _split(self, text: str) -> tuple[str, str]:
        return split_code(text, in_hong_kong=self.market.is_hong_kong)


def _unread(line: Line, why: str) -> Unread:
    return Unread(line.where, line.text[:120], why)


def _aligned(
    line: Line, headings: Sequence[Heading], extents: Sequence[Extent]
) -> list[str] | None:
    """The text of each column of a row, empty where nothing is printed; None if they do not fit."""
    if line.is_grid:
        return _in_grid(line, headings)
    # Whole rows are read by order: places are only as good as the font they are measured by.
    for cells in (list(line.cells), _joined_words(line, len(headings))):
        if len(cells) == len(headings):
            return [cell.text for cell in cells]
    return _by_place(line.cells, extents)


def _in_grid(line: Line, headings: Sequence[Heading]) -> list[str] | None:
    texts = [""] * len(headings)
    for cell in line.cells:
        over = (n for n, head in enumerate(headings) if head.left <= cell.left < head.right)
        column = next(over, None)
        if column is None:
            # A row that stands one column beside its heading is read by order, if it is whole.
            # One with a cell that is not printed is not: its figures would move up.
            is_whole = len(line.cells) == len(headings) and all(
                one.right == other.left for one, other in pairwise(line.cells)
            )
            return [cell.text for cell in line.cells] if is_whole else None
        texts[column] = f"{texts[column]} {cell.text}".strip()
    return texts


def _joined_words(line: Line, count: int) -> list[Cell]:
    """The words of a line, with those of a name made one until there are `count` of them."""
    cells = words(line)
    while len(cells) > count:
        pairs = (n for n, pair in enumerate(pairwise(cells)) if all(map(_is_word, pair)))
        first = next(pairs, None)
        if first is None:
            break
        one, other = cells[first : first + 2]
        cells[first : first + 2] = [Cell(f"{one.text} {other.text}", one.left, other.right)]
    return cells


def _is_word(cell: Cell) -> bool:
    return not (is_figure(cell.text) or is_code(cell.text))


def _by_place(cells: Sequence[Cell], extents: Sequence[Extent]) -> list[str] | None:
    """The cells in the columns they lie in most; None where two lie in one, or one in none."""
    texts = [""] * len(extents)
    for cell in cells:
        shares = [min(cell.right, right) - max(cell.left, left) for left, right in extents]
        most = shares.index(max(shares))
        if shares[most] <= 0 or texts[most]:
            return None
        texts[most] = cell.text
    return texts


def column_extents(lines: Sequence[Line], head: TableHead) -> list[Extent]:
    """From where to where each column reaches: its heading and the cells of whole rows."""
    extents = [(heading.left, heading.right) for heading in head.headings]
    # So many lines show how far columns reach; a long document is not gone through for each table.
    for line in lines[head.end : head.end + 200]:
        if line.is_grid or is_blank(line) or SOURCE_LINE.search(line.text):
            continue
        whole = len(line.cells) == len(extents)
        cells = line.cells if whole else _joined_words(line, len(extents))
        if len(cells) == len(extents) and has_code(line):
            extents = [
                (min(left, cell.left), max(right, cell.right))
                for (left, right), cell in zip(extents, cells, strict=True)
            ]
    return _parted(extents)


def _parted(extents: Sequence[Extent]) -> list[Extent]:
    """The extents cut where a column reaches into the next."""
    edges = [list(extent) for extent in extents]
    for one, other in pairwise(edges):
        if one[1] > other[0]:
            one[1] = other[0] = (one[1] + other[0]) / 2
    return [(left, right) for left, right in edges]


def _market_said(line: Line, market: Market) -> Market:
    """The market of the rows below a line: what it says holds until another line says otherwise."""
    said = (each for each, pattern in _SAID.items() if pattern.search(line.text))
    return next(said, market)
