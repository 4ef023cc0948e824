"""Prices, rates and share bases that no market makes are refused or flagged, never just ranked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import screener
from screener.consensus import splits
from screener.model.figures import Interval
from screener.model.records import Lookup, Quote, Rate, Split
from screener.screening.changes import compare
from screener.sources.answers import RefusalError, is_stale
from screener.sources.eastmoney import prices as eastmoney
from screener.store.store import Store
from tests.conftest import NOW, write_prices, write_watchlist
from tests.loopback import Vendor
from tests.test_live import Run, changed, kinds, prices, reasons, run

__all__ = ["run"]  # the fixture

TODAY, YESTERDAY = date(2026, 11, 24), date(2026, 11, 23)
TENCENT = "0700.HK,腾讯控股,34000,20.00,22.00,25.00,18.40,16.73,14.72,CNY"


def closed(day: date, hours: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hours, tzinfo=UTC)


def quoted(symbol: str, price: float, day: date = YESTERDAY, **more: Any) -> Quote:
    currency = "HKD" if symbol.endswith(".HK") else "CNY"
    bounds = Interval(price, price)
    return Quote(price, currency, closed(day), day, "Yahoo", "close", bounds, **more)


def kept(folder: Path, *quotes: tuple[str, Quote], rate: float = 0.92) -> Store:
    """A store with what was fetched on the day of each quote."""
    store = Store(folder / "quotes.db")
    for symbol, quote in quotes:
        fetched = quote.market_time + timedelta(minutes=30)
        rates = [Rate("HKD", "CNY", rate, quote.market_time, "Yahoo")]
        store.save({symbol: quote}, rates, fetched)
    return store


def screened(folder: Path, *lines: str, now: datetime = NOW) -> screener.Result:
    """A run on the store of the folder, and on prices of a file."""
    return screener.screen(
        watchlists=folder / "lists",
        prices=write_prices(folder / "prices.csv", *lines),
        store=folder / "quotes.db",
        now=now,
    )


def row_of(result: screener.Result, symbol: str) -> dict[str, Any]:
    (row,) = [row for row in result.table.to_dicts() if row["symbol"] == symbol]
    return row


def messages(result: screener.Result, kind: str) -> list[str]:
    return [str(problem.message) for problem in result.problems if problem.kind == kind]


# --- scale ------------------------------------------------------------------------------------


def test_a_price_a_hundred_times_the_last_one_is_that_of_the_other_source(
    run: Run, vendor: Vendor
) -> None:
    right = vendor.market.prices["600941.SH"]
    vendor.changes["/v7/finance/quote"] = changed(regularMarketPrice=100 * right)
    _, document, _, _ = run("telecom")
    assert right == prices(document)["600941.SH"]
    assert 1 == kinds(document)["sources_differ"]


def test_a_price_a_hundred_times_the_last_one_is_refused_where_nobody_else_says_it(
    run: Run, vendor: Vendor
) -> None:
    right = vendor.market.prices["600941.SH"]
    vendor.changes["/v7/finance/quote"] = changed(regularMarketPrice=100 * right)
    vendor.faults["push2"] = "403"
    code, document, _, _ = run("telecom")
    assert 1 == code
    assert prices(document)["600941.SH"] is None
    assert "Yahoo says 11,100, 101 times the 109.89 of the session before" in reasons(
        document, "600941.SH"
    )


def test_a_price_that_two_sources_say_is_no_slip(run: Run, vendor: Vendor) -> None:
    vendor.market.prices["600941.SH"] *= 5
    _, document, _, _ = run("telecom")
    assert vendor.market.prices["600941.SH"] == prices(document)["600941.SH"]
    assert 0 == kinds(document)["improbable_price"]


def test_a_rate_beyond_its_band_is_refused_and_the_reference_rate_is_used(
    run: Run, vendor: Vendor
) -> None:
    def hundredfold(body: Any) -> Any:
        for item in body["quoteResponse"]["result"]:
            if item["symbol"] == "HKDCNY=X":
                item["regularMarketPrice"] = 91.23
        return body

    vendor.changes["/v7/finance/quote"] = hundredfold
    _, document, _, _ = run("media")
    (problem,) = [each for each in document["problems"] if each["kind"] == "improbable_rate"]
    assert "Yahoo says 91.23, which is not between 0.75 and 1.05: not used" == problem["message"]
    fx = {row["fx"] for row in document["rows"] if row["symbol"].endswith(".HK")}
    assert [pytest.approx(0.92)] == list(fx)


def test_a_rate_of_a_file_beyond_its_band_is_refused(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", TENCENT)
    result = screened(tmp_path, f"0700.HK,400,HKD,{YESTERDAY}", f"HKD/CNY,9.2,CNY,{YESTERDAY}")
    assert "no_rate" == row_of(result, "0700.HK")["status"]
    assert "prices.csv says 9.2, which is not between" in messages(result, "improbable_rate")[0]


@pytest.mark.parametrize(("rate", "problems"), [(0.96, 0), (0.97, 1), (0.87, 1)])
def test_a_rate_that_leaps_in_a_day_is_flagged(tmp_path: Path, rate: float, problems: int) -> None:
    write_watchlist(tmp_path / "lists", TENCENT)
    kept(tmp_path, ("0700.HK", quoted("0700.HK", 400.0)))
    result = screened(tmp_path, f"0700.HK,400,HKD,{TODAY}", f"HKD/CNY,{rate},CNY,{TODAY}",
                      now=closed(TODAY, 9))  # fmt: skip
    # Yesterday it was 0.92: five per cent more is 0.966.
    assert problems == len(messages(result, "improbable_rate"))


@pytest.mark.parametrize(
    ("symbol", "price", "flagged"),
    [
        ("600941.SH", 110.0, False),  # a tenth is the most that a day allows
        ("600941.SH", 113.0, True),
        ("688041.SH", 113.0, False),  # STAR: a fifth
        ("688041.SH", 124.0, True),
        ("300433.SZ", 80.5, False),
        ("300433.SZ", 77.0, True),
        ("920808.BJ", 130.0, False),
        ("920808.BJ", 68.0, True),
    ],
)
def test_a_price_beyond_the_days_limit_of_its_board_is_flagged(
    tmp_path: Path, symbol: str, price: float, flagged: bool
) -> None:
    write_watchlist(tmp_path / "lists", f"{symbol},A,,5.00,5.00,5.00,20.00,20.00,20.00,CNY")
    kept(tmp_path, (symbol, quoted(symbol, 100.0)))
    result = screened(tmp_path, f"{symbol},{price},CNY,{TODAY}", now=closed(TODAY, 9))
    assert flagged == bool(messages(result, "improbable_price"))


def test_a_price_that_was_doubtful_yesterday_is_no_measure_today(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", "600941.SH,A,,5.00,5.00,5.00,20.00,20.00,20.00,CNY")
    wrong = quoted("600941.SH", 10_050.0)
    earlier = quoted("600941.SH", 100.5, date(2026, 11, 20))
    kept(tmp_path, ("600941.SH", earlier), ("600941.SH", wrong))
    again = screened(tmp_path, f"600941.SH,10050,CNY,{TODAY}", now=closed(TODAY, 9))
    assert "100 times the 100.5 of 2026-11-20" in messages(again, "improbable_price")[0]
    right = screened(tmp_path, f"600941.SH,101,CNY,{TODAY}", now=closed(TODAY, 9))
    assert [] == messages(right, "improbable_price")


def test_a_jump_that_a_recorded_split_explains_is_none(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", "600941.SH,A,,5.00,5.00,5.00,20.00,20.00,20.00,CNY")
    store = kept(tmp_path, ("600941.SH", quoted("600941.SH", 100.0)))
    split = Split("600941.SH", TODAY, 5.0, "Eastmoney")
    asked = Lookup("600941.SH", "Eastmoney", date(2025, 1, 31), TODAY)
    store.save_splits([split], [asked], NOW)
    result = screened(tmp_path, f"600941.SH,20.5,CNY,{TODAY}", now=closed(TODAY, 9))
    assert [] == messages(result, "improbable_price")
    assert pytest.approx(20.5) == row_of(result, "600941.SH")["pe_fy1"]


def test_a_market_cap_that_the_share_count_contradicts_is_flagged(tmp_path: Path) -> None:
    # 100 × 100 million CNY at 20 CNY are 500 million shares; the vendor counts 515 million.
    write_watchlist(tmp_path / "lists", "600941.SH,A,100,1.00,1.00,1.00,20.00,20.00,20.00,CNY")
    kept(tmp_path, ("600941.SH", quoted("600941.SH", 20.0, shares=5.15e8)))
    result = screened(tmp_path, f"600941.SH,20,CNY,{YESTERDAY}")
    (message,) = messages(result, "cap_differs")
    assert "is +3.0% from the printed one rolled forward" in message


# Of the table: 20 CNY a share, P/E 20 on all years; the store knows yesterday's price and count.
SCALED = {
    "600941.SH": (100.0, 1.00, 20.0),
    "600050.SH": (200.0, 2.00, 40.0),
    "000988.SZ": (300.0, 0.50, 10.0),
}


@settings(max_examples=40)
@given(
    what=st.sampled_from(("price", "eps", "cap", "rate")),
    symbol=st.sampled_from([*SCALED, "0700.HK"]),
    times=st.sampled_from((0.01, 0.1, 10.0, 100.0)),
    drift=st.floats(0.6, 1.6),
)
def test_what_is_scaled_by_ten_or_a_hundred_is_never_ranked_in_silence(
    tmp_path_factory: pytest.TempPathFactory, what: str, symbol: str, times: float, drift: float
) -> None:
    folder = tmp_path_factory.mktemp("scaled")
    everything = {**SCALED, "0700.HK": (34_000.0, 20.00, 400.0)}
    scale = {(what, symbol): times}
    rows, lines, quotes = [], [], []
    for name, (cap, eps, price) in everything.items():
        currency = "HKD" if name == "0700.HK" else "CNY"
        printed = price * (0.92 if currency == "HKD" else 1)
        stated = [eps, eps * 1.1 * scale.get(("eps", name), 1), eps * 1.2]
        multiples = ",".join(f"{printed / each:.2f}" for each in (eps, eps * 1.1, eps * 1.2))
        figures = ",".join(f"{each:.4f}" for each in stated)
        of_cap = cap * scale.get(("cap", name), 1)
        rows.append(f"{name},名,{of_cap:.4f},{figures},{multiples},CNY")
        now = price * drift
        count = cap * 1e8 / printed
        quotes.append((name, quoted(name, now, shares=count)))
        lines.append(f"{name},{now * scale.get(('price', name), 1):.6f},{currency},{TODAY}")
    rate = 0.92 * (times if what == "rate" else 1)
    lines.append(f"HKD/CNY,{rate:.6f},CNY,{TODAY}")
    write_watchlist(folder / "lists", *rows)
    kept(folder, *quotes)
    result = screened(folder, *lines, now=closed(TODAY, 9))
    # Everything is of the table's day or later, and splits were never looked up: that is said of
    # all, and tells nothing of what was scaled.
    told = {(each.kind, each.symbol or each.where) for each in result.problems
            if each.kind not in ("splits_unknown", "old_consensus", "report_price")}  # fmt: skip
    told |= {(each.kind, each.symbol) for each in result.findings}
    named = "HKD/CNY" if what == "rate" else symbol
    assert named in {name for _, name in told}


# --- splits that nobody could be asked about --------------------------------------------------


def five_for_one(folder: Path, *, looked_up: bool) -> Store:
    """Tencent at HKD 510 on the day before one share became five."""
    write_watchlist(folder / "lists", TENCENT)
    store = kept(folder, ("0700.HK", quoted("0700.HK", 510.0)))
    if looked_up:
        asked = Lookup("0700.HK", "Yahoo", date(2025, 1, 31), TODAY)
        store.save_splits([Split("0700.HK", TODAY, 5.0, "Yahoo")], [asked], closed(TODAY, 9))
    return store


def of_tencent(folder: Path) -> screener.Result:
    rate = f"HKD/CNY,0.92,CNY,{TODAY}"
    return screened(folder, f"0700.HK,102,HKD,{TODAY}", rate, now=closed(TODAY, 9))


def test_a_price_that_falls_by_a_splits_ratio_is_not_ranked_while_splits_are_unknown(
    tmp_path: Path,
) -> None:
    five_for_one(tmp_path, looked_up=False)
    result = of_tencent(tmp_path)
    row = row_of(result, "0700.HK")
    nothing = ("rank", "pe_fy1", "split_factor", "market_cap", "eps_fy1")
    assert [None] * 5 == [row[name] for name in nothing]
    assert "no_estimate" == row["status"]
    (message,) = messages(result, "split_open")
    assert "the price is 0.2 times that of 2026-11-23: not ranked" in message


def test_the_same_price_is_ranked_once_the_split_is_known(tmp_path: Path) -> None:
    five_for_one(tmp_path, looked_up=True)
    row = row_of(of_tencent(tmp_path), "0700.HK")
    # By hand: FY2026 is 25.00 ÷ 5 = 5.00 CNY; 102 × 0.92 = 93.84 CNY.
    assert pytest.approx(93.84 / 5) == row["pe_fy1"]


def test_a_fall_that_no_split_would_make_is_ranked(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", TENCENT)
    kept(tmp_path, ("0700.HK", quoted("0700.HK", 510.0)))
    rate = f"HKD/CNY,0.92,CNY,{TODAY}"
    result = screened(tmp_path, f"0700.HK,480,HKD,{TODAY}", rate, now=closed(TODAY, 9))
    assert 1 == row_of(result, "0700.HK")["rank"]


def test_a_split_that_is_learned_of_later_is_a_change_of_eps_and_not_of_the_price(
    tmp_path: Path,
) -> None:
    """A bonus of ×1.2 two days ago that the first run could not know of."""
    write_watchlist(tmp_path / "lists", "600941.SH,A,100,1.00,1.00,1.00,20.00,20.00,20.00,CNY")
    lines = (f"600941.SH,18,CNY,{TODAY}",)
    store = Store(tmp_path / "quotes.db")
    before = screened(tmp_path, *lines, now=closed(TODAY, 9))
    split = Split("600941.SH", date(2026, 11, 20), 1.2, "Eastmoney")
    asked = Lookup("600941.SH", "Eastmoney", date(2025, 1, 31), TODAY)
    store.save_splits([split], [asked], NOW)
    after = screened(tmp_path, *lines, now=closed(TODAY, 9))
    record = splits.record(*store.splits(["600941.SH"]))
    (row,) = compare(before, after, record).rows.to_dicts()
    # The price stayed where it was; EPS is 1.00 ÷ 1.2, which makes the multiple 1.2 times.
    assert pytest.approx((0.0, 0.0, 0.2)) == (row["from_price"], row["from_fx"], row["from_eps"])
    together = (1 + row["from_price"]) * (1 + row["from_fx"]) * (1 + row["from_eps"])
    assert pytest.approx(1 + row["pe_change"]) == together == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("shares", "status", "factor"),
    [
        (None, "no_estimate", None),
        (7e8, "ranked", 1.4),  # 500 million shares of the table, and two for five more
        (5e8, "ranked", 1.0),
    ],
)
def test_of_two_sources_that_differ_the_share_count_tells_which_is_right(
    tmp_path: Path, shares: float | None, status: str, factor: float | None
) -> None:
    write_watchlist(tmp_path / "lists", "600941.SH,A,100,1.00,1.00,1.00,20.00,20.00,20.00,CNY")
    store = kept(tmp_path, ("600941.SH", quoted("600941.SH", 20.0, shares=shares)))
    asked = [Lookup("600941.SH", each, date(2025, 1, 31), TODAY) for each in ("Eastmoney", "Yahoo")]
    store.save_splits([Split("600941.SH", date(2026, 6, 1), 1.4, "Yahoo")], asked, NOW)
    result = screened(tmp_path, f"600941.SH,20,CNY,{YESTERDAY}")
    row = row_of(result, "600941.SH")
    assert (status, factor) == (row["status"], row["split_factor"])
    assert 1 == len(messages(result, "split_open") + messages(result, "splits_differ"))


def test_a_name_without_a_share_count_has_its_splits_asked_of_both_sources(
    run: Run, vendor: Vendor
) -> None:
    del vendor.market.shares["600941.SH"]
    vendor.market.yahoo_splits["600941.SH"] = [(date(2025, 6, 10), 1.4)]
    code, document, _, _ = run("telecom")
    assert 1 == code
    assert 1 == kinds(document)["split_open"]
    (row,) = [row for row in document["rows"] if row["symbol"] == "600941.SH"]
    assert (None, "no_estimate") == (row["pe_fy1"], row["status"])


# --- two sources, and shares that do not trade ------------------------------------------------


def test_a_price_without_a_time_never_beats_one_with_a_time(run: Run, vendor: Vendor) -> None:
    right = vendor.market.prices["600941.SH"]
    earlier = int((vendor.market.traded - timedelta(hours=1)).timestamp())
    near = round(right * 0.95, 2)
    vendor.changes["/v7/finance/quote"] = changed(
        regularMarketPrice=near, regularMarketTime=earlier
    )
    _, document, _, _ = run("telecom", "--cross-check")
    assert near == prices(document)["600941.SH"]
    (problem,) = [each for each in document["problems"] if each["kind"] == "sources_differ"]
    assert "that of Yahoo is used" in problem["message"]
    assert "Eastmoney 111 without a time" in problem["message"]


def test_two_sources_further_apart_than_a_day_allows_leave_no_price(
    run: Run, vendor: Vendor
) -> None:
    right = vendor.market.prices["600941.SH"]
    vendor.changes["/v7/finance/quote"] = changed(
        regularMarketPrice=right * 1.5, regularMarketPreviousClose=right * 1.5
    )
    code, document, _, _ = run("telecom", "--cross-check")
    assert (1, None) == (code, prices(document)["600941.SH"])
    assert "the sources differ, neither is certain" in reasons(document, "600941.SH")


def test_a_share_that_two_sources_show_at_one_old_price_is_halted(run: Run, vendor: Vendor) -> None:
    halted = vendor.market.traded - timedelta(days=30)
    vendor.changes["/v7/finance/quote"] = changed(
        regularMarketTime=int(halted.timestamp()), marketState="REGULAR"
    )
    _, document, _, _ = run("telecom")
    (row,) = [row for row in document["rows"] if row["symbol"] == "600941.SH"]
    assert ("halted", vendor.market.prices["600941.SH"]) == (row["price_obtained"], row["price"])
    assert halted.date() == datetime.fromisoformat(row["price_time"]).date()
    assert 29 <= row["price_age_days"]
    (problem,) = [each for each in document["problems"] if each["kind"] == "halted"]
    assert f"it has not traded since {halted:%Y-%m-%d}" == problem["message"]


def test_a_share_that_has_traded_since_is_not_halted(run: Run, vendor: Vendor) -> None:
    halted = vendor.market.traded - timedelta(days=30)
    vendor.changes["/v7/finance/quote"] = changed(
        regularMarketTime=int(halted.timestamp()), regularMarketPrice=100.0
    )
    _, document, _, _ = run("telecom")
    assert vendor.market.prices["600941.SH"] == prices(document)["600941.SH"]


def test_a_price_of_a_session_before_is_not_live(run: Run, vendor: Vendor) -> None:
    traded = vendor.market.traded - timedelta(days=5)
    assert not is_stale("600941.SH", traded, datetime.now(UTC))
    vendor.changes["/v7/finance/quote"] = changed(
        regularMarketTime=int(traded.timestamp()), marketState="REGULAR"
    )
    vendor.faults["push2"] = "403"
    _, document, _, _ = run("telecom")
    (row,) = [row for row in document["rows"] if row["symbol"] == "600941.SH"]
    assert "halted" == row["price_obtained"]
    assert 1 == kinds(document)["halted"]


@pytest.fixture
def bar() -> Callable[[str, datetime], Quote]:
    return lambda day, now: eastmoney.quote({"day": day, "price": 400.0}, "0700.HK", now)


def test_a_bar_of_a_half_day_is_of_noon(bar: Callable[[str, datetime], Quote]) -> None:
    # Christmas Eve of 2025: Hong Kong closed at noon.
    found = bar("2025-12-24", datetime(2025, 12, 24, 6, tzinfo=UTC))
    assert "2025-12-24T12:00:00+08:00" == found.market_time.isoformat()


def test_a_bar_of_tomorrow_is_refused(bar: Callable[[str, datetime], Quote]) -> None:
    with pytest.raises(RefusalError, match="dates its last bar '2026-11-25'"):
        bar("2026-11-25", closed(TODAY))


def test_who_confirmed_a_price_is_kept_with_it(tmp_path: Path) -> None:
    quote = quoted("600941.SH", 100.0, previous_close=99.0, confirmed_by="Eastmoney")
    store = kept(tmp_path, ("600941.SH", quote))
    (found,) = store.quotes("600941.SH")
    assert (99.0, "Eastmoney") == (found.quote.previous_close, found.quote.confirmed_by)
    assert replace(quote, obtained="cached") == found.quote
