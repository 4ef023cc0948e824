"""The shape of the program: layers of packages, each importing only from those below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "screener"
# Top to bottom. Packages of one layer know nothing of each other.
LAYERS = (
    {"__main__"},
    {"commands"},
    {"output"},
    {"screening", "panels"},
    {"market_data"},
    {"sources", "importing", "audit"},
    {"store", "watchlists", "consensus", "valuation", "config"},
    {"files"},
    {"model"},
)
LONGEST_FILE, MIDDLE_FILE = 300, 130


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "screener"


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


def layer_of(module: str) -> int:
    """The layer a module's package stands in, counted from the top."""
    (found,) = (at for at, names in enumerate(LAYERS) if module.partition(".")[0] in names)
    return found


def imports(node: ast.AST) -> Iterator[str]:
    """The modules of the program that a tree imports, those for type checking too."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            inner = (f"{child.module}.{alias.name}" for alias in child.names)
            yield from (
                name if name.removeprefix("screener.") in MODULES else child.module
                for name in inner
            )


def of_the_program(path: Path) -> set[str]:
    names = imports(ast.parse(path.read_text(encoding="utf-8")))
    return {name.removeprefix("screener.") for name in names if name.startswith("screener.")}


IMPORTS = {name: of_the_program(path) & set(MODULES) for name, path in MODULES.items()}


@pytest.mark.parametrize("name", sorted(MODULES.keys() - {"screener"}))
def test_a_package_imports_only_from_those_below_it(name: str) -> None:
    package, layer = name.partition(".")[0], layer_of(name)
    above = {
        each
        for each in IMPORTS[name]
        if each.partition(".")[0] != package and layer_of(each) <= layer
    }
    assert set() == above


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {name: set(found) - {name} for name, found in IMPORTS.items() if name != "screener"}
    while left:
        free = {name for name, found in left.items() if not found & left.keys()}
        assert free, f"a circle among {sorted(left)}"
        left = {name: found for name, found in left.items() if name not in free}


def test_a_file_can_be_read_in_one_go() -> None:
    lengths = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()
    }
    assert {} == {name: length for name, length in lengths.items() if length > LONGEST_FILE}
    assert median(lengths.values()) <= MIDDLE_FILE


def test_the_page_on_architecture_draws_every_layer() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawing = page.partition("## The layers")[2].partition("```text\n")[2].partition("```")[0]
    lines = [set(line.split()) for line in drawing.splitlines()]
    assert [*LAYERS] == [names for names in lines if names and "│" not in names]
    missing = [name for layer in LAYERS for name in layer if f"**`{name}`**" not in page]
    assert [] == missing
