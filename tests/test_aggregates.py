"""A sector's statistics against the standard library and against sums by hand."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import polars as pl
import pytest

import screener
from screener.valuation import aggregates


def test_statistics_of_the_report_equal_the_standard_librarys(
    report_result: screener.Result,
) -> None:
    checked = 0
    for found in report_result.sectors.to_dicts():
        rows = report_result.table.filter(pl.col("sector") == found["sector"])
        figures = rows[found["metric"]].drop_nulls().to_list()
        assert len(figures) == found["n"]
        assert len(rows) == found["n"] + found["n_nm"] + found["n_missing"]
        if len(figures) < 2:
            continue
        checked += 1
        lower, middle, upper = statistics.quantiles(figures, n=4, method="inclusive")
        assert lower == pytest.approx(found["lower_quartile"])
        assert middle == pytest.approx(found["median"])
        assert upper == pytest.approx(found["upper_quartile"])
        assert statistics.fmean(figures) == pytest.approx(found["mean"])
        assert (min(figures), max(figures)) == (found["low"], found["high"])
        if found["metric"].startswith("pe_") and found["metric"] != "pe_vs_sector":
            assert statistics.harmonic_mean(figures) == pytest.approx(found["harmonic_mean"])
    assert checked > 40


def test_the_aggregate_counts_losses(screen_rows: Callable[..., screener.Result]) -> None:
    # Caps 300, 100, 100; earnings 300/20 + 100/10 − 100/5 = 5; 500 ÷ 5 = 100.
    header = "symbol,name,market_cap,price,currency,eps_2025,eps_currency"
    rows = (
        "600941.SH,A,300,20,CNY,1,CNY",
        "600050.SH,B,100,10,CNY,1,CNY",
        "601728.SH,C,100,5,CNY,-1,CNY",
        "600000.SH,D,,5,CNY,1,CNY",
    )
    sectors = screen_rows(*rows, header=header).sectors
    found = sectors.filter(pl.col("metric") == "pe_fy1").row(0, named=True)
    assert 100.0 == pytest.approx(found["aggregate"])
    assert 3 == found["n_aggregate"]
    assert (3, 1) == (found["n"], found["n_nm"])
    assert 3 / (1 / 20 + 1 / 10 + 1 / 5) == pytest.approx(found["harmonic_mean"])
    assert "600000.SH" == found["best"]


def test_a_sector_that_loses_money_has_no_aggregate(
    screen_rows: Callable[..., screener.Result],
) -> None:
    header = "symbol,name,market_cap,price,currency,eps_2025,eps_currency"
    sectors = screen_rows("600941.SH,A,300,20,CNY,-1,CNY", header=header).sectors
    found = sectors.filter(pl.col("metric") == "pe_fy1").row(0, named=True)
    nothing = (None, None, None, None)
    assert nothing == tuple(found[n] for n in ("aggregate", "harmonic_mean", "median", "best"))
    assert 0 == found["n"]


def test_statistics_are_the_same_however_many_metrics_are_taken_at_once(
    report_result: screener.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, metrics = report_result.table, report_result.metrics.values()
    at_once = aggregates.aggregate(table, metrics)
    monkeypatch.setattr(aggregates, "_FIGURES_AT_ONCE", 1)
    assert at_once.equals(aggregates.aggregate(table, metrics))
    assert at_once.equals(aggregates.aggregated(table, metrics))
    assert at_once.equals(aggregates.aggregated(table.lazy(), metrics).collect())
