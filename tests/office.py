"""LibreOffice as a second opinion: it recalculates workbooks, and prints them.

Nothing here computes a figure: what a formula comes to is LibreOffice's own word.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

PROGRAM = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(
    PROGRAM is None, reason="LibreOffice is not installed: `make office` installs it"
)

# What a cell is overwritten with, so that a value that is right was computed anew.
SENTINEL = 987654.321
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
 oor:op="fuse"><value>{recalculates}</value></prop></item>
</oor:items>
"""

# When LibreOffice computes a workbook that it opens.
_ALWAYS, _NEVER = 0, 1

Cells = dict[tuple[str, str], Any]


def convert(paths: Sequence[Path], kind: str, folder: Path, *, computed: bool = True) -> list[Path]:
    """The files as LibreOffice saves them, each computed anew first, in a profile of its own."""
    assert PROGRAM is not None
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        _PROFILE.format(recalculates=_ALWAYS if computed else _NEVER), encoding="utf-8"
    )
    out = folder / kind.partition(":")[0]
    command = [
        PROGRAM,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        kind,
        "--outdir",
        str(out),
        *map(str, paths),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [out / path.with_suffix(f".{kind.partition(':')[0]}").name for path in paths]


def recalculated(paths: Sequence[Path], folder: Path, *, computed: bool = True) -> list[Path]:
    """The workbooks with every formula computed anew; else as they are, opened and saved."""
    return convert(paths, "xlsx:Calc MS Excel 2007 XML", folder, computed=computed)


def sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet by the sheet's name."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    key = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    return {
        str(sheet.get("name")): "xl/" + targets[sheet.get(key)].removeprefix("/xl/")
        for sheet in book.iter(f"{{{_MAIN}}}sheet")
    }


def formulas(path: Path) -> dict[tuple[str, str], str]:
    """Every formula of a workbook by sheet and cell, as it stands in the file."""
    return _texts_of_formula_cells(path, "f")


def raw_values(path: Path) -> dict[tuple[str, str], str]:
    """The value of every formula as the file has it, before any program makes a date of it."""
    return _texts_of_formula_cells(path, "v")


def _texts_of_formula_cells(path: Path, tag: str) -> dict[tuple[str, str], str]:
    """What stands under a tag in every cell that has a formula, by sheet and cell."""
    with zipfile.ZipFile(path) as archive:
        return {
            (name, str(cell.get("r"))): cell.findtext(f"{{{_MAIN}}}{tag}") or ""
            for name, part in sheets(archive).items()
            for cell in _formula_cells(archive.read(part))
        }


def _formula_cells(xml: bytes) -> Iterator[ElementTree.Element]:
    for cell in ElementTree.fromstring(xml).iter(f"{{{_MAIN}}}c"):
        if cell.find(f"{{{_MAIN}}}f") is not None:
            yield cell


def values(path: Path) -> Cells:
    """Every value of a workbook by sheet and cell, that of a formula as it is kept in the file."""
    book = load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): "" if cell.value is None else cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
    }


def forgetful(path: Path, target: Path) -> Path:
    """The workbook with the kept value of every formula overwritten by the sentinel."""
    text = re.compile(
        rb"(<c r=\"[A-Z]+\d+\"[^>]*?)( t=\"[a-z]+\")?(>\s*<f>.*?</f>)<v>.*?</v>", re.S
    )
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(target, "w") as forgotten:
        for item in archive.infolist():
            content = archive.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                content = text.sub(rb"\1\3<v>%s</v>" % str(SENTINEL).encode(), content)
            forgotten.writestr(item, content)
    return target


def replace_in_sheets(path: Path, old: bytes, new: bytes) -> None:
    """Replace a text in every sheet of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {item.filename: archive.read(item) for item in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            is_sheet = name.startswith("xl/worksheets/sheet")
            archive.writestr(name, content.replace(old, new) if is_sheet else content)


def differences(expected: Cells, found: Cells, only: Sequence[tuple[str, str]]) -> list[str]:
    """Where two workbooks disagree in these cells, beyond 1e-9 of the value."""
    return [
        f"{sheet}!{cell}: {expected[sheet, cell]!r} is {found.get((sheet, cell))!r}"
        for sheet, cell in only
        if not _same(expected[sheet, cell], found.get((sheet, cell), ""))
    ]


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return abs(expected - found) <= 1e-9 * max(1.0, abs(expected))
    return bool(expected == found)


@dataclass(frozen=True, slots=True)
class Crop:
    """A piece of a printed page, in millimetres from its upper left corner; pages count from 1."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


def picture(pdf: Path, crop: Crop, target: Path, resolution: int) -> None:
    """Draw a piece of a PDF as PNG, at so many dots an inch."""
    left, top, right, bottom = (
        round(edge / 25.4 * resolution) for edge in (crop.left, crop.top, crop.right, crop.bottom)
    )
    command = ["pdftoppm", "-png", "-singlefile", "-r", str(resolution)]
    command += ["-f", str(crop.page), "-l", str(crop.page)]
    command += ["-x", str(left), "-y", str(top), "-W", str(right - left), "-H", str(bottom - top)]
    command += [str(pdf), str(target.with_suffix(""))]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
