"""The line from watchlists to a ranked table, as one library call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from screener.model.columns import check
from screener.model.input_columns import input_columns
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.screening.gather import Gathered, Request, gather
from screener.screening.result import Result
from screener.valuation import aggregates, filters, ranking
from screener.valuation.composite import Scope, resolve
from screener.valuation.metric import Metric
from screener.valuation.value import value


def screen(
    sectors: Sequence[str] = (),
    prices: str | Path = "auto",
    by: str = "pe_fy1",
    as_of: date | None = None,
    watchlists: str | Path | None = None,
    now: datetime | None = None,
    timeout: float = 20.0,
    offline: bool = False,
    max_age: float | None = None,
    store: str | Path | None = None,
    cross_check: bool = False,
    nm_above: float | None = None,
    consensus: str | Path | date = "latest",
    where: str | Sequence[str] = (),
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    scope: Scope = "sector",
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Price, value and rank the names of the watchlists `sectors` (all where that is empty).

    `prices` is a source or a CSV file: `live`; `report`, the prices that the printed tables imply;
    `auto`, live ones, else stored ones, else the report's. `by` is the metric that ranks, or a
    composite, as `0.5 pe_fy1 + 0.5 peg`: a weighted mean of percentile ranks within the `scope`.
    `as_of` is the day of the valuation; without it, the latest day a price stands for.
    `watchlists` is the folder they are in. `timeout` is how many seconds live sources may take
    together; `offline` opens no connection; `max_age` is how many seconds old a stored price may
    be to be used without asking (None: a minute while the market trades, until it opens
    otherwise); `store` is the file of stored prices; `cross_check` asks both live sources for
    every name; P/Es above `nm_above` are NM (None: none are); `consensus` is `report`, the
    watchlists' own estimates, `latest`, the newest ones that are stored and not in doubt, a day,
    those of by then, or the path of an earlier workbook, what was typed into it; `where` are
    conditions on columns that all must be met, as `pe_fy1 < 30`: ranks and medians are of the
    names that meet them; `only` and `exclude` are symbols; `progress` is told how many prices have
    come, and of how many.

    Raises UnknownNameError for a sector, a source or a metric that there is not, UsageError for
    what else cannot be asked.
    """
    wish = Request(
        sectors=tuple(sectors),
        prices=prices,
        by=by,
        as_of=as_of,
        watchlists=watchlists,
        now=now or datetime.now(UTC),
        timeout=timeout,
        offline=offline,
        max_age=max_age,
        store=store,
        cross_check=cross_check,
        nm_above=nm_above,
        consensus=consensus,
        only=tuple(only),
        exclude=tuple(exclude),
        scope=scope,
        progress=progress,
    )
    conditions = (where,) if isinstance(where, str) else tuple(where)
    return ranked(gather(wish, conditions), by, conditions, scope)


def ranked(
    gathered: Gathered, by: str, where: Sequence[str] = (), scope: Scope = "sector"
) -> Result:
    """What has been gathered, valued, filtered and ranked: the same for the same, always.

    Raises UnknownNameError for a metric that there is not, UsageError for a condition that is none.
    """
    metrics, metric = resolve(by, gathered.years, scope)
    inputs = input_columns(gathered.years)
    given = gathered.frame.select(column.name for column in inputs)
    frame, said = _passing(given, metrics, where)
    columns = (*ranking.RANK_COLUMNS, *inputs, *metrics.values())
    table = check(ranking.rank(value(frame, metrics.values()), metric), columns)
    kept = set(zip(table["sector"], table["symbol"], strict=True))
    tables = [
        replace(
            watchlist, listings=tuple(r for r in watchlist.listings if (r.sector, r.symbol) in kept)
        )
        for watchlist in gathered.watchlists
    ]
    problems = [*gathered.problems, *said]
    problems += ranking.explain(table, metric, problems)
    return Result(
        table=table,
        sectors=aggregates.aggregate(table, metrics.values()),
        problems=tuple(problems),
        findings=gathered.findings,
        watchlists=tuple(each for each in tables if each.listings or not where),
        columns={column.name: column for column in columns},
        metrics=metrics,
        by=metric.name,
        scope=scope,
        where=tuple(where),
        prices=gathered.prices,
        price_day=gathered.price_day,
        generated_at=gathered.generated_at,
        asked_by=by,
        gathered=gathered,
    )


def _passing(
    frame: pl.DataFrame, metrics: Mapping[str, Metric], where: Sequence[str]
) -> tuple[pl.DataFrame, list[Problem]]:
    """The inputs of the rows whose figures meet the conditions, and what is to be said of that."""
    if not where:
        return frame, []
    valued = value(frame, metrics.values())
    passing, unknown = filters.passing(valued, where)
    message = say(
        "{left} of {all} names meet {conditions}; ranks and medians are of those",
        left=len(passing),
        all=len(frame),
        conditions=" and ".join(where),
    )
    problems = [Problem("filtered", "filter", message)]
    for condition, rows in unknown.items():
        names = list(filters.names(condition, valued.columns))
        for row in rows.iter_rows(named=True):
            message = _untold(condition, [name for name in names if row[name] is None])
            problems.append(Problem("unknown_to_filter", row["where"], message, row["symbol"]))
    return frame.filter(frame["row"].is_in(passing["row"].to_list())), problems


def _untold(condition: str, missing: Sequence[str]) -> Sentence:
    """Why nobody can tell whether a row meets a condition."""
    if missing:
        return say(
            "{where}: it has no {missing}, and is left out",
            where=condition,
            missing=", ".join(missing),
        )
    if "/" in condition:
        return say("{where}: it divides by zero, and is left out", where=condition)
    return say("{where}: it cannot be told, and is left out", where=condition)
