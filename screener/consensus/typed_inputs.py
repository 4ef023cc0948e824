"""The Inputs sheet of a workbook read back: prices, rates and EPS as they were typed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from screener.consensus.sheet import Cell, Sheet, read_sheet
from screener.consensus.sheet_columns import FX_PAIR, FX_RATE, PRICE_DAY, sheet_columns
from screener.model.bounded import UnreadableError
from screener.model.codes import canonical
from screener.model.language import LANGUAGES
from screener.model.messages import InputError, Sentence, say
from screener.model.problems import Problem, bad_file
from screener.model.symbols import SymbolError

Value = TypeVar("Value")

# However wrong a typed EPS is, it is not beyond this.
MOST_EPS = 1e6

_EPS_TITLE = re.compile(r"EPS FY((?:19|20)\d\d)")
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
        sheet = read_sheet(path)
    except OSError as error:
        why = error.strerror or str(error)
        return _without_rows(path, say("is no workbook that can be read ({error})", error=why))
    except UnreadableError as error:
        return _without_rows(path, error.message)
    reader = _Reader(path, sheet)
    rows = tuple(reader.rows())
    day, rates = reader.price_day(), reader.rates()
    return TypedInputs(path, day, rows, rates, tuple(reader.problems))


def _without_rows(path: Path, fault: Sentence) -> TypedInputs:
    return TypedInputs(path, None, (), {}, (bad_file(path, fault),))


def _number(value: Any) -> float:
    # In Python true is the number 1.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        raise InputError(say("{value!r} is no number: write 12.34", value=str(value)[:40]))
    return float(value)


def _positive(value: Any) -> float:
    number = _number(value)
    if number <= 0:
        raise InputError(say("{value:g} must be above zero, or empty", value=number))
    return number


def _eps(value: Any) -> float:
    eps = _number(value)
    if abs(eps) > MOST_EPS:
        raise InputError(say("{eps:g} is beyond reason: EPS is per share", eps=eps))
    return eps


def _currency(value: Any) -> str:
    text = str(value).strip()
    if not _CURRENCY.fullmatch(text):
        raise InputError(say("{text!r} is no currency: write three capitals", text=text))
    return text


def _day(value: Any) -> date:
    if not isinstance(value, datetime):
        raise InputError(say("{value!r} is no date: write 2026-03-31", value=str(value)[:40]))
    return value.date()


class _Reader:
    """One Inputs sheet, and what was wrong in it so far."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self.path = path
        self.sheet = sheet
        self.problems: list[Problem] = []

    def rows(self) -> Iterator[TypedRow]:
        """The rows that name a listing."""
        header, *lines = self.sheet.rows
        titles = [str(cell.value) for cell in header]
        years = [int(match[1]) for title in titles if (match := _EPS_TITLE.fullmatch(title))]
        # A workbook is read in whichever language it was written; columns may have been moved.
        names = {
            column.label(lang): column.name for column in sheet_columns(years) for lang in LANGUAGES
        }
        for line in lines:
            titled = zip(titles, line, strict=True)
            cells = {names[title]: cell for title, cell in titled if title in names}
            if any(cell.value is not None for cell in line):
                row = self._row(cells, years)
                if row is not None:
                    yield row

    def _row(self, cells: Mapping[str, Cell], years: Sequence[int]) -> TypedRow | None:
        if "symbol" not in cells:
            self.problems.append(bad_file(self._sheet_name(), say("the symbols are gone")))
            return None
        try:
            symbol = canonical(str(cells["symbol"].value))
        except SymbolError as error:
            self._unusable(cells["symbol"], error.message)
            return None

        def read(name: str, parse: Callable[[Any], Value]) -> Value | None:
            return self._parsed(cells[name], parse, symbol) if name in cells else None

        def text(name: str) -> str:
            return str(cells[name].value or "") if name in cells else ""

        eps = {year: read(f"eps_{year}", _eps) for year in years}
        return TypedRow(
            where=self._where(cells["symbol"]),
            sector=text("sector"),
            symbol=symbol,
            name=text("name"),
            price=read("price", _positive),
            price_currency=read("price_currency", _currency),
            eps_currency=read("eps_currency", _currency),
            eps={year: value for year, value in eps.items() if value is not None},
            eps_where={year: self._where(cells[f"eps_{year}"]) for year in years},
            eps_rounding=read("eps_rounding", _number),
            consensus_day=read("consensus_day", _day),
            split_factor=read("split_factor", _positive),
            market_cap=read("market_cap_printed", _positive),
        )

    def price_day(self) -> date | None:
        """The day of the valuation that stands there."""
        for cell in self.sheet.named.get(PRICE_DAY, ()):
            value = cell.value
            if isinstance(value, datetime):
                return value.date()
            fault = say("the day of the valuation is {found}: write a date", found=repr(value))
            self._unusable(cell, fault)
        return None

    def rates(self) -> dict[tuple[str, str], float]:
        """The exchange rates that are filled in, by pair."""
        rates = {}
        named = self.sheet.named
        for pair, value in zip(named.get(FX_PAIR, ()), named.get(FX_RATE, ()), strict=False):
            base, _, quote = str(pair.value).partition("/")
            if not (_CURRENCY.fullmatch(base) and _CURRENCY.fullmatch(quote)):
                fault = say("{found} is no pair: write HKD/CNY", found=repr(pair.value))
                self._unusable(pair, fault)
                continue
            rate = self._parsed(value, _positive)
            if rate is not None:
                rates[base, quote] = rate
        return rates

    def _parsed(self, cell: Cell, parse: Callable[[Any], Value], symbol: str = "") -> Value | None:
        """What a cell holds; None where it is empty, and where that is a problem."""
        try:
            if cell.value is not None:
                return parse(cell.value)
            if cell.is_uncomputed and parse not in (_currency, _day):
                fault = say(
                    "holds a formula that was never computed: save it in a spreadsheet program"
                )
                raise InputError(fault)
        except InputError as error:
            self._unusable(cell, error.message, symbol)
        return None

    def _unusable(self, cell: Cell, fault: Sentence, symbol: str = "") -> None:
        self.problems.append(Problem("bad_cell", self._where(cell), fault, symbol))

    def _where(self, cell: Cell) -> str:
        return f"{self._sheet_name()}!{cell.coordinate}"

    def _sheet_name(self) -> str:
        return f"{self.path}:{self.sheet.title}"
