"""Commands on the consensus: show, update, revisions, set, accept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.commands import completion
from screener.commands.common import (
    ERRORS,
    LANG,
    MOST_SECONDS,
    NOTHING_WRITTEN,
    WATCHLISTS,
    Finite,
    moment,
    report,
    today,
)
from screener.model.messages import Sentence, say

if TYPE_CHECKING:
    from screener.market_data.coverage import Coverage
    from screener.model.records import Vintage


@click.group("consensus")
def consensus_group() -> None:
    """Show, refresh, compare and edit the estimates that names are valued on."""


@consensus_group.command("show")
@completion.TARGETS
@LANG
@WATCHLISTS
def consensus_show(targets: tuple[str, ...], lang: str, watchlists: Path | None) -> int:
    """Every vintage of the estimates, the oldest first; the watchlist's own is one of them.

    A * marks fiscal years that are over: their EPS is stale, or actual if it was updated since.
    """
    from screener.market_data.coverage import load_coverage
    from screener.output.terminal.console import console
    from screener.output.terminal.vintages import vintages_table

    coverage = load_coverage(watchlists, now=moment())
    histories = {row: coverage.history(row) for row in coverage.of(targets)}
    console().print(vintages_table(histories, today(), lang))
    return report([*coverage.problems, *coverage.store.problems], lang)


@consensus_group.command("update")
@completion.TARGETS
@click.option(
    "--timeout",
    type=Finite(min=1, max=MOST_SECONDS),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the sources may take, all together.",
)
@LANG
@WATCHLISTS
def consensus_update(
    targets: tuple[str, ...], timeout: float, lang: str, watchlists: Path | None
) -> int:
    """Fetch newer estimates, and keep them beside the older ones.

    Mainland names from Eastmoney, Hong Kong's from Yahoo. What jumps by more than ×3, changes
    its sign or its currency is kept, and not used until you accept it.
    """
    from screener.market_data.coverage import load_coverage
    from screener.market_data.refresh import refresh
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.vintages import refreshed_table

    now = moment()
    coverage = load_coverage(watchlists, now=now, create=True)
    refreshed, problems = refresh(coverage, targets, now, timeout)
    console().print(drawn(refreshed_table(refreshed, lang)))
    code = report([*coverage.problems, *problems], lang)
    kept = any(each.new for each in refreshed) and coverage.store.has_kept_all
    return code if kept else NOTHING_WRITTEN


@consensus_group.command("revisions")
@completion.TARGETS
@click.option("--from", "old", default="report", show_default=True, metavar="report|latest|DATE")
@click.option("--to", "new", default="latest", show_default=True, metavar="report|latest|DATE")
@LANG
@WATCHLISTS
def consensus_revisions(
    targets: tuple[str, ...], old: str, new: str, lang: str, watchlists: Path | None
) -> int:
    """How EPS has changed between two vintages, year by year, as if no share had been split."""
    from screener.consensus.choice import which_of
    from screener.market_data.coverage import between, load_coverage, unknown_between
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.vintages import revisions_table

    coverage = load_coverage(watchlists, now=moment())
    changes = between(coverage, coverage.of(targets), which_of(old), which_of(new), today())
    console().print(drawn(revisions_table(changes, lang)))
    problems = [*coverage.problems, *unknown_between(coverage, changes), *coverage.store.problems]
    return report(problems, lang)


@consensus_group.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("symbol", shell_complete=completion.symbols)
@click.argument("fiscal_year", type=int, metavar="YEAR")
@click.argument("eps")
@click.option("--currency", default="", metavar="CCY", help="  [default: that of the estimates]")
@click.option("--note", default="", help="Why.")
@LANG
@WATCHLISTS
def consensus_set(
    symbol: str,
    fiscal_year: int,
    eps: str,
    currency: str,
    note: str,
    lang: str,
    watchlists: Path | None,
) -> int:
    """Set the EPS of one fiscal year by hand, over the estimates that are used now.

    EPS is per share of today: splits since those estimates are looked up first.
    """
    from screener.market_data.by_hand import SplitsUnknownError, keep, set_estimate
    from screener.market_data.coverage import load_coverage
    from screener.market_data.refresh import with_splits

    now = moment()
    coverage = load_coverage(watchlists, now=now, create=True)
    coverage, faults = with_splits(coverage, symbol, now, _SPLITS_SECONDS)
    report(faults, lang)
    try:
        made = set_estimate(coverage, symbol, fiscal_year, eps, currency, note, now)
    except SplitsUnknownError as error:
        click.echo(f"screener: {error.message.said(lang)}", err=True)
        return NOTHING_WRITTEN
    keep(coverage, [made], now)
    line = say("{symbol}: {what}; used from now on", symbol=made.symbol, what=made.note)
    return _kept(coverage, {made: line}, now, lang)


@consensus_group.command("accept")
@completion.SYMBOLS
@click.option("--currency", default="", metavar="CCY", help="For estimates that name none.")
@click.option(
    "--per-receipt",
    type=click.IntRange(1, 1000),
    metavar="SHARES",
    help="EPS is per receipt of so many shares; 1 where it is per share.",
)
@LANG
@WATCHLISTS
def consensus_accept(
    symbols: tuple[str, ...],
    currency: str,
    per_receipt: int | None,
    lang: str,
    watchlists: Path | None,
) -> int:
    """Use the newest estimates of SYMBOL that are in doubt, or those accepted in another way."""
    from screener.market_data.by_hand import accept, keep
    from screener.market_data.coverage import load_coverage

    now = moment()
    coverage = load_coverage(watchlists, now=now, create=True)
    pairs = [accept(coverage, symbol, currency, per_receipt, now) for symbol in symbols]
    keep(coverage, [accepted for accepted, _ in pairs], now)
    lines = {
        new: say(
            "{symbol}: {figures} of {source}, {day}, in place of {figures_before} of"
            " {source_before}, {day_before}; used from now on",
            symbol=new.symbol,
            figures=_figures(new),
            source=new.source,
            day=new.as_of,
            figures_before=_figures(old),
            source_before=old.source,
            day_before=old.as_of,
        )
        for new, old in pairs
    }
    return _kept(coverage, lines, now, lang)


# How long `consensus set` looks for splits.
_SPLITS_SECONDS = 20.0


def _figures(vintage: Vintage) -> Sentence:
    years = ", ".join(
        f"FY{estimate.fiscal_year} {estimate.eps:g}" for estimate in vintage.estimates
    )
    figures = say("EPS {years} {currency}", years=years, currency=vintage.currency)
    if (vintage.per_receipt or 1) == 1:
        return figures
    return say("{figures} per {shares} shares", figures=figures, shares=vintage.per_receipt)


def _kept(coverage: Coverage, lines: Mapping[Vintage, Sentence], now: datetime, lang: str) -> int:
    """Say what was kept and is used, or why it is not."""
    from screener.market_data.by_hand import not_used

    code = report(coverage.store.problems, lang)
    if not coverage.store.has_kept_all:
        return NOTHING_WRITTEN
    for made, line in lines.items():
        fault = not_used(coverage, made, now)
        click.echo((fault or line).said(lang), err=bool(fault))
        code = ERRORS if fault else code
    return code
