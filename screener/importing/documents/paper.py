"""PDF to lines of cells: rows of ruled tables, and words by their places on the paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

from screener.importing.documents.line import Cell, Line, clean, grid_line
from screener.model.bounded import UnreadableError
from screener.model.messages import say

_MOST_PAGES = 600
# A mark of a footnote is smaller than the figure before it by so much.
_SMALL = 0.85


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
            for line in _page_lines(f"{path}:page {number}", _plain(page)):
                has_text = True
                yield line
            # What pdfplumber keeps of a page would fill the memory over hundreds of them.
            page.close()
    if not has_text:
        fault = say("is a scan: its pages have no text; have it recognised (OCR) first")
        raise UnreadableError(fault)


def _plain(page: Any) -> Any:
    """The page without what is drawn twice to look bold, and without marks of footnotes."""
    single = page.dedupe_chars()
    marks: set[tuple[float, float]] = set()
    last: Mapping[str, Any] | None = None
    for char in single.chars:
        if last is not None and _is_raised(char, last):
            marks.add((char["x0"], char["top"]))
        elif char["text"].strip():
            last = char
    return single.filter(lambda each: (each.get("x0"), each.get("top")) not in marks)


def _is_raised(char: Mapping[str, Any], last: Mapping[str, Any]) -> bool:
    """Whether a character is small and stands high behind the one before it."""
    is_small = char["size"] < _SMALL * last["size"]
    is_next = last["x1"] - 1 <= char["x0"] <= last["x1"] + last["size"]
    return bool(is_small and is_next and last["top"] - 2 <= char["bottom"] < last["bottom"])


def _page_lines(where: str, page: Any) -> Iterator[Line]:
    # Boxes around text and rules under headings look like small tables, too.
    found = page.find_tables()
    tables = [table for table in found if len(table.rows) > 2 and len(table.rows[0].cells) > 3]
    words = page.extract_words(x_tolerance=1.5, y_tolerance=2)
    free = [word for word in words if not any(_is_in(word, table.bbox) for table in tables)]
    # Each with its top: what stands side by side comes one after the other, the left one first.
    blocks: list[tuple[float, float, list[Line]]] = []
    for table in tables:
        beside = [other for other in tables if other is not table and _is_level(other, table)]
        lines = [
            grid_line(where, [(text or "").replace("\n", " ") for text in texts])
            for texts in table.extract()
        ]
        apart = [word for word in free if table.bbox[1] <= _middle(word) <= table.bbox[3]]
        free = [word for word in free if word not in apart]
        top = min(each.bbox[1] for each in (table, *beside))
        blocks.append((top, table.bbox[0], _parted(lines) if beside else lines))
        # Beside a table another one may stand that is not ruled.
        for number, (_, line) in enumerate(_word_lines(where, apart)):
            blocks.append((table.bbox[3], number, _parted([line]) if not number else [line]))
    blocks += [(top, 0, [line]) for top, line in _word_lines(where, free)]
    for _, _, lines in sorted(blocks, key=itemgetter(0, 1)):
        yield from lines


def _middle(word: Mapping[str, Any]) -> float:
    return float(word["top"] + word["bottom"]) / 2


def _is_in(word: Mapping[str, Any], box: Sequence[float]) -> bool:
    across = (word["x0"] + word["x1"]) / 2
    return box[0] <= across <= box[2] and box[1] <= _middle(word) <= box[3]


def _is_level(one: Any, other: Any) -> bool:
    """Whether two tables stand side by side."""
    return bool(one.bbox[1] < other.bbox[3] and other.bbox[1] < one.bbox[3])


def _parted(lines: Sequence[Line]) -> list[Line]:
    """The lines as a part of their own: no table above goes on in them."""
    return [replace(line, begins_part=not at) for at, line in enumerate(lines)]


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
