"""The workbook recalculated by LibreOffice: its formulas come to what the terminal says.

Every value that is kept beside a formula is overwritten first, so that what comes back was
computed from the inputs by a second program. Edits are compared with a run on the edited inputs.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import screener
from screener import write
from screener.model.figures import Interval
from screener.model.records import Estimate, Vintage
from screener.store.store import Store
from tests import office
from tests.conftest import (
    NOW,
    WATCHLISTS,
    cell_of,
    header_of,
    reads_past_extensions,
    screen,
    type_rate,
    write_prices,
    write_watchlist,
)

pytestmark = [office.needs_office, reads_past_extensions]


def assert_recalculates_to_itself(path: Path, folder: Path, least: int) -> None:
    formulas = list(office.formulas(path))
    forgetful = office.forgetful(path, folder / "forgetful.xlsx")
    forgotten = office.raw_values(forgetful)
    assert {str(office.SENTINEL)} == {forgotten[place] for place in formulas}
    (recalculated,) = office.recalculated([forgetful], folder)
    assert [] == office.differences(office.values(path), office.values(recalculated), formulas)
    assert least <= len(formulas)


@pytest.mark.parametrize(
    ("by", "lang", "nm_above"),
    [
        ("pe_fy1", "zh", None),
        ("eps_cagr", "en", None),
        ("pe_ntm", "en", 50.0),
        ("peg", "zh", 1000.0),
        ("upside", "en", 1000.0),
    ],
)
def test_the_reports_workbook_recalculates_to_what_it_holds(
    tmp_path: Path, by: str, lang: str, nm_above: float | None
) -> None:
    result = screen(watchlists=WATCHLISTS, now=NOW, by=by, nm_above=nm_above)
    path = write(result, tmp_path / "screen.xlsx", lang)
    assert_recalculates_to_itself(path, tmp_path, least=4000)


# --- five hundred names -----------------------------------------------------------------------

HEADER = header_of(2025, 2026, 2027, more=("fiscal_year_end",))


def random_watchlists(folder: Path, count: int, seed: int) -> Path:
    """So many names in three watchlists, with losses, gaps, ties and three currencies; prices."""
    random_ = random.Random(seed)  # noqa: S311 - figures, no secrets
    rows: dict[str, list[str]] = {"chips": [], "shops": [], "ships": []}
    prices = ["HKD/CNY,0.9213,CNY,2026-11-20", "USD/CNY,7.0871,CNY,2026-11-20"]
    for number in range(count):
        suffix, first = (("SH", 600000), ("SZ", 300000), ("HK", 10000))[number % 3]
        symbol = f"{first + number}.{suffix}"
        currency = "HKD" if suffix == "HK" else "CNY"
        # Of US dollar EPS only those of shares in yuan have a rate: others lack one.
        eps_currency = random_.choice(("CNY", currency, currency, "USD"))
        start = round(random_.gauss(0.8, 0.9), 2)
        eps = [start, round(start * random_.uniform(0.7, 1.9), 2), round(start * 1.5, 2)]
        cells = ["" if random_.random() < 0.05 else str(each) for each in eps]
        cap = "" if random_.random() < 0.1 else f"{random_.uniform(20, 9000):.2f}"
        multiples = [f"{20 / each:.2f}" if each else "" for each in eps]
        end = random_.choice(("", "", "", "03-31", "06-30"))
        name = f"名称{number}"
        row = ",".join((symbol, name, cap, *cells, *multiples, eps_currency, end))
        rows[random_.choice(list(rows))].append(row)
        price = random_.choice((12.5, 25.0, 33.3, random_.uniform(1, 300)))
        if random_.random() > 0.05:
            prices.append(f"{symbol},{price:.2f},{currency},2026-11-20")
    for name, lines in rows.items():
        toml = f'as_of = 2026-10-30\nlabel_en = "{name}"\nlabel_zh = "{name}"'
        write_watchlist(folder, *lines, name=name, header=HEADER, toml=toml)
    return write_prices(folder.parent / "prices.csv", *prices)


@pytest.mark.parametrize("scope", ["sector", "all"])
def test_a_composite_recalculates_to_what_it_is(tmp_path: Path, scope: Any) -> None:
    by = "0.5 pe_fy1 + 0.3 peg + 2 eps_cagr"
    result = screen(watchlists=WATCHLISTS, now=NOW, by=by, scope=scope)
    path = write(result, tmp_path / "screen.xlsx", "en")
    assert_recalculates_to_itself(path, tmp_path, least=4000)


@pytest.mark.parametrize("scope", ["sector", "all"])
def test_ties_that_floating_point_tells_apart_are_ties_in_the_workbook_too(
    tmp_path: Path, scope: Any
) -> None:
    # 0.3 ÷ 0.1 and 3 ÷ 1 are one multiple, and not one float.
    figures = (("0.10", "0.3"), ("1.00", "3"), ("1.00", "6"), ("0.70", "2.1"), ("1.00", "1.5"))
    assert 0.3 / 0.1 != 3 / 1
    rows = [
        f"60094{at}.SH,名称{at},,{eps},{eps},{eps},,,,CNY," for at, (eps, _) in enumerate(figures)
    ]
    prices = [f"60094{at}.SH,{price},CNY,2026-11-20" for at, (_, price) in enumerate(figures)]
    for name, lines in (("one", rows[:3]), ("two", rows[2:])):
        toml = f'as_of = 2026-10-30\nlabel_en = "{name}"\nlabel_zh = "{name}"'
        write_watchlist(tmp_path / "lists", *lines, name=name, header=HEADER, toml=toml)
    path = write_prices(tmp_path / "prices.csv", *prices)
    by = "0.5 pe_fy1 + 0.5 pe_ntm"
    result = screener.screen(
        watchlists=tmp_path / "lists", prices=path, by=by, scope=scope, now=NOW
    )
    book = write(result, tmp_path / "screen.xlsx", "en")
    assert_recalculates_to_itself(book, tmp_path, least=300)


@pytest.mark.parametrize(
    ("by", "count", "seed"),
    # Five hundred once: what grows with their number is the same whatever they are ranked by.
    [
        ("pe_fy1", 500, 7),
        ("earnings_yield_fy1", 150, 8),
        ("pe_vs_sector", 150, 9),
        ("peg", 150, 10),
    ],
)
def test_hundreds_of_random_names_recalculate_to_what_the_workbook_holds(
    tmp_path: Path, by: str, count: int, seed: int
) -> None:
    prices = random_watchlists(tmp_path / "lists", count, seed)
    result = screener.screen(watchlists=tmp_path / "lists", prices=prices, by=by, now=NOW)
    statuses = set(result.table["status"])
    assert {"ranked", "no_price", "no_rate", "no_estimate"} <= statuses
    assert result.table["fx"].n_unique() >= 4
    path = write(result, tmp_path / "screen.xlsx", "en")
    assert_recalculates_to_itself(path, tmp_path, least=60 * count)


def test_fy1_may_wait_for_results_and_the_workbook_knows_both_rules(tmp_path: Path) -> None:
    toml = 'as_of = 2025-10-31\nlabel_en = "demo"'
    rows = [f"60094{at}.SH,A,100,1.00,1.25,1.60,20.00,16.00,12.50,CNY," for at in range(3)]
    write_watchlist(tmp_path / "lists", *rows, header=HEADER, toml=toml)
    store = Store(tmp_path / "quotes.db")
    fetched = datetime(2026, 1, 10, 4, tzinfo=UTC)

    def known(symbol: str, actual: int) -> Vintage:
        """Estimates of which all up to a year are results."""
        eps = {2024: 0.80, 2025: 1.00, 2026: 1.25, 2027: 1.60}
        estimates = tuple(
            Estimate(year, date(year, 12, 31), each, Interval(each, each), None, year <= actual)
            for year, each in eps.items()
        )
        return Vintage(symbol, "Eastmoney", fetched.date(), "CNY", estimates, fetched)

    store.save_vintages([known("600940.SH", 2024), known("600941.SH", 2025)], fetched)
    lines = [f"60094{at}.SH,20.00,CNY,2026-01-15" for at in range(3)]
    prices = write_prices(tmp_path / "prices.csv", *lines)

    def fy1(rule: Any) -> dict[str, tuple[int, float, float]]:
        result = screener.screen(
            watchlists=tmp_path / "lists", prices=prices, store=store.path, fy1=rule,
            now=datetime(2026, 1, 16, tzinfo=UTC),
        )  # fmt: skip
        path = write(result, tmp_path / f"{rule}.xlsx", "en")
        assert_recalculates_to_itself(path, tmp_path, least=100)
        return {r["symbol"]: (r["fy1"], r["pe_fy1"], r["eps_ntm"]) for r in result.table.to_dicts()}

    by_calendar = fy1("calendar")
    assert {2026} == {year for year, *_ in by_calendar.values()}
    # 2025 is over: of the first its results are not out, so that FY1 is 2025 and all of the next
    # twelve months lies in FY2; of the third the source marks no year at all.
    assert {
        "600940.SH": (2025, 20 / 1.00, 1.25),
        "600941.SH": (2026, 20 / 1.25, by_calendar["600941.SH"][2]),
        "600942.SH": (2026, 20 / 1.25, by_calendar["600942.SH"][2]),
    } == fy1("reported")


# --- edits ------------------------------------------------------------------------------------

Edit = Callable[[Workbook, Worksheet], None]


@dataclass(frozen=True)
class Desk:
    """One watchlist with prices of its own, to be run as it is and with something changed."""

    folder: Path

    def run(self, **changes: str) -> screener.Result:
        """Screen with some texts of the files replaced by others."""
        folder = self.folder / str(len(list(self.folder.iterdir())))
        rows = [self._changed(row, changes) for row in ROWS]
        write_watchlist(
            folder.with_name(folder.name + "-lists"), *rows, name="demo", header=DESK_HEADER
        )
        lines = (self._changed(line, changes) for line in PRICES)
        prices = write_prices(folder.with_name(folder.name + "-prices.csv"), *lines)
        lists = folder.with_name(folder.name + "-lists")
        return screener.screen(watchlists=lists, prices=prices, now=NOW, as_of=None)

    @staticmethod
    def _changed(line: str, changes: dict[str, str]) -> str:
        for old, new in changes.items():
            line = line.replace(old, new)
        return line


# With a printed price, so that a changed EPS does not change what the table implies.
DESK_HEADER = f"{HEADER},price,currency"
ROWS = (
    "600941.SH,中国移动,2000,6.48,6.86,7.25,17.1,16.2,15.3,CNY,,111.00,CNY",
    "600050.SH,中国联通,1500,0.29,0.32,0.35,17.0,15.4,14.1,CNY,,4.93,CNY",
    "000988.SZ,华工科技,400,1.31,1.68,2.12,30.0,23.4,18.5,CNY,,39.24,CNY",
    "300308.SZ,中际旭创,1287,4.95,8.11,9.34,23.2,14.2,12.3,CNY,,114.81,CNY",
    "688220.SH,翱捷科技,291,-1.34,-0.70,0.37,-51.9,-99.4,188.0,CNY,,69.55,CNY",
    "0700.HK,腾讯控股,34070,19.92,22.39,24.99,18.5,16.4,14.7,CNY,,399.20,HKD",
    "9988.HK,阿里巴巴-W,15468,3.91,6.19,6.88,20.8,13.1,11.8,CNY,03-31,88.25,HKD",
)
PRICES = (
    "600941.SH,111.00,CNY,2026-11-20",
    "600050.SH,4.93,CNY,2026-11-20",
    "000988.SZ,39.24,CNY,2026-11-20",
    "300308.SZ,114.81,CNY,2026-11-20",
    "688220.SH,69.55,CNY,2026-11-20",
    "0700.HK,399.20,HKD,2026-11-20",
    "9988.HK,88.25,HKD,2026-11-20",
    "HKD/CNY,0.9213,CNY,2026-11-20",
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def typed(symbol: str, title: str, value: float | None) -> Edit:
    def edit(_book: Workbook, sheet: Worksheet) -> None:
        cell_of(sheet, symbol, title).value = value

    return edit


def rate(value: float) -> Edit:
    return lambda book, _sheet: type_rate(book, value)


def sorted_descending(_book: Workbook, sheet: Worksheet) -> None:
    """The rows of Inputs in the opposite order, as a sort by symbol would leave them."""
    _, *rows = sheet[sheet.tables["tblInputs"].ref]
    values = sorted(([cell.value for cell in row] for row in rows), key=lambda each: each[2])
    for row, line in zip(rows, reversed(values), strict=True):
        for cell, value in zip(row, line, strict=True):
            cell.value = value


def edited(path: Path, folder: Path, *edits: Edit) -> Path:
    """The workbook with the edits made in its Inputs, recalculated."""
    book = load_workbook(path)
    for edit in edits:
        edit(book, book["Inputs"])
    target = folder / "edited.xlsx"
    book.save(target)
    (recalculated,) = office.recalculated([target], folder)
    return recalculated


def table(path: Path, sheet: str) -> dict[str, dict[str, Any]]:
    """The rows of a ranked sheet by symbol, without what depends on their order."""
    header, *rows = load_workbook(path, data_only=True)[sheet].iter_rows(
        min_row=4, values_only=True
    )
    titles = [str(title).replace("\n", " ") for title in header]
    at = titles.index("Symbol")
    found = {str(row[at]): dict(zip(titles, row, strict=True)) for row in rows if row[at]}
    return {
        symbol: {title: value for title, value in row.items() if title != "None"}
        for symbol, row in found.items()
    }


def statistics(path: Path) -> dict[str, dict[str, Any]]:
    """The statistics under the sector's rows by their name."""
    header, *rows = load_workbook(path, data_only=True)["demo"].iter_rows(
        min_row=4, values_only=True
    )
    titles = [str(title) for title in header]
    name, symbol = titles.index("Name"), titles.index("Symbol")
    return {
        str(row[name]): dict(zip(titles, row, strict=True))
        for row in rows
        if row[name] and not row[symbol]
    }


def checks(path: Path) -> dict[str, str]:
    """The status of each line of Checks."""
    rows = load_workbook(path, data_only=True)["Checks"].iter_rows(min_row=5, values_only=True)
    return {str(row[0]): str(row[3]) for row in rows if row[0] and row[3]}


def assert_same_tables(expected: Path, found: Path) -> None:
    for sheet in ("demo", "Ranking"):
        wanted, got = table(expected, sheet), table(found, sheet)
        assert wanted.keys() == got.keys()
        for symbol, row in wanted.items():
            for title, value in row.items():
                # The row of Inputs changes places when they are sorted.
                if title != "Inputs row" and not title.startswith("Chart"):
                    assert same(value, got[symbol][title]), (sheet, symbol, title)
    wanted, got = statistics(expected), statistics(found)
    assert wanted.keys() == got.keys()
    for name, row in wanted.items():
        for title, value in row.items():
            if not title.startswith("Chart"):
                assert same(value, got[name][title]), (name, title)


def same(expected: Any, found: Any) -> bool:
    if isinstance(expected, float | int) and isinstance(found, float | int):
        return abs(expected - found) <= 1e-9 * max(1.0, abs(expected))
    return (expected or "") == (found or "")


def printed(symbol: str, year: int, eps: float) -> Edit:
    """Another EPS in the table itself: as the estimate that is used, and as the report's."""

    def edit(book: Workbook, sheet: Worksheet) -> None:
        for title in (f"EPS FY{year}", f"Report EPS FY{year}"):
            typed(symbol, title, eps)(book, sheet)

    return edit


EDITS: dict[str, tuple[Edit, dict[str, str]]] = {
    "a price": (typed("000988.SZ", "Price", 22.34), {"000988.SZ,39.24": "000988.SZ,22.34"}),
    "no price": (typed("600941.SH", "Price", None), {"600941.SH,111.00,CNY,2026-11-20": ""}),
    "a rate": (rate(0.8), {"HKD/CNY,0.9213": "HKD/CNY,0.8"}),
    "an estimate": (
        printed("600050.SH", 2026, 0.51),
        {"0.29,0.32,0.35,17.0,15.4": "0.29,0.51,0.35,17.0,9.67"},
    ),
    "an estimate to a loss": (
        printed("300308.SZ", 2026, -2.5),
        {"4.95,8.11,9.34,23.2,14.2": "4.95,-2.50,9.34,23.2,-45.92"},
    ),
    "a loss to a profit": (
        printed("688220.SH", 2026, 0.70),
        {"-1.34,-0.70,0.37,-51.9,-99.4": "-1.34,0.70,0.37,-51.9,99.4"},
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_after_an_edit_everything_equals_a_run_on_the_edited_inputs(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    edit, changes = EDITS[name]
    before = write(desk.run(), tmp_path / "before.xlsx", "en")
    wanted = write(desk.run(**changes), tmp_path / "wanted.xlsx", "en")
    after = edited(before, tmp_path, edit)
    differing = table(before, "demo") != table(wanted, "demo")
    assert differing
    assert_same_tables(wanted, after)
    found = checks(after)
    assert "EDITED" == found["Overall"]
    assert "CHECK" not in found.values()


def test_another_rate_moves_caps_price_changes_and_the_aggregate(tmp_path: Path) -> None:
    # EPS and the implied price are in CNY, the share trades in HKD, its cap is in HKD, too.
    toml = 'as_of = 2026-10-30\nmarket_cap_unit = "亿港元"'
    rows = ("0700.HK,腾讯控股,37000,20.00,22.00,25.00,18.40,16.73,14.72,CNY,",
            "0001.HK,长和,2000,2.00,2.20,2.40,18.40,16.73,15.33,CNY,")  # fmt: skip
    write_watchlist(tmp_path / "lists", *rows, name="demo", header=HEADER, toml=toml)

    def book(rate_typed: str) -> Path:
        lines = ("0700.HK,500.00,HKD,2026-11-20", "0001.HK,41.00,HKD,2026-11-20",
                 f"HKD/CNY,{rate_typed},CNY,2026-11-20")  # fmt: skip
        prices = write_prices(tmp_path / f"{rate_typed}.csv", *lines)
        result = screener.screen(watchlists=tmp_path / "lists", prices=prices, now=NOW)
        return write(result, tmp_path / f"{rate_typed}.xlsx", "en")

    before = book("0.92")
    assert {"OK"} == set(checks(before).values())
    after, wanted = edited(before, tmp_path, rate(0.80)), book("0.80")
    assert_same_tables(wanted, after)
    tencent = table(after, "demo")["0700.HK"]
    # By hand: 368 CNY of the report are HKD 460 at 0.80; 500 ÷ 460 − 1; 37,000 × 0.80 × 500 ÷ 460.
    assert abs(500 / 460 - 1 - tencent["Price change"]) < 1e-4
    assert abs(37_000 * 0.80 * 500 / 460 - tencent["Market cap (CNY 100m)"]) < 5
    aggregates = statistics(before)["Aggregate"], statistics(after)["Aggregate"]
    assert aggregates[0]["P/E FY1\n(x)"] != aggregates[1]["P/E FY1\n(x)"]


def test_sorting_inputs_changes_nothing_elsewhere(desk: Desk, tmp_path: Path) -> None:
    before = write(desk.run(), tmp_path / "before.xlsx", "en")
    after = edited(before, tmp_path, sorted_descending)
    assert_same_tables(before, after)
    assert {"OK"} == set(checks(after).values())


def test_checks_turn_red_where_they_should_and_nowhere_else(desk: Desk, tmp_path: Path) -> None:
    before = write(desk.run(), tmp_path / "before.xlsx", "en")
    assert {"OK"} == set(checks(before).values())
    expected = {
        # A dearer name of seven does not move the median, only the sum of the prices and the caps.
        typed("000988.SZ", "Price", 40.0): {
            "Inputs: sum of the prices": "EDITED",
            "Total market cap of all rows (亿)": "EDITED",
            "Overall": "EDITED",
        },
        typed("000988.SZ", "Price", -1.0): {
            "Every price that is typed is a positive number": "CHECK",
            "Inputs: sum of the prices": "EDITED",
            "Total market cap of all rows (亿)": "EDITED",
            "demo: median P/E FY1": "EDITED",
            "Overall": "CHECK",
        },
        typed("000988.SZ", "Key", 0): {
            "demo: no formula in error": "CHECK",
            "demo: median P/E FY1": "EDITED",
            "Total market cap of all rows (亿)": "EDITED",
            "Overall": "CHECK",
        },
    }
    for number, (edit, red) in enumerate(expected.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = checks(edited(before, folder, edit))
        assert red == {what: status for what, status in found.items() if status != "OK"}


def test_a_formula_that_is_wrong_would_be_found(desk: Desk, tmp_path: Path) -> None:
    path = write(desk.run(), tmp_path / "screen.xlsx", "en")
    copy = tmp_path / "wrong.xlsx"
    shutil.copy(path, copy)
    office.replace_in_sheets(copy, b"MEDIAN(", b"AVERAGE(")
    formulas = list(office.formulas(copy))
    forgetful = office.forgetful(copy, tmp_path / "forgetful.xlsx")
    (recalculated,) = office.recalculated([forgetful], tmp_path)
    assert office.differences(office.values(path), office.values(recalculated), formulas)
