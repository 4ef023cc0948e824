"""A panel on one machine: as many days at a time as memory allows, then the own past by listing."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl

from screener.files import put, scratch
from screener.model.messages import say
from screener.model.usage import UsageError
from screener.panels.days import named, ranked, renamed, valued
from screener.panels.inputs import Inputs, closes_of, inputs_of
from screener.panels.known import vintages
from screener.valuation.filters import passing

if TYPE_CHECKING:
    from screener.panels.asked import Asked

# What a row takes while it is computed, as measured: some three hundred columns, several times.
_BYTES_A_ROW = 30_000
# The same of the own past: a day, a multiple, a rank.
_BYTES_OF_THE_PAST = 600
# The one file of a month.
_PART = "part.parquet"
_KEYS = ("symbol", "sector", "day")


def panel(given: Mapping[str, Any], asked: Asked, output: Path | None) -> Any:
    """The panel as a frame, or written to `output` a folder a month."""
    frames = {name: _lazy(frame) for name, frame in given.items()}
    with _room(output) as room:
        folder = Path(room)
        try:
            made = inputs_of({name: nw.from_native(frame) for name, frame in frames.items()})
            _ranked(made, asked, folder)
            past = _own_past(folder, asked, output)
            return _collected(folder, past) if output is None else _written(folder, past, output)
        except (pl.exceptions.ComputeError, nw.exceptions.ComputeError) as error:
            # A disk that is full, a file that is no Parquet.
            raise OSError(errno.EIO, str(error)) from None


def _room(output: Path | None) -> AbstractContextManager[str | Path]:
    """A folder to compute in: beside the panel, into which its months are moved."""
    if output is None:
        return TemporaryDirectory(prefix="panel-")
    output.parent.mkdir(parents=True, exist_ok=True)
    return scratch(output.parent)


def _lazy(frame: Any) -> pl.LazyFrame:
    if isinstance(frame, str | Path):
        path = Path(frame)
        if not path.exists() and not set("*?[") & set(str(path)):
            raise UsageError(say("{path} is not there", path=path))
        pattern = path / "**" / "*.parquet" if path.is_dir() else path
        return pl.scan_parquet(pattern, hive_partitioning=path.is_dir(), missing_columns="insert")
    return frame.lazy()  # type: ignore[no-any-return]


def _ranked(made: Inputs, asked: Asked, folder: Path) -> None:
    """Every row but for its own past, to a folder a month; no more days at once than memory has."""
    prices = made.prices.to_native()
    spans = made.spans.to_native().collect(engine="streaming")
    listings = None if made.listings is None else made.listings.to_native().collect()
    known = folder / "known.parquet"
    splits, rates = (each.to_native().collect() for each in (made.splits, made.rates))
    estimates = made.estimates.to_native().collect()
    found = vintages(nw.from_native(estimates), nw.from_native(splits))
    found.to_native().sort("published").write_parquet(known, row_group_size=50_000)
    del estimates, found
    counts = prices.group_by("day").len().sort("day").collect(engine="streaming")
    for number, (first, last) in enumerate(_spans(counts, asked)):
        part = prices.filter(pl.col("day").is_between(first, last)).collect(engine="streaming")
        last_known = (
            pl.scan_parquet(known)
            .filter(pl.col("published") <= last)
            .filter(pl.col("until").is_null() | (pl.col("until") > first))
            .collect()
        )
        part_, spans_, known_, splits_, rates_ = map(
            nw.from_native, (part, spans, last_known, splits, rates)
        )
        listings_ = None if listings is None else nw.from_native(listings)
        closes = closes_of(part_, spans_, listings_)
        rows = valued(closes, known_, splits_, rates_, asked.by, asked.nm_above)
        # As in a run: ranks and statistics are of those that meet the conditions.
        kept, _ = passing(
            rows.to_native(), asked.where, {renamed(name): name for name in rows.columns}
        )
        rows = nw.from_native(kept)
        rows = named(ranked(rows, asked.by), asked.by)
        for (month,), of_month in rows.to_native().group_by(pl.col("day").dt.strftime("%Y-%m")):
            target = folder / "rows" / f"month={month}"
            target.mkdir(parents=True, exist_ok=True)
            of_month.sort("day", "sector", "symbol").write_parquet(target / f"{number:05}.parquet")


def _spans(counts: pl.DataFrame, asked: Asked) -> Iterator[tuple[date, date]]:
    """Days one after another that together have no more rows than memory has room for."""
    most = max(1, asked.memory // _BYTES_A_ROW)
    begun: date | None = None
    last, rows = date.min, 0
    since = asked.since.replace(day=1) if asked.since else date.min
    for day, count in counts.filter(pl.col("day") >= since).iter_rows():
        if begun is not None and (rows + count > most or day.month != last.month):
            yield begun, last
            begun, rows = None, 0
        begun, last, rows = begun or day, day, rows + count
    if begun is not None:
        yield begun, last


def _own_past(folder: Path, asked: Asked, output: Path | None) -> Path:
    """Where each multiple stands among the listing's own of the days before, by listing."""
    new = pl.scan_parquet(folder / "rows" / "**" / "*.parquet", hive_partitioning=False)
    columns = [*_KEYS, "pe_fy1"]
    every = [new.select(columns)]
    if asked.since is not None and output is not None and output.exists():
        begin = asked.since.replace(day=1)
        old = pl.scan_parquet(output / "**" / "*.parquet", hive_partitioning=False)
        reach = begin - timedelta(days=asked.window_days)
        every.append(
            old.filter(pl.col("day").is_between(reach, begin, closed="left")).select(columns)
        )
    rows = pl.concat(every)
    sizes = rows.group_by("symbol").len().sort("symbol").collect(engine="streaming")
    target = folder / "past"
    target.mkdir()
    for number, symbols in enumerate(_groups(sizes, asked.memory // _BYTES_OF_THE_PAST)):
        part = rows.filter(pl.col("symbol").is_in(symbols)).collect(engine="streaming")
        percentile_of(part, asked.window_days).sort("day").write_parquet(
            target / f"{number:05}.parquet", row_group_size=50_000
        )
    return target


def percentile_of(rows: pl.DataFrame, window_days: int) -> pl.DataFrame:
    """The share of a listing's multiples of the window that are lower than that of the day.

    narwhals has no rank in a rolling window.
    """
    window = f"{window_days}d"
    multiple = pl.col("pe_fy1")
    known = rows.filter(multiple.is_not_null()).sort("symbol", "sector", "day")
    rank = multiple.rolling_rank_by("day", window, method="min")
    count = pl.col("one").rolling_sum_by("day", window)
    return (
        known.with_columns(one=pl.lit(1.0))
        .with_columns(((rank - 1) / count).over("symbol", "sector").alias("own_percentile"))
        .select(*_KEYS, "own_percentile")
    )


def _groups(sizes: pl.DataFrame, most: int) -> Iterator[list[str]]:
    taken: list[str] = []
    rows = 0
    for symbol, count in sizes.iter_rows():
        if taken and rows + count > most:
            yield taken
            taken, rows = [], 0
        taken.append(symbol)
        rows += count
    if taken:
        yield taken


def _months(folder: Path, past: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of each month with their own past."""
    own = pl.scan_parquet(past / "*.parquet")
    for month in sorted(folder.glob("rows/month=*")):
        rows = pl.read_parquet(month / "*.parquet", hive_partitioning=False)
        first, last = rows["day"].min(), rows["day"].max()
        of_month = own.filter(pl.col("day").is_between(first, last)).collect()
        joined = rows.join(of_month, on=list(_KEYS), how="left")
        yield month.name, joined.sort("day", "sector", "rank", "symbol", nulls_last=True)


def _collected(folder: Path, past: Path) -> pl.DataFrame:
    return pl.concat([rows for _, rows in _months(folder, past)])


def _written(folder: Path, past: Path, output: Path) -> Path:
    """Each month in place of the one that was there, whole or not at all."""
    for month, rows in _months(folder, past):
        made, target = folder / f"made-{month}", output / month
        made.mkdir()
        rows.write_parquet(made / _PART)
        _put(made, target, folder / f"old-{month}")
    return output


def _put(made: Path, target: Path, aside: Path) -> None:
    """The folder of a month in its place; of ours only the file is another one afterwards."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if [each.name for each in target.glob("*")] == [_PART]:
        put(made / _PART, target / _PART)
        return
    if target.exists():  # Spark's, whose files have names of their own
        target.rename(aside)
    put(made, target)
