"""The heading of a valuation table: which columns it names, of which fiscal years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from operator import attrgetter

from screener.importing.cells import has_code, is_blank, is_figure, is_numeric
from screener.importing.documents.line import Cell, Line, words
from screener.importing.meaning import LONGEST_HEADING, meaning_of
from screener.importing.table import Heading, Kind, TableHead

# What heads one column and no group of them.
_ALONE: tuple[Kind, ...] = ("code", "name", "market_cap", "price", "currency")
# Of these a row has one: two columns of one kind cannot be told apart.
_ONCE: tuple[Kind, ...] = ("market_cap", "price", "currency")

CAPTION = re.compile(r"[\s*#>_-]*(图表|表|table|exhibit|figure)\s*(\d+)", re.I)

# So many known headings in a line, one of them of code or name, head a table.
_FEWEST_HEADINGS = 3
# Lines between two rows that are none: foot, page number and head of a page that is turned.
MOST_BETWEEN = 8


def head_at(lines: Sequence[Line], start: int) -> TableHead | None:
    """The heading that begins at a line, of as few lines as it takes."""
    first = lines[start]
    # So long a line is a paragraph, which need not be taken apart to know it.
    is_long = len(first.text) > 400
    if not first.cells or is_long or CAPTION.match(first.text) or not _heads_something(first):
        return None
    taken: list[Line] = []
    for end in range(start, min(start + 6, len(lines))):
        if is_blank(lines[end]):
            continue
        taken.append(lines[end])
        if len(taken) > 3 or (len(taken) > 1 and _ends_heading(first, lines[end])):
            return None
        headings = _headings(taken)
        if headings and _altered_above(lines, start, headings):
            return None
        if headings and _begins_rows(lines, end + 1, headings):
            return _shortest(lines, TableHead(start, end + 1, headings))
    return None


def _shortest(lines: Sequence[Line], head: TableHead) -> TableHead:
    """The heading without a page's head or a title above it, if it is whole without."""
    below = range(head.start + 1, head.end)
    later = next((number for number in below if not is_blank(lines[number])), None)
    shorter = head_at(lines, later) if later else None
    return shorter if shorter is not None and shorter.end == head.end else head


def _ends_heading(first: Line, line: Line) -> bool:
    """Whether a line below the first of a heading is none of it."""
    # A paragraph above a ruled table is none of its heading.
    is_mixed = line.is_grid != first.is_grid
    return is_mixed or has_code(line) or CAPTION.match(line.text) is not None


def _altered_above(lines: Sequence[Line], start: int, headings: Sequence[Heading]) -> bool:
    """Whether a line right above a heading, over its figures, may make something else of them.

    `同比增长` over columns of EPS makes them growth; a title stands over code and name.
    """
    above = lines[start - 1] if start else None
    if above is None or is_blank(above) or has_code(above) or CAPTION.match(above.text):
        return False
    first = min(head.left for head in headings if head.kind in ("eps", "pe"))
    over = [cell for cell in _heading_cells(above) if cell.left >= first - 0.5]
    texts = [cell.text for cell in over if len(cell.text) < LONGEST_HEADING]
    meanings = [meaning_of(text) for text in texts if not is_figure(text)]
    # A title alone may stand over the middle of the paper, whatever its words.
    is_title = len(above.cells) == 1 and not above.is_grid
    return any(each.is_altered or not (each.is_known or is_title) for each in meanings)


def _heads_something(line: Line) -> bool:
    """Whether a line could be of a heading: a good part of what it holds are words of one."""
    # A third: ratings, target prices and growth rates stand beside EPS and P/E, and are not known.
    cells = _heading_cells(line)
    return 3 * sum(map(_is_known, cells)) >= len(cells)


def _is_known(cell: Cell) -> bool:
    meaning = meaning_of(cell.text)
    return meaning.kind != "other" or meaning.year is not None or meaning.is_known


def _says_no_column(line: Line) -> bool:
    """Whether a line holds units, currencies and the like only: what is above it is of them."""
    meanings = [meaning_of(cell.text) for cell in _heading_cells(line)]
    return all(each.is_known and each.kind == "other" and each.year is None for each in meanings)


def _begins_rows(lines: Sequence[Line], start: int, headings: Sequence[Heading]) -> bool:
    """Whether a row, readable or not, follows within a few lines."""
    # A line of units or of one market may stand between heading and rows.
    ahead = [line for line in lines[start : start + 2 * MOST_BETWEEN] if not is_blank(line)]
    return any(has_code(line) or is_numeric(line, headings) for line in ahead[:3])


def _headings(lines: Sequence[Line]) -> tuple[Heading, ...]:
    """The columns that these lines head, or none if they head no valuation table."""
    upper = list(lines)
    # Units under years: what stands below a heading is of it.
    units = [upper.pop()] if len(upper) > 1 and _says_no_column(upper[-1]) else []
    lower = _folded([upper[-1], *units])
    years = sum(meaning_of(cell.text).year is not None for cell in lower)
    known = sum(map(_is_known, lower))
    if len(upper) == 1 or not (known == len(lower) or (years > 1 and 3 * known >= 2 * len(lower))):
        # The last line of a heading that is folded: `总市值` above `（亿元）`.
        columns = [_heading(cell) for cell in _folded(lines)]
    else:
        is_grid = all(line.is_grid for line in lines)
        columns = _grouped(_folded(upper[:-1]), lower, is_grid=is_grid)
    valued = [
        (head.kind, head.year) for head in columns if head.kind in ("eps", "pe") and head.year
    ]
    # Two columns of one figure cannot be told apart; forty are a page of text with years in it.
    is_clear = len(set(valued)) == len(valued) <= 40
    if not is_clear or len({year for _, year in valued}) < 2:
        return ()
    return tuple(sorted(_told_apart(columns), key=attrgetter("left")))


def _told_apart(columns: Sequence[Heading]) -> list[Heading]:
    """The columns; of a kind that there is only one of, two are none, and each names the other."""
    by_kind = {kind: [head for head in columns if head.kind == kind] for kind in _ONCE}
    rivals = {
        head: next(other.text for other in heads if other is not head)
        for heads in by_kind.values()
        if len(heads) > 1
        for head in heads
    }
    return [
        replace(head, kind="other", rival=rivals[head]) if head in rivals else head
        for head in columns
    ]


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
    meaning = meaning_of(cell.text)
    return Heading(meaning.kind, meaning.year, cell.text, cell.left, cell.right)


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
        telling = [cell for cell in upper if _tells(cell)]
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
        text = f"{group.text} {below.text}"
        columns.append(replace(_under(group, below), text=text))
    return [*alone, *columns]


def _tells(cell: Cell) -> bool:
    meaning = meaning_of(cell.text)
    return meaning.kind in ("eps", "pe") or meaning.year is not None


def _under(group: Cell, below: Cell) -> Heading:
    """A column under a group: what both say together, or it alone, if the group alters nothing."""
    own, over = meaning_of(below.text), meaning_of(group.text)
    both = meaning_of(f"{group.text} {below.text}")
    kind, year = both.kind, both.year
    if kind == "other" and own.kind in ("eps", "pe") and not over.is_altered:
        kind, year = own.kind, own.year or over.year
    return Heading(kind, year, below.text, below.left, below.right)


def _by_cover(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell] | None:
    """The group over each column of a grid: a heading reaches to the next one at its right."""
    groups = []
    for below in lower:
        over = [cell for cell in upper if cell.left <= below.left]
        group = over[-1] if over else None
        is_alone = group is not None and meaning_of(group.text).kind in _ALONE
        if group is None or (is_alone and group.right <= below.left):
            return None
        groups.append(group)
    # A label that stands over the middle of its years would take those of the next one.
    for group in groups:
        years = [
            meaning_of(below.text).year
            for own, below in zip(groups, lower, strict=True)
            if own is group
        ]
        known = [year for year in years if year is not None]
        if known not in (sorted(set(known)), sorted(set(known), reverse=True)):
            return None
    return groups


def _by_blocks(labels: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell] | None:
    """The group of each column by order: a block ends where its first heading comes again."""
    blocks: list[list[str]] = []
    places = []
    for below in lower:
        meaning = meaning_of(below.text)
        key = str(meaning.year or (below.text if meaning.kind == "other" else meaning.kind))
        if not blocks or key in blocks[-1] or _turns([*blocks[-1], key]):
            blocks.append([])
        blocks[-1].append(key)
        places.append(len(blocks) - 1)
    if len(blocks) != len(labels):
        return None
    return [labels[place] for place in places]


def _turns(keys: Sequence[str]) -> bool:
    """Whether years that rose now fall, or the other way: another group has begun."""
    years = [int(key) for key in keys if key.isdecimal()]
    steps = [later - earlier for earlier, later in pairwise(years)]
    return any(step < 0 for step in steps) and any(step > 0 for step in steps)


def _overlap(one: Cell, other: Cell) -> float:
    return min(one.right, other.right) - max(one.left, other.left)


def is_subheading(line: Line) -> bool:
    """Whether a line holds nothing but fiscal years, two or more."""
    return len(years_in(line)) == len(line.cells) >= 2


def years_in(line: Line) -> list[int]:
    years = [meaning_of(cell.text).year for cell in line.cells if not is_figure(cell.text)]
    return [year for year in years if year is not None]


def years_of(head: TableHead) -> list[int]:
    return [heading.year for heading in head.headings if heading.year is not None]


def same_columns(one: TableHead, other: TableHead) -> bool:
    """Whether two headings say the same of each column: kind, year, currency and unit."""
    return [_said(head) for head in one.headings] == [_said(head) for head in other.headings]


def _said(head: Heading) -> tuple[object, ...]:
    meaning = meaning_of(head.text)
    return head.kind, head.year, meaning.currencies, meaning.scale


def begins_another(line: Line) -> bool:
    """Whether a line heads a table of its own, of whatever: rows below it are not of the last."""
    meanings = [meaning_of(cell.text) for cell in _heading_cells(line)]
    of_listing = sum(each.kind in ("code", "name") for each in meanings)
    known = sum(each.is_known for each in meanings)
    is_head = of_listing > 1 or (of_listing == 1 and known >= _FEWEST_HEADINGS)
    return is_head and not has_code(line)
