"""A result to files, to the terminal, and to an exit code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.commands.common import NOTHING_WRITTEN, code_of, command_line, tell, write
from screener.commands.file_name import file_stem
from screener.model.messages import NOTHING, Sentence, say
from screener.model.usage import UnknownNameError, UsageError

if TYPE_CHECKING:
    from screener.screening.result import Result


def put_out(
    result: Result,
    wanted: Sequence[str],
    output: Path,
    lang: str,
    *,
    show: Callable[[], None] | None,
    as_json: bool,
    paths_apart: bool,
    asked: Iterable[str] = (),
    done: Callable[[str], None] = lambda _: None,
) -> int:
    """Write the files, print the result, then its problems and where the files are.

    With `paths_apart` that goes to stderr: stdout is for another program. `asked` goes into the
    files' names, and `done` is told what is done. A run of no names writes none: it would stand
    for one that has some.
    """
    to_stdout = str(output) == "-"
    # The files first: whatever becomes of the output, they are there.
    paths: list[str] = []
    fault = NOTHING if len(result.table) else say("no name is left: nothing is written")
    if not to_stdout and not fault:
        stem = file_stem(result.price_day, asked)
        paths, fault = _write(result, wanted, output, stem, lang)
    done("workbook")
    if to_stdout:
        _print_bytes(result, wanted[0], lang)
    elif as_json:
        _print_bytes(result, "json", lang)
    elif show is not None:
        show()
    sys.stdout.flush()
    # A run that is not kept has no gap, but whoever is not told will look for it.
    shown = [each for each in result.problems if show or each.is_gap or each.kind == "store"]
    tell(shown, lang)
    for path in paths:
        click.echo(path, err=paths_apart)
    if fault:
        click.echo(f"screener: {fault.said(lang)}", err=True)
    done("terminal")
    return NOTHING_WRITTEN if fault else code_of(result.problems)


def chosen_formats(given: Sequence[str], output: Path) -> list[str]:
    """The formats to write: those named, else what the name of the output says."""
    from screener.output.formats import FORMATS

    known = {name: each.suffix for name, each in FORMATS.items()}
    texts = [name for name, each in FORMATS.items() if each.is_text]
    named = [name for each in given for name in each.replace(",", " ").split()]
    of_output = [name for name, suffix in known.items() if output.suffix.lower() == f".{suffix}"]
    if named == ["xlsx"] and of_output:
        named = of_output
    for name in named:
        if name not in known:
            raise UnknownNameError(say("format"), name, list(known))
    # A folder may have a name with a dot; what looks like a file of another format has none here.
    is_other = re.fullmatch(r"\.[A-Za-z]{2,5}", output.suffix) and not output.is_dir()
    if is_other and not of_output:
        raise UsageError(
            say(
                "-o {path}: a file of results ends in {suffixes}; a folder with a dot in its name"
                " must be there",
                path=output,
                suffixes=", ".join(f".{suffix}" for suffix in known.values()),
            )
        )
    if not named:
        raise UsageError(say("no format is named: write {formats}", formats=", ".join(known)))
    if of_output and set(named) != set(of_output):
        raise UsageError(
            say(
                "-o {path} is one file, of format {format}: for others name a folder",
                path=output,
                format=of_output[0],
            )
        )
    if str(output) == "-" and (len(named) != 1 or named[0] not in texts):
        raise UsageError(
            say("-o - prints one of {formats}: name it with --format", formats=", ".join(texts))
        )
    return list(dict.fromkeys(named))


def _write(
    result: Result, formats: Sequence[str], output: Path, stem: str, lang: str
) -> tuple[list[str], Sentence]:
    """Write the formats; what to print of that, and what went wrong."""
    from screener.output.formats import FORMATS

    lines: list[str] = []
    for name in formats:
        suffix = FORMATS[name].suffix
        is_file = output.suffix.lower() == f".{suffix}"
        target = output if is_file else output / f"{stem}.{suffix}"
        try:
            content = FORMATS[name].content(result, lang, command_line())
            lines.append(str(write(content, target, lang)))
        except OSError as error:
            why = error.strerror or error
            return lines, say("nothing written: {path}: {why}", path=target, why=why)
    return lines, NOTHING


def _print_bytes(result: Result, name: str, lang: str) -> None:
    from screener.output.formats import FORMATS

    content = FORMATS[name].content(result, lang, command_line())
    # Another program gets every byte; a terminal gets text, which is clean.
    click.echo(content.decode() if sys.stdout.isatty() else content, nl=False)


def print_plain(result: Result, lang: str, top: int | None) -> None:
    from screener.output.terminal.result import plain_lines

    for line in plain_lines(result, lang, top):
        click.echo(line)


def print_tables(result: Result, lang: str, top: int | None) -> None:
    from screener.output.terminal.console import console
    from screener.output.terminal.result import result_tables

    terminal = console()
    terminal.print(result_tables(result, lang, top, terminal.width))
