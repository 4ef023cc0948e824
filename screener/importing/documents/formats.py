"""One reader a kind of file: each gives the lines of a document in the order they are read."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from screener.importing.documents.line import (
    Cell,
    Line,
    UnreadableError,
    clean,
    grid_line,
    placed_line,
)
from screener.model.messages import say

MOST_BYTES = 50_000_000

# A workbook or a document unpacks to a few times its size; what unpacks to more is a bomb.
_MOST_UNPACKED = 300_000_000

_MOST_PAGES = 600

_ENCODINGS = ("utf-8-sig", "gb18030")

_BLOCKS = frozenset(("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "title"))


def kind_of(path: Path) -> str:
    """What kind of document a file is, by what it begins with; by its name where that says less.

    Raises UnreadableError for what none of the readers can read.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise UnreadableError(
            say(
                "has {size} MB; up to {most} are read",
                size=size // 1_000_000,
                most=MOST_BYTES // 1_000_000,
            )
        )
    if size == 0:
        raise UnreadableError(say("is empty"))
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PK"):
        return _kind_of_archive(path)
    if start.startswith(b"%PDF"):
        return "pdf"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableError(say("is of an old Office: save it as .xlsx or .docx"))
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(say("is no text, no .xlsx, .docx, .html and no PDF"))
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|table|head|body|\?xml)", start, re.I):
        return "html"
    return "csv" if path.suffix.lower() in (".csv", ".tsv") else "text"


def _kind_of_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableError(say("is a broken archive ({error})", error=error)) from None
    if unpacked > _MOST_UNPACKED:
        raise UnreadableError(
            say("unpacks to {unpacked} MB: that is no report", unpacked=unpacked // 1_000_000)
        )
    for kind, part in (("xlsx", "xl/workbook.xml"), ("docx", "word/document.xml")):
        if part in names:
            return kind
    raise UnreadableError(say("is an archive, and no .xlsx or .docx"))


def text(path: Path) -> Iterator[Line]:
    """Lines of text or Markdown; columns by tabs, by bars or by their places."""
    for number, raw in enumerate(StringIO(_decoded(path), newline=None), start=1):
        yield placed_line(f"{path}:{number}", raw.rstrip("\n"))


def separated(path: Path) -> Iterator[Line]:
    """Lines of a CSV file, whichever of comma, semicolon and tab it separates cells by."""
    content = _decoded(path)
    head = content[:20_000]
    mark = max(",;\t", key=head.count)
    csv.field_size_limit(1_000_000)
    rows = csv.reader(StringIO(content, newline=""), delimiter=mark)
    try:
        for row in rows:
            yield grid_line(f"{path}:{rows.line_num}", row)
    except csv.Error as error:
        raise UnreadableError(
            say("is no CSV at line {line} ({error})", line=rows.line_num, error=error)
        ) from None


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError(say("is neither UTF-8 nor GB18030 text"))


def workbook(path: Path) -> Iterator[Line]:
    """Rows of every sheet of a workbook; merged cells span their columns.

    A formula that no program has computed reads as `=?`: a figure that is missing, not none.
    """
    from openpyxl import load_workbook

    book, formulas = load_workbook(path, data_only=True), load_workbook(path)
    for sheet in book.worksheets:
        title = Cell(clean(sheet.title), 0, 1)
        yield Line(f"{path}:{sheet.title}", (title,), begins_part=True)
        spans = {
            (area.min_row, area.min_col): area.max_col - area.min_col + 1
            for area in sheet.merged_cells.ranges
        }
        rows = zip(sheet.iter_rows(), formulas[sheet.title].iter_rows(), strict=True)
        for number, (cells, typed) in enumerate(rows, start=1):
            row = tuple(
                "=?" if cell.value is None and of.data_type == "f" else _as_formatted(cell)
                for cell, of in zip(cells, typed, strict=True)
            )
            yield grid_line(f"{path}:{sheet.title}!{number}", _spanned(row, number, spans))


def _spanned(
    row: tuple[Any, ...], number: int, spans: Mapping[tuple[int, int], int]
) -> Iterator[tuple[str, int]]:
    column = 1
    while column <= len(row):
        span = min(spans.get((number, column), 1), len(row) - column + 1)
        yield _shown(row[column - 1]), span
        column += span


def _as_formatted(cell: Any) -> Any:
    # 2371 under the format 000000 is the code 002371.
    if isinstance(cell.value, int) and re.fullmatch("0{2,}", str(cell.number_format)):
        return str(cell.value).zfill(len(cell.number_format))
    return cell.value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        # As a person typed it: 0.1 and not 0.1000000000000000055.
        return f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else str(value)
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d}"
    return str(value)


def document(path: Path) -> Iterator[Line]:
    """Paragraphs and rows of tables of a Word document, in their order."""
    from docx import Document
    from docx.table import Table

    for number, item in enumerate(Document(str(path)).iter_inner_content(), start=1):
        if not isinstance(item, Table):
            yield placed_line(f"{path}:paragraph {number}", item.text.replace("\n", " "))
            continue
        seen: set[Any] = set()
        for at, row in enumerate(item.rows, start=1):
            yield grid_line(f"{path}:table at {number}, row {at}", _merged(row, seen))


def _merged(row: Any, seen: set[Any]) -> Iterator[tuple[str, int]]:
    """The cells of a row; one that is merged is met again for every column and row it spans."""
    cells = list(row.cells)
    column = 0
    while column < len(cells):
        same = next(
            (at for at in range(column, len(cells)) if cells[at]._tc is not cells[column]._tc),
            len(cells),
        )
        element = cells[column]._tc
        yield ("" if element in seen else _without_marks(cells[column])), same - column
        seen.add(element)
        column = same


def _without_marks(cell: Any) -> str:
    """The text of a cell but for what is raised: marks of footnotes."""
    runs = [
        [run for run in paragraph.runs if not run.font.superscript] for paragraph in cell.paragraphs
    ]
    return " ".join("".join(run.text for run in of) for of in runs)


def page_of_the_web(path: Path) -> Iterator[Line]:
    """Paragraphs and rows of tables of an HTML page; cells span what they say they span."""
    from lxml import html
    from lxml.etree import ParserError

    content = path.read_bytes()
    parser = html.HTMLParser(encoding=_charset(content[:4096]))
    try:
        root = html.document_fromstring(content, parser=parser)
    except (ParserError, ValueError) as error:
        raise UnreadableError(say("is no HTML that can be read ({error})", error=error)) from None
    for raised in [*root.iter("sup")]:
        raised.drop_tree()
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        where = f"{path}:{element.sourceline or 1}"
        if element.tag == "table" and not any(
            True for _ in element.iter("table") if _ is not element
        ):
            yield from _web_table(path, element)
        elif element.tag == "caption" or (
            element.tag in _BLOCKS and next(element.iterancestors("table"), None) is None
        ):
            yield placed_line(where, " ".join(element.text_content().split()))


def _charset(start: bytes) -> str:
    found = re.search(rb"charset=[\"']?([a-zA-Z0-9_-]+)", start)
    named = found[1].decode().lower() if found else "utf-8"
    return "gb18030" if named in ("gb2312", "gbk", "gb18030") else "utf-8"


def _web_table(path: Path, table: Any) -> Iterator[Line]:
    below: dict[int, int] = {}
    for row in table.iter("tr"):
        texts: list[tuple[str, int]] = []
        column = 0

        def skip_spanned(column: int) -> int:
            while below.get(column, 0) > 0:
                below[column] -= 1
                texts.append(("", 1))  # noqa: B023 - used within this turn only
                column += 1
            return column

        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            column = skip_spanned(column)
            wide, high = _span(cell.get("colspan")), _span(cell.get("rowspan"))
            texts.append((" ".join(cell.text_content().split()), wide))
            below.update({column + offset: high - 1 for offset in range(wide) if high > 1})
            column += wide
        skip_spanned(column)
        yield grid_line(f"{path}:{row.sourceline or 1}", texts)


def _span(text: str | None) -> int:
    return min(int(text), 100) if text and text.isascii() and text.isdigit() and int(text) else 1


def paper(path: Path) -> Iterator[Line]:
    """Lines of a PDF: rows of ruled tables as they are ruled, all else by the places of words.

    Raises UnreadableError for pages without text, which are pictures of pages.
    """
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        if len(pdf.pages) > _MOST_PAGES:
            raise UnreadableError(
                say(
                    "has {pages} pages; up to {most} are read",
                    pages=len(pdf.pages),
                    most=_MOST_PAGES,
                )
            )
        has_text = False
        for number, page in enumerate(pdf.pages, start=1):
            lines = list(_page_lines(f"{path}:page {number}", page))
            has_text = has_text or bool(lines)
            yield from lines
            page.close()
    if not has_text:
        raise UnreadableError(
            say("is a scan: its pages have no text; have it recognised (OCR) first")
        )


def _page_lines(where: str, page: Any) -> Iterator[Line]:
    found = [
        each for each in page.find_tables() if len(each.rows) > 2 and len(each.rows[0].cells) > 3
    ]
    pieces: list[tuple[float, Line]] = []
    for table in found:
        for row, texts in zip(table.rows, table.extract(), strict=True):
            cells = [text or "" for text in texts]
            pieces.append(
                (row.bbox[1], grid_line(where, [cell.replace("\n", " ") for cell in cells]))
            )

    def is_free(thing: Mapping[str, Any]) -> bool:
        middle = (thing["top"] + thing["bottom"]) / 2
        return not any(table.bbox[1] <= middle <= table.bbox[3] for table in found)

    words = [word for word in page.extract_words(x_tolerance=1.5, y_tolerance=2) if is_free(word)]
    pieces += _word_lines(where, words)
    yield from (line for _, line in sorted(pieces, key=lambda piece: piece[0]))


def _word_lines(where: str, words: list[dict[str, Any]]) -> Iterator[tuple[float, Line]]:
    """Words of about one height are a line; words that nearly touch are one cell."""
    lines: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda each: (each["bottom"], each["x0"])):
        if lines and abs(lines[-1][0]["bottom"] - word["bottom"]) < 3:
            lines[-1].append(word)
        else:
            lines.append([word])
    for line in lines:
        line.sort(key=lambda each: each["x0"])
        cells: list[Cell] = []
        for word in line:
            height = word["bottom"] - word["top"]
            if cells and word["x0"] - cells[-1].right < 0.45 * height:
                last = cells.pop()
                joined = clean(f"{last.text} {word['text']}")
                cells.append(Cell(joined, last.left, word["x1"]))
            else:
                cells.append(Cell(clean(word["text"]), word["x0"], word["x1"]))
        yield line[0]["top"], Line(where, tuple(cell for cell in cells if cell.text))


READERS: Mapping[str, Callable[[Path], Iterator[Line]]] = {
    "text": text,
    "csv": separated,
    "xlsx": workbook,
    "docx": document,
    "html": page_of_the_web,
    "pdf": paper,
}

# These take a library to read, which a hostile file may keep busy: they run in a child.
IN_A_CHILD = frozenset(("xlsx", "docx", "html", "pdf"))
