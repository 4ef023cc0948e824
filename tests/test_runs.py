"""Runs are kept whole: repeated to the last digit, and compared with each other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

import screener
from screener import to_dict
from screener.consensus import splits
from screener.model.records import Lookup, Split
from screener.model.usage import UsageError
from screener.screening import runs
from screener.screening.changes import compare
from screener.store.store import Store
from tests.command import Command
from tests.conftest import NOW, WATCHLISTS, header_of, screen, write_prices, write_watchlist

HEADER = header_of(2025, 2026)
ROWS = (
    "600941.SH,移动,2000,6.48,6.86,17.13,16.18,CNY",
    "600050.SH,联通,1500,0.29,0.32,17.00,15.41,CNY",
    "300308.SZ,旭创,1287,4.95,8.11,23.19,14.16,CNY",
)
DAY = date(2025, 2, 10)


def valued(
    folder: Path, *prices: float, rows: tuple[str, ...] = ROWS, by: str = "pe_fy1"
) -> screener.Result:
    write_watchlist(folder / "lists", *rows, header=HEADER)
    lines = [
        f"{row.partition(',')[0]},{price},{row[-3:]},{DAY}"
        for row, price in zip(rows, prices, strict=True)
    ]
    path = write_prices(folder / "prices.csv", *lines)
    return screener.screen(watchlists=folder / "lists", prices=path, now=NOW, by=by)


@pytest.mark.parametrize(
    ("by", "where"),
    [("pe_fy1", ()), ("0.5 pe_fy1 + 0.5 peg", ()), ("peg", ("pe_fy1 < 40", "eps_cagr > 0.1"))],
)
def test_a_kept_run_gives_the_same_figures_to_the_last_digit(
    tmp_path: Path, by: str, where: tuple[str, ...]
) -> None:
    result = screen(watchlists=WATCHLISTS, now=NOW, by=by, where=where)
    store = Store(tmp_path / "quotes.db")
    assert 1 == runs.keep(result, store)
    (kept,) = Store(tmp_path / "quotes.db").runs()
    again = runs.result_of(kept)
    assert result.table.equals(again.table)
    assert result.sectors.equals(again.sectors)
    assert to_dict(result) == to_dict(again)
    assert result.watchlists == again.watchlists


def test_runs_have_numbers_of_their_own_and_none_is_written_over(tmp_path: Path) -> None:
    store = Store(tmp_path / "quotes.db")
    first = valued(tmp_path, 110.0, 5.0, 90.0)
    second = valued(tmp_path, 111.0, 5.0, 90.0)
    assert [1, 2, 3] == [runs.keep(each, store) for each in (first, second, first)]
    assert first.table.equals(runs.result_of(store.runs()[0]).table)


def test_a_run_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path / "quotes.db")
    runs.keep(valued(tmp_path, 110.0, 5.0, 90.0), store)
    (kept,) = store.runs()
    for broken in (replace(kept, facts=b"x"), replace(kept, frame=b"x")):
        with pytest.raises(UsageError, match="run 1 was kept by version"):
            runs.result_of(broken)


def test_the_multiples_move_is_split_into_price_and_estimates(tmp_path: Path) -> None:
    old = valued(tmp_path, 110.0, 5.0, 90.0)
    higher = ROWS[0].replace("6.48,6.86", "7.776,6.86")
    new = valued(tmp_path, 121.0, 4.0, 90.0, rows=(higher, *ROWS[1:]))
    rows = {row["symbol"]: row for row in compare(old, new).rows.to_dicts()}
    mobile, unicom, same = (rows[row[:9]] for row in ROWS)
    # By hand: price +10 %; EPS of FY2025 6.48 → 7.776 is +20 %, which alone takes a sixth off P/E.
    assert pytest.approx(0.1) == mobile["from_price"]
    assert pytest.approx(1 / 1.2 - 1) == mobile["from_eps"]
    assert pytest.approx(1.1 / 1.2 - 1) == mobile["pe_change"]
    assert [pytest.approx(-0.2)] * 2 == [unicom["pe_change"], unicom["from_price"]]
    assert (0.0, 0.0) == (same["pe_change"], same["rank_move"])
    # 联通 5.00 ÷ 0.29 was dearer than 移动 110 ÷ 6.48, and 4.00 ÷ 0.29 is cheaper than 121 ÷ 7.776.
    assert (2, 1, 1) == (unicom["rank_before"], unicom["rank"], unicom["rank_move"])


def test_a_split_between_two_tables_is_neither_price_nor_estimates(tmp_path: Path) -> None:
    row = "600941.SH,移动,,2.00,2.20,,,CNY"
    (tmp_path / "old").mkdir()
    old = valued(tmp_path / "old", 20.0, rows=(row,))
    write_watchlist(
        tmp_path / "lists", row.replace("2.00,2.20", "1.00,1.10"), header=HEADER,
        toml="as_of = 2025-06-30",
    )  # fmt: skip
    prices = write_prices(tmp_path / "p.csv", "600941.SH,10,CNY,2025-07-01")
    new = screener.screen(watchlists=tmp_path / "lists", prices=prices, now=NOW)
    split = Split("600941.SH", date(2025, 6, 10), 2.0, "Eastmoney")
    looked = Lookup("600941.SH", "Eastmoney", date(2025, 1, 1), date(2026, 1, 1))
    (row_of,) = compare(old, new, splits.record([split], [looked])).rows.to_dicts()
    assert (0.0, 0.0, 0.0) == tuple(row_of[at] for at in ("pe_change", "from_price", "from_eps"))
    # Nobody looked: half the EPS may be a split's or the analysts'.
    unknown = compare(old, new)
    assert (None, None) == (unknown.rows["from_price"][0], unknown.rows["from_eps"][0])
    assert ["names whose splits between the two are not known: 1; nothing by price or EPS"] == list(
        unknown.said
    )


def test_what_the_exchange_rate_did_stands_apart_from_the_price(tmp_path: Path) -> None:
    def run(price: float, rate: float) -> screener.Result:
        write_watchlist(tmp_path / "lists", "0700.HK,腾讯,,20.00,22.00,,,CNY", header=HEADER)
        lines = (f"0700.HK,{price},HKD,{DAY}", f"HKD/CNY,{rate},,{DAY}")
        prices = write_prices(tmp_path / "p.csv", *lines)
        return screener.screen(watchlists=tmp_path / "lists", prices=prices, now=NOW)

    (row,) = compare(run(400, 0.90), run(440, 0.945)).rows.to_dicts()
    assert pytest.approx((0.1, 0.05, 0.0)) == tuple(
        row[at] for at in ("from_price", "from_fx", "from_eps")
    )
    assert pytest.approx(1.1 * 1.05 - 1) == row["pe_change"]


def test_a_new_fiscal_year_another_limit_and_a_moved_code_are_said_and_matched(
    tmp_path: Path,
) -> None:
    def run(day: str, code: str, limit: float | None) -> screener.Result:
        write_watchlist(tmp_path / "lists", f"{code},曙光,,1.00,1.25,,,CNY", header=HEADER)
        prices = write_prices(tmp_path / "p.csv", f"{code},20,CNY,{day}")
        return screener.screen(
            watchlists=tmp_path / "lists", prices=prices, now=NOW, nm_above=limit
        )

    changes = compare(run("2025-09-01", "872808.BJ", None), run("2026-01-06", "920808.BJ", 50.0))
    ((row,), came, went) = changes.rows.to_dicts(), changes.came, changes.went
    assert ((), (), 2025, 2026) == (came, went, row["fy1_before"], row["fy1"])
    assert pytest.approx((0.0, -0.2)) == (row["from_price"], row["from_eps"])
    assert [
        "the P/E above which is NM was none, and is 50",
        "names whose FY1 is another year: 1; By EPS holds that step",
    ] == list(changes.said)


def test_names_and_problems_that_come_and_go_are_named(tmp_path: Path) -> None:
    old = valued(tmp_path, 110.0, 5.0, rows=ROWS[:2])
    new = valued(tmp_path, 5.0, 90.0, rows=ROWS[1:])
    changes = compare(old, new)
    assert (("demo", "300308.SZ", "旭创"),) == changes.came
    assert (("demo", "600941.SH", "移动"),) == changes.went
    assert {"300308.SZ"} == {each.symbol for each in changes.new_problems}
    assert {"600941.SH"} == {each.symbol for each in changes.gone_problems}


def test_runs_that_rank_by_different_things_say_so(tmp_path: Path) -> None:
    old, new = valued(tmp_path, 110.0, 5.0, 90.0), valued(tmp_path, 110.0, 5.0, 90.0, by="pe_ntm")
    assert ("ranked by pe_fy1, then by pe_ntm: ranks mean different things",) == (
        compare(old, new).said
    )


# --- the command ------------------------------------------------------------------------------


def test_every_run_is_kept_listed_repeated_and_compared(command: Command, tmp_path: Path) -> None:
    assert 2 == command("diff").returncode
    first = command("run", "telecom", "--prices", "report", "--json")
    command("run", "media", "--prices", "report", "-q")
    day = DAY + timedelta(days=1)
    write_prices(tmp_path / "p.csv", f"600941.SH,99.9,CNY,{day}")
    command("run", "telecom", "--prices", "p.csv", "-q")
    listed = command("runs").stdout.split("\n")
    assert ["1", "2", "3"] == [line.split()[0] for line in listed[2:] if line.strip()]
    again = command("run", "--repeat", "1", "--json")
    assert json.loads(first.stdout) == json.loads(again.stdout)
    # The last two of the same watchlists: the run on media between them is none of those.
    changed = command("diff", "-o", "changes.xlsx").stdout
    assert f"run 1 of 2025-01-31 → run 3 of {day}" in changed
    assert "-10.0%" in changed  # 111.00 → 99.9
    sheet = load_workbook(tmp_path / "changes.xlsx").worksheets[0]
    assert 10 == sum(1 for row in sheet.iter_rows(min_row=5, values_only=True) if row[1])
    assert "run 2 of" not in changed


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--repeat", "7"),
        ("run", "--repeat", "1", "--by", "peg"),
        ("run", "telecom", "--repeat", "1"),
        ("diff", "1", "2", "3"),
        ("diff", "9", "1"),
    ],
)
def test_runs_that_are_not_there_are_told(command: Command, arguments: tuple[str, ...]) -> None:
    assert 2 == command(*arguments).returncode


def test_a_result_is_a_table_in_a_notebook(report_result: screener.Result) -> None:
    html = report_result._repr_html_()
    assert 4 == html.count("<table>")
    # The names, and for each sector a heading and six statistics.
    assert 53 + 4 * (1 + 6) == html.count("<tr>")
    assert "<td>中际旭创</td>" in html
    assert "P/E 2025E" in html
    assert '<td class="figure">43.7x</td>' in html  # the median of electronics


def test_a_table_in_a_notebook_speaks_the_language_of_its_environment(
    report_result: screener.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_LANG", "zh")
    assert "中位数" in report_result._repr_html_()


def test_a_table_in_a_notebook_says_currencies_where_there_are_two(tmp_path: Path) -> None:
    rows = (ROWS[0], "0700.HK,腾讯,2000,6.48,6.86,17.13,16.18,HKD")
    assert "<td>HKD</td>" in valued(tmp_path, 110.0, 400.0, rows=rows)._repr_html_()


def test_text_in_a_notebook_is_text(tmp_path: Path) -> None:
    row = ROWS[0].replace("移动", "<script>alert(1)</script>")
    html = valued(tmp_path, 110.0, rows=(row,))._repr_html_()
    assert "<script>" not in html
