"""Which kind of document a file is, by what it holds, and the reader of each kind."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from screener.importing.documents import office, text
from screener.importing.documents.line import Line
from screener.importing.documents.paper import paper
from screener.model.bounded import UnreadableError
from screener.model.messages import say

MOST_BYTES = 50_000_000
# A workbook or a document unpacks to a few times its size; what unpacks to more is a bomb.
_MOST_UNPACKED = 300_000_000

READERS: Mapping[str, Callable[[Path], Iterator[Line]]] = {
    "text": text.text,
    "csv": text.separated,
    "xlsx": office.workbook,
    "docx": office.document,
    "html": text.web_page,
    "pdf": paper,
}
# These take a library to read, which a hostile file may keep busy: they run in a child.
IN_A_CHILD = frozenset(("xlsx", "docx", "html", "pdf"))


def kind_of(path: Path) -> str:
    """What kind of document a file is, by what it begins with; by its name where that says less.

    Raises UnreadableError for what none of the readers can read.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        megabytes, most = size // 1_000_000, MOST_BYTES // 1_000_000
        fault = say("has {size} MB; up to {most} are read", size=megabytes, most=most)
        raise UnreadableError(fault)
    if size == 0:
        raise UnreadableError(say("is empty"))
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PK"):
        return _kind_of_archive(path)
    if start.startswith(b"%PDF"):
        return "pdf"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableError(say("is of an old Office: save it as .xlsx or .docx"))
    # Text has no zero bytes, but for UTF-16, which says so by its first two.
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(say("is no text, no .xlsx, .docx, .html and no PDF"))
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|table|head|body|\?xml)", start, re.I):
        return "html"
    return "csv" if path.suffix.lower() in (".csv", ".tsv") else "text"


def _kind_of_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableError(say("is a broken archive ({error})", error=error)) from None
    if unpacked > _MOST_UNPACKED:
        megabytes = unpacked // 1_000_000
        fault = say("unpacks to {unpacked} MB: that is no report", unpacked=megabytes)
        raise UnreadableError(fault)
    # Both are archives that begin alike: what is inside tells them apart, whatever their name.
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "word/document.xml" in names:
        return "docx"
    raise UnreadableError(say("is an archive, and no .xlsx or .docx"))
