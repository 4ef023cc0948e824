"""Short tables: prices known, watchlists, findings, metrics, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from screener.audit.findings import KINDS
from screener.model.messages import NOTHING, Sentence, joined, said, say
from screener.model.problems import SEVERITIES
from screener.model.symbols import exchange_of
from screener.output.terminal.console import STYLES, plain_table
from screener.valuation.metric import Metric

if TYPE_CHECKING:
    from screener.audit.findings import Finding
    from screener.config import Preset
    from screener.importing.drafts import Draft
    from screener.market_data.diagnosis import Observation
    from screener.model.columns import Column
    from screener.store.kept import Stored
    from screener.watchlists.read import Watchlist


def known_table(known: Mapping[str, Sequence[Stored]], lang: str) -> Table:
    """What prices are known of each symbol."""
    heads = (
        say("Symbol"),
        say("Price"),
        say("Ccy"),
        say("Market time"),
        say("Source"),
        say("Fetched (UTC)"),
    )
    table = _headed(plain_table(), heads, lang, right=(1,))
    for symbol, quotes in known.items():
        zone = exchange_of(symbol).zone
        for quote in quotes:
            cells = (
                symbol,
                f"{quote.quote.price:,.2f}",
                quote.quote.currency,
                f"{quote.quote.market_time.astimezone(zone):%Y-%m-%d %H:%M}",
                quote.quote.source,
                f"{quote.fetched_at:%Y-%m-%d %H:%M}",
            )
            table.add_row(*(Text(f"{cell} ", no_wrap=True) for cell in cells))
        if not quotes:
            table.add_row(f"{symbol} ", "n/a ", "", "", say("nothing is stored").said(lang), "")
    return table


def diagnosis_table(findings: Iterable[Observation], lang: str) -> Table:
    """What was looked at, and how it is."""
    table = _headed(plain_table(), (say("What"), NOTHING, say("Seen")), lang)
    for finding in findings:
        mark = say("ok") if finding.is_fine else say("no")
        what, seen = said(finding.what, lang), said(finding.seen, lang)
        table.add_row(Text(f"{what} ", no_wrap=True), f"{mark.said(lang)} ", Text(seen))
    return table


def watchlist_table(watchlists: Sequence[Watchlist], lang: str) -> Table:
    """What watchlists there are: their size, day and source."""
    heads = (say("Watchlist"), say("Rows"), say("As of"), say("Consensus"), say("Source"))
    table = _headed(plain_table(), heads, lang, right=(1,))
    for watchlist in watchlists:
        origin = watchlist.provenance
        source = f"{origin.publisher} {origin.published or ''}".strip()
        if origin.table:
            number = say("table {number}", number=origin.table).said(lang)
            source = f"{source} {number}"
        label = origin.label(lang)
        cells = (
            f"{watchlist.name} {label}",
            len(watchlist.listings),
            origin.as_of,
            origin.consensus,
            source,
        )
        table.add_row(*(Text(f"{cell} ") for cell in cells))
    return table


def findings_table(findings: Sequence[Finding], lang: str) -> Table:
    """What the printed tables get wrong, the worst first."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    heads = (say("Severity"), say("Symbol"), say("Finding ({count})", count=len(findings)))
    _headed(table, heads, lang)
    for each in sorted(findings, key=lambda each: list(SEVERITIES).index(each.severity)):
        kind = KINDS[each.kind].label(lang)
        table.add_row(
            Text(SEVERITIES[each.severity].said(lang), style=STYLES[each.severity], no_wrap=True),
            Text(each.symbol, no_wrap=True),
            Text(f"{kind} · {each.sector} · {each.message.said(lang)}"),
        )
    return table


def drafts_table(drafts: Sequence[Draft], lang: str) -> Table:
    """The valuation tables that a document holds."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    heads = (
        say("Table"),
        say("Watchlist"),
        say("Rows"),
        say("Years"),
        say("Sure"),
        say("Caption"),
    )
    _headed(table, heads, lang, right=(2,))
    for draft in drafts:
        years = f"{draft.years[0]}–{draft.years[-1]}" if draft.years else "–"
        number = str(draft.facts.get("table", draft.number))
        rows = str(len(draft.lines))
        caption = Text(draft.caption or draft.where)
        sure = draft.confidence.said(lang)
        table.add_row(number, Text(draft.name), rows, years, sure, caption)
    return table


def guesses(drafts: Sequence[Draft], lang: str) -> Text:
    """What was guessed of each table, as it is written down with it."""
    lines = [
        say("guessed in {name}: {guesses}", name=draft.name, guesses=joined(draft.guessed))
        for draft in drafts
    ]
    return Text("\n".join(line.said(lang) for line in lines), style="yellow")


def printed_table(watchlist: Watchlist, lang: str) -> Table:
    """The figures of one watchlist as they are printed."""
    years = sorted({year.fiscal_year for row in watchlist.listings for year in row.years})
    heads = (
        say("Symbol"),
        say("Name"),
        say("Market cap, 亿"),
        *(say("EPS {year}", year=year) for year in years),
        *(say("P/E {year}", year=year) for year in years),
        say("Ccy"),
    )
    table = _headed(plain_table(), heads, lang, right=range(2, 3 + 2 * len(years)))
    for row in watchlist.listings:
        by_year = {year.fiscal_year: year for year in row.years}
        figures = [by_year[year].eps for year in years] + [by_year[year].pe for year in years]
        texts = [figure.text if figure else "–" for figure in figures]
        cap = "–" if row.market_cap is None else f"{row.market_cap:,.2f}"
        cells = (row.symbol, row.name, cap, *texts, row.eps_currency)
        table.add_row(*(Text(f"{cell} ", no_wrap=True) for cell in cells))
    return table


def presets_table(presets: Iterable[Preset], lang: str) -> Table:
    """Every preset: what it is for, its conditions, its metric."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False, show_lines=False)
    _headed(table, (say("Preset"), say("For, conditions and metric")), lang)
    for preset in presets:
        lines = [preset.label(lang), *(f"--where '{condition}'" for condition in preset.where)]
        lines += [f"--by {preset.by}"] if preset.by else []
        table.add_row(Text(preset.name, no_wrap=True), Text("\n".join(lines)))
    return table


def settings_table(rows: Iterable[tuple[str, str, str]], lang: str) -> Table:
    """Every setting: option, value, and where it comes from."""
    table = _headed(plain_table(), (say("Option"), say("Value"), say("Set by")), lang)
    for row in rows:
        table.add_row(*(Text(f"{said(cell, lang)} ") for cell in row))
    return table


def columns_table(columns: Iterable[Column], lang: str) -> Table:
    """Every column of a result: its name, its type, what it means."""
    heads = (say("Column"), say("Type"), say("Unit"), say("Meaning"))
    table = _headed(plain_table(), heads, lang)
    for column in columns:
        label = f"{column.label(lang)}: {column.meaning.said(lang)}"
        name = Text(f"{column.name} ", no_wrap=True)
        table.add_row(name, f"{column.kind} ", Text(f"{column.unit.said(lang)} "), Text(label))
    return table


def metrics_table(metrics: Iterable[Metric], lang: str) -> Table:
    """Every metric: name, meaning, formula."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False, show_lines=False)
    _headed(table, (say("Metric"), say("Meaning and formula")), lang)
    orders = {"low": say("low first"), "high": say("high first"), None: say("not for ranking")}
    for metric in metrics:
        lines = (
            f"{metric.label(lang)} · {orders[metric.best].said(lang)}",
            metric.meaning.said(lang),
            f"= {metric.formula.said(lang)}",
        )
        table.add_row(Text(metric.name, no_wrap=True), Text("\n".join(lines)))
    return table


def _headed(table: Table, heads: Iterable[Sentence], lang: str, right: Sequence[int] = ()) -> Table:
    """The table with a column for each heading, those at `right` justified to the right."""
    for at, head in enumerate(heads):
        table.add_column(
            f"{head.said(lang)} ", justify="right" if at in right else "left", overflow="fold"
        )
    return table
