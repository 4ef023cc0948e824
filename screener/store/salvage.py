"""A new store of every row of a damaged one that can still be read; the damaged one is kept."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from screener.model.messages import say
from screener.model.usage import UsageError
from screener.store import copies, schema
from screener.store.file import DAMAGE, StoreFile, connect, parted, rows_of
from screener.store.tables import CHECKSUM, Table, columns

# What every store of ours begins with, where SQLite lets nobody choose or we never do: pages of
# 4096 bytes, a write-ahead log, UTF-8. By place in the file.
_PAGE = 4096
_HEAD = {
    0: b"SQLite format 3\0" + _PAGE.to_bytes(2, "big") + bytes((2, 2, 0, 64, 32, 32)),
    44: (4).to_bytes(4, "big"),
    52: bytes(4),
    56: (1).to_bytes(4, "big"),
    64: bytes(4),
    72: bytes(20),
}
# After so many rows that cannot be read, the rest of a table is given up.
_MOST_FAILURES = 50_000
# A row takes at least so many bytes.
_LEAST_OF_A_ROW = 32


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many rows of each table are kept, how many at most are lost (None: nobody knows).

    `aside` is where the old file is.
    """

    kept: dict[str, int]
    lost: dict[str, int | None]
    aside: Path


def salvage(path: Path) -> Salvaged:
    """Put a new store in the place of a damaged one, which is put aside under a name of its own.

    Raises UsageError for one that a newer screener wrote, OSError or sqlite3.Error where somebody
    is writing or the new one cannot be made: then nothing has changed.
    """
    _refuse(path)
    copies.sweep(path.parent)
    with TemporaryDirectory(prefix=".screener-", dir=path.parent) as folder:
        worked, made = Path(folder) / "damaged.db", Path(folder) / "made.db"
        _copy_bytes(path, worked)
        new = StoreFile(made, create=True)
        kept, lost = _moved(worked, new)
        if new.problems:
            raise OSError(str(new.problems[0].message))
        aside = copies.free_name(path, "damaged")
        copies.settle(*_copy_bytes(path, aside), path.parent)
        # A log that is left would be taken for the new file's.
        for rest in ("-wal", "-shm"):
            Path(f"{path}{rest}").unlink(missing_ok=True)
        made.replace(path)
        copies.settle(path.parent)
    return Salvaged(kept, lost, aside)


def _refuse(path: Path) -> None:
    try:
        with closing(connect(path, "mode=rw")) as connection:
            if schema.version(connection) > schema.VERSION:
                raise UsageError(say("{path} was written by a newer screener: update", path=path))
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise
    except DAMAGE:
        return  # that is why it is salvaged


def _copy_bytes(path: Path, target: Path) -> list[Path]:
    """Copy a file and the log beside it as they are; the copies."""
    made = []
    for rest in ("", "-wal"):
        source, copy = Path(f"{path}{rest}"), Path(f"{target}{rest}")
        if source.exists():
            copies.make(copy)
            made.append(Path(shutil.copyfile(source, copy)))
    return made


def _moved(worked: Path, new: StoreFile) -> tuple[dict[str, int], dict[str, int | None]]:
    """Move every row that is as it was written; how many of each table are kept, and lost."""
    kept: dict[str, int] = {}
    lost: dict[str, int | None] = {}
    indexed = _indexed(worked)
    _mend_head(worked)
    with suppress(*DAMAGE):  # where not even this can be read, no table is found
        _mend_schema(worked)
    with closing(_opened(worked)) as connection:
        for table in schema.TABLES:
            last, count = indexed.get(table.name, (0, 0))
            rows, unread = _readable(connection, table, last, worked)
            records, damaged = parted(rows, table.reader())
            new.write(table.insert(records))
            kept[table.name] = len(new.read(table.select(), table.reader()))
            missing = count - kept[table.name]
            lost[table.name] = None if unread is None else max(len(damaged) + unread, missing)
        with suppress(TypeError, *DAMAGE):
            new.change(partial(_count_on, _one(connection, "SELECT max(seq) FROM sqlite_sequence")))
    return kept, lost


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    # SQLite then goes on where the texts of tables are damaged, or the end of the file is missing:
    # only the first statement fails.
    connection.execute("PRAGMA writable_schema = ON")
    with suppress(*DAMAGE):
        schema.names_in(connection)
    return connection


def _one(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0] or 0)


def _count_on(number: int, connection: sqlite3.Connection) -> None:
    """Let runs be numbered from there on, also where the last ones are lost."""
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'runs'")
    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', ?)", (number,))


def _indexed(path: Path) -> dict[str, tuple[int, int]]:
    """The number of the last row of each table, and how many it has, as its indices say."""
    found = {}
    for table in schema.TABLES:
        with suppress(*DAMAGE), closing(_opened(path)) as connection:
            # `+` keeps SQLite from looking at the table's end alone, which may be damaged.
            query = f"SELECT coalesce(max(+rowid), 0), count(*) FROM {table.name}"  # noqa: S608
            last, count = connection.execute(query).fetchone()
            found[table.name] = (last, count)
    return found


def _mend_head(path: Path) -> None:
    """Write what is the same in every store, where a file's head keeps it from being opened."""
    with suppress(*DAMAGE), closing(_opened(path)) as connection:
        if schema.names_in(connection) & {table.name for table in schema.TABLES}:
            return
    with path.open("r+b") as file:
        size = int.from_bytes(file.read(18)[16:], "big")
        is_size = size == 1 or (size >= 512 and size & (size - 1) == 0)
        page = size if is_size else _PAGE
        for place, content in _HEAD.items():
            file.seek(place)
            file.write(content)
        file.seek(16)
        file.write(page.to_bytes(2, "big"))


def _mend_schema(path: Path) -> None:
    """Let the tables be what they are, without indices, whatever the file says of them.

    This is of a copy that nobody writes to any more. Raises sqlite3.Error where it says nothing.
    """
    with closing(_opened(path)) as connection, connection:
        entries = "SELECT rowid AS place, type, name, tbl_name, sql FROM sqlite_master"
        left = list(schema.TABLES)
        for entry in rows_of(connection, entries):
            table = next((each for each in left if _is_of(entry, each)), None)
            if table is not None:
                left.remove(table)
                connection.execute(
                    "UPDATE sqlite_master SET type = 'table', name = :name, tbl_name = :name,"
                    " sql = :sql WHERE rowid = :place",
                    {"name": table.name, "sql": _plain(table), "place": entry["place"]},
                )
            elif entry["name"] != "sqlite_sequence":
                place = {"place": entry["place"]}
                connection.execute("DELETE FROM sqlite_master WHERE rowid = :place", place)


def _is_of(entry: sqlite3.Row, table: Table[Any]) -> bool:
    """Whether an entry of the schema is of a table: by its name, or by what made it."""
    made = str(entry["sql"]).replace("IF NOT EXISTS ", "")
    begins = f"CREATE TABLE {table.name} ("
    is_table = made.startswith("CREATE TABLE") or entry["type"] == "table"
    return (
        entry["name"] == table.name
        or made.startswith(begins)
        or (is_table and entry["tbl_name"] == table.name)
    )


def _plain(table: Table[Any]) -> str:
    """What makes a table of these columns, without what SQLite would want an index for."""
    # With their types: without, SQLite gives a whole number of a column of reals as an integer.
    kinds = {column.name: column.kind.sql for column in columns(table.record)}
    kinds[CHECKSUM] = "INTEGER"
    if table.number:
        kinds[table.number] += " PRIMARY KEY"
    made = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    return f"CREATE TABLE {table.name} ({made})"


def _readable(
    connection: sqlite3.Connection, table: Table[Any], last: int, path: Path
) -> tuple[list[sqlite3.Row], int | None]:
    """Every row of a table that can be read, and how many at most cannot be, where it is known."""
    query = table.select()
    try:
        if schema.version(connection) < schema.WITH_CHECKSUMS:  # rows of then are taken as found
            found = schema.checksum_of(connection, table.name, table.names)
            query = query.replace(CHECKSUM, f"coalesce({CHECKSUM}, {found}) AS {CHECKSUM}", 1)
        return rows_of(connection, query), 0
    except DAMAGE:
        query = f"{query} WHERE rowid BETWEEN ? AND ?"
    try:
        if table.name not in schema.names_in(connection):
            # Older stores have fewer tables.
            return [], None if schema.version(connection) >= schema.VERSION else 0
    except DAMAGE:
        return [], None
    with suppress(*DAMAGE):
        last = max(last, _one(connection, f"SELECT max(rowid) FROM {table.name}"))  # noqa: S608
    rows: list[sqlite3.Row] = []
    unread, failures = 0, 0
    left = [(1, last or path.stat().st_size // _LEAST_OF_A_ROW)]
    while left:
        low, high = left.pop()
        try:
            rows += rows_of(connection, query, (low, high))
            continue
        except DAMAGE:
            failures += 1
        if low == high or failures > _MOST_FAILURES:
            unread += high - low + 1
        else:
            middle = (low + high) // 2
            left += [(middle + 1, high), (low, middle)]
    return rows, unread if last else None
