"""What becomes of a run: it is kept, compared with the last one, and given again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from screener.commands.common import tell
from screener.model.messages import say
from screener.model.usage import UsageError

if TYPE_CHECKING:
    from screener.screening.result import Result


# What a repeated run takes: all else is the run's own.
_WITH_REPEAT = ("repeat", "output", "formats", "top", "as_json", "plain", "quiet", "lang")


def refuse_with_repeat(context: click.Context) -> None:
    """Raises UsageError for an option that a kept run has settled."""
    for option in context.command.params:
        typed = context.get_parameter_source(str(option.name)) == ParameterSource.COMMANDLINE
        if typed and option.name not in _WITH_REPEAT and isinstance(option, click.Option):
            name = max(option.opts, key=len)
            raise UsageError(
                say("--repeat gives the run as it was: {name} cannot go with it", name=name)
            )


def repeated(number: int, sectors: Sequence[str], lang: str) -> Result:
    """A run that is kept, again. Raises UsageError where there is none of that number."""
    from screener.screening import runs
    from screener.store.store import Store, default_path

    if sectors:
        raise UsageError(say("--repeat takes the watchlists of the run: name none"))
    store = Store(default_path(), create=False)
    every = store.runs()
    tell(store.problems, lang)
    return runs.result_of(runs.numbered(every, number))


def kept(result: Result, wanted: Sequence[str]) -> Result:
    """Keep the run, and see what changed since the last one; that is no part of its figures."""
    from screener.screening import runs
    from screener.store.store import Store, default_path

    store = Store(default_path())
    found = result
    # What changed, the last run computed again says; only workbook and page show it.
    if {"xlsx", "html"} & {*wanted}:
        found = runs.since_last(found, store)
    if "html" in wanted:
        found = runs.with_past(found, store)
    runs.keep(result, store)
    new = [problem for problem in store.problems if problem not in result.problems]
    return replace(found, problems=(*found.problems, *new))
