"""One name beside its peers: multiples, premiums, implied prices, and its own past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from screener.model.messages import say
from screener.model.symbols import lasting
from screener.model.usage import UsageError
from screener.valuation.metric import Metric
from screener.watchlists.selection import listed, names_in

if TYPE_CHECKING:
    from screener.screening.result import Result
    from screener.store.kept import KeptFigure


Row = Mapping[str, Any]

# What an analyst compares first; a fiscal year's figures stand in the workbook.
COMPARED = (
    "pe_fy1",
    "pe_ntm",
    "pe_ttm",
    "pb",
    "dividend_yield",
    "peg",
    "earnings_yield_fy1",
    "eps_cagr",
    "eps_revision_fy1",
    "pe_ttm_percentile",
    "market_cap",
)
# What was reported; of a run on the report's prices there is nothing of it.
_REPORTED = ("pe_ttm", "pb", "dividend_yield", "pe_ttm_percentile")

# The multiples that a price is implied by: the figure each is on, and the rate to its currency.
IMPLYING: Mapping[str, tuple[str, str]] = {
    "pe_fy1": ("eps_fy1", "fx"),
    "pe_ntm": ("eps_ntm", "fx"),
    "pe_ttm": ("eps_ttm", "eps_ttm_fx"),
    "pb": ("book_value", "accounts_fx"),
}
# The places among the peers that a price is implied at.
CUTS = ("low", "lower_quartile", "median", "upper_quartile", "high")

# So many peers make quartiles.
LEAST_FOR_QUARTILES = 2


@dataclass(frozen=True, slots=True)
class Spread:
    """A metric of the name and of its peers; `premium` is over their median, for multiples.

    Figures that mean nothing are left out of the peers'; `n` says how many went in.
    """

    metric: Metric
    own: float | None
    n: int
    low: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    high: float | None
    premium: float | None


@dataclass(frozen=True, slots=True)
class Implied:
    """What a share would cost at a multiple of the peers, in the price's currency."""

    metric: Metric
    at: str
    multiple: float
    price: float
    upside: float | None


@dataclass(frozen=True, slots=True)
class Past:
    """The name's premium to these very peers on earlier days, and where it is now in that.

    Of a day the last run counts that had them all. `percentile` is the share of the earlier days
    with a lower premium.
    """

    first: date
    last: date
    n: int
    low: float
    median: float
    high: float
    percentile: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One name, its peers, and what they say of it."""

    row: Row
    peers: tuple[Row, ...]
    spreads: tuple[Spread, ...]
    implied: tuple[Implied, ...]
    past: Past | None

    @property
    def fields(self) -> Mapping[str, Mapping[str, Implied]]:
        """The implied prices of each multiple, by the place among the peers."""
        found: dict[str, dict[str, Implied]] = {}
        for each in self.implied:
            found.setdefault(each.metric.name, {})[each.at] = each
        return found

    def premium(self, row: Row) -> float | None:
        """How far P/E FY1 of a name lies above the median of the peers'."""
        middle, multiple = self.spreads[0].median, row["pe_fy1"]
        return multiple / middle - 1 if middle and multiple is not None else None


def compare(
    result: Result, symbol: str, peers: Sequence[str] = (), kept: Iterable[KeptFigure] = ()
) -> Comparison:
    """The name of that symbol beside `peers`, or without them beside the others of its sector.

    `kept` are the figures of earlier runs. Raises UsageError for a symbol that the result has not,
    and for a name without peers.
    """
    rows = result.rows
    names = names_in(row for table in result.watchlists for row in table.listings)
    own = _row(rows, listed(symbol, names))
    if peers:
        chosen = [_row(rows, peer) for peer in dict.fromkeys(listed(each, names) for each in peers)]
    else:
        chosen = [row for row in rows if row["sector"] == own["sector"]]
    others = tuple(row for row in chosen if row["symbol"] != own["symbol"])
    if not others:
        raise UsageError(
            say("{symbol} has no peers here: name some with --peers", symbol=own["symbol"])
        )
    known = [
        name
        for name in COMPARED
        if name not in _REPORTED or any(row[name] is not None for row in (own, *others))
    ]
    spreads = tuple(_spread(result.metrics[name], own, others) for name in known)
    past = _past(own, others, spreads[0].premium, result.price_day, kept)
    return Comparison(own, others, spreads, tuple(_implied(spreads, own)), past)


def _row(rows: Sequence[Row], symbol: str) -> Row:
    return next(row for row in rows if row["symbol"] == symbol)


def _spread(metric: Metric, own: Row, peers: Sequence[Row]) -> Spread:
    figure = own[metric.name]
    figures = sorted(row[metric.name] for row in peers if row[metric.name] is not None)
    middle = median(figures) if figures else None
    quartiles = [None] * 3
    if len(figures) >= LEAST_FOR_QUARTILES:
        quartiles = list(quantiles(figures, n=4, method="inclusive"))
    is_multiple = metric.format == "multiple"
    known = figure is not None and middle is not None and middle > 0 and is_multiple
    return Spread(
        metric=metric,
        own=figure,
        n=len(figures),
        low=figures[0] if figures else None,
        lower_quartile=quartiles[0],
        median=middle,
        upper_quartile=quartiles[2],
        high=figures[-1] if figures else None,
        premium=figure / middle - 1 if known else None,
    )


def _implied(spreads: Sequence[Spread], own: Row) -> list[Implied]:
    found = []
    for spread in spreads:
        names = IMPLYING.get(spread.metric.name, ())
        figures = [own[name] for name in names]
        # A loss, or a book below zero, implies no price.
        if not figures or any(figure is None or figure <= 0 for figure in figures):
            continue
        figure, rate = figures
        for at in CUTS:
            multiple = getattr(spread, at)
            if multiple is not None:
                price = multiple * figure / rate
                upside = price / own["price"] - 1 if own["price"] else None
                found.append(Implied(spread.metric, at, multiple, price, upside))
    return found


def _past(
    own: Row, peers: Sequence[Row], now: float | None, today: date, kept: Iterable[KeptFigure]
) -> Past | None:
    """The premiums of the days before today: P/E FY1 of each over the median of the peers'."""
    runs: dict[tuple[int, date], dict[tuple[str, str], float | None]] = {}
    for judged in kept:
        if judged.price_day < today:
            figures = runs.setdefault((judged.run, judged.price_day), {})
            figures[judged.sector, lasting(judged.symbol)] = judged.pe
    name, *others = ((row["sector"], lasting(row["symbol"])) for row in (own, *peers))
    by_day: dict[date, float] = {}
    for (_, day), figures in sorted(runs.items()):
        multiples = [pe for other in others if (pe := figures.get(other)) is not None]
        pe = figures.get(name)
        if pe is not None and multiples and figures.keys() >= set(others):
            by_day[day] = pe / median(multiples) - 1
    if not by_day:
        return None
    premiums = list(by_day.values())
    lower = None if now is None else sum(premium < now for premium in premiums) / len(premiums)
    return Past(
        first=min(by_day),
        last=max(by_day),
        n=len(premiums),
        low=min(premiums),
        median=median(premiums),
        high=max(premiums),
        percentile=lower,
    )
