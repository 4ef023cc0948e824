"""Commands on settings: presets, config show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from screener.commands.common import LANG, option_names
from screener.commands.menu import inner_commands
from screener.model.messages import say

if TYPE_CHECKING:
    from screener.config import Config


# Who sets what nobody else does.
DEFAULT = say("default")


@click.command()
@LANG
@click.pass_obj
def presets(settings: Config, lang: str) -> None:
    """The named screens there are: what each is for, its conditions, its metric."""
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.lists import presets_table

    console().print(drawn(presets_table(settings.presets.values(), lang)))


@click.group("config")
def config_group() -> None:
    """Show the settings."""


@config_group.command("show")
@click.option("--all", "every", is_flag=True, help="Those that nobody set, too.")
@LANG
@click.pass_context
def config_show(context: click.Context, every: bool, lang: str) -> None:
    """Every option that is set, to what, and by which file or variable."""
    from screener import config
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.lists import settings_table

    settings: Config = context.obj
    every_row = _settings(context.find_root().command, settings, ())
    rows = [row for row in every_row if every or row[2] != DEFAULT]
    if rows:
        console().print(drawn(settings_table(rows, lang)))
    here, home = config.places()
    place = say(
        "nothing is set: settings would go to {here}, or for all folders to {home}, such as"
        ' [run] and below it by = "peg"',
        here=here,
        home=home,
    )
    if rows:
        place = say("no file of settings: neither {here} nor {home}", here=here, home=home)
    if settings.path:
        place = say("settings are in {path}", path=settings.path)
    click.echo(place.said(lang))


def _settings(
    command: click.Command, settings: Config, path: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """Option, value and origin of every option of a command and those below it."""
    given: Any = settings.options
    for name in path:
        given = given.get(name, {})
    by_name = {name.replace("_", "-"): value for name, value in given.items()}
    for name, option in option_names(command).items():
        if option.is_eager and not option.expose_value:
            continue  # --version sets nothing
        variable = "_".join(("SCREENER", *path, name)).upper().replace("-", "_")
        title = " ".join((*path, f"--{name}"))
        if os.environ.get(variable):
            yield title, os.environ[variable], variable
        elif name in by_name:
            yield title, str(by_name[name]), str(settings.path)
        else:
            # As click describes an option: what has no default holds a mark of click's own.
            default = option.to_info_dict()["default"]
            yield title, "" if default is None else str(default), DEFAULT
    for name, inner in inner_commands(command).items():
        yield from _settings(inner, settings, (*path, name))
