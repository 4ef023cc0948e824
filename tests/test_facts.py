"""Estimates and splits through the real yfinance and akshare, from a vendor on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from screener.store.store import Store
from tests.command import Command
from tests.conftest import write_watchlist
from tests.loopback import Market, Vendor, report_market


@pytest.fixture
def market() -> Market:
    market = report_market()
    # As recorded of BABA on 2026-05-29: per receipt of eight shares.
    market.estimates["9988.HK"] = {2027: 45.453, 2028: 62.43821}
    return market


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[str], list[tuple[str, dict[int, float], str]]]:
    """What the store holds of a symbol: source, EPS by year, currency."""

    def read(symbol: str) -> list[tuple[str, dict[int, float], str]]:
        store = Store(tmp_path / "data" / "screener" / "quotes.db", create=False)
        return [
            (each.source, {one.fiscal_year: one.eps for one in each.estimates}, each.currency)
            for each in store.vintages([symbol])[symbol]
        ]

    return read


Kept = Callable[[str], list[tuple[str, dict[int, float], str]]]


def live(online: Command, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = online("run", "--prices", "live", "--json", "-o", "out", *arguments)
    return done.returncode, json.loads(done.stdout)


def messages(document: dict[str, Any], kind: str) -> list[str]:
    return [each["message"] for each in document["problems"] if each["kind"] == kind]


def test_an_update_takes_three_requests_of_data_and_then_every_name_has_its_years(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    assert 0 == online("consensus", "update").returncode
    asked = [url for url in vendor.asked if "RESPREDICT" in url or "quoteSummary" in url]
    assert 3 == len(asked)  # all of the mainland, and two names of Hong Kong
    market = vendor.market.estimates
    ((source, eps, currency),) = kept("600941.SH")
    assert ("Eastmoney", market["600941.SH"], "CNY") == (source, eps, currency)
    years = {year: market["0700.HK"][year] for year in (2026, 2027)}
    assert [("Yahoo", years, "CNY")] == kept("0700.HK")
    code, document = live(online)
    assert 0 == code
    assert {"Eastmoney", "Yahoo"} == {row["consensus_source"] for row in document["rows"]}
    figures = {row["symbol"]: row for row in document["rows"]}
    assert pytest.approx(45.453 / 8) == figures["9988.HK"]["eps_fy1"]
    assert "stated per receipt of 8 shares" in figures["9988.HK"]["consensus_note"]
    assert 2027 == figures["9988.HK"]["fy1"]


def test_a_row_of_other_years_than_most_keeps_its_own(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    # akshare names all rows' years after the most frequent ones: this one's would be a year off.
    own = {2024: 6.4, 2025: 6.8, 2026: 7.2, 2027: 7.6}
    vendor.market.estimates["600941.SH"] = own
    online("consensus", "update", "telecom")
    assert [("Eastmoney", own, "CNY")] == kept("600941.SH")
    assert {2025, 2026, 2027, 2028} == kept("600050.SH")[0][1].keys()


def with_rows(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Callable[..., Any]:
    def altered(body: Any) -> Any:
        body["result"]["data"] = change(body["result"]["data"])
        return body

    return altered


def test_rows_that_pages_repeat_and_lose_do_not_reach_the_store(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    def second_for_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [rows[1], *rows[1:]]  # the first is lost, the second there twice; the count is right

    vendor.changes["RESPREDICT"] = with_rows(second_for_first)
    vendor.faults["quoteSummary"] = "404"
    done = online("consensus", "update", "telecom")
    lost = min(code for code in vendor.market.prices if code in {"000988.SZ"})
    assert [] == kept(lost)
    assert 1 == len(kept("002281.SZ"))
    assert f"{lost}: no new estimates: Eastmoney has no estimates of it" in done.stderr


def test_two_rows_of_one_name_that_differ_are_none(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    def twice(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**rows[1], "EPS2": 99.0}, *rows[1:]]

    vendor.changes["RESPREDICT"] = with_rows(twice)
    vendor.faults["quoteSummary"] = "404"
    done = online("consensus", "update", "telecom")
    assert [] == kept("002281.SZ")
    assert "002281.SZ: no new estimates: Eastmoney answers twice, and differently" in done.stderr


def test_a_list_that_is_shorter_than_it_says_is_refused_whole(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    vendor.changes["RESPREDICT"] = with_rows(lambda rows: rows[2:])
    done = online("consensus", "update", "telecom")
    assert [] == [each for each in kept("600941.SH") if each[0] == "Eastmoney"]
    assert "Eastmoney: estimates: it answers with something else" in done.stderr


@pytest.mark.parametrize(
    "row",
    [
        {"EPS2": "1.20"},
        {"EPS3": float("nan")},
        {"YEAR2": None},
        {"YEAR2": 2025, "YEAR3": 2025},
        {"EPS2": None, "EPS3": None, "EPS4": None},
    ],
)
def test_a_name_is_kept_with_all_of_its_years_or_not_at_all(
    online: Command, vendor: Vendor, kept: Kept, row: dict[str, Any]
) -> None:
    vendor.changes["RESPREDICT"] = with_rows(lambda rows: [{**rows[0], **row}, *rows[1:]])
    vendor.faults["quoteSummary"] = "404"
    online("consensus", "update", "telecom")
    assert [] == kept("000988.SZ")
    assert 1 == len(kept("600941.SH"))


@pytest.mark.parametrize("fault", ["401", "403", "500", "html", "empty", "null", "reset"])
def test_a_source_that_is_out_is_not_a_name_without_estimates(
    online: Command, vendor: Vendor, kept: Kept, fault: str
) -> None:
    vendor.faults["quoteSummary"] = fault
    vendor.faults["etnet"] = "404"
    done = online("consensus", "update", "media")
    assert 3 == done.returncode
    assert "warning: Source is out" in done.stderr
    assert "Yahoo: estimates: " in done.stderr
    assert "Yahoo has no estimates" not in done.stderr
    assert ([], []) == (kept("0700.HK"), kept("9988.HK"))


def test_what_eastmoney_lacks_is_asked_of_yahoo(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    vendor.faults["RESPREDICT"] = "403"
    online("consensus", "update", "telecom")
    assert ["Yahoo"] == [source for source, *_ in kept("600941.SH")]


def changed_trend(**figures: Any) -> Callable[[Any], Any]:
    def change(body: Any) -> Any:
        for item in body["quoteSummary"]["result"][0]["earningsTrend"]["trend"]:
            if item["period"] in ("0y", "+1y"):
                item["earningsEstimate"] |= figures
        return body

    return change


def test_estimates_without_a_currency_wait_for_one(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    vendor.changes["quoteSummary/0700.HK"] = changed_trend(earningsCurrency=None)
    done = online("consensus", "update", "0700.HK")
    assert "it names no currency: accept it with --currency CNY" in " ".join(done.stderr.split())
    assert [""] == [currency for *_, currency in kept("0700.HK")]
    assert 2 == online("consensus", "accept", "0700.HK").returncode
    assert 0 == online("consensus", "accept", "0700.HK", "--currency", "CNY").returncode
    assert ["CNY"] == [currency for *_, currency in kept("0700.HK")]
    _, document = live(online, "media")
    sources = {row["symbol"]: row["consensus_source"] for row in document["rows"]}
    assert "Yahoo" == sources["0700.HK"]


def test_estimates_in_another_currency_are_in_doubt_and_once_accepted_converted(
    online: Command, vendor: Vendor
) -> None:
    vendor.changes["quoteSummary/0700.HK"] = changed_trend(earningsCurrency="HKD")
    done = online("consensus", "update", "0700.HK")
    assert "it is in HKD, before it was CNY" in " ".join(done.stderr.split())
    _, document = live(online, "media")
    (row,) = [row for row in document["rows"] if row["symbol"] == "0700.HK"]
    assert "Wind 一致预期" == row["consensus_source"]
    assert 1 == len(messages(document, "doubted_consensus"))
    assert 0 == online("consensus", "accept", "0700.HK").returncode
    _, document = live(online, "media")
    (row,) = [row for row in document["rows"] if row["symbol"] == "0700.HK"]
    eps = vendor.market.estimates["0700.HK"][2026]
    # The price is in HKD, and so is EPS: nothing to convert.
    assert (1.0, "HKD") == (row["fx"], row["eps_currency"])
    assert pytest.approx(vendor.market.prices["0700.HK"] / eps) == row["pe_fy1"]
    assert 1 == len(messages(document, "no_revision"))
    assert None is row["eps_revision_fy1"]


def test_a_fiscal_year_that_ends_on_another_day_is_refused(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    def june(body: Any) -> Any:
        for item in body["quoteSummary"]["result"][0]["earningsTrend"]["trend"]:
            item["endDate"] = item["endDate"][:4] + "-06-30"
        return body

    vendor.changes["quoteSummary/0700.HK"] = june
    vendor.faults["etnet"] = "404"
    done = online("consensus", "update", "0700.HK")
    assert "Yahoo's fiscal year ends 2026-06-30, the watchlist's on 12-31" in done.stderr
    assert [] == kept("0700.HK")


def test_cents_become_units_and_wait_for_their_currency(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    vendor.faults["quoteSummary"] = "404"
    vendor.market.cents["0700.HK"] = {2026: 2750.0, 2027: 3100.0}
    online("consensus", "update", "0700.HK")
    assert [("etnet", {2026: 27.5, 2027: 31.0}, "")] == kept("0700.HK")
    _, document = live(online, "media")
    (row,) = [row for row in document["rows"] if row["symbol"] == "0700.HK"]
    assert "Wind 一致预期" == row["consensus_source"]


def test_a_jump_is_kept_and_not_used_until_it_is_accepted(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    vendor.market.estimates["600941.SH"] |= {2026: 70.0}
    done = online("consensus", "update", "telecom")
    assert "in doubt, not used" in " ".join(done.stdout.split())
    assert 1 == len(kept("600941.SH"))
    shown = online("consensus", "show", "600941.SH").stdout
    assert "doubt" in shown and "70" in shown
    _, document = live(online, "telecom")
    assert 1 == len(messages(document, "doubted_consensus"))
    online("consensus", "accept", "600941.SH")
    _, document = live(online, "telecom")
    (row,) = [row for row in document["rows"] if row["symbol"] == "600941.SH"]
    assert (70.0, []) == (row["eps_fy1"], messages(document, "doubted_consensus"))


def test_an_eps_by_hand_is_not_divided_by_a_split_of_before(
    online: Command, vendor: Vendor
) -> None:
    issue = [(date(2026, 6, 1), 1.4)]
    vendor.market.bonus["600941.SH"] = vendor.market.yahoo_splits["600941.SH"] = issue
    assert 0 == online("consensus", "set", "600941.SH", "2026", "5.0").returncode
    _, document = live(online, "telecom")
    row = row_of(document, "600941.SH")
    assert pytest.approx(5.0) == row["eps_fy1"]
    assert pytest.approx(6.86 / 1.4) == row["eps"]["2025"]


def test_a_loss_is_set_without_ceremony(online: Command) -> None:
    assert 0 == online("consensus", "set", "688220.SH", "2026", "-0.35").returncode
    assert "-0.35" in online("consensus", "show", "688220.SH").stdout


def test_an_update_that_takes_the_place_of_an_edit_says_so(online: Command) -> None:
    online("consensus", "set", "600941.SH", "2026", "5.5", "--note", "guidance")
    done = online("consensus", "update", "600941.SH")
    assert "they take the place of yours: FY2026 5.5 set over" in " ".join(done.stderr.split())


def test_names_that_every_source_lacks_are_explained_each_by_its_own(
    online: Command, vendor: Vendor, kept: Kept
) -> None:
    vendor.changes["RESPREDICT"] = with_rows(lambda rows: [rows[1], *rows[1:]])
    vendor.faults["quoteSummary"] = "404"
    done = online("consensus", "update", "telecom", "media")
    assert "000988.SZ: no new estimates: Eastmoney has no estimates of it" in done.stderr
    assert "0700.HK, 9988.HK: no new estimates: Yahoo: HTTP 404" in done.stderr
    assert 1 == len(kept("600941.SH"))


def test_without_a_store_an_update_has_kept_nothing(online: Command, tmp_path: Path) -> None:
    (tmp_path / "data" / "screener" / "quotes.db").mkdir(parents=True)
    done = online("consensus", "update", "telecom")
    assert (3, True) == (done.returncode, "nothing is kept" in done.stderr)
    done = online("consensus", "set", "600941.SH", "2026", "7.5")
    assert ("", True) == (done.stdout, done.returncode in (2, 3))


def test_without_a_connection_nothing_is_updated_and_that_is_said(
    online: Command, vendor: Vendor
) -> None:
    vendor.port = 9  # nobody listens there
    done = online("consensus", "update", "telecom")
    assert 3 == done.returncode
    assert "no connection: no estimates are fetched" in done.stderr


# --- splits -----------------------------------------------------------------------------------


def row_of(document: dict[str, Any], symbol: str) -> dict[str, Any]:
    return next(row for row in document["rows"] if row["symbol"] == symbol)


def test_a_bonus_issue_is_found_confirmed_and_counted(online: Command, vendor: Vendor) -> None:
    issue = [(date(2025, 6, 12), 1.4)]
    vendor.market.bonus["300308.SZ"] = issue
    vendor.market.yahoo_splits["300308.SZ"] = issue
    _, document = live(online, "telecom")
    row = row_of(document, "300308.SZ")
    assert (1.4, "2025-06-12 ×1.4 Eastmoney") == (row["split_factor"], row["split_events"])
    assert pytest.approx(9.34 / 1.4) == row["eps_fy1"]
    # Yahoo is asked for the name with a split, to confirm it, and for no other.
    charts = [url for url in vendor.asked if "events=split" in url]
    assert 1 == len(charts) and "300308.SZ" in charts[0]
    assert [] == messages(document, "splits_differ") + messages(document, "splits_unknown")


def test_a_split_in_hong_kong_comes_from_the_chart(online: Command, vendor: Vendor) -> None:
    vendor.market.yahoo_splits["0700.HK"] = [(date(2025, 9, 1), 5.0)]
    _, document = live(online, "media")
    row = row_of(document, "0700.HK")
    assert (5.0, "2025-09-01 ×5 Yahoo") == (row["split_factor"], row["split_events"])


def test_sources_that_disagree_are_a_problem(online: Command, vendor: Vendor) -> None:
    vendor.market.bonus["300308.SZ"] = [(date(2025, 6, 12), 1.4)]
    _, document = live(online, "telecom")
    (message,) = messages(document, "splits_differ")
    assert "Eastmoney ×1.4, Yahoo ×1; Eastmoney's are used" in message


def test_a_source_that_is_out_is_named_and_the_other_asked(online: Command, vendor: Vendor) -> None:
    vendor.faults["SHAREBONUS"] = "403"
    vendor.market.yahoo_splits["300308.SZ"] = [(date(2025, 6, 12), 1.4)]
    vendor.market.shares["300308.SZ"] *= 1.4
    _, document = live(online, "telecom")
    assert ["HTTP 403 (it refuses, and is not asked again)"] == messages(document, "source_out")
    assert "2025-06-12 ×1.4 Yahoo" == row_of(document, "300308.SZ")["split_events"]
    assert [] == messages(document, "splits_unknown")


@pytest.mark.parametrize(
    ("address", "fault", "sectors", "symbol", "unpriced"),
    [
        # Eastmoney prices the mainland as well, and has its splits.
        ("getcrumb", "hang", ["telecom"], "300308.SZ", set()),
        # Nobody else prices Beijing; Yahoo has Hong Kong's splits.
        ("//push2.eastmoney.com", "loris", ["computing", "media"], "0700.HK", {"920808.BJ"}),
    ],
)
def test_a_vendor_that_is_stuck_in_prices_does_not_stop_the_splits_of_the_other(
    online: Command,
    vendor: Vendor,
    address: str,
    fault: str,
    sectors: list[str],
    symbol: str,
    unpriced: set[str],
) -> None:
    split = [(date(2025, 9, 1), 1.4)]
    vendor.market.bonus[symbol] = vendor.market.yahoo_splits[symbol] = split
    vendor.faults[address] = fault
    _, document = live(online, *sectors, "--timeout", "12")
    assert 1.4 == row_of(document, symbol)["split_factor"]
    assert unpriced == {row["symbol"] for row in document["rows"] if row["price"] is None}


def test_without_any_source_the_splits_are_unknown_by_name(online: Command, vendor: Vendor) -> None:
    vendor.faults["SHAREBONUS"] = "403"
    vendor.faults["events=split"] = "500"
    # Without a count nothing else tells of splits.
    vendor.market.shares.clear()
    _, document = live(online, "telecom")
    assert 2 == len(messages(document, "source_out"))
    assert 10 == len(messages(document, "splits_unknown"))


def test_without_the_table_of_splits_only_names_whose_count_moved_are_asked_for_one_by_one(
    online: Command, vendor: Vendor
) -> None:
    vendor.faults["SHAREBONUS"] = "500"
    vendor.market.shares["300308.SZ"] *= 1.4
    vendor.market.yahoo_splits["300308.SZ"] = [(date(2025, 6, 12), 1.4)]
    _, document = live(online, "telecom")
    assert ["300308"] == [
        url.partition("/chart/")[2][:6] for url in vendor.asked if "events=split" in url
    ]
    assert "2025-06-12 ×1.4 Yahoo" == row_of(document, "300308.SZ")["split_events"]
    # The other nine are told by their counts, which is said of each, and remembered for the day.
    assert 9 == len(messages(document, "splits_counted"))
    vendor.asked.clear()
    _, document = live(online, "telecom", "--max-age", "0")
    assert [] == [url for url in vendor.asked if "SHAREBONUS" in url or "events=split" in url]
    assert 9 == len(messages(document, "splits_counted"))


def test_beijing_names_are_counted_by_their_market_cap_and_not_asked_again_within_the_day(
    online: Command, vendor: Vendor
) -> None:
    vendor.faults["SHAREBONUS"] = "500"
    _, document = live(online, "computing")
    assert "splits_counted" in {
        each["kind"] for each in document["problems"] if each["symbol"] == "920808.BJ"
    }
    vendor.asked.clear()
    live(online, "computing", "--max-age", "0")
    assert [] == [url for url in vendor.asked if "SHAREBONUS" in url or "events=split" in url]


def test_a_beijing_name_whose_market_cap_is_of_other_shares_is_flagged(
    online: Command, vendor: Vendor
) -> None:
    vendor.market.shares["920808.BJ"] *= 1.4
    _, document = live(online, "computing")
    (message,) = messages(document, "possible_split")
    assert "×1.4" in message


def test_a_jump_of_the_share_count_without_a_split_on_record_is_flagged(
    online: Command, vendor: Vendor
) -> None:
    # By hand: 中际旭创 is printed at 1,287.16 亿 and about 114.8: 11.2 亿 shares; now half more.
    vendor.market.shares["300308.SZ"] = 1.5 * 1287.16e8 / 114.81
    _, document = live(online, "telecom")
    (message,) = messages(document, "possible_split")
    assert "possible unrecorded split" in message and "×1.5" in message
    # Yahoo was asked for its splits too, for there was reason to.
    assert 1 == sum("events=split" in url and "300308" in url for url in vendor.asked)


def test_a_recorded_split_explains_the_share_count(online: Command, vendor: Vendor) -> None:
    issue = [(date(2025, 6, 12), 1.5)]
    vendor.market.bonus["300308.SZ"] = vendor.market.yahoo_splits["300308.SZ"] = issue
    vendor.market.shares["300308.SZ"] = 1.5 * 1287.16e8 / 114.81
    _, document = live(online, "telecom")
    assert [] == messages(document, "possible_split")


def test_splits_are_asked_for_once_a_day(online: Command, vendor: Vendor) -> None:
    live(online, "telecom", "media")
    vendor.asked.clear()
    live(online, "telecom", "media", "--max-age", "0")
    assert [] == [url for url in vendor.asked if "SHAREBONUS" in url or "events=split" in url]


def test_a_store_of_before_learns_to_keep_estimates(tmp_path: Path, online: Command) -> None:
    import sqlite3

    path = tmp_path / "data" / "screener" / "quotes.db"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE quotes (symbol TEXT NOT NULL, price REAL NOT NULL, currency TEXT NOT"
            " NULL, market_time TEXT NOT NULL, as_of TEXT NOT NULL, source TEXT NOT NULL,"
            " obtained TEXT NOT NULL, fetched_at TEXT NOT NULL,"
            " UNIQUE (symbol, source, fetched_at))"
        )
    assert 0 == online("consensus", "set", "600941.SH", "2026", "7.5").returncode
    assert "7.5" in online("consensus", "show", "600941.SH").stdout


# --- the command ------------------------------------------------------------------------------


def test_the_history_is_shown_for_symbols_and_sectors(online: Command) -> None:
    online("consensus", "update", "telecom")
    online("consensus", "set", "600941.SH", "2026", "7.77", "--note", "desk's own")
    shown = online("consensus", "show", "600941.SH").stdout
    assert ["Wind", "Eastmoney", "by hand"] == [
        word for word in ("Wind", "Eastmoney", "by hand") if word in shown
    ]
    assert "7.77" in shown and "desk's own" in shown and "FY2024*" in shown
    lines = online("consensus", "show", "telecom").stdout.splitlines()
    assert 10 == len([line for line in lines if ["Eastmoney", "CNY"] == line.split()[1:3]])
    changes = online("consensus", "revisions", "600941.SH", "--from", "report").stdout
    # By hand: 7.77 ÷ 7.25 − 1 = 7.2 %.
    assert "+7.2%" in changes


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "600000.SH"),
        ("set", "600941.SH", "2026", "much"),
        ("accept", "600941.SH"),
        ("revisions", "--from", "once"),
    ],
)
def test_wrong_usage_is_told(online: Command, arguments: tuple[str, ...]) -> None:
    assert 2 == online("consensus", *arguments).returncode


def test_a_name_of_a_symbol_alone_is_no_watchlist(tmp_path: Path, online: Command) -> None:
    write_watchlist(tmp_path / "watchlists", "600941.SH,A,100,0.5,0.8,1.0,40,25,20,CNY")
    assert 0 == online("consensus", "show", "demo").returncode
    assert 0 == online("consensus", "show", "600941.sh").returncode


# --- whose codes they are -------------------------------------------------------------------------


def test_an_audit_online_asks_what_codes_are_called(
    online: Command, tmp_path: Path, market: Market
) -> None:
    for symbol, name in (("601398.SH", "工商银行"), ("600036.SH", "招商银行")):
        market.prices[symbol] = 7.0
        market.names[symbol] = name
    rows = "601398.SH,工商银行,1.00,1.10\n600036.SH,平安银行,1.00,1.10\n"
    write = tmp_path / "watchlists"
    write.mkdir()
    (write / "banks.csv").write_text("symbol,name,eps_2026,eps_2027\n" + rows, encoding="utf-8")
    alone = json.loads(online("audit", "--json").stdout)["findings"]
    assert "unknown_code" in {each["kind"] for each in alone}
    asked = json.loads(online("audit", "--json", "--online").stdout)["findings"]
    named = [each for each in asked if each["kind"] == "code_name"]
    assert ["600036.SH"] == [each["symbol"] for each in named]
    assert "招商银行" in named[0]["message"]
    assert "unknown_code" not in {each["kind"] for each in asked}
