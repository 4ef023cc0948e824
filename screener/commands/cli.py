"""The command `screener`: its commands under one name, settings, and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from screener.commands import signals
from screener.commands.common import (
    COMPLETE,
    FINE,
    INTERRUPTED,
    LANGUAGE,
    LANGUAGE_HELP,
    NOTHING_WRITTEN,
    WRONG_USAGE,
    give_up,
    name_variables,
    option_names,
)
from screener.commands.language import localize, spoken
from screener.commands.menu import VARIABLE, Commands
from screener.model.language import of_locale
from screener.model.messages import Sentence, say
from screener.model.reading import shown
from screener.model.usage import UnknownNameError, UsageError
from screener.model.version import __version__
from screener.output.terminal.clean import CleanStream


def main() -> None:
    """Run the command, and end with the exit code that says how it went."""
    _replace_closed_streams()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        # A terminal that cannot show a name shows a question mark, and the run goes on.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
        # Nothing that a file or a vendor says steers the terminal.
        setattr(sys, name, CleanStream(stream))
    cli.lang = spoken(sys.argv[1:], os.environ)
    localize(cli, cli.lang)
    sys.exit(_exit_code())


def _replace_closed_streams() -> None:
    """What was closed (`>&-`) takes all that is written, and gives nothing to read."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115


def _exit_code() -> int:
    code = _outcome()
    # What is left is quickly done, and what is interrupted in it would say so at length.
    signals.end_at_once()
    # An interrupt that was lost, as in a destructor, has ended nothing: even so it was none.
    return signals.received() or code


def _outcome() -> int:
    try:
        signals.interrupt()
        code: int | None = cli(standalone_mode=False, complete_var=COMPLETE)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except click.ClickException as error:
        _tell(error.format_message())
        return WRONG_USAGE
    except OSError as error:
        give_up(sys.stdout)
        place = shown(error.filename2 or error.filename or "")
        _tell(": ".join(filter(None, (place, error.strerror or str(error)))))
        return NOTHING_WRITTEN
    return code or FINE


def _tell(text: str) -> None:
    try:
        click.echo(f"screener: {text}", err=True)
    except OSError:  # full, or gone: nobody can be told
        give_up(sys.stderr)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--lang", type=LANGUAGE, default=lambda: of_locale(os.environ), help=LANGUAGE_HELP)
@click.version_option(__version__, package_name="screener")
@click.pass_context
def cli(context: click.Context, lang: str) -> None:
    """Value and rank the names of a broker's tables, and write an Excel workbook.

    Every option can be set in screener.toml, or as a variable: SCREENER_RUN_BY=peg.
    """
    from screener import config

    _refuse_no_time()
    context.obj = config.load()
    settings = _defaults(cli, context.obj.options, str(context.obj.path))
    if context.get_parameter_source("lang") == ParameterSource.DEFAULT:
        context.params["lang"] = LANGUAGE.convert(settings.get("lang", lang), None, context)
    context.default_map = settings
    if context.invoked_subcommand is None:
        for line in _what_next():
            click.echo(line.said(context.params["lang"]))


def _refuse_no_time() -> None:
    """Raises UsageError for a time zone that no clock has: libraries end in a traceback with it."""
    try:
        datetime.now().astimezone()
    except (ValueError, OverflowError):
        raise UsageError(
            say("TZ is {zone}: name a zone, such as Asia/Shanghai", zone=os.environ.get("TZ"))
        ) from None


def _what_next() -> tuple[Sentence, ...]:
    """What somebody who has typed the name alone may do: three things."""
    last = say("`screener --help` has all the rest.")
    if not Path("watchlists").is_dir():
        return (
            say("Three ways to begin:"),
            say("  screener run                    rank the bundled report's names"),
            say("  screener add 600941 0700.HK     make a watchlist of your own codes"),
            say("  screener import report.pdf      read the tables of a broker's report"),
            last,
        )
    return (
        say("Three things for a morning:"),
        say("  screener consensus update       fetch the newest estimates"),
        say("  screener run                    price and rank your watchlists, write the workbook"),
        say("  screener history --of pe_ttm    see where multiples stand in their past"),
        last,
    )


def _defaults(command: click.Command, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The settings of a command and those below it, as click takes them.

    Raises UsageError for settings of no command or option.
    """
    found: dict[str, Any] = {}
    options = option_names(command)
    group = command if isinstance(command, click.Group) else click.Group()
    context = click.Context(group)
    commands = group.list_commands(context)
    for name, value in given.items():
        plain = name.replace("_", "-")
        if plain in options:
            _refuse_harm(plain, value, f"{where}: {name}")
            found[str(options[plain].name)] = _as_typed(options[plain], value, f"{where}: {name}")
        elif isinstance(value, Mapping) and (inner := group.get_command(context, name)):
            found[name] = _defaults(inner, value, f"{where}, [{name}]")
        elif name in commands:
            raise UsageError(
                say(
                    "{where}: {name} is a command: write [{name}] and options below",
                    where=where,
                    name=name,
                )
            )
        else:
            what = (
                say("command in {where}", where=where)
                if commands
                else say("option in {where}", where=where)
            )
            raise UnknownNameError(what, name, [*(commands or options)])
    return found


def _refuse_harm(name: str, value: Any, where: str) -> None:
    """Raises UsageError for what a folder of somebody else's could overwrite a file with.

    Settings of the working folder come with it: they may not force, nor write outside of it.
    """
    from screener import config

    if not where.startswith(f"{config.NAME}:") and not where.startswith(f"{config.NAME},"):
        return  # the user's own settings
    leads_out = name == "output" and (
        Path(str(value)).is_absolute() or ".." in Path(str(value)).parts
    )
    if name == "force" or leads_out:
        raise UsageError(
            say(
                "{where} is not taken from the settings of a folder: type it, or set it in your own"
                " settings (`screener config show`)",
                where=where,
            )
        )


def _as_typed(option: click.Option, value: Any, where: str) -> Any:
    """A setting as the command line would give it: what it may be, the option says.

    Raises UsageError for what nobody could type.
    """
    if option.is_flag:
        if isinstance(value, bool):
            return value
        raise UsageError(say("{where} is {found}: write true or false", where=where, found=value))
    if option.multiple:
        return [_text(each, where) for each in (value if isinstance(value, list) else [value])]
    return _text(value, where)


def _text(value: Any, where: str) -> str:
    if isinstance(value, str | int | float | date) and not isinstance(value, bool):
        return str(value)
    raise UsageError(say("{where} is {found}: write a text or a number", where=where, found=value))


name_variables(cli, VARIABLE)
