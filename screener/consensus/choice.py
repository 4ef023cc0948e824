"""Which vintage of the consensus each listing is valued on: of a table, a source, a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from screener.consensus.edits import as_edited, repeated_rows, workbook_rows
from screener.consensus.judge import Judged, Stored, history, known_on, printed_of
from screener.consensus.splits import Record
from screener.consensus.typed_inputs import TypedInputs, TypedRow, read_inputs
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.records import Listing, Vintage
from screener.model.usage import UsageError

Which = Literal["report", "latest"] | date


def choose(judged: Sequence[Judged], choice: Which, day: date) -> Vintage:
    """The vintage that a valuation on `day` uses, of those that are not in doubt.

    `report` is the first one, the watchlist's own; `latest` the newest of by then; a date the
    newest of by that date. Where there is none so early, the first one is used.
    """
    # A watchlist of codes alone has no estimates of its own: whoever has some is used.
    usable = [each.vintage for each in judged if not each.doubt and each.vintage.estimates]
    first = printed_of(judged)
    if choice == "report":
        return first
    # A valuation of an earlier day may use only what was known then.
    limit = known_by(choice, day)
    return next((one for one in reversed(usable) if known_on(one) <= limit), first)


def known_by(choice: Which, day: date) -> date:
    """The day up to which a choice knows of vintages, for a valuation on `day`."""
    return min(day, choice) if isinstance(choice, date) else day


def doubts(listing: Listing, judged: Sequence[Judged], used: Vintage, day: date) -> list[Problem]:
    """A problem for each vintage in doubt that would be used in place of an older one."""
    problems = []
    for verdict in judged:
        vintage = verdict.vintage
        if verdict.doubt and used.as_of <= vintage.as_of <= day:
            message = say(
                "the consensus of {source}, {as_of}, is not used: {doubt}. If it is right:"
                " screener consensus accept {symbol}",
                source=vintage.source,
                as_of=vintage.as_of,
                doubt=verdict.doubt,
                symbol=listing.symbol,
            )
            problems.append(listing.problem("doubted_consensus", message))
    return problems


def which_of(text: str) -> Which:
    """`report`, `latest` or a day. Raises UsageError for anything else."""
    if text == "report":
        return "report"
    if text == "latest":
        return "latest"
    try:
        return date.fromisoformat(text)
    except ValueError:
        fault = say("no consensus {text!r}: report, latest, or a day as 2026-03-31", text=text)
        raise UsageError(fault) from None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which consensus a run uses: `report`, `latest` or a day, or what stands in a workbook."""

    of: Which
    typed: TypedInputs | None = None

    def currencies(self, listing: Listing, stored: Stored) -> set[str]:
        """Every currency that the listing's estimates may be in."""
        rows = self.typed.rows if self.typed else ()
        typed = {row.eps_currency or "" for row in rows if row.symbol == listing.symbol}
        fetched = {vintage.currency for vintage in stored.get(listing.symbol, ())}
        return {listing.eps_currency, *fetched, *typed} - {""}

    def years(self, listings: Sequence[Listing], stored: Stored) -> list[int]:
        """Every fiscal year that any estimate of the listings may be of."""
        found = {year.fiscal_year for row in listings for year in row.years}
        if self.of != "report":
            vintages = [vintage for row in listings for vintage in stored[row.symbol]]
            found |= {year for vintage in vintages for year in vintage.years}
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
        return Choice(which_of(text))
    if not Path(text).is_file():
        raise UsageError(say("there is no workbook {path}", path=text))
    typed = read_inputs(text)
    for problem in typed.problems:
        if problem.kind == "bad_file":
            raise UsageError(say("{where} {message}", where=problem.where, message=problem.message))
    return Choice("latest", typed)


def vintages_used(
    listings: Sequence[Listing], stored: Stored, record: Record, choice: Choice, day: date
) -> tuple[dict[Listing, Vintage], list[Problem]]:
    """The vintage of each listing that a valuation on a day uses, and what to say of that."""
    found: dict[Listing, Vintage] = {}
    problems: list[Problem] = []
    rows: Mapping[Listing, TypedRow] = {}
    if choice.typed is not None:
        problems += [*choice.typed.problems, *repeated_rows(choice.typed)]
        rows = workbook_rows(listings, choice.typed)
    known = known_by(choice.of, day)
    for listing in listings:
        judged = history(listing, stored, record, known)
        used = choose(judged, choice.of, day)
        if choice.of != "report":
            problems += doubts(listing, judged, used, day)
        if isinstance(choice.of, date) and used.as_of > known:
            as_of = used.as_of
            message = say(
                "no consensus by {known}: that of {as_of} is used", known=known, as_of=as_of
            )
            problems.append(listing.problem("later_consensus", message))
        if choice.typed is not None:
            used, said = as_edited(listing, judged, used, choice.typed, rows)
            problems += said
        found[listing] = used
    return found, problems


def comparable(used: Mapping[Listing, Vintage]) -> list[Problem]:
    """A note for each row whose estimates are in another currency than its table's."""
    problems = []
    for row, vintage in used.items():
        if vintage.currency != row.eps_currency:
            message = say(
                "the consensus of {source} is in {currency}, the table's in {eps_currency}: no"
                " revision, no rerating",
                source=vintage.source,
                currency=vintage.currency,
                eps_currency=row.eps_currency,
            )
            problems.append(row.problem("no_revision", message))
    return problems
