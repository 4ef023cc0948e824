"""The nouns of the program: records that enter one at a time, before anything is a frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from screener.model.figures import Figure, Interval
from screener.model.messages import NOTHING, Sentence
from screener.model.problems import Problem

# How a price was obtained; `halted` is one of a share that has not traded for sessions.
Obtained = Literal["live", "delayed", "close", "halted", "cached", "file", "report"]


@dataclass(frozen=True, slots=True)
class PrintedYear:
    """What a table prints for one fiscal year: EPS, and P/E if it has one."""

    fiscal_year: int
    eps: Figure | None
    pe: Figure | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a watchlist's figures come from, and what of it an import guessed.

    Of a watchlist that does not say its day, `as_of` is when its file was changed (`is_dated`).
    Market caps are kept in 100 million (亿) of `market_cap_currency`.
    """

    label_zh: str
    label_en: str
    as_of: date
    consensus: str
    title: str = ""
    publisher: str = ""
    published: date | None = None
    table: int | None = None
    market_cap_scale: float = 1.0
    market_cap_currency: str = "CNY"
    guessed: tuple[str, ...] = ()
    is_dated: bool = True

    def label(self, lang: str) -> str:
        return self.label_zh if lang == "zh" else self.label_en


@dataclass(frozen=True, slots=True)
class Listing:
    """One row of a watchlist: a name on an exchange, with its printed figures.

    A company that stands in two watchlists is two of these, each with its own table's figures.
    `eps_currency` is the currency of the estimates, whatever the share trades in.
    """

    sector: str
    symbol: str
    printed_symbol: str
    name: str
    where: str
    provenance: Provenance
    eps_currency: str
    fiscal_year_end: tuple[int, int]
    years: tuple[PrintedYear, ...]
    market_cap: float | None = None
    printed_price: Figure | None = None
    printed_price_currency: str = ""
    note: str = ""
    name_en: str = ""

    def __hash__(self) -> int:
        # Listings are keys everywhere, and a hash of all their figures is a row's whole work.
        return hash((self.where, self.symbol))

    @property
    def is_bare(self) -> bool:
        """Whether its watchlist has nothing of it but what it is."""
        return not self.years and self.printed_price is None

    def problem(self, kind: str, message: Sentence) -> Problem:
        """Something that is wrong with this row, or doubtful."""
        return Problem(kind, self.where, message, self.symbol)


@dataclass(frozen=True, slots=True)
class Correction:
    """A printed figure or code that is wrong: what is used in its place, since when, and why.

    `effective` is the day from which it holds (None: always), `dated` the day it was written.
    """

    where: str
    watchlist: str
    symbol: str
    field: str
    printed: str
    corrected: str
    effective: date | None
    dated: date
    reason: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """Consensus EPS for one fiscal year, with what its rounding leaves open.

    `analysts` is how many of them it is the mean of, None where the source does not say;
    `is_actual` that the source says the year's results are out, and this is what they were.
    """

    fiscal_year: int
    period_end: date
    eps: float
    bounds: Interval
    analysts: int | None = None
    is_actual: bool = False


@dataclass(frozen=True, slots=True)
class Vintage:
    """What a source expected of a listing on the day `as_of`.

    EPS is in `currency`, per share of that day: splits after it are still to be counted.
    `fetched_at` is None for the vintage of a watchlist or a workbook. `accepted_at` is when a
    person looked at it: from then on it is used, whatever it looks like; `per_receipt` is how many
    shares that person said its EPS is for (None: nobody said).
    """

    symbol: str
    source: str
    as_of: date
    currency: str
    estimates: tuple[Estimate, ...]
    fetched_at: datetime | None = None
    accepted_at: datetime | None = None
    per_receipt: int | None = None
    note: Sentence = NOTHING

    def of(self, fiscal_year: int) -> Estimate | None:
        return next((e for e in self.estimates if e.fiscal_year == fiscal_year), None)

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(estimate.fiscal_year for estimate in self.estimates)

    @property
    def actual_year(self) -> int | None:
        """The last fiscal year whose results the source has; None where it marks none."""
        return max((each.fiscal_year for each in self.estimates if each.is_actual), default=None)


@dataclass(frozen=True, slots=True)
class Split:
    """From `ex_date` on, one old share is `ratio` shares: by a split, a bonus or capitalisation."""

    symbol: str
    ex_date: date
    ratio: float
    source: str


@dataclass(frozen=True, slots=True)
class Close:
    """What a share cost at the close of a day, per share of the day `per_share_of`."""

    symbol: str
    day: date
    close: float
    per_share_of: date
    source: str


@dataclass(frozen=True, slots=True)
class Multiple:
    """What a source says a multiple was on a day: `metric` is `pe_ttm` or `pb`."""

    symbol: str
    metric: str
    day: date
    value: float
    source: str


class Span(NamedTuple):
    """The days from one to another, both with it."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Lookup:
    """A source was asked for all splits of a symbol after `since` and up to `until`."""

    symbol: str
    source: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Quote:
    """What one share costs, in `currency`, by whom, of when, and how it was obtained.

    `market_time` is the trade's; `as_of` is the day the source says the price stands for
    (a closing price stands for the days the market is closed, too). `bounds` is what the
    source's rounding leaves open. `fetched_at` is when it was asked for, `delay_minutes` by how
    much the source says it lags the market, `shares` how many shares it counts, `previous_close`
    what it says of the session before; None where that is not known or makes no sense. `dated_by`
    is what the source says of the time, which is ours where that is nothing; `confirmed_by` another
    source that says the same price.
    """

    price: float
    currency: str
    market_time: datetime
    as_of: date
    source: str
    obtained: Obtained
    bounds: Interval
    fetched_at: datetime | None = None
    delay_minutes: int | None = None
    shares: float | None = None
    previous_close: float | None = None
    dated_by: Literal["time", "day", "nothing"] = "time"
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a source says of a company beside its price: its names, and its last twelve months.

    EPS (in `eps_currency`), book value and dividend (in `accounts_currency`) are per share of the
    day `per_share_of`; the market cap is in the currency of the price, `year_end` is MM-DD. `own_`
    are the source's own ratios, at its price then: figures are held against them, and never
    computed from them. None stands for what it does not say.
    """

    symbol: str
    source: str
    as_of: date
    per_share_of: date
    fetched_at: datetime
    name: str = ""
    name_en: str = ""
    year_end: str = ""
    eps_ttm: float | None = None
    eps_currency: str = ""
    book_value: float | None = None
    dividend: float | None = None
    accounts_currency: str = ""
    market_cap: float | None = None
    price: float | None = None
    previous_close: float | None = None
    own_pe: float | None = None
    own_pb: float | None = None
    own_yield: float | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of `quote` that one unit of `base` buys."""

    base: str
    quote: str
    value: float
    market_time: datetime
    source: str
