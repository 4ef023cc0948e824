"""Which listings an industry has, asked of Eastmoney's boards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from screener.model.messages import NOTHING, Sentence, joined, say
from screener.model.problems import Problem
from screener.model.symbols import spelling
from screener.model.usage import UsageError
from screener.sources.asking import Asker, Found
from screener.sources.child import Children
from screener.sources.network import no_network
from screener.sources.vendors import BOARDS


@dataclass(frozen=True, slots=True)
class Member:
    """A listing of a board, with its market cap in CNY (None: the vendor has none)."""

    symbol: str
    name: str
    market_cap: float | None


@dataclass
class Board(Found):
    """An industry's listings as a source has them, or the problems why there are none."""

    members: list[Member] = field(default_factory=list)

    def take(self, _: str, rows: Sequence[Any]) -> None:
        self.members = [Member(**row) for row in rows]


def fetch_board(children: Children, name: str) -> Board:
    """The whole board of an industry, by its name. Raises UsageError where there is no such."""
    found = Board()
    if out := no_network(say("no connection: no industry is fetched")):
        found.problems += out
        return found
    codes: dict[str, str] = {}
    with Asker(children, children.left) as asker:
        every = {"industries": name}
        asker.ask(BOARDS, "boards", every, lambda _, answer: codes.update(answer), found.refuse)
        asker.listen()
        if codes and name not in codes:
            raise UsageError(_unknown(name, codes))
        if codes:
            asker.ask(BOARDS, "members", {codes[name]: name}, found.take, found.refuse)
            asker.listen()
        found.problems += _faults(asker, found, name, is_found=bool(found.members))
    return found


def industry_of(children: Children, symbol: str) -> tuple[str, list[Problem]]:
    """The industry that an A share is of by its source; empty, with the problems, without one.

    Raises UsageError for a listing of Hong Kong, which the boards do not have.
    """
    if symbol.endswith(".HK"):
        raise UsageError(
            say(
                "{symbol}: Eastmoney's boards have no listings of Hong Kong; name its peers"
                " themselves, or an --industry of the mainland",
                symbol=symbol,
            )
        )
    if out := no_network(say("no connection: no industry is fetched")):
        return "", out
    answers: list[str] = []
    found = Found()
    with Asker(children, children.left) as asker:
        names = {str(spelling("akshare", symbol)): symbol}
        asker.ask(BOARDS, "industry", names, lambda _, name: answers.append(name), found.refuse)
        asker.listen()
        problems = _faults(asker, found, symbol, is_found=bool(answers))
    return "".join(answers[:1]), problems


def _faults(asker: Asker, found: Found, name: str, *, is_found: bool) -> list[Problem]:
    """Why there is no answer of a name; nothing where there is."""
    outages = [] if is_found else list(asker.outages(say("industries")))
    if is_found or outages:
        return outages
    why = joined(dict.fromkeys(found.reasons[name])) or say("no source answered for it")
    return [Problem("no_industry", name, why)]


def _unknown(name: str, codes: dict[str, str]) -> Sentence:
    alike = [each for each in codes if name in each or each in name]
    nearest = (alike or get_close_matches(name, codes, n=5, cutoff=0.3))[:5]
    meant = say(" Did you mean {nearest}?", nearest=", ".join(nearest)) if nearest else NOTHING
    return say(
        "Eastmoney has no industry {name!r} among its {count}.{guess}",
        name=name,
        count=len(codes),
        guess=meant,
    )
