"""What the Summary begins with: the names that rank first, and what changed since the last run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from screener.model.messages import Sentence, say
from screener.model.problems import PROBLEM_KINDS
from screener.output.workbook.block import ORDER, Block, rows_of
from screener.output.workbook.book import Book, Page
from screener.output.workbook.looks import as_shown, heading, style_of
from screener.output.workbook.places import cell, fixed
from screener.output.workbook.sector import cached
from screener.screening.changed import COLUMNS, Changes
from screener.valuation.aggregates import NO_STATISTIC

if TYPE_CHECKING:
    from screener.screening.result import Result


# How many names are shown, and what of each beside the figure that they are ranked by.
BEST = 10
# How many movers, in rank and in their multiple.
MOVERS = 3
_FIRST = ("symbol", "rank_all", "name", "sector", "price", "price_currency")
_BESIDE = (
    "pe_fy1", "pe_ntm", "pe_vs_sector", "upside", "pe_ttm", "pe_ttm_percentile", "pb",
    "dividend_yield",
)  # fmt: skip


def write_best(
    book: Book,
    result: Result,
    page: Page,
    top: int,
    everyone: Block,
    blocks: Mapping[str, Block],
) -> int:
    """The first names across sectors, each with a link to its row; gives the row below.

    Who is edited to the top stands there: names are looked up by their place on Ranking.
    """
    ranked = [row for row in everyone.rows if row["rank_all"] is not None][:BEST]
    if not ranked:
        return top
    wanted = dict.fromkeys((*_FIRST, result.by, *_BESIDE))
    names = [name for name in wanted if name in everyone.columns and result.table[name].count()]
    places = rows_of(blocks.values())
    page.table_head(top, {at: heading(book, result, name) for at, name in enumerate(names)})
    for number, row in enumerate(ranked, start=1):
        # The rows down to this one: its number, without a number in the formula.
        place = f"ROWS({fixed(top + 1, 0)}:{cell(top + number, 0)})"
        found = f"MATCH({place},{everyone.outside_area(ORDER)},0)"
        for column, name in enumerate(names):
            is_sector = name == "sector"
            value = (
                blocks[row["sector"]].page.name
                if is_sector
                else cached(result, row, name, book.lang)
            )
            if name == "symbol":
                page.link(top + number, column, places[row["symbol"]])
            formula = (
                f"=IF(ISNUMBER({found}),INDEX({everyone.outside_area(name)},{found}),"
                f'"{NO_STATISTIC}")'
            )
            style = style_of(book, result, name, linked=True)
            page.formula(top + number, column, formula, value, style)
            page.fit(column, as_shown(result, name, value))
    return top + len(ranked) + 2


def write_changes(book: Book, result: Result, page: Page, top: int) -> int:
    """What is different from the last run, a line each; gives the row below."""
    changes = result.changes
    if changes is None:
        return top
    page.text(top, 0, say("Since the last run"), book.style("text", bold=True), fits=False)
    lines = [*_moves(changes), *_names(changes), *_problems(changes, book.lang), *changes.said]
    row = top
    for row, line in enumerate(lines or [say("nothing changed")], start=top + 1):
        page.text(row, 0, line, book.style("text"), fits=False)
    return row + 2


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
            listed = ", ".join(f"{symbol} {name}" for _, symbol, name in names[:BEST])
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
