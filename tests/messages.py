"""`make messages`: what the program says, extracted into the catalogue, and that compiled.

`python -m tests.messages` brings the catalogue up to date: new texts are added without Chinese,
those that nobody says any more are taken out. Translate what is empty, in an editor of catalogues
or by hand, and run it again: it compiles, and says what is left.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import cleandoc
from io import BytesIO
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from screener.commands.cli import cli
from screener.commands.menu import inner_commands
from screener.model import column_table
from screener.model.language import DOMAIN, LOCALES
from tests.conftest import ROOT

CATALOGUE = LOCALES / "zh" / "LC_MESSAGES" / f"{DOMAIN}.po"
COMPILED = CATALOGUE.with_suffix(".mo")
# What the sentences of the program are made with; what click says of its own.
OURS, CLICKS = {"say": None}, {"_": None, "ngettext": (1, 2), "gettext": None}


# Dates, names and versions of a header change with every run, or say nothing.
OF_NO_USE = (
    b'"POT-',
    b'"PO-',
    b'"Last-',
    b'"Report-',
    b'"Project-',
    b'"Language-Team',
    b'"Generated-',
)
HEADER = """\
# The Chinese of screener, by the English that the program says.
# `make messages` brings it up to date."""


def extracted() -> Catalog:
    """Every text that can be said, with the file that says it."""
    catalogue = Catalog(
        locale="zh", domain=DOMAIN, header_comment=HEADER, project=DOMAIN, charset="utf-8"
    )
    for place, text in (*_said(ROOT / "screener"), *_of_columns(), *_of_help(cli), *_of_click()):
        catalogue.add(text, locations=[(place, 0)])
    return catalogue


def _said(folder: Path) -> Iterator[tuple[str, str]]:
    for name, _, text, *_ in extract_from_dir(folder, keywords=OURS):
        if isinstance(text, str) and _outside_fields(text).strip():
            yield f"screener/{name}", text


def _outside_fields(template: str) -> str:
    from string import Formatter

    return "".join(text for text, *_ in Formatter().parse(template))


def _of_columns() -> Iterator[tuple[str, str]]:
    for text in column_table.texts():
        if _outside_fields(text).strip():
            yield "screener/model/columns.csv", text


def _of_help(command: click.Command) -> Iterator[tuple[str, str]]:
    place = "screener/commands"
    for text in (command.help, *(getattr(each, "help", None) for each in command.params)):
        if text:
            yield place, cleandoc(text)
    for inner in inner_commands(command).values():
        yield from _of_help(inner)


def _of_click() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    folder = Path(click.__file__).parent
    for name, _, text, *_ in extract_from_dir(folder, keywords=CLICKS):
        yield f"click/{name}", text


def catalogue() -> Catalog:
    """The catalogue as it is kept."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh", domain=DOMAIN)


def compiled(kept: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    # Without a day of its own it would have this minute's, and be another file each time.
    kept.creation_date = kept.revision_date = datetime(2026, 11, 25, tzinfo=UTC)
    buffer = BytesIO()
    write_mo(buffer, kept)
    return buffer.getvalue()


def save(kept: Catalog) -> None:
    """Write the catalogue, and what gettext reads of it: the same for the same, always."""
    buffer = BytesIO()
    write_po(buffer, kept, sort_output=True, width=100)
    lines = buffer.getvalue().splitlines(keepends=True)
    lines = [line for line in lines if not line.startswith(OF_NO_USE)]
    CATALOGUE.write_bytes(b"".join(lines))
    COMPILED.write_bytes(compiled(catalogue()))


def main() -> int:
    """Bring the catalogue up to date, and compile it; 1 where something has no Chinese yet."""
    kept, said = catalogue(), extracted()
    kept.update(said, no_fuzzy_matching=True)
    kept.obsolete.clear()
    kept.header_comment, kept.fuzzy = HEADER, False
    save(kept)
    empty = [message.id for message in kept if message.id and not message.string]
    for text in empty:
        print(f"no Chinese: {text!r}")  # noqa: T201
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main())
