"""What is asked for and cannot be done, and which name may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from screener.model.messages import NOTHING, InputError, Sentence, say


class UsageError(InputError):
    """What was asked for cannot be done as it was asked; the message says what can."""


class UnknownNameError(UsageError):
    """A name that is not among the ones there are; the message names those and the nearest."""

    def __init__(self, what: Sentence, name: str, known: Sequence[str]) -> None:
        said = {"what": what, "name": name, "known": ", ".join(known), "guess": guess(name, known)}
        super().__init__(say("no {what} {name!r}; there are {known}.{guess}", **said))


def _place(name: str) -> int:
    """The order that names of a family are offered in: FY1 and NTM, years, what is called so."""
    return 0 if name.endswith(("_fy1", "_ntm")) else 1 if name[-1:].isdigit() else 2


def guess(name: str, known: Iterable[str], least: float = 0.5) -> Sentence:
    """The question whether the nearest of the known names is meant; nothing where none is near."""
    from difflib import get_close_matches

    known = list(known)
    # A family's name means its members, the others of a year last; not what is spelled alike.
    begun = sorted((each for each in known if each.startswith(f"{name}_")), key=_place)
    if begun:
        return say(" Did you mean {nearest}?", nearest=", ".join(begun[:3]))
    # Half of the letters alike: enough for a slip of the hand, too little for another name.
    nearest = get_close_matches(name, known, n=1, cutoff=least)
    return say(" Did you mean {nearest!r}?", nearest=nearest[0]) if nearest else NOTHING
