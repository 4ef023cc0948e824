"""`screener run`: options to a library call, its result to files and the terminal."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from screener.commands import completion
from screener.commands.common import (
    LANG,
    MOST_SECONDS,
    WATCHLISTS,
    Conditions,
    Finite,
    Limit,
    symbols_of,
)
from screener.commands.keeping import kept, refuse_with_repeat, repeated
from screener.commands.put_out import chosen_formats, print_plain, print_tables, put_out
from screener.commands.timings import Timings
from screener.commands.watch import watched
from screener.model.messages import say
from screener.model.usage import UsageError
from screener.valuation.limits import NM_ABOVE

if TYPE_CHECKING:
    from screener.screening.result import Result

# What a report prints beside each name, and what its reader compares first.
DEFAULT_BY = "pe_fy1"


@click.command()
@click.argument("sectors", nargs=-1, metavar="[SECTOR]...", shell_complete=completion.sectors)
@click.option(
    "--prices",
    default="auto",
    show_default=True,
    metavar="auto|live|report|FILE.csv",
    help="auto: live, else stored, else the report's. live: no other. report: what the printed"
    " tables imply. FILE.csv: your own, as symbol,price,currency,time.",
)
@click.option(
    "--by",
    default=DEFAULT_BY,
    show_default=True,
    metavar="METRIC",
    shell_complete=completion.metrics,
    help="Rank by this; or by several, as '0.5 pe_fy1 + 0.3 peg + 0.2 eps_cagr'.",
)
@click.option(
    "--scope",
    type=click.Choice(["sector", "all"]),
    default="sector",
    show_default=True,
    help="Where the percentiles of several metrics are taken.",
)
@click.option(
    "--where",
    multiple=True,
    type=Conditions(),
    metavar="CONDITION",
    shell_complete=completion.columns,
    help="Only names that meet this, as 'pe_fy1 < 30 and eps_cagr > 0.2'; repeatable.",
)
@click.option(
    "--preset",
    metavar="NAME",
    shell_complete=completion.presets,
    help="A named screen: `screener presets` lists them.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="SYMBOL,…",
    shell_complete=completion.symbols,
    help="Only these names; - reads them from stdin.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="SYMBOL,…",
    shell_complete=completion.symbols,
    help="Not these names; - reads from stdin.",
)
@click.option(
    "--nm-above",
    type=Limit(),
    default=f"{NM_ABOVE:g}",
    show_default=True,
    metavar="MULTIPLE|none",
    help="P/Es above this mean nothing: NM, not ranked, in no statistics.",
)
@click.option(
    "--fy1",
    type=click.Choice(["calendar", "reported"]),
    default="calendar",
    show_default=True,
    help="When FY1 turns: calendar, on the last day of the fiscal year; reported, once the source"
    " has the results of the year.",
)
@click.option(
    "--consensus",
    default="latest",
    show_default=True,
    metavar="report|latest|DATE|FILE.xlsx",
    help="latest: the newest estimates that are stored and not in doubt. report: the"
    " watchlists' own. DATE: those of by then. FILE.xlsx: as typed into an earlier workbook.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day of the valuation.  [default: the latest day a price stands for]",
)
@click.option(
    "--repeat", type=int, metavar="RUN", help="A run that is kept, again: the same figures."
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Print only N names a sector.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="exports",
    show_default=True,
    metavar="DIR|FILE|-",
    help="Where the files go; - prints the format instead of tables.",
)
@click.option(
    "--timeout",
    type=Finite(min=1, max=MOST_SECONDS),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="How long live prices may take, all together.",
)
@click.option("--offline", is_flag=True, help="Open no connection.")
@click.option("--cross-check", is_flag=True, help="Ask both live sources, and compare.")
@click.option(
    "--max-age",
    type=Finite(min=0, max=MOST_SECONDS),
    metavar="SECONDS",
    help="Use a stored price up to this age without asking."
    "  [default: 60 while the market trades, else until it opens]",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    default=["xlsx"],
    show_default=True,
    metavar="xlsx|html|csv|parquet|json|markdown",
    help="What to write; repeatable, or with commas.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the whole result as one JSON document.",
)
@click.option(
    "--plain", is_flag=True, help="A line a name, cells separated by tabs, for other programs."
)
@click.option(
    "--watch",
    type=click.IntRange(min=5, max=int(MOST_SECONDS)),
    metavar="SECONDS",
    help="Print anew after so many seconds, until Ctrl-C; writes and keeps nothing.",
)
@click.option("--timings", is_flag=True, help="Say where the time went, part by part.")
@click.option("-q", "--quiet", is_flag=True, help="Print only where the files are, and errors.")
@LANG
@WATCHLISTS
@click.pass_context
def run(
    context: click.Context,
    /,
    sectors: tuple[str, ...],
    by: str,
    scope: Literal["sector", "all"],
    where: tuple[str, ...],
    preset: str | None,
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    as_of: datetime | None,
    nm_above: float,
    repeat: int | None,
    top: int | None,
    output: Path,
    formats: tuple[str, ...],
    as_json: bool,
    plain: bool,
    watch: int | None,
    timings: bool,
    quiet: bool,
    lang: str,
    **asked: Any,
) -> int:
    """Price, value and rank the names of the sectors, print them, and write a workbook.

    Without a SECTOR all watchlists are taken: `screener watchlist list` names them.
    """
    from screener import config

    clock = Timings()
    from screener.output.terminal.console import progress_bar
    from screener.screening.screen import screen

    clock("imports")

    wanted = chosen_formats(formats, output)
    own_by, own_where = by, where
    if preset:
        chosen = config.preset(context.obj, preset)
        where = (*chosen.where, *where)
        own = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
        by = by if context.get_parameter_source("by") in own else chosen.by or by
    only, exclude = tuple(symbols_of(only)), tuple(symbols_of(exclude))

    def screened() -> Result:
        with progress_bar(shown=not quiet and watch is None) as progress:
            return screen(
                sectors=sectors,
                by=by,
                scope=scope,
                where=where,
                only=only,
                exclude=exclude,
                as_of=as_of and as_of.date(),
                nm_above=nm_above if isfinite(nm_above) else None,
                progress=progress,
                done=clock,
                **asked,
            )

    show = print_plain if plain else print_tables
    if repeat is not None:
        refuse_with_repeat(context)
        result = repeated(repeat, sectors, lang)
    elif watch is not None:
        if as_json or str(output) == "-":
            raise UsageError(say("--watch prints tables: not with --json or -o -"))
        return watched(screened, lambda result: show(result, lang, top), watch, lang)
    else:
        result = kept(screened(), wanted)
        clock("store")
    # What is asked for by a label is asked for.
    is_one = own_by == by and not result.metrics[result.by].parts
    ranked_by = result.by if is_one else own_by
    code = put_out(
        result,
        wanted,
        output,
        lang,
        show=None if quiet else lambda: show(result, lang, top),
        as_json=as_json,
        paths_apart=as_json or plain,
        asked=(
            "" if repeat is None else f"run {repeat}",
            " ".join(table.name for table in result.gathered.watchlists) if sectors else "",
            preset or "",
            " and ".join(own_where),
            "" if ranked_by == DEFAULT_BY else f"by {ranked_by}",
            "" if scope == "sector" else scope,
            *(f"only {symbol}" for symbol in only),
            *(f"without {symbol}" for symbol in exclude),
            "" if asked["fy1"] == "calendar" else f"fy1 {asked['fy1']}",
            "" if asked["consensus"] == "latest" else f"consensus {asked['consensus']}",
            f"as of {as_of.date()}" if as_of else "",
        ),
        done=clock,
    )
    if timings:
        click.echo(clock.said(lang), err=True)
    return code
