"""The documents: they say what the code says, in both languages, and every link leads somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from docs import reference
from screener.commands.cli import cli
from screener.valuation.metrics import catalogue
from tests.conftest import ROOT

DOCS = ROOT / "docs"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
# Those that people write: the reference repeats the code, and would mention everything.
PAGES = sorted(DOCS.glob("*.md"))
LINKING = [*READMES, ROOT / "CONTRIBUTING.md", *PAGES, *sorted(DOCS.glob("reference/*.md"))]

LONGEST_README = 150

needs_sphinx = pytest.mark.skipif(
    not all(find_spec(name) for name in ("sphinx", "myst_parser", "furo")),
    reason="Sphinx is not installed: pip install -e '.[docs]' installs it",
)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def relative_links(text: str) -> list[str]:
    """Where the links and pictures of a page lead, without what is elsewhere on the web."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [each for each in targets if not re.match(r"[a-z]+:|#", each)]


# --- the pages that repeat the code ----------------------------------------------------------


def test_the_reference_says_what_the_code_says() -> None:
    written = {path.name: text_of(path) for path in reference.FOLDER.glob("*.md")}
    assert reference.pages() == written


def test_a_page_that_is_stale_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    for name, content in reference.pages().items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert [] == reference.stale()
    (tmp_path / "metrics.md").write_text("# Metrics\n", encoding="utf-8")
    (tmp_path / "commands.md").unlink()
    assert [tmp_path / "commands.md", tmp_path / "metrics.md"] == reference.stale()


def test_the_reference_has_every_command_and_option() -> None:
    page = reference.pages()["commands.md"]
    assert "## screener consensus update" in page
    for words, command in reference.commands(cli):
        section = page.partition(f"## {words}\n")[2].partition("\n## ")[0]
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert f"`{', '.join(parameter.opts)}" in section, (words, parameter.name)


def test_the_reference_has_every_metric_with_its_formula() -> None:
    page = reference.pages()["metrics.md"]
    metrics = catalogue([2025])
    assert "peg" in metrics
    for name, metric in metrics.items():
        lines = [line for line in page.splitlines() if f"| `{any_year(name)}` |" in line]
        assert len(lines) == 1, name
        if "2025" not in metric.formula:
            assert f"| {metric.meaning} | {metric.formula} |" in lines[0]


# --- the pages that people write -------------------------------------------------------------


def any_year(name: str) -> str:
    return re.sub(r"\d{4}$", "N", name)


def test_every_command_is_mentioned() -> None:
    prose = "".join(text_of(path) for path in PAGES)
    words = [
        words for words, command in reference.commands(cli) if not isinstance(command, click.Group)
    ]
    assert "screener watchlist check" in words
    assert [] == [each for each in words if each not in prose]


def test_the_definitions_have_every_metric_and_which_end_ranks_first() -> None:
    text = text_of(DOCS / "definitions.md").partition("ranks first |")[2].partition("\n\n")[0]
    rows = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("| `")]
    ends = {"lowest": "low", "highest": "high"}
    said = {
        name: ends.get(row[2].strip() if len(row) > 2 else "")
        for row in rows
        for name in re.findall(r"`([a-z0-9_N]+)`", row[0])
    }
    metrics = catalogue([2024, 2025])
    assert {any_year(name): each.best for name, each in metrics.items()} == said


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_a_readme_is_short_and_leads_to_the_other(path: Path) -> None:
    text = text_of(path)
    assert len(text.splitlines()) <= LONGEST_README
    (other,) = set(READMES) - {path}
    assert f"]({other.name})" in "".join(text.splitlines(keepends=True)[:5])


def test_the_readmes_say_the_same_in_two_languages() -> None:
    english, chinese = (text_of(path) for path in READMES)
    blocks = re.findall(r"```[a-z]*\n.*?```", english, re.DOTALL)
    assert len([block for block in blocks if block.startswith("```sh")]) >= 5
    assert blocks == re.findall(r"```[a-z]*\n.*?```", chinese, re.DOTALL)
    assert marks(english) == marks(chinese)
    assert pages_linked(english) == pages_linked(chinese)


def marks(text: str) -> list[str]:
    """What the lines begin with: the headings and points of a page, in their order."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return re.findall(r"(?m)^(?:#+|-) ", prose)


def pages_linked(text: str) -> list[str]:
    return sorted(
        {each for each in relative_links(text) if each.startswith("docs/") and ".md" in each}
    )


# --- links -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LINKING, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(path: Path) -> None:
    links = [each.partition("#")[0] for each in relative_links(text_of(path))]
    assert [] == [each for each in links if not (path.parent / each).is_file()]


def test_links_are_found() -> None:
    text = "[a](a.md) ![b](b/c.png) [d](d.md#e) [f](https://f.org) [g](#h)\n```\n[i](i.md)\n```"
    assert ["a.md", "b/c.png", "d.md#e"] == relative_links(text)


# --- the site --------------------------------------------------------------------------------


def build(docs: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Run what `make docs` runs, on these documents."""
    (line,) = re.findall(r"\$\(BIN\)/sphinx-build (.*)", text_of(ROOT / "Makefile"))
    places: Mapping[str, str] = {"docs": str(docs), "build/docs": str(site)}
    arguments = [places.get(word, word) for word in shlex.split(line)]
    assert {str(docs), str(site), "-W", "-n"} <= set(arguments)
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *arguments],
        cwd=docs.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@needs_sphinx
def test_the_site_is_built_and_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    shutil.copytree(DOCS, docs)
    shutil.copy(ROOT / "CONTRIBUTING.md", tmp_path)
    done = build(docs, tmp_path / "site")
    assert (0, "") == (done.returncode, done.stderr)
    assert "pe_ntm" in text_of(tmp_path / "site" / "reference" / "metrics.html")

    for link in ("[x](nowhere.md)", "[x](commands.md#nowhere)", "![x](pictures/nowhere.png)"):
        index = text_of(DOCS / "index.md")
        (docs / "index.md").write_text(f"{index}\n{link}\n", encoding="utf-8")
        done = build(docs, tmp_path / "broken")
        assert done.returncode != 0
        assert "nowhere" in done.stderr


def test_every_promise_names_tests_that_are_there() -> None:
    named = re.findall(r"`(test_\w+\.py)::(\w+)`", text_of(DOCS / "promises.md"))
    assert named
    missing = [
        f"{file}::{name}"
        for file, name in named
        if f"def {name}(" not in text_of(ROOT / "tests" / file)
    ]
    assert [] == missing
