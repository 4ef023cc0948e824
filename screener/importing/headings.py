"""The heading of a valuation table: which columns it names, of which fiscal years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from screener.importing.cells import has_code, is_blank, is_figure, is_numeric
from screener.importing.documents.line import Cell, Line, words
from screener.importing.table import Heading, Kind, TableHead

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
# What heads one column and no group of them.
_ALONE: tuple[Kind, ...] = ("code", "name", "market_cap", "price", "currency")

# `24` is a year only with FY before it or A (actual) or E (estimate) behind: alone it is a figure;
# `2024年3月1日` is a day.
_YEAR = re.compile(
    r"(?<![\d.])(?:FY\s?)?((?:19|20)\d\d)(?![\d.])(?:\s?[AE](?![A-Z])|\s?年(?!.*日))?"
    r"|FY\s?(\d\d)(?!\d)|(?<![\d.])(\d\d)\s?[AE](?![A-Z])",
    re.I,
)
CAPTION = re.compile(r"[\s*#>_-]*(图表|表|table|exhibit|figure)\s*(\d+)", re.I)

# Lines between two rows that are none: foot, page number and head of a page that is turned.
MOST_BETWEEN = 8
# Longer than that a text is a sentence, and no heading.
LONGEST_HEADING = 40


def kind_of(text: str) -> Kind:
    """What a heading says its column holds."""
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), "other")


def year_of(text: str) -> int | None:
    """The fiscal year a heading names: `2024E`, `24A`, `FY24`, `2024年`."""
    match = _YEAR.search(text)
    if match is None:
        return None
    return int(match[1]) if match[1] else 2000 + int(match[2] or match[3])


def head_at(lines: Sequence[Line], start: int) -> TableHead | None:
    """The heading that begins at a line, of as few lines as it takes."""
    first = lines[start]
    # So long a line is a paragraph, which need not be taken apart to know it.
    if not first.cells or len(first.text) > 400 or CAPTION.match(first.text):
        return None
    if not _heads_something(first):
        return None
    taken: list[Line] = []
    for end in range(start, min(start + 6, len(lines))):
        if is_blank(lines[end]):
            if not taken:
                return None
            continue
        taken.append(lines[end])
        is_none = has_code(lines[end]) or CAPTION.match(lines[end].text)
        # A paragraph above a ruled table is none of its heading.
        is_mixed = lines[end].is_grid != first.is_grid
        if len(taken) > 3 or (len(taken) > 1 and (is_none or is_mixed)):
            return None
        headings = _headings(taken)
        if headings and _begins_rows(lines, end + 1, headings):
            # A page's head or a title above is no part of it, if it is whole without.
            later = next((n for n in range(start + 1, end + 1) if not is_blank(lines[n])), None)
            shorter = head_at(lines, later) if later else None
            is_whole = shorter is not None and shorter.end == end + 1
            return shorter if is_whole else TableHead(start, end + 1, headings)
    return None


def _heads_something(line: Line) -> bool:
    """Whether a line could be of a heading: a good part of what it holds are words of one."""
    # A third: ratings, target prices and growth rates stand beside EPS and P/E, and are not known.
    cells = _heading_cells(line)
    return 3 * sum(map(_is_known, cells)) >= len(cells)


def _is_known(cell: Cell) -> bool:
    return kind_of(cell.text) != "other" or year_of(cell.text) is not None


def _begins_rows(lines: Sequence[Line], start: int, headings: Sequence[Heading]) -> bool:
    """Whether a row, readable or not, follows within a few lines."""
    # A line of units or of one market may stand between heading and rows.
    ahead = [line for line in lines[start : start + 2 * MOST_BETWEEN] if not is_blank(line)]
    return any(has_code(line) or is_numeric(line, headings) for line in ahead[:3])


def _headings(lines: Sequence[Line]) -> tuple[Heading, ...]:
    """The columns that these lines head, or none if they head no valuation table."""
    lower = _heading_cells(lines[-1])
    if len(lines) == 1 or not all(map(_is_known, lower)):
        # The last line of a heading that is folded: `总市值` above `（亿元）`.
        columns = [_heading(cell) for cell in _folded(lines)]
    else:
        is_grid = all(line.is_grid for line in lines)
        columns = _grouped(_folded(lines[:-1]), lower, is_grid=is_grid)
    valued = [
        (head.kind, head.year) for head in columns if head.kind in ("eps", "pe") and head.year
    ]
    # Two columns of one figure cannot be told apart; forty are a page of text with years in it.
    is_clear = len(set(valued)) == len(valued) <= 40
    if not is_clear or len({year for _, year in valued}) < 2:
        return ()
    return tuple(sorted(columns, key=attrgetter("left")))


def _heading_cells(line: Line) -> list[Cell]:
    """The cells of a heading; a unit in brackets goes with what it is of."""
    cells: list[Cell] = []
    single = len(line.cells) == 1 and not line.is_grid
    for cell in words(line) if single else line.cells:
        if cells and re.fullmatch(r"[(（].*[)）]", cell.text) and not line.is_grid:
            last = cells.pop()
            cell = Cell(f"{last.text}{cell.text}", last.left, cell.right)
        cells.append(cell)
    return cells


def _heading(cell: Cell) -> Heading:
    return Heading(kind_of(cell.text), year_of(cell.text), cell.text, cell.left, cell.right)


def _folded(lines: Sequence[Line]) -> list[Cell]:
    """Cells of lines that stand above one another made one."""
    cells = _heading_cells(lines[0])
    for line in lines[1:]:
        for below in _heading_cells(line):
            above = next((cell for cell in cells if _overlap(cell, below) > 0), None)
            if above is None:
                cells.append(below)
            else:
                cells[cells.index(above)] = replace(above, text=f"{above.text} {below.text}")
    return sorted(cells, key=attrgetter("left"))


def _grouped(upper: Sequence[Cell], lower: Sequence[Cell], *, is_grid: bool) -> list[Heading]:
    """Columns under groups: years under EPS and P/E, or EPS and P/E under years."""
    groups = _by_cover(upper, lower) if is_grid else None
    if groups is None:
        reach = Cell("", min(cell.left for cell in lower), max(cell.right for cell in lower))
        within = [] if is_grid else [cell for cell in upper if _overlap(cell, reach) > 0]
        telling = [c for c in upper if kind_of(c.text) in ("eps", "pe") or year_of(c.text)]
        groups = _by_blocks(within or telling, lower)
    if groups is None:
        return []
    alone = [
        _heading(cell)
        for cell in upper
        if cell not in groups and not any(_overlap(cell, below) > 0 for below in lower)
    ]
    columns = []
    for group, below in zip(groups, lower, strict=True):
        own = kind_of(below.text)
        kind = own if own in ("eps", "pe") else kind_of(group.text)
        year = year_of(below.text) or year_of(group.text)
        columns.append(Heading(kind, year, f"{group.text} {below.text}", below.left, below.right))
    return [*alone, *columns]


def _by_cover(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell] | None:
    """The group over each column of a grid: a heading reaches to the next one at its right."""
    groups = []
    for below in lower:
        over = [cell for cell in upper if cell.left <= below.left]
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


def is_subheading(line: Line) -> bool:
    """Whether a line holds nothing but fiscal years, two or more."""
    return len(years_in(line)) == len(line.cells) >= 2


def years_in(line: Line) -> list[int]:
    years = [year_of(cell.text) for cell in line.cells if not is_figure(cell.text)]
    return [year for year in years if year is not None]


def years_of(head: TableHead) -> list[int]:
    return [heading.year for heading in head.headings if heading.year is not None]


def same_columns(one: TableHead, other: TableHead) -> bool:
    kinds = [(heading.kind, heading.year) for heading in one.headings]
    return kinds == [(heading.kind, heading.year) for heading in other.headings]
