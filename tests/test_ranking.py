"""Ranks: who comes first, who has none, and which ranks rounding leaves possible."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import screener
from screener.model.columns import dtypes
from screener.model.input_columns import input_columns
from screener.valuation.metrics import catalogue
from screener.valuation.ranking import RANK_COLUMN_NAMES, rank
from screener.valuation.value import value
from tests.conftest import NOW, WATCHLISTS, header_of, screen

METRICS = catalogue((2025, 2026))
PE = METRICS["pe_fy1"]


def valued(rows: list[dict[str, Any]]) -> pl.DataFrame:
    blank = dict.fromkeys(column.name for column in input_columns((2025, 2026)))
    records = [
        {
            **blank,
            "row": number,
            "sector": "A",
            "fx": 1.0,
            "ntm_weight": 1.0,
            "split_factor": 1.0,
            "split_since_report": 1.0,
            **row,
        }
        for number, row in enumerate(rows, start=1)
    ]
    frame = pl.DataFrame(records, schema=dtypes(input_columns((2025, 2026))))
    return value(frame, METRICS.values())


def name(symbol: str, price: float | None, eps: float | None, half: float = 0.0) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "price": price,
        "eps_fy1": eps,
        "eps_low_fy1": None if eps is None else eps - half,
        "eps_high_fy1": None if eps is None else eps + half,
    }


def places(ranked: pl.DataFrame) -> list[tuple[str, int | None, str]]:
    return list(ranked.select("symbol", "rank", "status").iter_rows())


def test_cheapest_first_then_losses_by_yield_then_what_is_missing() -> None:
    ranked = rank(
        valued(
            [
                name("dear", 90.0, 1.0),
                name("no_eps", 10.0, None),
                name("deep_loss", 10.0, -5.0),
                name("cheap", 10.0, 1.0),
                name("no_price", None, 1.0),
                name("small_loss", 10.0, -0.1),
            ]
        ),
        PE,
    )
    assert [
        ("cheap", 1, "ranked"),
        ("dear", 2, "ranked"),
        ("small_loss", None, "nm"),
        ("deep_loss", None, "nm"),
        ("no_eps", None, "no_estimate"),
        ("no_price", None, "no_price"),
    ] == places(ranked)


def test_equal_pes_share_a_rank_and_stand_by_symbol() -> None:
    rows = [name("b", 20.0, 2.0), name("c", 11.0, 1.0), name("a", 10.0, 1.0)]
    ranked = rank(valued(rows), PE)
    assert [("a", 1, "ranked"), ("b", 1, "ranked"), ("c", 3, "ranked")] == places(ranked)
    assert [(1, 1, 1), (1, 1, 1), (3, 3, 3)] == list(
        ranked.select("rank_all", "rank_best", "rank_worst").iter_rows()
    )


def test_high_is_best_for_an_earnings_yield() -> None:
    rows = [name("dear", 90.0, 1.0), name("loss", 10.0, -1.0), name("cheap", 10.0, 1.0)]
    ranked = rank(valued(rows), METRICS["earnings_yield_fy1"])
    assert ["cheap", "dear", "loss"] == ranked["symbol"].to_list()
    assert [1, 2, 3] == ranked["rank"].to_list()


def test_a_name_in_two_sectors_counts_once_across_them() -> None:
    both = [
        {**name("x", 10.0, 1.0), "sector": "A"},
        {**name("y", 20.0, 1.0), "sector": "A"},
        {**name("x", 11.0, 1.0), "sector": "B"},
        {**name("z", 30.0, 1.0), "sector": "B"},
    ]
    ranked = rank(valued(both), PE)
    assert [("A", 1), ("A", 2), ("B", None), ("B", 3)] == list(
        ranked.select("sector", "rank_all").iter_rows()
    )


figures = st.tuples(
    st.integers(1, 40), st.integers(-3, 12), st.integers(0, 2), st.sampled_from("AB")
)


@given(st.lists(figures, min_size=1, max_size=4))
def test_rank_bounds_are_the_ranks_that_the_corners_of_rounding_reach(
    drawn: list[tuple[int, int, int, str]],
) -> None:
    """Each EPS at either end of its rounding, all combinations, ranked one by one."""
    rows = [
        {**name(f"{number}", float(price), eps / 2, half / 8), "sector": sector}
        for number, (price, eps, half, sector) in enumerate(drawn)
    ]
    found = {row["symbol"]: row for row in rank(valued(rows), PE).to_dicts()}
    reached: dict[str, set[int]] = {row["symbol"]: set() for row in rows}
    # Where the rounding crosses zero, an EPS just above it is an end as well.
    ends = [(row["eps_low_fy1"], row["eps_high_fy1"], 1e-9) for row in rows]
    ends = [each if each[0] <= 0 < each[1] else each[:2] for each in ends]  # type: ignore[misc]
    for corner in product(*ends):
        for row, eps in zip(rows, corner, strict=True):
            if eps > 0:
                others = [
                    other["price"] / theirs
                    for other, theirs in zip(rows, corner, strict=True)
                    if other is not row and other["sector"] == row["sector"] and theirs > 0
                ]
                mine = row["price"] / eps
                # Equal ones share a rank; what differs beyond ten decimals is noise.
                better = sum(round(other, 10) < round(mine, 10) for other in others)
                reached[row["symbol"]].add(1 + better)
    for symbol, ranks in reached.items():
        row = found[symbol]
        if row["rank"] is None:
            assert (None, None) == (row["rank_best"], row["rank_worst"])
        else:
            assert (min(ranks), max(ranks)) == (row["rank_best"], row["rank_worst"])
            assert row["rank_best"] <= row["rank"] <= row["rank_worst"]


@given(st.lists(figures, min_size=1, max_size=12), st.randoms())
def test_ranks_do_not_depend_on_the_order_of_the_rows(
    drawn: list[tuple[int, int, int, str]], random: Any
) -> None:
    rows = [
        {**name(f"{number:02}", float(price), eps / 2, half / 8), "sector": sector}
        for number, (price, eps, half, sector) in enumerate(drawn)
    ]
    shuffled = random.sample(rows, len(rows))
    columns = ("symbol", *RANK_COLUMN_NAMES)
    first, second = (rank(valued(each), PE).select(columns) for each in (rows, shuffled))
    assert first.sort("symbol").equals(second.sort("symbol"))


def test_a_rounding_that_crosses_zero_leaves_any_rank_behind_the_surely_cheaper() -> None:
    rows = [
        name("sure", 10.0, 1.0),
        name("crosses", 10.0, 0.004, half=0.005),
        name("may_be_any", 10.0, 0.0, half=0.5),
    ]
    ranked = rank(valued(rows), PE)
    assert [("sure", 1, 1, 1), ("crosses", 2, 2, 3), ("may_be_any", None, None, None)] == list(
        ranked.select("symbol", "rank", "rank_best", "rank_worst").iter_rows()
    )


def test_ranking_a_lazy_frame_gives_the_same_ranks(report_result: screener.Result) -> None:
    names = [c for c in report_result.table.columns if c not in RANK_COLUMN_NAMES]
    eager = report_result.table.select(names)
    metric = report_result.metrics["pe_fy1"]
    assert rank(eager, metric).equals(rank(eager.lazy(), metric).collect())


@pytest.mark.parametrize("by", ["peg", "upside", "eps_growth_2026", "market_cap", "pe_ntm"])
def test_every_metric_ranks_the_report_in_its_own_direction(by: str) -> None:
    result = screen(by=by, watchlists=WATCHLISTS, now=NOW)
    best_is_low = result.metrics[by].best == "low"
    for rows in result.table.partition_by("sector"):
        ranked = rows.drop_nulls("rank")
        figures = ranked[by].to_list()
        assert sorted(figures, reverse=not best_is_low) == figures
        keys = [round(figure if best_is_low else -figure, 10) for figure in figures]
        assert [1 + sum(other < own for other in keys) for own in keys] == ranked["rank"].to_list()


# --- ends of PEG, premium, upside and growth ---------------------------------------------------

# At 10 yuan and EPS of 0.50 and 0.60: P/E 20, growth 20 %, PEG 1.
ENDS_HEADER = header_of(2025, 2026, cap=False, pe=False, more=("price", "currency"))


def ends(screen_rows: Callable[..., screener.Result], by: str, *rows: str) -> dict[str, Any]:
    """Figure, ends and possible ranks of each symbol."""
    table = screen_rows(*rows, header=ENDS_HEADER, by=by).table
    names = (by, "figure_low", "figure_high", "rank_best", "rank_worst")
    return {row["symbol"]: tuple(row[name] for name in names) for row in table.to_dicts()}


def test_a_peg_ends_at_the_corners_of_both_roundings(
    screen_rows: Callable[..., screener.Result],
) -> None:
    rows = (
        "600941.SH,A,0.50,0.60,CNY,10.00,CNY",
        "600050.SH,B,0.50,0.605,CNY,10.00,CNY",
        "601728.SH,C,0.30,0.90,CNY,10.00,CNY",
    )
    found = ends(screen_rows, "peg", *rows)
    figure, low, high, best, worst = found["600941.SH"]
    assert pytest.approx(1.0) == figure
    corners = [
        10 / first / (100 * (last / first - 1))
        for first in (0.495, 0.505)
        for last in (0.595, 0.605)
    ]
    assert pytest.approx((min(corners), max(corners))) == (low, high)
    # 0.605 lies in the rounding of 0.60: either of the two may be the cheaper one, C is for sure.
    assert (2, 3) == (best, worst)
    assert [(2, 3), (1, 1)] == [found[symbol][3:] for symbol in ("600050.SH", "601728.SH")]


def test_premium_and_upside_end_where_their_own_eps_does(
    screen_rows: Callable[..., screener.Result],
) -> None:
    rows = (
        "600941.SH,A,0.50,0.60,CNY,10.00,CNY",
        "600050.SH,B,1.00,1.10,CNY,10.00,CNY",
        "601728.SH,C,0.25,0.60,CNY,10.00,CNY",
    )
    premium = ends(screen_rows, "pe_vs_sector", *rows)["600941.SH"]
    # P/Es are 20, 10 and 40, the median 20; 10 ÷ 0.505 and 10 ÷ 0.495 over it.
    assert pytest.approx((0.0, 0.5 / 0.505 - 1, 0.5 / 0.495 - 1)) == premium[:3]
    upside = ends(screen_rows, "upside", *rows)["601728.SH"]
    assert pytest.approx((20 * 0.25 / 10 - 1, 2 * 0.245 - 1, 2 * 0.255 - 1)) == upside[:3]
    assert (3, 3) == upside[3:]


def test_a_last_eps_of_zero_that_may_be_a_profit_is_in_the_bounds_of_growth(
    screen_rows: Callable[..., screener.Result],
) -> None:
    rows = (
        "600941.SH,A,0.50,0.01,CNY,10.00,CNY",
        "600050.SH,B,0.00,0.00,CNY,10.00,CNY",
    )
    found = ends(screen_rows, "eps_cagr", *rows)
    # B's EPS may be 0.001 and 0.004, which is more growth than any of A's.
    assert (None, -1.0, None) == found["600050.SH"][:3]
    assert (1, 2) == found["600941.SH"][3:]
