"""What changed between two runs: ranks, prices, estimates, names, problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from screener.consensus.splits import Record, adjustment
from screener.model.columns import check, dtypes
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.symbols import exchange_of, lasting
from screener.screening.changed import COLUMNS, Changes

if TYPE_CHECKING:
    import polars as pl

    from screener.screening.result import Result


Row = Mapping[str, Any]


def compare(old: Result, new: Result, record: Record | None = None) -> Changes:
    """What is different in `new`.

    `record` knows the splits between the two, where the tables are of two days.
    """
    import polars as pl

    before, after = _by_name(old), _by_name(new)
    both = [name for name in after if name in before]
    known = record or Record({}, {})
    splits = {name: _split(old, new, before[name], after[name], known) for name in both}
    records = [_record(before[name], after[name], splits[name]) for name in both]
    rows = check(pl.DataFrame(records, schema=dtypes(COLUMNS)), COLUMNS)
    return Changes(
        rows=rows,
        came=tuple(_named(after[name]) for name in after if name not in before),
        went=tuple(_named(before[name]) for name in before if name not in after),
        new_problems=_without(new.problems, old.problems),
        gone_problems=_without(old.problems, new.problems),
        said=(*_said(old, new), *_rolled(rows), *_unknown(splits.values())),
    )


def _by_name(result: Result) -> dict[tuple[str, str], Row]:
    return {(row["sector"], lasting(row["symbol"])): row for row in result.rows}


def _named(row: Row) -> tuple[str, str, str]:
    return row["sector"], row["symbol"], row["name"]


def _without(problems: Iterable[Problem], others: Iterable[Problem]) -> tuple[Problem, ...]:
    known = {(other.kind, other.symbol, other.message) for other in others}
    return tuple(
        problem
        for problem in problems
        if (problem.kind, problem.symbol, problem.message) not in known
    )


def _said(old: Result, new: Result) -> Iterable[Sentence]:
    if old.by != new.by or old.metrics[old.by].formula != new.metrics[new.by].formula:
        yield say(
            "ranked by {before}, then by {after}: ranks mean different things",
            before=old.asked_by,
            after=new.asked_by,
        )
    if old.where != new.where:
        before, after = (" and ".join(each.where) or say("no condition") for each in (old, new))
        yield say("filtered by {before}, then by {after}", before=before, after=after)

    if old.fy1_rule != new.fy1_rule:
        yield say("FY1 by {before}, then by {after}", before=old.fy1_rule, after=new.fy1_rule)
    limits = [each.nm_above for each in (old, new)]
    if limits[0] != limits[1]:
        before, after = (say("none") if limit is None else f"{limit:g}" for limit in limits)
        yield say(
            "the P/E above which is NM was {before}, and is {after}", before=before, after=after
        )


def _rolled(rows: pl.DataFrame) -> Iterable[Sentence]:
    count = int((rows["fy1"] != rows["fy1_before"]).sum())
    if count:
        yield say("names whose FY1 is another year: {count}; By EPS holds that step", count=count)


def _unknown(splits: Iterable[float | None]) -> Iterable[Sentence]:
    count = sum(split is None for split in splits)
    if count:
        yield say(
            "names whose splits between the two are not known: {count}; nothing by price or EPS",
            count=count,
        )


def _split(old: Result, new: Result, before: Row, after: Row, record: Record) -> float | None:
    """How many shares of the second run one share of the first has become; None: nobody knows.

    By what is on record of the days between the two prices. A split that the first run did not
    know of lies before both: its correction is a change of EPS, not of the price.
    """
    found = adjustment(after["symbol"], _priced_on(old, before), _priced_on(new, after), record)
    if not found.fault:
        return found.factor
    days = {_table_day(old, before), _table_day(new, after)}
    factors = before["split_since_report"], after["split_since_report"]
    return None if len(days) > 1 or None in factors else float(factors[1] / factors[0])


def _table_day(result: Result, row: Row) -> date:
    (table,) = (watchlist for watchlist in result.watchlists if watchlist.name == row["sector"])
    return table.provenance.as_of


def _priced_on(result: Result, row: Row) -> date:
    if row["price_time"] is None:
        return result.price_day
    traded: datetime = row["price_time"].astimezone(exchange_of(row["symbol"]).zone)
    return traded.date()


def _record(old: Row, new: Row, split: float | None) -> dict[str, Any]:
    price = _change(old["price"], _times(new["price"], split))
    eps = _change(old["eps_fy1"], _times(new["eps_fy1"], split))
    currencies = ("price_currency", "eps_currency")
    same_currency = all(old[currency] == new[currency] for currency in currencies)
    moved = old["rank"] - new["rank"] if None not in (old["rank"], new["rank"]) else None
    return {
        "sector": new["sector"],
        "symbol": new["symbol"],
        "name": new["name"],
        "rank_before": old["rank"],
        "rank": new["rank"],
        "rank_move": moved,
        "pe_before": old["pe_fy1"],
        "pe": new["pe_fy1"],
        "pe_change": _change(old["pe_fy1"], new["pe_fy1"]),
        "from_price": price if same_currency else None,
        "from_fx": _change(old["fx"], new["fx"]) if same_currency else None,
        "from_eps": _from_eps(eps) if same_currency else None,
        "fy1_before": old["fy1"],
        "fy1": new["fy1"],
        "consensus_before": f"{old['consensus_source']} {old['consensus_day']}",
        "consensus": f"{new['consensus_source']} {new['consensus_day']}",
    }


def _from_eps(change: float | None) -> float | None:
    """What a change of EPS alone does to the multiple."""
    return None if change is None or change <= -1 else 1 / (1 + change) - 1


def _times(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else value * factor


def _change(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None or before <= 0 else after / before - 1
