"""What companies reported of the last twelve months, per share of the price's day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from screener.consensus.splits import Adjustment, Record, adjustment, faults
from screener.market_data.fx import SAME_CURRENCY, Conversion, Pair, known_rates
from screener.model.extents import PER_SHARE
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Listing, Profile, Quote, Rate
from screener.model.symbols import currency_of

# A source's own ratio and ours differ by no more than this, or one of them has another currency.
TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Trailing:
    """A profile whose figures are per share of the price's day, and what its currencies cost.

    A rate is None where none is known; so are the figures where splits since are not certain.
    """

    profile: Profile
    eps_ttm: float | None
    book_value: float | None
    dividend: float | None
    eps_fx: float | None
    accounts_fx: float | None


def newest(profiles: Iterable[Profile], day: date) -> dict[str, Profile]:
    """The last profile of each symbol that was known by a day."""
    known = (profile for profile in profiles if profile.as_of <= day)
    return {each.symbol: each for each in sorted(known, key=lambda each: each.fetched_at)}


def trailing(
    quotes: Mapping[Listing, Quote],
    profiles: Mapping[str, Profile],
    rates: Sequence[Rate],
    record: Record,
    day: date,
) -> tuple[dict[Listing, Trailing], list[Problem]]:
    """The trailing figures of each listing that has a price and a profile, and what is odd of them.

    Figures of before a split are per share of after it. Sources divide figures of two currencies
    as they are: a ratio of theirs that differs from ours by more than a twentieth is a problem.
    """
    known = known_rates(rates, day)
    found: dict[Listing, Trailing] = {}
    problems: list[Problem] = []
    for row, quote in quotes.items():
        profile = profiles.get(row.symbol)
        if profile is None:
            continue
        until = quote.market_time.date()
        split = adjustment(profile.symbol, min(profile.per_share_of, until), until, record)
        made = _trailing(profile, quote, known, split)
        found[row] = made
        problems += faults({row: split})
        problems += _rate_problems(row, quote, made)
        problems += _ratio_problems(row, made)
    return found, problems


def _trailing(
    profile: Profile, quote: Quote, known: Mapping[Pair, Conversion], split: Adjustment
) -> Trailing:
    same = {(quote.currency, quote.currency): SAME_CURRENCY}
    eps_fx, accounts_fx = (
        rate.value if (rate := {**known, **same}.get((quote.currency, currency))) else None
        for currency in (profile.eps_currency, profile.accounts_currency)
    )
    eps, book_value, dividend = (
        None
        if figure is None or not PER_SHARE.holds(figure) or split.is_open or not currency
        else figure / split.factor
        for figure, currency in (
            (profile.eps_ttm, profile.eps_currency),
            (profile.book_value, profile.accounts_currency),
            (profile.dividend, profile.accounts_currency),
        )
    )
    return Trailing(profile, eps, book_value, dividend, eps_fx, accounts_fx)


def _rate_problems(row: Listing, quote: Quote, made: Trailing) -> Iterator[Problem]:
    profile = made.profile
    lacking = {
        profile.eps_currency: made.eps_fx is None and made.eps_ttm is not None,
        profile.accounts_currency: made.accounts_fx is None and made.book_value is not None,
    }
    for currency in (each for each, is_lacking in lacking.items() if is_lacking):
        message = say(
            "price in {traded}, accounts in {currency}: no rate",
            traded=quote.currency,
            currency=currency,
        )
        yield row.problem("no_accounts_rate", message)


def _ratio_problems(row: Listing, made: Trailing) -> Iterator[Problem]:
    """A problem for each ratio of the source's own that is not what its figures make."""
    profile, fx = made.profile, made.accounts_fx
    price, before = profile.price, profile.previous_close or profile.price
    # Sources have the yield, on the close before: what it is the inverse of is a multiple, too.
    own_payout = 1 / profile.own_yield if profile.own_yield else None
    for title, own, cost, rate, figure in (
        (say("P/E TTM"), profile.own_pe, price, made.eps_fx, profile.eps_ttm),
        (say("P/B"), profile.own_pb, price, fx, profile.book_value),
        (say("price over dividends"), own_payout, before, fx, profile.dividend),
    ):
        if not (own and cost and rate and figure) or min(own, cost, figure) < 0:
            continue
        plain, ours = cost / figure, cost * rate / figure
        if not _are_close(own, ours):
            yield _differing(row, profile, title, own, ours, is_plain=_are_close(own, plain))


def _differing(
    row: Listing, profile: Profile, title: Sentence, own: float, ours: float, *, is_plain: bool
) -> Problem:
    if is_plain:
        message = say(
            "{source}'s own {title} divides {traded} by {currency} as they are: ours is converted",
            source=profile.source,
            title=title,
            traded=currency_of(profile.symbol),
            currency=profile.accounts_currency,
        )
        return row.problem("ratio_unconverted", message)
    message = say(
        "{source}'s own {title} is {own:.4g}, its figures make {ours:.4g}: one of them may be in"
        " another currency",
        source=profile.source,
        title=title,
        own=own,
        ours=ours,
    )
    return row.problem("ratio_differs", message)


def _are_close(one: float, other: float) -> bool:
    return abs(one / other - 1) <= TOLERANCE


def missing_accounts(
    quotes: Mapping[Listing, Quote], found: Mapping[Listing, Trailing]
) -> list[Problem]:
    """A note for each listing that sources have no figures of the last twelve months of."""
    problems = []
    for row in quotes:
        made = found.get(row)
        figures = (made.eps_ttm, made.book_value, made.dividend) if made else (None,) * 3
        names = ("eps_ttm", "book_value", "dividend")
        lacking = [name for name, figure in zip(names, figures, strict=True) if figure is None]
        if lacking:
            message = say("no source has {missing} of it", missing=", ".join(lacking))
            problems.append(row.problem("no_accounts", message))
    return problems
