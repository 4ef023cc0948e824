"""The SQLite file of the store: opened, read and written, or done without, which is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.store import copies, faults, schema
from screener.store.tables import Batch, DamagedRowError, Record, printable

# How long one run waits for another that is writing, which takes milliseconds: after this the
# other one hangs, and prices are worth more than keeping them.
PATIENCE_SECONDS = 5.0

Made = TypeVar("Made")
# What a damaged file is met with: Python cannot read an error whose text is damaged, either.
DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError, MemoryError)
# Files that SQLite has looked through in this process, and found sound: once is enough.
_sound: set[Path] = set()


class StoreFile:
    """What is read from a file and written to it, or nothing, where `problems` says why."""

    def __init__(self, path: Path, *, create: bool) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._is_writable = True
        self.has_kept_all = True  # of what was to be written
        self._how = ""  # it is opened, in the words of SQLite's URIs
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
            self.has_kept_all = False
            return None
        try:
            # `with connection` ends the transaction, and only `closing` the connection.
            with closing(self.connected()) as connection, connection:
                connection.execute("BEGIN IMMEDIATE")
                return work(connection)
        # Besides SQLite's own: a text that is none, and a number beyond 64 bits.
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            self.has_kept_all = False
            self._without(
                say(
                    "cannot be written ({error}): nothing of this run is kept", error=text_of(error)
                )
            )
            return None

    def read(
        self, query: str, parse: Callable[[sqlite3.Row], Record], **values: str
    ) -> list[Record]:
        """The records that the rows are; a row that is damaged is named, and costs only itself."""
        return self.parted(query, parse, **values)[0]

    def parted(
        self, query: str, parse: Callable[[sqlite3.Row], Record], **values: str
    ) -> tuple[list[Record], list[Sentence]]:
        """The records that the rows are, and the names of those that are damaged."""
        records, damaged = parted(self._rows(query, values), parse)
        if damaged:
            self._unread(faults.damaged(damaged))
        return records, damaged

    def _rows(self, query: str, values: Mapping[str, str]) -> list[sqlite3.Row]:
        if not self._usable:
            return []
        try:
            with closing(self.connected()) as connection:
                return rows_of(connection, query, values)
        except DAMAGE as error:
            self._unread(faults.unusable(say("cannot be read ({error})", error=text_of(error))))
            return []

    def _prepare(self, create: bool) -> bool:
        try:
            if not is_there(self.path):
                return create and self._make()
        except OSError as error:
            why = say("cannot be used ({why}): nothing is kept", why=error.strerror)
            return self._unread(faults.unusable(why))
        try:
            if (found := self._version()) > schema.VERSION:
                return self._unread(faults.unusable(faults.newer(found)))
            self._bring_up()
        except (sqlite3.OperationalError, OSError) as error:  # OSError: no room for a copy
            if not self._only_read(error):
                return False
        except DAMAGE as error:
            return self._unread(faults.unusable(faults.broken(text_of(error))))
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
        with closing(self.connected()) as connection:
            schema.prepare(connection, self._copy)

    def _version(self) -> int:
        """The version of the file's schema, which is read without leaving a trace."""
        # Without a log beside the file none is made: `mode=ro` makes one, and a lock file, even
        # so; `immutable` takes the file alone.
        how = "mode=ro" if copies.log_of(self.path).exists() else "immutable=1"
        with closing(self.connected(how)) as connection:
            return schema.version(connection)

    def _copy(self, found: int) -> None:
        """A copy of the file as it is before it is brought up to date."""
        with closing(self.connected()) as connection:
            copies.copy(connection, copies.free_name(self.path, f"schema{found}"))
        copies.narrow(self.path)

    def _only_read(self, error: Exception) -> bool:
        """Whether what cannot be written can be read at least; what cannot is no empty store."""
        self._is_writable = False
        try:
            found = self._readable_version()
        except DAMAGE as fault:
            why = say(
                "can be neither read nor written ({error}): nothing is kept", error=text_of(fault)
            )
            return self._unread(faults.unusable(why))
        if found < schema.VERSION:
            return self._unread(faults.unusable(faults.older(found, error)))
        self._without(say("cannot be written ({error}): nothing is kept", error=error))
        return True

    def _readable_version(self) -> int:
        """The version of a file that cannot be written, and from now on how it is read."""
        self._how = "mode=ro"
        try:
            with closing(self.connected()) as connection:
                return schema.version(connection)
        except sqlite3.OperationalError as error:
            # To read beside a writer takes a lock file, which a full disk or a folder that may not
            # be written has no room for. Where nobody can have written, the file alone is all.
            if "locked" in str(error) or copies.has_log(self.path):
                raise
        self._how = "immutable=1"
        with closing(self.connected()) as connection:
            return schema.version(connection)

    def _looked_through(self) -> bool:
        """Whether the file can be used, which it can in part even where it is damaged."""
        if self.path in _sound:
            return True
        try:
            with closing(self.connected()) as connection:
                found = faults_in(connection, most=1)
        except sqlite3.OperationalError as error:
            return self._unread(faults.unusable(say("cannot be read ({error})", error=error)))
        except DAMAGE as error:
            found = [text_of(error)]
        if not found:
            _sound.add(self.path)
            return True
        # What is written to a damaged file may fall where something else is kept.
        self._is_writable = False
        self._unread(faults.in_part(found[0]))
        return True

    def connected(self, how: str = "") -> sqlite3.Connection:
        """A connection to the file, for reading only where it cannot or must not be written."""
        return connect(self.path, how or self._how)

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


def parted(
    rows: Iterable[sqlite3.Row], parse: Callable[[sqlite3.Row], Record]
) -> tuple[list[Record], list[Sentence]]:
    """The records that rows are, and the names of those that are damaged."""
    records, damaged = [], []
    for row in rows:
        try:
            records.append(parse(row))
        except DamagedRowError as error:
            damaged.append(error.message)
    return records, damaged


def faults_in(connection: sqlite3.Connection, most: int) -> list[str]:
    """What SQLite finds wrong with a file when it looks all through it."""
    found = connection.execute(f"PRAGMA integrity_check({most})").fetchall()
    return [printable(text.splitlines()[-1]) for (text,) in found if text != "ok"]


def text_of(error: Exception) -> str:
    """What an error says, also one of a damaged text, without what no terminal should be sent."""
    content = error.object if isinstance(error, UnicodeDecodeError) else b""
    return printable(content.decode(errors="replace") or str(error))


def is_there(path: Path) -> bool:
    """Whether a file is there. Raises OSError where that cannot be told."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
