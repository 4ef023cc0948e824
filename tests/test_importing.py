"""Any broker's table in: whatever it is printed like, the figures come back as they were."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from screener.files import replace_file
from screener.importing.cells import number_text
from screener.importing.documents.read import read_document
from screener.importing.drafts import Found, find_drafts
from screener.importing.meaning import meaning_of
from screener.importing.write import write_drafts
from screener.model.codes import printed_code
from screener.model.symbols import SymbolError
from screener.watchlists.read import load_files, load_watchlists
from tests import layouts
from tests.command import Command
from tests.conftest import WATCHLISTS
from tests.layouts import FORMATS, Layout, Name

SYMBOLS = ("600941.SH", "000032.SZ", "300433.SZ", "688256.SH", "920808.BJ", "0700.HK", "9988.HK")

figure = st.one_of(
    st.just(""),
    st.decimals(-9, 99, places=2).map(lambda each: f"{each:.2f}"),
    st.decimals(-5, 5, places=3).map(lambda each: f"{each:.3f}"),
)
layout = st.builds(
    Layout,
    is_interleaved=st.booleans(),
    heading_lines=st.sampled_from((1, 2)),
    year=st.sampled_from(("{}E", "{}A", "{}", "FY{}", "{}年", "{yy}E", "FY{yy}")),
    name_first=st.booleans(),
    code=st.sampled_from(("suffix", "prefix", "bare")),
    negative=st.sampled_from(("minus", "brackets")),
    nothing=st.sampled_from(("-", "—", "N/A", "NM")),
    is_full_width=st.booleans(),
    extra=st.sampled_from(((), ("评级",))),
)


@st.composite
def tables(draw: st.DrawFn) -> list[Name]:
    years = range(2024, 2024 + draw(st.integers(2, 4)))
    symbols = draw(st.lists(st.sampled_from(SYMBOLS), min_size=3, max_size=7, unique=True))
    return [
        Name(
            symbol,
            draw(st.sampled_from(("深桑达A", "中国移动", "阿里巴巴-W", "寒武纪"))),
            draw(st.sampled_from(("185.49", "23877.77", "2388"))),
            {year: (draw(figure), draw(figure)) for year in years},
        )
        for symbol in symbols
    ]


def assert_read_back(names: list[Name], path: Path) -> None:
    found = find_drafts(path)
    (draft,) = found.drafts
    assert () == found.problems
    assert len(names) == len(draft.lines), draft.problems
    for name, line in zip(names, draft.lines, strict=True):
        assert (name.symbol, name.name) == (line.cells["symbol"], line.cells["name"])
        assert name.market_cap == line.cells["market_cap"]
        for year, (eps, pe) in name.figures.items():
            assert (eps, pe) == (line.cells[f"eps_{year}"], line.cells[f"pe_{year}"]), name.symbol
    assert "电子" == draft.facts["label_zh"]
    assert date(2025, 1, 31) == draft.facts["as_of"]
    assert "Wind 一致预期" == draft.facts["consensus"]
    assert 5 == draft.facts["table"]


@settings(max_examples=120)
@given(
    names=tables(), layout=layout, kind=st.sampled_from(("tab", "pipe", "aligned", "csv", "tsv"))
)
def test_a_table_in_text_is_read_back_whatever_its_layout(
    tmp_path_factory: pytest.TempPathFactory, names: list[Name], layout: Layout, kind: str
) -> None:
    path = layouts.write(names, layout, kind, tmp_path_factory.mktemp("text"))
    assert_read_back(names, path)


@settings(max_examples=5)
@pytest.mark.parametrize("kind", ["xlsx", "docx", "html", "pdf", "ruled"])
@given(names=tables(), layout=layout)
def test_a_table_in_a_document_is_read_back_whatever_its_layout(
    tmp_path_factory: pytest.TempPathFactory, names: list[Name], layout: Layout, kind: str
) -> None:
    path = layouts.write(names, layout, kind, tmp_path_factory.mktemp("document"))
    assert_read_back(names, path)


def some(count: int) -> list[Name]:
    """So many names with figures that all differ."""
    return [
        Name(f"{600000 + n}.SH", f"公司{n}", f"{n + 1}00.5", {2024: (f"0.{n:02}1", "10.5"),
                                                            2025: (f"1.{n:02}2", "9.25")})
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("ruled", [True, False])
def test_a_table_of_a_pdf_goes_on_over_page_breaks(tmp_path: Path, ruled: bool) -> None:
    names = some(50)
    heads, rows = layouts.grid(names, Layout())
    layouts.as_pdf(heads, rows, tmp_path / "long.pdf", ruled=ruled, per_page=20)
    assert_read_back(names, tmp_path / "long.pdf")


@pytest.mark.parametrize("kind", FORMATS)
def test_every_kind_of_file_is_read(tmp_path: Path, kind: str) -> None:
    assert_read_back(some(5), layouts.write(some(5), Layout(), kind, tmp_path))


def printed(name: str) -> list[Name]:
    """The figures of a bundled watchlist, to be printed."""
    text = (WATCHLISTS / f"{name}.csv").read_text("utf-8-sig")
    years = (2024, 2025, 2026)
    return [
        Name(
            row["symbol"],
            row["name"],
            row["market_cap"],
            {year: (row[f"eps_{year}"], row[f"pe_{year}"]) for year in years},
        )
        for row in csv.DictReader(io.StringIO(text))
    ]


def test_the_tables_of_a_report_give_the_bundled_watchlists(tmp_path: Path) -> None:
    """In the report's own layout: prose and other tables around, a row fallen out of its table."""
    parts = [
        "某报告",
        "2025 年 02 月 03 日",
        "",
        "表7: 大模型对比",
        "\tA\tB",
        "发布时间\t2023\t2024E",
        "",
    ]
    expected = {}
    for number, (name, label) in enumerate(
        {"electronics": "电子", "telecom": "通信", "computing": "计算机", "media": "传媒"}.items(),
        start=8,
    ):
        names = printed(name)
        expected[name] = names
        heads, rows = layouts.grid(names, Layout())
        lines = ["\t".join(row) for row in (*heads, *rows)]
        parts += [f"表{number}: 盈利预测-{label} (截至 2025 年 1 月 31 日)", "", *lines[:-1], ""]
        parts += [
            lines[-1],
            "------|----|----",
            "",
            "资料来源: Wind 一致预期、某证券研究院",
            "",
            "正文。" * 40,
        ]
    path = tmp_path / "report.txt"
    path.write_text("\n".join(parts), encoding="utf-8")
    found = find_drafts(path)
    assert list(expected) == [draft.name for draft in found.drafts]
    for draft in found.drafts:
        assert "high" == draft.confidence
        bundled, _ = load_files([WATCHLISTS / f"{draft.name}.csv"], date(2025, 1, 31))
        imported, problems = draft.watchlist()
        assert [] == problems
        # The corrections of the bundled folder are not of the report.
        for theirs, ours in zip(bundled[0].listings, imported.listings, strict=True):
            assert theirs.printed_symbol == ours.symbol
            assert (theirs.name, theirs.years) == (ours.name, ours.years)
            assert (theirs.market_cap, theirs.eps_currency) == (ours.market_cap, ours.eps_currency)
            assert theirs.fiscal_year_end == ours.fiscal_year_end


# --- codes, years, numbers --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("300433.SZ", "300433.SZ"),
        ("SZ300433", "300433.SZ"),
        ("600000.SS", "600000.SH"),
        ("300433", "300433.SZ"),
        ("688981", "688981.SH"),
        ("900901", "900901.SH"),
        ("200012", "200012.SZ"),
        ("920808", "920808.BJ"),
        ("833819", "833819.BJ"),
        ("0700.HK", "0700.HK"),
        ("00700.HK", "0700.HK"),
        ("700 HK", "0700.HK"),
        ("HK00700", "0700.HK"),
        ("600941 CH", "600941.SH"),
    ],
)
def test_a_code_is_read_however_it_is_printed(text: str, symbol: str) -> None:
    assert symbol == printed_code(text).symbol


@pytest.mark.parametrize("text", ["00700", "AAPL.O", "123456", "700", "x", "600941.XX"])
def test_a_code_that_is_not_certainly_one_listing_is_refused(text: str) -> None:
    with pytest.raises(SymbolError):
        printed_code(text)


def test_five_digits_are_of_hong_kong_only_where_the_table_says_so() -> None:
    found = printed_code("00700", in_hong_kong=True)
    assert ("0700.HK", True) == (found.symbol, "Hong Kong" in found.guessed)


@pytest.mark.parametrize(
    ("text", "year"),
    [("2024E", 2024), ("2024A", 2024), ("24E", 2024), ("FY24", 2024), ("2024年", 2024),
     ("EPS FY2025E", 2025), ("24.5", None), ("EPS", None)],
)  # fmt: skip
def test_a_year_is_read_however_it_is_printed(text: str, year: int | None) -> None:
    assert year == meaning_of(text).year


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.54", "0.54"), ("-0.54", "-0.54"), ("(0.54)", "-0.54"), ("−0.54", "-0.54"), ("—", ""),
     ("NM", ""), ("N/A", ""), ("23,877.77", "23877.77"), ("16.2x", "16.2"), ("12..3", None)],
)  # fmt: skip
def test_a_figure_is_read_however_it_is_printed(text: str, number: str | None) -> None:
    assert number == number_text(text)


# --- what is wrong ----------------------------------------------------------------------------

HEAD = "代码\t名称\tEPS2024E\tEPS2025E\tPE2024E\tPE2025E"


def find(tmp_path: Path, *lines: str, head: str = HEAD) -> Found:
    path = tmp_path / "report.txt"
    path.write_text("\n".join(("表1: 估值-电子 (截至 2025-01-31)", head, *lines)), encoding="utf-8")
    return find_drafts(path)


def test_a_row_that_cannot_be_read_is_named_with_its_text(tmp_path: Path) -> None:
    found = find(
        tmp_path,
        "600941.SH\t移动\t6.48\t6.86\t17.13\t16.18",
        "600050.SH\t联通\t0.2.9\t0.32\t17.09\t15.45",
        "AAPL.O\t苹果\t6.1\t6.8\t30.1\t27.0",
        "平均\t\t3.1\t3.2\t20.1\t19.2",
    )
    (draft,) = found.drafts
    assert ["600941.SH"] == [line.cells["symbol"] for line in draft.lines]
    wheres = {problem.where.rpartition(":")[2]: problem for problem in draft.problems}
    assert "'0.2.9' is no number" in wheres["4"].message
    assert "AAPL.O" in wheres["5"].message
    assert "skipped_line" == wheres["6"].kind


def test_bare_codes_of_hong_kong_are_read_where_the_caption_says_so(tmp_path: Path) -> None:
    line = "00700\t腾讯控股\t19.92\t22.39\t18.46\t16.43"
    asked = find(tmp_path, line)
    assert () == asked.drafts[0].lines
    assert "names no exchange" in asked.drafts[0].problems[0].message
    path = tmp_path / "hk.txt"
    path.write_text(f"表1: 港股估值 (截至 2025-01-31)\n{HEAD}\n{line}", encoding="utf-8")
    (draft,) = find_drafts(path).drafts
    assert "0700.HK" == draft.lines[0].cells["symbol"]
    assert any("Hong Kong" in guess for guess in draft.guessed)


ENGLISH = """# Asia Tech Weekly
3 March 2026

**Table 3: Semiconductors valuation (as of 27 February 2026)**

| Ticker | Company | Price (HK$) | Mkt cap (HK$ mn) | Rating | EPS FY25A | EPS FY26E | P/E FY25A | P/E FY26E |
|---|---|---:|---:|---|---:|---:|---:|---:|
| 981 HK | Alpha Semi | 58.35 | 465,000 | Buy | 0.42 | 0.55 | 138.9x | 106.1x |
| 1347 HK | Beta Semi | 41.20 | 70,700 | Hold | (0.10) | 0.33 | NM | 124.8x |
| Average | | | | | | | 138.9x | 115.5x |

Source: Bloomberg consensus, Some Securities Research
"""  # noqa: E501 - a table's lines are as wide as they are


def test_an_english_table_in_markdown_is_read_with_all_it_says(tmp_path: Path) -> None:
    path = tmp_path / "weekly.md"
    path.write_text(ENGLISH, encoding="utf-8")
    (draft,) = find_drafts(path).drafts
    assert ["0981.HK", "1347.HK"] == [line.cells["symbol"] for line in draft.lines]
    first, second = (line.cells for line in draft.lines)
    assert ("58.35", "HKD", "465000", "HKD") == (
        first["price"],
        first["currency"],
        first["market_cap"],
        first["eps_currency"],
    )
    assert ("-0.10", "") == (second["eps_2025"], second["pe_2025"])
    assert ("百万港元", date(2026, 2, 27), 3) == (
        draft.facts["market_cap_unit"],
        draft.facts["as_of"],
        draft.facts["table"],
    )
    assert "Bloomberg consensus" == draft.facts["consensus"]


def test_a_formula_that_was_never_computed_is_no_empty_cell(tmp_path: Path) -> None:
    path = layouts.write(some(3), Layout(), "xlsx", tmp_path)
    book = load_workbook(path)
    book.active["E5"] = "=1+1"
    book.save(path)
    (draft,) = find_drafts(path).drafts
    assert 2 == len(draft.lines)
    assert "'=?' is no number" in draft.problems[0].message


def test_a_name_that_is_a_formula_is_not_written_into_a_csv(tmp_path: Path) -> None:
    (draft,) = find(tmp_path, "600941.SH\t=1+1\t6.48\t6.86\t17.13\t16.18").drafts
    assert () == draft.lines
    assert "begins like a formula" in draft.problems[0].message


def test_no_watchlist_takes_the_place_of_the_corrections(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    line = "600941.SH\t移动\t6.48\t6.86\t17.13\t16.18"
    path.write_text(f"表1: 估值 (截至 2025-01-31)\n{HEAD}\n{line}\n", encoding="utf-8")
    (draft,) = find_drafts(path, sector="corrections").drafts
    assert "corrections-table" == draft.name


@settings(max_examples=150)
@given(
    places=st.lists(st.tuples(st.integers(0, 10_000), st.characters()), max_size=30),
    kind=st.sampled_from(("tab", "pipe", "aligned", "csv")),
)
def test_a_table_with_any_characters_in_it_is_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[int, str]], kind: str
) -> None:
    path = layouts.write(some(4), Layout(), kind, tmp_path_factory.mktemp("spoiled"))
    text = list(path.read_text("utf-8"))
    for at, character in places:
        text[at % len(text)] = character
    path.write_text("".join(text), encoding="utf-8", errors="replace")
    found = find_drafts(path, as_of=date(2025, 1, 31))
    assert found.drafts or found.problems
    for draft in found.drafts:
        draft.watchlist()


# --- what a hostile tester found ---------------------------------------------------------------


def csv_of(tmp_path: Path, *lines: str) -> Found:
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return find_drafts(path, as_of=date(2025, 1, 27))


@pytest.mark.parametrize(
    "heading",
    ["EPS增速26E", "EPS复合增速24-27E", "PE分位数26E", "EPS CAGR 24-26E", "EPS YoY 26E",
     "P/E premium 26E", "前次EPS 26E", "行业PE 26E", "EPS 2024Q4E", "PE 2024H1",
     "EPS 26E (HK cents)"],
)  # fmt: skip
def test_a_column_of_changes_or_of_a_part_of_a_year_is_no_eps_or_pe(
    tmp_path: Path, heading: str
) -> None:
    head = f"代码,公司,EPS 24E,EPS 25E,PE 24E,PE 25E,{heading}"
    (draft,) = csv_of(tmp_path, head, "688981.SH,中芯国际,0.56,0.70,164.2,131.3,23").drafts
    assert [2024, 2025] == draft.years
    assert f"column '{heading}' is not kept" in [each.message for each in draft.problems]


def test_rows_under_other_years_in_the_middle_are_not_read_as_the_first_ones(
    tmp_path: Path,
) -> None:
    (draft,) = csv_of(
        tmp_path,
        "代码,公司,EPS,,PE,",
        ",,24E,25E,24E,25E",
        "688981.SH,中芯国际,0.56,0.70,164.2,131.3",
        ",,25E,26E,25E,26E",
        "600584.SH,长电科技,1.02,1.45,37.7,26.6",
    ).drafts
    assert ["688981.SH"] == [line.cells["symbol"] for line in draft.lines]
    assert "stands under another heading" in draft.problems[0].message


@pytest.mark.parametrize("kind", ["csv", "html", "docx"])
def test_marks_of_footnotes_are_no_digits(tmp_path: Path, kind: str) -> None:
    path = layouts.write(some(3), Layout(), kind, tmp_path)
    if kind == "csv":
        path.write_text(path.read_text("utf-8").replace("0.021", "0.021²*"), encoding="utf-8")
    elif kind == "html":
        text = path.read_text("utf-8").replace("0.021", "0.021<sup>2</sup>")
        path.write_text(text, encoding="utf-8")
    else:
        document = Document(str(path))
        cell = next(c for row in document.tables[0].rows for c in row.cells if c.text == "0.021")
        cell.paragraphs[0].add_run("2").font.superscript = True
        document.save(str(path))
    assert_read_back(some(3), path)


@pytest.mark.parametrize(("text", "number"), [("164.22)", None), (".56", "0.56"), ("0.5*", "0.5")])
def test_a_figure_is_read_whole_or_not_at_all(text: str, number: str | None) -> None:
    assert number == number_text(text)


def test_a_block_of_profits_beside_pe_does_not_hide_the_table(tmp_path: Path) -> None:
    (draft,) = csv_of(
        tmp_path,
        "代码,公司,股价(元),归母净利润(亿元),,PE(x),",
        ",,,24E,25E,24E,25E",
        "600584.SH,长电科技,38.5,44,55,37.7,26.6",
    ).drafts
    cells = draft.lines[0].cells
    assert ("38.5", "37.7", "26.6") == (cells["price"], cells["pe_2024"], cells["pe_2025"])
    assert "归母净利润" in draft.problems[0].message


def test_a_table_that_is_seen_and_not_understood_is_named(tmp_path: Path) -> None:
    found = csv_of(
        tmp_path,
        "代码,公司,新EPS,,EPS,,PE,",
        ",,24E,25E,24E,25E,24E,25E",
        "600584.SH,长电科技,1.0,1.2,1.1,1.3,37.7,26.6",
    )
    assert () == found.drafts
    assert "looks like a valuation table" in found.problems[0].message
    assert found.problems[0].where.endswith(":1")


def test_currencies_are_taken_as_they_are_printed(tmp_path: Path) -> None:
    (draft,) = csv_of(
        tmp_path,
        "Ticker,Company,Ccy,Price,EPS,,P/E,",
        ",,,,24E,25E,24E,25E",
        "0700.HK,Tencent,RMB,400,25.1,28.2,15.9,14.2",
        "0005.HK,HSBC,US$,10.3,1.3,1.32,7.9,7.8",
        "0001.HK,CKH,crowns,10.3,1.3,1.32,7.9,7.8",
    ).drafts
    pairs = [(line.cells["currency"], line.cells["eps_currency"]) for line in draft.lines]
    assert [("CNY", "CNY"), ("USD", "USD")] == pairs
    assert "'crowns' is none known here" in draft.problems[0].message


def test_a_line_between_rows_says_which_market_they_are_of(tmp_path: Path) -> None:
    (draft,) = csv_of(
        tmp_path,
        HEAD.replace("\t", ","),
        "600941.SH,移动,6.48,6.86,17.13,16.18",
        "港股,,,,,",
        "00981,中芯国际,0.3,0.4,126.7,95.0",
    ).drafts
    assert ["600941.SH", "0981.HK"] == [line.cells["symbol"] for line in draft.lines]


def test_a_code_that_a_workbook_shows_with_zeros_has_them(tmp_path: Path) -> None:
    path = layouts.write(some(3), Layout(), "xlsx", tmp_path)
    book = load_workbook(path)
    cell = book.active["A4"]
    cell.value, cell.number_format = 2371, "000000"
    book.save(path)
    assert "002371.SZ" == find_drafts(path).drafts[0].lines[0].cells["symbol"]


def test_columns_that_are_not_kept_are_named(tmp_path: Path) -> None:
    head = f"{HEAD}\tP/B\t目标价"
    found = find(tmp_path, "600941.SH\t移动\t6.48\t6.86\t17.13\t16.18\t1.2\t120", head=head)
    messages = [problem.message for problem in found.drafts[0].problems]
    assert ["column 'P/B' is not kept", "column '目标价' is not kept"] == messages


def test_what_is_guessed_is_written_down(tmp_path: Path) -> None:
    (draft,) = find(tmp_path, "600941\t移动\t6.48\t6.86\t17.13\t16.18").drafts
    assert "exchange of 600941 by its range" in draft.guessed
    assert "EPS in CNY: the heading names no currency" in draft.guessed
    written, problems = write_drafts([draft], tmp_path / "out", force=False)
    assert [] == problems
    (read,), _ = load_files(written, date(2025, 2, 1))
    assert draft.guessed == read.provenance.guessed


def test_a_watchlist_that_is_there_is_kept_unless_forced(tmp_path: Path) -> None:
    drafts = find(tmp_path, "600941.SH\t移动\t6.48\t6.86\t17.13\t16.18").drafts
    folder = tmp_path / "out"
    folder.mkdir()
    mine = folder / "electronics.csv"
    mine.write_text("mine")
    written, problems = write_drafts(drafts, folder, force=False)
    assert ([], "mine") == (written, mine.read_text())
    assert "is there already and is kept" in problems[0].message
    written, problems = write_drafts(drafts, folder, force=True)
    assert ([mine], []) == (written, problems)


def test_a_table_without_a_day_asks_for_one(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text(f"{HEAD}\n600941.SH\t移动\t6.48\t6.86\t17.13\t16.18\n", encoding="utf-8")
    _, problems = write_drafts(find_drafts(path).drafts, tmp_path / "o", force=False)
    assert "--as-of" in problems[0].message
    drafts = find_drafts(path, as_of=date(2025, 1, 31)).drafts
    assert date(2025, 1, 31) == drafts[0].facts["as_of"]


def test_market_caps_in_dollars_keep_their_currency(tmp_path: Path) -> None:
    head = HEAD.replace("名称", "名称\tMkt cap (US$ mn)")
    (draft,) = find(tmp_path, "600941.SH\t移动\t5000\t6.48\t6.86\t17.13\t16.18", head=head).drafts
    found, _ = draft.watchlist()
    assert (50.0, "USD") == (
        found.listings[0].market_cap,
        found.listings[0].provenance.market_cap_currency,
    )


def test_a_caption_cannot_lead_a_file_out_of_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    line = "600941.SH\t移动\t6.48\t6.86\t17.13\t16.18"
    path.write_text(f"表1: 估值-../../x (截至 2025-01-31)\n{HEAD}\n{line}", encoding="utf-8")
    written, _ = write_drafts(find_drafts(path).drafts, tmp_path / "o", force=False)
    assert [tmp_path / "o"] == [each.parent for each in written]


# --- hostile bytes ----------------------------------------------------------------------------


def test_a_scan_is_an_error_that_says_so(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "scan.pdf"))
    canvas.rect(10, 10, 100, 100, fill=1)
    canvas.save()
    (problem,) = find_drafts(tmp_path / "scan.pdf").problems
    assert "is a scan" in problem.message


@settings(max_examples=60)
@given(st.binary(max_size=3000))
def test_no_bytes_whatever_crash_the_reading_of_text(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "r.txt"
    path.write_bytes(content)
    found = find_drafts(path)
    assert found.problems or found.drafts


@pytest.mark.parametrize("kind", ["xlsx", "docx", "html", "pdf"])
def test_broken_documents_are_problems_within_bounds(tmp_path: Path, kind: str) -> None:
    source = layouts.write(some(3), Layout(), kind, tmp_path).read_bytes()
    random_ = random.Random(3)  # noqa: S311 - bytes, no secrets
    for number in range(6):
        broken = bytearray(source)
        for _ in range(40):
            broken[random_.randrange(len(broken))] = random_.randrange(256)
        path = tmp_path / f"broken{number}.{kind}"
        path.write_bytes(bytes(broken[: len(broken) - number * 50]))
        found = find_drafts(path)
        assert found.problems or found.drafts


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        archive.writestr("xl/sharedStrings.xml", bytes(400_000_000))
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(packed.getvalue())
    (problem,) = find_drafts(path).problems
    assert "unpacks to 400 MB" in problem.message


def test_what_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "garbage.txt"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    (problem,) = find_drafts(path).problems
    assert "has 100 MB; up to 50 are read" in problem.message


def test_a_table_of_a_million_rows_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "million.txt"
    row = "600941.SH\t移动\t6.48\t6.86\t17.13\t16.18\n"
    path.write_text(HEAD + "\n" + row * 1_000_000, encoding="utf-8")
    (problem,) = find_drafts(path).problems
    assert "more than 200,000 lines" in problem.message


def test_a_reader_that_does_not_end_is_ended(tmp_path: Path) -> None:
    path = layouts.write(some(3), Layout(), "xlsx", tmp_path)
    lines, (problem,) = read_document(path, timeout=0.01)
    assert ([], "bad_file") == (lines, problem.kind)
    assert "was not read within" in problem.message


def test_an_import_says_at_once_what_cannot_be_right(command: Command, tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_text(
        "代码,名称,EPS 2025E,EPS 2026E,PE 2025E,PE 2026E\n"
        "600941.SH,中国移动,6.86,7.25,-16.18,15.31\n",
        encoding="utf-8",
    )
    done = command("import", "report.csv", "--as-of", "2025-01-31")
    assert "the sign of" in done.stdout
    assert "error" in done.stdout


def test_the_command_lists_and_writes(command: Command, tmp_path: Path) -> None:
    path = layouts.write(some(5), Layout(), "tab", tmp_path)

    run = partial(command, "import", path, COLUMNS="80")
    listed = run("--list")
    assert (0, False) == (listed.returncode, (tmp_path / "watchlists").exists()), listed.stderr
    assert "high" in listed.stdout
    written = run()
    assert (0, True) == (written.returncode, (tmp_path / "watchlists/electronics.csv").exists())
    assert 3 == run().returncode
    assert 2 == run("--table", "9").returncode


@pytest.mark.parametrize("cut_off", [1, 2])
def test_an_import_that_is_cut_off_leaves_no_new_figures_under_an_old_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_off: int
) -> None:
    def imported(eps: str, day: date) -> None:
        text = f"代码,名称,EPS 2025E,EPS 2026E\n600941.SH,中国移动,{eps},7.25\n"
        (tmp_path / "report.csv").write_text(text, encoding="utf-8")
        found = find_drafts(tmp_path / "report.csv", as_of=day, sector="telecom")
        write_drafts(found.drafts, tmp_path / "lists", force=True)

    imported("6.86", date(2025, 1, 31))
    renames = iter(range(1, 9))
    rename = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if next(renames) == cut_off:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        imported("9.99", date(2026, 1, 30))
    monkeypatch.undo()
    figures = (tmp_path / "lists" / "telecom.csv").read_text(encoding="utf-8-sig")
    assert ("6.86" in figures) == (cut_off == 1)
    # Whichever figures stand there, their own day is said of them; whatever is written next into
    # that folder finishes what was begun.
    ((table,), _) = load_watchlists(tmp_path / "lists", (), on=date(2026, 2, 1))
    day = date(2025, 1, 31) if cut_off == 1 else date(2026, 1, 30)
    assert day == table.provenance.as_of
    replace_file(b"symbol\n600941.SH\n", tmp_path / "lists" / "mine.csv")
    names = ["mine.csv", "telecom.csv", "telecom.toml"]
    assert names == sorted(path.name for path in (tmp_path / "lists").iterdir())
    assert str(day) in (tmp_path / "lists" / "telecom.toml").read_text(encoding="utf-8")


def test_a_ruled_table_and_one_beside_it_that_is_not_are_told_apart(tmp_path: Path) -> None:
    """Two tables on one height: figures of the one are never those of the other."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    path = tmp_path / "two.pdf"
    canvas = Canvas(str(path), pagesize=landscape(A4))
    canvas.setFont("STSong-Light", 8)
    left = [["代码", "名称", "EPS25E", "EPS26E", "PE25E", "PE26E"],
            ["600941.SH", "中国移动", "6.86", "7.25", "16.2", "15.3"],
            ["300308.SZ", "中际旭创", "8.11", "10.02", "14.2", "11.5"]]  # fmt: skip
    # P/E first in the other one.
    right = [["代码", "名称", "PE25E", "PE26E", "EPS25E", "EPS26E"],
             ["688041.SH", "海光信息", "105.8", "78.0", "1.21", "1.64"],
             ["002938.SZ", "鹏鼎控股", "20.9", "18.3", "1.94", "2.21"]]  # fmt: skip
    for at, (table, start) in enumerate(((left, 40), (right, 440))):
        for line, row in enumerate(table):
            for column, text in enumerate(row):
                canvas.drawString(start + 60 * column + 4, 500 - 16 * line, text)
        if not at:
            for line in range(4):
                canvas.line(start, 511 - 16 * line, start + 360, 511 - 16 * line)
            for column in range(7):
                canvas.line(start + 60 * column, 511, start + 60 * column, 463)
    canvas.save()
    found = find_drafts(path, as_of=date(2025, 1, 31))
    read = {line.cells["symbol"]: line.cells for draft in found.drafts for line in draft.lines}
    wanted = {"600941.SH": ("6.86", "16.2"), "300308.SZ": ("8.11", "14.2"),
              "688041.SH": ("1.21", "105.8"), "002938.SZ": ("1.94", "20.9")}  # fmt: skip
    assert wanted == {
        symbol: (cells["eps_2025"], cells["pe_2025"]) for symbol, cells in read.items()
    }
