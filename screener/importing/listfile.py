"""Rows added to a watchlist, and taken out of it: every other byte of its file stays."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path

from screener.files import replace_file
from screener.model.codes import canonical
from screener.model.messages import say
from screener.model.reading import plain_bytes
from screener.model.symbols import SymbolError, lasting
from screener.model.usage import UsageError
from screener.watchlists.folder import CORRECTIONS

_BOM = "\ufeff"
# What would make a spreadsheet take a text for a formula.
_FORMULA_SIGNS = "=+-@"


def list_path(folder: Path, name: str) -> Path:
    """The file of the watchlist of that name. Raises UsageError for what is no name of a file."""
    path = folder / f"{name}.csv"
    if path.name == CORRECTIONS or Path(name).name != name or name[:1] in ("", ".", "~"):
        raise UsageError(
            say("{name!r} cannot be the name of a watchlist: write one such as mine", name=name)
        )
    return path


def plain_text(text: str) -> str:
    """A text of somebody else's as it may stand in a cell: no formula, nothing invisible."""
    return "".join(filter(str.isprintable, text)).strip().lstrip(_FORMULA_SIGNS).strip()


class ListFile:
    """The file of a watchlist, line by line, to add to and to take from.

    Raises UsageError for a file that is no UTF-8, or has no column of symbols.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        text = _read(path)
        self._bom = _BOM if text.startswith(_BOM) else ""
        self._ending = "\r\n" if "\r\n" in text else "\n"
        self._lines = text.removeprefix(_BOM).splitlines(keepends=True)
        holds = (at for at, line in enumerate(self._lines) if _holds_cells(line))
        self._header = next(holds, None)
        if self._header is not None and "symbol" not in self._columns:
            raise UsageError(say("{path} has no column symbol", path=path))

    @property
    def symbols(self) -> set[str]:
        """The listings that are in it, by their codes of today."""
        return {symbol for _, symbol in self._rows() if symbol}

    def add(self, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
        """Put these rows at its end, and the columns that it lacks at the end of its header.

        Lines that are there stay as they are: cells that one lacks at its end are empty.
        """
        if self._header is None:
            self._header = len(self._lines)
            self._lines.append(self._line(columns))
        new = [name for name in columns if name not in self._columns]
        if new:
            header = self._lines[self._header].rstrip("\r\n")
            self._lines[self._header] = ",".join((header, *new)) + self._ending
        if not self._lines[-1].endswith("\n"):
            self._lines[-1] += self._ending
        every = self._columns
        self._lines += [self._line([row.get(name, "") for name in every]) for row in rows]

    def remove(self, symbols: Collection[str]) -> list[str]:
        """Take the lines of these symbols out, and give them."""
        taken = [at for at, symbol in self._rows() if symbol in symbols]
        lines = [self._lines[at].rstrip("\r\n") for at in taken]
        self._lines = [line for at, line in enumerate(self._lines) if at not in taken]
        return lines

    def write(self) -> None:
        """Write the file, whole or not at all; its folder is made if there is none."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        replace_file((self._bom + "".join(self._lines)).encode(), self.path)

    @property
    def _columns(self) -> list[str]:
        return (
            []
            if self._header is None
            else [cell.lower() for cell in _cells(self._lines[self._header])]
        )

    def _rows(self) -> Iterator[tuple[int, str]]:
        """The place of each line of a listing, and its code of today; empty where it has none."""
        if self._header is None:
            return
        place = self._columns.index("symbol")
        for at in range(self._header + 1, len(self._lines)):
            cells = _cells(self._lines[at]) if _holds_cells(self._lines[at]) else []
            yield at, _symbol(cells[place]) if len(cells) > place else ""

    def _line(self, cells: Sequence[str]) -> str:
        buffer = StringIO()
        csv.writer(buffer, lineterminator=self._ending).writerow(cells)
        return buffer.getvalue()


def _read(path: Path) -> str:
    try:
        return plain_bytes(path).decode() if path.exists() else ""
    except UnicodeDecodeError:
        raise UsageError(say("{path} is no UTF-8 text", path=path)) from None


def _holds_cells(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip('" \t').startswith("#")


def _cells(line: str) -> list[str]:
    try:
        return [cell.strip() for row in csv.reader([line.rstrip("\r\n")]) for cell in row]
    except csv.Error:
        return []


def _symbol(text: str) -> str:
    try:
        return lasting(canonical(text))
    except SymbolError:
        return ""
