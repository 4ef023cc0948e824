"""The JSON document: what real runs give is what its schema says, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import screener
from screener import to_dict
from screener.output.document import result_schema
from tests.command import Command
from tests.conftest import HEADER, NOW, WATCHLISTS, screen, write_prices, write_watchlist

VALIDATOR = Draft202012Validator(result_schema())


def faults(document: Any) -> list[str]:
    return [f"{each.json_path}: {each.message}" for each in VALIDATOR.iter_errors(document)]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"by": "0.5 pe_2025 + 0.3 peg", "scope": "all"},
        {"by": "eps_cagr", "where": "pe_fy1 < 0"},
        {"nm_above": 20.0, "sectors": ["media"]},
    ],
)
def test_a_run_on_the_report_is_what_the_schema_says(asked: dict[str, Any]) -> None:
    result = screen(watchlists=WATCHLISTS, now=NOW, **asked)
    assert [] == faults(json.loads(json.dumps(to_dict(result), allow_nan=False)))


def test_a_run_with_gaps_is_what_the_schema_says(tmp_path: Path) -> None:
    rows = ("0700.HK,腾讯,,,-0.5,,,,,CNY", "600941.SH,移动,2000,6.48,6.86,7.3,,,,CNY")
    write_watchlist(tmp_path / "lists", *rows, header=HEADER)
    write_prices(tmp_path / "p.csv", "0700.HK,400,HKD,2026-11-20")
    result = screener.screen(watchlists=tmp_path / "lists", prices=tmp_path / "p.csv", now=NOW)
    assert {"no_price", "no_rate"} <= set(result.table["status"])
    assert [] == faults(json.loads(json.dumps(to_dict(result), allow_nan=False)))


def test_the_schema_lets_nothing_else_through() -> None:
    VALIDATOR.check_schema(result_schema())
    document = json.loads(json.dumps(to_dict(screen(watchlists=WATCHLISTS, now=NOW))))
    row = document["rows"][0]
    for broken in (
        {**document, "price_day": 5},
        {**document, "rows": [{**row, "rank": "first"}]},
        {**document, "rows": [{**row, "pe": {"FY1": 3.0}}]},
        {**document, "rows": [{**row, "surprise": 1}]},
        {**document, "rows": [{name: row[name] for name in row if name != "symbol"}]},
        {**document, "problems": [{"kind": "odd", "severity": "error", "where": "", "message": "",
                                   "symbol": ""}]},
    ):  # fmt: skip
        assert 1 == len(faults(broken))


def test_the_command_prints_the_schema(command: Command) -> None:
    done = command("metrics", "--json-schema")
    assert result_schema() == json.loads(done.stdout)
