"""Cases by the ten thousand, over every input, each the same for the same seed: `make fuzz`.

Nothing that comes from outside may make the program fall: what cannot be used is told. Every input
is tried in a child of its own, which is ended where a case takes too long. A case is told apart by
its input, its number and the seed, and can be had again:

    python -m tests.fuzz --only where --seed 1 --case 4711
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from random import Random
from threading import Thread
from typing import Any

from tests.fuzz_inputs import INPUTS, Told

# A case may take so long; the readers of documents are themselves ended after more.
CASE_SECONDS, QUIET_SECONDS = 60, 120


class HangError(BaseException):
    """A case that does not end: no handler of the program's may catch it."""


@dataclass
class Row:
    """What became of the cases of an input: how they ended, and which made it fall."""

    name: str
    ends: Counter[str] = field(default_factory=Counter)
    crashes: list[tuple[int, str]] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return sum(self.ends.values())


def tried(name: str, number: int, seed: int, folder: Path) -> tuple[str, str]:
    """How a case ends, and where it made the program fall (empty: it did not)."""
    dice = Random(f"{seed}:{name}:{number}")  # noqa: S311 - what to try, no secret
    place = folder / f"{name}-{number}"
    place.mkdir()
    try:
        return INPUTS[name].try_one(dice, place, number), ""
    except Told as told:
        return str(told), ""
    except HangError:
        return "hang", "does not end"
    except Exception as error:  # noqa: BLE001 - any of them is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return "crash", f"{type(error).__name__} at {where}: {str(error)[:120]}"


def work(name: str, numbers: Iterable[int], seed: int) -> Iterator[tuple[int, str, str]]:
    """The cases of these numbers, one after the other, each within its time."""

    def ring(*_: object) -> None:
        raise HangError

    with tempfile.TemporaryDirectory(prefix="screener-fuzz-") as folder:
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, ring)
        for number in numbers:
            if hasattr(signal, "SIGALRM"):
                signal.alarm(CASE_SECONDS)
            yield number, *tried(name, number, seed, Path(folder))
            if hasattr(signal, "SIGALRM"):
                signal.alarm(0)


def in_children(name: str, count: int, seed: int) -> Row:
    """An input's cases in a child, and in the next one from where that has fallen."""
    row, done = Row(name), 0
    while done < count:
        for number, ended, fault in _child(name, done, count, seed):
            row.ends[ended] += 1
            if fault:
                row.crashes.append((number, fault))
            done = number + 1
        if done < count:
            row.ends["killed"] += 1
            row.crashes.append((done, "the process fell, or did not end"))
            done += 1
    return row


def _child(name: str, first: int, count: int, seed: int) -> Iterator[tuple[int, str, str]]:
    options = ["--only", name, "--seed", str(seed), "--from", str(first), "--cases", str(count)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fuzz", "--work", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    lines: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    Thread(target=read, daemon=True).start()
    try:
        while line := lines.get(timeout=QUIET_SECONDS):
            number, ended, fault = json.loads(line)
            yield number, ended, fault
    except Empty:
        return
    finally:
        process.kill()
        process.wait()


def table(rows: Sequence[Row], seed: int) -> str:
    """What became of all of them, and how those that fell can be had again."""
    lines = [f"{'input':<18}{'cases':>8}  how they ended"]
    for row in rows:
        ends = ", ".join(f"{how} {count}" for how, count in row.ends.most_common())
        lines.append(f"{row.name:<18}{row.cases:>8}  {ends}")
    lines.append(f"{'all':<18}{sum(row.cases for row in rows):>8}")
    for row in rows:
        lines += [
            f"{row.name} fell: {fault}  (--only {row.name} --seed {seed} --case {number})"
            for number, fault in row.crashes
        ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Try them all; 1 where any made the program fall."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=INPUTS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, help="of each input, in place of its own number")
    parser.add_argument("--case", type=int, help="this one alone, with its traceback")
    parser.add_argument("--from", dest="first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    names = given.only or list(INPUTS)
    if given.case is not None:
        return _again(names[0], given.case, given.seed)
    if given.work:
        for result in work(names[0], range(given.first, given.cases), given.seed):
            _say(json.dumps(result))
        return 0
    rows = []
    for name in names:
        rows.append(in_children(name, given.cases or INPUTS[name].cases, given.seed))
        _say(table(rows[-1:], given.seed).splitlines()[1])
    _say(table(rows, given.seed))
    return 1 if any(row.crashes for row in rows) else 0


def _again(name: str, number: int, seed: int) -> int:
    dice = Random(f"{seed}:{name}:{number}")  # noqa: S311
    with tempfile.TemporaryDirectory(prefix="screener-fuzz-") as folder:
        try:
            _say(INPUTS[name].try_one(dice, Path(folder), number))
        except Told as told:
            _say(str(told))
    return 0


# What a command prints goes elsewhere while it is tried.
_OUT = sys.stdout


def _say(line: Any) -> None:
    print(line, file=_OUT, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
