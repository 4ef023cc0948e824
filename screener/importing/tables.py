"""Valuation tables in the lines of a document: found by what they hold, not by where they stand.

A table begins with a heading that names EPS or P/E over two or more fiscal years, in one to three
lines, and has rows with a code. What stands before and after it says what it is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from screener.importing.cells import has_code, is_blank
from screener.importing.documents.line import Line
from screener.importing.headings import (
    CAPTION,
    LONGEST_HEADING,
    MOST_BETWEEN,
    head_at,
    kind_of,
    same_columns,
    year_of,
)
from screener.importing.rows import HONG_KONG, SOURCE_LINE, RowReader, column_extents
from screener.importing.table import Row, Table, TableHead
from screener.model.codes import PrintedCode, printed_code

_TALKS_OF_VALUES = re.compile(r"盈利预测|估值|valuation|consensus|EPS|市盈率", re.I)
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
    found = RowReader(head, column_extents(lines, head), HONG_KONG.search(said) is not None)
    place, end, between = head.end, head.end, 0
    while place < len(lines) and between <= MOST_BETWEEN:
        line = lines[place]
        if is_blank(line):
            place += 1
            continue
        if line.begins_part or SOURCE_LINE.search(line.text) or CAPTION.match(line.text):
            break
        other = head_at(lines, place)
        if other is not None:
            if not same_columns(other, head):
                break
            # The same heading once more: a table goes on where the page is turned.
            place, between = other.end, 0
            continue
        # What follows is no row by itself: it may be a foot, or a line between two rows.
        if found.take(line):
            end, between = place + 1, 0
        else:
            between += 1
        place += 1
    caption, number = _caption(before)
    after = [line.text for line in lines[end : end + 3 * _AROUND] if not is_blank(line)]
    of_this = takewhile(lambda text: not CAPTION.match(text), after[:_AROUND])
    return Table(
        where=lines[head.start].where,
        headings=head.headings,
        rows=tuple(found.rows),
        unread=tuple(found.unread),
        before=tuple(before),
        after=tuple(of_this),
        caption=caption,
        number=number,
        first=head.start,
        last=end,
    )


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


def _talks_of_years(texts: Sequence[str]) -> bool:
    years = set(filter(None, map(year_of, texts)))
    return len(years) > 1 and any(kind_of(text) in ("eps", "pe") for text in texts)


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


def symbol_of(row: Row) -> PrintedCode:
    """The symbol of a row's code, and what of it is guessed. Raises SymbolError for none."""
    said = f"{row.name} {row.cells.get(('currency', None), '')}"
    # Names of unequal votes, of secondary listings and of biotechs without income end in these.
    says_so = bool(HONG_KONG.search(said) or re.search(r"-(W|S|SW|B)$", row.name))
    return printed_code(row.code, in_hong_kong=row.in_hong_kong or says_so)
