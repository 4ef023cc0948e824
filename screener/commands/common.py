"""What the commands share: exit codes, options, and how problems are told."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from screener.model.language import LANGUAGES, speak
from screener.model.messages import say
from screener.model.reading import shown
from screener.model.usage import UsageError

if TYPE_CHECKING:
    from screener.model.problems import Problem

# Exit codes, for scripts: 2 is click's own for wrong usage, 130 a shell's for Ctrl-C.
FINE, ERRORS, WRONG_USAGE, NOTHING_WRITTEN, INTERRUPTED = 0, 1, 2, 3, 130

# By this a shell asks what to offer, whatever the program was called by.
COMPLETE = "_SCREENER_COMPLETE"

LANGUAGE = click.Choice(LANGUAGES)
LANGUAGE_HELP = "Language of tables, messages and workbooks.  [default: the locale's, else zh]"


def _language(context: click.Context, _: click.Parameter, own: str | None) -> str:
    """The language of a command: its own, else what `screener --lang` says before all commands."""
    root = context.find_root().params
    root["lang"] = own or root["lang"]
    speak(root["lang"])
    return str(root["lang"])


LANG = click.option("--lang", type=LANGUAGE, callback=_language, is_eager=True, help=LANGUAGE_HELP)

WATCHLISTS = click.option(
    "-w",
    "--watchlists",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of watchlists.  [default: ./watchlists, else the bundled ones]",
)


def report(problems: Sequence[Problem], lang: str) -> int:
    """Tell the problems; the exit code that they make."""
    sys.stdout.flush()
    tell(problems, lang)
    return code_of(problems)


def tell(problems: Sequence[Problem], lang: str) -> None:
    from screener.output.terminal.console import console, print_problems

    print_problems(console(error=True), problems, lang)


def code_of(problems: Iterable[Problem]) -> int:
    return ERRORS if any(problem.is_gap for problem in problems) else FINE


def command_line() -> str:
    return shown(shlex.join(["screener", *sys.argv[1:]]))


def today() -> date:
    from screener.model.calendars import market_day

    return market_day(moment())


def moment() -> datetime:
    return datetime.now(UTC)


def symbols_of(given: Sequence[str]) -> list[str]:
    """The symbols of options: separated by commas or blanks, from stdin for `-`.

    Raises UsageError where an option is given and names none: that would mean all.
    """
    from screener.importing.codelist import texts_of

    texts = [_stdin() if each == "-" else each for each in given]
    symbols = texts_of(texts)
    if given and not symbols:
        raise UsageError(say("no symbols were given: separate them by commas or blanks"))
    return symbols


def _stdin() -> str:
    from screener.model.reading import plain_text

    try:
        # PowerShell begins what it pipes with a byte order mark.
        return plain_text(sys.stdin).removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(say("{path} cannot be read: {why}", path="-", why=why)) from None


def write(content: bytes, output: Path, lang: str) -> Path:
    """Write a file the user asked for; say why, if what is there already is kept."""
    from screener.files import save

    written = save(content, output)
    if written.kept:
        click.echo(written.kept.said(lang), err=True)
    return written.path


def write_told(content: bytes, output: Path, lang: str) -> None:
    """Write a file the user asked for, and say where it is."""
    click.echo(str(write(content, output, lang)))


# No command waits longer than a year, which every clock can count.
MOST_SECONDS = 31_536_000.0


class Finite(click.FloatRange):
    """A number in a range that `nan`, which compares with nothing, is not in."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number: float = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value!r} is no number.", param, ctx)
        return number


class Limit(click.ParamType[float]):
    """A number above zero, or `none`: the infinite one, above which there is nothing."""

    name = "limit"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if value == "none":
            return inf
        return Finite(min=0, min_open=True).convert(value, param, ctx)


class PathEnding(click.ParamType[Path]):
    """A file to write whose ending says what it is: another one would say it is something else."""

    name = "path"

    def __init__(self, *endings: str) -> None:
        self.endings = endings

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(value)
        if path.suffix.lower() not in self.endings:
            self.fail(f"{str(path)!r} must end in {' or '.join(self.endings)}.", param, ctx)
        return path


class Conditions(click.ParamType[str]):
    """Conditions; in a variable they are separated by semicolons, as they hold blanks."""

    name = "condition"
    envvar_list_splitter = ";"


def option_names(command: click.Command) -> dict[str, click.Option]:
    """The options of a command by their long names, without the dashes before them."""
    options = (param for param in command.params if isinstance(param, click.Option))
    return {max(option.opts, key=len).lstrip("-"): option for option in options}


def give_up(stream: TextIO) -> None:
    """What is still to be written to a stream goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def name_variables(command: click.Command, variable: str) -> None:
    """Let every option be set by the variable that its own name says, whatever ours for it is."""
    for name, option in option_names(command).items():
        option.envvar = f"{variable}_{name}".upper().replace("-", "_")
    for name, inner in command.commands.items() if isinstance(command, click.Group) else ():
        name_variables(inner, f"{variable}_{name}")
