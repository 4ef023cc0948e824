"""When a stored price is fresh, and what the store gives back."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from screener.market_data.fallback import is_fresh
from screener.model.figures import Interval
from screener.model.records import Close, Quote, Rate, Split
from screener.store.store import Store
from tests.command import Command
from tests.conftest import NOW

DAY = date(2026, 11, 20)

# Times in Shanghai's zone, which is 8 hours before UTC. 2025-02-05 was the first session after
# the Spring Festival closure that began after 2025-01-27.
MORNING = datetime.fromisoformat("2025-02-06T10:00:00+08:00")
EVENING = datetime.fromisoformat("2025-02-06T20:00:00+08:00")


@pytest.mark.parametrize(
    ("fetched", "now", "max_age", "fresh"),
    [
        ("2025-02-06T09:59:01+08:00", MORNING, None, True),
        ("2025-02-06T09:58:59+08:00", MORNING, None, False),
        ("2025-02-06T09:58:59+08:00", MORNING, 600, True),
        ("2025-02-06T15:20:00+08:00", EVENING, None, True),
        ("2025-02-06T15:19:00+08:00", EVENING, None, False),
        ("2025-02-06T19:59:00+08:00", EVENING, 0, False),
        ("2025-02-06T20:01:00+08:00", EVENING, None, False),
        # Over the whole closure the close of its eve is the last price there is.
        ("2025-01-27T16:00:00+08:00", datetime(2025, 2, 3, 3, 0, tzinfo=UTC), None, True),
        ("2025-01-27T16:00:00+08:00", datetime(2025, 2, 5, 2, 0, tzinfo=UTC), None, False),
    ],
)
def test_a_stored_price_is_fresh_for_a_minute_or_until_the_market_opens(
    fetched: str, now: datetime, max_age: float | None, fresh: bool
) -> None:
    assert fresh == is_fresh("600941.SH", datetime.fromisoformat(fetched), now, max_age)


def quote(price: float, source: str) -> Quote:
    return Quote(
        price=price,
        currency="CNY",
        market_time=MORNING,
        as_of=date(2025, 2, 6),
        source=source,
        obtained="live",
        bounds=Interval(price, price),
    )


def test_the_last_quote_of_each_source_comes_back_newest_first(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "quotes.db")
    for minute, (price, source) in enumerate(((10.0, "A"), (11.0, "B"), (12.0, "A"))):
        now = MORNING + timedelta(minutes=minute)
        store.save({"600941.SH": quote(price, source)}, [], now)
    found = store.quotes("600941.SH")
    assert [(12.0, "A"), (11.0, "B")] == [(each.quote.price, each.quote.source) for each in found]
    assert MORNING == found[0].quote.market_time
    assert MORNING + timedelta(minutes=2) == found[0].fetched_at
    assert [] == store.quotes("600050.SH")
    assert (3, 0) == store.counts()
    assert [] == store.problems


def test_the_last_rate_of_a_pair_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "quotes.db")
    for minute, value in enumerate((0.91, 0.92)):
        rate = Rate("HKD", "CNY", value, MORNING, "A")
        store.save({}, [rate], MORNING + timedelta(minutes=minute))
    assert [Rate("HKD", "CNY", 0.92, MORNING, "A")] == store.rates()


def test_beyond_the_calendar_a_weekday_has_the_usual_hours() -> None:
    # The table of Hong Kong ends with 2030; 2060-02-03 is a Tuesday.
    trading, closed = (datetime(2060, 2, 3, hour, 0, tzinfo=UTC) for hour in (3, 20))
    assert is_fresh("0700.HK", trading - timedelta(seconds=59), trading, None)
    assert not is_fresh("0700.HK", trading - timedelta(seconds=61), trading, None)
    assert is_fresh("0700.HK", closed - timedelta(hours=9), closed, None)


@pytest.mark.parametrize("content", [b"no database" * 200, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_broken_store_is_said_each_time_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "quotes.db"
    path.write_bytes(content)
    for _ in range(2):
        store = Store(path)
        store.save({"600941.SH": quote(100.0, "Yahoo")}, [], NOW)
        assert [] == store.quotes("600941.SH")
        (problem,) = store.problems
        assert "store_unread" == problem.kind
        assert "the store is damaged (" in problem.message
        assert "`screener store check --salvage`" in problem.message
    assert ([path], content) == (list(tmp_path.iterdir()), path.read_bytes())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_may_not_be_written_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    store = Store(folder / "quotes.db")
    store.save({"600941.SH": quote(100.0, "Yahoo")}, [], NOW)
    (folder / "quotes.db").chmod(0o400)
    folder.chmod(0o500)
    try:
        found = Store(folder / "quotes.db")
        assert [100.0] == [each.quote.price for each in found.quotes("600941.SH")]
        assert ["cannot be written" in each.message for each in found.problems] == [True]
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize(
    ("damage", "read"),
    [
        ("UPDATE quotes SET market_time = 'noon'", lambda store: store.quotes("600941.SH")),
        ("UPDATE quotes SET price = 101", lambda store: store.quotes("600941.SH")),
        ("UPDATE rates SET value = 'much'", lambda store: store.rates()),
        ("UPDATE closes SET day = '2026-13-01'", lambda store: store.closes(["600941.SH"], DAY)),
        ("UPDATE splits SET ratio = 3", lambda store: store.splits(["600941.SH"])[0]),
        ("UPDATE splits SET ratio = 'two'", lambda store: store.splits(["600941.SH"])[0]),
    ],
)
def test_a_row_that_nobody_wrote_so_costs_only_itself(
    tmp_path: Path, damage: str, read: Callable[[Store], Any]
) -> None:
    store = Store(tmp_path / "quotes.db")
    store.save({"600941.SH": quote(100.0, "Yahoo")}, [Rate("HKD", "CNY", 0.9, NOW, "Yahoo")], NOW)
    store.save_closes([Close("600941.SH", DAY, 100.0, DAY, "Yahoo")], [])
    store.save_splits([Split("600941.SH", DAY, 2.0, "Yahoo")], [], NOW)
    assert 1 == len(_all(read(store)))
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(damage)
    assert [] == _all(read(store))
    (problem,) = store.problems
    assert "store_unread" == problem.kind
    assert "is not as it was written: it is not used" in problem.message


def _all(found: Any) -> list[Any]:
    return [each for rows in found.values() for each in rows] if isinstance(found, dict) else found


# --- a store that is there and cannot be read is no empty one -------------------------------------


def test_a_run_without_what_is_stored_is_loud(command: Command, tmp_path: Path) -> None:
    data = {"XDG_DATA_HOME": str(tmp_path / "data")}
    path = tmp_path / "data" / "screener" / "quotes.db"
    asked = ("run", "telecom", "--prices", "report", "--offline", "-q", "-o", "out")
    fine = command(*asked, **data)
    assert 0 == fine.returncode, fine.stderr
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        locked = command(*asked, **data)
    assert 1 == locked.returncode
    assert "can be neither read nor written" in locked.stderr
    assert "are not used" in locked.stderr


@pytest.mark.parametrize("start", [b"no database at all", b"SQLite format 3\0"])
def test_a_broken_store_is_an_error_of_the_run(
    command: Command, tmp_path: Path, start: bytes
) -> None:
    path = tmp_path / "data" / "screener" / "quotes.db"
    path.parent.mkdir(parents=True)
    content = start + b"\xff" * 4096
    path.write_bytes(content)
    asked = ("run", "telecom", "--prices", "report", "--offline", "-q")
    done = command(*asked, XDG_DATA_HOME=str(tmp_path / "data"))
    assert 1 == done.returncode
    assert "the store is damaged" in done.stderr
    assert content == path.read_bytes()
