"""Tables of Eastmoney's data centre: how they are asked for, bonus issues, and forecasts.

They are sorted by what no two rows share: a page that begins among equals may repeat or lose rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from screener.consensus.fiscal_calendar import period_end
from screener.model.messages import NOTHING, say
from screener.model.records import Estimate, Split, Vintage
from screener.sources.answers import (
    Item,
    Items,
    RefusalError,
    YearEnd,
    day,
    exact_estimate,
    fetched_vintage,
    number,
)  # fmt: skip
from screener.sources.vendors import EASTMONEY

# Eastmoney's answer for a question that no row fits.
NO_ROWS = 9201

# The years of a forecast stand in fields by place, and each row says which years they are.
YEARS = (1, 2, 3, 4)

# The shares and the cash that 10 shares bring.
BONUS_FIELDS = ("SECURITY_CODE", "EX_DIVIDEND_DATE", "BONUS_IT_RATIO", "PRETAX_BONUS_RMB")
FORECAST_FIELDS = (
    *("SECURITY_CODE", "RATING_ORG_NUM"),
    *(f"{field}{place}" for place in YEARS for field in ("YEAR", "YEAR_MARK", "EPS")),
)


def bonus_table(codes: Iterable[str], since: str) -> dict[str, str]:
    """How the bonus issues and dividends of codes since a day are asked for."""
    return {
        "reportName": "RPT_SHAREBONUS_DET",
        "columns": "ALL",
        "filter": f"{of_codes(codes)}(EX_DIVIDEND_DATE>='{since}')",
        "sortColumns": "SECURITY_CODE,EX_DIVIDEND_DATE",
        "sortTypes": "1,1",
    }


def forecast_table(codes: Iterable[str]) -> dict[str, str]:
    """How the forecasts of codes are asked for."""
    return {
        "reportName": "RPT_WEB_RESPREDICT",
        "columns": "WEB_RESPREDICT",
        "filter": of_codes(codes),
        "sortColumns": "SECURITY_CODE",
        "sortTypes": "1",
    }


def of_codes(codes: Iterable[str]) -> str:
    """The filter of a table's rows by these codes."""
    quoted = ",".join(f'"{code}"' for code in codes)
    return f"(SECURITY_CODE in ({quoted}))"


def table_page(body: Any, fields: Sequence[str]) -> tuple[list[dict[str, Any]], int, int]:
    """The rows of one page, how many pages there are, and how many rows. Raises RefusalError."""
    if not isinstance(body, dict):
        raise RefusalError(say("the answer is no table"))
    result = body.get("result")
    if result is None and body.get("code") == NO_ROWS:
        return [], 1, 0
    if not isinstance(result, dict) or not isinstance(result.get("data"), list):
        raise RefusalError(say("the answer has no result: {said}", said=body.get("message")))
    rows = result["data"]
    # A field that was renamed would read as one that no row has: no estimates, no bonus.
    missing = [field for field in fields if any(field not in row for row in rows)]
    if missing:
        raise RefusalError(say("its rows lack {missing}", missing=", ".join(missing)))
    plain = [{field: row[field] for field in fields} for row in rows]
    return plain, int(result.get("pages") or 1), int(result.get("count") or len(rows))


def splits(rows: Items, symbols: Mapping[str, str]) -> list[Split]:
    """The bonus issues and capitalisations of the rows that took place, by code.

    `BONUS_IT_RATIO` is the new shares for 10 old ones. Plans without an ex-date and dividends in
    cash are passed over. Raises RefusalError for a row that is no plan.
    """
    found = []
    for row in rows:
        symbol, dated = symbols.get(str(row["SECURITY_CODE"])), row["EX_DIVIDEND_DATE"]
        # Plans are announced months before they have a day, and some never get one.
        if symbol is None or row["BONUS_IT_RATIO"] is None or dated is None:
            continue
        new = number(row, "BONUS_IT_RATIO")
        if new < 0:
            raise RefusalError(say("Eastmoney has a bonus issue of {new:g} for 10", new=new))
        if new:
            fault = say("Eastmoney dates an issue {found}", found=repr(dated))
            ex_date = day(row, "EX_DIVIDEND_DATE", fault)
            found.append(Split(symbol, ex_date, 1 + new / 10, EASTMONEY))
    return found


def forecasts(
    rows: Items, asked: Mapping[str, tuple[str, YearEnd]], now: datetime
) -> dict[str, Vintage | RefusalError]:
    """A vintage, or why there is none, for each asked symbol that the rows hold.

    `asked` gives symbol and fiscal year end by Eastmoney's code. Equal rows of one code are one,
    two that differ are none. The years are each row's own.
    """
    found: dict[str, Vintage | RefusalError] = {}
    for code, (symbol, year_end) in asked.items():
        of_code = [row for row in rows if str(row["SECURITY_CODE"]) == code]
        if not of_code:
            continue
        try:
            # Pages that moved while they were read repeat rows; two that differ are something else.
            if any(row != of_code[0] for row in of_code):
                raise RefusalError(say("Eastmoney answers twice, and differently"))
            found[symbol] = _forecast(of_code[0], symbol, year_end, now)
        except RefusalError as refusal:
            found[symbol] = refusal
    return found


def _forecast(row: Item, symbol: str, year_end: YearEnd, now: datetime) -> Vintage:
    places = [place for place in YEARS if row[f"EPS{place}"] is not None]
    estimates = [_estimate(row, place, year_end) for place in places]
    years = [estimate.fiscal_year for estimate in estimates]
    # The first years of a row may have ended: their EPS was reported, and nobody expects it.
    actual = [f"FY{int(row[f'YEAR{place}'])}" for place in places if _is_actual(row, place)]
    if len(years) == len(actual):
        raise RefusalError(say("Eastmoney has no estimates of it"))
    if years != sorted(set(years)) or not all(1990 <= year < 2100 for year in years):
        raise RefusalError(say("Eastmoney's years are {years}", years=", ".join(map(str, years))))
    note = say("{years} actual", years=", ".join(actual)) if actual else NOTHING
    return fetched_vintage(symbol, EASTMONEY, "CNY", estimates, now, note)


def _is_actual(row: Item, place: int) -> bool:
    return bool(row[f"YEAR_MARK{place}"] == "A")


def _estimate(row: Item, place: int, year_end: YearEnd) -> Estimate:
    year, eps = int(number(row, f"YEAR{place}")), number(row, f"EPS{place}")
    analysts = row["RATING_ORG_NUM"]
    is_actual = _is_actual(row, place)
    counted = analysts if isinstance(analysts, int) and not is_actual else None
    return exact_estimate(period_end(year, year_end), eps, counted, is_actual=is_actual)
