"""Estimates on the day of the valuation: which fiscal year is in progress, which is next."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from screener.model import Estimate, Listing, Problem

# A consensus older than this is warned of on every figure that uses it.
OLD_AFTER_DAYS = 90


@dataclass(frozen=True, slots=True)
class Forward:
    """A listing's estimates by fiscal year, and where the day of the valuation stands in them.

    `ntm_weight` is the share of the next twelve months that lies in the fiscal year in progress.
    """

    estimates: Mapping[int, Estimate]
    fy1: int
    fy1_end: date
    ntm_weight: float
    consensus_day: date

    def of(self, fiscal_year: int) -> Estimate | None:
        return self.estimates.get(fiscal_year)

    @property
    def last(self) -> Estimate | None:
        """The estimate of the last fiscal year, where that is later than the one in progress."""
        later = [year for year in self.estimates if year > self.fy1]
        return self.estimates[max(later)] if later else None


def period_end(fiscal_year: int, fiscal_year_end: tuple[int, int]) -> date:
    """The last day of a fiscal year, which is named after the year it ends in."""
    month, day = fiscal_year_end
    return date(fiscal_year, month, min(day, calendar.monthrange(fiscal_year, month)[1]))


def fiscal_year_in_progress(day: date, fiscal_year_end: tuple[int, int]) -> int:
    """The fiscal year that a day lies in; its last day still does."""
    return day.year + (day > period_end(day.year, fiscal_year_end))


def forward(listing: Listing, day: date) -> Forward:
    """The estimates of a listing's own table, as seen from a day."""
    fy1 = fiscal_year_in_progress(day, listing.fiscal_year_end)
    fy1_end = period_end(fy1, listing.fiscal_year_end)
    estimates = {
        year.fiscal_year: Estimate(
            fiscal_year=year.fiscal_year,
            period_end=period_end(year.fiscal_year, listing.fiscal_year_end),
            eps=year.eps.value,
            bounds=year.eps.bounds,
            currency=listing.eps_currency,
            source=listing.provenance.consensus,
            as_of=listing.provenance.as_of,
        )
        for year in listing.years
        if year.eps is not None
    }
    weight = min((fy1_end - day).days / 365, 1.0)
    return Forward(estimates, fy1, fy1_end, weight, listing.provenance.as_of)


def review(forwards: Mapping[Listing, Forward], day: date) -> list[Problem]:
    """What the estimates lack on that day: a year still open, youth."""
    return [*_without_fy1(forwards, day), *_without_fy2(forwards), *_old(forwards, day)]


def _without_fy1(forwards: Mapping[Listing, Forward], day: date) -> list[Problem]:
    return [
        Problem("no_estimate", listing.where, _why_without_fy1(outlook, day), listing.symbol)
        for listing, outlook in forwards.items()
        if outlook.of(outlook.fy1) is None
    ]


def _without_fy2(forwards: Mapping[Listing, Forward]) -> list[Problem]:
    return [
        Problem(
            "no_next_year",
            listing.where,
            f"no EPS for FY{outlook.fy1 + 1}: no next twelve months, no growth from here",
            listing.symbol,
        )
        for listing, outlook in forwards.items()
        if outlook.of(outlook.fy1) is not None and outlook.of(outlook.fy1 + 1) is None
    ]


def _why_without_fy1(outlook: Forward, day: date) -> str:
    if not outlook.estimates:
        return "the watchlist has no EPS for it"
    last = max(outlook.estimates)
    if last < outlook.fy1:
        return f"consensus ends FY{last}, price day is {day}, in FY{outlook.fy1}"
    return f"no EPS for FY{outlook.fy1}, the year in progress on {day}"


def _old(forwards: Mapping[Listing, Forward], day: date) -> list[Problem]:
    """One problem a watchlist whose consensus is old, not one a listing."""
    days: dict[str, date] = {row.sector: row.provenance.as_of for row in forwards}
    return [
        Problem(
            "later_consensus",
            sector,
            f"the consensus is of {as_of}, after {day}: nobody knew it on that day",
        )
        for sector, as_of in days.items()
        if as_of > day
    ] + [
        Problem(
            "old_consensus",
            sector,
            f"the consensus of {as_of} is {(day - as_of).days} days old on {day}:"
            " every figure on EPS may be out of date",
        )
        for sector, as_of in days.items()
        if (day - as_of).days > OLD_AFTER_DAYS
    ]
