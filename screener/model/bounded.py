"""Reading a file in a process of its own, which can be ended and has memory only so far.

A hostile file can keep a library busy for ever, or fill the memory. The child writes what it
reads as lines of JSON, the last one saying how it ended; the parent waits so long, and ends it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from subprocess import DEVNULL, PIPE, TimeoutExpired, run
from typing import Any

from screener.model.messages import NOTHING, InputError, Sentence, from_plain, say, to_plain

# Bytes. Several times what the largest report takes, and what a small machine still has.
MOST_MEMORY = 2_000_000_000


class UnreadableError(InputError):
    """A file that cannot be read; the message says why, and what could be."""


def read_in_child(module: str, *arguments: str, timeout: float) -> tuple[list[Any], Sentence]:
    """What a module that answers with `answer` reads, and why not all of it.

    Raises UnreadableError where it is ended at the deadline, or breaks.
    """
    package = str(Path(__file__).parents[2])
    known = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))
    # -P: a module in the user's folder that is called like one of ours is not run.
    command = [sys.executable, "-P", "-m", module, *arguments]
    try:
        done = run(  # noqa: S603 - our own interpreter and module
            command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
            env={**os.environ, "PYTHONPATH": known},
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
    return messages[:-1], from_plain(messages[-1]["fault"])


def answer(read: Callable[[], Iterable[object]]) -> None:
    """Write what is read as lines of JSON, the last one saying how it ended: a child's whole life.

    Each line is written as it is read: what came before a fault is kept.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no line
    _limit_memory()
    fault = NOTHING
    try:
        for message in read():
            answers.write(json.dumps(message, ensure_ascii=True) + "\n")
    except InputError as error:
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
