"""Short tables: prices known, watchlists, findings, metrics, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from screener.audit.findings import KINDS
from screener.model.input_columns import PRICE_COLUMNS
from screener.model.messages import NOTHING, Sentence, joined, say
from screener.model.problems import SEVERITIES
from screener.model.symbols import exchange_of
from screener.model.table import ShownTable, shown_table
from screener.valuation.metric import Metric

if TYPE_CHECKING:
    from screener.audit.findings import Finding
    from screener.config import Preset
    from screener.importing.drafts import Draft
    from screener.market_data.diagnosis import Observation
    from screener.model.columns import Column
    from screener.store.kept import KeptRun, Stored
    from screener.watchlists.read import Watchlist


PRICE = next(column for column in PRICE_COLUMNS if column.name == "price")


def known_table(known: Mapping[str, Sequence[Stored]], lang: str) -> ShownTable:
    """What prices are known of each symbol."""
    heads = (
        say("Symbol"), say("Price"), say("Ccy"), say("Market time"), say("Source"),
        say("Fetched (UTC)"),
    )  # fmt: skip
    rows: list[tuple[str, ...]] = []
    for symbol, stored in known.items():
        zone = exchange_of(symbol).zone
        rows += [
            (
                symbol,
                PRICE.show(each.quote.price),
                each.quote.currency,
                f"{each.quote.market_time.astimezone(zone):%Y-%m-%d %H:%M}",
                each.quote.source,
                f"{each.fetched_at:%Y-%m-%d %H:%M}",
            )
            for each in stored
        ] or [(symbol, "n/a", "", "", say("nothing is stored"), "")]
    return shown_table(heads, rows, lang, right=(1,))


def diagnosis_table(observations: Iterable[Observation], lang: str) -> ShownTable:
    """What was looked at, and how it is."""
    rows = (
        (each.what, say("ok") if each.is_fine else say("no"), each.seen) for each in observations
    )
    return shown_table((say("What"), NOTHING, say("Seen")), rows, lang)


def watchlist_table(watchlists: Sequence[Watchlist], lang: str) -> ShownTable:
    """What watchlists there are: their size, day and source."""
    heads = (say("Watchlist"), say("Rows"), say("As of"), say("Consensus"), say("Source"))
    rows = []
    for watchlist in watchlists:
        origin = watchlist.provenance
        source = f"{origin.publisher} {origin.published or ''}".strip()
        if origin.table:
            source = f"{source} {say('table {number}', number=origin.table).said(lang)}"
        name = f"{watchlist.name} {origin.label(lang)}"
        rows.append((name, len(watchlist.listings), origin.as_of, origin.consensus, source))
    return shown_table(heads, rows, lang, right=(1,))


def findings_table(findings: Sequence[Finding], lang: str) -> ShownTable:
    """What the printed tables get wrong, the worst first."""
    heads = (say("Severity"), say("Symbol"), say("Finding ({count})", count=len(findings)))
    rows = (
        (
            SEVERITIES[finding.severity],
            finding.symbol,
            f"{KINDS[finding.kind].label(lang)} · {finding.sector} · {finding.message.said(lang)}",
        )
        for finding in sorted(findings, key=lambda each: list(SEVERITIES).index(each.severity))
    )
    return shown_table(heads, rows, lang)


def drafts_table(drafts: Sequence[Draft], lang: str) -> ShownTable:
    """The valuation tables that a document holds."""
    heads = (
        say("Table"), say("Watchlist"), say("Rows"), say("Years"), say("Sure"), say("Caption"),
    )  # fmt: skip
    rows = (
        (
            draft.facts.get("table", draft.number),
            draft.name,
            len(draft.lines),
            f"{draft.years[0]}–{draft.years[-1]}" if draft.years else "–",
            draft.confidence,
            draft.caption or draft.where,
        )
        for draft in drafts
    )
    return shown_table(heads, rows, lang, right=(2,))


def additions_table(
    rows: Sequence[Mapping[str, str]], columns: Sequence[str], lang: str
) -> ShownTable:
    """What is to be added to a watchlist: names, EPS by year, source and day."""
    years = [name for name in columns if name.startswith("eps_2")]
    heads = (
        say("Symbol"),
        say("Name"),
        *(say("EPS {year}", year=name.removeprefix("eps_")) for name in years),
        say("Ccy"),
        say("Cap, 亿"),
        say("Source"),
    )
    shown = [
        (
            row["symbol"],
            row["name"],
            *(f"{float(row[year]):.2f}" if row.get(year) else "–" for year in years),
            row.get("eps_currency") or "–",
            f"{float(row['market_cap']):,.0f}" if row.get("market_cap") else "–",
            row.get("source") or "–",
        )
        for row in rows
    ]
    return shown_table(heads, shown, lang, right=[*range(2, 2 + len(years)), 3 + len(years)])


def guesses(drafts: Sequence[Draft], lang: str) -> str:
    """What was guessed of each table, as it is written down with it."""
    lines = (
        say("guessed in {name}: {guesses}", name=draft.name, guesses=joined(draft.guessed))
        for draft in drafts
    )
    return "\n".join(line.said(lang) for line in lines)


def printed_table(watchlist: Watchlist, lang: str) -> ShownTable:
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
    rows = []
    for row in watchlist.listings:
        by_year = {year.fiscal_year: year for year in row.years}
        figures = [by_year[year].eps for year in years] + [by_year[year].pe for year in years]
        texts = (figure.text if figure else "–" for figure in figures)
        cap = "–" if row.market_cap is None else f"{row.market_cap:,.2f}"
        rows.append((row.symbol, row.name, cap, *texts, row.eps_currency))
    return shown_table(heads, rows, lang, right=range(2, 3 + 2 * len(years)))


def presets_table(presets: Iterable[Preset], lang: str) -> ShownTable:
    """Every preset: what it is for, its conditions, its metric."""
    rows = []
    for preset in presets:
        lines = [preset.label(lang), *(f"--where '{condition}'" for condition in preset.where)]
        lines += [f"--by {preset.by}"] if preset.by else []
        rows.append((preset.name, "\n".join(lines)))
    return shown_table((say("Preset"), say("For, conditions and metric")), rows, lang)


def settings_table(rows: Iterable[tuple[str, str, str]], lang: str) -> ShownTable:
    """Every setting: option, value, and where it comes from."""
    return shown_table((say("Option"), say("Value"), say("Set by")), rows, lang)


def columns_table(columns: Iterable[Column], lang: str) -> ShownTable:
    """Every column of a result: its name, its type, what it means."""
    heads = (say("Column"), say("Type"), say("Unit"), say("Meaning"))
    rows = (
        (each.name, each.kind, each.unit, f"{each.label(lang)}: {each.meaning.said(lang)}")
        for each in columns
    )
    return shown_table(heads, rows, lang)


def metrics_table(metrics: Iterable[Metric], lang: str) -> ShownTable:
    """Every metric: name, meaning, formula."""
    orders: Mapping[str | None, Sentence] = {
        "low": say("low first"), "high": say("high first"), None: say("not for ranking"),
    }  # fmt: skip
    rows = (
        (
            metric.name,
            f"{metric.label(lang)} · {orders[metric.best].said(lang)}\n"
            f"{metric.meaning.said(lang)}\n= {metric.formula.said(lang)}",
        )
        for metric in metrics
    )
    return shown_table((say("Metric"), say("Meaning and formula")), rows, lang)


def runs_table(runs: Sequence[KeptRun], lang: str) -> ShownTable:
    """Every run that is kept, the oldest first."""
    heads = (
        say("Run"), say("At (UTC)"), say("Price day"), say("Prices"), say("By"), say("Names"),
        say("Watchlists"),
    )  # fmt: skip
    rows = (
        (
            run.number,
            f"{run.generated_at:%Y-%m-%d %H:%M}",
            run.price_day,
            run.prices,
            run.by,
            run.names,
            run.sectors.replace(",", " "),
        )
        for run in runs
    )
    return shown_table(heads, rows, lang, right=(0, 5))


# What each table of the store holds.
STORED: Mapping[str, Sentence] = {
    "quotes": say("prices"),
    "rates": say("exchange rates"),
    "estimates": say("estimates, by fiscal year"),
    "accepted": say("estimates accepted or set by hand"),
    "splits": say("splits"),
    "split_lookups": say("days that splits were asked for"),
    "runs": say("runs"),
    "run_figures": say("figures of runs"),
    "closes": say("daily closes"),
    "close_lookups": say("days that closes were asked for"),
    "profiles": say("profiles of companies"),
    "multiples": say("daily multiples"),
    "multiple_lookups": say("days that multiples were asked for"),
}


def stored_table(counts: Mapping[Sentence, Mapping[str, int | None]], lang: str) -> ShownTable:
    """How many rows of each table of the store, by heading; without those that have none.

    None is a number that nobody knows.
    """
    named = [name for name in STORED if any(count.get(name, 0) != 0 for count in counts.values())]
    rows = [
        (
            STORED[name],
            *("?" if (found := count.get(name, 0)) is None else found for count in counts.values()),
        )
        for name in named
    ]
    return shown_table((say("What"), *counts), rows, lang, right=tuple(range(1, len(counts) + 1)))
