"""The child that reads a document."""

from __future__ import annotations

import sys
from pathlib import Path

from screener.importing.documents.formats import READERS
from screener.importing.documents.line import as_message, limited
from screener.model.bounded import answer

MOST_LINES = 200_000


def main(kind: str, name: str) -> None:
    """Write the lines of a document as messages."""
    answer(lambda: map(as_message, limited(READERS[kind](Path(name)), MOST_LINES)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
