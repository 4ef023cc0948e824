"""Vintages of the consensus: kept all, used the right one, and none that cannot be believed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import screener
from screener.consensus.choice import Which, choose
from screener.consensus.fiscal_calendar import period_end, standing
from screener.consensus.judge import BY_HAND, Factor, factor_of, judge
from screener.consensus.revisions import revisions
from screener.consensus.splits import record
from screener.market_data.by_hand import accept, keep, set_estimate
from screener.market_data.coverage import Coverage, load_coverage, unknown_between
from screener.model.figures import Interval
from screener.model.records import Estimate, Lookup, Split, Vintage
from screener.model.usage import UsageError
from screener.store.store import Store
from screener.valuation.periods import derived
from tests.conftest import NOW, ROW, write_prices, write_watchlist

DAY = date(2026, 11, 24)


def no_split(_: date, __: date) -> float:
    return 1.0


def vintage(
    *eps: tuple[int, float],
    source: str = "Eastmoney",
    as_of: date = date(2026, 3, 31),
    symbol: str = "600941.SH",
    currency: str = "CNY",
    **more: Any,
) -> Vintage:
    estimates = tuple(
        Estimate(year, period_end(year, (12, 31)), value, Interval(value, value))
        for year, value in eps
    )
    moment = datetime(as_of.year, as_of.month, as_of.day, 4, tzinfo=UTC)
    kept = {"fetched_at": moment, **more}
    return Vintage(symbol, source, as_of, currency, estimates, **kept)


PRINTED = vintage(
    (2024, 0.50), (2025, 0.80), (2026, 1.00), as_of=date(2025, 1, 31), source="desk",
    fetched_at=None,
)  # fmt: skip


def doubt(*later: Vintage, split: Factor = no_split) -> str:
    """Why the last of these is not used."""
    return judge([PRINTED, *later], split)[-1].doubt


@pytest.mark.parametrize(
    ("eps", "words"),
    [
        ([(2026, 1.10), (2027, 1.30)], ""),
        ([(2026, 2.99)], ""),
        ([(2026, 3.01)], "EPS FY2026 3.01 jumps by more than ×3 from 1 of FY2026"),
        ([(2026, 0.34)], ""),
        ([(2026, 0.33)], "jumps by more than ×3"),
        ([(2026, -0.10)], "EPS FY2026 -0.1 changes its sign from 1 of FY2026"),
        ([(2026, 0.0)], "jumps"),
        ([(2025, 0.80), (2026, 9.0)], "EPS FY2026 9"),
        # No year in common: the first new one is held against the last old one.
        ([(2027, 1.20)], ""),
        ([(2027, 4.0)], "EPS FY2027 4 jumps by more than ×3 from 1 of FY2026"),
    ],
)
def test_a_jump_or_a_change_of_sign_is_in_doubt(eps: list[tuple[int, float]], words: str) -> None:
    assert words in doubt(vintage(*eps))
    assert bool(words) == bool(doubt(vintage(*eps)))


def test_another_currency_and_none_are_in_doubt() -> None:
    assert "it is in USD, before it was CNY" == doubt(vintage((2026, 1.0), currency="USD"))
    assert "it names no currency: accept it with --currency CNY" == doubt(
        vintage((2026, 1.0), currency="")
    )


def test_what_a_split_explains_is_no_jump() -> None:
    after_split = vintage((2026, 0.25))
    assert "jumps" in doubt(after_split)
    assert "" == doubt(after_split, split=lambda *_: 4.0)


def test_revisions_over_a_split_can_be_read_in_both_directions() -> None:
    newer = vintage((2026, 0.22))
    split = Split("600941.SH", date(2025, 7, 1), 5.0, "Eastmoney")
    asked = Lookup("600941.SH", "Eastmoney", PRINTED.as_of, newer.as_of)
    shares = factor_of("600941.SH", record([split], [asked]))
    # 1.00 a share is 0.20 after one share has become five.
    (forwards,) = revisions(PRINTED, newer, shares)
    assert [0.20, 0.22] == pytest.approx([forwards.before, forwards.after])
    assert pytest.approx(0.22 / 0.20 - 1) == forwards.change
    # Backwards 0.22 a share of now is 1.10 a share of then.
    (backwards,) = revisions(newer, PRINTED, shares)
    assert [1.10, 1.00] == pytest.approx([backwards.before, backwards.after])
    assert pytest.approx(1.00 / 1.10 - 1) == backwards.change


def bonus(ex_date: date, ratio: float = 1.4) -> Factor:
    """The shares of one share, where a bonus is on record."""
    asked = Lookup("600941.SH", "Eastmoney", PRINTED.as_of, DAY)
    split = Split("600941.SH", ex_date, ratio, "Eastmoney")
    return factor_of("600941.SH", record([split], [asked]))


@pytest.mark.parametrize(
    ("eps", "used", "words"),
    [
        (1.10, 1.10 / 1.4, ""),  # a vendor's EPS of before the bonus, a tenth above the table's
        (0.78, 0.78, ""),  # 1.10 ÷ 1.4: on new shares already
        (0.85, 0.85, "per new share, or per old one?"),  # +19 % on the one, −15 % on the other
    ],
)
def test_estimates_after_an_ex_date_are_held_against_both_share_bases(
    eps: float, used: float, words: str
) -> None:
    fresh = vintage((2026, eps), as_of=date(2026, 3, 31))
    found = judge([PRINTED, fresh], bonus(date(2026, 3, 20)))[-1]
    assert pytest.approx(used) == found.vintage.estimates[0].eps
    assert words in found.doubt
    assert bool(words) == bool(found.doubt)


def test_estimates_that_stay_on_old_shares_are_no_revision() -> None:
    first, second = (vintage((2026, 1.10), as_of=date(2026, 4, day)) for day in (1, 15))
    found = judge([PRINTED, first, second], bonus(date(2026, 3, 20)))
    assert [pytest.approx(1.10 / 1.4)] * 2 == [each.vintage.estimates[0].eps for each in found[1:]]
    # A revision of ten per cent on the table's 1.00 ÷ 1.4, and no ×1.54.
    (change,) = revisions(PRINTED, found[2].vintage, bonus(date(2026, 3, 20)))
    assert pytest.approx(0.10) == change.change


def test_long_after_an_ex_date_estimates_are_on_new_shares() -> None:
    late = vintage((2026, 1.10), as_of=date(2026, 7, 31))
    found = judge([PRINTED, late], bonus(date(2026, 3, 20)))[-1]
    assert (1.10, "") == (found.vintage.estimates[0].eps, found.doubt)


def test_what_is_in_doubt_is_nobodys_measure() -> None:
    wrong = vintage((2026, 8.0), as_of=date(2026, 2, 1))
    right = vintage((2026, 1.2), as_of=date(2026, 3, 1))
    judged = judge([PRINTED, wrong, right], no_split)
    assert [False, True, False] == [bool(each.doubt) for each in judged]
    accepted = replace(wrong, accepted_at=wrong.fetched_at)
    judged = judge([PRINTED, accepted, right], no_split)
    assert [False, False, True] == [bool(each.doubt) for each in judged]


ALIBABA = vintage(
    (2024, 3.91), (2025, 6.19), (2026, 6.88), as_of=date(2025, 1, 31), source="desk",
    symbol="9988.HK", fetched_at=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("eps", "used", "words"),
    [
        (45.453, 45.453 / 8, ""),  # as recorded of BABA, per receipt of eight shares
        (5.70, 5.70, ""),
        (18.0, 18.0, "per share, or per receipt of 8 shares?"),
        (-5.0, -5.0, "losses do not tell"),
    ],
)
def test_eps_per_receipt_is_told_from_eps_per_share(eps: float, used: float, words: str) -> None:
    judged = judge([ALIBABA, vintage((2027, eps), symbol="9988.HK")], no_split)[-1]
    assert pytest.approx(used) == judged.vintage.estimates[0].eps
    assert words in judged.doubt and bool(words) == bool(judged.doubt)


def test_a_receipt_with_nothing_to_tell_it_by_is_in_doubt() -> None:
    (judged,) = judge([vintage((2027, 45.0), symbol="9988.HK")], no_split)
    assert "may be per receipt of 8 shares" in judged.doubt


def test_accepting_eps_per_receipt_does_not_make_it_per_share() -> None:
    far_off = vintage((2027, 8 * 6.88 * 3.5), symbol="9988.HK")
    judged = judge([ALIBABA, far_off], no_split)[-1]
    assert "jumps" in judged.doubt
    said = replace(far_off, accepted_at=NOW, per_receipt=8)
    accepted = judge([ALIBABA, said], no_split)[-1]
    assert pytest.approx(6.88 * 3.5) == accepted.vintage.estimates[0].eps


# --- which is used ----------------------------------------------------------------------------

MARCH = vintage((2026, 1.1), (2027, 1.3), as_of=date(2026, 3, 31))
JUNE = vintage((2026, 1.2), (2027, 1.4), as_of=date(2026, 6, 30), source="Yahoo")


@pytest.mark.parametrize(
    ("choice", "day", "used"),
    [
        ("report", DAY, PRINTED),
        ("latest", DAY, JUNE),
        ("latest", date(2026, 6, 29), MARCH),
        ("latest", date(2025, 1, 31), PRINTED),
        ("latest", date(2024, 1, 31), PRINTED),
        (date(2026, 3, 31), DAY, MARCH),
        (date(2026, 3, 30), DAY, PRINTED),
        (date(2026, 12, 31), date(2026, 4, 1), MARCH),
    ],
)
def test_a_choice_means_one_vintage(choice: Which, day: date, used: Vintage) -> None:
    judged = judge([JUNE, PRINTED, MARCH], no_split)
    assert used == choose(judged, choice, day)


def test_what_was_typed_later_was_not_known_before() -> None:
    by_hand = replace(MARCH, source=BY_HAND, fetched_at=datetime(2026, 11, 1, tzinfo=UTC))
    judged = judge([PRINTED, MARCH, by_hand], no_split)
    assert MARCH == choose(judged, date(2026, 10, 31), DAY)
    assert by_hand == choose(judged, "latest", DAY)


many = st.lists(
    st.builds(
        lambda days, eps, source, currency: vintage(
            (2026, eps), (2027, eps * 1.2), as_of=date(2025, 2, 1) + timedelta(days=days),
            source=source, currency=currency,
        ),
        st.integers(0, 600),
        # Of a size that EPS can have; what cannot be is not read back.
        st.integers(-5000, 5000).map(lambda thousandths: thousandths / 1000),
        st.sampled_from(("Eastmoney", "Yahoo", "etnet")),
        st.sampled_from(("CNY", "CNY", "CNY", "HKD", "")),
    ),
    max_size=8,
    unique_by=lambda each: (each.as_of, each.source),
)  # fmt: skip


@settings(max_examples=40)
@given(many, st.randoms(use_true_random=False))
def test_the_order_of_updates_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, updates: list[Vintage], shuffle: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("order")
    found = []
    for name in ("one", "other"):
        store = Store(folder / f"{name}.db")
        for each in updates:
            store.save_vintages([each], NOW)
        stored = store.vintages(["600941.SH"])["600941.SH"]
        judged = judge([PRINTED, *stored], no_split)
        found.append((judged, choose(judged, "latest", DAY)))
        shuffle.shuffle(updates)
    assert found[0] == found[1]


@settings(max_examples=30)
@given(many)
def test_vintages_never_overwrite_each_other(
    tmp_path_factory: pytest.TempPathFactory, updates: list[Vintage]
) -> None:
    store = Store(tmp_path_factory.mktemp("kept") / "quotes.db")
    for count, each in enumerate(updates, start=1):
        store.save_vintages([each], NOW)
        kept = store.vintages(["600941.SH"])["600941.SH"]
        assert sorted(updates[:count], key=repr) == sorted(kept, key=repr)


def test_a_vintage_that_is_kept_is_not_written_over(tmp_path: Path) -> None:
    store = Store(tmp_path / "quotes.db")
    store.save_vintages([MARCH], NOW)
    store.save_vintages([replace(MARCH, estimates=JUNE.estimates)], NOW)
    assert [MARCH] == store.vintages(["600941.SH"])["600941.SH"]


def test_an_accepted_vintage_comes_back_accepted_in_the_currency_given(tmp_path: Path) -> None:
    store = Store(tmp_path / "quotes.db")
    nameless = replace(MARCH, currency="")
    store.save_vintages([nameless], NOW)
    store.accept([replace(nameless, currency="HKD", per_receipt=2)], NOW)
    (kept,) = Store(tmp_path / "quotes.db").vintages(["600941.SH"])["600941.SH"]
    assert ("HKD", NOW, 2) == (kept.currency, kept.accepted_at, kept.per_receipt)


# --- by hand ----------------------------------------------------------------------------------


LOOKED_UP = Lookup("600941.SH", "Eastmoney", date(2025, 1, 31), DAY)


@pytest.fixture
def at(tmp_path: Path) -> Callable[[], Coverage]:
    """The desk of one watchlist, whose splits are known."""
    write_watchlist(tmp_path / "lists", ROW)
    Store(tmp_path / "quotes.db").save_splits([], [LOOKED_UP], NOW)
    return lambda: load_coverage(tmp_path / "lists", tmp_path / "quotes.db", NOW, create=True)


def typed(at: Coverage, year: int, eps: str, currency: str = "", note: str = "") -> Vintage:
    made = set_estimate(at, "600941.SH", year, eps, currency, note, NOW)
    keep(at, [made], NOW)
    return made


def run(folder: Path, **options: Any) -> screener.Result:
    line = f"600941.SH,22.00,CNY,{DAY - timedelta(days=1)}"
    prices = write_prices(folder / "prices.csv", line)
    return screener.screen(
        watchlists=folder / "lists", prices=prices, now=NOW, store=folder / "quotes.db", **options
    )


def test_an_eps_set_by_hand_is_used_and_the_watchlist_is_kept(
    at: Callable[[], Coverage], tmp_path: Path
) -> None:
    typed(at(), 2026, "1.10", note="guidance")
    row = run(tmp_path, as_of=DAY).table.row(0, named=True)
    assert (1.10, 0.80) == (row["eps_fy1"], row["eps_2025"])
    assert pytest.approx(22 / 1.10) == row["pe_fy1"]
    assert "by hand" == row["consensus_source"]
    assert "FY2026 1.1 set over desk of 2025-01-31 (guidance)" == row["consensus_note"]
    # Most of it is still of the table's day, and says so.
    assert date(2025, 1, 31) == row["consensus_day"]
    assert pytest.approx(0.1) == row["eps_revision_fy1"]
    report = run(tmp_path, as_of=DAY, consensus="report").table.row(0, named=True)
    assert (1.00, "desk") == (report["eps_fy1"], report["consensus_source"])


def test_an_eps_by_hand_is_per_share_of_now(at: Callable[[], Coverage], tmp_path: Path) -> None:
    split = Split("600941.SH", date(2025, 6, 10), 2.0, "Eastmoney")
    desk = at()
    desk.store.save_splits([split], [LOOKED_UP], NOW)
    typed(at(), 2026, "0.55")
    row = run(tmp_path, as_of=DAY).table.row(0, named=True)
    assert (pytest.approx(0.55), pytest.approx(0.40)) == (row["eps_fy1"], row["eps_2025"])
    # Typed to two decimals per share of now: ±0.005; the workbook has that one rounding, too.
    assert pytest.approx(0.005) == row["eps_rounding"]
    assert pytest.approx((22 / 0.555, 22 / 0.545)) == (row["pe_low"], row["pe_high"])


@pytest.mark.parametrize(
    ("symbol", "year", "eps", "words"),
    [
        ("600050.SH", 2026, "1", "no watchlist that was taken has '600050.SH'"),
        ("demo", 2026, "1", "'demo' is no code of an exchange known here"),
        ("600942", 2026, "1", "Did you mean .600941.SH"),
        ("600941.SH", 2045, "1", "no fiscal year 2045"),
        ("600941.SH", 26, "1", "no fiscal year 26"),
        ("600941.SH", 2026, "abc", "'abc' is no number"),
        ("600941.SH", 2026, "nan", "'nan' is no number"),
        ("600941.SH", 2026, "99999999", "beyond reason"),
    ],
)
def test_what_cannot_be_set_is_refused(
    at: Callable[[], Coverage], symbol: str, year: int, eps: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        set_estimate(at(), symbol, year, eps, "", "", NOW)


def test_a_later_vintage_is_used_in_place_of_the_watchlists(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", ROW)
    Store(tmp_path / "quotes.db").save_vintages([JUNE], NOW)
    result = run(tmp_path)
    row = result.table.row(0, named=True)
    assert (1.2, 1.4, "Yahoo", date(2026, 6, 30)) == (
        row["eps_fy1"], row["eps_fy2"], row["consensus_source"], row["consensus_day"]
    )  # fmt: skip
    # By hand: price 20 → 22 is +10 %, EPS 1.00 → 1.20 is +20 %, so the multiple fell by 8.3 %.
    assert pytest.approx(0.2) == row["eps_revision_fy1"]
    assert pytest.approx(1.1 / 1.2 - 1, abs=1e-4) == row["rerating"]
    assert "old_consensus" in {each.kind for each in result.problems}
    # Without the year 2024 in the newer vintage there is no EPS of it, only the report's.
    assert (None, 0.5) == (row["eps_2024"], row["eps_report_2024"])


def test_what_is_in_doubt_is_named_and_not_used(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", ROW)
    Store(tmp_path / "quotes.db").save_vintages([vintage((2026, 9.0))], NOW)
    result = run(tmp_path)
    assert [1.0] == result.table["eps_fy1"].to_list()
    (problem,) = [each for each in result.problems if each.kind == "doubted_consensus"]
    assert "screener consensus accept 600941.SH" in problem.message


@pytest.mark.parametrize("choice", ["yesterday", "2026-13-01", "", "no.xlsx"])
def test_a_choice_that_means_nothing_is_refused(tmp_path: Path, choice: str) -> None:
    write_watchlist(tmp_path / "lists", ROW)
    with pytest.raises(UsageError, match=r"no consensus|no workbook"):
        run(tmp_path, consensus=choice)


@pytest.mark.parametrize(
    ("fetched", "problems"),
    [
        (datetime(2026, 3, 29, 4, tzinfo=UTC), []),  # a Sunday
        (datetime(2026, 3, 30, 1, tzinfo=UTC), []),  # 9:00 in Shanghai: it opens at 9:30
        (datetime(2026, 3, 30, 4, tzinfo=UTC), ["splits_unknown"]),
    ],
)
def test_splits_are_known_up_to_the_last_session_before_estimates_were_fetched(
    tmp_path: Path, fetched: datetime, problems: list[str]
) -> None:
    write_watchlist(tmp_path / "lists", ROW)
    friday = Lookup("600941.SH", "Eastmoney", date(2025, 1, 31), date(2026, 3, 27))
    Store(tmp_path / "quotes.db").save_splits([], [friday], NOW)
    desk = load_coverage(tmp_path / "lists", tmp_path / "quotes.db", NOW)
    newer = vintage((2026, 1.1), as_of=fetched.date(), fetched_at=fetched)
    found = unknown_between(desk, {desk.one("600941.SH"): (PRINTED, newer, [])})
    assert problems == [problem.kind for problem in found]


def test_without_known_splits_nothing_is_set(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", ROW)
    desk = load_coverage(tmp_path / "lists", tmp_path / "quotes.db", NOW, create=True)
    with pytest.raises(UsageError, match=r"splits of 600941\.SH since 2025-01-31 are not known"):
        set_estimate(desk, "600941.SH", 2026, "1.10", "", "", NOW)


def test_a_second_edit_keeps_the_first_and_both_are_noted(at: Callable[[], Coverage]) -> None:
    typed(at(), 2026, "1.10", note="guidance")
    later = NOW + timedelta(hours=1)
    made = set_estimate(at(), "600941.SH", 2025, "0.85", "", "results", later)
    assert {2024: 0.50, 2025: 0.85, 2026: 1.10} == {
        each.fiscal_year: each.eps for each in made.estimates
    }
    assert "FY2026 1.1 set over desk of 2025-01-31 (guidance); FY2025 0.85 set (results)" == (
        made.note
    )


def test_an_eps_in_another_currency_is_the_only_year_and_says_so(
    at: Callable[[], Coverage],
) -> None:
    made = typed(at(), 2026, "0.15", currency="usd")
    assert ("USD", (2026,)) == (made.currency, made.years)
    assert "the only year" in made.note
    with pytest.raises(UsageError, match="'Yuan' is no currency"):
        typed(at(), 2026, "0.15", currency="Yuan")


# --- accepting --------------------------------------------------------------------------------


def test_what_is_older_than_what_is_used_is_not_accepted(at: Callable[[], Coverage]) -> None:
    wrong = vintage((2026, 30.0), as_of=date(2026, 6, 1))
    right = vintage((2026, 1.1), as_of=date(2026, 9, 1))
    at().store.save_vintages([wrong, right], NOW)
    with pytest.raises(UsageError, match=r"no estimates of 600941\.SH newer than those used"):
        accept(at(), "600941.SH", "", None, NOW)


def test_what_is_accepted_later_was_in_doubt_before() -> None:
    wrong = vintage((2026, 30.0), as_of=date(2026, 6, 1))
    accepted = replace(wrong, accepted_at=datetime(2026, 11, 1, tzinfo=UTC))
    before, after = (
        judge([PRINTED, accepted], no_split, known)[-1].doubt
        for known in (date(2026, 10, 31), date(2026, 11, 1))
    )
    assert ("jumps" in before, "") == (True, after)


def test_accepting_a_receipt_demands_to_be_told_its_shares(tmp_path: Path) -> None:
    row = "9988.HK,阿里,100,3.91,6.19,6.88,20.00,13.00,11.80,CNY"
    write_watchlist(tmp_path / "lists", row)
    desk = load_coverage(tmp_path / "lists", tmp_path / "quotes.db", NOW, create=True)
    dollars = vintage((2026, 6.5), symbol="9988.HK", currency="USD")
    desk.store.save_vintages([dollars], NOW)
    (*_, judged) = desk.history(desk.one("9988.HK"))
    assert "it is in USD, before it was CNY, and may be per receipt of 8" == judged.doubt
    with pytest.raises(UsageError, match="say --per-receipt 8"):
        accept(desk, "9988.HK", "", None, NOW)
    accepted, used = accept(desk, "9988.HK", "", 8, NOW)
    assert 6.88 == used.estimates[-1].eps
    keep(desk, [accepted], NOW)
    (*_, judged) = desk.history(desk.one("9988.HK"))
    assert "" == judged.doubt
    assert 6.5 / 8 == judged.vintage.estimates[0].eps
    # Said in error, it is said anew.
    again, _ = accept(desk, "9988.HK", "hkd", 1, NOW)
    keep(desk, [again], NOW)
    (*_, judged) = desk.history(desk.one("9988.HK"))
    assert ("HKD", 6.5) == (judged.vintage.currency, judged.vintage.estimates[0].eps)


@pytest.mark.parametrize(
    ("eps", "doubtful", "used"),
    [(4.4, False, 4.4), (8.4, False, 4.2), (6.6, True, 6.6), (5.0, True, 5.0)],
)
def test_a_receipt_of_two_shares_is_told_from_a_share_only_where_that_is_plain(
    eps: float, doubtful: bool, used: float
) -> None:
    base = replace(PRINTED, symbol="2015.HK", estimates=vintage((2026, 4.0)).estimates)
    judged = judge([base, vintage((2026, eps), symbol="2015.HK")], no_split)[-1]
    assert (doubtful, used) == (bool(judged.doubt), judged.vintage.estimates[0].eps)


def test_a_day_before_every_vintage_is_named(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", ROW)
    result = run(tmp_path, consensus="2024-06-01")
    messages = [each.message for each in result.problems if each.kind == "later_consensus"]
    assert ["no consensus by 2024-06-01: that of 2025-01-31 is used"] == messages


# --- years ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year_end", "weight"),
    [((12, 31), 1.0), ((3, 31), 0.25), ((6, 30), 0.5), ((2, 28), 2 / 12), ((1, 15), 15 / 31 / 12)],
)
def test_a_calendar_year_weighs_the_fiscal_year_by_its_months(
    year_end: tuple[int, int], weight: float
) -> None:
    month, day = year_end
    row = {"price_day": [date(2026, 1, 1)], "year_end_month": [month], "year_end_day": [day]}
    terms = derived([])[0]
    found = nw.from_native(pl.DataFrame(row)).select(terms["cy_weight"].frame).to_native()
    assert pytest.approx(weight) == found.item()


def test_calendar_years_make_unlike_year_ends_comparable(tmp_path: Path) -> None:
    header = "symbol,name,eps_2025,eps_2026,eps_currency,fiscal_year_end,price,currency"
    rows = ("600941.SH,A,1.00,2.00,CNY,03-31,20.00,CNY", "600050.SH,B,1.75,2.00,CNY,,20.00,CNY")
    write_watchlist(tmp_path / "lists", *rows, header=header)
    result = screener.screen(watchlists=tmp_path / "lists", prices="report", now=NOW)
    figures = {row["symbol"]: row for row in result.table.to_dicts()}
    # By hand: a quarter of FY2025 and three of FY2026, 0.25 × 1.00 + 0.75 × 2.00 = 1.75.
    assert pytest.approx(1.75) == figures["600941.SH"]["eps_cy_2025"]
    assert figures["600050.SH"]["pe_cy_2025"] == pytest.approx(figures["600941.SH"]["pe_cy_2025"])
    # CY2026 takes FY2027 as well, which is not there; a year end in December needs no other year.
    assert (None, pytest.approx(10.0)) == (
        figures["600941.SH"]["pe_cy_2026"], figures["600050.SH"]["pe_cy_2026"]
    )  # fmt: skip


@settings(max_examples=40)
@given(
    day=st.dates(date(2024, 1, 1), date(2026, 11, 20)),
    fy1=st.floats(-100, 100),
    fy2=st.floats(-100, 100),
)
def test_next_twelve_months_lie_between_fy1_and_fy2(
    tmp_path_factory: pytest.TempPathFactory, day: date, fy1: float, fy2: float
) -> None:
    folder = tmp_path_factory.mktemp("ntm")
    header = f"symbol,name,eps_{day.year},eps_{day.year + 1},eps_currency,price,currency"
    row = f"600941.SH,A,{fy1:.8f},{fy2:.8f},CNY,20.00,CNY"
    write_watchlist(folder / "lists", row, header=header, toml=f"as_of = {day}")
    table = screener.screen(watchlists=folder / "lists", prices="report", now=NOW).table
    found = table.row(0, named=True)
    low, high = sorted((found["eps_fy1"], found["eps_fy2"]))
    assert low - 1e-9 <= found["eps_ntm"] <= high + 1e-9


@pytest.mark.parametrize(
    ("year", "as_of", "label"),
    [
        (2026, date(2025, 1, 31), "forward"),
        (2025, date(2025, 1, 31), "stale"),
        (2025, date(2026, 4, 30), "actual or stale"),
    ],
)
def test_a_year_that_is_over_is_never_called_forward(year: int, as_of: date, label: str) -> None:
    known = vintage((year, 1.0), as_of=as_of)
    assert label == standing(known.estimates[0], known, DAY)
