"""`screener add` and `screener remove`: codes into a watchlist, and out of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic

import click

from screener.commands import completion
from screener.commands.common import (
    LANG,
    MOST_SECONDS,
    NOTHING_WRITTEN,
    Finite,
    code_of,
    moment,
    report,
    symbols_of,
    tell,
    today,
)
from screener.model.messages import Sentence, message_of, say
from screener.model.problems import Problem
from screener.model.symbols import SymbolError, lasting
from screener.model.usage import UsageError

YES = click.option("--yes", is_flag=True, help="Write without asking.")
DEFAULT_LIST, PEERS = "mine", 10
FOLDER = click.option(
    "-w",
    "--watchlists",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("watchlists"),
    show_default=True,
    help="Folder of watchlists, which is made if there is none.",
)


@click.command()
@click.argument("codes", nargs=-1, metavar="[CODE|FILE|-]...", shell_complete=completion.symbols)
@click.option(
    "--to",
    default="",
    metavar="LIST",
    shell_complete=completion.sectors,
    help="Watchlist to add to.  [default: mine]",
)
@click.option("--industry", default="", metavar="NAME", help="Add the listings of an industry.")
@click.option("--like", default="", metavar="CODE", help="Add the peers of CODE in its industry.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of an industry the N largest, of peers the N nearest in size.  [default: all, 10 peers]",
)
@click.option("--column", default="", metavar="NAME", help="Column of FILE that holds the codes.")
@click.option("--offline", is_flag=True, help="Add the codes alone, and ask nobody.")
@click.option(
    "--timeout",
    type=Finite(min=1, max=MOST_SECONDS),
    default=30.0,
    show_default=True,
    help="Most seconds to wait.",
)
@YES
@LANG
@FOLDER
def add(
    codes: tuple[str, ...],
    to: str,
    industry: str,
    like: str,
    top: int | None,
    column: str,
    offline: bool,
    timeout: float,
    yes: bool,
    lang: str,
    watchlists: Path,
) -> int:
    """Add codes to a watchlist: with names, consensus EPS and market cap, as the sources say.

    CODE may be written in any way, and be a name; FILE is a CSV or .xlsx with a column of codes,
    `-` is standard input.
    """
    from screener.importing.listfile import ListFile, list_path
    from screener.market_data.additions import Additions, bare_rows, look_up
    from screener.output.terminal.console import console, fitted
    from screener.output.terminal.lists import additions_table

    _check((codes, industry, like), yes=yes)
    if offline and (industry or like):
        raise UsageError(say("an industry has to be asked for: --offline cannot go with it"))
    path = list_path(watchlists, to or industry or DEFAULT_LIST)
    target = ListFile(path)
    until = monotonic() + timeout
    named, problems = _wanted(codes, column, industry, like, top, timeout)
    there = target.symbols
    new = [symbol for symbol in named if symbol not in there]
    problems += [
        Problem("listed_already", str(path), say("{symbol} is in it", symbol=symbol), symbol)
        for symbol in named
        if symbol in there
    ]
    made = Additions(bare_rows(new))
    if new and not offline:
        known = {symbol: name for symbol, name in named.items() if name}
        made = look_up(new, known, moment(), max(0.0, until - monotonic()))
    problems += made.problems
    if made.rows:
        table = additions_table([*made.rows.values()], made.columns, lang)
        terminal = console()
        # What is over comes after names, and goes first where there is no room.
        terminal.print(fitted(table, table.columns[2:], terminal.width))
    tell(problems, lang)
    if not made.rows:
        click.echo(say("nothing is added to {path}", path=path).said(lang), err=True)
        return code_of(problems) if named and not new else NOTHING_WRITTEN
    if not _agreed(say("Add {count} to {path}?", count=len(made.rows), path=path), lang, yes=yes):
        return NOTHING_WRITTEN
    is_new = not path.parent.is_dir()
    target.add([*made.rows.values()], made.columns)
    target.write()
    click.echo(str(path))
    is_bare = "as_of" not in made.columns
    click.echo(_what_next(path, is_bare=is_bare).said(lang))
    if is_new:
        note = say(
            "{folder} is new: from here its watchlists are taken, no longer the bundled ones, which"
            " `screener init` copies into it",
            folder=path.parent,
        )
        click.echo(note.said(lang))
    return code_of(problems)


@click.command()
@click.argument(
    "codes", nargs=-1, required=True, metavar="CODE...", shell_complete=completion.symbols
)
@click.option(
    "--from",
    "source",
    required=True,
    metavar="LIST",
    shell_complete=completion.sectors,
    help="Watchlist to take from.",
)
@YES
@LANG
@FOLDER
def remove(codes: tuple[str, ...], source: str, yes: bool, lang: str, watchlists: Path) -> int:
    """Take the lines of codes out of a watchlist. What is taken out is shown."""
    from screener.importing.listfile import ListFile, list_path

    _check(codes, yes=yes)
    path = list_path(watchlists, source)
    if not path.exists():
        raise UsageError(say("there is no watchlist {path}", path=path))
    target = ListFile(path)
    named, problems = _meant(symbols_of(codes))
    there = target.symbols
    problems += [
        Problem("not_there", str(path), say("{symbol} is not in it", symbol=symbol), symbol)
        for symbol in named
        if symbol not in there
    ]
    taken = target.remove([*named])
    for line in taken:
        click.echo(line)
    question = say("Take {count} lines out of {path}?", count=len(taken), path=path)
    if taken and _agreed(question, lang, yes=yes):
        target.write()
        click.echo(str(path))
    return report(problems, lang)


def _check(given: Sequence[object], *, yes: bool) -> None:
    if not any(given):
        raise UsageError(say("name codes, a FILE, an --industry, or whom others are to be --like"))
    if not yes and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(say("nobody can be asked here: --yes writes without asking"))


def _agreed(question: Sentence, lang: str, *, yes: bool) -> bool:
    return yes or click.confirm(question.said(lang), default=True)


def _what_next(path: Path, *, is_bare: bool) -> Sentence:
    if is_bare:
        return say(
            "Codes alone: `screener consensus update {name}` fills in names and EPS of the run,"
            " `screener run {name}` its prices",
            name=path.stem,
        )
    return say("`screener run {name}` ranks them", name=path.stem)


def _wanted(
    codes: Iterable[str], column: str, industry: str, like: str, top: int | None, timeout: float
) -> tuple[dict[str, str], list[Problem]]:
    """The symbols that are to be added, each with its name if that is known; and the problems."""
    from screener.importing.codelist import codes_in
    from screener.market_data.industries import largest, peers

    texts = []
    for given in codes:
        is_file = Path(given).suffix.lower() in (".csv", ".xlsx")
        texts += codes_in(Path(given), column) if is_file else symbols_of([given])
    named, problems = _meant(texts)
    if industry:
        board, faults = largest(industry, top, timeout)
        named |= {member.symbol: member.name for member in board.members}
        problems += faults
    if like:
        board, faults = peers(_one(like), top or PEERS, timeout)
        named |= {member.symbol: member.name for member in board.members}
        problems += faults
    return named, problems


def _one(text: str) -> str:
    named, problems = _meant([text])
    if problems:
        raise UsageError(problems[0].message)
    return next(iter(named))


def _meant(texts: Iterable[str]) -> tuple[dict[str, str], list[Problem]]:
    """The symbols that codes and names mean, and a problem for each that means none."""
    from screener.market_data.coverage import every_name
    from screener.store.store import Store, default_path

    names = every_name(Store(default_path(), create=False), today())
    found: dict[str, str] = {}
    problems = []
    for text in texts:
        try:
            found[lasting(names.meant(text))] = ""
        except SymbolError as error:
            problems.append(Problem("not_added", text, message_of(error)))
    return found, problems
