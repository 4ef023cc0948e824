"""What the terminal shows, to the character, at two widths; and what it shows in a pipe."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import polars as pl
import pytest
from rich.cells import cell_len
from rich.console import Console

import screener
from screener.output.terminal.result import plain_lines, result_tables
from tests.command import Command, surroundings
from tests.conftest import NOW, WATCHLISTS, screen

CASES = tuple(
    (by, lang, width)
    for by in ("pe_fy1", "0.5 pe_fy1 + 0.5 peg")
    for lang in ("zh", "en")
    for width in (80, 120)
)
Case = tuple[str, str, int]


def golden(case: Case) -> Path:
    by, lang, width = case
    name = "composite" if "+" in by else by
    return Path(__file__).parent / "golden" / f"{name}-{lang}-{width}.txt"


@cache
def result_by(by: str) -> screener.Result:
    return screen(watchlists=WATCHLISTS, now=NOW, by=by)


def shown(case: Case) -> str:
    by, lang, width = case
    console = Console(width=width, markup=False, emoji=False, highlight=False, no_color=True)
    with console.capture() as capture:
        console.print(result_tables(result_by(by), lang, None, width))
    return "".join(f"{line.rstrip()}\n" for line in capture.get().split("\n")).rstrip() + "\n"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_terminal_shows_what_was_looked_at(case: Case) -> None:
    assert golden(case).read_text("utf-8") == shown(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_line_is_wider_than_the_terminal_and_chinese_stands_in_columns(case: Case) -> None:
    lines = shown(case).split("\n")
    assert max(cell_len(line) for line in lines) <= case[2]
    # All names of a sector begin in one column, whatever stands before them.
    rows = [line for line in lines if ".SZ " in line or ".SH " in line or ".HK " in line]
    starts = {
        cell_len(line[: line.index(".S") if ".S" in line else line.index(".HK")]) for line in rows
    }
    assert len(starts) <= 4 * 2  # codes of six and of four digits, a sector each


def test_plain_lines_are_whole_and_separated_by_tabs() -> None:
    lines = list(plain_lines(result_by("pe_fy1"), "en", None))
    assert 1 + 53 == len(lines)
    assert {lines[0].count("\t")} == {line.count("\t") for line in lines}
    first = dict(zip(lines[0].split("\t"), lines[1].split("\t"), strict=True))
    row = result_by("pe_fy1").table.row(0, named=True)
    assert (row["symbol"], row["pe_fy1"]) == (first["Symbol"], float(first["P/E FY1"]))
    assert any("\tNM\t" in line for line in lines)


def test_a_pipe_gets_no_colour_and_a_terminal_none_where_it_is_not_wanted(
    command: Command,
) -> None:
    run = partial(command, "run", "media", "--prices", "report")
    assert "\x1b[" not in run().stdout
    assert "\x1b[" in run(FORCE_COLOR="1", TERM="xterm-256color").stdout
    colours = run(FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="1").stdout
    assert not [code for code in ("\x1b[3", "\x1b[4", "\x1b[9") if code + "1m" in colours]


def test_watching_prints_again_until_it_is_stopped_and_writes_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "screener", "run", "media", "--prices", "report"),
            *("--plain", "--watch", "5"),
        ],
        cwd=tmp_path,
        env=surroundings({"XDG_DATA_HOME": str(tmp_path / "data")}),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        rounds = (line for line in iter(process.stdout.readline, "") if "Ctrl-C" in line)
        for _ in range(2):
            assert "1 errors" in next(rounds)  # the printed slip of Alibaba's FY2024
        process.send_signal(signal.SIGINT)
        assert 130 == process.wait(timeout=30)
    assert [] == list(tmp_path.glob("**/*.xlsx")) + list(tmp_path.glob("data/**/*.db"))


def test_prices_of_another_kind_are_marked_and_the_mark_explained() -> None:
    result = result_by("pe_fy1")
    mixed = result.table.with_columns(
        price_obtained=pl.when(pl.col("symbol") == "600941.SH")
        .then(pl.lit("cached"))
        .otherwise("price_obtained"),
        price_age_days=pl.when(pl.col("symbol") == "600050.SH")
        .then(30)
        .otherwise("price_age_days"),
    )
    console = Console(width=120, no_color=True)
    with console.capture() as capture:
        console.print(result_tables(replace(result, table=mixed), "en", None, 120))
    text = capture.get()
    assert "111.00ˢ" in text and "4.93ʳ!" in text and "ˢ: a stored price" in text
    assert "!: a price of more than ten days ago" in text
