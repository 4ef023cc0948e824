"""PDF to lines of cells: rows of ruled tables, and words by their places on the paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

from screener.importing.documents.line import Cell, Line, UnreadableError, clean, grid_line
from screener.model.messages import say

_MOST_PAGES = 600


def paper(path: Path) -> Iterator[Line]:
    """Lines of a PDF: rows of ruled tables as they are ruled, all else by the places of words.

    Raises UnreadableError for pages without text, which are pictures of pages.
    """
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        pages = len(pdf.pages)
        if pages > _MOST_PAGES:
            fault = say("has {pages} pages; up to {most} are read", pages=pages, most=_MOST_PAGES)
            raise UnreadableError(fault)
        has_text = False
        for number, page in enumerate(pdf.pages, start=1):
            for line in _page_lines(f"{path}:page {number}", page):
                has_text = True
                yield line
            # What pdfplumber keeps of a page would fill the memory over hundreds of them.
            page.close()
    if not has_text:
        fault = say("is a scan: its pages have no text; have it recognised (OCR) first")
        raise UnreadableError(fault)


def _page_lines(where: str, page: Any) -> Iterator[Line]:
    # Boxes around text and rules under headings look like small tables, too.
    found = page.find_tables()
    tables = [table for table in found if len(table.rows) > 2 and len(table.rows[0].cells) > 3]
    pieces: list[tuple[float, Line]] = []
    for table in tables:
        for row, texts in zip(table.rows, table.extract(), strict=True):
            cells = [(text or "").replace("\n", " ") for text in texts]
            pieces.append((row.bbox[1], grid_line(where, cells)))

    def is_free(word: Mapping[str, Any]) -> bool:
        middle = (word["top"] + word["bottom"]) / 2
        return not any(table.bbox[1] <= middle <= table.bbox[3] for table in tables)

    words = filter(is_free, page.extract_words(x_tolerance=1.5, y_tolerance=2))
    pieces += _word_lines(where, list(words))
    yield from (line for _, line in sorted(pieces, key=itemgetter(0)))


def _word_lines(where: str, words: list[dict[str, Any]]) -> Iterator[tuple[float, Line]]:
    """Words of about one height are a line, given with its top; those that nearly touch, a cell."""
    lines: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=itemgetter("bottom", "x0")):
        # Digits and Chinese of one line stand on slightly different feet: 3 points are no new line.
        if lines and abs(lines[-1][0]["bottom"] - word["bottom"]) < 3:
            lines[-1].append(word)
        else:
            lines.append([word])
    for line in lines:
        line.sort(key=itemgetter("x0"))
        cells: list[Cell] = []
        for word in line:
            text, left = clean(word["text"]), word["x0"]
            # A blank is about a quarter of the height, columns are further apart than half of it.
            if cells and left - cells[-1].right < 0.45 * (word["bottom"] - word["top"]):
                last = cells.pop()
                text, left = clean(f"{last.text} {word['text']}"), last.left
            cells.append(Cell(text, left, word["x1"]))
        yield line[0]["top"], Line(where, tuple(cell for cell in cells if cell.text))
