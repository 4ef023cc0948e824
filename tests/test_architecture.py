"""The shape of the program: a line of modules, each importing only from those before it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "screener"
LINE = (
    "chinese",
    "wording",
    "model",
    "config",
    "schema",
    "symbols",
    "calendars",
    "splits",
    "consensus",
    "vintages",
    "csvfile",
    "inputsheet",
    "metrics",
    "composite",
    "filters",
    "known",
    "documents.line",
    "documents.formats",
    "documents.child",
    "documents",
    "tables",
    "watchlist",
    "files",
    "importing",
    "providers.contract",
    "providers.report",
    "providers.pricefile",
    "providers.child",
    "providers.live_quote",
    "providers.yahoo",
    "providers.eastmoney",
    "providers.live",
    "providers.yahoo_facts",
    "providers.akshare_facts",
    "providers.facts",
    "providers",
    "audit",
    "store",
    "ladder",
    "diagnosis",
    "quotes",
    "fx",
    "actions",
    "estimates",
    "upkeep",
    "history",
    "inputs",
    "gathering",
    "valuation",
    "ranking",
    "aggregates",
    "screening",
    "runs",
    "changes",
    "comps",
    "document",
    "exports",
    "workbook.book",
    "workbook.labels",
    "workbook.inputs",
    "workbook.ranked",
    "workbook.charts",
    "workbook.texts",
    "workbook.overview",
    "workbook",
    "workbook.changes",
    "workbook.history",
    "terminal",
    "terminal.console",
    "terminal.result",
    "terminal.pages",
    "terminal.vintages",
    "terminal.lists",
    "commands",
    "commands.common",
    "commands.run",
    "commands.past",
    "commands.settings",
    "commands.looks",
    "commands.papers",
    "commands.estimates",
    "commands.tables",
    "cli",
    "__main__",
)
# A result offers these as methods; they read the result's frames, so they stand after it.
OUTPUTS = {("screening", "document"), ("screening", "exports"), ("screening", "workbook")}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "screener"


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


def imports(node: ast.AST) -> Iterator[str]:
    """The modules of the program that a tree imports, those for type checking left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            inner = (f"{child.module}.{alias.name}" for alias in child.names)
            yield from (
                name if name.removeprefix("screener.") in MODULES else child.module
                for name in inner
            )
        yield from imports(child)


def of_the_program(names: Iterator[str]) -> set[str]:
    inner = {name.removeprefix("screener.") for name in names if name.startswith("screener.")}
    return inner & set(MODULES)


def test_every_module_stands_in_the_line() -> None:
    assert {*LINE, "screener"} == set(MODULES)


@pytest.mark.parametrize("name", LINE)
def test_a_module_imports_only_from_those_before_it(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    allowed = set(LINE[: LINE.index(name)])
    later = {module for module in of_the_program(imports(tree)) if module not in allowed}
    assert {after for before, after in OUTPUTS if before == name} == later - {name}


def test_the_readme_names_every_module_of_the_line() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in LINE if f"`{name.partition('.')[0]}" not in readme]
    assert [] == missing
