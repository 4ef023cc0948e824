"""The tables are what their records say, and stores of every version are opened or refused."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.model.extents import KEPT, SHARES
from screener.model.figures import Interval
from screener.model.messages import NOTHING, Sentence, say
from screener.model.records import Close, Estimate, Lookup, Quote, Rate, Span, Split, Vintage
from screener.store import copies, schema
from screener.store.kept import KeptFigure, KeptRun, Stored
from screener.store.store import Store
from screener.store.tables import Table
from tests.command import screener
from tests.conftest import NOW

DAY = date(2026, 11, 20)

# What every store was made by before schemas had versions. It is never changed.
VERSION_0 = """
CREATE TABLE IF NOT EXISTS quotes (
    symbol TEXT NOT NULL, price REAL NOT NULL, currency TEXT NOT NULL,
    market_time TEXT NOT NULL, as_of TEXT NOT NULL, source TEXT NOT NULL,
    obtained TEXT NOT NULL, fetched_at TEXT NOT NULL, delay_minutes INTEGER,
    shares REAL,
    UNIQUE (symbol, source, fetched_at)
);
CREATE TABLE IF NOT EXISTS rates (
    base TEXT NOT NULL, quote TEXT NOT NULL, value REAL NOT NULL,
    market_time TEXT NOT NULL, source TEXT NOT NULL, fetched_at TEXT NOT NULL,
    UNIQUE (base, quote, source, fetched_at)
);
CREATE INDEX IF NOT EXISTS quotes_by_symbol ON quotes (symbol, fetched_at);
CREATE TABLE IF NOT EXISTS estimates (
    symbol TEXT NOT NULL, source TEXT NOT NULL, as_of TEXT NOT NULL, fetched_at TEXT NOT NULL,
    currency TEXT NOT NULL, note TEXT NOT NULL, fiscal_year INTEGER NOT NULL,
    period_end TEXT NOT NULL, eps REAL NOT NULL, eps_low REAL NOT NULL, eps_high REAL NOT NULL,
    analysts INTEGER,
    UNIQUE (symbol, source, as_of, fetched_at, fiscal_year)
);
CREATE TABLE IF NOT EXISTS accepted (
    symbol TEXT NOT NULL, source TEXT NOT NULL, fetched_at TEXT NOT NULL,
    currency TEXT NOT NULL, accepted_at TEXT NOT NULL, per_receipt INTEGER,
    UNIQUE (symbol, source, fetched_at)
);
CREATE TABLE IF NOT EXISTS splits (
    symbol TEXT NOT NULL, ex_date TEXT NOT NULL, ratio REAL NOT NULL, source TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    UNIQUE (symbol, source, ex_date, ratio)
);
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, generated_at TEXT NOT NULL, price_day TEXT NOT NULL,
    prices TEXT NOT NULL, ranked_by TEXT NOT NULL, names INTEGER NOT NULL, sectors TEXT NOT NULL,
    version TEXT NOT NULL, facts BLOB NOT NULL, frame BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS run_figures (
    run INTEGER NOT NULL, sector TEXT NOT NULL, symbol TEXT NOT NULL, pe REAL,
    UNIQUE (run, sector, symbol)
);
CREATE TABLE IF NOT EXISTS closes (
    symbol TEXT NOT NULL, day TEXT NOT NULL, close REAL NOT NULL, per_share_of TEXT NOT NULL,
    source TEXT NOT NULL,
    UNIQUE (symbol, day)
);
CREATE TABLE IF NOT EXISTS close_lookups (
    symbol TEXT NOT NULL, source TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
    UNIQUE (symbol, source, since)
);
CREATE TABLE IF NOT EXISTS split_lookups (
    symbol TEXT NOT NULL, source TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
    UNIQUE (symbol, source, since)
);
"""
# What was added since as tables of their own.
NEW_TABLES = """
CREATE TABLE IF NOT EXISTS profiles (
    symbol TEXT NOT NULL, source TEXT NOT NULL, as_of TEXT NOT NULL, per_share_of TEXT NOT NULL,
    fetched_at TEXT NOT NULL, name TEXT NOT NULL, name_en TEXT NOT NULL, year_end TEXT NOT NULL,
    eps_ttm REAL, eps_currency TEXT NOT NULL, book_value REAL, dividend REAL,
    accounts_currency TEXT NOT NULL, market_cap REAL, price REAL, previous_close REAL,
    own_pe REAL, own_pb REAL, own_yield REAL,
    UNIQUE (symbol, source, as_of)
);
CREATE TABLE IF NOT EXISTS multiples (
    symbol TEXT NOT NULL, metric TEXT NOT NULL, day TEXT NOT NULL, value REAL NOT NULL,
    source TEXT NOT NULL,
    UNIQUE (symbol, metric, day)
);
CREATE TABLE IF NOT EXISTS multiple_lookups (
    symbol TEXT NOT NULL, source TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
    UNIQUE (symbol, source, since)
);
"""
# What the steps add to it, all of them.
STEPS = (
    """
ALTER TABLE quotes ADD COLUMN previous_close REAL;
ALTER TABLE quotes ADD COLUMN confirmed_by TEXT;
ALTER TABLE estimates ADD COLUMN is_actual INTEGER;
"""
    + NEW_TABLES
    + "".join(
        f"ALTER TABLE {table} ADD COLUMN checksum INTEGER;\n"
        for table in (
            "quotes",
            "rates",
            "estimates",
            "accepted",
            "splits",
            "runs",
            "run_figures",
            "closes",
            "close_lookups",
            "split_lookups",
            "profiles",
            "multiples",
            "multiple_lookups",
        )
    )
    + """
CREATE INDEX quotes_with_shares ON quotes (symbol, fetched_at) WHERE shares IS NOT NULL;
CREATE INDEX runs_by_what ON runs (sectors, ranked_by);
"""
)
# Before 2026-11-24 this was all.
BEFORE = """
CREATE TABLE quotes (
    symbol TEXT NOT NULL, price REAL NOT NULL, currency TEXT NOT NULL,
    market_time TEXT NOT NULL, as_of TEXT NOT NULL, source TEXT NOT NULL,
    obtained TEXT NOT NULL, fetched_at TEXT NOT NULL,
    UNIQUE (symbol, source, fetched_at)
);
INSERT INTO quotes VALUES ('600941.SH', 100.5, 'CNY', '2026-11-20T07:00:00+00:00',
    '2026-11-20', 'Yahoo', 'live', '2026-11-20T07:01:00+00:00');
"""
ROWS_0 = """
INSERT INTO quotes VALUES ('600941.SH', 100.5, 'CNY', '2026-11-20T07:00:00+00:00',
    '2026-11-20', 'Yahoo', 'live', '2026-11-20T07:01:00+00:00', 15, 2.1e10);
INSERT INTO rates VALUES ('HKD', 'CNY', 0.91, '2026-11-20T07:00:00+00:00', 'Yahoo',
    '2026-11-20T07:01:00+00:00');
INSERT INTO estimates VALUES ('600941.SH', 'Yahoo', '2026-11-20', '2026-11-20T07:01:00+00:00',
    'CNY', '["{count} analysts", {"count": 3}]', 2026, '2026-12-31', 7.5, 7.25, 7.75, 3);
INSERT INTO estimates VALUES ('600941.SH', 'by hand', '2026-11-20', '2026-11-20T07:02:00+00:00',
    '', 'as it is read', 2026, '2026-12-31', 8.0, 8.0, 8.0, NULL);
INSERT INTO accepted VALUES ('600941.SH', 'by hand', '2026-11-20T07:02:00+00:00', 'HKD',
    '2026-11-20T07:03:00+00:00', 2);
INSERT INTO splits VALUES ('600941.SH', '2026-11-20', 1.4, 'Yahoo', '2026-11-20T07:01:00+00:00');
INSERT INTO split_lookups VALUES ('600941.SH', 'Yahoo', '2025-01-31', '2026-11-20');
INSERT INTO runs VALUES (7, '2026-11-20T07:01:00+00:00', '2026-11-20', 'auto', 'pe_fy1', 1,
    'telecom', '1.0', x'00ff', x'0102');
INSERT INTO run_figures VALUES (7, 'telecom', '600941.SH', 13.5);
INSERT INTO run_figures VALUES (7, 'telecom', '600050.SH', NULL);
INSERT INTO closes VALUES ('600941.SH', '2026-11-20', 100.5, '2026-11-20', 'Yahoo');
INSERT INTO close_lookups VALUES ('600941.SH', 'Yahoo', '2025-01-31', '2026-11-20');
"""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def made(path: Path, script: str) -> Path:
    with opened(path) as connection:
        connection.executescript(f"PRAGMA journal_mode = WAL; {script}")
    return path


def version_of(path: Path) -> int:
    with opened(path) as connection:
        return schema.version(connection)


# --- what the tables are ----------------------------------------------------------------------


@pytest.mark.parametrize("table", schema.TABLES, ids=lambda table: table.name)
def test_the_columns_of_a_table_are_the_fields_of_its_record(
    tmp_path: Path, table: Table[Any]
) -> None:
    kinds = {float: "REAL", int: "INTEGER", bool: "INTEGER", bytes: "BLOB"}  # of the rest a text
    named = {"by": "ranked_by"}
    types = get_type_hints(table.record)
    expected = []
    for each in fields(table.record):
        kind, *empty = get_args(types[each.name]) or (types[each.name],)
        is_number = each.name == table.number
        expected.append(
            (
                named.get(each.name, each.name),
                kinds.get(kind, "TEXT"),
                not empty and not is_number,
                is_number,
            )
        )
    expected.append(("checksum", "INTEGER", False, False))
    Store(tmp_path / "quotes.db")
    with opened(tmp_path / "quotes.db") as connection:
        there = connection.execute(f"PRAGMA table_info ({table.name})").fetchall()
    assert expected == [
        (name, kind, bool(full), bool(key)) for _, name, kind, full, _, key in there
    ]


def shape(path: Path) -> dict[str, Any]:
    """All that can be asked of a file's tables and their indices."""
    found: dict[str, Any] = {}
    with opened(path) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        for name in sorted(names):
            indices = connection.execute(f"PRAGMA index_list ({name})").fetchall()
            found[name] = (
                connection.execute(f"PRAGMA table_info ({name})").fetchall(),
                connection.execute(f"PRAGMA index_info ({name})").fetchall(),
                sorted(row[1:] for row in indices),
            )
    return found


def test_a_new_store_is_as_stores_always_were(tmp_path: Path) -> None:
    Store(tmp_path / "new.db")
    assert shape(made(tmp_path / "old.db", VERSION_0 + STEPS)) == shape(tmp_path / "new.db")
    assert schema.VERSION == version_of(tmp_path / "new.db")


# --- every record comes back ------------------------------------------------------------------

ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
# To SQLite's JSON, by which symbols are asked for, a NUL ends a text: no symbol has one.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
SENTENCES = st.one_of(
    st.just(NOTHING),
    TEXTS.map(lambda text: say("{text}", text=text)),
    st.integers(0, 99).map(lambda count: say("{known}; {odd}", known=say("empty"), odd=count)),
)
OF_TYPE: Mapping[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    bytes: st.binary(max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    date: st.dates(date(1970, 1, 1), date(2099, 12, 31)),
    datetime: st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30), timezones=ZONES),  # noqa: DTZ001
    Sentence: SENTENCES,
    bool: st.booleans(),
    type(None): st.none(),
}


def of_field(name: str, kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type; of a figure that has a size, of that."""
    if name in KEPT and kind is float:
        return st.floats(KEPT[name].least, KEPT[name].most)
    if name in KEPT and kind is int:
        return st.integers(int(KEPT[name].least), int(KEPT[name].most))
    return OF_TYPE[kind]


def records(record: type, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    types = get_type_hints(record)
    found = {
        each.name: st.one_of(
            *(
                of_field(each.name, kind)
                for kind in get_args(types[each.name]) or (types[each.name],)
            )
        )
        for each in fields(record)
        if each.name not in given
    }
    return st.builds(record, **found, **given)


@pytest.mark.parametrize("table", schema.TABLES, ids=lambda table: table.name)
@settings(max_examples=50)
@given(data=st.data())
def test_every_record_comes_back_equal(table: Table[Any], data: st.DataObject) -> None:
    record = data.draw(records(table.record))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute(table.create)
        connection.executemany(*table.insert([record]))
        row = connection.execute(table.select()).fetchone()
    found = table.reader()(row)
    assert record == found
    for name in (each.name for each in fields(record)):
        before, after = getattr(record, name), getattr(found, name)
        if isinstance(before, Sentence):
            assert before.said("zh") == after.said("zh")


def bounded(price: float) -> Interval:
    return Interval(price, price)


QUOTES = records(
    Quote,
    price=st.just(3.5),
    bounds=st.just(bounded(3.5)),
    shares=st.one_of(st.none(), st.floats(SHARES.least, SHARES.most)),
    obtained=st.sampled_from(("live", "close", "file")),
    dated_by=st.just("time"),
    fetched_at=st.none(),
)
ESTIMATES = st.lists(
    records(Estimate, bounds=st.builds(Interval, *(of_field("eps_low", float),) * 2)),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.fiscal_year,
).map(lambda found: tuple(sorted(found, key=lambda each: each.fiscal_year)))
VINTAGES = records(Vintage, estimates=ESTIMATES, fetched_at=OF_TYPE[datetime])


@settings(max_examples=25)
@given(QUOTES, records(Rate), records(Split), records(Close), records(Lookup))
def test_what_is_saved_is_what_is_given_back(
    tmp_path_factory: pytest.TempPathFactory,
    quote: Quote,
    rate: Rate,
    split: Split,
    close: Close,
    lookup: Lookup,
) -> None:
    store = Store(tmp_path_factory.mktemp("kept") / "quotes.db")
    store.save({"A": quote}, [rate], NOW)
    store.save_splits([split], [lookup], NOW)
    store.save_closes([close], [lookup])
    assert [Stored(replace(quote, obtained="cached"), NOW)] == store.quotes("A")
    assert [rate] == store.rates()
    assert ([split], [lookup]) == store.splits({split.symbol, lookup.symbol})
    assert [close] == store.closes([close.symbol], close.day)[close.symbol]
    assert (lookup.since, lookup.until) == store.closes_span(lookup.symbol)
    counted = {} if quote.shares is None else {"A": quote.shares}
    assert counted == store.shares()
    assert [] == store.problems


@settings(max_examples=25)
@given(VINTAGES)
def test_a_vintage_comes_back_with_what_was_said_of_it(
    tmp_path_factory: pytest.TempPathFactory, vintage: Vintage
) -> None:
    store = Store(tmp_path_factory.mktemp("kept") / "quotes.db")
    store.save_vintages([vintage], NOW)
    # That a person looked at it is kept as of now, and what it is per with that.
    was_seen = vintage.accepted_at is not None
    seen = {"per_receipt": vintage.per_receipt, "accepted_at": NOW} if was_seen else {
        "per_receipt": None
    }  # fmt: skip
    assert [replace(vintage, **seen)] == store.vintages([vintage.symbol])[vintage.symbol]


@settings(max_examples=25)
@given(records(KeptRun), records(KeptFigure))
def test_a_run_comes_back_with_its_figures(
    tmp_path_factory: pytest.TempPathFactory, run: KeptRun, figure: KeptFigure
) -> None:
    store = Store(tmp_path_factory.mktemp("kept") / "quotes.db")
    assert [1, 2] == [store.save_run(run, [figure]) for _ in range(2)]
    assert [replace(run, number=at) for at in (1, 2)] == store.runs()
    assert [replace(figure, run=at, price_day=run.price_day) for at in (1, 2)] == store.figures()


def test_what_was_never_fetched_cannot_be_accepted(tmp_path: Path) -> None:
    vintage = Vintage("A", "Wind", DAY, "CNY", (Estimate(2026, DAY, 1.0, bounded(1.0)),))
    store = Store(tmp_path / "quotes.db")
    store.save_vintages([vintage], NOW)
    assert [] == store.vintages(["A"])["A"]
    with pytest.raises(ValueError, match="Wind of 2026-11-20 was never fetched"):
        store.accept([vintage], NOW)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE estimates SET note = '[1]' WHERE source = 'Yahoo'",
        "UPDATE estimates SET note = '[\"{gone}\", {}]' WHERE source = 'Yahoo'",
        "UPDATE estimates SET fiscal_year = 'this' WHERE source = 'Yahoo'",
        "UPDATE estimates SET eps = 'much' WHERE source = 'Yahoo'",
        "UPDATE accepted SET accepted_at = 'noon'",
        "UPDATE accepted SET currency = x'00'",
    ],
)
def test_a_damaged_year_leaves_the_other_vintages(tmp_path: Path, damage: str) -> None:
    Store(made(tmp_path / "quotes.db", VERSION_0 + ROWS_0))
    store = Store(made(tmp_path / "quotes.db", damage))
    left = store.vintages(["600941.SH"])["600941.SH"]
    assert (["by hand"] if "estimates" in damage else ["Yahoo", "by hand"]) == [
        vintage.source for vintage in left
    ]
    assert [None] == [left[-1].accepted_at] or "estimates" in damage
    (problem,) = store.problems
    assert "store_unread" == problem.kind
    assert f"in the store a row of {damage.split()[1]} (600941.SH, " in problem.message
    assert "is not as it was written: it is not used" in problem.message


def test_what_was_never_readable_is_named_after_the_step_too(tmp_path: Path) -> None:
    never = "UPDATE estimates SET eps = 'much' WHERE source = 'Yahoo'"
    store = Store(made(tmp_path / "quotes.db", VERSION_0 + ROWS_0 + never))
    assert ["by hand"] == [each.source for each in store.vintages(["600941.SH"])["600941.SH"]]
    (problem,) = store.problems
    assert "a row of estimates (600941.SH, Yahoo, 2026-11-20, " in problem.message


# --- stores of other versions -----------------------------------------------------------------


def test_a_store_of_today_opens_and_keeps_its_rows(tmp_path: Path) -> None:
    store = Store(made(tmp_path / "quotes.db", VERSION_0 + ROWS_0))
    first, second, third = (datetime(2026, 11, 20, 7, at, tzinfo=UTC) for at in (0, 1, 2))
    quote = Quote(100.5, "CNY", first, DAY, "Yahoo", "cached", bounded(100.5), None, 15, 2.1e10)
    assert [Stored(quote, second)] == store.quotes("600941.SH")
    assert {"600941.SH": 2.1e10} == store.shares()
    assert [Rate("HKD", "CNY", 0.91, first, "Yahoo")] == store.rates()
    lookup = Lookup("600941.SH", "Yahoo", date(2025, 1, 31), DAY)
    assert ([Split("600941.SH", DAY, 1.4, "Yahoo")], [lookup]) == store.splits(["600941.SH"])
    closes = [Close("600941.SH", DAY, 100.5, DAY, "Yahoo")]
    assert closes == store.closes(["600941.SH"], DAY)["600941.SH"]
    assert Span(date(2025, 1, 31), DAY) == store.closes_span("600941.SH")
    yahoo, typed = store.vintages(["600941.SH"])["600941.SH"]
    end = date(2026, 12, 31)
    assert (Estimate(2026, end, 7.5, Interval(7.25, 7.75), 3),) == yahoo.estimates
    assert ("CNY", None, None) == (yahoo.currency, yahoo.accepted_at, yahoo.per_receipt)
    assert ("3 analysts", "3 位分析师") == (yahoo.note, yahoo.note.said("zh"))
    assert (Estimate(2026, end, 8.0, bounded(8.0), None),) == typed.estimates
    assert ("HKD", 2, "as it is read") == (typed.currency, typed.per_receipt, typed.note)
    assert (third, datetime(2026, 11, 20, 7, 3, tzinfo=UTC)) == (
        typed.fetched_at,
        typed.accepted_at,
    )
    run = KeptRun(7, second, DAY, "auto", "pe_fy1", 1, "telecom", "1.0", b"\x00\xff", b"\1\2")
    assert [run] == store.runs()
    figures = [("600050.SH", None), ("600941.SH", 13.5)]
    assert figures == sorted((each.symbol, each.pe) for each in store.figures())
    assert 8 == store.save_run(run, [])
    assert [] == store.problems
    assert schema.VERSION == version_of(store.path)


def test_an_older_store_gains_what_it_lacks(tmp_path: Path) -> None:
    store = Store(made(tmp_path / "quotes.db", BEFORE))
    (found,) = store.quotes("600941.SH")
    assert (100.5, None, None) == (found.quote.price, found.quote.delay_minutes, found.quote.shares)
    counted = replace(found.quote, delay_minutes=15, shares=2.1e10)
    store.save({"600941.SH": counted}, [], NOW)
    assert [Stored(counted, NOW)] == store.quotes("600941.SH")
    assert ((2, 0), {"600941.SH": 2.1e10}) == (store.counts(), store.shares())
    assert [] == store.problems
    assert shape(made(tmp_path / "other.db", VERSION_0 + STEPS)) == shape(store.path)
    assert schema.VERSION == version_of(store.path)


def test_a_store_that_several_runs_open_at_once_is_brought_up_once(tmp_path: Path) -> None:
    path = made(tmp_path / "quotes.db", BEFORE)
    with ThreadPoolExecutor(8) as pool:
        problems = [store.problems for store in pool.map(Store, [path] * 8)]
    assert [[]] * 8 == problems
    assert shape(made(tmp_path / "other.db", VERSION_0 + STEPS)) == shape(path)


def test_a_step_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE quotes ADD COLUMN mood TEXT")
        connection.execute("ALTER TABLE nowhere ADD COLUMN mood TEXT")

    path = made(tmp_path / "quotes.db", BEFORE)
    before = shape(path)
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, half))
        patched.setattr(schema, "VERSION", schema.VERSION + 1)
        (problem,) = Store(path).problems
    assert "store_unread" == problem.kind
    assert (
        "the store is of an older form (schema 0, this one is 4) and cannot be brought up to date"
        " (no such table: nowhere)" in problem.message
    )
    assert (0, before) == (version_of(path), shape(path))
    assert [100.5] == [each.quote.price for each in Store(path).quotes("600941.SH")]
    assert shape(made(tmp_path / "other.db", VERSION_0 + STEPS)) == shape(path)


@pytest.mark.parametrize(("script", "found"), [(BEFORE, 0), (VERSION_0 + ROWS_0, 0),
    (VERSION_0 + ROWS_0 + "PRAGMA user_version = 1;", 1)])  # fmt: skip
def test_before_the_first_step_a_copy_is_put_beside(
    tmp_path: Path, script: str, found: int
) -> None:
    path = made(tmp_path / "quotes.db", script)
    with opened(path) as connection:
        before = list(connection.iterdump())
    Store(path)
    copy = tmp_path / f"quotes.db.schema{found}"
    with opened(copy) as connection:
        assert before == list(connection.iterdump())
    assert [path, copy] == sorted(tmp_path.iterdir())
    # Of a store of today none is made, and one that is there is not written over.
    Store(path)
    assert [path, copy] == sorted(tmp_path.iterdir())
    first = copy.read_bytes()
    Store(made(path, f"PRAGMA user_version = {found};"))
    assert [path, copy, copy.with_name(f"{copy.name}1")] == sorted(tmp_path.iterdir())
    assert first == copy.read_bytes()


def test_without_room_for_a_copy_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = made(tmp_path / "quotes.db", VERSION_0 + ROWS_0)
    before = path.read_bytes()
    monkeypatch.setattr(copies, "copy", full)
    (problem,) = Store(path).problems
    assert "cannot be brought up to date ([Errno 28] No space left on device)" in problem.message
    assert before == path.read_bytes()


NEWER = "CREATE TABLE quotes (another TEXT); PRAGMA user_version = 7;"
REFUSAL = (
    "the store was written by a newer screener (schema 7, this one knows 3): update, or name"
    " another store: estimates, prices, splits and share counts in it are not used"
)


def test_a_newer_store_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = made(tmp_path / "quotes.db", NEWER)
    before = path.read_bytes()
    store = Store(path)
    (problem,) = store.problems
    assert ("store_unread", str(path), REFUSAL) == (problem.kind, problem.where, problem.message)
    assert "存储由更新版本的 screener 写入 (结构 7，本版本只识 3)" in problem.message.said("zh")
    store.save({}, [Rate("HKD", "CNY", 0.91, NOW, "Yahoo")], NOW)
    assert ([], (0, 0), []) == (store.rates(), store.counts(), store.runs())
    assert [problem] == store.problems
    assert ([path], before) == (list(tmp_path.iterdir()), path.read_bytes())


def test_a_newer_store_is_refused_where_its_version_stands_in_the_log_only(tmp_path: Path) -> None:
    path = made(tmp_path / "quotes.db", VERSION_0)
    code = (
        "import os, sqlite3, sys\nconnection = sqlite3.connect(sys.argv[1])\n"
        "connection.execute('PRAGMA user_version = 7')\nos._exit(0)"  # as if killed
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    before = {each: each.read_bytes() for each in tmp_path.iterdir() if each.suffix != ".db-shm"}
    assert [REFUSAL] == [each.message for each in Store(path).problems]
    assert before == {each: each.read_bytes() for each in before}
    assert 7 == version_of(path)


def test_a_run_goes_on_without_a_newer_store(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "screener"
    folder.mkdir(parents=True)
    path = made(folder / "quotes.db", NEWER)
    before = path.read_bytes()
    data = {"XDG_DATA_HOME": str(tmp_path / "data")}
    done = screener(tmp_path, data, "run", "telecom", "--prices", "report")
    assert (True, 1) == ("600941.SH" in done.stdout, done.stderr.count(REFUSAL))
    assert ([path], before) == (list(folder.iterdir()), path.read_bytes())
