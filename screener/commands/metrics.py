"""`screener metrics`: what every figure means."""

from __future__ import annotations

import json
from pathlib import Path

import click

from screener.commands.common import LANG, WATCHLISTS, today


@click.command()
@click.option("--columns", is_flag=True, help="Every column of CSV, Parquet and JSON instead.")
@click.option("--json-schema", is_flag=True, help="The JSON Schema of what `run --json` prints.")
@LANG
@WATCHLISTS
def metrics(columns: bool, json_schema: bool, lang: str, watchlists: Path | None) -> None:
    """Every metric: its name, what it means, how it is computed."""
    from screener.model.input_columns import input_columns
    from screener.output.document import result_schema
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.lists import columns_table, metrics_table
    from screener.valuation import ranking
    from screener.valuation.metrics import catalogue
    from screener.watchlists.folder import default_folder
    from screener.watchlists.read import load_watchlists

    if json_schema:
        click.echo(json.dumps(result_schema(), ensure_ascii=False, indent=1))
        return
    folder = watchlists or default_folder()
    tables, _ = load_watchlists(folder, (), on=today())
    years = {year.fiscal_year for table in tables for row in table.listings for year in row.years}
    every = catalogue(sorted(years))
    if columns:
        named = (*ranking.RANK_COLUMNS, *input_columns(sorted(years)), *every.values())
        console().print(drawn(columns_table(named, lang)))
    else:
        console().print(drawn(metrics_table(every.values(), lang)))
