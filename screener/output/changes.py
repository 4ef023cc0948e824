"""What changed since the last run, in a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from screener.model.messages import Sentence, say
from screener.model.problems import PROBLEM_KINDS
from screener.screening.changed import COLUMNS

if TYPE_CHECKING:
    from screener.screening.changed import Changes


SINCE = say("Since the last run")
# How many movers, in rank and in their multiple, and how many names that came or went.
MOVERS, NAMED = 3, 10


def change_lines(changes: Changes, lang: str) -> Sequence[Sentence]:
    """The farthest moves, names that came and went, problems that did, a line each."""
    lines = [*_moves(changes), *_names(changes), *_problems(changes, lang), *changes.said]
    return lines or [say("nothing changed")]


def _moves(changes: Changes) -> Iterator[Sentence]:
    """The names that have moved farthest in rank, and then in their multiple."""
    rows = changes.rows.to_dicts()
    by_rank = sorted(rows, key=lambda row: -abs(row["rank_move"] or 0))
    by_multiple = sorted(rows, key=lambda row: -abs(row["pe_change"] or 0))
    movers = [row for row in by_rank if row["rank_move"]][:MOVERS]
    movers += [row for row in by_multiple if row["pe_change"] and row not in movers][:MOVERS]
    shown = {column.name: column for column in COLUMNS}
    for row in movers:
        facts = {
            name: shown[name].show(row[name]) if row[name] is not None else "–"
            for name in ("rank_before", "rank", "pe_before", "pe", "pe_change")
        }
        yield say(
            "{symbol} {name}: rank {rank_before} → {rank}, P/E {pe_before} → {pe} ({pe_change})",
            symbol=row["symbol"],
            name=row["name"],
            **{name: text.strip() for name, text in facts.items()},
        )


def _names(changes: Changes) -> Iterator[Sentence]:
    for words, names in ((say("New"), changes.came), (say("Gone"), changes.went)):
        if names:
            listed = ", ".join(f"{symbol} {name}" for _, symbol, name in names[:NAMED])
            yield say("{what}: {count} · {names}", what=words, count=len(names), names=listed)


def _problems(changes: Changes, lang: str) -> Iterator[Sentence]:
    for words, problems in (
        (say("New problems"), changes.new_problems),
        (say("Problems gone"), changes.gone_problems),
    ):
        kinds = Counter(PROBLEM_KINDS[problem.kind].label(lang) for problem in problems)
        if kinds:
            listed = ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
            yield say("{what}: {names}", what=words, names=listed)
