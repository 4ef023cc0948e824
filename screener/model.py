"""The nouns of the program: records that enter one at a time, before anything is a frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Literal

from screener.wording import NOTHING, InputError, Sentence, say

Severity = Literal["error", "warning", "note"]
SEVERITIES: Mapping[Severity, Sentence] = {
    "error": say("error"),
    "warning": say("warning"),
    "note": say("note"),
}


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What a family of problems is called, and how bad it is."""

    name: str
    severity: Severity
    zh: str
    en: str

    def label(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


# error: a figure that was asked for is missing. warning: it is there, and doubtful.
# note: it is right, and needs a word.
PROBLEM_KINDS: Mapping[str, ProblemKind] = {
    kind.name: kind
    for kind in (
        ProblemKind("bad_file", "error", "文件无法读取", "File cannot be used"),
        ProblemKind("bad_line", "error", "行无法读取", "Line cannot be used"),
        ProblemKind("skipped_line", "note", "非个股行", "Line of no listing"),
        ProblemKind("bad_cell", "error", "单元格无法读取", "Cell cannot be used"),
        ProblemKind("no_price", "error", "无价格", "No price"),
        ProblemKind("no_rate", "error", "无汇率", "No exchange rate"),
        ProblemKind("no_estimate", "error", "无盈利预测", "No estimate"),
        ProblemKind("source_out", "warning", "数据源不可用", "Source is out"),
        ProblemKind("names_unchecked", "note", "名称未核对", "Names not compared"),
        ProblemKind("sources_differ", "warning", "数据源不一", "Sources differ"),
        ProblemKind("store", "warning", "存储有误", "Store"),
        ProblemKind("stored_price", "note", "用存储价", "Stored price in place of a live one"),
        ProblemKind("wrong_name", "warning", "代码与名称不符", "Name does not fit the code"),
        ProblemKind(
            "report_price", "warning", "用报告价代替", "Report price in place of a live one"
        ),
        ProblemKind("price_conflict", "warning", "同一标的价格不一", "Prices that conflict"),
        ProblemKind(
            "printed_cell", "warning", "报告数字有疑", "Printed figure that cannot be right"
        ),
        ProblemKind("unused_column", "warning", "未用的列", "Column not used"),
        ProblemKind("correction_unused", "warning", "更正未生效", "Correction not applied"),
        ProblemKind("old_price", "warning", "价格陈旧", "Old price"),
        ProblemKind("old_rate", "warning", "汇率陈旧", "Old exchange rate"),
        ProblemKind("rate_conflict", "warning", "汇率不一", "Exchange rates that conflict"),
        ProblemKind("no_report_price", "warning", "无报告价", "No report price"),
        ProblemKind("later_consensus", "warning", "预测晚于估值日", "Consensus of a later day"),
        ProblemKind("old_consensus", "warning", "一致预期陈旧", "Old consensus"),
        ProblemKind("no_market_cap", "warning", "市值无法换算", "Market cap without a rate"),
        ProblemKind("no_calendar", "warning", "无交易日历", "No trading calendar"),
        ProblemKind("doubted_consensus", "warning", "预测存疑未用", "Estimates in doubt, not used"),
        ProblemKind("no_history", "warning", "无历史价格", "No history of prices"),
        ProblemKind("not_refreshed", "warning", "预测未更新", "No newer estimates"),
        ProblemKind("unknown_to_filter", "note", "筛选条件无法判断", "Filter cannot tell"),
        ProblemKind("splits_unknown", "warning", "送转未查", "Splits not looked up"),
        ProblemKind("splits_differ", "warning", "送转来源不一", "Sources of splits differ"),
        ProblemKind("possible_split", "warning", "疑有送转未记录", "Possible unrecorded split"),
        ProblemKind("correction", "note", "已更正", "Corrected"),
        ProblemKind("filtered", "note", "已筛选", "Filtered"),
        ProblemKind("split", "note", "已按送转调整", "EPS adjusted for a split"),
        ProblemKind("edited_estimate", "note", "手改预测", "Estimate edited by hand"),
        ProblemKind("not_in_workbook", "note", "工作簿中无此行", "Not in the workbook"),
        ProblemKind("no_revision", "note", "修正不可比", "Revisions cannot be compared"),
        ProblemKind("not_meaningful", "note", "无意义 (NM)", "Not meaningful (NM)"),
        ProblemKind("no_next_year", "note", "缺下一年预测", "No estimate for the next year"),
        ProblemKind("listed_twice", "note", "同一标的多表", "Listed in several tables"),
    )
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the user must know: what, where, and about which listing."""

    kind: str
    where: str
    message: Sentence
    symbol: str = ""

    def __post_init__(self) -> None:
        if self.kind not in PROBLEM_KINDS:
            raise ValueError(f"unknown kind of problem: {self.kind!r}")

    @property
    def severity(self) -> Severity:
        return PROBLEM_KINDS[self.kind].severity


class UsageError(InputError):
    """What was asked for cannot be done as it was asked; the message says what can."""


class UnknownNameError(UsageError):
    """A name that is not among the ones there are; the message names those and the nearest."""

    def __init__(self, what: Sentence, name: str, known: Sequence[str]) -> None:
        super().__init__(
            say(
                "no {what} {name!r}; there are {known}.{guess}",
                what=what,
                name=name,
                known=", ".join(known),
                guess=guess(name, known),
            )
        )


def guess(name: str, known: Iterable[str], least: float = 0.5) -> Sentence:
    """The question whether the nearest of the known names is meant; nothing where none is near."""
    nearest = get_close_matches(name, list(known), n=1, cutoff=least)
    return say(" Did you mean {nearest!r}?", nearest=nearest[0]) if nearest else NOTHING


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from `low` to `high`, both included."""

    low: float
    high: float

    @property
    def midpoint(self) -> float:
        return (self.low + self.high) / 2

    def meet(self, other: Interval) -> Interval | None:
        """The values in both, or None where there are none."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else None

    def times(self, other: Interval) -> Interval:
        """Every product of a value in this one and a value in the other."""
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(corners), max(corners))


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed number: its text, its value, and what its rounding leaves open."""

    text: str
    value: float
    bounds: Interval


@dataclass(frozen=True, slots=True)
class PrintedYear:
    """What a table prints for one fiscal year: EPS, and P/E if it has one."""

    fiscal_year: int
    eps: Figure | None
    pe: Figure | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a watchlist's figures come from, and what of it an import guessed.

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

    `analysts` is how many of them it is the mean of, None where the source does not say.
    """

    fiscal_year: int
    period_end: date
    eps: float
    bounds: Interval
    analysts: int | None = None


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
        return next((each for each in self.estimates if each.fiscal_year == fiscal_year), None)

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(each.fiscal_year for each in self.estimates)


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
    much the source says it lags the market, `shares` how many shares it counts; None where that is
    not known or makes no sense.
    """

    price: float
    currency: str
    market_time: datetime
    as_of: date
    source: str
    obtained: Literal["live", "delayed", "close", "cached", "file", "report"]
    bounds: Interval
    fetched_at: datetime | None = None
    delay_minutes: int | None = None
    shares: float | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of `quote` that one unit of `base` buys."""

    base: str
    quote: str
    value: float
    market_time: datetime
    source: str
