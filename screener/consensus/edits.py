"""What was typed into an earlier workbook, as a vintage, and in what it differs from its source."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from screener.consensus.fiscal_calendar import period_end
from screener.consensus.judge import Judged, jumps, printed_of
from screener.consensus.typed_inputs import TypedInputs, TypedRow
from screener.model.figures import Interval
from screener.model.messages import Sentence, say
from screener.model.problems import Problem
from screener.model.records import Estimate, Listing, Vintage


def workbook_rows(listings: Sequence[Listing], typed: TypedInputs) -> dict[Listing, TypedRow]:
    """The workbook's row of each listing: by symbol and, where that is there twice, by sheet."""
    found = {}
    for listing in listings:
        origin = listing.provenance
        labels = (origin.label_zh, origin.label_en, listing.sector)
        of_symbol = [row for row in typed.rows if row.symbol == listing.symbol]
        of_sector = [row for row in of_symbol if row.sector in labels]
        # The sheet may be in either language; a symbol that is there once needs no sector.
        if len(of_symbol) == 1 or of_sector:
            found[listing] = (of_sector or of_symbol)[0]
    return found


def repeated_rows(typed: TypedInputs) -> list[Problem]:
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


def as_edited(
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
        return fallback, [listing.problem("not_in_workbook", message)]
    # Cells that were left alone keep what the workbook does not hold: bounds, analysts, the vendor.
    base = _exported(judged, row)
    estimates = tuple(_typed_estimate(listing, base, year, row) for year in sorted(row.eps))
    currency = row.eps_currency or base.currency
    as_of = row.consensus_day or base.as_of
    if (estimates, currency, as_of) == (base.estimates, base.currency, base.as_of):
        return base, []
    problems = [
        Problem("edited_estimate", where, change, listing.symbol)
        for where, change in _changes(base, row, currency, typed)
    ]
    edited = replace(
        base,
        source=say("edited in {name}", name=typed.path.name),
        as_of=as_of,
        currency=currency,
        estimates=estimates,
        fetched_at=None,
        note=say("over {source} of {as_of}", source=base.source, as_of=base.as_of),
    )
    return edited, problems


def _exported(judged: Sequence[Judged], row: TypedRow) -> Vintage:
    """The vintage that the row was written from: the nearest one to its EPS of its day."""
    of_day = [verdict.vintage for verdict in judged if verdict.vintage.as_of == row.consensus_day]

    def differing(vintage: Vintage) -> int:
        same = [year for year in vintage.years if _is_same(vintage.of(year), row.eps.get(year))]
        return len({*vintage.years, *row.eps}) - len(same)

    return min(of_day, key=differing, default=printed_of(judged))


def _is_same(estimate: Estimate | None, eps: float | None) -> bool:
    if estimate is None or eps is None:
        return estimate is None and eps is None
    # A workbook holds EPS as multiplied by a split factor and divided again.
    return math.isclose(estimate.eps, eps, rel_tol=1e-12, abs_tol=1e-15)


def _typed_estimate(listing: Listing, base: Vintage, year: int, row: TypedRow) -> Estimate:
    exported, eps = base.of(year), row.eps[year]
    if exported is not None and _is_same(exported, eps):
        return exported
    # What was typed is taken to be as exact as the figures beside it.
    rounding = abs(row.eps_rounding or 0.0)
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
