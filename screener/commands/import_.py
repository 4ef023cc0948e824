"""`screener import`: a broker's document to watchlists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.commands.common import LANG, NOTHING_WRITTEN, moment, report, tell, today
from screener.model.messages import say

if TYPE_CHECKING:
    from screener.importing.drafts import Draft


def _audit(drafts: Sequence[Draft], lang: str) -> None:
    """What is wrong or doubtful in the tables just read stands below them."""
    from screener.audit.audit import audit_watchlists
    from screener.market_data.naming import called
    from screener.output.terminal.console import console, drawn, severity_styles
    from screener.output.terminal.lists import findings_table
    from screener.store.store import Store, default_path

    dated = (replace(draft, facts={"as_of": today(), **draft.facts}) for draft in drafts)
    tables = [draft.watchlist()[0] for draft in dated if draft.lines]
    store = Store(default_path(), create=False)
    names, _ = called(tables, store, moment(), None)
    found = audit_watchlists(tables, store.shares(), today(), names)
    tell(store.problems, lang)
    shown = [finding for finding in found if finding.severity != "note"]
    if shown:
        console().print(drawn(findings_table(shown, lang), severity_styles(lang)))


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--list", "only_list", is_flag=True, help="Show the tables found; write nothing.")
@click.option("--table", type=int, metavar="N", help="Take only table N.")
@click.option("--sector", default="", metavar="NAME", help="What the watchlist is to be called.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day of the figures, for tables that name none.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default="watchlists",
    show_default=True,
    help="Folder to write to.",
)
@click.option("--force", is_flag=True, help="Write over watchlists that are there.")
@LANG
def import_(
    file: Path,
    only_list: bool,
    table: int | None,
    sector: str,
    as_of: datetime | None,
    output: Path,
    force: bool,
    lang: str,
) -> int:
    """Turn the valuation tables of FILE into watchlists.

    Reads text, Markdown, CSV, .xlsx, .docx, HTML and PDF with a text layer. What is guessed is
    shown and written down.
    """
    from screener.importing.drafts import find_drafts
    from screener.importing.write import chosen_drafts, write_drafts
    from screener.output.terminal.console import console, drawn, working
    from screener.output.terminal.lists import drafts_table, guesses

    with working(say("reading {name}", name=file.name).said(lang)):
        found = find_drafts(file, as_of and as_of.date(), sector)
    drafts = chosen_drafts(found.drafts, table) if found.drafts else []
    console().print(drawn(drafts_table(drafts, lang)))
    _audit(drafts, lang)
    problems = [*found.problems, *(problem for draft in drafts for problem in draft.problems)]
    if only_list:
        return report(problems, lang)
    if not drafts:
        report(problems, lang)
        return NOTHING_WRITTEN
    console().print(guesses(drafts, lang), style="yellow")
    written, faults = write_drafts(drafts, output, force=force)
    code = report([*problems, *faults], lang)
    for path in written:
        click.echo(str(path))
    return code if written else NOTHING_WRITTEN
