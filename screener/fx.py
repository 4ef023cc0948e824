"""Exchange rates: from the currency a share trades in to the currency of its estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from screener.model import Listing, Problem, Quote, Rate


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a price is multiplied by to be in the currency of the EPS, and who says so."""

    value: float
    source: str


SAME_CURRENCY = Conversion(1.0, "")


def convert(
    quotes: Mapping[Listing, Quote], rates: Sequence[Rate]
) -> tuple[dict[Listing, Conversion], list[Problem]]:
    """A conversion, or a problem that names it, for every listing that has a quote.

    A rate of the pair is used as it is, or turned round where only the opposite pair is known.
    """
    known = {(rate.quote, rate.base): Conversion(1 / rate.value, rate.source) for rate in rates}
    known |= {(rate.base, rate.quote): Conversion(rate.value, rate.source) for rate in rates}
    conversions: dict[Listing, Conversion] = {}
    problems = []
    for listing, quote in quotes.items():
        pair = (quote.currency, listing.eps_currency)
        if quote.currency == listing.eps_currency:
            conversions[listing] = SAME_CURRENCY
        elif pair in known:
            conversions[listing] = known[pair]
        else:
            message = (
                f"price in {quote.currency}, EPS in {listing.eps_currency}: no rate"
                f" {'/'.join(pair)}; a line {'/'.join(pair)} in the price file gives it"
            )
            problems.append(Problem("no_rate", listing.where, message, listing.symbol))
    return conversions, problems
