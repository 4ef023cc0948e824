"""What changed between two vintages, and a vintage with one year set by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from screener.consensus.judge import BY_HAND, Factor, divided
from screener.model.calendars import market_day
from screener.model.messages import say
from screener.model.records import Estimate, Vintage


@dataclass(frozen=True, slots=True)
class Revision:
    """EPS of one year in two vintages, both per share of the second one's day.

    `change` is None where the older one is no profit, or the two are in two currencies.
    """

    fiscal_year: int
    before: float
    after: float
    change: float | None


def revisions(old: Vintage, new: Vintage, factor: Factor) -> list[Revision]:
    """What changed in the years that both vintages have."""
    # After 10 送 4 the same earnings are EPS ÷ 1.4: no revision, in either direction.
    split = factor(old.as_of, new.as_of)
    found = []
    for estimate in new.estimates:
        earlier = old.of(estimate.fiscal_year)
        if earlier is not None:
            before = earlier.eps / split
            known = before > 0 and old.currency == new.currency
            change = estimate.eps / before - 1 if known else None
            found.append(Revision(estimate.fiscal_year, before, estimate.eps, change))
    return found


def set_by_hand(
    base: Vintage, estimate: Estimate, currency: str, note: str, now: datetime, factor: Factor
) -> Vintage:
    """The vintage that has one year by hand, per share of today, and the others as in `base`.

    It stays of the base's day, as most of it is; the year is put per share of that day. In another
    currency than the base's it is of now, and has that one year only.
    """
    year = f"FY{estimate.fiscal_year} {estimate.eps:g}"
    source = base.source
    known = say("{year} set over {source} of {as_of}", year=year, source=source, as_of=base.as_of)
    if source == BY_HAND:
        known = say("{note}; {year} set", note=base.note, year=year)
    elif currency != base.currency:
        known = say(
            "{year} {currency}, the only year: those of {source} are in {before}",
            year=year,
            currency=currency,
            source=source,
            before=base.currency,
        )
    as_of = today = market_day(now)
    others: list[Estimate] = []
    if currency == base.currency:
        as_of = base.as_of
        others = [other for other in base.estimates if other.fiscal_year != estimate.fiscal_year]
        estimate = divided(estimate, 1 / factor(base.as_of, today))
    return Vintage(
        symbol=base.symbol,
        source=BY_HAND,
        as_of=as_of,
        currency=currency,
        estimates=tuple(sorted([*others, estimate], key=attrgetter("fiscal_year"))),
        fetched_at=now,
        accepted_at=now,
        note=say("{set} ({why})", set=known, why=note) if note else known,
    )
