"""Tables of Eastmoney's data centre: how they are asked for, their pages, and the bonus issues.

They are sorted by what no two rows share: a page that begins among equals may repeat or lose rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from screener.model.messages import say
from screener.model.records import Split
from screener.sources.answers import RefusalError, day, number
from screener.sources.vendors import EASTMONEY

# Eastmoney's answer for a question that no row fits.
NO_ROWS = 9201

YEARS = (1, 2, 3, 4)


BONUS_FIELDS = ("SECURITY_CODE", "EX_DIVIDEND_DATE", "BONUS_IT_RATIO")

FORECAST_FIELDS = (
    *("SECURITY_CODE", "RATING_ORG_NUM"),
    *(f"{field}{place}" for place in YEARS for field in ("YEAR", "YEAR_MARK", "EPS")),
)


def bonus_table(codes: Iterable[str], since: str) -> dict[str, str]:
    """How the bonus issues of codes since a day are asked for."""
    return {
        "reportName": "RPT_SHAREBONUS_DET",
        "columns": "ALL",
        "filter": f"(SECURITY_CODE in ({_quoted(codes)}))(EX_DIVIDEND_DATE>='{since}')",
        "sortColumns": "SECURITY_CODE,EX_DIVIDEND_DATE",
        "sortTypes": "1,1",
    }


def forecast_table(codes: Iterable[str]) -> dict[str, str]:
    """How the forecasts of codes are asked for."""
    return {
        "reportName": "RPT_WEB_RESPREDICT",
        "columns": "WEB_RESPREDICT",
        "filter": f"(SECURITY_CODE in ({_quoted(codes)}))",
        "sortColumns": "SECURITY_CODE",
        "sortTypes": "1",
    }


def _quoted(codes: Iterable[str]) -> str:
    return ",".join(f'"{code}"' for code in codes)


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
    missing = [field for field in fields if any(field not in row for row in rows)]
    if missing:
        raise RefusalError(say("its rows lack {missing}", missing=", ".join(missing)))
    plain = [{field: row[field] for field in fields} for row in rows]
    return plain, int(result.get("pages") or 1), int(result.get("count") or len(rows))


def splits(rows: Sequence[Mapping[str, Any]], symbols: Mapping[str, str]) -> list[Split]:
    """The bonus issues and capitalisations of the rows that took place, by code.

    `BONUS_IT_RATIO` is the new shares for 10 old ones. Plans without an ex-date and dividends in
    cash are passed over. Raises RefusalError for a row that is no plan.
    """
    found = []
    for row in rows:
        symbol, dated = symbols.get(str(row["SECURITY_CODE"])), row["EX_DIVIDEND_DATE"]
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
