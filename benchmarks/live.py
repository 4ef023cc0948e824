"""How long live prices take against a vendor that answers after 200 ms, and in how many requests.

`make bench` prints, for the report's 52 names and the Hong Kong rate, the median of some runs in
fresh processes of: this program's fetch, `yf.download` of Yahoo's names, one name after the other
through `Ticker.history`, and the three round trips that a cold session of Yahoo's takes.
Times are of this machine; the counts of requests are not.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.loopback import report_market, running

RUNS = 3
LATENCY = 0.2

WAYS = {
    "screener, cold": (
        "from datetime import UTC, date, datetime\n"
        "from pathlib import Path\n"
        "from screener.sources.child import Children\n"
        "from screener.sources.contract import Ask\n"
        "from screener.sources.prices import fetch_prices\n"
        "from screener.watchlists.read import load_watchlists\n"
        "tables, _ = load_watchlists(Path('watchlists'), (), date.today())\n"
        "rows = [row for table in tables for row in table.listings]\n"
        "with Children(20) as children:\n"
        "    found = fetch_prices(children, Ask(rows, datetime.now(UTC)))\n"
        "assert len(found.quotes) == 53, found.problems\n"
    ),
    "yf.download": (
        "import yfinance\n"
        "frame = yfinance.download(names, period='5d', progress=False, auto_adjust=False)\n"
    ),
    "one by one": (
        "import yfinance\n"
        "for name in names:\n"
        "    assert len(yfinance.Ticker(name).history(period='5d'))\n"
    ),
    # Cookie, crumb and quote: what a cold session of Yahoo's cannot do without.
    "three trips": (
        "from yfinance.data import YfData\n"
        "url = 'https://query1.finance.yahoo.com/v7/finance/quote'\n"
        "YfData().get_raw_json(url, params={'symbols': ','.join(names)})\n"
    ),
}


def main() -> None:
    """Print a line a way: the median of the seconds, and the requests of one run."""
    for way, code in WAYS.items():
        seconds, requests = zip(*(_once(code) for _ in range(RUNS)), strict=True)
        middle = statistics.median(seconds)
        print(f"{way:16} {middle:6.1f} s  {statistics.median(requests):4.0f} requests")  # noqa: T201


def _once(code: str) -> tuple[float, int]:
    market = report_market()
    names = [market.yahoo(symbol) for symbol in market.prices if not symbol.endswith(".BJ")]
    with tempfile.TemporaryDirectory() as folder, running(market, Path(folder)) as vendor:
        vendor.latency = LATENCY
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", f"names = {names!r}\n{code}"],
            cwd=ROOT,
            env={**os.environ, **vendor.environment(Path(folder))},
            check=True,
            stderr=subprocess.DEVNULL,
        )
        return time.perf_counter() - started, len(vendor.asked)


if __name__ == "__main__":
    main()
