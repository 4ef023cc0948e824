"""A screening: the record that every writer takes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

import polars as pl

from screener.audit.findings import Finding
from screener.market_data.band import Band
from screener.model.columns import Column
from screener.model.language import of_environment
from screener.model.problems import Problem
from screener.screening.changed import Changes
from screener.screening.gather import Gathered
from screener.screening.shown import IDENTITY, columns_shown, shown_tables
from screener.screening.staleness import Staleness, staleness
from screener.valuation import aggregates
from screener.valuation.composite import Scope
from screener.valuation.metric import Metric
from screener.valuation.periods import STATED
from screener.valuation.term import Term
from screener.watchlists.read import Watchlist


# Without slots: what takes long is computed once, and where nobody looks not at all.
@dataclass(frozen=True)
class Result:
    """A screening: the ranked table, the sectors' statistics, and every problem met on the way.

    `findings` is what the printed tables themselves get wrong.

    `gathered` is what all of it was computed from, `asked_by` what the ranking was asked as;
    `changes` is what is different from the last run that asked for the same, where that is known;
    `past` are the bands of P/E TTM that are kept of its symbols, for what draws them.
    `table` has a row a listing, with the columns `columns`; `sectors` a row for each sector and
    metric. Both are polars frames without NaN or infinities: a null is explained by a problem.
    """

    table: pl.DataFrame
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]
    watchlists: tuple[Watchlist, ...]
    columns: Mapping[str, Column]
    metrics: Mapping[str, Metric]
    by: str
    scope: Scope
    where: tuple[str, ...]
    prices: str
    price_day: date
    generated_at: datetime
    asked_by: str
    gathered: Gathered
    changes: Changes | None = None
    past: Mapping[str, Band] = field(default_factory=dict)

    @cached_property
    def sectors(self) -> pl.DataFrame:
        """A row for each sector and each metric that ranks: its statistics."""
        return aggregates.aggregate(self.table, self.metrics.values())

    @cached_property
    def statistics(self) -> Mapping[str, Mapping[str, Term]]:
        """The statistics of each metric by the names of their columns, as terms."""
        return {name: aggregates.statistics_of(each) for name, each in self.metrics.items()}

    @cached_property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The rows of the table, each as its values by column, for what is written row by row."""
        return self.table.to_dicts()

    @property
    def as_listed(self) -> Sequence[Mapping[str, Any]]:
        """The rows in the order of the watchlists."""
        return sorted(self.rows, key=itemgetter("row"))

    def of_sector(self, name: str) -> Sequence[Mapping[str, Any]]:
        """The rows of one sector, as they are ranked."""
        return self._by_sector.get(name, [])

    @cached_property
    def _by_sector(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.rows:
            found.setdefault(row["sector"], []).append(row)
        return found

    def heading(self, column: Column, lang: str) -> str:
        """What heads a column, its fiscal year as desks write it: 2025A if reported, 2026E if not.

        A year that some sources have results of, and some not, is neither.
        """
        label, year = column.label(lang), column.year
        return label if year is None else label.replace(f"FY{year}", self._year_name(year))

    def _year_name(self, year: int) -> str:
        known = self._reported.get(year, [])
        return f"{year}{'' if len(known) > 1 else 'A' if known == [True] else 'E'}"

    @cached_property
    def _reported(self) -> dict[int, list[bool]]:
        """Whether sources have the results of each fiscal year: true, false, or both."""
        frame = self.gathered.frame
        stated = {year: f"{STATED}eps_{year}" for year in self.gathered.years}
        return {
            year: frame.filter(frame[name].is_not_null())["actual_year"]
            .fill_null(0)
            .ge(year)
            .unique()
            .to_list()
            for year, name in stated.items()
        }

    @property
    def staleness(self) -> Staleness | None:
        """How far the valuation lies behind the last session; None where it does not."""
        return staleness(self.price_day, self.table["consensus_day"].min(), self.generated_at)

    def text(self, row: Mapping[str, Any], name: str, lang: str) -> str:
        """What stands in a text column of a row, in a language."""
        column, sentence = self.columns[name], self.gathered.sentences.get((row["row"], name))
        return sentence.said(lang) if sentence else column.show(row[name], lang)

    @property
    def nm_above(self) -> float | None:
        """The limit above which a P/E is NM; None where there is none."""
        limits = self.gathered.frame["nm_above"].drop_nulls()
        return float(limits[0]) if len(limits) else None

    @property
    def fy1_rule(self) -> str:
        """When FY1 turns: `calendar` or `reported`."""
        rules = self.gathered.frame["fy1_rule"]
        return str(rules[0]) if len(rules) else "calendar"

    @property
    def stated(self) -> pl.DataFrame:
        """The rows in the order of the watchlists, with what their sources state beside them."""
        beside = self.gathered.frame.select("row", *self._not_in_the_table())
        return self.table.sort("row").join(beside, on="row", maintain_order="left")

    def _not_in_the_table(self) -> list[str]:
        return [name for name in self.gathered.frame.columns if name not in self.columns]

    def _repr_html_(self) -> str:
        """The ranked tables, as a notebook shows them, in the language of the environment."""
        is_mixed = self.table["price_currency"].drop_nulls().n_unique() > 1
        names = (*IDENTITY, *(("price_currency",) if is_mixed else ()), *columns_shown(self.by))
        tables = shown_tables(
            self.table,
            self.watchlists,
            self.columns,
            names,
            of_environment(os.environ),
            self.heading,
            self.sectors,
        )
        return "".join(table.html() for table in tables)
