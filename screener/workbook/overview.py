"""The sheet that is read first, and the one that says whether the workbook still holds together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from screener.aggregates import AGGREGATE_COLUMNS
from screener.inputsheet import FX_RATE, PRICE_DAY
from screener.schema import Column
from screener.symbols import exchange_of
from screener.workbook.book import HEADER_ROW, Book, Page, area_of, cell, fixed, serial
from screener.workbook.charts import sectors_chart
from screener.workbook.inputs import InputsPlace, fiscal_years
from screener.workbook.ranked import NO_STATISTIC, Block
from screener.workbook.texts import SourcesPlace

if TYPE_CHECKING:
    import polars as pl

    from screener.metrics import Metric
    from screener.screening import Result

LIGHT = "Check_Light"
_COUNTS = ("n", "n_nm", "n_missing")
_FIGURES = ("low", "median", "harmonic_mean", "aggregate", "high")
_AGGREGATES: Mapping[str, Column] = {column.name: column for column in AGGREGATE_COLUMNS}
_CHART_NUMBERS: Mapping[str, str] = {"multiple": '0.0"x"', "percent": "0.0%", "change": "0.0%"}
_LIGHTS: Mapping[str, tuple[str, str]] = {
    "OK": ("#C6EFCE", "#006100"),
    "EDITED": ("#FFEB9C", "#9C5700"),
    "CHECK": ("#FFC7CE", "#9C0006"),
}

Row = Mapping[str, Any]


def write_summary(
    book: Book, result: Result, page: Page, blocks: Mapping[str, Block], sources: SourcesPlace
) -> None:
    """The sectors' statistics, the light, where prices come from, and the sectors side by side."""
    table = _table(result)
    heads = [_sector_head(book), *(_head(book, result, *each) for each in table)]
    best = [book.word("cheapest"), book.word("names"), result.metrics[result.by].label(book.lang)]
    ages = [book.word("consensus_day"), book.word("consensus_age")]
    page.table_head(HEADER_ROW, dict(enumerate([*heads, *best, *ages])))
    for row, (sector, block) in enumerate(blocks.items(), start=HEADER_ROW + 1):
        page.text(row, 0, block.page.name, book.style("text", bold=True))
        for at, (statistic, metric) in enumerate(table, start=1):
            figures = block.figures.get(metric, {})
            _statistic(book, result, page, (row, at), block, statistic, metric, figures)
        _best(book, result, page, row, len(heads), block)
        _age(book, result, page, row, len(heads) + len(best), sector, sources)
    last = HEADER_ROW + len(blocks)
    _light(book, page, last + 2)
    bottom = _price_sources(book, result, page, last + 4, sources)
    for line in ("aggregate_note", "legend"):
        page.text(bottom, 0, book.word(line), book.style("note"), fits=False)
        bottom += 1
    page.set_widths(least=9)
    page.sheet.freeze_panes(HEADER_ROW + 1, 1)
    if blocks:
        _charts(book, result, page, table, last, bottom + 1)


def _table(result: Result) -> list[tuple[str, str]]:
    """The statistics that are shown of each sector, and the metric of each."""
    by_metric = [(statistic, result.by) for statistic in (*_COUNTS, *_FIGURES)]
    return [*by_metric, ("median", "eps_cagr")]


def _sector_head(book: Book) -> str:
    return _AGGREGATES["sector"].label(book.lang)


def _head(book: Book, result: Result, statistic: str, metric: str) -> str:
    unit = result.metrics[metric].unit.said(book.lang) if statistic in _FIGURES else ""
    if metric != result.by:
        unit = result.metrics[metric].label(book.lang)
    return _AGGREGATES[statistic].label(book.lang) + (f"\n({unit})" if unit else "")


def _statistic(
    book: Book,
    result: Result,
    page: Page,
    place: tuple[int, int],
    block: Block,
    statistic: str,
    metric: str,
    figures: Row,
) -> None:
    number = "integer" if statistic in _COUNTS else result.metrics[metric].format
    of_multiples = statistic in ("harmonic_mean", "aggregate")
    if of_multiples and not result.metrics[metric].earnings_yield:
        page.text(*place, NO_STATISTIC, book.style("note", align="right"))
        return
    value = figures.get(statistic, 0 if statistic in _COUNTS else None)
    linked = block.page.reference + block.statistic(statistic, metric)
    style = book.style("link", number, bold=statistic == "median" and metric == result.by)
    page.formula(*place, f"={linked}", NO_STATISTIC if value is None else value, style)


def _best(book: Book, result: Result, page: Page, row: int, column: int, block: Block) -> None:
    """The name that ranks first: its code, its name, its figure."""
    first = next((each for each in block.rows if each["rank"] == 1), None)
    ranks = block.outside_area("rank")
    number = result.metrics[result.by].format
    for at, (name, format_) in enumerate(
        (("symbol", "text"), ("name", "text"), (result.by, number)), start=column
    ):
        place = f"MATCH(1,{ranks},0)"
        formula = f'=IF(ISNUMBER({place}),INDEX({block.outside_area(name)},{place}),"–")'
        value = NO_STATISTIC if first is None else first[name]
        page.formula(row, at, formula, value, book.style("link", format_))
        if format_ == "text":
            page.fit(at, str(value))


def _age(
    book: Book,
    result: Result,
    page: Page,
    row: int,
    column: int,
    sector: str,
    sources: SourcesPlace,
) -> None:
    """The oldest consensus of a sector's rows, and how many days it is old: red if too many."""
    rows = result.table.filter(result.table["sector"] == sector)
    if not len(rows):
        return
    day = min(rows["consensus_day"].to_list())
    oldest = f"=MIN({sources.consensus_days[sector]})"
    page.formula(row, column, oldest, serial(day), book.style("link", "day"))
    page.fit(column, str(day))
    days = (result.price_day - day).days
    formula = f"={PRICE_DAY}-{cell(row, column)}"
    page.formula(row, column + 1, formula, days, book.style("computed", "integer"))
    old = book.workbook.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE"})
    page.sheet.conditional_format(
        row,
        column + 1,
        row,
        column + 1,
        {"type": "cell", "criteria": ">", "value": "=Consensus_Old_Days", "format": old},
    )


def _light(book: Book, page: Page, row: int) -> None:
    page.text(row, 0, book.word("check_light"), book.style("text", bold=True))
    page.formula(row, 1, f"={LIGHT}", "OK", book.style("light"))
    _coloured(book, page, row, 1, row, 1)


def _coloured(book: Book, page: Page, *area: int) -> None:
    for word, (background, font) in _LIGHTS.items():
        looks = book.workbook.add_format({"bg_color": background, "font_color": font})
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": looks}
        page.sheet.conditional_format(*area, rule)


def _price_sources(book: Book, result: Result, page: Page, top: int, sources: SourcesPlace) -> int:
    """How many rows have their price in which way, and of which days; returns the row below."""
    words = ("obtained", "rows", "first_day", "last_day")
    for at, word in enumerate(words):
        page.text(top, at, book.word(word), book.style("head"), fits=False)
    row = top
    days: dict[str, list[str]] = {}
    for each in result.table.sort("row").to_dicts():
        if each["price_time"] is not None:
            zone = exchange_of(each["symbol"]).zone
            day = each["price_time"].astimezone(zone).date().isoformat()
            days.setdefault(each["price_obtained"], []).append(day)
    for row, (obtained, of_days) in enumerate(days.items(), start=top + 1):
        page.text(row, 0, obtained, book.style("text"))
        formula = f"=COUNTIF({sources.obtained},{cell(row, 0)})"
        page.formula(row, 1, formula, len(of_days), book.style("link", "integer"))
        for at, day in ((2, min(of_days)), (3, max(of_days))):
            page.text(row, at, day, book.style("text", "text"))
    missing = result.table["price"].null_count()
    if missing:
        row += 1
        page.text(row, 0, book.word("missing"), book.style("text"))
        formula = f"=COUNTBLANK({sources.obtained})"
        page.formula(row, 1, formula, missing, book.style("link", "integer"))
    return row + 2


def _charts(
    book: Book,
    result: Result,
    page: Page,
    table: Sequence[tuple[str, str]],
    last: int,
    row: int,
) -> None:
    """The sectors side by side: what they cost, and beside it how they grow."""

    def cells(column: int) -> str:
        return page.reference + area_of(HEADER_ROW + 1, column, last, column)

    def series(metric: str, statistics: Sequence[str]) -> dict[str, str]:
        return {
            _AGGREGATES[name].label(book.lang): cells(1 + table.index((name, metric)))
            for name in statistics
        }

    metric, growth = result.metrics[result.by], result.metrics["eps_cagr"]
    shown = ("median", "harmonic_mean", "aggregate") if metric.earnings_yield else ("median",)
    charts = {metric.name: (metric, shown), growth.name: (growth, ("median",))}
    drawn = [(each, names) for each, names in charts.values() if _has_median(result, each)]
    for place, (each, statistics) in enumerate(drawn):
        chart = sectors_chart(
            book,
            each.label(book.lang),
            cells(0),
            series(each.name, statistics),
            _CHART_NUMBERS.get(each.format, "0.00"),
        )
        page.sheet.insert_chart(row, 0, chart, {"x_offset": place * (chart.width + 20)})


def _has_median(result: Result, metric: Metric) -> bool:
    of_metric = result.sectors.filter(result.sectors["metric"] == metric.name)
    return bool(of_metric["median"].count())


@dataclass(frozen=True, slots=True)
class _Check:
    """One line of Checks: two formulas that should agree, and the values they have now."""

    what: str
    live: str
    expected: str
    live_value: float | str
    expected_value: float | str
    number: str
    kind: Literal["integrity", "unchanged"]


def write_checks(
    book: Book,
    result: Result,
    page: Page,
    blocks: Mapping[str, Block],
    ranking: Block,
    inputs: InputsPlace,
) -> None:
    """What must always hold, and what holds until an input is changed; one light over all."""
    words = ("check", "live", "expected", "status")
    page.table_head(HEADER_ROW, {at: book.word(word) for at, word in enumerate(words)})
    row = HEADER_ROW + 1
    first = row
    checks = [
        *_integrity(book, result, blocks, ranking, inputs),
        *_unchanged(book, result, blocks, inputs),
    ]
    kind = ""
    for check in checks:
        if check.kind != kind:
            kind = check.kind
            page.text(row, 0, book.word(kind), book.style("statistic", bold=True), fits=False)
            for column in (1, 2, 3):
                page.number(row, column, None, book.style("statistic"))
            row += 1
        _write_check(book, page, row, check)
        row += 1
    last = row - 1
    statuses = area_of(first, 3, last, 3)
    page.text(row + 1, 0, book.word("overall"), book.style("text", bold=True))
    formula = (
        f'=IF(COUNTIF({statuses},"CHECK")>0,"CHECK",IF(COUNTIF({statuses},"EDITED")>0,'
        '"EDITED","OK"))'
    )
    page.formula(row + 1, 3, formula, "OK", book.style("light"))
    book.name(LIGHT, page, (row + 1, 3), (row + 1, 3))
    _coloured(book, page, first, 3, row + 1, 3)
    for column in (1, 2, 3):
        page.fit(column, "000,000,000.00")
    page.set_widths(widest=80)
    page.sheet.freeze_panes(HEADER_ROW + 1, 0)
    page.sheet.repeat_rows(HEADER_ROW)


def _write_check(book: Book, page: Page, row: int, check: _Check) -> None:
    page.text(row, 0, check.what, book.style("text"))
    page.formula(row, 1, f"={check.live}", check.live_value, book.style("link", check.number))
    if check.kind == "unchanged" and not isinstance(check.expected_value, str):
        page.number(row, 2, check.expected_value, book.style("note", check.number))
    elif check.kind == "unchanged":
        page.text(row, 2, str(check.expected_value), book.style("note"))
    else:
        style = book.style("link", check.number)
        page.formula(row, 2, f"={check.expected}", check.expected_value, style)
    live, expected = fixed(row, 1), fixed(row, 2)
    fault = "CHECK" if check.kind == "integrity" else "EDITED"
    formula = (
        f'=IF(ISERROR({live}),"CHECK",IF(ISNUMBER({live})*ISNUMBER({expected}),'
        f"IF(ABS({live}-{expected})<=Tolerance*MAX(1,ABS({expected})),"
        f'"OK","{fault}"),IF({live}={expected},"OK","{fault}")))'
    )
    page.formula(row, 3, formula, "OK", book.style("light"))


def _integrity(
    book: Book,
    result: Result,
    blocks: Mapping[str, Block],
    ranking: Block,
    inputs: InputsPlace,
) -> Iterator[_Check]:
    rows = len(result.table)
    prices = result.table["price"].count()

    def check(
        zh: str, en: str, live: str, expected: str, value: float, expected_value: float
    ) -> _Check:
        what = zh if book.lang == "zh" else en
        return _Check(what, live, expected, value, expected_value, "integer", "integrity")

    key, price = inputs.columns["key"], inputs.columns["price"]
    shown = "+".join(f"COUNTA({each.outside_area('symbol')})" for each in blocks.values())
    yield check("各表行数 = 输入行数", "Rows of the sheets = rows of Inputs",
                shown or "0", f"COUNTA({key})", rows, rows)  # fmt: skip
    yield check("排名表行数 = 输入行数", "Rows of Ranking = rows of Inputs",
                f"COUNTA({ranking.outside_area('symbol')})", f"COUNTA({key})",
                rows, rows)  # fmt: skip
    if rows:
        once = f"SUMPRODUCT((MATCH({key},{key},0)=ROW({key})-MIN(ROW({key}))+1)*1)"
        yield check("每个代码在每表只出现一次", "Every symbol stands once a sheet",
                    once, f"ROWS({key})", rows, rows)  # fmt: skip
    yield check("价格均为正数", "Every price that is typed is a positive number",
                f'COUNTIF({price},">0")', f"COUNTA({price})", prices, prices)  # fmt: skip
    rates = len(_rates(result))
    yield check("汇率均为正数", "Every rate that is typed is a positive number",
                f'COUNTIF({FX_RATE},">0")', f"COUNTA({FX_RATE})", rates, rates)  # fmt: skip
    for block in blocks.values():
        name, figures = block.page.name, block.figures.get(result.by, {})
        n = figures.get("n", 0)
        counts = "+".join(
            block.page.reference + block.statistic(each, result.by) for each in _COUNTS
        )
        symbols = f"COUNTA({block.outside_area('symbol')})"
        yield check(f"{name}：有效 + NM + 缺失 = 行数", f"{name}: n + NM + missing = rows",
                    counts, symbols, len(block.rows), len(block.rows))  # fmt: skip
        count = f"COUNT({block.outside_area(result.by)})"
        yield check(f"{name}：名次之和 = n(n+1)/2", f"{name}: ranks sum to n(n+1)/2",
                    f"SUM({block.outside_area('rank')})", f"{count}*({count}+1)/2",
                    n * (n + 1) // 2, n * (n + 1) // 2)  # fmt: skip
        errors = area_of(block.first, 0, max(block.statistics.values()), block.shown - 1)
        yield check(f"{name}：无公式错误", f"{name}: no formula in error",
                    f"SUMPRODUCT(ISERROR({block.page.reference}{errors})*1)", "0",
                    0, 0)  # fmt: skip
    total = result.table["rank_all"].count()
    count = f"COUNT({ranking.outside_area('once')})"
    yield check("总名次之和 = n(n+1)/2", "Ranks of all sum to n(n+1)/2",
                f"SUM({ranking.outside_area('rank_all')})", f"{count}*({count}+1)/2",
                total * (total + 1) // 2, total * (total + 1) // 2)  # fmt: skip


def _rates(result: Result) -> pl.Series:
    """The exchange rates that Inputs holds, one a pair, in the order of the rows."""
    pair = ["price_currency", "eps_currency"]
    table = result.table.sort("row")
    used = table.filter(table["price_currency"] != table["eps_currency"]).drop_nulls("fx")
    return used.unique(pair, keep="last", maintain_order=True)["fx"]


def _unchanged(
    book: Book, result: Result, blocks: Mapping[str, Block], inputs: InputsPlace
) -> Iterator[_Check]:
    metric = result.metrics[result.by]

    def check(zh: str, en: str, live: str, value: float | str, number: str) -> _Check:
        what = zh if book.lang == "zh" else en
        return _Check(what, live, "", value, value, number, "unchanged")

    for block in blocks.values():
        median = block.figures.get(result.by, {}).get("median")
        yield check(
            f"{block.page.name}：{metric.zh} 中位数",
            f"{block.page.name}: median {metric.en}",
            block.page.reference + block.statistic("median", result.by),
            NO_STATISTIC if median is None else median,
            metric.format,
        )
    caps = "+".join(f"SUM({block.outside_area('market_cap')})" for block in blocks.values())
    yield check("总市值（逐行相加，亿元）", "Total market cap of all rows (亿)",
                caps or "0", _sum(result, "market_cap"), "amount")  # fmt: skip
    yield check("输入：价格之和", "Inputs: sum of the prices",
                f"SUM({inputs.columns['price']})", _sum(result, "price"), "price")  # fmt: skip
    for year in fiscal_years(result):
        yield check(f"输入：EPS FY{year} 之和", f"Inputs: sum of EPS FY{year}",
                    f"SUM({inputs.columns[f'eps_{year}']})", _sum(result, f"eps_{year}"),
                    "eps")  # fmt: skip
    yield check("输入：汇率之和", "Inputs: sum of the rates",
                f"SUM({FX_RATE})", float(_rates(result).sum()), "rate")  # fmt: skip
    yield check(
        "输入：估值日", "Inputs: day of the valuation", PRICE_DAY, serial(result.price_day), "day"
    )


def _sum(result: Result, name: str) -> float:
    return float(result.table.sort("row")[name].sum())
