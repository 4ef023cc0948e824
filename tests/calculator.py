"""The definitions once more, in fractions: what every figure must come to, from the typed texts.

Nothing here knows how the product computes. Texts become fractions, each listing is worked out by
itself, and ranks are counted, one name against the other; only a root is taken in floats.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import combinations, count

Figure = Fraction | None
Cell = Fraction | str | date | None
Texts = Mapping[int, str]

# Figures that are one to so many decimals are one, at limits and in ranks.
DECIMALS = 10


@dataclass(frozen=True)
class Row:
    """A line of a watchlist as it is typed."""

    sector: str
    symbol: str
    eps: Texts
    pe: Texts
    market_cap: str
    eps_currency: str
    year_end: str


@dataclass(frozen=True)
class Accounts:
    """What was reported of a listing: texts per share of a day, each with its currency."""

    eps: str
    eps_currency: str
    book_value: str
    dividend: str
    currency: str
    day: date


@dataclass(frozen=True)
class World:
    """All that is typed or known: rows, and by symbol prices, newer estimates and splits.

    A price has a day; a rate is base, quote, text, day; a split is ex-date and ratio; newer
    estimates have the day they are of. Market caps of a sector have a unit: so many 100 million
    of a currency.
    """

    rows: Sequence[Row]
    consensus_day: date
    prices: Mapping[str, tuple[str, date]]
    rates: Sequence[tuple[str, str, str, date]]
    splits: Mapping[str, Sequence[tuple[date, str]]]
    newer: Mapping[str, tuple[date, Texts]]
    accounts: Mapping[str, Accounts] = field(default_factory=dict)
    past: Mapping[str, Sequence[tuple[date, str]]] = field(default_factory=dict)
    cap_units: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    nm_above: str | None = "1000"
    by: str = "pe_fy1"

    @cached_property
    def day(self) -> date:
        return max(self.prices[row.symbol][1] for row in self.rows if row.symbol in self.prices)

    @cached_property
    def years(self) -> list[int]:
        printed = {year for row in self.rows for year, text in row.eps.items() if text}
        return sorted(printed.union(*(texts for _, texts in self.newer.values())))


def currency_of(symbol: str) -> str:
    """What a listing trades in."""
    code, _, exchange = symbol.partition(".")
    if exchange == "HK":
        return "CNY" if len(code) == 5 and code.startswith("8") else "HKD"
    return {"900SH": "USD", "200SZ": "HKD"}.get(code[:3] + exchange, "CNY")


def end_of(year: int, year_end: str) -> date:
    """The last day of the fiscal year that ends in that year."""
    month, day = map(int, year_end.split("-"))
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def calendar_weight(year_end: str) -> Fraction:
    """The share of a calendar year, in months, that lies in the fiscal year that ends in it."""
    month, day = map(int, year_end.split("-"))
    # A year of 365 days stands for all.
    part = Fraction(day, calendar.monthrange(2025, month)[1])
    return (month - 1 + min(part, Fraction(1))) / 12


def half_step(texts: Iterable[str]) -> Fraction:
    """Half a unit of the last decimal of the longest of the figures."""
    return Fraction(5, 10 ** (1 + max((len(text.partition(".")[2]) for text in texts), default=0)))


def rate(world: World, base: str, quote: str) -> Figure:
    """Units of the quote for one of the base: the newest rate, of one day the direct one."""
    known = [(date.min, True, Fraction(1))] if base == quote else []
    for first, second, text, day in world.rates:
        if (first, second) == (base, quote) and day <= world.day:
            known.append((day, True, Fraction(text)))
        if (second, first) == (base, quote) and day <= world.day:
            known.append((day, False, 1 / Fraction(text)))
    return max(known)[2] if known else None


def implied_price(eps: Texts, pe: Texts) -> Figure:
    """The middle of the prices that the largest group of years agrees on, if that is one group."""
    half_eps, half_pe = half_step(eps.values()), half_step(pe.values())
    spans = []
    for year in (year for year, text in eps.items() if text and pe.get(year)):
        value, multiple = Fraction(eps[year]), Fraction(pe[year])
        if abs(value) > half_eps:  # else it has no sign, and allows every small price
            ends = [
                (value + a * half_eps) * (multiple + b * half_pe) for a in (-1, 1) for b in (-1, 1)
            ]
            spans.append((min(ends), max(ends)))
    for size in range(len(spans), 0, -1):
        common = [
            (max(low for low, _ in some), min(high for _, high in some))
            for some in combinations(spans, size)
        ]
        agreed = [(low + high) / 2 for low, high in common if 0 < low <= high]
        if agreed:
            is_sure = len(agreed) == 1 and (size > 1 or len(spans) == 1)
            return agreed[0] if is_sure else None
    return None


def compound(first: Fraction, last: Fraction, years: int) -> Fraction:
    """Yearly growth from the first to the last."""
    ratio = last / first
    return ratio - 1 if years == 1 else Fraction(float(ratio) ** (1 / years) - 1)


class Valued:
    """A row with its figures by name; `lacking` are the metrics that an input is missing for."""

    def __init__(self, world: World, row: Row, number: int) -> None:
        self.row, self.world, self.number = row, world, number
        self.lacking: set[str] = set()
        self.figures: dict[str, Figure] = {"row": Fraction(number)}
        self.texts: dict[str, Cell] = {"sector": row.sector, "symbol": row.symbol}
        self._put_prices()
        self._put_estimates()
        self._put_multiples()
        self._put_growth()
        self._put_reported()

    def _put_prices(self) -> None:
        row, world = self.row, self.world
        traded = currency_of(row.symbol)
        text, self.traded_on = world.prices.get(row.symbol, ("", world.day))
        price = Fraction(text) if text else None
        fx = rate(world, traded, row.eps_currency) if text else None
        # A table's price is in the currency of its EPS.
        back = Fraction(1) if traded == row.eps_currency else fx
        printed = implied_price(row.eps, row.pe)
        scale, currency = world.cap_units.get(row.sector, ("1", "CNY"))
        to_yuan = rate(world, currency, "CNY")
        has_cap = row.market_cap and to_yuan is not None
        of_cap = Fraction(row.market_cap) * Fraction(scale) * (to_yuan or 0) if has_cap else None
        self.texts |= {"price_currency": traded if text else None}
        self.figures |= {
            "nm_above": Fraction(world.nm_above) if world.nm_above else None,
            "price": price,
            "price_bound_low": price,
            "price_bound_high": price,
            "price_age_days": Fraction((world.day - self.traded_on).days) if text else None,
            "fx": fx,
            "report_price": None if printed is None or back is None else printed / back,
            "market_cap_printed": of_cap,
            "split_since_report": self._shares(world.consensus_day, self.traded_on),
        }
        self.price = None if price is None or fx is None else price * fx
        self._put("price_in_eps_currency", (price, fx), lambda price, fx: price * fx)

    def _shares(self, after: date, until: date) -> Fraction:
        """How many shares one share of a day has become by another."""
        shares = Fraction(1)
        for day, ratio in self.world.splits.get(self.row.symbol, ()):
            shares *= Fraction(ratio) if after < day <= until else 1
        return shares

    def _put_estimates(self) -> None:
        row, world, figures = self.row, self.world, self.figures
        consensus_day, texts = world.newer.get(row.symbol, (world.consensus_day, row.eps))
        shares, years = self._shares(consensus_day, self.traded_on), world.years
        eps = {year: Fraction(text) / shares for year, text in texts.items() if text}
        self.rounding = half_step(texts.values()) / shares if eps else Fraction(0)
        fy1 = next(
            year for year in count(world.day.year) if end_of(year, row.year_end) >= world.day
        )
        lies_in = calendar_weight(row.year_end)
        weight = min(Fraction((end_of(fy1, row.year_end) - world.day).days, 365), Fraction(1))
        last = max(eps, default=0)
        self.cagr_years = last - fy1 if last > fy1 else 0
        self.eps: dict[str, Figure] = {str(year): eps.get(year) for year in years}
        self.eps |= {"fy1": eps.get(fy1), "fy2": eps.get(fy1 + 1)}
        self.eps["last"] = eps[last] if self.cagr_years else None
        for year in years:
            both = eps.get(year), eps.get(year + 1)
            self.eps[f"cy_{year}"] = both[0] if lies_in == 1 else _weighted(lies_in, *both)
        figures |= {f"eps_{period}": value for period, value in self.eps.items()}
        for sign, end in ((-1, "low"), (1, "high")):
            figures |= {
                f"eps_{end}_{period}": None if value is None else value + sign * self.rounding
                for period, value in self.eps.items()
            }
        since = figures["split_since_report"] or 1
        printed = {year: Fraction(text) / since for year, text in row.eps.items() if text}
        figures |= {f"eps_report_{year}": printed.get(year) for year in years}
        figures |= {
            "eps_report_fy1": printed.get(fy1),
            "eps_rounding": self.rounding,
            "split_factor": shares,
            "consensus_age_days": Fraction((world.day - consensus_day).days),
            "fy1": Fraction(fy1),
            "ntm_weight": weight,
            "cy_weight": lies_in,
            "cagr_years": Fraction(self.cagr_years) if self.cagr_years else None,
        }
        self.texts |= {"fy1_end": end_of(fy1, row.year_end), "consensus_day": consensus_day}
        self.eps["ntm"] = _weighted(weight, self.eps["fy1"], self.eps["fy2"])
        self._put("eps_ntm", (self.eps["ntm"],), lambda eps: eps)

    def _put(self, name: str, needs: Sequence[Figure], value: Callable[..., Figure]) -> None:
        """A metric, where it lacks nothing; it may mean nothing all the same."""
        is_lacking = any(need is None for need in needs)
        self.lacking |= {name} if is_lacking else set()
        self.figures[name] = None if is_lacking else value(*needs)

    def multiple(self, price: Fraction, eps: Fraction) -> Figure:
        limit = self.world.nm_above
        if eps <= 0 or (limit and round(price / eps, DECIMALS) > Fraction(limit)):
            return None
        return price / eps

    def _put_multiples(self) -> None:
        for period in [each for each in self.eps if each not in ("fy2", "last")]:
            needs = self.price, self.eps[period]
            self._put(f"pe_{period}", needs, self.multiple)
            self._put(f"earnings_yield_{period}", needs, lambda price, eps: eps / price)
        for name, end in (("pe_low", self.rounding), ("pe_high", -self.rounding)):
            self._put(
                name,
                (self.price, self.eps["fy1"]),
                lambda price, eps, end=end: self.multiple(price, eps + end),
            )

    def _put_growth(self) -> None:
        figures, eps, years = self.figures, self.eps, self.world.years
        for year in (year for year in years if year - 1 in years):
            self._put(f"eps_growth_{year}", (eps[str(year)], eps[str(year - 1)]), _growth)
        self._put("eps_cagr", (eps["fy1"], eps["last"]), self._yearly)
        self._put("peg", (self.price, eps["fy1"], eps["last"]), self._per_growth)
        for period in (*map(str, years), "fy1"):
            self._put(
                f"eps_revision_{period}", (eps[period], figures[f"eps_report_{period}"]), _growth
            )
        now = (figures["price"], figures["split_since_report"], figures["report_price"])
        self._put("price_change", now, lambda price, shares, before: price * shares / before - 1)
        self._put("rerating", (*now, eps["fy1"], figures["eps_report_fy1"]), self._rerating)
        self._put(
            "market_cap",
            (*now, figures["market_cap_printed"]),
            lambda price, shares, before, cap: cap * price * shares / before,
        )

    def _put_reported(self) -> None:
        row, world, figures = self.row, self.world, self.figures
        price, accounts = figures["price"], world.accounts.get(row.symbol)
        names = ("eps_ttm", "eps_ttm_fx", "book_value", "dividend", "accounts_fx")
        figures |= dict.fromkeys(names)
        if accounts is not None and price is not None:
            traded = currency_of(row.symbol)
            shares = self._shares(accounts.day, self.traded_on)
            figures |= {
                "eps_ttm": Fraction(accounts.eps) / shares,
                "eps_ttm_fx": rate(world, traded, accounts.eps_currency),
                "book_value": Fraction(accounts.book_value) / shares,
                "dividend": Fraction(accounts.dividend) / shares,
                "accounts_fx": rate(world, traded, accounts.currency),
            }
        eps, eps_fx, book_value, dividend, fx = (figures[name] for name in names)
        self._put(
            "pe_ttm", (price, eps, eps_fx), lambda cost, eps, fx: self.multiple(cost * fx, eps)
        )
        self._put(
            "pb",
            (price, book_value, fx),
            lambda cost, book, fx: cost * fx / book if book > 0 else None,
        )
        self._put(
            "dividend_yield", (price, dividend, fx), lambda cost, paid, fx: paid / (cost * fx)
        )
        figures["pe_ttm_standing"] = self._standing()
        self._put("pe_ttm_percentile", (figures["pe_ttm_standing"],), lambda place: place)

    def _standing(self) -> Figure:
        """Where the last of the past multiples stands, if that is of now and there are enough."""
        past = [(day, Fraction(text)) for day, text in self.world.past.get(self.row.symbol, ())]
        multiples = [value for _, value in past if value > 0]
        if len(multiples) < 20 or past[-1][1] <= 0 or (self.world.day - past[-1][0]).days > 10:
            return None
        return Fraction(sum(each < past[-1][1] for each in multiples), len(multiples))

    def _yearly(self, first: Fraction, last: Fraction) -> Figure:
        return compound(first, last, self.cagr_years) if min(first, last) > 0 else None

    def _per_growth(self, *_: Fraction) -> Figure:
        multiple, grows = self.figures["pe_fy1"], self.figures["eps_cagr"]
        if multiple is None or grows is None or round(grows, DECIMALS) <= 0:
            return None
        return multiple / (100 * grows)

    def _rerating(self, *_: Fraction) -> Figure:
        change, revision = self.figures["price_change"], self.figures["eps_revision_fy1"]
        if change is None or revision is None or revision <= -1:
            return None
        return (1 + change) / (1 + revision) - 1

    def put_against(self, middle: Figure) -> None:
        """What the median P/E of the row's sector says of it."""
        figures, needs = self.figures, (self.price, self.eps["fy1"])
        pe, eps = figures["pe_fy1"], self.eps["fy1"]
        fx, price = figures["fx"] or 1, figures["price"] or 1
        premium = None if middle is None or pe is None else pe / middle - 1
        has_none = middle is None or eps is None or eps <= 0
        implied = None if has_none else Fraction(middle or 0) * Fraction(eps or 0) / fx
        self._put("pe_vs_sector", needs, lambda *_: premium)
        self._put("implied_price", needs, lambda *_: implied)
        self._put("upside", needs, lambda *_: None if implied is None else implied / price - 1)


def _growth(to: Fraction, base: Fraction) -> Figure:
    return to / base - 1 if base > 0 else None


def _weighted(weight: Fraction, first: Figure, second: Figure) -> Figure:
    return None if first is None or second is None else weight * first + (1 - weight) * second
