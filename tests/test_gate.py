"""What may stand in a workbook at all: read off the XML, for several languages and inputs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import formulon
import pytest
from openxml_audit import OpenXmlValidator

import screener
from screener import write
from tests import office
from tests.conftest import NOW, WATCHLISTS, reads_past_extensions, screen
from tests.test_alive import random_watchlists

# What Excel 2016, LibreOffice 7.4 and WPS all know, and what is not computed anew at every touch.
FUNCTIONS = frozenset(
    [
        "ABS",
        "AND",
        "AVERAGE",
        "COUNT",
        "COUNTA",
        "COUNTBLANK",
        "COUNTIF",
        "COUNTIFS",
        "DATE",
        "DAY",
        "HARMEAN",
        "IF",
        "INDEX",
        "INT",
        "ISERROR",
        "ISNUMBER",
        "MATCH",
        "MAX",
        "MEDIAN",
        "MIN",
        "N",
        "NA",
        "OR",
        "QUARTILE",
        "ROUND",
        "RANK",
        "ROW",
        "ROWS",
        "SIGN",
        "SUM",
        "SUMIF",
        "SUMPRODUCT",
        "YEAR",
        "ISTEXT",
    ]
)
VOLATILE_OR_DANGEROUS = frozenset(
    [
        "NOW",
        "TODAY",
        "RAND",
        "RANDBETWEEN",
        "OFFSET",
        "INDIRECT",
        "CELL",
        "INFO",
        "HYPERLINK",
        "WEBSERVICE",
        "CALL",
        "REGISTER.ID",
        "EXEC",
        "DDE",
        "RTD",
        "FILTERXML",
    ]
)
# Signs, quartiles, the sum of the first n numbers: no threshold, no unit.
CONSTANTS = frozenset(("0", "1", "2", "3"))


def faults(path: Path) -> list[str]:
    """Everything in a workbook that should not be there."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for item in archive.namelist():
            content = archive.read(item)
            if item.endswith((".xml", ".rels", ".vml")):
                ElementTree.fromstring(content)
            if "externalLink" in item or b'TargetMode="External"' in content:
                found.append(f"{item} points outside")
        names = list(office.sheets(archive))
        found += [f"sheet {name!r}" for name in names if not legal_sheet_name(name)]
        if len({name.lower() for name in names}) != len(names):
            found.append("two sheets of one name")
    kept = office.raw_values(path)
    for place, formula in office.formulas(path).items():
        found += [f"{place} {fault}" for fault in formula_faults(formula, kept[place])]
    return found


def legal_sheet_name(name: str) -> bool:
    return 0 < len(name) <= 31 and not set("[]:*?/\\") & set(name) and name[0] != "'" != name[-1]


def formula_faults(formula: str, value: str) -> list[str]:
    """What is wrong with one formula and the value that is kept beside it."""
    bare = re.sub(r"'[^']*'!|\"[^\"]*\"|\[[^\]]*\]", "", formula)
    functions = set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare))
    numbers = re.findall(r"(?<![A-Za-z0-9$_.])\d+(?:\.\d+)?(?![A-Za-z0-9_])", bare)
    checks = {
        f"uses {functions - FUNCTIONS}": functions - FUNCTIONS,
        "is volatile or dangerous": functions & VOLATILE_OR_DANGEROUS,
        "needs a newer Excel": "_xl" in formula or "@" in bare or "#This" in formula,
        "refers to a whole column or row": re.search(r"\$?[A-Z]+:\$?[A-Z]+(?![0-9A-Z(])", bare),
        f"has the constants {set(numbers) - CONSTANTS}": set(numbers) - CONSTANTS,
        "keeps NaN or infinity": value.lower() in ("nan", "inf", "-inf"),
        "refers to another file": "[" in formula and "tblInputs[" not in formula,
    }
    return [fault for fault, is_so in checks.items() if is_so]


@pytest.mark.parametrize(
    "by", ["pe_fy1", "eps_cagr", "peg", "market_cap", "pe_vs_sector", "0.5 pe_fy1 + 0.5 peg"]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_reports_workbook_holds_nothing_it_should_not(
    tmp_path: Path, by: str, lang: str
) -> None:
    result = screen(watchlists=WATCHLISTS, now=NOW, by=by)
    assert [] == faults(write(result, tmp_path / "screen.xlsx", lang))


def test_every_formula_keeps_a_value(tmp_path: Path, report_result: screener.Result) -> None:
    path = write(report_result, tmp_path / "screen.xlsx", "en")
    kept = office.raw_values(path)
    # Only ranks of names without one, and texts that are not there, are empty.
    empty = {formula for place, formula in office.formulas(path).items() if not kept[place]}
    assert all(formula.endswith('"")') or formula.startswith("'") for formula in empty)
    assert len(kept) > 4000


def test_a_workbook_of_random_names_holds_nothing_it_should_not(tmp_path: Path) -> None:
    prices = random_watchlists(tmp_path / "lists", 60, seed=1)
    result = screener.screen(watchlists=tmp_path / "lists", prices=prices, now=NOW)
    assert [] == faults(write(result, tmp_path / "screen.xlsx", "zh"))


def test_a_workbook_of_nothing_is_still_a_workbook(
    screen_rows: Callable[..., screener.Result], tmp_path: Path
) -> None:
    assert [] == faults(write(screen_rows("x,y"), tmp_path / "empty.xlsx"))


def test_hostile_labels_stay_in_their_quotes(tmp_path: Path) -> None:
    from tests.conftest import write_watchlist

    row = "600941.SH,A,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
    for number, label in enumerate(("=1+1", "it's", "XLOOKUP(a", "a!b", "{x}", "$A$1", "<&>")):
        toml = f'as_of = 2025-01-31\nlabel_en = "{label}"'
        write_watchlist(tmp_path / "lists", row, name=f"l{number}", toml=toml)
    result = screen(watchlists=tmp_path / "lists", now=NOW)
    assert [] == faults(write(result, tmp_path / "screen.xlsx", "en"))


@pytest.mark.parametrize(
    ("formula", "value", "fault"),
    [
        ("NOW()", "1", "volatile"),
        ("_xlfn.XLOOKUP(A1,B1,C1)", "1", "newer Excel"),
        ("SUM(A:A)", "1", "whole column"),
        ("A1*1.13", "1", "constants"),
        ("A1+B1", "nan", "NaN"),
        ("[1]Sheet1!A1", "1", "another file"),
    ],
)
def test_the_gate_is_shut_for_what_it_should_stop(formula: str, value: str, fault: str) -> None:
    assert any(fault in found for found in formula_faults(formula, value))


# Excel writes the attribute itself, as [MS-ODRAWXML] has it; the validator's schema lacks it.
KNOWN_TO_EXCEL = "/dataDisplayOptions16[1]/dispNaAsBlank[1]: The 'val' attribute is not declared."


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_is_as_open_xml_wants_it(
    tmp_path: Path, report_result: screener.Result, lang: str
) -> None:
    path = write(report_result, tmp_path / "screen.xlsx", lang)
    errors = [str(error) for error in OpenXmlValidator().validate(str(path)).errors]
    assert [] == [error for error in errors if KNOWN_TO_EXCEL not in error]


@reads_past_extensions
@pytest.mark.parametrize("by", ["pe_fy1", "0.5 pe_fy1 + 0.5 peg"])
def test_a_second_engine_computes_every_formula_alike_from_nothing(tmp_path: Path, by: str) -> None:
    result = screen(watchlists=WATCHLISTS, now=NOW, by=by)
    path = write(result, tmp_path / "screen.xlsx", "en")
    cells = [*office.formulas(path)]
    assert len(cells) > 5_000
    book = formulon.Workbook.load(office.forgetful(path, tmp_path / "forgotten.xlsx").read_bytes())
    book.recalc()
    anew = tmp_path / "anew.xlsx"
    anew.write_bytes(book.save())
    assert [] == office.differences(office.values(path), office.values(anew), cells)
