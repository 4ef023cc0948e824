"""What is measured: watchlists of many names, large spreadsheets, scripts to hold against."""

from __future__ import annotations

from pathlib import Path
from random import Random

from openpyxl import Workbook

from screener.watchlists.folder import bundled
from tests.conftest import header_of, write_watchlist

SEED = 20261129
YEARS = (2024, 2025, 2026)
OF_A_LIST = 250

# What somebody writes in an afternoon who has the four files and needs ranks, medians and a sheet.
PLAIN = """
import sys
from pathlib import Path
import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font

book = Workbook()
book.remove(book.active)
for path in sorted(Path(sys.argv[1] if len(sys.argv) > 1 else {folder!r}).glob("*.csv")):
    frame = pd.read_csv(path)
    if "eps_2025" not in frame:
        continue
    frame["price"] = frame["eps_2025"] * frame["pe_2025"]
    for year in (2024, 2025, 2026):
        frame[f"live_{{year}}"] = frame["price"] / frame[f"eps_{{year}}"].where(
            frame[f"eps_{{year}}"] > 0)
    frame["growth"] = (frame["eps_2026"] / frame["eps_2024"].where(frame["eps_2024"] > 0)) ** .5 - 1
    frame["rank"] = frame["live_2025"].rank(method="min")
    frame = frame.sort_values("rank")
    sheet = book.create_sheet(path.stem)
    sheet.append(list(frame.columns))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, row in enumerate(frame.itertuples(index=False), start=2):
        sheet.append([None if value != value else value for value in row])
    print(frame[["rank", "name", "live_2025"]].to_string())
    print(frame["live_2025"].describe())
book.save({target!r})
"""

# Every cell of a workbook of ours, with its formula, value and number format, and as many charts.
CELLS = """
import json, xlsxwriter
sheets, charts = json.loads(open({cells!r}, encoding="utf-8").read())
book = xlsxwriter.Workbook({target!r}, {{"in_memory": True}})
formats = {{}}
for name, rows in sheets:
    sheet = book.add_worksheet(name)
    for row, column, formula, value, number in rows:
        if number not in formats:
            formats[number] = book.add_format({{"num_format": number}})
        if formula is not None:
            sheet.write_formula(row, column, formula, formats[number], value)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, formats[number])
        elif value is not None:
            sheet.write_number(row, column, value, formats[number])
for number in range(charts):
    chart = book.add_chart({{"type": "bar"}})
    chart.add_series({{"values": [sheets[0][0], 1, 1, 10, 1]}})
    book.worksheets()[0].insert_chart(5 + 20 * number, 5, chart)
book.close()
"""


def many_names(folder: Path, count: int, of_a_list: int = OF_A_LIST) -> Path:
    """Watchlists of so many names at random figures, of so many each."""
    dice = Random(SEED)  # noqa: S311 - figures, no secrets
    folder.mkdir()
    header = header_of(*YEARS)
    for begin in range(0, count, of_a_list):
        rows = [_row(number, dice) for number in range(begin, min(begin + of_a_list, count))]
        write_watchlist(folder, *rows, name=f"list{begin // of_a_list}", header=header)
    return folder


def _row(number: int, dice: Random) -> str:
    eps = [round(dice.uniform(0.1, 3), 2) for _ in YEARS]
    price = dice.uniform(5, 100)
    multiples = ",".join(f"{price / each:.2f}" for each in eps)
    return f"{600000 + number}.SH,N{number},100,{','.join(map(str, eps))},{multiples},CNY"


def table_of_rows(path: Path, count: int) -> Path:
    """A spreadsheet of so many rows of codes, EPS and P/E."""
    dice = Random(SEED)  # noqa: S311 - figures, no secrets
    book = Workbook(write_only=True)
    sheet = book.create_sheet("names")
    sheet.append(["code", "name", *(f"EPS {y}E" for y in YEARS), *(f"P/E {y}E" for y in YEARS)])
    for number in range(count):
        eps = [round(dice.uniform(0.1, 3), 2) for _ in YEARS]
        price = dice.uniform(5, 100)
        multiples = [round(price / each, 2) for each in eps]
        sheet.append([f"{600000 + number % 9999}.SH", f"N{number}", *eps, *multiples])
    book.save(path)
    return path


def plain_script(folder: Path) -> Path:
    """A script that does the job plainly: the report's files to ranks in a workbook of values."""
    path = folder / "plain.py"
    target = str(folder / "plain.xlsx")
    path.write_text(PLAIN.format(folder=str(bundled()), target=target), encoding="utf-8")
    return path


def same_cells(folder: Path) -> Path:
    """A script that writes the cells of the report's workbook, and charts, by XlsxWriter alone."""
    import json

    from openpyxl import load_workbook

    from screener import screen, write

    ours = write(screen(watchlists=bundled(), prices="report"), folder / "ours.xlsx", "en")
    formulas, values = load_workbook(ours), load_workbook(ours, data_only=True)
    sheets = [
        (sheet.title, [_cell(cell, values[sheet.title]) for row in sheet for cell in row])
        for sheet in formulas.worksheets
    ]
    charts = sum(len(sheet._charts) for sheet in formulas.worksheets)
    cells = folder / "cells.json"
    cells.write_text(json.dumps((sheets, charts), default=str), encoding="utf-8")
    path, target = folder / "cells.py", str(folder / "cells.xlsx")
    path.write_text(CELLS.format(cells=str(cells), target=target), encoding="utf-8")
    return path


def _cell(cell: object, values: object) -> tuple[int, int, str | None, object, str]:
    value = values.cell(cell.row, cell.column).value  # type: ignore[attr-defined]
    formula = cell.value if cell.data_type == "f" else None  # type: ignore[attr-defined]
    return cell.row - 1, cell.column - 1, formula, value, cell.number_format  # type: ignore[attr-defined]
