"""What was once fetched: quotes, rates, estimates and splits, with source and times, in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, groupby
from pathlib import Path
from typing import Any, TypeVar

from screener.model.figures import Interval
from screener.model.messages import Sentence, from_plain, say, to_plain
from screener.model.problems import Problem
from screener.model.records import Close, Estimate, Lookup, Quote, Rate, Split, Vintage
from screener.store.kept import KeptFigure, KeptRun, Stored

_SCHEMA = """
CREATE TABLE IF NOT EXISTS quotes (
    symbol TEXT NOT NULL, price REAL NOT NULL, currency TEXT NOT NULL,
    market_time TEXT NOT NULL, as_of TEXT NOT NULL, source TEXT NOT NULL,
    obtained TEXT NOT NULL, fetched_at TEXT NOT NULL, delay_minutes INTEGER,
    shares REAL,
    UNIQUE (symbol, source, fetched_at)
);
CREATE TABLE IF NOT EXISTS rates (
    base TEXT NOT NULL, quote TEXT NOT NULL, value REAL NOT NULL,
    market_time TEXT NOT NULL, source TEXT NOT NULL, fetched_at TEXT NOT NULL,
    UNIQUE (base, quote, source, fetched_at)
);
CREATE INDEX IF NOT EXISTS quotes_by_symbol ON quotes (symbol, fetched_at);
CREATE TABLE IF NOT EXISTS estimates (
    symbol TEXT NOT NULL, source TEXT NOT NULL, as_of TEXT NOT NULL, fetched_at TEXT NOT NULL,
    currency TEXT NOT NULL, note TEXT NOT NULL, fiscal_year INTEGER NOT NULL,
    period_end TEXT NOT NULL, eps REAL NOT NULL, eps_low REAL NOT NULL, eps_high REAL NOT NULL,
    analysts INTEGER,
    UNIQUE (symbol, source, as_of, fetched_at, fiscal_year)
);
CREATE TABLE IF NOT EXISTS accepted (
    symbol TEXT NOT NULL, source TEXT NOT NULL, fetched_at TEXT NOT NULL,
    currency TEXT NOT NULL, accepted_at TEXT NOT NULL, per_receipt INTEGER,
    UNIQUE (symbol, source, fetched_at)
);
CREATE TABLE IF NOT EXISTS splits (
    symbol TEXT NOT NULL, ex_date TEXT NOT NULL, ratio REAL NOT NULL, source TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    UNIQUE (symbol, source, ex_date, ratio)
);
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, generated_at TEXT NOT NULL, price_day TEXT NOT NULL,
    prices TEXT NOT NULL, ranked_by TEXT NOT NULL, names INTEGER NOT NULL, sectors TEXT NOT NULL,
    version TEXT NOT NULL, facts BLOB NOT NULL, frame BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS run_figures (
    run INTEGER NOT NULL, sector TEXT NOT NULL, symbol TEXT NOT NULL, pe REAL,
    UNIQUE (run, sector, symbol)
);
CREATE TABLE IF NOT EXISTS closes (
    symbol TEXT NOT NULL, day TEXT NOT NULL, close REAL NOT NULL, per_share_of TEXT NOT NULL,
    source TEXT NOT NULL,
    UNIQUE (symbol, day)
);
CREATE TABLE IF NOT EXISTS close_lookups (
    symbol TEXT NOT NULL, source TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
    UNIQUE (symbol, source, since)
);
CREATE TABLE IF NOT EXISTS split_lookups (
    symbol TEXT NOT NULL, source TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
    UNIQUE (symbol, source, since)
);
"""

# How long one run waits for another that is writing.
_PATIENCE_SECONDS = 5.0

Record = TypeVar("Record")


class Store:
    """What is kept in one file, or nothing where there is no usable file.

    Nothing here raises for a file that cannot be used: `problems` says what is wrong, and the
    run goes on without it. With `create=False` a file that is not there stays so, which is no
    problem.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._is_writable = True
        self._usable = (create or path.exists()) and self._prepare()

    def save(self, quotes: Mapping[str, Quote], rates: Iterable[Rate], now: datetime) -> None:
        """Keep what was fetched now: quotes by symbol, and rates."""
        fetched_at = _text(now)
        quote_rows = [
            (
                symbol,
                quote.price,
                quote.currency,
                _text(quote.market_time),
                quote.as_of.isoformat(),
                quote.source,
                quote.obtained,
                fetched_at,
                quote.delay_minutes,
                quote.shares,
            )
            for symbol, quote in quotes.items()
        ]
        rate_rows = [
            (rate.base, rate.quote, rate.value, _text(rate.market_time), rate.source, fetched_at)
            for rate in rates
        ]
        self._write({_insert("quotes", 10): quote_rows, _insert("rates", 6): rate_rows})

    def save_vintages(self, vintages: Iterable[Vintage], now: datetime) -> None:
        """Keep vintages that were fetched or typed; what is kept is never written over."""
        kept = [each for each in vintages if each.fetched_at is not None]
        rows = [
            (
                *_vintage_key(vintage),
                vintage.currency,
                _note(vintage.note),
                each.fiscal_year,
                each.period_end.isoformat(),
                each.eps,
                each.bounds.low,
                each.bounds.high,
                each.analysts,
            )
            for vintage in kept
            for each in vintage.estimates
        ]
        self._write({_insert("estimates", 12): rows})
        self.accept([each for each in kept if each.accepted_at is not None], now)

    def accept(self, vintages: Iterable[Vintage], now: datetime) -> None:
        """Keep that a person has looked at these vintages: they are used from now on.

        What was said before of the same vintage, its currency or its shares, is said anew.
        """
        keys = [(each, _vintage_key(each)) for each in vintages]
        rows = [
            (symbol, source, fetched_at, each.currency, _text(now), each.per_receipt)
            for each, (symbol, source, _, fetched_at) in keys
        ]
        self._write({_insert("accepted", 6, "OR REPLACE "): rows})

    def vintages(self, symbols: Iterable[str]) -> dict[str, list[Vintage]]:
        """Every vintage that is kept of these symbols."""
        wanted = list(symbols)
        rows = self._read(
            "SELECT e.symbol, e.source, e.as_of, e.fetched_at, coalesce(a.currency, e.currency),"
            " e.note, a.accepted_at, a.per_receipt, fiscal_year, period_end, eps, eps_low,"
            " eps_high, analysts FROM estimates e"
            " LEFT JOIN accepted a USING (symbol, source, fetched_at)"
            " WHERE symbol IN (SELECT value FROM json_each(?)) ORDER BY 1, 2, 3, 4, fiscal_year",
            (json.dumps(wanted),),
            lambda row: (_vintage(row[:8]), _estimate(row[8:])),
        )
        found: dict[str, list[Vintage]] = {symbol: [] for symbol in wanted}
        for vintage, of_vintage in groupby(rows, key=lambda row: row[0]):
            estimates = tuple(estimate for _, estimate in of_vintage)
            found[vintage.symbol].append(replace(vintage, estimates=estimates))
        return found

    def save_splits(
        self, splits: Iterable[Split], lookups: Iterable[Lookup], now: datetime
    ) -> None:
        """Keep splits, and which days of which symbols a source was asked for.

        What a source said before of those days is no longer said: it may have been corrected.
        """
        rows = [
            (each.symbol, each.ex_date.isoformat(), each.ratio, each.source, _text(now))
            for each in splits
        ]
        asked = [
            (each.symbol, each.source, each.since.isoformat(), each.until.isoformat())
            for each in lookups
        ]
        extend = _extending("split_lookups")
        forget = "DELETE FROM splits WHERE symbol = ? AND source = ? AND ex_date > ?"
        self._write(
            {forget: [each[:3] for each in asked], _insert("splits", 5): rows, extend: asked}
        )

    def splits(self, symbols: Iterable[str]) -> tuple[list[Split], list[Lookup]]:
        """The splits that are kept of these symbols, and who was asked for which days."""
        wanted = (json.dumps(list(symbols)),)
        splits = self._read(
            "SELECT symbol, ex_date, ratio, source FROM splits"
            " WHERE symbol IN (SELECT value FROM json_each(?))",
            wanted,
            lambda row: Split(row[0], date.fromisoformat(row[1]), float(row[2]), row[3]),
        )
        asked = self._read(
            "SELECT symbol, source, since, until FROM split_lookups"
            " WHERE symbol IN (SELECT value FROM json_each(?))",
            wanted,
            lambda row: Lookup(*row[:2], *map(date.fromisoformat, row[2:])),
        )
        return splits, asked

    def quotes(self, symbol: str) -> list[Stored]:
        """The last quote of each source for a symbol, the newest first."""
        return self._read(
            "SELECT price, currency, market_time, as_of, source, delay_minutes, shares,"
            " max(fetched_at) FROM quotes WHERE symbol = ? GROUP BY source"
            " ORDER BY 8 DESC, source",
            (symbol,),
            lambda row: Stored(_quote(row), datetime.fromisoformat(row[-1])),
        )

    def shares(self) -> dict[str, float]:
        """How many shares of each symbol a source last counted, where one did."""
        rows = self._read(
            "SELECT symbol, shares, max(fetched_at) FROM quotes WHERE shares IS NOT NULL"
            " GROUP BY symbol",
            (),
            lambda row: (row[0], float(row[1])),
        )
        return dict(rows)

    def rates(self) -> list[Rate]:
        """The last rate of each pair."""
        return self._read(
            "SELECT base, quote, value, market_time, source, max(fetched_at) FROM rates"
            " GROUP BY base, quote",
            (),
            lambda row: Rate(row[0], row[1], float(row[2]), datetime.fromisoformat(row[3]), row[4]),
        )

    def save_closes(self, closes: Iterable[Close], lookups: Iterable[Lookup]) -> None:
        """Keep daily closes, and from when to when they were asked for; a day is kept once."""
        rows = [
            (
                each.symbol,
                each.day.isoformat(),
                each.close,
                each.per_share_of.isoformat(),
                each.source,
            )
            for each in closes
        ]
        asked = [
            (each.symbol, each.source, each.since.isoformat(), each.until.isoformat())
            for each in lookups
        ]
        self._write({_insert("closes", 5): rows, _extending("close_lookups"): asked})

    def closes(self, symbols: Iterable[str], since: date) -> dict[str, list[Close]]:
        """The closes that are kept of these symbols from a day on, the oldest first."""
        wanted = list(symbols)
        rows = self._read(
            "SELECT symbol, day, close, per_share_of, source FROM closes"
            " WHERE symbol IN (SELECT value FROM json_each(?)) AND day >= ? ORDER BY symbol, day",
            (json.dumps(wanted), since.isoformat()),
            lambda row: Close(
                row[0],
                date.fromisoformat(row[1]),
                float(row[2]),
                date.fromisoformat(row[3]),
                row[4],
            ),
        )
        found: dict[str, list[Close]] = {symbol: [] for symbol in wanted}
        for close in rows:
            found[close.symbol].append(close)
        return found

    def closes_reach(self, symbol: str, since: date) -> date | None:
        """The day up to which closes from a day on were asked for; None where they never were."""
        rows = self._read(
            "SELECT since, until FROM close_lookups WHERE symbol = ? ORDER BY since",
            (symbol,),
            lambda row: tuple(map(date.fromisoformat, row)),
        )
        reached: date | None = None
        for begin, end in rows:
            if begin <= since or (reached and begin <= reached + timedelta(days=1)):
                reached = max(reached or end, end)
        return reached

    def save_run(self, run: KeptRun, figures: Iterable[KeptFigure]) -> int | None:
        """Keep a run and the figures of its names; its number, or None where nothing is kept."""
        row = (
            None,
            _text(run.generated_at),
            run.price_day.isoformat(),
            run.prices,
            run.by,
            run.names,
            run.sectors,
            run.version,
            run.facts,
            run.frame,
        )
        of_run = (
            "INSERT INTO run_figures (run, sector, symbol, pe)"
            " SELECT max(number), ?, ?, ? FROM runs"  # the run just kept
        )
        rows = [(each.sector, each.symbol, each.pe) for each in figures]
        self._write({_insert("runs", 10): [row], of_run: rows})
        last = self._read("SELECT max(number) FROM runs", (), lambda row: row[0])
        return int(last[0]) if last and last[0] is not None else None

    def figures(self) -> list[KeptFigure]:
        """The figures of every run that is kept, the oldest first."""
        return self._read(
            "SELECT run, price_day, sector, symbol, pe FROM run_figures"
            " JOIN runs ON run = number ORDER BY number",
            (),
            lambda row: KeptFigure(row[0], date.fromisoformat(row[1]), *row[2:]),
        )

    def runs(self) -> list[KeptRun]:
        """Every run that is kept, the oldest first."""
        return self._read(
            "SELECT * FROM runs ORDER BY number",
            (),
            lambda row: KeptRun(
                row[0], datetime.fromisoformat(row[1]), date.fromisoformat(row[2]), *row[3:]
            ),
        )

    def counts(self) -> tuple[int, int]:
        """How many quotes and rates are kept."""
        query = "SELECT (SELECT count(*) FROM quotes), (SELECT count(*) FROM rates)"
        rows = self._read(query, (), lambda row: (int(row[0]), int(row[1])))
        return rows[0] if rows else (0, 0)

    def _prepare(self) -> bool:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._create()
        except OSError as error:
            return self._without(say("cannot be used ({why}): nothing is kept", why=error.strerror))
        except sqlite3.OperationalError as error:
            # Without the right to write it can be read: nobody else writes it meanwhile.
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                self._is_writable = False
            self._without(say("cannot be written ({error}): nothing is kept", error=error))
            return not self._is_writable and self.path.exists()
        except sqlite3.DatabaseError as error:
            aside = self._free_name()
            self.path.replace(aside)
            self._without(
                say(
                    "was broken ({error}): it is kept as {name}, and a new one begun",
                    error=error,
                    name=aside.name,
                )
            )
            self._create()
        return True

    def _free_name(self) -> Path:
        """Where a broken store can be put aside: what lies there already is kept."""
        names = (f"{self.path.name}.broken{number or ''}" for number in count())
        return next(path for each in names if not (path := self.path.with_name(each)).exists())

    def _create(self) -> None:
        with closing(self._connect()) as connection, connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)
            # Stores of before 2026-11-24 have neither delays nor share counts.
            columns = [row[1] for row in connection.execute("PRAGMA table_info (quotes)")]
            for name, kind in (("delay_minutes", "INTEGER"), ("shares", "REAL")):
                if name not in columns:
                    connection.execute(f"ALTER TABLE quotes ADD COLUMN {name} {kind}")

    def _connect(self) -> sqlite3.Connection:
        place = self.path.resolve().as_uri() + ("" if self._is_writable else "?immutable=1")
        return sqlite3.connect(place, timeout=_PATIENCE_SECONDS, uri=True)

    def _write(self, statements: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
        """Write all rows of all statements, or none."""
        if not (self._usable and self._is_writable and any(statements.values())):
            return
        try:
            with closing(self._connect()) as connection, connection:
                for statement, rows in statements.items():
                    connection.executemany(statement, rows)
        except sqlite3.Error as error:
            self._without(
                say("cannot be written ({error}): nothing of this run is kept", error=error)
            )

    def _read(
        self, query: str, values: Sequence[str], parse: Callable[[tuple[Any, ...]], Record]
    ) -> list[Record]:
        """The records that the rows are; a row that is none is a problem, and costs only itself."""
        if not self._usable:
            return []
        try:
            with closing(self._connect()) as connection:
                rows = connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._without(say("cannot be read ({error})", error=error))
            return []
        records = []
        for row in rows:
            try:
                records.append(parse(row))
            except (ValueError, TypeError) as error:
                self._without(say("holds what it cannot have been given ({error})", error=error))
        return records

    def _without(self, why: Sentence) -> bool:
        self.problems.append(Problem("store", str(self.path), say("the store {why}", why=why)))
        return False


def _quote(row: tuple[Any, ...]) -> Quote:
    price, currency, market_time, as_of, source, delay_minutes, shares, _ = row
    return Quote(
        price=price,
        currency=currency,
        market_time=datetime.fromisoformat(market_time),
        as_of=date.fromisoformat(as_of),
        source=source,
        obtained="cached",
        bounds=Interval(price, price),
        delay_minutes=delay_minutes,
        shares=shares,
    )


def _extending(table: str) -> str:
    """Keep that a source was asked from a day to another: of two ends the later one."""
    conflict = (
        "ON CONFLICT (symbol, source, since) DO UPDATE SET until = max(until, excluded.until)"
    )
    return f"{_insert(table, 4, '')} {conflict}"


def _insert(table: str, columns: int, conflict: str = "OR IGNORE ") -> str:
    marks = ", ".join("?" * columns)
    return f"INSERT {conflict}INTO {table} VALUES ({marks})"  # noqa: S608 - our tables


def _vintage_key(vintage: Vintage) -> tuple[str, str, str, str]:
    if vintage.fetched_at is None:
        raise ValueError(f"{vintage.source} of {vintage.as_of} was never fetched")
    as_of = vintage.as_of.isoformat()
    return vintage.symbol, vintage.source, as_of, _text(vintage.fetched_at)


def _vintage(row: tuple[Any, ...]) -> Vintage:
    """A vintage without its estimates, which stand in rows of their own."""
    symbol, source, as_of, fetched_at, currency, note, accepted_at, per_receipt = row
    return Vintage(
        symbol=symbol,
        source=source,
        as_of=date.fromisoformat(as_of),
        currency=currency,
        estimates=(),
        fetched_at=datetime.fromisoformat(fetched_at),
        accepted_at=datetime.fromisoformat(accepted_at) if accepted_at else None,
        per_receipt=per_receipt,
        note=_noted(note),
    )


def _note(note: Sentence) -> str:
    """A note as the store keeps it: JSON, so that it can be said in either language."""
    return json.dumps(to_plain(note), ensure_ascii=False) if note else ""


def _noted(kept: str) -> Sentence:
    # Stores of before 2026-11-25 hold notes as they are read.
    return from_plain(json.loads(kept) if kept.startswith("[") else kept)


def _estimate(row: tuple[Any, ...]) -> Estimate:
    fiscal_year, period_end, eps, low, high, analysts = row
    return Estimate(fiscal_year, date.fromisoformat(period_end), eps, Interval(low, high), analysts)


def default_path() -> Path:
    """Where the store is kept: in the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("screener", appauthor=False) / "quotes.db"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
