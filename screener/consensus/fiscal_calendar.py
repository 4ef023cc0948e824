"""Estimates on the day of the valuation: which fiscal year is in progress, which is next."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from screener.consensus.splits import Adjustment, Record, adjustment
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Estimate, Listing, Vintage

# A consensus older than this is warned of on every figure that uses it: on the mainland
# results are out every quarter, and estimates follow them.
OLD_AFTER_DAYS = 90
# When FY1 turns: on the last day of the fiscal year, as calendars roll, or once results are known.
Fy1Rule = Literal["calendar", "reported"]
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
    """The last day of a fiscal year, which is named after the year it ends in.

    Alibaba's FY2024 ended on 2024-03-31, though three of its quarters lie in 2023.
    """
    month, day = fiscal_year_end
    # 02-29 is the 28th in most years.
    return date(fiscal_year, month, min(day, calendar.monthrange(fiscal_year, month)[1]))


def fiscal_year_in_progress(day: date, fiscal_year_end: tuple[int, int]) -> int:
    """The fiscal year that a day lies in; its last day still does."""
    return day.year + (day > period_end(day.year, fiscal_year_end))


def fy1_of(vintage: Vintage, day: date, fiscal_year_end: tuple[int, int], rule: Fy1Rule) -> int:
    """FY1 on a day: the fiscal year in progress, or the first whose results are not out.

    Where the source marks no year as actual, nobody can tell that results are out, and by either
    rule it is the year in progress. Results take months, not years: it is never further back than
    the year before.
    """
    in_progress = fiscal_year_in_progress(day, fiscal_year_end)
    if rule == "calendar" or vintage.actual_year is None:
        return in_progress
    return min(in_progress, max(vintage.actual_year + 1, in_progress - 1))


def forward(
    listing: Listing,
    vintage: Vintage,
    day: date,
    traded: date,
    record: Record,
    rule: Fy1Rule = "calendar",
) -> Forward:
    """A vintage's estimates, as seen from a day, with the splits up to the day the price traded.

    Before the market opens on an ex-date, the price is still one of old shares.
    """
    report = printed(listing)
    return Forward(
        vintage=vintage,
        report=report,
        fy1=fy1_of(vintage, day, listing.fiscal_year_end, rule),
        split=adjustment(listing.symbol, vintage.as_of, traded, record),
        split_since_report=adjustment(listing.symbol, report.as_of, traded, record),
    )


def printed(listing: Listing) -> Vintage:
    """The first vintage of a listing: the estimates of its own table."""
    ends = listing.fiscal_year_end
    estimates = tuple(
        Estimate(year, period_end(year, ends), eps.value, eps.bounds)
        for year, eps in ((row.fiscal_year, row.eps) for row in listing.years)
        if eps is not None
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
    # A year that is over is never "forward", though its results may be months away.
    if estimate.period_end >= day:
        return FORWARD
    return say("actual or stale") if vintage.as_of > estimate.period_end else say("stale")


def estimate_problems(forwards: Mapping[Listing, Forward], day: date) -> list[Problem]:
    """What the estimates lack on that day: a year still open, youth."""
    without_fy1, without_fy2 = [], []
    for listing, outlook in forwards.items():
        fy2 = outlook.fy1 + 1
        if outlook.of(outlook.fy1) is None:
            message = _why_without_fy1(outlook, day)
            without_fy1.append(listing.problem("no_estimate", message))
        elif outlook.of(fy2) is None:
            message = say(
                "no EPS for FY{year}: no next twelve months, no growth from here", year=fy2
            )
            without_fy2.append(listing.problem("no_next_year", message))
    return [*without_fy1, *without_fy2, *_ages(forwards, day)]


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


def _ages(forwards: Mapping[Listing, Forward], day: date) -> list[Problem]:
    """One problem a watchlist and day of its consensus, not one a listing."""
    later, old = [], []
    for sector, as_of in dict.fromkeys(
        (row.sector, f.vintage.as_of) for row, f in forwards.items()
    ):
        if as_of > day:
            message = say(
                "the consensus is of {as_of}, after {day}: nobody knew it on that day",
                as_of=as_of,
                day=day,
            )
            later.append(Problem("later_consensus", sector, message))
        elif (day - as_of).days > OLD_AFTER_DAYS:
            message = say(
                "the consensus of {as_of} is {days} days old on {day}: every figure on EPS may"
                " be out of date",
                as_of=as_of,
                days=(day - as_of).days,
                day=day,
            )
            old.append(Problem("old_consensus", sector, message))
    return [*later, *old]
