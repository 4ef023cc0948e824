"""What names come to together: ranks by counting one name against the other, and statistics."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from statistics import median
from typing import Any

from tests.calculator import DECIMALS, Cell, Figure, Valued, World, compound

STATUSES = ("ranked", "nm", "no_estimate", "no_rate", "no_price")
LOW_IS_BEST = ("pe_", "peg", "rerating", "market_cap", "pb")
HIGH_IS_BEST = (
    "earnings_yield_",
    "eps_growth_",
    "eps_cagr",
    "eps_revision_",
    "upside",
    "dividend_yield",
)
NOT_FOR_RANKING = ("pe_low", "pe_high", "market_cap_printed", "pe_ttm_standing")
ARE_MULTIPLES = tuple(f"pe_{period}" for period in ("fy1", "ntm", "cy_", "1", "2"))


def is_multiple(name: str) -> bool:
    """Whether a metric is a P/E of a period."""
    return name.startswith(ARE_MULTIPLES)


def best_of(name: str) -> str:
    """Which end of a metric ranks first; nothing where it is not for ranking."""
    if name in NOT_FOR_RANKING:
        return ""
    return "low" * name.startswith(LOW_IS_BEST) or "high" * name.startswith(HIGH_IS_BEST)


def ends(one: Valued) -> tuple[Figure, Figure]:
    """The least and the greatest that the ranking figure can be; None where that is open."""
    by, half = one.world.by, one.rounding
    if by == "eps_cagr":
        return _ends_of_growth(one, one.eps["fy1"], one.eps["last"])
    if by.startswith("eps_growth_"):
        year = int(by[-4:])
        return _ends_of_growth(one, one.eps[str(year - 1)], one.eps[str(year)])
    eps = one.eps.get(by.removeprefix("pe_").removeprefix("earnings_yield_"))
    if eps is None or one.price is None:
        return None, None
    if is_multiple(by):
        return one.multiple(one.price, eps + half), one.multiple(one.price, eps - half)
    return (eps - half) / one.price, (eps + half) / one.price


def _ends_of_growth(one: Valued, base: Figure, to: Figure) -> tuple[Figure, Figure]:
    if base is None or to is None:
        return None, None
    (small, large), (low, high) = ((x - one.rounding, x + one.rounding) for x in (base, to))
    if one.world.by == "eps_cagr":
        if min(large, high) <= 0:
            return None, None
        fastest = compound(small, high, one.cagr_years) if small > 0 else None
        return compound(large, max(low, Fraction(0)), one.cagr_years), fastest
    # A loss is largest relative to the smallest base, a profit to the largest.
    slow, fast = (large if low >= 0 else small), (small if high >= 0 else large)
    return low / slow - 1 if slow > 0 else None, high / fast - 1 if fast > 0 else None


def status(one: Valued) -> str:
    """Ranked, or the first reason why not."""
    if one.figures[one.world.by] is not None:
        return "ranked"
    if one.figures["price"] is None:
        return "no_price"
    if one.figures["fx"] is None:
        return "no_rate"
    return "no_estimate" if one.world.by in one.lacking else "nm"


def key(figure: Figure, by: str) -> Fraction | float:
    """What is least for the best; endless where there is no figure."""
    if figure is None:
        return inf
    return round(figure if best_of(by) == "low" else -figure, DECIMALS)


def tie_break(one: Valued, by: str) -> tuple[Fraction | float, str]:
    """Of equals the one that yields more comes first, then the symbol."""
    name = by.replace("pe_", "earnings_yield_") if is_multiple(by) else "earnings_yield_fy1"
    return key(one.figures[name], "earnings_yield_"), one.row.symbol


def valued(world: World) -> list[Valued]:
    """Every row with its figures and ranks, in the order in which sectors are read."""
    every = [Valued(world, row, number) for number, row in enumerate(world.rows, start=1)]
    sectors = {
        one.row.sector: [o for o in every if o.row.sector == one.row.sector] for one in every
    }
    for names in sectors.values():
        multiples = [pe for one in names if (pe := one.figures["pe_fy1"]) is not None]
        for one in names:
            one.put_against(median(multiples) if multiples else None)
    for names in sectors.values():
        _put_ranks(names, world.by)
    # A listing of several tables counts once, by the first of its rows that has a figure.
    counted: dict[str, Valued] = {}
    for one in every:
        if one.figures["rank"]:
            counted.setdefault(one.row.symbol, one)
    of_all = {symbol: key(one.figures[world.by], world.by) for symbol, one in counted.items()}
    for symbol, one in counted.items():
        better = sum(other < of_all[symbol] for other in of_all.values())
        one.figures["rank_all"] = Fraction(1 + better)
    order = {sector: place for place, sector in enumerate(sectors)}

    def place(one: Valued) -> tuple[Any, ...]:
        rank = one.figures["rank"] or 0
        kind = STATUSES.index(status(one))
        return order[one.row.sector], kind, rank, *tie_break(one, world.by)

    return sorted(every, key=place)


def _put_ranks(names: Sequence[Valued], by: str) -> None:
    """Ranks of a sector by counting who is better, who is for sure, and who could be."""
    ranked = {one.number for one in names if status(one) == "ranked"}
    keys = {one.number: key(one.figures[by], by) for one in names}
    spans = {one.number: _best_and_worst(one) for one in names}
    # A name without a rank has one as soon as an end of its rounding means something.
    possible = {number for number, span in spans.items() if span != (-inf, inf)} | ranked
    for one in names:
        me, figures = one.number, one.figures
        figures["figure_low"], figures["figure_high"] = ends(one)
        figures |= dict.fromkeys(("rank", "rank_best", "rank_worst", "rank_all"))
        if me not in ranked:
            continue
        figures["rank"] = Fraction(1 + sum(keys[other] < keys[me] for other in ranked))
        if is_multiple(by) or by.startswith(("earnings_yield_", "eps_growth_", "eps_cagr")):
            best, worst = spans[me]
            surely = sum(spans[other][1] < best for other in ranked)
            could_be = sum(spans[other][0] < worst for other in possible - {me})
            figures["rank_best"] = Fraction(1 + surely)
            figures["rank_worst"] = Fraction(1 + could_be)


def _best_and_worst(one: Valued) -> tuple[Fraction | float, Fraction | float]:
    """The keys at the ends of rounding; what is open is endless."""
    by = one.world.by
    best, worst = ends(one) if best_of(by) == "low" else ends(one)[::-1]
    return -inf if best is None else key(best, by), key(worst, by)


def _quantile(figures: Sequence[Fraction], part: Fraction) -> Fraction:
    ordered = sorted(figures)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = ordered[min(below + 1, len(ordered) - 1)]
    return ordered[below] + (place - below) * (above - ordered[below])


def statistics(names: Sequence[Valued], metric: str) -> dict[str, Cell]:
    """What a sector's names come to together by a metric."""
    found = [figure for one in names if (figure := one.figures[metric]) is not None]
    lacking = sum(metric in one.lacking for one in names)
    best = min(names, key=lambda one: (key(one.figures[metric], metric), *tie_break(one, metric)))
    cells: dict[str, Cell] = {
        "n": Fraction(len(found)),
        "n_nm": Fraction(len(names) - len(found) - lacking),
        "n_missing": Fraction(lacking),
        "low": min(found, default=None),
        "lower_quartile": _quantile(found, Fraction(1, 4)) if found else None,
        "median": _quantile(found, Fraction(1, 2)) if found else None,
        "mean": sum(found, Fraction(0)) / len(found) if found else None,
        "upper_quartile": _quantile(found, Fraction(3, 4)) if found else None,
        "high": max(found, default=None),
        "best": best.row.symbol if found else None,
    }
    if is_multiple(metric):
        yields = metric.replace("pe_", "earnings_yield_")
        pairs = [(one.figures["market_cap"], one.figures[yields]) for one in names]
        both = [(cap, part) for cap, part in pairs if cap is not None and part is not None]
        earned = sum((cap * part for cap, part in both), Fraction(0))
        cells |= {
            "harmonic_mean": len(found) / sum((1 / pe for pe in found), Fraction(0))
            if found
            else None,
            "aggregate": sum((cap for cap, _ in both), Fraction(0)) / earned
            if earned > 0
            else None,
            "n_aggregate": Fraction(len(both)),
        }
    return cells
