"""Vintages of the consensus, and what changed between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from screener.consensus.choice import choose
from screener.consensus.fiscal_calendar import period_end
from screener.consensus.judge import Judged, source_of
from screener.consensus.revisions import Revision
from screener.model.messages import NOTHING, Sentence, joined, said, say
from screener.model.records import Listing, Vintage
from screener.model.table import ShownTable, shown_table
from screener.output.terminal.console import drawn

if TYPE_CHECKING:
    from screener.market_data.refresh import Refreshed


def vintages_table(
    histories: Mapping[Listing, Sequence[Judged]], today: date, lang: str
) -> RenderableType:
    """Every vintage of each listing, the oldest first, and what has become of it."""
    parts: list[RenderableType] = []
    for row, judged in histories.items():
        remarks = "\n".join([*_remarks(judged, lang), ""])
        parts += [drawn(_history_table(row, judged, today, lang)), Text(remarks)]
    return Group(*parts)


def _history_table(row: Listing, judged: Sequence[Judged], today: date, lang: str) -> ShownTable:
    years = sorted({year for verdict in judged for year in verdict.vintage.years})
    used = choose(judged, "latest", today)
    is_over = {year: period_end(year, row.fiscal_year_end) < today for year in years}
    titles = (f"FY{year}{'*' if is_over[year] else ''}" for year in years)
    rows = []
    for verdict in judged:
        vintage = verdict.vintage
        mark = say("in doubt") if verdict.doubt else say("used") if vintage == used else NOTHING
        figures = (_eps_of(vintage, year) for year in years)
        currency = vintage.currency or "?"
        rows.append((vintage.as_of, source_of(vintage), currency, *figures, mark))
    return shown_table(
        (say("Day"), say("Source"), say("Ccy"), *titles, NOTHING),
        rows,
        lang,
        right=range(3, 3 + len(years)),
        title=f"{row.symbol} {row.name} · {row.sector}",
    )


def _remarks(judged: Sequence[Judged], lang: str) -> Iterator[str]:
    for verdict in judged:
        vintage = verdict.vintage
        if remark := joined(filter(None, (verdict.doubt, vintage.note, _analysts(vintage)))):
            source = said(source_of(vintage), lang)
            yield f"  {vintage.as_of} {source}: {remark.said(lang)}"


def _analysts(vintage: Vintage) -> Sentence:
    counts = sorted({estimate.analysts for estimate in vintage.estimates if estimate.analysts})
    if not counts:
        return NOTHING
    return say("{count} analysts", count="–".join(map(str, dict.fromkeys((counts[0], counts[-1])))))


def _eps_of(vintage: Vintage, year: int) -> str:
    estimate = vintage.of(year)
    return f"{estimate.eps:.4g}" if estimate else "–"


def refreshed_table(refreshed: Iterable[Refreshed], lang: str) -> ShownTable:
    """What an update brought for each listing: source, and each year's EPS with its change."""
    heads = (say("Symbol"), say("Name"), say("Source"), say("Ccy"), say("EPS, and its change"))
    rows: list[tuple[str, ...]] = []
    for refresh in refreshed:
        symbol, name = refresh.listing.symbol, refresh.listing.name
        if refresh.new is None:
            rows.append((symbol, name, "–", "", say("nothing new")))
            continue
        vintage, figures = refresh.new.vintage, _revised(refresh.new.vintage, refresh.revisions)
        if refresh.new.doubt:
            figures = say("{figures}  in doubt, not used", figures=figures)
        rows.append((symbol, name, source_of(vintage), vintage.currency or "?", figures))
    return shown_table(heads, rows, lang)


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
) -> ShownTable:
    """What changed between two vintages of each listing, year by year."""
    years = sorted({each.fiscal_year for *_, found in changes.values() for each in found})
    heads = (say("Symbol"), say("Name"), say("From"), say("To"), *(f"FY{year}" for year in years))
    rows = []
    for row, (old, new, found) in changes.items():
        by_year = {revision.fiscal_year: revision for revision in found}
        cells = (_change(by_year.get(year)) for year in years)
        rows.append((row.symbol, row.name, old.as_of, new.as_of, *cells))
    return shown_table(heads, rows, lang, right=range(4, len(heads)))


def _change(revision: Revision | None) -> str:
    if revision is None:
        return "–"
    return "NM" if revision.change is None else f"{revision.change:+.1%}"
