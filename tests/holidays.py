"""The table of trading days, made of the calendars that exchange_calendars keeps.

`python -m tests.holidays` writes it anew, from the version of the library that is installed, and
prints how far each calendar reaches.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from screener.model.symbols import EXCHANGES

TABLE = Path(__file__).parents[1] / "screener" / "model" / "holidays.csv"
FIRST = date(2000, 1, 1)
# Hong Kong's the library works out for decades; those so far ahead are moved by the government.
LAST = date(2030, 12, 31)


@cache
def sessions(name: str) -> dict[date, tuple[Any, Any]]:
    """Opening and closing time, in the exchange's zone, of each session of a calendar."""
    from exchange_calendars import calendar_utils, get_calendar

    made = calendar_utils.global_calendar_dispatcher._calendar_factories[name]
    zone = next(each.zone for each in EXCHANGES.values() if each.calendar == name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exchange_calendars 4.13 on pandas 3
        bound = made.bound_max()
        end = min(LAST, bound.date()) if bound is not None else LAST
        schedule = get_calendar(name, start=str(FIRST), end=str(end)).schedule
        return {
            row.Index.date(): tuple(
                each.to_pydatetime().astimezone(zone).time() for each in (row.open, row.close)
            )
            for row in schedule.itertuples()
        }


def rows() -> Iterator[tuple[str, str, str]]:
    """The rows of the table: calendar, day, and what the day is."""
    for name, close in sorted({(each.calendar, each.close) for each in EXCHANGES.values()}):
        known = sessions(name)
        last = max(known)
        # A year is known as a whole or not at all, and its last days may be holidays.
        last = date(last.year, 12, 31)
        yield name, str(FIRST), "first"
        yield name, str(last), "last"
        for n in range((last - FIRST).days + 1):
            day = FIRST + timedelta(days=n)
            if day not in known and day.weekday() < 5:
                yield name, str(day), "closed"
            elif day in known and known[day][1] != close:
                yield name, str(day), f"{known[day][1]:%H:%M}"


def text() -> str:
    """The whole table."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("calendar", "day", "what"), *rows()])
    return out.getvalue()


def main() -> None:
    """Write the table, and say how far it reaches."""
    TABLE.write_text(text(), encoding="utf-8")
    for name, day, what in rows():
        if what == "last":
            print(f"{name}: to {day}")  # noqa: T201


if __name__ == "__main__":
    main()
