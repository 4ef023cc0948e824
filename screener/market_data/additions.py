"""Rows for a watchlist from codes alone: names, estimates and market cap, as the sources say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from screener.consensus.judge import jumps
from screener.importing.listfile import plain_text
from screener.market_data.fx import Conversion, Pair, known_rates
from screener.model.aliases import KNOWN
from screener.model.calendars import market_day
from screener.model.messages import NOTHING, Sentence, joined, say
from screener.model.problems import Problem
from screener.model.records import Listing, Profile, Provenance, Quote, Vintage
from screener.model.symbols import currency_of
from screener.sources.answers import YearEnd
from screener.sources.child import Children
from screener.sources.contract import Ask, Fetched
from screener.sources.estimates import Estimates, fetch_estimates
from screener.sources.network import is_cut_off
from screener.sources.prices import fetch_prices
from screener.watchlists.csvfile import CsvLine
from screener.watchlists.rows import listing_of

# However long the prices took, estimates may take this.
LEAST_SECONDS = 3.0
# Figures of a file have at most so many decimals; watchlists have market caps in 100 million.
DECIMALS, CAP_UNIT = 6, 1e8
DECEMBER = (12, 31)

# The columns of a watchlist that is made of codes, in their order; years between the two.
_FIRST = ("symbol", "name", "name_en", "market_cap", "market_cap_currency", "price", "currency")
_LAST = ("eps_currency", "fiscal_year_end", "as_of", "source")

Cells = Mapping[str, str]


@dataclass
class Additions:
    """The rows found, by symbol, as cells by column; and what is to be said of them.

    A symbol has its whole row or none: then a problem says why.
    """

    rows: dict[str, Cells] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that any of the rows has, in their order."""
        used = {name for row in self.rows.values() for name, cell in row.items() if cell}
        years = sorted(used - {*_FIRST, *_LAST})
        return tuple(name for name in (*_FIRST, *years, *_LAST) if name in used)

    def add(self, symbol: str, answers: _Answers, estimates: Estimates) -> None:
        """Make the row of a symbol of what the sources said, or say why there is none."""
        if symbol not in answers.quotes:
            why = answers.unpriced.get(symbol) or say("no source answered for it")
            self.problems.append(Problem("not_added", symbol, why, symbol))
            return
        vintage, why = _usable(symbol, answers, estimates)
        if vintage is None and estimates.problems:
            # A source is out: another time it may have some.
            self.problems.append(Problem("not_added", symbol, why, symbol))
            return
        if vintage is None:
            self.problems.append(Problem("without_estimates", symbol, why, symbol))
        self.rows[symbol] = _row(symbol, answers, vintage)


def bare_rows(symbols: Iterable[str]) -> dict[str, Cells]:
    """Rows of codes alone, with the names that are known here."""
    return {
        symbol: {"symbol": symbol, "name": known.name if (known := KNOWN.get(symbol)) else ""}
        for symbol in symbols
    }


def look_up(
    symbols: Sequence[str], named: Mapping[str, str], now: datetime, timeout: float
) -> Additions:
    """The row of each symbol, or a problem that names it.

    `named` are the names that are known already; where all are, no source is asked for a name. A
    symbol without a price is none that anybody knows, and gets no row; one without estimates gets
    a row without them, if a source says that there are none. Without a network all rows are of
    codes alone.
    """
    ask = Ask(
        [stub(symbol, now) for symbol in symbols],
        now,
        timeout,
        # Of all sources Eastmoney alone has Chinese names, and it is asked a name at a time.
        cross_check=not set(symbols) <= named.keys(),
        pairs=frozenset([("HKD", "CNY")] if any(each.endswith(".HK") for each in symbols) else ()),
        unprofiled=frozenset(symbol for symbol in symbols if symbol.endswith(".BJ")),
    )
    with Children(timeout + LEAST_SECONDS) as children:
        found = fetch_prices(children, ask)
        outages = [problem for problem in found.problems if problem.kind == "source_out"]
        if is_cut_off(outages):
            return Additions(bare_rows(symbols), outages)
        answers = _Answers.of(found, named)
        estimates = fetch_estimates(children, answers.year_ends, answers.called, now, children.left)
    made = Additions(problems=[*outages, *estimates.problems])
    for symbol in symbols:
        made.add(symbol, answers, estimates)
    return made


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the sources of prices said, by symbol."""

    quotes: Mapping[str, Quote]
    profiles: Mapping[str, Profile]
    rates: Mapping[Pair, Conversion]
    unpriced: Mapping[str, Sentence]
    names: Mapping[str, str]
    year_ends: Mapping[str, YearEnd]

    @property
    def called(self) -> dict[str, set[str]]:
        """The Chinese names of those that are known to have one."""
        return {
            symbol: {
                name for name in (profile.name, self.names.get(symbol, "")) if not name.isascii()
            }
            for symbol, profile in self.profiles.items()
        }

    @classmethod
    def of(cls, found: Fetched, names: Mapping[str, str]) -> _Answers:
        profiles = {profile.symbol: profile for profile in found.profiles}
        quotes = {row.symbol: quote for row, quote in found.quotes.items()}
        unpriced = (problem for problem in found.problems if problem.kind == "no_price")
        return cls(
            quotes=quotes,
            profiles=profiles,
            rates=known_rates(found.rates),
            unpriced={problem.symbol: problem.message for problem in unpriced},
            names=names,
            year_ends={symbol: _year_end(symbol, profiles.get(symbol)) for symbol in quotes},
        )


def stub(symbol: str, now: datetime) -> Listing:
    """What a source is asked with, of a listing that no watchlist has."""
    line = CsvLine(symbol, {"symbol": symbol, "printed_symbol": symbol, "name": symbol})
    return listing_of(line, "", Provenance("", "", market_day(now), ""))


def _year_end(symbol: str, profile: Profile | None) -> YearEnd:
    """When its fiscal years end: as is known here, as its source says, else with the year."""
    text = known.fiscal_year_end if (known := KNOWN.get(symbol)) else ""
    text = text or (profile.year_end if profile else "")
    month, _, day = text.partition("-")
    return (int(month), int(day)) if text else DECEMBER


def _usable(
    symbol: str, answers: _Answers, estimates: Estimates
) -> tuple[Vintage | None, Sentence]:
    """The vintage of a symbol, if it can be one of this share; else why not.

    Estimates that are many times what the share earned are of other shares, as receipts, or in
    another currency. Nobody has looked at them yet, so they are left out.
    """
    vintage = next((each for each in estimates.vintages if each.symbol == symbol), None)
    if vintage is None:
        return None, joined(dict.fromkeys(estimates.reasons.get(symbol, ())))
    if not vintage.currency:
        return None, say("{source} names no currency of its estimates", source=vintage.source)
    earned = _earned(symbol, answers, vintage.currency)
    first = next((each for each in vintage.estimates if not each.is_actual), None)
    # From a loss to a profit is how things go.
    if first is None or earned is None or first.eps * earned <= 0 or not jumps(first, earned):
        return vintage, NOTHING
    fault = say(
        "{source} expects EPS of {eps:.4g} {currency} after {earned:.4g} in the last twelve months:"
        " of other shares, or in another currency; left out",
        source=vintage.source,
        eps=first.eps,
        currency=vintage.currency,
        earned=earned,
    )
    return None, fault


def _earned(symbol: str, answers: _Answers, currency: str) -> float | None:
    """EPS of the last twelve months in a currency."""
    profile = answers.profiles.get(symbol)
    if profile is None or profile.eps_ttm is None:
        return None
    if profile.eps_currency == currency:
        return profile.eps_ttm
    rate = answers.rates.get((profile.eps_currency, currency))
    return profile.eps_ttm * rate.value if rate else None


def _row(symbol: str, answers: _Answers, vintage: Vintage | None) -> Cells:
    """The cells of a row: what is not known is left out."""
    quote, profile, known = answers.quotes[symbol], answers.profiles.get(symbol), KNOWN.get(symbol)
    name_en = known.name_en if known else plain_text(profile.name_en) if profile else ""
    said = answers.names.get(symbol) or (profile.name if profile else "")
    cells = {
        "symbol": symbol,
        "name": plain_text(said) or (known.name if known else name_en),
        "name_en": name_en,
        "price": _figure(quote.price),
        "currency": quote.currency,
        "as_of": (vintage.as_of if vintage else quote.as_of).isoformat(),
        "source": vintage.source if vintage else quote.source,
    }
    if profile and profile.market_cap:
        cells["market_cap"] = f"{profile.market_cap / CAP_UNIT:.2f}"
        cells["market_cap_currency"] = currency_of(symbol)
    month, day = answers.year_ends[symbol]
    if (month, day) != DECEMBER:
        cells["fiscal_year_end"] = f"{month:02}-{day:02}"
    if vintage:
        cells["eps_currency"] = vintage.currency
        cells |= {f"eps_{each.fiscal_year}": _figure(each.eps) for each in vintage.estimates}
    return cells


def _figure(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
