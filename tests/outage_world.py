"""Five listings, what vendors know of them, and what of that may be shown or kept."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from screener.model.calendars import last_trade
from screener.store.store import Store
from tests.conftest import header_of, write_watchlist
from tests.loopback import Market

RATE = 0.92
TABLE_DAY, SPLIT_DAY, RATIO = date(2026, 6, 30), date(2026, 9, 15), 1.4
SPLIT = "300308.SZ"
HEADER = header_of(2025, 2026, 2027, more=("fiscal_year_end",))


@dataclass(frozen=True)
class Name:
    """A listing: EPS of 2025 to 2027 in CNY, the table's price in CNY, and that of now."""

    symbol: str
    name: str
    cap: float
    eps: tuple[float, float, float]
    printed: float
    price: float
    year_end: str = "12-31"

    @property
    def line(self) -> str:
        multiples = [f"{self.printed / each:.2f}" for each in self.eps]
        eps = [f"{each:.2f}" for each in self.eps]
        cells = (self.symbol, self.name, f"{self.cap:.2f}", *eps, *multiples, "CNY", self.year_end)
        return ",".join(cells)

    @property
    def fy1(self) -> float:
        """EPS of the fiscal year in progress, per share of now."""
        eps = self.eps[2 if self.year_end == "03-31" else 1]
        return eps / RATIO if self.symbol == SPLIT else eps


NAMES = (
    Name("600941.SH", "中国移动", 23800, (6.40, 6.80, 7.20), 108.80, 110.25),
    Name(SPLIT, "中际旭创", 1540, (5.00, 8.00, 9.10), 140.00, 103.60),
    Name("920808.BJ", "曙光数创", 120, (0.50, 0.80, 1.00), 60.00, 61.40),
    Name("0700.HK", "腾讯控股", 34000, (20.00, 22.50, 25.00), 368.00, 405.20),
    Name("9988.HK", "阿里巴巴-W", 15500, (4.00, 6.20, 6.90), 86.25, 95.10, "03-31"),
)
# Codes that no table here knows: what they are called only a vendor can tell.
UNKNOWN = {"600519.SH": "贵州茅台", "2318.HK": "中国平安"}
BOARD = "通信设备"


def market() -> Market:
    """What the vendors know of the names."""
    now = datetime.now(UTC)
    before = now - timedelta(minutes=1)
    traded, hong_kong = last_trade("600941.SH", before), last_trade("0700.HK", before)
    prices = {each.symbol: each.price for each in NAMES} | {"600519.SH": 1500.0, "2318.HK": 50.0}
    names = {each.symbol: each.name for each in NAMES} | UNKNOWN
    known = Market(prices, names, traded, {"HKDCNY=X": RATE}, hong_kong)
    for each in NAMES:
        split = RATIO if each.symbol == SPLIT else 1
        rate = RATE if each.symbol.endswith(".HK") else 1
        known.shares[each.symbol] = each.cap * 1e8 / each.printed * split
        first, second, third = (round(eps / split * 1.1, 4) for eps in each.eps)
        known.estimates[each.symbol] = {2025: first, 2026: second, 2027: third, 2028: third + 1}
        known.accounts[each.symbol] = (each.eps[0] / split / rate, each.price / 2, each.price / 50)
        days = [traded.date() - timedelta(days=back) for back in range(70, -1, -1)]
        days = [day for day in days if day.weekday() < 5]
        closes = [(day, round(each.price * _wave(day), 2)) for day in days]
        known.closes[each.symbol] = list(closes)
        known.multiples[each.symbol] = [(day, round(20 * _wave(day), 3)) for day in days]
        known.closes["HKDCNY=X"] = [(day, RATE) for day in days]
    known.bonus[SPLIT] = known.yahoo_splits[SPLIT] = [(SPLIT_DAY, RATIO)]
    known.cents["0700.HK"] = {2026: 2475.0, 2027: 2750.0}
    known.cents["9988.HK"] = {2027: 759.0, 2028: 859.0}
    known.boards = {
        BOARD: ["600941.SH", SPLIT, "920808.BJ"],
        "白酒": ["600519.SH"],
    }
    return known


def _wave(day: date) -> float:
    return 1 + 0.05 * math.sin(day.toordinal() / 9)


def write_lists(folder: Path) -> None:
    """The watchlist of the names, and one of codes that nobody knows here, the last one wrong."""
    toml = f'as_of = {TABLE_DAY}\nconsensus = "desk"\nmarket_cap_unit = "亿元"'
    write_watchlist(
        folder / "lists", *(each.line for each in NAMES), name="mix", header=HEADER, toml=toml
    )
    rows = ["600519.SH,贵州茅台,,60,70,80,,,,CNY,", "2318.HK,五粮液,,5,6,7,,,,CNY,"]
    write_watchlist(folder / "codes", *rows, name="codes", header=HEADER, toml=toml)


@dataclass
class Truth:
    """What of prices, rates, splits, EPS, closes and multiples may be shown or kept."""

    market: Market
    # Those of now and, where a store is older, of before.
    prices: dict[str, set[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.learn()

    def learn(self) -> None:
        """What the market says now is true from now on."""
        for symbol, price in self.market.prices.items():
            self.prices.setdefault(symbol, set()).add(price)

    def of_store(self, path: Path) -> Iterator[str]:
        """What is kept that nobody who is well has said."""
        if not path.exists():
            return
        store, symbols = Store(path), list(self.market.prices)
        for symbol in symbols:
            for kept in store.quotes(symbol):
                if kept.quote.price not in self.prices[symbol]:
                    yield f"kept a price of {symbol}: {kept.quote.price}"
        yield from (
            f"kept a rate: {rate}"
            for rate in store.every_rate()
            if abs(rate.value - RATE) > 1e-9 and abs(rate.value - 1 / RATE) > 1e-9
        )
        splits, _ = store.splits(symbols)
        yield from (
            f"kept a split: {split}"
            for split in splits
            if (split.symbol, split.ex_date, split.ratio) != (SPLIT, SPLIT_DAY, RATIO)
        )
        yield from self._of_estimates(store, symbols)
        yield from self._of_days(store, symbols)
        yield from (f"the store: {each.message.said('en')}" for each in store.problems)

    def _of_estimates(self, store: Store, symbols: list[str]) -> Iterator[str]:
        for symbol, vintages in store.vintages(symbols).items():
            for vintage in vintages:
                for each in vintage.estimates:
                    known = {
                        self.market.estimates[symbol].get(each.fiscal_year),
                        self.market.cents.get(symbol, {}).get(each.fiscal_year, 0) / 100,
                    }
                    by_hand = vintage.source == "by hand"
                    if not by_hand and not any(k and abs(k - each.eps) < 1e-9 for k in known):
                        yield f"kept EPS of {symbol}: FY{each.fiscal_year} {each.eps}"

    def _of_days(self, store: Store, symbols: list[str]) -> Iterator[str]:
        since = date(2000, 1, 1)
        for symbol, closes in store.closes([*symbols, "HKD/CNY"], since).items():
            name = f"{symbol.replace('/', '')}=X" if "/" in symbol else symbol
            known = dict(self.market.closes.get(name, ()))
            for each in closes:
                if known.get(each.day) != each.close:
                    yield f"kept a close of {symbol}: {each.close} on {each.day}"
        for metric, scale in (("pe_ttm", 1), ("pb", 0.1)):
            for symbol, multiples in store.multiples(symbols, metric, since).items():
                past = dict(self.market.multiples.get(symbol, ()))
                for one in multiples:
                    if abs(past.get(one.day, 0) * scale - one.value) > 1e-6:
                        yield f"kept a {metric} of {symbol}: {one.value} on {one.day}"
