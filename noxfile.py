"""The checks in environments of their own: every Python, and the oldest dependencies allowed."""

from __future__ import annotations

import configparser
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PINNED = ("-c", "constraints.txt")
# What is fast, needs no vendor, and runs through every runtime dependency but the live ones.
QUICK = [
    f"tests/test_{name}.py"
    for name in ("cli", "filters", "ranking", "symbols", "valuation", "workbook")
]
REFUSED = "tests/test_filters.py::test_what_is_no_condition_is_refused"
NOT_OF_LOWEST = [
    # Polars before 2.0 refuses these as well, for another reason and so in other words.
    f"{REFUSED}[pe < 20 and not growth-compares what is true or false with a figure]",
    f"{REFUSED}[pe < 20 and growth-is no condition]",
    # The program never reads a workbook with polars, and old polars needs pyarrow for that.
    "tests/test_workbook.py::test_polars_reads_the_numbers_of_json",
]

nox.options.sessions = ["lint", "tests"]
nox.options.error_on_missing_interpreters = False


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """The whole suite with what constraints.txt pins."""
    session.install(*PINNED, "-e", ".[test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """The quick tests with the lowest versions that setup.cfg allows."""
    session.install("-e", ".[test]", *lowest_allowed())
    left_out = [f"--deselect={test}" for test in NOT_OF_LOWEST]
    session.run("pytest", "-q", *(session.posargs or ("-n", "auto")), *left_out, *QUICK)


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """Style, types and spelling."""
    session.install(*PINNED, "-e", ".[test]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("codespell")
    medium = ("--severity-level", "medium", "--confidence-level", "medium")
    # B608 is ruff's S608, which is answered where it stands.
    session.run("bandit", "-q", "-r", "screener", "--skip", "B608", *medium)


@nox.session(python="3.11")
def docs(session: nox.Session) -> None:
    """What the documents promise, held against the program."""
    session.install(*PINNED, "-e", ".[test]")
    session.run("pytest", "-q", "tests/test_readme.py", "tests/test_packaging.py")


def lowest_allowed() -> list[str]:
    """The runtime dependencies, each at its lower bound, which must be a release."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = settings["options"]["install_requires"].splitlines()
    return [line.replace(">=", "==") for line in lines if ">=" in line]
