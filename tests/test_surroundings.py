"""What surrounds a command may be odd: it says so in a line, and never ends in a traceback."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from screener import config
from screener.model.usage import UsageError
from tests.command import SCREENER, Command, shell
from tests.conftest import REPORTED, ROOT, write_watchlist

RUN = ("run", "--prices", "report")
# Bytes that are no UTF-8, as Python has them in a text.
ODD = "名\udcff"


@pytest.mark.skipif(os.name != "posix", reason="Windows knows its users otherwise")
def test_without_a_home_of_the_users_it_says_what_to_set(command: Command, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody"
    nobody.mkdir()
    (nobody / "sitecustomize.py").write_text(
        "import os, pwd\n"
        "def unknown(number): raise KeyError(number)\n"
        "pwd.getpwuid = unknown\n"
        "del os.environ['HOME']\n"
    )
    path = {"PYTHONPATH": os.pathsep.join((str(nobody), str(ROOT)))}
    assert 0 == command("--help", **path).returncode
    done = command(*RUN, **path)
    assert (2, "") == (done.returncode, done.stdout)
    expected = "screener: no folder is the user's own: set HOME, or XDG_CONFIG_HOME, to one\n"
    assert expected == done.stderr
    # With the two it names it needs no other.
    homes = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    assert 0 == command(*RUN, "-q", **path, **homes).returncode


def test_settings_that_cannot_be_looked_at_are_named(command: Command) -> None:
    # No name is so long: the system refuses it, as it does a folder that it keeps from the user.
    folder = Path("/") / ("a" * 300)
    with pytest.raises(UsageError, match=f"{folder.name}/screener.toml cannot be opened"):
        config.load([folder / "screener.toml"])
    done = command("presets", XDG_CONFIG_HOME=str(folder))
    assert (2, 1) == (done.returncode, done.stderr.count("\n"))
    assert f"{folder}/screener/screener.toml cannot be opened: File name too long" in done.stderr


def test_a_time_zone_that_no_clock_has_is_named(command: Command) -> None:
    done = command(*RUN, TZ="XYZ+99")
    assert 2 == done.returncode
    assert "screener: TZ is XYZ+99: name a zone, such as Asia/Shanghai\n" == done.stderr
    for zone in ("", "Foo/Bar", ":/etc/passwd", "UTC-14:59"):
        assert 0 == command("presets", TZ=zone).returncode


@pytest.mark.skipif(os.name != "posix", reason="elsewhere every name is Unicode")
def test_a_name_that_is_no_utf_8_is_refused_and_printed(command: Command, tmp_path: Path) -> None:
    write_watchlist(tmp_path / ODD, REPORTED)
    done = command(*RUN, "--json", "-w", tmp_path / ODD)
    assert (3, []) == (done.returncode, json.loads(done.stdout)["rows"])
    assert (
        "名?/demo.toml: cannot be opened: Its name is no UTF-8: give it another one" in done.stderr
    )
    assert 1 == command("audit", "--json", "-w", tmp_path / ODD).returncode
    # What is written may go there.
    done = command(*RUN, "-q", "--format", "xlsx,json,html", "-o", tmp_path / ODD)
    assert 0 == done.returncode, done.stderr
    assert 3 == len(list((tmp_path / ODD).glob("screen-*")))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is always full")
def test_where_nothing_can_be_said_the_exit_code_still_says_it(tmp_path: Path) -> None:
    codes = {"run --nonsense": 2, "diff": 2, "--help": 0, "init /dev/null/x": 3}
    for words, code in codes.items():
        # Without the store of the tests: `diff` finds no runs in this one.
        line = f"XDG_DATA_HOME={tmp_path} {SCREENER} {words} 2> /dev/full"
        assert code == shell(tmp_path, line).returncode, words


def test_a_folder_that_cannot_be_written_into_is_named(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = command("comps", "600941", "--prices", "report", "-o", "file/comps.xlsx")
    assert 3 == done.returncode
    assert "screener: file: File exists\n" in done.stderr
