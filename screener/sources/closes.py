"""Daily closes, asked of Yahoo and, for Beijing, of Eastmoney."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from screener.model.calendars import last_trade
from screener.model.extents import CLOSE, RATE
from screener.model.messages import Sentence, say
from screener.model.records import Close, Lookup, Span
from screener.sources.answers import RefusalError, is_final, number, shown
from screener.sources.asking import Asker, Found, Spans, Take, codes_of, spelled
from screener.sources.child import Children
from screener.sources.eastmoney.prices import bar_days
from screener.sources.network import no_network
from screener.sources.splits import Splits, take_splits
from screener.sources.vendors import EASTMONEY, YAHOO
from screener.sources.yahoo.prices import chart_days

# Any listing of Shanghai: its sessions are those that rates are kept of.
A_SHARE = "600000.SH"

DAY = timedelta(days=1)

# No vendor is later than this with a close, holidays included.
LATE_DAYS = 15

# So many faults of one answer tell enough.
MOST_FAULTS = 3

# Days with their closes, None where there was no trade; and how an answer of a symbol becomes that.
Bars = Iterable[tuple[date, Any]]
Parse = Callable[[Any, str], Bars]


@dataclass
class Closes(Found):
    """The daily closes found, and which days are known by that.

    A source that has no new close of a symbol has answered, too. A chart of Yahoo's has the splits
    of its days, of which Hong Kong's need no other word.
    """

    closes: list[Close] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    lookups: list[Lookup] = field(default_factory=list)
    splits: Splits = field(default_factory=Splits)


def fetch_closes(children: Children, spans: Spans, now: datetime, timeout: float) -> Closes:
    """The closes of symbols on the days of their spans, or the reasons why there are none.

    Beijing's come from Eastmoney, as they were traded; all others from Yahoo, per share of now.
    Of a pair of currencies, as `HKD/CNY`, the closes are its rates.
    """
    pairs = {f"{pair.replace('/', '')}=X": pair for pair in spans if "/" in pair}
    codes = codes_of(spans.keys() - set(pairs.values()), now)
    if spans and (out := no_network(say("no connection: no history is fetched"))):
        return Closes(problems=out)
    found = Closes()
    # Yahoo has no Beijing; of the rest it takes one request a name for any number of years.
    of_yahoo = {**spelled(YAHOO, codes), **pairs}
    others = {symbol: code for symbol, code in codes.items() if symbol not in of_yahoo.values()}
    of_eastmoney = spelled(EASTMONEY, others)
    with Asker(children, timeout) as asker:
        take_bars = _taking(found, YAHOO, chart_days, spans, now)

        def take_chart(symbol: str, chart: Mapping[str, Any]) -> None:
            take_bars(symbol, chart["bars"])
            if symbol.endswith(".HK"):
                since = {symbol: spans[symbol].since - DAY}
                take_splits(found.splits, symbol, chart["splits"], codes, since, now)

        asker.ask(YAHOO, "closes", of_yahoo, take_chart, found.refuse, within=spans)
        take = _taking(found, EASTMONEY, bar_days, spans, now)
        asker.ask(EASTMONEY, "daily", of_eastmoney, take, found.refuse, within=spans)
        asker.listen()
        found.problems += asker.outages(say("history"))
    found.explain(spans.keys() - found.answered)
    return found


def _taking(found: Closes, source: str, days_of: Parse, spans: Spans, now: datetime) -> Take:
    def take(symbol: str, answer: Any) -> None:
        span = spans[symbol]
        every, faults = _closes(days_of(answer, symbol), symbol, source, now)
        closes = [close for close in every if span.since <= close.day <= span.until]
        found.answered.add(symbol)
        found.closes += closes
        for fault in faults[:MOST_FAULTS]:
            found.refuse(symbol, fault)
        if faults:
            return  # another time those days may be right
        found.lookups += known_by(symbol, source, span, [close.day for close in closes], now)

    return take


def known_by(
    symbol: str, source: str, span: Span, days: Sequence[date], now: datetime
) -> list[Lookup]:
    """Which days of a span are known by an answer that has these.

    A vendor may be a day late: the last day is known only if it was there. Of a span that ended
    long ago what is not there never was.
    """
    is_past = (now.date() - span.until).days > LATE_DAYS
    until = span.until if is_past else max(days, default=None)
    return [] if until is None else [Lookup(symbol, source, span.since, until)]


def _closes(
    days: Bars, symbol: str, source: str, now: datetime
) -> tuple[list[Close], list[Sentence]]:
    """The closes of days that are over, and why others can be none; None is a day without trade.

    Raises RefusalError for days that are none: which of the closes is of when, nobody can tell.
    """
    # A pair of currencies has a rate for each day that Shanghai trades on.
    is_pair = "/" in symbol
    traded = last_trade(A_SHARE if is_pair else symbol, now)
    found: dict[date, Close] = {}
    faults: list[Sentence] = []
    for day, close in days:
        if close is None or not is_final(day, traded, now):
            continue
        try:
            value = number({"close": close}, "close", RATE if is_pair else CLOSE)
        except RefusalError:
            faults.append(
                say(
                    "{source} has a close of {close} on {day}",
                    source=source,
                    close=shown(close),
                    day=day,
                )
            )
            continue
        # Yahoo adjusts its closes for splits up to now, not for dividends (its other column of
        # closes does that); Eastmoney's are as traded.
        per_share_of = traded.date() if source == YAHOO and not is_pair else day
        found[day] = Close(symbol, day, value, per_share_of, source)
    return list(found.values()), faults
