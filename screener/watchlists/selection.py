"""Some of the listings of watchlists: those of given codes and names, or all others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from screener.model.messages import message_of, say
from screener.model.names import Names, known_names
from screener.model.records import Listing
from screener.model.symbols import SymbolError
from screener.model.usage import UsageError, guess
from screener.watchlists.read import Watchlist


def selected(
    watchlists: Sequence[Watchlist], only: Sequence[str] = (), exclude: Sequence[str] = ()
) -> list[Watchlist]:
    """The watchlists with the listings of `only` (all where that is empty), less `exclude`.

    Those that are left without one are left out. Raises UsageError for a symbol that none has.
    """
    rows = [row for table in watchlists for row in table.listings]
    names = names_in(rows)
    wanted, unwanted = ({listed(text, names) for text in given} for given in (only, exclude))
    chosen = (wanted or {row.symbol for row in rows}) - unwanted
    if rows and not chosen:
        raise UsageError(say("no name is left after --only and --exclude"))
    left = [
        replace(table, listings=tuple(row for row in table.listings if row.symbol in chosen))
        for table in watchlists
    ]
    return [table for table in left if table.listings or not (only or exclude)]


def names_in(listings: Iterable[Listing], known: Names | None = None) -> Names:
    """What the listings are called, in both languages, and what their tables print for codes.

    Added to the names that are known already, if any are given.
    """
    names = Names() if known is None else known
    for row in listings:
        names.add(row.symbol, (row.name, row.name_en), row.printed_symbol.strip().upper())
    return names


def listed(text: str, names: Names) -> str:
    """The symbol that a code or a name means, of those that are known. Raises UsageError."""
    try:
        symbol = names.meant(text)
    except SymbolError as error:
        symbol = _known_elsewhere(text, error)
    if symbol not in names:
        meant = guess(symbol, names)
        fault = say(
            "no watchlist that was taken has {symbol!r}.{guess} `screener add {code}` adds it to"
            " one",
            symbol=text,
            guess=meant,
            code=symbol,
        )
        raise UsageError(fault)
    return symbol


def _known_elsewhere(text: str, error: SymbolError) -> str:
    try:
        return known_names().meant(text)
    except SymbolError:
        raise UsageError(message_of(error)) from None
