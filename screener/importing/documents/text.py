"""Files of text to lines of cells: text and Markdown, CSV, and pages of the web."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from screener.importing.documents.line import Line, grid_line, placed_line
from screener.model.bounded import UnreadableError
from screener.model.messages import say

_BLOCKS = frozenset(("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "title"))


def text(path: Path) -> Iterator[Line]:
    """Lines of text or Markdown; columns by tabs, by bars or by their places."""
    for number, raw in enumerate(StringIO(_decoded(path), newline=None), start=1):
        yield placed_line(f"{path}:{number}", raw.rstrip("\n"))


def separated(path: Path) -> Iterator[Line]:
    """Lines of a CSV file, whichever of comma, semicolon and tab it separates cells by."""
    content = _decoded(path)
    mark = max(",;\t", key=content[:20_000].count)
    # A long cell is cut, not refused: Python's own limit is 131,072 characters.
    csv.field_size_limit(1_000_000)
    rows = csv.reader(StringIO(content, newline=""), delimiter=mark)
    try:
        for row in rows:
            yield grid_line(f"{path}:{rows.line_num}", row)
    except csv.Error as error:
        fault = say("is no CSV at line {line} ({error})", line=rows.line_num, error=error)
        raise UnreadableError(fault) from None


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    # UTF-8 first: Chinese text in GB18030 is hardly ever valid UTF-8, the other way round often.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError(say("is neither UTF-8 nor GB18030 text"))


def web_page(path: Path) -> Iterator[Line]:
    """Paragraphs and rows of tables of an HTML page; cells span what they say they span."""
    from lxml import html
    from lxml.etree import ParserError

    content = path.read_bytes()
    parser = html.HTMLParser(encoding=_charset(content[:4096]))
    try:
        root = html.document_fromstring(content, parser=parser)
    except (ParserError, ValueError) as error:
        raise UnreadableError(say("is no HTML that can be read ({error})", error=error)) from None
    _leave_out_what_is_not_read(root)
    for element in root.iter(*_BLOCKS, "table"):
        if element.tag == "table":
            # A table around tables only lays the page out.
            if element.find(".//table") is None:
                yield from _web_table(path, element)
        elif element.tag == "caption" or next(element.iterancestors("table"), None) is None:
            where = f"{path}:{element.sourceline or 1}"
            yield placed_line(where, " ".join(element.text_content().split()))


def _leave_out_what_is_not_read(root: Any) -> None:
    # Raised digits are marks of footnotes: as text they would be digits of the figure.
    # Struck text was taken back, and what is not shown is not there; a break parts two texts.
    hidden = root.xpath("//*[contains(translate(@style, ' ', ''), 'display:none') or @hidden]")
    for gone in [*root.iter("sup", "del", "s", "strike"), *hidden]:
        if gone.getparent() is not None:
            gone.drop_tree()
    for mark in [*root.iter("a", "small")]:
        # A digit or two behind a figure, in small or as a link, leads to a footnote.
        before = mark.getparent().text if mark.getprevious() is None else mark.getprevious().tail
        if (before or "").strip() and re.fullmatch(
            r"\W?\d{1,2}\W?|[*†‡]", mark.text_content().strip()
        ):
            mark.drop_tree()
    for end in root.iter("br"):
        end.tail = f" {end.tail or ''}"


def _charset(start: bytes) -> str:
    found = re.search(rb"charset=[\"']?([a-zA-Z0-9_-]+)", start)
    named = found[1].decode().lower() if found else "utf-8"
    # Pages that say GB2312 hold signs that only its successor has; browsers read them so, too.
    return "gb18030" if named in ("gb2312", "gbk", "gb18030") else "utf-8"


def _web_table(path: Path, table: Any) -> Iterator[Line]:
    # By column: into how many of the next rows a cell above still reaches.
    below: dict[int, int] = {}
    for row in table.iter("tr"):
        left = [cell for cell in row if cell.tag in ("td", "th")][::-1]
        texts: list[tuple[str, int]] = []
        column = 0
        while left or below.get(column, 0) > 0:
            if below.get(column, 0) > 0:
                below[column] -= 1
                cell_text, wide = "", 1
            else:
                cell = left.pop()
                wide, high = _span(cell.get("colspan")), _span(cell.get("rowspan"))
                cell_text = " ".join(cell.text_content().split())
                below.update({column + offset: high - 1 for offset in range(wide) if high > 1})
            texts.append((cell_text, wide))
            column += wide
        yield grid_line(f"{path}:{row.sourceline or 1}", texts)


def _span(stated: str | None) -> int:
    # A page may state any number: no table of a report has a cell that reaches over 100 columns.
    is_number = stated is not None and stated.isascii() and stated.isdigit()
    return max(1, min(int(stated or 1), 100)) if is_number else 1
