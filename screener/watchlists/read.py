"""Watchlist files to listings: a CSV of printed figures, a TOML of provenance, and corrections.

In a folder of watchlists `media.csv` holds one row a name, every figure as printed;
`media.toml` says where they come from; `corrections.csv` holds what was printed wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from screener.model.figures import Figure, Interval
from screener.model.messages import InputError, say
from screener.model.problems import Problem, UnknownNameError, UsageError, bad_file, guess
from screener.model.records import Correction, Listing, PrintedYear, Provenance
from screener.model.spellings import plain, spelled
from screener.model.symbols import canonical
from screener.watchlists import csvfile
from screener.watchlists.corrections import (
    apply_corrections,
    orphaned_corrections,
    read_corrections,
)
from screener.watchlists.csvfile import CsvLine
from screener.watchlists.folder import CORRECTIONS, watchlist_files
from screener.watchlists.provenance import read_provenance

REQUIRED_COLUMNS = ("symbol", "name", "eps_currency")
OPTIONAL_COLUMNS = ("market_cap", "price", "currency", "fiscal_year_end", "note")

_YEAR_COLUMN = re.compile(r"(eps|pe)_((?:19|20)\d\d)")
_NOT_PRINTED = ("", "-", "—")


@dataclass(frozen=True, slots=True)
class Watchlist:
    """One printed table: its name, its file, where its figures come from, its rows.

    `corrections` are those that were applied to the rows.
    """

    name: str
    path: Path
    provenance: Provenance
    listings: tuple[Listing, ...]
    corrections: tuple[Correction, ...] = ()


def names(folder: Path) -> list[str]:
    """The watchlists of a folder by name, in the order of their printed tables."""

    def printed_order(name: str) -> tuple[bool, int, str]:
        provenance, _ = read_provenance(folder / f"{name}.csv")
        table = provenance.table if provenance else None
        return table is None, table or 0, name

    return sorted(watchlist_files(folder), key=printed_order)


def load_watchlists(
    folder: Path, sectors: Sequence[str], on: date
) -> tuple[list[Watchlist], list[Problem]]:
    """The watchlists named by `sectors` (all where that is empty), as they stand on a day.

    A name may be the file's, in any case, or its label in either language.
    `on` decides which dated corrections hold. Raises UnknownNameError for a name that the
    folder has not, UsageError for a folder without watchlists; everything wrong inside the files
    comes back as problems.
    """
    known = names(folder)
    if not known:
        fault = say(
            "no watchlists in {folder}: `screener init` writes the bundled ones", folder=folder
        )
        raise UsageError(fault)
    chosen = list(dict.fromkeys(_meant(folder, name, known) for name in sectors)) or known
    paths = watchlist_files(folder)
    return load_files([paths[name] for name in chosen], on)


def _meant(folder: Path, name: str, known: Sequence[str]) -> str:
    if name in known:
        return name
    meant = spelled({each: _labels(folder, each) for each in known}).get(plain(name))
    if meant is None:
        raise UnknownNameError(say("watchlist"), name, known)
    return meant


def _labels(folder: Path, name: str) -> tuple[str, ...]:
    provenance, _ = read_provenance(folder / f"{name}.csv")
    return (provenance.label_zh, provenance.label_en) if provenance else ()


def selected(
    watchlists: Sequence[Watchlist], only: Sequence[str] = (), exclude: Sequence[str] = ()
) -> list[Watchlist]:
    """The watchlists with the listings of `only` (all where that is empty), less `exclude`.

    Those that are left without one are left out. Raises UsageError for a symbol that none has.
    """
    rows = [row for table in watchlists for row in table.listings]
    known = {row.symbol: row.symbol for row in rows}
    known |= {row.printed_symbol: row.symbol for row in rows}
    wanted, unwanted = ({_known_symbol(text, known) for text in given} for given in (only, exclude))
    chosen = (wanted or set(known.values())) - unwanted
    if known and not chosen:
        raise UsageError(say("no name is left after --only and --exclude"))
    left = [
        replace(table, listings=tuple(row for row in table.listings if row.symbol in chosen))
        for table in watchlists
    ]
    return [table for table in left if table.listings or not (only or exclude)]


def _known_symbol(text: str, known: Mapping[str, str]) -> str:
    symbol = text.strip().upper()
    if symbol not in known:
        meant = guess(symbol, known)
        fault = say("no watchlist that was taken has {symbol!r}.{guess}", symbol=text, guess=meant)
        raise UsageError(fault)
    return known[symbol]


def load_files(paths: Iterable[Path], on: date) -> tuple[list[Watchlist], list[Problem]]:
    """The watchlists in these CSV files, each with the TOML and the corrections beside it."""
    watchlists: list[Watchlist] = []
    problems: list[Problem] = []
    corrections: dict[Path, list[Correction]] = {}
    for path in paths:
        if path.parent not in corrections:
            found, faults = read_corrections(path.parent / CORRECTIONS)
            corrections[path.parent] = found
            problems += [*faults, *orphaned_corrections(found, path.parent)]
        if path.name == CORRECTIONS:
            continue
        # A code that is retired on a day is the right one for every valuation before it.
        due = [
            correction
            for correction in corrections[path.parent]
            if correction.watchlist == path.stem
            and (correction.effective is None or correction.effective <= on)
        ]
        watchlist, faults = _load_file(path, due)
        problems += faults
        if watchlist is not None:
            watchlists.append(watchlist)
    return watchlists, problems


def _load_file(
    path: Path, corrections: Sequence[Correction]
) -> tuple[Watchlist | None, list[Problem]]:
    provenance, fault = read_provenance(path)
    if provenance is None:
        return None, [bad_file(path.with_suffix(".toml"), fault)]
    lines, problems = csvfile.read(path, REQUIRED_COLUMNS)
    if lines:
        problems += _unused_columns(path, lines[0].cells)
    lines, applied, corrected = apply_corrections(lines, corrections)
    found, faults = _watchlist(path, lines, provenance)
    return replace(found, corrections=tuple(applied)), [*problems, *corrected, *faults]


def from_lines(path: Path, lines: Sequence[CsvLine]) -> tuple[Watchlist, list[Problem]]:
    """The watchlist of these lines, with the TOML beside the path they would be written to.

    Raises ValueError where that TOML cannot be used.
    """
    provenance, fault = read_provenance(path)
    if provenance is None:
        raise ValueError(fault)
    return _watchlist(path, lines, provenance)


def _watchlist(
    path: Path, lines: Iterable[CsvLine], provenance: Provenance
) -> tuple[Watchlist, list[Problem]]:
    """A listing, or a problem, for each line; the second line of one symbol is a problem."""
    listings: dict[str, Listing] = {}
    problems = []
    for line in lines:
        try:
            listing = _listing(line, path.stem, provenance)
            symbol, first = listing.symbol, listings.setdefault(listing.symbol, listing)
            if first is not listing:
                fault = say("{symbol} stands at {first} already", symbol=symbol, first=first.where)
                raise InputError(fault)
        except ValueError as error:
            problems.append(line.problem(error))
    return Watchlist(path.stem, path, provenance, tuple(listings.values())), problems


def _unused_columns(path: Path, columns: Iterable[str]) -> list[Problem]:
    known = [*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS, "printed_symbol"]
    # A misspelt `esp_2025` would otherwise leave the year empty without a word.
    problems = []
    for column in columns:
        if column and column not in known and not _YEAR_COLUMN.fullmatch(column):
            meant = guess(column, [*known, "eps_2025", "pe_2025"])
            message = say("column {column!r} is not used.{guess}", column=column, guess=meant)
            problems.append(Problem("unused_column", str(path), message))
    return problems


def _listing(line: CsvLine, sector: str, provenance: Provenance) -> Listing:
    cells = line.cells
    if not cells["name"]:
        raise InputError(say("the name is empty"))
    years = sorted({int(match[2]) for match in map(_YEAR_COLUMN.fullmatch, cells) if match})
    eps, pe = (
        _figures({year: cells.get(f"{kind}_{year}", "") for year in years}, kind)
        for kind in ("eps", "pe")
    )
    market_cap = _positive(cells.get("market_cap", ""), "market_cap")
    price = _positive(cells.get("price", ""), "price")
    return Listing(
        sector=sector,
        symbol=canonical(cells["symbol"]),
        printed_symbol=cells["printed_symbol"],
        name=cells["name"],
        where=line.where,
        provenance=provenance,
        eps_currency=_currency(cells["eps_currency"], "eps_currency"),
        fiscal_year_end=_month_and_day(cells.get("fiscal_year_end", "")),
        years=tuple(PrintedYear(year, eps.get(year), pe.get(year)) for year in years),
        market_cap=market_cap.value * provenance.market_cap_scale if market_cap else None,
        printed_price=price,
        printed_price_currency=_currency(cells.get("currency", ""), "currency") if price else "",
        note=cells.get("note", ""),
    )


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
