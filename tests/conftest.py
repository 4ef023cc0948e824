"""What the tests share: the report's result, and small watchlists written for one test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

import screener
from tests.command import ROOT as ROOT
from tests.command import Command, Start
from tests.command import screener as run_command

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from tests.loopback import Market, Vendor

WATCHLISTS = ROOT / "watchlists"
NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


def header_of(*years: int, cap: bool = True, pe: bool = True, more: tuple[str, ...] = ()) -> str:
    """The header of a watchlist with estimates of these years."""
    figures = [f"{kind}_{year}" for kind in ("eps", "pe")[: 1 + pe] for year in years]
    return ",".join(("symbol", "name", *["market_cap"][:cap], *figures, "eps_currency", *more))


YEARS = (2024, 2025, 2026)
HEADER = header_of(*YEARS)
# A line of round figures: at 20 yuan, P/E is 40, 25 and 20.
ROW = "600941.SH,A,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
# The same name as the report has it.
REPORTED = "600941.SH,中国移动,23877.77,6.48,6.86,7.25,17.13,16.18,15.31,CNY"
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


def write_prices(path: Path, *lines: str) -> Path:
    """A file of prices and rates of these lines."""
    path.write_text("\n".join(("symbol,price,currency,time", *lines, "")), encoding="utf-8")
    return path


def cell_of(sheet: Worksheet, symbol: str, title: str) -> Any:
    """The cell of a symbol's row under a title of the table of Inputs."""
    header, *rows = sheet[sheet.tables["tblInputs"].ref]
    titles = [cell.value for cell in header]
    row = next(row for row in rows if row[titles.index("Symbol")].value == symbol)
    return row[titles.index(title)]


def type_rate(book: Workbook, value: float) -> None:
    """Type another exchange rate over the first one of Inputs."""
    ((_, area),) = book.defined_names["FX_Rate"].destinations
    book["Inputs"][area.replace("$", "").partition(":")[0]] = value


# openpyxl warns of what it reads past, and would lose on saving: bars and extensions, no figures.
reads_past_extensions = pytest.mark.filterwarnings("ignore:.*extension is not supported")


@pytest.fixture(scope="session")
def report_result() -> screener.Result:
    return screen(watchlists=WATCHLISTS, now=NOW)


@pytest.fixture
def screen_rows(tmp_path: Path) -> Callable[..., screener.Result]:
    """Screen a watchlist of these lines."""

    def run(*rows: str, header: str = HEADER, **options: object) -> screener.Result:
        write_watchlist(tmp_path / "lists", *rows, header=header)
        return screen(watchlists=tmp_path / "lists", now=NOW, **options)

    return run


@pytest.fixture(scope="session")
def starting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """The words that start `screener`, from a process that has imported it where that can be."""
    from tests.warm import commands

    with commands(tmp_path_factory.mktemp("warm")) as words:
        yield words


@pytest.fixture
def command(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    starting: Start,
) -> Command:
    """Run `screener` in an empty folder, with an empty home and a store of its own elsewhere."""
    home = {
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": "",
        "XDG_DATA_HOME": str(tmp_path_factory.mktemp("data")),
    }
    return lambda *arguments, stdin="", **variables: run_command(
        tmp_path, {**home, **variables}, *arguments, stdin=stdin, start=starting(variables)
    )


@pytest.fixture
def market() -> Market:
    """What the vendor knows; a file of tests may know more."""
    from tests.loopback import report_market

    return report_market()


@pytest.fixture
def vendor(market: Market, tmp_path: Path) -> Iterator[Vendor]:
    """The vendor on loopback, which has the market."""
    from tests.loopback import running

    with running(market, tmp_path) as vendor:
        yield vendor


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What leads vendors' children to a process that has imported their libraries."""
    from tests.warm import running

    with running(tmp_path_factory.mktemp("warm")) as environment:
        yield environment


@pytest.fixture
def online(
    vendor: Vendor,
    tmp_path: Path,
    warm: dict[str, str],
    starting: Start,
) -> Command:
    """Run `screener` in an empty folder, led to the vendor."""
    return lambda *arguments, stdin="", **variables: run_command(
        tmp_path,
        {**warm, **vendor.environment(tmp_path), **variables},
        *arguments,
        stdin=stdin,
        timeout=90,
        start=starting(variables),
    )
