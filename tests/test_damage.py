"""A damaged store: what it changes is said, what is sound of it is saved."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from screener.model.figures import Interval
from screener.model.records import (
    Close,
    Estimate,
    Lookup,
    Multiple,
    Profile,
    Quote,
    Rate,
    Split,
    Vintage,
)
from screener.screening import runs
from screener.store.store import Store
from tests.conftest import NOW, screen, write_watchlist

SYMBOLS = ("600941.SH", "600050.SH", "0700.HK")
DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two kept runs, estimates of three sources, and some of all else."""
    folder = tmp_path_factory.mktemp("sound")
    store = Store(folder / "quotes.db")
    for back in range(4):
        now, day = NOW - timedelta(back), DAY - timedelta(back)
        quotes = {
            symbol: Quote(
                100.5 + back, "CNY", now, day, "Yahoo", "live", Interval(100.5, 100.5),
                shares=2.1e10, previous_close=99.25,
            )
            for symbol in SYMBOLS
        }  # fmt: skip
        store.save(quotes, [Rate("HKD", "CNY", 0.91 + back / 100, now, "Yahoo")], now)
        for source in ("Eastmoney", "Yahoo", "by hand"):
            store.save_vintages([_vintage(symbol, source, back) for symbol in SYMBOLS], now)
    days = [DAY - timedelta(back) for back in range(60)]
    asked = [Lookup(symbol, "Yahoo", days[-1], DAY) for symbol in SYMBOLS]
    each_day = [(symbol, day) for symbol in SYMBOLS for day in days]
    store.save_closes([Close(symbol, day, 100.25, DAY, "Yahoo") for symbol, day in each_day], asked)
    multiples = [Multiple(symbol, "pe_ttm", day, 15.5, "Eastmoney") for symbol, day in each_day]
    store.save_multiples(
        multiples, [Lookup(each.symbol, "pe_ttm", days[-1], DAY) for each in asked]
    )
    store.save_splits([Split(symbol, DAY, 1.4, "Yahoo") for symbol in SYMBOLS], asked, NOW)
    store.save_profiles([Profile(symbol, "Yahoo", DAY, DAY, NOW, "移动") for symbol in SYMBOLS])
    rows = [f"{symbol},A,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY" for symbol in SYMBOLS[:2]]
    write_watchlist(folder / "lists", *rows)
    result = screen(watchlists=folder / "lists", now=NOW, store=folder / "none.db")
    assert [1, 2] == [runs.keep(result, store) for _ in range(2)]
    assert [] == store.problems
    return store.path


def _vintage(symbol: str, source: str, back: int) -> Vintage:
    years = tuple(
        Estimate(year, date(year, 12, 31), 1.25 + back, Interval(1.2, 1.3), 7)
        for year in (2026, 2027)
    )
    moment = NOW - timedelta(back)
    seen = moment if source == "by hand" else None
    return Vintage(symbol, source, DAY - timedelta(back), "CNY", years, moment, seen)


def figures(store: Store) -> list[Any]:
    """All that a run takes from a store."""
    since = DAY - timedelta(400)
    return [
        store.vintages(SYMBOLS),
        [store.quotes(symbol) for symbol in SYMBOLS],
        store.every_quote(SYMBOLS, NOW - timedelta(400)),
        store.shares(),
        sorted(map(repr, store.rates())),
        sorted(map(repr, store.every_rate())),
        [sorted(map(repr, found)) for found in store.splits(SYMBOLS)],
        store.profiles(SYMBOLS),
        store.closes(SYMBOLS, since),
        [store.closes_span(symbol) for symbol in SYMBOLS],
        store.multiples(SYMBOLS, "pe_ttm", since),
        [store.multiples_span(symbol, "pe_ttm") for symbol in SYMBOLS],
        sorted(map(repr, store.figures())),
        store.last_run("demo", "pe_fy1"),
        store.runs(),
    ]


def flipped(path: Path, target: Path, bit: int) -> Path:
    """A copy of a file with one bit the other way round."""
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    target.write_bytes(content)
    return target


def bits(path: Path, count: int) -> list[int]:
    """Some bits of a file, more of its head and of the tables' texts, where each byte tells."""
    chosen = random.Random(20)  # noqa: S311 - bits, no secrets
    end = 8 * path.stat().st_size
    return [chosen.randrange(8 * (100 if at % 5 == 0 else 8192) if at % 5 < 2 else end)
            for at in range(count)]  # fmt: skip


def test_one_flipped_bit_changes_no_figure_in_silence(sound: Path, tmp_path: Path) -> None:
    before = figures(Store(sound))
    silent = []
    for at, bit in enumerate(bits(sound, 200)):
        store = Store(flipped(sound, tmp_path / f"{at}.db", bit))
        if figures(store) != before and not any(problem.is_gap for problem in store.problems):
            silent.append(bit)
        store.path.unlink()
    assert [] == silent
