"""One name beside its peers, by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import screener
from screener import runs
from screener.comps import Comparison, compare
from screener.model import UsageError
from screener.store import KeptFigure, Store
from tests.conftest import NOW, write_watchlist

HEADER = "symbol,name,eps_2025,eps_2026,eps_currency,price,currency"
# P/E of FY1: 10, 20, 30 and a loss; the name itself is at 15.
ROWS = (
    "600941.SH,own,2.00,2.20,CNY,30.00,CNY",
    "600050.SH,ten,1.00,1.10,CNY,10.00,CNY",
    "600051.SH,twenty,1.00,1.10,CNY,20.00,CNY",
    "600052.SH,thirty,1.00,1.10,CNY,30.00,CNY",
    "600053.SH,loss,-1.00,1.10,CNY,30.00,CNY",
)


@pytest.fixture
def result(tmp_path: Path) -> screener.Result:
    write_watchlist(tmp_path / "lists", *ROWS, header=HEADER, toml="as_of = 2025-01-31")
    return screener.screen(watchlists=tmp_path / "lists", prices="report", now=NOW)


def spread(found: Comparison, name: str) -> dict[str, float | None]:
    (each,) = [each for each in found.spreads if each.metric.name == name]
    return {at: getattr(each, at) for at in ("own", "low", "median", "high", "premium", "n")}


def test_a_name_is_set_beside_the_others_of_its_watchlist(result: screener.Result) -> None:
    found = compare(result, "600941.sh")
    assert {"own": 15, "low": 10, "median": 20, "high": 30, "premium": -0.25, "n": 3} == (
        pytest.approx(spread(found, "pe_fy1"))
    )
    assert 4 == len(found.peers)


def test_prices_are_implied_by_low_median_and_high(result: screener.Result) -> None:
    implied = {
        each.at: (each.price, each.upside)
        for each in compare(result, "600941.SH").implied
        if each.metric.name == "pe_fy1"
    }
    # By hand: EPS of 2.00 at 10, 20 and 30 times; the price is 30.
    assert pytest.approx((20.0, -1 / 3)) == implied["low"]
    assert pytest.approx((40.0, 1 / 3)) == implied["median"]
    assert pytest.approx((60.0, 1.0)) == implied["high"]


def test_a_loss_implies_no_price_and_has_no_premium(result: screener.Result) -> None:
    found = compare(result, "600053.SH")
    assert {"own": None, "premium": None} == {
        at: spread(found, "pe_fy1")[at] for at in ("own", "premium")
    }
    assert [] == [each for each in found.implied if each.metric.name == "pe_fy1"]


def test_peers_can_be_named(result: screener.Result) -> None:
    found = compare(result, "600941.SH", ["600050.SH", "600052.SH", "600050.SH"])
    assert (2, 20.0) == (len(found.peers), spread(found, "pe_fy1")["median"])


@pytest.mark.parametrize(
    ("symbol", "peers", "words"),
    [
        ("600942.SH", (), "no watchlist that was taken has '600942.SH'"),
        ("600941", (), "is no code"),
        ("600941.SH", ("600941.SH",), "has no peers here"),
        ("600941.SH", ("600999.SH",), "no watchlist that was taken has '600999.SH'"),
    ],
)
def test_what_cannot_be_compared_is_told(
    result: screener.Result, symbol: str, peers: tuple[str, ...], words: str
) -> None:
    with pytest.raises(UsageError) as refused:
        compare(result, symbol, peers)
    assert words in str(refused.value)


def test_the_premium_of_earlier_days_is_a_range_with_todays_place_in_it(
    result: screener.Result,
) -> None:
    kept = [
        KeptFigure(date(2025, 1, day), "demo", "600941.SH", 15.0, premium)
        for day, premium in ((2, -0.40), (2, -0.30), (3, -0.10), (6, 0.05), (7, None))
    ]
    other = KeptFigure(date(2025, 1, 8), "demo", "600050.SH", 15.0, 9.0)
    past = compare(result, "600941.SH", kept=[*kept, other]).past
    assert past is not None
    # Two runs of one day: the last counts. Today: 15 ÷ median of 10, 15, 20, 30 is −14.3 %.
    assert (3, -0.30, -0.10, 0.05) == (past.n, past.low, past.median, past.high)
    assert pytest.approx(1 / 3) == past.percentile


def test_runs_that_are_kept_become_the_past(result: screener.Result, tmp_path: Path) -> None:
    store = Store(tmp_path / "quotes.db")
    runs.keep(result, store)
    past = compare(result, "600941.SH", kept=store.figures("600941.SH")).past
    assert past is not None
    assert pytest.approx((15 / 17.5 - 1, 0.0)) == (past.median, past.percentile)
