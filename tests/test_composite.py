"""Composites: weighted percentiles of several metrics, by order alone, and nothing guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import screener
from screener.model.usage import UsageError
from screener.valuation.composite import resolve
from tests.conftest import NOW, WATCHLISTS, YEARS, header_of, screen, write_watchlist

BY = "0.5 pe_fy1 + 0.3 peg + 0.2 eps_cagr"


def naive_percentile(figure: float, others: list[float], *, low_is_best: bool) -> float:
    """The share of the others that this one beats, a tie counting half."""
    if not others:
        return 1.0
    beaten = [other > figure if low_is_best else other < figure for other in others]
    tied = [other == figure for other in others]
    return (sum(beaten) + sum(tied) / 2) / len(others)


@pytest.mark.parametrize("scope", ["sector", "all"])
def test_a_composite_is_the_weighted_mean_of_percentiles(scope: Any) -> None:
    result = screen(watchlists=WATCHLISTS, now=NOW, by=BY, scope=scope)
    rows = result.table.to_dicts()
    ranked = [row for row in rows if row["composite"] is not None]
    assert len(ranked) > 40
    # Across all, a listing of two tables counts once, by its first row, and has that one's rank.
    first = {row["symbol"]: row for row in sorted(rows, key=lambda row: -row["row"])}
    for ranked_row in ranked:
        expected = 0.0
        row = first[ranked_row["symbol"]] if scope == "all" else ranked_row
        for name, weight in (("pe_fy1", 0.5), ("peg", 0.3), ("eps_cagr", 0.2)):
            peers = [each for each in rows if each["sector"] == row["sector"]]
            peers = list(first.values()) if scope == "all" else peers
            others = [
                round(each[name], 10)
                for each in peers
                if each is not row and each[name] is not None
            ]
            part = naive_percentile(round(row[name], 10), others, low_is_best=name != "eps_cagr")
            assert pytest.approx(weight * part) == ranked_row[f"part_{name}"]
            expected += weight * part
        assert pytest.approx(expected) == ranked_row["composite"]
        assert 0 <= ranked_row["composite"] <= 1 + 1e-12


def test_a_name_that_lacks_a_part_has_no_composite_and_the_part_is_named() -> None:
    result = screen(watchlists=WATCHLISTS, now=NOW, by=BY)
    row = next(r for r in result.table.to_dicts() if r["symbol"] == "688256.SH")
    assert (None, None, "nm") == (row["composite"], row["rank"], row["status"])
    (problem,) = [
        each for each in result.problems
        if each.symbol == "688256.SH" and each.kind == "not_meaningful"
    ]  # fmt: skip
    assert "composite is NM: a part of it is: pe_fy1, peg, eps_cagr" in problem.message


def test_weights_are_shares_of_their_sum() -> None:
    one = screen(watchlists=WATCHLISTS, now=NOW, by="0.5 pe_fy1 + 0.5 peg").table
    other = screen(watchlists=WATCHLISTS, now=NOW, by="7 peg+7*pe_fy1").table
    assert one["symbol"].to_list() == other["symbol"].to_list()
    alone = screen(watchlists=WATCHLISTS, now=NOW, by="pe_fy1 + pe_ntm")
    assert "0.5 pe_fy1 + 0.5 pe_ntm" in alone.metrics["composite"].meaning


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("0.5 pe_fy1 + 0.5 pe_fyy", "no metric 'pe_fyy'"),
        ("0.5 pe_fy1 + 0.5", "'0.5' is no part of a composite"),
        ("0.5 pe_fy1 - 0.5 peg", "is no part of a composite"),
        ("pe_fy1 + pe_fy1", "stands in the composite twice"),
        ("0 pe_fy1 + 1 peg", "must be above zero"),
        ("pe_fy1 +", "is no part of a composite"),
        ("0.5 price + 0.5 peg", "no metric 'price'"),
        ("__import__('os')", "is no part of a composite"),
    ],
)
def test_what_is_no_composite_is_refused(by: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        resolve(by, YEARS)
    assert words in str(refused.value)


HEADER = header_of(2025, 2026, pe=False, more=("price", "currency"))
figures = st.lists(
    st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=2, max_size=8, unique=True
)


def order_of(folder: Path, rows: list[str]) -> list[str]:
    write_watchlist(folder, *rows, header=HEADER, toml="as_of = 2025-01-31")
    result = screener.screen(
        watchlists=folder,
        prices="report",
        now=NOW,
        by="0.6 pe_fy1 + 0.4 eps_cagr",
        nm_above=None,  # a limit is no matter of scale
    )
    return [f"{row['symbol']} {row['composite']:.9f}" for row in result.table.to_dicts()]


@given(figures, st.sampled_from((0.5, 2.0, 8.0)), st.permutations(range(8)))
@settings(max_examples=40)
def test_scale_and_order_of_the_rows_change_no_composite(
    tmp_path_factory: pytest.TempPathFactory,
    eps: list[tuple[int, int]],
    scale: float,
    order: list[int],
) -> None:
    folder = tmp_path_factory.mktemp("composite")
    rows = [
        f"60094{at}.SH,A,100,{one / 100},{two / 100},CNY,20.00,CNY"
        for at, (one, two) in enumerate(eps)
    ]
    scaled = [
        f"60094{at}.SH,A,100,{one / 100},{two / 100},CNY,{20 * scale:.2f},CNY"
        for at, (one, two) in enumerate(eps)
    ]
    moved = [scaled[at] for at in order if at < len(scaled)]
    assert order_of(folder / "one", rows) == order_of(folder / "other", moved)


def test_across_sectors_a_listing_counts_by_its_first_row_that_has_the_figure(
    tmp_path: Path,
) -> None:
    toml = "as_of = 2025-01-31"
    rows = ("600941.SH,A,100,-1.00,1.00,CNY,20.00,CNY", "600050.SH,B,100,1.00,1.10,CNY,10.00,CNY")
    write_watchlist(tmp_path / "lists", *rows, name="a", header=HEADER, toml=toml)
    rows = ("600941.SH,A,100,1.00,2.00,CNY,20.00,CNY", "601728.SH,C,100,1.00,1.10,CNY,40.00,CNY")
    write_watchlist(tmp_path / "lists", *rows, name="b", header=HEADER, toml=toml)
    alone = screener.screen(watchlists=tmp_path / "lists", prices="report", now=NOW)
    ranks = {(row["sector"], row["symbol"]): row["rank_all"] for row in alone.table.to_dicts()}
    result = screener.screen(
        watchlists=tmp_path / "lists", prices="report", now=NOW, by="pe_fy1 + upside", scope="all"
    )
    shares = {
        (row["sector"], row["symbol"]): row["percentile_pe_fy1"] for row in result.table.to_dicts()
    }
    # P/Es are 10, 20 and 40: its loss in the first table takes nothing from the second's profit.
    assert {("a", "600941.SH"): None, ("b", "600941.SH"): 2} == {
        key: ranks[key] for key in ranks if key[1] == "600941.SH"
    }
    assert {("a", "600941.SH"): None, ("b", "600941.SH"): 0.5} == {
        key: shares[key] for key in shares if key[1] == "600941.SH"
    }
