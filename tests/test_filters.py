"""Conditions on figures: as polars filters, on known columns only, and nobody is lost unsaid."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import screener
from screener import write
from screener.model.usage import UsageError
from screener.valuation import filters
from tests.conftest import NOW, WATCHLISTS, screen

FRAME = pl.DataFrame(
    {
        "row": range(8),
        "pe": [1.0, None, 30.0, 12.5, 80.0, -3.0, None, 7.0],
        "growth": [0.1, 0.2, None, 0.4, -0.1, 0.0, None, 0.3],
        "name": ["a", "b", "c", "d", "a", "b", "it's", "移动"],
    }
)

numbers = st.floats(-100, 100).map(lambda number: round(number, 3))


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> tuple[str, pl.Expr]:
    """A condition as text, and the same built with polars' own expressions."""
    if depth and draw(st.booleans()):
        (left, one), (right, other) = draw(conditions(depth - 1)), draw(conditions(depth - 1))
        word = draw(st.sampled_from(("and", "OR")))
        joined = one & other if word == "and" else one | other
        return f"({left}) {word} ({right})", joined
    column = draw(st.sampled_from(("pe", "growth")))
    kind = draw(st.sampled_from(("<", ">=", "=", "between", "null", "not", "name", "sum")))
    number = draw(numbers)
    figure = pl.col(column).round(10)
    return {
        "<": (f"{column} < {number}", figure < number),
        ">=": (f"{column}>={number}", figure >= number),
        "=": (f"{column} = {number}", figure == number),
        "between": (f"{column} between -5 and {number}", figure.is_between(-5, number)),
        "null": (f"{column} IS  NOT NULL", figure.is_not_null()),
        "not": (f"NOT ({column} > {number})", ~(figure > number)),
        "name": ("name in ('a', '移动')", pl.col("name").is_in(["a", "移动"])),
        "sum": (
            f"pe + 2 * growth > {number}",
            (pl.col("pe") + 2 * pl.col("growth")).round(10) > number,
        ),
    }[kind]


@given(conditions())
@settings(max_examples=200)
def test_a_condition_lets_through_what_polars_filter_does(condition: tuple[str, pl.Expr]) -> None:
    text, expression = condition
    passing, unknown = filters.passing(FRAME, [text])
    assert FRAME.filter(expression)["row"].to_list() == passing["row"].to_list()
    untold = FRAME.filter(FRAME.select(met=expression)["met"].is_null())
    assert untold["row"].to_list() == unknown[text]["row"].to_list()


def test_what_is_divided_by_zero_neither_meets_a_condition_nor_misses_it() -> None:
    condition = "pe / growth > 20 or pe / (growth + 0.1) > 100"
    passing, unknown = filters.passing(FRAME, [condition])
    # 30, 12.5 and 7 are over 20 times 0.3 or so; -3 / 0 and 80 / 0 are no figures.
    assert [3, 7] == passing["row"].to_list()
    assert [1, 2, 4, 5, 6] == unknown[condition]["row"].to_list()
    named = screen(watchlists=WATCHLISTS, now=NOW, where="pe_fy1 / eps_revision_fy1 > 1").problems
    said = [each.message for each in named if each.kind == "unknown_to_filter"]
    assert any("divides by zero, and is left out" in each for each in said)


def test_conditions_hold_all_at_once_in_any_order() -> None:
    both = ["pe < 30", "growth > 0.15"]
    found = [filters.passing(FRAME, each)[0]["row"].to_list() for each in (both, both[::-1])]
    assert [[3, 7], [3, 7]] == found


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("pe in (select pe from read_csv('/etc/passwd'))", "no column 'select'"),
        ("read_csv('/etc/passwd')", "no column 'read_csv'"),
        ("pe < (select 3)", "no column 'select'"),
        ("abs(pe) > 2", "no column 'abs'"),
        ("pe(1) > 2", "there are no functions"),
        ("pe < 30; drop table x", "what is ';"),
        ("pe < 30 -- all", "what is '--'"),
        ('"pe" < 30', "what is"),
        ("`pe` < 30", "what is"),
        ("pe < $HOME", "what is"),
        ("__import__('os')", "no column '__import__'"),
        ("pe", "compare a column"),
        ("1 = 1", "compare a column"),
        ("", "is no condition"),
        ("((((", "is no condition"),
        ("pe >", "is no condition"),
        ("pe > 'abc'", "is no condition"),
        ("pe < 20 and not null", "write IS NULL"),
        ("pe = null", "write IS NULL"),
        ("pe < 20 growth", "what is between 20 and growth"),
        ("'a' 'b'", "what is between 'a' and 'b'"),
        ("1 < pe < 20", "compares what is true or false with a figure"),
        ("pe < 20 and not growth", "compares what is true or false with a figure"),
        ("pe < 20 and growth", "is no condition"),
        ("(pe < 20) + 1 > 1", "compares what is true or false with a figure"),
        ("'it''s", "what is"),
        ("pe < 1" + " and pe < 1" * 300, "longer than"),
    ],
)
def test_what_is_no_condition_is_refused(condition: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        filters.passing(FRAME, [condition])
    assert words in str(refused.value)


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    try:
        filters.passing(FRAME, [text])
    except UsageError:
        return
    assert set(filters.names(text, FRAME.columns)), text


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no column 'growht'; is growth.* meant\?"):
        filters.passing(FRAME, ["growht > 1"])


def test_a_screen_ranks_the_names_that_pass_among_each_other() -> None:
    result = screen(
        watchlists=WATCHLISTS, now=NOW, where=["pe_fy1 < 30", "eps_cagr > 0.2 and market_cap > 200"]
    )
    every = screen(watchlists=WATCHLISTS, now=NOW).table
    expected = every.filter(
        (pl.col("pe_fy1") < 30) & (pl.col("eps_cagr") > 0.2) & (pl.col("market_cap") > 200)
    )
    assert set(expected["symbol"]) == set(result.table["symbol"])
    for _, group in result.table.group_by("sector"):
        assert list(range(1, len(group) + 1)) == sorted(group["rank"])
    # The median is that of the names left: of an odd number the middle one is at it.
    assert 0.0 == pytest.approx(result.table.filter(sector="telecom")["pe_vs_sector"].median())
    # A loss has no P/E to be below 30: the two are named, not only gone.
    untold = {each.symbol for each in result.problems if each.kind == "unknown_to_filter"}
    assert {"688256.SH", "688220.SH"} == untold
    (said,) = [each.message for each in result.problems if each.kind == "filtered"]
    assert f"{len(expected)} of 53 names meet pe_fy1 < 30 and eps_cagr > 0.2" in said


def test_a_screen_that_nobody_passes_is_empty_and_says_so(tmp_path: Path) -> None:
    result = screen(watchlists=WATCHLISTS, now=NOW, where="pe_fy1 < 0")
    assert 0 == len(result.table)
    assert "0 of 53 names meet pe_fy1 < 0" in " ".join(each.message for each in result.problems)
    assert write(result, tmp_path / "empty.xlsx").exists()


def test_only_and_exclude_choose_by_symbol() -> None:
    chosen = screen(
        watchlists=WATCHLISTS, now=NOW, only=["600941.sh", "0700.HK", "300308.SZ"],
        exclude=["300308.SZ"],
    )  # fmt: skip
    assert {"600941.SH", "0700.HK"} == set(chosen.table["symbol"])
    assert ["telecom", "media"] == [each.name for each in chosen.watchlists]
    # The code as it is printed means the listing it was corrected to.
    assert ["9988.HK"] == screen(watchlists=WATCHLISTS, now=NOW, only=["9898.HK"]).table[
        "symbol"
    ].to_list()
    with pytest.raises(UsageError, match=r"Did you mean .600941.SH"):
        screener.screen(watchlists=WATCHLISTS, now=NOW, prices="report", only=["600942.SH"])


# --- limits that are hit exactly --------------------------------------------------------------

AT_LIMITS = pl.DataFrame(
    {
        "row": [1, 2],
        "pe": [11.40 / 0.57, 30.0],  # 20 on paper, and 20.000000000000004 in floats
        "price": [11.40, 60.0],
        "eps": [0.57, 2.0],
        "growth": [0.77 / 0.70 - 1, 0.2],  # 10 % on paper, and a little more in floats
        "name": ["a  b", "c"],
    }
)


@pytest.mark.parametrize(
    ("condition", "passing"),
    [
        ("pe <= 20", [1]),
        ("pe < 20", []),
        ("pe = 20", [1]),
        ("pe between 20 and 25", [1]),
        ("pe in (20, 21)", [1]),
        ("NOT (pe > 20)", [1]),
        ("price / eps <= 20", [1]),
        ("2 * (price / eps) <= 40 and name = 'a  b'", [1]),
        ("-pe >= -20", [1]),
        ("growth > 0.1", [2]),
        ("growth >= 0.1 and (pe <= 20 or pe > 30)", [1]),
    ],
)
def test_a_figure_that_is_the_limit_on_paper_is_at_the_limit(
    condition: str, passing: list[int]
) -> None:
    assert AT_LIMITS["pe"][0] > 20
    assert AT_LIMITS["growth"][0] > 0.1
    found, _ = filters.passing(AT_LIMITS, [condition])
    assert passing == found["row"].to_list()
