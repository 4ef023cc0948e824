"""What was once fetched: every quote and rate, with its source and times, in one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from screener.model import Interval, Problem, Quote, Rate

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
"""
# How long one run waits for another that is writing.
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Stored:
    """A quote that was fetched before, and when."""

    quote: Quote
    fetched_at: datetime


class Store:
    """The quotes and rates kept in one file, or nothing where there is no usable file.

    Nothing here raises for a file that cannot be used: `problems` says what is wrong, and the
    run goes on without it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._usable = self._prepare()

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
        if not self._usable or not (quote_rows or rate_rows):
            return
        try:
            with closing(self._connect()) as connection, connection:
                connection.executemany(
                    "INSERT OR IGNORE INTO quotes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", quote_rows
                )
                connection.executemany(
                    "INSERT OR IGNORE INTO rates VALUES (?, ?, ?, ?, ?, ?)", rate_rows
                )
        except sqlite3.Error as error:
            self._without(f"cannot be written ({error}): this run's prices are not kept")

    def quotes(self, symbol: str) -> list[Stored]:
        """The last quote of each source for a symbol, the newest first."""
        rows = self._read(
            "SELECT price, currency, market_time, as_of, source, delay_minutes, shares,"
            " max(fetched_at) FROM quotes WHERE symbol = ? GROUP BY source"
            " ORDER BY 8 DESC, source",
            (symbol,),
        )
        return [Stored(_quote(row), datetime.fromisoformat(row[-1])) for row in rows]

    def shares(self) -> dict[str, float]:
        """How many shares of each symbol a source last counted, where one did."""
        rows = self._read(
            "SELECT symbol, shares, max(fetched_at) FROM quotes WHERE shares IS NOT NULL"
            " GROUP BY symbol",
            (),
        )
        return {symbol: shares for symbol, shares, _ in rows}

    def rates(self) -> list[Rate]:
        """The last rate of each pair."""
        rows = self._read(
            "SELECT base, quote, value, market_time, source, max(fetched_at) FROM rates"
            " GROUP BY base, quote",
            (),
        )
        return [
            Rate(base, quote, value, datetime.fromisoformat(market_time), source)
            for base, quote, value, market_time, source, _ in rows
        ]

    def counts(self) -> tuple[int, int]:
        """How many quotes and rates are kept."""
        rows = self._read("SELECT (SELECT count(*) FROM quotes), (SELECT count(*) FROM rates)", ())
        return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)

    def _prepare(self) -> bool:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._create()
        except OSError as error:
            return self._without(f"cannot be used ({error.strerror}): prices are not kept")
        except sqlite3.OperationalError as error:
            return self._without(f"cannot be used ({error}): prices are not kept")
        except sqlite3.DatabaseError as error:
            aside = self.path.with_name(f"{self.path.name}.broken")
            self.path.replace(aside)
            self._without(f"was broken ({error}): it is kept as {aside.name}, and a new one begun")
            self._create()
        return True

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
        return sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS)

    def _read(self, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        if not self._usable:
            return []
        try:
            with closing(self._connect()) as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._without(f"cannot be read ({error})")
            return []

    def _without(self, why: str) -> bool:
        self.problems.append(Problem("store", str(self.path), f"the store {why}"))
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


def default_path() -> Path:
    """Where the store is kept: in the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("screener", appauthor=False) / "quotes.db"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
