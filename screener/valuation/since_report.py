"""What has become of price, multiple and market cap since the table was printed."""

from __future__ import annotations

import narwhals as nw

from screener.model.messages import say
from screener.valuation.eps import LOSS, where_positive
from screener.valuation.metric import Metric
from screener.valuation.term import Term

_PRICE_SINCE_REPORT = Term(
    nw.col("price") * nw.col("split_since_report") / nw.col("report_price"),
    "{price}*{split_since_report}/{report_price}",
)

PRICE_CHANGE = Metric(
    name="price_change",
    kind="number",
    zh="报告以来涨跌",
    en="Price change",
    format="change",
    nullable=True,
    meaning=say("Change of the price since the table's day, as if no share had been split"),
    formula=say("price × split since report ÷ report price − 1"),
    value=Term(_PRICE_SINCE_REPORT.frame - 1, f"{_PRICE_SINCE_REPORT.cell}-1"),
    needs=("price", "report_price"),
)

RERATING = Metric(
    name="rerating",
    kind="number",
    zh="估值变动",
    en="Rerating",
    format="change",
    nullable=True,
    meaning=say(
        "What of the price change since the table is not revision of EPS FY1: the multiple's"
    ),
    formula=say("(1 + price_change) ÷ (1 + eps_revision_fy1) − 1, both EPS > 0"),
    value=Term(
        where_positive(
            nw.min_horizontal("eps_fy1", "eps_report_fy1"),
            (1 + nw.col("price_change")) * nw.col("eps_report_fy1") / nw.col("eps_fy1") - 1,
        ),
        'IF(MIN({eps_fy1},{eps_report_fy1})>0,(1+{price_change})*{eps_report_fy1}/{eps_fy1}-1,"NM")',
    ),
    needs=("price", "report_price", "eps_fy1", "eps_report_fy1"),
    not_meaningful=LOSS,
    best="low",
)

MARKET_CAP = Metric(
    name="market_cap",
    kind="number",
    zh="总市值",
    en="Market cap",
    unit=say("CNY 100m"),
    format="amount",
    nullable=True,
    meaning=say("Printed market cap, rolled forward with the price, in 100 million"),
    formula=say("printed market cap × price × split since report ÷ report price"),
    value=Term(
        nw.col("market_cap_printed") * _PRICE_SINCE_REPORT.frame,
        f"{{market_cap_printed}}*{_PRICE_SINCE_REPORT.cell}",
    ),
    needs=("price", "report_price", "market_cap_printed"),
    best="low",
)
