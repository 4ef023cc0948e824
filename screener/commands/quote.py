"""`screener quote` and `screener doctor`: what prices are stored, and how each source answers."""

from __future__ import annotations

import click

from screener.commands import completion
from screener.commands.common import ERRORS, FINE, LANG, MOST_SECONDS, Finite, moment, report, today


@click.command()
@completion.SYMBOLS
@LANG
def quote(symbols: tuple[str, ...], lang: str) -> int:
    """What prices are known of SYMBOLs, from where and when, without asking anybody."""
    from screener.market_data.coverage import every_name
    from screener.market_data.quotes import stored_quotes
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.lists import known_table
    from screener.store.store import Store, default_path

    kept = Store(default_path())
    known = stored_quotes(symbols, every_name(kept, today()), kept, moment())
    console().print(drawn(known_table(known, lang)))
    code = report(kept.problems, lang)
    return code if all(known.values()) else ERRORS


@click.command()
@click.option("--timeout", type=Finite(min=1, max=MOST_SECONDS), default=10.0, show_default=True)
@click.option(
    "--deep",
    is_flag=True,
    help="Ask vendors in every way that is built on; name what libraries and answers lack.",
)
@LANG
def doctor(timeout: float, deep: bool, lang: str) -> int:
    """How each price source answers, what is stored, and which proxy and certificates are set."""
    from screener.market_data import diagnosis
    from screener.output.terminal.console import console, drawn
    from screener.output.terminal.lists import diagnosis_table

    found = diagnosis.diagnose(moment(), timeout)
    if deep:
        found += diagnosis.deep(moment(), timeout)
    console().print(drawn(diagnosis_table(found, lang)))
    return FINE if all(finding.is_fine for finding in found) else ERRORS
