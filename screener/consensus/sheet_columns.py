"""The columns of the Inputs sheet: what its headings are called, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from screener.model.columns import Column
from screener.model.messages import Sentence, say

TABLE = "tblInputs"

# Named cells and ranges: what formulas call them.
PRICE_DAY, FX_PAIR, FX_RATE, FISCAL_YEARS = "Price_Day", "FX_Pair", "FX_Rate", "Fiscal_Years"


def sheet_columns(years: Sequence[int]) -> tuple[Column, ...]:
    """The columns of the table, in their order, for these fiscal years.

    Headers are letters, digits and single blanks only: formulas refer to the columns by them.
    """
    return (
        *_IDENTITY,
        *(
            _number(
                f"eps_{year}", f"EPS FY{year}", f"EPS FY{year}", "eps", say("As its source says")
            )
            for year in years
        ),
        *_REST,
        *(
            _number(
                f"eps_report_{year}",
                f"报告EPS FY{year}",
                f"Report EPS FY{year}",
                "eps",
                say("As printed"),
            )
            for year in years
        ),
    )


def is_eps_of_year(name: str) -> bool:
    """Whether a column of that name holds the EPS of one fiscal year."""
    return name.startswith("eps_") and name[4:].isdigit()


def _text(name: str, zh: str, en: str, meaning: Sentence) -> Column:
    return Column(name=name, kind="text", zh=zh, en=en, meaning=meaning, nullable=True)


def _number(name: str, zh: str, en: str, format_: str, meaning: Sentence) -> Column:
    return Column(
        name=name, kind="number", zh=zh, en=en, format=format_, meaning=meaning, nullable=True
    )


_IDENTITY = (
    _text("key", "键", "Key", say("Sheet and symbol: what other sheets look rows up by")),
    _text("sector", "行业", "Sector", say("The sheet that shows the row")),
    _text("symbol", "代码", "Symbol", say("Code and exchange")),
    _text("name", "名称", "Name", say("The name as printed")),
    _number(
        "price", "价格", "Price", "price", say("Price of one share; empty where there is none")
    ),
    _text("price_currency", "价格币种", "Price ccy", say("Currency of the price")),
    _text("eps_currency", "EPS币种", "EPS ccy", say("Currency of the EPS")),
)

_REST = (
    Column(
        name="consensus_day",
        kind="day",
        zh="预测日",
        en="Consensus day",
        format="day",
        meaning=say("The day the EPS is of, and per whose shares"),
        nullable=True,
    ),
    _number(
        "eps_rounding", "EPS舍入", "EPS rounding", "rate", say("Half a step of the last decimal")
    ),
    _number(
        "split_factor", "送转因子", "Split factor", "rate", say("New shares for one old share")
    ),
    _number(
        "split_since_report",
        "报告以来送转",
        "Split since report",
        "rate",
        say("New shares for one of the report's day"),
    ),
    _number(
        "market_cap_printed",
        "总市值 亿元",
        "Cap 100m",
        "amount",
        say("As printed, in 100 million CNY"),
    ),
    _number("report_price", "报告价", "Report price", "price", say("What the table implies")),
    _number(
        "year_end_month", "财年末月", "FYE month", "integer", say("Month the fiscal year ends in")
    ),
    _number("year_end_day", "财年末日", "FYE day", "integer", say("Day the fiscal year ends on")),
    _number("row", "序", "No", "integer", say("Place in the watchlists")),
)
