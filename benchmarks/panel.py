"""How long a panel takes and how much memory, at one, two and four times the listings.

    python -m benchmarks.panel [LISTINGS] [YEARS] [--spark]

Beside each stands the engine's own scan and write of the same bytes, in the same run. Each panel
is made in a process of its own, whose peak is what the system counted for it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

import screener

LISTINGS, YEARS, SEED = 250, 10, 20261129
TIMES = (1, 2, 4)


def main() -> None:
    """Print a line a size."""
    numbers = [int(each) for each in sys.argv[1:] if each.isdigit()]
    listings, years = ([*numbers, *(LISTINGS, YEARS)[len(numbers) :]])[:2]
    engine = "spark" if "--spark" in sys.argv else "polars"
    head = f"{'rows':>10} {'seconds':>8} {'peak MiB':>9} {'scan+write s':>13} {'us a row':>9}"
    print(engine, head, sep="\n")  # noqa: T201
    for times in TIMES:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            rows = write_inputs(folder, listings * times, years)
            seconds, peak = measured(folder, engine)
            begun = time.perf_counter()
            pl.scan_parquet(folder / "out" / "**" / "*.parquet").sink_parquet(
                folder / "copy.parquet"
            )
            floor = time.perf_counter() - begun
        each = seconds / rows * 1e6
        print(f"{rows:10,} {seconds:8.1f} {peak:9.0f} {floor:13.1f} {each:9.1f}")  # noqa: T201


def write_inputs(folder: Path, listings: int, years: int) -> int:
    """Closes of every weekday, a vintage a quarter of three years, rates; how many closes."""
    dice = np.random.default_rng(SEED)
    start = date(2015, 1, 1)
    days = [start + timedelta(days=at) for at in range(365 * years)]
    days = [day for day in days if day.weekday() < 5]
    symbols = [f"{600000 + at}.SH" for at in range(listings)]
    moves = dice.normal(0, 0.015, (listings, len(days))).cumsum(axis=1)
    pl.DataFrame(
        {
            "symbol": np.repeat(symbols, len(days)),
            "day": days * listings,
            "close": (20 * np.exp(moves)).round(2).ravel(),
            "currency": np.repeat(np.where(np.arange(listings) % 3, "CNY", "HKD"), len(days)),
        }
    ).write_parquet(folder / "prices.parquet")
    published = days[::63]
    pl.DataFrame(
        [
            (
                symbol,
                day,
                day.year + ahead,
                round(float(dice.uniform(-0.1, 3)) * 1.1**ahead, 2),
                "CNY",
            )
            for symbol in symbols
            for day in published
            for ahead in range(3)
        ],
        ["symbol", "published", "fiscal_year", "eps", "currency"],
        orient="row",
    ).write_parquet(folder / "estimates.parquet")
    sectors = [f"sector {at % 40}" for at in range(listings)]
    pl.DataFrame({"symbol": symbols, "sector": sectors}).write_parquet(folder / "listings.parquet")
    pl.DataFrame({"day": days, "base": "HKD", "quote": "CNY", "rate": 0.9}).write_parquet(
        folder / "rates.parquet"
    )
    return listings * len(days)


def measured(folder: Path, engine: str) -> tuple[float, float]:
    """Seconds and peak MiB of a panel in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.panel", "--child", str(folder), engine]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


def child(folder: Path, engine: str) -> None:
    """Make the panel of a folder's files, and print how long that took and the peak."""
    begun = time.perf_counter()
    names = ("listings", "rates")
    screener.panel(
        folder / "prices.parquet",
        folder / "estimates.parquet",
        **{name: folder / f"{name}.parquet" for name in names},
        engine=engine,  # type: ignore[arg-type]
        output=folder / "out",
    )
    seconds = time.perf_counter() - begun
    # Of this program alone: what the system counts for a child holds its parent's pages, too.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    print(seconds, int(kilobytes) / 1024)  # noqa: T201


if __name__ == "__main__":
    if "--child" in sys.argv:
        child(Path(sys.argv[-2]), sys.argv[-1])
    else:
        main()
