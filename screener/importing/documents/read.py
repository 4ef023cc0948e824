"""Documents of any kind to lines of cells, within a bounded time and memory."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE, TimeoutExpired, run

from screener.importing.documents.child import MOST_LINES
from screener.importing.documents.formats import IN_A_CHILD, READERS, kind_of
from screener.importing.documents.line import Line, UnreadableError, from_message, limited
from screener.model.messages import from_plain, say
from screener.model.problems import Problem, bad_file

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
        if kind in IN_A_CHILD:
            return _from_child(kind, path, timeout)
        return list(limited(READERS[kind](path), MOST_LINES)), []
    except UnreadableError as error:
        fault = error.message
    except OSError as error:
        fault = say("cannot be opened: {why}", why=error.strerror)
    return [], [bad_file(path, fault)]


def _from_child(kind: str, path: Path, timeout: float) -> tuple[list[Line], list[Problem]]:
    """What a child reads. Raises UnreadableError where it is ended at the deadline, or breaks."""
    package = str(Path(__file__).parents[3])
    known = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))
    env = {**os.environ, "PYTHONPATH": known}
    # -P: a module in the user's folder that is called like one of ours is not run.
    command = [sys.executable, "-P", "-m", "screener.importing.documents.child", kind, str(path)]
    try:
        done = run(  # noqa: S603 - our own interpreter and module
            command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
            env=env,
            timeout=timeout,
            check=False,
        )
    except TimeoutExpired:
        fault = say("was not read within {timeout:g} seconds", timeout=timeout)
        raise UnreadableError(fault) from None
    messages = [json.loads(line) for line in done.stdout.decode().splitlines()]
    # A child that the system ended, for its memory or a fault of a library, says no last word.
    if not messages or not isinstance(messages[-1], dict):
        raise UnreadableError(say("cannot be read: the reader broke down over it"))
    fault = from_plain(messages[-1]["fault"])
    lines = [from_message(message) for message in messages[:-1]]
    return lines, [bad_file(path, fault)] if fault else []
