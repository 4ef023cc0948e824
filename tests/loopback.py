"""A vendor on this machine: it speaks Yahoo's and Eastmoney's formats over real TLS.

A CONNECT proxy on 127.0.0.1 that ends TLS itself with a private authority, so that the real
yfinance and akshare ask it unpatched: environment variables alone lead them here. Every fault of
a vendor's can be switched on for a part of its addresses.
"""

from __future__ import annotations

import json
import re
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import trustme

from screener.model.calendars import last_trade
from screener.model.records import Listing
from screener.sources.contract import Ask
from screener.sources.printed import printed_prices
from screener.watchlists.read import load_watchlists
from tests.conftest import WATCHLISTS

JSON = Mapping[str, Any]
CHANGE = Callable[[Any], Any]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Market:
    """What the vendor knows: prices and names by canonical symbol, rates, and the time of them."""

    prices: dict[str, float]
    names: dict[str, str]
    traded: datetime
    rates: dict[str, float]
    # Hong Kong has holidays of its own.
    traded_hong_kong: datetime
    # Estimates by symbol and fiscal year; the first year of a mainland name is an actual figure.
    estimates: dict[str, dict[int, float]] = field(default_factory=dict)
    # Ex-dates and ratios of bonus issues and splits, as Eastmoney and as Yahoo have them.
    bonus: dict[str, list[tuple[date, float]]] = field(default_factory=dict)
    yahoo_splits: dict[str, list[tuple[date, float]]] = field(default_factory=dict)
    # EPS in cents by year, as etnet has it.
    cents: dict[str, dict[int, float]] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    # Daily closes: Yahoo's per share of now, Eastmoney's of Beijing as they were traded.
    closes: dict[str, list[tuple[date, float | None]]] = field(default_factory=dict)
    # Of the last twelve months: EPS in the currency of the price, book value and dividend in CNY.
    accounts: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    # What vendors say P/E TTM was on past days; P/B is a tenth of it.
    multiples: dict[str, list[tuple[date, float]]] = field(default_factory=dict)
    # The symbols of each industry.
    boards: dict[str, list[str]] = field(default_factory=dict)

    def traded_of(self, symbol: str) -> datetime:
        return self.traded_hong_kong if symbol.endswith(".HK") else self.traded

    def market_cap(self, symbol: str) -> float:
        return self.shares.get(symbol, 1e9) * self.prices[symbol]

    def yahoo(self, symbol: str) -> str:
        return symbol.replace(".SH", ".SS")


def report_market() -> Market:
    """The report's 52 names at about its prices, traded at the last moment the market was open."""
    now = datetime.now().astimezone()
    tables, _ = load_watchlists(WATCHLISTS, (), now.date())
    rows = [row for table in tables for row in table.listings]
    rates = {"HKDCNY=X": 0.92}
    printed = printed_prices(Ask(rows, now)).quotes
    prices = {
        row.symbol: round(quote.price / (0.92 if row.symbol.endswith(".HK") else 1), 2)
        for row, quote in printed.items()
    }
    names = {row.symbol: row.name for row in rows}
    before = now - timedelta(minutes=1)
    traded, hong_kong = last_trade("600941.SH", before), last_trade("0700.HK", before)
    estimates = {row.symbol: _newer(row) for row in rows}
    market = Market(prices, names, traded, rates, hong_kong, estimates)
    # As many as the tables imply: a name without a count is asked for its splits twice.
    market.shares = {
        row.symbol: row.market_cap * 1e8 / quote.price
        for row, quote in printed.items()
        if row.market_cap
    }
    # What the tables expect of 2025 was earned; half of the price is on the books, in CNY.
    market.accounts = {
        symbol: (
            market.estimates[symbol][2025] / (0.92 if symbol.endswith(".HK") else 1),
            price / 2,
            price / 50,
        )
        for symbol, price in prices.items()
    }
    mainland = [symbol for symbol in prices if not symbol.endswith(".HK")]
    market.boards = {
        "半导体": mainland[:12],
        "通信设备": mainland[12:20],
        "消费电子": mainland[20:],
    }
    return market


def _newer(row: Listing) -> dict[int, float]:
    """Estimates of some time after the report: a tenth above its own, and two years more."""
    printed = {each.fiscal_year: each.eps.value for each in row.years if each.eps}
    base = printed[2026]
    return {2025: printed[2025], 2026: base * 1.1, 2027: base * 1.3, 2028: base * 1.5}


@dataclass
class Vendor:
    """The running proxy: where it listens, what was asked, and which faults it has."""

    market: Market
    port: int
    authority: Path
    asked: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    changes: dict[str, CHANGE] = field(default_factory=dict)
    latency: float = 0.0
    # The status that the proxy itself answers with, in place of a connection.
    proxy_status: int = 200

    def environment(self, home: Path) -> dict[str, str]:
        """What leads a child here, and nowhere else."""
        proxy = f"http://127.0.0.1:{self.port}"
        names = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
        authorities = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
        return {
            **dict.fromkeys(names, proxy),
            **dict.fromkeys(authorities, str(self.authority)),
            **dict.fromkeys(("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"), ""),
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_DATA_HOME": str(home / "data"),
        }

    def requests(self) -> Counter[str]:
        """How often each host was asked."""
        return Counter(urlsplit(url).hostname or "" for url in self.asked)


@contextmanager
def running(market: Market, folder: Path) -> Iterator[Vendor]:
    """A vendor that serves this market until the block ends."""
    authority = trustme.CA()
    pem = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(pem))
    vendor = Vendor(market, 0, pem)
    contexts: dict[str, ssl.SSLContext] = {}
    lock = threading.Lock()

    def context_for(host: str) -> ssl.SSLContext:
        with lock:
            if host not in contexts:
                contexts[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                authority.issue_cert(host).configure_cert(contexts[host])
            return contexts[host]

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().decode("latin-1").split()
            if len(line) < 2 or line[0] != "CONNECT":
                return  # the probe connects and says nothing
            while self.rfile.readline().strip():
                pass
            host = line[1].partition(":")[0]
            if vendor.proxy_status != 200:
                self.wfile.write(f"HTTP/1.1 {vendor.proxy_status} Refused\r\n\r\n".encode())
                return
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            try:
                with context_for(host).wrap_socket(self.request, server_side=True) as tls:
                    _serve(tls, host, vendor)
            except OSError:
                pass  # the client has gone, or was meant to be cut off

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        vendor.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield vendor
        server.shutdown()


def _serve(tls: ssl.SSLSocket, host: str, vendor: Vendor) -> None:
    stream = tls.makefile("rb")
    while line := stream.readline():
        target = line.decode("latin-1").split()[1]
        length = 0
        while header := stream.readline().strip():
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        stream.read(length)
        url = f"https://{host}{target}"
        vendor.asked.append(url)
        if vendor.latency:
            time.sleep(vendor.latency)
        fault = next((name for part, name in vendor.faults.items() if part in url), "")
        status, body, headers = _answer(vendor, url)
        if not _break(tls, fault, status, body):
            _send(tls, *_mutate(fault, status, body), headers)


def _mutate(fault: str, status: int, body: bytes) -> tuple[int, bytes]:
    if fault.isdigit():
        return int(fault), b"<html><body>Forbidden</body></html>"
    if fault == "html":
        return 200, b"<!DOCTYPE html><html><body>Please verify you are human</body></html>"
    if fault == "empty":
        return 200, b""
    if fault == "null":
        return 200, b"null"
    return status, body


def _break(tls: ssl.SSLSocket, fault: str, status: int, body: bytes) -> bool:
    """Answer in a broken way, if the fault is one of transport; whether it did."""
    if fault == "hang":
        time.sleep(60)
    elif fault == "loris":
        head = f"HTTP/1.1 {status} OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        for byte in head + body:
            tls.sendall(bytes([byte]))
            time.sleep(1)
    elif fault in ("short", "reset"):
        head = f"HTTP/1.1 {status} OK\r\nContent-Length: {len(body) + 100}\r\n\r\n".encode()
        tls.sendall(head + body[: len(body) // 2])
        if fault == "reset":
            tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        return False
    tls.close()
    raise ConnectionAbortedError(fault)


def _send(tls: ssl.SSLSocket, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    tls.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def _answer(vendor: Vendor, url: str) -> tuple[int, bytes, dict[str, str]]:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    host, path = parts.hostname or "", parts.path
    if host == "fc.yahoo.com":
        cookie = "A3=d=AQABBA; Max-Age=31557600; Domain=.yahoo.com; Path=/; Secure; HttpOnly"
        return 404, b"<html></html>", {"Set-Cookie": cookie}
    if path == "/v1/test/getcrumb":
        return 200, b"crumb", {"Content-Type": "text/plain"}
    content = _content(vendor.market, host, path, query)
    if content is None:
        return 404, json.dumps(NOT_FOUND).encode(), {"Content-Type": "application/json"}
    for part, change in vendor.changes.items():
        if part in url:
            content = change(content)
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return 200, text.encode(), {"Content-Type": "application/json"}


NOT_FOUND: JSON = {
    "chart": {
        "result": None,
        "error": {"code": "Not Found", "description": "No data found, symbol may be delisted"},
    }
}


Query = Mapping[str, str]
# Who answers what: the part of host and path that an address must have, and what comes back.
_ANSWERS: Mapping[str, Callable[[Market, str, Query], Any]] = {
    "/v7/finance/quote": lambda market, _, query: _quotes(market, query),
    "/v8/finance/chart/": lambda market, name, query: _chart_with_events(market, name, query),
    "/v10/finance/quoteSummary/": lambda market, name, _: _trend(market, name),
    "//push2.eastmoney.com/api/qt/stock/get": lambda market, _, query: _eastmoney(
        market, query["secid"].partition(".")[2]
    ),
    "//17.push2.eastmoney.com": lambda market, _, query: _list_page(
        [{"f12": f"BK{at:04}", "f14": name} for at, name in enumerate(sorted(market.boards))],
        query,
    ),
    "//29.push2.eastmoney.com": lambda market, _, query: _list_page(
        _members(market, query["fs"]), query
    ),
    "//82.push2.eastmoney.com": lambda market, _, query: _whole_beijing(
        market, int(query["pn"]), int(query["pz"])
    ),
    "//push2his.eastmoney.com": lambda market, _, query: _daily(market, query),
    "//33.push2his.eastmoney.com": lambda market, _, query: _bars(
        market, query["secid"].partition(".")[2]
    ),
    "//datacenter.eastmoney.com": lambda market, _, query: _profile(
        market, query["filter"].partition('"')[2].partition('"')[0]
    ),
    "//datacenter-web.eastmoney.com": lambda market, _, query: _table(market, query),
    "//finance.baidu.com": lambda market, _, query: _baidu(market, query),
    "//www.etnet.com.hk": lambda market, _, query: _etnet(market, query["code"]),
    "//query.sse.com.cn": lambda market, *_: {
        "result": [_reference_rate(market, back) for back in range(3)]
    },
}


def _content(market: Market, host: str, path: str, query: Query) -> Any:
    answers = (answer for part, answer in _ANSWERS.items() if part in f"//{host}{path}")
    answer = next(answers, None)
    return answer(market, path.rpartition("/")[2], query) if answer else None


def _quotes(market: Market, query: Query) -> Any:
    items = [_yahoo_item(market, name) for name in query["symbols"].split(",")]
    return {"quoteResponse": {"result": [item for item in items if item], "error": None}}


def _chart_with_events(market: Market, name: str, query: Query) -> Any:
    chart = _chart(market, name)
    if chart and "events" in query:
        result = chart["chart"]["result"][0]
        since = int(query["period1"])
        result["events"] = _events(market, name, since)
        bars = [
            (int(datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC).timestamp()), close)
            for day, close in market.closes.get(name.replace(".SS", ".SH"), ())
        ]
        bars = [bar for bar in bars if bar[0] >= since]
        if name.replace(".SS", ".SH") in market.closes:
            result["timestamp"] = [seconds for seconds, _ in bars]
            result["indicators"] = {"quote": [{"close": [close for _, close in bars]}]}
    return chart


def _yahoo_item(market: Market, name: str) -> dict[str, Any] | None:
    traded = int(market.traded_of(name).timestamp())
    common = {"symbol": name, "regularMarketTime": traded, "marketState": "CLOSED"}
    if name in market.rates:
        return {**common, "regularMarketPrice": market.rates[name], "currency": name[3:6]}
    symbol = name.replace(".SS", ".SH")
    if symbol not in market.prices or symbol.endswith(".BJ"):
        return None
    return {
        **common,
        "quoteType": "EQUITY",
        "shortName": "SOME COMPANY",
        "regularMarketPrice": market.prices[symbol],
        "regularMarketPreviousClose": market.prices[symbol] * 0.99,
        "currency": "HKD" if symbol.endswith(".HK") else "CNY",
        "exchangeDataDelayedBy": 15,
        **_accounts_of_yahoo(market, symbol),
        **({"sharesOutstanding": market.shares[symbol]} if symbol in market.shares else {}),
        "quoteSourceName": "Delayed Quote",
    }


def _accounts_of_yahoo(market: Market, symbol: str) -> dict[str, Any]:
    """What a v7 item has of the last twelve months: its ratios divide what it has as it is."""
    eps, book, dividend = market.accounts.get(symbol, (None, None, None))
    price = market.prices[symbol]
    figures = {
        "epsTrailingTwelveMonths": eps,
        "bookValue": book,
        "trailingAnnualDividendRate": dividend,
        "trailingPE": price / eps if eps and eps > 0 else None,
        "priceToBook": price / book if book else None,
        "trailingAnnualDividendYield": (dividend or 0) / (price * 0.99),
    }
    return {
        "financialCurrency": "CNY",
        "longName": f"Company of {symbol}",
        "marketCap": market.shares.get(symbol, 1e9) * price,
        **{key: figure for key, figure in figures.items() if figure is not None},
    }


def _chart(market: Market, name: str) -> Any:
    item = _yahoo_item(market, name)
    if item is None:
        return None
    price, traded = item["regularMarketPrice"], item["regularMarketTime"]
    meta = {
        "symbol": name,
        "currency": item["currency"],
        "regularMarketPrice": price,
        "regularMarketTime": traded,
        "instrumentType": "EQUITY",
        "exchangeTimezoneName": "Asia/Shanghai",
        "validRanges": ["1d", "5d"],
        "gmtoffset": 28800,
        "timezone": "CST",
        "priceHint": 2,
        "currentTradingPeriod": {
            part: {"timezone": "CST", "start": traded, "end": traded, "gmtoffset": 28800}
            for part in ("pre", "regular", "post")
        },
    }
    # The bar is of another day: a price is the meta's, never the bar's.
    bar = {name: [price * 0.5] for name in ("open", "high", "low", "close")} | {"volume": [1]}
    indicators = {"quote": [bar], "adjclose": [{"adjclose": [price * 0.25]}]}
    return {
        "chart": {
            "result": [{"meta": meta, "timestamp": [traded], "indicators": indicators}],
            "error": None,
        }
    }


def _events(market: Market, name: str, since: int) -> Any:
    """The splits of a chart, dated as Yahoo does: at the opening of the ex-date."""
    events = {}
    for day, ratio in market.yahoo_splits.get(name.replace(".SS", ".SH"), ()):
        opened = int(datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC).timestamp())
        if opened >= since:
            numbers = {"numerator": ratio * 10, "denominator": 10, "splitRatio": f"{ratio}:1"}
            events[str(opened)] = {"date": opened, **numbers}
    return {"splits": events} if events else {}


def _trend(market: Market, name: str) -> Any:
    """The two fiscal years of an earnings trend, in the form that Yahoo has them."""
    symbol = name.replace(".SS", ".SH")
    if symbol not in market.estimates or symbol not in market.prices:
        return None
    end = "03-31" if symbol == "9988.HK" else "12-31"
    first = 2027 if end == "03-31" else 2026
    quarter = {"period": "0q", "endDate": "2026-12-31", "earningsEstimate": {"avg": {}}}
    years = [
        {
            "maxAge": 1,
            "period": period,
            "endDate": f"{year}-{end}",
            "earningsEstimate": {
                "avg": {"raw": market.estimates[symbol][year], "fmt": "x"},
                "numberOfAnalysts": {"raw": 32, "fmt": "32"},
                "earningsCurrency": "CNY",
            },
        }
        for period, year in (("0y", first), ("+1y", first + 1))
    ]
    trend = {"trend": [quarter, *years]}
    return {"quoteSummary": {"result": [{"earningsTrend": trend}], "error": None}}


def _table(market: Market, query: Mapping[str, str]) -> Any:
    """A page of one of Eastmoney's tables, of the codes that its filter names."""
    codes = re.findall(r'"(\d{6})"', query["filter"])
    symbols = sorted(each for each in market.prices if each.partition(".")[0] in codes)
    if query["reportName"] == "RPT_VALUEANALYSIS_DET":
        first, last = re.findall(r"'(\d{4}-\d\d-\d\d)'", query["filter"])
        rows = [row for each in symbols for row in _valuations(market, each, first, last)]
    elif query["reportName"] == "RPT_LICO_FN_CPD":
        rows = [row for each in symbols for row in _reports(market, each)]
    elif query["reportName"] == "RPT_WEB_RESPREDICT":
        rows = [_forecast(market, each) for each in symbols if each in market.estimates]
    else:
        since = query["filter"].partition("EX_DIVIDEND_DATE>='")[2][:10]
        rows = [row for each in symbols for row in _issues(market, each, since)]
    size, page = int(query["pageSize"]), int(query["pageNumber"])
    if not rows:
        return {"version": None, "result": None, "success": False, "message": "x", "code": 9201}
    result = {
        "pages": -(-len(rows) // size),
        "data": rows[(page - 1) * size : page * size],
        "count": len(rows),
    }
    return {"version": "x", "result": result, "success": True, "message": "ok", "code": 0}


def _valuations(market: Market, symbol: str, first: str, last: str) -> list[JSON]:
    return [
        {
            "SECURITY_CODE": symbol.partition(".")[0],
            "TRADE_DATE": f"{day} 00:00:00",
            "CLOSE_PRICE": 1.0,
            "PE_TTM": value,
            "PB_MRQ": value / 10,
        }
        for day, value in market.multiples.get(symbol, ())
        if first <= str(day) <= last
    ]


def _baidu(market: Market, query: Query) -> Any:
    """The chart of a Hong Kong listing's multiple; its periods begin at some day."""
    scale = {"市盈率(TTM)": 1, "市净率": 0.1}[query["tag"]]
    years = {"近一年": 1, "近三年": 3, "全部": 30}[query["chart_select"]]
    since = market.traded_hong_kong.date() - timedelta(days=365 * years)
    points = market.multiples.get(f"{query['code'].removeprefix('0')}.HK", ())
    body = [[str(day), value * scale] for day, value in points if day >= since]
    chart = {"chartInfo": [{"body": body}]}
    data = {"resultData": {"tplData": {"result": chart}}}
    return {"ResultCode": 0, "Result": [{"DisplayData": data}]}


def _forecast(market: Market, symbol: str) -> JSON:
    """A row as recorded, with four years of its own."""
    row: dict[str, Any] = {
        "SECUCODE": symbol,
        "SECURITY_CODE": symbol.partition(".")[0],
        "SECURITY_NAME_ABBR": market.names[symbol],
        "RATING_ORG_NUM": 12,
    }
    for at, (year, eps) in enumerate(sorted(market.estimates[symbol].items()), start=1):
        row |= {f"YEAR{at}": year, f"YEAR_MARK{at}": "A" if at == 1 else "E", f"EPS{at}": eps}
    return row


def _issues(market: Market, symbol: str, since: str) -> list[JSON]:
    """Bonus issues, and a dividend in cash, of after a day."""
    issues: list[tuple[date, float | None]] = [(date(2026, 6, 26), None)]
    issues += [(day, (ratio - 1) * 10) for day, ratio in market.bonus.get(symbol, ())]
    return [
        {
            "SECURITY_CODE": symbol.partition(".")[0],
            "EX_DIVIDEND_DATE": f"{day} 00:00:00",
            "BONUS_IT_RATIO": bonus,
            "PRETAX_BONUS_RMB": 1.5,
            "ASSIGN_PROGRESS": "实施分配",
        }
        for day, bonus in sorted(issues, key=lambda issue: issue[0])
        if day.isoformat() >= since
    ]


def _etnet(market: Market, code: str) -> str:
    """A page with the tables that akshare expects; the fourth has EPS in cents."""
    years = market.cents.get(f"{code.zfill(4)}.HK", {})
    heads = "财政年度|纯利/(亏损)  (百万元人民币)|每股盈利/  (亏损)(分)|每股派息  (分)"
    heads += "|每股资产净值  (人民币元)|最高  (百万元人民币)|最低  (百万元人民币)"
    # A line break and a blank is what pandas makes two blanks of, and akshare looks for.
    head = "".join(f"<th>{each}</th>" for each in heads.replace("  ", "\n ").split("|"))
    rows = "".join(
        f"<tr><td>{year}</td><td>1</td><td>{cents}</td>{'<td>1</td>' * 4}</tr>"
        for year, cents in years.items()
    )
    other = "<table><tr><td>x</td></tr></table>"
    return f"<html>{other * 3}<table><tr>{head}</tr>{rows}</table>{other}</html>"


def _eastmoney(market: Market, code: str) -> Any:
    symbol = next((each for each in market.prices if each.partition(".")[0] == code), None)
    data = None
    if symbol is not None:
        data = {
            "f43": market.prices[symbol],
            "f57": code,
            "f58": market.names[symbol],
            "f60": market.prices[symbol] * 0.99,
            "f84": 1e9,
            "f85": 1e9,
            "f116": market.market_cap(symbol),
            "f117": market.market_cap(symbol),
            "f127": next((name for name, of in market.boards.items() if symbol in of), "行业"),
            "f189": 20200101,
        }
    return {"rc": 0, "rt": 4, "svr": 177622162, "lt": 2, "full": 1, "dlmkts": "", "data": data}


def _reports(market: Market, symbol: str) -> list[JSON]:
    """The reports of a company: EPS since the year began, so that four quarters come to its own."""
    if symbol not in market.accounts:
        return []
    eps, book, _ = market.accounts[symbol]
    so_far = {"2025-09-30": eps * 0.7, "2025-12-31": eps * 0.9, "2026-09-30": eps * 0.8}
    return [
        {
            "SECURITY_CODE": symbol.partition(".")[0],
            "SECURITY_NAME_ABBR": market.names[symbol],
            "REPORTDATE": f"{day} 00:00:00",
            "BASIC_EPS": earned,
            "BPS": book,
            "DEDUCT_BASIC_EPS": None,
        }
        for day, earned in so_far.items()
    ]


def _members(market: Market, board: str) -> list[JSON]:
    """The listings of a board, as `b:BK0001 f:!50` asks for it."""
    name = sorted(market.boards)[int(board[4:8])]
    return [
        {
            "f12": symbol.partition(".")[0],
            "f14": market.names[symbol],
            "f20": market.market_cap(symbol),
        }
        for symbol in sorted(market.boards[name])
    ]


def _list_page(rows: list[JSON], query: Query) -> Any:
    size, page = int(query["pz"]), int(query["pn"])
    shown = rows[(page - 1) * size : page * size]
    return {"rc": 0, "data": {"total": len(rows), "diff": shown}}


def _daily(market: Market, query: Query) -> Any:
    """Daily bars of an A share, from the day that is asked for on."""
    code = query["secid"].partition(".")[2]
    symbol = next((each for each in market.closes if each.partition(".")[0] == code), "")
    bars = [
        f"{day},{close},{close},{close},{close},1,1,0,0,0,0"
        for day, close in market.closes.get(symbol, ())
        if f"{day:%Y%m%d}" >= query["beg"]
    ]
    return {"rc": 0, "data": {"code": code, "klines": bars}}


def _bars(market: Market, code: str) -> Any:
    price = market.prices.get(f"{code.removeprefix('0')}.HK")
    if price is None:
        return {"rc": 102, "rt": 1, "svr": 1, "lt": 1, "full": 1, "dlmkts": "", "data": None}
    days = [market.traded_hong_kong - timedelta(days=back) for back in (1, 0)]
    bars = [
        f"{day:%Y-%m-%d},{close},{close},{close},{close},1,1,0,0,0,0"
        for day, close in zip(days, (price / 2, price), strict=True)
    ]
    return {"rc": 0, "data": {"code": code, "name": "名", "klines": bars}}


def _profile(market: Market, code: str) -> Any:
    name = market.names.get(code.removeprefix("0"))
    keys = (
        "SECUCODE SECURITY_NAME_ABBR LISTING_DATE SECURITY_TYPE ISSUE_PRICE ISSUE_NUM TRADE_UNIT"
        " PAR_VALUE TRADE_MARKET BOARD YEAR_SETTLE_DAY ISIN_CODE GANGGUTONGBIAODIHU"
        " GANGGUTONGBIAODISHEN"
    )
    row = {**dict.fromkeys(keys.split(), "x"), "SECUCODE": code, "SECURITY_NAME_ABBR": name}
    row["YEAR_SETTLE_DAY"] = "03-31" if code == "09988" else "12-31"
    return {"result": {"data": [row]}} if name else {"result": None}


# The fields of a page in the order that akshare names them by.
_FIELDS = "f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 f16 f17 f18 f20 f21 f22 f23 f24 f25"
_FIELDS += " f62 f115 f128 f140 f141 f136 f152"


def _whole_beijing(market: Market, page: int, size: int) -> Any:
    symbols = sorted(symbol for symbol in market.prices if symbol.endswith(".BJ"))
    rows = []
    for symbol in symbols[(page - 1) * size : page * size]:
        row: dict[str, Any] = dict.fromkeys(_FIELDS.split(), 1)
        row |= {"f12": symbol[:6], "f14": market.names[symbol], "f2": market.prices[symbol]}
        row["f20"] = market.market_cap(symbol)
        rows.append(row)
    return {"rc": 0, "data": {"total": len(symbols), "diff": rows}}


def _reference_rate(market: Market, back: int) -> JSON:
    day = market.traded.astimezone(SHANGHAI) - timedelta(days=back)
    rate = market.rates["HKDCNY=X"]
    return {
        "validDate": f"{day:%Y%m%d}",
        "buyPrice": f"{rate - 0.01:.4f}",
        "sellPrice": f"{rate + 0.01:.4f}",
        "updateDate": "x",
        "currencyType": "港币",
    }
