"""`screener init`: the bundled watchlists as files to edit."""

from __future__ import annotations

from pathlib import Path

import click

from screener.commands.common import FINE, LANG, NOTHING_WRITTEN
from screener.model.messages import say


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@LANG
def init(folder: Path, lang: str) -> int:
    """Copy the bundled watchlists to FOLDER/watchlists, to edit them. Files there are kept."""
    from screener.watchlists.folder import copy_bundled

    target = folder / "watchlists"
    try:
        copied, kept = copy_bundled(target)
    except OSError as error:
        click.echo(f"screener: {target}: {error.strerror}", err=True)
        return NOTHING_WRITTEN
    for path in kept:
        click.echo(say("kept    {path} (was there already)", path=path).said(lang))
    for path in copied:
        click.echo(say("written {path}", path=path).said(lang))
    return FINE
