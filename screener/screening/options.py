"""What a run is asked for: one record, whose fields are the options of `screener run`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path

from screener.consensus.fiscal_calendar import Fy1Rule
from screener.model.messages import say
from screener.model.usage import UsageError
from screener.valuation.composite import Scope
from screener.valuation.limits import NM_ABOVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run is asked for. Raises UsageError for what cannot be."""

    # The watchlists by name; all where that is empty.
    sectors: Sequence[str] = ()
    # A source or a CSV file. `live`; `report`, the prices that the printed tables imply; `auto`,
    # live ones, else stored ones, else the report's.
    prices: str | Path = "auto"
    # The metric that ranks, or a composite, as `0.5 pe_fy1 + 0.5 peg`: a weighted mean of
    # percentile ranks within the scope.
    by: str = "pe_fy1"
    scope: Scope = "sector"
    # Conditions on columns that all must be met, as `pe_fy1 < 30`: ranks and medians are of the
    # names that meet them.
    where: str | Sequence[str] = ()
    # Symbols that are taken (all where that is empty), and that are not.
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    # P/Es above it are NM; None: none are.
    nm_above: float | None = NM_ABOVE
    # When FY1 turns: `calendar`, on the last day of the fiscal year; `reported`, once the source
    # has the results of the year.
    fy1: Fy1Rule = "calendar"
    # `report`, the watchlists' own estimates; `latest`, the newest ones that are stored and not in
    # doubt; a day, those of by then; or the path of an earlier workbook, what was typed into it.
    consensus: str | Path | date = "latest"
    # The day of the valuation; None: the latest day a price stands for.
    as_of: date | None = None
    # The folder of the watchlists; None: `./watchlists`, else the bundled ones.
    watchlists: str | Path | None = None
    # The file of what was fetched before; None: the user's.
    store: str | Path | None = None
    # How many seconds live sources may take together.
    timeout: float = 20.0
    # Open no connection.
    offline: bool = False
    # Ask both live sources for every name.
    cross_check: bool = False
    # How many seconds old a stored price may be to be used without asking; None: a minute while
    # the market trades, until it opens otherwise.
    max_age: float | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    # Told how many prices have come, and of how many.
    progress: Callable[[int, int], None] | None = None
    # Told the name of each part of the work when it is done: lists, prices, valuation, ranking.
    done: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        if self.as_of is not None and not 1990 <= self.as_of.year < 2100:
            message = say("as of {as_of}: the day must lie between 1990 and 2099", as_of=self.as_of)
            raise UsageError(message)
        if self.nm_above is not None and not 0 < self.nm_above < inf:
            message = say(
                "NM above {nm_above:g}: the P/E must be above zero", nm_above=self.nm_above
            )
            raise UsageError(message)

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions, however many were given."""
        return (self.where,) if isinstance(self.where, str) else tuple(self.where)

    @property
    def is_live(self) -> bool:
        """Whether prices are asked of vendors."""
        return self.prices in ("auto", "live")
