"""Bytes of a file that somebody named: of a file, and of no more than one should hold."""

from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import TextIO

# A list of every listing on earth has some ten.
MOST_BYTES = 50_000_000


def shown(path: object) -> str:
    """A path, or another text of the system's, as it can be printed: what is no UTF-8 is a `?`."""
    return str(path).encode(errors="replace").decode()


def plain_bytes(path: Path) -> bytes:
    """What a file holds. Raises OSError for one that cannot be read, is none, or is too large."""
    check_plain(path)
    return path.read_bytes()


def check_plain(path: Path) -> None:
    """Raises OSError for what is no regular file, or too large a one.

    A pipe or a device may never end, and would keep the program for ever.
    """
    if shown(path) != str(path):
        raise OSError(errno.EILSEQ, "Its name is no UTF-8: give it another one", shown(path))
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "Is a directory", str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "Is no regular file", str(path))
    if found.st_size > MOST_BYTES:
        raise OSError(errno.EFBIG, f"Has more than {MOST_BYTES // 1_000_000} MB", str(path))


def plain_text(stream: TextIO) -> str:
    """What a stream holds, as stdin. Raises OSError where it is more than a file may have."""
    found = stream.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"Has more than {MOST_BYTES // 1_000_000} MB", "stdin")
    return found
