"""Rows that no record of the model is as it stands, and how one becomes the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from screener.model.figures import Interval
from screener.model.messages import Sentence
from screener.model.records import Estimate, Quote, Rate, Split, Vintage
from screener.store.kept import Stored
from screener.store.tables import Record


@dataclass(frozen=True, slots=True)
class QuoteRow:
    symbol: str
    price: float
    currency: str
    market_time: datetime
    as_of: date
    source: str
    obtained: str
    fetched_at: datetime
    delay_minutes: int | None
    shares: float | None
    previous_close: float | None
    confirmed_by: str | None


@dataclass(frozen=True, slots=True)
class RateRow(Rate):
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class SplitRow(Split):
    fetched_at: datetime


# A vintage is kept as rows of one width, with what is the vintage's in each: it is read by symbol
# and whole, so a second table would be joined at every reading, and save some bytes.
@dataclass(frozen=True, slots=True)
class EstimateRow:
    """One fiscal year of a vintage."""

    symbol: str
    source: str
    as_of: date
    fetched_at: datetime
    currency: str
    note: Sentence
    fiscal_year: int
    period_end: date
    eps: float
    eps_low: float
    eps_high: float
    analysts: int | None
    is_actual: bool | None


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """What a person said of a vintage."""

    symbol: str
    source: str
    fetched_at: datetime
    currency: str
    accepted_at: datetime
    per_receipt: int | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    run: int
    sector: str
    symbol: str
    pe: float | None


def stored(row: QuoteRow) -> Stored:
    """The quote of a row, which is now cached, and when it was fetched."""
    # Bounds are not kept: a live price is exact, and the printed ones are in their tables.
    bounds = Interval(row.price, row.price)
    said = row.confirmed_by or ""
    quote = filled(
        Quote,
        row,
        obtained="cached",
        bounds=bounds,
        fetched_at=None,
        dated_by="time",
        confirmed_by=said,
    )
    return Stored(quote, row.fetched_at)


def estimate_rows(vintage: Vintage) -> Iterator[EstimateRow]:
    """A vintage as it is kept: a row for each of its years."""
    for estimate in vintage.estimates:
        low, high = estimate.bounds.low, estimate.bounds.high
        yield filled(EstimateRow, vintage, estimate, eps_low=low, eps_high=high)


def accepted_row(vintage: Vintage, now: datetime) -> AcceptedRow:
    """That a person has looked at a vintage; ValueError for one that was never fetched."""
    if vintage.fetched_at is None:
        raise ValueError(f"{vintage.source} of {vintage.as_of} was never fetched")
    return filled(AcceptedRow, vintage, accepted_at=now)


def judged(row: EstimateRow, said: AcceptedRow | None) -> tuple[Vintage, Estimate]:
    """The estimate of a row, and the vintage it is one of, which has none yet.

    `said` is what a person said of the vintage, if anybody did.
    """
    bounds = Interval(row.eps_low, row.eps_high)
    # What a person said outweighs the source; the source's own word stays in its row.
    vintage = filled(
        Vintage,
        row,
        currency=row.currency if said is None else said.currency,
        accepted_at=None if said is None else said.accepted_at,
        per_receipt=None if said is None else said.per_receipt,
        estimates=(),
    )
    return vintage, filled(Estimate, row, bounds=bounds, is_actual=bool(row.is_actual))


def filled(record: type[Record], *sources: object, **given: Any) -> Record:
    """The record of these values, and of those that its sources have under the same name."""
    names = [field.name for field in fields(record) if field.name not in given]  # type: ignore[arg-type]
    has = {name: next(source for source in sources if hasattr(source, name)) for name in names}
    return record(**{name: getattr(source, name) for name, source in has.items()}, **given)
