"""P/E and earnings yield of a period, and where they stand against the sector's median."""

from __future__ import annotations

from math import inf

import narwhals as nw

from screener.model.messages import Sentence, say
from screener.valuation.eps import FY1, FY1_HIGH, FY1_LOW, LOSS, PRICE, eps_needed, eps_terms
from screener.valuation.limits import TIE_PRECISION
from screener.valuation.metric import Metric
from screener.valuation.term import Term, column, is_number, is_positive, when

# A column of nothing but nulls has no type of its own on every engine.
_LIMIT = nw.col("nm_above").cast(nw.Float64).fill_null(inf)
# The median, as one name at 800x would move a mean of ten by 80.
_SECTOR_MEDIAN = Term(nw.col("pe_fy1").median().over("sector"), "{sector_median}")
_PE_FY1 = column("pe_fy1")


def is_sensible(eps: Term) -> Term:
    """Whether the multiple on that EPS is not above the limit; an empty cell is no limit."""
    return is_sensible_at(PRICE, eps)


def is_sensible_at(price: Term, eps: Term) -> Term:
    """The same of a price in the currency of that EPS."""
    return Term(
        price.frame <= eps.frame * _LIMIT * (1 + TIE_PRECISION),
        f"OR(N(NM_Above)=0,{price.cell}<={eps.cell}*N(NM_Above)*(1+Tie_Precision))",
    )


def _price_earnings(eps: Term) -> Term:
    return when(is_positive(eps) & is_sensible(eps), PRICE / eps)


def price_earnings(period: str, title: str, family: str = "", year: int | None = None) -> Metric:
    """P/E of a period."""
    eps, low, high = eps_terms(period)
    return Metric(
        name=f"pe_{period}",
        title=say("P/E {title}", title=title),
        family=family.format("pe"),
        year=year,
        unit=say("x"),
        format="multiple",
        meaning=say("Price over consensus EPS of {title}; NM for a loss", title=title),
        formula=say(
            "price × fx ÷ EPS({title}), where EPS > 0 and the P/E is not above the limit of NM",
            title=title,
        ),
        value=_price_earnings(eps),
        needs=("price_in_eps_currency", *eps_needed(period)),
        not_meaningful=LOSS,
        low=_price_earnings(high),
        high=_price_earnings(low),
        best="low",
        earnings_yield=f"earnings_yield_{period}",
    )


def _bound(name: str, title: Sentence, eps: Term, end: Sentence) -> Metric:
    return Metric(
        name=name,
        title=title,
        unit=say("x"),
        format="multiple",
        meaning=say("P/E FY1 at the {end} EPS that prints as it does", end=end),
        formula=say("price × fx ÷ the {end} EPS(FY1) within its rounding", end=end),
        value=_price_earnings(eps),
        needs=("price_in_eps_currency", "eps_fy1"),
        not_meaningful=LOSS,
    )


def earnings_yield(period: str, title: str, family: str = "", year: int | None = None) -> Metric:
    """EPS of a period over the price: defined for losses, too."""
    eps, low, high = eps_terms(period)
    return Metric(
        name=f"earnings_yield_{period}",
        title=say("Earnings yield {title}", title=title),
        family=family.format("earnings_yield"),
        year=year,
        format="percent",
        meaning=say("Consensus EPS of {title} over price; negative for a loss", title=title),
        formula=say("EPS({title}) ÷ (price × fx)", title=title),
        value=eps / PRICE,
        needs=("price_in_eps_currency", *eps_needed(period)),
        low=low / PRICE,
        high=high / PRICE,
        best="high",
    )


# The dearest EPS makes the lowest P/E: what is cheap on paper may be so by rounding alone.
PE_LOW = _bound("pe_low", say("P/E low"), FY1_HIGH, say("highest"))
PE_HIGH = _bound("pe_high", say("P/E high"), FY1_LOW, say("lowest"))


def _premium(multiple: Term) -> Term:
    """A multiple over the sector's median; its ends are those of the name's own EPS."""
    return when(is_number(multiple) & is_number(_SECTOR_MEDIAN), multiple / _SECTOR_MEDIAN - 1)


def _implied(eps: Term) -> Term:
    """What a share with that EPS would cost at the sector's median."""
    return when(is_positive(eps) & is_number(_SECTOR_MEDIAN), _SECTOR_MEDIAN * eps / column("fx"))


def _upside(implied: Term) -> Term:
    return when(is_number(implied), implied / column("price") - 1)


PE_VS_SECTOR = Metric(
    name="pe_vs_sector",
    title=say("Premium to sector"),
    format="change",
    meaning=say("P/E FY1 above (+) or below (−) the median of the sector's meaningful ones"),
    formula=say("pe_fy1 ÷ median of the sector's pe_fy1 − 1"),
    value=_premium(_PE_FY1),
    needs=("price_in_eps_currency", "eps_fy1"),
    not_meaningful=LOSS,
    low=_premium(column("pe_low")),
    high=_premium(column("pe_high")),
    best="low",
)

IMPLIED_PRICE = Metric(
    name="implied_price",
    title=say("Implied price"),
    format="price",
    meaning=say("What a share would cost at the sector's median P/E FY1, in the price's currency"),
    formula=say("median of the sector's pe_fy1 × EPS(FY1) ÷ fx, where EPS(FY1) > 0"),
    value=_implied(FY1),
    needs=("price_in_eps_currency", "eps_fy1"),
    not_meaningful=LOSS,
)

UPSIDE = Metric(
    name="upside",
    title=say("Upside"),
    format="change",
    meaning=say("How far the price is from the implied price"),
    formula=say("implied_price ÷ price − 1"),
    value=_upside(column("implied_price")),
    needs=("price_in_eps_currency", "eps_fy1"),
    not_meaningful=LOSS,
    low=_upside(_implied(FY1_LOW)),
    high=_upside(_implied(FY1_HIGH)),
    best="high",
)
