"""A panel against a naive second one, a run, what was known on each day, and engine by engine."""

from __future__ import annotations

import calendar
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

import screener
from screener.panels.days import renamed
from screener.panels.panel import panel
from tests.command import Command

needs_java = pytest.mark.skipif(
    shutil.which("java") is None, reason="Java is not installed: `make java` installs it"
)
WINDOW = 120


@dataclass(frozen=True)
class Frames:
    """What a panel is made of."""

    prices: pl.DataFrame
    estimates: pl.DataFrame
    listings: pl.DataFrame
    splits: pl.DataFrame
    rates: pl.DataFrame

    def panel(self, **more: Any) -> Any:
        return panel(
            self.prices,
            self.estimates,
            listings=self.listings,
            splits=self.splits,
            rates=self.rates,
            **{"window_days": WINDOW, **more},
        )


def frames(seed: int, names: int, days: int) -> Frames:  # noqa: C901 - one thing after another
    """Losses, gaps, three vintages, splits on and between their days, three currencies, year ends
    in other months, and one listing in two sectors.
    """
    dice = Random(seed)  # noqa: S311 - figures, no secrets
    start = date(2023, 10, 2)
    trading = [start + timedelta(days=at) for at in range(days * 2)]
    trading = [day for day in trading if day.weekday() < 5][:days]
    published = [date(2023, 9, 1), trading[days // 3], trading[2 * days // 3] + timedelta(days=1)]
    prices, estimates, listings, splits = [], [], [], []
    for number in range(names):
        symbol = f"{600000 + number}.SH"
        traded = ("CNY", "HKD", "USD")[number % 3]
        price = dice.uniform(3, 90)
        for day in trading:
            price *= 1 + dice.gauss(0, 0.02)
            if dice.random() > 0.02:
                prices.append((symbol, day, round(price, 2), traded, dice.uniform(10, 900)))
        eps = dice.uniform(-0.3, 3)
        currency = "CNY" if number % 7 else traded
        for day in published if number % 11 else published[1:2]:
            for year in (2023, 2024, 2025, 2026):
                if dice.random() > 0.06:
                    figure = round(eps * 1.13 ** (year - 2023) + dice.gauss(0, 0.05), 2)
                    estimates.append((symbol, day, year, figure, currency, 0.005))
        end = ("12-31", "03-31", "06-30", "02-29")[number % 4]
        listings.append((symbol, f"sector {number % 5}", end))
        if number == 1:
            listings.append((symbol, "sector 4", end))
        if number % 6 == 0:
            splits.append((symbol, published[1], 1.4))
            splits.append((symbol, trading[days // 2], 2.0))
    rates = [
        (day, base, "CNY", 0.9 + at / 4000 if base == "HKD" else 7.1 + at / 900)
        for base in ("HKD", "USD")
        for at, day in enumerate(trading[:: 1 + (base == "USD")])
    ]
    return Frames(
        pl.DataFrame(prices, ["symbol", "day", "close", "currency", "market_cap"], orient="row"),
        pl.DataFrame(
            estimates,
            ["symbol", "published", "fiscal_year", "eps", "currency", "rounding"],
            orient="row",
        ),
        pl.DataFrame(listings, ["symbol", "sector", "fiscal_year_end"], orient="row"),
        pl.DataFrame(splits, ["symbol", "ex_day", "factor"], orient="row"),
        pl.DataFrame(rates, ["day", "base", "quote", "rate"], orient="row"),
    )


@pytest.fixture(scope="module")
def given() -> Frames:
    return frames(3, 60, 160)


@pytest.fixture(scope="module")
def made(given: Frames) -> pl.DataFrame:
    found: pl.DataFrame = given.panel()
    return found


# --- a second panel, a cell at a time ------------------------------------------------------------


class Naive:
    """The same figures by loops over lists: nothing of it is the program's."""

    def __init__(self, given: Frames) -> None:
        self.closes = {
            (row["symbol"], row["day"]): row for row in given.prices.iter_rows(named=True)
        }
        self.estimates: dict[str, dict[date, dict[int, float]]] = {}
        self.money: dict[tuple[str, date], str] = {}
        for row in given.estimates.iter_rows(named=True):
            of_day = self.estimates.setdefault(row["symbol"], {}).setdefault(row["published"], {})
            of_day[row["fiscal_year"]] = row["eps"]
            self.money[row["symbol"], row["published"]] = row["currency"]
        self.ends = {row[0]: row[2] for row in given.listings.iter_rows()}
        self.sectors: dict[str, list[str]] = {}
        for symbol, sector, _ in given.listings.iter_rows():
            self.sectors.setdefault(sector, []).append(symbol)
        self.splits = list(given.splits.iter_rows())
        self.rates = sorted(given.rates.iter_rows())

    def vintage(self, symbol: str, day: date, back: int = 0) -> date | None:
        days = sorted(each for each in self.estimates.get(symbol, {}) if each <= day)
        return days[-1 - back] if len(days) > back else None

    def split(self, symbol: str, after: date, until: date) -> float:
        factor = 1.0
        for name, day, ratio in self.splits:
            if name == symbol and after < day <= until:
                factor *= ratio
        return factor

    def rate(self, day: date, base: str, quote: str) -> float | None:
        if base == quote:
            return 1.0
        known = [
            rate
            for at, one, other, rate in self.rates
            if (one, other) == (base, quote) and at <= day
        ]
        return known[-1] if known else None

    def fy1(self, symbol: str, day: date) -> int:
        month, last = map(int, self.ends[symbol].split("-"))
        last = min(last, calendar.monthrange(day.year, month)[1])
        return day.year + (day > date(day.year, month, last))

    def eps(self, symbol: str, day: date, year: int, back: int = 0) -> float | None:
        found = self.vintage(symbol, day, back)
        figure = self.estimates[symbol][found].get(year) if found else None
        return None if figure is None or found is None else figure / self.split(symbol, found, day)

    def price(self, symbol: str, day: date) -> float | None:
        row, found = self.closes.get((symbol, day)), self.vintage(symbol, day)
        if row is None or found is None:
            return None
        rate = self.rate(day, row["currency"], self.money[symbol, found])
        return None if rate is None else row["close"] * rate

    def pe_fy1(self, symbol: str, day: date) -> float | None:
        price, eps = self.price(symbol, day), self.eps(symbol, day, self.fy1(symbol, day))
        if price is None or eps is None or round(eps, 10) <= 0 or price / eps > 1000:
            return None
        return price / eps

    def sector_median(self, _: str, day: date, sector: str) -> float | None:
        known = sorted(
            multiple
            for each in self.sectors[sector]
            if (multiple := self.pe_fy1(each, day)) is not None
        )
        middle = len(known) // 2
        if not known:
            return None
        return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2

    def rank(self, symbol: str, day: date, sector: str) -> float | None:
        own = self.pe_fy1(symbol, day)
        if own is None:
            return None
        others = [self.pe_fy1(each, day) for each in self.sectors[sector]]
        return 1 + sum(each is not None and each < own - 1e-9 for each in others)

    def own_percentile(self, symbol: str, day: date, _: str) -> float | None:
        own = self.pe_fy1(symbol, day)
        if own is None:
            return None
        days = [day - timedelta(days=back) for back in range(WINDOW)]
        past = [multiple for each in days if (multiple := self.pe_fy1(symbol, each)) is not None]
        return sum(each < own for each in past) / len(past)

    def eps_revision_fy1(self, symbol: str, day: date, _: str) -> float | None:
        year = self.fy1(symbol, day)
        now, before = self.eps(symbol, day, year), self.eps(symbol, day, year, back=1)
        if now is None or before is None or round(before, 10) <= 0:
            return None
        last, earlier = self.vintage(symbol, day), self.vintage(symbol, day, 1)
        assert last and earlier
        same = self.money[symbol, last] == self.money[symbol, earlier]
        return now / before - 1 if same else None

    def pe_y2(self, symbol: str, day: date, _: str) -> float | None:
        price, eps = self.price(symbol, day), self.eps(symbol, day, day.year + 1)
        if price is None or eps is None or round(eps, 10) <= 0 or price / eps > 1000:
            return None
        return price / eps


CELLS = ("sector_median", "rank", "own_percentile", "eps_revision_fy1", "pe_y2")


def test_a_naive_panel_agrees_on_five_thousand_random_cells(
    given: Frames, made: pl.DataFrame
) -> None:
    naive, dice = Naive(given), Random(9)  # noqa: S311 - figures, no secrets
    rows = made.to_dicts()
    differing = []
    for _ in range(900):
        row = dice.choice(rows)
        where = row["symbol"], row["day"]
        wanted = {
            "pe_fy1": naive.pe_fy1(*where),
            **{name: getattr(naive, name)(*where, row["sector"]) for name in CELLS},
        }
        differing += [
            (*where, name, expected, row[name])
            for name, expected in wanted.items()
            if row[name] != (None if expected is None else pytest.approx(expected, rel=1e-12))
        ]
    assert 900 * (1 + len(CELLS)) >= 5000
    assert [] == differing


def test_nothing_of_a_later_day_is_in_any_figure(given: Frames, made: pl.DataFrame) -> None:
    days = sorted(set(made["day"]))
    last, dice = days[len(days) // 2], Random(1)  # noqa: S311 - figures, no secrets

    def noisy(frame: pl.DataFrame, day: str, figure: str) -> pl.DataFrame:
        noise = pl.Series([dice.uniform(0.2, 5) for _ in range(len(frame))])
        later = pl.col(day) > last
        return frame.with_columns(pl.when(later).then(pl.col(figure) * noise).otherwise(figure))

    other = Frames(
        noisy(given.prices, "day", "close"),
        noisy(given.estimates, "published", "eps"),
        given.listings,
        noisy(given.splits, "ex_day", "factor"),
        noisy(given.rates, "day", "rate"),
    )
    changed: pl.DataFrame = other.panel()
    until = pl.col("day") <= last
    assert differences(made.filter(until), changed.filter(until)) == []
    assert differences(made.filter(~until), changed.filter(~until)) != []


def differences(one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    """The columns of two panels that differ by more than a part in 10¹²."""
    keys = ["day", "sector", "symbol"]
    one, other = one.sort(keys), other.sort(keys)
    assert one.columns == other.columns
    assert len(one) == len(other)
    found = []
    for name in one.columns:
        left, right = one[name], other[name]
        if left.dtype.is_numeric():
            left, right = left.cast(pl.Float64), right.cast(pl.Float64)
            apart = ((left - right).abs() > 1e-12 * (1 + left.abs())).fill_null(value=False)
            if apart.any() or (left.is_null() != right.is_null()).any():
                found.append(name)
        elif left.cast(pl.String).to_list() != right.cast(pl.String).to_list():
            found.append(name)
    return found


# --- a run of that day ---------------------------------------------------------------------------


def test_a_day_of_a_panel_is_the_run_of_that_day(report_result: screener.Result) -> None:
    table, stated = report_result.table, report_result.stated
    day = report_result.price_day
    once = stated.unique("symbol", keep="first", maintain_order=True)
    estimates = [
        (row["symbol"], row["consensus_day"], year, row[f"stated_eps_{year}"], row["eps_currency"],
         row["stated_rounding"])
        for row in once.to_dicts()
        for year in (2024, 2025, 2026)
        if row[f"stated_eps_{year}"] is not None
    ]  # fmt: skip
    # What a table of one sector says of a listing is not what the other says: one of each.
    prices = once.select("symbol", close="price", currency="price_currency").with_columns(
        day=pl.lit(day)
    )
    found = panel(
        prices,
        pl.DataFrame(
            estimates,
            ["symbol", "published", "fiscal_year", "eps", "currency", "rounding"],
            orient="row",
        ),
        listings=once.select("symbol", "sector", "fiscal_year_end"),
        splits=pl.DataFrame(schema={"symbol": pl.String, "ex_day": pl.Date, "factor": pl.Float64}),
    )
    rows = {row["symbol"]: row for row in found.to_dicts()}
    names = ["pe_fy1", "pe_ntm", "earnings_yield_fy1", "eps_cagr", "peg", "eps_fy1", "ntm_weight"]
    by_year = {f"pe_{year}": f"pe_y{year - day.year + 1}" for year in (2024, 2025, 2026)}
    checked = 0
    for row in table.to_dicts():
        own = rows[row["symbol"]]
        if own["sector"] != row["sector"]:
            continue
        for name, there in {**dict.fromkeys(names), **by_year}.items():
            expected = row[name]
            assert own[there or name] == (
                None if expected is None else pytest.approx(expected, rel=1e-12)
            ), (row["symbol"], name)
            checked += 1
    assert checked >= 52 * 10
    # Ranks of sectors that hold no listing of another one.
    for sector in ("electronics", "telecom", "media"):
        ranks = {row["symbol"]: row["rank"] for row in table.to_dicts() if row["sector"] == sector}
        assert ranks == {symbol: rows[symbol]["rank"] for symbol in ranks}


def test_columns_of_years_are_counted_from_the_rows_own() -> None:
    assert "pe_y1" == renamed("pe_1")
    assert "pe_fy1" == renamed("pe_fy1")
    assert "eps_growth_y3" == renamed("eps_growth_3")


# --- holes, memory, files ------------------------------------------------------------------------


def test_a_day_without_a_close_is_a_row_that_says_so(given: Frames, made: pl.DataFrame) -> None:
    priced = {(symbol, day) for symbol, day in given.prices.select("symbol", "day").iter_rows()}
    holes = [row for row in made.to_dicts() if (row["symbol"], row["day"]) not in priced]
    assert holes
    assert {"no_price"} == {row["status"] for row in holes}
    assert {None} == {row["pe_fy1"] for row in holes}


def test_a_listing_without_estimates_yet_says_so(made: pl.DataFrame) -> None:
    # Each eleventh has its first vintage only after a third of the days.
    early = made.filter(pl.col("symbol") == "600011.SH").sort("day").head(10)
    assert {"no_estimate", "no_price"} >= set(early["status"])


def test_memory_changes_no_figure(given: Frames, made: pl.DataFrame, tmp_path: Path) -> None:
    given.panel(output=tmp_path / "out", memory=3_000_000)
    assert [] == differences(made, read(tmp_path / "out"))


def test_ranks_are_of_those_that_meet_the_conditions(given: Frames, made: pl.DataFrame) -> None:
    found: pl.DataFrame = given.panel(where="pe_y1 < 40 and eps_fy1 > 0.2")
    meets = (pl.col("pe_y1") < 40) & (pl.col("eps_fy1") > 0.2)
    keys = ["day", "sector", "symbol"]
    assert made.filter(meets).select(keys).sort(keys).equals(found.select(keys).sort(keys))
    of_day = found.filter(pl.col("rank").is_not_null()).group_by("day", "sector")
    assert {1} == set(of_day.agg(pl.col("rank").min())["rank"])


def test_a_panel_ranks_by_a_metric_of_its_own_names(given: Frames) -> None:
    found: pl.DataFrame = given.panel(by="pe_y1")
    best = found.filter(pl.col("rank") == 1)
    lowest = found.group_by("day", "sector").agg(pl.col("pe_y1").min())
    joined = best.join(lowest, on=["day", "sector"], suffix="_lowest")
    assert joined["pe_y1"].to_list() == pytest.approx(joined["pe_y1_lowest"].to_list())
    with pytest.raises(screener.UnknownNameError, match="pe_ttm"):
        given.panel(by="pe_ttm")


def test_since_writes_only_those_months_anew(
    given: Frames, made: pl.DataFrame, tmp_path: Path
) -> None:
    given.panel(output=tmp_path / "out")
    before = stamps(tmp_path / "out")
    given.panel(output=tmp_path / "out", since=date(2024, 2, 15))
    after = stamps(tmp_path / "out")
    assert before.keys() == after.keys()
    kept = {month for month in before if before[month] == after[month]}
    assert kept == {month for month in before if month < "month=2024-02"}
    assert [] == differences(made, read(tmp_path / "out"))
    assert [] == [path.name for path in tmp_path.iterdir() if path.name != "out"]


def read(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "**" / "*.parquet", hive_partitioning=False)


def stamps(folder: Path) -> dict[str, int]:
    """When the file of each month was written."""
    return {path.name: next(path.iterdir()).stat().st_ino for path in folder.glob("month=*")}


def test_a_frame_that_lacks_a_column_is_named(given: Frames) -> None:
    with pytest.raises(screener.UsageError, match="estimates lacks published"):
        panel(given.prices, given.estimates.drop("published"))
    with pytest.raises(screener.UnknownNameError, match="duckdb"):
        panel(given.prices, given.estimates, engine="duckdb")  # type: ignore[arg-type]


def test_the_command_writes_a_panel_that_history_reads(
    given: Frames, command: Command, tmp_path: Path
) -> None:
    renamed_ = {"600000.SH": "600941.SH"}
    files = {}
    for name in ("prices", "estimates", "listings", "splits"):
        frame: pl.DataFrame = getattr(given, name)
        files[name] = tmp_path / f"{name}.parquet"
        frame.with_columns(pl.col("symbol").replace(renamed_)).write_parquet(files[name])
    given.rates.write_parquet(tmp_path / "rates.parquet")
    options = [f"--{name}={files[name]}" for name in ("listings", "splits")]
    done = command(
        "panel", files["prices"], files["estimates"], *options,
        f"--rates={tmp_path / 'rates.parquet'}", "--memory", "64MiB", "-o", "out",
    )  # fmt: skip
    assert (0, "out\n") == (done.returncode, done.stdout), done.stderr
    shown = command("history", "600941", "--panel", "out", "--years", "5", COLUMNS="100")
    multiples = read(tmp_path / "out").filter(pl.col("symbol") == "600941.SH").sort("day")
    last = multiples["pe_fy1"].to_list()[-1]
    assert f"{last:.1f}x" in shown.stdout, shown.stdout + shown.stderr
    assert "1 GB" not in command("panel", "a", "b", "-o", "c", "--memory", "much").stdout


# --- Spark ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    pyspark = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        pyspark.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "3g")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@needs_java
def test_spark_and_polars_agree_on_a_hundred_thousand_rows(spark: Any, tmp_path: Path) -> None:
    given = frames(5, 330, 310)
    expected: pl.DataFrame = given.panel()
    assert len(expected) >= 100_000
    paths = {}
    for name in ("prices", "estimates", "listings", "splits", "rates"):
        paths[name] = str(tmp_path / f"{name}.parquet")
        getattr(given, name).write_parquet(paths[name])
    prices, estimates = paths.pop("prices"), paths.pop("estimates")
    output = str(tmp_path / "out")
    common = {**paths, "engine": "spark", "session": spark, "window_days": WINDOW}
    panel(prices, estimates, output=output, **common)
    assert [] == differences(expected, read(tmp_path / "out"))
    panel(prices, estimates, output=output, since=date(2024, 6, 20), **common)
    assert [] == differences(expected, read(tmp_path / "out"))
