"""A table as it is read: headings and texts, whatever it is then drawn on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from screener.model.messages import said

# What a figure has beside its digits.
_SIGNS = re.compile(r"[,x%+]")

Justify = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of a table as it is read: its heading, and the text of each cell.

    What a page can do besides: `order` is what each cell sorts by, None where it has no figure;
    `links` is where each leads, and `lines` what is drawn in it, as points of a box 100 by 20.
    """

    title: str
    cells: Sequence[str]
    justify: Justify = "right"
    order: Sequence[float | None] = ()
    links: Sequence[str] = ()
    lines: Sequence[str] = ()

    def html(self, row: int) -> str:
        """The cell of a row; text is text, whatever it looks like."""
        text = escape(self.cells[row])
        if self.links and self.links[row]:
            text = f'<a href="{escape(self.links[row])}">{text}</a>'
        if self.lines and self.lines[row]:
            points = escape(self.lines[row])
            text = (
                f'<svg class="spark" viewBox="0 0 100 20" role="img" aria-label="{text}">'
                f'<polyline points="{points}"/></svg>'
            )
        marks = ' class="figure"' if self.justify == "right" else ""
        if self.order:
            value = self.order[row]
            marks += f' data-order="{"" if value is None else repr(value)}"'
            # A filter compares what is read: of 12.5x and 12.5% the 12.5.
            found = self.cells[row] if value is None else _SIGNS.sub("", self.cells[row])
            marks += f' data-search="{escape(found)}"'
        return f"<td{marks}>{text}</td>"


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as it is read; all columns have as many cells.

    `foot` are lines that are of all rows, a text a column; `names` are what rows are found by.
    """

    columns: tuple[Shown, ...]
    title: str = ""
    foot: Sequence[Sequence[str]] = ()
    names: Sequence[str] = ()

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
        """The table as a page or a notebook shows it; text is text, whatever it looks like."""
        heads = "".join(
            f'<th scope="col"{_figure(column)}>{escape(column.title)}</th>'
            for column in self.columns
        )
        lines = "".join(
            f"<tr{self._name(row)}>{''.join(column.html(row) for column in self.columns)}</tr>"
            for row in range(len(self.columns[0].cells))
        )
        foot = "".join(
            "<tr>"
            + "".join(
                f"<td{_figure(column)}>{escape(text)}</td>"
                for column, text in zip(self.columns, texts, strict=True)
            )
            + "</tr>"
            for texts in self.foot
        )
        caption = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        return (
            f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody>"
            + (f"<tfoot>{foot}</tfoot>" if foot else "")
            + "</table>"
        )

    def _name(self, row: int) -> str:
        return f' id="{escape(self.names[row])}"' if self.names else ""


def _figure(column: Shown) -> str:
    return ' class="figure"' if column.justify == "right" else ""


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
