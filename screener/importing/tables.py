"""Valuation tables in the lines of a document: found by what they hold, not by where they stand.

A table begins with a heading that names EPS or P/E over two or more fiscal years, in one to three
lines, and has rows with a code. What stands before and after it says what it is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from screener.importing.cells import has_code, is_blank, is_code, is_figure
from screener.importing.documents.line import Line
from screener.importing.headings import (
    CAPTION,
    MOST_BETWEEN,
    begins_another,
    head_at,
    same_columns,
)
from screener.importing.meaning import LONGEST_HEADING, meaning_of
from screener.importing.rows import ABROAD, HONG_KONG, SOURCE_LINE, RowReader, column_extents
from screener.importing.table import Market, Row, Table, TableHead, Unread
from screener.model.aliases import known_by_name
from screener.model.codes import PrintedCode, printed_code
from screener.model.messages import say
from screener.model.symbols import SymbolError, exchange_by_range

_TALKS_OF_VALUES = re.compile(r"盈利预测|估值|valuation|consensus|EPS|市盈率", re.I)
_MAINLAND_DIGITS = 6
# So much of a line is a row, wherever it stands: so many cells, so many of them figures.
_FEWEST_IN_GRID, _FEWEST_IN_TEXT = (4, 2), (6, 4)
# Rows go on below a source and a foot of so many lines: only whole ones, with a code.
MOST_BELOW = 40
# Lines before and after a table that may say what it is of.
_AROUND = 4


def find_tables(lines: Sequence[Line]) -> list[Table]:
    """Every valuation table in the lines, in their order."""
    found: list[Table] = []
    start = 0
    while start < len(lines):
        head = head_at(lines, start)
        start += 1
        if head is not None:
            table = _table(lines, head)
            start = max(table.last, head.end)
            if table.rows or table.unread:
                found.append(table)
    return found


def _table(lines: Sequence[Line], head: TableHead) -> Table:
    """The table under a heading, up to what cannot be of it any more."""
    above = lines[max(0, head.start - 3 * _AROUND) : head.start]
    before = [line.text for line in above if not is_blank(line)][-_AROUND:]
    said = " ".join((*before[-2:], *(heading.text for heading in head.headings)))
    market = Market.HONG_KONG_TABLE if HONG_KONG.search(said) else Market.NONE
    found = RowReader(head, column_extents(lines, head), market)
    sources: list[str] = []
    place, end, between = head.end, head.end, 0
    while place < len(lines) and between <= MOST_BELOW:
        line = lines[place]
        if is_blank(line):
            place += 1
            continue
        behind = _behind_heading(lines, place, head)
        if behind is None:
            break
        if behind > place:
            place, between = behind, 0
            continue
        between += 1
        if SOURCE_LINE.search(line.text):
            sources.append(line.text)
        # What follows is no row by itself: it may be a foot, or a line between two rows.
        elif found.take(line, is_near=between <= MOST_BETWEEN + 1):
            end, between = place + 1, 0
        place += 1
    rows, unread = _fitting(found)
    caption, number = _caption(before)
    after = [line.text for line in lines[end : end + 3 * _AROUND] if not is_blank(line)]
    of_this = takewhile(lambda text: not CAPTION.match(text), after[:_AROUND])
    return Table(
        where=lines[head.start].where,
        headings=head.headings,
        rows=tuple(rows),
        unread=tuple(unread),
        before=tuple(before),
        # A table that goes on below its source has it among its rows.
        after=tuple(dict.fromkeys((*of_this, *sources))),
        caption=caption,
        number=number,
        first=head.start,
        last=end,
    )


def _fitting(found: RowReader) -> tuple[list[Row], list[Unread]]:
    """The rows of a table, and what is none; no row where most have more cells than headings.

    A column without a heading leaves a row that lacks a figure with just as many cells.
    """
    if found.misfits < max(len(found.rows), 1):
        return found.rows, found.unread
    why = say("most rows of its table do not fit the headings: whether it does nobody can tell")
    doubted = [Unread(row.where, f"{row.code} {row.name}", why) for row in found.rows]
    return [], [*found.unread, *doubted]


def _behind_heading(lines: Sequence[Line], place: int, head: TableHead) -> int | None:
    """Where a table goes on: here, behind its heading printed anew, or nowhere any more."""
    line = lines[place]
    if line.begins_part or CAPTION.match(line.text):
        return None
    other = head_at(lines, place)
    if other is not None:
        # The same heading once more: a table goes on where the page is turned.
        return other.end if same_columns(other, head) else None
    return None if begins_another(line) else place


def unread_headings(lines: Sequence[Line], found: Sequence[Table]) -> Iterator[Line]:
    """Lines that look like the heading of a valuation table, and begin none that was found."""
    taken = {number for table in found for number in range(table.first, table.last)}
    start = 0
    while start < len(lines):
        # A heading folded over two lines, and a code within four lines below.
        numbers = range(start, min(start + 4, len(lines)))
        head = [number for number in numbers if not is_blank(lines[number])][:2]
        start += 1
        if not head or head[0] != start - 1:
            continue
        rows = range(head[-1] + 1, min(head[-1] + 5, len(lines)))
        texts = [cell.text for number in head for cell in lines[number].cells]
        if (
            not taken & {*head, *rows}
            and _talks_of_years([text for text in texts if len(text) < LONGEST_HEADING])
            and any(has_code(lines[number]) for number in rows)
        ):
            yield lines[head[0]]
            start = rows[-1] + 1


def stray_rows(lines: Sequence[Line], found: Sequence[Table]) -> Iterator[Line]:
    """Lines that look like a row of a valuation table, and stand in none that was found."""
    taken = {number for table in found for number in range(table.first, table.last)}
    for number, line in enumerate(lines):
        if number in taken or not has_code(line):
            continue
        figures = sum(is_figure(cell.text) and not is_code(cell.text) for cell in line.cells)
        is_plain = line.is_grid or is_code(line.cells[0].text)
        cells, least = _FEWEST_IN_GRID if is_plain else _FEWEST_IN_TEXT
        if len(line.cells) >= cells and figures >= least and 2 * figures >= len(line.cells):
            yield line


def _talks_of_years(texts: Sequence[str]) -> bool:
    meanings = [meaning_of(text) for text in texts]
    of_years = any(each.year is not None for each in meanings)
    of_listing = any(each.kind in ("code", "name") for each in meanings)
    valued = any(each.mentions & {"eps", "pe"} for each in meanings)
    return valued and (of_years or of_listing)


def _caption(before: Sequence[str]) -> tuple[str, int | None]:
    """What a table is called: the nearest line above that is a caption, or talks of values."""
    for text in reversed(before):
        match = CAPTION.match(text)
        if match:
            return text.strip("*#> "), int(match[2])
    # Without a number, only the two nearest lines can be a title: above them is the text.
    for text in reversed(before[-2:]):
        if _TALKS_OF_VALUES.search(text) and len(text) < 100:
            return text, None
    last = before[-1] if before else ""
    return (last, None) if len(last) < 60 else ("", None)


def symbol_of(row: Row, *, is_mixed: bool) -> PrintedCode:
    """The symbol of a row's code, and what of it is guessed.

    `is_mixed` says that the table has codes of the mainland, too. Raises SymbolError for none, and
    where what would be guessed decides which company it is.
    """
    said = f"{row.name} {row.cells.get(('currency', None), '')}"
    # Names of unequal votes, of secondary listings and of biotechs without income end in these.
    says_so = bool(HONG_KONG.search(said) or re.search(r"-(W|S|SW|B)$", row.name))
    is_bare = row.code.isdecimal()
    is_abroad = row.market is Market.ABROAD or ABROAD.search(f"{row.name} {row.beside}")
    if is_bare and is_abroad and not says_so:
        raise SymbolError(
            say("{code} stands under shares of abroad: write it with its exchange", code=row.code)
        )
    if is_bare and len(row.code) < _MAINLAND_DIGITS and is_mixed and not says_so:
        _agree(row)
    return printed_code(row.code, in_hong_kong=row.market.is_hong_kong or says_so)


def _agree(row: Row) -> None:
    """Raises SymbolError where a short code may be a mainland one without its zeros.

    A line that says Hong Kong, or the name that the code is known by, settles it.
    """
    full = row.code.zfill(_MAINLAND_DIGITS)
    other = exchange_by_range(full)
    own = f"{row.code.lstrip('0').zfill(4)}.HK"
    is_known = own in {known.symbol for known in known_by_name(row.name)}
    if other is None or row.market is Market.HONG_KONG or is_known:
        return
    raise SymbolError(
        say(
            "{code} may be {own} or {full}.{other}: write the one it is",
            code=row.code,
            own=own,
            full=full,
            other=other,
        )
    )
