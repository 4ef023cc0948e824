"""What is tried: every fault, on every call to a vendor, in every command that makes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.outage_world import BOARD

Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Call:
    """A part of addresses, and what has to fail elsewhere for them to be asked at all.

    `hosts` are how many vendors' hosts have a fault: so many may be said to be out.
    """

    part: str
    before: Mapping[str, str] = field(default_factory=dict)
    hosts: int = 1


_NO_BATCH = {"/v7/finance/quote": "500"}
CALLS: Mapping[str, Call] = {
    "cookie": Call("fc.yahoo.com"),
    "crumb": Call("getcrumb"),
    "quote": Call("/v7/finance/quote"),
    "chart": Call("/v8/finance/chart/", _NO_BATCH, hosts=2),
    "days": Call("/v8/finance/chart/"),
    "trend": Call("/v10/finance/quoteSummary/"),
    "items": Call("//push2.eastmoney.com"),
    "bars": Call("//33.push2his.eastmoney.com", {"/v7/finance/quote": "403"}, hosts=2),
    "daily": Call("//push2his.eastmoney.com"),
    "names": Call("//datacenter.eastmoney.com"),
    "bonus": Call("RPT_SHAREBONUS_DET"),
    "accounts": Call("RPT_LICO_FN_CPD"),
    "forecasts": Call("RPT_WEB_RESPREDICT"),
    "valuations": Call("RPT_VALUEANALYSIS_DET"),
    "etnet": Call("etnet.com.hk", {"quoteSummary": "500"}, hosts=2),
    "baidu": Call("baidu.com"),
    # Without Yahoo's rate Shanghai's is asked for.
    "rates": Call("query.sse.com.cn", {"/v7/finance/quote": "403"}, hosts=2),
    "boards": Call("//17.push2.eastmoney.com"),
    "members": Call("//29.push2.eastmoney.com"),
    "yahoo": Call("yahoo.com"),
    "eastmoney": Call("eastmoney.com"),
    # Yahoo, Eastmoney, and with them Baidu or etnet.
    "all": Call("https://", hosts=3),
}

# --- what bodies become -----------------------------------------------------------------------


def _each(body: Any, change: Change) -> Any:
    """A body with every value that is no list or table changed."""
    if isinstance(body, dict):
        return {key: _each(value, change) for key, value in body.items()}
    if isinstance(body, list):
        return [_each(value, change) for value in body]
    return change(body)


def _figures(change: Change) -> Change:
    """Every figure of a body changed, those in the bars of a text, too; days and counts are not."""

    def one(value: Any) -> Any:
        if isinstance(value, float):
            return change(value)
        if isinstance(value, str) and value.count(",") > 5:
            day, *cells = value.split(",")
            return ",".join([day, *(str(change(float(cell))) for cell in cells)])
        return value

    return lambda body: body if isinstance(body, str) else _each(body, one)


def _foreign(value: Any) -> Any:
    """Another's code in the place of a name's own."""
    text = value if isinstance(value, str) else ""
    return re.sub(r"^(SH|SZ|BJ|HK)?\d{4,6}(\.[A-Z]{2})?$", "600000", text) if text else value


def _half(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _half(value) for key, value in body.items()}
    if isinstance(body, list):
        return [_half(value) for value in body[: len(body) // 2]]
    return body


CHANGES: Mapping[str, Change] = {
    "texts": _figures(str),
    "gaps": _figures(lambda _: None),
    "zeros": _figures(lambda _: 0.0),
    "minus": _figures(lambda value: -value),
    "huge": _figures(lambda _: 1e300),
    "nothing": lambda _: {},
    "foreign": lambda body: body if isinstance(body, str) else _each(body, _foreign),
    "half": lambda body: body if isinstance(body, str) else _half(body),
}
SLOW = ("hang", "loris")
QUICK = ("short", "reset", "html", "empty", "null", "403", "404", "429", "500")
# What nobody can disprove: that a company loses money, that the last bar is of the day before. The
# price of a single name is no list, which half of could be missing.
LOSSES = ("forecasts", "trend", "etnet", "valuations", "baidu", "all")
BELIEVED = {("minus", call) for call in LOSSES}
BELIEVED |= {("half", "bars"), ("half", "all"), ("half", "items")}
# Of the whole way to any vendor: what the proxy answers, none, and a certificate of nobody.
WAYS = ("proxy 403", "proxy 407", "proxy 502", "no network", "untrusted")


@dataclass(frozen=True)
class Doing:
    """A command that asks vendors: its words, the calls it makes, and what it is given before.

    `seconds` is its own limit where it takes no --timeout.
    """

    words: str
    calls: str
    before: str = ""
    seconds: float = 0.0
    lists: str = "lists"

    @property
    def has_timeout(self) -> bool:
        return not self.seconds


_PRICES = "quote items names bonus days accounts"
DOINGS: Mapping[str, Doing] = {
    "run live": Doing(
        "run --prices live --json --format json -o out",
        f"cookie crumb chart bars rates yahoo eastmoney all {_PRICES}",
    ),
    "run auto": Doing(
        "run --json --format json -o out --max-age 0",
        f"crumb yahoo eastmoney all {_PRICES}",
        before="run --prices live -q --format json -o before",
    ),
    "run --cross-check": Doing(
        "run --prices live --cross-check --json --format json -o out",
        "quote items bars names all",
    ),
    "history": Doing("history --years 0.2", "cookie days daily bonus yahoo eastmoney all"),
    "history pe_ttm": Doing(
        "history --of pe_ttm --years 0.2", "days daily valuations baidu bonus yahoo eastmoney all"
    ),
    "consensus update": Doing(
        "consensus update", "cookie crumb forecasts trend etnet bonus yahoo eastmoney all"
    ),
    "consensus set": Doing(
        "consensus set 300308 2026 6.00", "bonus days eastmoney all", seconds=20
    ),
    "add": Doing(
        "add 600941 300308 920808 0700.HK 9988.HK --yes",
        "quote chart items bars names forecasts trend etnet yahoo eastmoney all",
    ),
    "add --like": Doing(
        "add --like 600941 --yes", "items boards members forecasts quote eastmoney all"
    ),
    "add --industry": Doing(f"add --industry {BOARD} --yes", "boards members all"),
    "comps": Doing("comps 600941 --prices live", "quote items all", seconds=20),
    "audit --online": Doing("audit --online", "quote items names all", seconds=20, lists="codes"),
    "doctor": Doing("doctor", "cookie crumb quote chart items yahoo eastmoney all", lists=""),
}


@dataclass(frozen=True)
class Cell:
    """A fault on a call in a command."""

    doing: str
    call: str
    fault: str

    @property
    def words(self) -> str:
        """What has it again."""
        return f"python -m tests.outages --cell '{self.doing}, {self.call}, {self.fault}'"

    @property
    def is_slow(self) -> bool:
        return self.fault in SLOW


def cells() -> Iterator[Cell]:
    """All of them; of what takes no --timeout few are slow."""
    for name, doing in DOINGS.items():
        for call in doing.calls.split():
            slow = SLOW if doing.has_timeout else SLOW[:1] if call == "all" else ()
            changes = () if call in ("cookie", "crumb", "yahoo", "eastmoney") else CHANGES
            for fault in (*slow, *QUICK, *changes):
                if (fault, call) not in BELIEVED:
                    yield Cell(name, call, fault)
        for fault in WAYS:
            yield Cell(name, "the way", fault)
