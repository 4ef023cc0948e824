"""How long each path of the program takes, beside an anchor that is measured in turn with it.

    python -m benchmarks.paths [WORD]...

A path is measured as a whole process: processor seconds of it and its children, or seconds on the
clock where it waits for a vendor, which here answers after 200 ms. Path and anchor take turns; the
medians of five are printed and, without a WORD, written to `benchmarks/results.json` with the day
and the machine. With words only the paths whose names have one of them are measured.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.frames import step
from benchmarks.recalculation import book_of, seconds_of
from benchmarks.worlds import many_names, plain_script, same_cells, table_of_rows
from tests import office
from tests.conftest import ROOT
from tests.loopback import Vendor, report_market, running

RUNS = 5
LATENCY = 0.2
RESULTS = Path(__file__).with_name("results.json")
SIZES = (1000, 2000, 4000, 8000)
ROWS = (1000, 100_000, 1_000_000)
NAMES = 5000
OFFLINE = ("run", "--prices", "report", "--offline", "-q")


class Cost(NamedTuple):
    """Processor seconds, seconds on the clock, and the peak of memory in MiB."""

    cpu: float
    wall: float
    peak: float


class Line(NamedTuple):
    """A path, what it is held against, and what both take."""

    path: str
    anchor: str
    takes: float
    of_anchor: float
    unit: str
    more: str = ""

    @property
    def ratio(self) -> float | None:
        return self.takes / self.of_anchor if self.of_anchor else None


class Measured(NamedTuple):
    """One path: its name, and what measures it."""

    name: str
    measure: Callable[[Path, str], Iterator[Line]]


def cost(words: list[str], folder: Path, **variables: str) -> Cost:
    """What a command takes as a whole process, run in a folder that is its home, too."""
    environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(ROOT), **variables}
    # Installed, a program is compiled once, not at every start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.perf_counter()
    child = subprocess.Popen(
        words,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0
    # Of the child's children, too, as far as it waited for them.
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - begun, used.ru_maxrss / 1024)


def screener(*words: str) -> list[str]:
    return [sys.executable, "-m", "screener", *words]


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def in_turn(folder: Path, one: list[str], other: list[str], what: str) -> tuple[float, float]:
    """The medians of a figure of two commands that take turns, after one run of each."""
    cost(one, folder)
    cost(other, folder)
    pairs = [(cost(one, folder), cost(other, folder)) for _ in range(RUNS)]
    first, second = zip(*((getattr(a, what), getattr(b, what)) for a, b in pairs), strict=True)
    return statistics.median(first), statistics.median(second)


def of_command(*words: str, anchor: str) -> Callable[[Path, str], Iterator[Line]]:
    """A command against an import."""

    def measure(folder: Path, name: str) -> Iterator[Line]:
        takes, floor = in_turn(folder, screener(*words), python(anchor), "cpu")
        yield Line(name, anchor, takes, floor, "s CPU")

    return measure


def offline(folder: Path, name: str) -> Iterator[Line]:
    """A run of the report's names without a network."""
    cells, script = same_cells(folder), plain_script(folder)
    for anchor, words in (
        ("import polars, xlsxwriter", python("import polars, xlsxwriter")),
        ("the same cells and charts by XlsxWriter", [sys.executable, str(cells)]),
        ("a plain pandas and openpyxl script", [sys.executable, str(script)]),
    ):
        takes, floor = in_turn(folder, screener(*OFFLINE), words, "cpu")
        yield Line(name, anchor, takes, floor, "s CPU")


@contextmanager
def vendor_of(folder: Path) -> Iterator[tuple[Vendor, dict[str, str]]]:
    with running(report_market(), folder) as vendor:
        vendor.latency = LATENCY
        yield vendor, vendor.environment(folder)


def _asked(vendor: Vendor, words: list[str], folder: Path, **variables: str) -> tuple[Cost, int]:
    vendor.asked.clear()
    return cost(words, folder, **variables), len(vendor.asked)


def live(folder: Path, name: str) -> Iterator[Line]:
    """A first run of the day, against an offline run, four round trips and a library's start."""
    takes, floors, requests = [], [], []
    for number in range(RUNS):
        home = folder / f"live-{number}"
        home.mkdir()
        with vendor_of(home) as (vendor, variables):
            spent, count = _asked(vendor, screener("run", "-q"), home, **variables)
        takes.append(spent.wall)
        requests.append(count)
        floors.append(cost(screener(*OFFLINE), home).wall + 4 * LATENCY + 0.7)
    anchor = "an offline run + 4 × 200 ms + 0.7 s"
    more = f"{statistics.median(requests):.0f} requests"
    yield Line(name, anchor, statistics.median(takes), statistics.median(floors), "s", more)


def without_splits(folder: Path, name: str) -> Iterator[Line]:
    """How often vendors are asked while Eastmoney's table of splits fails: first, and again."""
    with vendor_of(folder) as (vendor, variables):
        vendor.faults["SHAREBONUS"] = "403"
        _, first = _asked(vendor, screener("run", "-q"), folder, **variables)
        _, again = _asked(vendor, screener("run", "-q"), folder, **variables)
    yield Line(name, "", first, 0, "requests", f"again: {again}")


def history(folder: Path, name: str) -> Iterator[Line]:
    """Requests of five years of all names."""
    with vendor_of(folder) as (vendor, variables):
        words = screener("history", "--years", "5")
        spent, count = _asked(vendor, words, folder, **variables)
    yield Line(name, "", count, 0, "requests", f"{spent.wall:.1f} s")


def names(folder: Path, name: str) -> Iterator[Line]:
    """From files to a workbook, at growing numbers of names."""
    for count in SIZES:
        lists = many_names(folder / f"lists-{count}", count)
        words = screener(*OFFLINE, "-w", str(lists), "-o", str(folder / "many.xlsx"))
        spent = cost(words, folder)
        title, each = f"{name}, {count:,}", 1000 * spent.cpu / count
        yield Line(title, "", spent.cpu, 0, "s CPU", f"{each:.2f} ms a name, {spent.peak:.0f} MiB")


def imported(folder: Path, name: str) -> Iterator[Line]:
    """A spreadsheet of 50,000 rows to a watchlist, against openpyxl reading its cells twice."""
    path = table_of_rows(folder / "large.xlsx", 50_000)
    words = screener("import", str(path), "-o", str(folder / "imported"), "--force")
    twice = python(
        "from openpyxl import load_workbook\n"
        f"for values in (True, False):\n"
        f"    book = load_workbook({str(path)!r}, read_only=True, data_only=values)\n"
        "    print(sum(1 for row in book.active.values))"
    )
    takes, floor = in_turn(folder, words, twice, "cpu")
    yield Line(name, "openpyxl reads values and formulas", takes, floor, "s CPU")


def over_frames(_: Path, name: str) -> Iterator[Line]:
    """Values, ranks and statistics of growing frames, against the frame to Parquet and back."""
    for rows in ROWS:
        pairs = [(step("value", rows), step("parquet", rows)) for _ in range(RUNS)]
        takes, floor = (
            statistics.median(each.cpu for each in of) for of in zip(*pairs, strict=True)
        )
        grown = statistics.median(of_figures.grown for of_figures, _ in pairs)
        more = f"{grown:.0f} MiB more than the inputs"
        yield Line(f"{name}, {rows:,} rows", "to Parquet and back", takes, floor, "s CPU", more)


def workbook(_: Path, name: str) -> Iterator[Line]:
    """The workbook of many names alone, from a result that is there."""
    written = [step("write", NAMES) for _ in range(RUNS)]
    takes, grown = (statistics.median(of) for of in zip(*written, strict=True))
    yield Line(f"{name}, {NAMES:,} names", "", takes, 0, "s CPU", f"{grown:.0f} MiB")


def recalculation(folder: Path, name: str) -> Iterator[Line]:
    """LibreOffice from start to saved, every cell of many names computed from nothing."""
    book = office.forgetful(book_of(NAMES, folder), folder / "forgetful.xlsx")
    both = [
        [seconds_of(book, folder / f"{run}-{computed}", computed=computed) for run in range(RUNS)]
        for computed in (True, False)
    ]
    takes, floor = map(statistics.median, both)
    yield Line(f"{name}, {NAMES:,} names", "opened and saved uncomputed", takes, floor, "s")


CLICK = "import click"
PATHS = (
    Measured("screener --help", of_command("--help", anchor=CLICK)),
    Measured("usage error", of_command("run", "--nothing", anchor=CLICK)),
    Measured("screener metrics", of_command("metrics", anchor=CLICK)),
    Measured("run offline, 53 names", offline),
    Measured("live, 52 names", live),
    Measured("live without the table of splits", without_splits),
    Measured("history --years 5", history),
    Measured("files to workbook", names),
    Measured("workbook", workbook),
    Measured("recalculation in LibreOffice", recalculation),
    Measured("value, rank, aggregate", over_frames),
    Measured("import of 50,000 rows", imported),
)


def main() -> None:
    """Print a line a path and anchor, and keep them."""
    words = sys.argv[1:]
    lines: list[Line] = []
    for path in PATHS:
        if words and not any(word in path.name for word in words):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            for line in path.measure(Path(scratch), path.name):
                lines.append(line)
                print(_shown(line), flush=True)  # noqa: T201
    if not words:
        kept = {"day": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine(), "runs": RUNS}
        kept["lines"] = [{**line._asdict(), "ratio": line.ratio} for line in lines]
        RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _shown(line: Line) -> str:
    ratio = "" if line.ratio is None else f"{line.ratio:.2f} × {line.anchor}"
    return f"{line.path:34} {line.takes:8.2f} {line.unit:9} {ratio:48} {line.more}"


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
