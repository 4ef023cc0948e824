"""Lines of a watchlist to listings, with what is assumed of a column that is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from screener.model.aliases import KNOWN
from screener.model.codes import WrongExchangeError, canonical
from screener.model.figures import Figure, Interval
from screener.model.messages import InputError, say
from screener.model.problems import Problem
from screener.model.records import Listing, PrintedYear, Provenance
from screener.model.symbols import SymbolError, currency_of, exchange_of
from screener.model.usage import guess
from screener.watchlists import csvfile
from screener.watchlists.csvfile import CsvLine

REQUIRED_COLUMNS = ("symbol",)
OPTIONAL_COLUMNS = (
    "name", "name_en", "market_cap", "market_cap_currency", "price", "currency", "eps_currency",
    "fiscal_year_end", "as_of", "source", "note",
)  # fmt: skip

_YEAR_COLUMN = re.compile(r"(eps|pe)_((?:19|20)\d\d)")
_NOT_PRINTED = ("", "-", "—")
# A row that says which currency its market cap is in has it in 100 million (亿) of that.
_ROWS_OWN_SCALE = 1.0


def unused_columns(path: Path, columns: Iterable[str]) -> list[Problem]:
    """A problem for each column that no watchlist has: a misspelt one would leave a year empty."""
    known = [*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS, "printed_symbol"]
    problems = []
    for column in columns:
        if column and column not in known and not _YEAR_COLUMN.fullmatch(column):
            meant = guess(column, [*known, "eps_2025", "pe_2025"])
            message = say("column {column!r} is not used.{guess}", column=column, guess=meant)
            problems.append(Problem("unused_column", str(path), message))
    return problems


def assumed(path: Path, lines: Sequence[CsvLine], *, has_day: bool, day: date) -> list[Problem]:
    """What is taken for granted of rows with figures, said once a watchlist."""
    undated = [line for line in lines if not has_day and not line.cells.get("as_of")]
    without = [line for line in lines if not line.cells.get("eps_currency") and _is_mainland(line)]
    said = []
    if count := sum(map(_has_figures, undated)):
        said.append(
            say(
                "{count} rows do not say of which day their figures are: taken to be of {day}, when"
                " the file was changed. A column as_of says it, or {toml}",
                count=count,
                day=day,
                toml=path.with_suffix(".toml").name,
            )
        )
    if count := sum(map(_has_figures, without)):
        said.append(
            say("{count} rows name no eps_currency: that of a mainland share is CNY", count=count)
        )
    return [Problem("assumed", str(path), message) for message in said]


def _is_mainland(line: CsvLine) -> bool:
    try:
        return not canonical(line.cells["symbol"]).endswith(".HK")
    except SymbolError:
        return False  # the line says so itself


def _has_figures(line: CsvLine) -> bool:
    printed = (text for name, text in line.cells.items() if _YEAR_COLUMN.fullmatch(name))
    return any(text not in _NOT_PRINTED for text in printed)


def listing_of(line: CsvLine, sector: str, provenance: Provenance) -> Listing:
    """The listing of a line. Raises ValueError for a line that cannot be used.

    A row's own `as_of`, `source` and `market_cap_currency` count before those of its watchlist.
    """
    cells = line.cells
    symbol = _symbol(cells["symbol"])
    known = KNOWN.get(symbol)
    provenance = _own_provenance(cells, provenance)
    years = sorted({int(match[2]) for match in map(_YEAR_COLUMN.fullmatch, cells) if match})
    eps, pe = (
        _figures({year: cells.get(f"{kind}_{year}", "") for year in years}, kind)
        for kind in ("eps", "pe")
    )
    market_cap = _positive(cells.get("market_cap", ""), "market_cap")
    price = _positive(cells.get("price", ""), "price")
    return Listing(
        sector=sector,
        symbol=symbol,
        printed_symbol=cells["printed_symbol"],
        # Of a name that nobody knows here, the code stands for it.
        name=cells.get("name", "") or (known.name if known else symbol),
        name_en=cells.get("name_en", "") or (known.name_en if known else ""),
        where=line.where,
        provenance=provenance,
        eps_currency=_eps_currency(cells.get("eps_currency", ""), symbol, line),
        fiscal_year_end=_month_and_day(
            cells.get("fiscal_year_end", "") or (known.fiscal_year_end if known else "")
        ),
        years=tuple(PrintedYear(year, eps.get(year), pe.get(year)) for year in years),
        market_cap=market_cap.value * provenance.market_cap_scale if market_cap else None,
        printed_price=price,
        printed_price_currency=_currency(cells.get("currency", ""), "currency") if price else "",
        note=cells.get("note", ""),
    )


def _symbol(text: str) -> str:
    try:
        return canonical(text)
    except WrongExchangeError as error:
        return error.as_written  # the audit says which is right


def _own_provenance(cells: Mapping[str, str], provenance: Provenance) -> Provenance:
    own: dict[str, Any] = {}
    if cells.get("as_of"):
        own["as_of"] = csvfile.parse_day(cells["as_of"])
    if cells.get("source"):
        # What a row's own source says is of no numbered table of a publisher's.
        own |= {"consensus": cells["source"], "publisher": cells["source"], "table": None}
    if cells.get("market_cap_currency"):
        currency = _currency(cells["market_cap_currency"], "market_cap_currency")
        own |= {"market_cap_currency": currency, "market_cap_scale": _ROWS_OWN_SCALE}
    return replace(provenance, **own) if own else provenance


def _eps_currency(text: str, symbol: str, line: CsvLine) -> str:
    if text:
        return _currency(text, "eps_currency")
    if not _has_figures(line):
        return currency_of(symbol)
    # The mainland's law wants accounts in CNY; in Hong Kong they are in HKD, CNY or USD, which are
    # too near to each other to tell a mistake by.
    if exchange_of(symbol).calendar != exchange_of("600941.SH").calendar:
        raise InputError(
            say(
                "eps_currency is empty: companies in Hong Kong report in HKD, CNY or USD; write"
                " which one"
            )
        )
    return "CNY"


def _figures(texts: Mapping[int, str], column: str) -> dict[int, Figure]:
    """The figures of one row and kind, all rounded to the decimals of the longest of them.

    Reports trim zeros: 0.4 beside 0.51 was 0.40.
    """
    decimals = max(map(_decimals, texts.values()), default=0)
    figures = {year: _figure(text, f"{column}_{year}", decimals) for year, text in texts.items()}
    return {year: figure for year, figure in figures.items() if figure is not None}


def _figure(text: str, column: str, decimals: int) -> Figure | None:
    if text in _NOT_PRINTED:
        return None
    try:
        value = csvfile.parse_number(text)
    except ValueError as error:
        fault = say("{column} {error}, or leave it empty", column=column, error=error)
        raise InputError(fault) from None
    # In decimals to the end: an interval's end must be the next one's beginning, to the digit.
    half_step = Decimal(5).scaleb(-decimals - 1)
    return Figure(text, float(value), Interval(float(value - half_step), float(value + half_step)))


def _positive(text: str, column: str) -> Figure | None:
    figure = _figure(text, column, _decimals(text))
    if figure is not None and figure.value <= 0:
        raise InputError(say("{column} {text} must be above zero", column=column, text=text))
    return figure


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _currency(text: str, column: str) -> str:
    if not re.fullmatch("[A-Z]{3}", text):
        found = repr(text) if text else say("empty")
        fault = say(
            "{column} is {found}: write three capitals, such as CNY", column=column, found=found
        )
        raise InputError(fault)
    return text


def _month_and_day(text: str) -> tuple[int, int]:
    # The mainland's law knows no other year end; in Hong Kong most companies have it, too.
    if not text:
        return 12, 31
    try:
        day = date.fromisoformat(f"2024-{text}")  # a leap year: 02-29 is a day
    except ValueError:
        fault = say("fiscal_year_end {text!r} is no day: write MM-DD, such as 03-31", text=text)
        raise InputError(fault) from None
    return day.month, day.day
