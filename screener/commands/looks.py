"""Small commands: metrics, quote, doctor, init."""

from __future__ import annotations

import json
from pathlib import Path

import click

from screener.commands.common import (
    ERRORS,
    FINE,
    LANG,
    NOTHING_WRITTEN,
    WATCHLISTS,
    Finite,
    moment,
    report,
    today,
)
from screener.wording import say


@click.command()
@click.option("--columns", is_flag=True, help="Every column of CSV, Parquet and JSON instead.")
@click.option("--json-schema", is_flag=True, help="The JSON Schema of what `run --json` prints.")
@LANG
@WATCHLISTS
def metrics(columns: bool, json_schema: bool, lang: str, watchlists: Path | None) -> None:
    """Every metric: its name, what it means, how it is computed."""
    from screener import document, inputs, ranking, watchlist
    from screener.metrics import catalogue
    from screener.terminal.console import console
    from screener.terminal.lists import columns_table, metrics_table

    if json_schema:
        click.echo(json.dumps(document.json_schema(), ensure_ascii=False, indent=1))
        return
    folder = watchlists or watchlist.default_folder()
    tables, _ = watchlist.load(folder, (), on=today())
    years = {year.fiscal_year for table in tables for row in table.listings for year in row.years}
    every = catalogue(sorted(years))
    if columns:
        named = (*ranking.RANK_COLUMNS, *inputs.columns(sorted(years)), *every.values())
        console().print(columns_table(named, lang))
    else:
        console().print(metrics_table(every.values(), lang))


@click.command()
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@LANG
def quote(symbols: tuple[str, ...], lang: str) -> int:
    """What prices are known of SYMBOLs, from where and when, without asking anybody."""
    from screener import quotes
    from screener.store import Store, default_path
    from screener.terminal.console import console
    from screener.terminal.lists import known_table

    kept = Store(default_path())
    known = quotes.known(symbols, kept, moment())
    console().print(known_table(known, lang))
    code = report(kept.problems, lang)
    return code if all(known.values()) else ERRORS


@click.command()
@click.option("--timeout", type=Finite(min=1), default=10.0, show_default=True)
@LANG
def doctor(timeout: float, lang: str) -> int:
    """How each price source answers, what is stored, and which proxy and certificates are set."""
    from screener import diagnosis
    from screener.terminal.console import console
    from screener.terminal.lists import diagnosis_table

    found = diagnosis.diagnose(moment(), timeout)
    console().print(diagnosis_table(found, lang))
    return FINE if all(finding.is_fine for finding in found) else ERRORS


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@LANG
def init(folder: Path, lang: str) -> int:
    """Copy the bundled watchlists to FOLDER/watchlists, to edit them. Files there are kept."""
    from screener import watchlist

    target = folder / "watchlists"
    try:
        copied, kept = watchlist.copy_bundled(target)
    except OSError as error:
        click.echo(f"screener: {target}: {error.strerror}", err=True)
        return NOTHING_WRITTEN
    for path in kept:
        click.echo(say("kept    {path} (was there already)", path=path).said(lang))
    for path in copied:
        click.echo(say("written {path}", path=path).said(lang))
    return FINE
