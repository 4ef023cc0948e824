"""One name beside its peers, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rich.console import Console

import screener
from screener.model.usage import UsageError
from screener.output.terminal.comps import comps_page
from screener.output.workbook.comps import render_comps
from screener.screening import runs
from screener.screening.comps import Comparison, compare
from screener.store.kept import KeptFigure
from screener.store.store import Store
from tests.conftest import NOW, header_of, write_watchlist
from tests.office import differences, forgetful, formulas, needs_office, recalculated, values

HEADER = header_of(2025, 2026, cap=False, pe=False, more=("price", "currency"))
# P/E of FY1: 10, 20, 30 and a loss; the name itself is at 15.
ROWS = (
    "600941.SH,own,2.00,2.20,CNY,30.00,CNY",
    "600050.SH,ten,1.00,1.10,CNY,10.00,CNY",
    "600051.SH,twenty,1.00,1.10,CNY,20.00,CNY",
    "600052.SH,thirty,1.00,1.10,CNY,30.00,CNY",
    "600053.SH,loss,-1.00,1.10,CNY,30.00,CNY",
)


@pytest.fixture
def result(tmp_path: Path) -> screener.Result:
    write_watchlist(tmp_path / "lists", *ROWS, header=HEADER, toml="as_of = 2025-01-31")
    return screener.screen(watchlists=tmp_path / "lists", prices="report", now=NOW)


def spread(found: Comparison, name: str) -> dict[str, float | None]:
    (each,) = [each for each in found.spreads if each.metric.name == name]
    return {at: getattr(each, at) for at in ("own", "low", "median", "high", "premium", "n")}


def test_a_name_is_set_beside_the_others_of_its_watchlist(result: screener.Result) -> None:
    found = compare(result, "600941.sh")
    assert {"own": 15, "low": 10, "median": 20, "high": 30, "premium": -0.25, "n": 3} == (
        pytest.approx(spread(found, "pe_fy1"))
    )
    assert 4 == len(found.peers)


def test_prices_are_implied_by_low_median_and_high(result: screener.Result) -> None:
    implied = {
        each.at: (each.price, each.upside)
        for each in compare(result, "600941.SH").implied
        if each.metric.name == "pe_fy1"
    }
    assert ["low", "lower_quartile", "median", "upper_quartile", "high"] == [*implied]
    # By hand: EPS of 2.00 at 10, 15, 20, 25 and 30 times; the price is 30.
    assert pytest.approx((30.0, 0.0)) == implied["lower_quartile"]
    assert pytest.approx((50.0, 2 / 3)) == implied["upper_quartile"]
    assert pytest.approx((20.0, -1 / 3)) == implied["low"]
    assert pytest.approx((40.0, 1 / 3)) == implied["median"]
    assert pytest.approx((60.0, 1.0)) == implied["high"]


def test_a_loss_implies_no_price_and_has_no_premium(result: screener.Result) -> None:
    found = compare(result, "600053.SH")
    assert {"own": None, "premium": None} == {
        at: spread(found, "pe_fy1")[at] for at in ("own", "premium")
    }
    assert [] == [each for each in found.implied if each.metric.name == "pe_fy1"]


def test_peers_can_be_named(result: screener.Result) -> None:
    found = compare(result, "600941.SH", ["600050.SH", "600052.SH", "600050.SH"])
    assert (2, 20.0) == (len(found.peers), spread(found, "pe_fy1")["median"])


@pytest.mark.parametrize(
    ("symbol", "peers", "words"),
    [
        ("600942.SH", (), "no watchlist that was taken has '600942.SH'"),
        ("AAPL", (), "is no code"),
        ("600941.SH", ("600941.SH",), "has no peers here"),
        ("600941.SH", ("600999.SH",), "no watchlist that was taken has '600999.SH'"),
    ],
)
def test_what_cannot_be_compared_is_told(
    result: screener.Result, symbol: str, peers: tuple[str, ...], words: str
) -> None:
    with pytest.raises(UsageError) as refused:
        compare(result, symbol, peers)
    assert words in str(refused.value)


def kept(run: int, day: int, **multiples: float | None) -> list[KeptFigure]:
    """P/E by the last digits of the code, in one run."""
    return [
        KeptFigure(run, date(2025, 1, day), "demo", f"600{code[1:]}.SH", pe)
        for code, pe in multiples.items()
    ]


def test_the_premium_of_earlier_days_is_to_the_same_peers_and_has_todays_place_in_it(
    result: screener.Result,
) -> None:
    peers = ["600050.SH", "600051.SH"]
    figures = [
        *kept(1, 2, _941=15.0, _050=20.0, _051=40.0),
        # Two runs of one day: the last one counts that has every peer.
        *kept(2, 3, _941=15.0, _050=15.0, _051=25.0),
        *kept(3, 3, _941=15.0, _050=12.0, _051=None),
        *kept(4, 3, _941=15.0, _050=1.0),
        *kept(5, 6, _941=None, _050=10.0, _051=10.0),
        *kept(6, 31, _941=99.0, _050=10.0, _051=10.0),
    ]
    past = compare(result, "600941.SH", peers, figures).past
    assert past is not None
    # On the 2nd 15 ÷ 30 − 1, on the 3rd 15 ÷ 12 − 1; a loss has none, and today is not earlier.
    assert (date(2025, 1, 2), date(2025, 1, 3), 2) == (past.first, past.last, past.n)
    assert pytest.approx((-0.5, -0.125, 0.25)) == (past.low, past.median, past.high)
    # Today 15 stands among 10 and 20: at their middle, above one of the two days.
    assert (0.0, 0.5) == (spread(compare(result, "600941.SH", peers), "pe_fy1")["premium"],
                          past.percentile)  # fmt: skip


def test_a_moved_code_of_beijing_keeps_its_past(tmp_path: Path) -> None:
    rows = ("920808.BJ,own,2.00,2.20,CNY,30.00,CNY", "600050.SH,ten,1.00,1.10,CNY,10.00,CNY")
    write_watchlist(tmp_path / "lists", *rows, header=HEADER, toml="as_of = 2026-01-30")
    result = screener.screen(watchlists=tmp_path / "lists", prices="report", now=NOW)
    figures = [
        KeptFigure(1, date(2025, 9, 1), "demo", symbol, pe)
        for symbol, pe in (("872808.BJ", 12.0), ("600050.SH", 8.0))
    ]
    for symbol, premium in (("920808.BJ", 0.5), ("600050.SH", -1 / 3)):
        past = compare(result, symbol, kept=figures).past
        assert past is not None and pytest.approx(premium) == past.median


def test_runs_that_are_kept_become_the_past_but_not_those_with_an_nm_limit(
    result: screener.Result, tmp_path: Path
) -> None:
    store = Store(tmp_path / "quotes.db")
    for each in (
        result,
        screener.screen(watchlists=tmp_path / "lists", prices="report", now=NOW, nm_above=18.0),
    ):
        runs.keep(each, store)
    assert len(result.table) == len(store.figures())
    tomorrow = replace(result, price_day=result.price_day + timedelta(days=1))
    past = compare(tomorrow, "600941.SH", kept=store.figures()).past
    now = spread(compare(result, "600941.SH"), "pe_fy1")["premium"]
    assert past is not None and (now, 1, 0.0) == (past.median, past.n, past.percentile)


def printed(result: screener.Result, symbol: str, width: int = 100) -> str:
    terminal = Console(width=width, file=StringIO(), record=True)
    terminal.print(comps_page(compare(result, symbol), result, "en", width))
    return terminal.export_text()


def test_the_page_has_a_row_a_peer_the_target_and_the_statistics_set_apart(
    result: screener.Result,
) -> None:
    lines = printed(result, "600941.SH").splitlines()
    rows = {line.split()[0]: line for line in lines if line.split()}
    place = {symbol: at for at, line in enumerate(lines) for symbol in line.split()[:1]}
    assert ["15.0x", "10.0x", "NM"] == [
        rows[symbol].split()[3] for symbol in ("600941.SH", "600050.SH", "600053.SH")
    ]
    # A blank line below the target, and one above the statistics.
    assert "" == lines[place["600941.SH"] + 1].strip()
    assert "" == lines[place["High"] - 1].strip()
    assert ["High", "30.0x"] == rows["High"].split()[:2]
    assert ["Median", "20.0x"] == rows["Median"].split()[:2]
    # The premium of each is over the peers' median, the target's too.
    assert ("-25.0%", "-50.0%") == tuple(
        rows[symbol].split()[-1] for symbol in ("600941.SH", "600050.SH")
    )


def test_implied_prices_are_bars_on_one_scale_with_the_price_in_them(
    result: screener.Result,
) -> None:
    (bar,) = [
        line for line in printed(result, "600941.SH").splitlines() if line.startswith("P/E FY1")
    ]
    assert "P/E FY1" == bar[:7]
    # From 20 to 60 on 28 places: the median of 40 is in the middle, the price of 30 at a quarter.
    drawn = bar.partition("20.00 ")[2][:28]
    assert (14, 7) == (drawn.index("●"), drawn.index("┃"))
    assert {"─", "━", "●", "┃"} == set(drawn)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_of_the_page_is_wider_than_the_terminal(
    result: screener.Result, width: int
) -> None:
    assert all(len(line) <= width for line in printed(result, "600941.SH", width).splitlines())


def test_the_workbooks_statistics_and_implied_prices_are_formulas_with_their_values(
    result: screener.Result, tmp_path: Path
) -> None:
    found = compare(result, "600941.SH")
    path = tmp_path / "comps.xlsx"
    path.write_bytes(render_comps(found, result, "en"))
    sheet, live = (load_workbook(path, data_only=each).worksheets[0] for each in (True, False))
    rows = {row[1].value: row for row in sheet.iter_rows()}
    heads = [str(cell.value).partition("\n")[0] for cell in sheet[4]]
    at = heads.index("P/E FY1")
    assert [30, 25, 20, 15, 10, 3] == [
        rows[name][at].value for name in ("High", "75%", "Median", "25%", "Low", "n")
    ]
    (implied,) = [row for row in sheet.iter_rows() if row[0].value == "P/E FY1"]
    assert [2.0, 1.0, 20.0, 30.0, 40.0, 50.0, 60.0] == [cell.value for cell in implied[2:9]]
    formula = live.cell(implied[6].row, 7).value
    assert isinstance(formula, str) and formula.startswith("=")
    assert 1 == len(live._charts)


@needs_office
def test_libreoffice_computes_the_same_comps(result: screener.Result, tmp_path: Path) -> None:
    path = tmp_path / "comps.xlsx"
    path.write_bytes(render_comps(compare(result, "600941.SH"), result, "en"))
    (anew,) = recalculated([forgetful(path, tmp_path / "forgotten.xlsx")], tmp_path)
    cells = [*formulas(path)]
    assert len(cells) > 20
    assert [] == differences(values(path), values(anew), cells)
