"""Which vintages of the consensus can be believed: each is held against the one before."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from statistics import fmean

from screener.consensus.fiscal_calendar import printed
from screener.consensus.splits import Record, adjustment
from screener.model.calendars import market_day
from screener.model.extents import PER_SHARE
from screener.model.figures import Interval
from screener.model.messages import NOTHING, Sentence, joined, say
from screener.model.records import Estimate, Listing, Vintage
from screener.model.shipped import rows_of

# A figure that is more than so many times the one before, or less than that part of it, is
# looked at by a person before it is used. Estimates seldom move so far at once; a wrong unit, a
# missed split or a receipt of several shares does it.
JUMP = 3.0
# How many shares a depositary receipt stands for, where a vendor may state EPS per receipt, as
# Yahoo may for a Hong Kong name that is listed in New York, too (as of 2025; it differs by name).
SHARES_PER_RECEIPT: Mapping[str, int] = {
    row["symbol"]: int(row["shares"]) for row in rows_of("receipts")
}
# Receipts of fewer shares are told from shares only by an EPS that is this close to one of both:
# EPS that has doubled may be that of a receipt of two, or of a good year.
FEW_SHARES, CLOSE = 5, 1.15

# For so long after a split a vendor may still state EPS per old share.
SPLIT_WINDOW = timedelta(days=90)

# The source of what a person typed.
BY_HAND = say("by hand")

# How many shares one share of a day has become by another day.
Factor = Callable[[date, date], float]


@dataclass(frozen=True, slots=True)
class Judged:
    """A vintage per share, and why it is not used without a person's consent (empty: it is)."""

    vintage: Vintage
    doubt: Sentence = NOTHING


def judge(
    vintages: Iterable[Vintage], factor: Factor, known_by: date = date.max
) -> tuple[Judged, ...]:
    """Every vintage of one listing that was known by a day, the oldest first.

    Each is held against the last one believed. What was accepted after the day was not, then.

    In doubt is what names no currency or another one, changes a sign, or jumps by more than ×3.
    EPS per depositary receipt is divided by the shares of a receipt where it is certainly that.
    The order in which the vintages are given does not matter.
    """
    judged: list[Judged] = []
    believed: Vintage | None = None
    # What a run said on an earlier day can be had again: what came later is left out.
    known = (one for one in vintages if one.fetched_at is None or known_on(one) <= known_by)
    for vintage in sorted(known, key=_age):
        accepted = vintage.accepted_at
        if accepted is not None and market_day(accepted) <= known_by:
            # EPS as the person who accepted it said it is meant.
            verdict = Judged(_undone(vintage, vintage.per_receipt or 1))
        else:
            verdict = _held_against(vintage, believed, factor)
        judged.append(verdict)
        # One in doubt is no measure for the next: else a wrong figure that stays would be believed.
        if not verdict.doubt and verdict.vintage.estimates:
            believed = verdict.vintage
    return tuple(judged)


def turning_days(vintages: Iterable[Vintage]) -> list[date]:
    """The days on which what is known, and believed, changes: between two of them nothing does."""
    vintages = list(vintages)
    accepted = {market_day(vintage.accepted_at) for vintage in vintages if vintage.accepted_at}
    return sorted(accepted.union(map(known_on, vintages)))


def printed_of(judged: Sequence[Judged]) -> Vintage:
    """The vintage of the watchlist itself, which was never fetched."""
    return next(verdict.vintage for verdict in judged if verdict.vintage.fetched_at is None)


def known_on(vintage: Vintage) -> date:
    """The day from which a vintage was known: what is typed later, was not."""
    fetched_at = vintage.fetched_at
    return max(vintage.as_of, market_day(fetched_at)) if fetched_at else vintage.as_of


def _age(vintage: Vintage) -> tuple[date, datetime, str, str]:
    # Of one day the table's own comes first; the estimates are there to make the order certain.
    fetched_at = vintage.fetched_at or datetime.min.replace(tzinfo=UTC)
    return vintage.as_of, fetched_at, vintage.source, repr(vintage.estimates)


def _held_against(vintage: Vintage, believed: Vintage | None, factor: Factor) -> Judged:
    if vintage.fetched_at is None or vintage.source == BY_HAND:
        return Judged(vintage)  # a table's or a person's own figures
    doubt = _beyond_reason(vintage) or _incomparable(vintage, believed)
    if doubt or believed is None:
        return Judged(vintage, doubt)
    vintage, doubt = _per_share(vintage, believed, factor)
    if not doubt:
        vintage, doubt = _on_new_shares(vintage, believed, factor)
    return Judged(vintage, doubt or _implausible(vintage, believed, factor))


def _beyond_reason(vintage: Vintage) -> Sentence:
    beyond = [each for each in vintage.estimates if not PER_SHARE.holds(each.eps)]
    return joined(
        say("EPS FY{year} {eps:.4g} is beyond reason", year=each.fiscal_year, eps=each.eps)
        for each in beyond
    )


def _incomparable(vintage: Vintage, believed: Vintage | None) -> Sentence:
    currency, before = vintage.currency, believed.currency if believed else "CNY"
    receipt = SHARES_PER_RECEIPT.get(vintage.symbol)
    if not currency:
        return say("it names no currency: accept it with --currency {currency}", currency=before)
    if believed is None:
        doubt = say(
            "it may be per receipt of {receipt} shares, and there is nothing to tell it by",
            receipt=receipt,
        )
        return doubt if receipt else NOTHING
    if currency == before:
        return NOTHING
    doubt = say("it is in {currency}, before it was {before}", currency=currency, before=before)
    if receipt is None:
        return doubt
    return say("{doubt}, and may be per receipt of {receipt}", doubt=doubt, receipt=receipt)


def _pairs(
    vintage: Vintage, believed: Vintage, factor: Factor
) -> list[tuple[Estimate, Estimate, float]]:
    """The estimates that are compared: new one, old one, and EPS of the old one per share of now.

    Those of the same years; where there is none, the first new one with the last old one.
    """
    split = factor(believed.as_of, vintage.as_of)
    pairs = [(new, believed.of(new.fiscal_year)) for new in vintage.estimates]
    same = [(new, old) for new, old in pairs if old is not None]
    same = same or [(vintage.estimates[0], believed.estimates[-1])]
    return [(new, old, old.eps / split) for new, old in same]


def _per_share(vintage: Vintage, believed: Vintage, factor: Factor) -> tuple[Vintage, Sentence]:
    """EPS per share, where it may be per receipt; or why that cannot be told."""
    receipt = SHARES_PER_RECEIPT.get(vintage.symbol)
    if receipt is None:
        return vintage, NOTHING
    pairs = _pairs(vintage, believed, factor)
    ratios = [new.eps / before for new, _, before in pairs if new.eps > 0 and before > 0]
    if not ratios:
        return vintage, say(
            "it may be per receipt of {receipt} shares, and losses do not tell", receipt=receipt
        )
    # In logs ×8 and ÷8 are equally far from no change, and one wild year weighs less.
    growth = fmean(map(math.log, ratios))
    # Where a receipt stands for few shares, a change of estimates may look like it.
    close = math.log(CLOSE) if receipt < FEW_SHARES else math.inf
    basis = _nearer(growth, receipt, close)
    if basis is not None:
        return (_undone(vintage, receipt) if basis == receipt else vintage), NOTHING
    return vintage, say(
        "it is {times:.2g} times the one before: per share, or per receipt of {receipt} shares?",
        times=math.exp(growth),
        receipt=receipt,
    )


def _nearer(growth: float, shares: float, close: float = math.inf) -> float | None:
    """Of how many shares EPS is that has grown so in logs: of one, or so many; None: not clear.

    Told apart only where one is at least twice as far off as the other, and the nearer one close.
    """
    from_one, from_many = abs(growth), abs(growth - math.log(shares))
    if 2 * from_one < from_many and from_one < close:
        return 1
    if 2 * from_many < from_one and from_many < close:
        return shares
    return None


def _on_new_shares(vintage: Vintage, believed: Vintage, factor: Factor) -> tuple[Vintage, Sentence]:
    """EPS per share of its day, where shares have split not long before; or why nobody can tell.

    Vendors go on with EPS of old shares for a while. It is held against the EPS before on both.
    """
    split = factor(vintage.as_of - SPLIT_WINDOW, vintage.as_of)
    ratios = [new.eps / before for new, _, before in _pairs(vintage, believed, factor) if before]
    growths = [math.log(ratio) for ratio in ratios if ratio > 0]
    if math.isclose(split, 1) or not growths:
        return vintage, NOTHING
    growth = fmean(growths)
    basis = _nearer(growth, split)
    if basis == split:
        note = say("stated per share of before the split of ×{split:g}, and divided", split=split)
        return _by(vintage, split, note), NOTHING
    if basis is not None:
        return vintage, NOTHING
    return vintage, say(
        "shares split by ×{split:g} shortly before, and EPS is {times:.3g} times the one before: is"
        " it per new share, or per old one?",
        split=split,
        times=math.exp(growth),
    )


def _undone(vintage: Vintage, receipt: int) -> Vintage:
    """EPS per share of a vintage that states it per receipt of so many."""
    if receipt == 1:
        return vintage
    note = say("stated per receipt of {receipt} shares, and divided by them", receipt=receipt)
    return _by(vintage, receipt, note)


def _by(vintage: Vintage, shares: float, note: Sentence) -> Vintage:
    """The vintage with EPS divided by so many shares, and a note of why."""
    estimates = tuple(divided(estimate, shares) for estimate in vintage.estimates)
    return replace(vintage, estimates=estimates, note=note)


def divided(estimate: Estimate, by: float) -> Estimate:
    bounds = Interval(estimate.bounds.low / by, estimate.bounds.high / by)
    return replace(estimate, eps=estimate.eps / by, bounds=bounds)


def jumps(estimate: Estimate | None, eps: float | None) -> bool:
    """Whether an EPS is so far from an estimate that a person should look at it again."""
    if estimate is None or eps is None:
        return False
    return estimate.eps * eps < 0 or _jumps(eps, estimate.eps)


def _implausible(vintage: Vintage, believed: Vintage, factor: Factor) -> Sentence:
    faults = []
    for new, old, before in _pairs(vintage, believed, factor):
        if new.eps * before < 0:
            what = say("changes its sign")
        elif _jumps(new.eps, before):
            what = say("jumps by more than ×{most:g}", most=JUMP)
        else:
            continue
        fault = say(
            "EPS FY{year} {eps:.4g} {what} from {before:.4g} of FY{year_before}",
            year=new.fiscal_year,
            eps=new.eps,
            what=what,
            before=before,
            year_before=old.fiscal_year,
        )
        faults.append(fault)
    return joined(faults)


def _jumps(now: float, before: float) -> bool:
    larger, smaller = max(abs(now), abs(before)), min(abs(now), abs(before))
    return larger > JUMP * smaller


# The vintages that are in the store, by symbol.
Stored = Mapping[str, Sequence[Vintage]]


def factor_of(symbol: str, record: Record) -> Factor:
    """How many shares one share of a day has become by another day, by the record.

    A part of one where the other day is the earlier: what is asked backwards is undone.
    """

    def shares(after: date, until: date) -> float:
        made = adjustment(symbol, min(after, until), max(after, until), record).factor
        return made if after <= until else 1 / made

    return shares


def history(
    listing: Listing, stored: Stored, record: Record, known: date = date.max
) -> tuple[Judged, ...]:
    """Every vintage of a listing that was known by a day, the oldest first, its own table's too."""
    every = [printed(listing), *stored.get(listing.symbol, ())]
    return judge(every, factor_of(listing.symbol, record), known)


def source_of(vintage: Vintage) -> str:
    """Who says so: a name, or that it was set by hand, which is said in either language."""
    return BY_HAND if vintage.source == BY_HAND else vintage.source
