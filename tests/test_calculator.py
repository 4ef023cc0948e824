"""The product against the calculator: random watchlists, every figure, in each output."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from screener import write
from screener.output.formats import json_bytes
from screener.valuation.aggregates import AGGREGATE_COLUMNS
from tests import office
from tests.calculator import Cell, Valued
from tests.calculator_ranks import best_of, statistics, status, valued
from tests.conftest import reads_past_extensions
from tests.worlds import random_world, screened

DAYS = (date(2026, 11, 20), date(2026, 3, 31), date(2026, 3, 2), date(2024, 2, 29))
# What ranks, and the limit of NM; `{0}` is the year of the day.
CASES = (
    ("pe_fy1", "1000"),
    ("pe_fy1", "20"),
    ("pe_ntm", "1000"),
    ("pe_cy_{0}", None),
    ("earnings_yield_cy_{0}", "1000"),
    ("eps_cagr", "1000"),
    ("eps_growth_{0}", "1000"),
    ("eps_revision_fy1", None),
    ("peg", "1000"),
    ("upside", "20"),
    ("rerating", "1000"),
    ("market_cap", "1000"),
    ("pe_ttm", "30"),
    ("pb", "1000"),
    ("dividend_yield", "1000"),
    ("pe_ttm_percentile", "1000"),
)
# Their ranges are no part of this comparison.
WITHOUT_RANGE = ("peg", "pe_vs_sector", "upside", "pe_ttm", "pb", "dividend_yield")
RANGE = ("figure_low", "figure_high", "rank_best", "rank_worst")
Found = Mapping[str, Any]


def agrees(expected: Cell, found: Any) -> bool:
    """Whether a figure is the other one, to nine digits; a difference may come to nothing."""
    if not isinstance(expected, Fraction):
        return bool(expected == found)
    is_number = isinstance(found, int | float)
    return is_number and abs(Fraction(found) - expected) <= abs(expected) / 10**9 + 1e-13


def differences(where: str, expected: Mapping[str, Cell], found: Found) -> list[str]:
    """Where a row or a statistic is another one than the calculator's."""
    return [
        f"{where} {name}: {_shown(value)} is {found.get(name)!r}"
        for name, value in expected.items()
        if not agrees(value, found.get(name))
    ]


def _shown(value: Cell) -> str:
    return repr(float(value)) if isinstance(value, Fraction) else str(value)


def expected_of(one: Valued) -> dict[str, Cell]:
    """All that must stand in a row, by the names of the frame."""
    names = RANGE if one.world.by in WITHOUT_RANGE else ()
    figures = {name: value for name, value in one.figures.items() if name not in names}
    return {**one.texts, **figures, "status": status(one)}


def flat(row: Found) -> dict[str, Any]:
    """A row of a document with its families by year laid out as in a frame; days are days."""
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            cells |= {f"{name}_{year}": each for year, each in value.items()}
        else:
            cells[name] = value
    return with_days(cells)


def with_days(cells: Found) -> dict[str, Any]:
    """Cells with the days that are texts in a file."""
    days = {name: date.fromisoformat(cells[name]) for name in ("fy1_end", "consensus_day")}
    return {**cells, **days}


def number(text: str) -> Any:
    """A cell of a CSV file: nothing, a number, or its text."""
    try:
        return float(text) if text else None
    except ValueError:
        return text


def by_sector(every: Iterable[Valued]) -> dict[str, list[Valued]]:
    found: dict[str, list[Valued]] = {}
    for one in every:
        found.setdefault(one.row.sector, []).append(one)
    return found


def expected_statistics(every: list[Valued]) -> dict[tuple[str, str], dict[str, Cell]]:
    """The statistics of each sector by each metric that ranks."""
    return {
        (sector, metric): statistics(names, metric)
        for sector, names in by_sector(every).items()
        for metric in every[0].figures
        if best_of(metric)
    }


@pytest.mark.parametrize("seed", range(len(CASES)))
def test_every_figure_in_json_and_csv_is_the_calculators(tmp_path: Path, seed: int) -> None:
    by, nm_above = CASES[seed]
    world = random_world(seed, 80, DAYS[seed % len(DAYS)], by, nm_above)
    result = screened(world, tmp_path)
    document = json.loads(json_bytes(result))
    rows = [flat(row) for row in document["rows"]]
    text = write(result, tmp_path / "screen.csv").read_text(encoding="utf-8-sig")
    lines = [
        with_days({name: number(cell) for name, cell in line.items()})
        for line in csv.DictReader(text.splitlines())
    ]

    every = valued(world)
    wanted = [expected_of(one) for one in every]
    is_number = {name for name, cell in rows[0].items() if isinstance(cell, int | float)}
    assert set() == is_number - wanted[0].keys() - set(RANGE)
    found = []
    for one, row, line in zip(wanted, rows, lines, strict=True):
        where = f"{one['sector']} {one['symbol']}"
        found += differences(f"json {where}", one, row)
        found += differences(f"csv {where}", one, line)
    sectors = {(row["sector"], row["metric"]): row for row in document["sectors"]}
    of_sectors = expected_statistics(every)
    assert of_sectors.keys() == sectors.keys()
    for key, expected in of_sectors.items():
        found += differences(" ".join(key), expected, sectors[key])
    assert [] == found


# --- the workbook -------------------------------------------------------------------------------


def lines_of(book: Workbook, sheet: str, columns: Mapping[str, str]) -> list[dict[str, Any]]:
    """The lines of a sheet that begins with titles, by the names of the columns."""
    titles, *rows = book[sheet].iter_rows(min_row=4, values_only=True)
    names = [columns.get(str(title).partition("\n")[0]) for title in titles]
    return [
        {name: plain(cell) for name, cell in zip(names, row, strict=True) if name} for row in rows
    ]


def plain(cell: Any) -> Any:
    """A cell's day without a time, its empty text as nothing."""
    return cell.date() if isinstance(cell, datetime) else None if cell == "" else cell


def in_words(one: Valued, metrics: Iterable[str]) -> dict[str, Cell]:
    """A row as a sheet has it: where there is no figure, `NM`, or `n/a` for what is missing."""
    cells = expected_of(one)
    for name, cell in cells.items():
        figure = one.world.by if name.startswith("figure_") else name
        if cell is None and not name.startswith("rank") and name not in one.texts:
            cells[name] = "NM" if figure in metrics and figure not in one.lacking else "n/a"
    return cells


def of_sheet(cells: Mapping[str, Cell], line: Found) -> dict[str, Cell]:
    """Those that the sheet has a column of."""
    return {name: cell for name, cell in cells.items() if name in line}


@office.needs_office
@reads_past_extensions
def test_every_figure_in_a_recalculated_workbook_is_the_calculators(tmp_path: Path) -> None:
    world = random_world(99, 60, DAYS[0], "pe_fy1", "20")
    result = screened(world, tmp_path)
    path = office.forgetful(write(result, tmp_path / "s.xlsx", "en"), tmp_path / "forgetful.xlsx")
    book = load_workbook(office.recalculated([path], tmp_path)[0], data_only=True)
    columns = {result.heading(column, "en"): name for name, column in result.columns.items()}
    titles = {column.label("en"): column.name for column in AGGREGATE_COLUMNS}

    every = valued(world)
    rows = {(one.row.sector, one.row.symbol): in_words(one, result.metrics) for one in every}
    found = []
    for sector, names in by_sector(every).items():
        lines = lines_of(book, sector, columns)
        assert [one.row.symbol for one in names] == [line["symbol"] for line in lines[: len(names)]]
        assert result.metrics.keys() <= lines[0].keys()
        for line in lines[: len(names)]:
            row = of_sheet(rows[sector, line["symbol"]], line)
            found += differences(f"{sector} {line['symbol']}", row, line)
        below = {titles[line["name"]]: line for line in lines[len(names) :] if line["name"]}
        for (where, metric), cells in expected_statistics(every).items():
            shown = {name: "–" if cell is None else cell for name, cell in cells.items()}
            got = {name: line[metric] for name, line in below.items()}
            if where == sector:
                found += differences(f"{sector} {metric}", of_sheet(shown, got), got)
    ranking = lines_of(book, "Ranking", columns)
    assert rows.keys() == {(line["sector"], line["symbol"]) for line in ranking}
    for line in ranking:
        row = of_sheet(rows[line["sector"], line["symbol"]], line)
        found += differences(f"Ranking {line['sector']} {line['symbol']}", row, line)
    assert [] == found
