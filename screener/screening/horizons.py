"""Over how many years growth is: a PEG on one year of it does not compare with one on two."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from screener.model.messages import joined, say
from screener.model.problems import Problem
from screener.valuation.metric import Metric

if TYPE_CHECKING:
    import polars as pl

# The metrics that are of growth from FY1 to the last year.
OF_HORIZONS = ("eps_cagr", "peg")

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def odd_horizons(table: pl.DataFrame) -> dict[int, str]:
    """A mark for each row whose growth is over another number of years than most rows' is."""
    years = {row: span for row, span in table.select("row", "cagr_years").iter_rows() if span}
    if len(set(years.values())) < 2:
        return {}
    ((usual, _),) = Counter(years.values()).most_common(1)
    return {row: str(span).translate(_SUPERSCRIPTS) for row, span in years.items() if span != usual}


def horizon_problems(table: pl.DataFrame, metric: Metric) -> list[Problem]:
    """A problem where names are ranked by growth over unlike numbers of years."""
    ranked_on = [name for name in OF_HORIZONS if name in (metric.name, *metric.parts)]
    ranked = table.filter(table["rank"].is_not_null())
    names: dict[int, list[str]] = {}
    for span, symbol in ranked.select("cagr_years", "symbol").iter_rows():
        names.setdefault(span, []).append(symbol)
    if not ranked_on or len(names) < 2:
        return []
    each = joined(
        say("{count} over {years}: {names}", count=len(of), years=span, names=_few(of))
        for span, of in sorted(names.items())
    )
    message = say(
        "growth is over unlike numbers of years, and ranks compare them: {each}", each=each
    )
    return [Problem("growth_horizon", ranked_on[0], message)]


def _few(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown}, …" if len(names) > 3 else shown
