"""From codes to a watchlist: what is asked, what is written, and what is refused and named."""

from __future__ import annotations

import csv
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from screener.importing.codelist import codes_in, texts_of
from screener.importing.listfile import ListFile, list_path, plain_text
from screener.model.usage import UsageError
from tests.command import Command, Done, surroundings
from tests.conftest import reads_past_extensions
from tests.loopback import Vendor

FIVE = ("600941", "00700", "sh688041", "300308.SZ", "920808")


@pytest.fixture
def add(online: Command) -> Command:
    return partial(online, "add", "--yes", "--timeout", "15")


def written(folder: Path, name: str = "mine") -> dict[str, dict[str, str]]:
    text = (folder / "watchlists" / f"{name}.csv").read_text(encoding="utf-8")
    return {row["symbol"]: row for row in csv.DictReader(StringIO(text))}


@reads_past_extensions
def test_from_an_empty_folder_and_five_codes_to_a_ranked_workbook_in_two_commands(
    add: Command, online: Command, tmp_path: Path
) -> None:
    added = add(*FIVE)
    assert 0 == added.returncode, added.stderr
    run = online("run", "-o", "ranked.xlsx")
    assert 0 == run.returncode, run.stderr
    book = load_workbook(tmp_path / "ranked.xlsx", data_only=True)
    (sheet,) = (page for page in book if page.title.startswith("mine"))
    ranks = [cell.value for cell in sheet["A"] if isinstance(cell.value, int)]
    assert [1, 2, 3, 4, 5] == ranks[:5]


def test_a_row_has_names_estimates_market_cap_and_where_they_are_from(
    add: Command, vendor: Vendor, tmp_path: Path
) -> None:
    done = add("0700.HK", "600941")
    assert 0 == done.returncode, done.stderr
    rows, market = written(tmp_path), vendor.market
    tencent = rows["0700.HK"]
    assert ("腾讯控股", "Tencent Holdings", "CNY", "HKD", "Yahoo") == (
        tencent["name"], tencent["name_en"], tencent["eps_currency"],
        tencent["market_cap_currency"], tencent["source"],
    )  # fmt: skip
    assert market.estimates["0700.HK"][2026] == pytest.approx(float(tencent["eps_2026"]))
    cap = market.shares["0700.HK"] * market.prices["0700.HK"] / 1e8
    assert pytest.approx(cap, abs=0.01) == float(tencent["market_cap"])
    mobile = rows["600941.SH"]
    # Eastmoney has the reported year and three to come.
    assert ["6.86", "Eastmoney"] == [mobile["eps_2025"], mobile["source"]]
    assert market.estimates["600941.SH"][2028] == pytest.approx(float(mobile["eps_2028"]))
    assert "600941.SH" in done.stdout
    assert "中国移动" in done.stdout


def test_a_year_end_is_the_sources_own(add: Command, tmp_path: Path) -> None:
    assert 0 == add("9988.HK").returncode
    assert "03-31" == written(tmp_path)["9988.HK"]["fiscal_year_end"]


def test_a_code_that_nobody_knows_is_named_and_costs_only_itself(
    add: Command, tmp_path: Path
) -> None:
    done = add("600941", "AAPL", "000001", "688999.SH", "没有这家")
    assert 1 == done.returncode
    assert ["600941.SH"] == [*written(tmp_path)]
    for said in ("'AAPL' is no code", "may be the share 000001.SZ", "688999.SH", "is no name that"):
        assert said in done.stderr


def test_nothing_is_written_where_no_code_is_good(add: Command, tmp_path: Path) -> None:
    done = add("AAPL")
    assert 3 == done.returncode
    assert not (tmp_path / "watchlists").exists()


def test_nobody_to_ask_needs_yes(online: Command, tmp_path: Path) -> None:
    done = online("add", "600941")
    assert 2 == done.returncode
    assert "--yes" in done.stderr
    assert not (tmp_path / "watchlists").exists()


@pytest.mark.parametrize(("typed", "is_there"), [("y", True), ("n", False)])
def test_on_a_terminal_the_rows_are_shown_and_asked_about(
    vendor: Vendor, tmp_path: Path, typed: str, is_there: bool
) -> None:
    parent, child = pty.openpty()
    started = subprocess.Popen(
        [sys.executable, "-m", "screener", "add", "600941", "--lang", "en"],
        cwd=tmp_path,
        env=surroundings(vendor.environment(tmp_path)),
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    shown = b""
    while b"?" not in shown:
        shown += os.read(parent, 4096)
    os.write(parent, f"{typed}\n".encode())
    started.wait(60)
    os.close(parent)
    assert "中国移动" in shown.decode()
    assert is_there == (tmp_path / "watchlists" / "mine.csv").exists()


def test_without_estimates_a_row_is_added_and_that_is_said(
    add: Command, vendor: Vendor, tmp_path: Path
) -> None:
    del vendor.market.estimates["920808.BJ"]
    done = add("920808.BJ", "600941.SH")
    assert 0 == done.returncode, done.stderr
    assert "Added without estimates" in done.stderr
    assert "" == written(tmp_path)["920808.BJ"]["eps_currency"]


@pytest.mark.parametrize("fault", ["500", "html"])
def test_while_a_source_of_estimates_is_out_its_codes_are_not_added(
    add: Command, vendor: Vendor, tmp_path: Path, fault: str
) -> None:
    vendor.faults["RPT_WEB_RESPREDICT"] = fault
    vendor.faults["/v10/finance/quoteSummary/"] = fault
    done = add("600941.SH")
    assert 3 == done.returncode
    assert "Not added" in done.stderr
    assert not (tmp_path / "watchlists").exists()


def changed_trend(vendor: Vendor, change: Callable[[dict[str, Any]], None]) -> None:
    def changed(content: Any) -> Any:
        for year in content["quoteSummary"]["result"][0]["earningsTrend"]["trend"]:
            if year["period"] in ("0y", "+1y"):
                change(year["earningsEstimate"])
        return content

    vendor.changes["/v10/finance/quoteSummary/"] = changed


def test_estimates_of_other_shares_or_in_cents_are_left_out_and_named(
    add: Command, vendor: Vendor, tmp_path: Path
) -> None:
    changed_trend(vendor, lambda each: each["avg"].update(raw=each["avg"]["raw"] * 100))
    done = add("0700.HK")
    assert "of other shares, or in another currency; left out" in done.stderr
    assert "eps_2026" not in written(tmp_path)["0700.HK"]


def test_estimates_without_a_currency_are_left_out(
    add: Command, vendor: Vendor, tmp_path: Path
) -> None:
    changed_trend(vendor, lambda each: each.pop("earningsCurrency"))
    done = add("0700.HK")
    assert "names no currency" in done.stderr
    assert "eps_2026" not in written(tmp_path)["0700.HK"]


def test_without_a_network_the_codes_alone_are_written_and_a_run_then_works(
    add: Command, online: Command, vendor: Vendor, tmp_path: Path
) -> None:
    port, vendor.port = vendor.port, 9  # nobody listens there
    done = add("600941", "腾讯")
    assert 0 == done.returncode, done.stderr
    assert "consensus update" in done.stdout
    assert {"600941.SH", "0700.HK"} == set(written(tmp_path))
    vendor.port = port
    assert 0 == online("consensus", "update").returncode
    run = online("run", "-o", "x.xlsx", "--json")
    assert 0 == run.returncode, run.stderr


def test_offline_asks_nobody(add: Command, vendor: Vendor, tmp_path: Path) -> None:
    assert 0 == add("600941", "--offline").returncode
    assert [] == vendor.asked
    assert "symbol,name\n600941.SH,中国移动\n" == (tmp_path / "watchlists" / "mine.csv").read_text(
        encoding="utf-8"
    )


def test_offline_cannot_go_with_an_industry(add: Command, vendor: Vendor) -> None:
    done = add("--industry", "半导体", "--offline")
    assert 2 == done.returncode
    assert "has to be asked for" in done.stderr
    assert [] == vendor.asked


def test_a_folder_that_is_new_is_said_to_take_the_place_of_the_bundled_one(add: Command) -> None:
    assert "`screener init` copies" in add("600941", "--offline").stdout
    assert "screener init" not in add("600050", "--offline").stdout


def test_a_list_that_is_there_keeps_every_line_and_gets_what_it_lacks(
    add: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "watchlists"
    folder.mkdir()
    mine = '# mine, "kept"\r\nname,symbol,note\r\n,sh600050,core\r\n'
    (folder / "mine.csv").write_bytes(b"\xef\xbb\xbf" + mine.encode())
    done = add("600941", "600050")
    assert "600050.SH is in it" in done.stderr
    text = (folder / "mine.csv").read_bytes()
    kept = b'# mine, "kept"\r\nname,symbol,note,name_en,'
    assert text.startswith(b"\xef\xbb\xbf" + kept)
    assert b"\r\n,sh600050,core\r\n" in text
    assert text.endswith(b"Eastmoney\r\n")
    again = add("600941", "600050")
    assert 0 == again.returncode
    assert text == (folder / "mine.csv").read_bytes()


def test_codes_come_from_a_column_of_a_file_and_from_standard_input(
    add: Command, tmp_path: Path
) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for line in (("Held", "Code", "Lots"), ("a", "600941", 3), ("b", "0700.HK", 5)):
        page.append(line)
    book.save(tmp_path / "held.xlsx")
    assert 0 == add("held.xlsx", "--to", "held", "--offline").returncode
    assert {"600941.SH", "0700.HK"} == set(written(tmp_path, "held"))
    assert 0 == add("-", "--to", "typed", "--offline", stdin="600941, 600050\n0700.HK\n").returncode
    assert {"600941.SH", "600050.SH", "0700.HK"} == set(written(tmp_path, "typed"))


def test_a_file_without_codes_and_a_column_that_is_not_there_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no column of codes"):
        codes_in(path)
    with pytest.raises(UsageError, match="no column 'c'"):
        codes_in(path, "c")
    assert ["2"] == codes_in(path, "B")
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    with pytest.raises(UsageError, match="cannot be read"):
        codes_in(tmp_path / "x.xlsx")


def test_texts_are_parted_where_codes_are() -> None:
    assert ["700 HK", "600941", "600050", "China Mobile"] == texts_of(
        ["700 HK, 600941 600050", "China Mobile"]
    )


# --- industries -----------------------------------------------------------------------------------


def test_an_industry_is_added_whole_with_its_vendors_names(
    add: Command, vendor: Vendor, tmp_path: Path
) -> None:
    done = add("--industry", "半导体", "--to", "semis")
    assert 0 == done.returncode, done.stderr
    assert set(vendor.market.boards["半导体"]) == set(written(tmp_path, "semis"))
    # The list has the names, so no name is asked for by itself: prices and estimates are at once.
    assert 0 == sum("/api/qt/stock/get" in url and "92" not in url for url in vendor.asked)


def test_the_largest_of_an_industry_are_taken_and_that_is_said(
    add: Command, tmp_path: Path
) -> None:
    done = add("--industry", "半导体", "--top", "3")
    assert "the 3 largest of 12 are taken" in done.stderr
    assert 3 == len(written(tmp_path, "半导体"))


def test_a_list_of_several_pages_is_read_whole(
    add: Command, vendor: Vendor, tmp_path: Path
) -> None:
    market = vendor.market
    every = [f"600{number:03}.SH" for number in range(150)]
    market.boards["银行"] = every
    for symbol in every:
        market.prices.setdefault(symbol, 10.0)
        market.names.setdefault(symbol, f"名{symbol[:6]}")
        market.estimates.setdefault(symbol, dict.fromkeys((2025, 2026, 2027, 2028), 1.0))
    done = add("--industry", "银行", "--to", "banks", "--timeout", "60")
    assert 0 == done.returncode, done.stderr
    assert set(every) == set(written(tmp_path, "banks"))
    assert 2 == sum("29.push2" in url for url in vendor.asked)


def truncated(content: Any) -> Any:
    content["data"]["diff"] = content["data"]["diff"][:-1]
    return content


def emptied(content: Any) -> Any:
    content["data"] |= {"total": 0, "diff": []}
    return content


def repeated(content: Any) -> Any:
    content["data"]["diff"][0] = content["data"]["diff"][1]
    return content


def nameless(content: Any) -> Any:
    content["data"]["diff"][0]["f14"] = None
    return content


def foreign(content: Any) -> Any:
    content["data"]["diff"][0]["f12"] = "999999"
    return content


@pytest.mark.parametrize("change", [truncated, emptied, repeated, foreign])
def test_a_board_that_is_not_whole_adds_nothing(
    add: Command, vendor: Vendor, tmp_path: Path, change: Callable[[Any], Any]
) -> None:
    vendor.changes["29.push2"] = change
    done = add("--industry", "半导体")
    assert 3 == done.returncode
    assert "No industry" in done.stderr
    assert not (tmp_path / "watchlists").exists()


def test_a_row_of_a_board_without_a_name_is_called_as_the_other_source_has_it(
    add: Command, vendor: Vendor, tmp_path: Path
) -> None:
    vendor.changes["29.push2"] = nameless
    assert 0 == add("--industry", "通信设备").returncode
    (path,) = (tmp_path / "watchlists").glob("*.csv")
    added = [line for line in path.read_text("utf-8-sig").splitlines()[1:] if line]
    assert 8 == len(added)
    assert all(line.split(",")[1] in vendor.market.names.values() for line in added)


@pytest.mark.parametrize(
    ("host", "fault"),
    [("17.push2", "html"), ("17.push2", "null"), ("29.push2", "403"), ("29.push2", "short")],
)
def test_a_list_that_does_not_come_adds_nothing(
    add: Command, vendor: Vendor, tmp_path: Path, host: str, fault: str
) -> None:
    vendor.faults[host] = fault
    done = add("--industry", "半导体")
    assert 3 == done.returncode
    assert "Eastmoney" in done.stderr
    assert not (tmp_path / "watchlists").exists()


def test_an_industry_that_there_is_not_is_answered_with_the_nearest(add: Command) -> None:
    done = add("--industry", "半导")
    assert 2 == done.returncode
    assert "Did you mean 半导体?" in done.stderr


def test_peers_are_those_of_the_own_industry_nearest_in_size(
    add: Command, vendor: Vendor, tmp_path: Path
) -> None:
    market = vendor.market
    for symbol, cap in (("600050.SH", 1.1), ("601728.SH", 8.0), ("688041.SH", 0.95)):
        market.shares[symbol] = cap * 1e10 / market.prices[symbol]
    market.shares["600941.SH"] = 1e10 / market.prices["600941.SH"]
    market.boards = {"通信": ["600941.SH", "600050.SH", "601728.SH", "688041.SH"]}
    done = add("--like", "600941", "--top", "2", "--to", "peers")
    assert 0 == done.returncode, done.stderr
    assert ["688041.SH", "600050.SH"] == [*written(tmp_path, "peers")]


def test_hong_kong_has_no_boards_and_that_is_said(add: Command) -> None:
    done = add("--like", "0700.HK")
    assert 2 == done.returncode
    assert "no listings of Hong Kong" in done.stderr


# --- taking out -----------------------------------------------------------------------------------


def removed(online: Command, *arguments: str) -> Done:
    return online("remove", "--yes", *arguments)


def test_remove_takes_the_lines_out_shows_them_and_leaves_the_rest(
    online: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "watchlists"
    folder.mkdir()
    text = "# kept\nsymbol,name\n00700,腾讯控股\nsh600941,中国移动\n833819,颖泰生物\n"
    (folder / "mine.csv").write_text(text, encoding="utf-8")
    done = removed(online, "腾讯", "920819", "600050", "--from", "mine")
    assert 1 == done.returncode
    assert "600050.SH is not in it" in done.stderr
    assert "00700,腾讯控股" in done.stdout
    left = (folder / "mine.csv").read_text(encoding="utf-8")
    assert "# kept\nsymbol,name\nsh600941,中国移动\n" == left
    assert 2 == removed(online, "600941", "--from", "none").returncode


@pytest.mark.parametrize("name", ["../x", "a/b", "corrections", "", ".x", "/x", "~"])
def test_a_name_of_no_file_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        list_path(tmp_path, name)


@given(st.text())
def test_no_text_of_a_vendor_becomes_a_formula(text: str) -> None:
    plain = plain_text(text)
    assert plain[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert plain.isprintable()


def test_a_file_that_is_no_watchlist_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("代码\n600941\n".encode("gb18030"))
    with pytest.raises(UsageError, match="no UTF-8"):
        ListFile(path)
    path.write_text("code\n600941\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no column symbol"):
        ListFile(path)
