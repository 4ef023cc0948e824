"""A result as plain values for JSON: the contract that other programs build on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from screener.model.columns import Column, Kind
from screener.model.input_columns import input_columns
from screener.model.problems import PROBLEM_KINDS, SEVERITIES
from screener.model.symbols import exchange_of
from screener.model.version import __version__
from screener.valuation.aggregates import AGGREGATE_COLUMNS
from screener.valuation.composite import NAME, PART, PERCENTILE
from screener.valuation.metrics import catalogue
from screener.valuation.ranking import RANK_COLUMN_NAMES, RANK_COLUMNS

if TYPE_CHECKING:
    from screener.screening.result import Result


def to_dict(result: Result) -> dict[str, Any]:
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
        "staleness": _staleness(result),
        "rows": [_row(row, result.columns) for row in result.table.iter_rows(named=True)],
        "sectors": list(result.sectors.iter_rows(named=True)),
        "problems": [
            {**asdict(problem), "severity": problem.severity} for problem in result.problems
        ],
    }


def _staleness(result: Result) -> dict[str, Any] | None:
    behind = result.staleness
    if behind is None:
        return None
    plain = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(behind).items()
    }
    return {**plain, "banner": behind.banner}


def result_schema() -> dict[str, Any]:
    """What a document is, as a JSON Schema (draft 2020-12) of its rows, sectors and problems.

    The columns of a composite's parts are there in a run that ranks by one.
    """
    years = (2025, 2026)  # of two years each family has one column at least
    columns = (*RANK_COLUMNS, *input_columns(years), *catalogue(years).values())
    texts = ("by", "by_formula", "prices", "version", "input_sha256")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "screener",
        **_object(
            {
                **{key: {"type": "string"} for key in texts},
                "price_day": {"type": "string", "format": "date"},
                "generated_at": {"type": "string", "format": "date-time"},
                "where": {"type": "array", "items": {"type": "string"}},
                "staleness": {"oneOf": [{"type": "null"}, _object(_STALENESS)]},
                "rows": {"type": "array", "items": _row_schema(columns)},
                "sectors": {"type": "array", "items": _object(_types(AGGREGATE_COLUMNS))},
                "problems": {"type": "array", "items": _problem_schema()},
            }
        ),
    }


_DAY = {"type": "string", "format": "date"}
_STALENESS: Mapping[str, Any] = {
    "price_day": _DAY,
    "last_session": _DAY,
    "days": {"type": "integer"},
    "consensus_day": {**_DAY, "type": ["string", "null"]},
    "consensus_days": {"type": ["integer", "null"]},
    "banner": {"type": "string"},
}


def _problem_schema() -> dict[str, Any]:
    return _object(
        {
            "kind": {"enum": list(PROBLEM_KINDS)},
            "severity": {"enum": list(SEVERITIES)},
            **{key: {"type": "string"} for key in ("where", "message", "symbol")},
        }
    )


def _row_schema(columns: Iterable[Column]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for column in columns:
        kind = _type_of(column)
        if column.year is not None:
            years = {"type": "object", "patternProperties": {r"^\d{4}$": kind}}
            properties[column.family] = {**years, "additionalProperties": False}
        else:
            properties[column.name] = kind
    row = _object(properties)
    number = {"type": ["number", "null", "object"]}
    return {**row, "patternProperties": {f"^({NAME}|{PART}.*|{PERCENTILE}.*)$": number}}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object that has all these properties, and no others."""
    required = {"required": list(properties), "additionalProperties": False}
    return {"type": "object", "properties": dict(properties), **required}


def _types(columns: Iterable[Column]) -> dict[str, Any]:
    return {column.name: _type_of(column) for column in columns}


def _type_of(column: Column) -> dict[str, Any]:
    kind = _JSON_KINDS[column.kind]
    types = [kind["type"], "null"] if column.nullable else kind["type"]
    return {**kind, "type": types, "description": column.meaning}


_JSON_KINDS: Mapping[Kind, Mapping[str, str]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "day": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time"},
    "truth": {"type": "boolean"},
}


def input_hash(result: Result) -> str:
    """A hash of all that the figures are computed from: the columns that are no metric, the day."""
    names = [name for name in result.columns if name not in (*result.metrics, *RANK_COLUMN_NAMES)]
    table = result.table.sort("row").select(names)
    rows = [_row(row, result.columns) for row in table.iter_rows(named=True)]
    basis = [result.price_day.isoformat(), result.by, rows]
    return sha256(json.dumps(basis, ensure_ascii=False).encode()).hexdigest()


def _row(row: Mapping[str, Any], columns: Mapping[str, Column]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in row.items():
        column = columns[name]
        if column.year is not None:
            plain.setdefault(column.family, {})[str(column.year)] = value
        elif isinstance(value, datetime):
            plain[name] = value.astimezone(exchange_of(row["symbol"]).zone).isoformat()
        elif isinstance(value, date):
            plain[name] = value.isoformat()
        else:
            plain[name] = value
    return plain
