"""The tables of the store, and what brings a store of an older version up to them."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Connection, DatabaseError
from typing import Any

from screener.model.records import Close, Lookup, Multiple, Profile
from screener.store.kept import KeptRun
from screener.store.rows import AcceptedRow, EstimateRow, FigureRow, QuoteRow, RateRow, SplitRow
from screener.store.tables import CHECKSUM, Table, checksum

QUOTES = Table("quotes", QuoteRow, ("symbol", "source", "fetched_at"))
RATES = Table("rates", RateRow, ("base", "quote", "source", "fetched_at"))
ESTIMATES = Table(
    "estimates", EstimateRow, ("symbol", "source", "as_of", "fetched_at", "fiscal_year")
)
ACCEPTED = Table("accepted", AcceptedRow, ("symbol", "source", "fetched_at"))
SPLITS = Table("splits", SplitRow, ("symbol", "source", "ex_date", "ratio"))
SPLIT_LOOKUPS = Table("split_lookups", Lookup, ("symbol", "source", "since"))
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
    # What is asked for by a column stands in an index with it: there SQLite's own check finds it
    # when one of the two is damaged, where the row would be missing from the answer in silence.
    "quotes_by_symbol": (
        "CREATE INDEX IF NOT EXISTS quotes_by_symbol ON quotes (symbol, fetched_at)"
    ),
    "quotes_with_shares": (
        "CREATE INDEX IF NOT EXISTS quotes_with_shares ON quotes (symbol, fetched_at)"
        " WHERE shares IS NOT NULL"
    ),
    "runs_by_what": "CREATE INDEX IF NOT EXISTS runs_by_what ON runs (sectors, ranked_by)",
}


def version(connection: Connection) -> int:
    """The version of the schema that a file was last written by; 0 before there were any."""
    # Kept in the file's head, so it can be read of any SQLite file without knowing its tables.
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def prepare(connection: Connection, copy: Callable[[int], None]) -> None:
    """Bring a file of this version or an older one up to the present tables.

    `copy` is called with the version of an older file before anything of it is changed. Raises
    DatabaseError for a file of this version that lacks a table: it is damaged.
    """
    # With a write-ahead log, who reads does not wait for who writes: two runs may go side by side.
    connection.execute("PRAGMA journal_mode = WAL")
    if version(connection) < VERSION:
        # IMMEDIATE takes the right to write before it looks: two runs that both read version 0
        # first would otherwise both migrate, or one fail with "database is locked" unwaited for.
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            _bring_up(connection, copy)
    _refuse_missing(connection)


def names_in(connection: Connection) -> set[str]:
    """What tables and indices a file has, those that SQLite makes by itself aside."""
    there = connection.execute(
        "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    )
    return {str(name) for (name,) in there}


def _bring_up(connection: Connection, copy: Callable[[int], None]) -> None:
    """All steps at once: a file is of one version or of the other, whatever goes wrong."""
    found = version(connection)
    if found >= VERSION:
        return  # another run was first
    if there := names_in(connection):
        if there - CREATED.keys():  # else a new, empty table would take a damaged one's place
            _refuse_missing(connection)
        copy(found)
    for migrate in MIGRATIONS[found:]:
        migrate(connection)
    for statement in CREATED.values():
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _refuse_missing(connection: Connection) -> None:
    if missing := CREATED.keys() - names_in(connection):
        raise DatabaseError(f"no {', '.join(sorted(missing))}")


def _add_delays_and_shares(connection: Connection) -> None:
    """Stores of before 2026-11-24 have neither delays nor share counts."""
    _add(connection, "quotes", "delay_minutes", "INTEGER")
    _add(connection, "quotes", "shares", "REAL")


def _add_what_makes_certain(connection: Connection) -> None:
    """Stores of before 2026-11-26 know of no previous close, second source, or actual year."""
    _add(connection, "quotes", "previous_close", "REAL")
    _add(connection, "quotes", "confirmed_by", "TEXT")
    _add(connection, "estimates", "is_actual", "INTEGER")


def _add_checksums(connection: Connection) -> None:
    """Stores of before 2026-11-29 have none: their rows are taken as they are found."""
    for table in TABLES:
        _add(connection, table.name, CHECKSUM, "INTEGER")
        if there := [name for name in _columns(connection, table.name) if name != CHECKSUM]:
            found = checksum_of(connection, table.name, there)
            connection.execute(
                f"UPDATE {table.name} SET {CHECKSUM} = {found} WHERE {CHECKSUM} IS NULL"  # noqa: S608
            )


def checksum_of(connection: Connection, table: str, names: list[str]) -> str:
    """The expression for the checksum that a row of a table should have."""

    def of_row(table: str, names: str, *cells: Any) -> int:
        return checksum(table, names.split(","), cells)

    connection.create_function("checksum_of", -1, of_row, deterministic=True)
    return f"checksum_of('{table}', '{','.join(names)}', {', '.join(names)})"


def _columns(connection: Connection, table: str) -> list[str]:
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info ({table})")]


def _add(connection: Connection, table: str, column: str, kind: str) -> None:
    """Add a column to a table that is there and lacks it."""
    there = _columns(connection, table)
    if there and column not in there:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


# Each brings the tables that are there from its place here to the next version; a table that is
# not there is created afterwards, as it is at present.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    _add_delays_and_shares,
    _add_what_makes_certain,
    _add_checksums,
)
VERSION = len(MIGRATIONS)
WITH_CHECKSUMS = 3
