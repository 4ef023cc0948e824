"""The promise of the whole program: what enters is ranked or named in a problem."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import to_dict, write
from tests.conftest import HEADER, NOW, screen, write_prices, write_watchlist

SYMBOLS = ("600941.SH", "600050.SH", "000032.SZ", "300433.SZ", "920808.BJ", "0700.HK", "80700.HK")

number = st.one_of(
    st.just(""),
    st.just("-"),
    st.decimals(-200, 900, places=2).map(str),
    st.decimals(-2, 9, places=3).map(str),
    st.sampled_from(("0", "0.00", "-0.0", "nan", "1e9", "一", "=1+1", "999999999999.99999999")),
)
symbol = st.one_of(st.sampled_from(SYMBOLS), st.sampled_from(("", "32.SZ", "x", "600941")))
line = st.tuples(
    symbol,
    st.sampled_from(("名称", "", "=SUM(A1)")),
    number,
    st.tuples(*[number] * 6),
    st.sampled_from(("CNY", "HKD", "")),
).map(lambda cells: ",".join((*cells[:3], *cells[3], cells[4])))
day = st.dates(date(2024, 6, 1), date(2028, 6, 1))


@settings(max_examples=150)
@given(
    lists=st.lists(st.lists(line, max_size=6), min_size=1, max_size=3),
    as_of=st.one_of(st.none(), day),
    by=st.sampled_from(("pe_fy1", "pe_ntm", "eps_cagr", "peg", "upside", "earnings_yield_fy1")),
    from_file=st.booleans(),
)
def test_every_row_that_enters_is_ranked_or_named_in_a_problem(
    tmp_path_factory: pytest.TempPathFactory,
    lists: list[list[str]],
    as_of: date | None,
    by: str,
    from_file: bool,
) -> None:
    folder = tmp_path_factory.mktemp("lists")
    entered = []
    for number, lines in enumerate(lists):
        path = write_watchlist(folder, *lines, name=f"list{number}")
        entered += [f"{path}:{at}" for at, text in enumerate(lines, start=2) if text.strip(",")]
    prices = price_file(folder) if from_file else "report"
    result = screen(by=by, as_of=as_of, watchlists=folder, prices=prices, now=NOW)

    ranked = set(result.table.drop_nulls("rank")["where"])
    named = {where for problem in result.problems for where in problem.where.split(", ")}
    assert [] == [where for where in entered if where not in ranked | named]
    unranked = result.table.filter(result.table["rank"].is_null())
    assert set(unranked["where"]) <= named
    assert (unranked["status"] != "ranked").all()
    to_dict(result)


def price_file(folder: Path) -> Path:
    prices = folder / "prices" / "my.csv"
    prices.parent.mkdir()
    rows = [f"{symbol},{number + 1}.5,CNY,2025-02-03" for number, symbol in enumerate(SYMBOLS[:4])]
    rows += ["0700.HK,400,HKD,2025-02-03"]
    return write_prices(prices, *rows)


def test_a_watchlist_without_one_good_line_still_gives_a_result(tmp_path: Path) -> None:
    write_watchlist(tmp_path / "lists", "x,y", header=HEADER)
    result = screen(watchlists=tmp_path / "lists", now=NOW)
    assert 0 == len(result.table)
    assert ["bad_line"] == [problem.kind for problem in result.problems]
    assert write(result, tmp_path / "out.xlsx").exists()
