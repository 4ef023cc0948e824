"""The catalogue of metrics: what each is called, what it means, how it is computed and shown.

An expression is written once, on narwhals, over the columns of `inputs` and of the metrics above
it in the catalogue; it gives the same figures on any frame that narwhals knows, eager or lazy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

import narwhals as nw

from screener.model.messages import Sentence, say
from screener.valuation.eps import (
    EPS_NTM,
    FY1_HIGH,
    FY1_LOW,
    LOSS,
    PRICE,
    PRICE_IN_EPS_CURRENCY,
    eps_needed,
    eps_terms,
    where_positive,
)
from screener.valuation.growth import EPS_CAGR, PEG, eps_growth, eps_revision
from screener.valuation.metric import Metric
from screener.valuation.since_report import MARKET_CAP, PRICE_CHANGE, RERATING
from screener.valuation.term import Term


def catalogue(years: Sequence[int]) -> Mapping[str, Metric]:
    """Every metric by name, for a table with these fiscal years; each after those it uses."""
    metrics = (
        PRICE_IN_EPS_CURRENCY,
        EPS_NTM,
        *(_pe(str(year), f"FY{year}") for year in years),
        *(_pe(f"cy_{year}", f"CY{year}") for year in years),
        _pe("fy1", "FY1"),
        _pe("ntm", "NTM"),
        _pe_bound("pe_low", FY1_HIGH, "市盈率下限", "P/E low", say("highest")),
        _pe_bound("pe_high", FY1_LOW, "市盈率上限", "P/E high", say("lowest")),
        *(_earnings_yield(str(year), f"FY{year}") for year in years),
        *(_earnings_yield(f"cy_{year}", f"CY{year}") for year in years),
        _earnings_yield("fy1", "FY1"),
        _earnings_yield("ntm", "NTM"),
        *(eps_growth(year) for year in years if year - 1 in years),
        EPS_CAGR,
        PEG,
        _PE_VS_SECTOR,
        _IMPLIED_PRICE,
        _UPSIDE,
        PRICE_CHANGE,
        *(eps_revision(str(year), f"FY{year}") for year in years),
        eps_revision("fy1", "FY1"),
        RERATING,
        MARKET_CAP,
    )
    return {metric.name: metric for metric in metrics}


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


def _pe(period: str, title: str) -> Metric:
    eps, low, high = eps_terms(period)
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
        needs=("price_in_eps_currency", *eps_needed(period)),
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
    eps, low, high = eps_terms(period)
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
        needs=("price_in_eps_currency", *eps_needed(period)),
        low=_yield(low),
        high=_yield(high),
        best="high",
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
        where_positive(nw.col("eps_fy1"), _SECTOR_MEDIAN.frame * nw.col("eps_fy1") / nw.col("fx")),
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
