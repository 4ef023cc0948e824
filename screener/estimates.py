"""Which vintage of the consensus each listing is valued on: of a table, a source, a workbook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from screener import vintages
from screener.consensus import period_end, printed
from screener.inputsheet import TypedInputs, TypedRow, read_inputs
from screener.model import Estimate, Interval, Listing, Problem, UsageError, Vintage
from screener.splits import Record, adjustment
from screener.vintages import Factor, Judged, Which, jumps, known_by
from screener.wording import Sentence, say

Stored = Mapping[str, Sequence[Vintage]]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which consensus a run uses: `report`, `latest` or a day, or what stands in a workbook."""

    of: Which
    typed: TypedInputs | None = None

    def currencies(self, listing: Listing, stored: Stored) -> set[str]:
        """Every currency that the listing's estimates may be in."""
        known = {listing.eps_currency, *(each.currency for each in stored.get(listing.symbol, ()))}
        rows = self.typed.rows if self.typed else ()
        known |= {row.eps_currency or "" for row in rows if row.symbol == listing.symbol}
        return known - {""}

    def years(self, listings: Sequence[Listing], stored: Stored) -> list[int]:
        """Every fiscal year that any estimate of the listings may be of."""
        found = {year.fiscal_year for row in listings for year in row.years}
        if self.of != "report":
            found |= {
                year for row in listings for each in stored[row.symbol] for year in each.years
            }
        rows = self.typed.rows if self.typed else ()
        return sorted(found | {year for row in rows for year in row.eps})


def parse_choice(consensus: str | Path | date) -> Choice:
    """The choice that `report`, `latest`, a day or the path of a workbook means.

    Raises UsageError for anything else.
    """
    if isinstance(consensus, date):
        return Choice(consensus)
    text = str(consensus)
    if not text.lower().endswith(".xlsx"):
        return Choice(vintages.which_of(text))
    if not Path(text).is_file():
        raise UsageError(say("there is no workbook {path}", path=text))
    typed = read_inputs(text)
    for problem in typed.problems:
        if problem.kind == "bad_file":
            raise UsageError(say("{where} {message}", where=problem.where, message=problem.message))
    return Choice("latest", typed)


def factor_of(symbol: str, record: Record) -> Factor:
    """How many shares one share of a day has become by another day, by the record."""
    return lambda after, until: adjustment(symbol, after, until, record).factor


def history(
    listing: Listing, stored: Stored, record: Record, known: date = date.max
) -> tuple[Judged, ...]:
    """Every vintage of a listing that was known by a day, the oldest first, its own table's too."""
    every = [printed(listing), *stored.get(listing.symbol, ())]
    return vintages.judge(every, factor_of(listing.symbol, record), known)


def used(
    listings: Sequence[Listing], stored: Stored, record: Record, choice: Choice, day: date
) -> tuple[dict[Listing, Vintage], list[Problem]]:
    """The vintage of each listing that a valuation on a day uses, and what to say of that."""
    found: dict[Listing, Vintage] = {}
    problems: list[Problem] = list(choice.typed.problems) if choice.typed else []
    rows = _rows(listings, choice.typed) if choice.typed else {}
    problems += _second_rows(choice.typed) if choice.typed else []
    for listing in listings:
        known = known_by(choice.of, day)
        judged = history(listing, stored, record, known)
        found[listing] = vintages.choose(judged, choice.of, day)
        if choice.of != "report":
            problems += vintages.doubts(listing, judged, found[listing], day)
        if isinstance(choice.of, date) and found[listing].as_of > known:
            message = say(
                "no consensus by {known}: that of {as_of} is used",
                known=known,
                as_of=found[listing].as_of,
            )
            problems.append(Problem("later_consensus", listing.where, message, listing.symbol))
        if choice.typed is not None:
            found[listing], said = _edited(listing, judged, found[listing], choice.typed, rows)
            problems += said
    return found, problems


def comparable(used_: Mapping[Listing, Vintage]) -> list[Problem]:
    """A note for each row whose estimates are in another currency than its table's."""
    return [
        Problem(
            "no_revision",
            row.where,
            say(
                "the consensus of {source} is in {currency}, the table's in {eps_currency}: no"
                " revision, no rerating",
                source=each.source,
                currency=each.currency,
                eps_currency=row.eps_currency,
            ),
            row.symbol,
        )
        for row, each in used_.items()
        if each.currency != row.eps_currency
    ]


def _rows(listings: Sequence[Listing], typed: TypedInputs) -> dict[Listing, TypedRow]:
    """The workbook's row of each listing: by symbol and, where that is there twice, by sheet."""
    found = {}
    for listing in listings:
        origin = listing.provenance
        labels = (origin.label_zh, origin.label_en, listing.sector)
        of_symbol = [row for row in typed.rows if row.symbol == listing.symbol]
        of_sector = [row for row in of_symbol if row.sector in labels]
        if len(of_symbol) == 1 or of_sector:
            found[listing] = (of_sector or of_symbol)[0]
    return found


def _second_rows(typed: TypedInputs) -> list[Problem]:
    """A problem for each row of a symbol that stands on the same sheet already."""
    first: dict[tuple[str, str], str] = {}
    problems = []
    for row in typed.rows:
        earlier = first.setdefault((row.sector, row.symbol), row.where)
        if earlier != row.where:
            message = say(
                "{symbol} stands at {earlier} already: that row is used, not this one",
                symbol=row.symbol,
                earlier=earlier,
            )
            problems.append(Problem("bad_cell", row.where, message, row.symbol))
    return problems


def _edited(
    listing: Listing,
    judged: Sequence[Judged],
    fallback: Vintage,
    typed: TypedInputs,
    rows: Mapping[Listing, TypedRow],
) -> tuple[Vintage, list[Problem]]:
    """What a workbook has for a listing, and a note for each cell that differs from its source."""
    row = rows.get(listing)
    if row is None:
        message = say(
            "{name} has no row of it: {source} of {as_of} is used",
            name=typed.path.name,
            source=fallback.source,
            as_of=fallback.as_of,
        )
        return fallback, [Problem("not_in_workbook", listing.where, message, listing.symbol)]
    base = _exported(judged, row)
    rounding = abs(row.eps_rounding or 0.0)
    estimates = tuple(
        _typed_estimate(listing, base, year, row.eps[year], rounding) for year in sorted(row.eps)
    )
    currency = row.eps_currency or base.currency
    as_of = row.consensus_day or base.as_of
    if (estimates, currency, as_of) == (base.estimates, base.currency, base.as_of):
        return base, []
    changes = _changes(base, row, currency, typed)
    edited = replace(
        base,
        source=f"edited in {typed.path.name}",
        as_of=as_of,
        currency=currency,
        estimates=estimates,
        fetched_at=None,
        note=say("over {source} of {as_of}", source=base.source, as_of=base.as_of),
    )
    return edited, [
        Problem("edited_estimate", where, change, listing.symbol) for where, change in changes
    ]


def _exported(judged: Sequence[Judged], row: TypedRow) -> Vintage:
    """The vintage that the row was written from: the nearest one to its EPS of its day."""
    of_day = [each.vintage for each in judged if each.vintage.as_of == row.consensus_day]

    def differing(vintage: Vintage) -> int:
        same = [year for year in vintage.years if _is_same(vintage.of(year), row.eps.get(year))]
        return len({*vintage.years, *row.eps}) - len(same)

    return min(of_day, key=differing, default=vintages.printed_of(judged))


def _is_same(estimate: Estimate | None, eps: float | None) -> bool:
    if estimate is None or eps is None:
        return estimate is None and eps is None
    # A workbook holds EPS as multiplied by a split factor and divided again.
    return math.isclose(estimate.eps, eps, rel_tol=1e-12, abs_tol=1e-15)


def _typed_estimate(
    listing: Listing, base: Vintage, year: int, eps: float, rounding: float
) -> Estimate:
    exported = base.of(year)
    if exported is not None and _is_same(exported, eps):
        return exported
    bounds = Interval(eps - rounding, eps + rounding)
    return Estimate(year, period_end(year, listing.fiscal_year_end), eps, bounds)


def _changes(
    base: Vintage, row: TypedRow, currency: str, typed: TypedInputs
) -> list[tuple[str, Sentence]]:
    """Where the row differs from what was exported, and in what."""
    unreadable = {problem.where for problem in typed.problems}
    changes = []
    for year in sorted({*base.years, *row.eps}):
        exported, eps = base.of(year), row.eps.get(year)
        where = row.eps_where.get(year, row.where)
        if not _is_same(exported, eps) and where not in unreadable:
            before = say("none") if exported is None else f"{exported.eps:g}"
            after = say("none") if eps is None else f"{eps:g}"
            change = say("EPS FY{year} {before} → {after}", year=year, before=before, after=after)
            if jumps(exported, eps):
                change = say("{change}: far from it, look again", change=change)
            changes.append((where, change))
    if currency != base.currency:
        change = say("EPS currency {before} → {after}", before=base.currency, after=currency)
        changes.append((row.where, change))
    if row.consensus_day not in (None, base.as_of):
        change = say("consensus day {before} → {after}", before=base.as_of, after=row.consensus_day)
        changes.append((row.where, change))
    return changes
