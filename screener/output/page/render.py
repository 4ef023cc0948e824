"""A result as a page: the answer first, a tab a sector, then problems, audit and sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from screener.audit.findings import KINDS
from screener.model.messages import say
from screener.model.problems import PROBLEM_KINDS, SEVERITIES, Severity
from screener.model.table import shown_table
from screener.output.changes import SINCE, change_lines
from screener.output.page.charts import sector_charts, sectors_chart
from screener.output.page.document import Section, document, listed, paragraphs, scrolling
from screener.output.page.tables import (
    best_table,
    ranking_table,
    sector_table,
    sectors_table,
    sources_table,
)
from screener.output.workbook.notes import AGGREGATE_NOTE, UNIT_NOTE

if TYPE_CHECKING:
    from screener.screening.result import Result


_GAPS = say("NM: a loss, no growth or above the limit; n/a: missing")
_PROBLEM_HEADS = (
    say("Severity"), say("Kind"), say("Symbol"), say("Where"), say("Message"),
)  # fmt: skip


def render_page(result: Result, lang: str) -> bytes:
    """The bytes of the page; the same result gives the same bytes."""
    title = say("Screen {day}", day=result.price_day).said(lang)
    facts = (
        say("Prices {prices}", prices=result.prices),
        say("Ranked by {metric}", metric=result.metrics[result.by].title),
        say("computed {time} UTC", time=f"{result.generated_at:%Y-%m-%d %H:%M}"),
        UNIT_NOTE,
    )
    line = " · ".join(each.said(lang) for each in facts)
    behind = result.staleness
    banner = behind.banner.said(lang) if behind else ""
    return document(title, [line, *result.where], [*_sections(result, lang)], lang, banner)


def _sections(result: Result, lang: str) -> Iterator[Section]:
    drawn = sectors_chart(result, lang)
    changes = result.changes
    since = listed(SINCE, change_lines(changes, lang), lang) if changes else ""
    yield Section(
        "summary",
        say("Summary").said(lang),
        _counts(result, lang) + scrolling(best_table(result, lang)) + since,
        [drawn] if drawn else [],
        scrolling(sectors_table(result, lang)) + paragraphs((_GAPS, AGGREGATE_NOTE), lang, "note"),
    )
    yield Section("ranking", say("Ranking").said(lang), scrolling(ranking_table(result, lang)))
    for number, watchlist in enumerate(result.watchlists, start=1):
        yield Section(
            f"sector-{number}",
            watchlist.provenance.label(lang),
            scrolling(sector_table(result, watchlist.name, lang)),
            [*sector_charts(result, watchlist.name, lang)],
            paragraphs((_GAPS,), lang, "note"),
        )
    yield Section("problems", say("Problems").said(lang), _problems(result, lang))
    yield Section("audit", say("Audit").said(lang), _findings(result, lang))
    yield Section("sources", say("Sources").said(lang), scrolling(sources_table(result, lang)))


def _counts(result: Result, lang: str) -> str:
    """How many errors and warnings there are, of the run and of the tables."""
    found = Counter(each.severity for each in result.problems)
    found += Counter(each.severity for each in result.findings)
    counted = [f"{name.said(lang)}: {found[severity]}" for severity, name in SEVERITIES.items()]
    return f'<p><a href="#problems">{escape(" · ".join(counted))}</a></p>'


def _problems(result: Result, lang: str) -> str:
    rows = [
        (
            each.severity,
            PROBLEM_KINDS[each.kind].label(lang),
            each.symbol,
            each.where,
            each.message.said(lang),
        )
        for each in result.problems
    ]
    return _by_severity(rows, lang)


def _findings(result: Result, lang: str) -> str:
    rows = [
        (
            each.severity,
            KINDS[each.kind].label(lang),
            each.symbol,
            f"{each.where} FY{each.fiscal_year}" if each.fiscal_year else each.where,
            each.message.said(lang),
        )
        for each in result.findings
    ]
    return _by_severity(rows, lang)


def _by_severity(rows: list[tuple[Severity, str, str, str, str]], lang: str) -> str:
    if not rows:
        return paragraphs((say("None"),), lang, "note")
    order = list(SEVERITIES)
    rows.sort(key=lambda row: order.index(row[0]))
    texts = [(SEVERITIES[severity].said(lang), *rest) for severity, *rest in rows]
    return scrolling(shown_table(_PROBLEM_HEADS, texts, lang), "long")
