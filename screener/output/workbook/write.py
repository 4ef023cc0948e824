"""A result as an Excel workbook that recalculates: every formula stands there with its value.

Inputs holds what is typed; the sectors' sheets compute from it, the others link to those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from screener.files import MARK
from screener.model.messages import NOTHING, Sentence, say
from screener.model.version import __version__
from screener.output.document import input_hash
from screener.output.workbook.about import write_about
from screener.output.workbook.block import ranking_block, rows_of, sector_block
from screener.output.workbook.book import Book, opened
from screener.output.workbook.charts import write_charts
from screener.output.workbook.checks import write_checks
from screener.output.workbook.inputs import inputs_place, write_inputs
from screener.output.workbook.notes import EDIT_NOTE, UNIT_NOTE
from screener.output.workbook.page import Page
from screener.output.workbook.problems import write_findings, write_problems
from screener.output.workbook.ranking import write_ranking, write_revisions
from screener.output.workbook.sector import write_sector
from screener.output.workbook.sources import write_sources
from screener.output.workbook.summary import write_summary

if TYPE_CHECKING:
    from screener.screening.result import Result
    from screener.watchlists.read import Watchlist


def render(result: Result, lang: str, command: str = "") -> bytes:
    """The bytes of the workbook; the same result gives the same bytes."""
    buffer = BytesIO()
    with opened(buffer) as workbook:
        workbook.set_properties(
            {
                "title": f"Screen {result.price_day}",
                "subject": f"{result.by}, prices {result.prices}",
                "author": MARK,
                "comments": f"screener {__version__}",
                "created": result.generated_at.replace(tzinfo=None, microsecond=0),
            }
        )
        digest = input_hash(result)
        workbook.set_custom_property("input_sha256", digest)
        _sheets(Book(workbook, lang), result, digest, command)
    return buffer.getvalue()


def _sheets(book: Book, result: Result, digest: str, command: str) -> None:
    """All sheets, in the order they are read; then what stands on each."""
    line = _line(book, result)

    def page(title: Sentence, subtitle: str = line) -> Page:
        return book.add(book.said(title), subtitle=subtitle)

    # What is looked for first stands first: the answer, then all names in one order.
    summary, ranking = page(say("Summary")), page(say("Ranking"))
    blocks = {}
    for watchlist in result.watchlists:
        rows = result.of_sector(watchlist.name)
        source = book.said(_source(book, result, watchlist, rows))
        sheet = book.add(book.label(watchlist), subtitle=f"{line} · {source}")
        blocks[watchlist.name] = sector_block(result, sheet, rows)
    sheets = {name: block.page for name, block in blocks.items()}
    revised = page(say("Revisions"))
    typed = page(say("Inputs"), f"{line} · {book.said(EDIT_NOTE)}")
    titles = (say("Sources"), say("Problems"), say("Audit"), say("Checks"), say("About"))
    origins, problems, findings, checks, about = (page(title) for title in titles)

    place = inputs_place(book, result, typed)
    for block in blocks.values():
        write_sector(book, result, block, place, blocks.values())
        write_charts(book, result, block)
    everyone = ranking_block(result, ranking)
    write_ranking(book, result, everyone, blocks)
    write_revisions(book, result, revised, blocks)
    write_inputs(book, result, place, sheets)
    sources = write_sources(book, result, origins, sheets)
    places = rows_of(blocks.values())
    lists = (
        write_problems(book, result, problems, places),
        write_findings(book, result, findings, places),
    )
    write_checks(book, result, checks, blocks, everyone, place, lists)
    write_about(book, result, about, digest, command)
    write_summary(book, result, summary, blocks, everyone, sources, lists)


def _source(
    book: Book, result: Result, watchlist: Watchlist, rows: Sequence[Mapping[str, Any]]
) -> Sentence:
    """Whose estimates of which days the rows are valued on, the most frequent first."""
    used = Counter(
        f"{result.text(row, 'consensus_source', book.lang)} {row['consensus_day']}" for row in rows
    )
    facts = [f"{each} ({count})" if len(used) > 1 else each for each, count in used.most_common()]
    return say("Source {facts}", facts=" ".join((watchlist.provenance.publisher, ", ".join(facts))))


def _line(book: Book, result: Result) -> str:
    """What every sheet is of: the day, the prices, the order."""
    facts = (
        say("Price day {day}", day=result.price_day),
        say("Prices {prices}", prices=result.prices),
        say("Ranked by {metric}", metric=result.metrics[result.by].title),
        UNIT_NOTE,
        say("NM above {limit:,g}x", limit=result.nm_above) if result.nm_above else NOTHING,
    )
    return " · ".join(book.said(fact) for fact in facts if fact)
