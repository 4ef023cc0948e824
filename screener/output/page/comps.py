"""One name beside its peers as a page: the table, and the prices that the peers imply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screener.model.messages import say
from screener.output.comparison import comparison_table, comparison_title, past_line
from screener.output.page.charts import field_chart
from screener.output.page.document import Section, document, paragraphs, scrolling

if TYPE_CHECKING:
    from screener.screening.comps import Comparison
    from screener.screening.result import Result


def render_comps_page(found: Comparison, result: Result, lang: str) -> bytes:
    """The bytes of the page."""
    section = Section(
        "comps",
        say("Peers").said(lang),
        scrolling(comparison_table(found, result, lang)),
        [field_chart(found, result, lang)] if found.implied else [],
        paragraphs((past_line(found),), lang, "note"),
    )
    facts = say("Prices {prices}", prices=result.prices).said(lang)
    behind = result.staleness
    banner = behind.banner.said(lang) if behind else ""
    return document(comparison_title(found, result), [facts], [section], lang, banner)
