"""Runs in a row on one store, under faults that a seed chooses: the last part of `make faults`.

Prices move between the runs, so that what is kept of before can be told from what is of now. A run
can be had again with all before it:

    python -m tests.soak --seed 1 --runs 17
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

from tests import warm
from tests.loopback import running
from tests.outage_cells import DOINGS, Cell, cells
from tests.outage_world import NAMES, Truth, market
from tests.outages import QUICK_SECONDS, STORE, Bench, judged, limited, of_process

RUNS = 200
# What is done, how often: what most mornings are.
COMMANDS = (
    *("run live", "run auto", "run --cross-check") * 3,
    *("history", "history pe_ttm", "consensus update"),
)
# In so many runs of a hundred nothing fails, and in so many something hangs.
WELL, HANGING = 25, 6
# No price of one run is more than so much of that before, up or down.
STEP = 0.03


class Soak:
    """A store, and runs on it: each is of the seed and its number."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench, self.seed = bench, seed
        self.home = bench.home()
        self.truth = Truth(bench.vendor.market)
        self.done: Counter[str] = Counter()

    def falls(self, runs: int) -> Iterator[tuple[str, str]]:
        """What falls, and in which run; the last run has no fault."""
        for number in range(1, runs + 1):
            cell = self._cell(number) if number < runs else Cell("run live", "quote", "")
            self.done[cell.fault or "nothing"] += 1
            for fault in self._run(cell):
                yield f"{number}: {cell.doing}, {cell.call}, {cell.fault}", fault
        if fault := _unsound(self.home / STORE):
            yield "the store", fault

    def _cell(self, number: int) -> Cell:
        dice = Random(f"{self.seed}:{number}")  # noqa: S311 - what to try, no secret
        doing, chance = dice.choice(COMMANDS), dice.randrange(100)
        every = [cell for cell in cells() if cell.doing == doing]
        if chance < WELL:
            return replace(dice.choice(every), fault="")
        is_slow = chance >= 100 - HANGING
        return dice.choice([cell for cell in every if cell.is_slow == is_slow])

    def _run(self, cell: Cell) -> Iterator[str]:
        self._move()
        self.bench.set_up(cell)
        words, limit, lists = limited(DOINGS[cell.doing], cell)
        if "run" in cell.doing and "--max-age" not in words:
            words += " --max-age 0"
        ended = self.bench.run(self.home, words, limit, lists)
        self.bench.healthy()
        yield from of_process(ended, QUICK_SECONDS)
        yield from judged(cell, ended, self.home, self.truth)
        yield from self.truth.of_store(self.home / STORE)

    def _move(self) -> None:
        """Prices a little up or down, in a way that is the seed's."""
        prices = self.truth.market.prices
        dice = Random(f"{self.seed}:{sum(self.done.values())}:prices")  # noqa: S311
        for name in NAMES:
            moved = name.price * (1 + dice.uniform(-STEP, STEP))
            prices[name.symbol] = round(moved, 2)
        self.truth.learn()


def _unsound(path: Path) -> str:
    """What SQLite itself has to say against a store."""
    with closing(sqlite3.connect(path)) as store:
        ((verdict, *_), *_) = store.execute("PRAGMA integrity_check").fetchall()
    return "" if verdict == "ok" else str(verdict)


def main(arguments: Sequence[str]) -> int:
    """Run them all; 1 where anything fell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="screener-soak-") as name:
        folder = Path(name)
        with warm.running(folder) as warmth, running(market(), folder) as vendor:
            soak, fell = Soak(Bench(folder, vendor, warmth), given.seed), 0
            for where, fault in soak.falls(given.runs):
                _say(f"run {where}\n    {fault}")
                fell += 1
            size = (soak.home / STORE).stat().st_size
    faults = ", ".join(f"{fault} {count}" for fault, count in soak.done.most_common())
    _say(f"{given.runs} runs on one store of {size:,} bytes: {fell} falls; under {faults}")
    return 1 if fell else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
