"""Commands on watchlists: list, show, check."""

from __future__ import annotations

from pathlib import Path

import click

from screener.commands import completion
from screener.commands.common import LANG, WATCHLISTS, report, today
from screener.model.messages import say
from screener.model.usage import UsageError


@click.group("watchlist")
def watchlist_group() -> None:
    """List, show and check watchlists."""


@watchlist_group.command("list")
@LANG
@WATCHLISTS
def watchlist_list(lang: str, watchlists: Path | None) -> int:
    """Which watchlists there are, and where their figures come from."""
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.lists import watchlist_table
    from screener.watchlists.folder import default_folder
    from screener.watchlists.read import load_watchlists

    folder = watchlists or default_folder()
    tables, problems = load_watchlists(folder, (), on=today())
    console().print(drawn(watchlist_table(tables, lang)))
    click.echo(say("in {folder}", folder=folder).said(lang))
    return report(problems, lang)


@watchlist_group.command("show")
@click.argument("sector", shell_complete=completion.sectors)
@LANG
@WATCHLISTS
def watchlist_show(sector: str, lang: str, watchlists: Path | None) -> int:
    """The figures of SECTOR as they are used, and the corrections to what is printed."""
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.lists import printed_table
    from screener.watchlists.folder import default_folder
    from screener.watchlists.read import load_watchlists

    folder = watchlists or default_folder()
    tables, problems = load_watchlists(folder, (sector,), on=today())
    for table in tables:
        # A figure is never cut: what is wider than the terminal goes on in the next line.
        console(width=200).print(drawn(printed_table(table, lang)))
    return report(problems, lang)


@watchlist_group.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@LANG
@WATCHLISTS
def watchlist_check(files: tuple[Path, ...], lang: str, watchlists: Path | None) -> int:
    """Read the watchlists, or FILES, and report every line that cannot be used."""
    from screener.watchlists.folder import default_folder, watchlist_files
    from screener.watchlists.read import load_files

    for file in files:
        if file.suffix.lower() != ".csv":
            raise UsageError(
                say(
                    "{file} is no watchlist, which is a CSV: `screener import {file}` makes one of"
                    " its tables, `screener add {file}` of its codes",
                    file=file,
                )
            )
    folder = watchlists or default_folder()
    paths = files or watchlist_files(folder).values()
    tables, problems = load_files(paths, on=today())
    code = report(problems, lang)
    rows = sum(len(table.listings) for table in tables)
    errors = sum(problem.severity == "error" for problem in problems)
    counts = say(
        "{tables} watchlists, {rows} rows, {errors} errors",
        tables=len(tables),
        rows=rows,
        errors=errors,
    )
    click.echo(counts.said(lang))
    return code
