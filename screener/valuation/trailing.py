"""Multiples of what was reported: the last twelve months' EPS and dividends, and the book value.

Each figure is in its own currency, which the price is converted to; a source's own ratios are not
used: some divide figures of two currencies.
"""

from __future__ import annotations

import narwhals as nw

from screener.model.messages import say
from screener.valuation.metric import Metric
from screener.valuation.multiples import is_sensible_at
from screener.valuation.term import Term, column, is_positive, when


def _reported(name: str) -> Term:
    """A figure that no row may have: such a column has no type of its own on every engine."""
    return Term(nw.col(name).cast(nw.Float64), f"{{{name}}}")


_EPS, _BOOK_VALUE = _reported("eps_ttm"), _reported("book_value")
_PRICE_FOR_EPS = column("price") * _reported("eps_ttm_fx")
_PRICE_FOR_ACCOUNTS = column("price") * _reported("accounts_fx")

PE_TTM = Metric(
    name="pe_ttm",
    title=say("P/E TTM"),
    unit=say("x"),
    format="multiple",
    meaning=say("Price over reported EPS of the last twelve months; NM for a loss"),
    formula=say(
        "price × fx ÷ EPS(TTM), where EPS > 0 and the P/E is not above the limit of NM; fx to"
        " eps_ttm_currency"
    ),
    value=when(is_positive(_EPS) & is_sensible_at(_PRICE_FOR_EPS, _EPS), _PRICE_FOR_EPS / _EPS),
    needs=("price", "eps_ttm", "eps_ttm_fx"),
    not_meaningful=say("EPS of the last twelve months is zero or negative"),
    best="low",
)

PB = Metric(
    name="pb",
    title=say("P/B"),
    unit=say("x"),
    format="multiple",
    meaning=say("Price over book value per share; NM where that is negative"),
    formula=say("price × fx ÷ book value per share, where that is > 0; fx to accounts_currency"),
    value=when(is_positive(_BOOK_VALUE), _PRICE_FOR_ACCOUNTS / _BOOK_VALUE),
    needs=("price", "book_value", "accounts_fx"),
    not_meaningful=say("the book value is zero or negative"),
    best="low",
)

PE_TTM_PERCENTILE = Metric(
    name="pe_ttm_percentile",
    title=say("P/E TTM percentile"),
    format="percent",
    meaning=say("Where P/E TTM stands among the days of five years, as vendors have it"),
    formula=say("days with a lower P/E TTM ÷ days with one, by the stored history"),
    value=_reported("pe_ttm_standing"),
    needs=("pe_ttm_standing",),
    best="low",
)

DIVIDEND_YIELD = Metric(
    name="dividend_yield",
    title=say("Dividend yield"),
    format="percent",
    meaning=say("Dividends per share of the last twelve months over the price"),
    formula=say("dividends of twelve months ÷ (price × fx); fx to accounts_currency"),
    value=_reported("dividend") / _PRICE_FOR_ACCOUNTS,
    needs=("price", "dividend", "accounts_fx"),
    best="high",
)
