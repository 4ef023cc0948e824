"""Estimates on the day of the valuation: which fiscal year is in progress, which is next."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from screener.consensus.splits import Adjustment, Record, adjustment
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Estimate, Listing, Vintage

# A consensus older than this is warned of on every figure that uses it.
OLD_AFTER_DAYS = 90
# What an estimate is whose year is still open.
FORWARD = say("forward")


@dataclass(frozen=True, slots=True)
class Forward:
    """The estimates used of a listing, and where the day of the valuation stands in them.

    `report` are those of its own table. `split` is what a share of the estimates' day has become
    by the day of the valuation, `split_since_report` the same of the table's day.
    """

    vintage: Vintage
    report: Vintage
    fy1: int
    split: Adjustment
    split_since_report: Adjustment

    def of(self, fiscal_year: int) -> Estimate | None:
        return self.vintage.of(fiscal_year)


def period_end(fiscal_year: int, fiscal_year_end: tuple[int, int]) -> date:
    """The last day of a fiscal year, which is named after the year it ends in."""
    month, day = fiscal_year_end
    return date(fiscal_year, month, min(day, calendar.monthrange(fiscal_year, month)[1]))


def fiscal_year_in_progress(day: date, fiscal_year_end: tuple[int, int]) -> int:
    """The fiscal year that a day lies in; its last day still does."""
    return day.year + (day > period_end(day.year, fiscal_year_end))


def forward(listing: Listing, vintage: Vintage, day: date, traded: date, record: Record) -> Forward:
    """A vintage's estimates, as seen from a day, with the splits up to the day the price traded.

    Before the market opens on an ex-date, the price is still one of old shares.
    """
    fy1 = fiscal_year_in_progress(day, listing.fiscal_year_end)
    report = printed(listing)
    return Forward(
        vintage=vintage,
        report=report,
        fy1=fy1,
        split=adjustment(listing.symbol, vintage.as_of, traded, record),
        split_since_report=adjustment(listing.symbol, report.as_of, traded, record),
    )


def printed(listing: Listing) -> Vintage:
    """The first vintage of a listing: the estimates of its own table."""
    estimates = tuple(
        Estimate(
            fiscal_year=year.fiscal_year,
            period_end=period_end(year.fiscal_year, listing.fiscal_year_end),
            eps=year.eps.value,
            bounds=year.eps.bounds,
        )
        for year in listing.years
        if year.eps is not None
    )
    return Vintage(
        symbol=listing.symbol,
        source=listing.provenance.consensus or listing.sector,
        as_of=listing.provenance.as_of,
        currency=listing.eps_currency,
        estimates=estimates,
    )


def standing(estimate: Estimate, vintage: Vintage, day: date) -> Sentence:
    """What an estimate is on a day: `forward`, or of a year that is over.

    Then `stale`, where it was made before the year ended, or `actual or stale`, where results may
    have been out.
    """
    if estimate.period_end >= day:
        return FORWARD
    return say("actual or stale") if vintage.as_of > estimate.period_end else say("stale")


def estimate_problems(forwards: Mapping[Listing, Forward], day: date) -> list[Problem]:
    """What the estimates lack on that day: a year still open, youth."""
    return [*_without_fy1(forwards, day), *_without_fy2(forwards), *_old(forwards, day)]


def _without_fy1(forwards: Mapping[Listing, Forward], day: date) -> list[Problem]:
    return [
        listing.problem("no_estimate", _why_without_fy1(outlook, day))
        for listing, outlook in forwards.items()
        if outlook.of(outlook.fy1) is None
    ]


def _without_fy2(forwards: Mapping[Listing, Forward]) -> list[Problem]:
    return [
        listing.problem(
            "no_next_year",
            say(
                "no EPS for FY{year}: no next twelve months, no growth from here",
                year=outlook.fy1 + 1,
            ),
        )
        for listing, outlook in forwards.items()
        if outlook.of(outlook.fy1) is not None and outlook.of(outlook.fy1 + 1) is None
    ]


def _why_without_fy1(outlook: Forward, day: date) -> Sentence:
    years = outlook.vintage.years
    if not years:
        return say("the watchlist has no EPS for it: screener consensus update")
    if max(years) < outlook.fy1:
        return say(
            "consensus ends FY{year}, price day is {day}: screener consensus update",
            year=max(years),
            day=day,
        )
    return say("no EPS for FY{year}, the year in progress on {day}", year=outlook.fy1, day=day)


def _old(forwards: Mapping[Listing, Forward], day: date) -> list[Problem]:
    """One problem a watchlist and day of its consensus, not one a listing."""
    days = dict.fromkeys((row.sector, each.vintage.as_of) for row, each in forwards.items())
    return [
        Problem(
            "later_consensus",
            sector,
            say(
                "the consensus is of {as_of}, after {day}: nobody knew it on that day",
                as_of=as_of,
                day=day,
            ),
        )
        for sector, as_of in days
        if as_of > day
    ] + [
        Problem(
            "old_consensus",
            sector,
            say(
                "the consensus of {as_of} is {days} days old on {day}: every figure on EPS may"
                " be out of date",
                as_of=as_of,
                days=(day - as_of).days,
                day=day,
            ),
        )
        for sector, as_of in days
        if (day - as_of).days > OLD_AFTER_DAYS
    ]
