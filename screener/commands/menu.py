"""The commands there are: each is imported when it is called, and not for the list of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from screener.commands.common import FINE, give_up, name_variables
from screener.commands.language import localize
from screener.model.language import translated
from screener.model.messages import Sentence, say
from screener.model.usage import UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# By this every option can be set: SCREENER_RUN_BY.
VARIABLE = "SCREENER"


class Entry(NamedTuple):
    """Where a command is, as `module:attribute`, and what the list of commands says of it."""

    home: str
    about: Sentence


MENU: Mapping[str, Entry] = {
    "add": Entry("add:add", say("Add codes to a watchlist, with names and consensus EPS.")),
    "audit": Entry("audit:audit", say("Which printed figures cannot be right, by themselves.")),
    "completion": Entry("completion:completion", say("Have a shell complete what is typed.")),
    "comps": Entry("comps:comps", say("One page on a name beside its peers.")),
    "config": Entry("settings:config_group", say("Show the settings.")),
    "consensus": Entry("consensus:consensus_group", say("Show, refresh and edit the estimates.")),
    "diff": Entry("runs:diff", say("What changed between two runs.")),
    "doctor": Entry("quote:doctor", say("How each price source answers, and what is stored.")),
    "history": Entry("history:history", say("A multiple over the years, and where it stands.")),
    "import": Entry("import_:import_", say("Turn the tables of a file into watchlists.")),
    "init": Entry("init:init", say("Copy the bundled watchlists into a folder, to edit.")),
    "metrics": Entry("metrics:metrics", say("Every metric, and how it is computed.")),
    "open": Entry("open_:open_", say("Open the newest page, or a file, in the browser.")),
    "panel": Entry("panel:panel", say("Every metric of each listing and day, as Parquet.")),
    "presets": Entry("settings:presets", say("The named screens, and what each is for.")),
    "quote": Entry("quote:quote", say("What prices are known of a name, from where and when.")),
    "remove": Entry("add:remove", say("Take the lines of codes out of a watchlist.")),
    "run": Entry("run:run", say("Price, value and rank the names, write the workbook.")),
    "runs": Entry("runs:runs", say("Every run that is kept.")),
    "store": Entry("store:store_group", say("Check, back up and prune what is stored.")),
    "watchlist": Entry("watchlist:watchlist_group", say("List, show and check watchlists.")),
}


class Commands(click.Group):
    """The commands under one name; what cannot be done is said in the language asked for."""

    # What the help of commands is said in; None: as it is written.
    lang: str | None = None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*MENU, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in MENU and cmd_name not in self.commands:
            module, _, attribute = MENU[cmd_name].home.partition(":")
            command = getattr(import_module(f"screener.commands.{module}"), attribute)
            name_variables(command, f"{VARIABLE}_{cmd_name}")
            if self.lang is not None:
                localize(command, self.lang)
            self.add_command(command, cmd_name)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(translated("Commands", self.lang or "en")):
            formatter.write_dl([(name, self._about(name)) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        offers = [CompletionItem(name, help=self._about(name)) for name in names]
        # Of the group itself there are options alone.
        return [*offers, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise click.UsageError(error.message.said(ctx.params["lang"])) from None
        except BrokenPipeError:
            # The reader has gone (`| head`): nothing more to say to it, and nothing went wrong.
            # Told of it, click would end with the code that means errors in the workbook.
            give_up(sys.stdout)
            return FINE

    def _about(self, name: str) -> str:
        return MENU[name].about.said(self.lang or "en") if name in MENU else ""


def inner_commands(command: click.Command) -> dict[str, click.Command]:
    """The commands below a command by their names, imported all."""
    if not isinstance(command, click.Group):
        return {}
    context = click.Context(command)
    names = command.list_commands(context)
    found = ((name, command.get_command(context, name)) for name in names)
    return {name: inner for name, inner in found if inner is not None}
