"""Watchlist files to listings: a CSV of printed figures, a TOML of provenance, and corrections.

In a folder of watchlists `media.csv` holds one row a name, every figure as printed;
`media.toml` says where they come from; `corrections.csv` holds what was printed wrongly.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from screener import csvfile
from screener.csvfile import Line
from screener.model import (
    Correction,
    Figure,
    Interval,
    Listing,
    PrintedYear,
    Problem,
    Provenance,
    UnknownNameError,
    UsageError,
    guess,
)
from screener.symbols import canonical
from screener.wording import NOTHING, InputError, Sentence, joined, message_of, say

CORRECTIONS = "corrections.csv"
REQUIRED_COLUMNS = ("symbol", "name", "eps_currency")
OPTIONAL_COLUMNS = ("market_cap", "price", "currency", "fiscal_year_end", "note")
CORRECTION_COLUMNS = ("watchlist", "symbol", "field", "printed", "corrected", "dated", "reason")

# How many 亿 (100 million) of which currency one unit of a printed market cap is.
MARKET_CAP_UNITS: Mapping[str, tuple[float, str]] = {
    "亿元": (1.0, "CNY"),
    "百万元": (0.01, "CNY"),
    "万元": (0.0001, "CNY"),
    "亿港元": (1.0, "HKD"),
    "百万港元": (0.01, "HKD"),
    "亿美元": (1.0, "USD"),
    "百万美元": (0.01, "USD"),
}

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


def bundled() -> Path:
    """The folder of watchlists that comes with the program."""
    package = Path(__file__).parent
    installed = package / "bundled"
    return installed if installed.is_dir() else package.parent / "watchlists"


def default_folder() -> Path:
    """`./watchlists` where the working folder has one, else the bundled folder."""
    local = Path("watchlists")
    return local if local.is_dir() else bundled()


def copy_bundled(target: Path) -> tuple[list[Path], list[Path]]:
    """Copy the bundled watchlists into a folder, and say which were copied and which were there.

    A file that is there already is kept as it is.
    """
    target.mkdir(parents=True, exist_ok=True)
    copied, kept = [], []
    for source in sorted(bundled().glob("*.*")):
        if source.suffix not in (".csv", ".toml"):
            continue
        path = target / source.name
        if path.exists():
            kept.append(path)
        else:
            path.write_bytes(source.read_bytes())
            copied.append(path)
    return copied, kept


def names(folder: Path) -> list[str]:
    """The watchlists of a folder by name, in the order of their printed tables."""

    def printed_order(name: str) -> tuple[bool, int, str]:
        provenance, _ = _provenance(folder / f"{name}.csv")
        table = provenance.table if provenance else None
        return table is None, table or 0, name

    return sorted(files(folder), key=printed_order)


def files(folder: Path) -> dict[str, Path]:
    """The watchlist files of a folder by name."""
    return {
        path.stem: path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() == ".csv" and path.name != CORRECTIONS
    }


def load(folder: Path, sectors: Sequence[str], on: date) -> tuple[list[Watchlist], list[Problem]]:
    """The watchlists named by `sectors` (all where that is empty), as they stand on a day.

    `on` decides which dated corrections hold. Raises UnknownNameError for a name that the
    folder has not, UsageError for a folder without watchlists; everything wrong inside the files
    comes back as problems.
    """
    known = names(folder)
    if not known:
        raise UsageError(
            say("no watchlists in {folder}: `screener init` writes the bundled ones", folder=folder)
        )
    for name in sectors:
        if name not in known:
            raise UnknownNameError(say("watchlist"), name, known)
    chosen = list(dict.fromkeys(sectors)) or known
    paths = files(folder)
    return load_files([paths[name] for name in chosen], on)


def selected(
    watchlists: Sequence[Watchlist], only: Sequence[str] = (), exclude: Sequence[str] = ()
) -> list[Watchlist]:
    """The watchlists with the listings of `only` (all where that is empty), less `exclude`.

    Those that are left without one are left out. Raises UsageError for a symbol that none has.
    """
    known = {row.symbol: row.symbol for table in watchlists for row in table.listings}
    known |= {row.printed_symbol: row.symbol for t in watchlists for row in t.listings}
    wanted, unwanted = ({_known_symbol(each, known) for each in given} for given in (only, exclude))
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
        raise UsageError(
            say("no watchlist that was taken has {symbol!r}.{guess}", symbol=text, guess=meant)
        )
    return known[symbol]


def load_files(paths: Iterable[Path], on: date) -> tuple[list[Watchlist], list[Problem]]:
    """The watchlists in these CSV files, each with the TOML and the corrections beside it."""
    watchlists: list[Watchlist] = []
    problems: list[Problem] = []
    corrections: dict[Path, list[Correction]] = {}
    for path in paths:
        if path.parent not in corrections:
            found, faults = _corrections(path.parent / CORRECTIONS)
            corrections[path.parent] = found
            problems += [*faults, *_of_no_watchlist(found, path.parent)]
        if path.name == CORRECTIONS:
            continue
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
    provenance, fault = _provenance(path)
    if provenance is None:
        return None, [Problem("bad_file", str(path.with_suffix(".toml")), fault)]
    lines, problems = csvfile.read(path, REQUIRED_COLUMNS)
    if lines:
        problems += _unused_columns(path, lines[0].cells)
    lines, applied, corrected = _correct(lines, corrections)
    listings, faults = _listings(lines, path.stem, provenance)
    rows = tuple(listings)
    found = Watchlist(path.stem, path, provenance, rows, tuple(applied))
    return found, [*problems, *corrected, *faults]


def from_lines(path: Path, lines: Sequence[Line]) -> tuple[Watchlist, list[Problem]]:
    """The watchlist of these lines, with the TOML beside the path they would be written to.

    Raises ValueError where that TOML cannot be used.
    """
    provenance, fault = _provenance(path)
    if provenance is None:
        raise ValueError(fault)
    listings, problems = _listings(lines, path.stem, provenance)
    return Watchlist(path.stem, path, provenance, tuple(listings)), problems


def _listings(
    lines: Iterable[Line], sector: str, provenance: Provenance
) -> tuple[list[Listing], list[Problem]]:
    """A listing, or a problem, for each line; the second line of one symbol is a problem."""
    listings: dict[str, Listing] = {}
    problems = []
    for line in lines:
        try:
            listing = _listing(line, sector, provenance)
            if listing.symbol in listings:
                first = listings[listing.symbol].where
                raise InputError(
                    say("{symbol} stands at {first} already", symbol=listing.symbol, first=first)
                )
            listings[listing.symbol] = listing
        except ValueError as error:
            problems.append(
                Problem("bad_line", line.where, message_of(error), line.cells["symbol"])
            )
    return list(listings.values()), problems


def _unused_columns(path: Path, columns: Iterable[str]) -> list[Problem]:
    known = [*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS, "printed_symbol"]
    problems = []
    for column in columns:
        if column and column not in known and not _YEAR_COLUMN.fullmatch(column):
            meant = guess(column, [*known, "eps_2025", "pe_2025"])
            message = say("column {column!r} is not used.{guess}", column=column, guess=meant)
            problems.append(Problem("unused_column", str(path), message))
    return problems


def _listing(line: Line, sector: str, provenance: Provenance) -> Listing:
    cells = line.cells
    if not cells["name"]:
        raise InputError(say("the name is empty"))
    years = sorted({int(match[2]) for match in map(_YEAR_COLUMN.fullmatch, cells) if match})
    eps = _figures({year: cells.get(f"eps_{year}", "") for year in years}, "eps")
    pe = _figures({year: cells.get(f"pe_{year}", "") for year in years}, "pe")
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
        raise InputError(
            say("{column} {error}, or leave it empty", column=column, error=error)
        ) from None
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
        raise InputError(
            say(
                "{column} is {found}: write three capitals, such as CNY", column=column, found=found
            )
        )
    return text


def _month_and_day(text: str) -> tuple[int, int]:
    if not text:
        return 12, 31
    try:
        day = date.fromisoformat(f"2024-{text}")
    except ValueError:
        raise InputError(
            say("fiscal_year_end {text!r} is no day: write MM-DD, such as 03-31", text=text)
        ) from None
    return day.month, day.day


def _provenance(path: Path) -> tuple[Provenance | None, Sentence]:
    """What stands in the TOML file beside a watchlist, or None and why it cannot be used."""
    needed = say("it must hold at least as_of = 2025-01-31, the day the figures stand for")
    try:
        table = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return None, say("is missing: {needed}", needed=needed)
    except OSError as error:
        return None, say("cannot be opened: {why}", why=error.strerror)
    except (ValueError, RecursionError) as error:
        return None, say("is no TOML: {error}", error=error)
    unit = table.get("market_cap_unit", "亿元")
    faults = [
        say("{key} is {found}: write {form}", key=key, found=repr(table[key]), form=form)
        for key, (kind, form) in _PROVENANCE_KEYS.items()
        if key in table and (type(table[key]) is not kind)
    ]
    faults += [
        say("{key} holds an invisible character", key=key)
        for key, text in table.items()
        if isinstance(text, str) and not text.isprintable()
    ]
    if "as_of" not in table:
        faults.append(say("lacks as_of: {needed}", needed=needed))
    elif not faults and not 1990 <= table["as_of"].year < 2100:
        faults.append(say("as_of is {as_of}: {needed}", as_of=table["as_of"], needed=needed))
    if isinstance(unit, str) and unit not in MARKET_CAP_UNITS:
        faults.append(
            say(
                "market_cap_unit is {unit!r}: write one of {units}",
                unit=unit,
                units=", ".join(MARKET_CAP_UNITS),
            )
        )
    if faults:
        return None, joined(faults)
    return _provenance_record(path.stem, table, *MARKET_CAP_UNITS[unit]), NOTHING


_PROVENANCE_KEYS: Mapping[str, tuple[type, Sentence]] = {
    "as_of": (date, say("a day without quotes, such as 2025-01-31")),
    "published": (date, say("a day without quotes, such as 2025-02-03")),
    "table": (int, say("the table's number")),
    "label_zh": (str, say("text in quotes")),
    "label_en": (str, say("text in quotes")),
    "title": (str, say("text in quotes")),
    "publisher": (str, say("text in quotes")),
    "consensus": (str, say("text in quotes")),
    "market_cap_unit": (str, say("text in quotes")),
    "guessed": (list, say('a list such as ["EPS in CNY"]')),
}


def _provenance_record(
    name: str, table: Mapping[str, Any], scale: float, currency: str
) -> Provenance:
    return Provenance(
        label_zh=table.get("label_zh", name),
        label_en=table.get("label_en", name),
        as_of=table["as_of"],
        consensus=table.get("consensus", ""),
        title=table.get("title", ""),
        publisher=table.get("publisher", ""),
        published=table.get("published"),
        table=table.get("table"),
        market_cap_scale=scale,
        market_cap_currency=currency,
        guessed=tuple(str(each) for each in table.get("guessed", ())),
    )


def _corrections(path: Path) -> tuple[list[Correction], list[Problem]]:
    if not path.exists():
        return [], []
    lines, problems = csvfile.read(path, CORRECTION_COLUMNS)
    corrections = []
    for line in lines:
        try:
            corrections.append(_correction(line))
        except ValueError as error:
            problems.append(
                Problem("bad_line", line.where, message_of(error), line.cells["symbol"])
            )
    return corrections, problems


def _of_no_watchlist(corrections: Iterable[Correction], folder: Path) -> list[Problem]:
    known = files(folder)
    return [
        Problem(
            "correction_unused",
            correction.where,
            say(
                "there is no watchlist {watchlist!r}: {known}",
                watchlist=correction.watchlist,
                known=", ".join(known),
            ),
            correction.symbol,
        )
        for correction in corrections
        if correction.watchlist not in known
    ]


def _correction(line: Line) -> Correction:
    cells = line.cells
    for column in CORRECTION_COLUMNS:
        if not cells[column] and column != "printed":
            raise InputError(say("{column} is empty", column=column))
    effective = cells.get("effective", "")
    return Correction(
        where=line.where,
        watchlist=cells["watchlist"],
        symbol=cells["symbol"],
        field=cells["field"],
        printed=cells["printed"],
        corrected=cells["corrected"],
        effective=csvfile.parse_day(effective) if effective else None,
        dated=csvfile.parse_day(cells["dated"]),
        reason=cells["reason"],
    )


def _correct(
    lines: Sequence[Line], corrections: Sequence[Correction]
) -> tuple[list[Line], list[Correction], list[Problem]]:
    """The lines with the corrections in their cells, those applied, and a problem for each."""
    cells = [{**line.cells, "printed_symbol": line.cells["symbol"]} for line in lines]
    # Of two rows with one code the first is kept, so it is the one to be corrected.
    by_printed_symbol = {row["printed_symbol"]: row for row in reversed(cells)}
    applied, problems = [], []
    for correction in corrections:
        row = by_printed_symbol.get(correction.symbol)
        fault = _misfit(correction, row)
        if row is None or fault:
            problems.append(
                Problem("correction_unused", correction.where, fault, correction.symbol)
            )
            continue
        row[correction.field] = correction.corrected
        applied.append(correction)
        message = say(
            "{field} {printed} → {corrected} ({dated}): {reason}",
            field=correction.field,
            printed=correction.printed,
            corrected=correction.corrected,
            dated=correction.dated,
            reason=correction.reason,
        )
        problems.append(Problem("correction", correction.where, message, row["symbol"]))
    corrected = [Line(line.where, row) for line, row in zip(lines, cells, strict=True)]
    return corrected, applied, problems


def _misfit(correction: Correction, row: Mapping[str, str] | None) -> Sentence:
    if row is None:
        return say(
            "{watchlist} has no row {symbol}",
            watchlist=correction.watchlist,
            symbol=correction.symbol,
        )
    if correction.field not in row or correction.field == "printed_symbol":
        return say(
            "{watchlist} has no column {field}",
            watchlist=correction.watchlist,
            field=correction.field,
        )
    if row[correction.field] != correction.printed:
        return say(
            "corrects {field} {printed!r}, but {watchlist} has {found!r}",
            field=correction.field,
            printed=correction.printed,
            watchlist=correction.watchlist,
            found=row[correction.field],
        )
    return NOTHING
