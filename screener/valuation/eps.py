"""EPS of a period with the ends of its rounding, and what all multiples are computed from."""

from __future__ import annotations

import narwhals as nw

from screener.model.messages import say
from screener.valuation.metric import Metric
from screener.valuation.term import Term, column, parameter

# Why a figure is NM. A loss never looks cheap, nor a recovery like growth.
LOSS = say("EPS is zero or negative")
NO_BASE = say("EPS of the year before is zero or negative")
NO_GROWTH = say("EPS does not grow, or starts or ends at a loss")

PRICE = column("price_in_eps_currency")
# Growth in a PEG is in percent.
PERCENT = parameter("Percent", 100)


def eps_terms(period: str) -> tuple[Term, Term, Term]:
    """EPS of a period, and the ends of its rounding."""
    if period == "ntm":
        low, high = (
            next_twelve_months(_end(end, "fy1"), _end(end, "fy2")).frame for end in ("low", "high")
        )
        cell = "{eps_ntm}"
        return (
            column("eps_ntm"),
            Term(low, f"({cell}-{{eps_rounding}})"),
            Term(high, f"({cell}+{{eps_rounding}})"),
        )
    return column(f"eps_{period}"), _end("low", period), _end("high", period)


def _end(end: str, period: str) -> Term:
    # A workbook has one rounding a row in place of two columns a period.
    sign = "-" if end == "low" else "+"
    return Term(nw.col(f"eps_{end}_{period}"), f"({{eps_{period}}}{sign}{{eps_rounding}})")


def next_twelve_months(fy1: Term, fy2: Term) -> Term:
    """So much of FY1 as of it is left, the rest of FY2."""
    weight = column("ntm_weight")
    return weight * fy1 + (1 - weight) * fy2


def eps_needed(period: str) -> tuple[str, ...]:
    """The inputs without which a period has no EPS."""
    return ("eps_fy1", "eps_fy2") if period == "ntm" else (f"eps_{period}",)


FY1, FY1_LOW, FY1_HIGH = eps_terms("fy1")
LAST, LAST_LOW, LAST_HIGH = eps_terms("last")

PRICE_IN_EPS_CURRENCY = Metric(
    name="price_in_eps_currency",
    title=say("Price in EPS currency"),
    format="price",
    meaning=say("The price in the currency of the estimates"),
    formula=say("price × fx"),
    value=column("price") * column("fx"),
    needs=("price", "fx"),
)

EPS_NTM = Metric(
    name="eps_ntm",
    title=say("EPS NTM"),
    format="amount",
    meaning=say("Consensus EPS of the next twelve months"),
    formula=say("w × EPS(FY1) + (1 − w) × EPS(FY2), w = days left in FY1 ÷ 365"),
    value=next_twelve_months(FY1, column("eps_fy2")),
    needs=("eps_fy1", "eps_fy2"),
)
