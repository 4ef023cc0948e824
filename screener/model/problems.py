"""What can be wrong: a problem with its kind and place, and how bad each kind is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from screener.model.messages import NOTHING, InputError, Sentence, say

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
    title: Sentence

    def label(self, lang: str) -> str:
        return self.title.said(lang)


# error: a figure that was asked for is missing. warning: it is there, and doubtful.
# note: it is right, and needs a word.
PROBLEM_KINDS: Mapping[str, ProblemKind] = {
    kind.name: kind
    for kind in (
        ProblemKind("bad_file", "error", say("File cannot be used")),
        ProblemKind("bad_line", "error", say("Line cannot be used")),
        ProblemKind("skipped_line", "note", say("Line of no listing")),
        ProblemKind("bad_cell", "error", say("Cell cannot be used")),
        ProblemKind("no_price", "error", say("No price")),
        ProblemKind("no_rate", "error", say("No exchange rate")),
        ProblemKind("no_estimate", "error", say("No estimate")),
        ProblemKind("source_out", "warning", say("Source is out")),
        ProblemKind("names_unchecked", "note", say("Names not compared")),
        ProblemKind("sources_differ", "warning", say("Sources differ")),
        ProblemKind("store", "warning", say("Store")),
        ProblemKind("stored_price", "note", say("Stored price in place of a live one")),
        ProblemKind("wrong_name", "warning", say("Name does not fit the code")),
        ProblemKind("report_price", "warning", say("Report price in place of a live one")),
        ProblemKind("price_conflict", "warning", say("Prices that conflict")),
        ProblemKind("printed_cell", "warning", say("Printed figure that cannot be right")),
        ProblemKind("unused_column", "warning", say("Column not used")),
        ProblemKind("correction_unused", "warning", say("Correction not applied")),
        ProblemKind("old_price", "warning", say("Old price")),
        ProblemKind("old_rate", "warning", say("Old exchange rate")),
        ProblemKind("rate_conflict", "warning", say("Exchange rates that conflict")),
        ProblemKind("no_report_price", "warning", say("No report price")),
        ProblemKind("later_consensus", "warning", say("Consensus of a later day")),
        ProblemKind("old_consensus", "warning", say("Old consensus")),
        ProblemKind("no_market_cap", "warning", say("Market cap without a rate")),
        ProblemKind("no_calendar", "warning", say("No trading calendar")),
        ProblemKind("doubted_consensus", "warning", say("Estimates in doubt, not used")),
        ProblemKind("no_history", "warning", say("No history of prices")),
        ProblemKind("not_refreshed", "warning", say("No newer estimates")),
        ProblemKind("unknown_to_filter", "note", say("Filter cannot tell")),
        ProblemKind("splits_unknown", "warning", say("Splits not looked up")),
        ProblemKind("splits_differ", "warning", say("Sources of splits differ")),
        ProblemKind("possible_split", "warning", say("Possible unrecorded split")),
        ProblemKind("correction", "note", say("Corrected")),
        ProblemKind("filtered", "note", say("Filtered")),
        ProblemKind("split", "note", say("EPS adjusted for a split")),
        ProblemKind("edited_estimate", "note", say("Estimate edited by hand")),
        ProblemKind("not_in_workbook", "note", say("Not in the workbook")),
        ProblemKind("no_revision", "note", say("Revisions cannot be compared")),
        ProblemKind("not_meaningful", "note", say("Not meaningful (NM)")),
        ProblemKind("no_next_year", "note", say("No estimate for the next year")),
        ProblemKind("listed_twice", "note", say("Listed in several tables")),
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


def bad_file(path: Path | str, message: Sentence) -> Problem:
    """A file that cannot be used, wholly or from some place on."""
    return Problem("bad_file", str(path), message)


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
