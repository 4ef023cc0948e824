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
    try:
        done = run(  # noqa: S603 - our own interpreter and module
            command_of(module, *arguments),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
            env=environment(),
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


def command_of(module: str, *arguments: str) -> list[str]:
    """What runs a module of ours in a process of its own."""
    # -P: a module in the user's folder that is called like one of ours is not run.
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """This process's environment, in which another one finds this very package before others."""
    package = str(Path(__file__).parents[2])
    known = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": known}


def answer(read: Callable[[], Iterable[object]]) -> None:
    """Write what is read as lines of JSON, the last one saying how it ended: a child's whole life.

    Each line is written as it is read: what came before a fault is kept.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no line
    limit_memory("RLIMIT_AS")
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


def limit_memory(limit: str) -> None:
    """Keep this process from taking more memory than the bound, by a limit of the system's."""
    # Windows has no such limit; there the deadline alone must do.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        kind = getattr(resource, limit)
        _, hard = resource.getrlimit(kind)
        most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
        resource.setrlimit(kind, (most, most))
