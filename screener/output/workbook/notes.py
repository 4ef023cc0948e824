"""Sentences that stand on several sheets."""

from __future__ import annotations

from screener.model.messages import say

UNIT_NOTE = say("market cap in 100 million (亿); per share in its currency")
ORDER_NOTE = say("rows stand as ranked at export: after an edit sort by Rank")
EDIT_NOTE = say(
    "blue is typed and may be changed, all other sheets follow; an empty price or rate is missing"
)
REVISIONS_NOTE = say(
    "EPS revision = estimate used ÷ the report's − 1, split-adjusted;"
    " rerating = (1 + price change) ÷ (1 + revision) − 1"
)
AGGREGATE_NOTE = say(
    "Aggregate = Σ market cap ÷ Σ earnings, losses included; harmonic = n ÷ Σ(1 ÷ P/E);"
    " read n and NM beside every mean"
)
LEGEND = say(
    "NM: a loss, no growth or above the limit; n/a: missing."
    " Blue is typed, black computed, green from another sheet;"
    " grey italics: a year that is over, actual or stale"
)
