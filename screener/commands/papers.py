"""Commands on a broker's document: import, audit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.commands.common import ERRORS, LANG, NOTHING_WRITTEN, WATCHLISTS, report, today
from screener.model import Problem, UsageError
from screener.wording import say

if TYPE_CHECKING:
    from screener.audit import Finding


@click.command()
@click.argument("targets", nargs=-1, metavar="[SECTOR...|FILE]")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON document.")
@click.option(
    "--fix", is_flag=True, help="Write corrections of what is certain, for you to accept."
)
@LANG
@WATCHLISTS
def audit(
    targets: tuple[str, ...], as_json: bool, fix: bool, lang: str, watchlists: Path | None
) -> int:
    """Which printed figures cannot be right, from the figures alone.

    Takes watchlists by name (all without one), or a document as `screener import` reads it.
    """
    from screener import audit as auditing
    from screener import importing, watchlist
    from screener.store import Store, default_path
    from screener.terminal.console import console
    from screener.terminal.lists import findings_table

    folder = watchlists or watchlist.default_folder()
    problems: list[Problem] = []
    if len(targets) == 1 and Path(targets[0]).is_file():
        tables, problems = importing.watchlists(Path(targets[0]), today())
        folder = Path(targets[0]).parent
        if fix and not Path(targets[0]).with_suffix(".toml").exists():
            raise UsageError(say("--fix is for watchlists: `screener import` the document first"))
    else:
        tables, problems = watchlist.load(folder, targets, on=today())
        problems = [each for each in problems if each.severity == "error"]
    kept = Store(default_path())
    findings = auditing.audit(tables, kept.shares())
    if as_json:
        shown = {"findings": [each.to_dict() for each in findings]}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        console().print(findings_table(findings, lang))
    if fix:
        _propose(findings, folder, lang)
    code = report(problems, lang)
    return ERRORS if any(each.severity == "error" for each in findings) else code


def _propose(findings: Sequence[Finding], folder: Path, lang: str) -> None:
    """Append proposals to the corrections of a folder that is the user's own."""
    from screener import watchlist
    from screener.audit import proposals
    from screener.files import replace_file

    if folder == watchlist.bundled():
        raise UsageError(say("the bundled watchlists are not changed: `screener init` copies them"))
    path = folder / watchlist.CORRECTIONS
    kept = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    lines = proposals(findings, kept, today())
    if lines:
        head = kept or ",".join((*watchlist.CORRECTION_COLUMNS[:5], "effective", "dated", "reason"))
        content = "\ufeff" + head.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
        replace_file(content.encode(), path)
    done = say("no corrections proposed: nothing is certain")
    if lines:
        done = say(
            "{count} corrections proposed in {path}: accept one by deleting its '# '",
            count=len(lines),
            path=path,
        )
    click.echo(done.said(lang), err=True)


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
    from screener import importing
    from screener.terminal.console import console
    from screener.terminal.lists import drafts_table, guesses

    found = importing.find(file, as_of and as_of.date(), sector)
    drafts = importing.chosen(found.drafts, table) if found.drafts else []
    console().print(drafts_table(drafts, lang))
    problems = [*found.problems, *(each for draft in drafts for each in draft.problems)]
    if only_list:
        return report(problems, lang)
    if not drafts:
        report(problems, lang)
        return NOTHING_WRITTEN
    console().print(guesses(drafts, lang))
    written, faults = importing.write(drafts, output, force=force)
    code = report([*problems, *faults], lang)
    for path in written:
        click.echo(str(path))
    return code if written else NOTHING_WRITTEN
