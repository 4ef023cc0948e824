"""A sample of `make faults`: a fault, on a call to a vendor, in a command; nothing falls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from screener.market_data.by_hand import keep, not_used, set_estimate
from screener.market_data.coverage import Coverage, load_coverage
from screener.model.records import Lookup
from screener.sources.answers import RefusalError, exact_estimate, fetched_vintage
from screener.sources.asking import Asker
from screener.sources.child import Children, fault_of, words_of
from screener.sources.vendors import YAHOO
from screener.store.store import Store
from tests.command import Command
from tests.conftest import NOW, ROW, write_watchlist
from tests.loopback import Vendor, running
from tests.outage_cells import WAYS, Cell, cells
from tests.outage_world import market
from tests.outages import Bench
from tests.soak import Soak

SEED, QUICK, SLOW, RUNS = 20, 135, 8, 6
# What a command takes is no matter of the suite, as the machine may do other things; that it ends
# at all is.
NO_MATTER = 60.0


def sample() -> list[Cell]:
    """The same for the same seed; of what is slow a few, of the whole way each fault."""
    dice, every = Random(SEED), list(cells())  # noqa: S311 - which to try, no secret
    quick = [cell for cell in every if not cell.is_slow and cell.fault not in WAYS]
    slow = [cell for cell in every if cell.is_slow]
    ways = [dice.choice([cell for cell in every if cell.fault == way]) for way in WAYS]
    return [*dice.sample(quick, QUICK), *dice.sample(slow, SLOW), *ways]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, warm: dict[str, str]) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    with running(market(), folder) as vendor:
        yield Bench(folder, vendor, warm)


@pytest.mark.parametrize(
    "cell", sample(), ids=lambda cell: f"{cell.doing}-{cell.call}-{cell.fault}"
)
def test_a_fault_costs_no_more_than_what_it_is_of(bench: Bench, cell: Cell) -> None:
    assert [] == bench.try_one(cell, NO_MATTER)


def test_a_store_stays_right_through_runs_under_faults(bench: Bench) -> None:
    assert [] == [fault for _, fault in Soak(bench, SEED).falls(RUNS)]


# --- what fell, once ------------------------------------------------------------------------------


def test_a_proxy_that_refuses_is_one_outage_of_the_way_to_all(
    online: Command, vendor: Vendor
) -> None:
    vendor.proxy_status = 403
    done = online("run", "--prices", "live", "--json", "-o", "out")
    (said,) = [p for p in json.loads(done.stdout)["problems"] if p["kind"] == "source_out"]
    assert ("network", "the proxy answers HTTP 403") == (said["where"], said["message"])


def test_the_doctor_says_where_only_charts_answer(online: Command, vendor: Vendor) -> None:
    vendor.faults["/v7/finance/quote"] = "500"
    done = online("doctor", COLUMNS="160")
    price = f"600941.SH {vendor.market.prices['600941.SH']:g} CNY"
    (line,) = [line for line in done.stdout.splitlines() if "Yahoo" in line]
    assert price in line and "by its chart alone: HTTP 500" in line
    assert 1 == done.returncode


def test_when_the_time_of_all_is_over_nobody_is_asked_and_every_name_is_told_why() -> None:
    refused: dict[str, str] = {}
    names = {"600941.SS": "600941.SH", "0700.HK": "0700.HK"}
    with Children(0) as children, Asker(children, 60) as asker:
        asker.ask(YAHOO, "closes", names, lambda *_: None, refused.__setitem__)
        assert not asker.waits_for(YAHOO, "closes")
        assert {} == asker.failed()
    why = "Yahoo was not asked: the time was over"
    assert dict.fromkeys(names.values(), why) == refused


def test_an_outage_is_news_once_and_of_its_parts_never_after_the_whole() -> None:
    children = Children(1)
    assert [True, False] == [children.is_news("Yahoo", "HTTP 500") for _ in range(2)]
    assert [True, False] == [children.is_news("Yahoo", "") for _ in range(2)]
    assert not children.is_news("Yahoo", "HTTP 502")
    assert children.is_news("Eastmoney", "HTTP 502")


def test_an_answer_that_breaks_off_is_not_said_to_be_http_200() -> None:
    from curl_cffi.requests import Response
    from curl_cffi.requests.exceptions import ConnectionError as BreaksOffError

    response = Response()
    response.status_code = 200
    fault = fault_of(BreaksOffError("transfer closed", 0, response))
    assert "it cannot be reached, or breaks off" == words_of(fault)


def test_a_source_that_expects_zero_for_every_year_expects_nothing() -> None:
    nothing = [exact_estimate(date(year, 12, 31), 0.0) for year in (2026, 2027)]
    with pytest.raises(RefusalError, match="Eastmoney expects zero for every year"):
        fetched_vintage("600941.SH", "Eastmoney", "CNY", nothing, NOW)


def test_estimates_set_while_the_clock_is_behind_are_not_said_to_be_used(tmp_path: Path) -> None:
    desk = at(tmp_path)
    made = set_estimate(desk, "600941.SH", 2026, "1.10", "", "", NOW)
    keep(desk, [made], NOW)
    assert "" == not_used(desk, made, NOW)
    for behind in (timedelta(hours=1), timedelta(days=1)):
        earlier = set_estimate(desk, "600941.SH", 2026, "1.20", "", "", NOW - behind)
        keep(desk, [earlier], NOW - behind)
        words = not_used(desk, earlier, NOW - behind)
        assert "fetched on 2026-11-24 01:30 UTC, are later than the clock" in words


def test_splits_that_no_source_could_tell_are_no_wrong_usage(
    online: Command, vendor: Vendor, tmp_path: Path
) -> None:
    write_watchlist(tmp_path / "watchlists", ROW)
    vendor.port = 9  # nobody listens there
    done = online("consensus", "set", "600941", "2026", "1.10")
    assert 3 == done.returncode
    assert "splits of 600941.SH since 2025-01-31 are not known" in done.stderr


def test_codes_that_no_source_could_name_are_named(
    online: Command, vendor: Vendor, tmp_path: Path
) -> None:
    write_watchlist(tmp_path / "watchlists", "2318.HK,中国平安,100,0.50,0.80,1.00,40,25,20,CNY")
    vendor.market.names["2318.HK"], vendor.market.prices["2318.HK"] = "中国平安", 20.0
    vendor.faults["//datacenter.eastmoney.com"] = "500"
    done = online("audit", "--online")
    assert "2318.HK: no source has a Chinese name of it" in done.stderr


def at(folder: Path) -> Coverage:
    """A desk of one name, of which it is known that no share was split."""
    write_watchlist(folder / "lists", ROW)
    looked = Lookup("600941.SH", "Eastmoney", (NOW - timedelta(days=800)).date(), NOW.date())
    Store(folder / "quotes.db").save_splits([], [looked], NOW)
    return load_coverage(folder / "lists", folder / "quotes.db", NOW, create=True)
