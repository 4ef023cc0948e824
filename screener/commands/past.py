"""Commands that look beside and back: comps, history, runs, diff."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from screener.commands.common import (
    LANG,
    TARGETS,
    WATCHLISTS,
    Finite,
    WorkbookPath,
    code_of,
    moment,
    report,
    symbols_of,
    tell,
    write_workbook,
)
from screener.model import UsageError
from screener.wording import say


@click.command()
@click.argument("symbol")
@click.option(
    "--peers", multiple=True, metavar="SYMBOL,…", help="  [default: the others of its watchlist]"
)
@click.option("--prices", default="auto", show_default=True, metavar="auto|live|report|FILE.csv")
@click.option("--offline", is_flag=True, help="Open no connection.")
@LANG
@WATCHLISTS
def comps(
    symbol: str,
    peers: tuple[str, ...],
    prices: str,
    offline: bool,
    lang: str,
    watchlists: Path | None,
) -> int:
    """One page on SYMBOL beside its peers: multiples, premium, implied prices, its own past."""
    from screener import comps as comparing
    from screener.screening import screen
    from screener.store import Store, default_path
    from screener.terminal.console import console
    from screener.terminal.pages import comps_page

    result = screen(prices=prices, offline=offline, watchlists=watchlists)
    store = Store(default_path(), create=False)
    found = comparing.compare(result, symbol, symbols_of(peers), store.figures())
    terminal = console()
    terminal.print(comps_page(found, result, lang, terminal.width))
    names = {found.row["symbol"], *(row["symbol"] for row in found.peers), ""}
    return report([each for each in result.problems if each.symbol in names], lang)


@click.command()
@TARGETS
@click.option("--years", type=Finite(0.1, 30), default=5.0, show_default=True)
@click.option(
    "--eps",
    "line",
    type=click.Choice(["consensus", "fixed"]),
    default="consensus",
    show_default=True,
    help="consensus: EPS as it was known on each day. fixed: today's, for all days.",
)
@click.option("--timeout", type=Finite(min=1), default=60.0, show_default=True)
@click.option("--offline", is_flag=True, help="Open no connection: the days that are stored.")
@click.option("-o", "--output", type=WorkbookPath(), metavar="FILE.xlsx", help="With charts.")
@LANG
@WATCHLISTS
def history(
    targets: tuple[str, ...],
    years: float,
    line: Literal["consensus", "fixed"],
    timeout: float,
    offline: bool,
    output: Path | None,
    lang: str,
    watchlists: Path | None,
) -> int:
    """P/E FY1 over the years: its percentiles, and where it stands in them now.

    Closes are per share of today, as EPS is; only days that are not stored are asked for.
    """
    from screener.history import bands
    from screener.terminal.console import console
    from screener.terminal.pages import history_page
    from screener.upkeep import desk

    now = moment()
    at = desk(watchlists, now=now, create=True)
    found, problems = bands(at, at.of(targets), years, line, now, timeout, offline=offline)
    terminal = console()
    terminal.print(history_page(found, lang, terminal.width))
    if output is not None:
        from screener.workbook.history import render_history

        write_workbook(render_history(found, lang), output, lang)
    return report([*at.problems, *problems], lang)


@click.command()
@LANG
def runs(lang: str) -> int:
    """Every run that is kept: its number, its day, what it ranked by."""
    from screener.store import Store, default_path
    from screener.terminal.console import console
    from screener.terminal.pages import runs_table

    store = Store(default_path(), create=False)
    console().print(runs_table(store.runs(), lang))
    return report(store.problems, lang)


@click.command()
@click.argument("numbers", nargs=-1, type=int, metavar="[RUN] [RUN]")
@click.option("-o", "--output", type=WorkbookPath(), metavar="FILE.xlsx", help="Write a sheet.")
@LANG
def diff(numbers: tuple[int, ...], output: Path | None, lang: str) -> int:
    """What changed between two runs: ranks, P/E by price and by EPS, names, problems.

    Without a RUN the last two of the same watchlists; with one, that and the one before.
    """
    from screener import runs, splits
    from screener.changes import compare
    from screener.store import Store, default_path
    from screener.terminal.console import console
    from screener.terminal.pages import changes_table

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
        from screener.workbook.changes import render_changes

        write_workbook(render_changes(changes, lang, title), output, lang)
    return code_of(store.problems)
