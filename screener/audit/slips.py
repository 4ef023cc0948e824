"""One row: the slip that people make, whose undoing makes all its years agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import log

from screener.audit.findings import KINDS, Finding, Fix, finding_on
from screener.audit.implied import Figures, common_price, figures_of, implied_prices
from screener.model.figures import Figure, Interval, agreed, span
from screener.model.messages import Sentence, joined, say
from screener.model.records import Listing

# EPS that leaps by so many powers of e more than it would after an exchange with P/E.
_LEAP = 0.6

# What would explain a row in more ways than so many is not said in all of them.
_MOST_CAUSES = 3


def row_findings(listing: Listing) -> Iterator[Finding]:
    figures = figures_of(listing)
    printed = _printed_price(listing)
    if not figures:
        return
    if common_price(figures, printed) is not None:
        yield from _exchanged(listing, figures)
        return
    causes = list(_causes(figures, printed))
    prices = implied_prices(figures)
    price = printed or agreed([interval for _, interval in prices])
    cause = min(causes, key=lambda each: each.order, default=None)
    alike = [each.words for each in causes if cause and each.kind == cause.kind]
    year = cause.year if cause else _odd_year(prices, price)
    said = [_said(figures, each, price) for each in _odd_years(prices, price)]
    message = joined(said) or _all_said(prices)
    if alike:
        causes_ = joined(alike[:_MOST_CAUSES], say(" or "))
        message = say("{odd}; likeliest {causes}", odd=message, causes=causes_)
    certain = cause is not None and len(causes) == 1
    fixes = cause.fixes if cause is not None and certain else ()
    kind = cause.kind if cause else "cell"
    yield finding_on(listing, kind, message, year, fixes)
    yield from _monotony(listing, figures)


def _exchanged(listing: Listing, figures: Figures) -> Iterator[Finding]:
    """EPS and P/E of a year in each other's place: their product is the same, EPS leaps."""
    for kind, year, words, undone in _undone(figures):
        is_smoother = _roughness(undone) < _roughness(figures) - _LEAP
        if kind == "columns_swapped" and is_smoother:
            eps = ", ".join(figures[cell].text for cell in sorted(figures) if cell[0] == "eps")
            message = say("EPS leaps ({eps}); likeliest {cause}", eps=eps, cause=words)
            fixes = tuple(
                Fix(f"{name}_{year}", figures[name, year].text, undone[name, year].text)
                for name in _TITLES
            )
            yield finding_on(listing, kind, message, year, fixes)


def _printed_price(listing: Listing) -> Interval | None:
    if listing.printed_price is None or listing.printed_price_currency != listing.eps_currency:
        return None
    return listing.printed_price.bounds


@dataclass(frozen=True, slots=True)
class _Cause:
    """A slip that explains a row: undoing it makes all its years agree."""

    kind: str
    year: int
    words: Sentence
    roughness: float
    fixes: tuple[Fix, ...]

    @property
    def order(self) -> tuple[int, float]:
        """The commoner slip first; of two cells the one that leaves EPS smoother over the years."""
        return list(KINDS).index(self.kind), self.roughness


def _causes(figures: Figures, printed: Interval | None) -> Iterator[_Cause]:
    """Every single slip whose undoing makes the row agree."""
    for kind, year, words, undone in _undone(figures):
        if common_price(undone, printed) is None:
            continue
        changed = [cell for cell in figures if figures[cell].text != undone[cell].text]
        fixes = tuple(
            Fix(f"{name}_{of}", figures[name, of].text, undone[name, of].text)
            for name, of in changed
        )
        yield _Cause(kind, year, words, _roughness(undone), fixes)


def _undone(figures: Figures) -> Iterator[tuple[str, int, Sentence, Figures]]:
    """The row with one slip undone, for every slip there can be."""
    for (name, year), figure in figures.items():
        title = f"{_TITLES[name]} FY{year}"
        text = figure.text.removeprefix("-")
        negated = Figure(
            text if figure.value < 0 else f"-{text}",
            -figure.value,
            Interval(-figure.bounds.high, -figure.bounds.low),
        )
        yield (
            "sign",
            year,
            say("the sign of {title}", title=title),
            {**figures, (name, year): negated},
        )
        for factor in (10.0, 0.1):
            moved = _scaled(figure, factor)
            words = say(
                "the decimal point of {title}, {right} for {printed}",
                title=title,
                right=moved.text,
                printed=figure.text,
            )
            yield "decimal", year, words, {**figures, (name, year): moved}
        for swapped in _transposed(figure):
            words = say(
                "two digits of {title}, {right} for {printed}",
                title=title,
                right=swapped.text,
                printed=figure.text,
            )
            yield "digits", year, words, {**figures, (name, year): swapped}
    years = sorted({year for _, year in figures})
    for year in years:
        exchanged = {("eps", year): figures["pe", year], ("pe", year): figures["eps", year]}
        words = say("EPS and P/E of FY{year} stand in each other's place", year=year)
        yield "columns_swapped", year, words, {**figures, **exchanged}
    for name in _TITLES:
        for one, other in combinations(years, 2):
            exchanged = {(name, one): figures[name, other], (name, other): figures[name, one]}
            words = say(
                "{title} of FY{one} and FY{other} stand in each other's place",
                title=_TITLES[name],
                one=one,
                other=other,
            )
            yield "years_swapped", one, words, {**figures, **exchanged}


_TITLES = {"eps": "EPS", "pe": "P/E"}


def _scaled(figure: Figure, factor: float) -> Figure:
    text = f"{figure.value * factor:.10f}".rstrip("0").rstrip(".")
    bounds = Interval(figure.bounds.low * factor, figure.bounds.high * factor)
    return Figure(text, figure.value * factor, bounds)


def _transposed(figure: Figure) -> Iterator[Figure]:
    """The figure with any two of its digits exchanged, as it would round the same."""
    text = figure.text
    places = [at for at, sign in enumerate(text) if sign.isdigit()]
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
    series = [figures[cell].value for cell in sorted(figures) if cell[0] == "eps"]
    steps = [
        abs(log(abs(later / earlier))) + 3.0 * (earlier * later < 0)
        for earlier, later in pairwise(series)
        if earlier and later
    ]
    return sum(steps)


def _odd_years(prices: Sequence[tuple[int, Interval]], price: Interval | None) -> list[int]:
    if price is None:
        return []
    return [year for year, interval in prices if interval.meet(price) is None]


def _odd_year(prices: Sequence[tuple[int, Interval]], price: Interval | None) -> int | None:
    odd = _odd_years(prices, price)
    return odd[0] if len(odd) == 1 else None


def _said(figures: Figures, year: int, price: Interval | None) -> Sentence:
    """What one year prints, and where each of its two figures should lie for the row's price."""
    eps, pe = figures["eps", year], figures["pe", year]
    implied = eps.bounds.times(pe.bounds)
    known = say(
        "FY{year}: EPS {eps} × P/E {pe} is a price of {range}",
        year=year,
        eps=eps.text,
        pe=pe.text,
        range=span(implied),
    )
    if price is None:
        return known
    known = say("{known}, the rest of the row {rest}", known=known, rest=span(price))
    if (eps.value > 0) != (pe.value > 0):
        return known
    return say(
        "{known}; P/E should lie in {pe} or EPS in {eps}",
        known=known,
        pe=span(_over(price, eps.bounds)),
        eps=span(_over(price, pe.bounds), 4),
    )


def _all_said(prices: Sequence[tuple[int, Interval]]) -> Sentence:
    each = joined(say("FY{year} {range}", year=year, range=span(price)) for year, price in prices)
    return say("EPS × P/E gives no common price: {each}", each=each)


def _over(price: Interval, divisor: Interval) -> Interval:
    corners = [a / b for a in (price.low, price.high) for b in (divisor.low, divisor.high) if b]
    return Interval(min(corners), max(corners))


def _monotony(listing: Listing, figures: Figures) -> Iterator[Finding]:
    """At one price P/E falls where EPS rises."""
    years = sorted({year for _, year in figures})
    for earlier, later in pairwise(years):
        rises = [
            figures[name, earlier].value > 0
            and figures[name, later].bounds.low > figures[name, earlier].bounds.high
            for name in _TITLES
        ]
        if all(rises):
            message = say(
                "EPS rises from {eps} to {eps_later}, and P/E too, from {pe} to {pe_later}",
                eps=figures["eps", earlier].text,
                eps_later=figures["eps", later].text,
                pe=figures["pe", earlier].text,
                pe_later=figures["pe", later].text,
            )
            yield finding_on(listing, "monotony", message, later)
