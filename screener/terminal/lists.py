"""Short tables: prices known, watchlists, findings, metrics, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from screener.metrics import Metric
from screener.model import SEVERITIES
from screener.symbols import exchange_of
from screener.terminal.console import plain_table

if TYPE_CHECKING:
    from screener.audit import Finding
    from screener.config import Preset
    from screener.diagnosis import Finding as Diagnosis
    from screener.importing import Draft
    from screener.schema import Column
    from screener.store import Stored
    from screener.watchlist import Watchlist


def known_table(known: Mapping[str, Sequence[Stored]]) -> Table:
    """What prices are known of each symbol."""
    table = plain_table()
    for title in ("symbol", "price ", "ccy", "market time", "source", "fetched (UTC)"):
        table.add_column(title, justify="right" if title == "price " else "left", no_wrap=True)
    for symbol, quotes in known.items():
        zone = exchange_of(symbol).zone
        for each in quotes:
            table.add_row(
                symbol,
                f"{each.quote.price:,.2f}",
                each.quote.currency,
                f"{each.quote.market_time.astimezone(zone):%Y-%m-%d %H:%M}",
                each.quote.source,
                f"{each.fetched_at:%Y-%m-%d %H:%M}",
            )
        if not quotes:
            table.add_row(symbol, "n/a", "", "", "nothing is stored", "")
    return table


def diagnosis_table(findings: Iterable[Diagnosis]) -> Table:
    """What was looked at, and how it is."""
    table = plain_table()
    table.add_column("what", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("seen", overflow="fold")
    for finding in findings:
        mark = "ok" if finding.is_fine else "no"
        table.add_row(finding.what, mark, Text(finding.seen))
    return table


def watchlist_table(watchlists: Sequence[Watchlist]) -> Table:
    """What watchlists there are: their size, day and source."""
    table = plain_table()
    for title in ("watchlist", "rows", "as of", "consensus", "source"):
        table.add_column(title, justify="right" if title == "rows" else "left")
    for each in watchlists:
        origin = each.provenance
        source = f"{origin.publisher} {origin.published or ''}".strip()
        number = f" table {origin.table}" if origin.table else ""
        table.add_row(
            Text(f"{each.name} {origin.label_zh}"),
            str(len(each.listings)),
            origin.as_of.isoformat(),
            Text(origin.consensus),
            Text(source + number),
        )
    return table


def findings_table(findings: Sequence[Finding]) -> Table:
    """What the printed tables get wrong, the worst first."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("severity", no_wrap=True)
    table.add_column("symbol", no_wrap=True)
    table.add_column(f"finding ({len(findings)})", overflow="fold")
    for each in sorted(findings, key=lambda each: SEVERITIES.index(each.severity)):
        style = {"error": "bold red", "warning": "yellow", "note": "dim"}[each.severity]
        message = f"{each.kind} · {each.sector} · {each.message}"
        table.add_row(Text(each.severity, style=style), each.symbol, Text(message))
    return table


def drafts_table(drafts: Sequence[Draft]) -> Table:
    """The valuation tables that a document holds."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for title in ("table", "watchlist", "rows", "years", "sure", "caption"):
        table.add_column(title, justify="right" if title == "rows" else "left", overflow="fold")
    for each in drafts:
        years = f"{each.years[0]}–{each.years[-1]}" if each.years else "–"
        number = str(each.facts.get("table", each.number))
        rows = str(len(each.lines))
        caption = Text(each.caption or each.where)
        table.add_row(number, Text(each.name), rows, years, each.confidence, caption)
    return table


def guesses(drafts: Sequence[Draft]) -> Text:
    """What was guessed of each table, as it is written down with it."""
    lines = [f"guessed in {draft.name}: {'; '.join(draft.guessed)}" for draft in drafts]
    return Text("\n".join(lines), style="yellow")


def printed_table(watchlist: Watchlist) -> Table:
    """The figures of one watchlist as they are printed."""
    years = sorted({year.fiscal_year for row in watchlist.listings for year in row.years})
    table = plain_table()
    table.add_column("symbol", no_wrap=True)
    table.add_column("name", no_wrap=True)
    table.add_column("cap 亿", justify="right")
    for title in (*(f"EPS {year}" for year in years), *(f"P/E {year}" for year in years)):
        table.add_column(title, justify="right")
    table.add_column("ccy")
    for row in watchlist.listings:
        by_year = {year.fiscal_year: year for year in row.years}
        figures = [by_year[year].eps for year in years] + [by_year[year].pe for year in years]
        texts = [figure.text if figure else "–" for figure in figures]
        cap = "–" if row.market_cap is None else f"{row.market_cap:,.2f}"
        table.add_row(row.symbol, Text(row.name), cap, *texts, row.eps_currency)
    return table


def presets_table(presets: Iterable[Preset]) -> Table:
    """Every preset: what it is for, its conditions, its metric."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False, show_lines=False)
    table.add_column("preset", no_wrap=True)
    table.add_column("for, conditions and metric", overflow="fold")
    for each in presets:
        lines = [each.about, *(f"--where '{condition}'" for condition in each.where)]
        lines += [f"--by {each.by}"] if each.by else []
        table.add_row(each.name, Text("\n".join(lines)))
    return table


def settings_table(rows: Iterable[tuple[str, str, str]]) -> Table:
    """Every setting: option, value, and where it comes from."""
    table = plain_table()
    for title in ("option", "value", "set by"):
        table.add_column(f"{title} ", overflow="fold")
    for row in rows:
        table.add_row(*(Text(f"{cell} ") for cell in row))
    return table


def columns_table(columns: Iterable[Column], lang: str) -> Table:
    """Every column of a result: its name, its type, what it means."""
    table = plain_table()
    for title in ("column", "type", "unit", "meaning"):
        table.add_column(f"{title} ", no_wrap=title == "column", overflow="fold")
    for each in columns:
        label = f"{each.label(lang)}: {each.meaning}"
        table.add_row(f"{each.name} ", f"{each.kind} ", Text(f"{each.unit} "), Text(label))
    return table


def metrics_table(metrics: Iterable[Metric], lang: str) -> Table:
    """Every metric: name, meaning, formula."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False, show_lines=False)
    table.add_column("metric", no_wrap=True)
    table.add_column("meaning and formula", overflow="fold")
    for metric in metrics:
        label = metric.label(lang)
        order = f" · {metric.best} first" if metric.best else " · not for ranking"
        table.add_row(metric.name, Text(f"{label}{order}\n{metric.meaning}\n= {metric.formula}"))
    return table
