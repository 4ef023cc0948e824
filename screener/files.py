"""A file onto the disk: whole or not at all, never over what is edited or open elsewhere."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from time import time
from zipfile import BadZipFile, ZipFile
from zlib import error

from screener.model.messages import NOTHING, Sentence, say

# After so many names that are all taken, something else is wrong.
_MOST_NAMES = 100
# By this a file says who wrote it: the author of a workbook, a key of a Parquet file.
MARK = "screener"
# How much of a text tells what it is, and of what a workbook says of itself.
_HEAD, _MOST_PROPERTIES = 14, 10_000

# Who writes is in the name of what is laid beside a file, so that what was left can be told; of
# older versions it is not.
_TEMPORARY = re.compile(
    r"\.screener-(?:(?P<process>\d{1,9})-)?(?P<token>[0-9a-f]{16})(?:-(?P<name>.+))?\.tmp"
)
# No write takes so long: what is older was left, even where a process of its number runs.
_LONGEST_SECONDS = 86_400

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
    # Whoever saves it again says that it was modified since. Nothing else is read of any file.
    try:
        with ZipFile(path) as archive, archive.open("docProps/core.xml") as part:
            said = part.read(_MOST_PROPERTIES).decode("utf-8", "replace")
    except (BadZipFile, KeyError, OSError, RuntimeError, ValueError, error):
        return False
    names = ("dc:creator", "dcterms:created", "dcterms:modified")
    creator, *times = (re.findall(rf"<{name}\b[^>]*>([^<]*)<", said) for name in names)
    return creator == [MARK] and times[0] == times[1] != []


def replace_file(content: bytes, target: Path) -> None:
    """Write the bytes at a path so that at every moment the old or the new file is there, whole.

    A link is followed. A file that is there keeps its mode; a new one is for those to read whom
    the user's mask lets. What an earlier write was cut off from is finished or cleared away first.
    """
    target = _resolved(target)
    settle(target.parent)
    temporary = _beside(target.parent, token_hex(8))
    try:
        _lay(content, temporary, target)
        put(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def replace_together(figures: tuple[bytes, Path], provenance: tuple[bytes, Path]) -> None:
    """Write a table and what is said of it so that no figures ever stand under others' words.

    Both are laid beside their places in full. With the name of the table the new words hold, too:
    whoever reads them asks `standing` where they are, until they have their own name.
    """
    (table, place), (words, beside) = figures, provenance
    place, beside = _resolved(place), _resolved(beside)
    if place.parent != beside.parent:
        raise OSError(errno.EXDEV, f"{place} and {beside} are not in one folder")
    settle(place.parent)
    token = token_hex(8)
    new_table, new_words = _beside(place.parent, token), _beside(place.parent, token, beside.name)
    try:
        _lay(table, new_table, place)
        _lay(words, new_words, beside)
        _sync(place.parent)
        put(new_table, place)
    except BaseException:
        if new_table.exists():  # else it has its name already, and the words are of it
            _clear(new_words, new_table)
        raise
    _name(new_words, beside)


def standing(path: Path) -> Path:
    """The file that holds what is said at a path: itself, or new words that await its name."""
    target = _resolved(path)
    for temporary in _temporaries(target.parent):
        if temporary.name_to_be == target.name and temporary.is_standing():
            return temporary.path
    return path


def put(laid: Path, target: Path) -> None:
    """Give what is laid down whole its name, which it has for good afterwards."""
    _sync(laid)
    laid.replace(target)
    _sync(target.parent)


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A folder in a folder, to make something in; it is gone afterwards, and so are older ones."""
    settle(parent)
    folder = _beside(parent, token_hex(8))
    try:
        folder.mkdir(0o700)
    except OSError as error:
        error.filename = str(parent)
        raise
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def settle(folder: Path) -> None:
    """Finish or clear away what writes into a folder were cut off from, whose process is gone."""
    found = _temporaries(folder)
    for words in found:
        if words.is_standing():
            _name(words.path, folder / words.name_to_be)
    # Words go first: without their table they would be standing.
    left = sorted(found, key=lambda each: not each.name_to_be)
    _clear(*(each.path for each in left if each.is_left()))


@dataclass(frozen=True, slots=True)
class _Temporary:
    """A file or folder of ours under another name: by which process, and the name it is to have.

    New words have one (of others it is empty), and are to have it after `before`, their table.
    """

    path: Path
    process: int
    name_to_be: str
    before: Path

    def is_standing(self) -> bool:
        """Whether it is new words whose table has its name already."""
        return bool(self.name_to_be) and not self.before.exists()

    def is_left(self) -> bool:
        """Whether the process that made it is gone, as far as one can tell here."""
        try:
            age = time() - self.path.lstat().st_mtime
        except FileNotFoundError:
            return False
        # Windows would end a process that is asked so; there, and for one of an older version or
        # of another machine whose number is taken here, age alone tells.
        return age > _LONGEST_SECONDS or (os.name == "posix" and _is_gone(self.process))


def _temporaries(folder: Path) -> list[_Temporary]:
    found = []
    for path in folder.iterdir():
        if name := _TEMPORARY.fullmatch(path.name):
            before = path.with_name(f"{path.name[: name.end('token')]}.tmp")
            found.append(_Temporary(path, int(name["process"] or 0), name["name"] or "", before))
    return found


def _beside(folder: Path, token: str, name_to_be: str = "") -> Path:
    # In the same folder: only there is the last step one that cannot be seen half done.
    parts = (".screener", str(os.getpid()), token, *filter(None, (name_to_be,)))
    return folder / f"{'-'.join(parts)}.tmp"


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # somebody else's
    return False


def _clear(*temporaries: Path) -> None:
    """Take away files and folders of ours, one after the other, until one cannot be."""
    with suppress(OSError):
        for path in temporaries:
            if path.is_dir():
                rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _resolved(target: Path) -> Path:
    try:
        return target.resolve()
    except RuntimeError:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None


def _lay(content: bytes, temporary: Path, target: Path) -> None:
    """The bytes in a file of another name, on the disk; nobody else reads it until it is whole."""
    try:
        with os.fdopen(os.open(temporary, _ANEW, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = str(target)  # of the other name the user knows nothing
        raise
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0o077)  # the system tells it only to who sets another one
        os.umask(mask)
        mode = 0o666 & ~mask
    temporary.chmod(mode)


def _name(words: Path, beside: Path) -> None:
    with suppress(FileNotFoundError):  # another process has done it
        put(words, beside)


def _sync(path: Path) -> None:
    """Have the names in a folder, or what a file holds, on the disk."""
    # Windows opens no folder, and some file systems sync none.
    with suppress(OSError):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
