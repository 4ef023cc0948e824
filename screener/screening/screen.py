"""The line from watchlists to a ranked table, as one library call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from screener.model.columns import Column, check
from screener.model.input_columns import input_columns
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.spellings import spellings
from screener.screening.gather import Gathered, gather
from screener.screening.horizons import horizon_problems
from screener.screening.options import Options
from screener.screening.result import Result
from screener.valuation import filters, ranking
from screener.valuation.composite import Scope, resolve
from screener.valuation.metric import Metric
from screener.valuation.value import value


def screen(options: Options | None = None, /, **named: Any) -> Result:
    """Price, value and rank the names of watchlists, as the options say.

    Each keyword is a field of `Options`, given in place of the options or over them. Raises
    UnknownNameError for a sector, a source or a metric that there is not, UsageError for what
    else cannot be asked.
    """
    asked = replace(options, **named) if options else Options(**named)
    gathered = gather(asked)
    asked.done("valuation")
    result = ranked(gathered, asked.by, asked.conditions, asked.scope)
    asked.done("ranking")
    return result


def ranked(
    gathered: Gathered, by: str, where: Sequence[str] = (), scope: Scope = "sector"
) -> Result:
    """What has been gathered, valued, filtered and ranked: the same for the same, always.

    Raises UnknownNameError for a metric that there is not, UsageError for a condition that is none.
    """
    metrics, metric = resolve(by, gathered.years, scope)
    inputs = input_columns(gathered.years)
    given = gathered.frame.select(column.name for column in inputs)
    frame, said = _passing(given, metrics, where, inputs)
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
    problems += horizon_problems(table, metric)
    return Result(
        table=table,
        problems=tuple(problems),
        findings=gathered.findings,
        watchlists=tuple(table for table in tables if table.listings or not where),
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
    frame: pl.DataFrame,
    metrics: Mapping[str, Metric],
    where: Sequence[str],
    inputs: Sequence[Column],
) -> tuple[pl.DataFrame, list[Problem]]:
    """The inputs of the rows whose figures meet the conditions, and what is to be said of that."""
    if not where:
        return frame, []
    valued = value(frame, metrics.values())
    spelled = spellings([*metrics.values(), *inputs])
    passing, unknown = filters.passing(valued, where, spelled)
    message = say(
        "{left} of {all} names meet {conditions}; ranks and medians are of those",
        left=len(passing),
        all=len(frame),
        conditions=" and ".join(where),
    )
    problems = [Problem("filtered", "filter", message)]
    for condition, rows in unknown.items():
        names = list(filters.names(condition, valued.columns, spelled))
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
