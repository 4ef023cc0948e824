"""What bash, zsh and fish offer, asked of the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Command, surroundings
from tests.conftest import REPORTED, write_watchlist

# Each sources what `screener completion` prints, types the words of its arguments, and prints
# what is offered, one a line.
BASH = """
set -eu
eval "$(screener completion bash)"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_screener_completion screener
printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """
compdef() { : }
compadd() { while [[ $1 == -* ]]; do shift $(( ${${1:#-[a-zA-Z]*}:+1} + 2 )); done; print -l -- $@ }
_describe() { local -a pairs; pairs=("${(@P)3}"); print -l -- "${pairs[@]%%:*}" }
eval "$(screener completion zsh)"
words=("$@"); CURRENT=$#
_screener_completion screener
"""
FISH = """
screener completion fish | source
complete -C "$argv"
"""
SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}

Offered = Callable[..., list[str]]


@pytest.fixture(params=SHELLS)
def offered(request: pytest.FixtureRequest, tmp_path: Path) -> Offered:
    """What a shell offers after these words, in a folder with a watchlist of one name."""
    shell: str = request.param
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed: `make shells` installs it")
    write_watchlist(tmp_path / "watchlists", REPORTED, name="chips")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "screener"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m screener "$@"\n')
    command.chmod(0o755)
    script = tmp_path / f"complete.{shell}"
    script.write_text(SHELLS[shell])

    def ask(*words: str) -> list[str]:
        typed = [" ".join(("screener", *words))] if shell == "fish" else ["screener", *words]
        options = ["-f"] if shell == "zsh" else ["--no-config"] if shell == "fish" else ["--norc"]
        done = subprocess.run(
            [program, *options, str(script), *typed],
            cwd=tmp_path,
            env=surroundings(
                {
                    "HOME": str(tmp_path),
                    "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
                    "SCREENER_LANG": "en",
                }
            ),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return [line.split("\t")[0] for line in done.stdout.splitlines() if line]

    return ask


def test_commands_sectors_symbols_metrics_presets_and_columns_are_offered(offered: Offered) -> None:
    assert {"comps", "config", "consensus", "completion"} == set(offered("co"))
    assert ["chips"] == offered("run", "ch")
    assert ["600941.SH"] == offered("comps", "600")
    assert {"pe_ttm", "pe_ttm_percentile"} == set(offered("run", "--by", "pe_ttm"))
    assert ["value"] == offered("run", "--preset", "val")
    assert ["market_cap", "market_cap_basis", "market_cap_printed"] == sorted(
        offered("run", "--where", "market_cap")
    )
    assert ["chips"] == offered("add", "--to", "")
    # A figure that does not rank is no metric to rank by.
    assert [] == offered("run", "--by", "market_cap_printed")


def test_broken_watchlists_offer_nothing_and_say_nothing(offered: Offered, tmp_path: Path) -> None:
    (tmp_path / "watchlists" / "chips.csv").write_bytes(b"\xff\xfe no text")
    assert [] == offered("comps", "600")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("600941.SH,0700", "600941.SH,0700.HK"),
        ("pe_fy1 < 20 and peg", "pe_fy1 < 20 and peg"),
    ],
)
def test_the_last_word_of_several_goes_on(command: Command, typed: str, expected: str) -> None:
    option = "--only" if "," in typed else "--where"
    # As a shell that knows of quotes passes it.
    words = f"screener run {option} '{typed}'"
    done = command(_SCREENER_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD="3")
    assert [f"plain,{expected}"] == done.stdout.split("\n")[:1]
