"""One row: the slip that people make, whose undoing makes all its years agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import log

from screener.audit.findings import KINDS, Finding, Fix, finding_on
from screener.audit.implied import (
    Cell,
    Figures,
    common_price,
    figures_of,
    implied_price,
    implied_prices,
    years_of,
)
from screener.model.figures import Figure, Interval, agreed, span
from screener.model.messages import Sentence, joined, say
from screener.model.records import Listing

# EPS that leaps by so many powers of e more than it would after an exchange with P/E: almost twice.
_LEAP = 0.6
# What would explain a row in more ways than so many is not said in all of them.
_MOST_CAUSES = 3
# Slips of two figures at once: no single wrong figure looks like one.
_CERTAIN = ("years_swapped", "columns_swapped")
_TITLES = {"eps": "EPS", "pe": "P/E"}


def row_findings(listing: Listing) -> Iterator[Finding]:
    figures = figures_of(listing)
    printed = _printed_price(listing)
    if not figures:
        return
    if common_price(figures, printed) is not None:
        yield from _exchanged(listing, figures)
        return
    prices = implied_prices(figures)
    price = printed or agreed([interval for _, interval in prices])
    odd = [year for year, interval in prices if price and interval.meet(price) is None]
    message = joined(_said(figures, year, price) for year in odd) or _all_said(prices)
    causes = [slip for slip in _slips(figures) if common_price(slip.undone, printed) is not None]
    if causes:
        cause = min(causes, key=lambda slip: slip.order)
        alike = [slip.words for slip in causes if slip.kind == cause.kind]
        likeliest = joined(alike[:_MOST_CAUSES], say(" or "))
        message = say("{odd}; likeliest {causes}", odd=message, causes=likeliest)
        # A correction is proposed only where one thing alone can be meant: a single figure that is
        # off by any digit, or of another day's price, may look like one with two digits exchanged.
        is_certain = len(causes) == 1 and cause.kind in _CERTAIN
        fixes = _fixes(figures, cause.undone) if is_certain else ()
        yield finding_on(listing, cause.kind, message, cause.year, fixes)
    else:
        yield finding_on(listing, "cell", message, odd[0] if len(odd) == 1 else None)
    yield from _monotony(listing, figures)


def _printed_price(listing: Listing) -> Interval | None:
    if listing.printed_price is None or listing.printed_price_currency != listing.eps_currency:
        return None
    return listing.printed_price.bounds


@dataclass(frozen=True, slots=True)
class _Slip:
    """A slip that may have been made in a row, and the row with it undone."""

    kind: str
    year: int
    words: Sentence
    undone: Figures

    @property
    def order(self) -> tuple[int, float]:
        """The commoner slip first; of two cells the one that leaves EPS smoother over the years."""
        return list(KINDS).index(self.kind), _roughness(self.undone)


def _fixes(figures: Figures, undone: Figures) -> tuple[Fix, ...]:
    return tuple(
        Fix(f"{name}_{year}", figure.text, undone[name, year].text)
        for (name, year), figure in figures.items()
        if figure.text != undone[name, year].text
    )


def _exchanged(listing: Listing, figures: Figures) -> Iterator[Finding]:
    """EPS and P/E of a year in each other's place: their product is the same, EPS leaps."""
    for slip in _exchanges(figures):
        if _roughness(slip.undone) < _roughness(figures) - _LEAP:
            eps = ", ".join(figures["eps", year].text for year in years_of(figures))
            message = say("EPS leaps ({eps}); likeliest {cause}", eps=eps, cause=slip.words)
            fixes = _fixes(figures, slip.undone)
            yield finding_on(listing, slip.kind, message, slip.year, fixes)


def _slips(figures: Figures) -> Iterator[_Slip]:
    """Every single slip that can have been made in a row."""
    for (name, year), figure in figures.items():
        for kind, words, right in _misprints(f"{_TITLES[name]} FY{year}", figure):
            yield _Slip(kind, year, words, {**figures, (name, year): right})
    yield from _exchanges(figures)
    years = years_of(figures)
    for name, title in _TITLES.items():
        for one, other in combinations(years, 2):
            words = say(
                "{title} of FY{one} and FY{other} stand in each other's place",
                title=title,
                one=one,
                other=other,
            )
            undone = _swapped(figures, (name, one), (name, other))
            yield _Slip("years_swapped", one, words, undone)


def _exchanges(figures: Figures) -> Iterator[_Slip]:
    """EPS and P/E exchanged, in one year each."""
    for year in years_of(figures):
        words = say("EPS and P/E of FY{year} stand in each other's place", year=year)
        undone = _swapped(figures, ("eps", year), ("pe", year))
        yield _Slip("columns_swapped", year, words, undone)


def _swapped(figures: Figures, one: Cell, other: Cell) -> Figures:
    return {**figures, one: figures[other], other: figures[one]}


def _misprints(title: str, figure: Figure) -> Iterator[tuple[str, Sentence, Figure]]:
    """Every slip that can have been made in one figure: its kind, its words, the right figure."""
    yield "sign", say("the sign of {title}", title=title), _negated(figure)
    known = {"title": title, "printed": figure.text}
    for right in (_scaled(figure, 10.0), _scaled(figure, 0.1)):
        words = say(
            "the decimal point of {title}, {right} for {printed}", right=right.text, **known
        )
        yield "decimal", words, right
    for right in _transposed(figure):
        words = say("two digits of {title}, {right} for {printed}", right=right.text, **known)
        yield "digits", words, right


def _negated(figure: Figure) -> Figure:
    text = figure.text.removeprefix("-")
    bounds = Interval(-figure.bounds.high, -figure.bounds.low)
    return Figure(text if figure.value < 0 else f"-{text}", -figure.value, bounds)


def _scaled(figure: Figure, factor: float) -> Figure:
    text = f"{figure.value * factor:.10f}".rstrip("0").rstrip(".")
    bounds = Interval(figure.bounds.low * factor, figure.bounds.high * factor)
    return Figure(text, figure.value * factor, bounds)


def _transposed(figure: Figure) -> Iterator[Figure]:
    """The figure with any two of its digits exchanged, as it would round the same."""
    text = figure.text
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    half = (figure.bounds.high - figure.bounds.low) / 2
    for one, other in combinations(places, 2):
        if text[one] != text[other]:
            signs = list(text)
            signs[one], signs[other] = signs[other], signs[one]
            swapped = "".join(signs)
            value = float(swapped.replace(",", ""))
            yield Figure(swapped, value, Interval(value - half, value + half))


def _roughness(figures: Figures) -> float:
    """How much EPS jumps from year to year."""
    series = [figures["eps", year].value for year in years_of(figures)]
    # In powers of e; a change of sign is as rough as a leap of twenty times.
    return sum(
        abs(log(abs(later / earlier))) + 3.0 * (earlier * later < 0)
        for earlier, later in pairwise(series)
        if earlier and later
    )


def _said(figures: Figures, year: int, price: Interval | None) -> Sentence:
    """What one year prints, and where each of its two figures should lie for the row's price."""
    eps, pe = figures["eps", year], figures["pe", year]
    texts = {"eps": eps.text, "pe": pe.text, "range": span(implied_price(figures, year))}
    known = say("FY{year}: EPS {eps} × P/E {pe} is a price of {range}", year=year, **texts)
    if price is None:
        return known
    known = say("{known}, the rest of the row {rest}", known=known, rest=span(price))
    if (eps.value > 0) != (pe.value > 0):
        return known  # one of the signs is wrong, and no range of the other would mend that
    return say(
        "{known}; P/E should lie in {pe} or EPS in {eps}",
        known=known,
        pe=span(_over(price, eps.bounds)),
        eps=span(_over(price, pe.bounds), 4),
    )


def _all_said(prices: Sequence[tuple[int, Interval]]) -> Sentence:
    every = joined(say("FY{year} {range}", year=year, range=span(price)) for year, price in prices)
    return say("EPS × P/E gives no common price: {each}", each=every)


def _over(price: Interval, divisor: Interval) -> Interval:
    corners = [a / b for a in (price.low, price.high) for b in (divisor.low, divisor.high) if b]
    return Interval(min(corners), max(corners))


def _monotony(listing: Listing, figures: Figures) -> Iterator[Finding]:
    """At one price P/E falls where EPS rises."""
    for earlier, later in pairwise(years_of(figures)):
        rises = [
            figures[name, earlier].value > 0
            and figures[name, later].bounds.low > figures[name, earlier].bounds.high
            for name in _TITLES
        ]
        # The ends of the rounding: 0.29 after 0.28 need not be a rise.
        if all(rises):
            message = say(
                "EPS rises from {eps} to {eps_later}, and P/E too, from {pe} to {pe_later}",
                eps=figures["eps", earlier].text,
                eps_later=figures["eps", later].text,
                pe=figures["pe", earlier].text,
                pe_later=figures["pe", later].text,
            )
            yield finding_on(listing, "monotony", message, later)
