"""`screener run --watch`: the same result again and again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from screener.model.messages import say

if TYPE_CHECKING:
    from screener.screening.result import Result


def watched(
    screened: Callable[[], Result], show: Callable[[Result], None], seconds: int, lang: str
) -> int:
    """Print the result again and again, in place on a terminal. Ends with Ctrl-C only."""
    from time import sleep

    from screener.output.terminal.console import console

    terminal = console()
    while True:
        result = screened()
        terminal.clear()
        show(result)
        errors = [problem for problem in result.problems if problem.severity == "error"]
        line = say(
            "{time} · {errors} errors · Ctrl-C",
            time=f"{result.generated_at.astimezone():%H:%M:%S}",
            errors=len(errors),
        )
        click.echo(line.said(lang))
        sys.stdout.flush()
        sleep(seconds)
