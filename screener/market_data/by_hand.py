"""Estimates that a person accepts or sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from screener.consensus.choice import choose
from screener.consensus.fiscal_calendar import period_end
from screener.consensus.judge import BY_HAND, SHARES_PER_RECEIPT, factor_of
from screener.consensus.revisions import set_by_hand
from screener.consensus.splits import adjustment
from screener.consensus.typed_inputs import MOST_EPS
from screener.market_data.coverage import Coverage
from screener.market_data.refresh import is_same_vintage
from screener.market_data.split_lookup import last_trading_days
from screener.model.calendars import market_day
from screener.model.figures import Interval
from screener.model.messages import NOTHING, Sentence, say
from screener.model.records import Estimate, Vintage
from screener.model.usage import UsageError
from screener.watchlists.csvfile import parse_number


class SplitsUnknownError(UsageError):
    """What was typed may be right: whether shares were split since, no source could say."""


# Years further from now than this are slips of the pen; no analyst looks that far.
FURTHEST_YEARS = 10


def accept(
    coverage: Coverage, symbol: str, currency: str, per_receipt: int | None, now: datetime
) -> tuple[Vintage, Vintage]:
    """The newest vintage of a symbol that is in doubt, accepted, and the one used until now.

    In `currency`, and per so many shares, if given; what was accepted before can be accepted
    anew in another way. Nothing is kept yet: `keep` does that. Raises UsageError where none is in
    doubt, and where a currency or the shares of a receipt have to be said.
    """
    row = coverage.one(symbol)
    judged = coverage.history(row)
    used = choose(judged, "latest", market_day(now))
    # What is older than the vintage in use would not be used, accepted or not.
    older = [verdict.vintage for verdict in judged].index(used)
    open_ = [
        verdict for verdict in judged[older:] if verdict.doubt or _was_accepted(verdict.vintage)
    ]
    if not open_:
        raise UsageError(
            say("no estimates of {symbol} newer than those used are in doubt", symbol=row.symbol)
        )
    (stored,) = (
        vintage
        for vintage in coverage.store.vintages([row.symbol])[row.symbol]
        if is_same_vintage(vintage, open_[-1].vintage)
    )
    currency = _currency(currency) or stored.currency
    if not currency:
        raise UsageError(
            say(
                "{source} names no currency for {symbol}: give it, as --currency {eps_currency}",
                source=stored.source,
                symbol=row.symbol,
                eps_currency=row.eps_currency,
            )
        )
    # Vendors mix figures per ADS and per share of such names, 8 to 1 for BABA, and do not say so.
    shares = SHARES_PER_RECEIPT.get(row.symbol)
    if shares and per_receipt is None:
        raise UsageError(
            say(
                "EPS of {symbol} may be per receipt of {shares} shares: say --per-receipt"
                " {shares}, or --per-receipt 1 where it is per share",
                symbol=row.symbol,
                shares=shares,
            )
        )
    return replace(stored, currency=currency, per_receipt=per_receipt, accepted_at=now), used


def _was_accepted(vintage: Vintage) -> bool:
    return vintage.accepted_at is not None and vintage.source != BY_HAND


def _currency(text: str) -> str:
    currency = text.strip().upper()
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise UsageError(say("{text!r} is no currency: write three letters, as CNY", text=text))
    return currency


def set_estimate(
    coverage: Coverage,
    symbol: str,
    fiscal_year: int,
    eps: str,
    currency: str,
    note: str,
    now: datetime,
) -> Vintage:
    """The vintage with one year's EPS by hand, per share of today, over what a run would use now.

    Nothing is kept yet. Raises UsageError for a symbol of no watchlist, a year or an EPS that
    cannot be, and where splits since the estimates are not known: the others are per old share.
    """
    row = coverage.one(symbol)
    today = market_day(now)
    base = choose(coverage.history(row), "latest", today)
    try:
        value = parse_number(eps)
    except ValueError as error:
        raise UsageError(say("EPS {error}", error=error)) from None
    if abs(value) > MOST_EPS:
        raise UsageError(
            say(
                "EPS {eps} is beyond reason: it is per share, in {currency}",
                eps=eps,
                currency=base.currency,
            )
        )
    if abs(fiscal_year - today.year) > FURTHEST_YEARS:
        raise UsageError(
            say(
                "no fiscal year {fiscal_year}: write the year it ends in, as 2026",
                fiscal_year=fiscal_year,
            )
        )
    traded = last_trading_days([row], now)[row]
    splits = adjustment(row.symbol, base.as_of, traded, coverage.record)
    if splits.kind == "splits_unknown":
        raise SplitsUnknownError(
            say(
                "splits of {symbol} since {as_of} are not known, so {eps} cannot stand beside"
                " the other years: try again with a connection",
                symbol=row.symbol,
                as_of=base.as_of,
                eps=eps,
            )
        )
    estimate = Estimate(
        fiscal_year=fiscal_year,
        period_end=period_end(fiscal_year, row.fiscal_year_end),
        eps=float(value),
        bounds=_rounded_as(base, float(value)),
    )
    factor = factor_of(row.symbol, coverage.record)
    return set_by_hand(base, estimate, _currency(currency) or base.currency, note, now, factor)


def keep(coverage: Coverage, made: Iterable[Vintage], now: datetime) -> None:
    """Keep what was set or accepted."""
    vintages_ = list(made)
    coverage.store.save_vintages(
        [vintage for vintage in vintages_ if vintage.source == BY_HAND], now
    )
    coverage.store.accept(vintages_, now)


def not_used(coverage: Coverage, made: Vintage, now: datetime) -> Sentence:
    """Why what was kept is not what every run from now on uses; nothing where it is."""
    judged = coverage.history(coverage.one(made.symbol))
    for day in (market_day(now), date.max):
        used = choose(judged, "latest", day)
        if not is_same_vintage(used, made) and used.fetched_at is not None:
            return say(
                "{symbol}: the estimates of {source}, fetched on {time} UTC, are later than the"
                " clock of this machine: they are used from then on, not these",
                symbol=made.symbol,
                source=used.source,
                time=f"{used.fetched_at:%Y-%m-%d %H:%M}",
            )
    return NOTHING


def _rounded_as(base: Vintage, eps: float) -> Interval:
    # A row's figures are rounded alike: an EPS by hand as those beside it.
    bounds = next((estimate.bounds for estimate in base.estimates), Interval(0.0, 0.0))
    half_step = (bounds.high - bounds.low) / 2
    return Interval(eps - half_step, eps + half_step)
