"""A result as plain values for JSON: the contract that other programs build on."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from screener import __version__
from screener.ranking import RANK_COLUMN_NAMES
from screener.symbols import exchange_of

if TYPE_CHECKING:
    from screener.screening import Result

_BY_YEAR = re.compile(r"(?P<family>[a-z_]+)_(?P<year>\d{4})")


def document(result: Result) -> dict[str, Any]:
    """Rows, sectors and problems of a result; figures by fiscal year stand in objects by year.

    No value is NaN or infinite; a null has a problem or a status that says why.
    """
    return {
        "price_day": result.price_day.isoformat(),
        "by": result.by,
        "by_formula": result.metrics[result.by].formula,
        "where": list(result.where),
        "prices": result.prices,
        "generated_at": result.generated_at.isoformat(timespec="seconds"),
        "version": __version__,
        "input_sha256": input_hash(result),
        "rows": [_row(row) for row in result.table.iter_rows(named=True)],
        "sectors": list(result.sectors.iter_rows(named=True)),
        "problems": [
            {**asdict(problem), "severity": problem.severity} for problem in result.problems
        ],
    }


def input_hash(result: Result) -> str:
    """A hash of all that the figures are computed from: the columns that are no metric, the day."""
    names = [name for name in result.columns if name not in (*result.metrics, *RANK_COLUMN_NAMES)]
    rows = [_row(row) for row in result.table.sort("row").select(names).iter_rows(named=True)]
    basis = [result.price_day.isoformat(), result.by, rows]
    return sha256(json.dumps(basis, ensure_ascii=False).encode()).hexdigest()


def _row(row: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in row.items():
        by_year = _BY_YEAR.fullmatch(name)
        if by_year:
            plain.setdefault(by_year["family"], {})[by_year["year"]] = value
        elif isinstance(value, datetime):
            plain[name] = value.astimezone(exchange_of(row["symbol"]).zone).isoformat()
        elif isinstance(value, date):
            plain[name] = value.isoformat()
        else:
            plain[name] = value
    return plain
