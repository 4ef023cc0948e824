"""Every fault, on every call to a vendor, in every command: `make faults`.

The real yfinance and akshare ask the vendor on loopback, which fails in one way at one place. A
cell is told apart by its command, the call and the fault, and can be had again:

    python -m tests.outages --cell 'run live, quote, hang'
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from random import Random
from threading import Lock
from typing import Any
from uuid import uuid4

import trustme

from screener.model.problems import PROBLEM_KINDS
from tests import warm
from tests.command import surroundings
from tests.loopback import Market, Vendor, running
from tests.outage_cells import CALLS, CHANGES, DOINGS, SLOW, Call, Cell, Doing, cells
from tests.outage_world import NAMES, RATE, RATIO, SPLIT, Truth, market, write_lists

# What is slow is cut off after so many seconds; what fails at once ends long before the other.
SLOW_SECONDS, QUICK_SECONDS = 3, 30
# A command may take so much longer than its limit, beside what it takes where nothing fails: that
# is measured once, and grows with the load of the machine.
GRACE_SECONDS, BUSY = 3, 3
# A process that does not end at all.
HUNG_SECONDS = 150
STORE = Path("data/screener/quotes.db")
# By this every process of a cell is known.
MARK = "SCREENER_TESTS_CELL"
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
LIVE = ("live", "close", "delayed", "halted")


@dataclass
class Ended:
    """How a command ended: what it said, and after how many seconds."""

    code: int
    out: str
    err: str
    seconds: float
    limit: float
    left: list[str]

    def lines_of(self, kind: str) -> list[str]:
        """What was said of a kind of problem."""
        title = PROBLEM_KINDS[kind].label("en")
        found: list[str] = []
        inside = False
        for line in self.err.splitlines():
            if not line.startswith(" "):
                inside = bool(re.match(rf"(error|warning|note): {re.escape(title)} \(", line))
            elif inside:
                found.append(line.strip())
        return found

    @property
    def has_gap(self) -> bool:
        return any(self.lines_of(kind.name) for kind in PROBLEM_KINDS.values() if kind.is_gap)


class Bench:
    """A folder, a vendor and what is true, to try cells on one after the other."""

    def __init__(self, folder: Path, vendor: Vendor, warmth: dict[str, str]) -> None:
        self.folder, self.vendor, self.warmth = folder, vendor, warmth
        self.authority = vendor.authority

    def healthy(self) -> None:
        self.vendor.faults, self.vendor.changes = {}, {}
        self.vendor.proxy_status, self.vendor.authority = 200, self.authority
        self.vendor.asked.clear()

    def home(self) -> Path:
        """A new folder with the watchlists, and nothing stored."""
        home = Path(tempfile.mkdtemp(dir=self.folder))
        write_lists(home)
        (home / "tmp").mkdir()
        return home

    def run(self, home: Path, words: str, limit: float, lists: str = "lists") -> Ended:
        """Run a command led to the vendor."""
        mark = uuid4().hex
        port = 9 if self.vendor.proxy_status == 0 else self.vendor.port
        variables = {
            **self.warmth,
            **self.vendor.environment(home),
            **dict.fromkeys(PROXIES, f"http://127.0.0.1:{port}"),
            "SCREENER_LANG": "en",
            "COLUMNS": "200",
            "XDG_CONFIG_HOME": str(home / "config"),
            "TMPDIR": str(home / "tmp"),
            MARK: mark,
        }
        folder = ["-w", str(home / lists)] if lists else []
        words_ = [sys.executable, "-m", "screener", *words.split(), *folder]
        started = time.monotonic()
        process = subprocess.Popen(
            words_,
            cwd=home,
            env=surroundings(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        try:
            out, err = process.communicate(timeout=HUNG_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        seconds = time.monotonic() - started
        return Ended(process.returncode, out, err, seconds, limit, [*left_over(mark, home)])

    def set_up(self, cell: Cell) -> None:
        """Break the vendor as the cell says."""
        vendor, call = self.vendor, CALLS.get(cell.call, Call(""))
        self.healthy()
        if cell.fault.startswith("proxy"):
            vendor.proxy_status = int(cell.fault.split()[1])
        elif cell.fault == "no network":
            vendor.proxy_status = 0
        elif cell.fault == "untrusted":
            vendor.authority = self.folder / "nobody.pem"
            trustme.CA().cert_pem.write_to_path(str(vendor.authority))
        elif cell.fault in CHANGES:
            vendor.changes = {call.part: CHANGES[cell.fault]}
            vendor.faults = dict(call.before)
        else:
            vendor.faults = {call.part: cell.fault, **call.before}

    def try_one(self, cell: Cell, usual: float) -> list[str]:
        """What falls in a cell: nothing, if all is as it should be."""
        doing, home = DOINGS[cell.doing], self.home()
        self.healthy()
        if doing.before:
            self.run(home, doing.before, QUICK_SECONDS)
        self.set_up(cell)
        ended = self.run(home, *limited(doing, cell))
        self.healthy()
        found = [*of_process(ended, usual), *of_outages(cell, ended)]
        truth = Truth(self.vendor.market)
        found += judged(cell, ended, home, truth)
        return [*found, *truth.of_store(home / STORE)]


def limited(doing: Doing, cell: Cell) -> tuple[str, float, str]:
    """The words of a command, its limit and its watchlists."""
    limit = doing.seconds or (SLOW_SECONDS if cell.is_slow else QUICK_SECONDS)
    option = f" --timeout {limit:g}" if doing.has_timeout else ""
    return f"{doing.words}{option}", limit, doing.lists


def left_over(mark: str, home: Path) -> Iterator[str]:
    """Processes of a cell that go on, and files that were to be there for a while only."""
    until = time.monotonic() + 2
    while (alive := _alive(mark)) and time.monotonic() < until:
        time.sleep(0.05)
    yield from (f"a process is left: {words}" for words in alive)
    for path in home.rglob("*"):
        is_temporary = path.name.startswith(".screener-") or ".tmp" in path.name
        if path.is_file() and (is_temporary or home / "tmp" in path.parents):
            yield f"a file is left: {path.relative_to(home)}"


def _alive(mark: str) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has ended, or is somebody else's
    return found


# --- what is wrong of a cell ------------------------------------------------------------------


def of_process(ended: Ended, usual: float) -> Iterator[str]:
    """What no command does, whatever it is for."""
    if "Traceback" in ended.err + ended.out:
        yield f"a traceback: {ended.err[-300:]}"
    load = max(1.0, _load())
    if ended.seconds > ended.limit + GRACE_SECONDS + BUSY * usual * load:
        yield f"took {ended.seconds:.1f} s of {ended.limit:g} s (usually {usual:.1f} s, {load:.1f})"
    if ended.code not in (0, 1, 3):
        yield f"ended with {ended.code}: {ended.err[-200:]}"
    yield from ended.left


def _load() -> float:
    """How many processes wait for each core."""
    return os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 1.0


def of_outages(cell: Cell, ended: Ended) -> Iterator[str]:
    """An outage is said once: a line a vendor, and no more of them than have a fault."""
    lines = list(dict.fromkeys(ended.lines_of("source_out")))
    call = CALLS.get(cell.call, Call(""))
    # A vendor that is well may be late, too, where another one took the time.
    if len(lines) > call.hosts and not cell.is_slow:
        yield f"{len(lines)} outages are said: {lines}"
    vendors = Counter(name.strip() for line in lines for name in _vendors_of(line))
    # Quotes and charts are two of Yahoo's hosts.
    most = 2 if cell.call == "chart" else 1
    yield from (f"said twice of {name}: {lines}" for name, count in vendors.items() if count > most)


def _vendors_of(line: str) -> set[str]:
    """Of whom a line says that they are out; a part of a vendor is that vendor."""
    known = ("Yahoo", "Eastmoney", "etnet", "Baidu", "network")
    return {name for name in known if name in line.partition(":")[0]}


def judged(cell: Cell, ended: Ended, home: Path, truth: Truth) -> Iterable[str]:
    """What is wrong of what a command made."""
    judges: Mapping[str, Callable[[], Iterable[str]]] = {
        "run": lambda: _of_run(ended, truth),
        "history": lambda: _of_history(ended),
        "consensus update": lambda: _of_update(ended),
        "consensus set": lambda: _of_set(ended),
        "add": lambda: _of_add(ended, home, truth),
        "comps": lambda: _of_comps(ended, truth),
        "audit": lambda: _of_audit(ended),
        "doctor": lambda: _of_doctor(cell, ended, truth),
    }
    return next(judge for name, judge in judges.items() if cell.doing.startswith(name))()


def _of_run(ended: Ended, truth: Truth) -> Iterator[str]:
    try:
        document = json.loads(ended.out)
    except ValueError:
        yield f"no document: {ended.out[:100]!r} {ended.err[-300:]}"
        return
    problems = document["problems"]
    rows = {row["symbol"]: row for row in document["rows"]}
    gap = any(PROBLEM_KINDS[problem["kind"]].is_gap for problem in problems)
    if ended.code != gap:
        yield f"ended with {ended.code}, a figure missing: {gap}"
    for each in NAMES:
        said = [problem for problem in problems if problem["symbol"] == each.symbol]
        row = rows.get(each.symbol)
        if row is None:
            yield f"{each.symbol} is lost"
        elif row["status"] != "ranked":
            if not any(PROBLEM_KINDS[problem["kind"]].is_gap for problem in said):
                yield f"{each.symbol} is {row['status']}, and nothing says why"
        else:
            yield from _of_row(row, each, [problem["kind"] for problem in said], truth)


def _of_row(row: Any, each: Any, said: Sequence[str], truth: Truth) -> Iterator[str]:
    """What is wrong of a row that is ranked."""
    price, before = truth.market.prices[each.symbol], truth.prices[each.symbol]
    if row["price_obtained"] in (*LIVE, "cached"):
        if row["price"] not in (before if row["price_obtained"] == "cached" else {price}):
            yield f"{each.symbol} is ranked on {row['price']} ({row['price_obtained']}): {price}"
    elif row["price_obtained"] != "report" or "report_price" not in said:
        yield f"{each.symbol} is ranked on a price of {row['price_obtained']}, and nobody says so"
    fx = RATE if each.symbol.endswith(".HK") and row["price_currency"] == "HKD" else 1.0
    if abs(row["fx"] - fx) > 1e-9:
        yield f"{each.symbol} is converted at {row['fx']}"
    of_vendors = truth.market.estimates[each.symbol]
    eps = each.fy1 if row["consensus_source"] == "desk" else of_vendors[row["fy1"]]
    if each.symbol == SPLIT and row["price_obtained"] == "report":
        eps *= RATIO
    # Where splits are not known it is said.
    is_doubted = any(kind.startswith("splits_") for kind in said)
    if abs(row["pe_fy1"] / (row["price"] * fx / eps) - 1) > 1e-6 and not is_doubted:
        yield f"{each.symbol} has P/E {row['pe_fy1']:.3f}: {row['price'] * fx / eps:.3f} {said}"


def _of_history(ended: Ended) -> Iterator[str]:
    for each in NAMES:
        line = next((line for line in ended.out.splitlines() if each.symbol in line), "")
        has_band = line.count("x") >= 4
        is_explained = each.symbol in ended.err or ended.lines_of("source_out")
        if not has_band and not is_explained:
            yield f"{each.symbol} has no band, and nothing says why"
        if not has_band and ended.code == 0:
            yield f"{each.symbol} has no band, and it ends with 0"
    if ended.has_gap != (ended.code == 1):
        yield f"ended with {ended.code}, a figure missing: {ended.has_gap}"


def _of_add(ended: Ended, home: Path, truth: Truth) -> Iterator[str]:
    path = next((each for each in (home / "lists").glob("*.csv") if each.stem != "mix"), None)
    if path is None:
        if ended.code != 3 or not ended.err.strip():
            yield f"nothing is added, and it ends with {ended.code}: {ended.err}"
        return
    head, *lines = path.read_text("utf-8-sig").splitlines()
    rows = [dict(zip(head.split(","), line.split(","), strict=True)) for line in lines]
    for row in rows:
        yield from _of_added(row, truth.market)
    added = {row["symbol"] for row in rows}
    for symbol in {"600941.SH", SPLIT} - added:
        if symbol not in ended.err and "Filtered" not in ended.err:
            yield f"{symbol} is not added, and nothing says why"
    if ended.has_gap != (ended.code == 1):
        yield f"ended with {ended.code}, a figure missing: {ended.has_gap}"


def _of_added(row: Mapping[str, str], known: Market) -> Iterator[str]:
    """What is wrong of a line of a watchlist."""
    symbol = row["symbol"]
    if row.get("price") and float(row["price"]) != known.prices[symbol]:
        yield f"{symbol} is added at {row['price']}"
    if row["name"] and row["name"] != known.names[symbol]:
        yield f"{symbol} is added as {row['name']}"
    for year, eps in known.estimates[symbol].items():
        said = row.get(f"eps_{year}")
        if said and abs(float(said) - eps) > 1e-6:
            yield f"{symbol} is added with EPS FY{year} {said}: {eps}"
    if row.get("market_cap"):
        # Eastmoney has a billion shares of each.
        caps = [shares * known.prices[symbol] / 1e8 for shares in (known.shares[symbol], 1e9)]
        if min(abs(float(row["market_cap"]) / cap - 1) for cap in caps) > 1e-3:
            yield f"{symbol} is added with a market cap of {row['market_cap']}"


def _of_doctor(cell: Cell, ended: Ended, truth: Truth) -> Iterator[str]:
    # yfinance has a second way to a cookie, and does without a crumb where that is not checked.
    if ended.code != 1 and cell.call not in ("cookie", "crumb"):
        yield f"all is fine, it says: {ended.out[:400]}"
    for symbol in ("600941.SH", "920808.BJ"):
        for price in re.findall(rf"{symbol} ([\d.e+-]+) CNY", ended.out):
            if float(price) != truth.market.prices[symbol]:
                yield f"{symbol} {price} is shown"


def _of_update(ended: Ended) -> Iterator[str]:
    for each in NAMES:
        line = next((line for line in ended.out.splitlines() if each.symbol in line), "")
        if "FY" not in line and not any(
            each.symbol in said for said in ended.lines_of("not_refreshed")
        ):
            yield f"{each.symbol} has no new estimates, and nothing says why"
    has_any = " FY20" in ended.out
    if (ended.code == 3) == has_any:
        yield f"ended with {ended.code}, new ones: {has_any}"


def _of_set(ended: Ended) -> Iterator[str]:
    is_set = "used from now on" in ended.out
    if is_set != (ended.code == 0):
        yield f"ended with {ended.code}: {ended.out} {ended.err}"
    if not is_set and not ended.err.strip():
        yield "nothing is set, and nothing says why"


def _of_audit(ended: Ended) -> Iterator[str]:
    is_found = "五粮液" in ended.out
    if not is_found and ended.code == 0 and not ended.err.strip():
        yield "nobody could be asked for names, and nothing says so"
    if is_found and "中国平安" not in ended.out:
        yield f"another name is found: {ended.out}"


def _of_comps(ended: Ended, truth: Truth) -> Iterator[str]:
    price = truth.market.prices["600941.SH"]
    if "600941.SH" not in ended.out + ended.err:
        yield f"600941.SH is lost: {ended.out} {ended.err}"
    elif f"{price:.2f}" not in ended.out and not ended.lines_of("no_price"):
        yield f"not at {price}: {ended.out}"


# --- all of them ------------------------------------------------------------------------------


class Usual:
    """How long each command takes where nothing fails, measured at the first cell of it."""

    def __init__(self) -> None:
        self._locks = {name: Lock() for name in DOINGS}
        self._seconds: dict[str, float] = {}

    def of(self, bench: Bench, name: str) -> float:
        with self._locks[name]:
            if name not in self._seconds:
                self._seconds[name] = self._measured(bench, name)
        return self._seconds[name]

    def _measured(self, bench: Bench, name: str) -> float:
        doing, home = DOINGS[name], bench.home()
        bench.healthy()
        if doing.before:
            bench.run(home, doing.before, QUICK_SECONDS)
        ended = bench.run(home, *limited(doing, Cell(name, "", "")))
        # A wrong name is found, which is an error of the table's.
        assert ended.code == (1 if "audit" in name else 0), (name, ended)
        faults = [*Truth(bench.vendor.market).of_store(home / STORE)]
        assert not faults, (name, faults)
        return ended.seconds / max(1.0, _load())


def tried(
    chosen: Iterable[Cell], jobs: int, said: Any = lambda _: None
) -> list[tuple[Cell, list[str]]]:
    """The cells, so many at a time, and what falls in each."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="screener-faults-")))
        warmth = stack.enter_context(warm.running(folder))
        benches: SimpleQueue[Bench] = SimpleQueue()
        for number in range(jobs):
            place = folder / str(number)
            place.mkdir()
            vendor = stack.enter_context(running(market(), place))
            benches.put(Bench(place, vendor, warmth))
        usual = Usual()

        def one(cell: Cell) -> tuple[Cell, list[str]]:
            bench = benches.get()
            try:
                found = bench.try_one(cell, usual.of(bench, cell.doing))
            finally:
                benches.put(bench)
            said((cell, found))
            return cell, found

        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(one, chosen))


def table(results: Sequence[tuple[Cell, list[str]]]) -> str:
    """By command: cells, and which fell, with the words that have them again."""
    lines = [f"{'command':<20}{'cells':>7}{'slow':>6}{'fell':>6}"]
    for name in DOINGS:
        of = [(cell, found) for cell, found in results if cell.doing == name]
        slow, fell = sum(cell.fault in SLOW for cell, _ in of), sum(bool(f) for _, f in of)
        lines.append(f"{name:<20}{len(of):>7}{slow:>6}{fell:>6}")
    by_fault = Counter(cell.fault for cell, _ in results)
    fallen = Counter(cell.fault for cell, found in results if found)
    lines.append("by fault: " + ", ".join(f"{f} {fallen[f]}/{n}" for f, n in by_fault.items()))
    lines.append(f"all: {len(results)} cells, {sum(bool(found) for _, found in results)} fell")
    for cell, found in results:
        lines += [f"{cell.words}\n    {fault}" for fault in found]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Try them all, or those that are named; 1 where any fell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell", action="append", help="'COMMAND, CALL, FAULT': this one alone")
    parser.add_argument("--doing", action="append", help="all cells of a command")
    parser.add_argument("--share", type=float, default=1.0, help="of all cells, by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    given = parser.parse_args(arguments)
    chosen = list(cells())
    if given.cell:
        names = [each.split(", ") for each in given.cell]
        chosen = [Cell(*name) for name in names]
    if given.doing:
        chosen = [cell for cell in chosen if cell.doing in given.doing]
    # Slow ones lie among the others, so that nobody waits for many of them at once.
    dice = Random(given.seed)  # noqa: S311 - which to try, no secret
    chosen = dice.sample(chosen, round(len(chosen) * given.share))
    done: list[None] = []

    def said(result: tuple[Cell, list[str]]) -> None:
        done.append(None)
        cell, found = result
        if found or len(done) % 100 == 0:
            _say(f"{len(done)}/{len(chosen)} {cell.words if found else ''} {' | '.join(found)}")

    results = tried(chosen, given.jobs, said)
    _say(table(results))
    return 1 if any(found for _, found in results) else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
