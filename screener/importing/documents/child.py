"""Reading a document in a process of its own, which can be ended and has memory only so far."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

from screener.importing.documents.formats import READERS
from screener.importing.documents.line import UnreadableError, as_message, limited
from screener.model.messages import NOTHING, say, to_plain

# Bytes. Several times what the largest report takes, and what a small machine still has.
MOST_MEMORY = 2_000_000_000
MOST_LINES = 200_000


def main(kind: str, name: str) -> None:
    """Write the lines of a document as lines of JSON, the last one saying how it ended."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no line
    _limit_memory()
    fault = NOTHING
    # Each line is written as it is read: what came before a fault is kept.
    try:
        for line in limited(READERS[kind](Path(name)), MOST_LINES):
            answers.write(json.dumps(as_message(line), ensure_ascii=True) + "\n")
    except UnreadableError as error:
        fault = error.message
    except MemoryError:
        fault = say("takes more memory than a report should")
    except Exception as error:  # noqa: BLE001 - whatever a library makes of a broken file is said
        fault = say(
            "cannot be read ({kind}: {words})",
            kind=type(error).__name__,
            words=" ".join(str(error).split())[:120],
        )
    answers.write(json.dumps({"fault": to_plain(fault)}) + "\n")
    answers.close()


def _limit_memory() -> None:
    # Windows has no such limit; there the deadline alone must do.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
