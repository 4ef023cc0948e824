"""`make demo`: a morning with the program, without the internet: against the vendor on loopback."""

from __future__ import annotations

import math
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from tests.loopback import Market, report_market, running

# A step is what it shows, and the words of its command; OUT is the folder of its files.
STEPS = (
    ("Newer estimates than the report's, kept beside them", "consensus update -w OUT/watchlists"),
    ("Prices now, the names ranked on them, and a workbook", "run -w OUT/watchlists -o OUT"),
    (
        "Those that are cheap on growth, and not dear on their book",
        "run -w OUT/watchlists -o OUT --where 'peg < 1 and pb < 5' --by peg --top 3",
    ),
    ("One name beside its peers", "comps 600941 -w OUT/watchlists"),
    (
        "Where multiples stand in their own past",
        "history 600941 tencent 920808 --of pe_ttm -w OUT/watchlists -o OUT/history.xlsx",
    ),
    ("The next morning: prices have moved", "run -w OUT/watchlists -o OUT --quiet --max-age 0"),
    ("What changed between the two mornings", "diff 1 3"),
    ("From codes alone to a watchlist", "add 600941 00700 300308 -w OUT/mine --yes"),
)
YEARS = 5


def main() -> int:
    """Run the steps in the folder given; the exit code of the first that fails, else 0."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "exports/demo")
    code = 0
    with tempfile.TemporaryDirectory() as folder:
        home, market = Path(folder), _market()
        with running(market, home) as vendor:
            vendor.latency = 0.05
            environment = {**os.environ, **vendor.environment(home)}
            _say("Prices and estimates here are made up: about those of the report, dated today.")
            for shown, words in _steps(market, out):
                _say(f"\n--- {shown}\n$ screener {words}")
                command = [sys.executable, "-m", "screener", *shlex.split(words)]
                done = subprocess.run(command, env=environment, check=False)
                code = code or done.returncode
        _say(f"\n{len(vendor.asked)} requests: {dict(vendor.requests())}")
    return code


def _steps(market: Market, out: Path) -> Iterator[tuple[str, str]]:
    init = ("The report's tables as files of one's own", f"init {out}")
    for shown, words in (init, *STEPS):
        if "--max-age" in words:
            for place, symbol in enumerate(sorted(market.prices)):
                market.prices[symbol] = round(
                    market.prices[symbol] * (1 + (place % 7 - 3) / 100), 2
                )
        yield shown, words.replace("OUT", str(out))


def _market() -> Market:
    """The report's names with a past, and estimates for every year that is needed."""
    market = report_market()
    last = market.traded.date()
    days = [last - timedelta(days=back) for back in range(round(365 * YEARS), -1, -1)]
    days = [day for day in days if day.weekday() < 5]
    for symbol in ("600941.SH", "0700.HK", "920808.BJ"):
        price, eps = market.prices[symbol], market.accounts[symbol][0]
        market.closes[symbol] = [(day, price * _wave(day)) for day in days]
        market.multiples[symbol] = [(day, price / eps * _wave(day)) for day in days]
    market.closes["HKDCNY=X"] = [(day, 0.92) for day in days]
    return market


def _wave(day: date) -> float:
    return 1 + 0.2 * math.sin(day.toordinal() / 90)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
