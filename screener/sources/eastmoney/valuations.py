"""Multiples of the past: of A shares from Eastmoney, of Hong Kong from Baidu.

Both are the vendors' own, computed from what was reported by each day; a loss is a negative one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from screener.model.extents import MULTIPLE
from screener.model.messages import Sentence, say
from screener.model.records import Multiple, Span
from screener.sources.answers import Item, Items, RefusalError, day, number, shown
from screener.sources.eastmoney.tables import symbol_of
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


def of_a_share(rows: Items, symbol: str, span: Span) -> tuple[list[Multiple], list[Sentence]]:
    """Every multiple of the rows within the span, and why others can be none.

    Raises RefusalError for another share's.
    """
    code = symbol.partition(".")[0]
    found: list[Multiple] = []
    faults: list[Sentence] = []
    for row in rows:
        symbol_of(row, {code: symbol})
        for metric, field in FIELDS.items():
            # Of a day without one, as before the first report, the field is null.
            if row[field] is not None:
                point = {"day": row["TRADE_DATE"], "value": row[field]}
                _take(point, Point(symbol, metric, EASTMONEY), span, found, faults)
    return found, faults


class Point(NamedTuple):
    """Of what a point of a series is."""

    symbol: str
    metric: str
    source: str


def _take(item: Item, of: Point, span: Span, found: list[Multiple], faults: list[Sentence]) -> None:
    """Take the point of a series if it can be one, else say why not."""
    undated = say("{source} dates a multiple {found}", source=of.source, found=shown(item["day"]))
    try:
        traded = day(item, "day", undated)
        value = number(item, "value", MULTIPLE)
    except RefusalError as refusal:
        faults.append(refusal.message)
        return
    if span.since <= traded <= span.until:
        found.append(Multiple(of.symbol, of.metric, traded, value, of.source))


def period_of(span: str, today: date) -> str:
    """The shortest of Baidu's periods that reaches back to the beginning of a span."""
    years = (today - date.fromisoformat(span.partition("/")[0])).days / 365
    return "近一年" if years < 1 else "近三年" if years < 3 else "全部"


def series(records: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """Day and value of each point of a series; one without a value is passed over."""
    points = ((str(record.get("date")), record.get("value")) for record in records)
    return [[dated, value] for dated, value in points if value == value]


def of_hong_kong(
    points: Iterable[Any], symbol: str, metric: str, span: Span
) -> tuple[list[Multiple], list[Sentence]]:
    """The points of a series within the span, and why others can be none."""
    found: list[Multiple] = []
    faults: list[Sentence] = []
    for dated, value in points:
        _take({"day": dated, "value": value}, Point(symbol, metric, BAIDU), span, found, faults)
    return found, faults
