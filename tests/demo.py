"""`make demo`: a live run without the internet, against the vendor on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.loopback import report_market, running


def main() -> int:
    """Run `screener run --prices live` with the arguments given, priced by the loopback vendor."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        market = report_market()
        with running(market, home) as vendor:
            vendor.latency = 0.2
            print("This run's prices are made up: about those of the report, dated today.")  # noqa: T201
            done = subprocess.run(
                [sys.executable, "-m", "screener", "run", "--prices", "live", *sys.argv[1:]],
                env={**os.environ, **vendor.environment(home)},
                check=False,
            )
        print(f"{len(vendor.asked)} requests: {dict(vendor.requests())}")  # noqa: T201
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
