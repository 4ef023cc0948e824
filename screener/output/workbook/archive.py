"""The archive that a workbook is: each part goes into it, compressed, while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO, StringIO, TextIOWrapper
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from xlsxwriter.packager import Packager

# A twentieth more bytes than at zlib's own level, in three fifths of its time.
_LEVEL = 5


class Archived(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook of XlsxWriter's that never holds all of its XML, nor leaves it on a disk.

    XlsxWriter keeps every part until the last one is written: 25 kB a name, in text.
    """

    def __init__(self, target: BytesIO, options: Mapping[str, Any]) -> None:
        # What XlsxWriter itself would write is empty, and goes nowhere.
        super().__init__(BytesIO(), {**options, "in_memory": True})
        self._target = target

    def _get_packager(self) -> Packager:
        return _Parts(self._target)


class _Part(StringIO):
    """A part that is being written; XlsxWriter knows one by its being a StringIO."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._text = TextIOWrapper(stream, encoding="utf-8", newline="\n")

    def write(self, text: str) -> int:
        return self._text.write(text)

    def close(self) -> None:
        self._text.close()


class _Parts(Packager):  # type: ignore[misc]
    """Opens the parts one after another, and leaves none for XlsxWriter to put together."""

    def __init__(self, target: BytesIO) -> None:
        super().__init__()
        self._archive = ZipFile(target, "w", ZIP_DEFLATED, compresslevel=_LEVEL)
        self._part: _Part | None = None

    def _create_package(self) -> list[Any]:
        super()._create_package()
        self._end()
        self._archive.close()
        return []

    def _filename(self, xml_filename: str) -> _Part:
        self._end()
        self._part = _Part(self._archive.open(xml_filename, "w"))
        return self._part

    def _end(self) -> None:
        if self._part is not None:
            self._part.close()
