"""What pip installs, and what the documents promise."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import ROOT, WATCHLISTS


def test_the_wheel_carries_the_watchlists_and_runs_from_anywhere(tmp_path: Path) -> None:
    copy = tmp_path / "source"
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout.split()
    for name in tracked:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "-w", tmp_path, copy], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    bundled = installed / "screener" / "bundled"
    assert {path.name for path in WATCHLISTS.iterdir()} == {path.name for path in bundled.iterdir()}
    assert (installed / "screener" / "py.typed").exists()
    # An editable install would lend the wheel what it lacks, so its modules are counted.
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "screener").rglob("*.py")}
    assert modules == {str(path.relative_to(installed)) for path in installed.rglob("*.py")}
    for name in ("model/aliases.csv", "model/columns.csv", "locale/zh/LC_MESSAGES/screener.mo"):
        assert (installed / "screener" / name).exists(), name

    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r});"
        " from screener.commands.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "run", "-q", "--prices", "report", "-o", "out.xlsx"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (0, "out.xlsx\n", "") == (done.returncode, done.stdout, done.stderr)
    assert not (copy / "exports" / "out.xlsx").exists()


def requirements(section: str) -> list[str]:
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    block = text.partition(f"{section} =\n")[2].partition("\n\n")[0].partition("\n[")[0]
    return [re.split(r"[<>=;\s]", line.strip())[0] for line in block.splitlines() if line.strip()]


def test_every_dependency_is_pinned_and_earns_its_place_in_one_line() -> None:
    extras = ("install_requires", "test", "docs", "dev")
    names = [name for each in extras for name in requirements(each)]
    assert {"polars", "pytest", "sphinx", "nox"} <= set(names)
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in names:
        assert f"`{name}`" in contributing, name
        if name != "tzdata":
            assert f"\n{name.lower().replace('_', '-')}==" in f"\n{pinned}", name


def test_a_type_checker_sees_an_editable_install_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("import screener\n\nreveal_type(screener.Options().by)\n")
    words = [sys.executable, "-m", "mypy", "--python-executable", sys.executable, "own.py"]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, timeout=300
    )
    assert 'Revealed type is "str"' in done.stdout, done.stdout
    assert 0 == done.returncode
