"""The command `screener`: its commands under one name, settings, and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from typing import Any

import click

from screener import __version__
from screener.commands import estimates, looks, papers, past, settings, tables
from screener.commands.common import (
    FINE,
    INTERRUPTED,
    NOTHING_WRITTEN,
    WRONG_USAGE,
    option_names,
)
from screener.commands.run import run
from screener.model import UnknownNameError, UsageError


def main() -> None:
    """Run the command, and end with the exit code that says how it went."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a name shows a question mark, and the run goes on.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        code: int | None = cli(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except (click.ClickException, UsageError) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"screener: {message}", err=True)
        return WRONG_USAGE
    except BrokenPipeError:
        # The reader has gone (`| head`): nothing more to say to it, and nothing went wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"screener: {error.strerror or error}", err=True)
        return NOTHING_WRITTEN
    return code or FINE


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "SCREENER"}
)
@click.version_option(__version__, package_name="screener")
@click.pass_context
def cli(context: click.Context) -> None:
    """Value and rank the names of a broker's tables, and write an Excel workbook.

    Every option can be set in screener.toml, or as a variable: SCREENER_RUN_BY=peg.
    """
    from screener import config

    context.obj = config.load()
    context.default_map = _defaults(cli, context.obj.options, str(context.obj.path))


def _defaults(command: click.Command, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The settings of a command and those below it, as click takes them.

    Raises UsageError for settings of no command or option.
    """
    found: dict[str, Any] = {}
    if isinstance(command, click.Group):
        for name, inner in given.items():
            if name not in command.commands:
                raise UnknownNameError(f"command in {where}", name, list(command.commands))
            if not isinstance(inner, Mapping):
                raise UsageError(f"{where}: {name} is a command: write [{name}] and options below")
            found[name] = _defaults(command.commands[name], inner, f"{where}, [{name}]")
        return found
    options = option_names(command)
    for name, value in given.items():
        plain = name.replace("_", "-")
        if plain not in options:
            raise UnknownNameError(f"option in {where}", name, list(options))
        found[str(options[plain].name)] = value
    return found


for _command in (
    run,
    papers.import_,
    papers.audit,
    estimates.consensus_group,
    past.comps,
    past.history,
    past.runs,
    past.diff,
    tables.watchlist_group,
    settings.presets,
    settings.config_group,
    looks.metrics,
    looks.quote,
    looks.doctor,
    looks.init,
):
    cli.add_command(_command)
