"""What a shell completes: sectors, symbols, metrics, presets and columns; and `completion`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, get_completion_class

from screener.commands.common import COMPLETE, LANG
from screener.model.usage import UsageError

if TYPE_CHECKING:
    from screener.watchlists.read import Watchlist

SHELLS = ("bash", "zsh", "fish")

# What is offered, and what it stands for.
Offer = tuple[str, str]
Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completing(offers: Callable[[click.Context], Iterable[Offer]]) -> Completer:
    """A completer of what goes on as the last word of what is typed."""

    def complete(
        context: click.Context, _: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        # A condition holds several words, a list of names commas.
        begun, last = _parted(incomplete)
        fits = (each for each in offers(context) if each[0].lower().startswith(last.lower()))
        return [CompletionItem(begun + value, help=meaning) for value, meaning in fits]

    return complete


def _parted(text: str) -> tuple[str, str]:
    end = max(text.rfind(sign) for sign in " ,(<>=") + 1
    return text[:end], text[end:]


def _watchlists(context: click.Context) -> list[Watchlist]:
    from screener.watchlists.folder import default_folder
    from screener.watchlists.read import load_watchlists

    # Whatever is wrong with them, a command says it; here it would spoil the line.
    with suppress(UsageError, OSError):
        folder = context.params.get("watchlists") or default_folder()
        tables, _ = load_watchlists(Path(folder), (), on=datetime.now(UTC).date())
        return tables
    return []


def _sectors(context: click.Context) -> Iterator[Offer]:
    lang = str(context.find_root().params.get("lang") or "en")
    for table in _watchlists(context):
        yield table.name, table.provenance.label(lang)


def _symbols(context: click.Context) -> Iterator[Offer]:
    for table in _watchlists(context):
        for row in table.listings:
            yield row.symbol, row.name


def _targets(context: click.Context) -> Iterator[Offer]:
    yield from _sectors(context)
    yield from _symbols(context)


def _figures(context: click.Context) -> Iterator[tuple[str, str, bool]]:
    from screener.model.input_columns import input_columns
    from screener.valuation.metrics import catalogue

    tables = _watchlists(context)
    years = sorted(
        {year.fiscal_year for table in tables for row in table.listings for year in row.years}
    )
    for metric in catalogue(years).values():
        yield metric.name, str(metric.title), metric.best is not None
    for column in input_columns(years):
        yield column.name, str(column.title), False


def _metrics(context: click.Context) -> Iterator[Offer]:
    return ((name, title) for name, title, ranks in _figures(context) if ranks)


def _columns(context: click.Context) -> Iterator[Offer]:
    return ((name, title) for name, title, _ in _figures(context))


def _presets(_: click.Context) -> Iterator[Offer]:
    from screener import config

    with suppress(UsageError):
        for preset in config.load().presets.values():
            yield preset.name, preset.about


sectors, symbols, targets = map(_completing, (_sectors, _symbols, _targets))
metrics, columns, presets = map(_completing, (_metrics, _columns, _presets))

SYMBOLS = click.argument(
    "symbols", nargs=-1, required=True, metavar="SYMBOL...", shell_complete=symbols
)
TARGETS = click.argument("targets", nargs=-1, metavar="[SYMBOL|SECTOR]...", shell_complete=targets)


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@LANG
@click.pass_context
def completion(context: click.Context, shell: str, lang: str) -> None:  # noqa: ARG001 - the help's
    """Print what makes SHELL complete commands, sectors, metrics, presets, symbols and columns.

    bash: eval "$(screener completion bash)" in ~/.bashrc. zsh: the same in ~/.zshrc. fish:
    screener completion fish > ~/.config/fish/completions/screener.fish.
    """
    made = get_completion_class(shell)
    if made is not None:
        program = made(context.find_root().command, {}, "screener", COMPLETE)
        click.echo(program.source())
