"""What is fuzzed: of each input, how a case of it is made and tried."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import click

import screener
from screener import config
from screener.audit.audit import audit_watchlists
from screener.commands.cli import _defaults, cli
from screener.commands.menu import inner_commands
from screener.consensus.sheet import _sheet
from screener.consensus.typed_inputs import read_inputs
from screener.importing import drafts
from screener.importing.documents.child import MOST_LINES
from screener.importing.documents.formats import READERS, kind_of
from screener.importing.documents.line import limited
from screener.model.bounded import UnreadableError
from screener.model.codes import canonical
from screener.model.figures import Interval
from screener.model.input_columns import input_columns
from screener.model.messages import InputError
from screener.model.problems import Problem, bad_file
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
from screener.sources import pricefile
from screener.sources.contract import Ask
from screener.store.schema import TABLES
from screener.store.store import Store
from screener.store.tables import CHECKSUM, checksum
from screener.valuation import filters
from screener.watchlists import csvfile
from screener.watchlists.read import load_watchlists
from tests import corpus, layouts, mutations
from tests.conftest import NOW, WATCHLISTS, write_watchlist


# Told: this is how a case may end, beside ending well.
class Told(Exception):  # noqa: N818 - no error at all
    """The program said that it cannot use what it was given."""


@dataclass(frozen=True)
class Input:
    """An input: how many cases `make fuzz` tries, how many the suite, and how one is tried.

    A case gives how it ended, or raises `Told`; any other exception is what is looked for.
    """

    cases: int
    sample: int
    try_one: Callable[[Random, Path, int], str]


HOSTILE = (
    "", " ", "NaN", "inf", "-inf", "1e400", "-0", "9" * 400, "0." + "0" * 400 + "1", "1e-300",
    "=cmd()", "+1", "@SUM(A1)", "\x1b[2J", "\u202e", "\x00", "\ufeff", "００７００", "1,2,3", '"',
    "'", "'; DROP TABLE quotes; --", ";", "\t", "\n", "\r\n", "2025-02-30", "0000-00-00",
    "99999-01-01", "0001-01-01", "9999-12-31", "1764000000000", "{}", "{0}", "{x!r}", "%s", "%n",
    "../../etc/passwd", "/dev/zero", "CON", "a" * 10_000, "(" * 3_000, "[" * 3_000, "𝟞𝟘𝟘𝟡𝟜𝟙",
    "①", "−5", "1.000.000,5", "\ud7ff", "\U0010ffff", "é" * 50, "null", "true", "None", "-1",
    "0", "1", "600941.SH", "0700.HK", "腾讯", "n/a", "NM", "--", "---", "HKD/CNY", "100%", "1e5",
    "0x10", "1_000", "٣", "2026", "pe_fy1", "and", "is not", "²", "½", "12-31", "02-29", "13-45",
)  # fmt: skip


# --- making a case ----------------------------------------------------------------------------


def spoiled_text(dice: Random, text: str) -> str:
    """A text with some of it replaced, doubled, taken out, or exchanged for what is hostile."""
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        at, end = sorted(dice.randrange(len(text) + 1) for _ in range(2))
        end = min(end, at + dice.choice((1, 3, 12, 200)))
        piece = text[at:end]
        new = dice.choice(
            (dice.choice(HOSTILE), "", piece * 3, piece[::-1], chr(dice.randrange(1, 0xD7FF)))
        )
        text = (text[:at] + new + text[end:])[:200_000]
    return text


def spoiled_table(dice: Random, text: str) -> str:
    """A CSV with one of its cells hostile, or spoiled anywhere."""
    if dice.random() < 0.4:
        return spoiled_text(dice, text)
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    cells = lines[at].split(",")
    cells[dice.randrange(len(cells))] = dice.choice(HOSTILE)
    lines[at] = ",".join(cells)
    return "\n".join(lines)


def spoiled_bytes(dice: Random, content: bytes) -> bytes:
    """Bytes with some of them others, taken out, doubled, or cut off."""
    found = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        at = dice.randrange(len(found) or 1)
        how = dice.randrange(5)
        if how == 0 and found:
            found[at % len(found)] ^= 1 << dice.randrange(8)
        elif how == 1:
            found[at:at] = dice.choice(HOSTILE).encode("utf-8", "surrogatepass")
        elif how == 2:
            del found[at : at + dice.choice((1, 10, 500))]
        elif how == 3:
            found[at:at] = found[at : at + 300]
        else:
            found[at : at + 4] = dice.randbytes(4)
    return bytes(found)


def spoiled_archive(dice: Random, content: bytes) -> bytes:
    """An archive with one of its parts spoiled, missing or huge, or spoiled itself."""
    if dice.random() < 0.15:
        return spoiled_bytes(dice, content)
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        names = old.namelist()
        # Sheets and tables have the most in them that can be wrong.
        likely = [name for name in names if "sheet" in name or "document" in name] or names
        victim = dice.choice(likely if dice.random() < 0.6 else names)
        for name in names:
            part = old.read(name)
            if name != victim:
                new.writestr(name, part)
            elif dice.random() < 0.9:
                new.writestr(name, spoiled_text(dice, part.decode("utf-8", "replace")))
    return made.getvalue()


def said(problems: Any) -> str:
    return "told" if problems else "fine"


# --- the inputs -------------------------------------------------------------------------------


@cache
def every_mutation() -> list[mutations.Mutation]:
    return [each for answer in mutations.answers() for each in mutations.mutations(answer)]


def answers(_: Random, __: Path, number: int) -> str:
    mutation = every_mutation()[number % len(every_mutation())]
    if wrong := mutations.faults(mutation):
        raise AssertionError(f"{mutation}: {wrong[0]}")
    return "fine"


@cache
def bundled() -> Mapping[str, str]:
    paths = [path for path in WATCHLISTS.iterdir() if path.suffix in (".csv", ".toml")]
    return {path.name: path.read_text("utf-8-sig") for path in sorted(paths)}


def watchlists(dice: Random, folder: Path, number: int) -> str:
    victim = dice.choice([*bundled()])
    for name, text in bundled().items():
        if name == victim:
            text = spoiled_table(dice, text) if name.endswith(".csv") else spoiled_text(dice, text)
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    if number % 25 == 0:
        result = screener.screen(watchlists=folder, prices="report", now=NOW)
        return said(result.problems)
    tables, problems = load_watchlists(folder, (), on=NOW.date())
    audit_watchlists(tables)
    return said(problems)


SETTINGS = """lang = "en"
[run]
by = "peg"
where = ["pe_fy1 < 60"]
timeout = 20
prices = "report"
top = 5
[history]
years = 5
[presets.mine]
about = "Mine"
where = ["pe_fy1 < 20", "eps_cagr > 0.1"]
by = "0.5 pe_fy1 + 0.5 peg"
"""


def settings(dice: Random, folder: Path, _: int) -> str:
    path = folder / "screener.toml"
    path.write_bytes(spoiled_text(dice, SETTINGS).encode("utf-8", "surrogatepass"))
    try:
        found = config.load([path])
        _defaults(cli, found.options, str(found.path))
    except InputError:
        return "told"
    return "fine"


PRICES = """symbol,price,currency,time
600941.SH,111.00,CNY,2026-11-24
0700.HK,400.5,HKD,2026-11-24 14:30
HKD/CNY,0.92,CNY,2026-11-24
920808.BJ,45.1,CNY,2026/11/24
"""


@cache
def listings() -> Any:
    tables, _ = load_watchlists(WATCHLISTS, (), on=NOW.date())
    return [row for table in tables for row in table.listings]


def prices(dice: Random, folder: Path, number: int) -> str:
    path = folder / "prices.csv"
    path.write_bytes(spoiled_table(dice, PRICES).encode("utf-8", "surrogatepass"))
    if number % 50 == 0:
        return said(screener.screen(watchlists=WATCHLISTS, prices=path, now=NOW).problems)
    problems = pricefile.fetch(path, Ask(listings(), NOW)).problems
    return said([each for each in problems if each.kind != "no_price"])


@cache
def column_names() -> tuple[str, ...]:
    return tuple(column.name for column in input_columns((2025, 2026)))


WHERE = (
    "pe_fy1 < 60 and eps_cagr > 0", "not (market_cap > 1e3) or name like '中%'",
    "sector in ('telecom', 'media')", "pe_fy1 between 5 and 20", "eps_2026 is not null",
    "-pe_fy1 + 3 * (eps_2026 - 1) / 2 >= .5", "symbol = '600941.SH'",
)  # fmt: skip
WORDS = (
    "and", "or", "not", "is", "null", "between", "in", "like", "(", ")", ",", "<", "<=", "=", "<>",
    "+", "-", "*", "/", "1", "0", "1e309", "'x'", "''", "%", "select", "union", ";", "case", "when",
)  # fmt: skip


def where(dice: Random, _: Path, __: int) -> str:
    names = column_names()
    if dice.random() < 0.5:
        text = spoiled_text(dice, dice.choice(WHERE))
    else:
        words = (dice.choice((dice.choice(WORDS), dice.choice(names), dice.choice(HOSTILE)))
                 for _ in range(dice.randrange(1, 14)))  # fmt: skip
        text = " ".join(words)
    try:
        filters.parse(text, names, ("symbol", "name", "sector"))
    except UsageError:
        return "told"
    return "fine"


DAYS = ("2025-10-09", "2025/1/9", "1,234.50", "-0.5", "600941", "HK700", "sh600941", "0700.HK")


def days(dice: Random, _: Path, __: int) -> str:
    text = dice.choice((spoiled_text(dice, dice.choice(DAYS)), dice.choice(HOSTILE)))
    ended = set()
    for read in (csvfile.parse_day, csvfile.parse_number, canonical):
        try:
            read(text)
            ended.add("fine")
        except InputError:
            ended.add("told")
    return "fine" if "fine" in ended else "told"


# --- the store --------------------------------------------------------------------------------

STORE_SAYS = ("store", "store_unread", "improbable_price")
VALUES: tuple[Any, ...] = (
    None, "", "x", 0, -1, 1e300, -1e300, 1e-300, 9e999, 2**63 - 1, "2026-02-30", "0000-00-00",
    "9999-12-31", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", b"\x00\xff", "\x1b[2J",
    "[", '["{x}", {}]', "{}", "HKD", "600941.XX", 1.5, 40_000.0,
)  # fmt: skip


def _full_store(path: Path) -> None:
    store, day = Store(path), NOW.date()
    past = [day - timedelta(days=back) for back in range(60, 0, -1)]
    for symbol, currency in (("600941.SH", "CNY"), ("0700.HK", "HKD")):
        for back in (2, 1):
            when = NOW - timedelta(days=back)
            quote = Quote(100.0, currency, when, when.date(), "Yahoo", "close", Interval(100, 100))
            store.save({symbol: quote}, [Rate("HKD", "CNY", 0.92, when, "Yahoo")], when)
        year = Estimate(2026, date(2026, 12, 31), 5.0, Interval(5.0, 5.0), 9)
        store.save_vintages([Vintage(symbol, "Yahoo", past[0], "CNY", (year,), NOW)], NOW)
        lookup = Lookup(symbol, "Yahoo", date(2025, 1, 1), day)
        store.save_splits([Split(symbol, past[9], 2.0, "Yahoo")], [lookup], NOW)
        store.save_closes([Close(symbol, each, 90.0, day, "Yahoo") for each in past], [lookup])
        multiples = [Multiple(symbol, "pe_ttm", each, 15.0, "Eastmoney") for each in past]
        store.save_multiples(multiples, [lookup])
        known = {"eps_ttm": 4.0, "eps_currency": "CNY", "book_value": 30.0}
        store.save_profiles([Profile(symbol, "Yahoo", day, day, NOW, **known)])  # type: ignore[arg-type]


@cache
def _store_bytes() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quotes.db"
        _full_store(path)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode = DELETE")
        return path.read_bytes()


ROWS = ("600941.SH,中国移动,100,4.50,5.00,6.00,22.2,20.0,16.7,CNY",
        "0700.HK,腾讯控股,34000,4.50,5.00,6.00,20.4,18.4,15.3,CNY")  # fmt: skip


def _sealed(connection: sqlite3.Connection) -> None:
    """As if the rows had been written so: what is absurd in them is not merely damaged."""
    connection.row_factory = sqlite3.Row
    for table in TABLES:
        names = ", ".join(table.names)
        rows = connection.execute(f"SELECT rowid AS place, {names} FROM {table.name}").fetchall()  # noqa: S608
        for place, *cells in rows:
            connection.execute(
                f"UPDATE {table.name} SET {CHECKSUM} = ? WHERE rowid = ?",  # noqa: S608
                (checksum(table.name, table.names, cells), place),
            )


def store_rows(dice: Random, folder: Path, number: int) -> str:
    path = folder / "quotes.db"
    path.write_bytes(_store_bytes())
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        every = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [name for (name,) in every if not name.startswith("sqlite")]
        for _ in range(dice.choice((1, 1, 2, 4))):
            table = dice.choice(tables)
            names = [name for _, name, *_ in connection.execute(f"PRAGMA table_info ({table})")]
            count = dice.choice((1, 5, 1000))
            with contextlib.suppress(sqlite3.Error):
                connection.execute(
                    f"UPDATE OR IGNORE {table} SET {dice.choice(names)} = ? WHERE rowid IN"  # noqa: S608
                    f" (SELECT rowid FROM {table} ORDER BY rowid LIMIT {count})",
                    (dice.choice(VALUES),),
                )
        if dice.random() < 0.7:
            _sealed(connection)
    lists = write_watchlist(folder / "lists", *ROWS).parent
    now = NOW + timedelta(hours=1)
    result = screener.screen(
        watchlists=lists, prices="live", offline=True, store=path, now=now, by="pe_ttm"
    )
    if number % 4 == 0:
        _histories(lists, path, now)
    return said([each for each in result.problems if each.kind in STORE_SAYS])


def _histories(lists: Path, path: Path, now: datetime) -> None:
    from screener.market_data.coverage import load_coverage
    from screener.market_data.history import bands
    from screener.market_data.vendor_history import vendor_bands
    from screener.output.workbook.history import render_history

    coverage = load_coverage(lists, path, now)
    for line in ("consensus", "fixed"):
        made, _ = bands(coverage, coverage.listings, 1, line, now, 5, offline=True)
        render_history(made, "en")
    vendor_bands(coverage, coverage.listings, 1, "pe_ttm", now, 5, offline=True)


# --- documents and workbooks ------------------------------------------------------------------

KINDS = ("tab", "csv", "html", "xlsx", "docx", "pdf", "pipe")


@cache
def _documents() -> Mapping[str, bytes]:
    import tempfile

    figures = {year: (f"{1 + year % 7}.25", "17.10") for year in (2024, 2025, 2026)}
    names = [layouts.Name(symbol, name, cap, figures) for symbol, name, cap, *_ in corpus.NAMES]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            path = layouts.write(names, layouts.Layout(), kind, Path(folder))
            found[path.suffix] = path.read_bytes()
    return found


def _read_here(path: Path, _: float = 0) -> tuple[list[Any], list[Problem]]:
    """As `read_document` does, but without a child: this process is one."""
    try:
        kind = kind_of(path)
        lines = list(limited(READERS[kind](path), MOST_LINES))
    except UnreadableError as error:
        return [], [bad_file(path, error.message)]
    except (Exception, MemoryError) as error:  # noqa: BLE001 - as the child's: it is said
        raise Told(f"reader: {type(error).__name__}") from None
    return lines, []


def documents(dice: Random, folder: Path, _: int) -> str:
    kind = dice.choice([*_documents()])
    content = _documents()[kind]
    if kind in (".xlsx", ".docx"):
        content = spoiled_archive(dice, content)
    elif kind == ".pdf":
        content = spoiled_bytes(dice, content)
    else:
        content = spoiled_text(dice, content.decode("utf-8", "replace")).encode("utf-8", "replace")
    path = folder / f"report{kind}"
    path.write_bytes(content)
    with patch("screener.importing.drafts.read_document", _read_here):
        found = drafts.find_drafts(path)
    for each in found.drafts:
        # As the command does.
        replace(each, facts={"as_of": NOW.date(), **each.facts}).watchlist()
    return said(found.problems)


@cache
def _written() -> bytes:
    import tempfile

    from screener import write

    result = screener.screen(watchlists=WATCHLISTS, sectors=("media",), prices="report", now=NOW)
    with tempfile.TemporaryDirectory() as folder:
        return write(result, Path(folder) / "screen.xlsx", "en").read_bytes()


def workbooks(dice: Random, folder: Path, _: int) -> str:
    path = folder / "screen.xlsx"
    path.write_bytes(spoiled_archive(dice, _written()))
    try:
        messages = json.loads(json.dumps(list(_sheet(path))))
    except UnreadableError:
        return "told"
    except (Exception, MemoryError) as error:  # noqa: BLE001 - as the child's: it is said
        raise Told(f"reader: {type(error).__name__}") from None
    with patch("screener.consensus.sheet.read_in_child", lambda *_, **__: (messages, "")):
        return said(read_inputs(path).problems)


# --- command lines ----------------------------------------------------------------------------

# These wait for a person, a browser or another engine, or would watch for ever.
NOT_TRIED = ("open", "watch", "engine", "install")


Called = tuple[tuple[str, ...], click.Command]


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[Called]:
    for name, command in inner_commands(group).items():
        if name in NOT_TRIED:
            continue
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        yield (*path, name), command


PLAUSIBLE = (
    "600941.SH", "0700.HK", "telecom", "media", "pe_fy1", "peg", "2025-01-31", "report", "live",
    "watchlists", "prices.csv", "screen.xlsx", "out", "out.csv", "-", "CNY", "2026", "5", "0.5",
    "en", "zh", "json", "csv", "mine", "pe_fy1 < 60", "latest", "report.txt", ".", "none", "garp",
)  # fmt: skip


def command_lines(dice: Random, folder: Path, _: int) -> str:
    shutil.copytree(WATCHLISTS, folder / "watchlists")
    (folder / "prices.csv").write_text(PRICES, encoding="utf-8")
    (folder / "report.txt").write_bytes(_documents()[".txt"])
    path, command = dice.choice([*_commands(cli)])
    arguments = [*path]
    for option in command.params:
        is_option = isinstance(option, click.Option)
        name = max(option.opts, key=len).lstrip("-")
        if name in NOT_TRIED or dice.random() > (0.25 if is_option else 0.8):
            continue
        value = dice.choice(PLAUSIBLE if dice.random() < 0.7 else HOSTILE)
        is_flag = isinstance(option, click.Option) and (option.is_flag or option.count)
        arguments += [f"--{name}"] if is_flag else [f"--{name}", value] if is_option else [value]
    if dice.random() < 0.1:
        arguments.insert(dice.randrange(len(arguments) + 1), dice.choice(HOSTILE))
    arguments = [each.replace("\x00", "") for each in arguments]  # no command line can have it
    with _in_folder(folder):
        return _run(arguments)


def _run(arguments: list[str]) -> str:
    try:
        code = cli(arguments, standalone_mode=False)
    except click.exceptions.Exit as stop:
        return f"exit {stop.exit_code}"
    except (click.ClickException, click.Abort):
        return "exit 2"
    except OSError:
        return "exit 3"
    return f"exit {code or 0}"


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """The command in a folder, with a home and a store of its own, and no vendor to be reached."""
    import sys

    streams = sys.stdin, sys.stdout, sys.stderr
    before, variables = Path.cwd(), dict(os.environ)
    nowhere = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:9")
    home = {"HOME": "", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config"}
    os.environ |= {**nowhere, "NO_PROXY": "", "COLUMNS": "100"}
    os.environ |= {name: str(folder / place) for name, place in home.items()}
    os.chdir(folder)
    sys.stdin = StringIO("")
    sys.stdout, sys.stderr = (TextIOWrapper(BytesIO(), "utf-8", "replace") for _ in range(2))
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        os.chdir(before)
        os.environ.clear()
        os.environ |= variables


INPUTS: Mapping[str, Input] = {
    "answers": Input(32_000, 0, answers),
    "where": Input(6_000, 200, where),
    "days": Input(6_000, 300, days),
    "watchlists": Input(2_000, 40, watchlists),
    "settings": Input(2_000, 150, settings),
    "prices": Input(2_000, 60, prices),
    "store": Input(600, 8, store_rows),
    "documents": Input(800, 20, documents),
    "workbooks": Input(300, 5, workbooks),
    "commands": Input(600, 24, command_lines),
}
