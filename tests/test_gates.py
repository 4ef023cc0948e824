"""One gate a source: what cannot be is refused with its reason, and never stored or ranked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import inf, nan
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

import screener
from screener.consensus.sheet import read_sheet
from screener.files import save
from screener.market_data import fx
from screener.market_data.history import bands
from screener.model.bounded import UnreadableError
from screener.model.records import Rate, Split, Vintage
from screener.sources.answers import RefusalError
from screener.sources.eastmoney import prices as eastmoney
from screener.sources.eastmoney import tables
from screener.sources.plausible import (
    Known,
    Reference,
    is_called,
    is_doubtful,
    odd_ones,
    rate_fault,
)
from screener.sources.yahoo import prices as yahoo
from screener.store.store import Store
from tests.command import Command
from tests.conftest import NOW, write_watchlist
from tests.loopback import Vendor
from tests.test_history import close, days_back, known
from tests.test_plausible import closed, quoted

DECEMBER = (12, 31)


def row(code: str, name: str, eps: float = 7.25) -> dict[str, Any]:
    """A forecast of FY2026 and FY2027, as Eastmoney has it."""
    years = {f"YEAR{at}": 2025 + at for at in tables.YEARS}
    marks = {f"YEAR_MARK{at}": "E" for at in tables.YEARS}
    figures = {"EPS1": eps, "EPS2": eps * 1.1, "EPS3": None, "EPS4": None}
    said = {"SECURITY_CODE": code, "SECURITY_NAME_ABBR": name, "RATING_ORG_NUM": 12}
    return {**said, **years, **marks, **figures}


def forecast(found: dict[str, Any], *names: str) -> Vintage | RefusalError:
    asked = {"600941": tables.Asked("600941.SH", DECEMBER, names)}
    return tables.forecasts([found], asked, NOW)["600941.SH"]


# --- estimates --------------------------------------------------------------------------------


def test_a_forecast_of_another_name_is_refused() -> None:
    refused = forecast(row("600941", "中国联通"), "中国移动")
    assert isinstance(refused, RefusalError)
    assert "Eastmoney's row of 600941 is of 中国联通, the watchlist's of 中国移动" in str(refused)


@pytest.mark.parametrize("said", ["中国移动", "中 国 移 动", "XD中国移动", "中国移动-U", ""])
def test_a_forecast_of_the_same_name_is_taken_whatever_marks_it_has(said: str) -> None:
    assert isinstance(forecast(row("600941", said), "中国移动"), Vintage)


def test_what_has_no_name_here_may_be_called_anything() -> None:
    assert is_called("中国移动", [])
    assert not is_called("中国移动", ["中国联通"])
    assert is_called("中国移动", ["中国联通", "中国移动"])


@pytest.mark.parametrize("eps", [7.25e6, 1e300, 1e-300, -1e300, inf, nan])
def test_eps_beyond_reason_is_refused(eps: float) -> None:
    assert isinstance(forecast(row("600941", "中国移动", eps), "中国移动"), RefusalError)


def test_forecasts_that_slid_by_one_row_are_those_of_nobody(
    online: Command, vendor: Vendor, tmp_path: Path
) -> None:
    def slid(body: Any) -> Any:
        rows = body["result"]["data"]
        codes = [row["SECURITY_CODE"] for row in rows]
        for code, row in zip(codes, [*rows[1:], rows[0]], strict=True):
            row["SECURITY_CODE"] = code
        return body

    vendor.changes["RPT_WEB_RESPREDICT"] = slid
    done = online("consensus", "update", "telecom")
    # Each is said, and none of the figures is there: Yahoo's stand in.
    assert 10 == done.stderr.count("Eastmoney's row of")
    found = Store(tmp_path / "data" / "screener" / "quotes.db").vintages(["600941.SH"])
    assert ["Yahoo"] == [vintage.source for vintage in found["600941.SH"]]


# --- prices and rates -------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["00388", None, 700])
def test_the_bars_of_another_code_are_refused(code: Any) -> None:
    body = {"data": {"code": code, "klines": ["2026-11-24,20,21,22,19,1,1,0,0,0,0"]}}
    with pytest.raises(RefusalError, match="Eastmoney answers with"):
        eastmoney.last_bar(body, "00700")


@pytest.mark.parametrize(
    "line", ["2026-11-24,20,210,22,19", "2026-11-24,20,nan,22,19", "2026-11-24,20", "", 5]
)
def test_a_bar_that_does_not_fit_together_is_refused(line: Any) -> None:
    with pytest.raises(RefusalError):
        eastmoney.last_bar({"data": {"code": "00700", "klines": [line]}}, "00700")


@pytest.mark.parametrize(
    ("value", "fault"),
    [(0.91, False), (0.84, False), (91.25, True), (1.096, True), (1e300, True), (0.0, True)],
)
def test_a_rate_beyond_its_band_or_turned_round_is_refused(value: float, fault: bool) -> None:
    assert fault == bool(rate_fault(Rate("HKD", "CNY", value, NOW, "Yahoo")))


def test_a_rate_of_a_pair_without_a_band_has_bounds_as_well() -> None:
    assert not rate_fault(Rate("XAU", "CNY", 28_000.0, NOW, "Yahoo"))
    assert rate_fault(Rate("XAU", "CNY", 1e300, NOW, "Yahoo"))


def test_a_rate_of_the_future_is_refused() -> None:
    assert "in the future" in rate_fault(
        Rate("HKD", "CNY", 0.91, NOW + timedelta(days=40), "Yahoo"), NOW
    )


@pytest.mark.parametrize(
    "change", [{"regularMarketPrice": 1e300}, {"regularMarketPrice": None}, {"currency": "HKD"}]
)
def test_a_rate_of_a_source_that_can_be_none_is_said(change: dict[str, Any]) -> None:
    seconds = int(NOW.timestamp())
    item = {"symbol": "HKDCNY=X", "regularMarketTime": seconds, "currency": "CNY"}
    pairs = {"HKDCNY=X": ("HKD", "CNY")}
    assert ({}, [0.91]) == _rates([{**item, "regularMarketPrice": 0.91}], pairs)
    refused, values = _rates([{**item, "regularMarketPrice": 0.91, **change}], pairs)
    assert (["HKD/CNY"], []) == (list(refused), values)


def _rates(items: list[dict[str, Any]], pairs: dict[str, tuple[str, str]]) -> Any:
    found, refused = yahoo.rates(items, pairs)
    return refused, [rate.value for rate in found]


def test_a_rate_that_can_be_none_is_turned_round_by_nobody() -> None:
    assert {} == fx.by_pair([Rate("HKD", "CNY", value, NOW, "x") for value in (0.0, inf, 1e-300)])


@pytest.mark.parametrize("previous", [110e6, 110e-6])
def test_an_absurd_previous_close_makes_no_price_doubtful(previous: float) -> None:
    day = date(2026, 11, 23)
    quote = quoted("600941.SH", 110.0, day, previous_close=previous)
    reference = Reference(109.0, date(2026, 11, 20), "Yahoo")
    assert not is_doubtful("600941.SH", quote, Known({"600941.SH": [reference]}))
    # Without anything to hold it against, nobody can tell which of the two is wrong.
    assert is_doubtful("600941.SH", quote, Known())


# --- closes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closes", "odd"),
    [
        ([10.0, 11, 12, 11, 10], set()),
        ([10.0, 11, 1200, 11, 10], {2}),
        ([1000.0, 11, 12, 11, 10], {0}),
        ([10.0, 11, 12, 11, 0.1], {4}),
        ([10.0, 11, inf, 11, 10, nan, 12, -3], {2, 5, 7}),
        # A new level that stays: so it is where a split is not on record.
        ([100.0, 100, 100, 10, 10, 10], set()),
        # Too few to tell.
        ([10.0, 1000, 10], set()),
        ([], set()),
    ],
)
def test_a_close_that_is_nothing_like_its_neighbours_is_odd(
    closes: Sequence[float], odd: set[int]
) -> None:
    assert odd == odd_ones(closes)


@pytest.mark.parametrize("wrong", [4_000.0, inf])
def test_an_absurd_close_in_the_store_is_said_and_not_drawn(tmp_path: Path, wrong: float) -> None:
    days = days_back(40)
    # As a version before the gate has kept it.
    closes = [close(day, wrong if day == days[7] else 40.0) for day in days]
    at = known(tmp_path, closes)
    (band,), problems = bands(at, at.listings, 5, "fixed", NOW, 5, offline=True)
    assert {20.0} == set(band.multiples)
    assert days[7] not in band.days
    said = [each for each in problems if each.kind in ("improbable_price", "store_unread")]
    assert 1 == len(said)
    assert ("nothing like" in said[0].message) == (wrong == 4_000.0)


def test_a_new_close_that_is_nothing_like_the_stored_ones_is_not_kept(
    online: Command, vendor: Vendor, tmp_path: Path
) -> None:
    write_watchlist(tmp_path / "watchlists", "0700.HK,A,100,2.0,2.0,2.0,20.0,20.0,20.0,CNY")
    traded = vendor.market.traded_hong_kong.date()
    days = [traded - timedelta(days=back) for back in range(12, 0, -1)]
    vendor.market.closes["0700.HK"] = [(day, 400.0 if day != days[5] else 40_000.0) for day in days]
    done = online("history", "0700")
    assert "1 closes are nothing like those around them, the first 40000" in done.stderr
    store = Store(tmp_path / "data" / "screener" / "quotes.db")
    assert {400.0} == {each.close for each in store.closes(["0700.HK"], days[0])["0700.HK"]}


# --- what an older version has stored ---------------------------------------------------------


def test_a_stored_split_that_can_be_none_is_said_and_asked_for_again(tmp_path: Path) -> None:
    day = date(2026, 6, 10)
    for folder in ("sound", "absurd"):
        (tmp_path / folder).mkdir()
    at = known(tmp_path / "sound", [], Split("600941.SH", day, 1.4, "Eastmoney"))
    assert [1, 1] == [len(each) for each in at.store.splits(["600941.SH"])]
    at = known(tmp_path / "absurd", [], Split("600941.SH", day, 1e300, "Eastmoney"))
    assert ([], []) == at.store.splits(["600941.SH"])
    assert ["store_unread"] == [each.kind for each in at.store.problems]


@pytest.mark.parametrize(
    "absurd",
    [
        {"price": 1e300},
        {"price": -1.0},
        {"previous_close": 1e-300},
        {"market_time": datetime(9999, 12, 31, 23, tzinfo=UTC)},
        {"as_of": date(1, 1, 1)},
        {"rate": inf},
    ],
    ids=str,
)
def test_stored_figures_that_can_be_none_cost_only_themselves(
    tmp_path: Path, absurd: dict[str, Any]
) -> None:
    store, day = Store(tmp_path / "quotes.db"), date(2026, 11, 23)
    rate = Rate("HKD", "CNY", absurd.get("rate", 0.92), closed(day), "Yahoo")
    of_quote = {name: value for name, value in absurd.items() if name != "rate"}
    quote = replace(quoted("600941.SH", 110.0, day, previous_close=109.0), **of_quote)
    fetched = datetime(2026, 11, 23, 9, tzinfo=UTC)
    store.save({"600941.SH": quote, "600050.SH": quoted("600050.SH", 5.0, day)}, [rate], fetched)
    assert int("rate" in absurd) == len(store.quotes("600941.SH"))
    assert int("rate" not in absurd) == len(store.rates())
    assert 1 == len(store.quotes("600050.SH"))
    assert 1 == len(store.problems)


# --- how much an answer may be ----------------------------------------------------------------

ANSWERS = {
    "30 MB": (lambda _: json.dumps(["x" * 1000] * 30_000), "its answer has more than 10 MB"),
    "deep": (lambda _: "[" * 200_000, "its answer is nested too deep"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_beyond_all_bounds_is_not_read_and_that_is_said(
    online: Command, vendor: Vendor, tmp_path: Path, kind: str
) -> None:
    change, said = ANSWERS[kind]
    for part in ("/v7/finance/quote", "/v8/finance/chart", "push2.eastmoney.com"):
        vendor.changes[part] = change
    lists = tmp_path / "watchlists"
    rows = [f"{code}.SH,A,100,1.0,1.0,1.0,20.0,20.0,20.0,CNY" for code in ("600941", "600050")]
    write_watchlist(lists, *rows)
    done = online("run", "--prices", "live", "--json", "-o", "out")
    assert 1 == done.returncode
    problems = json.loads(done.stdout)["problems"]
    assert 2 == sum(each["kind"] == "no_price" and said in each["message"] for each in problems)
    assert 1 <= sum(each["kind"] == "source_out" for each in problems) <= 4


# --- workbooks that are no friends ------------------------------------------------------------


@pytest.fixture
def spoiled(tmp_path: Path, report_result: screener.Result) -> Callable[[bytes, bytes], Path]:
    """A workbook of ours in whose parts something stands in place of something else."""

    def spoil(old: bytes, new: bytes) -> Path:
        path, spoiled = screener.write(report_result, tmp_path / "screen.xlsx"), tmp_path / "x.xlsx"
        with ZipFile(path) as archive, ZipFile(spoiled, "w", ZIP_DEFLATED) as target:
            for name in archive.namelist():
                target.writestr(name, re.sub(old, new, archive.read(name), count=1))
        return spoiled

    return spoil


def test_a_workbook_that_takes_for_ever_is_ended(spoiled: Callable[[bytes, bytes], Path]) -> None:
    row = b'<row r="9"><c r="A9"><v>1</v></c><c r="B9"><v>1</v></c></row>'
    path = spoiled(b"<sheetData>", b"<sheetData>" + row * 400_000)
    with pytest.raises(UnreadableError, match="was not read within 2 seconds"):
        read_sheet(path, timeout=2)


def test_a_table_that_is_as_large_as_a_sheet_can_be_is_refused(
    spoiled: Callable[[bytes, bytes], Path],
) -> None:
    path = spoiled(rb'(<table [^>]*)ref="[^"]*"', rb'\1ref="A1:XFD1048576"')
    (problem,) = screener.read_inputs(path).problems
    assert "has a table of more than 1,000,000 cells" in problem.message


@pytest.mark.parametrize("new", [b"<sheetData", b"<sheetData>\x00", b""])
def test_a_broken_workbook_is_told_whatever_its_reader_raises(
    spoiled: Callable[[bytes, bytes], Path], new: bytes
) -> None:
    found = screener.read_inputs(spoiled(b"<sheetData>", new))
    assert ["bad_file"] == [problem.kind for problem in found.problems]


def test_a_workbook_whose_properties_are_not_ours_is_kept(
    spoiled: Callable[[bytes, bytes], Path],
) -> None:
    path = spoiled(b"<dc:creator>screener<", b"<dc:creator>somebody<")
    before = path.read_bytes()
    assert "is not as screener wrote it" in save(b"new", path).kept
    assert before == path.read_bytes()
