"""A result in other formats than a workbook: CSV, Parquet, JSON, Markdown.

The columns of CSV and Parquet are those of the frame, by the names that `screener metrics
--columns` prints.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

from screener import __version__
from screener.files import MARK
from screener.metrics import Metric
from screener.model import SEVERITIES
from screener.wording import say

if TYPE_CHECKING:
    from screener.screening import Result

# A spreadsheet program takes text that begins so for a formula.
_LIKE_A_FORMULA = r"^[=+\-@\t\r＝＋－＠]"
# What a Markdown table shows beside rank, code, name, price and the metric that ranks.
SHOWN = ("pe_fy1", "pe_ntm", "peg", "eps_cagr", "pe_vs_sector")


def csv(result: Result, lang: str) -> bytes:  # noqa: ARG001 - as every format
    """UTF-8 with a byte order mark, for Excel; text that looks like a formula gets a `'` first."""
    import polars as pl

    texts = pl.col(pl.String)
    safe = pl.when(texts.str.contains(_LIKE_A_FORMULA)).then("'" + texts).otherwise(texts)
    buffer = BytesIO()
    result.table.with_columns(safe.name.keep()).write_csv(buffer, include_bom=True)
    return buffer.getvalue()


def parquet(result: Result, lang: str) -> bytes:  # noqa: ARG001 - as every format
    """The frame as it is, with its types."""
    buffer = BytesIO()
    result.table.write_parquet(buffer, metadata={MARK: __version__})
    return buffer.getvalue()


def as_json(result: Result, lang: str) -> bytes:  # noqa: ARG001 - as every format
    """The document that `--json` prints."""
    text = json.dumps(result.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)
    return f"{text}\n".encode()


def markdown(result: Result, lang: str) -> bytes:
    """A table a sector, with what a terminal shows, and the problems below."""
    names = ["rank", "symbol", "name", "price", *dict.fromkeys((result.by, *SHOWN))]
    heads = [result.columns[name].label(lang) for name in names]
    parts = [f"<!-- {MARK} {__version__} -->", ""]
    for watchlist in result.watchlists:
        title = watchlist.provenance.label(lang)
        rows = result.table.filter(result.table["sector"] == watchlist.name)
        parts += [f"## {_cell(title)} · {result.price_day}", "", _line(heads)]
        parts += [_line("---" if _is_text(result, name) else "---:" for name in names)]
        parts += [_line(_shown(result, row, name) for name in names) for row in rows.to_dicts()]
        parts.append("")
    for problem in result.problems:
        severity, message = SEVERITIES[problem.severity].said(lang), problem.message.said(lang)
        about = " ".join(filter(None, (problem.symbol, _cell(message))))
        parts.append(f"- {severity}: {_cell(problem.where)}: {about}")
    return ("\n".join(parts) + "\n").encode()


def html(result: Result, lang: str = "en") -> str:
    """A table a sector, for a notebook."""
    names = ["rank", "symbol", "name", "price", *dict.fromkeys((result.by, *SHOWN))]
    heads = "".join(f"<th>{escape(result.columns[name].label(lang))}</th>" for name in names)
    parts = []
    for watchlist in result.watchlists:
        rows = result.table.filter(result.table["sector"] == watchlist.name).to_dicts()
        lines = "".join(
            f"<tr>{''.join(f'<td>{escape(_shown(result, row, name))}</td>' for name in names)}</tr>"
            for row in rows
        )
        title = escape(f"{watchlist.provenance.label(lang)} · {result.price_day}")
        parts.append(f"<h4>{title}</h4><table><tr>{heads}</tr>{lines}</table>")
    problems = say("{count} problems: see", count=len(result.problems)).said(lang)
    return "".join(parts) + f"<p>{problems} <code>.problems</code></p>"


FORMATS: Mapping[str, tuple[str, Callable[[Result, str], bytes]]] = {
    "csv": ("csv", csv),
    "parquet": ("parquet", parquet),
    "json": ("json", as_json),
    "markdown": ("md", markdown),
}
# Those that a terminal or a pipe can take.
TEXTS = ("csv", "json", "markdown")


def _is_text(result: Result, name: str) -> bool:
    return result.columns[name].kind == "text"


def _shown(result: Result, row: Mapping[str, Any], name: str) -> str:
    column, value = result.columns[name], row[name]
    if value is not None:
        return _cell(column.show(value))
    return column.gap(row) if isinstance(column, Metric) else ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"
