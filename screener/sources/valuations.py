"""Multiples of past days as vendors have them, asked of Eastmoney and, for Hong Kong, of Baidu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from screener.model.messages import Sentence, say
from screener.model.records import Lookup, Multiple, Span
from screener.sources.asking import Asker, Found, Spans, Take, by_market, codes_of, spelled
from screener.sources.child import Children
from screener.sources.closes import MOST_FAULTS, known_by
from screener.sources.eastmoney.valuations import FIELDS, of_a_share, of_hong_kong
from screener.sources.network import no_network
from screener.sources.vendors import BAIDU, EASTMONEY

# How the answer of a symbol becomes multiples within a span, and why some of it can be none.
Parse = Callable[[Any, str, Span], tuple[list[Multiple], list[Sentence]]]


@dataclass
class Multiples(Found):
    """The multiples found, and which days are known by that."""

    multiples: list[Multiple] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    lookups: list[Lookup] = field(default_factory=list)


def fetch_multiples(
    children: Children, metric: str, spans: Spans, now: datetime, timeout: float
) -> Multiples:
    """A metric of symbols on the days of their spans, or the reasons why there is none.

    A shares' come from Eastmoney, which has all metrics at once; Hong Kong's from Baidu.
    """
    found = Multiples()
    if spans and (out := no_network(say("no connection: no history is fetched"))):
        found.problems += out
        return found
    mainland, hong_kong = by_market(codes_of(spans, now))
    with Asker(children, timeout) as asker:
        for source, kind, codes, metrics, parse in (
            (EASTMONEY, "valuations", mainland, tuple(FIELDS), of_a_share),
            (BAIDU, f"baidu_{metric}", hong_kong, (metric,), partial(_of_baidu, metric)),
        ):
            take = _taking(found, metrics, parse, spans, now)
            asker.ask(source, kind, spelled(source, codes), take, found.refuse, within=spans)
        asker.listen()
        found.problems += asker.outages(say("history"))
    found.explain(spans.keys() - found.answered)
    return found


def _of_baidu(
    metric: str, points: Any, symbol: str, span: Span
) -> tuple[list[Multiple], list[Sentence]]:
    return of_hong_kong(points, symbol, metric, span)


def _taking(
    found: Multiples, metrics: Sequence[str], parse: Parse, spans: Spans, now: datetime
) -> Take:
    def take(symbol: str, answer: Any) -> None:
        multiples, faults = parse(answer, symbol, spans[symbol])
        found.answered.add(symbol)
        found.multiples += multiples
        for fault in faults[:MOST_FAULTS]:
            found.refuse(symbol, fault)
        if faults:
            return  # another time those days may be right
        days = [each.day for each in multiples]
        for metric in metrics:
            found.lookups += known_by(symbol, metric, spans[symbol], days, now)

    return take
