"""Splits between the consensus and the price: counted once each, by the best source, or named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import screener
from screener.consensus.splits import Record, adjustment, jump, record
from screener.model.records import Lookup, Split
from screener.store.store import Store
from tests.conftest import NOW, ROW, write_prices, write_watchlist

BEFORE, AFTER = date(2025, 1, 31), date(2026, 11, 20)


def looked_up(symbol: str, source: str, since: date = BEFORE, until: date = AFTER) -> Lookup:
    return Lookup(symbol, source, since, until)


def known(*splits: Split, asked: tuple[Lookup, ...]) -> Record:
    return record(splits, asked)


@pytest.mark.parametrize(
    ("ex_date", "factor"),
    [
        (BEFORE, 1.0),  # the consensus of that day is per new share already
        (BEFORE + timedelta(days=1), 1.4),
        (AFTER, 1.4),  # so is the price of the ex-date
        (AFTER + timedelta(days=1), 1.0),
    ],
)
def test_a_split_counts_after_the_consensus_and_up_to_the_price(
    ex_date: date, factor: float
) -> None:
    split = Split("600941.SH", ex_date, 1.4, "Eastmoney")
    found = known(split, asked=(looked_up("600941.SH", "Eastmoney"),))
    assert factor == adjustment("600941.SH", BEFORE, AFTER, found).factor


def test_two_splits_multiply() -> None:
    splits = [Split("600941.SH", date(2025, 6, day), ratio, "Eastmoney") for day, ratio in
              ((10, 1.4), (20, 1.3))]  # fmt: skip
    found = known(*splits, asked=(looked_up("600941.SH", "Eastmoney"),))
    assert pytest.approx(1.82) == adjustment("600941.SH", BEFORE, AFTER, found).factor


def test_one_split_of_two_sources_counts_once() -> None:
    splits = [Split("600941.SH", date(2025, 6, 10), 1.4, each) for each in ("Eastmoney", "Yahoo")]
    asked = tuple(looked_up("600941.SH", each) for each in ("Eastmoney", "Yahoo"))
    found = adjustment("600941.SH", BEFORE, AFTER, known(*splits, asked=asked))
    assert (1.4, "") == (found.factor, found.kind)


def test_two_sources_that_disagree_are_named_and_the_exchanges_own_record_is_used() -> None:
    splits = (
        Split("600941.SH", date(2025, 6, 10), 1.4, "Eastmoney"),
        Split("600941.SH", date(2025, 6, 10), 1.3, "Yahoo"),
    )
    asked = tuple(looked_up("600941.SH", each) for each in ("Eastmoney", "Yahoo"))
    found = adjustment("600941.SH", BEFORE, AFTER, known(*splits, asked=asked))
    assert (1.4, "splits_differ") == (found.factor, found.kind)
    assert "Eastmoney ×1.4, Yahoo ×1.3" in found.fault


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ((), "splits_unknown"),
        ((looked_up("600941.SH", "Eastmoney", until=AFTER - timedelta(days=1)),), "splits_unknown"),
        ((looked_up("600941.SH", "Eastmoney", since=BEFORE + timedelta(days=1)),),
         "splits_unknown"),
        ((looked_up("600941.SH", "Yahoo"),), ""),
        ((looked_up("600941.SH", "Eastmoney", until=date(2025, 6, 1)),
          looked_up("600941.SH", "Eastmoney", since=date(2025, 6, 1))), ""),
        ((looked_up("600941.SH", "Eastmoney", until=date(2025, 6, 1)),
          looked_up("600941.SH", "Eastmoney", since=date(2025, 6, 2))), "splits_unknown"),
        ((looked_up("600050.SH", "Eastmoney"),), "splits_unknown"),
    ],
)  # fmt: skip
def test_days_that_nobody_was_asked_for_are_a_problem(asked: tuple[Lookup, ...], kind: str) -> None:
    assert kind == adjustment("600941.SH", BEFORE, AFTER, known(asked=asked)).kind


ratios = st.fractions(min_value=Fraction(1, 10), max_value=10, max_denominator=10)


@settings(max_examples=40)
@given(
    splits=st.lists(
        st.tuples(st.dates(BEFORE + timedelta(days=1), AFTER), ratios),
        max_size=4,
        unique_by=lambda split: split[0],
    ),
    price=st.floats(1, 1000),
)
def test_splits_of_any_ratio_on_any_day_leave_pe_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, splits: list[tuple[date, Fraction]], price: float
) -> None:
    folder = tmp_path_factory.mktemp("splits")
    write_watchlist(folder / "lists", ROW)
    product = 1.0
    for _, ratio in splits:
        product *= float(ratio)

    def pe(quoted: float, *, split: bool) -> dict[str, float]:
        store = folder / f"{split}.db"
        kept = Store(store)
        found = [Split("600941.SH", day, float(ratio), "Eastmoney") for day, ratio in splits]
        kept.save_splits(found if split else [], [looked_up("600941.SH", "Eastmoney")], NOW)
        prices = write_prices(folder / f"{split}.csv", f"600941.SH,{quoted:.8f},CNY,{AFTER}")
        result = screener.screen(watchlists=folder / "lists", prices=prices, now=NOW, store=store)
        assert "splits_unknown" not in {each.kind for each in result.problems}
        row = result.table.row(0, named=True)
        return {name: row[name] for name in ("pe_fy1", "price_change", "market_cap", "rerating")}

    # A price file has eight decimals at most.
    before, after = pe(price, split=False), pe(price / product, split=True)
    for name, value in before.items():
        # Of a price that a 10,000-for-one split leaves, few digits are left.
        assert pytest.approx(value, rel=1e-4, abs=1e-4) == after[name]


@pytest.mark.parametrize(
    ("growth", "ratio"),
    [(1.0, None), (1.1, None), (1.4, 1.4), (1.39, 1.4), (1.51, 1.5), (2.0, 2.0), (0.5, None),
     (1.7, None), (0.04, None), (7.0, None)],
)  # fmt: skip
def test_a_share_count_that_has_grown_by_a_splits_ratio_is_seen(
    growth: float, ratio: float | None
) -> None:
    assert ratio == jump("600941.SH", growth)


def test_hong_kong_shares_are_consolidated_too() -> None:
    assert pytest.approx(0.1) == jump("0700.HK", 0.1)


def test_the_store_keeps_splits_and_which_days_were_asked_for(tmp_path: Path) -> None:
    kept = Store(tmp_path / "quotes.db")
    split = Split("600941.SH", date(2025, 6, 10), 1.4, "Eastmoney")
    for until in (date(2025, 7, 1), date(2025, 6, 15)):
        kept.save_splits([split], [looked_up("600941.SH", "Eastmoney", until=until)], NOW)
    splits, asked = Store(tmp_path / "quotes.db").splits(["600941.SH"])
    assert [split] == splits
    # An earlier answer does not make a later one undone.
    assert [looked_up("600941.SH", "Eastmoney", until=date(2025, 7, 1))] == asked
    assert ([], []) == kept.splits(["600050.SH"])


def test_what_a_source_corrects_takes_the_place_of_what_it_said(tmp_path: Path) -> None:
    kept = Store(tmp_path / "quotes.db")
    for ratio, day in ((1.4, 10), (1.5, 11)):
        split = Split("600941.SH", date(2025, 6, day), ratio, "Eastmoney")
        kept.save_splits([split], [looked_up("600941.SH", "Eastmoney")], NOW)
    splits, _ = kept.splits(["600941.SH"])
    assert [(date(2025, 6, 11), 1.5)] == [(each.ex_date, each.ratio) for each in splits]


def test_a_price_of_before_the_ex_date_is_one_of_old_shares(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", ROW)
    kept = Store(tmp_path / "quotes.db")
    # The last trade is of the Friday, the shares split on the Monday of the valuation.
    split = Split("600941.SH", date(2026, 11, 23), 1.4, "Eastmoney")
    kept.save_splits([split], [looked_up("600941.SH", "Eastmoney")], NOW)
    prices = write_prices(tmp_path / "prices.csv", "600941.SH,14.00,CNY,2026-11-20")
    result = screener.screen(
        watchlists=tmp_path / "lists", prices=prices, now=NOW, store=tmp_path / "quotes.db",
        as_of=date(2026, 11, 23),
    )  # fmt: skip
    assert [14.0] == result.table["pe_fy1"].to_list()


def test_a_run_says_what_it_divided_by_and_why(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", ROW)
    kept = Store(tmp_path / "quotes.db")
    split = Split("600941.SH", date(2025, 6, 10), 1.4, "Eastmoney")
    kept.save_splits([split], [looked_up("600941.SH", "Eastmoney")], NOW)
    prices = write_prices(tmp_path / "prices.csv", f"600941.SH,14.00,CNY,{AFTER}")
    result = screener.screen(
        watchlists=tmp_path / "lists", prices=prices, now=NOW, store=tmp_path / "quotes.db"
    )
    row = result.table.row(0, named=True)
    # By hand: EPS of FY2026 is 1.00, after ten for four 1.00 ÷ 1.4; 14 ÷ (1 ÷ 1.4) = 19.6.
    assert pytest.approx(19.6) == row["pe_fy1"]
    assert (1.4, "2025-06-10 ×1.4 Eastmoney") == (row["split_factor"], row["split_events"])
    # The report's price was 20: 14 × 1.4 = 19.6 of its shares' money, two per cent less.
    assert pytest.approx(-0.02, abs=1e-4) == row["price_change"]
    messages = [each.message for each in result.problems if each.kind == "split"]
    assert ["EPS is divided by 1.4: 2025-06-10 ×1.4 Eastmoney"] == messages


def test_prices_without_a_record_of_splits_say_so(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", ROW)
    prices = write_prices(tmp_path / "prices.csv", f"600941.SH,14.00,CNY,{AFTER}")
    now = datetime(2026, 11, 24, tzinfo=UTC)
    result = screener.screen(
        watchlists=tmp_path / "lists", prices=prices, now=now, store=tmp_path / "none.db"
    )
    (problem,) = [each for each in result.problems if each.kind == "splits_unknown"]
    assert "splits and bonus issues after 2025-01-31 are not looked up" in problem.message
    assert not (tmp_path / "none.db").exists()
