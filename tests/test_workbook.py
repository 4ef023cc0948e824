"""The workbook, read back: the terminal's numbers as numbers, text as text, nothing lost.

What its formulas come to when a second program computes them is in test_alive.
"""

from __future__ import annotations

import os
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

import screener
from screener import to_dict, write
from screener.files import save
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.width import width_of
from screener.output.document import input_hash
from screener.output.shown import shown_columns
from screener.output.workbook.write import render
from tests.command import run
from tests.conftest import NOW, WATCHLISTS, reads_past_extensions, screen, write_watchlist

pytestmark = reads_past_extensions

HEADER_ROW = 4
# Sheets that a person is to look at first, and those that say where all of it is from.
BEFORE = ["Summary", "Ranking"]
AFTER = ["Revisions", "Inputs", "Sources", "Problems", "Audit", "Checks", "About"]
SECTORS = ["Electronics", "Telecom", "Computing", "Media"]


@pytest.fixture(scope="module")
def path(report_result: screener.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(report_result, tmp_path_factory.mktemp("out") / "screen.xlsx", lang="en")


def kept(path: Path) -> Workbook:
    """The workbook as a program sees it that computes nothing."""
    return load_workbook(path, data_only=True)


def records(
    sheet: Worksheet, key: str = "Symbol", header_row: int = HEADER_ROW
) -> list[dict[str, Any]]:
    """The rows of a sheet that have something under `key`, by the first line of their heads."""
    header, *rows = sheet.iter_rows(min_row=header_row, values_only=True)
    names = [str(name).partition("\n")[0] for name in header]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [row for row in found if row[key]]


def test_sheets_stand_in_the_order_they_are_read(path: Path) -> None:
    assert [*BEFORE, *SECTORS, *AFTER] == load_workbook(path).sheetnames


NO_FIGURES = ("symbol", "name", "rank_range")


# The columns of the frame that the ranked sheets show by the terminal's name.
def shown_values(document: dict[str, Any], names: Sequence[str]) -> dict[tuple[str, str, str], Any]:
    """What `--json` prints of these columns, by the row's place and the column."""
    found = {}
    for row in document["rows"]:
        for name in names:
            family, _, year = name.rpartition("_")
            value = row[family][year] if year.isdigit() else row[name]
            found[row["sector"], row["symbol"], name] = value
    return found


def assert_same_numbers(
    report_result: screener.Result, read: Callable[[str], list[dict[str, Any]]]
) -> None:
    """Every cell of the ranked tables, as a reader gives it, is the number that JSON has."""
    names = [name for name in shown_columns(report_result) if name not in NO_FIGURES]
    expected = shown_values(to_dict(report_result), names)
    compared = 0
    for watchlist in report_result.watchlists:
        rows = {row["Symbol"]: row for row in read(watchlist.provenance.label_en)}
        for (sector, symbol, name), value in expected.items():
            if sector != watchlist.name:
                continue
            cell = rows[symbol][report_result.heading(report_result.columns[name], "en")]
            if value is None:
                assert cell in ("NM", "n/a", "", None) or cell != cell, (symbol, name)
            elif isinstance(value, str):
                assert value == cell
            else:
                assert value == float(cell), (symbol, name)
                compared += 1
    assert compared > 53 * 8


def test_openpyxl_reads_the_numbers_of_json(path: Path, report_result: screener.Result) -> None:
    book = kept(path)
    assert_same_numbers(report_result, lambda sheet: records(book[sheet]))


def test_pandas_reads_the_numbers_of_json(path: Path, report_result: screener.Result) -> None:
    def read(sheet: str) -> list[dict[str, Any]]:
        frame = pd.read_excel(path, sheet_name=sheet, header=HEADER_ROW - 1, keep_default_na=False)
        frame.columns = [str(name).partition("\n")[0] for name in frame.columns]
        rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
        return [row for row in rows if row["Symbol"]]

    assert_same_numbers(report_result, read)


TEXTS = ("Symbol", "Name", "Ccy", "Status")


def test_polars_reads_the_numbers_of_json(path: Path, report_result: screener.Result) -> None:
    def read(sheet: str) -> list[dict[str, Any]]:
        # In a column with words in it, calamine would make words of the numbers: nine decimals.
        options: dict[str, Any] = {"header_row": HEADER_ROW - 1, "dtypes": "string"}
        heads = pl.read_excel(path, sheet_name=sheet, read_options=options).columns
        numbers = {head: pl.Float64 for head in heads if head not in TEXTS}
        options = {"header_row": HEADER_ROW - 1}
        frame = pl.read_excel(
            path, sheet_name=sheet, read_options=options, schema_overrides=numbers
        )
        frame = frame.rename({name: name.partition("\n")[0] for name in frame.columns})
        return [row for row in frame.to_dicts() if row["Symbol"]]

    assert_same_numbers(report_result, read)


def test_the_ranking_sheet_is_ranked_across_sectors(path: Path) -> None:
    ranks = [row["Rank of all"] for row in records(kept(path)["Ranking"])]
    assert list(range(1, 51)) == [rank for rank in ranks if rank]
    assert 53 == len(ranks)


def test_the_summary_has_the_statistics_of_the_terminal(
    path: Path, report_result: screener.Result
) -> None:
    summary = kept(path)["Summary"]
    at = next(row[0].row for row in summary.iter_rows() if row[0].value == "Sector")
    rows = {row["Sector"]: row for row in records(summary, "Sector", at)}
    statistics = report_result.sectors.filter(report_result.sectors["metric"] == "pe_fy1")
    for expected, name in zip(statistics.to_dicts(), SECTORS, strict=True):
        assert expected["n"] == rows[name]["n"]
        assert expected["n_nm"] == rows[name]["NM"]
        assert expected["harmonic_mean"] == rows[name]["Harmonic"]
        assert expected["aggregate"] == rows[name]["Aggregate"]
        assert expected["best"] == rows[name]["Best"]
        assert 0 == rows[name]["Consensus age"]


def test_the_summary_begins_with_the_ten_best_names_across_sectors(
    path: Path, report_result: screener.Result
) -> None:
    rows = records(kept(path)["Summary"])[:10]
    best = report_result.table.sort("rank_all", nulls_last=True).head(10).to_dicts()
    assert [(row["symbol"], row["rank_all"], row["name"]) for row in best] == [
        (row["Symbol"], row["Rank of all"], row["Name"]) for row in rows
    ]
    shown = ("P/E FY1", "Premium to sector", "Upside")
    assert [[row[name] for name in ("pe_fy1", "pe_vs_sector", "upside")] for row in best] == [
        [row[name] for name in shown] for row in rows
    ]


def links(sheet: Worksheet) -> dict[str, str]:
    """Where the cells of a sheet lead, by their texts."""
    return {
        str(cell.value): cell.hyperlink.location
        for row in sheet.iter_rows()
        for cell in row
        if cell.hyperlink is not None and cell.hyperlink.location
    }


def test_codes_and_sectors_lead_to_their_rows_and_sheets(path: Path) -> None:
    book = kept(path)
    by_sheet = {sheet.title: links(sheet) for sheet in book}
    symbols = [row["Symbol"] for row in records(book["Ranking"])]
    for symbol in symbols:
        for name in ("Ranking", *(["Summary"] if symbol in by_sheet["Summary"] else [])):
            sheet, _, cell = by_sheet[name][symbol].replace("'", "").partition("!")
            assert symbol == book[sheet][cell.replace("$", "")].value
    for sector in SECTORS:
        assert f"'{sector}'!A1" == by_sheet["Summary"][sector] == by_sheet["Ranking"][sector]
        for symbol in (row["Symbol"] for row in records(book[sector])):
            sheet, _, cell = by_sheet[sector][symbol].replace("'", "").partition("!")
            assert "Inputs" == sheet
            assert f"{sector}/{symbol}" == book[sheet][cell.replace("$", "")].value
    assert by_sheet["Audit"] and set(by_sheet["Audit"]) <= set(symbols)


def test_problems_and_findings_stand_by_severity(path: Path) -> None:
    book = kept(path)
    order = ["error", "warning", "note"]
    for name in ("Problems", "Audit"):
        severities = [order.index(row["Severity"]) for row in records(book[name], "Severity")]
        assert sorted(severities) == severities and severities


def test_every_row_says_where_its_price_is_from_and_how_old(path: Path) -> None:
    rows = [row for row in records(kept(path)["Sources"]) if row["Where"]]
    assert 53 == len(rows)
    for row in rows:
        assert "report" == row["Obtained"]
        assert row["Price source"] and row["Price time"]
        assert row["Price age"] in (3, 4)


def test_a_correction_is_shown_with_the_printed_value_and_its_reason(path: Path) -> None:
    cells = [str(cell.value) for row in kept(path)["Sources"].iter_rows() for cell in row]
    assert "9898.HK" in cells and "9988.HK" in cells
    assert any("another company (Weibo)" in text for text in cells)


def test_every_figure_is_a_formula_and_what_is_typed_stands_on_inputs(path: Path) -> None:
    book = load_workbook(path)
    for name in (*SECTORS, "Ranking", "Summary"):
        for row in book[name].iter_rows(min_row=HEADER_ROW + 1):
            for cell in row:
                assert not isinstance(cell.value, int | float), (name, cell.coordinate)


def test_charts_draw_cells_so_that_they_follow_edits(path: Path) -> None:
    book = load_workbook(path)
    with zipfile.ZipFile(path) as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        drawn = [archive.read(name).decode() for name in charts]
    # Two on the summary, two a sector.
    assert 2 + 2 * len(SECTORS) == len(charts)
    for chart in drawn:
        references = re.findall(r"<c:(?:val|yVal|xVal|cat)>.*?<c:f>(.*?)</c:f>", chart, re.S)
        assert references
        for reference in references:
            name, _, area = reference.rpartition("!")
            cells = book[name.strip("'")][area.replace("$", "")]
            assert cells


def charts_of(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        return [archive.read(name).decode() for name in sorted(names)]


def test_of_more_names_than_a_chart_can_tell_apart_the_two_ends_are_drawn(
    tmp_path: Path,
) -> None:
    # EPS rises with the number, so that multiples fall: ranked, the last name stands first.
    lines = [
        f"{600000 + at}.SH,N{at},100,0.50,{1 + at / 100:.2f},1.00,40.00,"
        f"{2000 / (100 + at):.2f},20.00,CNY"
        for at in range(100)
    ]
    write_watchlist(tmp_path / "lists", *lines)
    path = write(screen(watchlists=tmp_path / "lists", now=NOW), tmp_path / "many.xlsx", "en")
    (drawn,) = [chart for chart in charts_of(path) if "first and the last 20" in chart]
    (areas,) = set(re.findall(r"<c:cat>.*?<c:f>\((.*?)\)</c:f>", drawn, re.S))
    sheet = kept(path)["demo"]
    names = [
        [row[0].value for row in sheet[area.rpartition("!")[2].replace("$", "")]]
        for area in areas.split(",")
    ]
    assert [f"N{at}" for at in range(99, 79, -1)] == names[0]
    assert [f"N{at}" for at in range(19, -1, -1)] == names[1]


def test_with_many_sectors_only_medians_carry_their_figures(tmp_path: Path) -> None:
    for number in range(12):
        row = f"{600000 + number}.SH,N,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
        write_watchlist(tmp_path / "lists", row, name=f"sector{number}")
    path = write(screen(watchlists=tmp_path / "lists", now=NOW), tmp_path / "many.xlsx", "en")
    (drawn,) = [chart for chart in charts_of(path) if "harmonic" in chart.lower()]
    series = drawn.split("<c:order ")[1:]
    assert [True, False, False] == ["<c:showVal" in each for each in series]


def test_a_second_listing_stands_with_its_first_and_is_grey(path: Path) -> None:
    sheet = kept(path)["Ranking"]
    symbols = [row["Symbol"] for row in records(sheet)]
    # The report has 海光信息 in electronics and in computing.
    first = symbols.index("688041.SH")
    assert "688041.SH" == symbols[first + 1]
    ranks = [row["Rank of all"] for row in records(sheet)]
    assert ranks[first] and not ranks[first + 1]
    rules = [rule.formula[0] for area in sheet.conditional_formatting for rule in area.rules
             if rule.type == "expression"]  # fmt: skip
    assert any(re.fullmatch(r"AND\(ISNUMBER\(\$\w+5\),NOT\(ISNUMBER\(\$A5\)\)\)", each)
               for each in rules)  # fmt: skip


def test_names_without_a_multiple_are_absent_from_charts_not_zero(path: Path) -> None:
    rows = {row["Symbol"]: row for row in records(kept(path)["Electronics"])}
    assert "NM" == rows["688256.SH"]["P/E FY1"]
    assert "#N/A" == rows["688256.SH"]["Chart y"] == rows["688256.SH"]["Chart bar"]


def test_every_problem_is_on_its_sheet(path: Path, report_result: screener.Result) -> None:
    messages = [row["Message"] for row in records(kept(path)["Problems"], "Message")]
    assert sorted(problem.message for problem in report_result.problems) == sorted(messages)


def test_every_finding_of_the_audit_is_on_its_sheet(
    path: Path, report_result: screener.Result
) -> None:
    rows = records(kept(path)["Audit"], "Message")
    assert sorted(finding.message for finding in report_result.findings) == sorted(
        row["Message"] for row in rows
    )
    assert "FY2025" in [row["Fiscal year"] for row in rows]


def test_tables_have_a_frozen_header_a_filter_and_widths_that_fit_chinese(
    report_result: screener.Result, tmp_path: Path
) -> None:
    book = kept(write(report_result, tmp_path / "zh.xlsx", lang="zh"))
    sheet = book["计算机"]
    assert "E5" == sheet.freeze_panes
    assert "A4:L28" == sheet.auto_filter.ref
    for column in sheet.iter_cols(min_row=HEADER_ROW + 1, max_col=12):
        width = sheet.column_dimensions[column[0].column_letter].width
        for cell in column:
            if isinstance(cell.value, str):
                assert width_of(cell.value) <= width, cell.coordinate


def test_every_sheet_prints_on_landscape_pages_one_wide_with_numbers(path: Path) -> None:
    for sheet in load_workbook(path):
        assert "landscape" == sheet.page_setup.orientation
        assert "9" == str(sheet.page_setup.paperSize)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # What stands on one page is that high, too; 1 is what a file does not say.
        is_one_page = sheet.title in ("Summary", *SECTORS)
        high = sheet.page_setup.fitToHeight
        assert (1, None if is_one_page else 0) == (sheet.page_setup.fitToWidth or 1, high)
        assert "&P / &N" in str(sheet.oddFooter.right.text).replace("&[Page]", "&P").replace(
            "&[Pages]", "&N"
        )
        assert sheet.sheet_view.showGridLines is False


def test_a_sectors_page_has_at_most_fifteen_columns_and_the_rest_is_folded(path: Path) -> None:
    book = load_workbook(path)
    for name in SECTORS:
        sheet = book[name]
        heads = [cell.value for cell in sheet[HEADER_ROW] if cell.value]
        folded = {
            index
            for letters, each in sheet.column_dimensions.items()
            if each.hidden and each.outlineLevel
            for index in range(each.min, each.max + 1)
        }
        shown = [head for at, head in enumerate(heads, start=1) if at not in folded]
        assert len(shown) <= 15 < len(heads), shown


def test_each_figure_of_inputs_says_its_source_and_day_as_a_note(path: Path) -> None:
    sheet = load_workbook(path)["Inputs"]
    header, *rows = sheet[sheet.tables["tblInputs"].ref]
    titles = [cell.value for cell in header]
    row = next(row for row in rows if row[titles.index("Symbol")].value == "600941.SH")
    notes = {title: cell.comment.text for title, cell in zip(titles, row, strict=True)
             if cell.comment}  # fmt: skip
    assert "中国银河证券 table 9 2025-01-27 15:00 report" == notes["Price"]
    assert {"Wind 一致预期 2025-01-31"} == {
        text for title, text in notes.items() if title.startswith("EPS FY")
    }
    assert "China Mobile" == row[titles.index("English name")].value


def test_where_no_estimate_changed_revisions_say_so_in_a_sentence(path: Path) -> None:
    (said,) = [
        row[0].value
        for row in kept(path)["Revisions"].iter_rows(min_row=HEADER_ROW + 1, max_row=HEADER_ROW + 1)
    ]
    assert "No estimate that is used differs from its table's." == said


def test_figures_have_the_formats_of_the_catalogue(path: Path) -> None:
    sheet = load_workbook(path)["Telecom"]
    formats = {
        str(sheet.cell(HEADER_ROW, column).value).partition("\n")[0]: sheet.cell(
            HEADER_ROW + 1, column
        ).number_format
        for column in range(1, sheet.max_column + 1)
    }
    assert '0.0"x";(0.0"x")' == formats["P/E FY1"]
    assert "0.0%;(0.0%)" == formats["EPS CAGR"]
    assert "[<1]0.000;#,##0.00" == formats["Price"]


HOSTILE = ("=1+1", "+1", "@SUM(A1)", "https://example.invalid/", "1E10", "{=1}", "-2+3", "_x0041_")


def test_text_never_becomes_a_formula_a_link_or_a_number(
    screen_rows: Callable[..., screener.Result], tmp_path: Path
) -> None:
    symbols = [f"60000{number}.SH" for number in range(len(HOSTILE))]
    rows = [
        f"{symbol},{name},100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
        for symbol, name in zip(symbols, HOSTILE, strict=True)
    ]
    path = write(screen_rows(*rows), tmp_path / "hostile.xlsx", lang="en")
    for sheet in load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                # A link leads to a place of the workbook, nowhere else.
                assert cell.hyperlink is None or cell.hyperlink.target is None
                if cell.data_type == "f":
                    assert str(cell.value).removeprefix("=") not in (*HOSTILE, "1+1")
    assert set(HOSTILE) == {row["Name"] for row in records(kept(path)["demo"])}
    for name in ("Inputs", "demo"):
        cells = [cell for row in kept(path)[name].iter_rows() for cell in row]
        assert set(HOSTILE) <= {cell.value for cell in cells if cell.data_type == "s"}


def test_characters_that_no_workbook_holds_are_replaced_where_they_can_be_seen(
    report_result: screener.Result, tmp_path: Path
) -> None:
    odd = Problem("store", "a\x07b", say("bell \x00 and \ud800 and \uffff"), "")
    result = replace(report_result, problems=(odd,))
    sheet = kept(write(result, tmp_path / "odd.xlsx", lang="en"))["Problems"]
    (row,) = records(sheet, "Message")
    assert ("a�b", "bell � and � and �") == (row["Where"], row["Message"])


def test_the_same_result_gives_the_same_bytes(report_result: screener.Result) -> None:
    first = render(report_result, "zh")
    assert first == render(report_result, "zh")


def test_a_workbook_written_here_is_replaced_and_an_edited_one_is_kept(
    report_result: screener.Result, tmp_path: Path
) -> None:
    target = tmp_path / "screen.xlsx"
    assert target == write(report_result, target)
    assert target == write(report_result, target)
    book = load_workbook(target)
    book.active["A1"] = "mine"
    book.save(target)
    edited = target.read_bytes()
    assert tmp_path / "screen-2.xlsx" == write(report_result, target)
    assert edited == target.read_bytes()


def test_a_file_that_is_no_workbook_is_kept(report_result: screener.Result, tmp_path: Path) -> None:
    target = tmp_path / "screen.xlsx"
    target.write_bytes(b"my notes")
    assert tmp_path / "screen-2.xlsx" == write(report_result, target)
    assert b"my notes" == target.read_bytes()


def test_a_workbook_that_is_open_elsewhere_is_kept_and_said_so(
    report_result: screener.Result, tmp_path: Path
) -> None:
    target = tmp_path / "screen.xlsx"
    write(report_result, target)
    (tmp_path / ".~lock.screen.xlsx#").write_text("somebody")
    written = save(render(report_result, "zh"), target)
    assert tmp_path / "screen-2.xlsx" == written.path
    assert f"{target} is open in another program, and is kept" == written.kept


def test_the_bytes_are_the_same_whatever_the_seed_of_hashes(tmp_path: Path) -> None:
    code = (
        "import datetime, hashlib, screener\n"
        "from screener.output.workbook.write import render\n"
        "now = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)\n"
        f"r = screener.screen(prices='report', watchlists={str(WATCHLISTS)!r}, now=now)\n"
        "print(hashlib.sha256(render(r, 'zh')).hexdigest())"
    )
    hashes = set()
    for seed in ("1", "2"):
        done = run([sys.executable, "-c", code], tmp_path, {"PYTHONHASHSEED": seed})
        assert 0 == done.returncode, done.stderr
        hashes.add(done.stdout)
    assert 1 == len(hashes)


def test_properties_say_what_it_is_and_which_inputs_it_was_made_from(
    path: Path, report_result: screener.Result
) -> None:
    book = load_workbook(path)
    assert "Screen 2025-01-31" == book.properties.title
    assert "screener" == book.properties.creator
    assert NOW.replace(tzinfo=None) == book.properties.created
    digest = to_dict(report_result)["input_sha256"]
    assert digest == book.custom_doc_props["input_sha256"].value
    assert 64 == len(digest)
    about = [str(cell.value) for row in kept(path)["About"].iter_rows() for cell in row]
    assert digest in about


def test_the_input_hash_changes_with_an_input_and_with_nothing_else(
    screen_rows: Callable[..., screener.Result],
) -> None:
    row = "600941.SH,A,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
    first, same = (input_hash(screen_rows(row)) for _ in range(2))
    other = input_hash(screen_rows(row.replace("0.80", "0.81")))
    assert first == same != other


def test_a_failed_write_leaves_nothing_half_written(
    report_result: screener.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write(report_result, tmp_path / "screen.xlsx")
    assert [] == list(tmp_path.iterdir())


def test_sheet_names_are_legal_and_unique(tmp_path: Path) -> None:
    from tests.conftest import screen, write_watchlist

    row = "600941.SH,A,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
    for number in range(3):
        label = 'label_en = "Optics [and] lasers: a/b of every kind?"'
        toml = f"as_of = 2025-01-31\n{label}\ntable = {number}"
        write_watchlist(tmp_path / "lists", row, name=f"l{number}", toml=toml)
    odd = ("History", "😀" * 31)
    for number, label in enumerate(odd):
        toml = f'as_of = 2025-01-31\nlabel_en = "{label}"'
        write_watchlist(tmp_path / "lists", row, name=f"odd{number}", toml=toml)
    write_watchlist(
        tmp_path / "lists", row, name="s", toml='as_of = 2025-01-31\nlabel_en = "summary"'
    )
    result = screen(watchlists=tmp_path / "lists")
    names = load_workbook(write(result, tmp_path / "o.xlsx", lang="en")).sheetnames
    assert len(names) == len({name.lower() for name in names})
    assert "history" not in {name.lower() for name in names}
    assert all(len(name) <= 31 and not set("[]:*?/\\") & set(name) for name in names)
