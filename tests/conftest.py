"""What the tests share: the report's result, and small watchlists written for one test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import screener

ROOT = Path(__file__).parent.parent
WATCHLISTS = ROOT / "watchlists"
NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)

HEADER = "symbol,name,market_cap,eps_2024,eps_2025,eps_2026,pe_2024,pe_2025,pe_2026,eps_currency"
PROVENANCE = 'as_of = 2025-01-31\nconsensus = "desk"\n'

# No test sees what the user of this machine has stored.
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="screener-tests-")


def pytest_configure() -> None:
    """The default is Chinese; most tests quote what is said in English. The demo is no test."""
    os.environ["SCREENER_LANG"] = "en"


# What tables imply is what most tests are about; no test asks a vendor unawares.
screen = partial(screener.screen, prices="report")

# A frame's first build loads polars and calendars; no example is judged by its time.
settings.register_profile(
    "screener", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("screener")


def write_watchlist(
    folder: Path, *rows: str, name: str = "demo", header: str = HEADER, toml: str = PROVENANCE
) -> Path:
    """A watchlist of these lines in a folder; its provenance beside it."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(toml, encoding="utf-8")
    path = folder / f"{name}.csv"
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def report_result() -> screener.Result:
    return screen(watchlists=WATCHLISTS, now=NOW)


@pytest.fixture
def screen_rows(tmp_path: Path) -> Callable[..., screener.Result]:
    """Screen a watchlist of these lines."""

    def run(*rows: str, header: str = HEADER, **options: object) -> screener.Result:
        write_watchlist(tmp_path / "lists", *rows, header=header)
        return screen(watchlists=tmp_path / "lists", now=NOW, **options)  # type: ignore[arg-type]

    return run
