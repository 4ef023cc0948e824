"""The tables of a page: what the workbook's sheets show, as it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screener.market_data.band import BAND
from screener.model.messages import say
from screener.model.symbols import exchange_of
from screener.model.table import Shown, ShownTable
from screener.output.shown import (
    RANK_RANGE,
    best_columns,
    best_names,
    ranking_rows,
    shown_columns,
)
from screener.screening.shown import shown_column, statistics_lines
from screener.valuation.aggregates import AGGREGATE_COLUMNS, NO_STATISTIC

if TYPE_CHECKING:
    from screener.market_data.band import Band
    from screener.screening.result import Result


Row = Mapping[str, Any]

# The years at a glance: so many points of a line in a box 100 by 20.
_POINTS = 100
_OWN_PAST = say("Own P/E TTM, 5 years")
# Where each row's figures come from, and how old they are.
_SOURCES = (
    "symbol", "name", "price", "price_currency", "price_source", "price_obtained", "price_time",
    "price_age_days", "consensus_source", "consensus_day", "consensus_age_days", "where",
)  # fmt: skip
_SECTOR_STATISTICS = (
    "n", "n_nm", "n_missing", "low", "median", "harmonic_mean", "aggregate", "high",
)  # fmt: skip


def best_table(result: Result, lang: str) -> ShownTable:
    """The names that rank first across sectors, each with a link to its row."""
    rows = best_names(result)
    return ShownTable(_columns(result, best_columns(result), rows, lang))


def sector_table(result: Result, sector: str, lang: str) -> ShownTable:
    """The names of a sector as they rank, their past in a line each, and statistics below."""
    rows = result.of_sector(sector)
    names = shown_columns(result)
    columns = _columns(result, names, rows, lang, is_target=True)
    of_sector = result.sectors.filter(result.sectors["sector"] == sector)
    known = [result.columns[name] for name in names if name != RANK_RANGE]
    foot = [list(line) for line in statistics_lines(of_sector, known, lang)]
    if RANK_RANGE in names:
        for line in foot:
            line.insert(names.index(RANK_RANGE), "")
    if any(row["symbol"] in result.past for row in rows):
        columns = (*columns, _past(result, rows, lang))
        foot = [[*line, ""] for line in foot]
    return ShownTable(columns, "", foot, [_place(row) for row in rows])


def ranking_table(result: Result, lang: str) -> ShownTable:
    """All names in one order, each with a link to its row."""
    rows = ranking_rows(result)
    own = ("rank", "rank_all", "sector", RANK_RANGE)
    names = ["rank_all", "sector", *(name for name in shown_columns(result) if name not in own)]
    return ShownTable(_columns(result, names, rows, lang))


def sectors_table(result: Result, lang: str) -> ShownTable:
    """The sectors' statistics of the metric that ranks, side by side."""
    metric = result.metrics[result.by]
    titles = {column.name: column for column in AGGREGATE_COLUMNS}
    rows = result.sectors.filter(result.sectors["metric"] == metric.name).to_dicts()
    labels = {each.name: each.provenance.label(lang) for each in result.watchlists}
    columns = [Shown(titles["sector"].label(lang), [labels[row["sector"]] for row in rows], "left")]
    for name in _SECTOR_STATISTICS:
        shown = titles[name] if name.startswith("n") else metric
        texts = [NO_STATISTIC if row[name] is None else shown.show(row[name]) for row in rows]
        columns.append(Shown(titles[name].label(lang), texts, order=[row[name] for row in rows]))
    return ShownTable(tuple(columns), f"{say('Sectors').said(lang)} · {metric.label(lang)}")


def sources_table(result: Result, lang: str) -> ShownTable:
    """A row a listing: whose price and estimates, of when."""
    rows = result.as_listed
    return ShownTable(_columns(result, _SOURCES, rows, lang))


def _columns(
    result: Result, names: Sequence[str], rows: Sequence[Row], lang: str, *, is_target: bool = False
) -> tuple[Shown, ...]:
    return tuple(_column(result, name, rows, lang, is_target=is_target) for name in names)


def _column(result: Result, name: str, rows: Sequence[Row], lang: str, *, is_target: bool) -> Shown:
    if name == RANK_RANGE:
        return Shown(say("Range").said(lang), [_range(row) for row in rows])
    column = result.columns[name]
    shown = shown_column(column, rows, lang, result.heading)
    if name == "symbol" and not is_target:
        return Shown(shown.title, shown.cells, "left", links=[f"#{_place(row)}" for row in rows])
    if name == "sector":
        labels = {each.name: each.provenance.label(lang) for each in result.watchlists}
        return Shown(shown.title, [labels[row[name]] for row in rows], "left")
    if column.kind == "time":
        texts = [
            column.show(row[name].astimezone(exchange_of(row["symbol"]).zone)) if row[name] else ""
            for row in rows
        ]
        return Shown(shown.title, texts, "left")
    if column.kind == "text":
        texts = [result.text(row, name, lang) if row[name] else "" for row in rows]
        return Shown(shown.title, texts, "left")
    return shown


def _range(row: Row) -> str:
    best, worst = row["rank_best"], row["rank_worst"]
    return "" if best is None or best == worst else f"{best}–{worst}"


def _place(row: Row) -> str:
    """What a row of a sector's table is found by."""
    return f"row-{row['row']}"


def _past(result: Result, rows: Sequence[Row], lang: str) -> Shown:
    bands = [result.past.get(row["symbol"]) for row in rows]
    return Shown(
        _OWN_PAST.said(lang),
        [_said_of(band, lang) if band else "" for band in bands],
        "left",
        lines=[_line(band) if band else "" for band in bands],
    )


def _said_of(band: Band, lang: str) -> str:
    """What the line shows, for who cannot see it, and for who points at it."""
    low, high = band.percentiles[BAND[0]], band.percentiles[BAND[-1]]
    now = band.gap if band.last is None else f"{band.last:.1f}x"
    return say("10%–90%: {low:.1f}x–{high:.1f}x, now {now}", low=low, high=high, now=now).said(lang)


def _line(band: Band) -> str:
    """The years as points; where there is no multiple the line goes on to the next one."""
    known = [(at, each) for at, each in enumerate(band.multiples) if each is not None]
    low, high = min(each for _, each in known), max(each for _, each in known)
    step = max(1, len(known) // _POINTS)
    width, height = max(len(band.multiples) - 1, 1), (high - low) or 1
    drawn = [*known[:-1:step], known[-1]]
    return " ".join(
        f"{at / width * 100:.1f},{19 - (each - low) / height * 18:.1f}" for at, each in drawn
    )
