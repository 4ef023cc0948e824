"""A file onto the disk: whole or not at all, never over what is edited or open elsewhere."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from screener.wording import NOTHING, Sentence, say

# After so many names that are all taken, something else is wrong.
_MOST_NAMES = 100


@dataclass(frozen=True, slots=True)
class Written:
    """Where a workbook was written, and why not at the place asked for (empty: it is there)."""

    path: Path
    kept: Sentence = NOTHING


def save(content: bytes, path: Path) -> Written:
    """Write the bytes at a path, or, if that must be kept, at `NAME-2`, `NAME-3`, ….

    Kept is a workbook that was changed since it was written here, what is called one and is none,
    and what another program has open. Raises OSError where nothing can be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = NOTHING
    for number in range(1, _MOST_NAMES):
        target = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        why = _why_kept(target)
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


def _why_kept(path: Path) -> Sentence:
    if not path.exists():
        return NOTHING
    if any(path.with_name(mark).exists() for mark in (f".~lock.{path.name}#", f"~${path.name}")):
        return say("is open in another program")
    if path.suffix.lower() != ".xlsx":
        return NOTHING  # what is no workbook is written anew by every run, and edited by nobody
    return say("is not as screener wrote it") if _is_edited(path) else NOTHING


def _is_edited(path: Path) -> bool:
    # Written here, a workbook says it was last modified when it was created; every spreadsheet
    # program that saves it again says otherwise. What is no workbook is not ours.
    from openpyxl import load_workbook

    try:
        properties = load_workbook(path, read_only=True).properties
    except Exception:  # noqa: BLE001 - whatever it is that cannot be read, it is not ours
        return True
    return bool(properties.modified != properties.created)


def replace_file(content: bytes, target: Path) -> None:
    """Write the bytes at a path so that at every moment the old or the new file is there, whole."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".screener-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
