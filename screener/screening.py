"""The line from watchlists to a ranked table, as one library call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import polars as pl

from screener import (
    actions,
    aggregates,
    audit,
    estimates,
    fx,
    inputs,
    quotes,
    ranking,
    watchlist,
)
from screener.audit import Finding
from screener.calendars import market_day
from screener.consensus import forward, review
from screener.ladder import Ladder
from screener.metrics import Metric, catalogue
from screener.model import Problem, UnknownNameError, UsageError
from screener.providers import find, report
from screener.providers.contract import Ask
from screener.schema import Column, check
from screener.store import Store, default_path
from screener.symbols import currency_of
from screener.valuation import value
from screener.watchlist import Watchlist

if TYPE_CHECKING:
    import pandas as pd

# However long the prices took, splits may take this.
LEAST_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Result:
    """A screening: the ranked table, the sectors' statistics, and every problem met on the way.

    `findings` is what the printed tables themselves get wrong.

    `table` has a row a listing, with the columns `columns`; `sectors` a row for each sector and
    metric. Both are polars frames without NaN or infinities: a null is explained by a problem.
    """

    table: pl.DataFrame
    sectors: pl.DataFrame
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]
    watchlists: tuple[Watchlist, ...]
    columns: Mapping[str, Column]
    metrics: Mapping[str, Metric]
    by: str
    prices: str
    price_day: date
    generated_at: datetime

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.table.to_dict(as_series=False))

    def to_dict(self) -> dict[str, Any]:
        """The whole result as plain values, ready for JSON."""
        from screener.document import document

        return document(self)

    def to_excel(self, path: str | Path, lang: str = "zh") -> Path:
        """Write the workbook and return where it stands.

        An existing workbook that somebody edited is kept, and another name is taken.
        """
        from screener.workbook import write

        return write(self, Path(path), lang).path


def screen(
    sectors: Sequence[str] = (),
    prices: str | Path = "auto",
    by: str = "pe_fy1",
    as_of: date | None = None,
    watchlists: str | Path | None = None,
    now: datetime | None = None,
    timeout: float = 20.0,
    offline: bool = False,
    max_age: float | None = None,
    store: str | Path | None = None,
    cross_check: bool = False,
    nm_above: float | None = None,
    consensus: str | Path | date = "latest",
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Price, value and rank the names of the watchlists `sectors` (all where that is empty).

    `prices` is a source or a CSV file: `live`; `report`, the prices that the printed tables imply;
    `auto`, live ones, else stored ones, else the report's. `by` is the metric that ranks. `as_of`
    is the day of the valuation; without it, the latest day a price stands for. `watchlists` is the
    folder they are in. `timeout` is how many seconds live sources may take together; `offline`
    opens no connection; `max_age` is how many seconds old a stored price may be to be used
    without asking (None: a minute while the market trades, until it opens otherwise); `store` is
    the file of stored prices; `cross_check` asks both live sources for every name; P/Es above
    `nm_above` are NM (None: none are); `consensus` is `report`, the watchlists' own estimates,
    `latest`, the newest ones that are stored and not in doubt, a day, those of by then, or the
    path of an earlier workbook, what was typed into it; `progress` is told how many prices have
    come, and of how many.

    Raises UnknownNameError for a sector, a source or a metric that there is not, UsageError for
    what else cannot be asked.
    """
    now = now or datetime.now(UTC)
    if as_of is not None and not 1990 <= as_of.year < 2100:
        raise UsageError(f"as of {as_of}: the day must lie between 1990 and 2099")
    if nm_above is not None and not 0 < nm_above < inf:
        raise UsageError(f"NM above {nm_above:g}: the P/E must be above zero")
    folder = Path(watchlists) if watchlists is not None else watchlist.default_folder()
    is_live = prices in ("auto", "live")
    kept = Store(Path(store) if store is not None else default_path(), create=is_live)
    provider = Ladder(kept, not offline, prices == "auto", max_age) if is_live else find(prices)
    choice = estimates.parse_choice(consensus)

    tables, problems = watchlist.load(folder, sectors, on=as_of or now.date())
    listings = [listing for table in tables for listing in table.listings]
    stored = kept.vintages({row.symbol for row in listings})
    ranking_metric(by, catalogue(choice.years(listings, stored)))

    started = monotonic()
    pairs = frozenset(
        (currency_of(row.symbol), currency)
        for row in listings
        for currency in choice.currencies(row, stored) - {currency_of(row.symbol)}
    )
    ask = Ask(listings, now, timeout, as_of, cross_check, pairs, progress)
    priced, rates, unpriced = quotes.price(ask, provider)
    day = quotes.price_day(priced, as_of, now.date())
    printed = report.fetch(ask)
    problems += unpriced + quotes.old_prices(priced, day)

    counted = actions.shares(priced, printed.quotes)
    record = actions.known(listings, kept)
    out = {each.where for each in unpriced if each.kind == "source_out"}
    if is_live and not offline and day >= market_day(now) and "network" not in out:
        left = max(LEAST_SECONDS, timeout - (monotonic() - started))
        record, faults = actions.brought_up_to_date(
            list(priced),
            kept,
            counted,
            day,
            now,
            left,
            cross_check=cross_check,
            out=out & {"Yahoo"},
        )
        problems += faults
    used, faults = estimates.used(listings, stored, record, choice, day)
    forwards = {row: forward(row, vintage, day, record) for row, vintage in used.items()}
    currencies = {row: vintage.currency for row, vintage in used.items()}
    conversions, unconverted = fx.convert(priced, currencies, rates, day)
    problems += faults + unconverted + estimates.comparable(used)
    problems += actions.review(forwards, counted) + review(forwards, day)
    years = sorted(
        {year for each in forwards.values() for year in (*each.vintage.years, *each.report.years)}
    )
    metrics = catalogue(years)
    metric = ranking_metric(by, metrics)

    if provider is not report.fetch:
        problems += report.findings(printed)
    frame = inputs.frame(priced, conversions, forwards, printed.quotes, years, day, nm_above)
    columns = (*ranking.RANK_COLUMNS, *inputs.columns(years), *metrics.values())
    ranked = check(ranking.rank(value(frame, metrics.values()), metric), columns)
    problems += ranking.explain(ranked, metric, problems)
    return Result(
        table=ranked,
        sectors=aggregates.aggregate(ranked, metrics.values()),
        problems=tuple(problems),
        findings=tuple(audit.audit(tables)),
        watchlists=tuple(tables),
        columns={column.name: column for column in columns},
        metrics=metrics,
        by=by,
        prices=str(prices),
        price_day=day,
        generated_at=now,
    )


def ranking_metric(by: str, metrics: Mapping[str, Metric]) -> Metric:
    """The metric called `by`. Raises UnknownNameError if it is none, or none that ranks."""
    ranking_names = [name for name, metric in metrics.items() if metric.best is not None]
    if by not in ranking_names:
        raise UnknownNameError("metric", by, ranking_names)
    return metrics[by]
