"""The catalogue of metrics: what each is called, what it means, how it is computed and shown.

An expression is written once, over the columns of the inputs and of the metrics above it in the
catalogue; it gives the same figures on any frame that narwhals knows, eager or lazy, and as the
formulas of a workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from screener.valuation.eps import EPS_NTM, PRICE_IN_EPS_CURRENCY
from screener.valuation.growth import EPS_CAGR, PEG, eps_growth, eps_revision
from screener.valuation.metric import Metric
from screener.valuation.multiples import (
    IMPLIED_PRICE,
    PE_HIGH,
    PE_LOW,
    PE_VS_SECTOR,
    UPSIDE,
    earnings_yield,
    price_earnings,
)
from screener.valuation.since_report import MARKET_CAP, PRICE_CHANGE, RERATING
from screener.valuation.trailing import DIVIDEND_YIELD, PB, PE_TTM, PE_TTM_PERCENTILE


def catalogue(years: Sequence[int]) -> Mapping[str, Metric]:
    """Every metric by name, for a table with these fiscal years; each after those it uses."""
    metrics = (
        PRICE_IN_EPS_CURRENCY,
        EPS_NTM,
        *_by_period(price_earnings, years),
        PE_LOW,
        PE_HIGH,
        *_by_period(earnings_yield, years),
        *(eps_growth(year) for year in years if year - 1 in years),
        EPS_CAGR,
        PEG,
        PE_VS_SECTOR,
        IMPLIED_PRICE,
        UPSIDE,
        PRICE_CHANGE,
        *(eps_revision(str(year), f"FY{year}", year) for year in years),
        eps_revision("fy1", "FY1"),
        RERATING,
        PE_TTM,
        PE_TTM_PERCENTILE,
        PB,
        DIVIDEND_YIELD,
        MARKET_CAP,
    )
    return {metric.name: metric for metric in metrics}


def _by_period(make: Callable[..., Metric], years: Sequence[int]) -> Iterator[Metric]:
    """A metric of each fiscal year, calendar year, FY1 and the next twelve months."""
    yield from (make(str(year), f"FY{year}", "{}", year) for year in years)
    yield from (make(f"cy_{year}", f"CY{year}", "{}_cy", year) for year in years)
    yield make("fy1", "FY1")
    yield make("ntm", "NTM")
