"""Documents of any kind to lines of cells, within a bounded time and memory."""

from __future__ import annotations

from pathlib import Path

from screener.importing.documents.child import MOST_LINES
from screener.importing.documents.formats import IN_A_CHILD, READERS, kind_of
from screener.importing.documents.line import Line, from_message, limited
from screener.model.bounded import UnreadableError, read_in_child
from screener.model.messages import say
from screener.model.problems import Problem, bad_file

# Bytes. A text of no more than that is read in a moment, whatever stands in it.
SMALL = 1_000_000
# A report of hundreds of pages takes half of it.
MOST_SECONDS = 120.0


def read_document(path: Path, timeout: float = MOST_SECONDS) -> tuple[list[Line], list[Problem]]:
    """The lines of a document in the order they are read, with their places, and what was wrong.

    Reads text, Markdown, CSV, .xlsx, .docx, HTML and PDF with a text layer, told apart by what
    they hold. A file that cannot be read, wholly or from some place on, is one problem of kind
    `bad_file`; nothing is raised for any bytes whatever, and it ends within `timeout` seconds.
    """
    try:
        kind = kind_of(path)
        if kind in IN_A_CHILD or path.stat().st_size > SMALL:
            return _from_child(kind, path, timeout)
        return list(limited(READERS[kind](path), MOST_LINES)), []
    except UnreadableError as error:
        fault = error.message
    except OSError as error:
        fault = say("cannot be opened: {why}", why=error.strerror)
    return [], [bad_file(path, fault)]


def _from_child(kind: str, path: Path, timeout: float) -> tuple[list[Line], list[Problem]]:
    """What a child reads. Raises UnreadableError where it is ended at the deadline, or breaks."""
    module = "screener.importing.documents.child"
    messages, fault = read_in_child(module, kind, str(path), timeout=timeout)
    lines = [from_message(message) for message in messages]
    return lines, [bad_file(path, fault)] if fault else []
