"""The catalogue of metrics: what each is called, what it means, how it is computed and shown.

An expression is written once, on narwhals, over the columns of `inputs` and of the metrics above
it in the catalogue; it gives the same figures on any frame that narwhals knows, eager or lazy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw

from screener.schema import Column

PRICE = nw.col("price_in_eps_currency")
LOSS = "EPS is zero or negative"
NO_BASE = "EPS of the year before is zero or negative"
NO_GROWTH = "EPS does not grow, or starts or ends at a loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Column):
    """A column that is computed.

    `formula` says in words what `expression` says in code. `low` and `high` are its ends when
    each EPS moves within its rounding; a metric that two EPS move in opposite ways has none.
    `best` is the end that ranks first; a metric without is not for ranking. `needs` are the
    inputs without which it is missing; where they are there and it is null, `not_meaningful`
    is the reason. `earnings_yield` names the metric whose mean, weighted by market cap, gives
    the aggregate of a sector.
    """

    formula: str
    expression: nw.Expr
    needs: tuple[str, ...]
    not_meaningful: str = ""
    low: nw.Expr | None = None
    high: nw.Expr | None = None
    best: Literal["low", "high"] | None = None
    earnings_yield: str = ""

    def gap(self, row: Mapping[str, Any]) -> str:
        """What stands where a row has no figure: `NM`, or `n/a` where an input is missing."""
        return "n/a" if any(row[name] is None for name in self.needs) else "NM"


def catalogue(years: Sequence[int]) -> Mapping[str, Metric]:
    """Every metric by name, for a table with these fiscal years; each after those it uses."""
    metrics = (
        _PRICE_IN_EPS_CURRENCY,
        _EPS_NTM,
        *(_pe(str(year), f"FY{year}") for year in years),
        _pe("fy1", "FY1"),
        _pe("ntm", "NTM"),
        _pe_bound("pe_low", _PE_FY1_LOW, "市盈率下限", "P/E low", "highest"),
        _pe_bound("pe_high", _PE_FY1_HIGH, "市盈率上限", "P/E high", "lowest"),
        *(_earnings_yield(str(year), f"FY{year}") for year in years),
        _earnings_yield("fy1", "FY1"),
        _earnings_yield("ntm", "NTM"),
        *(_eps_growth(year) for year in years if year - 1 in years),
        _EPS_CAGR,
        _PEG,
        _PE_VS_SECTOR,
        _IMPLIED_PRICE,
        _UPSIDE,
        _PRICE_CHANGE,
        _MARKET_CAP,
    )
    return {metric.name: metric for metric in metrics}


def _positive(eps: nw.Expr, value: nw.Expr) -> nw.Expr:
    """The value where the EPS it divides by is above zero: elsewhere it means nothing."""
    return nw.when(eps > 0).then(value)


def _price_earnings(eps: nw.Expr) -> nw.Expr:
    return _positive(eps, PRICE / eps)


def _next_twelve_months(fy1: str, fy2: str) -> nw.Expr:
    weight = nw.col("ntm_weight")
    return weight * nw.col(fy1) + (1 - weight) * nw.col(fy2)


_EPS_NTM_LOW = _next_twelve_months("eps_low_fy1", "eps_low_fy2")
_EPS_NTM_HIGH = _next_twelve_months("eps_high_fy1", "eps_high_fy2")


def _eps(period: str) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """EPS of a period, and the ends of its rounding."""
    if period == "ntm":
        return nw.col("eps_ntm"), _EPS_NTM_LOW, _EPS_NTM_HIGH
    return nw.col(f"eps_{period}"), nw.col(f"eps_low_{period}"), nw.col(f"eps_high_{period}")


def _eps_needed(period: str) -> tuple[str, ...]:
    return ("eps_fy1", "eps_fy2") if period == "ntm" else (f"eps_{period}",)


_, _LOW, _HIGH = _eps("fy1")
_PE_FY1_LOW, _PE_FY1_HIGH = _price_earnings(_HIGH), _price_earnings(_LOW)


def _pe(period: str, title: str) -> Metric:
    eps, low, high = _eps(period)
    return Metric(
        name=f"pe_{period}",
        kind="number",
        zh=f"市盈率 {title}",
        en=f"P/E {title}",
        unit="倍",
        format="multiple",
        nullable=True,
        meaning=f"Price over consensus EPS of {title}; NM for a loss",
        formula=f"price × fx ÷ EPS({title}), where EPS > 0",
        expression=_price_earnings(eps),
        needs=("price_in_eps_currency", *_eps_needed(period)),
        not_meaningful=LOSS,
        low=_price_earnings(high),
        high=_price_earnings(low),
        best="low",
        earnings_yield=f"earnings_yield_{period}",
    )


def _pe_bound(name: str, expression: nw.Expr, zh: str, en: str, end: str) -> Metric:
    return Metric(
        name=name,
        kind="number",
        zh=zh,
        en=en,
        unit="倍",
        format="multiple",
        nullable=True,
        meaning=f"P/E FY1 at the {end} EPS that prints as it does",
        formula=f"price × fx ÷ the {end} EPS(FY1) within its rounding",
        expression=expression,
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
        meaning=f"Consensus EPS of {title} over price; negative for a loss",
        formula=f"EPS({title}) ÷ (price × fx)",
        expression=eps / PRICE,
        needs=("price_in_eps_currency", *_eps_needed(period)),
        low=low / PRICE,
        high=high / PRICE,
        best="high",
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
        meaning=f"Change of consensus EPS from FY{year - 1} to FY{year}; only from a profit",
        formula=f"EPS(FY{year}) ÷ EPS(FY{year - 1}) − 1, where EPS(FY{year - 1}) > 0",
        expression=_positive(base, eps / base - 1),
        needs=(f"eps_{year}", f"eps_{year - 1}"),
        not_meaningful=NO_BASE,
        # A loss is largest relative to the smallest base.
        low=_positive(base_low, nw.min_horizontal(low / base_low, low / base_high) - 1),
        high=_positive(base_low, nw.max_horizontal(high / base_low, high / base_high) - 1),
        best="high",
    )


def _compound(first: nw.Expr, last: nw.Expr) -> nw.Expr:
    growing = (first > 0) & (last > 0)
    return nw.when(growing).then((last / first) ** (1 / nw.col("cagr_years")) - 1)


_PRICE_IN_EPS_CURRENCY = Metric(
    name="price_in_eps_currency",
    kind="number",
    zh="价格(EPS币种)",
    en="Price in EPS currency",
    format="price",
    nullable=True,
    meaning="The price in the currency of the estimates",
    formula="price × fx",
    expression=nw.col("price") * nw.col("fx"),
    needs=("price", "fx"),
)

_EPS_NTM = Metric(
    name="eps_ntm",
    kind="number",
    zh="EPS NTM",
    en="EPS NTM",
    format="amount",
    nullable=True,
    meaning="Consensus EPS of the next twelve months",
    formula="w × EPS(FY1) + (1 − w) × EPS(FY2), w = days left in FY1 ÷ 365",
    expression=_next_twelve_months("eps_fy1", "eps_fy2"),
    needs=("eps_fy1", "eps_fy2"),
)

_EPS_CAGR = Metric(
    name="eps_cagr",
    kind="number",
    zh="EPS复合增速",
    en="EPS CAGR",
    format="percent",
    nullable=True,
    meaning="Yearly growth of consensus EPS from FY1 to its last year; both must be profits",
    formula="(EPS(last) ÷ EPS(FY1)) ^ (1 ÷ years) − 1, both > 0",
    expression=_compound(nw.col("eps_fy1"), nw.col("eps_last")),
    needs=("eps_fy1", "eps_last"),
    not_meaningful="EPS starts or ends at a loss",
    low=_compound(nw.col("eps_high_fy1"), nw.col("eps_low_last")),
    high=_compound(nw.col("eps_low_fy1"), nw.col("eps_high_last")),
    best="high",
)

_PEG = Metric(
    name="peg",
    kind="number",
    zh="PEG",
    en="PEG",
    format="ratio",
    nullable=True,
    meaning="P/E FY1 over the yearly growth of EPS in percent; NM where EPS does not grow",
    formula="pe_fy1 ÷ (100 × eps_cagr), where eps_cagr > 0",
    expression=_positive(nw.col("eps_cagr"), nw.col("pe_fy1") / (100 * nw.col("eps_cagr"))),
    needs=("price_in_eps_currency", "eps_fy1", "eps_last"),
    not_meaningful=NO_GROWTH,
    best="low",
)

_SECTOR_MEDIAN = nw.col("pe_fy1").median().over("sector")

_PE_VS_SECTOR = Metric(
    name="pe_vs_sector",
    kind="number",
    zh="较行业中位数",
    en="Premium to sector",
    format="change",
    nullable=True,
    meaning="P/E FY1 above (+) or below (−) the median of the sector's meaningful ones",
    formula="pe_fy1 ÷ median of the sector's pe_fy1 − 1",
    expression=nw.col("pe_fy1") / _SECTOR_MEDIAN - 1,
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
    meaning="What a share would cost at the sector's median P/E FY1, in the price's currency",
    formula="median of the sector's pe_fy1 × EPS(FY1) ÷ fx, where EPS(FY1) > 0",
    expression=_positive(nw.col("eps_fy1"), _SECTOR_MEDIAN * nw.col("eps_fy1") / nw.col("fx")),
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
    meaning="How far the price is from the implied price",
    formula="implied_price ÷ price − 1",
    expression=nw.col("implied_price") / nw.col("price") - 1,
    needs=("price_in_eps_currency", "eps_fy1"),
    not_meaningful=LOSS,
    best="high",
)

_PRICE_CHANGE = Metric(
    name="price_change",
    kind="number",
    zh="报告以来涨跌",
    en="Price change",
    format="change",
    nullable=True,
    meaning="Change of the price since the table's day",
    formula="price ÷ report price − 1",
    expression=nw.col("price") / nw.col("report_price") - 1,
    needs=("price", "report_price"),
)

_MARKET_CAP = Metric(
    name="market_cap",
    kind="number",
    zh="总市值",
    en="Market cap",
    unit="亿元",
    format="amount",
    nullable=True,
    meaning="Printed market cap, rolled forward with the price, in 100 million",
    formula="printed market cap × price ÷ report price",
    expression=nw.col("market_cap_printed") * nw.col("price") / nw.col("report_price"),
    needs=("price", "report_price", "market_cap_printed"),
    best="low",
)
