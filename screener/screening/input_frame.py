"""Records to the one frame that every metric is computed from: a row a listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from screener.consensus.fiscal_calendar import Forward, calendar_weight, standing
from screener.market_data.fx import Conversion
from screener.model.columns import check, dtypes
from screener.model.input_columns import PRICE_COLUMNS, input_columns
from screener.model.records import Listing, Quote, Vintage
from screener.model.symbols import currency_of

if TYPE_CHECKING:
    import polars as pl


# A watchlist's figures have at most so many decimals.
EPS_DECIMALS = 8


def input_frame(
    quotes: Mapping[Listing, Quote],
    conversions: Mapping[Listing, Conversion],
    forwards: Mapping[Listing, Forward],
    report_prices: Mapping[Listing, Quote],
    market_caps: Mapping[Listing, float],
    years: Sequence[int],
    day: date,
    nm_above: float | None = None,
) -> pl.DataFrame:
    """One row for each listing of `forwards`, in their order; what is missing is null.

    `market_caps` are the printed ones, in 100 million CNY.
    P/Es above `nm_above` are to mean nothing; None: however high they are, they mean something.
    """
    import polars as pl

    records = [
        {
            "row": row,
            "nm_above": nm_above,
            **_listing_cells(listing, market_caps.get(listing)),
            **_price_cells(
                listing, quotes, conversions, report_prices, outlook.vintage.currency, day
            ),
            **_consensus_cells(outlook, day),
            **_estimate_cells(listing, outlook, years),
            **_report_cells(outlook, years),
        }
        for row, (listing, outlook) in enumerate(forwards.items(), start=1)
    ]
    expected = input_columns(years)
    return check(pl.DataFrame(records, schema=dtypes(expected)), expected)


def _listing_cells(listing: Listing, market_cap: float | None) -> dict[str, Any]:
    month, day = listing.fiscal_year_end
    return {
        "sector": listing.sector,
        "symbol": listing.symbol,
        "printed_symbol": listing.printed_symbol,
        "name": listing.name,
        "where": listing.where,
        "note": listing.note,
        "fiscal_year_end": f"{month:02}-{day:02}",
        "cy_weight": calendar_weight(listing.fiscal_year_end),
        "market_cap_printed": market_cap,
    }


def _price_cells(
    listing: Listing,
    quotes: Mapping[Listing, Quote],
    conversions: Mapping[Listing, Conversion],
    report_prices: Mapping[Listing, Quote],
    eps_currency: str,
    day: date,
) -> dict[str, Any]:
    quote, conversion = quotes.get(listing), conversions.get(listing)
    if quote is None:
        printed = report_prices.get(listing)
        is_local = printed is not None and printed.currency == currency_of(listing.symbol)
        known = {"report_price": printed.price if printed and is_local else None}
        return {**dict.fromkeys(column.name for column in PRICE_COLUMNS), **known}
    return {
        "price": quote.price,
        "price_currency": quote.currency,
        "price_bound_low": quote.bounds.low,
        "price_bound_high": quote.bounds.high,
        "price_source": quote.source,
        "price_obtained": quote.obtained,
        "price_time": quote.market_time.astimezone(UTC),
        "price_age_days": (day - quote.market_time.date()).days,
        "price_delay_minutes": quote.delay_minutes,
        "price_fetched_at": quote.fetched_at,
        "fx": conversion.value if conversion else None,
        "fx_source": conversion.source if conversion else None,
        "fx_time": conversion.market_time if conversion else None,
        "report_price": _in_currency_of(
            quote, conversion, report_prices.get(listing), eps_currency
        ),
        "market_cap_basis": "printed" if quote.obtained == "report" else "rolled forward",
    }


def _in_currency_of(
    quote: Quote, conversion: Conversion | None, report_price: Quote | None, eps_currency: str
) -> float | None:
    # The report's price is in the currency of its EPS, unless the table prints prices.
    if report_price is None:
        return None
    if report_price.currency == quote.currency:
        return report_price.price
    if report_price.currency != eps_currency or conversion is None:
        return None
    return report_price.price / conversion.value


def _consensus_cells(outlook: Forward, day: date) -> dict[str, Any]:
    last, vintage, split = outlook.last, outlook.vintage, outlook.split
    over = [
        f"FY{each.fiscal_year} {label}"
        for each in vintage.estimates
        if (label := standing(each, vintage, day)) != "forward"
    ]
    return {
        "eps_currency": vintage.currency,
        "consensus_source": vintage.source,
        "consensus_day": vintage.as_of,
        "consensus_age_days": (day - vintage.as_of).days,
        "consensus_fetched_at": vintage.fetched_at,
        "consensus_note": vintage.note,
        "years_over": ", ".join(over),
        "fy1": outlook.fy1,
        "fy1_end": outlook.fy1_end,
        "ntm_weight": outlook.ntm_weight,
        "cagr_years": last.fiscal_year - outlook.fy1 if last else None,
        "eps_rounding": _eps_rounding(vintage) / split.factor,
        "split_factor": split.factor,
        "split_events": split.text,
        "split_since_report": outlook.split_since_report.factor,
    }


def _eps_rounding(vintage: Vintage) -> float:
    # A row's figures are rounded alike, so the first tells for all.
    bounds = next((each.bounds for each in vintage.estimates), None)
    return round((bounds.high - bounds.low) / 2, EPS_DECIMALS + 1) if bounds else 0.0


def _estimate_cells(
    listing: Listing, outlook: Forward, years: Sequence[int]
) -> dict[str, float | None]:
    """EPS per share of the day of the valuation: for each year and period, as it is and its ends.

    What is split into two shares earns half per share.
    """
    factor = outlook.split.factor
    adjusted = {
        year: (each.eps / factor, each.bounds.low / factor, each.bounds.high / factor)
        for year in (*years, *outlook.vintage.years)
        if (each := outlook.of(year)) is not None
    }
    last = outlook.last
    figures = {
        **{str(year): adjusted.get(year) for year in years},
        "fy1": adjusted.get(outlook.fy1),
        "fy2": adjusted.get(outlook.fy1 + 1),
        "last": adjusted[last.fiscal_year] if last else None,
    }
    weight = calendar_weight(listing.fiscal_year_end)
    for year in years:
        figures[f"cy_{year}"] = _weighed(weight, adjusted.get(year), adjusted.get(year + 1))
    cells: dict[str, float | None] = {}
    for period, ends in figures.items():
        for name, figure in zip(("eps", "eps_low", "eps_high"), ends or (None,) * 3, strict=True):
            cells[f"{name}_{period}"] = figure
    return cells


Ends = tuple[float, float, float]


def _weighed(weight: float, year: Ends | None, following: Ends | None) -> Ends | None:
    """So much of one fiscal year, the rest of the next: a calendar year's figures."""
    if year is None or weight >= 1:
        return year
    if following is None:
        return None
    eps, low, high = (
        weight * one + (1 - weight) * other for one, other in zip(year, following, strict=True)
    )
    return eps, low, high


def _report_cells(outlook: Forward, years: Sequence[int]) -> dict[str, float | None]:
    """The EPS that the table printed, per share of the day of the valuation, if comparable."""
    factor = outlook.split_since_report.factor
    comparable = outlook.report.currency == outlook.vintage.currency
    periods = {**{str(year): year for year in years}, "fy1": outlook.fy1}
    estimates = {period: outlook.report.of(year) for period, year in periods.items()}
    return {
        f"eps_report_{period}": each.eps / factor if each and comparable else None
        for period, each in estimates.items()
    }
