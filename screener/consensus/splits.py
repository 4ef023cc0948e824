"""Splits, bonus issues and capitalisations between two days, and what they make of one share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import TypeVar

from screener.model.messages import NOTHING, Sentence, say
from screener.model.problems import Problem
from screener.model.records import Listing, Lookup, Quote, Split

# Vendors' records of splits. Cash dividends and rights are left out on purpose: they change what a
# share costs, not how many shares one share has become.
# Whose record counts where two differ: the first. Yahoo has no Beijing, Eastmoney no Hong Kong.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "SH": ("Eastmoney", "Yahoo"),
    "SZ": ("Eastmoney", "Yahoo"),
    "BJ": ("Eastmoney",),
    "HK": ("Yahoo",),
}

# What tells that there was no split where no source could be asked: a share count that is that of
# the table. It is the last to be believed, as vendors may be late with it.
COUNT = "share count"

# Two sources agree on a factor if they differ by no more than this: vendors round a
# ratio such as 10 for 7 each in its own way.
TOLERANCE = 0.005
# Ratios that shares are split by: 10 送 4 is ×1.4, one into five ×5. A share count that has grown
# by one of them is no accident.
PLAUSIBLE_RATIOS = (1.2, 1.25, 1.3, 1.4, 1.45, 1.5, 1.6, 1.8, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)
# What the rounding of market cap and price, and small issues of shares, leave of such a ratio.
RATIO_TOLERANCE = 0.02

# Market caps that differ by more mean new shares, or a wrong figure.
CAP_TOLERANCE = 0.02

# Symbol and source.
Key = tuple[str, str]
Dated = TypeVar("Dated", Split, Lookup)


@dataclass(frozen=True, slots=True)
class Record:
    """The splits that are known, and who was asked for which days."""

    splits: Mapping[Key, Sequence[Split]] = field(default_factory=dict)
    lookups: Mapping[Key, Sequence[Lookup]] = field(default_factory=dict)

    def reach(self, symbol: str, source: str, after: date) -> date:
        """The day up to which a source's splits after a day are known, without a gap."""
        reached = after
        for lookup in sorted(self.lookups.get((symbol, source), ()), key=attrgetter("since")):
            if lookup.since <= reached:
                reached = max(reached, lookup.until)
        return reached

    def is_known(self, symbol: str, after: date, until: date) -> bool:
        """Whether splits between two days are known, by a source or by the share count."""
        sources = (*SOURCES[symbol.rpartition(".")[2]], COUNT)
        return any(self.reach(symbol, source, after) >= until for source in sources)

    def of(self, symbol: str, source: str, after: date, until: date) -> tuple[Split, ...]:
        """A source's splits of a symbol after one day, up to and with another, in order."""
        splits = self.splits.get((symbol, source), ())
        # A source that was asked twice has told the same split twice.
        found = {(s.ex_date, s.ratio): s for s in splits if after < s.ex_date <= until}
        return tuple(found[key] for key in sorted(found))


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one share of an earlier day has become: `factor` shares, by these splits.

    `fault` says why that is doubtful, `kind` is the kind of problem that makes; `by_source` are the
    splits of each source that was asked. Where it `is_open`, nobody can tell how many shares it is,
    and nothing may be ranked on the factor.
    """

    factor: float = 1.0
    splits: tuple[Split, ...] = ()
    kind: str = ""
    fault: Sentence = NOTHING
    by_source: Mapping[str, tuple[Split, ...]] = field(default_factory=dict)
    is_open: bool = False

    @property
    def text(self) -> str:
        """The splits as they are shown: ex-date, ratio, source."""
        return "; ".join(f"{s.ex_date} ×{s.ratio:g} {s.source}" for s in self.splits)


def record(splits: Iterable[Split], lookups: Iterable[Lookup]) -> Record:
    """What is known, by symbol and source."""
    return Record(_by_key(splits), _by_key(lookups))


def _by_key(records: Iterable[Dated]) -> dict[Key, list[Dated]]:
    found: dict[Key, list[Dated]] = {}
    for entry in records:
        found.setdefault((entry.symbol, entry.source), []).append(entry)
    return found


def factor(splits: Iterable[Split]) -> float:
    """How many shares one share becomes by all of these."""
    return math.prod(split.ratio for split in splits)


def adjustment(symbol: str, after: date, until: date, record: Record) -> Adjustment:
    """What a share of the day `after` has become by the day `until`, by the best source.

    Only splits with an ex-date after the first and not after the second day count.
    """
    # EPS of the day the price is of, or of a later one, is on its share basis already.
    if until <= after:
        return Adjustment()
    sources = SOURCES[symbol.rpartition(".")[2]]
    found = {source: record.of(symbol, source, after, until) for source in sources}
    asked = [source for source in sources if record.reach(symbol, source, after) >= until]
    if not asked:
        known = max(sources, key=lambda source: len(found[source]))
        if record.reach(symbol, COUNT, after) >= until:
            fault = say(
                "no source answered on splits after {after}: by the share count, which may be late,"
                " there was none but those on record",
                after=after,
            )
            return Adjustment(factor(found[known]), found[known], "splits_counted", fault)
        fault = say(
            "splits and bonus issues after {after} are not looked up: after one, P/E is wrong",
            after=after,
        )
        return Adjustment(factor(found[known]), found[known], "splits_unknown", fault)
    factors = {source: factor(found[source]) for source in asked}
    used = asked[0]
    differing = [f"{source} ×{ratio:g}" for source, ratio in factors.items()]
    if all(math.isclose(f, factors[used], rel_tol=TOLERANCE) for f in factors.values()):
        return Adjustment(factors[used], found[used])
    fault = say(
        "splits from {after} to {until}: {differing}; {used}'s are used",
        after=after,
        until=until,
        differing=", ".join(differing),
        used=used,
    )
    by_source = {source: found[source] for source in asked}
    return Adjustment(factors[used], found[used], "splits_differ", fault, by_source)


def review(adjustments: Mapping[Listing, Adjustment]) -> list[Problem]:
    """A note for each row whose EPS was divided, a problem for each whose splits are doubtful."""
    problems = []
    for row, made in adjustments.items():
        if made.splits:
            message = say(
                "EPS is divided by {factor:g}: {splits}", factor=made.factor, splits=made.text
            )
            problems.append(row.problem("split", message))
    return problems + faults(adjustments)


def faults(adjustments: Mapping[Listing, Adjustment]) -> list[Problem]:
    """A problem for each row whose splits are doubtful."""
    return [row.problem(made.kind, made.fault) for row, made in adjustments.items() if made.fault]


def share_growth(
    listing: Listing, report_price: Quote | None, shares: float | None
) -> float | None:
    """By how much the share count has grown since the table: a vendor's ÷ (cap ÷ price).

    None where one of them is not known, or cap and price are in two currencies.
    """
    if report_price is None or shares is None or listing.market_cap is None:
        return None
    if report_price.currency != listing.provenance.market_cap_currency:
        return None
    return shares * report_price.price / (listing.market_cap * 1e8)


def jump(symbol: str, growth: float) -> float | None:
    """The ratio that a growth of the share count looks like, if it looks like a split's."""
    # Mainland shares are never consolidated; there a low count is that of one class of shares.
    inverse = [1 / ratio for ratio in PLAUSIBLE_RATIOS] if symbol.endswith(".HK") else []
    ratios = (*PLAUSIBLE_RATIOS, *inverse)
    return next((r for r in ratios if math.isclose(growth, r, rel_tol=RATIO_TOLERANCE)), None)


def is_same_count(growth: float) -> bool:
    """Whether a share count that has grown by that is the one of before."""
    return math.isclose(growth, 1, rel_tol=RATIO_TOLERANCE)


def unrecorded(
    growths: Mapping[Listing, float], adjustments: Mapping[Listing, Adjustment]
) -> list[Problem]:
    """A problem for each row whose share count is not that of the table and of the splits since."""
    problems = []
    for row, growth in growths.items():
        recorded = adjustments[row].factor
        ratio = jump(row.symbol, growth / recorded)
        if ratio is not None:
            message = say(
                "possible unrecorded split: shares are {growth:.3g} times those that the table"
                " implies, the splits on record make {recorded:g}; if one of ×{ratio:g} is"
                " missing, P/E is wrong by that",
                growth=growth,
                recorded=recorded,
                ratio=ratio,
            )
            problems.append(row.problem("possible_split", message))
        elif abs(growth / recorded - 1) > CAP_TOLERANCE:
            message = say(
                "the market cap by the vendor's share count is {ahead:+.1%} from the printed one"
                " rolled forward: new shares, or one of the two is wrong",
                ahead=growth / recorded - 1,
            )
            problems.append(row.problem("cap_differs", message))
    return problems


def settled(
    symbol: str, split: Adjustment, since_report: Adjustment, growth: float | None, looks: Sentence
) -> tuple[Adjustment, Adjustment]:
    """What splits since the estimates, and since the table, are taken for, if that is not certain.

    Of two sources that differ, the one that the `growth` of the share count fits counts. Where
    none is fitted, and where nobody could be asked and the price `looks` like one of other shares,
    nobody can tell.
    """
    if since_report.kind == "splits_differ" or split.kind == "splits_differ":
        source = _fitting(since_report.by_source, growth)
        return _by(split, source), _by(since_report, source)
    count = growth and jump(symbol, growth / since_report.factor)
    if count:
        looks = say("the share count has grown by ×{ratio:g}", ratio=count)
    if split.kind in ("splits_unknown", "splits_counted") and looks:
        return _open(split, looks), _open(since_report, looks)
    return split, since_report


def _fitting(by_source: Mapping[str, Sequence[Split]], growth: float | None) -> str | None:
    """The only source whose splits make the share count what it is."""
    fits = [
        source
        for source, splits in by_source.items()
        if growth and math.isclose(growth, factor(splits), rel_tol=RATIO_TOLERANCE)
    ]
    return fits[0] if len(fits) == 1 else None


def _by(split: Adjustment, source: str | None) -> Adjustment:
    if split.kind != "splits_differ":
        return split
    if source is None:
        return _open(split, say("no share count tells which is right"))
    used = split.by_source[source]
    return replace(split, factor=factor(used), splits=used)


def _open(split: Adjustment, why: Sentence) -> Adjustment:
    fault = say("{fault}; {why}: not ranked", fault=split.fault, why=why)
    return replace(split, kind="split_open", fault=fault, is_open=True)
