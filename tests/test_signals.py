"""Ctrl-C, a request to end and a lost terminal: each ends the program, says so, and leaves nothing.

The signal is sent by the program itself, at a moment that is named, so that nothing is timed.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import shell, surroundings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows sends itself no signals")

ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
# The program, sent a signal before a module is loaded.
AT_IMPORT = """
import os, runpy, sys
class Sender:
    def find_spec(self, name, *_):
        if name == {name!r}:
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Sender())
sys.argv = ["screener", *{words!r}]
runpy.run_module("screener", run_name="__main__")
"""
# The same, before what is written is on the disk.
AT_WRITE = """
import os, runpy, sys
sync = os.fsync
def sent(file):
    os.kill(os.getpid(), {number})
    sync(file)
os.fsync = sent
sys.argv = ["screener", *{words!r}]
runpy.run_module("screener", run_name="__main__")
"""


def ended(folder: Path, code: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code.format(**options)],
        cwd=folder,
        env=surroundings({"HOME": str(folder / "home"), "XDG_DATA_HOME": str(folder / "data")}),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", ENDS)
@pytest.mark.parametrize("name", ["screener.commands.cli", "click", "screener.config", "polars"])
def test_a_signal_ends_the_program_at_any_moment_with_its_own_code(
    tmp_path: Path, number: int, name: str
) -> None:
    words = ["run", "-q", "--prices", "report"]
    done = ended(tmp_path, AT_IMPORT, name=name, number=int(number), words=words)
    assert (ENDS[signal.Signals(number)], "") == (done.returncode, done.stdout)
    assert "" == done.stderr.strip()


@pytest.mark.parametrize("number", ENDS)
def test_a_signal_while_a_file_is_written_leaves_no_part_of_it(tmp_path: Path, number: int) -> None:
    for words in (["init"], ["run", "-q", "--prices", "report"]):
        done = ended(tmp_path, AT_WRITE, number=int(number), words=words)
        assert (ENDS[signal.Signals(number)], "") == (done.returncode, done.stdout)
    assert "" == done.stderr.strip()
    assert [] == [path for path in tmp_path.glob("**/*") if path.is_file() and path.suffix != ".db"]


def test_a_signal_that_the_caller_ignores_is_ignored(tmp_path: Path) -> None:
    code = AT_IMPORT.format(name="click", number=int(signal.SIGHUP), words=["--version"])
    line = shlex.join([sys.executable, "-c", code])
    done = shell(tmp_path, f"trap '' HUP; exec {line}")
    assert (0, "") == (done.returncode, done.stderr)
    assert 129 == shell(tmp_path, f"exec {line}").returncode % 256
