"""The last twelve months of Beijing's companies: from Eastmoney's table of their reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from screener.model.messages import Sentence, say
from screener.model.records import Profile
from screener.model.symbols import exchange_of
from screener.sources.answers import Item, Items, day, number, text
from screener.sources.eastmoney.tables import of_codes
from screener.sources.vendors import EASTMONEY

# Which report, EPS since the year began, and book value per share. Each is of a row of its own.
REPORT_FIELDS = (
    "SECURITY_CODE", "SECURITY_NAME_ABBR", "REPORTDATE", "BASIC_EPS", "BPS",
)  # fmt: skip
YEAR = timedelta(days=365)
# The report before the last annual one is two years old at most, and comes out months late.
REPORTS_SINCE = timedelta(days=850)
# The mainland's law wants accounts in it.
CURRENCY = "CNY"


def reports_table(codes: Iterable[str], since: str) -> dict[str, str]:
    """How the reports of codes since a day are asked for."""
    return {
        "reportName": "RPT_LICO_FN_CPD",
        "columns": "ALL",
        "filter": f"{of_codes(codes)}(REPORTDATE>='{since}')",
        "sortColumns": "SECURITY_CODE,REPORTDATE",
        "sortTypes": "1,1",
    }


def profiles(rows: Items, symbols: Mapping[str, str], now: datetime) -> dict[str, Profile]:
    """The profile of each symbol, by code, that the rows have reports of. Raises RefusalError."""
    of_symbol: dict[str, list[Item]] = {}
    for row in rows:
        if symbol := symbols.get(str(row["SECURITY_CODE"])):
            of_symbol.setdefault(symbol, []).append(row)
    return {symbol: _profile(found, symbol, now) for symbol, found in of_symbol.items()}


def _profile(rows: Items, symbol: str, now: datetime) -> Profile:
    """EPS of four quarters, and the last book value.

    Reports count from the beginning of the year: four quarters are the last report, and what the
    year before earned after its report of the same day.
    """
    reports = {day(row, "REPORTDATE", _undated(row, "REPORTDATE")): row for row in rows}
    last = max(reports)
    return Profile(
        symbol=symbol,
        source=EASTMONEY,
        as_of=now.astimezone(exchange_of(symbol).zone).date(),
        per_share_of=last,
        fetched_at=now,
        name=text(reports[last], "SECURITY_NAME_ABBR"),
        eps_ttm=_four_quarters(reports, last),
        eps_currency=CURRENCY,
        book_value=_figure(reports[last], "BPS"),
        accounts_currency=CURRENCY,
    )


def _four_quarters(reports: Mapping[date, Item], last: date) -> float | None:
    if (last.month, last.day) == (12, 31):
        return _figure(reports[last], "BASIC_EPS")
    before = (date(last.year - 1, 12, 31), last.replace(year=last.year - 1))
    if any(each not in reports for each in before):
        return None
    parts = [_figure(reports[each], "BASIC_EPS") for each in (last, *before)]
    if any(part is None for part in parts):
        return None
    so_far, year, same = (part or 0.0 for part in parts)
    return so_far + year - same


def _figure(row: Item, key: str) -> float | None:
    return None if row[key] is None else number(row, key)


def dividends(rows: Items, symbols: Mapping[str, str], now: datetime) -> dict[str, float]:
    """What a share of each symbol, by code, paid in cash in the last twelve months.

    `PRETAX_BONUS_RMB` is CNY for 10 shares. Who has no row paid nothing. Raises RefusalError for a
    row that is no dividend.
    """
    paid = dict.fromkeys(symbols.values(), 0.0)
    for row in rows:
        symbol = symbols.get(str(row["SECURITY_CODE"]))
        if symbol is None or row["PRETAX_BONUS_RMB"] is None or row["EX_DIVIDEND_DATE"] is None:
            continue
        ex_date = day(row, "EX_DIVIDEND_DATE", _undated(row, "EX_DIVIDEND_DATE"))
        today = now.astimezone(exchange_of(symbol).zone).date()
        if today - YEAR < ex_date <= today:
            paid[symbol] += number(row, "PRETAX_BONUS_RMB") / 10
    return paid


def _undated(row: Item, key: str) -> Sentence:
    return say("Eastmoney dates a report {found}", found=repr(row[key]))
