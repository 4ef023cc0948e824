"""`screener history`: a multiple over the years."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from screener.commands import completion
from screener.commands.common import (
    LANG,
    MOST_SECONDS,
    WATCHLISTS,
    Finite,
    PathEnding,
    moment,
    report,
    write_told,
)

if TYPE_CHECKING:
    from screener.market_data.band import Of


@click.command()
@completion.TARGETS
@click.option(
    "--of",
    type=click.Choice(["pe_fy1", "pe_ttm", "pb"]),
    default="pe_fy1",
    show_default=True,
    help="pe_fy1: on the consensus, by us. pe_ttm, pb: on what was reported, as vendors have it.",
)
@click.option("--years", type=Finite(0.1, 30), default=5.0, show_default=True)
@click.option(
    "--eps",
    "line",
    type=click.Choice(["consensus", "fixed"]),
    default="consensus",
    show_default=True,
    help="consensus: EPS as it was known on each day. fixed: today's, for all days.",
)
@click.option(
    "--panel",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="From a panel that `screener panel` wrote; nothing is fetched.",
)
@click.option("--timeout", type=Finite(min=1, max=MOST_SECONDS), default=60.0, show_default=True)
@click.option("--offline", is_flag=True, help="Open no connection: the days that are stored.")
@click.option("-o", "--output", type=PathEnding(".xlsx"), metavar="FILE.xlsx", help="With charts.")
@LANG
@WATCHLISTS
def history(
    targets: tuple[str, ...],
    of: Of,
    years: float,
    line: Literal["consensus", "fixed"],
    folder: Path | None,
    timeout: float,
    offline: bool,
    output: Path | None,
    lang: str,
    watchlists: Path | None,
) -> int:
    """A multiple over the years: its percentiles, and where it stands in them now.

    Closes are per share of today, as EPS is; only days that are not stored are asked for.
    """
    from screener.market_data.coverage import load_coverage
    from screener.market_data.history import bands
    from screener.market_data.vendor_history import vendor_bands
    from screener.output.terminal.console import console
    from screener.output.terminal.pages import history_page
    from screener.output.workbook.history import render_history
    from screener.panels.bands import panel_bands

    now = moment()
    coverage = load_coverage(watchlists, now=now, create=True)
    rows = coverage.of(targets)
    if folder is not None:
        found, problems = panel_bands(folder, rows, years, of, now.date())
    elif of == "pe_fy1":
        found, problems = bands(coverage, rows, years, line, now, timeout, offline=offline)
    else:
        found, problems = vendor_bands(coverage, rows, years, of, now, timeout, offline=offline)
    terminal = console()
    terminal.print(history_page(found, lang, terminal.width))
    if output is not None:
        write_told(render_history(found, lang), output, lang)
    return report([*coverage.problems, *problems], lang)
