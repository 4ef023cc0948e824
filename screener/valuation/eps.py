"""EPS of a period with the ends of its rounding, and what all multiples are computed from."""

from __future__ import annotations

import narwhals as nw

from screener.model.messages import say
from screener.valuation.metric import Metric
from screener.valuation.term import Term

LOSS = say("EPS is zero or negative")

NO_BASE = say("EPS of the year before is zero or negative")

NO_GROWTH = say("EPS does not grow, or starts or ends at a loss")

PRICE = Term(nw.col("price_in_eps_currency"), "{price_in_eps_currency}")


def where_positive(eps: nw.Expr, value: nw.Expr) -> nw.Expr:
    """The value where the EPS it divides by is above zero: elsewhere it means nothing."""
    return nw.when(eps > 0).then(value)


def _next_twelve_months(fy1: str, fy2: str) -> nw.Expr:
    weight = nw.col("ntm_weight")
    return weight * nw.col(fy1) + (1 - weight) * nw.col(fy2)


def eps_terms(period: str) -> tuple[Term, Term, Term]:
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


def eps_needed(period: str) -> tuple[str, ...]:
    return ("eps_fy1", "eps_fy2") if period == "ntm" else (f"eps_{period}",)


FY1, FY1_LOW, FY1_HIGH = eps_terms("fy1")

LAST, LAST_LOW, LAST_HIGH = eps_terms("last")

PRICE_IN_EPS_CURRENCY = Metric(
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

EPS_NTM = Metric(
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
