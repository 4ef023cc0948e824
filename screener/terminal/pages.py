"""A name beside its peers, over the years, and what changed between two runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from screener.changes import COLUMNS as CHANGE_COLUMNS
from screener.history import BAND
from screener.model import PROBLEM_KINDS
from screener.terminal.console import WORDS, Shown, fitted, lines_of_kind, plain_table, word
from screener.terminal.result import figure

if TYPE_CHECKING:
    from screener.changes import Changes
    from screener.comps import Comparison
    from screener.history import Band
    from screener.screening import Result
    from screener.store import KeptRun

# What small charts are drawn with, and how long they are.
BLOCKS = "▁▂▃▄▅▆▇█"


SPARK = 20


def comps_page(found: Comparison, result: Result, lang: str, width: int) -> RenderableType:
    """One name beside its peers: the spread of each metric, implied prices, its own past."""
    row = found.row
    price = result.columns["price"]
    shown = "n/a" if row["price"] is None else f"{price.show(row['price'])} {row['price_currency']}"
    title = f"{row['symbol']} {row['name']} · {shown} · {result.price_day}"
    heads = ("own", "low", "lower_quartile", "median", "upper_quartile", "high")
    labels = [word("metric", lang), *(word(head, lang) for head in (*heads, "premium"))]
    lines = [
        [
            each.metric.label(lang),
            figure(row, each.metric),
            *(_or_dash(getattr(each, head), each.metric.show) for head in heads[1:]),
            _or_dash(each.premium, "{:+.1%}".format),
        ]
        for each in found.spreads
    ]
    columns = [
        Shown(label, [line[at] for line in lines], "left" if at == 0 else "right")
        for at, label in enumerate(labels)
    ]
    # Of two quartiles one alone would mislead.
    if sum(column.width + 1 for column in columns) > width:
        columns = [columns[at] for at in (0, 1, 2, 4, 6, 7)]
    spread = fitted(title, columns, (), width)
    implied = plain_table(word("implied", lang))
    for at, head in enumerate(("metric", "at", "multiple", "price", "upside")):
        implied.add_column(f"{word(head, lang)} ", justify="left" if at < 2 else "right")
    for case in found.implied:
        implied.add_row(
            f"{case.metric.label(lang)} ",
            f"{word(case.at, lang)} ",
            f"{case.metric.show(case.multiple)} ",
            f"{price.show(case.price)} ",
            _or_dash(case.upside, "{:+.1%}".format),
        )
    names = ", ".join(f"{peer['symbol']} {peer['name']}" for peer in found.peers)
    notes = [f"{word('peers', lang)} ({len(found.peers)}): {names}", _past_line(found, lang)]
    return Group(spread, Text(), implied, Text(), Text("\n".join(notes)))


def _past_line(found: Comparison, lang: str) -> str:
    past = found.past
    if past is None:
        return word("no_past", lang)
    figures = f"{past.low:+.1%} / {past.median:+.1%} / {past.high:+.1%}"
    place = (
        "" if past.percentile is None else f" · {word('percentile', lang)} {past.percentile:.0%}"
    )
    return f"{word('past', lang)} {past.first} – {past.last} (n = {past.n}): {figures}{place}"


def _or_dash(value: float | None, show: Callable[[float], str]) -> str:
    return "–" if value is None else show(value)


def history_page(bands: Sequence[Band], lang: str, width: int) -> RenderableType:
    """A line a name: P/E now, its place among the days, the band, and the years at a glance."""
    heads = ("now", "percentile_short", *(f"{at}%" for at in BAND), "days")
    rows = []
    for each in bands:
        last = "NM" if each.last is None else f"{each.last:.1f}x"
        standing = "–" if each.standing is None else f"{each.standing:.0%}"
        cuts = [f"{each.percentiles[at]:.1f}x" if at in each.percentiles else "–" for at in BAND]
        rows.append([last, standing, *cuts, str(len(each.days))])
    columns = [
        Shown(word("symbol", lang), [each.listing.symbol for each in bands], "left"),
        Shown(word("name", lang), [each.listing.name for each in bands], "left"),
        *(
            Shown(word(head, lang) if head in WORDS else head, [row[at] for row in rows])
            for at, head in enumerate(heads)
        ),
    ]
    chart = Shown(word("years", lang), [_spark(each.multiples, SPARK) for each in bands], "left")
    return fitted("", [*columns, chart], [columns[-1], chart], width)


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


def runs_table(runs: Sequence[KeptRun]) -> Table:
    """Every run that is kept, the oldest first."""
    table = plain_table()
    for title in ("run", "at (UTC)", "price day", "prices", "by", "names", "watchlists"):
        right = title in ("run", "names")
        table.add_column(f"{title} ", justify="right" if right else "left", overflow="fold")
    for run in runs:
        cells = (
            str(run.number),
            f"{run.generated_at:%Y-%m-%d %H:%M}",
            str(run.price_day),
            run.prices,
            run.by,
            str(run.names),
            run.sectors.replace(",", " "),
        )
        table.add_row(*(Text(f"{cell} ") for cell in cells))
    return table


def changes_table(changes: Changes, lang: str, width: int) -> RenderableType:
    """What changed between two runs: moves first, then names and problems that came and went."""
    shown = {
        column.name: Shown(
            column.label(lang),
            ["–" if value is None else column.show(value) for value in changes.rows[column.name]],
            "left" if column.kind == "text" else "right",
        )
        for column in CHANGE_COLUMNS
    }
    first = [shown.pop(name) for name in ("symbol", "name", "rank_before", "rank", "rank_move")]
    rest = [shown[name] for name in ("pe_before", "pe", "pe_change", "from_price", "from_eps")]
    lines = [
        f"{mark} {' '.join(name)}" for mark, names in _came_and_went(changes) for name in names
    ]
    lines += [f"! {each}" for each in changes.said]
    for title, problems in (("+", changes.new_problems), ("−", changes.gone_problems)):
        for kind in PROBLEM_KINDS.values():
            of_kind = [each for each in problems if each.kind == kind.name]
            lines += [f"{title} {kind.severity}: {line}" for line in lines_of_kind(of_kind)]
    table = fitted("", [*first, *rest], rest[::-1], width)
    return Group(table, Text("\n".join(lines)))


def _came_and_went(changes: Changes) -> list[tuple[str, Sequence[tuple[str, str, str]]]]:
    return [("+", changes.came), ("−", changes.went)]
