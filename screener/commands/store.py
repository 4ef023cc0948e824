"""`screener store`: look all through what is stored, copy it, drop what is old."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.commands.common import ERRORS, FINE, LANG, NOTHING_WRITTEN, moment, report, today
from screener.model.messages import say

if TYPE_CHECKING:
    from screener.model.table import ShownTable

# Above this, the days before are earlier than any calendar.
_MOST_DAYS = 36_500


@click.group("store")
def store_group() -> None:
    """Check, back up and prune the file that prices, estimates and runs are stored in."""


@store_group.command("check")
@click.option(
    "--salvage",
    is_flag=True,
    help="Make a new store of what can be read of a damaged one, which is put aside and kept.",
)
@LANG
def store_check(salvage: bool, lang: str) -> int:
    """Whether every row that is stored is as it was written.

    A damaged store is used as far as it can be read, at every run with an error, and nothing more
    is kept in it until --salvage has made a new one.
    """
    from screener.output.terminal.lists import stored_table
    from screener.store.check import check
    from screener.store.store import default_path

    found = check(default_path())
    _show(stored_table({say("Rows"): found.rows, say("Damaged"): found.damaged}, lang))
    code = report(found.problems, lang)
    if salvage and code == ERRORS:
        return _salvaged(found.path, lang)
    line = (
        say("{path}: damaged", path=found.path)
        if code == ERRORS
        else say("{path}: every row is as it was written", path=found.path)
    )
    click.echo(line.said(lang))
    return code


def _show(table: ShownTable) -> None:
    from screener.output.terminal.console import console, drawn

    if any(table.rows):
        console().print(drawn(table))


def _salvaged(path: Path, lang: str) -> int:
    import sqlite3

    from screener.output.terminal.lists import stored_table
    from screener.store.salvage import salvage

    try:
        made = salvage(path)
    except (OSError, sqlite3.Error) as error:
        line = say("{path} is left as it is: {error}", path=path, error=error)
        click.echo(line.said(lang), err=True)
        return NOTHING_WRITTEN
    _show(stored_table({say("Kept"): made.kept, say("Lost"): made.lost}, lang))
    line = say(
        "{path} is new, of every row that could be read; the damaged one is kept as {aside}",
        path=path,
        aside=made.aside.name,
    )
    click.echo(line.said(lang))
    return ERRORS if any(lost != 0 for lost in made.lost.values()) else FINE


@store_group.command("backup")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@LANG
def store_backup(file: Path | None, lang: str) -> int:
    """Copy the store as it is now to FILE, which must not be there yet; by default beside it.

    Runs may go on meanwhile. To go back, put the copy in the store's place while nothing runs.
    """
    from screener.store.check import back_up
    from screener.store.store import default_path

    target, problems = back_up(default_path(), file, f"{today():%Y-%m-%d}")
    code = report(problems, lang)
    if target is None:
        return NOTHING_WRITTEN
    click.echo(str(target))
    return code


@store_group.command("prune")
@click.option(
    "--days",
    type=click.IntRange(1, _MOST_DAYS),
    required=True,
    metavar="N",
    help="Older than this.",
)
@click.option("--yes", "really", is_flag=True, help="Drop them; without it they are counted.")
@LANG
def store_prune(days: int, really: bool, lang: str) -> int:
    """Drop old runs, and what was asked for of prices, rates and profiles.

    The last of each stays. Estimates stay, fetched or set by hand, and so do splits, closes and
    multiples.
    """
    from screener.output.terminal.lists import stored_table
    from screener.store.check import prune
    from screener.store.store import default_path

    dropped, problems = prune(default_path(), moment() - timedelta(days=days), really=really)
    code = report(problems, lang)
    if dropped is None:
        return NOTHING_WRITTEN
    _show(stored_table({say("Rows"): dropped}, lang))
    if not any(dropped.values()):
        line = say("nothing is older than that but the last of each")
    elif really:
        line = say("these rows are dropped")
    else:
        line = say("nothing is dropped yet: with --yes these rows are, for good")
    click.echo(line.said(lang))
    return code
