"""The TOML file beside a watchlist: where its figures come from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from screener.files import standing
from screener.model.calendars import market_day
from screener.model.messages import NOTHING, Sentence, joined, say
from screener.model.reading import plain_bytes
from screener.model.records import Provenance

# Reports print 亿元 (100 million yuan), brokers in Hong Kong millions of a currency.
# How many 亿 (100 million) of which currency one unit of a printed market cap is.
MARKET_CAP_UNITS: Mapping[str, tuple[float, str]] = {
    f"{scale}{word}": (size, currency)
    for scale, size in (("亿", 1.0), ("百万", 0.01), ("万", 1e-4), ("十亿", 10.0), ("", 1e-8))
    for word, currency in (("元", "CNY"), ("港元", "HKD"), ("美元", "USD"))
}
_NEEDED = say("it must hold at least as_of = 2025-01-31, the day the figures stand for")
# Keys of the file that are used, each of one type; others may stand there, for people.
_TEXT = (str, say("text in quotes"))
_KEYS: Mapping[str, tuple[type, Sentence]] = {
    "as_of": (date, say("a day without quotes, such as 2025-01-31")),
    "published": (date, say("a day without quotes, such as 2025-02-03")),
    "table": (int, say("the table's number")),
    **dict.fromkeys(("label_zh", "label_en", "title", "publisher", "consensus"), _TEXT),
    "market_cap_unit": _TEXT,
    "guessed": (list, say('a list such as ["EPS in CNY"]')),
}


def read_provenance(path: Path) -> tuple[Provenance | None, Sentence]:
    """What stands in the TOML file beside a watchlist, or None and why it cannot be used.

    A watchlist may do without one: then nothing is said of it, and its day is its file's.
    """
    try:
        content = plain_bytes(standing(path.with_suffix(".toml")))
    except FileNotFoundError:
        return _undated(path), NOTHING
    except OSError as error:
        return None, say("cannot be opened: {why}", why=error.strerror)
    return provenance_of(content, path)


def provenance_of(content: bytes, path: Path) -> tuple[Provenance | None, Sentence]:
    """What a TOML file says of the watchlist at a path, or None and why it cannot be used."""
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return None, say("is no TOML: {error}", error=error)
    faults = _faults(table)
    if faults:
        return None, joined(faults)
    scale, currency = MARKET_CAP_UNITS[table.pop("market_cap_unit", "亿元")]
    known: dict[str, Any] = {
        **dict.fromkeys(("label_zh", "label_en"), path.stem),
        "consensus": "",
        **{key: value for key, value in table.items() if key in _KEYS},
        "guessed": tuple(map(str, table.get("guessed", ()))),
    }
    return Provenance(**known, market_cap_scale=scale, market_cap_currency=currency), NOTHING


def _undated(path: Path) -> Provenance:
    changed = path.stat().st_mtime if path.exists() else 0.0
    day = market_day(datetime.fromtimestamp(changed, UTC))
    return Provenance(path.stem, path.stem, day, "", is_dated=False)


def _faults(table: Mapping[str, Any]) -> list[Sentence]:
    faults = [
        say("{key} is {found}: write {form}", key=key, found=repr(table[key]), form=form)
        for key, (kind, form) in _KEYS.items()
        # Not isinstance: true is an int in Python, and a day with a time is a date.
        if key in table and type(table[key]) is not kind
    ]
    faults += [
        say("{key} holds an invisible character", key=key)
        for key, text in table.items()
        if isinstance(text, str) and not text.isprintable()
    ]
    if "as_of" not in table:
        faults.append(say("lacks as_of: {needed}", needed=_NEEDED))
    elif not faults and not 1990 <= table["as_of"].year < 2100:
        faults.append(say("as_of is {as_of}: {needed}", as_of=table["as_of"], needed=_NEEDED))
    unit = table.get("market_cap_unit")
    if isinstance(unit, str) and unit not in MARKET_CAP_UNITS:
        units = ", ".join(MARKET_CAP_UNITS)
        fault = say("market_cap_unit is {unit!r}: write one of {units}", unit=unit, units=units)
        faults.append(fault)
    return faults
