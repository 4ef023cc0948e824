"""A result in every format that it can be written in: workbook, page, CSV, Parquet, JSON, Markdown.

The columns of CSV and Parquet are those of the frame, by the names that `screener metrics
--columns` prints.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from screener.files import MARK, save
from screener.model.messages import say
from screener.model.problems import SEVERITIES
from screener.model.table import markdown_text
from screener.model.usage import UnknownNameError
from screener.model.version import __version__
from screener.output.document import to_dict
from screener.screening.shown import IDENTITY, columns_shown, shown_tables

if TYPE_CHECKING:
    import pandas as pd

    from screener.screening.result import Result


# A spreadsheet program takes text that begins so for a formula.
_LIKE_A_FORMULA = r"^[=+\-@\t\r＝＋－＠]"


def csv_bytes(result: Result) -> bytes:
    """UTF-8 with a byte order mark, for Excel; text that looks like a formula gets a `'` first."""
    import polars as pl

    texts = pl.col(pl.String)
    safe = pl.when(texts.str.contains(_LIKE_A_FORMULA)).then("'" + texts).otherwise(texts)
    buffer = BytesIO()
    result.table.with_columns(safe.name.keep()).write_csv(buffer, include_bom=True)
    return buffer.getvalue()


def parquet_bytes(result: Result) -> bytes:
    """The frame as it is, with its types."""
    buffer = BytesIO()
    result.table.write_parquet(buffer, metadata={MARK: __version__})
    return buffer.getvalue()


def json_bytes(result: Result) -> bytes:
    """The document that `--json` prints."""
    text = json.dumps(to_dict(result), ensure_ascii=False, allow_nan=False, indent=1)
    return f"{text}\n".encode()


def markdown_bytes(result: Result, lang: str) -> bytes:
    """A table a sector, with what a terminal shows, and the problems below."""
    names = (*IDENTITY, *columns_shown(result.by))
    parts = [f"<!-- {MARK} {__version__} -->", ""]
    if behind := result.staleness:
        parts += [f"**{behind.banner.said(lang)}**", ""]
    for table in shown_tables(
        result.table, result.watchlists, result.columns, names, lang, result.heading
    ):
        title = f"## {markdown_text(table.title)} · {result.price_day}"
        parts += [title, "", *table.markdown(), ""]
    for problem in result.problems:
        severity, message = SEVERITIES[problem.severity].said(lang), problem.message.said(lang)
        about = " ".join(filter(None, (problem.symbol, markdown_text(message))))
        parts.append(f"- {severity}: {markdown_text(problem.where)}: {about}")
    return ("\n".join(parts) + "\n").encode()


def workbook_bytes(result: Result, lang: str, command: str) -> bytes:
    """The workbook that recalculates; `command` is the command line that made it."""
    from screener.output.workbook.write import render

    return render(result, lang, command)


def page_bytes(result: Result, lang: str) -> bytes:
    """The page that a browser shows without anything else."""
    from screener.output.page.render import render_page

    return render_page(result, lang)


@dataclass(frozen=True, slots=True)
class Format:
    """A format that a result can be written in: the ending of its files, and its bytes.

    `content` takes the result, the language and the command line that asked for it. What `is_text`
    can be printed into a terminal or a pipe.
    """

    suffix: str
    content: Callable[[Result, str, str], bytes]
    is_text: bool


FORMATS: Mapping[str, Format] = {
    "xlsx": Format("xlsx", workbook_bytes, is_text=False),
    "html": Format("html", lambda result, lang, _: page_bytes(result, lang), is_text=True),
    "csv": Format("csv", lambda result, *_: csv_bytes(result), is_text=True),
    "parquet": Format("parquet", lambda result, *_: parquet_bytes(result), is_text=False),
    "json": Format("json", lambda result, *_: json_bytes(result), is_text=True),
    "markdown": Format("md", lambda result, lang, _: markdown_bytes(result, lang), is_text=True),
}


def write(result: Result, path: str | Path, lang: str = "zh") -> Path:
    """Write a result in the format that the path's ending says, and return where it stands.

    A file that somebody else wrote or edited is kept, and another name taken. Raises
    UnknownNameError for an ending of no format, OSError where nothing can be written.
    """
    by_suffix = {f".{each.suffix}": each for each in FORMATS.values()}
    target = Path(path)
    if target.suffix.lower() not in by_suffix:
        raise UnknownNameError(say("format"), target.suffix, list(by_suffix))
    return save(by_suffix[target.suffix.lower()].content(result, lang, ""), target).path


def to_pandas(result: Result) -> pd.DataFrame:
    """The table of a result as a pandas frame."""
    import pandas as pd

    return pd.DataFrame(result.table.to_dict(as_series=False))
