"""Records to the one frame that every metric is computed from: a row a listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from screener.consensus.fiscal_calendar import FORWARD, Forward, Fy1Rule, standing
from screener.consensus.judge import source_of
from screener.market_data.fx import Conversion
from screener.market_data.trailing import Trailing
from screener.model.columns import check, dtypes
from screener.model.input_columns import (
    ACCOUNTS_COLUMNS,
    PRICE_COLUMNS,
    input_columns,
    stated_columns,
)
from screener.model.messages import COMMA, Sentence, joined, say
from screener.model.records import Listing, Quote, Vintage
from screener.model.symbols import currency_of
from screener.valuation.periods import ENDS, STATED, derived, per_share_of_the_day

if TYPE_CHECKING:
    import polars as pl


# What stands in a row's column, as it can be said in either language.
Sentences = Mapping[tuple[int, str], Sentence]
_GIVEN_OF_PRICES = [column.name for column in PRICE_COLUMNS if column.name != "report_price"]
# A watchlist's figures have at most so many decimals.
EPS_DECIMALS = 8


def input_frame(
    quotes: Mapping[Listing, Quote],
    conversions: Mapping[Listing, Conversion],
    forwards: Mapping[Listing, Forward],
    reported: Mapping[Listing, Trailing],
    report_prices: Mapping[Listing, Quote],
    cap_rates: Mapping[Listing, float],
    standings: Mapping[str, float],
    years: Sequence[int],
    day: date,
    nm_above: float | None = None,
    fy1_rule: Fy1Rule = "calendar",
) -> tuple[pl.DataFrame, Sentences]:
    """One row for each listing of `forwards`, in their order; what is missing is null.

    The columns are the inputs', and what they follow from: EPS as its source states it. A frame
    holds texts in English: beside it come the sentences that can be said in Chinese.
    `cap_rates` are CNY for one of the currency of each printed market cap.
    P/Es above `nm_above` are to mean nothing; None: however high they are, they mean something.
    `fy1_rule` says when FY1 turns.
    """
    import polars as pl

    records = [
        {
            "row": row,
            "nm_above": nm_above,
            "fy1_rule": fy1_rule,
            **_listing_cells(listing, cap_rates.get(listing)),
            "name_en": _english(listing, reported.get(listing)),
            **_price_cells(listing, quotes, conversions, day),
            **_report_cells(listing, quotes.get(listing), report_prices.get(listing)),
            **_accounts_cells(reported.get(listing)),
            "pe_ttm_standing": standings.get(listing.symbol),
            **_consensus_cells(outlook, day),
            **_stated_cells(listing, outlook, years, day),
        }
        for row, (listing, outlook) in enumerate(forwards.items(), start=1)
    ]
    columns = (*input_columns(years), *stated_columns(years))
    follows = {name for level in derived(years) for name in level}
    given = [column for column in columns if column.name not in follows]
    frame = per_share_of_the_day(pl.DataFrame(records, schema=dtypes(given)), years)
    sentences = {
        (record["row"], name): value
        for record in records
        for name, value in record.items()
        if isinstance(value, Sentence) and value
    }
    return check(frame.select(column.name for column in columns), columns), sentences


def _listing_cells(listing: Listing, cap_rate: float | None) -> dict[str, Any]:
    month, day = listing.fiscal_year_end
    return {
        "sector": listing.sector,
        "symbol": listing.symbol,
        "printed_symbol": listing.printed_symbol,
        "name": listing.name,
        "where": listing.where,
        "note": listing.note,
        "fiscal_year_end": f"{month:02}-{day:02}",
        "stated_market_cap": listing.market_cap,
        "market_cap_currency": listing.provenance.market_cap_currency,
        "cap_fx": cap_rate,
    }


def _english(listing: Listing, made: Trailing | None) -> str | None:
    """The name in English, as the watchlist has it, else a vendor."""
    return listing.name_en or (made.profile.name_en if made else "") or None


def _price_cells(
    listing: Listing,
    quotes: Mapping[Listing, Quote],
    conversions: Mapping[Listing, Conversion],
    day: date,
) -> dict[str, Any]:
    quote, conversion = quotes.get(listing), conversions.get(listing)
    if quote is None:
        return dict.fromkeys(_GIVEN_OF_PRICES)
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
        "market_cap_basis": "printed" if quote.obtained == "report" else "rolled forward",
    }


def _accounts_cells(made: Trailing | None) -> dict[str, Any]:
    if made is None:
        return dict.fromkeys(column.name for column in ACCOUNTS_COLUMNS)
    profile = made.profile
    return {
        "eps_ttm": made.eps_ttm,
        "eps_ttm_currency": profile.eps_currency or None,
        "eps_ttm_fx": made.eps_fx,
        "book_value": made.book_value,
        "dividend": made.dividend,
        "accounts_currency": profile.accounts_currency or None,
        "accounts_fx": made.accounts_fx,
        "accounts_source": profile.source,
        "accounts_day": profile.as_of,
    }


def _report_cells(
    listing: Listing, quote: Quote | None, report_price: Quote | None
) -> dict[str, Any]:
    # The report's price is in the currency of its EPS, unless the table prints prices.
    return {
        "traded_currency": quote.currency if quote else currency_of(listing.symbol),
        "stated_report_price": report_price.price if report_price else None,
        "report_price_currency": report_price.currency if report_price else None,
    }


def _consensus_cells(outlook: Forward, day: date) -> dict[str, Any]:
    vintage, split, since_report = outlook.vintage, outlook.split, outlook.split_since_report
    over = [
        say("FY{year} {standing}", year=estimate.fiscal_year, standing=what)
        for estimate in vintage.estimates
        if (what := standing(estimate, vintage, day)) != FORWARD
    ]
    return {
        "eps_currency": vintage.currency,
        "consensus_source": source_of(vintage),
        "consensus_day": vintage.as_of,
        "consensus_age_days": (day - vintage.as_of).days,
        "consensus_fetched_at": vintage.fetched_at,
        "consensus_note": vintage.note,
        "years_over": joined(over, COMMA),
        "split_factor": None if split.is_open else split.factor,
        "split_events": split.text,
        "split_since_report": None if since_report.is_open else since_report.factor,
    }


def _eps_rounding(vintage: Vintage) -> float:
    # One for the row, as a workbook has: of figures that are rounded unlike, the coarsest.
    bounds = (estimate.bounds for estimate in vintage.estimates)
    widest = max((each.high - each.low for each in bounds), default=0.0)
    return round(widest / 2, EPS_DECIMALS + 1)


def _stated_cells(
    listing: Listing, outlook: Forward, years: Sequence[int], day: date
) -> dict[str, Any]:
    """EPS of each fiscal year, per share of the day that its source is of, with its ends.

    What the table printed stands beside it, if the two are in one currency.
    """
    month, last_day = listing.fiscal_year_end
    rounding = _eps_rounding(outlook.vintage)
    cells: dict[str, Any] = {
        "actual_year": outlook.vintage.actual_year,
        "price_day": day,
        "year_end_month": month,
        "year_end_day": last_day,
        "stated_rounding": rounding,
    }
    comparable = outlook.report.currency == outlook.vintage.currency
    for year in years:
        estimate, printed = outlook.of(year), outlook.report.of(year)
        cells[f"stated_eps_{year}"] = estimate.eps if estimate else None
        cells[f"stated_eps_low_{year}"] = estimate.eps - rounding if estimate else None
        cells[f"stated_eps_high_{year}"] = estimate.eps + rounding if estimate else None
        cells[f"stated_eps_report_{year}"] = printed.eps if printed and comparable else None
    return cells


def with_stated(frame: pl.DataFrame, years: Sequence[int], day: date) -> pl.DataFrame:
    """A frame as it is kept now; one of an earlier version lacks some of what its sources state."""
    import polars as pl

    split, since_report = pl.col("split_factor"), pl.col("split_since_report")
    year_end = pl.col("fiscal_year_end").str.split("-").list
    earlier = {
        "fy1_rule": pl.lit("calendar"),
        "actual_year": pl.lit(None, dtype=pl.Int64),
        "price_day": pl.lit(day),
        "year_end_month": year_end.first().cast(pl.Int64),
        "year_end_day": year_end.last().cast(pl.Int64),
        "stated_rounding": pl.col("eps_rounding") * split,
        **{
            f"{STATED}{end}_{year}": pl.col(f"{end}_{year}") * split
            for year in years
            for end in ENDS
        },
        **{
            f"{STATED}eps_report_{year}": pl.col(f"eps_report_{year}") * since_report
            for year in years
        },
        # Caps were kept in CNY, and report prices in the currency of the price.
        "traded_currency": pl.coalesce("price_currency", pl.lit("CNY")),
        "stated_report_price": pl.col("report_price"),
        "report_price_currency": pl.coalesce("price_currency", pl.lit("CNY")),
        "stated_market_cap": pl.col("market_cap_printed"),
        "market_cap_currency": pl.lit("CNY"),
        "cap_fx": pl.lit(1.0),
        "name_en": pl.lit(None, dtype=pl.String),
        # Nobody was asked for accounts.
        **{name: pl.lit(None, dtype=kind) for name, kind in dtypes(ACCOUNTS_COLUMNS).items()},
    }
    return frame.with_columns(
        **{name: value for name, value in earlier.items() if name not in frame.columns}
    )
