"""A console that shows text as it is, tables that fit it, and problems as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from screener.model.messages import say
from screener.model.problems import PROBLEM_KINDS, SEVERITIES, Problem, Severity
from screener.model.table import Shown, ShownTable
from screener.output.terminal.clean import clean, one_line

if TYPE_CHECKING:
    from rich.progress import Progress

STYLES: Mapping[Severity, str] = {"error": "bold red", "warning": "yellow", "note": "dim"}


def severity_styles(lang: str) -> dict[str, str]:
    """The style of each severity's word in a language."""
    return {SEVERITIES[severity].said(lang): style for severity, style in STYLES.items()}


# How many symbols a line of problems names before it only counts.
NAMED = 6


class _Console(Console):
    """A console of clean text, which says that its reader has gone, as every other output does."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else clean(text), style, control)


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
        is_placed = len(same) == 1 and symbols and same[0].where != same[0].symbol
        where = f"{same[0].where}: " if is_placed else ""
        yield one_line(f"{where}{named}: {message.said(lang)}")


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr of how many prices have come, where stderr is a terminal."""
    terminal = console(error=True)
    if not (shown and terminal.is_terminal):
        yield None
        return
    with _bar(terminal) as progress:
        task = progress.add_task("prices", total=None)
        yield lambda come, of: progress.update(task, completed=come, total=of)


def _bar(terminal: Console) -> Progress:
    from rich.progress import Progress

    # Nothing else is printed meanwhile; and behind what rich would put in their place, our own
    # streams would take its sequences for somebody else's.
    return Progress(console=terminal, transient=True, redirect_stdout=False, redirect_stderr=False)


@contextmanager
def working(title: str) -> Iterator[None]:
    """A bar on stderr that says something goes on, where stderr is a terminal."""
    terminal = console(error=True)
    if not terminal.is_terminal:
        yield
        return
    with _bar(terminal) as progress:
        progress.add_task(title, total=None)
        yield


def fitted(table: ShownTable, dropped_first: Sequence[Shown], width: int) -> Table:
    """The table, less those of `dropped_first` that it takes to fit the width.

    A figure is shown whole or not at all: what does not fit is in the workbook.
    """
    shown, droppable = list(table.columns), iter(dropped_first)
    while not _fits(shown, width):
        victim = next(droppable, None)
        if victim is None:
            break
        shown = [column for column in shown if column is not victim]
    spare = width - sum(_width(column) + 1 for column in shown)
    drawn_table = _blank(table.title)
    for column in shown:
        # What is left over goes to headings that would otherwise fold.
        more = max(0, min(spare, cell_len(column.title) - _width(column)))
        spare -= more
        drawn_table.add_column(
            column.title, justify=column.justify, overflow="fold", width=_width(column) + more
        )
    for cells in zip(*(column.cells for column in shown), strict=True):
        drawn_table.add_row(*map(Text, cells))
    return drawn_table


def _fits(columns: Sequence[Shown], width: int) -> bool:
    return sum(_width(column) + 1 for column in columns) <= width


def _width(column: Shown) -> int:
    """How wide a column is at least: its heading may fold, its cells may not."""
    # Latin words stay whole, Chinese may break after any third character.
    words = (
        cell_len(word) if word.isascii() else min(cell_len(word), 6)
        for word in column.title.split()
    )
    return max(*words, *map(cell_len, column.cells), 0)


def drawn(table: ShownTable, styles: Mapping[str, str] | None = None) -> Table:
    """A short table: figures and the first column stay whole, other texts fold.

    `styles` are those of words in the first column.
    """
    made = _blank(table.title)
    made.padding = (0, 1, 0, 0)
    for place, column in enumerate(table.columns):
        is_whole = place == 0 or column.justify == "right"
        made.add_column(column.title, justify=column.justify, overflow="fold", no_wrap=is_whole)
    for first, *rest in table.rows:
        made.add_row(Text(first, style=(styles or {}).get(first, "")), *map(Text, rest))
    return made


def _blank(title: str) -> Table:
    return Table(
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=0,
        show_edge=False,
    )
