"""The listings of an industry by size, and the peers of a listing in its own."""

from __future__ import annotations

from math import inf, log

from screener.model.messages import say
from screener.model.problems import Problem
from screener.sources.boards import Board, Member, fetch_board, industry_of
from screener.sources.child import Children


def largest(industry: str, count: int | None, timeout: float) -> tuple[Board, list[Problem]]:
    """The board of an industry with its largest listings first, `count` of them at most.

    Where that leaves some out, it is said. Raises UsageError where there is no such industry.
    """
    with Children(timeout) as children:
        board = fetch_board(children, industry)
    every = sorted(board.members, key=lambda member: -(member.market_cap or 0))
    kept = every[:count]
    problems = [*board.problems]
    if len(kept) < len(every):
        message = say("the {kept} largest of {all} are taken", kept=len(kept), all=len(every))
        problems.append(Problem("filtered", industry, message))
    return Board(members=kept), problems


def peers(symbol: str, count: int, timeout: float) -> tuple[Board, list[Problem]]:
    """The listings of a listing's industry that are nearest to it in market cap, without itself.

    Raises UsageError for a listing of Hong Kong, which the source has no industries of.
    """
    with Children(timeout) as children:
        industry, problems = industry_of(children, symbol)
        board = fetch_board(children, industry) if industry else Board()
    own = next((member for member in board.members if member.symbol == symbol), None)
    others = [member for member in board.members if member.symbol != symbol]
    if own is not None:
        others.sort(key=lambda member: _distance(member, own))
    problems += board.problems
    if others:
        message = say(
            "{kept} of {all} in {industry}, the nearest in market cap first",
            kept=min(count, len(others)),
            all=len(others),
            industry=industry,
        )
        problems.append(Problem("filtered", symbol, message))
    return Board(members=others[:count]), problems


def _distance(one: Member, other: Member) -> float:
    """How far two market caps are apart, by their ratio: one without any is the farthest."""
    if not one.market_cap or not other.market_cap:
        return inf
    return abs(log(one.market_cap / other.market_cap))
