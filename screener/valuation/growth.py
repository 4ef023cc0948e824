"""Growth and revision of EPS, and the multiple per growth."""

from __future__ import annotations

from typing import Literal

import narwhals as nw

from screener.model.messages import say
from screener.valuation.eps import (
    FY1,
    FY1_HIGH,
    FY1_LOW,
    LAST,
    LAST_HIGH,
    LAST_LOW,
    NO_BASE,
    NO_GROWTH,
    eps_terms,
    where_positive,
)
from screener.valuation.metric import Metric
from screener.valuation.term import Term


def _growth(eps: Term, bases: tuple[Term, ...], end: Literal["MIN", "MAX"]) -> Term:
    """Growth from the base; from whichever of two bases gives the `end`. A loss has none."""
    smallest = bases[0]
    ratios = [eps.frame / base.frame for base in bases]
    extreme = nw.min_horizontal(*ratios) if end == "MIN" else nw.max_horizontal(*ratios)
    cells = ",".join(f"{eps.cell}/{base.cell}" for base in bases)
    return Term(
        where_positive(smallest.frame, extreme - 1),
        f'IF({smallest.cell}>0,{end}({cells})-1,"NM")',
    )


def eps_growth(year: int) -> Metric:
    (eps, low, high), (base, base_low, base_high) = eps_terms(str(year)), eps_terms(str(year - 1))
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
            where_positive(base.frame, eps.frame / base.frame - 1),
            f'IF({base.cell}>0,{eps.cell}/{base.cell}-1,"NM")',
        ),
        needs=(f"eps_{year}", f"eps_{year - 1}"),
        not_meaningful=NO_BASE,
        # A loss is largest relative to the smallest base.
        low=_growth(low, (base_low, base_high), "MIN"),
        high=_growth(high, (base_low, base_high), "MAX"),
        best="high",
    )


def eps_revision(period: str, title: str) -> Metric:
    eps, (before, before_cell) = (
        eps_terms(period)[0],
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
            where_positive(nw.col(before), eps.frame / nw.col(before) - 1),
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


EPS_CAGR = Metric(
    name="eps_cagr",
    kind="number",
    zh="EPS复合增速",
    en="EPS CAGR",
    format="percent",
    nullable=True,
    meaning=say("Yearly growth of consensus EPS from FY1 to its last year; both must be profits"),
    formula=say("(EPS(last) ÷ EPS(FY1)) ^ (1 ÷ years) − 1, both > 0"),
    value=_compound(FY1, LAST),
    needs=("eps_fy1", "eps_last"),
    not_meaningful=say("EPS starts or ends at a loss"),
    low=_compound(FY1_HIGH, LAST_LOW),
    high=_compound(FY1_LOW, LAST_HIGH),
    best="high",
)

PEG = Metric(
    name="peg",
    kind="number",
    zh="PEG",
    en="PEG",
    format="ratio",
    nullable=True,
    meaning=say("P/E FY1 over the yearly growth of EPS in percent; NM where EPS does not grow"),
    formula=say("pe_fy1 ÷ (100 × eps_cagr), where eps_cagr > 0"),
    value=Term(
        where_positive(nw.col("eps_cagr"), nw.col("pe_fy1") / (100 * nw.col("eps_cagr"))),
        'IF(N({eps_cagr})>0,IF(ISNUMBER({pe_fy1}),{pe_fy1}/(Percent*{eps_cagr}),"NM"),"NM")',
    ),
    needs=("price_in_eps_currency", "eps_fy1", "eps_last"),
    not_meaningful=NO_GROWTH,
    best="low",
)
