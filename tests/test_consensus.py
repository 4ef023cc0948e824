"""Which fiscal year a day lies in, and what is said when the consensus has it no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

import screener
from screener.consensus.fiscal_calendar import fiscal_year_in_progress, period_end
from tests.conftest import ROW


@pytest.mark.parametrize(
    ("day", "year_end", "fiscal_year"),
    [
        (date(2025, 1, 31), (12, 31), 2025),
        (date(2025, 12, 31), (12, 31), 2025),
        (date(2026, 1, 1), (12, 31), 2026),
        (date(2025, 1, 31), (3, 31), 2025),
        (date(2025, 3, 31), (3, 31), 2025),
        (date(2025, 4, 1), (3, 31), 2026),
        (date(2025, 2, 28), (2, 29), 2025),
        (date(2024, 2, 29), (2, 28), 2025),
        (date(2024, 2, 29), (2, 29), 2024),
    ],
)
def test_a_fiscal_year_is_named_after_the_year_it_ends_in(
    day: date, year_end: tuple[int, int], fiscal_year: int
) -> None:
    assert fiscal_year == fiscal_year_in_progress(day, year_end)


def test_the_end_of_february_follows_the_leap_year() -> None:
    assert date(2025, 2, 28) == period_end(2025, (2, 29))
    assert date(2024, 2, 29) == period_end(2024, (2, 29))


@pytest.mark.parametrize(
    ("day", "weight"),
    [
        (date(2025, 1, 31), 334 / 365),
        (date(2025, 12, 31), 0.0),
        (date(2026, 1, 1), 364 / 365),
    ],
)
def test_the_next_twelve_months_weigh_fy1_by_its_days_left(
    screen_rows: Callable[..., screener.Result], day: date, weight: float
) -> None:
    table = screen_rows(ROW, as_of=day).table
    assert weight == pytest.approx(table["ntm_weight"].item())


def test_a_leap_years_first_day_does_not_weigh_more_than_one(
    screen_rows: Callable[..., screener.Result],
) -> None:
    table = screen_rows(ROW, as_of=date(2028, 1, 1)).table
    assert 1.0 == table["ntm_weight"].item()


def test_a_consensus_that_has_ended_gives_no_forward_pe_and_says_so(
    screen_rows: Callable[..., screener.Result],
) -> None:
    result = screen_rows(ROW, as_of=date(2027, 1, 4))
    assert [None] == result.table["pe_fy1"].to_list()
    assert ["no_estimate"] == result.table["status"].to_list()
    (problem,) = [each for each in result.problems if each.kind == "no_estimate"]
    assert (
        "consensus ends FY2026, price day is 2027-01-04: screener consensus update"
        == problem.message
    )
    assert "error" == problem.severity


def test_a_consensus_without_a_next_year_has_fy1_but_no_next_twelve_months(
    screen_rows: Callable[..., screener.Result],
) -> None:
    result = screen_rows(ROW, as_of=date(2026, 2, 2))
    row = result.table.row(0, named=True)
    assert (2026, None, None) == (row["fy1"], row["pe_ntm"], row["eps_cagr"])
    assert row["pe_fy1"] is not None
    assert "no_next_year" in {problem.kind for problem in result.problems}


@pytest.mark.parametrize(("day", "old"), [(date(2025, 5, 1), False), (date(2025, 5, 2), True)])
def test_a_consensus_older_than_90_days_is_warned_of_once(
    screen_rows: Callable[..., screener.Result], day: date, old: bool
) -> None:
    second = ROW.replace("600941", "600050")
    problems = screen_rows(ROW, second, as_of=day).problems
    assert old == ("old_consensus" in [problem.kind for problem in problems])
    assert [problem.kind for problem in problems].count("old_consensus") <= 1
