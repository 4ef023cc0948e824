"""The definitions once more, in plain Python for one row at a time: what the frames must equal."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def over(number: float | None, divisor: float | None) -> float | None:
    if number is None or divisor is None or divisor == 0:
        return None
    return finite(number / divisor)


def positive(figure: float | None) -> bool:
    """Whether a figure is above zero by more than the noise of floating point."""
    return figure is not None and round(figure, 10) > 0


def price_earnings(
    price: float | None, eps: float | None, limit: float | None = None
) -> float | None:
    multiple = over(price, eps) if positive(eps) else None
    is_above = multiple is not None and limit is not None and multiple > limit * (1 + 1e-10)
    return None if is_above else multiple


def growth(eps: float | None, base: float | None) -> float | None:
    if eps is None or base is None or not positive(base):
        return None
    return finite(eps / base - 1)


def compound(first: float | None, last: float | None, years: int | None) -> float | None:
    if first is None or last is None or years is None:
        return None
    if not (positive(first) and positive(last)):
        return None
    ratio = finite(last / first)
    return None if ratio is None else finite(math.exp(math.log(ratio) / years) - 1)


def value(row: Row, years: Sequence[int], median: float | None) -> dict[str, float | None]:
    """Every metric of one row; `median` is its sector's median P/E FY1."""
    price = None if row["price"] is None or row["fx"] is None else finite(row["price"] * row["fx"])
    limit = row["nm_above"]
    weight, fy1, fy2 = row["ntm_weight"], row["eps_fy1"], row["eps_fy2"]
    ntm = None if fy1 is None or fy2 is None else weight * fy1 + (1 - weight) * fy2
    figures: dict[str, float | None] = {"price_in_eps_currency": price, "eps_ntm": ntm}
    periods = {**{str(year): row[f"eps_{year}"] for year in years}, "fy1": fy1, "ntm": ntm}
    periods |= {f"cy_{year}": row[f"eps_cy_{year}"] for year in years}
    for period, eps in periods.items():
        figures[f"pe_{period}"] = price_earnings(price, eps, limit)
        figures[f"earnings_yield_{period}"] = over(eps, price)
    for year in years:
        if year - 1 in years:
            figures[f"eps_growth_{year}"] = growth(row[f"eps_{year}"], row[f"eps_{year - 1}"])
    pe = figures["pe_fy1"]
    cagr = compound(fy1, row["eps_last"], row["cagr_years"])
    figures["pe_low"] = price_earnings(price, row["eps_high_fy1"], limit)
    figures["pe_high"] = price_earnings(price, row["eps_low_fy1"], limit)
    figures["eps_cagr"] = cagr
    figures["peg"] = over(pe, 100 * cagr) if cagr is not None and positive(cagr) else None
    figures["pe_vs_sector"] = None if pe is None else growth(pe, median)
    implied = None
    if median is not None and fy1 is not None and positive(fy1) and row["fx"] is not None:
        implied = over(median * fy1, row["fx"])
    figures["implied_price"] = implied
    figures["upside"] = None if implied is None else growth(implied, row["price"])
    # What a share of the report's day costs now: one of them has become so many shares.
    since = None if row["price"] is None else finite(row["price"] * row["split_since_report"])
    figures["price_change"] = growth(since, row["report_price"])
    for period in (*map(str, years), "fy1"):
        figures[f"eps_revision_{period}"] = growth(
            row[f"eps_{period}"], row[f"eps_report_{period}"]
        )
    before, change = row["eps_report_fy1"], figures["price_change"]
    figures["rerating"] = None
    if change is not None and fy1 and positive(fy1) and before and positive(before):
        grown = finite((1 + change) * before)
        figures["rerating"] = None if grown is None else finite(grown / fy1 - 1)
    price_of_eps, price_of_accounts = (
        None if None in (row["price"], row[fx]) else finite(row["price"] * row[fx])
        for fx in ("eps_ttm_fx", "accounts_fx")
    )
    figures["pe_ttm"] = price_earnings(price_of_eps, row["eps_ttm"], limit)
    figures["pe_ttm_percentile"] = row["pe_ttm_standing"]
    figures["pb"] = price_earnings(price_of_accounts, row["book_value"])
    figures["dividend_yield"] = over(row["dividend"], price_of_accounts)
    cap, base = row["market_cap_printed"], row["report_price"]
    figures["market_cap"] = over(cap * since, base) if None not in (cap, base, since) else None
    return figures


def median(figures: Sequence[float]) -> float | None:
    return statistics.median(figures) if figures else None
