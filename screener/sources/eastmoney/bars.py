"""Bars of Eastmoney: the last price of a Hong Kong name, and the daily closes of an A share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from screener.model.messages import Sentence, say
from screener.sources.answers import RefusalError


def daily_bars(frame: Any) -> list[list[Any]]:
    """Day and close of each bar. Raises RefusalError where the figures do not fit together."""
    if not len(frame):
        return []
    return _bars(frame, say("its bars close outside their own range: the order has changed"))


def last_bar(frame: Any) -> dict[str, Any]:
    """Day and close of the last daily bar. Raises RefusalError where there is none."""
    if not len(frame):
        raise RefusalError(say("Eastmoney has no bars for it"))
    fault = say("its last bar closes outside its own range: the order has changed")
    ((day, close),) = _bars(frame.tail(1), fault)
    return {"day": day, "price": close}


def _bars(frame: Any, fault: Sentence) -> list[list[Any]]:
    # akshare names the figures of a bar by place: in another order they would not fit together.
    if not ((frame["最低"] <= frame["收盘"]) & (frame["收盘"] <= frame["最高"])).all():
        raise RefusalError(fault)
    return [
        [str(day), float(close)] for day, close in zip(frame["日期"], frame["收盘"], strict=True)
    ]


def days(bars: Sequence[Sequence[Any]], _: str) -> Iterator[tuple[date, Any]]:
    """Day and close of each bar."""
    return ((date.fromisoformat(day), close) for day, close in bars)
