"""What has become of price, multiple and market cap since the table was printed."""

from __future__ import annotations

from screener.model.messages import say
from screener.valuation.eps import FY1, LOSS
from screener.valuation.metric import Metric
from screener.valuation.term import column, is_positive, smallest, when

# After 5 for 1 a price of a fifth is no fall.
_PRICE_SINCE_REPORT = column("price") * column("split_since_report") / column("report_price")
_FY1_BEFORE = column("eps_report_fy1")

PRICE_CHANGE = Metric(
    name="price_change",
    title=say("Price change"),
    format="change",
    meaning=say("Change of the price since the table's day, as if no share had been split"),
    formula=say("price × split since report ÷ report price − 1"),
    value=_PRICE_SINCE_REPORT - 1,
    needs=("price", "report_price", "split_since_report"),
)

RERATING = Metric(
    name="rerating",
    title=say("Rerating"),
    format="change",
    meaning=say(
        "What of the price change since the table is not revision of EPS FY1: the multiple's"
    ),
    formula=say("(1 + price_change) ÷ (1 + eps_revision_fy1) − 1, both EPS > 0"),
    value=when(
        is_positive(smallest(FY1, _FY1_BEFORE)),
        (1 + column("price_change")) * _FY1_BEFORE / FY1 - 1,
    ),
    needs=("price", "report_price", "split_since_report", "eps_fy1", "eps_report_fy1"),
    not_meaningful=LOSS,
    best="low",
)

MARKET_CAP = Metric(
    name="market_cap",
    title=say("Market cap"),
    unit=say("CNY 100m"),
    format="amount",
    meaning=say("Printed market cap, rolled forward with the price, in 100 million"),
    formula=say("printed market cap × price × split since report ÷ report price"),
    value=column("market_cap_printed") * _PRICE_SINCE_REPORT,
    needs=("price", "report_price", "split_since_report", "market_cap_printed"),
    best="low",
)
