"""Runs as they are kept: all that their figures were computed from, so that they can be again."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from screener.audit.findings import Finding
from screener.consensus import splits
from screener.market_data.vendor_history import kept_bands
from screener.model.messages import Sentence, from_plain, say, to_plain
from screener.model.problems import Problem
from screener.model.usage import UsageError
from screener.model.version import __version__
from screener.screening.changes import compare
from screener.screening.gather import Gathered
from screener.screening.input_frame import with_stated
from screener.screening.result import Result
from screener.screening.screen import ranked
from screener.store.kept import KeptFigure, KeptRun
from screener.store.store import Store
from screener.valuation.composite import Scope
from screener.valuation.limits import NM_ABOVE
from screener.watchlists.read import Watchlist

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter


# What a damaged store would unpack to is not taken.
MOST_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class _Facts:
    """What of a run is no frame."""

    watchlists: tuple[Watchlist, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    years: tuple[int, ...]
    by: str
    where: tuple[str, ...]
    scope: Scope
    prices: str
    generated_at: datetime
    # Runs of before 2026-11-25 have none: their texts are English in both languages.
    sentences: tuple[tuple[int, str, Sentence], ...] = ()


def keep(result: Result, store: Store) -> int | None:
    """Keep a run, and return its number; None where the store cannot be used."""
    gathered = result.gathered
    facts = _Facts(
        watchlists=gathered.watchlists,
        findings=gathered.findings,
        problems=gathered.problems,
        years=gathered.years,
        by=result.asked_by,
        where=result.where,
        scope=result.scope,
        prices=gathered.prices,
        generated_at=gathered.generated_at,
        sentences=tuple((*place, said) for place, said in gathered.sentences.items()),
    )
    buffer = BytesIO()
    gathered.frame.write_ipc(buffer, compression="zstd")
    run = KeptRun(
        number=0,
        generated_at=gathered.generated_at,
        price_day=gathered.price_day,
        prices=gathered.prices,
        by=result.asked_by,
        names=len(result.table),
        sectors=_sectors_of(gathered),
        version=__version__,
        facts=zlib.compress(_converter().dumps(facts).encode()),
        frame=buffer.getvalue(),
    )
    # With a limit of its own above which P/Es are NM, a run compares with no other.
    is_plain = bool((gathered.frame["nm_above"] == NM_ABOVE).all())
    rows = result.rows if is_plain else ()
    figures = [
        KeptFigure(0, gathered.price_day, row["sector"], row["symbol"], row["pe_fy1"])
        for row in rows
    ]
    return store.save_run(run, figures)


def result_of(run: KeptRun) -> Result:
    """The result of a run, computed again from what it was computed from.

    Raises UsageError where another version kept it in another form.
    """
    import polars as pl

    try:
        text = zlib.decompressobj().decompress(run.facts, MOST_BYTES)
        facts = _converter().loads(text, _Facts)
        gathered = Gathered(
            frame=with_stated(pl.read_ipc(BytesIO(run.frame)), facts.years, run.price_day),
            sentences={(row, name): said for row, name, said in facts.sentences},
            years=facts.years,
            watchlists=facts.watchlists,
            findings=facts.findings,
            problems=facts.problems,
            prices=facts.prices,
            price_day=run.price_day,
            generated_at=facts.generated_at,
        )
        return ranked(gathered, facts.by, facts.where, facts.scope)
    except Exception as error:
        fault = say(
            "run {number} was kept by version {version} in a form this one cannot read",
            number=run.number,
            version=run.version,
        )
        raise UsageError(say("{fault} ({kind})", fault=fault, kind=type(error).__name__)) from error


def since_last(result: Result, store: Store) -> Result:
    """The result with what changed since the last run of the same watchlists, ranking and filter.

    Without such a run, and where that cannot be read, the result as it is.
    """
    before = store.last_run(_sectors_of(result.gathered), result.asked_by)
    if before is None:
        return result
    try:
        old = result_of(before)
    except UsageError:
        return result  # kept by another version: `screener diff` says so
    if (old.where, old.scope) != (result.where, result.scope):
        return result
    record = splits.record(*store.splits(result.table["symbol"]))
    return replace(result, changes=compare(old, result, record))


def with_past(result: Result, store: Store) -> Result:
    """The result with the bands of P/E TTM that are kept of its symbols."""
    rows = [row for watchlist in result.watchlists for row in watchlist.listings]
    return replace(result, past=kept_bands(rows, store, result.price_day))


def _sectors_of(gathered: Gathered) -> str:
    return ",".join(watchlist.name for watchlist in gathered.watchlists)


def numbered(kept: Iterable[KeptRun], number: int) -> KeptRun:
    """The run of that number. Raises UsageError where there is none."""
    for run in kept:
        if run.number == number:
            return run
    raise UsageError(say("there is no run {number}: `screener runs` lists them", number=number))


def chosen(store: Store, numbers: Sequence[int]) -> list[KeptRun]:
    """The runs of these numbers, or, without one, the last two of the same watchlists.

    One number means that run and the one before it of the same watchlists. Raises UsageError
    where there are none such.
    """
    every = store.runs()
    if not every:
        raise UsageError(say("no runs are kept: `screener run` keeps each"))
    named = [numbered(every, number) for number in numbers]
    if len(named) == 2:
        return named
    last = named[0] if named else every[-1]
    before = [each for each in every if each.number < last.number and each.sectors == last.sectors]
    if not before:
        raise UsageError(
            say("there is no run of the same watchlists before run {number}", number=last.number)
        )
    return [before[-1], last]


def _converter() -> JsonConverter:
    from cattrs.preconf.json import make_converter

    converter = make_converter()
    converter.register_unstructure_hook(Sentence, to_plain)
    converter.register_structure_hook(Sentence, lambda plain, _: from_plain(plain))
    return converter
