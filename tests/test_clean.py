"""Nothing that a file or a vendor says steers the terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.table import Shown, ShownTable
from screener.output.terminal.clean import CleanStream, clean
from screener.output.terminal.console import console, drawn, print_problems
from tests.command import Command, surroundings
from tests.conftest import write_watchlist
from tests.loopback import Vendor

CLEAR = "\x1b[2J\x1b]0;mine\x07"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("\x1b[2J", "\\u001b[2J"),
        ("a\rb", "a\\u000db"),
        ("\x9b31m", "\\u009b31m"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("中国移动 ×1.4\t−5 %\n", "中国移动 ×1.4\t−5 %\n"),
    ],
)
def test_signs_that_steer_are_spelled_and_all_others_stay(given: str, shown: str) -> None:
    assert shown == clean(given)
    stream = CleanStream(StringIO())
    stream.write(given)
    assert shown == stream.getvalue()


def test_json_stays_json() -> None:
    text = json.dumps({"name": f"a{CLEAR}\x85\u202e"}, ensure_ascii=False)
    assert json.loads(text) == json.loads(clean(text))


def on_terminal(show: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a terminal with colours is given."""
    stream = StringIO()
    monkeypatch.setattr(sys, "stdout", CleanStream(stream))
    monkeypatch.setenv("FORCE_COLOR", "1")
    terminal = console(width=80)
    show(terminal)
    return stream.getvalue()


def test_a_table_and_a_problem_hold_no_sequence_but_our_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evil = f"Company{CLEAR}\u202e\x9b"
    column = Shown("name", (evil,), "left")
    problem = Problem("no_price", f"lists\n{evil}.csv:3", say("{text}", text=evil), "600941.SH")

    def show(terminal: Any) -> None:
        terminal.print(drawn(ShownTable((column,), evil)))
        print_problems(terminal, [problem], "en")
        terminal.print(Text(evil))

    given = on_terminal(show, monkeypatch)
    assert "\x1b[1;31m" in given  # the colour of an error
    assert given.count("\\u001b[2J") == given.count("[2J") >= 4
    for sign in ("\x1b]", "\x07", "\u202e", "\x9b"):
        assert sign not in given
    assert "lists\\nCompany" in given.replace("\n  ", "")


def test_a_file_name_with_sequences_reaches_the_terminal_spelled(
    command: Command, tmp_path: Path
) -> None:
    name = f"a{CLEAR}\u202e"
    write_watchlist(tmp_path / "watchlists", "600941.SH,A,x", name=name)
    done = command("run", "--prices", "report", "-o", "out")
    written = done.stdout + done.stderr
    assert "\\u001b[2J" in written
    assert [] == [sign for sign in written if sign not in "\n\t" and not sign.isprintable()]


@pytest.mark.skipif(os.name == "nt", reason="no terminals to be had")
def test_on_a_terminal_bar_and_colours_are_drawn_and_nothing_is_spelled(tmp_path: Path) -> None:
    import pty

    words = [sys.executable, "-m", "screener", "run", "telecom", "--prices", "report", "-o", "out"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        words,
        cwd=tmp_path,
        env=surroundings({"HOME": str(tmp_path), "TERM": "xterm-256color"}),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        written = b""
        # Linux says that the other end has gone by an error.
        with suppress(OSError):
            while piece := os.read(ours, 65_536):
                written += piece
    os.close(ours)
    assert b"\x1b[?25l" in written  # the bar hides the cursor
    assert b"\x1b[1m" in written
    assert b"\\u001b" not in written


def test_a_vendors_name_with_sequences_is_none(
    online: Command, vendor: Vendor, tmp_path: Path
) -> None:
    def evil(body: Any) -> Any:
        for item in body["quoteResponse"]["result"]:
            item["longName"] = item["shortName"] = f"=cmd(){CLEAR}"
        return body

    vendor.changes["/v7/finance/quote"] = evil
    vendor.faults["push2.eastmoney.com"] = "500"
    done = online("add", "600941", "--yes")
    written = done.stdout + done.stderr + (tmp_path / "watchlists" / "mine.csv").read_text("utf-8")
    assert "600941.SH" in written
    assert not {"\x1b", "\x07"} & set(written)
    assert "cmd()" not in written
