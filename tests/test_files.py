"""Files are written whole or not at all, and what a write that was cut off has left goes away."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from screener.files import replace_file, scratch, standing
from tests.command import SCREENER, shell
from tests.conftest import WATCHLISTS
from tests.kills import write_panel_inputs

MARKED = "0123456789abcdef"
# A limit of one block on every file stands for a full disk: the first file that is larger fails.
# Python itself would leave half of a compiled module there, and fail on that ever after.
FULL_DISK = "ulimit -f 1; PYTHONDONTWRITEBYTECODE=1"


def process_that_is_gone() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_a_process_that_is_gone_has_left_goes_at_the_next_write(tmp_path: Path) -> None:
    gone = process_that_is_gone()
    (tmp_path / f".screener-{gone}-{MARKED}.tmp").write_text("half")
    (tmp_path / f".screener-{gone}-{MARKED[::-1]}.tmp").mkdir()
    (tmp_path / f".screener-{gone}-{MARKED[::-1]}.tmp" / "part.parquet").write_text("half")
    at_work = tmp_path / f".screener-{os.getpid()}-{MARKED}.tmp"
    at_work.write_text("half")
    of_somebody = tmp_path / ".screener-notes.tmp"
    of_somebody.write_text("mine")
    replace_file(b"new", tmp_path / "file.csv")
    assert [at_work.name, of_somebody.name, "file.csv"] == names(tmp_path)


def test_what_an_older_version_has_left_goes_when_it_is_a_day_old(tmp_path: Path) -> None:
    old, new = (tmp_path / f".screener-{token}.tmp" for token in (MARKED, MARKED[::-1]))
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    replace_file(b"new", tmp_path / "file.csv")
    assert [new.name, "file.csv"] == names(tmp_path)


@pytest.mark.parametrize("has_its_name", [False, True])
def test_new_words_go_with_their_table_or_not_at_all(tmp_path: Path, has_its_name: bool) -> None:
    begun = f".screener-{process_that_is_gone()}-{MARKED}"
    (tmp_path / f"{begun}-mine.toml.tmp").write_text("new")
    if not has_its_name:
        (tmp_path / f"{begun}.tmp").write_text("new")
    for name in ("mine.csv", "mine.toml"):
        (tmp_path / name).write_text("new" if has_its_name and name == "mine.csv" else "old")
    said = "new" if has_its_name else "old"
    assert said == standing(tmp_path / "mine.toml").read_text()
    replace_file(b"", tmp_path / "other.csv")
    assert ["mine.csv", "mine.toml", "other.csv"] == names(tmp_path)
    assert [said, said] == [(tmp_path / name).read_text() for name in ("mine.csv", "mine.toml")]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_nobody_else_reads_a_file_that_is_not_whole_and_one_that_is_keeps_its_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    sync = os.fsync

    def looked(file: int) -> None:
        if stat.S_ISREG(os.fstat(file).st_mode):
            seen.append(stat.S_IMODE(os.fstat(file).st_mode))
        sync(file)

    monkeypatch.setattr(os, "fsync", looked)
    shared = tmp_path / "shared.csv"
    shared.write_text("old")
    shared.chmod(0o664)
    before = os.umask(0o027)
    try:
        for path in (shared, tmp_path / "new.csv"):
            seen.clear()
            replace_file(b"new", path)
            assert 0o600 == seen[0]
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("shared.csv", "new.csv")]
    assert [0o664, 0o640] == modes


def test_a_folder_to_make_something_in_is_gone_afterwards(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), scratch(tmp_path) as folder:
        (folder / "inner").mkdir()
        raise KeyboardInterrupt
    assert [] == names(tmp_path)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("import report.csv --sector mine --as-of 2025-01-31", "watchlists/mine.csv"),
        ("comps 600941 --prices report -o comps.html", "comps.html"),
        ("panel prices.parquet estimates.parquet -o panel", "parquet"),
    ],
)
def test_on_a_full_disk_what_was_to_be_written_is_named_and_no_part_of_it_stays(
    tmp_path: Path, words: str, name: str
) -> None:
    rows = [f"60{number:04}.SH,某某,6.86,7.25" for number in range(100)]
    text = "\n".join(("代码,名称,EPS 2025E,EPS 2026E", *rows, ""))
    (tmp_path / "report.csv").write_text(text, encoding="utf-8")
    write_panel_inputs(tmp_path)
    before = names(tmp_path)
    done = shell(tmp_path, f"{FULL_DISK} {SCREENER} {words}")
    assert 3 == done.returncode, done.stderr
    assert name in done.stderr.splitlines()[-1] and "File too large" in done.stderr
    assert before == [each for each in names(tmp_path) if each not in (".local", "watchlists")]
    assert [] == list((tmp_path / "watchlists").glob("*"))


def test_init_on_a_full_disk_writes_nothing_and_the_next_one_everything(tmp_path: Path) -> None:
    done = shell(tmp_path, f"{FULL_DISK} {SCREENER} init")
    assert 3 == done.returncode
    assert "screener: watchlists: File too large" in done.stderr
    assert [] == names(tmp_path)
    assert 0 == shell(tmp_path, f"{SCREENER} init").returncode
    for source in WATCHLISTS.iterdir():
        assert source.read_bytes() == (tmp_path / "watchlists" / source.name).read_bytes()
