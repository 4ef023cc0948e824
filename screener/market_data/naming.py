"""What the codes of a table are called: by what is stored, and by sources that are asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from screener.market_data.additions import stub
from screener.model.aliases import KNOWN
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Listing, Profile
from screener.model.symbols import lasting
from screener.sources.child import Children
from screener.sources.contract import Ask
from screener.sources.prices import fetch_prices
from screener.store.store import Store
from screener.watchlists.read import Watchlist

Called = Mapping[str, Collection[str]]


def called(
    tables: Iterable[Watchlist], store: Store, now: datetime, timeout: float | None
) -> tuple[Called, list[Problem]]:
    """The names of the tables' codes that are stored; with a `timeout`, what sources say of others.

    What the small table here knows needs nobody's word.
    """
    symbols = {lasting(row.symbol) for table in tables for row in table.listings} - KNOWN.keys()
    names = _names(store.profiles(symbols))
    unknown = sorted(symbols - names.keys())
    if timeout is None or not unknown:
        return names, []
    ask = Ask(
        [stub(symbol, now) for symbol in unknown],
        now,
        timeout,
        # Of all sources Eastmoney alone has Chinese names.
        cross_check=True,
        pairs=frozenset(),
    )
    with Children(timeout) as children:
        found = fetch_prices(children, ask)
    outages = [
        problem for problem in found.problems if problem.kind in ("source_out", "names_unchecked")
    ]
    names |= _names(found.profiles)
    nameless = [symbol for symbol in unknown if all(map(str.isascii, names.get(symbol, ())))]
    unchecked = [
        Problem("names_unchecked", symbol, say("no source has a Chinese name of it"), symbol)
        for symbol in nameless
    ]
    return names, [*outages, *unchecked]


def _names(profiles: Iterable[Profile]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for profile in profiles:
        said = {name for name in (profile.name, profile.name_en) if name}
        if said:
            names.setdefault(profile.symbol, set()).update(said)
    return names


def chinese_names(rows: Iterable[Listing], store: Store) -> dict[str, set[str]]:
    """What each listing is called in Chinese: in its table, here, and by sources that are stored.

    None for one that has no such name anywhere.
    """
    listings = list(rows)
    found = _names(store.profiles({row.symbol for row in listings}))
    for row in listings:
        known = KNOWN.get(row.symbol)
        found.setdefault(row.symbol, set()).update({row.name, known.name if known else ""})
    return {
        symbol: {name for name in names if not name.isascii()} for symbol, names in found.items()
    }
