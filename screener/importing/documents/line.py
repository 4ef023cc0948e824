"""What every reader makes of a document: lines of cells, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from screener.model.bounded import UnreadableError
from screener.model.messages import say
from screener.model.width import width_of

# No cell of a table is longer, no line wider; what is beyond is prose or an attack.
LONGEST_CELL, MOST_CELLS = 400, 120
LONGEST_LINE = 20_000
MOST_CHARACTERS = 20_000_000
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u209c\u2460-\u24ff]")
# Also signs that reverse the order of reading: a name could look like another one's.
_INVISIBLE = re.compile(r"[^\S ]|[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")

_WORD = re.compile("[^ ]+")
# Words with single blanks between them: two blanks and more part columns.
_PHRASE = re.compile("(?:[^ ]|(?<! ) (?! ))+")


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a line from `left` to `right`: in columns of a table, or on the paper."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it stands, and its cells that hold something.

    In a grid the cells stand in numbered columns; elsewhere only their places tell. Where another
    part of a document begins, such as a sheet, no table goes on.
    """

    where: str
    cells: tuple[Cell, ...]
    is_grid: bool = False
    begins_part: bool = False

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)


def clean(text: str) -> str:
    """The text with full-width signs made plain, in one line, without invisible characters."""
    # A raised digit is the mark of a footnote: made plain, it would be one of the figure's.
    plain = normalize("NFKC", _RAISED.sub("", text[: 4 * LONGEST_CELL]))
    return " ".join(_INVISIBLE.sub(" ", plain).split())[:LONGEST_CELL]


def grid_line(where: str, texts: Iterable[str | tuple[str, int]]) -> Line:
    """A line of a table, from its cells in order; a cell may span several columns."""
    cells = []
    left = 0
    for given in texts:
        if left >= MOST_CELLS:
            break
        text, span = (given, 1) if isinstance(given, str) else given
        right = left + max(span, 1)
        shown = clean(text)
        if shown:
            cells.append(Cell(shown, left, right))
        left = right
    return Line(where, tuple(cells), is_grid=True)


def placed_line(where: str, text: str) -> Line:
    """A line of text whose cells are told apart by tabs, by bars, or by two blanks and more."""
    text = text[:LONGEST_LINE]
    if "\t" in text:
        return grid_line(where, text.split("\t"))
    if text.count("|") + text.count("│") >= 2:
        bars = text.replace("│", "|").strip()
        is_framed = bars.startswith("|") and bars.endswith("|")
        return grid_line(where, (bars[1:-1] if is_framed else bars).split("|"))
    # A full-width blank is as wide as two.
    return Line(where, tuple(_pieces(text.replace("\u3000", "  "), _PHRASE)))


def words(line: Line) -> list[Cell]:
    """The words of a line that is no grid, each with about its own place."""
    found = []
    for cell in line.cells:
        scale = (cell.right - cell.left) / max(width_of(cell.text), 1)
        found += [
            Cell(word.text, cell.left + word.left * scale, cell.left + word.right * scale)
            for word in _pieces(cell.text, _WORD)
        ]
    return found


def _pieces(text: str, kind: re.Pattern[str]) -> list[Cell]:
    """The pieces of that kind, each with its place; no more than a line has cells."""
    cells: list[Cell] = []
    left = counted = 0
    for match in kind.finditer(text):
        # From where the last one began: from the beginning of the line, long ones take minutes.
        left += width_of(text[counted : match.start()])
        counted = match.start()
        shown = clean(match[0])
        if shown:
            cells.append(Cell(shown, left, left + width_of(match[0])))
        if len(cells) == MOST_CELLS:
            break
    return cells


def as_message(line: Line) -> list[object]:
    """The line as plain values, to be sent from one process to another."""
    cells = [[cell.text, cell.left, cell.right] for cell in line.cells]
    return [line.where, cells, line.is_grid, line.begins_part]


def from_message(message: Sequence[Any]) -> Line:
    """The line that `as_message` made plain."""
    where, cells, is_grid, begins_part = message
    return Line(where, tuple(Cell(*cell) for cell in cells), is_grid, begins_part)


def limited(lines: Iterable[Line], most: int) -> Iterator[Line]:
    """The lines, or UnreadableError where they are more than `most`, or hold too much."""
    characters = 0
    for number, line in enumerate(lines):
        characters += sum(len(cell.text) for cell in line.cells)
        if number >= most or characters > MOST_CHARACTERS:
            fault = say(
                "has more than {most:,} lines or {characters:,} characters",
                most=most,
                characters=MOST_CHARACTERS,
            )
            raise UnreadableError(say("{fault}: cut it down to its tables", fault=fault))
        yield line
