"""What the store gives back: a quote, a run, a figure of a run, with when it was kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from screener.model.records import Quote


@dataclass(frozen=True, slots=True)
class Stored:
    """A quote that was fetched before, and when."""

    quote: Quote
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run as it is kept: when, of what, and all that it was computed from, packed."""

    number: int
    generated_at: datetime
    price_day: date
    prices: str
    by: str = field(metadata={"column": "ranked_by"})
    names: int
    sectors: str
    version: str
    facts: bytes
    frame: bytes


@dataclass(frozen=True, slots=True)
class KeptFigure:
    """P/E FY1 of a listing in a run that is kept."""

    run: int
    price_day: date
    sector: str
    symbol: str
    pe: float | None
