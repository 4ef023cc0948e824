"""A result as tables, or as plain lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from screener.market_data.quotes import OLD_AFTER_DAYS
from screener.model.columns import code_word
from screener.model.messages import NOTHING, Sentence, joined, say
from screener.model.symbols import exchange_of
from screener.model.table import Shown, ShownTable, shown_table
from screener.output.terminal.console import fitted
from screener.screening.horizons import OF_HORIZONS, odd_horizons
from screener.screening.shown import columns_shown, of_year
from screener.valuation.composite import PART, weights
from screener.valuation.metric import Metric

if TYPE_CHECKING:
    import polars as pl

    from screener.model.columns import Column
    from screener.screening.result import Result
    from screener.watchlists.read import Watchlist


AGGREGATES_SHOWN = (
    "n",
    "n_nm",
    "n_missing",
    "low",
    "lower_quartile",
    "median",
    "upper_quartile",
    "high",
    "harmonic_mean",
    "aggregate",
)

# What a narrow terminal goes without.
DROPPED_FIRST = ("lower_quartile", "upper_quartile", "n_missing", "low", "high")

# Rank, range, code, name, price and the metric that ranks are always shown.
LEAST_COLUMNS = 6

# Marks of prices that were obtained in another way than most, and what they mean.
_MARKS: Mapping[str, tuple[str, Sentence]] = {
    "report": ("ʳ", say("the report's price")),
    "cached": ("ˢ", say("a stored price")),
    "file": ("ᶠ", say("a price of a file")),
    "delayed": ("ᵈ", say("a delayed price")),
    "halted": ("ʰ", say("has not traded since: halted")),
}

OLD_MARK = "!"

# How long a bar of a premium is at most.
BAR = 5


def result_tables(result: Result, lang: str, top: int | None, width: int) -> RenderableType:
    """The ranked table of each sector, the sectors' statistics, and the legend, so wide at most."""
    parts: list[RenderableType] = []
    if behind := result.staleness:
        parts += [Text(f"! {behind.banner.said(lang)}", style="bold red"), Text()]
    for watchlist in result.watchlists:
        rows = result.of_sector(watchlist.name)
        parts += [_sector_table(result, watchlist, rows[:top], lang, width)]
        if top is not None and len(rows) > top:
            more = say("  + {count} more in the workbook", count=len(rows) - top)
            parts.append(Text(more.said(lang), style="dim"))
        parts.append(Text())
    lines = [_prices_line(result, lang), _consensus_line(result, lang), _legend(result).said(lang)]
    if said := _years(result):
        lines.append(said.said(lang))
    marks = [f"{mark}: {_MARKS[name][1].said(lang)}" for name, mark in _marks(result).items()]
    if (result.table["price_age_days"] > OLD_AFTER_DAYS).any():
        marks.append(f"{OLD_MARK}: {say('a price of more than ten days ago').said(lang)}")
    legend = "\n".join([*lines, *filter(None, [" · ".join(marks)])])
    return Group(*parts, _aggregates_table(result, lang, width), Text(legend, style="dim"))


def _legend(result: Result) -> Sentence:
    limit = result.nm_above
    above = say(" or a P/E above {limit:,g}", limit=limit) if limit else NOTHING
    return say(
        "NM: a loss, no growth{above}: not ranked · n/a: missing · Range: if EPS were rounded",
        above=above,
    )


def _years(result: Result) -> Sentence:
    """Which years FY1 and FY2 are, where they are the same for all; and what odd horizons mean."""
    years = sorted(set(result.table["fy1"].to_list()))
    parts = []
    if len(years) == 1:
        parts.append(say("FY1 {first}E, FY2 {second}E", first=years[0], second=years[0] + 1))
    marked = sorted(set(odd_horizons(result.table).values()))
    if marked:
        mark = "".join(marked)
        parts.append(say("{mark}: growth over so many years, unlike the others'", mark=mark))
    return joined(parts, say(" · "))


def _sector_table(
    result: Result, watchlist: Watchlist, rows: Sequence[Mapping[str, Any]], lang: str, width: int
) -> Table:
    price = result.columns["price"]
    horizons = odd_horizons(result.table)
    marks = _marks(result)
    currencies = {row["price_currency"] for row in rows if row["price"] is not None}
    columns = [
        Shown("#", [str(row["rank"] or "") for row in rows]),
        Shown(say("Range").said(lang), [_range(row) for row in rows], justify="center"),
        Shown(result.columns["symbol"].label(lang), [row["symbol"] for row in rows], "left"),
        Shown(result.columns["name"].label(lang), [row["name"] for row in rows], "left"),
        Shown(
            _price_head(result, currencies, lang),
            [_marked(row, price, marks, is_mixed=len(currencies) > 1) for row in rows],
        ),
    ]
    for name in columns_shown(result.by, weights(result.metrics)):
        metric = result.metrics[name]
        title = of_year(result.heading(metric, lang), rows)
        if metric.weight:
            part = result.metrics[name.removeprefix(PART)]
            title = f"{of_year(result.heading(part, lang), rows)} ×{metric.weight:.3g}"
        spans = horizons if name in OF_HORIZONS else {}
        cells = [figure(row, metric) + spans.get(row["row"], "") for row in rows]
        columns.append(Shown(title, cells))
    bars = [_bar(row["pe_vs_sector"]) for row in rows]
    columns.append(Shown(say("below│above").said(lang), bars, "left"))
    spare = columns[LEAST_COLUMNS:]
    table = ShownTable(tuple(columns), _title(result, watchlist, lang))
    return fitted(table, spare[::-1], width)


def _price_head(result: Result, currencies: Collection[str], lang: str) -> str:
    """What heads the prices: with their currency, where other tables have another one."""
    label = result.columns["price"].label(lang)
    every = set(result.table["price_currency"].drop_nulls())
    return f"{label} {min(currencies)}" if len(every) > 1 and len(currencies) == 1 else label


def _title(result: Result, watchlist: Watchlist, lang: str) -> str:
    names = dict.fromkeys((watchlist.provenance.label(lang), watchlist.name))
    rest = say(
        "{count} names · by {metric} · price day {day}",
        count=len(watchlist.listings),
        metric=result.metrics[result.by].label(lang),
        day=result.price_day,
    )
    return f"{' '.join(names)} · {rest.said(lang)}"


def _marks(result: Result) -> Mapping[str, str]:
    """The marks that tell some prices from the others; none where all are of one kind."""
    found = set(result.table["price_obtained"].drop_nulls())
    return {} if len(found) < 2 else {name: _MARKS[name][0] for name in _MARKS if name in found}


def _marked(
    row: Mapping[str, Any], price: Column, marks: Mapping[str, str], *, is_mixed: bool
) -> str:
    """A price, its currency where others stand beside it, and a mark where it is unlike them."""
    if row["price"] is None:
        return "n/a"
    old = OLD_MARK if row["price_age_days"] > OLD_AFTER_DAYS else ""
    currency = f" {row['price_currency']}" if is_mixed else ""
    return f"{price.show(row['price'])}{currency}{marks.get(row['price_obtained'], '')}{old}"


def _bar(premium: float | None) -> str:
    """A premium as a bar to the right of a line, a discount as one to the left; 50 % is full."""
    if premium is None:
        return ""
    length = min(BAR, max(1, round(abs(premium) / 0.5 * BAR))) if premium else 0
    left = ("▆" * length if premium < 0 else "").rjust(BAR)
    return f"{left}│{'▆' * length if premium > 0 else ''}".ljust(2 * BAR + 1)


def plain_lines(result: Result, lang: str, top: int | None) -> Iterator[str]:
    """A heading and a line a name, cells separated by tabs, nothing cut: for other programs."""
    names = ("sector", "rank", "symbol", "name", "price", "price_currency", "price_obtained")
    shown = [*names, *columns_shown(result.by, weights(result.metrics)), "status"]
    heads = [result.columns[name].label(lang) for name in shown]
    rows = (
        row for table in result.watchlists for row in result.of_sector(table.name)[: top or None]
    )
    cells = ([_plain(result, row, name, lang) for name in shown] for row in rows)
    return shown_table(heads, cells, lang).tabbed()


def _plain(result: Result, row: Mapping[str, Any], name: str, lang: str) -> str:
    column, value = result.columns[name], row[name]
    if value is None:
        return column.gap(row) if isinstance(column, Metric) else ""
    return result.text(row, name, lang) if isinstance(value, str) else str(value)


def _range(row: Mapping[str, Any]) -> str:
    best, worst = row["rank_best"], row["rank_worst"]
    return "" if best == worst else f"{best}–{worst}"


def figure(row: Mapping[str, Any], metric: Metric) -> str:
    value = row[metric.name]
    return metric.gap(row) if value is None else metric.show(value)


def _prices_line(result: Result, lang: str) -> str:
    """How many prices were obtained in which way, and of which days."""
    once = result.table.unique("symbol", keep="first", maintain_order=True)
    priced = once.filter(once["price"].is_not_null())
    parts = [
        f"{len(group)} {code_word(obtained, lang)} ({_days(group)})"
        for (obtained,), group in priced.group_by("price_obtained", maintain_order=True)
    ]
    missing = len(once) - len(priced)
    parts += [f"{missing} n/a"] if missing else []
    line = say("Price {count} names: {parts}", count=len(once), parts=", ".join(parts) or "–")
    return line.said(lang)


def _consensus_line(result: Result, lang: str) -> str:
    """How many rows are valued on whose estimates, and of which days."""
    parts = []
    for _, group in result.table.group_by("consensus_source", maintain_order=True):
        source = result.text(group.row(0, named=True), "consensus_source", lang)
        days = sorted(set(group["consensus_day"].to_list()))
        span = str(days[0]) if len(days) == 1 else f"{days[0]} – {days[-1]}"
        parts.append(f"{len(group)} {source} ({span})")
    return say("Consensus: {parts}", parts=", ".join(parts) or "–").said(lang)


def _days(rows: pl.DataFrame) -> str:
    days = sorted(
        {
            row["price_time"].astimezone(exchange_of(row["symbol"]).zone).date()
            for row in rows.iter_rows(named=True)
        }
    )
    return str(days[0]) if len(days) == 1 else f"{days[0]} – {days[-1]}"


def _aggregates_table(result: Result, lang: str, width: int) -> Table:
    from screener.valuation.aggregates import AGGREGATE_COLUMNS

    columns = {column.name: column for column in AGGREGATE_COLUMNS}
    metric = result.metrics[result.by]
    labels = {watchlist.name: watchlist.provenance.label(lang) for watchlist in result.watchlists}
    rows = result.sectors.filter(result.sectors["metric"] == metric.name).to_dicts()
    sector = Shown(columns["sector"].label(lang), [labels[row["sector"]] for row in rows], "left")
    shown = {
        name: Shown(
            columns[name].label(lang),
            [_aggregate_cell(row[name], columns[name], metric) for row in rows],
        )
        for name in AGGREGATES_SHOWN
    }
    dropped_first = [shown[name] for name in DROPPED_FIRST]
    title = say("Sectors · {metric}", metric=metric.label(lang)).said(lang)
    return fitted(ShownTable((sector, *shown.values()), title), dropped_first, width)


def _aggregate_cell(value: float | None, column: Column, metric: Metric) -> str:
    if value is None:
        return "–"
    return column.show(value) if column.kind == "integer" else metric.show(value)
