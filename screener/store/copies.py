"""Files in the store's folder: for their owner alone, copied whole, never one over another."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from secrets import token_hex
from time import time

_ANEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
# What a store holds is nobody else's: SQLite gives its log and its lock file the same rights.
_OWNER_ONLY, _OWNERS_FOLDER = 0o600, 0o700
# No copy takes so long.
_OLD_SECONDS = 86_400.0


def make(path: Path) -> None:
    """An empty file, and its folder, where they are not there yet, that only their owner reads."""
    path.parent.mkdir(mode=_OWNERS_FOLDER, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, _ANEW, _OWNER_ONLY))
    except FileExistsError:
        return  # another run was first


def narrow(path: Path) -> None:
    """Give a file that has the usual rights of new files to its owner alone; others were chosen."""
    if path.stat().st_mode & 0o777 == 0o644:
        path.chmod(_OWNER_ONLY)


def free_name(path: Path, ending: str) -> Path:
    """Where something can be put beside a file: what lies there already is kept."""
    names = (f"{path.name}.{ending}{number or ''}" for number in count())
    return next(each for name in names if not (each := path.with_name(name)).exists())


def copy(connection: sqlite3.Connection, target: Path) -> None:
    """The whole of a store as it is at one moment, in a file that appears when it is complete.

    Raises OSError or sqlite3.Error where it cannot be written; then nothing is left of it.
    """
    temporary = target.with_name(f".screener-{token_hex(8)}.tmp")
    make(temporary)
    try:
        with closing(sqlite3.connect(temporary)) as other:
            connection.backup(other)
            other.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        temporary.replace(target)
        settle(target.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def log_of(path: Path) -> Path:
    """The write-ahead log beside a store's file, which may hold a newer version than it."""
    return Path(f"{path.resolve()}-wal")


def has_log(path: Path) -> bool:
    """Whether a log beside the file holds something that the file alone does not."""
    logs = (Path(f"{path.resolve()}-{ending}") for ending in ("wal", "journal"))
    return any(log.exists() and log.stat().st_size for log in logs)


def settle(*paths: Path) -> None:
    """Have files and folders on the disk before anything is done that relies on them."""
    for path in paths:
        if path.is_dir() and os.name == "nt":
            continue  # Windows opens no folder
        opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def sweep(folder: Path) -> None:
    """Take away what a copy that was cut off days ago has left in a store's folder."""
    for left in folder.glob(".screener-*"):
        with suppress(OSError):
            if time() - left.stat().st_mtime > _OLD_SECONDS:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
