"""Estimates and bonus issues of A shares from Eastmoney, estimates of Hong Kong from etnet.

akshare names the years of Eastmoney's forecasts after the most frequent ones, so that a row of
other years has its figures under wrong ones, and the columns of its bonus table by place. So
both tables are asked for with akshare's own request, and each row is read by its own fields.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from screener.consensus.fiscal_calendar import period_end
from screener.model.calendars import last_trade
from screener.model.figures import Interval
from screener.model.messages import NOTHING, say
from screener.model.records import Close, Estimate, Split, Vintage
from screener.model.symbols import exchange_of
from screener.sources.answers import RefusalError, is_final, number, text
from screener.sources.child import Emit, Message, fault_of, probe_then_all
from screener.sources.etnet import etnet_rows

TABLES_URL = "https://datacenter-web.eastmoney.com/api/data/v1/get"

SOURCE = "Eastmoney"

# Eastmoney's answer for a question that no row fits.
NO_ROWS = 9201

PAGE = 500

YEARS = (1, 2, 3, 4)


def answer(job: Message, emit: Emit) -> None:
    """In the child: bonus issues of the codes `bonus` since a day, forecasts of `estimates`.

    Emits `{"bonus": [rows]}` and `{"forecasts": [rows]}`, for each code of `hong_kong`
    `{"symbol": …, "etnet": [rows]}`, or `{"error": …}` with what it was asked for (`of`).
    """
    import warnings

    import akshare

    warnings.simplefilter("ignore")
    tables: dict[str, Callable[[], list[dict[str, Any]]]] = {}
    if job.get("bonus"):
        tables["bonus"] = lambda: _bonus_rows(job["bonus"], job["since"], job["timeout"])
    if job.get("estimates"):
        tables["forecasts"] = lambda: _forecast_rows(job["estimates"], job["timeout"])
    for what, rows in tables.items():
        try:
            emit({what: rows()})
        except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
            emit({**fault_of(error), "of": what, "outage": True})

    since: Mapping[str, str] = job.get("closes", {})

    def etnet(code: str) -> list[Any]:
        return etnet_rows(
            akshare.stock_hk_profit_forecast_et(symbol=code, indicator="综合盈利预测")
        )

    def daily(code: str) -> list[Any]:
        begin, timeout = since[code].replace("-", ""), job["timeout"]
        return daily_bars(akshare.stock_zh_a_hist(symbol=code, start_date=begin, timeout=timeout))

    probe_then_all(_asker("etnet", etnet, emit), job.get("hong_kong", []))
    probe_then_all(_asker("daily", daily, emit), list(since))


def _asker(what: str, get: Callable[[str], list[Any]], emit: Emit) -> Callable[[str], bool]:
    """A call that emits what it gets of a code; it says whether the source goes on answering."""

    def ask(code: str) -> bool:
        try:
            emit({"symbol": code, what: get(code)})
        except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
            # requests' errors are of the connection or the whole answer; any other is of this name.
            is_outage = isinstance(error, OSError)
            emit({**fault_of(error), "symbol": code, "of": what, "outage": is_outage})
            return not is_outage
        return True

    return ask


def daily_bars(frame: Any) -> list[list[Any]]:
    """Day and close of each bar. Raises RefusalError where the figures do not fit together."""
    if not len(frame):
        return []
    # akshare names the figures of a bar by place: in another order they would not fit together.
    if not ((frame["最低"] <= frame["收盘"]) & (frame["收盘"] <= frame["最高"])).all():
        raise RefusalError(say("its bars close outside their own range: the order has changed"))
    return [
        [str(day), float(close)] for day, close in zip(frame["日期"], frame["收盘"], strict=True)
    ]


def closes(bars: Sequence[Sequence[Any]], symbol: str, now: datetime) -> list[Close]:
    """The closes that the bars are, as traded: each per share of its own day."""
    traded = last_trade(symbol, now)
    found = []
    for text_of_day, close in bars:
        day = date.fromisoformat(text_of_day)
        if is_final(day, traded, now):
            if not (math.isfinite(close) and close > 0):
                raise RefusalError(
                    say("Eastmoney has a close of {close} on {day}", close=close, day=day)
                )
            found.append(Close(symbol, day, close, day, SOURCE))
    return found


def _bonus_rows(codes: Sequence[str], since: str, timeout: float) -> list[dict[str, Any]]:
    table = {
        "reportName": "RPT_SHAREBONUS_DET",
        "columns": "ALL",
        "filter": f"(SECURITY_CODE in ({_quoted(codes)}))(EX_DIVIDEND_DATE>='{since}')",
        "sortColumns": "SECURITY_CODE,EX_DIVIDEND_DATE",
        "sortTypes": "1,1",
    }
    return _rows(table, ("SECURITY_CODE", "EX_DIVIDEND_DATE", "BONUS_IT_RATIO"), timeout)


def _forecast_rows(codes: Sequence[str], timeout: float) -> list[dict[str, Any]]:
    by_year = [f"{field}{at}" for at in YEARS for field in ("YEAR", "YEAR_MARK", "EPS")]
    table = {
        "reportName": "RPT_WEB_RESPREDICT",
        "columns": "WEB_RESPREDICT",
        "filter": f"(SECURITY_CODE in ({_quoted(codes)}))",
        "sortColumns": "SECURITY_CODE",
        "sortTypes": "1",
    }
    return _rows(table, ("SECURITY_CODE", "RATING_ORG_NUM", *by_year), timeout)


def _rows(table: Mapping[str, str], fields: Sequence[str], timeout: float) -> list[dict[str, Any]]:
    """All rows of a table, with these fields, over all its pages.

    It is sorted by what no two rows share: a page that begins among equals may repeat or lose rows.
    """
    from akshare.utils.request import request_with_retry

    params = {**table, "pageSize": str(PAGE), "source": "WEB", "client": "WEB"}
    rows: list[dict[str, Any]] = []
    pages = page = 1
    while page <= pages:
        numbered = {**params, "pageNumber": str(page)}
        reply = request_with_retry(TABLES_URL, numbered, timeout=timeout, max_retries=2)
        found, pages, count = table_page(reply.json(), fields)
        rows += found
        page += 1
    if len(rows) != count:
        raise RefusalError(
            say(
                "Eastmoney announces {count} rows, and sends {rows}",
                count=count,
                rows=len(rows),
            )
        )
    return rows


def table_page(body: Any, fields: Sequence[str]) -> tuple[list[dict[str, Any]], int, int]:
    """The rows of one page, how many pages there are, and how many rows. Raises RefusalError."""
    if not isinstance(body, dict):
        raise RefusalError(say("the answer is no table"))
    if body.get("result") is None and body.get("code") == NO_ROWS:
        return [], 1, 0
    result = body.get("result")
    if not isinstance(result, dict) or not isinstance(result.get("data"), list):
        raise RefusalError(say("the answer has no result: {said}", said=body.get("message")))
    rows = result["data"]
    missing = [field for field in fields if any(field not in row for row in rows)]
    if missing:
        raise RefusalError(say("its rows lack {missing}", missing=", ".join(missing)))
    plain = [{field: row[field] for field in fields} for row in rows]
    return plain, int(result.get("pages") or 1), int(result.get("count") or len(rows))


def _quoted(codes: Sequence[str]) -> str:
    return ",".join(f'"{code}"' for code in codes)


def splits(rows: Sequence[Mapping[str, Any]], symbols: Mapping[str, str]) -> list[Split]:
    """The bonus issues and capitalisations of the rows that took place, by code.

    `BONUS_IT_RATIO` is the new shares for 10 old ones. Plans without an ex-date and dividends in
    cash are passed over. Raises RefusalError for a row that is no plan.
    """
    found = []
    for row in rows:
        symbol = symbols.get(str(row["SECURITY_CODE"]))
        if symbol is None or row["BONUS_IT_RATIO"] is None or row["EX_DIVIDEND_DATE"] is None:
            continue
        new = number(row, "BONUS_IT_RATIO")
        if new < 0:
            raise RefusalError(say("Eastmoney has a bonus issue of {new:g} for 10", new=new))
        if new:
            found.append(Split(symbol, _day(row, "EX_DIVIDEND_DATE"), 1 + new / 10, SOURCE))
    return found


def forecasts(
    rows: Sequence[Mapping[str, Any]],
    asked: Mapping[str, tuple[str, tuple[int, int]]],
    now: datetime,
) -> dict[str, Vintage | RefusalError]:
    """A vintage, or why there is none, for each asked symbol that the rows hold.

    `asked` gives symbol and fiscal year end by Eastmoney's code. Equal rows of one code are one,
    two that differ are none. The years are each row's own.
    """
    found: dict[str, Vintage | RefusalError] = {}
    by_code: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        of_code = by_code.setdefault(str(row["SECURITY_CODE"]), [])
        if row not in of_code:
            of_code.append(row)
    for code, of_code in by_code.items():
        if code not in asked:
            continue
        symbol, fiscal_year_end = asked[code]
        try:
            if len(of_code) > 1:
                raise RefusalError(say("Eastmoney answers twice, and differently"))
            found[symbol] = _forecast(of_code[0], symbol, fiscal_year_end, now)
        except RefusalError as refusal:
            found[symbol] = refusal
    return found


def _forecast(
    row: Mapping[str, Any], symbol: str, fiscal_year_end: tuple[int, int], now: datetime
) -> Vintage:
    estimates, actual = [], []
    for at in YEARS:
        if row[f"EPS{at}"] is None:
            continue
        year, eps = int(number(row, f"YEAR{at}")), number(row, f"EPS{at}")
        is_actual = row[f"YEAR_MARK{at}"] == "A"
        actual += [f"FY{year}"] if is_actual else []
        analysts = row["RATING_ORG_NUM"]
        estimates.append(
            Estimate(
                fiscal_year=year,
                period_end=period_end(year, fiscal_year_end),
                eps=eps,
                bounds=Interval(eps, eps),
                analysts=None if is_actual or not isinstance(analysts, int) else analysts,
            )
        )
    years = [each.fiscal_year for each in estimates]
    if not estimates or len(years) == len(actual):
        raise RefusalError(say("Eastmoney has no estimates of it"))
    if years != sorted(set(years)) or not all(1990 <= year < 2100 for year in years):
        raise RefusalError(say("Eastmoney's years are {years}", years=", ".join(map(str, years))))
    return Vintage(
        symbol=symbol,
        source=SOURCE,
        as_of=now.astimezone(exchange_of(symbol).zone).date(),
        currency="CNY",
        estimates=tuple(estimates),
        fetched_at=now,
        note=say("{years} actual", years=", ".join(actual)) if actual else NOTHING,
    )


def _day(row: Mapping[str, Any], key: str) -> date:
    try:
        return date.fromisoformat(text(row, key)[:10])
    except ValueError:
        raise RefusalError(say("Eastmoney dates an issue {found}", found=repr(row[key]))) from None
