"""The catalogue of metrics: what each is called, what it means, how it is computed and shown.

An expression is written once, on narwhals, over the columns of `inputs` and of the metrics above
it in the catalogue; it gives the same figures on any frame that narwhals knows, eager or lazy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

import narwhals as nw

from screener.model import UnknownNameError
from screener.schema import Column
from screener.wording import NOTHING, Sentence, say

# Figures that are equal so far are ties: what differs beyond is the noise of floating point.
TIE_DECIMALS = 10
LOSS = say("EPS is zero or negative")
NO_BASE = say("EPS of the year before is zero or negative")
NO_GROWTH = say("EPS does not grow, or starts or ends at a loss")


@dataclass(frozen=True, slots=True)
class Term:
    """One value, written twice: over a frame, and as an Excel formula over the cells of a row.

    In `cell` a name in braces stands for the cell of that column; `NM_Above`, `Days_Per_Year` and
    `Percent` are named cells. A cell holds a number, or the text `NM` or `n/a`.
    """

    frame: nw.Expr
    cell: str


PRICE = Term(nw.col("price_in_eps_currency"), "{price_in_eps_currency}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Column):
    """A column that is computed.

    `formula` says in words what `value` says in code. `low` and `high` are its ends when
    each EPS moves within its rounding; a metric that two EPS move in opposite ways has none.
    `best` is the end that ranks first; a metric without is not for ranking. `needs` are the
    inputs without which it is missing; where they are there and it is null, `not_meaningful`
    is the reason. `parts` are the metrics of a composite, `weight` what one of them counts in it.
    `earnings_yield` names the metric whose mean, weighted by market cap, gives
    the aggregate of a sector.
    """

    formula: Sentence
    value: Term
    needs: tuple[str, ...]
    not_meaningful: Sentence = NOTHING
    low: Term | None = None
    high: Term | None = None
    best: Literal["low", "high"] | None = None
    earnings_yield: str = ""
    parts: tuple[str, ...] = ()
    weight: float = 0.0

    def gap(self, row: Mapping[str, Any]) -> str:
        """What stands where a row has no figure: `NM`, or `n/a` where an input is missing."""
        return "n/a" if any(row[name] is None for name in self.needs) else "NM"

    def excel(self, term: Term, cells: Mapping[str, str]) -> str:
        """The formula of one of the metric's terms in a row whose columns stand in `cells`."""
        given = "*".join(f"ISNUMBER({cells[name]})" for name in self.needs)
        return f'IF({given},{term.cell.format_map(cells)},"n/a")'


def catalogue(years: Sequence[int]) -> Mapping[str, Metric]:
    """Every metric by name, for a table with these fiscal years; each after those it uses."""
    metrics = (
        _PRICE_IN_EPS_CURRENCY,
        _EPS_NTM,
        *(_pe(str(year), f"FY{year}") for year in years),
        *(_pe(f"cy_{year}", f"CY{year}") for year in years),
        _pe("fy1", "FY1"),
        _pe("ntm", "NTM"),
        _pe_bound("pe_low", _FY1_HIGH, "市盈率下限", "P/E low", say("highest")),
        _pe_bound("pe_high", _FY1_LOW, "市盈率上限", "P/E high", say("lowest")),
        *(_earnings_yield(str(year), f"FY{year}") for year in years),
        *(_earnings_yield(f"cy_{year}", f"CY{year}") for year in years),
        _earnings_yield("fy1", "FY1"),
        _earnings_yield("ntm", "NTM"),
        *(_eps_growth(year) for year in years if year - 1 in years),
        _EPS_CAGR,
        _PEG,
        _PE_VS_SECTOR,
        _IMPLIED_PRICE,
        _UPSIDE,
        _PRICE_CHANGE,
        *(_eps_revision(str(year), f"FY{year}") for year in years),
        _eps_revision("fy1", "FY1"),
        _RERATING,
        _MARKET_CAP,
    )
    return {metric.name: metric for metric in metrics}


def ranking_metric(by: str, metrics: Mapping[str, Metric]) -> Metric:
    """The metric called `by`. Raises UnknownNameError if it is none, or none that ranks."""
    ranking_names = [name for name, metric in metrics.items() if metric.best is not None]
    if by not in ranking_names:
        raise UnknownNameError(say("metric"), by, ranking_names)
    return metrics[by]


def _positive(eps: nw.Expr, value: nw.Expr) -> nw.Expr:
    """The value where the EPS it divides by is above zero: elsewhere it means nothing."""
    return nw.when(eps > 0).then(value)


def _price_earnings(eps: Term) -> Term:
    # A column of nothing but nulls has no type of its own on every engine.
    limit = nw.col("nm_above").cast(nw.Float64).fill_null(inf)
    sensible = (eps.frame > 0) & (PRICE.frame <= eps.frame * limit)
    return Term(
        nw.when(sensible).then(PRICE.frame / eps.frame),
        f"IF(AND({eps.cell}>0,OR(N(NM_Above)=0,{PRICE.cell}<={eps.cell}*N(NM_Above))),"
        f'{PRICE.cell}/{eps.cell},"NM")',
    )


def _yield(eps: Term) -> Term:
    return Term(eps.frame / PRICE.frame, f"{eps.cell}/{PRICE.cell}")


def _next_twelve_months(fy1: str, fy2: str) -> nw.Expr:
    weight = nw.col("ntm_weight")
    return weight * nw.col(fy1) + (1 - weight) * nw.col(fy2)


def _eps(period: str) -> tuple[Term, Term, Term]:
    """EPS of a period, and the ends of its rounding."""
    cell = f"{{eps_{period}}}"
    if period == "ntm":
        ends = [_next_twelve_months(f"eps_{end}_fy1", f"eps_{end}_fy2") for end in ("low", "high")]
    else:
        ends = [nw.col(f"eps_{end}_{period}") for end in ("low", "high")]
    return (
        Term(nw.col(f"eps_{period}"), cell),
        Term(ends[0], f"({cell}-{{eps_rounding}})"),
        Term(ends[1], f"({cell}+{{eps_rounding}})"),
    )


def _eps_needed(period: str) -> tuple[str, ...]:
    return ("eps_fy1", "eps_fy2") if period == "ntm" else (f"eps_{period}",)


_FY1, _FY1_LOW, _FY1_HIGH = _eps("fy1")
_LAST, _LAST_LOW, _LAST_HIGH = _eps("last")


def _pe(period: str, title: str) -> Metric:
    eps, low, high = _eps(period)
    return Metric(
        name=f"pe_{period}",
        kind="number",
        zh=f"市盈率 {title}",
        en=f"P/E {title}",
        unit=say("x"),
        format="multiple",
        nullable=True,
        meaning=say("Price over consensus EPS of {title}; NM for a loss", title=title),
        formula=say("price × fx ÷ EPS({title}), where EPS > 0", title=title),
        value=_price_earnings(eps),
        needs=("price_in_eps_currency", *_eps_needed(period)),
        not_meaningful=LOSS,
        low=_price_earnings(high),
        high=_price_earnings(low),
        best="low",
        earnings_yield=f"earnings_yield_{period}",
    )


def _pe_bound(name: str, eps: Term, zh: str, en: str, end: Sentence) -> Metric:
    return Metric(
        name=name,
        kind="number",
        zh=zh,
        en=en,
        unit=say("x"),
        format="multiple",
        nullable=True,
        meaning=say("P/E FY1 at the {end} EPS that prints as it does", end=end),
        formula=say("price × fx ÷ the {end} EPS(FY1) within its rounding", end=end),
        value=_price_earnings(eps),
        needs=("price_in_eps_currency", "eps_fy1"),
        not_meaningful=LOSS,
    )


def _earnings_yield(period: str, title: str) -> Metric:
    eps, low, high = _eps(period)
    return Metric(
        name=f"earnings_yield_{period}",
        kind="number",
        zh=f"盈利收益率 {title}",
        en=f"Earnings yield {title}",
        format="percent",
        nullable=True,
        meaning=say("Consensus EPS of {title} over price; negative for a loss", title=title),
        formula=say("EPS({title}) ÷ (price × fx)", title=title),
        value=_yield(eps),
        needs=("price_in_eps_currency", *_eps_needed(period)),
        low=_yield(low),
        high=_yield(high),
        best="high",
    )


def _growth(eps: Term, bases: tuple[Term, ...], end: Literal["MIN", "MAX"]) -> Term:
    """Growth from the base; from whichever of two bases gives the `end`. A loss has none."""
    smallest = bases[0]
    ratios = [eps.frame / base.frame for base in bases]
    extreme = nw.min_horizontal(*ratios) if end == "MIN" else nw.max_horizontal(*ratios)
    cells = ",".join(f"{eps.cell}/{base.cell}" for base in bases)
    return Term(
        _positive(smallest.frame, extreme - 1),
        f'IF({smallest.cell}>0,{end}({cells})-1,"NM")',
    )


def _eps_growth(year: int) -> Metric:
    (eps, low, high), (base, base_low, base_high) = _eps(str(year)), _eps(str(year - 1))
    return Metric(
        name=f"eps_growth_{year}",
        kind="number",
        zh=f"EPS增速 FY{year}",
        en=f"EPS growth FY{year}",
        format="percent",
        nullable=True,
        meaning=say(
            "Change of consensus EPS from FY{base} to FY{year}; only from a profit",
            base=year - 1,
            year=year,
        ),
        formula=say(
            "EPS(FY{year}) ÷ EPS(FY{base}) − 1, where EPS(FY{base}) > 0",
            year=year,
            base=year - 1,
        ),
        value=Term(
            _positive(base.frame, eps.frame / base.frame - 1),
            f'IF({base.cell}>0,{eps.cell}/{base.cell}-1,"NM")',
        ),
        needs=(f"eps_{year}", f"eps_{year - 1}"),
        not_meaningful=NO_BASE,
        # A loss is largest relative to the smallest base.
        low=_growth(low, (base_low, base_high), "MIN"),
        high=_growth(high, (base_low, base_high), "MAX"),
        best="high",
    )


def _eps_revision(period: str, title: str) -> Metric:
    eps, (before, before_cell) = (
        _eps(period)[0],
        (f"eps_report_{period}", f"{{eps_report_{period}}}"),
    )
    return Metric(
        name=f"eps_revision_{period}",
        kind="number",
        zh=f"EPS修正 {title}",
        en=f"EPS revision {title}",
        format="change",
        nullable=True,
        meaning=say(
            "Change of consensus EPS of {title} since the table, split-adjusted", title=title
        ),
        formula=say("EPS({title}) ÷ the table's EPS({title}) − 1, where that is > 0", title=title),
        value=Term(
            _positive(nw.col(before), eps.frame / nw.col(before) - 1),
            f'IF({before_cell}>0,{eps.cell}/{before_cell}-1,"NM")',
        ),
        needs=(f"eps_{period}", before),
        not_meaningful=say("the table's EPS is zero or negative"),
        best="high",
    )


def _compound(first: Term, last: Term) -> Term:
    growing = (first.frame > 0) & (last.frame > 0)
    years = nw.col("cagr_years")
    return Term(
        nw.when(growing).then((last.frame / first.frame) ** (1 / years) - 1),
        f'IF(MIN({first.cell},{last.cell})>0,({last.cell}/{first.cell})^(1/{{cagr_years}})-1,"NM")',
    )


_PRICE_IN_EPS_CURRENCY = Metric(
    name="price_in_eps_currency",
    kind="number",
    zh="价格(EPS币种)",
    en="Price in EPS currency",
    format="price",
    nullable=True,
    meaning=say("The price in the currency of the estimates"),
    formula=say("price × fx"),
    value=Term(nw.col("price") * nw.col("fx"), "{price}*{fx}"),
    needs=("price", "fx"),
)

_EPS_NTM = Metric(
    name="eps_ntm",
    kind="number",
    zh="EPS NTM",
    en="EPS NTM",
    format="amount",
    nullable=True,
    meaning=say("Consensus EPS of the next twelve months"),
    formula=say("w × EPS(FY1) + (1 − w) × EPS(FY2), w = days left in FY1 ÷ 365"),
    value=Term(
        _next_twelve_months("eps_fy1", "eps_fy2"),
        "{ntm_weight}*{eps_fy1}+(1-{ntm_weight})*{eps_fy2}",
    ),
    needs=("eps_fy1", "eps_fy2"),
)

_EPS_CAGR = Metric(
    name="eps_cagr",
    kind="number",
    zh="EPS复合增速",
    en="EPS CAGR",
    format="percent",
    nullable=True,
    meaning=say("Yearly growth of consensus EPS from FY1 to its last year; both must be profits"),
    formula=say("(EPS(last) ÷ EPS(FY1)) ^ (1 ÷ years) − 1, both > 0"),
    value=_compound(_FY1, _LAST),
    needs=("eps_fy1", "eps_last"),
    not_meaningful=say("EPS starts or ends at a loss"),
    low=_compound(_FY1_HIGH, _LAST_LOW),
    high=_compound(_FY1_LOW, _LAST_HIGH),
    best="high",
)

_PEG = Metric(
    name="peg",
    kind="number",
    zh="PEG",
    en="PEG",
    format="ratio",
    nullable=True,
    meaning=say("P/E FY1 over the yearly growth of EPS in percent; NM where EPS does not grow"),
    formula=say("pe_fy1 ÷ (100 × eps_cagr), where eps_cagr > 0"),
    value=Term(
        _positive(nw.col("eps_cagr"), nw.col("pe_fy1") / (100 * nw.col("eps_cagr"))),
        'IF(N({eps_cagr})>0,IF(ISNUMBER({pe_fy1}),{pe_fy1}/(Percent*{eps_cagr}),"NM"),"NM")',
    ),
    needs=("price_in_eps_currency", "eps_fy1", "eps_last"),
    not_meaningful=NO_GROWTH,
    best="low",
)

_SECTOR_MEDIAN = Term(nw.col("pe_fy1").median().over("sector"), "{sector_median}")

_PE_VS_SECTOR = Metric(
    name="pe_vs_sector",
    kind="number",
    zh="较行业中位数",
    en="Premium to sector",
    format="change",
    nullable=True,
    meaning=say("P/E FY1 above (+) or below (−) the median of the sector's meaningful ones"),
    formula=say("pe_fy1 ÷ median of the sector's pe_fy1 − 1"),
    value=Term(
        nw.col("pe_fy1") / _SECTOR_MEDIAN.frame - 1,
        'IF(ISNUMBER({pe_fy1}),{pe_fy1}/{sector_median}-1,"NM")',
    ),
    needs=("price_in_eps_currency", "eps_fy1"),
    not_meaningful=LOSS,
    best="low",
)

_IMPLIED_PRICE = Metric(
    name="implied_price",
    kind="number",
    zh="中位数隐含价",
    en="Implied price",
    format="price",
    nullable=True,
    meaning=say("What a share would cost at the sector's median P/E FY1, in the price's currency"),
    formula=say("median of the sector's pe_fy1 × EPS(FY1) ÷ fx, where EPS(FY1) > 0"),
    value=Term(
        _positive(nw.col("eps_fy1"), _SECTOR_MEDIAN.frame * nw.col("eps_fy1") / nw.col("fx")),
        'IF(AND({eps_fy1}>0,ISNUMBER({sector_median})),{sector_median}*{eps_fy1}/{fx},"NM")',
    ),
    needs=("price_in_eps_currency", "eps_fy1"),
    not_meaningful=LOSS,
)

_UPSIDE = Metric(
    name="upside",
    kind="number",
    zh="隐含空间",
    en="Upside",
    format="change",
    nullable=True,
    meaning=say("How far the price is from the implied price"),
    formula=say("implied_price ÷ price − 1"),
    value=Term(
        nw.col("implied_price") / nw.col("price") - 1,
        'IF(ISNUMBER({implied_price}),{implied_price}/{price}-1,"NM")',
    ),
    needs=("price_in_eps_currency", "eps_fy1"),
    not_meaningful=LOSS,
    best="high",
)

_PRICE_SINCE_REPORT = Term(
    nw.col("price") * nw.col("split_since_report") / nw.col("report_price"),
    "{price}*{split_since_report}/{report_price}",
)

_PRICE_CHANGE = Metric(
    name="price_change",
    kind="number",
    zh="报告以来涨跌",
    en="Price change",
    format="change",
    nullable=True,
    meaning=say("Change of the price since the table's day, as if no share had been split"),
    formula=say("price × split since report ÷ report price − 1"),
    value=Term(_PRICE_SINCE_REPORT.frame - 1, f"{_PRICE_SINCE_REPORT.cell}-1"),
    needs=("price", "report_price"),
)

_RERATING = Metric(
    name="rerating",
    kind="number",
    zh="估值变动",
    en="Rerating",
    format="change",
    nullable=True,
    meaning=say(
        "What of the price change since the table is not revision of EPS FY1: the multiple's"
    ),
    formula=say("(1 + price_change) ÷ (1 + eps_revision_fy1) − 1, both EPS > 0"),
    value=Term(
        _positive(
            nw.min_horizontal("eps_fy1", "eps_report_fy1"),
            (1 + nw.col("price_change")) * nw.col("eps_report_fy1") / nw.col("eps_fy1") - 1,
        ),
        'IF(MIN({eps_fy1},{eps_report_fy1})>0,(1+{price_change})*{eps_report_fy1}/{eps_fy1}-1,"NM")',
    ),
    needs=("price", "report_price", "eps_fy1", "eps_report_fy1"),
    not_meaningful=LOSS,
    best="low",
)

_MARKET_CAP = Metric(
    name="market_cap",
    kind="number",
    zh="总市值",
    en="Market cap",
    unit=say("CNY 100m"),
    format="amount",
    nullable=True,
    meaning=say("Printed market cap, rolled forward with the price, in 100 million"),
    formula=say("printed market cap × price × split since report ÷ report price"),
    value=Term(
        nw.col("market_cap_printed") * _PRICE_SINCE_REPORT.frame,
        f"{{market_cap_printed}}*{_PRICE_SINCE_REPORT.cell}",
    ),
    needs=("price", "report_price", "market_cap_printed"),
    best="low",
)
