"""Every metric equals its definition, on any frame, for any input."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from itertools import repeat
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import screener
from screener import to_dict
from screener.model.columns import dtypes
from screener.model.input_columns import input_columns
from screener.valuation.metrics import catalogue
from screener.valuation.value import value
from tests import naive
from tests.conftest import HEADER, YEARS

METRICS = catalogue(YEARS)

money = st.one_of(
    st.none(),
    st.floats(min_value=1e-3, max_value=1e5),
    st.floats(min_value=5e-324, max_value=1.7e308),
)
eps = st.one_of(st.none(), st.floats(-1e3, 1e3), st.floats(allow_nan=False, allow_infinity=False))


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """One row of inputs with any figures whatever, and none that are not numbers."""
    row: dict[str, Any] = dict.fromkeys(column.name for column in input_columns(YEARS))
    row |= {
        "row": 1,
        "sector": draw(st.sampled_from("AB")),
        "symbol": "600941.SH",
        "ntm_weight": draw(st.floats(0, 1)),
        "split_since_report": draw(st.sampled_from((1.0, 1.4, 2.0, 0.5))),
        "nm_above": draw(st.sampled_from((None, None, 30.0))),
        "cagr_years": draw(st.sampled_from((None, 1, 2))),
        "fy1": 2025,
        "price": draw(money),
        "fx": draw(st.one_of(st.just(1.0), money)),
        "report_price": draw(money),
        "market_cap_printed": draw(money),
        "eps_ttm": draw(eps),
        "eps_ttm_fx": draw(st.one_of(st.just(1.0), money)),
        "book_value": draw(eps),
        "dividend": draw(st.one_of(st.none(), st.floats(0, 1e3))),
        "accounts_fx": draw(st.one_of(st.just(1.0), money)),
        "pe_ttm_standing": draw(st.one_of(st.none(), st.floats(0, 1))),
    }
    for period in (*map(str, YEARS), "fy1"):
        row[f"eps_report_{period}"] = draw(eps)
    for period in (*map(str, YEARS), "fy1", "fy2", "last", *(f"cy_{year}" for year in YEARS)):
        low, middle, high = sorted(draw(st.tuples(eps, eps, eps)), key=lambda each: each or 0.0)
        row |= {f"eps_{period}": middle, f"eps_low_{period}": low, f"eps_high_{period}": high}
    return row


def frame_of(records: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(records, schema=dtypes(input_columns(YEARS)))


def expected_figures(records: list[dict[str, Any]]) -> list[dict[str, float | None]]:
    multiples: dict[str, list[float]] = {}
    for row in records:
        pe = naive.value(row, YEARS, None)["pe_fy1"]
        if pe is not None:
            multiples.setdefault(row["sector"], []).append(pe)
    return [
        naive.value(row, YEARS, naive.median(multiples.get(row["sector"], []))) for row in records
    ]


def same(expected: float | None, found: float | None, rel: float) -> bool:
    """Whether both are nothing, or both a figure and the same but for rounding."""
    if expected is None or found is None:
        return expected is found
    return math.isclose(expected, found, rel_tol=rel, abs_tol=1e-12)


def test_the_reports_figures_equal_their_definitions(report_result: screener.Result) -> None:
    records = report_result.table.to_dicts()
    for row, expected in zip(records, expected_figures(records), strict=True):
        for name in report_result.metrics:
            assert same(expected[name], row[name], 1e-12), (row["symbol"], name)


def moderate(record: dict[str, Any]) -> dict[str, Any]:
    """The row without figures so large or small that their products leave the range of a float."""
    return {
        name: None
        if isinstance(figure, float) and figure and not 1e-9 < abs(figure) < 1e9
        else figure
        for name, figure in record.items()
    } | {"ntm_weight": record["ntm_weight"]}


@given(st.lists(rows(), min_size=1, max_size=8))
def test_any_figures_equal_their_definitions(records: list[dict[str, Any]]) -> None:
    records = [moderate(record) for record in records]
    valued = value(frame_of(records), METRICS.values()).to_dicts()
    for row, expected in zip(valued, expected_figures(records), strict=True):
        for name in METRICS:
            assert same(expected[name], row[name], 1e-9), name


@given(st.lists(rows(), min_size=1, max_size=8))
def test_no_figure_is_ever_nan_or_infinite_and_no_pe_negative(
    records: list[dict[str, Any]],
) -> None:
    for row in value(frame_of(records), METRICS.values()).to_dicts():
        for name in METRICS:
            assert row[name] is None or math.isfinite(row[name]), name
            if name.startswith("pe_") and name != "pe_vs_sector":
                assert row[name] is None or row[name] >= 0, name


@given(st.lists(rows(), min_size=1, max_size=8))
def test_a_loss_has_no_pe(records: list[dict[str, Any]]) -> None:
    for row in value(frame_of(records), METRICS.values()).to_dicts():
        for period in (*YEARS, "fy1", "ntm"):
            if row[f"eps_{period}"] is not None and row[f"eps_{period}"] <= 0:
                assert row[f"pe_{period}"] is None


def test_eager_lazy_and_pandas_frames_give_the_same_figures(
    report_result: screener.Result,
) -> None:
    names = [column.name for column in input_columns(YEARS)]
    eager = report_result.table.select(names)
    expected = value(eager, METRICS.values()).select(*METRICS)
    lazy = value(eager.lazy(), METRICS.values()).select(*METRICS).collect()
    assert expected.equals(lazy)
    # pandas has one NaN for all that is missing; narwhals turns it back into nothing.
    frame = pd.DataFrame(eager.to_dict(as_series=False)).convert_dtypes()
    through_pandas = value(frame, METRICS.values())
    for name in METRICS:
        figures = [None if pd.isna(each) else float(each) for each in through_pandas[name]]
        assert all(map(same, expected[name], figures, repeat(1e-12))), name


def test_a_metric_stands_after_those_its_expression_uses() -> None:
    columns = [column.name for column in input_columns(YEARS)]
    nothing = frame_of([])
    # polars refuses an expression that names a column the frame has not yet.
    assert [*columns, *METRICS] == value(nothing, METRICS.values()).columns


def test_figures_of_one_name_by_hand(screen_rows: Any) -> None:
    # 20 = 0.50 × 40 = 0.80 × 25 = 1.00 × 20; 2025-07-02 is 182 days before the year's end.
    result = screen_rows(
        "600941.SH,A,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY,20.00,CNY",
        header=f"{HEADER},price,currency",
        as_of=date(2025, 7, 2),
    )
    row = result.table.row(0, named=True)
    assert 20.0 == pytest.approx(row["price"])
    assert 25.0 == pytest.approx(row["pe_fy1"])
    assert 20 / (182 / 365 * 0.8 + 183 / 365 * 1.0) == pytest.approx(row["pe_ntm"])
    assert 0.25 == pytest.approx(row["eps_cagr"])
    assert 1.0 == pytest.approx(row["peg"])
    assert 0.04 == pytest.approx(row["earnings_yield_fy1"])
    assert 0.6 == pytest.approx(row["eps_growth_2025"])
    assert 20 / 0.805 == pytest.approx(row["pe_low"])
    assert 20 / 0.795 == pytest.approx(row["pe_high"])
    assert 100.0 == pytest.approx(row["market_cap"])


def test_a_multiple_beyond_reason_is_nm_and_in_no_mean_unless_the_limit_is_lifted(
    screen_rows: Callable[..., screener.Result],
) -> None:
    rows = (
        "600941.SH,A,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY",
        "600050.SH,B,100,0.01,0.01,0.01,13415.00,13415.00,13415.00,CNY",
    )
    result = screen_rows(*rows)
    found = {row["symbol"]: row for row in to_dict(result)["rows"]}
    assert (1000.0, None, "nm") == tuple(
        found["600050.SH"][name] for name in ("nm_above", "pe_fy1", "status")
    )
    (mean,) = result.sectors.filter(result.sectors["metric"] == "pe_fy1")["mean"]
    assert pytest.approx(found["600941.SH"]["pe_fy1"]) == mean
    (problem,) = (each for each in result.problems if each.kind == "not_meaningful")
    assert "the P/E is above 1,000" in problem.message
    lifted = screen_rows(*rows, nm_above=None)
    assert pytest.approx(13415.0) == max(lifted.table["pe_fy1"])
