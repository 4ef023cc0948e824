"""Drafts to files, or to watchlists that are written nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from screener.files import replace_together, settle, standing
from screener.importing.drafts import Draft, find_drafts
from screener.model.messages import NOTHING, Sentence, say
from screener.model.problems import Problem, bad_file
from screener.model.usage import UsageError
from screener.watchlists.read import Watchlist, load_files


def watchlists_in(path: Path, today: date) -> tuple[list[Watchlist], list[Problem]]:
    """The tables of a document as watchlists, without writing them anywhere.

    A table that names no day is taken to be of `today`. A file with its provenance beside it is a
    watchlist already.
    """
    # Read as a document it would lose what a person has put right in it.
    if path.suffix.lower() == ".csv" and standing(path.with_suffix(".toml")).exists():
        return load_files([path], today)
    found = find_drafts(path, as_of=today)
    problems = [*found.problems]
    watchlists = []
    for draft in found.drafts:
        watchlist, faults = draft.watchlist()
        watchlists.append(watchlist)
        problems += [*draft.problems, *faults]
    return watchlists, problems


def write_drafts(
    drafts: Sequence[Draft], folder: Path, *, force: bool
) -> tuple[list[Path], list[Problem]]:
    """Write a CSV and a TOML file for each draft, and say which could not be.

    A file that is there is kept unless `force`. A draft without a day is not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settle(folder)  # a table that was written before may lack its words only
    written, problems = [], []
    for draft in drafts:
        path = folder / f"{draft.name}.csv"
        fault = _why_not(draft, path, force=force)
        if fault:
            problems.append(bad_file(draft.where, fault))
        else:
            words = draft.toml_text().encode(), path.with_suffix(".toml")
            replace_together((draft.csv_text().encode(), path), words)
            written.append(path)
    return written, problems


def _why_not(draft: Draft, path: Path, *, force: bool) -> Sentence:
    if "as_of" not in draft.facts:
        return say("names no day its figures are of: say --as-of DATE")
    if not draft.lines:
        return say("has no row that can be read")
    if not force and (path.exists() or path.with_suffix(".toml").exists()):
        return say(
            "{path} is there already and is kept: --force overwrites it, -o writes elsewhere",
            path=path,
        )
    return NOTHING


def chosen_drafts(drafts: Sequence[Draft], number: int | None) -> list[Draft]:
    """The draft of that number, as `--list` counts or as the document does; all without one.

    Raises UsageError where there is none.
    """
    if number is None:
        return list(drafts)
    # What the report calls 图表 3 is meant before the third that was found.
    fits = [draft for draft in drafts if draft.facts.get("table") == number] or [
        draft for draft in drafts if draft.number == number
    ]
    if not fits:
        numbers = ", ".join(str(draft.facts.get("table", draft.number)) for draft in drafts)
        there = numbers or say("none")
        raise UsageError(
            say(
                "there is no valuation table {number}; there are {numbers}",
                number=number,
                numbers=there,
            )
        )
    return fits[:1]
