"""The columns of the one frame that every metric is computed from."""

from __future__ import annotations

from collections.abc import Sequence

from screener.model.columns import Column
from screener.model.messages import Sentence, say

PERIODS = ("fy1", "fy2", "last")


def input_columns(years: Sequence[int]) -> tuple[Column, ...]:
    """The columns of the frame, for a table with these fiscal years."""
    named = [str(year) for year in years]
    calendar_years = [f"cy_{year}" for year in years]
    estimates = [
        column
        for period in (*named, *PERIODS, *calendar_years)
        for column in _estimate_columns(period)
    ]
    reported = [_report_column(period) for period in (*named, "fy1")]
    return (*_LISTING_COLUMNS, *PRICE_COLUMNS, *_CONSENSUS_COLUMNS, *estimates, *reported)


def _report_column(period: str) -> Column:
    title = _title_of(period)
    return Column(
        name=f"eps_report_{period}",
        kind="number",
        zh=f"报告EPS {title}",
        en=f"Report EPS {title}",
        unit=say("EPS currency"),
        format="amount",
        nullable=True,
        meaning=say(
            "EPS {title} as the table printed it, per share of the day of the valuation",
            title=title,
        ),
    )


def _title_of(period: str) -> str:
    if period in PERIODS:
        return period.upper()
    return f"CY{period[3:]}" if period.startswith("cy_") else f"FY{period}"


def _estimate_columns(period: str) -> tuple[Column, ...]:
    title = _title_of(period)
    return tuple(
        Column(
            name=f"{prefix}_{period}",
            kind="number",
            zh=f"{zh} {title}",
            en=f"{en} {title}",
            unit=say("EPS currency"),
            format="amount",
            nullable=True,
            meaning=meaning,
        )
        for prefix, zh, en, meaning in (
            ("eps", "EPS", "EPS", say("Consensus EPS, in eps_currency, split-adjusted")),
            ("eps_low", "EPS下限", "EPS low", say("The lowest EPS that prints as it does")),
            ("eps_high", "EPS上限", "EPS high", say("The highest EPS that prints as it does")),
        )
    )


def _text(name: str, zh: str, en: str, meaning: Sentence, *, nullable: bool = False) -> Column:
    return Column(name=name, kind="text", zh=zh, en=en, meaning=meaning, nullable=nullable)


_LISTING_COLUMNS = (
    Column(
        name="row",
        kind="integer",
        zh="序",
        en="Row",
        format="integer",
        meaning=say("Place of the row in the watchlists that were read"),
    ),
    Column(
        name="nm_above",
        kind="number",
        zh="市盈率上限",
        en="NM above",
        unit=say("x"),
        format="multiple",
        nullable=True,
        meaning=say("P/Es above it are NM; empty: none are"),
    ),
    _text("sector", "行业", "Sector", say("The watchlist the row is from")),
    _text(
        "symbol", "代码", "Symbol", say("Code and exchange, corrected where the table was wrong")
    ),
    _text("printed_symbol", "印刷代码", "Printed symbol", say("The code as the table prints it")),
    _text("name", "名称", "Name", say("The name as the table prints it")),
    _text("where", "出处", "Where", say("File and line of the row")),
    _text("note", "备注", "Note", say("The watchlist's own note on the row")),
    _text("fiscal_year_end", "财年截止", "Year end", say("Month and day the fiscal year ends")),
    Column(
        name="cy_weight",
        kind="number",
        zh="历年权重",
        en="CY weight",
        format="percent",
        meaning=say("Share of calendar year N that lies in fiscal year N; the rest lies in N + 1"),
    ),
    Column(
        name="market_cap_printed",
        kind="number",
        zh="总市值(印刷)",
        en="Printed market cap",
        unit=say("CNY 100m"),
        format="amount",
        nullable=True,
        meaning=say("Printed market cap, in 100 million CNY, at the rate of the valuation"),
    ),
)

PRICE_COLUMNS = (
    Column(
        name="price",
        kind="number",
        zh="价格",
        en="Price",
        format="price",
        nullable=True,
        meaning=say("Price of one share, in price_currency"),
    ),
    _text("price_currency", "币种", "Ccy", say("Currency of the price"), nullable=True),
    Column(
        name="price_bound_low",
        kind="number",
        zh="价格下界",
        en="Price at least",
        format="price",
        nullable=True,
        meaning=say("The lowest price that the source's rounding allows"),
    ),
    Column(
        name="price_bound_high",
        kind="number",
        zh="价格上界",
        en="Price at most",
        format="price",
        nullable=True,
        meaning=say("The highest price that the source's rounding allows"),
    ),
    _text("price_source", "价格来源", "Price source", say("Who says so"), nullable=True),
    _text(
        "price_obtained",
        "取得方式",
        "Obtained",
        say("live, delayed, close, cached, file, or report: implied by the printed table"),
        nullable=True,
    ),
    Column(
        name="price_time",
        kind="time",
        zh="价格时间",
        en="Price time",
        format="time",
        nullable=True,
        meaning=say("When the price was made on the market, in the exchange's zone where shown"),
    ),
    Column(
        name="price_age_days",
        kind="integer",
        zh="价格天数",
        en="Price age",
        unit=say("days"),
        format="integer",
        nullable=True,
        meaning=say("Days from the price to the day of the valuation"),
    ),
    Column(
        name="price_delay_minutes",
        kind="integer",
        zh="延迟",
        en="Delay",
        unit=say("minutes"),
        format="integer",
        nullable=True,
        meaning=say("By how much the source says it lags the market; empty: it does not say"),
    ),
    Column(
        name="price_fetched_at",
        kind="time",
        zh="取得时间",
        en="Fetched at",
        format="time",
        nullable=True,
        meaning=say("When the price was asked for; empty for prices of a file or of the report"),
    ),
    Column(
        name="fx",
        kind="number",
        zh="汇率",
        en="FX",
        format="rate",
        nullable=True,
        meaning=say("Units of eps_currency for one of price_currency"),
    ),
    _text(
        "fx_source",
        "汇率来源",
        "FX source",
        say("Who says so; empty for one currency"),
        nullable=True,
    ),
    Column(
        name="fx_time",
        kind="time",
        zh="汇率时间",
        en="FX time",
        format="time",
        nullable=True,
        meaning=say("When the rate was made; empty for one currency"),
    ),
    Column(
        name="report_price",
        kind="number",
        zh="报告价",
        en="Report price",
        format="price",
        nullable=True,
        meaning=say("The price that the printed table implies, in price_currency"),
    ),
    _text(
        "market_cap_basis",
        "市值口径",
        "Cap basis",
        say("printed, or rolled forward with the price"),
        nullable=True,
    ),
)

_CONSENSUS_COLUMNS = (
    _text("eps_currency", "EPS币种", "EPS ccy", say("Currency of the estimates")),
    _text("consensus_source", "预测来源", "Consensus source", say("Who says so")),
    Column(
        name="consensus_day",
        kind="day",
        zh="预测日",
        en="Consensus day",
        format="day",
        meaning=say("The day the estimates are of"),
    ),
    Column(
        name="consensus_age_days",
        kind="integer",
        zh="预测天数",
        en="Consensus age",
        unit=say("days"),
        format="integer",
        meaning=say("Days from the estimates to the day of the valuation"),
    ),
    Column(
        name="consensus_fetched_at",
        kind="time",
        zh="预测取得时间",
        en="Consensus fetched",
        format="time",
        nullable=True,
        meaning=say("When the estimates were asked for; empty for those of a table or a workbook"),
    ),
    _text("consensus_note", "预测备注", "Consensus note", say("What was done to the estimates")),
    _text(
        "years_over",
        "已结束财年",
        "Years over",
        say(
            "Years of the consensus that are over: their EPS is stale, or actual if it was updated"
        ),
    ),
    Column(
        name="fy1",
        kind="integer",
        zh="FY1",
        en="FY1",
        format="integer",
        meaning=say("The fiscal year in progress on the day of the valuation"),
    ),
    Column(
        name="fy1_end",
        kind="day",
        zh="FY1截止",
        en="FY1 ends",
        format="day",
        meaning=say("The last day of FY1"),
    ),
    Column(
        name="ntm_weight",
        kind="number",
        zh="FY1权重",
        en="FY1 weight",
        format="percent",
        meaning=say("Share of the next twelve months that lies in FY1"),
    ),
    Column(
        name="cagr_years",
        kind="integer",
        zh="复合年数",
        en="CAGR years",
        format="integer",
        nullable=True,
        meaning=say("Years from FY1 to the last year of the consensus"),
    ),
    Column(
        name="eps_rounding",
        kind="number",
        zh="EPS舍入",
        en="EPS rounding",
        format="rate",
        meaning=say("Half a step of the last decimal that the row's EPS is printed with"),
    ),
    Column(
        name="split_factor",
        kind="number",
        zh="送转因子",
        en="Split factor",
        format="rate",
        meaning=say(
            "Shares that one share of the consensus day has become by the day of the price"
        ),
    ),
    _text(
        "split_events",
        "送转事件",
        "Splits",
        say("Ex-date, ratio and source of each of those splits"),
    ),
    Column(
        name="split_since_report",
        kind="number",
        zh="报告以来送转",
        en="Split since report",
        format="rate",
        meaning=say("Shares that one share of the table's day has become by the day of the price"),
    ),
)
