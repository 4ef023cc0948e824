"""Multiples of the past: of A shares from Eastmoney, of Hong Kong from Baidu.

Both are the vendors' own, computed from what was reported by each day; a loss is a negative one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from screener.model.messages import say
from screener.model.records import Multiple, Span
from screener.sources.answers import Items, RefusalError, day, number
from screener.sources.vendors import BAIDU, EASTMONEY

# Under which field each metric stands in Eastmoney's table, and what Baidu calls it.
FIELDS = {"pe_ttm": "PE_TTM", "pb": "PB_MRQ"}
INDICATORS = {"pe_ttm": "市盈率(TTM)", "pb": "市净率"}
VALUATION_FIELDS = ("SECURITY_CODE", "TRADE_DATE", *FIELDS.values())


def valuation_table(code: str, span: str) -> dict[str, str]:
    """How the multiples of a code within a span of days are asked for."""
    since, _, until = span.partition("/")
    return {
        "reportName": "RPT_VALUEANALYSIS_DET",
        "columns": "ALL",
        "filter": f"(SECURITY_CODE=\"{code}\")(TRADE_DATE>='{since}')(TRADE_DATE<='{until}')",
        "sortColumns": "TRADE_DATE",
        "sortTypes": "1",
    }


def of_a_share(rows: Items, symbol: str, span: Span) -> list[Multiple]:
    """Every multiple of the rows within the span. Raises RefusalError for another share's."""
    code = symbol.partition(".")[0]
    others = {str(row["SECURITY_CODE"]) for row in rows} - {code}
    if others:
        raise RefusalError(say("{source} answers with {code}", source=EASTMONEY, code=others.pop()))
    found = []
    for row in rows:
        fault = say("Eastmoney dates a multiple {found}", found=repr(row["TRADE_DATE"]))
        traded = day(row, "TRADE_DATE", fault)
        for metric, field in FIELDS.items():
            # Of a day without one, as before the first report, the field is null.
            if row[field] is not None and span.since <= traded <= span.until:
                value = number(row, field)
                found.append(Multiple(symbol, metric, traded, value, EASTMONEY))
    return found


def period_of(span: str, today: date) -> str:
    """The shortest of Baidu's periods that reaches back to the beginning of a span."""
    years = (today - date.fromisoformat(span.partition("/")[0])).days / 365
    return "近一年" if years < 1 else "近三年" if years < 3 else "全部"


def series(records: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """Day and value of each point of a series; one without a value is passed over."""
    points = [(str(record["date"]), record["value"]) for record in records]
    return [[day, float(value)] for day, value in points if value == value]


def of_hong_kong(points: list[list[Any]], symbol: str, metric: str, span: Span) -> list[Multiple]:
    """The points of a series within the span."""
    dated = ((date.fromisoformat(day), value) for day, value in points)
    return [
        Multiple(symbol, metric, day, value, BAIDU)
        for day, value in dated
        if span.since <= day <= span.until
    ]
