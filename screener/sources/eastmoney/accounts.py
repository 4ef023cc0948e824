"""The last twelve months of Beijing's companies: from Eastmoney's table of their reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from screener.model.extents import DIVIDEND, PER_SHARE
from screener.model.messages import Sentence, say
from screener.model.records import Profile
from screener.model.symbols import exchange_of
from screener.sources.answers import Item, Items, RefusalError, day, figure, name, number, shown
from screener.sources.eastmoney.tables import of_codes, symbol_of
from screener.sources.vendors import EASTMONEY

# Which report, EPS since the year began, and book value per share. Each is of a row of its own.
REPORT_FIELDS = (
    "SECURITY_CODE", "SECURITY_NAME_ABBR", "REPORTDATE", "BASIC_EPS", "BPS",
)  # fmt: skip
YEAR = timedelta(days=365)
QUARTERS = ((3, 31), (6, 30), (9, 30), (12, 31))
# The report before the last annual one is two years old at most, and comes out months late.
REPORTS_SINCE = timedelta(days=850)
# The mainland's law wants accounts in it.
CURRENCY = "CNY"

# By symbol, why it has none.
Refused = Mapping[str, RefusalError]


def reports_table(codes: Iterable[str], since: str) -> dict[str, str]:
    """How the reports of codes since a day are asked for."""
    return {
        "reportName": "RPT_LICO_FN_CPD",
        "columns": "ALL",
        "filter": f"{of_codes(codes)}(REPORTDATE>='{since}')",
        "sortColumns": "SECURITY_CODE,REPORTDATE",
        "sortTypes": "1,1",
    }


def profiles(
    rows: Items, symbols: Mapping[str, str], now: datetime
) -> tuple[dict[str, Profile], Refused]:
    """The profile of each symbol, by code, that the rows have reports of; or why it has none.

    A report of no day might be the last one. Raises RefusalError for rows of somebody else.
    """
    of_symbol: dict[str, list[Item]] = {}
    for row in rows:
        of_symbol.setdefault(symbol_of(row, symbols), []).append(row)
    found: dict[str, Profile] = {}
    refused: dict[str, RefusalError] = {}
    for symbol, reports in of_symbol.items():
        try:
            found[symbol] = _profile(reports, symbol, now)
        except RefusalError as refusal:
            refused[symbol] = refusal
    return found, refused


def _profile(rows: Items, symbol: str, now: datetime) -> Profile:
    """EPS of four quarters, and the last book value.

    Reports count from the beginning of the year: four quarters are the last report, and what the
    year before earned after its report of the same day.
    """
    reports = {_quarter(row): row for row in rows}
    last = max(reports)
    return Profile(
        symbol=symbol,
        source=EASTMONEY,
        as_of=now.astimezone(exchange_of(symbol).zone).date(),
        per_share_of=last,
        fetched_at=now,
        name=name(reports[last], "SECURITY_NAME_ABBR"),
        eps_ttm=_four_quarters(reports, last),
        eps_currency=CURRENCY,
        book_value=figure(reports[last], "BPS", PER_SHARE),
        accounts_currency=CURRENCY,
    )


def _four_quarters(reports: Mapping[date, Item], last: date) -> float | None:
    if (last.month, last.day) == (12, 31):
        return figure(reports[last], "BASIC_EPS", PER_SHARE)
    before = (date(last.year - 1, 12, 31), last.replace(year=last.year - 1))
    if any(each not in reports for each in before):
        return None
    parts = [figure(reports[each], "BASIC_EPS", PER_SHARE) for each in (last, *before)]
    if any(part is None for part in parts):
        return None
    so_far, year, same = (part or 0.0 for part in parts)
    return so_far + year - same


def _quarter(row: Item) -> date:
    """The day a report is of: no quarter ends on another one."""
    fault = _undated(row, "REPORTDATE")
    found = day(row, "REPORTDATE", fault)
    if (found.month, found.day) not in QUARTERS:
        raise RefusalError(fault)
    return found


def dividends(
    rows: Items, symbols: Mapping[str, str], now: datetime
) -> tuple[dict[str, float], Refused]:
    """What a share of each symbol, by code, paid in cash in the last twelve months; or why not.

    `PRETAX_BONUS_RMB` is CNY for 10 shares. Who has no row paid nothing; of who has a row that is
    no dividend nobody knows. Raises RefusalError for rows of somebody else.
    """
    paid = dict.fromkeys(symbols.values(), 0.0)
    refused: dict[str, RefusalError] = {}
    for row in rows:
        symbol = symbol_of(row, symbols)
        try:
            paid[symbol] += _paid(row, now.astimezone(exchange_of(symbol).zone).date())
        except RefusalError as refusal:
            refused[symbol] = refusal
    return {symbol: each for symbol, each in paid.items() if symbol not in refused}, refused


def _paid(row: Item, today: date) -> float:
    """What a share was paid by a row, if that was in the last twelve months."""
    if row["PRETAX_BONUS_RMB"] is None or row["EX_DIVIDEND_DATE"] is None:
        return 0.0
    ex_date = day(row, "EX_DIVIDEND_DATE", _undated(row, "EX_DIVIDEND_DATE"))
    dividend = number(row, "PRETAX_BONUS_RMB", DIVIDEND) / 10
    return dividend if today - YEAR < ex_date <= today else 0.0


def _undated(row: Item, key: str) -> Sentence:
    return say("Eastmoney dates a report {found}", found=shown(row[key]))
