"""Watchlist files to listings: a CSV of printed figures, a TOML of provenance, and corrections.

In a folder of watchlists `media.csv` holds one row a name, every figure as printed;
`media.toml` says where they come from, if there is one; `corrections.csv` holds what was printed
wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from screener.model.messages import InputError, say
from screener.model.problems import Problem, bad_file
from screener.model.records import Correction, Listing, Provenance
from screener.model.spellings import plain, spelled
from screener.model.usage import UnknownNameError, UsageError
from screener.watchlists import csvfile
from screener.watchlists.corrections import (
    apply_corrections,
    orphaned_corrections,
    read_corrections,
)
from screener.watchlists.csvfile import CsvLine
from screener.watchlists.folder import CORRECTIONS, watchlist_files
from screener.watchlists.provenance import provenance_of, read_provenance
from screener.watchlists.rows import REQUIRED_COLUMNS, assumed, listing_of, unused_columns


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
        problems += unused_columns(path, lines[0].cells)
        problems += assumed(path, lines, has_day=provenance.is_dated, day=provenance.as_of)
    lines, applied, corrected = apply_corrections(lines, corrections)
    found, faults = _watchlist(path, lines, provenance)
    return replace(found, corrections=tuple(applied)), [*problems, *corrected, *faults]


def from_lines(
    path: Path, lines: Sequence[CsvLine], toml: bytes | None = None
) -> tuple[Watchlist, list[Problem]]:
    """The watchlist of these lines, with the TOML beside the path they would be written to.

    Raises ValueError where that TOML, or the one given, cannot be used.
    """
    provenance, fault = read_provenance(path) if toml is None else provenance_of(toml, path)
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
            listing = listing_of(line, path.stem, provenance)
            symbol, first = listing.symbol, listings.setdefault(listing.symbol, listing)
            if first is not listing:
                fault = say("{symbol} stands at {first} already", symbol=symbol, first=first.where)
                raise InputError(fault)
        except ValueError as error:
            problems.append(line.problem(error))
    return Watchlist(path.stem, path, provenance, tuple(listings.values())), problems
