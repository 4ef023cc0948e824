"""The price and the share count that a row's own figures imply."""

from __future__ import annotations

from collections.abc import Mapping

from screener.model.figures import Figure, Interval, agreed, crosses_zero
from screener.model.records import Listing

# Two share counts, or caps, are one within half a per cent: of a billion they print three digits.
TOLERANCE = 0.005

# The kind of figure, "eps" or "pe", and its fiscal year.
Cell = tuple[str, int]
Figures = Mapping[Cell, Figure]


def figures_of(listing: Listing) -> dict[Cell, Figure]:
    """The EPS and P/E of the years that have both, and an EPS that is not about zero."""
    return {
        (kind, year.fiscal_year): figure
        for year in listing.years
        if year.eps and year.pe and not crosses_zero(year.eps.bounds)
        for kind, figure in (("eps", year.eps), ("pe", year.pe))
    }


def common_price(figures: Figures, printed: Interval | None = None) -> Interval | None:
    """The prices that every year allows; None where there is none above zero."""
    # A price is above zero: years with a loss and a negative P/E have a positive product, too.
    common = printed or Interval(0.0, float("inf"))
    for _, price in implied_prices(figures):
        met = common.meet(price)
        if met is None or met.high <= 0:
            return None
        common = met
    return common


def years_of(figures: Figures) -> list[int]:
    return sorted({year for _, year in figures})


def implied_price(figures: Figures, year: int) -> Interval:
    """The prices that EPS and P/E of a year allow, each within its rounding."""
    return figures["eps", year].bounds.times(figures["pe", year].bounds)


def implied_prices(figures: Figures) -> list[tuple[int, Interval]]:
    return [(year, implied_price(figures, year)) for year in years_of(figures)]


def lie_apart(one: Interval, other: Interval, tolerance: float) -> bool:
    return one.low > other.high * (1 + tolerance) or other.low > one.high * (1 + tolerance)


def row_price(listing: Listing) -> Interval | None:
    if listing.printed_price is not None:
        return listing.printed_price.bounds
    return agreed([price for _, price in implied_prices(figures_of(listing))])


def implied_shares(listing: Listing) -> Interval | None:
    """The share count that market cap and price imply, in 100 million; None where it is unknown."""
    price = row_price(listing)
    if price is None or price.low <= 0 or not listing.market_cap:
        return None
    currency = listing.printed_price_currency or listing.eps_currency
    if currency != listing.provenance.market_cap_currency:
        return None  # 0700.HK: EPS in CNY, so the price it implies is no Hong Kong dollar's
    return Interval(listing.market_cap / price.high, listing.market_cap / price.low)
