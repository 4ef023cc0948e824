"""The past of multiples of what was reported: vendors' daily series beside our own closes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from screener.consensus.judge import factor_of
from screener.market_data.band import LEAST_DAYS, Band, Of, band_of, band_problems, standing_of
from screener.market_data.coverage import Coverage
from screener.market_data.past_days import DAYS_A_YEAR, begin_of, believable, with_past
from screener.market_data.quotes import OLD_AFTER_DAYS
from screener.market_data.split_lookup import last_trading_days
from screener.model.problems import Problem
from screener.model.records import Close, Listing, Multiple
from screener.store.store import Store

# So many years make the standing that a run can filter and rank by.
STANDING_YEARS = 5


def vendor_bands(
    coverage: Coverage,
    rows: Sequence[Listing],
    years: float,
    of: Of,
    now: datetime,
    timeout: float,
    *,
    offline: bool = False,
) -> tuple[list[Band], list[Problem]]:
    """The band of a multiple of what was reported, as vendors have it, beside our own closes.

    A negative one means nothing. Only days that are not stored are asked for.
    """
    days = last_trading_days(rows, now)
    start = begin_of(years, days, now)
    coverage, problems = with_past(
        coverage, rows, days, start, now, timeout, offline=offline, of=of
    )
    symbols = {row.symbol for row in rows}
    closes = coverage.store.closes(symbols, start)
    multiples = coverage.store.multiples(symbols, of, start)
    made = []
    for row in rows:
        kept, odd = believable(row, closes[row.symbol], coverage.record)
        problems += odd
        made.append(_vendor_band(coverage, row, kept, multiples[row.symbol], days[row], of))
    for band in made:
        problems += band_problems(band, days[band.listing])
    return made, [*problems, *coverage.store.problems]


def standings(symbols: Iterable[str], store: Store, day: date) -> dict[str, float]:
    """Where the last P/E TTM of each symbol stands among those of five years, by what is stored.

    None for one whose last is a loss or of long before the day, or that has too few days.
    """
    start = day - timedelta(days=round(STANDING_YEARS * DAYS_A_YEAR))
    found = {}
    for symbol, kept in store.multiples(symbols, "pe_ttm", start).items():
        known = [each for each in kept if each.day <= day]
        values = [each.value for each in known if each.value > 0]
        is_new = bool(known) and (day - known[-1].day).days <= OLD_AFTER_DAYS
        if is_new and known[-1].value > 0 and len(values) >= LEAST_DAYS:
            found[symbol] = standing_of(known[-1].value, values)
    return found


def kept_bands(rows: Iterable[Listing], store: Store, day: date) -> dict[str, Band]:
    """The band of P/E TTM of five years of each symbol that enough of it is stored of."""
    start = day - timedelta(days=round(STANDING_YEARS * DAYS_A_YEAR))
    of_symbol = {row.symbol: row for row in rows}
    found = {}
    for symbol, kept in store.multiples(of_symbol, "pe_ttm", start).items():
        known = {each.day: each.value if each.value > 0 else None for each in kept}
        days = [each for each in known if each <= day]
        values = [known[each] for each in days]
        band = band_of(of_symbol[symbol], "pe_ttm", days, [None] * len(days), values, "NM")
        if band.percentiles:
            found[symbol] = band
    return found


def _vendor_band(
    coverage: Coverage,
    row: Listing,
    closes: Sequence[Close],
    multiples: Sequence[Multiple],
    until: date,
    of: Of,
) -> Band:
    factor = factor_of(row.symbol, coverage.record)
    prices = {each.day: each.close / factor(each.per_share_of, until) for each in closes}
    known = {each.day: each.value if each.value > 0 else None for each in multiples}
    # On days that one of the two lacks, as where a vendor samples, the other stands alone; the
    # last one is the vendor's.
    last = max((day for day in known if day <= until), default=until)
    days = sorted(day for day in {**prices, **known} if day <= last)
    return band_of(
        row,
        of,
        days,
        [prices.get(day) for day in days],
        [known.get(day) for day in days],
        gap="NM" if known else "n/a",
    )
