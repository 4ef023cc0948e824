"""Vintages of the consensus, and what changed between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from screener.consensus.choice import choose
from screener.consensus.fiscal_calendar import period_end
from screener.consensus.judge import Judged, source_of
from screener.consensus.revisions import Revision
from screener.model.messages import NOTHING, Sentence, joined, said, say
from screener.model.records import Listing, Vintage
from screener.output.terminal.console import plain_table

if TYPE_CHECKING:
    from screener.market_data.refresh import Refreshed


def vintages_table(
    histories: Mapping[Listing, Sequence[Judged]], today: date, lang: str
) -> RenderableType:
    """Every vintage of each listing, the oldest first, and what has become of it."""
    return Group(*(_history_table(row, judged, today, lang) for row, judged in histories.items()))


def _history_table(
    row: Listing, judged: Sequence[Judged], today: date, lang: str
) -> RenderableType:
    years = sorted({year for verdict in judged for year in verdict.vintage.years})
    used = choose(judged, "latest", today)
    table = plain_table(f"{row.symbol} {row.name} · {row.sector}")
    for head in (say("Day"), say("Source"), say("Ccy")):
        table.add_column(f"{head.said(lang)} ", overflow="fold")
    for year in years:
        over = "*" if period_end(year, row.fiscal_year_end) < today else ""
        table.add_column(f" FY{year}{over}", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    remarks = []
    for verdict in judged:
        vintage = verdict.vintage
        mark = say("in doubt") if verdict.doubt else say("used") if vintage == used else NOTHING
        figures = (_eps_of(vintage, year) for year in years)
        currency = vintage.currency or "?"
        source = Text(f"{said(source_of(vintage), lang)} ")
        shown = f" {mark.said(lang)}"
        table.add_row(f"{vintage.as_of} ", source, f"{currency} ", *figures, shown)
        if remark := joined(filter(None, (verdict.doubt, vintage.note, _analysts(vintage)))):
            remarks.append(
                f"  {vintage.as_of} {said(source_of(vintage), lang)}: {remark.said(lang)}"
            )
    return Group(table, Text("\n".join([*remarks, ""])))


def _analysts(vintage: Vintage) -> Sentence:
    counts = sorted({estimate.analysts for estimate in vintage.estimates if estimate.analysts})
    if not counts:
        return NOTHING
    return say("{count} analysts", count="–".join(map(str, dict.fromkeys((counts[0], counts[-1])))))


def _eps_of(vintage: Vintage, year: int) -> str:
    estimate = vintage.of(year)
    return f" {estimate.eps:.4g}" if estimate else "–"


def refreshed_table(refreshed: Iterable[Refreshed], lang: str) -> Table:
    """What an update brought for each listing: source, and each year's EPS with its change."""
    table = plain_table()
    for head in (say("Symbol"), say("Name"), say("Source"), say("Ccy")):
        table.add_column(f"{head.said(lang)} ", no_wrap=True)
    table.add_column(say("EPS, and its change").said(lang), overflow="fold")
    for refresh in refreshed:
        name = Text(f"{refresh.listing.name} ")
        if refresh.new is None:
            table.add_row(
                f"{refresh.listing.symbol} ", name, "–", "", say("nothing new").said(lang)
            )
            continue
        vintage = refresh.new.vintage
        source = Text(f"{said(source_of(vintage), lang)} ")
        figures = _revised(vintage, refresh.revisions)
        if refresh.new.doubt:
            figures = say("{figures}  in doubt, not used", figures=figures).said(lang)
        currency = f"{vintage.currency or '?'} "
        table.add_row(f"{refresh.listing.symbol} ", name, source, currency, figures)
    return table


def _revised(vintage: Vintage, revisions: Sequence[Revision]) -> str:
    changes = {revision.fiscal_year: revision.change for revision in revisions}
    parts = []
    for estimate in vintage.estimates:
        change = changes.get(estimate.fiscal_year)
        shown = f" ({change:+.1%})" if change is not None else ""
        parts.append(f"FY{estimate.fiscal_year} {estimate.eps:.4g}{shown}")
    return "  ".join(parts)


def revisions_table(
    changes: Mapping[Listing, tuple[Vintage, Vintage, Sequence[Revision]]], lang: str
) -> Table:
    """What changed between two vintages of each listing, year by year."""
    years = sorted({each.fiscal_year for *_, found in changes.values() for each in found})
    table = plain_table()
    for head in (say("Symbol"), say("Name"), say("From"), say("To")):
        table.add_column(f"{head.said(lang)} ", no_wrap=True)
    for year in years:
        table.add_column(f" FY{year}", justify="right", no_wrap=True)
    for row, (old, new, found) in changes.items():
        by_year = {each.fiscal_year: each for each in found}
        days = (f"{old.as_of} ", f"{new.as_of} ")
        cells = [_change(by_year.get(year)) for year in years]
        table.add_row(f"{row.symbol} ", Text(f"{row.name} "), *days, *cells)
    return table


def _change(revision: Revision | None) -> str:
    if revision is None:
        return "–"
    if revision.change is None:
        return " NM"
    return f" {revision.change:+.1%}"
