"""Every answer of a vendor's as it is recorded, with one field of it made absurd.

The answers are those of the vendor on loopback, the readers the program's own: what its children
make of a body, and what the program makes of that. Nothing here opens a connection.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pandas as pd

from screener.model.records import Span
from screener.sources import closes, etnet
from screener.sources.answers import RefusalError
from screener.sources.contract import Ask
from screener.sources.eastmoney import accounts, boards, prices, tables, valuations
from screener.sources.inquiry import Inquiry
from screener.sources.yahoo import estimates as yahoo_estimates
from screener.sources.yahoo import prices as yahoo
from tests import loopback

Path = tuple[str | int, ...]
Found = dict[Any, Any]

ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202e"
# What may stand in any field, whatever belongs there.
ANYTHING: Sequence[Any] = (
    None, "", "-", "x", True, False, 0, -1, [], {}, [None], {"raw": "x"}, [[1, 2], 3],
    math.nan, math.inf, -math.inf, 1e300, 1e-300, -1e300, 10**400, -(10**400),
    # Dates: in milliseconds, of the year 0, beyond all calendars.
    1_764_000_000_000, 1e20, "0000-00-00", "0001-01-01", "9999-99-99", "2026-02-30", "NaT",
    "1764000000000", "99-99", "CNY\n", "cny", "\u0664\u0662",
    "x" * 1_000_000, ESCAPES, "=cmd()|' /C calc'!A0", "@SUM(A1)", "\ud800", "a\x00b", "\u0085",
)  # fmt: skip
# By what a figure is multiplied.
TIMES = (1e6, 1e-6, 100, 0.01, -1, 1e3)
# A field by which a row is told from the others.
IDENTITY = ("symbol", "SECURITY_CODE", "f12", "代码", "code")


@dataclass(frozen=True)
class Answer:
    """A body as a vendor sends it, and what is found in it by whom it is about.

    `rows` leads to a list of rows in it, each of another of the `symbols`.
    """

    name: str
    body: Any
    read: Callable[[Any], Found]
    rows: Path = ()
    symbols: Sequence[str] = ()


@dataclass(frozen=True)
class Mutation:
    """A field of an answer, and what stands in it now."""

    answer: Answer
    path: Path
    value: Any

    def __str__(self) -> str:
        shown = repr(self.value) if not isinstance(self.value, int) else f"{self.value:.3e}" if (
            abs(self.value) < 10**300) else "10**400"  # fmt: skip
        return f"{self.answer.name} {'.'.join(map(str, self.path))} = {shown[:60]}"

    @property
    def body(self) -> Any:
        mutated = deepcopy(self.answer.body)
        inner = mutated
        for key in self.path[:-1]:
            inner = inner[key]
        inner[self.path[-1]] = self.value
        return mutated

    def untouched(self) -> set[str]:
        """The symbols whose rows are as they were."""
        rows, path = self.answer.rows, self.path
        inside = bool(rows) and len(path) > len(rows) + 1 and path[: len(rows)] == rows
        if not inside or path[len(rows) + 1] in IDENTITY:
            return set()
        return set(self.answer.symbols) - {self.answer.symbols[int(path[len(rows)])]}


def mutations(answer: Answer) -> Iterator[Mutation]:
    """Every field of an answer with every hostile value."""
    for path, value in _fields(answer.body, ()):
        hostile = [*ANYTHING]
        if isinstance(value, int | float) and not isinstance(value, bool):
            hostile += [value * times for times in TIMES]
        yield from (Mutation(answer, path, each) for each in hostile)


def _fields(body: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    inner = body.items() if isinstance(body, dict) else enumerate(body)
    for key, value in list(inner):
        yield (*path, key), value
        if isinstance(value, dict | list):
            yield from _fields(value, (*path, key))


def faults(mutation: Mutation) -> list[str]:
    """What is wrong with what is made of an answer: an exception, or something absurd."""
    try:
        found = mutation.answer.read(mutation.body)
    except Exception as error:  # noqa: BLE001 - any of them is what is looked for
        return [f"{type(error).__name__}: {str(error)[:100]}"]
    before, untouched = of_sound(mutation.answer.name), mutation.untouched()
    lost = [key for key in before if key[1] in untouched and found.get(key) != before[key]]
    return [
        *(each for record in found.values() for each in absurdities(record)),
        *(f"{key} was {before[key]}, and is {found.get(key)}" for key in lost),
    ]


@cache
def of_sound(name: str) -> Found:
    """What is found in an answer as it is recorded."""
    (answer,) = (each for each in answers() if each.name == name)
    return answer.read(deepcopy(answer.body))


# What no record may hold, by the names of its fields.
LIMITS: Mapping[str, tuple[float, float]] = {
    "price": (1e-4, 1e6),
    "close": (1e-6, 1e7),
    "previous_close": (1e-4, 1e6),
    "eps": (-1e5, 1e5),
    "eps_ttm": (-4e5, 4e5),
    "book_value": (-1e5, 1e5),
    "dividend": (0, 1e6),
    "ratio": (1e-3, 1e3),
    "shares": (1e4, 1e13),
    "market_cap": (1e4, 1e15),
    "value": (-1e6, 1e6),
    "analysts": (1, 1000),
    "delay_minutes": (0, 10_080),
    "fiscal_year": (1990, 2099),
}


def absurdities(record: Any) -> Iterator[str]:
    """What a record holds that cannot be: figures beyond reason, days of no year, hidden signs."""
    if is_dataclass(record):
        for field in fields(record):
            value = getattr(record, field.name)
            if field.name in LIMITS and not _is_within(value, *LIMITS[field.name]):
                yield f"{type(record).__name__}.{field.name} is {value!r}"
            yield from absurdities(value)
    elif isinstance(record, tuple):
        for each in record:
            yield from absurdities(each)
    elif _is_absurd(record):
        yield f"a value is {str(record)[:60]!r}"


def _is_within(value: Any, low: float, high: float) -> bool:
    if value is None or value == 0:
        return low <= 0 or value is None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and low <= value <= high and abs(value) >= 1e-9


def _is_absurd(value: Any) -> bool:
    if isinstance(value, date):
        return not 1990 <= value.year < 2100
    if isinstance(value, str):
        return len(value) > 400 or not value.isprintable()
    return isinstance(value, float) and not math.isfinite(value)


# --- the answers ------------------------------------------------------------------------------

A_SHARES = ("600941.SH", "688041.SH", "920808.BJ")
HONG_KONG = "0700.HK"
PAIR = "HKDCNY=X"
DECEMBER = (12, 31)


@cache
def _market() -> loopback.Market:
    market = loopback.report_market()
    day = market.traded.date()
    days = [day - timedelta(days=back) for back in (14, 13, 12, 11, 10, 9)]
    split = (date(2026, 6, 10), 2.0)
    market.yahoo_splits[HONG_KONG] = [split]
    market.bonus = {symbol: [split] for symbol in A_SHARES}
    for symbol in (HONG_KONG, "920808.BJ"):
        market.closes[symbol] = [(each, 20.0 + at) for at, each in enumerate(days)]
    for symbol in (HONG_KONG, A_SHARES[0]):
        market.multiples[symbol] = [(each, 15.0 + at) for at, each in enumerate(days)]
    market.cents[HONG_KONG] = {2026: 2500.0, 2027: 2800.0}
    return market


def _now() -> datetime:
    market = _market()
    return max(market.traded, market.traded_hong_kong).astimezone(UTC) + timedelta(minutes=1)


@cache
def answers() -> tuple[Answer, ...]:
    """One of each kind that a vendor sends."""
    market, names = _market(), ("600941.SS", "688041.SS", HONG_KONG, PAIR)
    table = {"pageSize": "500", "pageNumber": "1", "filter": _filter(A_SHARES)}
    rows: Path = ("result", "data")
    quotes = ("quoteResponse", "result")
    page = {"pz": "100", "pn": "1"}
    events = {"events": "split", "period1": "0"}
    one = {**table, "filter": _filter(A_SHARES[:1]) + "'2020-01-01''2030-01-01'"}
    return (
        Answer("quotes", loopback._quotes(market, {"symbols": ",".join(names)}), _quotes, quotes,
               ("600941.SH", "688041.SH", HONG_KONG, "HKD/CNY")),
        Answer("chart", loopback._chart(market, HONG_KONG), _chart),
        Answer("splits", loopback._chart_with_events(market, HONG_KONG, events), _splits),
        Answer("closes", loopback._chart_with_events(market, HONG_KONG, events), _closes),
        Answer("trend", loopback._trend(market, HONG_KONG), _trend),
        Answer("forecasts", loopback._table(market, {**table, "reportName": "RPT_WEB_RESPREDICT"}),
               _forecasts, rows, A_SHARES),
        Answer("bonus", loopback._table(market, {**table, "reportName": "RPT_SHAREBONUS_DET"}),
               _bonus, rows, [each for each in A_SHARES for _ in range(2)]),
        Answer("reports", loopback._table(market, {**table, "reportName": "RPT_LICO_FN_CPD"}),
               _reports, rows, [each for each in A_SHARES for _ in range(3)]),
        Answer("dividends", loopback._table(market, {**table, "reportName": "RPT_SHAREBONUS_DET"}),
               _dividends, rows, [each for each in A_SHARES for _ in range(2)]),
        Answer("valuations",
               loopback._table(market, {**one, "reportName": "RPT_VALUEANALYSIS_DET"}),
               _valuations),
        Answer("daily bars", loopback._daily(market, {"secid": "0.920808", "beg": "20000101"}),
               _daily),
        Answer("last bar", loopback._bars(market, "00700"), _last_bar),
        Answer("facts", _labelled(loopback._eastmoney(market, "920808")), _facts),
        Answer("whole list", [{"代码": s[:6], "名称": market.names[s], "最新价": market.prices[s],
                                "总市值": 1e8 * market.prices[s]}
                              for s in sorted(market.prices) if s.endswith(".BJ")], _whole),
        Answer("profile", {"name": "腾讯控股", "year_end": "12-31"}, _name),
        Answer("rates", [loopback._reference_rate(market, back) for back in range(3)], _rates),
        Answer("etnet", [{"财政年度": str(year), "每股盈利/每股亏损": cents}
                         for year, cents in market.cents[HONG_KONG].items()], _etnet),
        Answer("baidu", [{"date": str(day), "value": value}
                         for day, value in market.multiples[HONG_KONG]], _baidu),
        Answer("boards", loopback._list_page(
            [{"f12": "BK0001", "f14": "半导体"}, {"f12": "BK0002", "f14": "通信设备"}], page),
            _boards),
        Answer("members", loopback._list_page(loopback._members(market, "b:BK0001 f:!50"), page),
               _members),
    )  # fmt: skip


def _filter(symbols: Sequence[str]) -> str:
    return tables.of_codes(symbol[:6] for symbol in symbols)


def _labelled(body: Any) -> Any:
    """As akshare labels the fields of one name."""
    labels = {"f57": "股票代码", "f58": "股票简称", "f43": "最新", "f116": "总市值", "f127": "行业"}
    return {labels[key]: value for key, value in body["data"].items() if key in labels}


def sent(plain: Any) -> Any:
    """What a child sends, as it arrives."""
    return json.loads(json.dumps(plain))


def _inquiry(*symbols: str) -> Inquiry:
    wish = Ask((), _now(), pairs=frozenset([("HKD", "CNY")]))
    return Inquiry(wish, set(symbols))


def _of(inquiry: Inquiry) -> Found:
    found: Found = {}
    for source, quotes in inquiry.found.items():
        found |= {(f"{source} quote", symbol): quote for symbol, quote in quotes.items()}
    found |= {("rate", f"{rate.base}/{rate.quote}"): rate for rate in inquiry.rates}
    for what in ("profiles", "names", "market_caps", "year_ends"):
        found |= {(what, symbol): each for symbol, each in getattr(inquiry, what).items()}
    for symbol in inquiry.symbols:
        found["merged", symbol] = inquiry.merged(symbol).quote
    reasons = [each for said in inquiry.reasons.values() for each in said]
    found["said", ""] = (*reasons, *(str(each.message) for each in inquiry.problems))
    return found


def _refused(read: Callable[[], Found]) -> Found:
    """What is found, or nothing but the reason."""
    try:
        return read()
    except RefusalError as refusal:
        return {("said", ""): str(refusal)}
    except TypeError as error:
        if str(error).startswith("the answer has no "):
            return {}  # none of Yahoo's, which its child tells as an outage
        raise


def _quotes(body: Any) -> Found:
    inquiry = _inquiry("600941.SH", "688041.SH", HONG_KONG)

    def read() -> Found:
        inquiry.take_yahoo("", sent(yahoo.quote_items(body)))
        return _of(inquiry)

    return _refused(read)


def _chart(body: Any) -> Found:
    inquiry = _inquiry(HONG_KONG)

    def read() -> Found:
        inquiry.take_yahoo("", sent([yahoo.chart_item(body)]))
        return _of(inquiry)

    return _refused(read)


def _splits(body: Any) -> Found:
    def read() -> Found:
        splits = yahoo.splits(sent(yahoo.chart_splits(body, HONG_KONG)), HONG_KONG)
        return {("split", at): each for at, each in enumerate(splits)}

    return _refused(read)


def _kept(found: closes.Closes) -> Found:
    reasons = {("said", each): tuple(found.reasons[each]) for each in found.reasons}
    return {("close", each.day): each for each in found.closes} | reasons


def _closes(body: Any) -> Found:
    return _days(yahoo.chart_days, "Yahoo", HONG_KONG, lambda: yahoo.chart_closes(body, HONG_KONG))


def _daily(body: Any) -> Found:
    read = lambda: prices.daily_bars(body, "920808")  # noqa: E731
    return _days(prices.bar_days, "Eastmoney", "920808.BJ", read)


def _days(parse: closes.Parse, source: str, symbol: str, read: Callable[[], Any]) -> Found:
    found = closes.Closes()
    spans = {symbol: Span(date(2020, 1, 1), _now().date())}
    take = closes._taking(found, source, parse, spans, _now())

    def taken() -> Found:
        take(symbol, sent(read()))
        return _kept(found)

    return _refused(taken)


def _trend(body: Any) -> Found:
    def read() -> Found:
        trend = sent(yahoo_estimates.estimate_trend(body))
        return {("vintage", ""): yahoo_estimates.vintage(trend, HONG_KONG, DECEMBER, _now())}

    return _refused(read)


def _rows(body: Any, fields: Sequence[str]) -> Any:
    rows, _, _ = tables.table_page(body, fields)
    return sent(rows)


_CODES = {symbol[:6]: symbol for symbol in A_SHARES}


def _forecasts(body: Any) -> Found:
    def read() -> Found:
        asked = {code: tables.Asked(symbol, DECEMBER) for code, symbol in _CODES.items()}
        every = tables.forecasts(_rows(body, tables.FORECAST_FIELDS), asked, _now())
        return {("vintage", symbol): _said(each) for symbol, each in every.items()}

    return _refused(read)


def _said(answer: Any) -> Any:
    return str(answer) if isinstance(answer, RefusalError) else answer


def _bonus(body: Any) -> Found:
    def read() -> Found:
        splits, refused = tables.splits(_rows(body, tables.BONUS_FIELDS), _CODES)
        said = {("split", symbol): str(each) for symbol, each in refused.items()}
        return {("split", each.symbol): each for each in splits} | said

    return _refused(read)


def _reports(body: Any) -> Found:
    def read() -> Found:
        rows = _rows(body, accounts.REPORT_FIELDS)
        found, _ = accounts.profiles(rows, _CODES, _now())
        return {("profile", symbol): each for symbol, each in found.items()}

    return _refused(read)


def _dividends(body: Any) -> Found:
    def read() -> Found:
        found, _ = accounts.dividends(_rows(body, tables.BONUS_FIELDS), _CODES, _now())
        return {("dividend", symbol): each for symbol, each in found.items()}

    return _refused(read)


def _points(found: tuple[Sequence[Any], Sequence[str]]) -> Found:
    multiples, said = found
    return {(each.metric, each.day): each for each in multiples} | {("said", ""): tuple(said)}


_SPAN = Span(date(2020, 1, 1), date(2030, 1, 1))


def _valuations(body: Any) -> Found:
    def read() -> Found:
        rows = _rows(body, valuations.VALUATION_FIELDS)
        return _points(valuations.of_a_share(rows, A_SHARES[0], _SPAN))

    return _refused(read)


def _baidu(body: Any) -> Found:
    def read() -> Found:
        points = sent(valuations.series(row for row in body if isinstance(row, dict)))
        return _points(valuations.of_hong_kong(points, HONG_KONG, "pe_ttm", _SPAN))

    return _refused(read)


def _last_bar(body: Any) -> Found:
    inquiry = _inquiry(HONG_KONG)

    def read() -> Found:
        inquiry.take_item(HONG_KONG, sent(prices.last_bar(body, "00700")))
        return _of(inquiry)

    return _refused(read)


def _facts(body: Any) -> Found:
    inquiry = _inquiry("920808.BJ")
    frame = pd.DataFrame(
        {"item": list(body), "value": pd.Series(list(body.values()), dtype=object)}
    )

    def read() -> Found:
        inquiry.take_item("920808.BJ", sent(prices.facts(frame)))
        return _of(inquiry)

    return _refused(read)


def _frame(rows: Any, columns: Sequence[str]) -> pd.DataFrame:
    kept = [row for row in rows if isinstance(row, dict)]
    return pd.DataFrame(
        {name: pd.Series([row.get(name) for row in kept], dtype=object) for name in columns}
    )


def _whole(body: Any) -> Found:
    inquiry = _inquiry("920808.BJ")

    def read() -> Found:
        frame = _frame(body, ("代码", "名称", "最新价", "总市值"))
        for symbol, item in sent(prices.whole_list(frame)).items():
            inquiry.take_item(symbol, item)
        return _of(inquiry)

    return _refused(read)


def _name(body: Any) -> Found:
    inquiry = _inquiry(HONG_KONG)
    inquiry.take_name(HONG_KONG, sent(body))
    return _of(inquiry)


def _rates(body: Any) -> Found:
    names = {"validDate": "适用日期", "buyPrice": "参考汇率买入价", "sellPrice": "参考汇率卖出价"}
    # As akshare does.
    kinds = {"validDate": _dated, "buyPrice": _numeric, "sellPrice": _numeric}
    rows = [
        {names[key]: kinds[key](row.get(key)) for key in names}
        for row in body
        if isinstance(row, dict)
    ]
    inquiry = _inquiry(HONG_KONG)
    inquiry.take_rates("", sent(prices.reference_rates(_frame(rows, list(names.values())))))
    return _of(inquiry)


def _dated(value: Any) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandas, of the figures it coerces
            return pd.to_datetime(value, errors="coerce").date()
    except (TypeError, ValueError, AttributeError, OverflowError):
        return value


def _numeric(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _etnet(body: Any) -> Found:
    columns = ("财政年度", "每股盈利/每股亏损")
    rows = [
        {columns[0]: row.get(columns[0]), columns[1]: _numeric(row.get(columns[1]))}
        for row in body
        if isinstance(row, dict)
    ]

    def read() -> Found:
        said = sent(etnet.etnet_rows(_frame(rows, columns)))
        return {("vintage", ""): etnet.etnet_vintage(said, HONG_KONG, DECEMBER, _now())}

    return _refused(read)


def _boards(body: Any) -> Found:
    def read() -> Found:
        found = sent(boards.board_codes(boards.whole_list(lambda _: body, {})))
        return {("board", name): code for name, code in found.items()}

    return _refused(read)


def _members(body: Any) -> Found:
    def read() -> Found:
        found = sent(boards.members(boards.whole_list(lambda _: body, {})))
        return {("member", each["symbol"]): (each["name"], each["market_cap"]) for each in found}

    return _refused(read)
