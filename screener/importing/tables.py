"""Valuation tables in the lines of a document: found by what they hold, not by where they stand.

A table begins with a heading that names EPS or P/E over two or more fiscal years, in one to three
lines, and has rows with a code. What stands before and after it says what it is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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
from screener.model.messages import Sentence
from screener.model.symbols import printed_code

_TALKS_OF_VALUES = re.compile(r"盈利预测|估值|valuation|consensus|EPS|市盈率", re.I)

# Lines before and after a table that may say what it is of.
_AROUND = 4


def find_tables(lines: Sequence[Line]) -> list[Table]:
    """Every valuation table in the lines, in their order."""
    found: list[Table] = []
    at = 0
    while at < len(lines):
        head = head_at(lines, at)
        if head is None:
            at += 1
            continue
        table, at = _table(lines, head)
        if table.rows or table.unread:
            found.append(table)
    return found


def _table(lines: Sequence[Line], head: TableHead) -> tuple[Table, int]:
    """The table under a heading, and the line after it."""
    before = _texts_before(lines, head.start)
    said = " ".join((*before[-2:], *(heading.text for heading in head.headings)))
    extents = column_extents(lines, head)
    found = RowReader(in_hong_kong=bool(HONG_KONG.search(said)))
    at, end, between = head.end, head.end, 0
    while at < len(lines) and between <= MOST_BETWEEN:
        line = lines[at]
        if is_blank(line):
            at += 1
            continue
        if line.begins_part or SOURCE_LINE.search(line.text) or CAPTION.match(line.text):
            break
        other = head_at(lines, at)
        if other is not None:
            if not same_columns(other, head):
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
    after = [line.text for line in lines[end : end + 3 * _AROUND] if not is_blank(line)]
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


def unread_headings(lines: Sequence[Line], found: Sequence[Table]) -> Iterator[Line]:
    """Lines that look like the heading of a valuation table, and begin none that was found."""
    taken = {at for table in found for at in range(table.first, table.last)}
    at = 0
    while at < len(lines):
        near = [n for n in range(at, min(at + 4, len(lines))) if not is_blank(lines[n])][:2]
        rows = range(near[-1] + 1, min(near[-1] + 5, len(lines))) if near else range(0)
        said = [cell.text for n in near for cell in lines[n].cells]
        years = {year for text in said if (year := year_of(text)) and len(text) < LONGEST_HEADING}
        has_kind = any(
            kind_of(text) in ("eps", "pe") and len(text) < LONGEST_HEADING for text in said
        )
        is_free = bool(near) and near[0] == at and not taken & {*near, *rows}
        if is_free and has_kind and len(years) > 1 and sum(has_code(lines[n]) for n in rows) > 0:
            yield lines[at]
            at = rows[-1]
        at += 1


def _texts_before(lines: Sequence[Line], start: int) -> list[str]:
    """The last lines before a table, in their order."""
    texts: list[str] = []
    for line in reversed(lines[max(0, start - 12) : start]):
        if not is_blank(line) and len(texts) < _AROUND:
            texts.append(line.text)
    return texts[::-1]


def _until_next(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        if CAPTION.match(text):
            return
        yield text


def _caption(before: Sequence[str]) -> tuple[str, int | None]:
    """What a table is called: the nearest line above that is a caption, or talks of values."""
    for text in reversed(before):
        match = CAPTION.match(text)
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
    says_so = bool(HONG_KONG.search(words_) or re.search(r"-(W|S|SW|B)$", row.name))
    found = printed_code(row.code, in_hong_kong=row.in_hong_kong or says_so)
    return found.symbol, found.guessed
