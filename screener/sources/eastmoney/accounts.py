"""The last twelve months of Beijing's companies: from Eastmoney's table of their reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from screener.model.messages import say
from screener.model.records import Profile
from screener.model.symbols import exchange_of
from screener.sources.answers import Item, Items, RefusalError, day, number, text
from screener.sources.vendors import EASTMONEY

# A report's day, EPS since the year began, and book value per share.
REPORT_FIELDS = ("SECUCODE", "SECURITY_NAME_ABBR", "REPORT_DATE", "CURRENCY", "EPSJB", "BPS")
DIVIDEND_FIELDS = ("SECURITY_CODE", "EX_DIVIDEND_DATE", "PRETAX_BONUS_RMB")
YEAR = timedelta(days=365)


def report_rows(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The fields of reports that are used. Raises RefusalError where a row lacks one."""
    rows = list(records)
    missing = [field for field in REPORT_FIELDS if any(field not in row for row in rows)]
    if missing:
        raise RefusalError(say("its rows lack {missing}", missing=", ".join(missing)))
    return [{field: row[field] for field in REPORT_FIELDS} for row in rows]


def accounts(rows: Items, symbol: str, now: datetime) -> Profile:
    """The profile that a company's reports make: EPS of four quarters, the last book value.

    Reports count from the beginning of the year: four quarters are the last report, and what the
    year before earned after its report of the same day. Raises RefusalError for none of it.
    """
    if any(row["SECUCODE"] != symbol for row in rows):
        found = {row["SECUCODE"] for row in rows} - {symbol}
        raise RefusalError(say("{source} answers with {code}", source=EASTMONEY, code=found))
    reports = {day(row, "REPORT_DATE", _undated(row, "REPORT_DATE")): row for row in rows}
    if not reports:
        raise RefusalError(say("Eastmoney has no reports of it"))
    last = max(reports)
    currency = text(reports[last], "CURRENCY")
    return Profile(
        symbol=symbol,
        source=EASTMONEY,
        as_of=now.astimezone(exchange_of(symbol).zone).date(),
        per_share_of=last,
        fetched_at=now,
        name=text(reports[last], "SECURITY_NAME_ABBR"),
        eps_ttm=_four_quarters(reports, last),
        eps_currency=currency,
        book_value=_figure(reports[last], "BPS"),
        accounts_currency=currency,
    )


def _four_quarters(reports: Mapping[date, Item], last: date) -> float | None:
    if (last.month, last.day) == (12, 31):
        return _figure(reports[last], "EPSJB")
    before = (date(last.year - 1, 12, 31), last.replace(year=last.year - 1))
    if any(each not in reports for each in before):
        return None
    parts = [_figure(reports[each], "EPSJB") for each in (last, *before)]
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


def _undated(row: Item, key: str) -> Any:
    return say("Eastmoney dates a report {found}", found=repr(row[key]))
