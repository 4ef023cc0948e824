"""Live prices through the real yfinance and akshare, over real TLS, from a vendor on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from screener.model.symbols import spelling
from screener.sources.plausible import plain_name
from screener.watchlists.read import load_watchlists
from tests.command import Command, surroundings
from tests.conftest import NOW, ROOT, WATCHLISTS, write_watchlist
from tests.loopback import Vendor

RATE = 0.92
Screened = tuple[int, dict[str, Any], str, float]
Run = Callable[..., Screened]


@pytest.fixture
def run(online: Command, tmp_path: Path) -> Run:
    """`screener run --prices … --json`: exit code, document, problems, seconds."""

    def screen(*arguments: str, timeout: float = 20, prices: str = "live") -> Screened:
        started = time.monotonic()
        options = ("--timeout", str(timeout), "-o", tmp_path / "out", *arguments)
        done = online("run", "--prices", prices, "--json", *options)
        document = json.loads(done.stdout)
        return done.returncode, document, done.stderr, time.monotonic() - started

    return screen


def prices(document: dict[str, Any]) -> dict[str, float | None]:
    return {row["symbol"]: row["price"] for row in document["rows"]}


def kinds(document: dict[str, Any]) -> Counter[str]:
    return Counter(problem["kind"] for problem in document["problems"])


def reasons(document: dict[str, Any], symbol: str) -> str:
    return "; ".join(
        problem["message"]
        for problem in document["problems"]
        if problem["symbol"] == symbol and problem["kind"] == "no_price"
    )


def test_every_name_has_its_live_price_with_source_and_time(run: Run, vendor: Vendor) -> None:
    _, document, _, _ = run()
    assert vendor.market.prices == prices(document)
    sources = {row["symbol"][-2:]: row["price_source"] for row in document["rows"]}
    assert {"SH": "Yahoo", "SZ": "Yahoo", "HK": "Yahoo", "BJ": "Eastmoney"} == sources
    for row in document["rows"]:
        traded = datetime.fromisoformat(row["price_time"])
        assert vendor.market.traded_of(row["symbol"]).date() == traded.date()
        assert row["price_obtained"] in ("close", "live", "delayed")
    assert {"HKD"} == {r["price_currency"] for r in document["rows"] if ".HK" in r["symbol"]}
    hong_kong = {r["symbol"]: (r["fx"], r["fx_source"]) for r in document["rows"]}
    assert (RATE, "Yahoo") == hong_kong["0700.HK"]
    assert (1.0, "") == hong_kong["600941.SH"]
    assert 0 == kinds(document)["no_price"] + kinds(document)["source_out"]


def test_all_names_take_six_requests_and_their_splits_and_accounts_four_more_a_day(
    run: Run, vendor: Vendor
) -> None:
    run()
    prices = {
        "fc.yahoo.com": 1,  # the cookie
        "query1.finance.yahoo.com": 2,  # the crumb, and every name at once
        "push2.eastmoney.com": 1,  # Beijing
        "datacenter.eastmoney.com": 2,  # the names of two Hong Kong listings
    }
    accounts = {"datacenter-web.eastmoney.com": 1}  # Beijing's reports
    splits = {
        "query2.finance.yahoo.com": 2,  # the charts of two Hong Kong listings
        "datacenter-web.eastmoney.com": 1,  # the mainland's at once, with Beijing's dividends
    }
    assert Counter(prices) + Counter(splits) + Counter(accounts) == vendor.requests()
    # A crumb is asked for once a process: both are of the same one.
    assert 1 == sum("getcrumb" in url for url in vendor.asked)
    vendor.asked.clear()
    run("--max-age", "0")
    assert {**prices, "fc.yahoo.com": 0} == {**prices, **vendor.requests(), "fc.yahoo.com": 0}
    assert 0 == vendor.requests()["datacenter-web.eastmoney.com"]


@pytest.fixture
def at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Code that each child of a run executes first; `vendor` is the one that it is for."""

    def say_what(code: str) -> None:
        folder = tmp_path / "site"
        folder.mkdir()
        lines = ("import os, sys", "if 'screener.sources.child' in sys.orig_argv:")
        body = ("    vendor = sys.orig_argv[-1]", f"    {code}")
        (folder / "sitecustomize.py").write_text("\n".join((*lines, *body)))
        monkeypatch.setenv("PYTHONPATH", str(folder))

    return say_what


def test_a_run_starts_the_library_of_each_vendor_once(
    run: Run, tmp_path: Path, at_start: Callable[[str], None]
) -> None:
    started = tmp_path / "started.txt"
    at_start(f"open({str(started)!r}, 'a').write(vendor + '\\n')")
    _, document, _, _ = run("telecom", "media", "computing")
    assert 0 == kinds(document)["no_price"] + kinds(document)["splits_unknown"]
    assert ["akshare", "yahoo"] == sorted(started.read_text().split())


def test_a_library_that_ends_by_itself_is_named_and_not_waited_for(
    run: Run, vendor: Vendor, at_start: Callable[[str], None]
) -> None:
    at_start("vendor == 'akshare' and os._exit(1)")
    _, document, _, seconds = run("media", "computing", timeout=60)
    assert seconds < 30
    assert ["920808.BJ"] == [symbol for symbol, price in prices(document).items() if price is None]
    assert vendor.market.prices["0700.HK"] == prices(document)["0700.HK"]
    assert ["its library ended unexpectedly"] == [
        problem["message"] for problem in document["problems"] if problem["kind"] == "source_out"
    ]


def test_names_that_do_not_come_back_are_asked_again_once_then_of_the_other_source(
    run: Run, vendor: Vendor
) -> None:
    def without(body: Any) -> Any:
        items = body["quoteResponse"]["result"]
        kept = [item for item in items if item["symbol"] not in ("600941.SS", "0700.HK")]
        return {"quoteResponse": {"result": kept, "error": None}}

    vendor.changes["/v7/finance/quote"] = without
    _, document, _, _ = run("telecom", "media")
    batches = [url for url in vendor.asked if "/v7/finance/quote" in url]
    assert 2 == len(batches)
    assert "600941.SS" in batches[1] and "600050.SS" not in batches[1]
    sources = {row["symbol"]: row["price_source"] for row in document["rows"]}
    assert ("Eastmoney", "Eastmoney") == (sources["600941.SH"], sources["0700.HK"])
    assert vendor.market.prices["0700.HK"] == prices(document)["0700.HK"]


def test_a_batch_that_fails_is_replaced_by_charts(run: Run, vendor: Vendor) -> None:
    vendor.faults["/v7/finance/quote"] = "500"
    _, document, _, _ = run("telecom")
    assert 10 == sum("/v8/finance/chart/" in url for url in vendor.asked)
    assert {"Yahoo"} == {row["price_source"] for row in document["rows"]}
    assert {vendor.market.prices[row["symbol"]] for row in document["rows"]} == set(
        prices(document).values()
    )


@pytest.mark.parametrize("status", ["401", "403", "429"])
def test_a_source_that_refuses_is_not_asked_again_and_the_other_is(
    run: Run, vendor: Vendor, status: str
) -> None:
    vendor.faults["/v7/finance/quote"] = status
    _, document, stderr, _ = run("telecom")
    assert {"Eastmoney"} == {row["price_source"] for row in document["rows"]}
    assert 0 == sum("/v8/finance/chart/" in url for url in vendor.asked)
    assert 1 == kinds(document)["source_out"]
    assert 1 == stderr.count("it refuses, and is not asked again")


@pytest.mark.parametrize(
    "fault", ["500", "502", "html", "empty", "null", "reset", "short", "hang", "loris"]
)
def test_when_every_source_fails_the_run_ends_in_time_with_every_name_explained(
    run: Run, vendor: Vendor, fault: str
) -> None:
    vendor.faults["https://"] = fault
    code, document, _, seconds = run("telecom", timeout=4)
    assert 1 == code
    assert {None} == set(prices(document).values())
    assert 10 == kinds(document)["no_price"]
    assert 1 <= kinds(document)["source_out"] <= 2
    # Reading watchlists and writing the workbook come on top of the four seconds.
    assert seconds < 30


@pytest.mark.parametrize("host", ["fc.yahoo.com", "getcrumb"])
def test_a_hanging_cookie_or_crumb_does_not_hold_up_the_other_source(
    run: Run, vendor: Vendor, host: str
) -> None:
    vendor.faults[host] = "hang"
    _, document, _, seconds = run("telecom", timeout=12)
    assert {"Eastmoney"} == {row["price_source"] for row in document["rows"]}
    assert seconds < 30


def changed(symbol: str = "600941.SS", **figures: Any) -> Callable[[Any], Any]:
    """The item of a name, changed or, where a figure is `missing`, without it."""

    def change(body: Any) -> Any:
        for item in body["quoteResponse"]["result"]:
            if item["symbol"] == symbol:
                item.update(figures)
                for name in [name for name, figure in figures.items() if figure == "missing"]:
                    del item[name]
        return body

    return change


# What Yahoo may say of a name that cannot be its price, and how that is told.
NO_PRICES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"regularMarketPrice": 0}, "says 0, which is no price"),
    ({"regularMarketPrice": -5.0}, "says -5, which is no price"),
    ({"regularMarketPrice": float("nan")}, "regularMarketPrice is nan"),
    ({"regularMarketPrice": float("inf")}, "regularMarketPrice is inf"),
    ({"regularMarketPrice": "80.0"}, "regularMarketPrice is '80.0'"),
    ({"regularMarketPrice": None}, "regularMarketPrice is None"),
    ({"regularMarketPrice": True}, "regularMarketPrice is True"),
    ({"regularMarketPrice": "missing"}, "regularMarketPrice is None"),
    ({"currency": "HKD"}, "says HKD, but {symbol} trades in CNY"),
    ({"currency": None}, "currency is None"),
    ({"currency": "missing"}, "currency is None"),
    ({"regularMarketTime": 1_700_000_000}, "last price is of 2023-11-15"),
    ({"regularMarketTime": 4_000_000_000}, "in the future"),
    ({"regularMarketTime": 1e20}, "regularMarketTime is 1e+20, which cannot be"),
    ({"regularMarketTime": "missing"}, "regularMarketTime is None"),
)


def test_an_answer_that_cannot_be_a_price_is_refused_with_the_reason(
    run: Run, vendor: Vendor
) -> None:
    (table,), _ = load_watchlists(WATCHLISTS, ["electronics"], NOW.date())
    symbols = [row.symbol for row in table.listings]
    wrong = dict(zip(symbols, NO_PRICES, strict=False))
    assert len(NO_PRICES) == len(wrong) < len(symbols)

    def change(body: Any) -> Any:
        for symbol, (figures, _) in wrong.items():
            changed(str(spelling("yahoo", symbol)), **figures)(body)
        return body

    vendor.changes["/v7/finance/quote"] = change
    vendor.faults["eastmoney.com"] = "403"
    code, document, _, _ = run("electronics")
    assert 1 == code
    assert set(wrong) == {symbol for symbol, price in prices(document).items() if price is None}
    for symbol, (_, reason) in wrong.items():
        assert reason.format(symbol=symbol) in reasons(document, symbol)


def test_a_wrong_answer_of_one_source_is_mended_by_the_other(run: Run, vendor: Vendor) -> None:
    vendor.changes["/v7/finance/quote"] = changed(regularMarketPrice=0)
    _, document, _, _ = run("telecom")
    assert vendor.market.prices["600941.SH"] == prices(document)["600941.SH"]
    (said,) = [each for each in document["problems"] if each["kind"] == "sources_differ"]
    assert "Yahoo says 0, which is no price; that of Eastmoney is used" == said["message"]


def test_foreign_and_duplicate_answers_price_nobody_else(run: Run, vendor: Vendor) -> None:
    def muddle(body: Any) -> Any:
        items = body["quoteResponse"]["result"]
        mobile = next(item for item in items if item["symbol"] == "600941.SS")
        items.append({**mobile, "regularMarketPrice": 999.0})
        items.append({**mobile, "symbol": "AAPL", "regularMarketPrice": 1.0})
        return body

    vendor.changes["/v7/finance/quote"] = muddle
    vendor.faults["eastmoney.com"] = "403"
    _, document, _, _ = run("telecom")
    assert "answers twice, and differently" in reasons(document, "600941.SH")
    expected = {row: price for row, price in prices(document).items() if row != "600941.SH"}
    assert expected == {row: vendor.market.prices[row] for row in expected}


def beijing(**figures: Any) -> Callable[[Any], Any]:
    def change(body: Any) -> Any:
        body["data"].update(figures)
        return body

    return change


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"f43": "-"}, "price is '-'"),
        ({"f43": 0.0}, "says 0, which is no price"),
        ({"f57": "920001"}, "Eastmoney answers with 920001"),
    ],
)
def test_a_wrong_answer_of_eastmoney_is_refused(
    run: Run, vendor: Vendor, figures: dict[str, Any], reason: str
) -> None:
    vendor.changes["/api/qt/stock/get"] = beijing(**figures)
    _, document, _, _ = run("computing")
    assert reason in reasons(document, "920808.BJ")
    assert prices(document)["920808.BJ"] is None


@pytest.mark.parametrize(
    ("bar", "reason"),
    [
        # 开盘, 收盘, 最高, 最低: a volume where the close should be.
        ("{day},16320039,16320039,80,79,80,1,0,0,0,0", "closes outside its own range"),
        ("no day,80,80,80,80,1,1,0,0,0,0", "Eastmoney dates its last bar 'no day'"),
        ("2023-01-03,80,80,80,80,1,1,0,0,0,0", "last price is of 2023-01-03"),
        ("{day},0,0,0,0,1,1,0,0,0,0", "says 0, which is no price"),
        ("{day},x,x,80,79,1,1,0,0,0,0", "Eastmoney has a bar that is"),
    ],
)
def test_a_hong_kong_bar_that_cannot_be_a_price_is_refused(
    run: Run, vendor: Vendor, bar: str, reason: str
) -> None:
    def changed_bar(body: Any) -> Any:
        body["data"]["klines"] = [bar.format(day=f"{vendor.market.traded_hong_kong:%Y-%m-%d}")]
        return body

    vendor.faults["/v7/finance/quote"] = "403"
    vendor.changes["secid=116.00700"] = changed_bar
    _, document, _, _ = run("media")
    assert reason in reasons(document, "0700.HK")
    assert prices(document)["0700.HK"] is None
    assert prices(document)["9988.HK"] is not None


def test_a_name_that_a_source_has_not_costs_only_itself(run: Run, vendor: Vendor) -> None:
    # The first name that is asked for is the one that tells whether the source is out.
    vendor.faults["/v7/finance/quote"] = "500"
    vendor.market.prices.pop("000988.SZ")
    _, document, _, _ = run("telecom")
    assert ["000988.SZ"] == [symbol for symbol, price in prices(document).items() if price is None]
    assert "Yahoo: HTTP 404" in reasons(document, "000988.SZ")
    assert "Eastmoney: its answer is not of the usual form" in reasons(document, "000988.SZ")
    vendor.faults["/v7/finance/quote"] = "403"
    _, document, _, _ = run("telecom", "--max-age", "0")
    assert ["000988.SZ"] == [symbol for symbol, price in prices(document).items() if price is None]


def test_a_name_that_does_not_fit_the_code_is_a_problem(run: Run, vendor: Vendor) -> None:
    vendor.changes["/api/qt/stock/get"] = beijing(f58="另一家公司")
    _, document, _, _ = run("computing")
    (problem,) = [each for each in document["problems"] if each["kind"] == "wrong_name"]
    assert "920808.BJ" == problem["symbol"]
    assert "the watchlist says 曙光数创, Eastmoney says 另一家公司" == problem["message"]


def test_a_wrong_hong_kong_code_is_caught_by_its_name(
    run: Run, vendor: Vendor, tmp_path: Path
) -> None:
    # The report prints 9898.HK, which is Weibo, for Alibaba; here nothing corrects it.
    vendor.market.names["9898.HK"], vendor.market.prices["9898.HK"] = "微博-SW", 80.0
    row = "9898.HK,阿里巴巴-W,15468.28,3.91,6.19,6.88,16.27,13.13,11.82,CNY"
    write_watchlist(tmp_path / "watchlists", row)
    _, document, _, _ = run()
    (problem,) = [each for each in document["problems"] if each["kind"] == "wrong_name"]
    assert "the watchlist says 阿里巴巴-W, Eastmoney says 微博-SW" == problem["message"]


def test_names_that_cannot_be_compared_are_said_to_be(run: Run, vendor: Vendor) -> None:
    vendor.faults["datacenter.eastmoney.com"] = "html"
    _, document, _, _ = run("media")
    assert (1, 0, 0) == tuple(
        kinds(document)[kind] for kind in ("names_unchecked", "source_out", "no_price")
    )


def test_a_chart_of_another_name_prices_nobody(run: Run, vendor: Vendor) -> None:
    def of_another(body: Any) -> Any:
        body["chart"]["result"][0]["meta"]["symbol"] = "600000.SS"
        return body

    vendor.faults["/v7/finance/quote"] = "500"
    vendor.changes["chart/600941.SS"] = of_another
    vendor.faults["eastmoney.com"] = "403"
    _, document, _, _ = run("telecom")
    assert ["600941.SH"] == [symbol for symbol, price in prices(document).items() if price is None]


def test_a_retired_code_without_a_known_successor_is_asked_of_nobody(
    run: Run, vendor: Vendor, tmp_path: Path
) -> None:
    write_watchlist(tmp_path / "watchlists", "831111.BJ,某公司,,1,1,1,,,,CNY")
    _, document, _, _ = run()
    assert "831111.BJ was retired on 2025-10-09" in reasons(document, "831111.BJ")
    assert 0 == vendor.requests()["push2.eastmoney.com"]


def test_a_retired_code_is_asked_for_by_its_new_one(
    run: Run, vendor: Vendor, tmp_path: Path
) -> None:
    write_watchlist(tmp_path / "watchlists", "872808.BJ,曙光数创,,1,1,1,,,,CNY")
    _, document, _, _ = run()
    assert {"872808.BJ": vendor.market.prices["920808.BJ"]} == prices(document)


def test_ctrl_c_while_a_vendor_hangs_ends_at_once_and_leaves_nothing(
    vendor: Vendor, tmp_path: Path
) -> None:
    vendor.faults["https://"] = "hang"
    process = subprocess.Popen(
        [sys.executable, "-m", "screener", "run", "telecom", "--prices", "live", "-o", "out"],
        cwd=tmp_path,
        env=surroundings(vendor.environment(tmp_path)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    deadline = time.monotonic() + 30
    while not vendor.asked and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=15)
    assert 130 == process.returncode
    assert "Traceback" not in stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("vendors", "watchlists"),
    [
        ("阿里巴巴－Ｗ", "阿里巴巴-W"),
        ("中 科 软", "中科软"),
        ("*ST信通", "信通"),
        ("XD中国移", "中国移"),
        ("N英方", "英方"),
        ("深桑达Ａ", "深桑达A"),
        ("CTOWER", "CTOWER"),
    ],
)
def test_names_that_differ_by_width_spaces_or_marks_are_the_same(
    vendors: str, watchlists: str
) -> None:
    assert plain_name(vendors) == plain_name(watchlists)


def test_the_rate_falls_back_to_the_exchanges_reference_rate(run: Run, vendor: Vendor) -> None:
    def without(body: Any) -> Any:
        items = body["quoteResponse"]["result"]
        kept = [item for item in items if not item["symbol"].endswith("=X")]
        return {"quoteResponse": {"result": kept, "error": None}}

    vendor.changes["/v7/finance/quote"] = without
    _, document, _, _ = run("media")
    assert [pytest.approx(RATE)] * 2 == [row["fx"] for row in document["rows"]]
    assert {"Shanghai Stock Exchange"} == {row["fx_source"] for row in document["rows"]}


def test_without_any_rate_hong_kong_names_are_explained(run: Run, vendor: Vendor) -> None:
    vendor.faults["query.sse.com.cn"] = "403"
    vendor.market.rates.clear()
    code, document, _, _ = run("media")
    assert 1 == code
    assert 2 == kinds(document)["no_rate"]


def test_a_dead_network_is_recognised_at_once(run: Run, vendor: Vendor) -> None:
    vendor.port = 9  # nobody listens there
    code, document, _, _ = run("telecom")
    assert 1 == code
    assert [] == vendor.asked
    assert 1 == kinds(document)["source_out"]
    assert 10 == kinds(document)["no_price"]


def test_a_vendor_with_an_untrusted_certificate_is_not_believed(
    run: Run, vendor: Vendor, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    import trustme

    trustme.CA().cert_pem.write_to_path(str(other))
    vendor.authority = other
    code, document, _, _ = run("telecom", timeout=10)
    assert 1 == code
    assert {None} == set(prices(document).values())


# --- the ladder: fresh, live, stored, the report's --------------------------------------------


def obtained(document: dict[str, Any]) -> Counter[str]:
    return Counter(row["price_obtained"] for row in document["rows"])


def test_a_fresh_stored_price_is_used_without_asking(run: Run, vendor: Vendor) -> None:
    _, first, _, _ = run("telecom", "media", "--max-age", "600")
    asked = len(vendor.asked)
    _, second, _, _ = run("telecom", "media", "--max-age", "600")
    assert asked == len(vendor.asked)
    assert {"cached": 12} == obtained(second)
    for name in ("price", "price_time", "price_source", "pe_fy1", "fx", "fx_source"):
        before = {row["symbol"]: row[name] for row in first["rows"]}
        assert before == {row["symbol"]: row[name] for row in second["rows"]}, name


def test_max_age_zero_asks_again(run: Run, vendor: Vendor) -> None:
    run("telecom")
    asked = len(vendor.asked)
    run("telecom", "--max-age", "0")
    assert asked < len(vendor.asked)


def test_auto_falls_back_to_stored_then_to_the_report_and_says_so(run: Run, vendor: Vendor) -> None:
    run("telecom", prices="auto")
    vendor.faults["https://"] = "403"
    code, document, stderr, _ = run("telecom", "media", "--max-age", "0", prices="auto")
    assert {"cached": 10, "report": 2} == obtained(document)
    assert (10, 2) == (kinds(document)["stored_price"], kinds(document)["report_price"])
    # Both Hong Kong names have an estimate for FY1 of the report's day only.
    assert 0 == kinds(document)["no_price"]
    assert "the report's price of 2025-01-28 is used" in stderr
    assert code in (0, 1)


def test_offline_uses_what_is_stored_and_opens_no_connection(run: Run, vendor: Vendor) -> None:
    run("telecom")
    asked = len(vendor.asked)
    _, document, _, _ = run("telecom", "--offline", "--max-age", "0", prices="auto")
    assert {"cached": 10} == obtained(document)
    code, strict, _, _ = run("media", "--offline")
    assert (1, 2) == (code, kinds(strict)["no_price"])
    assert asked == len(vendor.asked)


def test_a_day_that_is_past_is_valued_on_the_reports_prices(run: Run, vendor: Vendor) -> None:
    code, document, _, _ = run("telecom", "--as-of", "2025-02-03", prices="auto")
    assert 0 == code
    assert [] == vendor.asked
    assert {"report": 10} == obtained(document)


def test_a_broken_store_is_said_and_the_run_goes_on(run: Run, tmp_path: Path) -> None:
    store = tmp_path / "data" / "screener" / "quotes.db"
    store.parent.mkdir(parents=True)
    content = b"this is no database, and more than a header long" * 50
    store.write_bytes(content)
    code, document, _, _ = run("telecom")
    assert (1, 1, 0) == (code, kinds(document)["store_unread"], kinds(document)["no_price"])
    assert content == store.read_bytes()


def test_a_store_that_cannot_be_written_is_done_without(
    run: Run, vendor: Vendor, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    _, document, _, _ = run("telecom")
    assert 1 == kinds(document)["store"]
    assert {vendor.market.prices[row["symbol"]] for row in document["rows"]} == set(
        prices(document).values()
    )


# --- cross-check, whole market, quote, doctor, demo -------------------------------------------


def test_a_cross_check_asks_both_sources_and_names_what_differs(run: Run, vendor: Vendor) -> None:
    vendor.changes["/v7/finance/quote"] = changed(regularMarketPrice=100.0)
    _, document, _, _ = run("telecom", "--cross-check")
    assert 10 == vendor.requests()["push2.eastmoney.com"]
    (problem,) = [each for each in document["problems"] if each["kind"] == "sources_differ"]
    assert "600941.SH" == problem["symbol"]
    assert "Yahoo 100" in problem["message"] and "Eastmoney" in problem["message"]


@pytest.fixture
def many_of_beijing(tmp_path: Path, vendor: Vendor) -> list[str]:
    """A watchlist of 120 Beijing names, all of which the vendor has."""
    symbols = [f"920{number:03}.BJ" for number in range(120)]
    for place, symbol in enumerate(symbols):
        vendor.market.prices[symbol] = 5.0 + place
        vendor.market.names[symbol] = f"名称{place}"
    rows = [f"{symbol},{vendor.market.names[symbol]},,1,1,1,,,,CNY" for symbol in symbols]
    write_watchlist(tmp_path / "watchlists", *rows)
    return symbols


def test_many_beijing_names_are_asked_for_as_a_whole_market(
    run: Run, vendor: Vendor, many_of_beijing: list[str]
) -> None:
    _, document, _, _ = run()
    # Of all at once: two pages of prices, the reports, and splits with dividends.
    assert {"82.push2.eastmoney.com": 2, "datacenter-web.eastmoney.com": 2} == dict(
        vendor.requests()
    )
    assert {symbol: vendor.market.prices[symbol] for symbol in many_of_beijing} == prices(document)


def test_names_missing_from_the_whole_market_are_asked_one_by_one(
    run: Run, vendor: Vendor, many_of_beijing: list[str]
) -> None:
    def twice(body: Any) -> Any:
        # The first page again in place of the second: a hundred duplicates, twenty names missing.
        body["data"]["diff"] = [{**row, "f12": "920000"} for row in body["data"]["diff"][:20]]
        return body

    vendor.changes["pn=2"] = twice
    _, document, _, _ = run()
    assert {symbol: vendor.market.prices[symbol] for symbol in many_of_beijing} == prices(document)
    assert 21 == vendor.requests()["push2.eastmoney.com"]


@pytest.mark.usefixtures("many_of_beijing")
def test_a_table_in_another_order_prices_nobody(run: Run, vendor: Vendor) -> None:
    def reordered(body: Any) -> Any:
        # akshare takes the fields by their place: with two in each other's, 代码 holds prices.
        for row in body["data"]["diff"]:
            order = [{"f2": "f12", "f12": "f2"}.get(name, name) for name in row]
            moved = {name: row[name] for name in order}
            row.clear()
            row.update(moved)
        return body

    vendor.changes["82.push2"] = reordered
    vendor.faults["//push2.eastmoney.com"] = "403"
    _, document, stderr, _ = run()
    assert {None} == set(prices(document).values())
    assert 1 == kinds(document)["source_out"]
    assert "Traceback" not in stderr


def test_quote_shows_what_is_known_and_asks_nobody(
    run: Run, vendor: Vendor, online: Command
) -> None:
    run("telecom")
    asked = len(vendor.asked)
    done = online("quote", "600941.SH", "0700.HK", COLUMNS="120")
    assert 1 == done.returncode  # nothing is known of Tencent
    known, unknown = done.stdout.splitlines()[-2:]
    price = f"{vendor.market.prices['600941.SH']:.2f}"
    assert ["600941.SH", price, "CNY"] == known.split()[:3]
    assert "Yahoo" in known and f"{vendor.market.traded:%Y-%m-%d}" in known
    assert "nothing is stored" in unknown
    assert asked == len(vendor.asked)
    wrong = online("quote", "AAPL", COLUMNS="120")
    assert (2, 1) == (wrong.returncode, wrong.stderr.count("\n"))


def test_doctor_says_how_each_source_answers_and_shows_no_secret(
    vendor: Vendor, online: Command
) -> None:
    done = online("doctor", COLUMNS="120")
    assert 0 == done.returncode, done.stdout
    assert f"600941.SH {vendor.market.prices['600941.SH']:g} CNY" in done.stdout
    assert f"920808.BJ {vendor.market.prices['920808.BJ']:g} CNY" in done.stdout
    assert f"127.0.0.1:{vendor.port}" in done.stdout
    assert str(vendor.authority) in done.stdout.replace("\n", "")
    vendor.faults["/v7/finance/quote"] = "429"
    refused = online("doctor", COLUMNS="120")
    assert 1 == refused.returncode
    assert "HTTP 429" in refused.stdout


def test_runs_at_once_share_the_store(run: Run) -> None:
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda sector: run(sector, "--max-age", "0"), ["telecom"] * 3))
    for code, document, _, _ in results:
        assert code in (0, 1)
        assert 0 == kinds(document)["store"] + kinds(document)["no_price"]


def test_the_demo_shows_the_whole_of_a_morning_and_ends_well(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo", str(tmp_path / "out")],
        cwd=ROOT,
        env=surroundings({"XDG_DATA_HOME": str(tmp_path), "COLUMNS": "80"}),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for shown in ("FY2027", "Telecom telecom", "n / 9", "▇", "run 1 of", "300308.SZ"):
        assert shown in done.stdout
    assert 3 == len(list((tmp_path / "out").glob("*.xlsx")))
    assert (tmp_path / "out" / "mine" / "mine.csv").exists()


def children_of(process: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # Behind the name, which may hold anything: the state, and whose child it is.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == process:
                found.append(int(stat.parent.name))
    return found


def is_there(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_children_end_with_their_parent(vendor: Vendor, tmp_path: Path) -> None:
    # Both hang: neither child would end by itself for a minute.
    vendor.faults["fc.yahoo.com"] = vendor.faults["eastmoney.com"] = "hang"
    words = [sys.executable, "-m", "screener", "run", "--prices", "live", "--timeout", "60"]
    running = subprocess.Popen(
        words,
        cwd=tmp_path,
        env=surroundings(vendor.environment(tmp_path)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 30
    while len({"fc.yahoo.com", "push2.eastmoney.com"} & vendor.requests().keys()) < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    children = children_of(running.pid)
    assert 2 == len(children)
    running.kill()
    running.wait()
    until = time.monotonic() + 10
    while any(map(is_there, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert [] == [child for child in children if is_there(child)]


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_cookies_and_the_store_are_their_owners_alone(run: Run, tmp_path: Path) -> None:
    run("media")
    kept = [*(tmp_path / "cache").rglob("*.db"), *(tmp_path / "data").rglob("*.db")]
    assert {"cookies.db", "quotes.db"} <= {path.name for path in kept}
    assert [] == [path for path in kept if path.stat().st_mode & 0o077]
