"""What stands between this machine and live prices: sources, store, proxy, certificates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from time import monotonic

from screener.model.calendars import calendar_of, market_day
from screener.model.messages import joined, say
from screener.model.symbols import EXCHANGES
from screener.sources.checkup import checked
from screener.sources.child import Children
from screener.sources.contract import Ask
from screener.sources.network import proxy_place
from screener.sources.prices import try_source
from screener.sources.vendors import VENDORS, Vendor
from screener.store.store import Store, default_path

# A company's proxy may have certificates of its own: curl and requests, under yfinance and akshare,
# read the first two of these, urllib only the third.
CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was looked at, whether it is fine, and what was seen."""

    what: str
    is_fine: bool
    seen: str


def diagnose(now: datetime, timeout: float) -> list[Observation]:
    """Look at every source, the store, and the settings of the network. Shows no secrets."""
    return [*_sources(now, timeout), _store(), _calendars(market_day(now)), *_settings()]


def _sources(now: datetime, timeout: float) -> Iterator[Observation]:
    # Side by side, so that they take no longer than one of them may.
    with ThreadPoolExecutor() as pool:
        yield from pool.map(partial(_source, now, timeout), VENDORS.values())


def _source(now: datetime, timeout: float, vendor: Vendor) -> Observation:
    # Children of its own, so that each is timed with the start of its library.
    with Children(timeout) as children:
        started = monotonic()
        quote, fault = try_source(children, vendor, Ask((), now, timeout))
    seen = fault
    if quote is not None:
        seen = say(
            "{symbol} {price:g} {currency}, {time}",
            symbol=vendor.known,
            price=quote.price,
            currency=quote.currency,
            time=f"{quote.market_time:%Y-%m-%d %H:%M}",
        )
    if quote is not None and fault:
        # Charts take a request a name, and have neither share counts nor accounts.
        seen = say("{quote}; by its chart alone: {fault}", quote=seen, fault=fault)
    seconds = monotonic() - started
    what = say("{source}, {seconds:.1f} s", source=vendor.title, seconds=seconds)
    return Observation(what, quote is not None and not fault, seen)


def _store() -> Observation:
    store = Store(default_path())
    quotes, rates = store.counts()
    seen = say(
        "{quotes} quotes, {rates} rates in {path}", quotes=quotes, rates=rates, path=store.path
    )
    faults = joined(problem.message for problem in store.problems)
    return Observation(say("store"), not faults, faults or seen)


def _calendars(today: date) -> Observation:
    """Whether trading days are known today, and how long they will be."""
    reach = {each.calendar: calendar_of(each).last for each in EXCHANGES.values()}
    days = joined(
        say("{calendar} to {day}", calendar=name, day=day) for name, day in sorted(reach.items())
    )
    return Observation(say("trading days"), today <= min(reach.values()), days)


def _settings() -> Iterator[Observation]:
    proxy = proxy_place()
    yield Observation(say("proxy"), True, f"{proxy[0]}:{proxy[1]}" if proxy else say("none set"))
    for name in CERTIFICATE_VARIABLES:
        if path := os.environ.get(name):
            exists = Path(path).exists()
            seen = path if exists else say("{path} is not there", path=path)
            yield Observation(name, exists, seen)


def deep(now: datetime, timeout: float) -> list[Observation]:
    """What is built on of the vendors' libraries and answers, and what of it went missing."""
    with Children(timeout) as children:
        found = checked(children, now, timeout)
    return [Observation(each.what, not each.fault, each.fault or each.seen) for each in found]
