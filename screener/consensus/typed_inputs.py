"""The Inputs sheet of a workbook read back: prices, rates and EPS as they were typed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from screener.consensus.sheet_columns import FX_PAIR, FX_RATE, PRICE_DAY, TABLE, sheet_columns
from screener.model.language import LANGUAGES
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.symbols import SymbolError, canonical

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet


# However wrong a typed EPS is, it is not beyond this.
MOST_EPS = 1e6

_EPS = re.compile(r"EPS FY((?:19|20)\d\d)")

_CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class TypedRow:
    """One row of the table as it stands in the workbook; None where a cell is empty.

    `eps` holds the fiscal years that have one, in `eps_currency` per share of the consensus day;
    `eps_where` says where each year's cell stands.
    """

    where: str
    sector: str
    symbol: str
    name: str
    price: float | None
    price_currency: str | None
    eps_currency: str | None
    eps: Mapping[int, float]
    eps_where: Mapping[int, str]
    eps_rounding: float | None
    consensus_day: date | None
    split_factor: float | None
    market_cap: float | None


@dataclass(frozen=True, slots=True)
class TypedInputs:
    """What stands on the Inputs sheet of a workbook: the day, the rows, the exchange rates.

    `rates` gives units of the second currency for one of the first.
    """

    path: Path
    price_day: date | None
    rows: tuple[TypedRow, ...]
    rates: Mapping[tuple[str, str], float]
    problems: tuple[Problem, ...]


def read_inputs(path: str | Path) -> TypedInputs:
    """Read prices, exchange rates and EPS back from the Inputs sheet of an earlier workbook.

    What cannot be used is a problem that names sheet and cell, and is missing from the rest; a
    file that is no workbook, or has no Inputs, gives no rows and one problem of kind `bad_file`.
    """
    path = Path(path)
    try:
        book, formulas = _load(path, data_only=True), _load(path, data_only=False)
        sheet = _sheet(book)
    except (OSError, BadZipFile, KeyError, ValueError, SyntaxError) as error:
        fault = say("is no workbook that can be read ({error})", error=error)
        return TypedInputs(path, None, (), {}, (Problem("bad_file", str(path), fault),))
    if sheet is None:
        fault = say(
            "has no table {table}: it was not written by screener, or its Inputs are gone",
            table=TABLE,
        )
        return TypedInputs(path, None, (), {}, (Problem("bad_file", str(path), fault),))
    reader = _Reader(path, sheet, formulas[sheet.title])
    rows = tuple(reader.rows())
    day, rates = reader.price_day(book), reader.rates(book)
    return TypedInputs(path, day, rows, rates, tuple(reader.problems))


def _load(path: Path, *, data_only: bool) -> Workbook:
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # openpyxl says what it cannot keep on saving; nothing is saved here.
        warnings.simplefilter("ignore")
        return load_workbook(path, data_only=data_only)


def _sheet(book: Workbook) -> Worksheet | None:
    return next((sheet for sheet in book.worksheets if TABLE in sheet.tables), None)


class _Reader:
    """One Inputs sheet, and what was wrong in it so far."""

    def __init__(self, path: Path, sheet: Worksheet, formulas: Worksheet) -> None:
        self.path = path
        self.sheet = sheet
        self.formulas = formulas
        self.problems: list[Problem] = []

    def rows(self) -> Iterator[TypedRow]:
        """The rows that name a listing."""
        header, *lines = self.sheet[self.sheet.tables[TABLE].ref]
        titles = [str(cell.value) for cell in header]
        years = [int(match[1]) for title in titles if (match := _EPS.fullmatch(title))]
        names = {
            column.label(lang): column.name for column in sheet_columns(years) for lang in LANGUAGES
        }
        for line in lines:
            cells = {
                names[title]: cell
                for title, cell in zip(titles, line, strict=True)
                if title in names
            }
            if any(cell.value is not None for cell in line):
                row = self._row(cells, years)
                if row is not None:
                    yield row

    def _row(self, cells: Mapping[str, Cell], years: Sequence[int]) -> TypedRow | None:
        if "symbol" not in cells:
            self.problems.append(
                Problem("bad_file", self._sheet_name(), say("the symbols are gone"))
            )
            return None
        try:
            symbol = canonical(str(cells["symbol"].value))
        except SymbolError as error:
            self._unusable(cells["symbol"], error.message)
            return None
        eps = {year: self._eps(cells, f"eps_{year}", symbol) for year in years}
        return TypedRow(
            where=self._where(cells["symbol"]),
            sector=str(cells["sector"].value or "") if "sector" in cells else "",
            symbol=symbol,
            name=str(cells["name"].value or "") if "name" in cells else "",
            price=self._number(cells, "price", symbol, positive=True),
            price_currency=self._currency(cells, "price_currency", symbol),
            eps_currency=self._currency(cells, "eps_currency", symbol),
            eps={year: value for year, value in eps.items() if value is not None},
            eps_where={year: self._where(cells[f"eps_{year}"]) for year in years},
            eps_rounding=self._number(cells, "eps_rounding", symbol),
            consensus_day=self._day(cells, "consensus_day", symbol),
            split_factor=self._number(cells, "split_factor", symbol, positive=True),
            market_cap=self._number(cells, "market_cap_printed", symbol, positive=True),
        )

    def price_day(self, book: Workbook) -> date | None:
        """The day of the valuation that stands there."""
        for cell in self._named(book, PRICE_DAY):
            if isinstance(cell.value, datetime):
                return cell.value.date()
            self._unusable(
                cell,
                say("the day of the valuation is {found}: write a date", found=repr(cell.value)),
            )
        return None

    def _day(self, cells: Mapping[str, Cell], name: str, symbol: str) -> date | None:
        value = cells[name].value if name in cells else None
        if value is None or isinstance(value, datetime):
            return value.date() if value else None
        self._unusable(
            cells[name],
            say("{value!r} is no date: write 2026-03-31", value=str(value)[:40]),
            symbol,
        )
        return None

    def rates(self, book: Workbook) -> dict[tuple[str, str], float]:
        """The exchange rates that are filled in, by pair."""
        rates = {}
        pairs, values = self._named(book, FX_PAIR), self._named(book, FX_RATE)
        for pair, value in zip(pairs, values, strict=False):
            base, _, quote = str(pair.value).partition("/")
            if not (_CURRENCY.fullmatch(base) and _CURRENCY.fullmatch(quote)):
                self._unusable(
                    pair, say("{found} is no pair: write HKD/CNY", found=repr(pair.value))
                )
                continue
            rate = self._value(value, positive=True)
            if rate is not None:
                rates[base, quote] = rate
        return rates

    def _named(self, book: Workbook, name: str) -> list[Cell]:
        if name not in book.defined_names:
            return []
        places = list(book.defined_names[name].destinations)
        # A program that renames a sheet may leave its old name in those of cells.
        cells = [
            (book[title] if title in book.sheetnames else self.sheet)[reference.replace("$", "")]
            for title, reference in places
        ]
        return [
            cell
            for found in cells
            for row in (found if isinstance(found, tuple) else ((found,),))
            for cell in row
        ]

    def _currency(self, cells: Mapping[str, Cell], name: str, symbol: str) -> str | None:
        if name not in cells or cells[name].value is None:
            return None
        text = str(cells[name].value).strip()
        if _CURRENCY.fullmatch(text):
            return text
        self._unusable(
            cells[name], say("{text!r} is no currency: write three capitals", text=text), symbol
        )
        return None

    def _eps(self, cells: Mapping[str, Cell], name: str, symbol: str) -> float | None:
        eps = self._number(cells, name, symbol)
        if eps is None or abs(eps) <= MOST_EPS:
            return eps
        self._unusable(
            cells[name], say("{eps:g} is beyond reason: EPS is per share", eps=eps), symbol
        )
        return None

    def _number(
        self, cells: Mapping[str, Cell], name: str, symbol: str, *, positive: bool = False
    ) -> float | None:
        return self._value(cells[name], symbol, positive=positive) if name in cells else None

    def _value(self, cell: Cell, symbol: str = "", *, positive: bool = False) -> float | None:
        value: Any = cell.value
        if value is None:
            if self.formulas[cell.coordinate].data_type == "f":
                fault = say(
                    "holds a formula that was never computed: save it in a spreadsheet program"
                )
                self._unusable(cell, fault, symbol)
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value):
            self._unusable(
                cell, say("{value!r} is no number: write 12.34", value=str(value)[:40]), symbol
            )
            return None
        if positive and value <= 0:
            self._unusable(cell, say("{value:g} must be above zero, or empty", value=value), symbol)
            return None
        return float(value)

    def _unusable(self, cell: Cell, fault: Sentence, symbol: str = "") -> None:
        self.problems.append(Problem("bad_cell", self._where(cell), fault, symbol))

    def _where(self, cell: Cell) -> str:
        return f"{self._sheet_name()}!{cell.coordinate}"

    def _sheet_name(self) -> str:
        return f"{self.path}:{self.sheet.title}"
