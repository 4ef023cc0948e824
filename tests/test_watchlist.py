"""Watchlist files as people keep them: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from screener.model.problems import Problem
from screener.model.records import Listing
from screener.model.usage import UnknownNameError
from screener.watchlists.folder import bundled, copy_bundled, default_folder
from screener.watchlists.read import load_watchlists, names
from tests.conftest import HEADER, REPORTED, WATCHLISTS, write_watchlist

DAY = date(2026, 1, 1)


def load(folder: Path, day: date = DAY) -> tuple[list[Listing], list[Problem]]:
    tables, problems = load_watchlists(folder, (), day)
    return [listing for table in tables for listing in table.listings], problems


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("000001,X,,1,1,1,,,,CNY", "'000001' may be the share 000001.SZ, an index of Shanghai"),
        ("700,X,,1,1,1,,,,CNY", "'700' names no exchange: write it as 0700.HK, if it is that"),
        ("32.SZ,X,,1,1,1,,,,CNY", "'32.SZ' has 2 digits: SZ codes have 6"),
        ("123456.HK,X,,1,1,1,,,,CNY", "'123456.HK' has 6 digits: HK codes have 4/5"),
        ("AAPL.O,X,,1,1,1,,,,USD", "'AAPL.O' is no code of an exchange known here"),
        ("600941.XX,X,,1,1,1,,,,CNY", "those are Shanghai (600941.SH), Shenzhen"),
        ("600000.SH,X,,1.2.3,1,1,,,,CNY", "eps_2024 '1.2.3' is no number"),
        ("600000.SH,X,,nan,1,1,,,,CNY", "eps_2024 'nan' is no number"),
        ("600000.SH,X,,1e5,1,1,,,,CNY", "eps_2024 '1e5' is no number"),
        ("600000.SH,X,,inf,1,1,,,,CNY", "eps_2024 'inf' is no number"),
        ("600000.SH,X,-5,1,1,1,,,,CNY", "market_cap -5 must be above zero"),
        ("0700.HK,X,,1,1,1,,,,", "eps_currency is empty: companies in Hong Kong report in HKD"),
        ("600000.SH,X,,1,1,1,,,,元", "eps_currency is '元': write three capitals"),
        ("600000.SH,X,,1,1,1,,,,CNY,,7", "has 12 cells, the header has 10"),
        ('600000.SH,"X,,1,1,1,,,,CNY', "is no CSV"),
        ("600000.SH,X\x1b[31m,,1,1,1,,,,CNY", "holds the invisible character '\\x1b'"),
        ("600941.SH,again,,1,1,1,,,,CNY", "600941.SH stands at"),
    ],
)
def test_a_bad_line_is_named_with_file_and_line_and_costs_only_itself(
    tmp_path: Path, line: str, message: str
) -> None:
    last = "600050.SH,中国联通,1555.05,0.29,0.32,0.35,17.09,15.45,14.03,CNY"
    path = write_watchlist(tmp_path, REPORTED, line, last)
    listings, problems = load(tmp_path)
    assert ["600941.SH", "600050.SH"] == [listing.symbol for listing in listings]
    assert [("bad_line", "error", f"{path}:3")] == [
        (problem.kind, problem.severity, problem.where) for problem in problems
    ]
    assert message in problems[0].message


def test_bom_comments_blank_lines_and_any_order_of_columns_are_accepted(tmp_path: Path) -> None:
    path = write_watchlist(
        tmp_path,
        "",
        '# a comment, with "quotes and commas',
        "CNY,中国移动,7.25,600941.SH",
        ",,,",
        '"# as Excel saves a comment, quoted",,,',
        "CNY,腾讯控股,,00700.hk",
        header="eps_currency,name,EPS_2026,symbol",
    )
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    listings, problems = load(tmp_path)
    assert [] == problems
    assert [("600941.SH", "demo.csv:4"), ("0700.HK", "demo.csv:7")] == [
        (listing.symbol, listing.where.rpartition("/")[2]) for listing in listings
    ]
    assert "00700.hk" == listings[1].printed_symbol


def test_figures_keep_the_rounding_of_the_longest_in_their_row(tmp_path: Path) -> None:
    write_watchlist(tmp_path, '600941.SH,A,"23,877.77",0.4,0.51,3,41.8,32.80,26.56,CNY')
    (listing,), _ = load(tmp_path)
    assert 23877.77 == listing.market_cap
    eps = [year.eps for year in listing.years if year.eps]
    assert ["0.4", "0.51", "3"] == [figure.text for figure in eps]
    assert (0.395, 0.405) == (eps[0].bounds.low, eps[0].bounds.high)
    assert (2.995, 3.005) == (eps[2].bounds.low, eps[2].bounds.high)
    pe = listing.years[0].pe
    assert pe is not None
    assert (41.795, 41.805) == (pe.bounds.low, pe.bounds.high)


def test_a_file_that_is_not_utf8_says_how_to_save_it(tmp_path: Path) -> None:
    path = write_watchlist(tmp_path, REPORTED)
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    listings, (problem,) = load(tmp_path)
    assert [] == listings
    assert f"{path}:2" == problem.where
    assert "save it as 'CSV UTF-8" in problem.message


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("symbol;name;eps_currency", "separates its columns by semicolons or tabs"),
        ("name,eps_currency", "the header lacks symbol"),
        ("symbol,name,name,eps_currency", "the header names name twice"),
    ],
)
def test_a_header_that_cannot_be_used_says_why(tmp_path: Path, header: str, message: str) -> None:
    write_watchlist(tmp_path, REPORTED, header=header)
    listings, problems = load(tmp_path)
    assert [] == listings
    assert [("bad_file", True)] == [(p.kind, message in p.message) for p in problems]


def test_a_misspelt_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    write_watchlist(tmp_path, REPORTED, header=HEADER.replace("eps_2025", "esp_2025"))
    _, (problem,) = load(tmp_path)
    assert ("unused_column", "warning") == (problem.kind, problem.severity)
    assert "column 'esp_2025' is not used. Did you mean 'eps_2025'?" == problem.message


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("title = 'no day'", "lacks as_of"),
        ("as_of = '2025-01-31'", "as_of is '2025-01-31': write a day without quotes"),
        ("as_of = 2025-01-31\nmarket_cap_unit = 'bn'", "write one of 亿元, 亿港元, 亿美元"),
        ('as_of = 2025-01-31\nlabel_zh = "a\\u001bb"', "label_zh holds an invisible character"),
        ("as_of = ", "is no TOML"),
        ("as_of = 0001-01-05", "as_of is 0001-01-05"),
        ("as_of = 2025-01-31\nmarket_cap_unit = ['a']", "market_cap_unit is ['a']: write text"),
        ("as_of = 2025-01-31\nx = " + "[" * 3000, "is no TOML"),
        ("as_of = 2025-01-31\nx = " + "9" * 5000, "is no TOML"),
    ],
)
def test_a_provenance_that_cannot_be_used_costs_its_watchlist_and_no_other(
    tmp_path: Path, toml: str, message: str
) -> None:
    write_watchlist(tmp_path, REPORTED, name="bad", toml=toml)
    write_watchlist(tmp_path, REPORTED, name="good")
    listings, (problem,) = load(tmp_path)
    assert ["good"] == [listing.sector for listing in listings]
    assert str(tmp_path / "bad.toml") == problem.where
    assert message in problem.message


def test_codes_alone_are_a_watchlist(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("symbol\nsh600941\n700 HK\n300750\n", encoding="utf-8")
    listings, problems = load(tmp_path)
    assert [] == problems
    # Of the last one nobody knows a name here, so that its code stands for it.
    assert [("600941.SH", "中国移动"), ("0700.HK", "腾讯控股"), ("300750.SZ", "300750.SZ")] == [
        (listing.symbol, listing.name) for listing in listings
    ]
    assert all(listing.is_bare for listing in listings)


def test_without_a_provenance_the_day_and_the_currency_are_assumed_and_that_is_said(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("symbol,eps_2026\n600941.SH,7.1\n", encoding="utf-8")
    changed = datetime(2026, 5, 4, 3, tzinfo=UTC)
    os.utime(path, (changed.timestamp(), changed.timestamp()))
    (listing,), problems = load(tmp_path)
    assert (date(2026, 5, 4), "CNY", (12, 31)) == (
        listing.provenance.as_of, listing.eps_currency, listing.fiscal_year_end
    )  # fmt: skip
    assert [("assumed", "warning"), ("assumed", "warning")] == [
        (problem.kind, problem.severity) for problem in problems
    ]
    assert "taken to be of 2026-05-04, when the file was changed" in problems[0].message
    assert "1 rows name no eps_currency: that of a mainland share is CNY" in problems[1].message


def test_a_row_may_say_its_own_day_source_and_currency_of_its_cap(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(
        "symbol,eps_2026,eps_currency,as_of,source,market_cap,market_cap_currency\n"
        "0700.HK,29,CNY,2026-11-20,Yahoo,48500,HKD\n",
        encoding="utf-8",
    )
    (listing,), problems = load(tmp_path)
    assert [] == problems
    assert (date(2026, 11, 20), "Yahoo", "HKD", 48500) == (
        listing.provenance.as_of, listing.provenance.consensus,
        listing.provenance.market_cap_currency, listing.market_cap,
    )  # fmt: skip


def test_market_caps_in_millions_become_hundreds_of_millions(tmp_path: Path) -> None:
    toml = 'as_of = 2025-01-31\nmarket_cap_unit = "百万元"\n'
    write_watchlist(tmp_path, REPORTED, toml=toml)
    (listing,), _ = load(tmp_path)
    assert 238.7777 == pytest.approx(listing.market_cap)


CORRECTION_HEADER = "watchlist,symbol,field,printed,corrected,effective,dated,reason\n"


@pytest.mark.parametrize(
    ("line", "kind", "eps"),
    [
        ("demo,600941.SH,eps_2024,6.48,6.84,,2025-02-03,digits swapped", "correction", "6.84"),
        ("demo,600941.SH,eps_2024,6.48,6.84,2026/1/1,2025/2/3,swapped", "correction", "6.84"),
        ("demo,600941.SH,eps_2024,6.99,6.84,,2025-02-03,stale", "correction_unused", "6.48"),
        ("demo,600000.SH,eps_2024,6.48,6.84,,2025-02-03,gone", "correction_unused", "6.48"),
        ("demo,600941.SH,eps_2030,6.48,6.84,,2025-02-03,no column", "correction_unused", "6.48"),
        ("demo,600941.SH,printed_symbol,600941.SH,X,,2025-02-03,no", "correction_unused", "6.48"),
        ("dmeo,600941.SH,eps_2024,6.48,6.84,,2025-02-03,typo", "correction_unused", "6.48"),
        ("demo,600941.SH,eps_2024,6.48,6.84,,3.2.2025,no day", "bad_line", "6.48"),
        ("demo,600941.SH,eps_2024,6.48,6.84,,2025-02-03,", "bad_line", "6.48"),
    ],
)
def test_a_correction_is_applied_and_shown_or_refused_and_shown(
    tmp_path: Path, line: str, kind: str, eps: str
) -> None:
    write_watchlist(tmp_path, REPORTED)
    (tmp_path / "corrections.csv").write_text(CORRECTION_HEADER + line + "\n", encoding="utf-8")
    (listing,), problems = load(tmp_path)
    assert [kind] == [problem.kind for problem in problems]
    figure = listing.years[0].eps
    assert figure is not None
    assert eps == figure.text


def test_a_correction_waits_for_the_day_it_holds_from(tmp_path: Path) -> None:
    write_watchlist(tmp_path, REPORTED)
    line = "demo,600941.SH,symbol,600941.SH,600942.SH,2026-01-02,2025-02-03,moved\n"
    (tmp_path / "corrections.csv").write_text(CORRECTION_HEADER + line, encoding="utf-8")
    assert "600941.SH" == load(tmp_path, date(2026, 1, 1))[0][0].symbol
    moved = load(tmp_path, date(2026, 1, 2))[0][0]
    assert ("600942.SH", "600941.SH") == (moved.symbol, moved.printed_symbol)


def test_an_unknown_watchlist_names_those_there_are_and_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"electronics, telecom.*Did you mean 'telecom'"):
        load_watchlists(WATCHLISTS, ["telekom"], DAY)


def test_watchlists_come_in_the_order_of_their_printed_tables() -> None:
    assert ["electronics", "telecom", "computing", "media"] == names(WATCHLISTS)


def test_the_working_folder_wins_over_the_bundled_watchlists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert bundled() == default_folder()
    write_watchlist(tmp_path / "watchlists", REPORTED)
    assert ["demo"] == names(default_folder())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_init_copies_every_byte_and_keeps_what_is_there(tmp_path: Path) -> None:
    mine = tmp_path / "media.csv"
    mine.write_text("mine", encoding="utf-8")
    copied, kept = copy_bundled(tmp_path)
    assert [mine] == kept
    assert len(copied) == len(contents(tmp_path)) - 1
    # What the report says of its own figures is not said of these.
    bundled_ones = contents(WATCHLISTS)
    del bundled_ones["media.toml"]
    assert bundled_ones | {"media.csv": b"mine"} == contents(tmp_path)


def test_init_completes_a_folder_that_lacks_some_of_its_files(tmp_path: Path) -> None:
    copy_bundled(tmp_path / "lists")
    for name in ("telecom.toml", "corrections.csv", "media.csv"):
        (tmp_path / "lists" / name).unlink()
    copied, _ = copy_bundled(tmp_path / "lists")
    assert ["corrections.csv", "media.csv", "telecom.toml"] == [path.name for path in copied]
    assert contents(WATCHLISTS) == contents(tmp_path / "lists")
    assert ["lists"] == [path.name for path in tmp_path.iterdir()]


def test_excel_can_open_the_bundled_files_because_they_begin_with_a_bom() -> None:
    starts = {path.name: path.read_bytes()[:3] for path in WATCHLISTS.glob("*.csv")}
    assert {b"\xef\xbb\xbf"} == set(starts.values())


def test_of_two_rows_with_one_code_the_kept_one_is_corrected(tmp_path: Path) -> None:
    write_watchlist(tmp_path, REPORTED, REPORTED)
    line = "demo,600941.SH,eps_2024,6.48,6.84,,2025-02-03,digits swapped\n"
    (tmp_path / "corrections.csv").write_text(CORRECTION_HEADER + line, encoding="utf-8")
    (listing,), _ = load(tmp_path)
    assert listing.years[0].eps is not None
    assert "6.84" == listing.years[0].eps.text


def test_a_file_with_a_capital_ending_is_a_watchlist_too(tmp_path: Path) -> None:
    path = write_watchlist(tmp_path, REPORTED)
    path.rename(tmp_path / "demo.CSV")
    assert ["600941.SH"] == [listing.symbol for listing in load(tmp_path)[0]]


def test_a_line_break_of_any_kind_counts_as_one_line(tmp_path: Path) -> None:
    path = write_watchlist(tmp_path, REPORTED, "bad")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    _, (problem,) = load(tmp_path)
    assert f"{path}:3" == problem.where
