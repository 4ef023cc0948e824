"""A result as tables and lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from screener.changes import COLUMNS as CHANGE_COLUMNS
from screener.composite import weights
from screener.consensus import period_end
from screener.history import BAND
from screener.metrics import Metric
from screener.model import PROBLEM_KINDS, SEVERITIES, Listing, Problem, Vintage
from screener.quotes import OLD_AFTER_DAYS
from screener.symbols import exchange_of
from screener.vintages import Judged, Revision, choose

if TYPE_CHECKING:
    import polars as pl

    from screener.audit import Finding
    from screener.changes import Changes
    from screener.comps import Comparison
    from screener.config import Preset
    from screener.diagnosis import Finding as Diagnosis
    from screener.history import Band
    from screener.importing import Draft
    from screener.schema import Column
    from screener.screening import Result
    from screener.store import KeptRun, Stored
    from screener.upkeep import Refreshed
    from screener.watchlist import Watchlist

# What a sector's table shows beside rank, code, name and price; the ranking metric stands first.
SHOWN = ("pe_fy1", "pe_ntm", "peg", "eps_cagr", "pe_vs_sector")
AGGREGATES_SHOWN = (
    "n",
    "n_nm",
    "n_missing",
    "low",
    "lower_quartile",
    "median",
    "upper_quartile",
    "high",
    "harmonic_mean",
    "aggregate",
)
# What a narrow terminal goes without.
DROPPED_FIRST = ("lower_quartile", "upper_quartile", "n_missing", "low", "high")
# Rank, range, code, name, price and the metric that ranks are always shown.
LEAST_COLUMNS = 6
# How many symbols a line of problems names before it only counts.
NAMED = 6

# Marks of prices that were obtained in another way than most, and what they mean.
_MARKS: Mapping[str, tuple[str, str, str]] = {
    "report": ("ʳ", "报告价", "the report's price"),
    "cached": ("ˢ", "存储价", "a stored price"),
    "file": ("ᶠ", "文件价", "a price of a file"),
    "delayed": ("ᵈ", "延迟价", "a delayed price"),
}
OLD_MARK = "!"
# What small charts are drawn with, and how long they are.
BLOCKS = "▁▂▃▄▅▆▇█"
SPARK = 20
# How long a bar of a premium is at most.
BAR = 5

_WORDS: Mapping[str, tuple[str, str]] = {
    "range": ("区间", "Range"),
    "by": ("按", "by"),
    "price_day": ("估值日", "price day"),
    "names": ("只", "names"),
    "more": ("只未列出，见工作簿", "more in the workbook"),
    "sectors": ("行业统计", "Sectors"),
    "bar": ("折价│溢价", "below│above"),
    "metric": ("指标", "Metric"),
    "now": ("现值", "Now"),
    "percentile_short": ("分位", "Percentile"),
    "days": ("天数", "Days"),
    "symbol": ("代码", "Symbol"),
    "name": ("名称", "Name"),
    "years": ("走势", "Over the years"),
    "own": ("本股", "Own"),
    "low": ("最低", "Low"),
    "lower_quartile": ("25%", "25%"),
    "median": ("中位数", "Median"),
    "upper_quartile": ("75%", "75%"),
    "high": ("最高", "High"),
    "premium": ("溢价", "Premium"),
    "implied": ("按同业倍数的隐含价", "Prices implied by the peers' multiples"),
    "at": ("取", "At"),
    "multiple": ("倍数", "Multiple"),
    "price": ("价格", "Price"),
    "upside": ("空间", "Upside"),
    "peers": ("同业", "Peers"),
    "past": ("历次运行的溢价 低/中/高", "Premium in earlier runs, low/median/high"),
    "no_past": ("尚无历次运行的溢价", "No premium of earlier runs is kept yet"),
    "percentile": ("现处分位", "now at percentile"),
    "old": ("价格超过十日", "a price of more than ten days ago"),
    "consensus": ("一致预期", "Consensus"),
    "legend": (
        "NM: 亏损或不增长，不参与排名 · n/a: 缺数据 · 区间: EPS舍入所容许的名次",
        "NM: a loss or no growth, not ranked · n/a: missing · Range: if EPS were rounded",
    ),
}


def console(*, error: bool = False, width: int | None = None) -> Console:
    """A console that shows text as it is: no markup, no emoji, no guessing at numbers."""
    return Console(
        width=width, stderr=error, markup=False, emoji=False, highlight=False, soft_wrap=False
    )


def result_tables(result: Result, lang: str, top: int | None, width: int) -> RenderableType:
    """The ranked table of each sector, the sectors' statistics, and the legend, so wide at most."""
    parts: list[RenderableType] = []
    for watchlist in result.watchlists:
        rows = result.table.filter(result.table["sector"] == watchlist.name).to_dicts()
        parts += [_sector_table(result, watchlist, rows[:top], lang, width)]
        if top is not None and len(rows) > top:
            parts.append(Text(f"  + {len(rows) - top} {_word('more', lang)}", style="dim"))
        parts.append(Text())
    lines = [_prices_line(result, lang), _consensus_line(result, lang), _word("legend", lang)]
    marks = [
        f"{mark}: {_MARKS[name][1 if lang == 'zh' else 2]}" for name, mark in _marks(result).items()
    ]
    if (result.table["price_age_days"] > OLD_AFTER_DAYS).any():
        marks.append(f"{OLD_MARK}: {_word('old', lang)}")
    legend = "\n".join([*lines, *filter(None, [" · ".join(marks)])])
    return Group(*parts, _aggregates_table(result, lang, width), Text(legend, style="dim"))


def print_problems(terminal: Console, problems: Sequence[Problem], lang: str) -> None:
    """Print the problems grouped by kind, the worst kinds first; equal messages share a line.

    On a terminal lines are folded; into a pipe or a file each problem is one line, to be searched.
    """
    kinds = sorted(PROBLEM_KINDS.values(), key=lambda kind: SEVERITIES.index(kind.severity))
    for kind in kinds:
        of_kind = [problem for problem in problems if problem.kind == kind.name]
        if of_kind:
            title = kind.zh if lang == "zh" else kind.en
            style = {"error": "bold red", "warning": "yellow", "note": "dim"}[kind.severity]
            terminal.print(Text(f"{kind.severity}: {title} ({len(of_kind)})", style=style))
        for line in _lines_of_kind(of_kind):
            if terminal.is_terminal:
                terminal.print(Padding(Text(line), (0, 0, 0, 2)))
            else:
                terminal.print(Text(f"  {line}"), soft_wrap=True)


def _lines_of_kind(problems: Sequence[Problem]) -> Iterable[str]:
    by_message = sorted(problems, key=lambda problem: problem.message)
    shared = {
        message: list(group) for message, group in groupby(by_message, lambda each: each.message)
    }
    for message in dict.fromkeys(problem.message for problem in problems):
        same = shared[message]
        symbols = list(dict.fromkeys(problem.symbol for problem in same if problem.symbol))
        names = symbols or list(dict.fromkeys(problem.where for problem in same))
        named = ", ".join(names[:NAMED])
        rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        where = f"{same[0].where}: " if len(same) == 1 and symbols else ""
        yield f"{where}{named}{rest}: {message}"


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr of how many prices have come, where stderr is a terminal."""
    terminal = console(error=True)
    if not (shown and terminal.is_terminal):
        yield None
        return
    with Progress(console=terminal, transient=True) as progress:
        task = progress.add_task("prices", total=None)
        yield lambda come, of: progress.update(task, completed=come, total=of)


def known_table(known: Mapping[str, Sequence[Stored]]) -> Table:
    """What prices are known of each symbol."""
    table = _table()
    for title in ("symbol", "price ", "ccy", "market time", "source", "fetched (UTC)"):
        table.add_column(title, justify="right" if title == "price " else "left", no_wrap=True)
    for symbol, quotes in known.items():
        zone = exchange_of(symbol).zone
        for each in quotes:
            table.add_row(
                symbol,
                f"{each.quote.price:,.2f}",
                each.quote.currency,
                f"{each.quote.market_time.astimezone(zone):%Y-%m-%d %H:%M}",
                each.quote.source,
                f"{each.fetched_at:%Y-%m-%d %H:%M}",
            )
        if not quotes:
            table.add_row(symbol, "n/a", "", "", "nothing is stored", "")
    return table


def vintages_table(histories: Mapping[Listing, Sequence[Judged]], today: date) -> RenderableType:
    """Every vintage of each listing, the oldest first, and what has become of it."""
    return Group(*(_history_table(row, judged, today) for row, judged in histories.items()))


def _history_table(row: Listing, judged: Sequence[Judged], today: date) -> RenderableType:
    years = sorted({year for each in judged for year in each.vintage.years})
    used = choose(judged, "latest", today)
    table = _table(f"{row.symbol} {row.name} · {row.sector}")
    table.add_column("day", no_wrap=True)
    table.add_column("source", overflow="fold")
    table.add_column("ccy", no_wrap=True)
    for year in years:
        over = "*" if period_end(year, row.fiscal_year_end) < today else ""
        table.add_column(f" FY{year}{over}", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    remarks = []
    for each in judged:
        vintage = each.vintage
        mark = " doubt" if each.doubt else " used" if vintage == used else ""
        figures = (_eps_of(vintage, year) for year in years)
        currency = vintage.currency or "?"
        table.add_row(f"{vintage.as_of} ", Text(f"{vintage.source} "), currency, *figures, mark)
        if said := "; ".join(filter(None, (each.doubt, vintage.note, _analysts(vintage)))):
            remarks.append(f"  {vintage.as_of} {vintage.source}: {said}")
    return Group(table, Text("\n".join([*remarks, ""])))


def _analysts(vintage: Vintage) -> str:
    counts = sorted({each.analysts for each in vintage.estimates if each.analysts})
    return (
        f"{'–'.join(map(str, dict.fromkeys((counts[0], counts[-1]))))} analysts" if counts else ""
    )


def _eps_of(vintage: Vintage, year: int) -> str:
    estimate = vintage.of(year)
    return f" {estimate.eps:.4g}" if estimate else "–"


def refreshed_table(refreshed: Iterable[Refreshed]) -> Table:
    """What an update brought for each listing: source, and each year's EPS with its change."""
    table = _table()
    for title in ("symbol", "name", "source", "ccy"):
        table.add_column(title, no_wrap=True)
    table.add_column(" EPS, and its change", overflow="fold")
    for each in refreshed:
        name = Text(f"{each.listing.name} ")
        if each.new is None:
            table.add_row(f"{each.listing.symbol} ", name, "–", "", " nothing new")
            continue
        vintage = each.new.vintage
        source = Text(f"{vintage.source} ")
        figures = _revised(vintage, each.revisions) + (
            " in doubt, not used" if each.new.doubt else ""
        )
        table.add_row(
            f"{each.listing.symbol} ", name, source, vintage.currency or "?", f" {figures}"
        )
    return table


def _revised(vintage: Vintage, revisions: Sequence[Revision]) -> str:
    changes = {each.fiscal_year: each.change for each in revisions}
    parts = []
    for each in vintage.estimates:
        change = changes.get(each.fiscal_year)
        shown = f" ({change:+.1%})" if change is not None else ""
        parts.append(f"FY{each.fiscal_year} {each.eps:.4g}{shown}")
    return "  ".join(parts)


def revisions_table(
    changes: Mapping[Listing, tuple[Vintage, Vintage, Sequence[Revision]]],
) -> Table:
    """What changed between two vintages of each listing, year by year."""
    years = sorted({each.fiscal_year for *_, found in changes.values() for each in found})
    table = _table()
    for title in ("symbol", "name", "from", "to"):
        table.add_column(title, no_wrap=True)
    for year in years:
        table.add_column(f" FY{year}", justify="right", no_wrap=True)
    for row, (old, new, found) in changes.items():
        by_year = {each.fiscal_year: each for each in found}
        days = (f"{old.as_of} ", f"{new.as_of} ")
        cells = [_change(by_year.get(year)) for year in years]
        table.add_row(f"{row.symbol} ", Text(f"{row.name} "), *days, *cells)
    return table


def _change(revision: Revision | None) -> str:
    if revision is None:
        return "–"
    if revision.change is None:
        return " NM"
    return f" {revision.change:+.1%}"


def diagnosis_table(findings: Iterable[Diagnosis]) -> Table:
    """What was looked at, and how it is."""
    table = _table()
    table.add_column("what", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("seen", overflow="fold")
    for finding in findings:
        mark = "ok" if finding.is_fine else "no"
        table.add_row(finding.what, mark, Text(finding.seen))
    return table


def watchlist_table(watchlists: Sequence[Watchlist]) -> Table:
    """What watchlists there are: their size, day and source."""
    table = _table()
    for title in ("watchlist", "rows", "as of", "consensus", "source"):
        table.add_column(title, justify="right" if title == "rows" else "left")
    for each in watchlists:
        origin = each.provenance
        source = f"{origin.publisher} {origin.published or ''}".strip()
        number = f" table {origin.table}" if origin.table else ""
        table.add_row(
            Text(f"{each.name} {origin.label_zh}"),
            str(len(each.listings)),
            origin.as_of.isoformat(),
            Text(origin.consensus),
            Text(source + number),
        )
    return table


def findings_table(findings: Sequence[Finding]) -> Table:
    """What the printed tables get wrong, the worst first."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("severity", no_wrap=True)
    table.add_column("symbol", no_wrap=True)
    table.add_column(f"finding ({len(findings)})", overflow="fold")
    for each in sorted(findings, key=lambda each: SEVERITIES.index(each.severity)):
        style = {"error": "bold red", "warning": "yellow", "note": "dim"}[each.severity]
        message = f"{each.kind} · {each.sector} · {each.message}"
        table.add_row(Text(each.severity, style=style), each.symbol, Text(message))
    return table


def drafts_table(drafts: Sequence[Draft]) -> Table:
    """The valuation tables that a document holds."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for title in ("table", "watchlist", "rows", "years", "sure", "caption"):
        table.add_column(title, justify="right" if title == "rows" else "left", overflow="fold")
    for each in drafts:
        years = f"{each.years[0]}–{each.years[-1]}" if each.years else "–"
        number = str(each.facts.get("table", each.number))
        rows = str(len(each.lines))
        caption = Text(each.caption or each.where)
        table.add_row(number, Text(each.name), rows, years, each.confidence, caption)
    return table


def guesses(drafts: Sequence[Draft]) -> Text:
    """What was guessed of each table, as it is written down with it."""
    lines = [f"guessed in {draft.name}: {'; '.join(draft.guessed)}" for draft in drafts]
    return Text("\n".join(lines), style="yellow")


def printed_table(watchlist: Watchlist) -> Table:
    """The figures of one watchlist as they are printed."""
    years = sorted({year.fiscal_year for row in watchlist.listings for year in row.years})
    table = _table()
    table.add_column("symbol", no_wrap=True)
    table.add_column("name", no_wrap=True)
    table.add_column("cap 亿", justify="right")
    for title in (*(f"EPS {year}" for year in years), *(f"P/E {year}" for year in years)):
        table.add_column(title, justify="right")
    table.add_column("ccy")
    for row in watchlist.listings:
        by_year = {year.fiscal_year: year for year in row.years}
        figures = [by_year[year].eps for year in years] + [by_year[year].pe for year in years]
        texts = [figure.text if figure else "–" for figure in figures]
        cap = "–" if row.market_cap is None else f"{row.market_cap:,.2f}"
        table.add_row(row.symbol, Text(row.name), cap, *texts, row.eps_currency)
    return table


def comps_page(found: Comparison, result: Result, lang: str, width: int) -> RenderableType:
    """One name beside its peers: the spread of each metric, implied prices, its own past."""
    row = found.row
    price = result.columns["price"]
    shown = "n/a" if row["price"] is None else f"{price.show(row['price'])} {row['price_currency']}"
    title = f"{row['symbol']} {row['name']} · {shown} · {result.price_day}"
    heads = ("own", "low", "lower_quartile", "median", "upper_quartile", "high")
    labels = [_word("metric", lang), *(_word(head, lang) for head in (*heads, "premium"))]
    lines = [
        [
            each.metric.label(lang),
            _figure(row, each.metric),
            *(_or_dash(getattr(each, head), each.metric.show) for head in heads[1:]),
            _or_dash(each.premium, "{:+.1%}".format),
        ]
        for each in found.spreads
    ]
    columns = [
        _Shown(label, [line[at] for line in lines], "left" if at == 0 else "right")
        for at, label in enumerate(labels)
    ]
    # Of two quartiles one alone would mislead.
    if sum(column.width + 1 for column in columns) > width:
        columns = [columns[at] for at in (0, 1, 2, 4, 6, 7)]
    spread = _fitted(title, columns, (), width)
    implied = _table(_word("implied", lang))
    for at, word in enumerate(("metric", "at", "multiple", "price", "upside")):
        implied.add_column(f"{_word(word, lang)} ", justify="left" if at < 2 else "right")
    for case in found.implied:
        implied.add_row(
            f"{case.metric.label(lang)} ",
            f"{_word(case.at, lang)} ",
            f"{case.metric.show(case.multiple)} ",
            f"{price.show(case.price)} ",
            _or_dash(case.upside, "{:+.1%}".format),
        )
    names = ", ".join(f"{peer['symbol']} {peer['name']}" for peer in found.peers)
    notes = [f"{_word('peers', lang)} ({len(found.peers)}): {names}", _past_line(found, lang)]
    return Group(spread, Text(), implied, Text(), Text("\n".join(notes)))


def _past_line(found: Comparison, lang: str) -> str:
    past = found.past
    if past is None:
        return _word("no_past", lang)
    figures = f"{past.low:+.1%} / {past.median:+.1%} / {past.high:+.1%}"
    place = (
        "" if past.percentile is None else f" · {_word('percentile', lang)} {past.percentile:.0%}"
    )
    return f"{_word('past', lang)} {past.first} – {past.last} (n = {past.n}): {figures}{place}"


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
        _Shown(_word("symbol", lang), [each.listing.symbol for each in bands], "left"),
        _Shown(_word("name", lang), [each.listing.name for each in bands], "left"),
        *(
            _Shown(_word(head, lang) if head in _WORDS else head, [row[at] for row in rows])
            for at, head in enumerate(heads)
        ),
    ]
    chart = _Shown(_word("years", lang), [_spark(each.multiples, SPARK) for each in bands], "left")
    return _fitted("", [*columns, chart], [columns[-1], chart], width)


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
    table = _table()
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
        column.name: _Shown(
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
            lines += [f"{title} {kind.severity}: {line}" for line in _lines_of_kind(of_kind)]
    table = _fitted("", [*first, *rest], rest[::-1], width)
    return Group(table, Text("\n".join(lines)))


def _came_and_went(changes: Changes) -> list[tuple[str, Sequence[tuple[str, str, str]]]]:
    return [("+", changes.came), ("−", changes.went)]


def presets_table(presets: Iterable[Preset]) -> Table:
    """Every preset: what it is for, its conditions, its metric."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False, show_lines=False)
    table.add_column("preset", no_wrap=True)
    table.add_column("for, conditions and metric", overflow="fold")
    for each in presets:
        lines = [each.about, *(f"--where '{condition}'" for condition in each.where)]
        lines += [f"--by {each.by}"] if each.by else []
        table.add_row(each.name, Text("\n".join(lines)))
    return table


def settings_table(rows: Iterable[tuple[str, str, str]]) -> Table:
    """Every setting: option, value, and where it comes from."""
    table = _table()
    for title in ("option", "value", "set by"):
        table.add_column(f"{title} ", overflow="fold")
    for row in rows:
        table.add_row(*(Text(f"{cell} ") for cell in row))
    return table


def columns_table(columns: Iterable[Column], lang: str) -> Table:
    """Every column of a result: its name, its type, what it means."""
    table = _table()
    for title in ("column", "type", "unit", "meaning"):
        table.add_column(f"{title} ", no_wrap=title == "column", overflow="fold")
    for each in columns:
        label = f"{each.label(lang)}: {each.meaning}"
        table.add_row(f"{each.name} ", f"{each.kind} ", Text(f"{each.unit} "), Text(label))
    return table


def metrics_table(metrics: Iterable[Metric], lang: str) -> Table:
    """Every metric: name, meaning, formula."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False, show_lines=False)
    table.add_column("metric", no_wrap=True)
    table.add_column("meaning and formula", overflow="fold")
    for metric in metrics:
        label = metric.label(lang)
        order = f" · {metric.best} first" if metric.best else " · not for ranking"
        table.add_row(metric.name, Text(f"{label}{order}\n{metric.meaning}\n= {metric.formula}"))
    return table


def _sector_table(
    result: Result, watchlist: Watchlist, rows: Sequence[Mapping[str, Any]], lang: str, width: int
) -> Table:
    price = result.columns["price"]
    marks = _marks(result)
    columns = [
        _Shown("#", [str(row["rank"] or "") for row in rows]),
        _Shown(_word("range", lang), [_range(row) for row in rows], justify="center"),
        _Shown(result.columns["symbol"].label(lang), [row["symbol"] for row in rows], "left"),
        _Shown(result.columns["name"].label(lang), [row["name"] for row in rows], "left"),
        _Shown(
            price.label(lang),
            [_marked(row, price, marks) for row in rows],
        ),
    ]
    for name in dict.fromkeys((result.by, *weights(result.metrics), *SHOWN)):
        metric = result.metrics[name]
        columns.append(_Shown(metric.label(lang), [_figure(row, metric) for row in rows]))
    columns.append(_Shown(_word("bar", lang), [_bar(row["pe_vs_sector"]) for row in rows], "left"))
    spare = columns[LEAST_COLUMNS:]
    return _fitted(_title(result, watchlist, lang), columns, spare[::-1], width)


def _fitted(
    title: str, columns: Sequence[_Shown], dropped_first: Sequence[_Shown], width: int
) -> Table:
    """The table of these columns, less those of `dropped_first` that it takes to fit the width.

    A figure is shown whole or not at all: what does not fit is in the workbook.
    """
    shown, droppable = list(columns), iter(dropped_first)
    while sum(column.width + 1 for column in shown) > width:
        victim = next(droppable, None)
        if victim is None:
            break
        shown = [column for column in shown if column is not victim]
    spare = width - sum(column.width + 1 for column in shown)
    table = _table(title)
    for column in shown:
        # What is left over goes to headings that would otherwise fold.
        more = max(0, min(spare, cell_len(column.title) - column.width))
        spare -= more
        table.add_column(
            column.title, justify=column.justify, overflow="fold", width=column.width + more
        )
    for cells in zip(*(column.cells for column in shown), strict=True):
        table.add_row(*map(Text, cells))
    return table


@dataclass(frozen=True, slots=True)
class _Shown:
    """A column of a table in a terminal: its heading may fold, its cells may not."""

    title: str
    cells: Sequence[str]
    justify: Literal["left", "center", "right"] = "right"

    @property
    def width(self) -> int:
        # Latin words stay whole, Chinese may break after any third character.
        words = [
            cell_len(word) if word.isascii() else min(cell_len(word), 6)
            for word in self.title.split()
        ]
        return max(*words, *map(cell_len, self.cells), 0)


def _title(result: Result, watchlist: Watchlist, lang: str) -> str:
    label = watchlist.provenance.label_zh if lang == "zh" else watchlist.provenance.label_en
    count = f"{len(watchlist.listings)} {_word('names', lang)}"
    by = f"{_word('by', lang)} {result.metrics[result.by].label(lang)}"
    day = f"{_word('price_day', lang)} {result.price_day}"
    return " · ".join((f"{label} {watchlist.name}", count, by, day))


def _marks(result: Result) -> Mapping[str, str]:
    """The marks that tell some prices from the others; none where all are of one kind."""
    found = set(result.table["price_obtained"].drop_nulls())
    return {} if len(found) < 2 else {name: _MARKS[name][0] for name in _MARKS if name in found}


def _marked(row: Mapping[str, Any], price: Column, marks: Mapping[str, str]) -> str:
    """A price, with a mark where it is not what the others are, or old."""
    if row["price"] is None:
        return "n/a"
    old = OLD_MARK if row["price_age_days"] > OLD_AFTER_DAYS else ""
    return f"{price.show(row['price'])}{marks.get(row['price_obtained'], '')}{old}"


def _bar(premium: float | None) -> str:
    """A premium as a bar to the right of a line, a discount as one to the left; 50 % is full."""
    if premium is None:
        return ""
    length = min(BAR, max(1, round(abs(premium) / 0.5 * BAR))) if premium else 0
    left = ("▆" * length if premium < 0 else "").rjust(BAR)
    return f"{left}│{'▆' * length if premium > 0 else ''}".ljust(2 * BAR + 1)


def plain_lines(result: Result, lang: str, top: int | None) -> Iterator[str]:
    """A heading and a line a name, cells separated by tabs, nothing cut: for other programs."""
    names = ("sector", "rank", "symbol", "name", "price", "price_currency", "price_obtained")
    shown = [*names, *dict.fromkeys((result.by, *weights(result.metrics), *SHOWN)), "status"]
    yield "\t".join(result.columns[name].label(lang) for name in shown)
    for watchlist in result.watchlists:
        rows = result.table.filter(result.table["sector"] == watchlist.name).to_dicts()
        for row in rows[:top]:
            yield "\t".join(_plain(row, result.columns[name]) for name in shown)


def _plain(row: Mapping[str, Any], column: Column) -> str:
    value = row[column.name]
    if value is None:
        return column.gap(row) if isinstance(column, Metric) else ""
    return " ".join(str(value).split())


def _range(row: Mapping[str, Any]) -> str:
    best, worst = row["rank_best"], row["rank_worst"]
    return "" if best == worst else f"{best}–{worst}"


def _figure(row: Mapping[str, Any], metric: Metric) -> str:
    value = row[metric.name]
    return metric.gap(row) if value is None else metric.show(value)


def _prices_line(result: Result, lang: str) -> str:
    """How many prices were obtained in which way, and of which days."""
    once = result.table.unique("symbol", keep="first", maintain_order=True)
    priced = once.filter(once["price"].is_not_null())
    parts = [
        f"{len(group)} {obtained} ({_days(group)})"
        for (obtained,), group in priced.group_by("price_obtained", maintain_order=True)
    ]
    missing = len(once) - len(priced)
    parts += [f"{missing} n/a"] if missing else []
    label = f"{result.columns['price'].label(lang)} {len(once)} {_word('names', lang)}"
    return f"{label}: " + (", ".join(parts) or "–")


def _consensus_line(result: Result, lang: str) -> str:
    """How many rows are valued on whose estimates, and of which days."""
    parts = []
    for (source,), group in result.table.group_by("consensus_source", maintain_order=True):
        days = sorted(set(group["consensus_day"].to_list()))
        span = str(days[0]) if len(days) == 1 else f"{days[0]} – {days[-1]}"
        parts.append(f"{len(group)} {source} ({span})")
    return f"{_word('consensus', lang)}: " + (", ".join(parts) or "–")


def _days(rows: pl.DataFrame) -> str:
    days = sorted(
        {
            row["price_time"].astimezone(exchange_of(row["symbol"]).zone).date()
            for row in rows.iter_rows(named=True)
        }
    )
    return str(days[0]) if len(days) == 1 else f"{days[0]} – {days[-1]}"


def _aggregates_table(result: Result, lang: str, width: int) -> Table:
    from screener.aggregates import AGGREGATE_COLUMNS

    columns = {column.name: column for column in AGGREGATE_COLUMNS}
    metric = result.metrics[result.by]
    labels = {
        each.name: each.provenance.label_zh if lang == "zh" else each.provenance.label_en
        for each in result.watchlists
    }
    rows = result.sectors.filter(result.sectors["metric"] == metric.name).to_dicts()
    sector = _Shown(columns["sector"].label(lang), [labels[row["sector"]] for row in rows], "left")
    shown = {
        name: _Shown(
            columns[name].label(lang),
            [_aggregate_cell(row[name], columns[name], metric) for row in rows],
        )
        for name in AGGREGATES_SHOWN
    }
    dropped_first = [shown[name] for name in DROPPED_FIRST]
    title = f"{_word('sectors', lang)} · {metric.label(lang)}"
    return _fitted(title, [sector, *shown.values()], dropped_first, width)


def _aggregate_cell(value: float | None, column: Column, metric: Metric) -> str:
    if value is None:
        return "–"
    return column.show(value) if column.kind == "integer" else metric.show(value)


def _table(title: str = "") -> Table:
    return Table(
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=0,
        show_edge=False,
    )


def _word(name: str, lang: str) -> str:
    return _WORDS[name][0 if lang == "zh" else 1]
