"""Names as people write them: in any case, or by their label in either language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screener.model.columns import Column
from screener.model.language import LANGUAGES


def plain(text: str) -> str:
    """A name as it is compared: without blanks, and in no case."""
    return "".join(text.split()).casefold()


def spelled(labels: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The names by their plain spellings: their own, and their labels. The first of two has it."""
    found = {plain(name): name for name in labels}
    for name, others in labels.items():
        for label in others:
            found.setdefault(plain(label), name)
    return found


def spellings(columns: Iterable[Column]) -> dict[str, str]:
    """The columns' names by their spellings; a label without its FY1 means that of FY1."""
    labels = {}
    for column in columns:
        of_column = [column.label(lang) for lang in LANGUAGES]
        labels[column.name] = [*of_column, *(label.replace("FY1", "") for label in of_column)]
    return spelled(labels)
