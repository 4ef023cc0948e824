"""The ranked sheets: a sector's names with live formulas and statistics, and all names together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from screener.aggregates import AGGREGATE_COLUMNS
from screener.composite import weights
from screener.inputsheet import FISCAL_YEARS, FX_PAIR, FX_RATE, PRICE_DAY, is_eps_of_year
from screener.metrics import TIE_DECIMALS, Metric
from screener.schema import FORMATS
from screener.workbook.book import HEADER_ROW, Book, Page, Role, area_of, cell, fixed, serial

if TYPE_CHECKING:
    from xlsxwriter.format import Format

    from screener.model import Listing
    from screener.screening import Result
    from screener.workbook.inputs import InputsPlace

Row = Mapping[str, Any]

# What a ranked sheet shows, in this order; `{year}` stands for one column a fiscal year.
SHOWN = (
    "rank",
    "rank_best",
    "rank_worst",
    "symbol",
    "name",
    "price",
    "price_currency",
    "eps_{year}",
    "pe_{year}",
    "fy1",
    "pe_fy1",
    "pe_low",
    "pe_high",
    "pe_ntm",
    "eps_cagr",
    "peg",
    "earnings_yield_fy1",
    "pe_vs_sector",
    "implied_price",
    "upside",
    "market_cap",
    "status",
)
# What a formula goes through on its way; folded away at the right of the sheet, before the
# metrics that are not shown and what the charts draw.
WORKINGS = (
    "at",
    "row",
    "eps_currency",
    "split_factor",
    "split_since_report",
    "eps_rounding",
    "cy_weight",
    "fx",
    "price_in_eps_currency",
    "fy1_end",
    "ntm_weight",
    "eps_fy1",
    "eps_fy2",
    "cagr_years",
    "eps_last",
    "eps_ntm",
    "eps_cy_{year}",
    "eps_report_{year}",
    "eps_report_fy1",
    "report_price",
    "market_cap_printed",
    "figure_low",
    "figure_high",
)
CHARTED = ("chart_growth", "chart_multiple", "chart_bar", "chart_median")
_CENTERED = ("rank", "rank_best", "rank_worst", "rank_all", "price_currency", "fy1")
# Workings that no frame has: headings of their own.
_HEADS: Mapping[str, tuple[str, str]] = {
    "at": ("输入行", "Inputs row"),
    "once": ("计一次", "Counted once"),
    "chart_growth": ("图 增速", "Chart x"),
    "chart_multiple": ("图 市盈率", "Chart y"),
    "chart_bar": ("图 柱", "Chart bar"),
    "chart_median": ("图 中位数", "Chart median"),
}
# The statistics under a block, as in the frame of aggregates.
STATISTICS = (
    "high",
    "upper_quartile",
    "mean",
    "median",
    "lower_quartile",
    "low",
    "harmonic_mean",
    "aggregate",
    "n",
    "n_nm",
    "n_missing",
    "n_aggregate",
)
NO_STATISTIC = "–"
_STATISTIC_FORMULAS: Mapping[str, str] = {
    "high": 'IF({n}>0,MAX({area}),"–")',
    "upper_quartile": 'IF({n}>0,QUARTILE({area},3),"–")',
    "mean": 'IF({n}>0,AVERAGE({area}),"–")',
    "median": 'IF({n}>0,MEDIAN({area}),"–")',
    "lower_quartile": 'IF({n}>0,QUARTILE({area},1),"–")',
    "low": 'IF({n}>0,MIN({area}),"–")',
    "harmonic_mean": 'IF({n}>0,HARMEAN({area}),"–")',
    "aggregate": "IF(SUMPRODUCT({caps},{yields})>0,SUMPRODUCT(ISNUMBER({caps})*ISNUMBER({yields}),"
    '{caps})/SUMPRODUCT({caps},{yields}),"–")',
    "n": "COUNT({area})",
    "n_nm": 'COUNTIF({area},"NM")',
    "n_missing": 'COUNTIF({area},"n/a")',
    "n_aggregate": "SUMPRODUCT(ISNUMBER({caps})*ISNUMBER({yields}))",
}

_LAST_YEAR = f"SUMPRODUCT(MAX(ISNUMBER({{eps_cells}})*{FISCAL_YEARS}))"
_FY1_ENDS = "MIN(DATE({year},{month},{day}),DATE({year},{month}+1,0))"
_MONTH, _DAY = (f"INDEX({{inputs[{name}]}},{{at}})" for name in ("year_end_month", "year_end_day"))
_PAIR = 'INDEX({inputs[price_currency]},{at})&"/"&INDEX({inputs[eps_currency]},{at})'


def _positive(column: str) -> str:
    """What stands in a column of Inputs, if it is a number above zero."""
    typed = f"INDEX({{inputs[{column}]}},{{at}})"
    return f'IF(N({typed})>0,{typed},"n/a")'


def _eps_of(year: str) -> str:
    place = f"MATCH({year},{FISCAL_YEARS},0)"
    return f'IF(ISNUMBER({place}),INDEX({{eps_cells}},{place}),"n/a")'


# The formulas of what is no metric. `{inputs[x]}` is a column of Inputs, `{eps_cells}` the row's
# EPS by year, another name in braces the cell of that column in the row.
_LOOKUPS: Mapping[str, str] = {
    "row": "INDEX({inputs[row]},{at})",
    "name": "INDEX({inputs[name]},{at})",
    "price": _positive("price"),
    "price_currency": 'IF(ISNUMBER({price}),INDEX({inputs[price_currency]},{at}),"")',
    "eps_currency": "INDEX({inputs[eps_currency]},{at})",
    "split_factor": _positive("split_factor"),
    "eps_rounding": "IF(ISNUMBER({split_factor}),"
    'INDEX({inputs[eps_rounding]},{at})/{split_factor},"n/a")',
    "split_since_report": _positive("split_since_report"),
    "report_price": _positive("report_price"),
    "market_cap_printed": _positive("market_cap_printed"),
    "fx": "IF(ISNUMBER({price}),IF(INDEX({inputs[price_currency]},{at})="
    f"INDEX({{inputs[eps_currency]}},{{at}}),1,IF(SUMIF({FX_PAIR},{_PAIR},{FX_RATE})>0,"
    f'SUMIF({FX_PAIR},{_PAIR},{FX_RATE}),"n/a")),"n/a")',
}
_EPS_LOOKUP = (
    "IF(ISNUMBER(INDEX({inputs[NAME]},{at}))*ISNUMBER({SPLIT}),"
    'INDEX({inputs[NAME]},{at})/{SPLIT},"n/a")'
)
# Of a fiscal year that ends in December, calendar year and fiscal year are one.
_CALENDAR_YEAR = "IF({cy_weight}<1,FOLLOWING,{eps_YEAR})"
_FOLLOWING = (
    "IF(ISNUMBER({eps_YEAR})*ISNUMBER({eps_NEXT}),"
    '{cy_weight}*{eps_YEAR}+(1-{cy_weight})*{eps_NEXT},"n/a")'
)
_COMPUTED: Mapping[str, str] = {
    "at": 'MATCH($A$1&"/"&{symbol},{inputs[key]},0)',
    "fy1": f"YEAR({PRICE_DAY})+IF({PRICE_DAY}>"
    + _FY1_ENDS.format(year=f"YEAR({PRICE_DAY})", month=_MONTH, day=_DAY)
    + ",1,0)",
    "fy1_end": _FY1_ENDS.format(year="{fy1}", month=_MONTH, day=_DAY),
    "ntm_weight": f"MIN(({{fy1_end}}-{PRICE_DAY})/Days_Per_Year,1)",
    "cy_weight": f"({_MONTH}-1+MIN(1,{_DAY}/DAY(DATE(1,{_MONTH}+1,0))))/Months_Per_Year",
    "eps_fy1": _eps_of("{fy1}"),
    "eps_fy2": _eps_of("{fy1}+1"),
    "eps_report_fy1": _eps_of("{fy1}").replace("eps_cells", "eps_report_cells"),
    "cagr_years": f'IF({_LAST_YEAR}>{{fy1}},{_LAST_YEAR}-{{fy1}},"n/a")',
    "eps_last": f"IF(ISNUMBER({{cagr_years}}),INDEX({{eps_cells}},MATCH({{fy1}}+{{cagr_years}},"
    f'{FISCAL_YEARS},0)),"n/a")',
    "status": 'IF(ISNUMBER({by}),"ranked",IF(ISNUMBER({price}),IF(ISNUMBER({fx}),'
    'IF({by}="n/a","no_estimate","nm"),"no_rate"),"no_price"))',
    "chart_growth": "N({eps_cagr})",
    "chart_multiple": "IF(ISNUMBER({pe_fy1})*ISNUMBER({eps_cagr}),{pe_fy1},NA())",
    "chart_bar": "IF(ISNUMBER({pe_fy1}),{pe_fy1},NA())",
    "chart_median": "IF(ISNUMBER({sector_median}),{sector_median},NA())",
}
# Who is better by the ranking figure; of equals who yields more, of those the first by symbol.
_PLACE = (
    "1+SUMPRODUCT(ISNUMBER({figures})*(({figures}BETTER{figure})+({figures}={figure})*"
    "(ISNUMBER({yields})*(({yields}>{yield})+1-ISNUMBER({yield}))+({yields}={yield})*"
    "({symbols}<{symbol}))))"
)
_RANK = f'IF(ISNUMBER({{figure}}),{_PLACE},"")'
# How many are better for sure; an end that is no number leaves everything open.
_RANK_BEST = (
    "IF(ISNUMBER({figure}),1+SUMPRODUCT(ISNUMBER({figures})*ISNUMBER({worst_ends})*"
    'ISNUMBER({best_end})*({worst_ends}BETTER{best_end})),"")'
)
# How many could be as good; who has any end could have a figure.
_RANK_WORST = (
    "IF(ISNUMBER({figure}),SUMPRODUCT(SIGN(ISNUMBER({figures})+ISNUMBER({best_ends})+"
    "ISNUMBER({worst_ends}))*(1-ISNUMBER({best_ends})*ISNUMBER({worst_end})*"
    '({best_ends}WORSE{worst_end}))),"")'
)
# A listing counts across sectors by the first of its rows that has a figure.
_ONCE = (
    "IF(ISNUMBER({figure}),IF(SUMPRODUCT(({symbols}={symbol})*ISNUMBER({all_figures})*"
    '({rows}<{row}))=0,ROUND({figure},Tie_Decimals),""),"")'
)


# Figures as ties are told by, without the noise of floating point; and those of the parts of a
# composite, where a listing counts once.
TIED, COUNTED = "tied_", "counted_"


@dataclass(frozen=True)
class Block:
    """The rows of one ranked sheet: which column and row everything stands in.

    `statistics` are the rows of the statistics, `figures` their values by metric.
    """

    page: Page
    rows: Sequence[Row]
    columns: Mapping[str, int]
    shown: int
    statistics: Mapping[str, int]
    figures: Mapping[str, Row]

    @property
    def first(self) -> int:
        return HEADER_ROW + 1

    @property
    def last(self) -> int:
        # A sheet without a name keeps one empty row, so that its ranges are ranges.
        return HEADER_ROW + max(len(self.rows), 1)

    def area(self, name: str) -> str:
        """The cells of a column, for formulas of this sheet."""
        return area_of(self.first, self.columns[name], self.last, self.columns[name])

    def outside(self, name: str, row: int) -> str:
        """One cell, for formulas of other sheets."""
        return self.page.reference + fixed(row, self.columns[name])

    def outside_area(self, name: str) -> str:
        """The cells of a column, for formulas of other sheets."""
        return self.page.reference + self.area(name)

    def statistic(self, statistic: str, name: str) -> str:
        """The cell of a statistic, for formulas of this sheet."""
        return fixed(self.statistics[statistic], self.columns[name])

    def cells(self, row: int) -> dict[str, str]:
        """The cells of one row by the name of their column."""
        return {name: cell(row, column) for name, column in self.columns.items()}


def sector_block(result: Result, page: Page, rows: Sequence[Row]) -> Block:
    """Where everything of a sector's sheet will stand."""
    shown = shown_columns(result)
    others = [name for name in result.metrics if name not in (*shown, *WORKINGS)]
    workings = [name for name in _by_year(WORKINGS, result) if name not in shown]
    rounded = [TIED + name for name in _tied(result)] + [COUNTED + name for name in _parts(result)]
    names = [*shown, *workings, *others, *rounded, *CHARTED]
    if result.metrics[result.by].low is None:
        names = [name for name in names if name not in ("figure_low", "figure_high")]
    last = HEADER_ROW + max(len(rows), 1)
    return Block(
        page=page,
        rows=rows,
        columns={name: column for column, name in enumerate(names)},
        shown=len(shown),
        statistics={name: last + number for number, name in enumerate(STATISTICS, start=1)},
        figures=_figures(result, rows),
    )


def _tied(result: Result) -> list[str]:
    """What ranks are told by: the figure, what decides between equals, the ends of rounding."""
    metric = result.metrics[result.by]
    ends = ["figure_low", "figure_high"] if metric.low is not None else []
    return [metric.name, _yields(metric), *ends]


def _yields(metric: Metric) -> str:
    return metric.earnings_yield or "earnings_yield_fy1"


def _parts(result: Result) -> tuple[str, ...]:
    return result.metrics[result.by].parts


def shown_columns(result: Result) -> list[str]:
    """The columns of a ranked sheet that are not folded away, with the ranking metric in them."""
    names = _by_year(SHOWN, result)
    if (result.table["split_factor"] != 1).any():
        names.insert(names.index("price_currency") + 1, "split_factor")
    if result.metrics[result.by].low is None:
        names = [name for name in names if name not in ("rank_best", "rank_worst")]
    at = names.index("name") + 1
    by = [result.by] if result.by not in names else []
    return [*names[:at], *by, *weights(result.metrics), *names[at:]]


def _by_year(names: Sequence[str], result: Result) -> list[str]:
    """The names, with one a fiscal year for each that stands for a family."""
    found: list[str] = []
    for name in names:
        family = name.partition("{year}")[0]
        of_year = [each for each in result.columns if _is_of_year(each, family)]
        found += of_year if "{year}" in name else [name]
    return found


def _is_of_year(name: str, family: str) -> bool:
    return name.startswith(family) and name[len(family) :].isdigit()


def write_sector(
    book: Book,
    result: Result,
    block: Block,
    inputs: InputsPlace,
    everywhere: Iterable[Block],
) -> None:
    """The rows of a sector with a formula in every cell but the codes, and its statistics.

    `everywhere` are the sectors' blocks, for percentiles across all.
    """
    blocks = list(everywhere)
    peers = [block] if result.scope == "sector" else blocks
    again = _again(result, blocks)
    _heads(book, result, block)
    for number, row in enumerate(block.rows, start=block.first):
        cells = block.cells(number)
        context = {
            **cells,
            "by": cells[result.by],
            "inputs": inputs.columns,
            "eps_cells": _eps_cells(block, number, "eps_"),
            "eps_report_cells": _eps_cells(block, number, "eps_report_"),
            "sector_median": block.statistic("median", "pe_fy1"),
            "percentiles": _percentiles(result, cells, block, peers),
            "counted": {name: cells[COUNTED + name] for name in _parts(result)},
            "of_first": again.get(row["row"], cells),
        }
        for name, formula in _formulas(result, block, context):
            style = _style(book, result, name, linked=name in _LOOKUPS or is_eps_of_year(name))
            value = _drawn(block, row, name) if name in CHARTED else cached(result, row, name)
            if name.startswith(COUNTED) and row["row"] in again:
                formula, value = '""', ""
            block.page.formula(number, block.columns[name], f"={formula}", value, style)
            block.page.fit(block.columns[name], _as_shown(result, name, value))
        symbol = book.style("text", "text", bold=True)
        block.page.text(number, block.columns["symbol"], row["symbol"], symbol)
    _statistics(book, result, block)
    _looks(result, block)


def _again(result: Result, blocks: Sequence[Block]) -> dict[int, Mapping[str, str]]:
    """For rows of a listing that stands in another table before, the cells that count for it.

    Within a sector there is none: each row counts.
    """
    if result.scope == "sector":
        return {}
    places = {
        row["row"]: (row["symbol"], block, number)
        for block in blocks
        for number, row in enumerate(block.rows, start=block.first)
    }
    first: dict[str, Mapping[str, str]] = {}
    again = {}
    for at, (symbol, block, number) in sorted(places.items()):
        if symbol in first:
            again[at] = first[symbol]
        else:
            first[symbol] = {name: block.outside(name, number) for name in block.columns}
    return again


def _percentiles(
    result: Result, cells: Mapping[str, str], block: Block, peers: Sequence[Block]
) -> dict[str, str]:
    """For each part of a composite, which share of the other names is worse, ties counting half."""
    found = {}
    for name in _parts(result):
        counted = COUNTED + name
        figure = cells[counted]
        if peers == [block]:
            # Worse less better ones, over all others, is 1 for the best and -1 for the worst.
            area = block.area(counted)
            above, below = f"RANK({figure},{area},0)", f"RANK({figure},{area},1)"
            worse, better = (above, below) if result.metrics[name].best == "low" else (below, above)
            found[name] = f"IF(COUNT({area})>1,(1+({worse}-{better})/(COUNT({area})-1))/2,1)"
            continue
        areas = [
            each.area(counted) if each is block else each.outside_area(counted) for each in peers
        ]
        count = "+".join(f"COUNT({area})" for area in areas)
        beaten = "+".join(
            f"SUMPRODUCT(ISNUMBER({area})*(({area}WORSE{figure})+({area}={figure})/2))"
            for area in areas
        )
        share = f"IF({count}>1,({beaten}-1/2)/({count}-1),1)"
        found[name] = _ordered(share, result.metrics[name])
    return found


def _formulas(
    result: Result, block: Block, context: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Each column of one row with its formula."""
    metric = result.metrics[result.by]
    ranks = _ranks(metric, block, context)
    ends = {"figure_low": metric.low, "figure_high": metric.high}
    for name in block.columns:
        end = ends.get(name)
        if end is not None:
            yield name, metric.excel(end, context)
        elif name in ranks:
            yield name, ranks[name]
        elif (figure := _of_rounded(name)) is not None:
            place = context[figure]
            yield name, f"IF(ISNUMBER({place}),ROUND({place},Tie_Decimals),{place})"
        elif name in result.metrics:
            each = result.metrics[name]
            yield name, each.excel(each.value, context).replace("WEIGHTS", _sum_of_weights(result))
        elif name != "symbol":
            yield name, _template(name, block).format_map(context)


def _of_rounded(name: str) -> str | None:
    """The column that a rounded one is of; None for the name of any other."""
    marks = (each for each in (TIED, COUNTED) if name.startswith(each))
    return next((name.removeprefix(each) for each in marks), None)


def _sum_of_weights(result: Result) -> str:
    places = range(1, len(weights(result.metrics)) + 1)
    return f"({'+'.join(f'Weight_{place}' for place in places)})"


def _template(name: str, block: Block) -> str:
    """The formula of a column that is no metric."""
    if name.startswith("eps_cy_"):
        year, following = name[7:], str(int(name[7:]) + 1)
        after = _FOLLOWING if f"eps_{following}" in block.columns else '"n/a"'
        template = _CALENDAR_YEAR.replace("FOLLOWING", after)
        return template.replace("YEAR", year).replace("NEXT", following)
    split = "split_since_report" if name.startswith("eps_report_") else "split_factor"
    template = _LOOKUPS.get(name) or _COMPUTED.get(name) or _EPS_LOOKUP
    return template.replace("NAME", name).replace("SPLIT", split)


def _ranks(metric: Metric, block: Block, cells: Mapping[str, Any]) -> dict[str, str]:
    """The formulas of rank and of the ranks that rounding leaves possible."""
    yields = TIED + _yields(metric)
    ends = (f"{TIED}figure_low", f"{TIED}figure_high")
    best, worst = ends[:: 1 if metric.best == "low" else -1]
    places = {
        "figures": block.area(TIED + metric.name),
        "figure": cells[TIED + metric.name],
        "yields": block.area(yields),
        "yield": cells[yields],
        "symbols": block.area("symbol"),
        "symbol": cells["symbol"],
    }
    ranks = {"rank": _RANK}
    if metric.low is not None:
        ranks |= {"rank_best": _RANK_BEST, "rank_worst": _RANK_WORST}
        places |= {
            "best_ends": block.area(best),
            "worst_ends": block.area(worst),
            "best_end": cells[best],
            "worst_end": cells[worst],
        }
    return {name: _ordered(formula, metric).format_map(places) for name, formula in ranks.items()}


def _ordered(formula: str, metric: Metric) -> str:
    better, worse = ("<", ">") if metric.best == "low" else (">", "<")
    return formula.replace("BETTER", better).replace("WORSE", worse)


def _eps_cells(block: Block, row: int, family: str) -> str:
    """The cells of a row that hold EPS by fiscal year, side by side."""
    years = [name for name in block.columns if _is_of_year(name, family)]
    if not years:
        return FISCAL_YEARS  # which is one empty cell then
    columns = [block.columns[name] for name in years]
    return f"{cell(row, min(columns))}:{cell(row, max(columns))}"


def cached(result: Result, row: Row, name: str) -> float | str:
    """The value of a cell as the terminal has it, or the word that stands where there is none."""
    if name == "at":
        return int((result.table["row"] <= row["row"]).sum())  # rows stand on Inputs in their order
    figure = _of_rounded(name)
    if figure is not None:
        value = cached(result, row, figure)
        return round(value, TIE_DECIMALS) if isinstance(value, float) else value
    value = row[name]
    if isinstance(value, date):
        return serial(value)
    if value is not None:
        return value  # type: ignore[no-any-return]
    return gap(result, row, name)


def _drawn(block: Block, row: Row, name: str) -> float | str:
    """What a chart draws of a row; what it draws not is `#N/A`."""
    pe, growth = row["pe_fy1"], row["eps_cagr"]
    drawn = {
        "chart_growth": growth or 0.0,
        "chart_multiple": None if growth is None else pe,
        "chart_bar": pe,
        "chart_median": block.figures["pe_fy1"]["median"],
    }[name]
    return "#N/A" if drawn is None else float(drawn)


def gap(result: Result, row: Row, name: str) -> str:
    """What stands where a row has no figure."""
    column = result.metrics[result.by] if name.startswith("figure_") else result.columns[name]
    if isinstance(column, Metric):
        return column.gap(row)
    return "" if column.kind == "text" or name.startswith("rank") else "n/a"


def _figures(result: Result, rows: Sequence[Row]) -> dict[str, Row]:
    """The statistics of the rows' sector, by metric; none where it has no rows."""
    if not rows:
        return {}
    of_sector = result.sectors.filter(result.sectors["sector"] == rows[0]["sector"])
    return {figures["metric"]: figures for figures in of_sector.to_dicts()}


def _heads(book: Book, result: Result, block: Block) -> None:
    heads = {column: _head(book, result, name) for name, column in block.columns.items()}
    block.page.table_head(HEADER_ROW, heads)


def _head(book: Book, result: Result, name: str) -> str:
    if name in _HEADS:
        return _HEADS[name][0 if book.lang == "zh" else 1]
    figure = _of_rounded(name)
    if figure is not None:
        how = book.word("counted" if name.startswith(COUNTED) else "rounded")
        return f"{result.columns[figure].label(book.lang)} {how}"
    return book.head(result.columns[name])


def _style(book: Book, result: Result, name: str, *, linked: bool) -> Format:
    role: Role = "link" if linked else "computed"
    bold = name in ("rank", "rank_all", result.by)
    align = {"align": "center"} if name in _CENTERED else {}
    return book.style(role, _format_of(result, name), bold=bold, **align)


def _as_shown(result: Result, name: str, value: float | str) -> str:
    number = _format_of(result, name)
    if isinstance(value, str) or number in ("text", "day"):
        return str(value)
    return f"{FORMATS[number].python.format(value)} "


def _format_of(result: Result, name: str) -> str:
    if name.startswith("figure_"):
        return result.metrics[result.by].format
    if _of_rounded(name) is not None:
        return "general"
    if name in result.columns:
        return result.columns[name].format
    return "percent" if name == "chart_growth" else "integer" if name == "at" else "multiple"


def _statistics(book: Book, result: Result, block: Block) -> None:
    """Rows under the block: the statistics of every column that can rank."""
    columns = {column.name: column for column in AGGREGATE_COLUMNS}
    label = book.style("statistic", bold=True)
    blank = book.style("statistic")
    for name, at in block.statistics.items():
        for column in range(block.shown):
            block.page.number(at, column, None, blank)
        block.page.text(at, block.columns["name"], columns[name].label(book.lang), label)
    for metric in result.metrics.values():
        if metric.best is None:
            continue
        figures = block.figures.get(metric.name, {})
        for name, at in block.statistics.items():
            if name in ("harmonic_mean", "aggregate", "n_aggregate") and not metric.earnings_yield:
                continue
            formula = _STATISTIC_FORMULAS[name].format_map(
                {
                    "area": block.area(metric.name),
                    "n": block.statistic("n", metric.name),
                    "caps": block.area("market_cap"),
                    "yields": block.area(metric.earnings_yield or metric.name),
                }
            )
            value = figures.get(name, 0 if name.startswith("n") else None)
            number = "integer" if columns[name].kind == "integer" else metric.format
            style = book.style("statistic", number, bold=name == "median")
            shown = NO_STATISTIC if value is None else value
            column = block.columns[metric.name]
            block.page.formula(at, column, f"={formula}", shown, style)
            if isinstance(shown, float):
                block.page.fit(column, f"{FORMATS[metric.format].python.format(shown)} ")


def _looks(result: Result, block: Block) -> None:
    """What the sheet looks like: filter, frozen panes, bars, colours, folded workings."""
    sheet = block.page.sheet
    sheet.autofilter(HEADER_ROW, 0, block.last, block.shown - 1)
    sheet.freeze_panes(HEADER_ROW + 1, block.columns["name"] + 1)
    sheet.repeat_rows(HEADER_ROW)
    block.page.set_widths()
    for column in range(block.shown, len(block.columns)):
        sheet.set_column(column, column, 12, None, {"level": 1, "hidden": True})
    sheet.set_column(len(block.columns), len(block.columns), None, None, {"collapsed": True})
    colours(block, result)


def colours(block: Block, result: Result) -> None:
    """Grey words for missing figures, a bar for the ranking figure, a colour for the premium."""
    first, last, sheet = block.first, block.last, block.page.sheet
    grey = block.page.book.workbook.add_format({"font_color": "#7F7F7F"})
    left = block.columns["name"] + 1
    corner = f"{cell(first, left)}".removeprefix("$")
    sheet.conditional_format(
        first,
        left,
        last,
        block.shown - 1,
        {"type": "formula", "criteria": f"=ISTEXT({corner})", "format": grey},
    )
    _grey_years_over(block)
    by = block.columns[result.by]
    sheet.conditional_format(
        first,
        by,
        last,
        by,
        {
            "type": "data_bar",
            "data_bar_2010": True,
            "bar_solid": True,
            "bar_color": "#BDD7EE",
            "bar_negative_color": "#F8CBAD",
            "min_type": "num",
            "min_value": 0,
            # One name far above the others shall not flatten all bars.
            "max_type": "percentile",
            "max_value": 90,
        },
    )
    premium = block.columns["pe_vs_sector"]
    sheet.conditional_format(
        first,
        premium,
        last,
        premium,
        {
            "type": "3_color_scale",
            "min_type": "num",
            "mid_type": "num",
            "max_type": "num",
            "min_value": -0.5,
            "mid_value": 0,
            "max_value": 0.5,
            "min_color": "#63BE7B",
            "mid_color": "#FFFFFF",
            "max_color": "#F8696B",
        },
    )


def _grey_years_over(block: Block) -> None:
    """Grey italics for figures of a fiscal year that is over: actual or stale, never forward."""
    first, last = block.first, block.last
    looks = block.page.book.workbook.add_format({"font_color": "#7F7F7F", "italic": True})
    for name, column in block.columns.items():
        if _is_of_year(name, "eps_") or _is_of_year(name, "pe_"):
            year, fy1 = name.rpartition("_")[2], cell(first, block.columns["fy1"])
            rule = {"type": "formula", "criteria": f"={year}<{fy1}", "format": looks}
            block.page.sheet.conditional_format(first, column, last, column, rule)


def ranking_block(result: Result, page: Page) -> Block:
    """Where everything of the sheet of all names will stand."""
    dropped = ("rank", "rank_best", "rank_worst")
    shown = [name for name in shown_columns(result) if name not in dropped]
    workings = ("row", TIED + _yields(result.metrics[result.by]))
    names = ["rank_all", "sector", "rank", *shown]
    count = len(names)
    names += [name for name in workings if name not in names]
    rows = result.table.sort("rank_all", nulls_last=True, maintain_order=True).to_dicts()
    columns = {name: column for column, name in enumerate([*names, "once"])}
    return Block(page=page, rows=rows, columns=columns, shown=count, statistics={}, figures={})


def write_ranking(book: Book, result: Result, block: Block, sectors: Mapping[str, Block]) -> None:
    """All names in one table: figures are links to the sectors' sheets, the rank is its own."""
    places = {
        row["row"]: (sector, number)
        for sector in sectors.values()
        for number, row in enumerate(sector.rows, start=sector.first)
    }
    _heads(book, result, block)
    metric = result.metrics[result.by]
    yields = TIED + _yields(metric)
    for number, row in enumerate(block.rows, start=block.first):
        sector, at = places[row["row"]]
        cells = block.cells(number)
        context = {
            "figures": block.area("once"),
            "figure": cells["once"],
            "all_figures": block.area(result.by),
            "yields": block.area(yields),
            "yield": cells[yields],
            "symbols": block.area("symbol"),
            "symbol": cells["symbol"],
            "rows": block.area("row"),
            "row": cells["row"],
        }
        once = _ONCE.format_map({**context, "figure": cells[result.by]})
        place = _ordered(_RANK, metric).format_map(context)
        own = {"rank_all": place, "once": once}
        for name, column in block.columns.items():
            if name == "sector":
                link = book.style("text")
                block.page.text(number, column, sector.page.name, link)
                continue
            formula = own.get(name) or sector.outside(name, at)
            value = _counted_once(row, result.by) if name == "once" else cached(result, row, name)
            style = _style(book, result, name, linked=name not in own)
            block.page.formula(number, column, f"={formula}", value, style)
            block.page.fit(column, _as_shown(result, name, value))
    _looks(result, block)


REVISED = ("consensus_source", "consensus_day")
_REVISIONS = (
    "symbol",
    "name",
    "eps_report_{year}",
    "eps_{year}",
    "eps_revision_{year}",
    "eps_revision_fy1",
    "price_change",
    "rerating",
)


def write_revisions(book: Book, result: Result, page: Page, sectors: Mapping[str, Block]) -> None:
    """What the estimates have become since the tables, and how much of the price that explains.

    All figures are links to the sectors' sheets.
    """
    years = {f"{year}" for each in result.watchlists for row in each.listings for year in _of(row)}
    links = [
        name
        for name in _by_year(_REVISIONS, result)
        if not name[-4:].isdigit() or name[-4:] in years
    ]
    at = {name: column for column, name in enumerate(("sector", *links, *REVISED))}
    page.table_head(HEADER_ROW, {column: _head(book, result, name) for name, column in at.items()})
    number = HEADER_ROW
    for block in sectors.values():
        for place, row in enumerate(block.rows, start=block.first):
            number += 1
            page.text(number, 0, block.page.name, book.style("text"))
            for name in links:
                value = cached(result, row, name)
                style = _style(book, result, name, linked=True)
                page.formula(number, at[name], f"={block.outside(name, place)}", value, style)
                page.fit(at[name], _as_shown(result, name, value))
            page.text(
                number, at["consensus_source"], row["consensus_source"], book.style("text", "text")
            )
            page.day(number, at["consensus_day"], row["consensus_day"], book.style("text", "day"))
    page.text(number + 2, 0, book.word("revisions_note"), book.style("note"), fits=False)
    page.set_widths(widest=28)
    page.sheet.autofilter(HEADER_ROW, 0, max(number, HEADER_ROW + 1), len(at) - 1)
    page.sheet.freeze_panes(HEADER_ROW + 1, at["name"] + 1)
    page.sheet.repeat_rows(HEADER_ROW)


def _of(listing: Listing) -> Iterator[int]:
    return (year.fiscal_year for year in listing.years)


def _counted_once(row: Row, by: str) -> float | str:
    return "" if row["rank_all"] is None else round(float(row[by]), TIE_DECIMALS)
