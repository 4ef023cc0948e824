"""Looking all through a store, copying it, and dropping what is old."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.usage import UsageError
from screener.store import copies, schema
from screener.store.file import DAMAGE, StoreFile, faults_in, is_there, text_of

# So many of the things that SQLite finds wrong are told.
_MOST_FAULTS = 20
# The last answer of each stays, however old, and the last run of each kind: the next one is
# compared with it.
_LAST_QUOTES = "SELECT last FROM (SELECT rowid AS last, max(fetched_at) FROM quotes"
_OLD = {
    "runs": "generated_at < :before AND number NOT IN"
    " (SELECT max(number) FROM runs GROUP BY sectors, ranked_by)",
    "run_figures": "run NOT IN (SELECT number FROM runs)",
    "quotes": f"fetched_at < :before AND rowid NOT IN ({_LAST_QUOTES} GROUP BY symbol, source))"
    f" AND rowid NOT IN ({_LAST_QUOTES} WHERE shares IS NOT NULL GROUP BY symbol))",
    "rates": "fetched_at < :before AND rowid NOT IN (SELECT last FROM"
    " (SELECT rowid AS last, max(fetched_at) FROM rates GROUP BY base, quote))",
    "profiles": "fetched_at < :before AND rowid NOT IN (SELECT last FROM"
    " (SELECT rowid AS last, max(as_of) FROM profiles GROUP BY symbol, source))",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """How many rows of each table are as they were written, how many are not, and what is wrong."""

    path: Path
    rows: dict[str, int]
    damaged: dict[str, int]
    problems: tuple[Problem, ...]


def check(path: Path) -> Checked:
    """Read every row of a store, and have SQLite look through its file.

    Raises UsageError where there is none.
    """
    file = _found(path)
    rows, damaged = {}, {}
    for table in schema.TABLES:
        sound, broken = file.parted(table.select(), table.reader())
        rows[table.name], damaged[table.name] = len(sound), len(broken)
    faults = [
        Problem("store_unread", str(path), say("{text}", text=text)) for text in _faults(file)
    ]
    said = {str(problem.message) for problem in file.problems}
    new = (fault for fault in faults if not any(fault.message in text for text in said))
    return Checked(path, rows, damaged, (*file.problems, *new))


def _faults(file: StoreFile) -> list[str]:
    try:
        with closing(file.connected()) as connection:
            return faults_in(connection, _MOST_FAULTS)
    except DAMAGE:
        return []  # what cannot be opened has been said


def back_up(path: Path, target: Path | None, day: str) -> tuple[Path | None, list[Problem]]:
    """Copy a store as it is now to a file that is not there yet, by default beside it.

    None where it cannot be read or written, which the problems say. Raises UsageError where there
    is no store, or something at the target.
    """
    file = _found(path)
    if target is None or target.is_dir():
        target = copies.free_name(path if target is None else target / path.name, day)
    if target.exists():
        raise UsageError(say("{path} is there, and is kept: name another file", path=target))
    try:
        with closing(file.connected()) as connection:
            copies.copy(connection, target)
    except (OSError, *DAMAGE) as error:
        why = getattr(error, "strerror", None) or text_of(error)
        message = say("{path} cannot be written ({why})", path=target, why=why)
        return None, [*file.problems, Problem("store", str(path), message)]
    return target, file.problems


def prune(
    path: Path, before: datetime, *, really: bool
) -> tuple[dict[str, int] | None, list[Problem]]:
    """Drop runs, quotes, rates and profiles of before a moment; how many rows of each it is.

    Unless `really`, only count them. Estimates, what was said of them, splits, closes and multiples
    are never dropped. None where nothing can be, which the problems say. Raises UsageError where
    there is no store.
    """
    file = _found(path)
    moment = {"before": before.astimezone(UTC).isoformat()}

    def drop(connection: sqlite3.Connection) -> dict[str, int]:
        dropped = {
            table: connection.execute(f"DELETE FROM {table} WHERE {which}", moment).rowcount  # noqa: S608
            for table, which in _OLD.items()
        }
        if not really:
            connection.rollback()
        return dropped

    dropped = file.change(drop)
    if really and dropped and any(dropped.values()):
        # What others are reading keeps its place in the file, which later rows take.
        with suppress(sqlite3.OperationalError), closing(file.connected()) as connection:
            connection.execute("VACUUM")
    return dropped, file.problems


def _found(path: Path) -> StoreFile:
    """The store of a path. Raises UsageError where there is none."""
    file = StoreFile(path, create=False)
    if not file.problems and not is_there(path):
        raise UsageError(say("there is no store yet: {path}", path=path))
    return file
