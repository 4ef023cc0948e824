"""`make kills`: every command that writes, killed at its every step and at random moments.

    python -m tests.kills [COUNT [COMMAND]...]

After each SIGKILL: what the user had is there, as it was or as the command makes it; the new is
whole or is not there; no figures stand under others' words; the store is sound and has what was
acknowledged; the same command then succeeds, and no temporary file of ours is left. A step is a
file opened, made, written half, synced, renamed or removed, and a statement of the store. What is
broken is printed, and ends with 1.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from screener.commands import cli
from screener.watchlists.read import load_watchlists
from tests.conftest import WATCHLISTS
from tests.loopback import report_market, running

COUNT, SAMPLE, SEED = 480, 30, 20261129
_MOST_SECONDS = 120
_AUDITED = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "sqlite3.connect"}
# What a user writes in a watchlist is there to the byte.
_BY_HAND = (".csv", ".toml")
_REPORT = "代码,名称,EPS 2025E,EPS 2026E\n600941.SH,中国移动,9.99,10.01\n"
# Of now: no split can have been since.
_TODAY = f'as_of = {datetime.now(UTC).date()}\nconsensus = "desk"\n'
_TOML = 'as_of = 2025-01-31\nlabel_en = "Mine"\nconsensus = "desk"\n'


@dataclass(frozen=True)
class Case:
    """A command that writes: its words, and what the user has and has done before.

    `again` are the exit codes with which it may end where it has done its work already. What asks
    a vendor takes its time: it is killed less often, by its `weight`.
    """

    name: str
    words: Sequence[str]
    before: Sequence[Sequence[str]] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    again: Sequence[int] = (0,)
    weight: int = 4


_RUN = ("run", "telecom", "--prices", "report", "-q")
_PANEL = ("panel", "prices.parquet", "estimates.parquet", "-o", "panel")
_IMPORT = ("import", "news.csv", "--sector", "mine", "--as-of", "2025-06-30", "--force")
_WRONG = (WATCHLISTS / "media.csv").read_text(encoding="utf-8").replace(",24.99,", ",2499,")
_MINE = "symbol,name,eps_2025,eps_2026\n600941.SH,中国移动,6.86,7.25\n"
_OWN = {"watchlists/mine.csv": _MINE, "watchlists/mine.toml": _TOML, "news.csv": _REPORT}
_UPDATE = ("consensus", "update", "media")
_LIVE = ("run", "media", "--prices", "live", "-q")
_SET = ("consensus", "set", "600941", "2026", "7.77")
_SET_BEFORE = ("consensus", "set", "600941", "2025", "6.66")

CASES = (
    Case("init", ["init"]),
    Case("init, completing", ["init"], files={"watchlists/media.toml": _TOML}),
    Case("add", ["add", "600050", "00700", "--offline", "--yes"], files=_OWN),
    Case("remove", ["remove", "600941", "--from", "mine", "--yes"], files=_OWN, again=(0, 1)),
    Case("import", _IMPORT[:-1], files={"news.csv": _REPORT}, again=(0, 3)),
    Case("import --force", _IMPORT, files=_OWN),
    Case("audit --fix", ["audit", "--fix"], [["init"]], {"watchlists/media.csv": _WRONG}, (0, 1)),
    Case("consensus set", _SET, [_SET_BEFORE], {**_OWN, "watchlists/mine.toml": _TODAY}),
    Case("run, workbook", [*_RUN, "-o", "out"], [[*_RUN, "-o", "out"]]),
    Case("run, every text", [*_RUN, "-o", "out", "--format", "csv,json,html,markdown,parquet"]),
    Case("comps, workbook", ["comps", "600941", "--prices", "report", "-o", "comps.xlsx"]),
    Case("comps, page", ["comps", "600941", "--prices", "report", "-o", "comps.html"]),
    Case("diff", ["diff", "-o", "diff.xlsx"], [_RUN, [*_RUN, "--by", "peg"]]),
    Case("history", ["history", "600941", "--panel", "panel", "-o", "past.xlsx"], [_PANEL]),
    Case("panel", _PANEL),
    Case("panel --since", [*_PANEL, "--since", "2025-02-01"], [_PANEL]),
    Case("consensus update", _UPDATE, [_UPDATE], again=(0, 3), weight=1),
    Case("run, live", _LIVE, [_UPDATE], weight=1),
)


# --- the program in a process that is killed -----------------------------------------------------


class _Steps:
    """Counts the steps of a process, and kills it at the one that is named."""

    def __init__(self, folder: Path, last: int) -> None:
        self.folder, self.last, self.count = str(folder), last, 0

    def step(self) -> bool:
        self.count += 1
        return self.count == self.last

    def take(self) -> None:
        if self.step():
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _AUDITED or (event == "open" and self._writes(arguments)):
            self.take()

    def _writes(self, arguments: tuple[Any, ...]) -> bool:
        _, _, flags = arguments
        return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _watch(steps: _Steps) -> None:
    """Have each step of this process counted: what audits itself, and what does not."""
    fdopen, connect = os.fdopen, sqlite3.connect

    def opened(file: int, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode == "wb":
            return _Half(io.FileIO(file, "w"), steps)
        return fdopen(file, mode, *rest, **more)

    def connected(*given: Any, **more: Any) -> sqlite3.Connection:
        connection: _Connection = connect(*given, factory=_Connection, **more)
        connection.steps = steps
        return connection

    for place, name, function in (
        (os, "fsync", _counted(os.fsync, steps)),
        (os, "fdopen", opened),
        (sqlite3, "connect", connected),
    ):
        setattr(place, name, function)
    sys.addaudithook(steps.audit)


def _counted(function: Callable[..., Any], steps: _Steps) -> Callable[..., Any]:
    def call(*given: Any) -> Any:
        steps.take()
        return function(*given)

    return call


class _Half(io.BufferedWriter):
    """A file that is written half where the process is killed."""

    def __init__(self, file: io.FileIO, steps: _Steps) -> None:
        super().__init__(file)
        self._steps = steps

    def write(self, content: Any) -> int:
        if self._steps.step():
            super().write(content[: len(content) // 2])
            self.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().write(content)


class _Connection(sqlite3.Connection):
    """A store whose every statement, and the end of whose transactions, is a step."""

    steps: _Steps

    def execute(self, *given: Any) -> sqlite3.Cursor:
        self.steps.take()
        return super().execute(*given)

    def executemany(self, *given: Any) -> sqlite3.Cursor:
        self.steps.take()
        return super().executemany(*given)

    def __exit__(self, *given: Any) -> Any:
        self.steps.take()
        return super().__exit__(*given)


def _run(
    folder: Path, words: Sequence[str], last: int = 0, kill_after: float | None = None
) -> tuple[int, int]:
    """The exit code of a command in the folder, negative for a signal, and how many steps it took.

    It is killed at its step `last`, or after so many seconds.
    """
    child = os.fork()
    if not child:
        _be_the_command(folder, words, last)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    until = time.monotonic() + _MOST_SECONDS
    while not (found := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.002)
    counted = folder.parent / "steps"
    steps = int(counted.read_text()) if counted.exists() else 0
    counted.unlink(missing_ok=True)
    return os.waitstatus_to_exitcode(found[1]), steps


def _be_the_command(folder: Path, words: Sequence[str], last: int) -> None:
    os.chdir(folder)
    home = folder.parent / "home"
    os.environ |= {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    os.environ["SCREENER_LANG"] = "en"
    said = os.open(folder.parent / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    sys.argv = ["screener", *words]
    steps = _Steps(folder, last)
    _watch(steps)
    code: Any = 70
    try:
        cli.main()
    except SystemExit as stop:
        code = stop.code
    finally:
        with suppress(OSError):
            sys.stdout.flush()
        (folder.parent / "steps").write_text(str(steps.count))
        os._exit(code if isinstance(code, int) else 0)


# --- what must hold afterwards -------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """A folder of a user's with a home, as it is before a command or after it."""

    place: Path

    @property
    def folder(self) -> Path:
        return self.place / "desk"

    @property
    def store(self) -> Path:
        return self.place / "home" / "screener" / "quotes.db"

    def copied(self, place: Path) -> World:
        shutil.copytree(self.place, place)
        return World(place)

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and ".screener-" not in str(path)
        }

    def temporaries(self) -> list[Path]:
        return sorted(self.place.rglob(".screener-*"))

    def tables(self) -> dict[str, tuple[date, object]]:
        """The day and the figures of each watchlist, as a run would take them."""
        folder = self.folder / "watchlists"
        if not folder.is_dir() or not list(folder.glob("[!c]*.csv")):
            return {}
        tables, _ = load_watchlists(folder, (), on=date(2026, 2, 1))
        return {
            table.name: (
                table.provenance.as_of if table.provenance.is_dated else date.min,
                [[year.eps and year.eps.value for year in row.years] for row in table.listings],
            )
            for table in tables
        }

    def estimates(self) -> set[tuple[Any, ...]]:
        """What was set by hand, and so acknowledged."""
        if not self.store.exists():
            return set()
        with closing(sqlite3.connect(self.store)) as connection:
            (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
            if sound != "ok":
                raise sqlite3.DatabaseError(sound)
            tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'estimates'")
            query = "SELECT symbol, fiscal_year, eps FROM estimates"
            return set(connection.execute(query)) if tables.fetchone() else set()


def _is_whole(name: str, content: bytes) -> bool:
    """Whether a file that holds the time of its making is one from its beginning to its end."""
    ending = Path(name).suffix
    if ending == ".xlsx":
        with suppress(zipfile.BadZipFile):
            return zipfile.ZipFile(io.BytesIO(content)).testzip() is None
        return False
    if ending == ".json":
        with suppress(ValueError):
            return bool(json.loads(content))
        return False
    if ending == ".parquet":
        return content[:4] == content[-4:] == b"PAR1"
    return content.endswith(b"</html>\n" if ending == ".html" else b"\n")


def _faults(before: World, after: World, found: World) -> Iterator[str]:
    """What is not as it should be, of a command that was killed."""
    old, new, files = before.files(), after.files(), found.files()
    yield from (f"{name} is lost" for name in old.keys() & new.keys() - files.keys())
    for name, content in files.items():
        # A second workbook or page differs by the time in it.
        is_made = new.get(name) not in (None, old.get(name)) and not name.endswith(_BY_HAND)
        if content not in (old.get(name), new.get(name)) and not (
            is_made and _is_whole(name, content)
        ):
            yield f"{name} is neither the old nor the new one"
    tables = [before.tables(), after.tables()]
    for name, table in found.tables().items():
        if table not in [each.get(name) for each in tables]:
            yield f"{name} has figures under another day: {table}"
    yield from _faults_of_store(before, found)
    for path in found.temporaries():
        # In the moment before it has its name a file has its mode; one that is half has not.
        if path.is_file() and path.stat().st_mode & 0o077 and not path.stat().st_size:
            yield f"{path.name} can be read by others"


def _faults_of_store(before: World, found: World) -> Iterator[str]:
    try:
        if lost := before.estimates() - found.estimates():
            yield f"estimates are lost: {lost}"
    except sqlite3.Error as error:
        yield f"the store: {error}"


# --- the cases ----------------------------------------------------------------------------------


def _world(case: Case, place: Path) -> World:
    world = World(place)
    (place / "home").mkdir(parents=True)
    world.folder.mkdir()
    if case.name.startswith(("panel", "history")):
        _in_a_child(lambda: write_panel_inputs(world.folder))
    for name, text in case.files.items():
        path = world.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for words in case.before:
        code, _ = _run(world.folder, words)
        assert code in (0, 1), (case.name, words, (place / "said.txt").read_text())
    return world


@contextmanager
def _vendor(folder: Path) -> Iterator[None]:
    """A vendor in a process of its own, to which all commands are led."""
    parent, child = os.getpid(), os.fork()
    if not child:
        try:
            with running(report_market(), folder) as vendor:
                (folder / "new").write_text(json.dumps(vendor.environment(folder)))
                (folder / "new").rename(folder / "environment.json")
                while os.getppid() == parent:
                    time.sleep(1)
        finally:
            os._exit(0)
    while not (folder / "environment.json").exists():
        time.sleep(0.01)
    os.environ |= json.loads((folder / "environment.json").read_text())
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _in_a_child(function: Callable[[], None]) -> None:
    # Once polars has computed, its threads are not there in a child: no child would end.
    if not os.fork():
        function()
        os._exit(0)
    os.wait()


def write_panel_inputs(folder: Path) -> None:
    days = [date(2025, 1, 1) + timedelta(days=at) for at in range(60)]
    prices = {"symbol": "600941.SH", "currency": "CNY", "close": 100.0}
    pl.DataFrame({"day": days}).with_columns(
        **{name: pl.lit(value) for name, value in prices.items()}
    ).write_parquet(folder / "prices.parquet")
    years = [2025, 2026, 2027]
    pl.DataFrame({"fiscal_year": years, "eps": [6.5, 7.0, 7.5]}).with_columns(
        symbol=pl.lit("600941.SH"), currency=pl.lit("CNY"), published=date(2024, 12, 1)
    ).write_parquet(folder / "estimates.parquet")


@dataclass
class Tally:
    """What was done to a command, and what was found."""

    steps: int = 0
    at_steps: int = 0
    at_random: int = 0
    ended_before: int = 0
    swept: int = 0
    faults: list[str] = field(default_factory=list)


def killed(case: Case, kills: int, random_: random.Random, place: Path) -> Tally:
    """Kill a command so many times: two of three at its steps, spread evenly, then at random."""
    before = _world(case, place / "before")
    after = before.copied(place / "after")
    begun = time.monotonic()
    code, steps = _run(after.folder, case.words)
    lasted = time.monotonic() - begun
    tally = Tally(steps)
    if code not in (0, 1):
        said = (after.place / "said.txt").read_text()
        tally.faults.append(f"{case.name}: ends with {code} unhurt: {said[-300:]}")
        return tally
    at_steps = min(steps, max(1, kills * 2 // 3))
    first = random_.random()
    lasts = [1 + int((at + first) * steps / at_steps) for at in range(at_steps)]
    moments = [random_.uniform(0, 0.9 * lasted) for _ in range(kills - at_steps)]
    hows: list[tuple[int, float | None]] = [(min(last, steps), None) for last in lasts]
    hows += [(0, moment) for moment in moments]
    for number, (last, moment) in enumerate(hows):
        found = before.copied(place / str(number))
        code, _ = _run(found.folder, case.words, last, moment)
        if code == -signal.SIGKILL:
            tally.at_steps += moment is None
            tally.at_random += moment is not None
        else:
            tally.ended_before += 1
        how = f"{case.name}, step {last} of {steps}" if last else f"{case.name}, {moment:.3f} s"
        tally.faults += [f"{how}: {fault}" for fault in _faults(before, after, found)]
        tally.swept += len(found.temporaries())
        tally.faults += [f"{how}, again: {fault}" for fault in _again(case, after, found, code)]
        shutil.rmtree(found.place)
    return tally


def _again(case: Case, after: World, found: World, killed_with: int) -> Iterator[str]:
    code, _ = _run(found.folder, case.words)
    said = (found.place / "said.txt").read_text()
    if code not in case.again or "Traceback" in said:
        yield f"ends with {code}: {said[-300:]}"
    if left := found.temporaries():
        yield f"{[path.name for path in left]} are left"
    if missing := after.files().keys() - found.files().keys():
        yield f"{sorted(missing)} are not there ({killed_with})"
    if after.tables() != found.tables():
        yield f"the tables are {found.tables()}"


def main(arguments: Sequence[str]) -> int:
    """Print a line a command, and what was broken; 1 where something was."""
    count = int(arguments[0]) if arguments else COUNT
    random_ = random.Random(SEED)  # noqa: S311 - moments, no secrets
    with tempfile.TemporaryDirectory(prefix="kills-") as folder, _vendor(Path(folder)):
        chosen = [case for case in CASES if case.name in (arguments[1:] or [case.name])]
        return _killed_all(chosen, count, random_)


def _killed_all(cases: Sequence[Case], count: int, random_: random.Random) -> int:
    _say(
        f"{'command':20} {'steps':>6} {'at steps':>9} {'random':>7} {'ended':>6} {'left':>5} broken"
    )
    sum_, broken = Counter[str](), 0
    weights = [case.weight for case in cases]
    ends = [count * sum(weights[: at + 1]) // sum(weights) for at in range(len(cases))]
    for case, begin, end in zip(cases, [0, *ends], ends, strict=False):
        if begin == end:
            continue
        with tempfile.TemporaryDirectory(prefix="kills-") as folder:
            tally = killed(case, end - begin, random_, Path(folder))
        _say(_line(case.name, tally))
        for fault in tally.faults:
            _say(f"    {fault}")
        broken += len(tally.faults)
        sum_.update(steps=tally.at_steps, random=tally.at_random)
    _say(f"{sum_.total()} kills, {broken} broken")
    return 1 if broken or not sum_.total() else 0


def _line(name: str, tally: Tally) -> str:
    figures = (tally.at_steps, tally.at_random, tally.ended_before, tally.swept, len(tally.faults))
    at_steps, at_random, ended, swept, broken = figures
    return f"{name:20} {tally.steps:6} {at_steps:9} {at_random:7} {ended:6} {swept:5} {broken}"


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
