"""`screener import`: a broker's document to watchlists."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from screener.commands.common import LANG, NOTHING_WRITTEN, report


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
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.lists import drafts_table, guesses

    found = find_drafts(file, as_of and as_of.date(), sector)
    drafts = chosen_drafts(found.drafts, table) if found.drafts else []
    console().print(drawn(drafts_table(drafts, lang)))
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
