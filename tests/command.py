"""The command as a user runs it: in a folder, with an environment, to its exit code and output."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
# What a line of bash calls the program by.
SCREENER = f"{sys.executable} -m screener"
# The same as words.
PROGRAM = (sys.executable, "-m", "screener")

Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]
# The words that start the program with these variables.
Start = Callable[[Mapping[str, str]], Sequence[str]]


def screener(
    folder: Path,
    variables: Mapping[str, str],
    *arguments: str | Path,
    stdin: str = "",
    timeout: float = 60,
    start: Sequence[str] = PROGRAM,
) -> Done:
    """Run `screener` in the folder; a traceback is a failure of the test."""
    return run([*start, *map(str, arguments)], folder, variables, stdin, timeout)


def shell(folder: Path, line: str) -> Done:
    """Run a line of bash in the folder, with an empty home; a traceback is a failure."""
    return run(["bash", "-c", line], folder, {"HOME": str(folder)})


def run(
    words: Sequence[str],
    folder: Path,
    variables: Mapping[str, str],
    stdin: str = "",
    timeout: float = 60,
) -> Done:
    """Run a program in the folder, which finds this `screener`; a traceback is a failure."""
    done = subprocess.run(
        words,
        cwd=folder,
        env=surroundings(variables),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def surroundings(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child: this one's, where it finds `screener`, and these variables."""
    places = (os.environ.get("PYTHONPATH"), variables.get("PYTHONPATH"), str(ROOT))
    return {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(filter(None, places))}
