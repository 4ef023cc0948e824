"""Formulas of ranked sheets that are no metric's: look-ups, ranks, percentiles, statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screener.consensus.sheet_columns import FISCAL_YEARS, FX_PAIR, FX_RATE, PRICE_DAY
from screener.output.workbook.block import COUNTED, TIED, Block, is_of_year, parts_of, yield_of
from screener.output.workbook.places import cell
from screener.valuation.composite import weights
from screener.valuation.metric import Metric

if TYPE_CHECKING:
    from screener.screening.result import Result


STATISTIC_FORMULAS: Mapping[str, str] = {
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
LOOKUPS: Mapping[str, str] = {
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

RANK = f'IF(ISNUMBER({{figure}}),{_PLACE},"")'

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
ONCE = (
    "IF(ISNUMBER({figure}),IF(SUMPRODUCT(({symbols}={symbol})*ISNUMBER({all_figures})*"
    '({rows}<{row}))=0,ROUND({figure},Tie_Decimals),""),"")'
)


def percentile_formulas(
    result: Result, cells: Mapping[str, str], block: Block, peers: Sequence[Block]
) -> dict[str, str]:
    """For each part of a composite, which share of the other names is worse, ties counting half."""
    found = {}
    for name in parts_of(result):
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
        found[name] = directed(share, result.metrics[name])
    return found


def row_formulas(
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
        elif (figure := rounded_column(name)) is not None:
            place = context[figure]
            yield name, f"IF(ISNUMBER({place}),ROUND({place},Tie_Decimals),{place})"
        elif name in result.metrics:
            each = result.metrics[name]
            yield name, each.excel(each.value, context).replace("WEIGHTS", _sum_of_weights(result))
        elif name != "symbol":
            yield name, _template(name, block).format_map(context)


def rounded_column(name: str) -> str | None:
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
    template = LOOKUPS.get(name) or _COMPUTED.get(name) or _EPS_LOOKUP
    return template.replace("NAME", name).replace("SPLIT", split)


def _ranks(metric: Metric, block: Block, cells: Mapping[str, Any]) -> dict[str, str]:
    """The formulas of rank and of the ranks that rounding leaves possible."""
    yields = TIED + yield_of(metric)
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
    ranks = {"rank": RANK}
    if metric.low is not None:
        ranks |= {"rank_best": _RANK_BEST, "rank_worst": _RANK_WORST}
        places |= {
            "best_ends": block.area(best),
            "worst_ends": block.area(worst),
            "best_end": cells[best],
            "worst_end": cells[worst],
        }
    return {name: directed(formula, metric).format_map(places) for name, formula in ranks.items()}


def directed(formula: str, metric: Metric) -> str:
    better, worse = ("<", ">") if metric.best == "low" else (">", "<")
    return formula.replace("BETTER", better).replace("WORSE", worse)


def eps_cells(block: Block, row: int, family: str) -> str:
    """The cells of a row that hold EPS by fiscal year, side by side."""
    years = [name for name in block.columns if is_of_year(name, family)]
    if not years:
        return FISCAL_YEARS  # which is one empty cell then
    columns = [block.columns[name] for name in years]
    return f"{cell(row, min(columns))}:{cell(row, max(columns))}"
