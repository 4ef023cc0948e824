"""`screener comps`: one name beside its peers."""

from __future__ import annotations

from pathlib import Path

import click

from screener.commands import completion
from screener.commands.common import (
    LANG,
    WATCHLISTS,
    PathEnding,
    report,
    symbols_of,
    write_told,
)


@click.command()
@click.argument("symbol", shell_complete=completion.symbols)
@click.option(
    "--peers",
    multiple=True,
    metavar="SYMBOL,…",
    shell_complete=completion.symbols,
    help="  [default: the others of its watchlist]",
)
@click.option("--prices", default="auto", show_default=True, metavar="auto|live|report|FILE.csv")
@click.option("--offline", is_flag=True, help="Open no connection.")
@click.option(
    "-o",
    "--output",
    type=PathEnding(".xlsx", ".html"),
    metavar="FILE.xlsx|FILE.html",
    help="Write it with its chart, as a workbook or as a page for a browser.",
)
@LANG
@WATCHLISTS
def comps(
    symbol: str,
    peers: tuple[str, ...],
    prices: str,
    offline: bool,
    output: Path | None,
    lang: str,
    watchlists: Path | None,
) -> int:
    """One page on SYMBOL beside its peers: multiples, premium, implied prices, its own past."""
    from screener.output.page.comps import render_comps_page
    from screener.output.terminal.comps import comps_page
    from screener.output.terminal.console import console
    from screener.output.workbook.comps import render_comps
    from screener.screening import comps
    from screener.screening.screen import screen
    from screener.store.store import Store, default_path

    result = screen(prices=prices, offline=offline, watchlists=watchlists)
    store = Store(default_path(), create=False)
    found = comps.compare(result, symbol, symbols_of(peers), store.figures())
    terminal = console()
    terminal.print(comps_page(found, result, lang, terminal.width))
    if output is not None:
        render = render_comps_page if output.suffix.lower() == ".html" else render_comps
        write_told(render(found, result, lang), output, lang)
    missing = [problem for problem in store.problems if problem not in result.problems]
    names = {found.row["symbol"], *(row["symbol"] for row in found.peers), ""}
    told = [problem for problem in result.problems if problem.symbol in names]
    return report([*told, *missing], lang)
