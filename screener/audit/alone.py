"""Rows that print EPS or P/E alone: no price to hold them against, only their own years.

What is odd is a suspicion, not an error: companies do leap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log

from screener.audit.findings import Finding, finding_on
from screener.model.figures import Figure
from screener.model.messages import Sentence, say
from screener.model.records import Listing

# From a year to the next a figure that is right hardly moves by more than this factor twice, up
# and down again, and a digit in the wrong place moves it by ten.
_LEAP, _CALM = 4.5, 2.2
_TITLES = {"eps": "EPS", "pe": "P/E"}


def alone_findings(listing: Listing) -> Iterator[Finding]:
    """Figures of a row without the other kind that only a slip would make smooth."""
    for kind, other in (("eps", "pe"), ("pe", "eps")):
        if any(getattr(year, other) for year in listing.years):
            continue
        found = [(year.fiscal_year, getattr(year, kind)) for year in listing.years]
        known = [(year, figure) for year, figure in found if figure is not None]
        for year, words in _odd(known, _TITLES[kind]):
            yield finding_on(listing, "odd_growth", words, year)


def _odd(known: Sequence[tuple[int, Figure]], title: str) -> Iterator[tuple[int, Sentence]]:
    values = [figure.value for _, figure in known]
    if len(values) < 3 or not all(values):
        return
    calm = log(_CALM)
    if _roughest(values) < log(_LEAP) and not _changes_sign(values):
        return
    for at, (year, figure) in enumerate(known):
        for factor, words in _SLIPS:
            mended = [*values[:at], values[at] * factor, *values[at + 1 :]]
            if _roughest(mended) <= calm and not _changes_sign(mended):
                texts = ", ".join(each.text for _, each in known)
                yield (
                    year,
                    say(
                        "{title} {texts}: with {slip} of FY{year}, {printed}, the years would go on"
                        " evenly",
                        title=title,
                        texts=texts,
                        slip=words,
                        year=year,
                        printed=figure.text,
                    ),
                )
                return


_SLIPS = (
    (0.1, say("another decimal point")),
    (10.0, say("another decimal point")),
    (0.01, say("another decimal point")),
    (100.0, say("another decimal point")),
    (-1.0, say("the other sign")),
)


def _roughest(values: Sequence[float]) -> float:
    """The largest move from a year to the next, in powers of e."""
    return max(abs(log(abs(later / earlier))) for earlier, later in pairwise(values))


def _changes_sign(values: Sequence[float]) -> bool:
    return min(values) < 0 < max(values)
