"""A table as it is read: headings and texts, whatever it is then drawn on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from screener.model.messages import said

Justify = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of a table as it is read: its heading, and the text of each cell."""

    title: str
    cells: Sequence[str]
    justify: Justify = "right"


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as it is read; all columns have as many cells."""

    columns: tuple[Shown, ...]
    title: str = ""

    @property
    def heads(self) -> tuple[str, ...]:
        """The headings."""
        return tuple(column.title for column in self.columns)

    @property
    def rows(self) -> Iterator[tuple[str, ...]]:
        """The rows."""
        return zip(*(column.cells for column in self.columns), strict=True)

    def tabbed(self) -> Iterator[str]:
        """A line a row, cells separated by tabs, for other programs."""
        for row in (self.heads, *self.rows):
            yield "\t".join(" ".join(cell.split()) for cell in row)

    def markdown(self) -> Iterator[str]:
        """The lines of a Markdown table."""
        rules = ("---:" if column.justify == "right" else "---" for column in self.columns)
        for row in (self.heads, tuple(rules), *self.rows):
            yield f"| {' | '.join(map(markdown_text, row))} |"

    def html(self) -> str:
        """The table for a notebook; text is text, whatever it looks like."""
        heads = "".join(f"<th>{escape(head)}</th>" for head in self.heads)
        cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self.rows)
        lines = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<h4>{escape(self.title)}</h4><table><tr>{heads}</tr>{lines}</table>"


def shown_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    lang: str,
    *,
    right: Collection[int] = (),
    title: str = "",
) -> ShownTable:
    """The table of these rows, said in a language; the columns at `right` are figures."""
    lines = [[str(said(cell, lang)) for cell in row] for row in rows]
    columns = (
        Shown(
            said(head, lang),
            [line[place] for line in lines],
            "right" if place in right else "left",
        )
        for place, head in enumerate(heads)
    )
    return ShownTable(tuple(columns), title)


def markdown_text(text: str) -> str:
    """A text in one line that Markdown takes for no column."""
    return " ".join(text.replace("|", "\\|").split())
