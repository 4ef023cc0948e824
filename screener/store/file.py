"""The SQLite file of the store: opened, read and written, or done without, which is said."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.store import copies, schema
from screener.store.tables import Batch, DamagedRowError, Record

# How long one run waits for another that is writing, which takes milliseconds: after this the
# other one hangs, and prices are worth more than keeping them.
PATIENCE_SECONDS = 5.0

Made = TypeVar("Made")
# Files that SQLite has looked through in this process, and found sound: once is enough.
_sound: set[Path] = set()


class StoreFile:
    """What is read from a file and written to it, or nothing, where `problems` says why."""

    def __init__(self, path: Path, *, create: bool) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._is_writable = True
        self._usable = self._prepare(create)

    def write(self, *batches: Batch) -> None:
        """Write all rows of all statements, or none."""
        if any(rows for _, rows in batches):
            self.change(
                lambda connection: [connection.executemany(*batch) for batch in batches if batch[1]]
            )

    def change(self, work: Callable[[sqlite3.Connection], Made]) -> Made | None:
        """Carry out a change whole or not at all; None where it is not."""
        if not (self._usable and self._is_writable):
            return None
        try:
            # `with connection` ends the transaction, and only `closing` the connection.
            with closing(self._connect()) as connection, connection:
                connection.execute("BEGIN IMMEDIATE")
                return work(connection)
        # Besides SQLite's own: a text that is none, and a number beyond 64 bits.
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            self._without(
                say("cannot be written ({error}): nothing of this run is kept", error=error)
            )
            return None

    def read(
        self, query: str, parse: Callable[[sqlite3.Row], Record], **values: str
    ) -> list[Record]:
        """The records that the rows are; a row that is damaged is named, and costs only itself."""
        records, damaged = [], []
        for row in self._rows(query, values):
            try:
                records.append(parse(row))
            except DamagedRowError as error:
                damaged.append(error.message)
        if damaged:
            self._unread(_damaged(damaged))
        return records

    def _rows(self, query: str, values: Mapping[str, str]) -> list[sqlite3.Row]:
        if not self._usable:
            return []
        try:
            with closing(self._connect()) as connection:
                return rows_of(connection, query, values)
        except (sqlite3.Error, MemoryError) as error:
            self._unread(_unusable(say("cannot be read ({error})", error=error)))
            return []

    def _prepare(self, create: bool) -> bool:
        try:
            if not is_there(self.path):
                return create and self._make()
        except OSError as error:
            why = say("cannot be used ({why}): nothing is kept", why=error.strerror)
            return self._unread(_unusable(why))
        try:
            if (found := self._version()) > schema.VERSION:
                return self._unread(_unusable(_newer(found)))
            self._bring_up()
        except (sqlite3.OperationalError, OSError) as error:  # OSError: no room for a copy
            if not self._only_read(error):
                return False
        except sqlite3.DatabaseError as error:
            return self._unread(_unusable(_broken(error)))
        return self._looked_through()

    def _make(self) -> bool:
        try:
            copies.make(self.path)
            self._bring_up()
        except (OSError, sqlite3.Error) as error:
            why = getattr(error, "strerror", None) or error
            return self._without(say("cannot be used ({why}): nothing is kept", why=why))
        return True

    def _bring_up(self) -> None:
        with closing(self._connect()) as connection:
            schema.prepare(connection, self._copy)

    def _version(self) -> int:
        """The version of the file's schema, which is read without leaving a trace."""
        # Without a log beside the file none is made: `mode=ro` makes one, and a lock file, even
        # so; `immutable` takes the file alone.
        how = "mode=ro" if copies.log_of(self.path).exists() else "immutable=1"
        with closing(self._connect(how)) as connection:
            return schema.version(connection)

    def _copy(self, found: int) -> None:
        """A copy of the file as it is before it is brought up to date."""
        with closing(self._connect()) as connection:
            copies.copy(connection, copies.free_name(self.path, f"schema{found}"))

    def _only_read(self, error: Exception) -> bool:
        """Whether what cannot be written can be read at least; what cannot is no empty store."""
        self._is_writable = False
        try:
            with closing(self._connect()) as connection:
                found = schema.version(connection)
        except sqlite3.Error as fault:
            why = say("can be neither read nor written ({error}): nothing is kept", error=fault)
            return self._unread(_unusable(why))
        if found < schema.VERSION:
            return self._unread(_unusable(_older(found, error)))
        self._without(say("cannot be written ({error}): nothing is kept", error=error))
        return True

    def _looked_through(self) -> bool:
        """Whether the file can be used, which it can in part even where it is damaged."""
        if self.path in _sound:
            return True
        try:
            with closing(self._connect()) as connection:
                faults = faults_in(connection, most=1)
        except sqlite3.OperationalError as error:
            return self._unread(_unusable(say("cannot be read ({error})", error=error)))
        except sqlite3.DatabaseError as error:
            faults = [str(error)]
        if not faults:
            _sound.add(self.path)
            return True
        # What is written to a damaged file may fall where something else is kept.
        self._is_writable = False
        self._unread(_in_part(faults[0]))
        return True

    def _connect(self, how: str = "") -> sqlite3.Connection:
        return connect(self.path, how or ("" if self._is_writable else _for_reading(self.path)))

    def _unread(self, message: Sentence) -> bool:
        """What is stored is not used: a run without it may give other figures, and must say so."""
        problem = Problem("store_unread", str(self.path), message)
        if problem not in self.problems:
            self.problems.append(problem)
        return False

    def _without(self, why: Sentence) -> bool:
        problem = Problem("store", str(self.path), say("the store {why}", why=why))
        if problem not in self.problems:
            self.problems.append(problem)
        return False


def connect(path: Path, how: str) -> sqlite3.Connection:
    """A connection to a file; `how` is what SQLite's URIs say of that (empty: as usual)."""
    place = f"{path.resolve().as_uri()}?{how}"
    connection = sqlite3.connect(place, timeout=PATIENCE_SECONDS, uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def rows_of(
    connection: sqlite3.Connection, query: str, values: Mapping[str, str] | Sequence[int] = ()
) -> list[sqlite3.Row]:
    """The rows that a query finds; what is no text in one becomes one, and its row damaged."""
    try:
        return connection.execute(query, values).fetchall()
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
        connection.text_factory = lambda content: content.decode(errors="replace")
        return connection.execute(query, values).fetchall()


def faults_in(connection: sqlite3.Connection, most: int) -> list[str]:
    """What SQLite finds wrong with a file when it looks all through it."""
    found = connection.execute(f"PRAGMA integrity_check({most})").fetchall()
    return [text.splitlines()[-1] for (text,) in found if text != "ok"]


def is_there(path: Path) -> bool:
    """Whether a file is there. Raises OSError where that cannot be told."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _for_reading(path: Path) -> str:
    # A log beside the file may be newer than it, and somebody may be writing: locks hold.
    is_alone = not copies.log_of(path).exists() and not os.access(path.parent, os.W_OK)
    return "immutable=1" if is_alone else "mode=ro"


def _unusable(why: Sentence) -> Sentence:
    return say(
        "the store {why}: estimates, prices, splits and share counts in it are not used", why=why
    )


def _broken(error: Exception) -> Sentence:
    return say(
        "is damaged ({error}) and nothing is kept; `screener store check --salvage` saves what can"
        " be read",
        error=error,
    )


def _in_part(error: str) -> Sentence:
    return say(
        "the store is damaged ({error}): what can still be read of it is used, some may be missing,"
        " and nothing is kept; `screener store check` says what is lost, and --salvage saves the"
        " rest",
        error=error,
    )


def _damaged(rows: Sequence[Sentence]) -> Sentence:
    first = rows[0]
    if len(rows) == 1:
        return say("in the store {row} is not as it was written: it is not used", row=first)
    return say(
        "in the store {row} and {more} more are not as they were written: they are not used",
        row=first,
        more=len(rows) - 1,
    )


def _older(found: int, error: Exception) -> Sentence:
    return say(
        "is of an older form (schema {found}, this one is {known}) and cannot be brought up to date"
        " ({error})",
        found=found,
        known=schema.VERSION,
        error=error,
    )


def _newer(found: int) -> Sentence:
    return say(
        "was written by a newer screener (schema {found}, this one knows {known}): update, or"
        " name another store",
        found=found,
        known=schema.VERSION,
    )
