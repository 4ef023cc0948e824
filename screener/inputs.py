"""Records to the one frame that every metric is computed from: a row a listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from screener.consensus import Forward
from screener.fx import Conversion
from screener.model import Estimate, Listing, Quote
from screener.schema import Column, check, dtypes
from screener.symbols import currency_of

if TYPE_CHECKING:
    import polars as pl

PERIODS = ("fy1", "fy2", "last")
# A watchlist's figures have at most so many decimals.
EPS_DECIMALS = 8


def columns(years: Sequence[int]) -> tuple[Column, ...]:
    """The columns of the frame, for a table with these fiscal years."""
    estimates = [
        column
        for period in (*(str(year) for year in years), *PERIODS)
        for column in _estimate_columns(period)
    ]
    return (*_LISTING_COLUMNS, *_PRICE_COLUMNS, *_CONSENSUS_COLUMNS, *estimates)


def frame(
    quotes: Mapping[Listing, Quote],
    conversions: Mapping[Listing, Conversion],
    forwards: Mapping[Listing, Forward],
    report_prices: Mapping[Listing, Quote],
    years: Sequence[int],
    day: date,
    nm_above: float | None = None,
) -> pl.DataFrame:
    """One row for each listing of `forwards`, in their order; what is missing is null.

    P/Es above `nm_above` are to mean nothing; None: however high they are, they mean something.
    """
    import polars as pl

    records = [
        {
            "row": row,
            "nm_above": nm_above,
            **_listing_cells(listing),
            **_price_cells(listing, quotes, conversions, report_prices, day),
            **_consensus_cells(outlook, day),
            **_estimate_cells(outlook, years),
        }
        for row, (listing, outlook) in enumerate(forwards.items(), start=1)
    ]
    expected = columns(years)
    return check(pl.DataFrame(records, schema=dtypes(expected)), expected)


def _listing_cells(listing: Listing) -> dict[str, Any]:
    month, day = listing.fiscal_year_end
    return {
        "sector": listing.sector,
        "symbol": listing.symbol,
        "printed_symbol": listing.printed_symbol,
        "name": listing.name,
        "where": listing.where,
        "note": listing.note,
        "eps_currency": listing.eps_currency,
        "fiscal_year_end": f"{month:02}-{day:02}",
        "market_cap_printed": listing.market_cap,
    }


def _price_cells(
    listing: Listing,
    quotes: Mapping[Listing, Quote],
    conversions: Mapping[Listing, Conversion],
    report_prices: Mapping[Listing, Quote],
    day: date,
) -> dict[str, Any]:
    quote, conversion = quotes.get(listing), conversions.get(listing)
    if quote is None:
        printed = report_prices.get(listing)
        is_local = printed is not None and printed.currency == currency_of(listing.symbol)
        known = {"report_price": printed.price if printed and is_local else None}
        return {**dict.fromkeys(column.name for column in _PRICE_COLUMNS), **known}
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
        "report_price": _in_currency_of(quote, conversion, report_prices.get(listing)),
        "market_cap_basis": "printed" if quote.obtained == "report" else "rolled forward",
    }


def _in_currency_of(
    quote: Quote, conversion: Conversion | None, report_price: Quote | None
) -> float | None:
    # The report's price is in the currency of the EPS, unless the table prints prices.
    if report_price is None:
        return None
    if report_price.currency == quote.currency:
        return report_price.price
    return report_price.price / conversion.value if conversion else None


def _consensus_cells(outlook: Forward, day: date) -> dict[str, Any]:
    last = outlook.last
    return {
        "consensus_source": next((each.source for each in outlook.estimates.values()), ""),
        "consensus_day": outlook.consensus_day,
        "consensus_age_days": (day - outlook.consensus_day).days,
        "fy1": outlook.fy1,
        "fy1_end": outlook.fy1_end,
        "ntm_weight": outlook.ntm_weight,
        "cagr_years": last.fiscal_year - outlook.fy1 if last else None,
        "eps_rounding": _eps_rounding(outlook),
        # Splits are not looked up: every share is still the share of the consensus day.
        "split_factor": 1.0,
    }


def _eps_rounding(outlook: Forward) -> float:
    # A row's figures are rounded alike, so the first tells for all.
    bounds = next((each.bounds for each in outlook.estimates.values()), None)
    return round((bounds.high - bounds.low) / 2, EPS_DECIMALS + 1) if bounds else 0.0


def _estimate_cells(outlook: Forward, years: Sequence[int]) -> dict[str, float | None]:
    estimates: dict[str, Estimate | None] = {
        **{str(year): outlook.of(year) for year in years},
        "fy1": outlook.of(outlook.fy1),
        "fy2": outlook.of(outlook.fy1 + 1),
        "last": outlook.last,
    }
    cells: dict[str, float | None] = {}
    for period, estimate in estimates.items():
        cells[f"eps_{period}"] = estimate.eps if estimate else None
        cells[f"eps_low_{period}"] = estimate.bounds.low if estimate else None
        cells[f"eps_high_{period}"] = estimate.bounds.high if estimate else None
    return cells


def _estimate_columns(period: str) -> tuple[Column, ...]:
    title = period.upper() if period in PERIODS else f"FY{period}"
    return tuple(
        Column(
            name=f"{prefix}_{period}",
            kind="number",
            zh=f"{zh} {title}",
            en=f"{en} {title}",
            unit="EPS币种",
            format="amount",
            nullable=True,
            meaning=meaning,
        )
        for prefix, zh, en, meaning in (
            ("eps", "EPS", "EPS", "Consensus EPS, in eps_currency"),
            ("eps_low", "EPS下限", "EPS low", "The lowest EPS that prints as it does"),
            ("eps_high", "EPS上限", "EPS high", "The highest EPS that prints as it does"),
        )
    )


def _text(name: str, zh: str, en: str, meaning: str, *, nullable: bool = False) -> Column:
    return Column(name=name, kind="text", zh=zh, en=en, meaning=meaning, nullable=nullable)


_LISTING_COLUMNS = (
    Column(
        name="row",
        kind="integer",
        zh="序",
        en="Row",
        format="integer",
        meaning="Place of the row in the watchlists that were read",
    ),
    Column(
        name="nm_above",
        kind="number",
        zh="市盈率上限",
        en="NM above",
        unit="倍",
        format="multiple",
        nullable=True,
        meaning="P/Es above it are NM; empty: none are",
    ),
    _text("sector", "行业", "Sector", "The watchlist the row is from"),
    _text("symbol", "代码", "Symbol", "Code and exchange, corrected where the table was wrong"),
    _text("printed_symbol", "印刷代码", "Printed symbol", "The code as the table prints it"),
    _text("name", "名称", "Name", "The name as the table prints it"),
    _text("where", "出处", "Where", "File and line of the row"),
    _text("note", "备注", "Note", "The watchlist's own note on the row"),
    _text("eps_currency", "EPS币种", "EPS ccy", "Currency of the estimates"),
    _text("fiscal_year_end", "财年截止", "Year end", "Month and day the fiscal year ends"),
    Column(
        name="market_cap_printed",
        kind="number",
        zh="总市值(印刷)",
        en="Printed market cap",
        unit="亿元",
        format="amount",
        nullable=True,
        meaning="Market cap as the table prints it, in 100 million",
    ),
)

_PRICE_COLUMNS = (
    Column(
        name="price",
        kind="number",
        zh="价格",
        en="Price",
        format="price",
        nullable=True,
        meaning="Price of one share, in price_currency",
    ),
    _text("price_currency", "币种", "Ccy", "Currency of the price", nullable=True),
    Column(
        name="price_bound_low",
        kind="number",
        zh="价格下界",
        en="Price at least",
        format="price",
        nullable=True,
        meaning="The lowest price that the source's rounding allows",
    ),
    Column(
        name="price_bound_high",
        kind="number",
        zh="价格上界",
        en="Price at most",
        format="price",
        nullable=True,
        meaning="The highest price that the source's rounding allows",
    ),
    _text("price_source", "价格来源", "Price source", "Who says so", nullable=True),
    _text(
        "price_obtained",
        "取得方式",
        "Obtained",
        "live, delayed, close, cached, file, or report: implied by the printed table",
        nullable=True,
    ),
    Column(
        name="price_time",
        kind="time",
        zh="价格时间",
        en="Price time",
        format="time",
        nullable=True,
        meaning="When the price was made on the market, in the exchange's zone where shown",
    ),
    Column(
        name="price_age_days",
        kind="integer",
        zh="价格天数",
        en="Price age",
        unit="日",
        format="integer",
        nullable=True,
        meaning="Days from the price to the day of the valuation",
    ),
    Column(
        name="price_delay_minutes",
        kind="integer",
        zh="延迟",
        en="Delay",
        unit="分钟",
        format="integer",
        nullable=True,
        meaning="By how much the source says it lags the market; empty: it does not say",
    ),
    Column(
        name="price_fetched_at",
        kind="time",
        zh="取得时间",
        en="Fetched at",
        format="time",
        nullable=True,
        meaning="When the price was asked for; empty for prices of a file or of the report",
    ),
    Column(
        name="fx",
        kind="number",
        zh="汇率",
        en="FX",
        format="rate",
        nullable=True,
        meaning="Units of eps_currency for one of price_currency",
    ),
    _text(
        "fx_source", "汇率来源", "FX source", "Who says so; empty for one currency", nullable=True
    ),
    Column(
        name="fx_time",
        kind="time",
        zh="汇率时间",
        en="FX time",
        format="time",
        nullable=True,
        meaning="When the rate was made; empty for one currency",
    ),
    Column(
        name="report_price",
        kind="number",
        zh="报告价",
        en="Report price",
        format="price",
        nullable=True,
        meaning="The price that the printed table implies, in price_currency",
    ),
    _text(
        "market_cap_basis",
        "市值口径",
        "Cap basis",
        "printed, or rolled forward with the price",
        nullable=True,
    ),
)

_CONSENSUS_COLUMNS = (
    _text("consensus_source", "预测来源", "Consensus source", "Who says so"),
    Column(
        name="consensus_day",
        kind="day",
        zh="预测日",
        en="Consensus day",
        format="day",
        meaning="The day the estimates are of",
    ),
    Column(
        name="consensus_age_days",
        kind="integer",
        zh="预测天数",
        en="Consensus age",
        unit="日",
        format="integer",
        meaning="Days from the estimates to the day of the valuation",
    ),
    Column(
        name="fy1",
        kind="integer",
        zh="FY1",
        en="FY1",
        format="integer",
        meaning="The fiscal year in progress on the day of the valuation",
    ),
    Column(
        name="fy1_end",
        kind="day",
        zh="FY1截止",
        en="FY1 ends",
        format="day",
        meaning="The last day of FY1",
    ),
    Column(
        name="ntm_weight",
        kind="number",
        zh="FY1权重",
        en="FY1 weight",
        format="percent",
        meaning="Share of the next twelve months that lies in FY1",
    ),
    Column(
        name="cagr_years",
        kind="integer",
        zh="复合年数",
        en="CAGR years",
        format="integer",
        nullable=True,
        meaning="Years from FY1 to the last year of the consensus",
    ),
    Column(
        name="eps_rounding",
        kind="number",
        zh="EPS舍入",
        en="EPS rounding",
        format="rate",
        meaning="Half a step of the last decimal that the row's EPS is printed with",
    ),
    Column(
        name="split_factor",
        kind="number",
        zh="送转因子",
        en="Split factor",
        format="rate",
        meaning="Shares that one share of the consensus day has become by the day of the price",
    ),
)
