"""What CONTRIBUTING says of adding things is done as it says, and a user sees what was added."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests import office
from tests.conftest import reads_past_extensions
from tests.recipes import Block, Copy, RecipeError, changed, recipes

pytestmark = reads_past_extensions

RUN = "screener run telecom media --prices report"
# What an unfinished change turns red, as far as it is quick.
CHECKS = (
    "python -m ruff check --output-format concise .",
    "python -m ruff format --check .",
    "python -m tests.messages",
    "python -m docs.reference --check",
    "pytest -q tests/test_architecture.py tests/test_docs.py tests/test_wording.py"
    " -k 'below_it or circle or definitions or its_chinese'",
)

Follow = Callable[[str], Copy]


@pytest.fixture
def follow(tmp_path: Path) -> Follow:
    """Follow a recipe in a copy of the tree, which then passes the checks."""

    def followed(name: str) -> Copy:
        copy = Copy(tmp_path / "tree")
        copy.follow(recipes()[name])
        for check in CHECKS:
            copy.shell(check)
        return copy

    return followed


def rows(copy: Copy, options: str = "") -> list[dict[str, Any]]:
    """The rows of a run, which writes `book.xlsx` beside them."""
    return list(json.loads(copy.shell(f"{RUN} -o book.xlsx --json -q {options}"))["rows"])


def book(copy: Copy) -> Workbook:
    return load_workbook(copy.folder / "book.xlsx", data_only=True)


def cells_below(sheet: Worksheet, head: str) -> dict[str, str]:
    """Of each symbol of a sheet the place of its cell in the column with that head."""
    heads = {cell.value: cell.column for cell in sheet[4]}
    symbols = [row[heads["Symbol"] - 1] for row in sheet.iter_rows(min_row=5)]
    return {
        cell.value: sheet.cell(cell.row, heads[head]).coordinate
        for cell in symbols
        if cell.value is not None
    }


def test_a_metric_ranks_and_is_the_same_figure_in_the_workbook(
    follow: Follow, tmp_path: Path
) -> None:
    copy = follow("A metric")
    assert "yield_plus_growth" in copy.shell("screener metrics --lang en")
    found = {
        row["symbol"]: row
        for row in rows(copy, "--by yield_plus_growth --lang en")
        if row["sector"] == "telecom"
    }
    expected = {
        symbol: row["earnings_yield_fy1"] + row["eps_cagr"] for symbol, row in found.items()
    }
    assert expected == {symbol: row["yield_plus_growth"] for symbol, row in found.items()}
    assert sorted(expected, key=expected.__getitem__, reverse=True) == list(found)

    sheet, path = book(copy)["Telecom"], copy.folder / "book.xlsx"
    places = cells_below(sheet, "Yield plus growth")
    assert expected == {symbol: sheet[place].value for symbol, place in places.items()}
    formulas = office.formulas(path)
    assert all("ISNUMBER" in formulas["Telecom", place] for place in places.values())
    if office.PROGRAM is not None:
        forgetful = office.forgetful(path, tmp_path / "forgetful.xlsx")
        (again,) = office.recalculated([forgetful], tmp_path)
        only = [("Telecom", place) for place in places.values()]
        assert [] == office.differences(office.values(path), office.values(again), only)


def test_a_column_of_the_inputs_stands_in_csv_and_json(follow: Follow) -> None:
    copy = follow("A column of the inputs")
    assert "表的发布机构" in copy.shell("screener metrics --columns --lang zh")
    assert {"中国银河证券"} == {row["publisher"] for row in rows(copy)}
    lines = copy.shell(f"{RUN} --format csv -o - -q").splitlines()
    assert {"中国银河证券"} == {row["publisher"] for row in csv.DictReader(lines)}


def test_a_sheet_is_in_the_workbook_in_both_languages(follow: Follow) -> None:
    copy = follow("A sheet of the workbook")
    found = {}
    for lang, name in (("en", "Reports"), ("zh", "报告")):
        rows(copy, f"--lang {lang}")
        _, _, _, *lines = book(copy)[name].iter_rows(values_only=True)
        found[lang] = lines
    report = ("中国银河证券", "DeepSeek：技术颠覆 or 创新共赢")
    assert {
        "en": [("Sector", "Publisher", "Title"), ("Telecom", *report), ("Media", *report)],
        "zh": [("行业", "机构", "标题"), ("通信", *report), ("传媒", *report)],
    } == found


def test_an_export_format_is_printed_and_written_anew(follow: Follow) -> None:
    copy = follow("An export format")
    lines = copy.shell(f"{RUN} --format tsv -o - -q").splitlines()
    printed = [row["symbol"] for row in csv.DictReader(lines, delimiter="\t")]
    assert [row["symbol"] for row in rows(copy)] == printed
    written = [copy.shell(f"{RUN} --format tsv -q") for _ in range(2)]
    assert ["exports/screen-2025-01-31-telecom-media.tsv\n"] * 2 == written
    assert "|tsv" in copy.shell("screener run --help")


def test_a_live_source_is_asked_through_its_child(follow: Follow) -> None:
    # That it prices what the others leave open, over TLS on loopback, is the recipe's own test.
    copy = follow("A live source")
    ran = copy.shell("pytest -v tests/test_live.py -k 'tencent or doctor' --collect-only")
    assert "test_what_the_others_leave_open_is_asked_of_tencent" in ran


def test_a_sector_is_ranked_and_audited(follow: Follow) -> None:
    copy = follow("A sector")
    found = json.loads(copy.shell("screener run banks --prices report --json -q"))["rows"]
    assert [("601398.SH", 1), ("600036.SH", 2)] == [(row["symbol"], row["rank"]) for row in found]
    clean = json.loads(copy.shell("screener audit banks --json"))["findings"]
    assert {"unknown_code"} == {each["kind"] for each in clean}  # nobody here knows banks
    path = copy.folder / "watchlists" / "banks.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",6.97,", ",9.67,"), encoding="utf-8")
    findings = json.loads(copy.shell("screener audit banks --json", fails=True))["findings"]
    wrong = [each for each in findings if each["severity"] != "note"]
    assert {("600036.SH", 2025)} == {(each["symbol"], each["fiscal_year"]) for each in wrong}


def test_a_message_is_said_in_both_languages(follow: Follow) -> None:
    copy = follow("A message")
    zh, en = (
        copy.shell(f"screener metrics --lang {lang}").splitlines()[-1] for lang in ("zh", "en")
    )
    count = int(en.removesuffix(" metrics"))
    assert f"{count} 个指标" == zh


# --- a recipe that cannot be carried out --------------------------------------------------------


def test_every_recipe_is_carried_out_here() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert recipes()
    assert [] == [name for name in recipes() if f'follow("{name}")' not in here]


@pytest.mark.parametrize("lines", [["a", "b"], ["a", "c", "b", "c"]])
def test_a_place_that_is_not_there_once_is_named(lines: list[str]) -> None:
    with pytest.raises(RecipeError, match=r"f\.py has [02] places, not one, that read\nc"):
        changed(lines, [" c", "+d"], "f.py")


def test_a_piece_of_a_diff_changes_its_one_place_and_keeps_the_rest_of_a_line() -> None:
    lines = ["a", "b: 1", "c", "a"]
    hunk = [" a", "-b: …", "+b, d: …", " c"]
    assert ["a", "b, d: 1", "c", "a"] == changed(lines, hunk, "f.py")


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (Block("python", "setup.py", False, ""), "setup.py is there"),
        (Block("python", "no.py", True, ""), "no.py is not there"),
        (Block("diff", "setup.py", False, " no such line\n+x\n"), "setup.py has 0 places"),
        (Block("console", "", False, "$ echo yes\nno\n"), "echo yes\ndoes not print 'no'"),
        (Block("console", "", False, "$ exit 3\n"), "exit 3\nends with 3"),
    ],
    ids=lambda value: value.kind if isinstance(value, Block) else "",
)
def test_a_step_that_cannot_be_done_says_which(tmp_path: Path, block: Block, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Copy(tmp_path / "tree").follow([block])
