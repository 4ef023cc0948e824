"""Tables of Eastmoney's data centre: how they are asked for, bonus issues, and forecasts.

They are sorted by what no two rows share: a page that begins among equals may repeat or lose rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from screener.consensus.fiscal_calendar import period_end
from screener.model.extents import ANALYSTS, PER_SHARE, RATIO, Extent
from screener.model.messages import NOTHING, say
from screener.model.records import Estimate, Split, Vintage
from screener.sources.answers import (
    Item,
    Items,
    RefusalError,
    YearEnd,
    code_shown,
    day,
    exact_estimate,
    fetched_vintage,
    name,
    number,
    shown,
    whole,
    year,
)
from screener.sources.plausible import is_called
from screener.sources.vendors import EASTMONEY

# Eastmoney's answer for a question that no row fits.
NO_ROWS = 9201

# A table of so many pages is of something else.
MOST_PAGES = 100
PAGES, ROWS = Extent(1, MOST_PAGES), Extent(1, 500_000, may_be_zero=True)

# The years of a forecast stand in fields by place, and each row says which years they are.
YEARS = (1, 2, 3, 4)

# The shares and the cash that 10 shares bring.
BONUS_FIELDS = ("SECURITY_CODE", "EX_DIVIDEND_DATE", "BONUS_IT_RATIO", "PRETAX_BONUS_RMB")
FORECAST_FIELDS = (
    *("SECURITY_CODE", "SECURITY_NAME_ABBR", "RATING_ORG_NUM"),
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
    if not all(isinstance(row, dict) for row in rows):
        raise RefusalError(say("the answer is no table"))
    # A field that was renamed would read as one that no row has: no estimates, no bonus.
    missing = [field for field in fields if any(field not in row for row in rows)]
    if missing:
        raise RefusalError(say("its rows lack {missing}", missing=", ".join(missing)))
    plain = [{field: row[field] for field in fields} for row in rows]
    pages = 1 if result.get("pages") is None else int(number(result, "pages", PAGES))
    count = len(rows) if result.get("count") is None else int(number(result, "count", ROWS))
    return plain, pages, count


def splits(rows: Items, symbols: Mapping[str, str]) -> tuple[list[Split], dict[str, RefusalError]]:
    """The bonus issues and capitalisations of the rows that took place, by code.

    `BONUS_IT_RATIO` is the new shares for 10 old ones. Plans without an ex-date and dividends in
    cash are passed over. A symbol with a row that is no plan has none of its rows, and a refusal.
    Raises RefusalError for rows of somebody else: whose are missing then, nobody can tell.
    """
    found: list[Split] = []
    refused: dict[str, RefusalError] = {}
    for row in rows:
        symbol = symbol_of(row, symbols)
        try:
            found += _issue(row, symbol)
        except RefusalError as refusal:
            refused[symbol] = refusal
    return [split for split in found if split.symbol not in refused], refused


def symbol_of(row: Item, symbols: Mapping[str, str]) -> str:
    """Whose row it is, of those asked for by code. Raises RefusalError for somebody else's."""
    code = row["SECURITY_CODE"]
    symbol = symbols.get(code) if isinstance(code, str) else None
    if symbol is None:
        raise RefusalError(
            say("{source} answers with {code}", source=EASTMONEY, code=code_shown(code))
        )
    return symbol


def _issue(row: Item, symbol: str) -> list[Split]:
    # Plans are announced months before they have a day, and some never get one.
    if row["BONUS_IT_RATIO"] is None or row["EX_DIVIDEND_DATE"] is None:
        return []
    new = number(row, "BONUS_IT_RATIO")
    if new < 0 or not RATIO.holds(1 + new / 10):
        raise RefusalError(say("Eastmoney has a bonus issue of {new:g} for 10", new=new))
    fault = say("Eastmoney dates an issue {found}", found=shown(row["EX_DIVIDEND_DATE"]))
    ex_date = day(row, "EX_DIVIDEND_DATE", fault)
    return [Split(symbol, ex_date, 1 + new / 10, EASTMONEY)] if new else []


class Asked(NamedTuple):
    """Whose forecast is asked for: when its fiscal years end, and what it is called here."""

    symbol: str
    year_end: YearEnd
    names: Collection[str] = ()


def forecasts(
    rows: Items, asked: Mapping[str, Asked], now: datetime
) -> dict[str, Vintage | RefusalError]:
    """A vintage, or why there is none, for each asked symbol that the rows hold.

    `asked` are by Eastmoney's code. Equal rows of one code are one, two that differ are none, and
    so is a row of another name: its figures may be those of the row above. The years are each
    row's own.
    """
    found: dict[str, Vintage | RefusalError] = {}
    for code, each in asked.items():
        of_code = [row for row in rows if row["SECURITY_CODE"] == code]
        if not of_code:
            continue
        try:
            # Pages that moved while they were read repeat rows; two that differ are something else.
            if any(row != of_code[0] for row in of_code):
                raise RefusalError(say("Eastmoney answers twice, and differently"))
            found[each.symbol] = _forecast(of_code[0], each, now)
        except RefusalError as refusal:
            found[each.symbol] = refusal
    return found


def _forecast(row: Item, asked: Asked, now: datetime) -> Vintage:
    symbol, year_end, names = asked
    said = name(row, "SECURITY_NAME_ABBR")
    if said and not is_called(said, names):
        raise RefusalError(
            say(
                "Eastmoney's row of {code} is of {said}, the watchlist's of {name}: where that is"
                " its new name, the watchlist needs it",
                code=row["SECURITY_CODE"],
                said=said,
                name=", ".join(names),
            )
        )
    places = [place for place in YEARS if row[f"EPS{place}"] is not None]
    estimates = [_estimate(row, place, year_end) for place in places]
    years = [estimate.fiscal_year for estimate in estimates]
    # The first years of a row may have ended: their EPS was reported, and nobody expects it.
    actual = [f"FY{estimate.fiscal_year}" for estimate in estimates if estimate.is_actual]
    if len(years) == len(actual):
        raise RefusalError(say("Eastmoney has no estimates of it"))
    if years != sorted(set(years)):
        raise RefusalError(say("Eastmoney's years are {years}", years=", ".join(map(str, years))))
    note = say("{years} actual", years=", ".join(actual)) if actual else NOTHING
    return fetched_vintage(symbol, EASTMONEY, "CNY", estimates, now, note)


def _estimate(row: Item, place: int, year_end: YearEnd) -> Estimate:
    ends = period_end(year(row, f"YEAR{place}"), year_end)
    eps = number(row, f"EPS{place}", PER_SHARE)
    is_actual = row[f"YEAR_MARK{place}"] == "A"
    analysts = None if is_actual else whole(row, "RATING_ORG_NUM", ANALYSTS)
    return exact_estimate(ends, eps, analysts, is_actual=is_actual)
