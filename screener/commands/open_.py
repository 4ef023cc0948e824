"""`screener open`: the newest page in a browser."""

from __future__ import annotations

from pathlib import Path

import click

from screener.commands.common import FINE, LANG, NOTHING_WRITTEN
from screener.model.messages import say
from screener.model.usage import UsageError


@click.command(name="open")
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="exports",
    show_default=True,
    metavar="DIR",
    help="The folder that pages are written to.",
)
@LANG
def open_(file: Path | None, output: Path, lang: str) -> int:
    """Open FILE, or else the newest page of the folder, in the browser.

    `screener run --format html` writes such a page.
    """
    import webbrowser

    page = (file or _newest(output)).resolve()
    if not page.is_file():
        raise UsageError(say("{path} is not there", path=page))
    click.echo(str(page))
    if webbrowser.open(page.as_uri()):
        return FINE
    message = say("no browser was found: open the file in yours")
    click.echo(f"screener: {message.said(lang)}", err=True)
    return NOTHING_WRITTEN


def _newest(folder: Path) -> Path:
    """The page of the folder that was written last. Raises UsageError where there is none."""
    pages = sorted(folder.glob("*.html"), key=lambda path: path.stat().st_mtime)
    if not pages:
        raise UsageError(
            say("no page is in {folder}: `screener run --format html` writes one", folder=folder)
        )
    return pages[-1]
