"""A damaged store: what it changes is said, what is sound of it is saved."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from screener.model.figures import Interval
from screener.model.records import (
    Close,
    Estimate,
    Lookup,
    Multiple,
    Profile,
    Quote,
    Rate,
    Split,
    Vintage,
)
from screener.model.usage import UsageError
from screener.screening import runs
from screener.store.check import back_up, check, prune
from screener.store.salvage import salvage
from screener.store.store import Store
from tests.command import Command
from tests.conftest import NOW, screen, write_watchlist
from tests.test_schema import ROWS_0, VERSION_0

SYMBOLS = ("600941.SH", "600050.SH", "0700.HK")
DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two kept runs, estimates of three sources, and some of all else."""
    folder = tmp_path_factory.mktemp("sound")
    store = Store(folder / "quotes.db")
    for back in range(4):
        now, day = NOW - timedelta(back), DAY - timedelta(back)
        quotes = {
            symbol: Quote(
                100.5 + back, "CNY", now, day, "Yahoo", "live", Interval(100.5, 100.5),
                shares=2.1e10, previous_close=99.25,
            )
            for symbol in SYMBOLS
        }  # fmt: skip
        store.save(quotes, [Rate("HKD", "CNY", 0.91 + back / 100, now, "Yahoo")], now)
        for source in ("Eastmoney", "Yahoo", "by hand"):
            store.save_vintages([_vintage(symbol, source, back) for symbol in SYMBOLS], now)
    days = [DAY - timedelta(back) for back in range(60)]
    asked = [Lookup(symbol, "Yahoo", days[-1], DAY) for symbol in SYMBOLS]
    each_day = [(symbol, day) for symbol in SYMBOLS for day in days]
    store.save_closes([Close(symbol, day, 100.25, DAY, "Yahoo") for symbol, day in each_day], asked)
    multiples = [Multiple(symbol, "pe_ttm", day, 15.5, "Eastmoney") for symbol, day in each_day]
    store.save_multiples(
        multiples, [Lookup(each.symbol, "pe_ttm", days[-1], DAY) for each in asked]
    )
    store.save_splits([Split(symbol, DAY, 1.4, "Yahoo") for symbol in SYMBOLS], asked, NOW)
    store.save_profiles([Profile(symbol, "Yahoo", DAY, DAY, NOW, "移动") for symbol in SYMBOLS])
    rows = [f"{symbol},A,100,0.50,0.80,1.00,40.00,25.00,20.00,CNY" for symbol in SYMBOLS[:2]]
    write_watchlist(folder / "lists", *rows)
    result = screen(watchlists=folder / "lists", now=NOW, store=folder / "none.db")
    assert [1, 2] == [runs.keep(result, store) for _ in range(2)]
    assert [] == store.problems
    return store.path


def _vintage(symbol: str, source: str, back: int) -> Vintage:
    years = tuple(
        Estimate(year, date(year, 12, 31), 1.25 + back, Interval(1.2, 1.3), 7)
        for year in (2026, 2027)
    )
    moment = NOW - timedelta(back)
    seen = moment if source == "by hand" else None
    return Vintage(symbol, source, DAY - timedelta(back), "CNY", years, moment, seen)


def figures(store: Store) -> list[Any]:
    """All that a run takes from a store."""
    since = DAY - timedelta(400)
    return [
        store.vintages(SYMBOLS),
        [store.quotes(symbol) for symbol in SYMBOLS],
        store.every_quote(SYMBOLS, NOW - timedelta(400)),
        store.shares(),
        sorted(map(repr, store.rates())),
        sorted(map(repr, store.every_rate())),
        [sorted(map(repr, found)) for found in store.splits(SYMBOLS)],
        store.profiles(SYMBOLS),
        store.closes(SYMBOLS, since),
        [store.closes_span(symbol) for symbol in SYMBOLS],
        store.multiples(SYMBOLS, "pe_ttm", since),
        [store.multiples_span(symbol, "pe_ttm") for symbol in SYMBOLS],
        sorted(map(repr, store.figures())),
        store.last_run("demo", "pe_fy1"),
        store.runs(),
    ]


def flipped(path: Path, target: Path, bit: int) -> Path:
    """A copy of a file with one bit the other way round."""
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    target.write_bytes(content)
    return target


def bits(path: Path, count: int) -> list[int]:
    """Some bits of a file, more of its head and of the tables' texts, where each byte tells."""
    chosen = random.Random(20)  # noqa: S311 - bits, no secrets
    end = 8 * path.stat().st_size
    return [chosen.randrange(8 * (100 if at % 5 == 0 else 8192) if at % 5 < 2 else end)
            for at in range(count)]  # fmt: skip


def test_one_flipped_bit_changes_no_figure_in_silence(sound: Path, tmp_path: Path) -> None:
    before = figures(Store(sound))
    silent = []
    for at, bit in enumerate(bits(sound, 160)):
        store = Store(flipped(sound, tmp_path / f"{at}.db", bit))
        if figures(store) != before and not any(problem.is_gap for problem in store.problems):
            silent.append(bit)
        store.path.unlink()
    assert [] == silent


# --- kept runs ------------------------------------------------------------------------------------


def blob_place(path: Path, number: int) -> int:
    """Where in the file the frame of a run stands, somewhere in its middle."""
    with closing(sqlite3.connect(path)) as connection:
        (frame,) = connection.execute(
            "SELECT frame FROM runs WHERE number = ?", (number,)
        ).fetchone()
    piece = frame[len(frame) // 2 :][:40]
    content = path.read_bytes()
    return 8 * content.rindex(piece)


def test_a_damaged_run_is_named_and_neither_used_nor_compared_with(
    sound: Path, tmp_path: Path
) -> None:
    path = tmp_path / "quotes.db"
    # Runs of the same bytes: the frame that stands last in the file is the second one's.
    store = Store(flipped(sound, path, blob_place(sound, 2)))
    assert [1] == [run.number for run in store.runs()]
    assert store.last_run("demo", "pe_fy1") is None
    assert {1} == {figure.run for figure in store.figures()}
    (problem,) = store.problems
    assert ("store_unread", "in the store run 2 is not as it was written: it is not used") == (
        problem.kind,
        problem.message,
    )
    result = runs.result_of(store.runs()[0])
    assert runs.since_last(result, store).changes is None
    with pytest.raises(UsageError, match="no run of the same watchlists before run 1"):
        runs.chosen(store, ())
    # What is sound goes on: the next run is kept, under a number of its own.
    assert 3 == runs.keep(result, store)


def test_the_run_command_names_a_damaged_run(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "data" / "screener" / "quotes.db"
    data = {"XDG_DATA_HOME": str(tmp_path / "data")}
    asked = ("run", "telecom", "--prices", "report", "--offline", "-q", "-o", "out")
    assert 0 == command(*asked, **data).returncode
    flipped(path, tmp_path / "damaged.db", blob_place(path, 1)).replace(path)
    done = command(*asked, **data)
    assert (1, 1) == (done.returncode, done.stderr.count("run 1 is not as it was written"))
    # The next one is compared with the one between, which is sound.
    assert 0 == command(*asked, **data).returncode


# --- what is missing ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [b"estimates", b"runs"])
def test_a_table_that_is_gone_is_no_empty_one(sound: Path, tmp_path: Path, name: bytes) -> None:
    path = tmp_path / "quotes.db"
    shutil.copyfile(sound, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"ALTER TABLE {name.decode()} RENAME TO another")
    store = Store(path)
    assert ([], []) == (store.vintages(SYMBOLS)["0700.HK"], store.runs())
    (problem,) = store.problems
    assert f"the store is damaged (no {name.decode()}" in problem.message
    assert "are not used" in problem.message


@pytest.mark.parametrize("end", [0.3, 0.7])
def test_a_truncated_store_is_said(sound: Path, tmp_path: Path, end: float) -> None:
    content = sound.read_bytes()
    path = tmp_path / "quotes.db"
    path.write_bytes(content[: int(len(content) * end)])
    store = Store(path)
    figures(store)
    assert any("the store is damaged (" in problem.message for problem in store.problems)
    assert {"store_unread"} == {problem.kind for problem in store.problems}


def test_nothing_is_written_to_a_damaged_file(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    flipped(sound, path, page_of(sound, "estimates") * 8 + 4 * 8)  # how many rows the page has
    before = path.read_bytes()
    store = Store(path)
    store.save({}, [Rate("USD", "CNY", 7.1, NOW, "Yahoo")], NOW)
    assert ["HKD"] * 4 == [rate.base for rate in store.every_rate()]
    assert before == path.read_bytes()
    (problem,) = store.problems
    assert "what can still be read of it is used" in problem.message


def test_a_damaged_row_keeps_nothing_else_from_being_kept(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    shutil.copyfile(sound, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE estimates SET eps = 9.9 WHERE rowid = 1")
    store = Store(path)
    assert 36 == sum(len(found) for found in store.vintages(SYMBOLS).values())
    store.save_vintages([_vintage("688981.SH", "by hand", 0)], NOW)
    assert (True, 1) == (store.has_kept_all, len(store.vintages(["688981.SH"])["688981.SH"]))
    assert ["store_unread"] == [problem.kind for problem in store.problems]
    path.write_bytes(b"no database" * 200)
    store = Store(path)
    store.save_vintages([_vintage("688981.SH", "by hand", 0)], NOW)
    assert not store.has_kept_all


def test_what_a_copy_that_was_cut_off_left_is_taken_away(sound: Path, tmp_path: Path) -> None:
    path = flipped(sound, tmp_path / "quotes.db", 24)
    old, new = tmp_path / ".screener-aa.tmp", tmp_path / ".screener-bb.tmp"
    for left in (old, new):
        left.write_text("half")
    os.utime(old, (0, 0))
    made = salvage(path)
    assert {path, made.aside, new} == set(tmp_path.iterdir())


def page_of(path: Path, table: str) -> int:
    """Where in the file the first page of a table begins."""
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((root - 1) * size)


# --- saving what is sound -------------------------------------------------------------------------


def magic(content: bytearray, _: Path) -> None:
    content[3] ^= 1


def page_size(content: bytearray, _: Path) -> None:
    content[16] ^= 1


def table_text(content: bytearray, _: Path) -> None:
    content[content.index(b"CREATE TABLE estimates") + 15] ^= 1


def no_text(content: bytearray, _: Path) -> None:
    content[content.index(b"CREATE TABLE estimates") + 25] = 0xFF


def index_row(content: bytearray, path: Path) -> None:
    content[page_of(path, "quotes_by_symbol") + 4095] ^= 1


@pytest.mark.parametrize("damage", [magic, page_size, table_text, no_text, index_row])
def test_where_no_row_is_damaged_every_one_is_saved(
    sound: Path, tmp_path: Path, damage: Callable[[bytearray, Path], None]
) -> None:
    content = bytearray(sound.read_bytes())
    damage(content, sound)
    path = tmp_path / "quotes.db"
    path.write_bytes(content)
    assert check(path).problems
    (tmp_path / "quotes.db.damaged").write_text("an older one")
    made = salvage(path)
    assert {0} == set(made.lost.values())
    assert made.kept == check(path).rows
    assert figures(Store(sound)) == figures(Store(path))
    assert () == check(path).problems
    assert (bytes(content), "quotes.db.damaged1") == (made.aside.read_bytes(), made.aside.name)
    assert "an older one" == (tmp_path / "quotes.db.damaged").read_text()
    assert {path, made.aside, tmp_path / "quotes.db.damaged"} == set(tmp_path.iterdir())


def test_of_a_table_with_a_lost_page_the_other_pages_are_saved(sound: Path, tmp_path: Path) -> None:
    content = bytearray(sound.read_bytes())
    with closing(sqlite3.connect(sound)) as connection:
        dbstat = "SELECT pageno, ncell FROM dbstat WHERE name = 'closes' AND pagetype = 'leaf'"
        try:
            pages = connection.execute(dbstat).fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite cannot say where its pages are")
    (page, rows), *_ = pages
    content[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path = tmp_path / "quotes.db"
    path.write_bytes(content)
    made = salvage(path)
    assert (180 - rows, rows) == (made.kept["closes"], made.lost["closes"])
    assert {0} == {lost for table, lost in made.lost.items() if table != "closes"}


def test_a_damaged_row_is_all_that_is_lost(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    shutil.copyfile(sound, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE estimates SET eps = 9.9 WHERE rowid = 1")
        connection.execute("DELETE FROM runs WHERE number = 2")
    found = check(path)
    assert (1, 71) == (found.damaged["estimates"], found.rows["estimates"])
    made = salvage(path)
    assert {"estimates": 1} == {table: lost for table, lost in made.lost.items() if lost}
    store = Store(path)
    # A number that was given is not given again.
    assert 3 == runs.keep(runs.result_of(store.runs()[0]), store)


def test_an_older_store_is_saved_too(tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(VERSION_0 + ROWS_0)
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)
    made = salvage(path)
    assert {0} == set(made.lost.values())
    assert {"600941.SH": 2.1e10} == Store(path).shares()


def test_a_newer_store_is_not_salvaged(tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(UsageError, match="written by a newer screener"):
        salvage(path)
    assert ([path], before) == (list(tmp_path.iterdir()), path.read_bytes())


def test_where_the_new_store_cannot_be_made_nothing_changes(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = flipped(sound, tmp_path / "quotes.db", 24)
    before = path.read_bytes()
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        salvage(path)
    assert ([path], before) == (list(tmp_path.iterdir()), path.read_bytes())


# --- backup, prune, rights ------------------------------------------------------------------------


def test_a_backup_is_the_whole_store_and_never_written_over(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "data" / "quotes.db"
    path.parent.mkdir()
    shutil.copyfile(sound, path)
    copy, problems = back_up(path, None, "2026-11-24")
    assert (path.with_name("quotes.db.2026-11-24"), []) == (copy, problems)
    assert figures(Store(path)) == figures(Store(path.with_name("quotes.db.2026-11-24")))
    again, _ = back_up(path, None, "2026-11-24")
    assert path.with_name("quotes.db.2026-11-241") == again
    named, _ = back_up(path, tmp_path / "new" / "copy.db", "2026-11-24")
    assert tmp_path / "new" / "copy.db" == named
    with pytest.raises(UsageError, match="is there, and is kept"):
        back_up(path, tmp_path / "new" / "copy.db", "2026-11-24")
    with pytest.raises(UsageError, match="there is no store yet"):
        back_up(tmp_path / "none.db", None, "2026-11-24")


def test_pruned_is_what_is_old_and_not_the_last_and_no_estimate(
    sound: Path, tmp_path: Path
) -> None:
    path = tmp_path / "quotes.db"
    shutil.copyfile(sound, path)
    before = figures(Store(path))
    soon = NOW + timedelta(1)
    # Four days of three quotes and one rate: the last of each stays; of two runs, the second.
    expected = {"runs": 1, "run_figures": 2, "quotes": 9, "rates": 3, "profiles": 0}
    assert (expected, []) == prune(path, soon, really=False)
    assert before == figures(Store(path))
    assert (expected, []) == prune(path, soon, really=True)
    store = Store(path)
    assert [2] == [run.number for run in store.runs()]
    assert [NOW] * 3 == [store.quotes(symbol)[0].fetched_at for symbol in SYMBOLS]
    assert 36 == sum(len(vintages) for vintages in store.vintages(SYMBOLS).values())
    assert (60, dict.fromkeys(SYMBOLS, 21000000000.0)) == (
        len(store.closes(SYMBOLS, DAY - timedelta(400))["0700.HK"]),
        store.shares(),
    )
    assert (dict.fromkeys(expected, 0), []) == prune(path, soon, really=True)
    assert () == check(path).problems


def test_of_a_broken_store_nothing_is_pruned(tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    path.write_bytes(b"no database" * 200)
    dropped, (problem,) = prune(path, NOW, really=True)
    assert (None, "store_unread") == (dropped, problem.kind)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_only_its_owner_reads_what_belongs_to_a_store(tmp_path: Path) -> None:
    path = tmp_path / "data" / "quotes.db"
    store = Store(path)
    store.save({}, [Rate("USD", "CNY", 7.1, NOW, "Yahoo")], NOW)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM rates").fetchone()  # makes log and lock file
        back_up(path, None, "2026-11-24")
        content = bytearray(path.read_bytes())
        made = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    assert {"quotes.db", "quotes.db-wal", "quotes.db-shm", "quotes.db.2026-11-24"} == made.keys()
    assert {0o600} == set(made.values())
    assert 0o700 == path.parent.stat().st_mode & 0o777
    content[3] ^= 1
    path.write_bytes(content)
    salvage(path)
    assert {0o600} == {each.stat().st_mode & 0o777 for each in path.parent.iterdir()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
@pytest.mark.parametrize(("before", "after"), [(0o644, 0o600), (0o664, 0o664)])
def test_an_older_store_that_others_may_read_by_default_is_its_owners(
    tmp_path: Path, before: int, after: int
) -> None:
    path = tmp_path / "quotes.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(VERSION_0)
    path.chmod(before)
    assert [] == Store(path).problems
    assert after == path.stat().st_mode & 0o777


# --- the commands ---------------------------------------------------------------------------------


def test_the_store_commands_say_what_they_found_and_did(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "data" / "screener" / "quotes.db"
    data = {"XDG_DATA_HOME": str(tmp_path / "data")}
    none = command("store", "check", **data)
    assert (2, True) == (none.returncode, "there is no store yet" in none.stderr)
    command("run", "telecom", "--prices", "report", "--offline", "-q", "-o", "out", **data)
    fine = command("store", "check", **data)
    assert (0, True) == (fine.returncode, "every row is as it was written" in fine.stdout)
    copy = command("store", "backup", tmp_path / "copy.db", **data)
    assert (0, f"{tmp_path / 'copy.db'}\n") == (copy.returncode, copy.stdout)
    dry = command("store", "prune", "--days", "30", **data)
    assert (0, True) == (dry.returncode, "nothing is older than that" in dry.stdout)
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    path.write_bytes(content)
    damaged = command("store", "check", **data)
    assert (1, True) == (damaged.returncode, "file is not a database" in damaged.stderr)
    assert content == path.read_bytes()
    saved = command("store", "check", "--salvage", **data)
    assert (0, True) == (saved.returncode, "kept as quotes.db.damaged" in saved.stdout)
    assert content == path.with_name("quotes.db.damaged").read_bytes()
    assert 0 == command("store", "check", "--lang", "zh", **data).returncode
