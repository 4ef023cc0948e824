"""What a step of the program takes in a process of its own: figures over frames, and a workbook.

    python -m benchmarks.frames STEP ROWS

Steps are `value` (values, ranks and statistics of a frame of so many rows), `parquet` (the same
frame, valued, to a file and back) and `write` (the workbook of so many names). Printed are the
processor seconds of the step alone, and by how many MiB it was more than what it began with.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import polars as pl

    from screener.screening.result import Result

SECTORS = 40


class Step(NamedTuple):
    """Processor seconds of a step, and MiB above what was there before."""

    cpu: float
    grown: float


def step(name: str, rows: int) -> Step:
    """What that step takes in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.frames", name, str(rows)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    cpu, grown = map(float, done.stdout.split())
    return Step(cpu, grown)


def many_rows(count: int) -> tuple[pl.DataFrame, Result]:
    """Inputs of so many names, as many as ever alike to the report's but for every figure."""
    import numpy as np
    import polars as pl

    from screener import screen

    result = screen(prices="report")
    some = result.gathered.frame
    dice = np.random.default_rng(count)
    at = pl.int_range(count, eager=True)
    kept = ("fx", "cap_fx", "split_factor", "nm_above")
    figures = [
        name for name, kind in some.schema.items() if kind == pl.Float64 and name not in kept
    ]
    frame = pl.concat([some] * (count // len(some) + 1)).head(count)
    frame = frame.with_columns(
        row=at.cast(some["row"].dtype),
        symbol="S" + at.cast(pl.String),
        sector="sector " + (at % SECTORS).cast(pl.String),
        **{name: pl.col(name) * pl.Series(dice.uniform(0.5, 2, count)) for name in figures},
    )
    return frame.rechunk(), result


def value(count: int) -> Iterator[Callable[[], object]]:
    """Values, ranks and statistics."""
    from screener.valuation import aggregates, ranking
    from screener.valuation.value import value as valued

    frame, result = many_rows(count)
    metrics = result.metrics
    yield lambda: aggregates.aggregate(
        ranking.rank(valued(frame, metrics.values()), metrics[result.by]), metrics.values()
    )


def parquet(count: int) -> Iterator[Callable[[], object]]:
    """The valued frame to a file, and back."""
    import polars as pl

    from screener.valuation.value import value as valued

    frame, result = many_rows(count)
    frame = valued(frame, result.metrics.values())
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "frame.parquet")
        yield lambda: (frame.write_parquet(path), pl.read_parquet(path))


def write(count: int) -> Iterator[Callable[[], object]]:
    """The workbook of so many names."""
    from benchmarks.worlds import many_names
    from screener import screen
    from screener import write as written

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        result = screen(watchlists=many_names(folder / "lists", count), prices="report")
        yield lambda: written(result, folder / "many.xlsx", "en")


STEPS = {each.__name__: each for each in (value, parquet, write)}


def main() -> None:
    """Print what one step takes."""
    name, rows = sys.argv[1:]
    for run in STEPS[name](int(rows)):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins again
        before, begun = _status("VmRSS"), time.process_time()
        kept = run()
        print(time.process_time() - begun, (_status("VmHWM") - before) / 1024)  # noqa: T201
        del kept


def _status(name: str) -> int:
    """Kilobytes that the system counts for this program."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
