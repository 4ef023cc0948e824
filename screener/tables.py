"""Valuation tables in the lines of a document: found by what they hold, not by where they stand.

A table begins with a heading that names EPS or P/E over two or more fiscal years, in one to three
lines, and has rows with a code. What stands before and after it says what it is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from screener.documents.line import Cell, Line, clean, words
from screener.symbols import printed_code
from screener.wording import Sentence, say

Kind = Literal["code", "name", "eps", "pe", "market_cap", "price", "currency", "other"]

# The first that fits tells what a heading means; what is none of these is kept by its own words.
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    (
        "other",
        r"目标价|target|TP\b|评级|rating|PEG|P/?B|市净率|ROE|股息|EV/|净利润|营业收入|TTM"
        # What changes, compares or is of a part of a year is neither EPS nor P/E of a year.
        r"|增速|增长|同比|环比|复合|变动|growth|CAGR|YoY|QoQ|change|revision|分位|percentile"
        r"|premium|溢价|折价|行业|前次|上次|原|previous|prior|季|半年|[1-4]Q|Q[1-4]"
        r"|(?<![A-Z])H[12](?!\d)|[12]H(?![A-Z])|cents?\b|港仙|美分",
    ),
    ("eps", r"EPS|每股(收益|盈利)"),
    ("pe", r"(?<![A-Z])P/?E(?![A-EG-Z])|PER\b|市盈率"),
    ("market_cap", r"市值|market ?cap|mkt\.? ?cap"),
    ("price", r"收盘价|股价|现价|最新价|\bprice\b|\bclose\b"),
    ("currency", r"币种|currency|\bccy\b"),
    ("code", r"代码|\bcode\b|ticker|symbol"),
    ("name", r"名称|简称|公司|标的|股票|\bname\b|company"),
)
_KINDS = tuple((kind, re.compile(pattern, re.I)) for kind, pattern in _PATTERNS)
_YEAR = re.compile(
    r"(?<![\d.])(?:FY\s?)?((?:19|20)\d\d)(?![\d.])(?:\s?[AE](?![A-Z])|\s?年(?!.*日))?"
    r"|FY\s?(\d\d)(?!\d)|(?<![\d.])(\d\d)\s?[AE](?![A-Z])",
    re.I,
)
_NUMBER = re.compile(r"([-+−–]?)(\d[\d,]*)?(\.\d+)?\s?(?:x|倍)?", re.I)
_BRACKETS = re.compile(r"\(([^()]*)\)\s?(?:x|倍)?", re.I)
_MARKS = "*†‡#"
NOT_PRINTED = frozenset(("", "-", "—", "–", "--", "N/A", "NA", "NM", "N.M.", "NULL", "/", "亏损"))
_CODE = re.compile(
    r"\b(?:(?:SH|SZ|BJ|HK)[.:]?\d{4,6}|\d{4,6}\.[A-Z]{1,4}|\d{1,6}\.HK|\d{1,5} HK|\d{6} CH"
    r"|[A-Z]{1,5}\.(?:O|N|OQ|US)|[A-Z]{1,5} US|\d{6}|\d{5})(?![\d.,])",
    re.I,
)
_RULE = re.compile(r"[-=_:|+\s─━—]*")
_CAPTION = re.compile(r"[\s*#>_-]*(图表|表|table|exhibit|figure)\s*(\d+)", re.I)
_TALKS_OF_VALUES = re.compile(r"盈利预测|估值|valuation|consensus|EPS|市盈率", re.I)
_SOURCE = re.compile(r"(资料|数据)?来源\s*[:：]|source\s*[:：]|^注\s*[:：]|^note", re.I)
_HONG_KONG = re.compile(r"港股|H ?股|香港|港元|港币|HK\$|HKD|hong kong", re.I)
_SUMMARY_ROW = re.compile(r"平均|均值|中位数|合计|总计|行业|average|mean|median|total|sector", re.I)

# Lines between two rows that are none: foot, page number and head of a page that is turned.
_MOST_BETWEEN = 8
# Lines before and after a table that may say what it is of.
_AROUND = 4
# Longer than that a text is a sentence, and no heading.
_SHORT = 40


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a table: what it holds, of which fiscal year, and where it stands."""

    kind: Kind
    year: int | None
    text: str
    left: float
    right: float

    @property
    def is_figure(self) -> bool:
        """Whether its cells are figures that a watchlist keeps."""
        by_year = self.kind in ("eps", "pe") and self.year is not None
        return by_year or self.kind in ("market_cap", "price")


@dataclass(frozen=True, slots=True)
class Row:
    """One listing as it is printed: the text of each cell by kind and fiscal year."""

    where: str
    code: str
    name: str
    cells: Mapping[tuple[Kind, int | None], str]
    in_hong_kong: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A line in a table that is no row of it, and why."""

    where: str
    text: str
    why: str
    is_summary: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A valuation table: its headings and rows, and what is said around it."""

    where: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    unread: tuple[Unread, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    caption: str = ""
    number: int | None = None
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class _Head:
    """The heading of a table that begins at a line: its columns, and where its rows begin."""

    start: int
    end: int
    headings: tuple[Heading, ...]


def find(lines: Sequence[Line]) -> list[Table]:
    """Every valuation table in the lines, in their order."""
    found: list[Table] = []
    at = 0
    while at < len(lines):
        head = _head(lines, at)
        if head is None:
            at += 1
            continue
        table, at = _table(lines, head)
        if table.rows or table.unread:
            found.append(table)
    return found


def kind_of(text: str) -> Kind:
    """What a heading says its column holds."""
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), "other")


def year_of(text: str) -> int | None:
    """The fiscal year a heading names: `2024E`, `24A`, `FY24`, `2024年`."""
    match = _YEAR.search(text)
    if match is None:
        return None
    return int(match[1]) if match[1] else 2000 + int(match[2] or match[3])


def number_text(text: str) -> str | None:
    """A printed figure as digits with a sign: `(0.54)` is -0.54; empty where none is printed.

    None for what is no figure.
    """
    plain = text.strip().rstrip(_MARKS).strip()
    if plain.upper() in NOT_PRINTED:
        return ""
    bracketed = _BRACKETS.fullmatch(plain)
    match = _NUMBER.fullmatch(bracketed[1] if bracketed else plain)
    if match is None or not (match[2] or match[3]):
        return None
    sign = "-" if bracketed or (match[1] in ("-", "−", "–") and match[1]) else ""
    return f"{sign}{(match[2] or '0').replace(',', '')}{match[3] or ''}"


# --- headings ---------------------------------------------------------------------------------


def _head(lines: Sequence[Line], at: int) -> _Head | None:
    """The heading that begins at a line, of as few lines as it takes."""
    first = lines[at]
    if not first.cells or len(first.text) > 400 or _CAPTION.match(first.text):
        return None
    if not _heads_something(first):
        return None
    taken: list[Line] = []
    for end in range(at, min(at + 6, len(lines))):
        if _is_blank(lines[end]):
            if not taken:
                return None
            continue
        taken.append(lines[end])
        is_none = _has_code(lines[end]) or _CAPTION.match(lines[end].text)
        is_mixed = lines[end].is_grid != first.is_grid
        if len(taken) > 3 or (len(taken) > 1 and (is_none or is_mixed)):
            return None
        headings = _headings(taken)
        if headings and _begins_rows(lines, end + 1, headings):
            # A page's head or a title above is no part of it, if it is whole without.
            later = next(n for n in range(at + 1, end + 2) if n > end or not _is_blank(lines[n]))
            shorter = _head(lines, later) if later <= end else None
            whole = shorter is not None and shorter.end == end + 1
            return shorter if whole else _Head(at, end + 1, headings)
    return None


def _heads_something(line: Line) -> bool:
    """Whether a line could be of a heading: a good part of what it holds are words of one."""
    cells = list(_heading_cells(line))
    known = sum(kind_of(cell.text) != "other" or year_of(cell.text) is not None for cell in cells)
    return 3 * known >= len(cells)


def _begins_rows(lines: Sequence[Line], at: int, headings: Sequence[Heading]) -> bool:
    """Whether a row, readable or not, follows within a few lines."""
    ahead = [line for line in lines[at : at + 2 * _MOST_BETWEEN] if not _is_blank(line)]
    return any(_has_code(line) or _is_numeric(line, headings) for line in ahead[:3])


def _headings(lines: Sequence[Line]) -> tuple[Heading, ...]:
    """The columns that these lines head, or none if they head no valuation table."""
    if len(lines) == 1:
        columns = [_heading(each.text, each) for each in _heading_cells(lines[0])]
    else:
        upper = _folded(lines[:-1])
        lower = list(_heading_cells(lines[-1]))
        if any(kind_of(each.text) == "other" and not year_of(each.text) for each in lower):
            # The last line of a heading that is folded: `总市值` above `（亿元）`.
            folded = _folded(lines)
            columns = [_heading(each.text, each) for each in folded]
        else:
            columns = _grouped(upper, lower, is_grid=all(line.is_grid for line in lines))
    valued = [each for each in columns if each.kind in ("eps", "pe") and each.year]
    if len({each.year for each in valued}) < 2 or len(valued) > 40:
        return ()
    if len({(each.kind, each.year) for each in valued}) < len(valued):
        return ()
    return tuple(sorted(columns, key=lambda each: each.left))


def _heading_cells(line: Line) -> Iterator[Cell]:
    """The cells of a heading; a unit in brackets goes with what it is of."""
    cells: list[Cell] = []
    single = len(line.cells) == 1 and not line.is_grid
    for cell in words(line) if single else line.cells:
        if cells and re.fullmatch(r"[(（].*[)）]", cell.text) and not line.is_grid:
            last = cells.pop()
            cell = Cell(f"{last.text}{cell.text}", last.left, cell.right)
        cells.append(cell)
    yield from cells


def _heading(text: str, place: Cell) -> Heading:
    return Heading(kind_of(text), year_of(text), text, place.left, place.right)


def _folded(lines: Sequence[Line]) -> list[Cell]:
    """Cells of lines that stand above one another made one."""
    cells = list(_heading_cells(lines[0]))
    for line in lines[1:]:
        for below in _heading_cells(line):
            above = next((each for each in cells if _overlap(each, below) > 0), None)
            if above is None:
                cells.append(below)
            else:
                cells[cells.index(above)] = replace(above, text=f"{above.text} {below.text}")
    return sorted(cells, key=lambda each: each.left)


def _grouped(upper: Sequence[Cell], lower: Sequence[Cell], *, is_grid: bool) -> list[Heading]:
    """Columns under groups: years under EPS and P/E, or EPS and P/E under years."""
    reach = Cell("", min(each.left for each in lower), max(each.right for each in lower))
    within = [each for each in upper if _overlap(each, reach) > 0] if not is_grid else []
    groups = _by_cover(upper, lower) if is_grid else None
    if groups is None:
        labels = within or [each for each in upper if _says_something(each)]
        groups = _by_blocks(labels, lower)
    if groups is None:
        return []
    above = {id(group) for group in groups}
    alone = [
        _heading(each.text, each)
        for each in upper
        if id(each) not in above and not any(_overlap(each, below) > 0 for below in lower)
    ]
    columns = []
    for group, below in zip(groups, lower, strict=True):
        own = kind_of(below.text)
        kind = own if own in ("eps", "pe") else kind_of(group.text)
        year = year_of(below.text) or year_of(group.text)
        columns.append(Heading(kind, year, f"{group.text} {below.text}", below.left, below.right))
    return [*alone, *columns]


def _says_something(cell: Cell) -> bool:
    return kind_of(cell.text) in ("eps", "pe") or year_of(cell.text) is not None


# What heads one column and no group of them.
_ALONE: tuple[Kind, ...] = ("code", "name", "market_cap", "price", "currency")


def _by_cover(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell] | None:
    """The group over each column of a grid: a heading reaches to the next one at its right."""
    groups = []
    for below in lower:
        over = [each for each in upper if each.left <= below.left]
        group = over[-1] if over else None
        is_alone = group is not None and kind_of(group.text) in _ALONE
        if group is None or (is_alone and group.right <= below.left):
            return None
        groups.append(group)
    return groups


def _by_blocks(labels: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell] | None:
    """The group of each column by order: a block ends where its first heading comes again."""
    blocks: list[list[str]] = []
    places = []
    for below in lower:
        key = str(year_of(below.text) or kind_of(below.text))
        if not blocks or key in blocks[-1]:
            blocks.append([])
        blocks[-1].append(key)
        places.append(len(blocks) - 1)
    if len(blocks) != len(labels):
        return None
    return [labels[place] for place in places]


def _overlap(one: Cell, other: Cell) -> float:
    return min(one.right, other.right) - max(one.left, other.left)


# --- rows -------------------------------------------------------------------------------------


@dataclass
class _Rows:
    """The rows of a table as they are met, and what the lines between them say of the next ones."""

    in_hong_kong: bool
    other_heading: str = ""
    rows: list[Row] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def take(self, line: Line, head: _Head, extents: Sequence[tuple[float, float]]) -> bool:
        """Put a line where it belongs; False if it is no row."""
        if _is_subheading(line):
            self.other_heading = "" if _years_in(line) == _years_of(head) else line.text[:60]
        elif len(line.text) < _SHORT and not _is_numeric(line, head.headings):
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


def _table(lines: Sequence[Line], head: _Head) -> tuple[Table, int]:
    """The table under a heading, and the line after it."""
    before = _texts_before(lines, head.start)
    said = " ".join((*before[-2:], *(each.text for each in head.headings)))
    extents = _extents(lines, head)
    found = _Rows(in_hong_kong=bool(_HONG_KONG.search(said)))
    at, end, between = head.end, head.end, 0
    while at < len(lines) and between <= _MOST_BETWEEN:
        line = lines[at]
        if _is_blank(line):
            at += 1
            continue
        if line.begins_part or _SOURCE.search(line.text) or _CAPTION.match(line.text):
            break
        other = _head(lines, at)
        if other is not None:
            if not _same_columns(other, head):
                break
            # The same heading once more, on a new page.
            at, between = other.end, 0
            continue
        if found.take(line, head, extents):
            end, between = at + 1, 0
        else:
            between += 1
        at += 1
    caption, number = _caption(before)
    after = [line.text for line in lines[end : end + 3 * _AROUND] if not _is_blank(line)]
    table = Table(
        where=lines[head.start].where,
        headings=head.headings,
        rows=tuple(found.rows),
        unread=tuple(found.unread),
        before=tuple(before),
        after=tuple(_until_next(after[:_AROUND])),
        caption=caption,
        number=number,
        first=head.start,
        last=end,
    )
    return table, max(end, head.end)


def _read(
    line: Line,
    headings: Sequence[Heading],
    extents: Sequence[tuple[float, float]],
    *,
    in_hong_kong: bool,
) -> Row | Unread | None:
    """The row that a line is, or why it cannot be read; None if it is none of the table."""
    code = _code_in(line, in_hong_kong=in_hong_kong)
    if not _is_numeric(line, headings) and (code is None or len(line.cells) < 2):
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
            part, rest = _split_code(cell, in_hong_kong=in_hong_kong)
            code = code or part
            names += [rest] if rest else []
    return code, " ".join(names).strip(" ()")


def _split_code(text: str, *, in_hong_kong: bool) -> tuple[str, str]:
    """The code in a cell, and what else stands there; a short number is one in Hong Kong only."""
    match = _CODE.search(text)
    if match:
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        return match[0], clean(re.sub(r"[(（]\s*[)）]", " ", rest))
    if in_hong_kong and re.fullmatch(r"\d{3,5}", text):
        return text, ""
    return "", text


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
                    _is_figure(each.text) or _is_code(each.text) for each in cells[at : at + 2]
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


def _extents(lines: Sequence[Line], head: _Head) -> list[tuple[float, float]]:
    """From where to where each column reaches: its heading and the cells of whole rows."""
    extents = [(each.left, each.right) for each in head.headings]
    for line in lines[head.end : head.end + 200]:
        if line.is_grid or _is_blank(line) or _SOURCE.search(line.text):
            continue
        cells = list(line.cells)
        if len(cells) != len(extents):
            cells = _joined_words(line, len(extents))
        if len(cells) == len(extents) and _has_code(line):
            extents = [
                (min(left, cell.left), max(right, cell.right))
                for (left, right), cell in zip(extents, cells, strict=True)
            ]
    return _parted(extents)


def _parted(extents: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The extents cut where a column reaches into the next."""
    edges = [list(each) for each in extents]
    for one, other in pairwise(edges):
        if one[1] > other[0]:
            one[1] = other[0] = (one[1] + other[0]) / 2
    return [(left, right) for left, right in edges]


# --- what a line is ---------------------------------------------------------------------------


def _is_blank(line: Line) -> bool:
    return not line.cells or bool(_RULE.fullmatch(line.text))


def _has_code(line: Line) -> bool:
    return any(_is_code(cell.text) or _CODE.search(cell.text) for cell in line.cells[:4])


def _code_in(line: Line, *, in_hong_kong: bool) -> str | None:
    for cell in line.cells[:4]:
        code, _ = _split_code(cell.text, in_hong_kong=in_hong_kong)
        if code:
            return code
    return None


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None and "," not in text


def _is_figure_or_code(text: str) -> bool:
    return _is_figure(text) or _is_code(text)


def _is_figure(text: str) -> bool:
    return number_text(text) is not None


def _is_numeric(line: Line, headings: Sequence[Heading]) -> bool:
    """Whether most of what a line holds are figures, as many as the table has at least half of."""
    cells = list(line.cells) if len(line.cells) > 1 or line.is_grid else words(line)
    figures = sum(1 for cell in cells if _is_figure(cell.text) and not _is_code(cell.text))
    valued = sum(1 for each in headings if each.kind in ("eps", "pe"))
    return figures >= max(2, valued / 2) and 2 * figures >= len(cells)


def _is_subheading(line: Line) -> bool:
    """Whether a line holds nothing but fiscal years, two or more."""
    return len(_years_in(line)) == len(line.cells) >= 2


def _years_in(line: Line) -> list[int]:
    years = [year_of(cell.text) for cell in line.cells if not _is_figure(cell.text)]
    return [year for year in years if year is not None]


def _years_of(head: _Head) -> list[int]:
    return [each.year for each in head.headings if each.year is not None]


def _market_said(line: Line, in_hong_kong: bool) -> bool:
    if _HONG_KONG.search(line.text):
        return True
    return in_hong_kong and not re.search(r"A ?股|沪深|A.shares?", line.text, re.I)


def unread_headings(lines: Sequence[Line], found: Sequence[Table]) -> Iterator[Line]:
    """Lines that look like the heading of a valuation table, and begin none that was found."""
    taken = {at for table in found for at in range(table.first, table.last)}
    at = 0
    while at < len(lines):
        near = [n for n in range(at, min(at + 4, len(lines))) if not _is_blank(lines[n])][:2]
        rows = range(near[-1] + 1, min(near[-1] + 5, len(lines))) if near else range(0)
        said = [cell.text for n in near for cell in lines[n].cells]
        years = {year for text in said if (year := year_of(text)) and len(text) < _SHORT}
        has_kind = any(kind_of(text) in ("eps", "pe") and len(text) < _SHORT for text in said)
        is_free = bool(near) and near[0] == at and not taken & {*near, *rows}
        if is_free and has_kind and len(years) > 1 and sum(_has_code(lines[n]) for n in rows) > 0:
            yield lines[at]
            at = rows[-1]
        at += 1


def _same_columns(one: _Head, other: _Head) -> bool:
    kinds = [(each.kind, each.year) for each in one.headings]
    return kinds == [(each.kind, each.year) for each in other.headings]


# --- what is said around ----------------------------------------------------------------------


def _texts_before(lines: Sequence[Line], start: int) -> list[str]:
    """The last lines before a table, in their order."""
    texts: list[str] = []
    for line in reversed(lines[max(0, start - 12) : start]):
        if not _is_blank(line) and len(texts) < _AROUND:
            texts.append(line.text)
    return texts[::-1]


def _until_next(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        if _CAPTION.match(text):
            return
        yield text


def _caption(before: Sequence[str]) -> tuple[str, int | None]:
    """What a table is called: the nearest line above that is a caption, or talks of values."""
    for text in reversed(before):
        match = _CAPTION.match(text)
        if match:
            return text.strip("*#> "), int(match[2])
    for text in reversed(before[-2:]):
        if _TALKS_OF_VALUES.search(text) and len(text) < 100:
            return text, None
    last = before[-1] if before else ""
    return (last, None) if len(last) < 60 else ("", None)


def symbol_of(row: Row) -> tuple[str, Sentence]:
    """The symbol of a row's code, and what of it is guessed. Raises SymbolError for none."""
    words_ = f"{row.name} {row.cells.get(('currency', None), '')}"
    # Names of unequal votes, of secondary listings and of biotechs without income end in these.
    says_so = bool(_HONG_KONG.search(words_) or re.search(r"-(W|S|SW|B)$", row.name))
    found = printed_code(row.code, in_hong_kong=row.in_hong_kong or says_so)
    return found.symbol, found.guessed
