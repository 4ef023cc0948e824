"""What the documents tell a reader to type: the README's morning, the library, the options."""

from __future__ import annotations

import re
import shlex
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screener.sources.answers import last_final_day
from screener.watchlists.read import load_watchlists
from tests import layouts
from tests.command import Command, run
from tests.conftest import NOW, ROOT, WATCHLISTS
from tests.layouts import Layout, Name
from tests.loopback import Market, report_market

README = (ROOT / "README.md").read_text(encoding="utf-8")
LIBRARY = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
# The report has a figure or two that cannot be right, and the audit says so by its exit code.
EXIT_CODES = {"screener audit": (0, 1)}


@pytest.fixture
def market() -> Market:
    """The report's names; one of them has a past."""
    market = report_market()
    last = last_final_day("600941.SH", datetime.now(UTC))
    days = [last - timedelta(days=back) for back in range(60, -1, -1)]
    market.multiples["600941.SH"] = [(day, 15.0 + day.day / 10) for day in days]
    market.closes["600941.SH"] = [(day, 100.0 + day.day) for day in days]
    return market


def commands_of(title: str) -> list[str]:
    """The commands of a section, line by line."""
    section = README.partition(f"## {title}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [line.strip() for block in blocks for line in block.split("\n") if line.strip()]


def test_the_library_is_used_as_its_page_says(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", LIBRARY, re.DOTALL)
    done = run([sys.executable, "-c", code], tmp_path, {"XDG_DATA_HOME": str(tmp_path)})
    assert (0, "") == (done.returncode, done.stderr)
    assert (tmp_path / "telecom.xlsx").exists()


def report(folder: Path) -> None:
    """The telecom table of the report, as a broker's PDF prints it."""
    (table,), _ = load_watchlists(WATCHLISTS, ["telecom"], NOW.date())
    names = [
        Name(
            row.symbol,
            row.name,
            f"{row.market_cap:.2f}",
            {
                year.fiscal_year: (
                    year.eps.text if year.eps else "",
                    year.pe.text if year.pe else "",
                )
                for year in row.years
            },
        )
        for row in table.listings
    ]
    layouts.write(names, Layout(), "pdf", folder).rename(folder / "report.pdf")


def test_the_morning_of_the_readme_runs_as_it_stands_there(tmp_path: Path, online: Command) -> None:
    report(tmp_path)
    commands = commands_of("A morning")
    assert len(commands) >= 10
    printed = {}
    for command in commands:
        program, *arguments = shlex.split(command)
        assert "screener" == program
        done = online(*arguments, BROWSER="true %s")
        assert done.returncode in EXIT_CODES.get(command, (0,)), (command, done.stderr)
        printed[command] = done.stdout
    assert (tmp_path / "watchlists" / "telecom.csv").exists()
    assert "+10.0%" in printed["screener consensus revisions"]
    assert "exports/screen-" in printed["screener run --prices live"]
    assert "600941.SH" in printed["screener comps 600941.SH"]
    # Five runs of the lines above are kept.
    assert re.search(r"run [45] of", printed["screener diff"])


def test_a_handful_of_codes_becomes_a_screen_as_the_readme_says(
    tmp_path: Path, online: Command
) -> None:
    for command in commands_of("From a handful of codes"):
        done = online(*shlex.split(command)[1:])
        assert 0 == done.returncode, (command, done.stderr)
    assert 1 == len(list((tmp_path / "exports").glob("*.xlsx")))


def test_every_command_and_option_of_its_page_is_there() -> None:
    from screener.commands.menu import MENU
    from screener.commands.run import run as command

    run = command.params
    table = COMMANDS.partition("`screener run` takes")[2].partition("Tables go to stdout")[0]
    named = set(re.findall(r"`(--[a-z0-9-]+)", table))
    assert named
    assert named <= {option for parameter in run for option in parameter.opts}
    written = set(re.findall(r"(?<![a-z])(--?[a-z][a-z0-9-]*)", table))
    for parameter in run:
        if parameter.name != "sectors":
            assert written & set(parameter.opts), parameter.name
    for name in MENU:
        assert f"screener {name}" in COMMANDS, name
