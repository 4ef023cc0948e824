"""A name beside its peers, over the years, and what changed between two runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from screener.market_data.band import BAND
from screener.model.messages import say
from screener.model.problems import PROBLEM_KINDS, SEVERITIES
from screener.model.table import Shown, ShownTable, shown_table
from screener.output.terminal.console import fitted, lines_of_kind
from screener.screening.changed import COLUMNS

if TYPE_CHECKING:
    from screener.market_data.band import Band
    from screener.screening.changed import Changes


# What small charts are drawn with, and how long they are.
BLOCKS = "▁▂▃▄▅▆▇█"

# A premium of a year in a line of 80 columns, beside its figures.
SPARK = 20


def history_page(bands: Sequence[Band], lang: str, width: int) -> RenderableType:
    """A line a name: P/E now, its place among the days, the band, and the years at a glance."""
    cuts = (say("{at}%", at=at) for at in BAND)
    heads = (
        say("Symbol"), say("Name"), say("Last"), say("Day"), say("Percentile"), *cuts, say("Days"),
        say("Over the years"),
    )  # fmt: skip
    rows = []
    for band in bands:
        last = band.gap if band.last is None else f"{band.last:.1f}x"
        standing = "–" if band.standing is None else f"{band.standing:.0%}"
        ends = [f"{band.percentiles[at]:.1f}x" if at in band.percentiles else "–" for at in BAND]
        day = str(band.days[-1]) if band.days else "–"
        name, spark = (band.listing.symbol, band.listing.name), _spark(band.multiples, SPARK)
        rows.append((*name, last, day, standing, *ends, str(band.count), spark))
    table = shown_table(heads, rows, lang, right=range(2, len(heads) - 1))
    # What is shown of the band lies evenly about its middle; the years at a glance go last.
    columns = table.columns
    return fitted(table, [columns[at] for at in (-2, 3, 5, -3, 6, -4, -1)], width)


def _spark(values: Sequence[float | None], length: int) -> str:
    """The values as so many blocks of rising height; a blank where there is none."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    step = len(values) / length
    text = ""
    for at in range(length):
        part = [each for each in values[int(at * step) : int((at + 1) * step)] if each is not None]
        if not part:
            text += " "
            continue
        height = (sum(part) / len(part) - low) / (high - low) if high > low else 0.5
        text += BLOCKS[min(len(BLOCKS) - 1, int(height * len(BLOCKS)))]
    return text


def changes_table(changes: Changes, lang: str, width: int) -> RenderableType:
    """What changed between two runs: moves first, then names and problems that came and went."""
    shown = {
        column.name: Shown(
            column.label(lang),
            ["–" if value is None else column.show(value) for value in changes.rows[column.name]],
            "left" if column.kind == "text" else "right",
        )
        for column in COLUMNS
    }
    first = [shown.pop(name) for name in ("symbol", "name", "rank_before", "rank", "rank_move")]
    rest = [shown[name] for name in ("pe_before", "pe", "pe_change", "from_price", "from_eps")]
    if (changes.rows["from_fx"] != 0).any():
        rest.insert(-1, shown["from_fx"])
    lines = [
        f"{mark} {' '.join(name)}" for mark, names in _came_and_went(changes) for name in names
    ]
    lines += [f"! {each.said(lang)}" for each in changes.said]
    for title, problems in (("+", changes.new_problems), ("−", changes.gone_problems)):
        for kind in PROBLEM_KINDS.values():
            of_kind = [problem for problem in problems if problem.kind == kind.name]
            severity = SEVERITIES[kind.severity].said(lang)
            lines += [f"{title} {severity}: {line}" for line in lines_of_kind(of_kind, lang)]
    table = fitted(ShownTable((*first, *rest)), rest, width)
    return Group(table, Text("\n".join(lines)))


def _came_and_went(changes: Changes) -> list[tuple[str, Sequence[tuple[str, str, str]]]]:
    return [("+", changes.came), ("−", changes.went)]
