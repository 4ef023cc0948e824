"""Eastmoney's boards of industries: which there are, and the listings of one.

akshare names the columns of these lists by place and leaves the market cap out; and it sorts them
by what moves while they are read, so that a page may repeat some rows and lose others. So they
are asked for with akshare's own request, in the order of their codes, and each row is read by its
own fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from screener.model.extents import MARKET_CAP, Extent
from screener.model.messages import Sentence, say
from screener.model.symbols import exchange_by_range
from screener.sources.answers import RefusalError, figure, name, number

BOARDS_URL = "https://17.push2.eastmoney.com/api/qt/clist/get"
MEMBERS_URL = "https://29.push2.eastmoney.com/api/qt/clist/get"
# So many rows a page is the most that it sends.
PAGE = 100
# No industry has more listings, nor are there more industries.
ROWS = Extent(1, 10_000)
LONGEST_CODE = 10

_LIST = {
    "pz": str(PAGE), "po": "0", "np": "1", "fltt": "2", "invt": "2", "fid": "f12",
    "ut": "bd1d9ddb04089700cf9c27f6f7426281",
}  # fmt: skip
# Code, name, market cap.
_CODE, _NAME, _CAP = "f12", "f14", "f20"

# Asks for the page of that number.
Ask = Callable[[Mapping[str, str]], Any]


def boards_query() -> dict[str, str]:
    """How the boards of industries are asked for."""
    return {**_LIST, "fs": "m:90 t:2 f:!50", "fields": f"{_CODE},{_NAME}"}


def members_query(board: str) -> dict[str, str]:
    """How the listings of a board are asked for."""
    return {**_LIST, "fs": f"b:{board} f:!50", "fields": f"{_CODE},{_NAME},{_CAP}"}


def whole_list(ask: Ask, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every row of a list, over all its pages. Raises RefusalError where it is not whole."""
    rows: dict[str, dict[str, Any]] = {}
    total, page = 1, 0
    while len(rows) < total and page * PAGE < total:
        page += 1
        found, total = _page(ask({**query, "pn": str(page)}))
        rows |= {row[_CODE]: row for row in found}
    if len(rows) != total:
        raise RefusalError(
            say("Eastmoney announces {count} rows, and sends {rows}", count=total, rows=len(rows))
        )
    return list(rows.values())


def _page(body: Any) -> tuple[list[dict[str, Any]], int]:
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("diff"), list):
        raise RefusalError(say("Eastmoney has no such list"))
    rows = data["diff"]
    if not rows or not all(isinstance(row, dict) and _has_code(row) for row in rows):
        raise RefusalError(say("Eastmoney's list has rows without code or name"))
    return rows, int(number(data, "total", ROWS))


def _has_code(row: Mapping[str, Any]) -> bool:
    code = row.get(_CODE)
    return isinstance(code, str) and code.isascii() and code.isalnum() and len(code) <= LONGEST_CODE


def board_codes(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The codes of boards by their names."""
    return {title: row[_CODE] for row in rows if (title := name(row, _NAME))}


def members(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Symbol, name and market cap in CNY of each row: None where the vendor has none.

    Raises RefusalError for a code in no range of the exchanges'.
    """
    return [
        {
            "symbol": _symbol(row[_CODE]),
            "name": name(row, _NAME),
            # Of a suspended share it is "-".
            "market_cap": figure(row, _CAP, MARKET_CAP),
        }
        for row in rows
    ]


def _symbol(code: str) -> str:
    exchange = exchange_by_range(code)
    if exchange is None:
        raise RefusalError(_unknown(code))
    return f"{code}.{exchange}"


def _unknown(code: str) -> Sentence:
    return say("Eastmoney's list has the code {code}, of no exchange here", code=code)
