"""A panel on Apache Spark, classic or Connect: the same steps, each laid down before the next.

A plan of all of them at once is more than Spark takes in: what is valued is written before it is
ranked, and what is ranked before the own past is looked up. Rows are shuffled by listing (what was
known, the own past) and by day and sector (ranks, statistics), and by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import narwhals as nw

from screener.model.messages import say
from screener.model.usage import UsageError
from screener.panels.days import named, ranked, valued
from screener.panels.inputs import closes_of, inputs_of
from screener.panels.known import vintages

if TYPE_CHECKING:
    from screener.panels.asked import Asked

# Of expressions over hundreds of columns Spark would make one that no compiler takes, or one that
# it never finishes to simplify: each step stays its own, and is not compiled as a whole.
_SETTINGS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.CollapseProject",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    "spark.sql.session.timeZone": "UTC",
}


def panel(given: Mapping[str, Any], asked: Asked, output: str | None, session: Any) -> Any:
    """The panel as a frame of Spark, or written to `output`, which may be any store it knows."""
    if asked.where:
        raise UsageError(say("where is for the engine polars: filter the panel of Spark itself"))
    spark = session or _session()
    with _set(spark):
        work = f"{output.rstrip('/')}-work" if output else mkdtemp(prefix="panel-")
        frames = {name: nw.from_native(_frame(spark, frame)) for name, frame in given.items()}
        made = inputs_of(frames)
        known = _laid_down(spark, vintages(made.estimates, made.splits), f"{work}/known")
        prices = made.prices
        if asked.since is not None:
            prices = prices.filter(nw.col("day") >= nw.lit(asked.since.replace(day=1)))
        closes = closes_of(prices, made.spans, made.listings)
        rows = valued(closes, known, made.splits, made.rates, asked.by, asked.nm_above)
        rows = _laid_down(spark, rows, f"{work}/valued")
        rows = ranked(rows, asked.by)
        rows = _laid_down(spark, named(rows, asked.by), f"{work}/ranked")
        whole = _with_past(spark, rows.to_native(), asked, output)
        if output is None:
            return whole
        by_month = whole.withColumn("month", _month(whole))
        by_month.write.mode("overwrite").partitionBy("month").parquet(output)
        _remove(spark, work)
    return output


def _session() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError(
            say("the engine spark needs PySpark: pip install screener[spark]")
        ) from None
    return SparkSession.builder.appName("screener").getOrCreate()


@contextmanager
def _set(spark: Any) -> Iterator[None]:
    """The settings that the steps need; those of the session come back after them."""
    before = {name: spark.conf.get(name, None) for name in _SETTINGS}
    for name, text in _SETTINGS.items():
        spark.conf.set(name, text)
    try:
        yield
    finally:
        for name, old in before.items():
            spark.conf.unset(name) if old is None else spark.conf.set(name, old)


def _frame(spark: Any, frame: Any) -> Any:
    return spark.read.parquet(str(frame)) if isinstance(frame, str | Path) else frame


def _laid_down(spark: Any, frame: Any, path: str) -> Any:
    """The frame, written and read again: the next plan begins there."""
    frame.to_native().write.mode("overwrite").parquet(path)
    return nw.from_native(spark.read.parquet(path))


def _with_past(spark: Any, rows: Any, asked: Asked, output: str | None) -> Any:
    """The rows with the share of the listing's multiples of the window that are lower.

    narwhals has no rank in a rolling window, nor has Spark: the window is a list, and those lower
    in it are counted.
    """
    from pyspark.sql import functions as F  # noqa: N812 - as all of Spark's users call it
    from pyspark.sql.window import Window

    every = rows.select("symbol", "sector", "day", "pe_fy1")
    if asked.since is not None and output is not None:
        begin = asked.since.replace(day=1)
        old = spark.read.parquet(output).select("symbol", "sector", "day", "pe_fy1")
        every = every.unionByName(old.filter(F.col("day") < F.lit(begin)))
    number = F.datediff(F.col("day"), F.lit("1970-01-01").cast("date"))
    within = (
        Window.partitionBy("symbol", "sector")
        .orderBy("_number")
        .rangeBetween(1 - asked.window_days, 0)
    )
    known = every.filter(F.col("pe_fy1").isNotNull()).withColumn("_number", number)
    listed = known.withColumn("_past", F.collect_list("pe_fy1").over(within))
    lower = F.size(F.filter("_past", lambda each: each < F.col("pe_fy1")))
    past = listed.select(
        "symbol", "sector", "day", (lower / F.size("_past")).alias("own_percentile")
    )
    joined = rows.join(past, on=["symbol", "sector", "day"], how="left")
    return joined.select(*rows.columns, "own_percentile")


def _month(rows: Any) -> Any:
    from pyspark.sql import functions as F  # noqa: N812

    return F.date_format(rows["day"], "yyyy-MM")


def _remove(spark: Any, work: str) -> None:
    """Take away what the steps laid down, on whatever store it is; over Connect it stays."""
    if not hasattr(spark, "_jvm"):
        return
    path = spark._jvm.org.apache.hadoop.fs.Path(work)
    path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)
