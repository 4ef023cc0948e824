"""Valuation tables printed the ways brokers print them, in every kind of file that is read."""

from __future__ import annotations

import csv
import html
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from docx import Document
from openpyxl import Workbook

from screener.model.width import width_of

Figures = dict[int, tuple[str, str]]  # EPS and P/E by fiscal year, as printed: "" for none


@dataclass(frozen=True)
class Name:
    """One listing of a table to be printed."""

    symbol: str
    name: str
    market_cap: str
    figures: Figures


@dataclass(frozen=True)
class Layout:
    """How a table is printed."""

    is_interleaved: bool = False
    heading_lines: Literal[1, 2] = 2
    year: str = "{}E"
    name_first: bool = False
    code: Literal["suffix", "prefix", "bare"] = "suffix"
    negative: Literal["minus", "brackets"] = "minus"
    nothing: str = "-"
    is_full_width: bool = False
    extra: tuple[str, ...] = ()


CAPTION = "表5: 重点公司盈利预测与估值-电子 (截至 2025 年 1 月 31 日)"
SOURCE = "资料来源: Wind 一致预期, 某某证券研究所"
_WIDE = str.maketrans("0123456789.-,()", "0123456789.-,()")


def grid(names: list[Name], layout: Layout) -> tuple[list[list[str]], list[list[str]]]:
    """Heading rows and data rows; an empty heading belongs to the one at its left."""
    years = sorted(names[0].figures)
    columns = [(year, kind) for year in years for kind in (0, 1)]
    if not layout.is_interleaved:
        columns = [(year, kind) for kind in (0, 1) for year in years]
    labels = ("EPS (元)", "P/E")
    identity = ["代码", "名称"]
    identity = identity[::-1] if layout.name_first else identity
    before = [*identity, "总市值(亿元)"]
    printed = {year: layout.year.format(year, yy=year % 100) for year in years}
    if layout.heading_lines == 1:
        heads = [[*before, *(f"{labels[kind]}{printed[year]}" for year, kind in columns)]]
    else:
        upper, lower = [], []
        for at, (year, kind) in enumerate(columns):
            group = printed[year] if layout.is_interleaved else labels[kind]
            last = columns[at - 1] if at else None
            begins = last is None or last[not layout.is_interleaved] != (
                year if layout.is_interleaved else kind
            )
            upper.append(group if begins else "")
            lower.append(labels[kind] if layout.is_interleaved else printed[year])
        heads = [[*before, *upper], ["", "", "", *lower]]
    heads[0] += list(layout.extra)
    heads = [[*row, *[""] * (len(heads[0]) - len(row))] for row in heads]
    rows = []
    for each in names:
        pair = [code_of(each.symbol, layout), each.name]
        pair = pair[::-1] if layout.name_first else pair
        cells = [figure_of(each.figures[year][kind], layout) for year, kind in columns]
        cap = figure_of(each.market_cap, layout)
        rows.append([*pair, cap, *cells, *("买入" for _ in layout.extra)])
    return heads, rows


def code_of(symbol: str, layout: Layout) -> str:
    digits, _, suffix = symbol.partition(".")
    if layout.code == "bare" and suffix != "HK":
        return digits
    return f"{suffix}{digits}" if layout.code == "prefix" else symbol


def figure_of(text: str, layout: Layout) -> str:
    if not text:
        return layout.nothing
    if text.startswith("-") and layout.negative == "brackets":
        text = f"({text[1:]})"
    return text.translate(_WIDE) if layout.is_full_width else text


def as_text(heads: list[list[str]], rows: list[list[str]], mark: str, path: Path) -> None:
    lines = [CAPTION, ""]
    if mark == "aligned":
        widths = [
            max(width_of(row[at]) for row in (*heads, *rows)) + 3 for at in range(len(rows[0]))
        ]
        for row in (*heads, *rows):
            cells = (
                " " * (width - width_of(cell)) + cell
                for cell, width in zip(row, widths, strict=True)
            )
            lines.append("".join(cells).rstrip())
    else:
        framed = list(heads)
        framed += [["---"] * len(rows[0])] if mark == "|" else []
        ends = "|" if mark == "|" else ""
        lines += [f"{ends}{mark.join(row)}{ends}" for row in (*framed, *rows)]
    path.write_text("\n".join((*lines, "", SOURCE, "")), encoding="utf-8")


def as_csv(heads: list[list[str]], rows: list[list[str]], mark: str, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=mark).writerows([[CAPTION], *heads, *rows, [SOURCE]])


def spans(heads: list[list[str]]) -> list[tuple[int, int]]:
    """From where to where each heading of the first row reaches over empty ones."""
    found: list[tuple[int, int]] = []
    first = heads[0]
    lower = heads[1] if len(heads) > 1 else [""] * len(first)
    for at, text in enumerate(first):
        if text or not lower[at]:
            found.append((at, at))
        else:
            found[-1] = (found[-1][0], at)
    return found


def as_xlsx(heads: list[list[str]], rows: list[list[str]], path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ([CAPTION], *heads, *rows, [SOURCE]):
        sheet.append(row)
    for first, last in spans(heads):
        if last > first:
            sheet.merge_cells(start_row=2, end_row=2, start_column=first + 1, end_column=last + 1)
    book.save(path)


def as_docx(heads: list[list[str]], rows: list[list[str]], path: Path) -> None:
    document = Document()
    document.add_paragraph(CAPTION)
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in (*heads, *rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    for first, last in spans(heads):
        if last > first:
            text = heads[0][first]
            merged = table.cell(0, first).merge(table.cell(0, last))
            merged.text = text
    document.add_paragraph(SOURCE)
    document.save(str(path))


def as_html(heads: list[list[str]], rows: list[list[str]], path: Path) -> None:
    out = [f"<html><head><meta charset='utf-8'></head><body><p>{CAPTION}</p><table>"]
    alone = len(heads) == 2
    first = "".join(
        f"<th colspan={last - start + 1}"
        f"{' rowspan=2' if alone and not heads[1][start] else ''}>{heads[0][start]}</th>"
        for start, last in spans(heads)
    )
    out.append(f"<tr>{first}</tr>")
    if alone:
        out.append("<tr>" + "".join(f"<th>{text}</th>" for text in heads[1] if text) + "</tr>")
    out += [
        "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in rows
    ]
    path.write_text("\n".join((*out, f"</table><p>{SOURCE}</p></body></html>")), encoding="utf-8")


def as_pdf(
    heads: list[list[str]], rows: list[list[str]], path: Path, *, ruled: bool, per_page: int = 40
) -> None:
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path), pagesize=landscape(A4))
    width = 760 / len(rows[0])
    pages = [rows[at : at + per_page] for at in range(0, len(rows), per_page)]
    for number, part in enumerate(pages, start=1):
        canvas.setFont("STSong-Light", 8)
        if number == 1:
            canvas.drawString(40, 560, CAPTION)
        shown = [*heads, *part]
        for line, row in enumerate(shown):
            top = 540 - 12 * line
            for at, text in enumerate(row):
                right = 40 + width * (at + 1)
                canvas.drawRightString(right - 3, top - 9, text)
        if ruled:
            _rule(canvas, heads, len(shown), len(rows[0]), width)
        canvas.drawString(400, 20, f"{number}")
        if number == len(pages):
            canvas.drawString(40, 535 - 12 * len(shown) - 12, SOURCE)
        canvas.showPage()
    canvas.save()


def _rule(canvas: object, heads: list[list[str]], lines: int, columns: int, width: float) -> None:
    for line in range(lines + 1):
        y = 540 - 12 * line
        canvas.line(40, y, 40 + width * columns, y)  # type: ignore[attr-defined]
    inner = {at for first, last in spans(heads) for at in range(first + 1, last + 1)}
    for at in range(columns + 1):
        top = 540 - (12 if at in inner else 0)
        canvas.line(40 + width * at, top, 40 + width * at, 540 - 12 * lines)  # type: ignore[attr-defined]


FORMATS = ("tab", "pipe", "aligned", "csv", "tsv", "xlsx", "docx", "html", "pdf", "ruled")


def write(names: list[Name], layout: Layout, kind: str, folder: Path) -> Path:
    """The table in a file of that kind."""
    heads, rows = grid(names, layout)
    ending = {"tab": "txt", "pipe": "md", "aligned": "txt", "ruled": "pdf"}.get(kind, kind)
    path = folder / f"report.{ending}"
    if kind in ("tab", "pipe", "aligned"):
        as_text(heads, rows, {"tab": "\t", "pipe": "|"}.get(kind, kind), path)
    elif kind in ("csv", "tsv"):
        as_csv(heads, rows, "," if kind == "csv" else "\t", path)
    elif kind in ("pdf", "ruled"):
        as_pdf(heads, rows, path, ruled=kind == "ruled")
    else:
        {"xlsx": as_xlsx, "docx": as_docx, "html": as_html}[kind](heads, rows, path)
    return path
