"""A console that shows text as it is, tables that fit it, and problems as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from screener.model.messages import say
from screener.model.problems import PROBLEM_KINDS, SEVERITIES, Problem, Severity

STYLES: Mapping[Severity, str] = {"error": "bold red", "warning": "yellow", "note": "dim"}

# How many symbols a line of problems names before it only counts.
NAMED = 6


class _Console(Console):
    """A console that says that its reader has gone, as every other output does."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, error: bool = False, width: int | None = None) -> Console:
    """A console that shows text as it is: no markup, no emoji, no guessing at numbers."""
    return _Console(
        width=width, stderr=error, markup=False, emoji=False, highlight=False, soft_wrap=False
    )


def print_problems(terminal: Console, problems: Sequence[Problem], lang: str) -> None:
    """Print the problems grouped by kind, the worst kinds first; equal messages share a line.

    On a terminal lines are folded; into a pipe or a file each problem is one line, to be searched.
    """
    kinds = sorted(PROBLEM_KINDS.values(), key=lambda kind: list(SEVERITIES).index(kind.severity))
    for kind in kinds:
        of_kind = [problem for problem in problems if problem.kind == kind.name]
        if of_kind:
            title = f"{SEVERITIES[kind.severity].said(lang)}: {kind.label(lang)} ({len(of_kind)})"
            terminal.print(Text(title, style=STYLES[kind.severity]))
        for line in lines_of_kind(of_kind, lang):
            if terminal.is_terminal:
                terminal.print(Padding(Text(line), (0, 0, 0, 2)))
            else:
                terminal.print(Text(f"  {line}"), soft_wrap=True)


def lines_of_kind(problems: Sequence[Problem], lang: str) -> Iterable[str]:
    """A line for each message, with the names or places it is about."""
    by_message = sorted(problems, key=lambda problem: problem.message)
    shared = {
        message: list(group) for message, group in groupby(by_message, lambda each: each.message)
    }
    for message in dict.fromkeys(problem.message for problem in problems):
        same = shared[message]
        symbols = list(dict.fromkeys(problem.symbol for problem in same if problem.symbol))
        names = symbols or list(dict.fromkeys(problem.where for problem in same))
        named: str = ", ".join(names[:NAMED])
        if len(names) > NAMED:
            named = say("{named} and {more} more", named=named, more=len(names) - NAMED).said(lang)
        where = f"{same[0].where}: " if len(same) == 1 and symbols else ""
        yield f"{where}{named}: {message.said(lang)}"


def severity_word(severity: Severity, lang: str) -> str:
    return {"error": say("error"), "warning": say("warning"), "note": say("note")}[severity].said(
        lang
    )


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr of how many prices have come, where stderr is a terminal."""
    terminal = console(error=True)
    if not (shown and terminal.is_terminal):
        yield None
        return
    with Progress(console=terminal, transient=True) as progress:
        task = progress.add_task("prices", total=None)
        yield lambda come, of: progress.update(task, completed=come, total=of)


def fitted(
    title: str, columns: Sequence[Shown], dropped_first: Sequence[Shown], width: int
) -> Table:
    """The table of these columns, less those of `dropped_first` that it takes to fit the width.

    A figure is shown whole or not at all: what does not fit is in the workbook.
    """
    shown, droppable = list(columns), iter(dropped_first)
    while sum(column.width + 1 for column in shown) > width:
        victim = next(droppable, None)
        if victim is None:
            break
        shown = [column for column in shown if column is not victim]
    spare = width - sum(column.width + 1 for column in shown)
    table = plain_table(title)
    for column in shown:
        # What is left over goes to headings that would otherwise fold.
        more = max(0, min(spare, cell_len(column.title) - column.width))
        spare -= more
        table.add_column(
            column.title, justify=column.justify, overflow="fold", width=column.width + more
        )
    for cells in zip(*(column.cells for column in shown), strict=True):
        table.add_row(*map(Text, cells))
    return table


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of a table in a terminal: its heading may fold, its cells may not."""

    title: str
    cells: Sequence[str]
    justify: Literal["left", "center", "right"] = "right"

    @property
    def width(self) -> int:
        # Latin words stay whole, Chinese may break after any third character.
        words = [
            cell_len(word) if word.isascii() else min(cell_len(word), 6)
            for word in self.title.split()
        ]
        return max(*words, *map(cell_len, self.cells), 0)


def plain_table(title: str = "") -> Table:
    return Table(
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=0,
        show_edge=False,
    )
