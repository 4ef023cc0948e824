"""Watchlists made up by a seed, with all that can befall a listing; and what is made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import screener
from screener.consensus.splits import SOURCES
from screener.model.figures import Interval
from screener.model.records import Estimate, Lookup, Multiple, Profile, Split, Vintage
from screener.store.store import Store
from tests.calculator import Accounts, Row, World, currency_of, end_of, half_step
from tests.conftest import header_of, write_prices, write_watchlist

SECTORS = ("chips", "ships", "shops")
# Market caps of one watchlist are in millions of Hong Kong dollars.
CAP_UNITS = {"ships": ("0.01", "HKD")}
CODES = (
    "6{:05}.SH", "3{:05}.SZ", "{:04}.HK", "1{:04}.HK",
    "8{:04}.HK", "920{:03}.BJ", "900{:03}.SH", "200{:03}.SZ",
)  # fmt: skip
YEAR_ENDS = ("12-31", "12-31", "12-31", "03-31", "06-30", "02-28", "02-29", "11-20")
RATIOS = ("1.4", "2", "1.05", "5", "0.5")
# Figures that only one precision decides: price and EPS of the years, year end, all in yuan.
# 0.3 ÷ 0.1 and 3 ÷ 1 are one multiple and not one float; 11.40 ÷ 0.0114 is 1,000, 11.40 ÷ 0.57
# is 20; a quarter of -0.3 and three of 0.1 are nothing.
CORNERS = (
    ("0.30", ("0.10", "0.10", "0.1"), "12-31"),
    ("3.00", ("1.00", "1.00", "1.00"), "12-31"),
    ("6.30", ("2.10", "2.10", "2.20"), "12-31"),
    ("11.40", ("0.0114", "0.0114", "0.0115"), "12-31"),
    ("11.41", ("0.0114", "0.0114", "0.0114"), "12-31"),
    ("11.40", ("0.57", "0.57", "0.57"), "12-31"),
    ("11.41", ("0.57", "0.57", "0.57"), "12-31"),
    # A tie with 3, and a limit of 20, but for the eleventh decimal.
    ("30000.00000001", ("10000.00", "10000.00", "10000.00"), "12-31"),
    ("20000.00000001", ("1000.00", "1000.00", "1000.00"), "12-31"),
    ("9.00", ("-0.30", "0.10", "-0.30"), "03-31"),
    ("9.00", ("0.00", "0.00", "0.01"), "12-31"),
)


def random_world(seed: int, count: int, day: date, by: str, nm_above: str | None) -> World:
    """So many names in three watchlists, with all that can befall them, and the corners."""
    dice = Random(seed)  # noqa: S311 - figures, no secrets
    years = (day.year - 1, day.year, day.year + 1)
    consensus_day = day - timedelta(days=60)
    rows: list[Row] = []
    prices: dict[str, tuple[str, date]] = {}
    splits: dict[str, list[tuple[date, str]]] = {}
    newer: dict[str, tuple[date, dict[int, str]]] = {}
    for number in range(count):
        symbol = CODES[number % len(CODES)].format(number + 1)
        row = random_row(dice, symbol, years)
        rows.append(row)
        if dice.random() < 0.15:
            sector = dice.choice([each for each in SECTORS if each != row.sector])
            again = random_row(dice, symbol, years)
            rows.append(replace(again, sector=sector, eps_currency=row.eps_currency))
        price = dice.choice((12.5, 25.0, 33.3, dice.uniform(1, 300), dice.uniform(0.05, 2)))
        if dice.random() > 0.07:
            traded = day - timedelta(days=dice.choice((0, 0, 0, 2)))
            prices[symbol] = (f"{price:.2f}", traded)
        if dice.random() < 0.4:
            # On the first day and after the last one a split counts for nothing.
            after = dice.sample((0, 1, 20, 21, 57, 58, 59, 60, 61), 2)
            days = [consensus_day + timedelta(days=each) for each in after]
            splits[symbol] = [(each, dice.choice(RATIOS)) for each in days]
        if dice.random() < 0.3:
            changed = {year: moved(dice, text) for year, text in row.eps.items() if text}
            if changed:
                newer[symbol] = (consensus_day + timedelta(days=20), changed)
    for number, (text, eps, year_end) in enumerate(CORNERS):
        symbol = f"6889{number:02}.SH"
        printed = dict(zip(years, eps, strict=True))
        rows.append(Row("chips", symbol, printed, {}, "100", "CNY", year_end))
        prices[symbol] = (text, day)
    return World(
        rows=sorted(rows, key=lambda row: row.sector),
        consensus_day=consensus_day,
        prices=prices,
        rates=random_rates(day),
        accounts={
            row.symbol: random_accounts(dice, row, day) for row in rows if dice.random() < 0.8
        },
        past={row.symbol: random_past(dice, day) for row in rows if dice.random() < 0.8},
        splits=splits,
        newer=newer,
        cap_units=CAP_UNITS,
        nm_above=nm_above,
        by=by.format(day.year),
    )


def random_rates(day: date) -> list[tuple[str, str, str, date]]:
    """Pairs known one way and both ways, the newer one and the older one; one known too late."""
    before = day - timedelta(days=3)
    return [
        ("HKD", "CNY", "0.9213", day),
        ("CNY", "HKD", "1.0861", day),
        ("USD", "CNY", "7.0871", before),
        ("HKD", "USD", "0.1284", day),
        ("CNY", "GBP", "0.1061", before),
        ("GBP", "CNY", "9.4321", day),
        ("CNY", "EUR", "0.1284", day + timedelta(days=1)),
    ]


def random_row(dice: Random, symbol: str, years: tuple[int, ...]) -> Row:
    """A line as a table prints it: with losses, gaps, zeros, trimmed figures and slips."""
    decimals, size = dice.choice((2, 2, 3, 4, 1)), dice.choice((1, 1, 1, 0.02))
    start = dice.gauss(0.8, 0.9) * size
    growing = (start, start * dice.uniform(0.5, 1.9), start * dice.uniform(0.8, 2.5))
    eps = {}
    for year, value in zip(years, growing, strict=True):
        kind = dice.random()
        text = f"{value:.{decimals}f}" if kind > 0.1 else f"{0:.{decimals}f}" if kind > 0.06 else ""
        eps[year] = text.rstrip("0").rstrip(".") if dice.random() < 0.2 and "." in text else text
    report_price = dice.uniform(5, 120)
    multiples = {}
    for year, text in eps.items():
        slip = dice.choice((1, 1, 1, 1, 1, 1, 1.3, -1))
        value = slip * report_price / float(text) if text and float(text) else 0
        is_printed = 0.01 < abs(value) < 1e6 and dice.random() > 0.1
        multiples[year] = f"{value:.2f}" if is_printed else ""
    cap = "" if dice.random() < 0.1 else f"{dice.uniform(20, 9000):.2f}"
    own = currency_of(symbol)
    currency = dice.choice((own, own, own, "CNY", "CNY", "HKD", "USD", "GBP", "EUR"))
    return Row(dice.choice(SECTORS), symbol, eps, multiples, cap, currency, dice.choice(YEAR_ENDS))


def random_accounts(dice: Random, row: Row, day: date) -> Accounts:
    """What was reported, now and then a loss, in the listing's currency or another one."""
    own = currency_of(row.symbol)
    others = (own, own, "CNY", "USD", "EUR")
    return Accounts(
        eps=f"{dice.gauss(1, 1):.4f}",
        eps_currency=dice.choice(others),
        book_value=f"{dice.gauss(5, 3):.4f}",
        dividend=dice.choice(("0", f"{dice.uniform(0, 1):.3f}")),
        currency=dice.choice(others),
        day=day - timedelta(days=dice.choice((0, 1, 3, 40))),
    )


def random_past(dice: Random, day: date) -> list[tuple[date, str]]:
    """Multiples of past days: of many or too few, up to now or not, with losses."""
    count, ends = dice.choice((10, 19, 20, 60)), dice.choice((0, 1, 10, 11))
    last = day - timedelta(days=ends)
    return [
        (last - timedelta(days=back), f"{dice.choice((12.0, dice.gauss(20, 15))):.3f}")
        for back in range(count - 1, -1, -1)
    ]


def moved(dice: Random, text: str) -> str:
    """Another estimate with as many decimals."""
    return f"{float(text) * dice.uniform(0.6, 1.5):.{len(text.partition('.')[2])}f}"


def screened(world: World, folder: Path) -> screener.Result:
    """What the product makes of a world's files and store."""
    years = sorted(world.rows[0].eps)
    header = header_of(*years, more=("fiscal_year_end",))
    for sector in SECTORS:
        lines = [line(row, years) for row in world.rows if row.sector == sector]
        unit = 'market_cap_unit = "百万港元"' if sector in CAP_UNITS else ""
        toml = f'as_of = {world.consensus_day}\nlabel_en = "{sector}"\n{unit}'
        write_watchlist(folder / "lists", *lines, name=sector, header=header, toml=toml)
    prices = [f"{s},{text},{currency_of(s)},{day}" for s, (text, day) in world.prices.items()]
    rates = [f"{base}/{quote},{text},{quote},{day}" for base, quote, text, day in world.rates]
    keep(world, Store(folder / "store.db"))
    return screener.screen(
        watchlists=folder / "lists",
        prices=write_prices(folder / "prices.csv", *prices, *rates),
        store=folder / "store.db",
        by=world.by,
        nm_above=float(world.nm_above) if world.nm_above else None,
        now=datetime.combine(world.day + timedelta(days=3), datetime.min.time(), UTC),
    )


def line(row: Row, years: Iterable[int]) -> str:
    figures = [texts.get(year, "") for texts in (row.eps, row.pe) for year in years]
    cells = (row.symbol, "名称", row.market_cap, *figures, row.eps_currency, row.year_end)
    return ",".join(cells)


def keep(world: World, store: Store) -> None:
    """The splits and the newer estimates, as they were fetched and accepted before the day."""
    first, last = world.consensus_day - timedelta(days=9), world.day + timedelta(days=9)
    sources = {symbol: SOURCES[symbol[-2:]] for symbol in {row.symbol for row in world.rows}}
    splits = [
        Split(symbol, day, float(ratio), source)
        for symbol, found in world.splits.items()
        for day, ratio in found
        for source in sources[symbol]
    ]
    asked = [
        Lookup(symbol, source, first, last) for symbol in sources for source in sources[symbol]
    ]
    now = datetime.combine(world.day, datetime.min.time(), UTC)
    store.save_splits(splits, asked, now)
    store.save_profiles(_profile(symbol, each) for symbol, each in world.accounts.items())
    past = [
        Multiple(symbol, "pe_ttm", day, float(text), "vendor")
        for symbol, found in world.past.items()
        for day, text in found
    ]
    store.save_multiples(past, [])
    rows = {row.symbol: row for row in reversed(world.rows)}
    for symbol, (day, texts) in world.newer.items():
        half = half_step(texts.values())
        estimates = tuple(
            Estimate(
                year,
                end_of(year, rows[symbol].year_end),
                float(text),
                Interval(*(float(end + float(text)) for end in (-half, half))),
            )
            for year, text in texts.items()
        )
        fetched = datetime.combine(day, datetime.min.time(), UTC)
        vintage = Vintage(symbol, "desk", day, rows[symbol].eps_currency, estimates, fetched)
        store.save_vintages([vintage], now)
        store.accept([vintage], now)


def _profile(symbol: str, known: Accounts) -> Profile:
    return Profile(
        symbol=symbol,
        source="desk",
        as_of=known.day,
        per_share_of=known.day,
        fetched_at=datetime.combine(known.day, datetime.min.time(), UTC),
        eps_ttm=float(known.eps),
        eps_currency=known.eps_currency,
        book_value=float(known.book_value),
        dividend=float(known.dividend),
        accounts_currency=known.currency,
    )
