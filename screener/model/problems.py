"""What can be wrong: a problem with its kind and place, and how bad each kind is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from screener.model.messages import Sentence, say
from screener.model.reading import shown
from screener.model.shipped import rows_of

Severity = Literal["error", "warning", "note"]

SEVERITIES: Mapping[Severity, Sentence] = {
    "error": say("error"),
    "warning": say("warning"),
    "note": say("note"),
}


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What a family of problems is called, and how bad it is.

    `is_gap`: a figure that was asked for is missing by it, which the exit code tells.
    """

    name: str
    severity: Severity
    title: Sentence
    is_gap: bool = False

    def label(self, lang: str) -> str:
        return self.title.said(lang)


def kinds_of(table: str) -> Mapping[str, ProblemKind]:
    """The kinds in `TABLE.csv` by name, in its order."""
    return {row["name"]: _kind(**row) for row in rows_of(table)}


def _kind(name: str, severity: str, title: str, gap: str = "") -> ProblemKind:
    return ProblemKind(name, cast(Severity, severity), say(title), gap == "yes")


# error: a figure that was asked for is missing, or one is certainly wrong. warning: it is there,
# and doubtful. note: it is right, and needs a word.
PROBLEM_KINDS = kinds_of("problem_kinds")


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
        object.__setattr__(self, "where", shown(self.where))

    @property
    def severity(self) -> Severity:
        return PROBLEM_KINDS[self.kind].severity

    @property
    def is_gap(self) -> bool:
        """Whether a figure that was asked for is missing by it."""
        return PROBLEM_KINDS[self.kind].is_gap


def bad_file(path: Path | str, message: Sentence) -> Problem:
    """A file that cannot be used, wholly or from some place on."""
    return Problem("bad_file", str(path), message)
