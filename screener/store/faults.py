"""What is said of a store that cannot be used, or not all of it."""

from __future__ import annotations

from collections.abc import Sequence

from screener.model.messages import Sentence, say
from screener.store import schema


def unusable(why: Sentence) -> Sentence:
    """Why nothing of a store is used."""
    return say(
        "the store {why}: estimates, prices, splits and share counts in it are not used", why=why
    )


def broken(error: str) -> Sentence:
    """Why a store cannot be opened."""
    return say(
        "is damaged ({error}) and nothing is kept; `screener store check --salvage` saves what can"
        " be read",
        error=error,
    )


def in_part(error: str) -> Sentence:
    """That a store is damaged somewhere."""
    return say(
        "the store is damaged ({error}): what can still be read of it is used, some may be missing,"
        " and nothing is kept; `screener store check` says what is lost, and --salvage saves the"
        " rest",
        error=error,
    )


def damaged(rows: Sequence[Sentence]) -> Sentence:
    """That rows are not used."""
    first = rows[0]
    if len(rows) == 1:
        return say("in the store {row} is not as it was written: it is not used", row=first)
    return say(
        "in the store {row} and {more} more are not as they were written: they are not used",
        row=first,
        more=len(rows) - 1,
    )


def older(found: int, error: Exception) -> Sentence:
    """Why an older store cannot be used where it cannot be written."""
    return say(
        "is of an older form (schema {found}, this one is {known}) and cannot be brought up to date"
        " ({error})",
        found=found,
        known=schema.VERSION,
        error=error,
    )


def newer(found: int) -> Sentence:
    """Why a newer store is left alone."""
    return say(
        "was written by a newer screener (schema {found}, this one knows {known}): update, or"
        " name another store",
        found=found,
        known=schema.VERSION,
    )
