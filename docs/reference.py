"""The pages that repeat what stands elsewhere: every command with its options, every column with
its meaning, the licence of every library, and how long each path takes.

`python -m docs.reference` writes them, `--check` says which of them are no longer true.
"""

from __future__ import annotations

import argparse
import configparser
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import metadata
from pathlib import Path
from typing import TypeVar

import click

from screener.commands.cli import cli
from screener.commands.menu import inner_commands
from screener.model.columns import Column
from screener.model.input_columns import input_columns
from screener.valuation.aggregates import AGGREGATE_COLUMNS
from screener.valuation.metrics import catalogue
from screener.valuation.ranking import RANK_COLUMNS

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
WRITTEN = "This page is written by `python -m docs.reference`; a test holds it to the code."

# Not installed everywhere: tzdata is for Windows.
OF_SOME_SYSTEMS = {"tzdata": "Apache Software License"}

AnyColumn = TypeVar("AnyColumn", bound=Column)

# A column a fiscal year is shown once: those of the later of two years, called N.
BASE, YEAR = 2001, 2002


def pages() -> Mapping[str, str]:
    """The content of every page by the name of its file."""
    return {
        "commands.md": _commands_page(),
        "metrics.md": _metrics_page(),
        "licences.md": _licences_page(),
        "speed.md": _speed_page(),
    }


def commands(
    command: click.Command, path: tuple[str, ...] = ("screener",)
) -> Iterator[tuple[str, click.Command]]:
    """A command and all below it, by the words that call them."""
    yield " ".join(path), command
    for name, inner in inner_commands(command).items():
        yield from commands(inner, (*path, name))


def _commands_page() -> str:
    parts = ["# Commands and options", WRITTEN]
    for words, command in commands(cli):
        parts += _command(words, command)
    return "\n\n".join(parts) + "\n"


def _command(words: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=words)
    usage = " ".join((words, *command.collect_usage_pieces(context)))
    yield f"## {words}"
    yield f"```text\n{usage}\n```"
    yield inspect.cleandoc(command.help or "")
    options = [each for each in command.params if isinstance(each, click.Option)]
    if options:
        rows = [_option(each, context) for each in options]
        yield _table(("option", "meaning", "default"), rows)


def _option(option: click.Option, context: click.Context) -> tuple[str, str, str]:
    takes_value = not option.is_flag and not option.count
    value = f" {option.make_metavar(context)}" if takes_value else ""
    # A default that depends on the day is told in the help itself.
    meaning, _, told = (option.help or "").partition("[default: ")
    default = option.get_help_extra(context).get("default", told.rstrip("]"))
    names = ", ".join(option.opts)
    return _code(f"{names}{value}"), meaning.strip(), default.strip("()")


def _metrics_page() -> str:
    metrics = _once_a_year(catalogue([BASE, YEAR]).values())
    named = {each.name for each in metrics}
    inputs = [each for each in _once_a_year(input_columns([BASE, YEAR])) if each.name not in named]
    parts = [
        "# Metrics and columns",
        WRITTEN,
        "N is any fiscal year of the watchlist. Figures are in the currency of the EPS where"
        " nothing else is said. [Definitions](../definitions.md) tells how they hang together.",
        "## Metrics",
        _table(
            ("name", "heading", "unit", "meaning", "formula"),
            [(*_cells(each), _with_n(each.formula)) for each in metrics],
        ),
        "## Ranks",
        _columns_table(RANK_COLUMNS),
        "## Inputs",
        _columns_table(inputs),
        "## Statistics of a sector",
        _columns_table(AGGREGATE_COLUMNS),
    ]
    return "\n\n".join(parts) + "\n"


def _licences_page() -> str:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    wanted = settings["options"]["install_requires"].split("\n")
    names = sorted(re.split("[^A-Za-z0-9_-]", line)[0] for line in wanted if line)
    rows = [(_code(name), _licence(name)) for name in names if name not in OF_SOME_SYSTEMS]
    rows += [(_code(name), licence) for name, licence in OF_SOME_SYSTEMS.items()]
    parts = [
        "# Licences",
        WRITTEN,
        "The libraries that the program runs with, as their packages say.",
        _table(("library", "licence"), sorted(rows)),
    ]
    return "\n\n".join(parts) + "\n"


def _licence(name: str) -> str:
    """What a package says of its licence: an expression, a classifier, or a word."""
    said = metadata(name)
    classified = [
        each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or [] if "License" in each
    ]
    expression = said.get_all("License-Expression") or classified or [said["License"]]
    return ", ".join(expression)


def _speed_page() -> str:
    measured = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    rows = [
        (
            line["path"],
            f"{line['takes']:.4g} {line['unit']}",
            f"{line['ratio']:.2f} × {line['anchor']}" if line["ratio"] else "",
            line["more"],
        )
        for line in measured["lines"]
    ]
    parts = [
        "# Measured",
        "This page is written by `python -m docs.reference` from what `make bench` has measured;"
        " [How long it takes](../speed.md) tells how.",
        f"On {measured['day']}, {measured['machine']}, the median of {measured['runs']} runs; whole"
        " processes. Vendors, where there are any, answer after 200 ms.",
        _table(("path", "takes", "beside its anchor", "and"), rows),
    ]
    return "\n\n".join(parts) + "\n"


def _once_a_year(columns: Iterable[AnyColumn]) -> list[AnyColumn]:
    return [each for each in columns if not each.name.endswith(str(BASE))]


def _columns_table(columns: Sequence[Column]) -> str:
    return _table(("name", "heading", "unit", "meaning"), [_cells(each) for each in columns])


def _cells(column: Column) -> tuple[str, str, str, str]:
    texts = (column.label("en"), column.unit, column.meaning)
    label, unit, meaning = (_with_n(each) for each in texts)
    return _code(_with_n(column.name)), label, unit, meaning


def _with_n(text: str) -> str:
    """The text of a column of `YEAR`, said of any year."""
    text = re.sub(rf"([FC]Y)(?={YEAR}|{BASE})", r"\1 ", str(text))
    return text.replace(str(YEAR), "N").replace(str(BASE), "N−1")


def _code(text: str) -> str:
    return f"`{text}`"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def stale() -> list[Path]:
    """The pages that say something else than the code."""
    return [
        FOLDER / name
        for name, content in pages().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != content
    ]


def main() -> int:
    """Write the pages, or with `--check` say which are stale; the exit code is 1 then."""
    parser = argparse.ArgumentParser(prog="python -m docs.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    if parser.parse_args().check:
        found = stale()
        for path in found:
            sys.stderr.write(f"{path} is stale: python -m docs.reference writes it\n")
        return bool(found)
    FOLDER.mkdir(exist_ok=True)
    for name, content in pages().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
