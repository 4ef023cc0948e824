"""`screener runs` and `screener diff`: the runs that are kept, and what changed between two."""

from __future__ import annotations

from pathlib import Path

import click

from screener.commands.common import LANG, PathEnding, code_of, report, tell, write_told
from screener.model.messages import say
from screener.model.usage import UsageError


@click.command()
@LANG
def runs(lang: str) -> int:
    """Every run that is kept: its number, its day, what it ranked by."""
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.lists import runs_table
    from screener.store.store import Store, default_path

    store = Store(default_path(), create=False)
    console().print(drawn(runs_table(store.runs(), lang)))
    return report(store.problems, lang)


@click.command()
@click.argument("numbers", nargs=-1, type=int, metavar="[RUN] [RUN]")
@click.option(
    "-o", "--output", type=PathEnding(".xlsx"), metavar="FILE.xlsx", help="Write a sheet."
)
@LANG
def diff(numbers: tuple[int, ...], output: Path | None, lang: str) -> int:
    """What changed between two runs: ranks, P/E by price and by EPS, names, problems.

    Without a RUN the last two of the same watchlists; with one, that and the one before.
    """
    from screener.consensus import splits
    from screener.output.terminal.console import console
    from screener.output.terminal.pages import changes_table
    from screener.output.workbook.changes import render_changes
    from screener.screening import runs
    from screener.screening.changes import compare
    from screener.store.store import Store, default_path

    if len(numbers) > 2:
        raise UsageError(say("two runs are compared, not more"))
    store = Store(default_path(), create=False)
    try:
        old, new = runs.chosen(store, numbers)
        before, after = runs.result_of(old), runs.result_of(new)
        changes = compare(before, after, splits.record(*store.splits(after.table["symbol"])))
    finally:
        tell(store.problems, lang)  # why a run is missing, too
    terminal = console()
    terminal.print(changes_table(changes, lang, terminal.width))
    title = say(
        "run {before} of {day_before} → run {after} of {day}",
        before=old.number,
        day_before=old.price_day,
        after=new.number,
        day=new.price_day,
    ).said(lang)
    click.echo(title)
    if output is not None:
        write_told(render_changes(changes, lang, title), output, lang)
    return code_of(store.problems)
