"""What is built on of the vendors' libraries and answers, and what of that is no longer there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from screener.model.messages import NOTHING, Sentence, joined, say
from screener.model.records import Span
from screener.sources.asking import Asker, Fault
from screener.sources.child import Children
from screener.sources.lacking import KIND
from screener.sources.vendors import (
    ACCOUNTS,
    BAIDU,
    BOARDS,
    EASTMONEY,
    EASTMONEY_SPLITS,
    ETNET,
    PROFILES,
    VENDORS,
    YAHOO,
    YAHOO_SPLITS,
)

# So many days have a report, a trade, and perhaps a dividend in them.
YEAR, MONTH = timedelta(days=365), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Call:
    """One way of asking that is built on: what is asked for, and the fields that its answer needs.

    `since` is how long before today that begins, `within` the same, up to today.
    """

    source: str
    kind: str
    name: str
    fields: tuple[str, ...] = ()
    since: timedelta | None = None
    within: timedelta | None = None


# A listing that each source is sure to have. Of tables the child itself looks for the fields.
CALLS = (
    Call(
        YAHOO,
        "quotes",
        "600941.SS",
        (
            *("symbol", "currency", "regularMarketPrice", "regularMarketTime", "marketState"),
            *("exchangeDataDelayedBy", "regularMarketPreviousClose", "sharesOutstanding"),
            *("epsTrailingTwelveMonths", "bookValue", "marketCap"),
        ),
    ),
    Call(YAHOO, "trend", "0700.HK", ("period", "end", "eps", "analysts", "currency")),
    Call(YAHOO_SPLITS, "splits", "0700.HK", since=YEAR),
    Call(YAHOO, "closes", "0700.HK", ("bars", "splits"), within=MONTH),
    Call(EASTMONEY, "items", "920808.BJ", ("code", "name", "price", "market_cap")),
    Call(PROFILES, "names", "0700.HK", ("name", "year_end")),
    Call(EASTMONEY, "rates", "HKD/CNY", ("day", "buy", "sell")),
    Call(EASTMONEY, "forecasts", "600941"),
    Call(EASTMONEY_SPLITS, "bonus", "600941", since=YEAR),
    Call(ACCOUNTS, "accounts", "920808", since=2 * YEAR),
    Call(EASTMONEY, "daily", "920808", within=MONTH),
    Call(EASTMONEY, "valuations", "600941", within=MONTH),
    Call(BOARDS, "boards", "industries"),
    Call(ETNET, "etnet", "00700", ("year", "cents")),
    Call(BAIDU, "baidu_pe_ttm", "00700", within=YEAR),
)


class Checked(NamedTuple):
    """A library or a call, and what of it went missing; nothing where all is there."""

    what: Sentence
    seen: Sentence
    fault: Sentence = NOTHING


def checked(children: Children, now: datetime, timeout: float) -> list[Checked]:
    """Each library's functions, and one call of each kind that vendors are asked by."""
    libraries = [_library(children, vendor, timeout) for vendor in VENDORS]
    with Asker(children, timeout) as asker:
        results = [_Result(call) for call in CALLS]
        for each in results:
            each.ask(asker, now)
        asker.listen()
        failed = asker.failed()
    return [*libraries, *(each.checked(failed) for each in results)]


def _library(children: Children, vendor: str, timeout: float) -> Checked:
    answers: list[Mapping[str, Any]] = []
    with Asker(children, timeout) as asker:
        source = VENDORS[vendor].title
        asker.ask(source, KIND, {vendor: vendor}, lambda _, answer: answers.append(answer))
        asker.listen()
        faults = asker.failed()
    what = say("library of {vendor}", vendor=vendor)
    if not answers:
        return Checked(what, NOTHING, faults[source].words if source in faults else _NONE)
    said = answers[0]
    seen = say("{name} {version}", name=said["name"], version=said["version"])
    missing = ", ".join(said["lacking"])
    return Checked(what, seen, say("it has no {missing}", missing=missing) if missing else NOTHING)


_NONE = say("no answer for it")


@dataclass
class _Result:
    """What came of a call: `answered` and without what it needs, or refused for reasons."""

    call: Call
    answered: bool = False
    faults: list[Sentence] = field(default_factory=list)

    def ask(self, asker: Asker, now: datetime) -> None:
        call, today = self.call, now.date()
        asker.ask(
            call.source,
            call.kind,
            {call.name: call.name},
            self._take,
            lambda _, why: self.faults.append(why),
            since=None if call.since is None else {call.name: today - call.since},
            within=None if call.within is None else {call.name: Span(today - call.within, today)},
        )

    def _take(self, _: str, answer: Any) -> None:
        self.answered = True
        rows = answer if isinstance(answer, list) else [answer]
        known = {name for row in rows if isinstance(row, dict) for name in row}
        missing = [name for name in self.call.fields if name not in known]
        if missing:
            self.faults.append(say("its answer has no {missing}", missing=", ".join(missing)))

    def checked(self, failed: Mapping[str, Fault]) -> Checked:
        call = self.call
        what = say("{source}: {kind} of {name}", source=call.source, kind=call.kind, name=call.name)
        if not self.answered and not self.faults:
            fault = failed.get(call.source)
            self.faults.append(fault.words if fault else _NONE)
        return Checked(what, say("answers"), joined(dict.fromkeys(self.faults)))
