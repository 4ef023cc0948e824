"""A file onto the disk: whole or not at all, never over what is edited or open elsewhere."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from zipfile import BadZipFile, ZipFile
from zlib import error

from screener.model.messages import NOTHING, Sentence, say

# After so many names that are all taken, something else is wrong.
_MOST_NAMES = 100
# By this a file says who wrote it: the author of a workbook, a key of a Parquet file.
MARK = "screener"
# Where a workbook has its author and its days; no program writes much there.
PROPERTIES, MOST_PROPERTIES = "docProps/core.xml", 100_000
# How much of a text tells what it is.
_HEAD = 14
# Where a workbook says who wrote it, and when; in a few hundred bytes.
_PROPERTIES, _MOST_PROPERTIES = "docProps/core.xml", 10_000

_ANEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Written:
    """Where a workbook was written, and why not at the place asked for (empty: it is there)."""

    path: Path
    kept: Sentence = NOTHING


def save(content: bytes, path: Path) -> Written:
    """Write the bytes at a path, or, if what is there must be kept, at `NAME-2`, `NAME-3`, ….

    Kept is what another program has open, a workbook that was changed since it was written here,
    and every file that was not. Raises OSError where nothing can be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = NOTHING
    for number in range(1, _MOST_NAMES):
        target = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        why = _why_kept(target, content)
        if not why:
            try:
                replace_file(content, target)
            except PermissionError:
                # Windows gives no file away that a program has open.
                if not target.exists() or not os.access(target.parent, os.W_OK):
                    raise
                why = say("is open in another program")
            else:
                return Written(target, kept)
        kept = kept or say("{path} {why}, and is kept", path=path, why=why)
    raise FileExistsError(f"{path} and {_MOST_NAMES - 2} more names are taken")


def _why_kept(path: Path, content: bytes) -> Sentence:
    if not path.exists():
        return NOTHING
    # LibreOffice and Excel leave such a file beside what they have open.
    if any(path.with_name(mark).exists() for mark in (f".~lock.{path.name}#", f"~${path.name}")):
        return say("is open in another program")
    return NOTHING if _is_ours(path, content) else say("is not as screener wrote it")


def _is_ours(path: Path, content: bytes) -> bool:
    """Whether a file was written here before; a workbook, whether by nobody since."""
    if not path.is_file():
        return False
    if path.suffix.lower() == ".xlsx":
        return _is_our_workbook(path)
    if path.suffix.lower() == ".parquet":
        return _is_our_parquet(path)
    with path.open("rb") as file:
        return file.read(_HEAD) == content[:_HEAD]  # texts of one kind begin alike


def _is_our_parquet(path: Path) -> bool:
    import polars as pl

    try:
        return MARK in pl.read_parquet_metadata(path)
    except (pl.exceptions.PolarsError, OSError):
        return False


def _is_our_workbook(path: Path) -> bool:
    # Written here, a workbook says it was last modified when it was created; every spreadsheet
    # program that saves it again says otherwise. Only that part is read, and no more than it has:
    # a library would read the whole of what may be anybody's file.
    try:
        with ZipFile(path) as archive, archive.open(_PROPERTIES) as part:
            said = part.read(_MOST_PROPERTIES).decode("utf-8", "replace")
    except (BadZipFile, KeyError, OSError, RuntimeError, ValueError, NotImplementedError, error):
        return False
    creator, created, modified = (
        re.findall(rf"<{name}\b[^>]*>([^<]*)</{name}>", said)
        for name in ("dc:creator", "dcterms:created", "dcterms:modified")
    )
    return creator == [MARK] and created == modified != []


def replace_file(content: bytes, target: Path) -> None:
    """Write the bytes at a path so that at every moment the old or the new file is there, whole.

    A link is followed, and the new file is for those to read whom the user's mask lets.
    """
    target = _resolved(target)
    temporary = _laid_beside(content, target)
    try:
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def replace_together(figures: tuple[bytes, Path], provenance: tuple[bytes, Path]) -> None:
    """Write a table and what is said of it so that no new figures stand under old words.

    Both are written in full before either takes its place. Whoever is cut off between the two
    leaves figures without provenance, which is said of them, and never under that of others.
    """
    laid = []
    try:
        for content, path in (figures, provenance):
            target = _resolved(path)
            laid.append((_laid_beside(content, target), target))
        (table, place), (words, beside) = laid
        aside = beside.with_name(f".screener-{token_hex(8)}.tmp")
        if beside.exists():
            beside.rename(aside)
        try:
            table.replace(place)
        except BaseException:
            if aside.exists():
                aside.rename(beside)  # the old figures have their own words again
            raise
        words.replace(beside)
        aside.unlink(missing_ok=True)
    except BaseException:
        for temporary, _ in laid:
            temporary.unlink(missing_ok=True)
        raise


def _resolved(target: Path) -> Path:
    try:
        return target.resolve()
    except RuntimeError:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None


def _laid_beside(content: bytes, target: Path) -> Path:
    """The bytes in a file of another name, on the disk: only the last step is left to do."""
    # In the same folder: only there is the last step one that cannot be seen half done.
    temporary = target.with_name(f".screener-{token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(temporary, _ANEW, 0o666), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
