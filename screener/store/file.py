"""The SQLite file of the store: opened, read and written, or done without, which is said."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path

from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.store import schema
from screener.store.tables import Batch, Record

# How long one run waits for another that is writing, which takes milliseconds: after this the
# other one hangs, and prices are worth more than keeping them.
_PATIENCE_SECONDS = 5.0


class StoreFile:
    """What is read from a file and written to it, or nothing, where `problems` says why."""

    def __init__(self, path: Path, *, create: bool) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._is_writable = True
        self._usable = (create or path.exists()) and self._prepare()

    def write(self, *batches: Batch) -> None:
        """Write all rows of all statements, or none."""
        if not (self._usable and self._is_writable and any(rows for _, rows in batches)):
            return
        try:
            # `with connection` ends the transaction, and only `closing` the connection.
            with closing(self._connect()) as connection, connection:
                for statement, rows in batches:
                    connection.executemany(statement, rows)
        except sqlite3.Error as error:
            self._without(
                say("cannot be written ({error}): nothing of this run is kept", error=error)
            )

    def read(
        self, query: str, parse: Callable[[sqlite3.Row], Record], **values: str
    ) -> list[Record]:
        """The records that the rows are; a row that is none is a problem, and costs only itself."""
        records = []
        for row in self._rows(query, values):
            try:
                records.append(parse(row))
            except (ValueError, TypeError, LookupError) as error:
                self._without(say("holds what it cannot have been given ({error})", error=error))
        return records

    def _rows(self, query: str, values: Mapping[str, str]) -> list[sqlite3.Row]:
        if not self._usable:
            return []
        try:
            with closing(self._connect()) as connection:
                connection.row_factory = sqlite3.Row
                return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._unread(say("cannot be read ({error})", error=error))
            return []

    def _prepare(self) -> bool:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if (found := self._version()) > schema.VERSION:
                return self._unread(_newer(found))
            self._create()
        except OSError as error:
            why = say("cannot be used ({why}): nothing is kept", why=error.strerror)
            # Where a folder cannot be made there was no store; where one cannot be opened there is.
            return self._unread(why) if self.path.parent.is_dir() else self._without(why)
        except sqlite3.OperationalError as error:
            return self._only_read(error)
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)
        return True

    def _version(self) -> int:
        """The version of the file's schema, which is read without leaving a trace; 0 of none."""
        if not self.path.exists():
            return 0
        # A log beside the file may hold a newer version than it; without one, none is made:
        # `mode=ro` makes a log and a lock file even so, `immutable` takes the file alone.
        log = Path(f"{self.path.resolve()}-wal")
        with closing(self._connect("mode=ro" if log.exists() else "immutable=1")) as connection:
            return schema.version(connection)

    def _create(self) -> None:
        with closing(self._connect()) as connection:
            schema.prepare(connection)

    def _only_read(self, error: sqlite3.OperationalError) -> bool:
        """Whether what cannot be written can be read at least; what cannot is no empty store."""
        self._is_writable = False
        why = say("cannot be written ({error}): nothing is kept", error=error)
        if not self.path.exists():
            return self._without(why)
        try:
            with closing(self._connect()) as connection:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as fault:
            return self._unread(
                say("can be neither read nor written ({error}): nothing is kept", error=fault)
            )
        self._without(why)
        return True

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        # Put aside, not deleted: it may be some other file that was named by mistake.
        aside = self._free_name()
        self.path.replace(aside)
        self._unread(
            say(
                "was broken ({error}): it is kept as {name}, and a new one begun",
                error=error,
                name=aside.name,
            )
        )
        self._create()

    def _free_name(self) -> Path:
        """Where a broken store can be put aside: what lies there already is kept."""
        names = (f"{self.path.name}.broken{number or ''}" for number in count())
        return next(path for name in names if not (path := self.path.with_name(name)).exists())

    def _connect(self, how: str = "") -> sqlite3.Connection:
        how = how or ("" if self._is_writable else self._for_reading())
        place = f"{self.path.resolve().as_uri()}?{how}"
        return sqlite3.connect(place, timeout=_PATIENCE_SECONDS, uri=True)

    def _for_reading(self) -> str:
        # A log beside the file may be newer than it, and somebody may be writing: locks hold.
        log = Path(f"{self.path.resolve()}-wal")
        return "mode=ro" if log.exists() or os.access(self.path.parent, os.W_OK) else "immutable=1"

    def _unread(self, why: Sentence) -> bool:
        """What is stored is not used: a run without it may give other figures, and must say so."""
        message = say(
            "the store {why}: estimates, prices, splits and share counts in it are not used",
            why=why,
        )
        problem = Problem("store_unread", str(self.path), message)
        if problem not in self.problems:
            self.problems.append(problem)
        return False

    def _without(self, why: Sentence) -> bool:
        problem = Problem("store", str(self.path), say("the store {why}", why=why))
        if problem not in self.problems:
            self.problems.append(problem)
        return False


def _newer(found: int) -> Sentence:
    return say(
        "was written by a newer screener (schema {found}, this one knows {known}): update, or"
        " name another store",
        found=found,
        known=schema.VERSION,
    )
