"""A result as an Excel workbook: an overview, a sheet a sector, all ranked, problems, about."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from screener import __version__
from screener.aggregates import AGGREGATE_COLUMNS
from screener.metrics import Metric
from screener.model import PROBLEM_KINDS
from screener.schema import FORMATS, Column
from screener.symbols import exchange_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from screener.screening import Result

# What a ranked sheet shows, in this order; `{year}` stands for one column a fiscal year.
SHOWN = (
    "rank",
    "rank_best",
    "rank_worst",
    "symbol",
    "name",
    "price",
    "price_currency",
    "eps_{year}",
    "pe_{year}",
    "fy1",
    "pe_fy1",
    "pe_low",
    "pe_high",
    "pe_ntm",
    "eps_cagr",
    "peg",
    "earnings_yield_fy1",
    "pe_vs_sector",
    "implied_price",
    "upside",
    "market_cap",
    "status",
)
# Where each row's figures come from, and how old they are.
SOURCES = (
    "sector",
    "symbol",
    "printed_symbol",
    "name",
    "price",
    "price_currency",
    "price_source",
    "price_obtained",
    "price_time",
    "price_age_days",
    "price_bound_low",
    "price_bound_high",
    "report_price",
    "price_change",
    "fx",
    "fx_source",
    "fx_time",
    "eps_currency",
    "fiscal_year_end",
    "consensus_source",
    "consensus_day",
    "consensus_age_days",
    "market_cap_printed",
    "market_cap_basis",
    "where",
    "note",
)
_HEADER_ROW = 3
_WIDEST = 60
_FORBIDDEN_IN_SHEET_NAMES = str.maketrans("[]:*?/\\'", "________")

_WORDS: Mapping[str, tuple[str, str]] = {
    "summary": ("概览", "Summary"),
    "ranking": ("排名", "Ranking"),
    "sources": ("来源", "Sources"),
    "problems": ("问题", "Problems"),
    "about": ("说明", "About"),
    "price_day": ("估值日", "Price day"),
    "prices": ("价格", "Prices"),
    "ranked_by": ("排名依据", "Ranked by"),
    "unit": (
        "市值单位：亿元；每股数据按各自币种",
        "Market cap in 100 million; per share in its currency",
    ),
    "severity": ("级别", "Severity"),
    "kind": ("类别", "Kind"),
    "where": ("位置", "Where"),
    "symbol": ("代码", "Symbol"),
    "message": ("内容", "Message"),
    "generated": ("生成时间", "Generated at"),
    "version": ("版本", "Version"),
    "watchlist": ("自选表", "Watchlist"),
    "metric": ("指标", "Metric"),
    "meaning": ("含义", "Meaning"),
    "formula": ("算法", "Formula"),
}


class _Sheets:
    """The workbook under construction: its formats, its words, its sheet names."""

    def __init__(self, workbook: Workbook, lang: str) -> None:
        self.workbook = workbook
        self.lang = lang
        # Excel keeps the name History for itself.
        self.names = {"history"}
        self.title = workbook.add_format({"bold": True, "font_size": 14, "font_color": "#1F3864"})
        self.subtitle = workbook.add_format({"font_color": "#7F7F7F"})
        self.header = workbook.add_format(
            {
                "bold": True,
                "font_color": "#FFFFFF",
                "bg_color": "#1F3864",
                "align": "center",
                "valign": "vcenter",
                "text_wrap": True,
                "border": 1,
                "border_color": "#BFBFBF",
            }
        )
        self.gap = workbook.add_format({"align": "right", "font_color": "#7F7F7F"})
        self.wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        self._formats: dict[str, Any] = {}

    def word(self, name: str) -> str:
        return _WORDS[name][0 if self.lang == "zh" else 1]

    def format(self, name: str) -> Any:
        if name not in self._formats:
            self._formats[name] = self.workbook.add_format({"num_format": FORMATS[name].excel})
        return self._formats[name]

    def add(self, label: str) -> Worksheet:
        sheet = self.workbook.add_worksheet(self._free_name(label))
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _free_name(self, label: str) -> str:
        base = _cut(label.translate(_FORBIDDEN_IN_SHEET_NAMES), 31) or "Sheet"
        name, number = base, 2
        while name.lower() in self.names:
            name, number = f"{_cut(base, 27)} {number}", number + 1
        self.names.add(name.lower())
        return name


def write(result: Result, path: Path, lang: str) -> Path:
    """Write the workbook of a result, whole or not at all, and return where it stands.

    A workbook at `path` that was changed since it was written here is kept, and another name
    taken. Raises OSError where nothing can be written.
    """
    content = render(result, lang)
    path.parent.mkdir(parents=True, exist_ok=True)
    target = _free_path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".screener-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target


def render(result: Result, lang: str) -> bytes:
    """The bytes of the workbook; the same result gives the same bytes."""
    import xlsxwriter

    buffer = BytesIO()
    options = {
        "in_memory": True,
        # What a watchlist says stays text, whatever it looks like.
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties(
            {
                "title": f"Screen {result.price_day}",
                "subject": f"{result.by}, prices {result.prices}",
                "comments": f"screener {__version__}",
                "created": result.generated_at.replace(tzinfo=None, microsecond=0),
            }
        )
        sheets = _Sheets(workbook, lang)
        _summary(sheets, result)
        for watchlist in result.watchlists:
            rows = result.table.filter(result.table["sector"] == watchlist.name)
            origin = watchlist.provenance
            label = origin.label_zh if lang == "zh" else origin.label_en
            _ranked(sheets, result, label, "rank", rows.to_dicts())
        _ranked(sheets, result, sheets.word("ranking"), "rank_all", _across(result))
        _sources(sheets, result)
        _problems(sheets, result)
        _about(sheets, result)
    return buffer.getvalue()


def _across(result: Result) -> list[dict[str, Any]]:
    # Listings that are ranked by another of their rows, and those without a rank, come last.
    return result.table.sort("rank_all", nulls_last=True, maintain_order=True).to_dicts()


def _free_path(path: Path) -> Path:
    """The path, or the first of `NAME-2`, `NAME-3`, … that no edited workbook stands at."""
    target, number = path, 2
    while target.exists() and _is_edited(target):
        target, number = path.with_stem(f"{path.stem}-{number}"), number + 1
    return target


def _is_edited(path: Path) -> bool:
    # Written here, a workbook says it was last modified when it was created; every spreadsheet
    # program that saves it again says otherwise. What is no workbook is not ours.
    from openpyxl import load_workbook

    try:
        properties = load_workbook(path, read_only=True).properties
    except Exception:  # noqa: BLE001 - whatever it is that cannot be read, it is not ours
        return True
    return bool(properties.modified != properties.created)


def _summary(sheets: _Sheets, result: Result) -> None:
    sheet = sheets.add(sheets.word("summary"))
    metric = result.metrics[result.by]
    _head(sheets, sheet, result, sheets.word("summary"))
    columns = [column for column in AGGREGATE_COLUMNS if column.name != "metric"]
    labels = {each.name: each.provenance for each in result.watchlists}
    rows = []
    for row in result.sectors.filter(result.sectors["metric"] == result.by).to_dicts():
        origin = labels[row["sector"]]
        sector = origin.label_zh if sheets.lang == "zh" else origin.label_en
        rows.append({**row, "sector": sector})

    def format_of(column: Column) -> str:
        return metric.format if column.kind == "number" else column.format

    _table(sheets, sheet, columns, rows, format_of, lambda _row, _column: "–")


def _ranked(
    sheets: _Sheets, result: Result, label: str, place: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    sheet = sheets.add(label)
    _head(sheets, sheet, result, label)
    names = [place if name == "rank" else name for name in _shown(result)]
    if place != "rank":
        names = [name for name in names if name not in ("rank_best", "rank_worst")]
        names.insert(1, "sector")
    columns = [result.columns[name] for name in names]
    _table(sheets, sheet, columns, rows, lambda column: column.format, _gap)
    sheet.freeze_panes(_HEADER_ROW + 1, names.index("name") + 1)


def _shown(result: Result) -> list[str]:
    """The columns of a ranked sheet, with the ranking metric among them."""
    names: list[str] = []
    for shown in SHOWN:
        family = shown.partition("{year}")[0]
        names += (
            [n for n in result.columns if n.startswith(family) and n[len(family) :].isdigit()]
            if "{year}" in shown
            else [shown]
        )
    return names if result.by in names else [*names[:5], result.by, *names[5:]]


def _gap(row: Mapping[str, Any], column: Column) -> str:
    return column.gap(row) if isinstance(column, Metric) else ""


def _sources(sheets: _Sheets, result: Result) -> None:
    sheet = sheets.add(sheets.word("sources"))
    _head(sheets, sheet, result, sheets.word("sources"))
    columns = [result.columns[name] for name in SOURCES]
    rows = result.table.sort("row").to_dicts()
    _table(sheets, sheet, columns, rows, lambda column: column.format, _gap)
    sheet.freeze_panes(_HEADER_ROW + 1, SOURCES.index("name") + 1)


def _problems(sheets: _Sheets, result: Result) -> None:
    sheet = sheets.add(sheets.word("problems"))
    _head(sheets, sheet, result, sheets.word("problems"))
    columns = [
        Column(name=name, kind="text", zh=_WORDS[name][0], en=_WORDS[name][1], meaning="")
        for name in ("severity", "kind", "symbol", "where", "message")
    ]
    rows = [
        {
            "severity": problem.severity,
            "kind": getattr(PROBLEM_KINDS[problem.kind], sheets.lang),
            "symbol": problem.symbol,
            "where": problem.where,
            "message": problem.message,
        }
        for problem in result.problems
    ]
    _table(sheets, sheet, columns, rows, lambda column: column.format, lambda _row, _column: "")


def _about(sheets: _Sheets, result: Result) -> None:
    import polars

    sheet = sheets.add(sheets.word("about"))
    facts = [
        (sheets.word("price_day"), result.price_day.isoformat()),
        (sheets.word("prices"), result.prices),
        (sheets.word("ranked_by"), result.metrics[result.by].label(sheets.lang)),
        (sheets.word("generated"), result.generated_at.isoformat(timespec="seconds")),
        (sheets.word("version"), f"screener {__version__}, polars {polars.__version__}"),
        *(
            (
                f"{sheets.word('watchlist')} {each.name}",
                f"{each.provenance.publisher} {each.provenance.title},"
                f" {each.provenance.as_of}, {each.provenance.consensus}, {each.path}",
            )
            for each in result.watchlists
        ),
    ]
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 2, _WIDEST)
    sheet.write_string(0, 0, sheets.word("about"), sheets.title)
    for number, (name, fact) in enumerate(facts, start=2):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, fact)
    start = len(facts) + 3
    for number, word in enumerate(("metric", "meaning", "formula")):
        sheet.write_string(start, number, sheets.word(word), sheets.header)
    for number, metric in enumerate(result.metrics.values(), start=start + 1):
        sheet.write_string(number, 0, f"{metric.label(sheets.lang)} {metric.name}", sheets.wrapped)
        sheet.write_string(number, 1, metric.meaning, sheets.wrapped)
        sheet.write_string(number, 2, metric.formula, sheets.wrapped)


def _head(sheets: _Sheets, sheet: Worksheet, result: Result, title: str) -> None:
    metric = result.metrics[result.by].label(sheets.lang)
    facts = (
        f"{sheets.word('price_day')} {result.price_day}",
        f"{sheets.word('prices')} {result.prices}",
        f"{sheets.word('ranked_by')} {metric}",
        sheets.word("unit"),
    )
    sheet.write_string(0, 0, title, sheets.title)
    sheet.write_string(1, 0, " · ".join(facts), sheets.subtitle)


def _table(
    sheets: _Sheets,
    sheet: Worksheet,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    format_of: Callable[[Column], str],
    gap: Callable[[Mapping[str, Any], Column], str],
) -> None:
    """A header and a row a record, with the gap's word where there is no figure."""
    sheet.set_row(_HEADER_ROW, 32)
    sheet.freeze_panes(_HEADER_ROW + 1, 0)
    sheet.repeat_rows(_HEADER_ROW)
    for place, column in enumerate(columns):
        header = column.label(sheets.lang) + (f"\n({column.unit})" if column.unit else "")
        sheet.write_string(_HEADER_ROW, place, header, sheets.header)
        widths = [max(_width(line) for line in header.split("\n"))]
        for number, row in enumerate(rows, start=_HEADER_ROW + 1):
            text = _cell(sheets, sheet, number, place, row, column, format_of(column), gap)
            widths.append(_width(text))
        sheet.set_column(place, place, min(max(widths) + 2, _WIDEST))
    if rows:
        sheet.autofilter(_HEADER_ROW, 0, _HEADER_ROW + len(rows), len(columns) - 1)


def _cell(
    sheets: _Sheets,
    sheet: Worksheet,
    number: int,
    place: int,
    row: Mapping[str, Any],
    column: Column,
    name: str,
    gap: Callable[[Mapping[str, Any], Column], str],
) -> str:
    """Write one cell as what it is, and return about what it looks like."""
    value = row[column.name]
    if value is None:
        word = gap(row, column)
        if word:
            sheet.write_string(number, place, word, sheets.gap)
        return word
    if isinstance(value, datetime):
        local = value.astimezone(exchange_of(row["symbol"]).zone).replace(tzinfo=None)
        sheet.write_datetime(number, place, local, sheets.format(name))
        return str(local)
    if isinstance(value, date):
        sheet.write_datetime(number, place, value, sheets.format(name))
        return str(value)
    if isinstance(value, str):
        sheet.write_string(number, place, value, sheets.format(name))
        return value
    sheet.write_number(number, place, value, sheets.format(name))
    return FORMATS[name].python.format(value)


def _cut(name: str, length: int) -> str:
    # Excel counts a character outside the basic plane as two.
    units = name.encode("utf-16-le")[: 2 * length]
    return units.decode("utf-16-le", errors="ignore")


def _width(text: str) -> int:
    """How many columns of a fixed-width font a text takes; a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
