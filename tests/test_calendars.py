"""The table of trading days: as the library that it is made of has them, and after its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.model.calendars import last_close, last_trade, sessions_since, unknown_days
from screener.model.symbols import EXCHANGES, exchange_of
from screener.screening.screen import screen
from tests import holidays
from tests.conftest import WATCHLISTS
from tests.loopback import report_market, running

# Until then Hong Kong began half an hour later, which the table leaves out.
SINCE, UNTIL = datetime(2011, 4, 1, tzinfo=UTC), datetime(2026, 12, 31, 12, tzinfo=UTC)
moments = st.integers(0, int((UNTIL - SINCE).total_seconds())).map(
    lambda seconds: SINCE + timedelta(seconds=seconds)
)
symbols = st.sampled_from(["600941.SH", "0700.HK"])


def sessions(symbol: str) -> list[tuple[datetime, datetime]]:
    """When each session of the library began and ended, the first first."""
    exchange = exchange_of(symbol)
    return [
        (
            datetime.combine(day, opens, exchange.zone),
            datetime.combine(day, closes, exchange.zone),
        )
        for day, (opens, closes) in holidays.sessions(exchange.calendar).items()
    ]


def test_the_table_is_what_the_library_makes_of_it() -> None:
    assert holidays.text() == holidays.TABLE.read_text(encoding="utf-8"), "python -m tests.holidays"


@given(symbols, moments)
def test_the_last_trade_is_where_the_library_has_it(symbol: str, now: datetime) -> None:
    begun = [(opens, closes) for opens, closes in sessions(symbol) if opens <= now]
    assert min(begun[-1][1], now) == last_trade(symbol, now)


@given(symbols, moments)
def test_the_last_close_and_the_sessions_since_are_those_of_the_library(
    symbol: str, now: datetime
) -> None:
    zone = exchange_of(symbol).zone
    today, before = now.astimezone(zone).date(), (now - timedelta(days=40)).astimezone(zone)
    closes = [closes for _, closes in sessions(symbol)]
    assert [each for each in closes if each.date() <= today][-1] == last_close(symbol, today)
    begun = [opens for opens, _ in sessions(symbol) if opens <= now]
    since = [each for each in begun if before.date() < each.date()]
    assert len(since) == sessions_since(symbol, before, now)


@pytest.mark.parametrize(
    ("symbol", "day", "closed"),
    [
        # By the exchanges' own notices: Spring Festival of 2025, and the half day before it.
        ("600941.SH", date(2025, 2, 1), "2025-01-27 15:00"),
        ("0700.HK", date(2025, 1, 31), "2025-01-28 12:00"),
        ("0700.HK", date(2026, 12, 24), "2026-12-24 12:00"),
    ],
)
def test_holidays_and_half_days(symbol: str, day: date, closed: str) -> None:
    assert closed == f"{last_close(symbol, day):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("suffix", EXCHANGES)
@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2031, 1, 1)])
def test_days_outside_the_table_are_said_to_be_unknown(suffix: str, day: date) -> None:
    assert str(day) in str(unknown_days(f"600000.{suffix}", day))
    assert not unknown_days(f"600000.{suffix}", date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "unknown"),
    # The first Monday, a day of Spring Festival, and a leap day: a Tuesday.
    [
        (date(2026, 12, 31), False),
        (date(2027, 1, 4), True),
        (date(2027, 2, 10), True),
        (date(2028, 2, 29), True),
    ],
)
def test_after_the_end_of_the_mainlands_calendar_a_live_run_works_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: date, *, unknown: bool
) -> None:
    now = datetime(day.year, day.month, day.day, 14, tzinfo=exchange_of("600941.SH").zone)
    market = report_market()
    market.traded = last_trade("600941.SH", now)
    market.traded_hong_kong = last_trade("0700.HK", now)
    with running(market, tmp_path) as vendor:
        for name, value in vendor.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        found = screen(
            watchlists=WATCHLISTS,
            store=tmp_path / "store.sqlite",
            prices="live",
            now=now,
            only=["920808", "600941"],
        )
    assert {"920808.BJ": "live", "600941.SH": "close"} == dict(
        found.table.select("symbol", "price_obtained").iter_rows()
    )
    named = {p.where for p in found.problems if p.kind == "no_calendar"}
    assert ({"XSHG"} if unknown else set()) == named
