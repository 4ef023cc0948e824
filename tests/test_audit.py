"""The printed figures against each other: every class of fault is found, and clean rows are not."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest

import screener
from screener.audit.audit import audit_watchlists
from screener.audit.findings import Finding, Fix
from screener.model.figures import Interval
from screener.model.records import Quote
from screener.store.store import Store
from screener.watchlists.read import Watchlist, load_watchlists
from tests import faults
from tests.command import Command
from tests.conftest import REPORTED, WATCHLISTS, YEARS, write_watchlist

DAY = date(2025, 2, 3)
ROWS = faults.clean_rows(WATCHLISTS)


def tables(folder: Path = WATCHLISTS) -> list[Watchlist]:
    found, _ = load_watchlists(folder, (), DAY)
    return found


def of_rows(tmp_path: Path, *rows: str, header: str | None = None) -> list[Finding]:
    options = {"header": header} if header else {}
    write_watchlist(tmp_path / "lists", *rows, toml="as_of = 2025-01-27", **options)
    return audit_watchlists(tables(tmp_path / "lists"))


def test_the_reports_own_faults_are_found_and_no_others() -> None:
    found = [
        (each.severity, each.kind, each.symbol, each.fiscal_year)
        for each in audit_watchlists(tables())
        if each.kind != "closed_day"
    ]
    assert [
        ("error", "sign", "688256.SH", 2025),
        ("warning", "retired_code", "872808.BJ", None),
        ("error", "cell", "9898.HK", 2024),
        ("note", "code_name", "9898.HK", None),
        ("warning", "price_conflict", "688041.SH", None),
        ("warning", "shares", "688041.SH", None),
    ] == found


def test_a_finding_says_what_is_printed_and_where_it_should_lie() -> None:
    (finding,) = (each for each in audit_watchlists(tables()) if each.kind == "cell")
    assert "EPS 3.91 × P/E 16.27 is a price of 63.51 to 63.72" in finding.message
    # By hand: 81.23 to 81.37 over 3.905 to 3.915, and over 16.265 to 16.275.
    assert "P/E should lie in 20.75 to 20.84 or EPS in 4.99" in finding.message
    assert finding.where.endswith("media.csv:3")


def test_the_day_of_the_report_was_in_the_spring_festival() -> None:
    messages = [each.message for each in audit_watchlists(tables()) if each.kind == "closed_day"]
    assert 4 == len(messages)
    assert "the prices are those of 2025-01-27 (SH/SZ)" in messages[0]
    assert "the prices are those of 2025-01-28 (HK)" in messages[3]


def test_clean_rows_of_the_report_raise_no_alarm() -> None:
    alarms = [
        finding for name, cells in ROWS for finding in faults.audited(WATCHLISTS, name, cells)
    ]
    assert [] == alarms
    assert 51 == len(ROWS)


@pytest.mark.parametrize("name", ["sign", "decimal", "years"])
def test_slips_are_found_in_ninety_nine_of_a_hundred_rows(name: str) -> None:
    rows = list(faults.faulty(ROWS, faults.FAULTS[name], 300, seed=1))
    found = sum(bool(faults.audited(WATCHLISTS, table, cells)) for table, cells in rows)
    assert found >= 297


def test_digits_that_move_a_figure_beyond_its_rounding_are_found() -> None:
    rows = faults.faulty(ROWS, faults.FAULTS["digits"], 400, seed=2)
    moved = [
        (name, cells) for name, cells in rows if faults.row_price(WATCHLISTS, name, cells) is None
    ]
    found = sum(bool(faults.audited(WATCHLISTS, name, cells)) for name, cells in moved)
    assert len(moved) > 250
    assert found >= 0.99 * len(moved)


def test_a_wrong_code_is_found_by_its_name() -> None:
    for name, cells in faults.faulty(ROWS, faults.FAULTS["code"], 100, seed=3):
        kinds = [each.kind for each in faults.audited(WATCHLISTS, name, cells)]
        assert "code_name" in kinds


@pytest.mark.parametrize(
    ("printed", "kind", "year"),
    [
        (("6.86", "-6.86"), "sign", 2025),
        (("16.18", "161.8"), "decimal", 2025),
        (("17.13,16.18", "16.18,17.13"), "years_swapped", 2024),
        (("15.31", "13.51"), "digits", 2026),
        (("6.48,6.86,7.25,17.13", "17.13,6.86,7.25,6.48"), "columns_swapped", 2024),
        (("15.31", "14.07"), "cell", 2026),
    ],
)
def test_the_likeliest_cause_is_named(
    tmp_path: Path, printed: tuple[str, str], kind: str, year: int
) -> None:
    found = of_rows(tmp_path, REPORTED.replace(*printed))
    assert kind in [each.kind for each in found], found
    assert (
        year in [each.fiscal_year for each in found if each.kind == kind]
        or kind == "columns_swapped"
    )


def test_an_english_name_of_a_known_code_is_no_finding(tmp_path: Path) -> None:
    assert [] == of_rows(tmp_path, REPORTED.replace("中国移动", "China Mobile"))


def test_eps_and_pe_that_rise_together_are_said_so(tmp_path: Path) -> None:
    found = of_rows(tmp_path, REPORTED.replace("16.18", "18.61"))
    (rise,) = (each for each in found if each.kind == "monotony")
    assert "EPS rises from 6.48 to 6.86, and P/E too, from 17.13 to 18.61" in rise.message


def test_a_code_with_another_exchanges_ending_is_found(tmp_path: Path) -> None:
    found = of_rows(tmp_path, REPORTED.replace("600941.SH", "600941.SZ"))
    assert ["suffix"] == [each.kind for each in found]
    assert (Fix("symbol", "600941.SZ", "600941.SH"),) == found[0].fixes


def test_market_caps_in_another_unit_are_found(tmp_path: Path) -> None:
    rows = [
        f"{symbol},{name},{cap * 100:.2f},{eps},CNY"
        for symbol, name, cap, eps in (
            ("600941.SH", "中国移动", 23877.77, "6.48,6.86,7.25,17.13,16.18,15.31"),
            ("600050.SH", "中国联通", 1555.05, "0.29,0.32,0.35,17.09,15.45,14.03"),
            ("601728.SH", "中国电信", 6460.40, "0.36,0.39,0.41,19.66,18.25,17.03"),
        )
    ]
    assert ["unit"] == [each.kind for each in of_rows(tmp_path, *rows)]


def test_a_column_of_another_day_is_one_finding(tmp_path: Path) -> None:
    rows = []
    for _, cells in ROWS[17:27]:
        pe = f"{float(cells['pe_2026']) * 1.08:.2f}"
        figures = [cells[f"eps_{year}"] for year in YEARS]
        figures += [cells["pe_2024"], cells["pe_2025"], pe]
        rows.append(
            ",".join((cells["symbol"], cells["name"], cells["market_cap"], *figures, "CNY"))
        )
    found = of_rows(tmp_path, *rows)
    (column,) = (each for each in found if each.kind == "other_day")
    assert 2026 == column.fiscal_year
    assert "+8.0% off it" in column.message
    assert not [each for each in found if each.kind == "cell"]


def test_eps_under_the_heading_of_pe_is_found(tmp_path: Path) -> None:
    rows = []
    for _, cells in ROWS[17:27]:
        figures = [cells[f"{kind}_{year}"] for kind in ("pe", "eps") for year in YEARS]
        identity = (cells["symbol"], cells["name"], cells["market_cap"])
        rows.append(",".join((*identity, *figures, "CNY")))
    assert "columns_swapped" in [each.kind for each in of_rows(tmp_path, *rows)]


def test_two_tables_at_odds_over_one_name_are_found(tmp_path: Path) -> None:
    other = REPORTED.replace("23877.77", "20000.00").replace("6.48", "6.50")
    write_watchlist(tmp_path / "lists", REPORTED, name="one", toml="as_of = 2025-01-27")
    write_watchlist(tmp_path / "lists", other, name="two", toml="as_of = 2025-01-27")
    kinds = {each.kind for each in audit_watchlists(tables(tmp_path / "lists"))}
    assert {"eps_conflict", "cap_conflict", "shares"} <= kinds


def test_a_vendors_share_count_that_differs_is_found(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", REPORTED, toml="as_of = 2025-01-27")
    found = tables(tmp_path / "lists")
    # 23,877.77 over a price of 111.0 is 215.1 hundred million shares.
    assert [] == audit_watchlists(found, {"600941.SH": 21.4e9})
    (finding,) = audit_watchlists(found, {"600941.SH": 9.0e9})
    assert "the vendor counts 90.000" in finding.message


def test_the_store_keeps_the_vendors_share_count(tmp_path: Path) -> None:
    now = datetime(2025, 2, 6, 2, 0, tzinfo=UTC)
    quote = Quote(111.0, "CNY", now, date(2025, 2, 6), "Yahoo", "live", Interval(111, 111))
    store = Store(tmp_path / "quotes.db")
    store.save({"600941.SH": replace(quote, shares=21.4e9), "600050.SH": quote}, [], now)
    assert {"600941.SH": 21.4e9} == store.shares()


def test_the_workbook_and_the_result_carry_the_findings(report_result: screener.Result) -> None:
    assert "sign" in [each.kind for each in report_result.findings]


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def audit(command: Command) -> Command:
    return partial(command, "audit", COLUMNS="80")


def test_audit_prints_findings_and_ends_with_one_for_errors(audit: Command) -> None:
    done = audit("media", "--json")
    assert 1 == done.returncode, done.stderr
    findings = json.loads(done.stdout)["findings"]
    keys = {"symbol", "kind", "severity", "fiscal_year", "message"}
    assert keys <= set(findings[0])
    clean = audit("telecom")
    assert 0 == clean.returncode, clean.stderr
    assert "Day without trading" in clean.stdout
    assert all(len(line) <= 80 for line in clean.stdout.splitlines())


def test_audit_of_a_document_reads_its_tables(audit: Command, tmp_path: Path) -> None:
    head = "代码\t名称\tEPS2024E\tEPS2025E\tEPS2026E\tPE2024E\tPE2025E\tPE2026E"
    row = "600941.SH\t中国移动\t6.48\t-6.86\t7.25\t17.13\t16.18\t15.31"
    path = tmp_path / "report.txt"
    path.write_text(f"表1: 估值-通信 (截至 2025-01-27)\n{head}\n{row}\n", encoding="utf-8")
    done = audit("report.txt")
    assert 1 == done.returncode
    assert "Sign" in done.stdout
    # A watchlist's own file is read as that, with its day and its corrections.
    shutil.copytree(WATCHLISTS, tmp_path / "lists")
    assert "Code and name" in audit("lists/media.csv").stdout


def test_fix_proposes_and_changes_nothing_until_a_person_accepts(
    audit: Command, tmp_path: Path
) -> None:
    shutil.copytree(WATCHLISTS, tmp_path / "watchlists")
    corrections = tmp_path / "watchlists" / "corrections.csv"
    kept = [
        line for line in corrections.read_text("utf-8-sig").splitlines() if "9898.HK" not in line
    ]
    corrections.write_text("\n".join(kept) + "\n", encoding="utf-8")
    first = audit("media", "--fix")
    assert "1 corrections proposed" in first.stderr
    lines = corrections.read_text("utf-8-sig").splitlines()
    assert kept == lines[: len(kept)]
    assert lines[-1].startswith("# media,9898.HK,symbol,9898.HK,9988.HK,,")
    found, _ = load_watchlists(tmp_path / "watchlists", ["media"], DAY)
    assert "9898.HK" == found[0].listings[1].symbol
    audit("media", "--fix")
    assert lines == corrections.read_text("utf-8-sig").splitlines()
    corrections.write_text("\n".join((*lines[:-1], lines[-1].removeprefix("# "))), encoding="utf-8")
    found, _ = load_watchlists(tmp_path / "watchlists", ["media"], DAY)
    assert "9988.HK" == found[0].listings[1].symbol


def test_the_bundled_watchlists_are_not_changed(audit: Command) -> None:
    done = audit("media", "--fix")
    assert 2 == done.returncode
    assert "screener init" in done.stderr


# --- whole tables, and rows that print one kind alone ---------------------------------------------

TELECOM = faults.table_rows(WATCHLISTS, "telecom")


def kinds_of(
    rows: faults.Rows, name: str = "telecom", shares: dict[str, float] | None = None
) -> list[str]:
    found = faults.audited_table(WATCHLISTS, name, rows, shares)
    return sorted({each.kind for each in found if each.kind != "closed_day"})


@pytest.mark.parametrize(("step", "side"), [(-1, "left"), (1, "right")])
@pytest.mark.parametrize("name", ["electronics", "telecom", "computing"])
def test_eps_that_stands_a_year_off_is_one_finding_of_the_table(
    name: str, step: int, side: str
) -> None:
    moved = faults.eps_moved(faults.table_rows(WATCHLISTS, name), step)
    found = faults.audited_table(WATCHLISTS, name, moved)
    (finding,) = [each for each in found if each.severity == "error"]
    assert "years_moved" == finding.kind
    assert f"too far to the {side}" in finding.message


@pytest.mark.parametrize("factor", [0.01, 0.1, 10, 100])
def test_a_market_cap_off_by_tens_is_held_against_the_count_of_shares(factor: float) -> None:
    counts = faults.counts_of(WATCHLISTS, "telecom", TELECOM)
    assert "cap_scale" not in kinds_of(TELECOM, shares=counts)
    one = [*faults.caps_scaled(TELECOM[:1], factor), *TELECOM[1:]]
    found = faults.audited_table(WATCHLISTS, "telecom", one, counts)
    (finding,) = [each for each in found if each.kind == "cap_scale"]
    assert (TELECOM[0]["symbol"], "error") == (finding.symbol, finding.severity)
    assert f"is {factor:g} times" in finding.message


def test_a_market_cap_beyond_all_neighbours_is_doubted_where_no_count_is_known() -> None:
    # China Mobile has the most shares of the table, 215 hundred million.
    far = [faults.caps_scaled([cells], 100)[0] if cells["symbol"] == "600941.SH" else cells
           for cells in TELECOM]  # fmt: skip
    assert "odd_size" in kinds_of(far)
    assert "odd_size" not in kinds_of(TELECOM)


@pytest.mark.parametrize(("kind", "other"), [("eps", "pe"), ("pe", "eps")])
@pytest.mark.parametrize("fault", [faults.decimal_moved, faults.sign_flipped])
def test_a_slip_in_a_row_of_one_kind_alone_is_suspected(
    kind: str, other: str, fault: faults.Fault
) -> None:
    clean = {cells["symbol"]: cells for _, cells in ROWS}
    made = [
        (name, faults.without(cells, other))
        for name, cells in faults.faulty(ROWS, fault, 120, 7)
        if any(cells[f"{kind}_{y}"] != clean[cells["symbol"]][f"{kind}_{y}"] for y in YEARS)
    ]
    hits = [faults.audited(WATCHLISTS, *each) for each in made]
    found = sum("odd_growth" in {finding.kind for finding in each} for each in hits)
    assert found >= 0.9 * len(made)
    assert {"warning"} == {
        finding.severity for each in hits for finding in each if finding.kind == "odd_growth"
    }
    alone = [faults.audited(WATCHLISTS, name, faults.without(cells, other)) for name, cells in ROWS]
    assert sum("odd_growth" in {finding.kind for finding in each} for each in alone) <= 1


def test_a_column_in_another_unit_is_one_finding(tmp_path: Path) -> None:
    # EPS in fen: a hundred times the price that is printed beside it.
    head = "symbol,name,eps_2025,eps_2026,pe_2025,pe_2026,eps_currency,price,currency"
    rows = [f"60000{at}.SH,N{at},{100 + at},{110 + at},20,{20 * (100 + at) / (110 + at):.2f},CNY,"
            f"{20 * (1 + at / 100):.2f},CNY" for at in range(5)]  # fmt: skip
    found = of_rows(tmp_path, *rows, header=head)
    assert ["unit"] == [each.kind for each in found if each.severity == "error"]
    assert "100 times the printed price in 5 of 5 rows" in found[0].message


@pytest.mark.parametrize(("day", "is_odd"), [("2025-01-27", False), ("2019-01-28", True)])
def test_a_day_years_off_its_estimates_is_found(tmp_path: Path, day: str, is_odd: bool) -> None:
    write_watchlist(tmp_path / "lists", REPORTED, toml=f"as_of = {day}")
    found, _ = load_watchlists(tmp_path / "lists", (), DAY)
    kinds = {each.kind for each in audit_watchlists(found, today=DAY)}
    assert is_odd == ("odd_day" in kinds)


def test_a_day_that_is_still_to_come_is_found(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", REPORTED, toml="as_of = 2025-01-27")
    found, _ = load_watchlists(tmp_path / "lists", (), DAY)
    kinds = {each.kind for each in audit_watchlists(found, today=date(2025, 1, 26))}
    assert "odd_day" in kinds


def test_codes_that_nobody_knows_are_said(tmp_path: Path) -> None:
    row = REPORTED.replace("600941.SH,中国移动", "688999.SH,某某")
    (finding,) = [each for each in of_rows(tmp_path, row) if each.kind == "unknown_code"]
    assert ("note", True) == (finding.severity, "688999.SH" in finding.message)


@pytest.mark.parametrize("fault", [faults.digits_swapped, faults.price_stale(10)])
def test_no_correction_is_offered_for_what_one_wrong_figure_would_explain(
    fault: faults.Fault,
) -> None:
    for name, cells in faults.faulty(ROWS, fault, 100, 11):
        assert not any(each.fixes for each in faults.audited(WATCHLISTS, name, cells))
