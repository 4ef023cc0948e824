"""What was once fetched: quotes, rates, estimates and splits, with source and times, in SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from screener.model.extents import RATIO, SHARES
from screener.model.own_folders import data_folder
from screener.model.problems import Problem
from screener.model.records import (
    Close,
    Lookup,
    Multiple,
    Profile,
    Quote,
    Rate,
    Span,
    Split,
    Vintage,
)
from screener.store import rows, schema
from screener.store.file import StoreFile
from screener.store.kept import KeptFigure, KeptRun, Stored
from screener.store.tables import Batch, Record, Table, values

# One value whatever their number: SQLite limits how many a statement may have.
_OF_SYMBOLS = "symbol IN (SELECT value FROM json_each(:symbols))"
# Of what stands beside a max(), SQLite gives what stands in the row that has it; other databases
# do not.
_LAST = "max(fetched_at) AS last"
_SOUND = (
    "NOT EXISTS (SELECT 1 FROM splits s WHERE s.symbol = split_lookups.symbol AND"  # noqa: S608
    f" s.source = split_lookups.source AND NOT s.ratio BETWEEN {RATIO.least} AND {RATIO.most})"
)


class Store:
    """What is kept in one file, or nothing where there is no usable file.

    Nothing here raises for a file that cannot be used: `problems` says what is wrong, and the
    run goes on without it. With `create=False` a file that is not there stays so, which is no
    problem.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        self._file = StoreFile(path, create=create)

    @property
    def problems(self) -> list[Problem]:
        return self._file.problems

    @property
    def has_kept_all(self) -> bool:
        """Whether all that was to be kept is: what else is wrong, `problems` says."""
        return self._file.has_kept_all

    def save(self, quotes: Mapping[str, Quote], rates: Iterable[Rate], now: datetime) -> None:
        """Keep what was fetched now: quotes by symbol, and rates."""
        self._file.write(
            schema.QUOTES.insert(
                rows.filled(rows.QuoteRow, quote, symbol=symbol, fetched_at=now)
                for symbol, quote in quotes.items()
            ),
            schema.RATES.insert(rows.filled(rows.RateRow, rate, fetched_at=now) for rate in rates),
        )

    def save_vintages(self, vintages: Iterable[Vintage], now: datetime) -> None:
        """Keep vintages that were fetched or typed; what is kept is never written over."""
        kept = [vintage for vintage in vintages if vintage.fetched_at is not None]
        years = (row for vintage in kept for row in rows.estimate_rows(vintage))
        self._file.write(schema.ESTIMATES.insert(years))
        self.accept([vintage for vintage in kept if vintage.accepted_at is not None], now)

    def accept(self, vintages: Iterable[Vintage], now: datetime) -> None:
        """Keep that a person has looked at these vintages: they are used from now on.

        What was said before of the same vintage, its currency or its shares, is said anew.
        """
        accepted = (rows.accepted_row(vintage, now) for vintage in vintages)
        self._file.write(schema.ACCEPTED.insert(accepted, "OR REPLACE"))

    def vintages(self, symbols: Iterable[str]) -> dict[str, list[Vintage]]:
        """Every vintage that is kept of these symbols."""
        found: dict[str, list[Vintage]] = {symbol: [] for symbol in symbols}
        # Acceptance is beside the estimates, not in them: what a source said is never written over.
        said = {
            (each.symbol, each.source, each.fetched_at): each
            for each in self._of_symbols(schema.ACCEPTED, found)
        }
        order = "ORDER BY symbol, source, as_of, fetched_at, fiscal_year"
        estimates = (
            rows.judged(row, said.get((row.symbol, row.source, row.fetched_at)))
            for row in self._of_symbols(schema.ESTIMATES, found, order)
        )
        for vintage, of_vintage in groupby(estimates, key=lambda year: year[0]):
            years = tuple(estimate for _, estimate in of_vintage)
            found[vintage.symbol].append(replace(vintage, estimates=years))
        return found

    def _of_symbols(
        self,
        table: Table[Record],
        symbols: Iterable[str],
        rest: str = "",
        record: type[Any] | None = None,
        **values: str,
    ) -> list[Any]:
        """The rows of these symbols that meet the rest of the query, as records of a type."""
        query = table.select(f"WHERE {_OF_SYMBOLS} {rest}")
        wanted = json.dumps(list(symbols))
        return self._file.read(query, table.reader(record), symbols=wanted, **values)

    def save_splits(
        self, splits: Iterable[Split], lookups: Iterable[Lookup], now: datetime
    ) -> None:
        """Keep splits, and which days of which symbols a source was asked for.

        What a source said before of those days is no longer said: it may have been corrected.
        """
        asked = list(lookups)
        forget = "DELETE FROM splits WHERE symbol = :symbol AND source = :source"
        self._file.write(
            (f"{forget} AND ex_date > :since", [values(lookup) for lookup in asked]),
            schema.SPLITS.insert(
                rows.filled(rows.SplitRow, split, fetched_at=now) for split in splits
            ),
            _extending(schema.SPLIT_LOOKUPS, asked),
        )

    def splits(self, symbols: Iterable[str]) -> tuple[list[Split], list[Lookup]]:
        """The splits that are kept of these symbols, and who was asked for which days."""
        asked = list(symbols)
        return (
            self._of_symbols(schema.SPLITS, asked, record=Split),
            # Of who has a split that can be none, nobody was asked: then it is asked for anew.
            self._of_symbols(schema.SPLIT_LOOKUPS, asked, f"AND {_SOUND}"),
        )

    def quotes(self, symbol: str) -> list[Stored]:
        """The last quote of each source for a symbol, the newest first."""
        last = "WHERE symbol = :symbol GROUP BY source ORDER BY last DESC, source"
        query = schema.QUOTES.select(last, _LAST)
        found = self._file.read(query, schema.QUOTES.reader(), symbol=symbol)
        return [rows.stored(row) for row in found]

    def every_quote(self, symbols: Iterable[str], since: datetime) -> dict[str, list[Stored]]:
        """Every quote of these symbols that was fetched since then, the oldest first."""
        found: dict[str, list[Stored]] = {symbol: [] for symbol in symbols}
        rest = "AND fetched_at >= :since ORDER BY fetched_at"
        start = since.astimezone(UTC).isoformat()
        for row in self._of_symbols(schema.QUOTES, found, rest, since=start):
            found[row.symbol].append(rows.stored(row))
        return found

    def shares(self) -> dict[str, float]:
        """How many shares of each symbol a source last counted, where one did."""
        # Those that can be a count: an older version may have kept others.
        counts = f"WHERE shares BETWEEN {SHARES.least} AND {SHARES.most} GROUP BY symbol"
        counted = self._file.read(schema.QUOTES.select(counts, _LAST), schema.QUOTES.reader())
        return {row.symbol: row.shares for row in counted}

    def rates(self) -> list[Rate]:
        """The last rate of each pair."""
        query = schema.RATES.select("GROUP BY base, quote", _LAST)
        return self._file.read(query, schema.RATES.reader(Rate))

    def every_rate(self) -> list[Rate]:
        """Every rate that is kept, of whichever day."""
        query = schema.RATES.select("ORDER BY fetched_at")
        return self._file.read(query, schema.RATES.reader(Rate))

    def save_profiles(self, profiles: Iterable[Profile]) -> None:
        """Keep what sources say of companies: of a source and a day the last word."""
        self._file.write(schema.PROFILES.insert(profiles, "OR REPLACE"))

    def profiles(self, symbols: Iterable[str] | None = None) -> list[Profile]:
        """Every profile that is kept, of these symbols or of all, the oldest first."""
        order = "ORDER BY as_of, fetched_at"
        if symbols is not None:
            return self._of_symbols(schema.PROFILES, symbols, order)
        return self._file.read(schema.PROFILES.select(order), schema.PROFILES.reader())

    def save_closes(self, closes: Iterable[Close], lookups: Iterable[Lookup]) -> None:
        """Keep daily closes, and from when to when they were asked for; a day is kept once."""
        self._file.write(schema.CLOSES.insert(closes), _extending(schema.CLOSE_LOOKUPS, lookups))

    def closes(self, symbols: Iterable[str], since: date) -> dict[str, list[Close]]:
        """The closes that are kept of these symbols from a day on, the oldest first."""
        found: dict[str, list[Close]] = {symbol: [] for symbol in symbols}
        rest = "AND day >= :since ORDER BY symbol, day"
        for close in self._of_symbols(schema.CLOSES, found, rest, since=since.isoformat()):
            found[close.symbol].append(close)
        return found

    def closes_span(self, symbol: str) -> Span | None:
        """The days whose closes were asked for, up to the last; None where none ever were."""
        return self._span(schema.CLOSE_LOOKUPS, "symbol = :symbol", symbol=symbol)

    def save_multiples(self, multiples: Iterable[Multiple], lookups: Iterable[Lookup]) -> None:
        """Keep multiples of the past, and from when to when which of them were asked for."""
        self._file.write(
            schema.MULTIPLES.insert(multiples), _extending(schema.MULTIPLE_LOOKUPS, lookups)
        )

    def multiples(
        self, symbols: Iterable[str], metric: str, since: date
    ) -> dict[str, list[Multiple]]:
        """The multiples of that name that are kept of symbols from a day on, the oldest first."""
        found: dict[str, list[Multiple]] = {symbol: [] for symbol in symbols}
        rest = "AND metric = :metric AND day >= :since ORDER BY symbol, day"
        start = since.isoformat()
        kept = self._of_symbols(schema.MULTIPLES, found, rest, metric=metric, since=start)
        for multiple in kept:
            found[multiple.symbol].append(multiple)
        return found

    def multiples_span(self, symbol: str, metric: str) -> Span | None:
        """The days whose multiples were asked for, up to the last; None where none ever were."""
        where = "symbol = :symbol AND source = :metric"
        return self._span(schema.MULTIPLE_LOOKUPS, where, symbol=symbol, metric=metric)

    def _span(self, table: Table[Lookup], where: str, **values: str) -> Span | None:
        """The last run of days without a gap that lookups cover."""
        query = table.select(f"WHERE {where} ORDER BY since")
        found: Span | None = None
        for lookup in self._file.read(query, table.reader(), **values):
            # A gap between two of them ends it: days that nobody was asked for are not known.
            if found is None or lookup.since > found.until + timedelta(days=1):
                found = Span(lookup.since, lookup.until)
            else:
                found = Span(found.since, max(found.until, lookup.until))
        return found

    def save_run(self, run: KeptRun, figures: Iterable[KeptFigure]) -> int | None:
        """Keep a run and the figures of its names; its number, or None where nothing is kept."""
        figures = list(figures)

        def keep(connection: Connection) -> int:
            # Of all that were ever given: a number is not given twice, whatever was pruned.
            given = (
                "SELECT max(last) FROM (SELECT number AS last FROM runs"
                " UNION ALL SELECT seq FROM sqlite_sequence WHERE name = 'runs')"
            )
            number = (connection.execute(given).fetchone()[0] or 0) + 1
            numbered = replace(run, number=number)
            of_run = (rows.filled(rows.FigureRow, each, run=number) for each in figures)
            for batch in (schema.RUNS.insert([numbered]), schema.RUN_FIGURES.insert(of_run)):
                connection.executemany(*batch)
            return number

        return self._file.change(keep)

    def figures(self) -> list[KeptFigure]:
        """The figures of every run that is kept, the oldest first."""
        days = {run.number: run.price_day for run in self.runs()}
        query = schema.RUN_FIGURES.select("ORDER BY run")
        found = self._file.read(query, schema.RUN_FIGURES.reader())
        # Of a run that is damaged, no figure stands for its own.
        kept = (row for row in found if row.run in days)
        return [rows.filled(KeptFigure, row, price_day=days[row.run]) for row in kept]

    def runs(self) -> list[KeptRun]:
        """Every run that is kept, the oldest first."""
        return self._file.read(schema.RUNS.select("ORDER BY number"), schema.RUNS.reader())

    def last_run(self, sectors: str, by: str) -> KeptRun | None:
        """The last run that is kept of these watchlists, ranked by that; None of a damaged one."""
        of_both = "WHERE sectors = :sectors AND ranked_by = :by ORDER BY number DESC LIMIT 1"
        query = schema.RUNS.select(of_both)
        found = self._file.read(query, schema.RUNS.reader(), sectors=sectors, by=by)
        return found[0] if found else None

    def counts(self) -> tuple[int, int]:
        """How many quotes and rates are kept."""
        query = "SELECT (SELECT count(*) FROM quotes), (SELECT count(*) FROM rates)"
        found = self._file.read(query, lambda row: (int(row[0]), int(row[1])))
        return found[0] if found else (0, 0)


def _extending(table: Table[Lookup], lookups: Iterable[Lookup]) -> Batch:
    """Keep that a source was asked from a day to another: of two ends the later one."""
    statement, asked = table.insert(lookups, conflict="")
    of_two = (
        "ON CONFLICT (symbol, source, since) DO UPDATE"
        " SET until = excluded.until, checksum = excluded.checksum WHERE excluded.until > until"
    )
    return f"{statement} {of_two}", asked


def default_path() -> Path:
    """Where the store is kept: in the user's data folder."""
    return data_folder() / "quotes.db"
