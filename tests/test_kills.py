"""A sample of `make kills`: commands that write are killed, and nothing is lost or half."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.command import run
from tests.kills import CASES, SAMPLE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")


def test_a_sample_of_kills_breaks_nothing(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.kills", str(SAMPLE)]
    done = run(words, tmp_path, {"HOME": str(tmp_path)}, timeout=600)
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    _, *lines, last = done.stdout.splitlines()
    assert re.fullmatch(r"\d+ kills, 0 broken", last), done.stdout
    # Each was killed at one of its steps at least.
    killed = {line[:20].strip(): int(line[20:].split()[1]) for line in lines}
    assert {case.name for case in CASES if case.weight > 1} <= killed.keys()
    assert min(killed.values()) > 0, done.stdout
