"""`screener audit`: which printed figures cannot be right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.commands import completion
from screener.commands.common import ERRORS, LANG, WATCHLISTS, moment, report, today
from screener.model.messages import say
from screener.model.problems import Problem
from screener.model.usage import UsageError

if TYPE_CHECKING:
    from screener.audit.findings import Finding


# How long sources may take to say what codes are called.
NAMES_SECONDS = 20.0


@click.command()
@click.argument("targets", nargs=-1, metavar="[SECTOR...|FILE]", shell_complete=completion.sectors)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON document.")
@click.option(
    "--fix", is_flag=True, help="Write corrections of what is certain, for you to accept."
)
@click.option(
    "--online", is_flag=True, help="Ask the sources of prices what codes are called, too."
)
@LANG
@WATCHLISTS
def audit(
    targets: tuple[str, ...],
    as_json: bool,
    fix: bool,
    online: bool,
    lang: str,
    watchlists: Path | None,
) -> int:
    """Which printed figures cannot be right, from the figures alone.

    Takes watchlists by name (all without one), or a document as `screener import` reads it.
    """
    from screener.audit.audit import audit_watchlists
    from screener.importing.write import watchlists_in
    from screener.market_data.naming import called
    from screener.output.terminal.console import console, drawn, severity_styles
    from screener.output.terminal.lists import findings_table
    from screener.store.store import Store, default_path
    from screener.watchlists.folder import default_folder
    from screener.watchlists.read import load_watchlists

    folder = watchlists or default_folder()
    problems: list[Problem] = []
    if len(targets) == 1 and Path(targets[0]).is_file():
        tables, problems = watchlists_in(Path(targets[0]), today())
        folder = Path(targets[0]).parent
        if fix and not Path(targets[0]).with_suffix(".toml").exists():
            raise UsageError(say("--fix is for watchlists: `screener import` the document first"))
    else:
        tables, problems = load_watchlists(folder, targets, on=today())
        problems = [problem for problem in problems if problem.is_gap]
    kept = Store(default_path())
    names, outages = called(tables, kept, moment(), NAMES_SECONDS if online else None)
    problems += outages
    findings = audit_watchlists(tables, kept.shares(), today(), names)
    problems += kept.problems
    if as_json:
        shown = {"findings": [finding.to_dict() for finding in findings]}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        console().print(drawn(findings_table(findings, lang), severity_styles(lang)))
    if fix:
        _propose(findings, folder, lang)
    code = report(problems, lang)
    return ERRORS if any(finding.severity == "error" for finding in findings) else code


def _propose(findings: Sequence[Finding], folder: Path, lang: str) -> None:
    """Append proposals to the corrections of a folder that is the user's own."""
    from screener.audit.audit import proposals
    from screener.files import replace_file
    from screener.model.reading import plain_bytes
    from screener.watchlists.corrections import CORRECTION_COLUMNS
    from screener.watchlists.folder import CORRECTIONS, bundled

    if folder == bundled():
        raise UsageError(say("the bundled watchlists are not changed: `screener init` copies them"))
    path = folder / CORRECTIONS
    try:
        kept = plain_bytes(path).decode("utf-8-sig") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(say("{path} cannot be read: {why}", path=path, why=str(error))) from None
    lines = proposals(findings, kept, today())
    if lines:
        head = kept or ",".join((*CORRECTION_COLUMNS[:5], "effective", "dated", "reason"))
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
