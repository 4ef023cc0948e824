"""Columns: their type, how they are shown, what they mean; and frames checked against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from screener.model.messages import NOTHING, Sentence, say

if TYPE_CHECKING:
    import polars as pl


Kind = Literal["text", "integer", "number", "day", "time", "truth"]


@dataclass(frozen=True, slots=True)
class Format:
    """How a kind of figure is written: in a workbook cell, and in a terminal."""

    excel: str
    python: str


# Losses and discounts stand in brackets in the workbook, as analysts write them; EPS keeps its
# third and fourth decimal, where a split has made one.
FORMATS: Mapping[str, Format] = {
    "text": Format("@", "{}"),
    "integer": Format("0", "{:d}"),
    "multiple": Format('0.0"x";(0.0"x")', "{:,.1f}x"),
    "ratio": Format("0.00;(0.00)", "{:,.2f}"),
    "percent": Format("0.0%;(0.0%)", "{:.1%}"),
    "move": Format("+0;-0;0", "{:+d}"),
    "change": Format("+0.0%;-0.0%;0.0%", "{:+.1%}"),
    "price": Format("[<1]0.000;#,##0.00", "{:,.2f}"),
    "amount": Format("#,##0.00;(#,##0.00)", "{:,.2f}"),
    "eps": Format("#,##0.00##;(#,##0.00##)", "{:,.4g}"),
    "rate": Format("0.0000##", "{:.4f}"),
    "general": Format("General", "{:g}"),
    "code": Format("@", "{}"),
    "day": Format("yyyy-mm-dd", "{}"),
    "time": Format("yyyy-mm-dd hh:mm", "{:%Y-%m-%d %H:%M}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a frame; its title and unit head it wherever it is shown.

    Columns that hold the same figure of several years are a `family`: their names are the family's
    with the `year` behind.
    """

    name: str
    kind: Kind
    title: Sentence
    meaning: Sentence
    format: str = "text"
    unit: Sentence = NOTHING
    nullable: bool = False
    family: str = ""
    year: int | None = None

    def label(self, lang: str) -> str:
        """What heads it in a language."""
        return self.title.said(lang)

    def show(self, value: Any, lang: str = "en") -> str:
        """The value as a terminal writes it; of a code its word."""
        if self.format == "code":
            return code_word(value, lang)
        if self.format == "price" and 0 < abs(value) < 1:
            return f"{value:.3f}"  # the tick of such shares is a thousandth
        return FORMATS[self.format].python.format(value)


# What stands in frames and JSON for how a price was obtained, what a market cap is, and what has
# become of a row. In English the code is its own word.
_CODES: Mapping[str, Sentence] = {
    str(word): word
    for word in (
        say("live"), say("delayed"), say("close"), say("halted"), say("cached"), say("file"),
        say("report"), say("printed"), say("rolled forward"),
        say("ranked"), say("nm"), say("no_estimate"), say("no_rate"), say("no_price"),
    )
}  # fmt: skip


def code_word(code: str, lang: str) -> str:
    """A code of a frame as it is read in a language."""
    return _CODES[code].said(lang)


class FrameError(TypeError):
    """A frame has not the columns it should have: a mistake of the program, not of its input."""


def check(frame: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """The frame itself, if it has exactly these columns, of their types, in their order.

    Raises FrameError otherwise, and for nulls where none are allowed, NaN and infinities.
    """
    expected = [column.name for column in columns]
    if frame.columns != expected:
        missing = [name for name in expected if name not in frame.columns]
        extra = [name for name in frame.columns if name not in expected]
        raise FrameError(f"columns differ: missing {missing}, extra {extra}, or in another order")
    if faults := [*_faults(frame, columns)]:
        raise FrameError("; ".join(faults))
    return frame


def dtypes(columns: Iterable[Column]) -> dict[str, pl.DataType]:
    """The polars types of the columns, for building a frame from records."""
    import polars as pl

    types: Mapping[Kind, pl.DataType] = {
        "text": pl.String(),
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "day": pl.Date(),
        "time": pl.Datetime("us", "UTC"),
        "truth": pl.Boolean(),
    }
    return {column.name: types[column.kind] for column in columns}


def _faults(frame: pl.DataFrame, columns: Sequence[Column]) -> Iterator[str]:
    import polars as pl

    types, schema = dtypes(columns), frame.schema
    numbers = [name for name, found in schema.items() if found.is_float()]
    # Of all at once, as an engine takes longer to be asked than to look.
    finite = frame.select(pl.col(numbers).is_finite().all()).row(0) if numbers else ()
    is_finite = dict(zip(numbers, finite, strict=True))
    for column, nulls in zip(columns, frame.null_count().row(0), strict=True):
        found, expected = schema[column.name], types[column.name]
        if found != expected:
            yield f"{column.name} is {found}, not {expected}"
        elif nulls and not column.nullable:
            yield f"{column.name} has {nulls} nulls"
        elif not is_finite.get(column.name, True):
            yield f"{column.name} has NaN or infinite values"
