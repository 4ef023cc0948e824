"""The tables of the store, and what brings a store of an older version up to them."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Connection
from typing import Any

from screener.model.records import Close, Lookup, Multiple, Profile
from screener.store.kept import KeptRun
from screener.store.rows import AcceptedRow, EstimateRow, FigureRow, QuoteRow, RateRow, SplitRow
from screener.store.tables import Table

QUOTES = Table("quotes", QuoteRow, ("symbol", "source", "fetched_at"))
RATES = Table("rates", RateRow, ("base", "quote", "source", "fetched_at"))
ESTIMATES = Table(
    "estimates", EstimateRow, ("symbol", "source", "as_of", "fetched_at", "fiscal_year")
)
ACCEPTED = Table("accepted", AcceptedRow, ("symbol", "source", "fetched_at"))
SPLITS = Table("splits", SplitRow, ("symbol", "source", "ex_date", "ratio"))
SPLIT_LOOKUPS = Table("split_lookups", Lookup, ("symbol", "source", "since"))
# A number that was given is never given again: people note them down.
RUNS = Table("runs", KeptRun, number="number")
RUN_FIGURES = Table("run_figures", FigureRow, ("run", "sector", "symbol"))
PROFILES = Table("profiles", Profile, ("symbol", "source", "as_of"))
MULTIPLES = Table("multiples", Multiple, ("symbol", "metric", "day"))
# Of whom, what, and since when: a lookup's source is the metric here.
MULTIPLE_LOOKUPS = Table("multiple_lookups", Lookup, ("symbol", "source", "since"))
CLOSES = Table("closes", Close, ("symbol", "day"))
CLOSE_LOOKUPS = Table("close_lookups", Lookup, ("symbol", "source", "since"))

TABLES: tuple[Table[Any], ...] = (
    QUOTES, RATES, ESTIMATES, ACCEPTED, SPLITS, SPLIT_LOOKUPS, RUNS, RUN_FIGURES, CLOSES,
    CLOSE_LOOKUPS, PROFILES, MULTIPLES, MULTIPLE_LOOKUPS,
)  # fmt: skip
CREATED = {
    **{table.name: table.create for table in TABLES},
    "quotes_by_symbol": (
        "CREATE INDEX IF NOT EXISTS quotes_by_symbol ON quotes (symbol, fetched_at)"
    ),
}


def version(connection: Connection) -> int:
    """The version of the schema that a file was last written by; 0 before there were any."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def prepare(connection: Connection) -> None:
    """Bring a file of this version or an older one up to the present tables."""
    # With a write-ahead log, who reads does not wait for who writes: two runs may go side by side.
    connection.execute("PRAGMA journal_mode = WAL")
    while version(connection) < VERSION:
        _at_once(connection, _step)
    # Looked up first: to create takes the right to write, which a run that only reads may lack.
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if CREATED.keys() - there:
        _at_once(connection, _create)


def _at_once(connection: Connection, change: Callable[[Connection], None]) -> None:
    """Make a change whole or not at all, and while no other run makes one."""
    # IMMEDIATE takes the right to write before it looks: two runs that both read version 0 first
    # would otherwise both migrate, or one fail with "database is locked" without any waiting.
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        change(connection)


def _step(connection: Connection) -> None:
    found = version(connection)
    if found < VERSION:  # another run may have been first
        MIGRATIONS[found](connection)
        # Kept in the file's head, so it can be read of any SQLite file without knowing its tables.
        connection.execute(f"PRAGMA user_version = {found + 1}")


def _create(connection: Connection) -> None:
    for statement in CREATED.values():
        connection.execute(statement)


def _add_delays_and_shares(connection: Connection) -> None:
    """Stores of before 2026-11-24 have neither delays nor share counts."""
    _add(connection, "quotes", "delay_minutes", "INTEGER")
    _add(connection, "quotes", "shares", "REAL")


def _add_what_makes_certain(connection: Connection) -> None:
    """Stores of before 2026-11-26 know of no previous close, second source, or actual year."""
    _add(connection, "quotes", "previous_close", "REAL")
    _add(connection, "quotes", "confirmed_by", "TEXT")
    _add(connection, "estimates", "is_actual", "INTEGER")


def _add(connection: Connection, table: str, column: str, kind: str) -> None:
    """Add a column to a table that is there and lacks it."""
    there = [name for _, name, *_ in connection.execute(f"PRAGMA table_info ({table})")]
    if there and column not in there:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


# Each brings the tables that are there from its place here to the next version; a table that is
# not there is created afterwards, as it is at present.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    _add_delays_and_shares,
    _add_what_makes_certain,
)
VERSION = len(MIGRATIONS)
