"""The command as a user runs it: in a folder, with an environment, to its exit code and output."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.conftest import ROOT

Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]


def screener(folder: Path, variables: Mapping[str, str], *arguments: str, stdin: str = "") -> Done:
    """Run `screener` in the folder; a traceback is a failure of the test."""
    done = subprocess.run(
        [sys.executable, "-m", "screener", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done
