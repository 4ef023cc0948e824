"""P/E over the years: closes and EPS on one share, bands by hand, and only missing days asked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from screener.market_data.band import Band, band_of
from screener.market_data.coverage import Coverage, load_coverage
from screener.market_data.history import bands
from screener.model.calendars import last_trade
from screener.model.figures import Interval
from screener.model.records import Close, Estimate, Lookup, Rate, Split, Vintage
from screener.output.workbook.history import render_history
from screener.sources.answers import is_final, last_final_day
from screener.store.store import Store
from tests.command import Command
from tests.conftest import NOW, header_of, write_watchlist
from tests.loopback import Market, Vendor, report_market

HEADER = header_of(2025, 2026, cap=False, pe=False)
LAST = last_trade("600941.SH", NOW).date()
# What is asked of a vendor is asked now: the last close that it has by this clock.
FINAL = last_final_day("600941.SH", datetime.now(UTC))
START = LAST - timedelta(days=3650)


def close(day: date, price: float, symbol: str = "600941.SH", per_share_of: date = LAST) -> Close:
    return Close(symbol, day, price, per_share_of, "Yahoo")


def known(folder: Path, closes: list[Close], *splits: Split) -> Coverage:
    """The desk of one name with these closes, whose splits are known for ten years."""
    write_watchlist(
        folder / "lists", "600941.SH,A,1.00,2.00,CNY", header=HEADER, toml="as_of = 2025-06-30"
    )
    store = Store(folder / "quotes.db")
    store.save_closes(closes, [])
    store.save_splits(splits, [Lookup("600941.SH", "Eastmoney", START, LAST)], NOW)
    return load_coverage(folder / "lists", folder / "quotes.db", NOW)


def band(at: Coverage, line: str = "fixed", years: float = 5) -> Band:
    (found,), _ = bands(at, at.listings, years, line, NOW, 5, offline=True)  # type: ignore[arg-type]
    return found


def days_back(count: int) -> list[date]:
    return [LAST - timedelta(days=back) for back in range(count - 1, -1, -1)]


def test_the_band_has_its_percentiles_and_todays_place(tmp_path: Path) -> None:
    closes = [close(day, 2.0 * at) for at, day in enumerate(days_back(101)) if at]
    found = band(known(tmp_path, closes))
    # On EPS of FY2026, 2.00, P/E is 1, 2, … 100: its percentiles are nearly their own numbers.
    assert list(range(1, 101)) == [pytest.approx(each) for each in found.multiples]
    assert {10: 10.9, 25: 25.75, 50: 50.5, 75: 75.25, 90: 90.1} == pytest.approx(found.percentiles)
    assert (100.0, 0.99) == (found.last, found.standing)


def test_on_the_consensus_line_eps_is_what_was_known_on_the_day(tmp_path: Path) -> None:
    days = [date(2025, 6, 27), date(2025, 6, 30), date(2025, 12, 31), date(2026, 1, 5),
            date(2026, 4, 1)]  # fmt: skip
    at = known(tmp_path, [close(day, 30.0) for day in days])
    newer = Vintage(
        "600941.SH", "Eastmoney", date(2026, 3, 31), "CNY",
        (Estimate(2026, date(2026, 12, 31), 3.0, Interval(3.0, 3.0)),),
        fetched_at=datetime(2026, 3, 31, 4, tzinfo=UTC),
    )  # fmt: skip
    at.store.save_vintages([newer], NOW)
    # Before the table nothing was known; then FY2025 at 1.00, from New Year FY2026 at 2.00, and
    # from the newer vintage on at 3.00.
    assert (None, 30.0, 30.0, 15.0, 10.0) == band(at, "consensus").multiples


def of_2026(eps: float, day: date, currency: str = "CNY") -> Vintage:
    return Vintage(
        "600941.SH", "Eastmoney", day, currency,
        (Estimate(2026, date(2026, 12, 31), eps, Interval(eps, eps)),),
        fetched_at=noon(day),
    )  # fmt: skip


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def test_what_was_in_doubt_and_accepted_later_counts_from_that_day_on(tmp_path: Path) -> None:
    at = known(tmp_path, [close(date(2026, 9, day), 40.0) for day in (22, 28, 29, 30)])
    # 8.00 is four times the 2.00 before: in doubt on the 25th, accepted on the 29th.
    vintage = of_2026(8.0, date(2026, 9, 25))
    at.store.save_vintages([vintage], NOW)
    at.store.accept([vintage], noon(date(2026, 9, 29)))
    assert (20.0, 20.0, 5.0, 5.0) == band(at, "consensus").multiples


def test_each_day_is_valued_in_the_currency_of_its_own_estimates(tmp_path: Path) -> None:
    at = known(tmp_path, [close(date(2026, 9, day), 40.0) for day in (22, 30)])
    vintage = of_2026(0.25, date(2026, 9, 25), "USD")
    at.store.save_vintages([vintage], NOW)
    at.store.accept([vintage], noon(date(2026, 9, 25)))
    none, (problem,) = bands(at, at.listings, 5, "consensus", NOW, 5, offline=True)
    assert ([], "no_rate", True) == (none, problem.kind, "EPS in USD" in problem.message)
    at.store.save({}, [Rate("USD", "CNY", 8.0, NOW, "Yahoo")], NOW)
    # 40 CNY over 2.00 CNY; then 40 ÷ 8 = 5 USD over 0.25 USD.
    assert (20.0, 20.0) == band(at, "consensus").multiples


def in_dollars(folder: Path, *days: date) -> Coverage:
    """The desk with closes of 40 CNY, and EPS of 0.25 USD from the day before the first on."""
    at = known(folder, [close(day, 40.0) for day in days])
    vintage = of_2026(0.25, days[0] - timedelta(days=1), "USD")
    at.store.save_vintages([vintage], NOW)
    at.store.accept([vintage], vintage.fetched_at or NOW)
    return at


def test_the_newest_rate_counts_whichever_way_it_is_quoted(tmp_path: Path) -> None:
    at = in_dollars(tmp_path, date(2026, 11, 20))
    # A year ago a dollar was 8 CNY; now a CNY is 1 ÷ 9 dollars.
    at.store.save({}, [Rate("USD", "CNY", 8.0, noon(date(2025, 11, 20)), "Yahoo")], NOW)
    at.store.save({}, [Rate("CNY", "USD", 1 / 9, noon(date(2026, 11, 20)), "Yahoo")], NOW)
    # 40 CNY ÷ 9 over 0.25 USD.
    assert pytest.approx((40 / 9 / 0.25,)) == band(at, "consensus").multiples


def test_each_day_is_converted_at_its_own_rate_and_what_has_none_is_said(tmp_path: Path) -> None:
    at = in_dollars(tmp_path, date(2026, 6, 1), date(2026, 11, 19), date(2026, 11, 20))
    rates = [Close("CNY/USD", date(2026, 11, 19), 0.125, date(2026, 11, 19), "Yahoo"),
             Close("CNY/USD", date(2026, 11, 20), 0.15, date(2026, 11, 20), "Yahoo")]  # fmt: skip
    at.store.save_closes(rates, [])
    (found,), problems = bands(at, at.listings, 5, "consensus", NOW, 5, offline=True)
    # 40 × 0.15 and 40 × 0.125 over 0.25; the day in June is at the last rate.
    assert pytest.approx((24.0, 20.0, 24.0)) == found.multiples
    assert [
        "1 days from 2026-06-01 to 2026-06-01 have no exchange rate of theirs: they are at that of"
        " 2026-11-20"
    ] == [each.message for each in problems if each.kind == "old_rate"]


def test_a_band_that_ends_long_ago_says_so_and_counts_its_days_with_a_multiple(
    tmp_path: Path,
) -> None:
    days = [date(2025, 5, 1) + timedelta(days=at) for at in range(90)]
    at = known(tmp_path, [close(day, 10.0) for day in days])
    (found,), problems = bands(at, at.listings, 5, "consensus", NOW, 5, offline=True)
    # The table is of June 30th: May and all of June but its last day have none.
    assert (90 - 31 - 29, 90) == (found.count, len(found.days))
    assert ["the last close is of 2025-07-29, 483 days ago"] == [
        each.message for each in problems if each.kind == "old_price"
    ]


def test_a_loss_means_nothing_and_no_estimate_is_none(tmp_path: Path) -> None:
    at = known(tmp_path, [close(date(2026, 9, day), 40.0) for day in (22, 30)])
    (tmp_path / "none").mkdir()
    assert "n/a" == band(known(tmp_path / "none", []), "consensus").gap
    vintage = of_2026(-1.0, date(2026, 9, 25))
    at.store.save_vintages([vintage], NOW)
    at.store.accept([vintage], noon(date(2026, 9, 25)))
    assert ((20.0, None), "NM") == ((found := band(at, "consensus")).multiples, found.gap)


def test_a_price_is_the_close_once_the_vendors_delay_has_passed() -> None:
    closed = datetime(2026, 11, 23, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
    day = closed.date()
    assert [False, False, True] == [
        is_final(day, closed, closed + timedelta(minutes=late)) for late in (0, 19, 20)
    ]
    assert is_final(day - timedelta(days=1), closed, closed)


def test_a_split_leaves_the_multiple_as_it_is(tmp_path: Path) -> None:
    split = Split("600941.SH", date(2026, 2, 2), 2.0, "Eastmoney")
    raw = [close(date(2026, 1, 30), 40.0, per_share_of=date(2026, 1, 30)),
           close(date(2026, 2, 2), 20.0, per_share_of=date(2026, 2, 2))]  # fmt: skip
    found = band(known(tmp_path, raw, split))
    # As traded 40 and then 20; per share of today 20 and 20, on EPS of 2.00 ÷ 2.
    assert ((20.0, 20.0), (20.0, 20.0)) == (found.closes, found.multiples)


def test_too_few_days_make_no_band_and_say_so(tmp_path: Path) -> None:
    at = known(tmp_path, [close(day, 10.0) for day in days_back(19)])
    (found,), problems = bands(at, at.listings, 5, "fixed", NOW, 5, offline=True)
    assert {} == found.percentiles
    assert ["19 days with a P/E FY1: too few for a band"] == [
        each.message for each in problems if each.kind == "no_history"
    ]


def test_days_before_the_years_asked_for_do_not_count(tmp_path: Path) -> None:
    closes = [close(LAST - timedelta(days=back), 10.0) for back in (400, 300, 0)]
    assert 2 == len(band(known(tmp_path, closes), years=1).days)


# --- asking -----------------------------------------------------------------------------------


@pytest.fixture
def market() -> Market:
    market = report_market()
    weekdays = [FINAL - timedelta(days=back) for back in range(60)]
    market.closes = {
        symbol: [(day, 10.0 + day.day) for day in reversed(weekdays)]
        for symbol in ("600941.SH", "920808.BJ")
    }
    market.closes["600941.SH"][10] = (market.closes["600941.SH"][10][0], None)
    return market


@pytest.fixture
def command(online: Command) -> Command:
    return partial(online, "history")


def charts(vendor: Vendor) -> list[str]:
    return [url for url in vendor.asked if "/v8/finance/chart/" in url or "kline" in url]


def test_closes_are_fetched_once_and_shown(
    command: Command, vendor: Vendor, tmp_path: Path
) -> None:
    done = command("600941.SH", "920808.BJ", "--years", "1", "-o", "history.xlsx", "--lang", "en")
    assert 0 == done.returncode, done.stderr
    rows = {line.split()[0]: line.split() for line in done.stdout.split("\n") if ".SH" in line
            or ".BJ" in line}  # fmt: skip
    # A bar without a close is a day without a trade.
    store = Store(tmp_path / "data" / "screener" / "quotes.db")
    kept = store.closes(["600941.SH", "920808.BJ"], date(2000, 1, 1))
    assert (59, 60) == (len(kept["600941.SH"]), len(kept["920808.BJ"]))
    assert f"{(10.0 + FINAL.day) / 7.25:.1f}x" == rows["600941.SH"][2]
    book = load_workbook(tmp_path / "history.xlsx")
    assert ["P_E FY1 bands", "600941.SH", "920808.BJ"] == book.sheetnames
    assert 1 == len(book["600941.SH"]._charts)
    vendor.asked.clear()
    again = command("600941.SH", "920808.BJ", "--years", "1", "--lang", "en")
    assert [] == charts(vendor)
    assert done.stdout.split("\n")[:4] == again.stdout.split("\n")[:4]


def test_the_past_of_a_rate_is_fetched_with_the_closes(
    command: Command, vendor: Vendor, tmp_path: Path
) -> None:
    # Hong Kong closes an hour after Shanghai, whose days the rates are of.
    last = min(FINAL, last_final_day("0700.HK", datetime.now(UTC)))
    days = [last - timedelta(days=back) for back in range(30, -1, -1)]
    vendor.market.closes["0700.HK"] = [(day, 500.0) for day in days]
    rates = dict.fromkeys(days, 0.8) | {last: 1.0, FINAL: 1.0}
    vendor.market.closes["HKDCNY=X"] = list(rates.items())
    done = command("0700.HK", "--years", "1", "--lang", "en", "-o", "history.xlsx")
    sheet = load_workbook(tmp_path / "history.xlsx")["0700.HK"]
    cells = [row[2] for row in sheet.iter_rows(min_row=5, values_only=True)]
    multiples = [cell for cell in cells if isinstance(cell, float)]
    assert "exchange rate" not in done.stderr
    # The last rate is five quarters of the one before: so is the multiple on one price and EPS.
    assert pytest.approx(1.25) == multiples[-1] / multiples[0]
    vendor.asked.clear()
    command("0700.HK", "--years", "1")
    assert [] == charts(vendor)


def test_later_only_the_missing_days_are_asked_for(
    command: Command, vendor: Vendor, tmp_path: Path
) -> None:
    every = vendor.market.closes["600941.SH"]
    vendor.market.closes["600941.SH"] = every[:-5]
    command("600941.SH", "--years", "1")
    vendor.asked.clear()
    vendor.market.closes["600941.SH"] = every
    command("600941.SH", "--years", "1")
    (asked,) = [url for url in charts(vendor) if "events=split" in url and "600941" in url]
    since = int(asked.partition("period1=")[2].partition("&")[0])
    assert every[-5][0] == datetime.fromtimestamp(since, UTC).date()
    store = Store(tmp_path / "data" / "screener" / "quotes.db")
    assert 59 == len(store.closes(["600941.SH"], date(2000, 1, 1))["600941.SH"])


@pytest.mark.parametrize("fault", ["500", "html", "404"])
def test_a_name_without_a_history_is_named(command: Command, vendor: Vendor, fault: str) -> None:
    vendor.faults["/v8/finance/chart/"] = fault
    done = command("600941.SH", "--years", "1")
    assert "No history" in done.stderr
    assert "600941.SH" in done.stderr


def test_offline_the_stored_days_are_shown(command: Command, vendor: Vendor) -> None:
    online = command("600941.SH", "--years", "1")
    vendor.port = 9  # nobody listens there
    assert online.stdout == command("600941.SH", "--years", "1", "--offline").stdout


# --- of what was reported -------------------------------------------------------------------------


@pytest.fixture
def reported(vendor: Vendor) -> list[date]:
    """Weekdays of six years, on which P/E TTM went from 10 up by a hundredth a day."""
    span = [FINAL - timedelta(days=back) for back in range(6 * 365, -1, -1)]
    days = [day for day in span if day.weekday() < 5]
    hong_kong = last_final_day("0700.HK", datetime.now(UTC))
    series = [(day, 10 + at / 100) for at, day in enumerate(days)]
    market = vendor.market
    for symbol in ("600941.SH", "920808.BJ"):
        market.multiples[symbol] = series
        market.closes[symbol] = [(day, 50.0) for day in days]
    market.multiples["0700.HK"] = [(day, value) for day, value in series if day <= hong_kong]
    market.closes["0700.HK"] = [(day, 500.0) for day, _ in market.multiples["0700.HK"]]
    # While Shanghai trades, a rate of today alone would be none of a day that is over.
    market.closes["HKDCNY=X"] = [(day, market.rates["HKDCNY=X"]) for day in days]
    return days


def of_store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data" / "screener" / "quotes.db")


THREE = ("600941.SH", "0700.HK", "920808.BJ")


@pytest.mark.parametrize(("metric", "scale"), [("pe_ttm", 1.0), ("pb", 0.1)])
def test_vendors_series_make_a_band_for_every_market(
    command: Command,
    vendor: Vendor,
    tmp_path: Path,
    reported: list[date],
    metric: str,
    scale: float,
) -> None:
    arguments = (*THREE, "--of", metric, "--years", "2")
    done = command(*arguments, "-o", "h.xlsx", COLUMNS="120")
    assert 0 == done.returncode, done.stderr
    # The last of a series that only rises is the highest of them.
    last = vendor.market.multiples["600941.SH"][-1][1] * scale
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if ". 1" not in line}
    assert f"{last:.1f}x" == rows["600941.SH"][2]
    assert str(reported[-1]) == rows["600941.SH"][3]
    assert rows["600941.SH"][-1].endswith("█")
    book = load_workbook(tmp_path / "h.xlsx")
    assert [*THREE] == book.sheetnames[1:]
    assert {1} == {len(book[name]._charts) for name in THREE}
    vendor.asked.clear()
    again = command(*arguments, COLUMNS="120")
    assert [] == vendor.asked
    assert done.stdout.splitlines()[:5] == again.stdout.splitlines()[:5]


def test_more_years_ask_only_for_the_missing_span(
    command: Command, vendor: Vendor, tmp_path: Path, reported: list[date]
) -> None:
    command("600941.SH", "--of", "pe_ttm", "--years", "1")
    known = of_store(tmp_path).multiples_span("600941.SH", "pe_ttm")
    assert known is not None
    vendor.asked.clear()
    command("600941.SH", "--of", "pe_ttm", "--years", "5")
    (asked,) = [unquote(url) for url in vendor.asked if "VALUEANALYSIS" in url]
    assert f"(TRADE_DATE<='{known.since - timedelta(days=1)}')" in asked
    (chart,) = [url for url in charts(vendor) if "600941" in url]
    until = int(chart.partition("period2=")[2].partition("&")[0])
    # Yahoo's end is not included, and is a day later for Asia's sake.
    assert known.since + timedelta(days=1) == datetime.fromtimestamp(until, UTC).date()
    kept = of_store(tmp_path).multiples(["600941.SH"], "pe_ttm", date(2000, 1, 1))["600941.SH"]
    # Years count back from the last day of trading, which may not be over yet.
    begun = last_trade("600941.SH", datetime.now(UTC)).date() - timedelta(days=round(5 * 365.25))
    assert [day for day in reported if day >= begun] == [each.day for each in kept]


def test_a_loss_of_the_past_means_nothing(
    command: Command, vendor: Vendor, reported: list[date]
) -> None:
    series = vendor.market.multiples["600941.SH"]
    vendor.market.multiples["600941.SH"] = [*series[:-1], (reported[-1], -5.0)]
    done = command("600941.SH", "--of", "pe_ttm", "--years", "1", COLUMNS="120")
    (row,) = [line for line in done.stdout.splitlines() if "600941.SH" in line]
    assert ["NM", "–"] == [row.split()[2], row.split()[4]]


@pytest.mark.parametrize(
    ("host", "fault"),
    [
        ("datacenter-web.eastmoney.com", "html"),
        ("datacenter-web.eastmoney.com", "null"),
        ("finance.baidu.com", "500"),
        ("finance.baidu.com", "short"),
    ],
)
@pytest.mark.usefixtures("reported")
def test_a_series_that_does_not_come_is_named_and_is_no_success(
    command: Command, vendor: Vendor, host: str, fault: str
) -> None:
    vendor.faults[host] = fault
    symbol = "0700.HK" if "baidu" in host else "600941.SH"
    done = command(symbol, "--of", "pe_ttm", "--years", "1")
    assert 1 == done.returncode
    assert "No history" in done.stderr
    assert symbol in done.stderr


@pytest.mark.usefixtures("reported")
def test_a_series_of_another_share_or_with_rows_missing_is_refused(
    command: Command, vendor: Vendor
) -> None:
    def another(content: Any) -> Any:
        for row in (content["result"] or {}).get("data", []):
            row["SECURITY_CODE"] = "600050"
        return content

    vendor.changes["VALUEANALYSIS"] = another
    done = command("600941.SH", "--of", "pe_ttm", "--years", "1")
    assert (1, True) == (done.returncode, "Eastmoney answers with 600050" in done.stderr)

    def truncated(content: Any) -> Any:
        content["result"]["data"] = content["result"]["data"][:-1]
        return content

    vendor.changes["VALUEANALYSIS"] = truncated
    done = command("600941.SH", "--of", "pe_ttm", "--years", "1")
    assert (1, True) == (done.returncode, "rows, and sends" in done.stderr)


@pytest.mark.usefixtures("reported")
def test_a_run_ranks_and_filters_by_the_stored_percentile(
    command: Command, online: Command
) -> None:
    assert 0 == command("600941.SH", "--of", "pe_ttm", "--years", "5").returncode
    condition = "pe_ttm_percentile > 0.9"
    done = online("run", "telecom", "--where", condition, "--by", "pe_ttm_percentile", "--json")
    (row,) = json.loads(done.stdout)["rows"]
    # Of five years of rising days all but the last one are lower.
    assert ("600941.SH", True) == (row["symbol"], row["pe_ttm_percentile"] > 0.999)


def test_the_workbook_draws_the_band_as_fills_and_a_deviation_to_each_side(tmp_path: Path) -> None:
    days = [date(2026, 1, 1) + timedelta(days=at) for at in range(101)]
    # Multiples of 10 to 110 in steps of one: tenths at 20 and 100, a mean of 60.
    multiples = [10.0 + at for at in range(101)]
    (row,) = known(tmp_path, []).listings
    band = band_of(row, "pe_ttm", days, [None] * 101, multiples, "n/a")
    path = tmp_path / "history.xlsx"
    path.write_bytes(render_history([band], "en"))
    sheet = load_workbook(path)["600941.SH"]
    heads = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "Day")
    last = dict(zip(heads, [cell.value for cell in sheet[sheet.max_row]], strict=True))
    steps = {"10–25%": 15, "25–50%": 25, "50–75%": 25, "75–90%": 15}
    assert steps == pytest.approx({name: last[name] for name in steps})
    deviation = sqrt(sum((each - 60) ** 2 for each in multiples) / 101)
    assert pytest.approx(60 - deviation) == last["Mean − σ"]
    assert pytest.approx(60 + deviation) == last["Mean + σ"]
    with ZipFile(path) as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
    assert "stacked" in chart
    # From nothing to the lowest tenth, and four fills.
    assert 5 == chart.partition("</c:areaChart>")[0].count("<c:order ")
