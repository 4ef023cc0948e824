"""The exchange rates on Inputs, which formulas find by their pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from screener.consensus.sheet_columns import FX_PAIR, FX_RATE
from screener.model.messages import say
from screener.model.symbols import currency_of
from screener.output.workbook.book import Book
from screener.output.workbook.page import Page

# What is known of an exchange rate: itself, who says so, and when.
Rate = tuple[Any, str, Any]

# Where they stand, beside the parameters.
_FX_COLUMN = 7


def pairs_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Rate]:
    """Rate, source and time of each pair of currencies that the rows use or could use."""
    pairs: dict[str, Rate] = {}
    for row in rows:
        for pair, *known in _of_row(row):
            if pair not in pairs or pairs[pair][0] is None:
                pairs[pair] = (known[0], known[1], known[2])
    return pairs or {"HKD/CNY": (None, "", None)}


def _of_row(row: Mapping[str, Any]) -> Iterator[tuple[str, Any, str, Any]]:
    """The pairs of a row, each with its rate in the run, source and time."""
    traded = row["traded_currency"]
    for currency in dict.fromkeys((traded, currency_of(row["symbol"]))):
        if currency != row["eps_currency"]:
            used = (row["fx"], row["fx_source"] or "", row["fx_time"])
            known = used if currency == traded else (None, "", None)
            yield f"{currency}/{row['eps_currency']}", *known
    if row["market_cap_currency"] != "CNY":
        yield f"{row['market_cap_currency']}/CNY", row["cap_fx"], "", None
    for name, rate in (("eps_ttm_currency", "eps_ttm_fx"), ("accounts_currency", "accounts_fx")):
        if row[name] not in (None, traded):
            yield f"{traded}/{row[name]}", row[rate], "", None


def write_rates(book: Book, page: Page, top: int, pairs: Mapping[str, Rate]) -> None:
    """The pairs with their rates, from that row on; none of a pair that the run had no rate of."""
    left = _FX_COLUMN
    page.text(top, left, say("Exchange rates"), book.style("text", bold=True), fits=False)
    for row, (pair, (rate, source, time)) in enumerate(pairs.items(), start=top + 1):
        page.text(row, left, pair, book.style("text"))
        page.number(row, left + 1, rate, book.style("input", "rate", bg_color="#FFF9E5"))
        when = f" {time:%Y-%m-%d %H:%M} UTC" if time else ""
        note = f"{source}{when}" if rate is not None else book.said(say("not used by this run"))
        page.text(row, left + 2, note, book.style("note"), fits=False)
    first, last = top + 1, top + len(pairs)
    book.name(FX_PAIR, page, (first, left), (last, left))
    book.name(FX_RATE, page, (first, left + 1), (last, left + 1))
