"""What is built on of vendors' libraries and answers: `screener doctor --deep`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from screener.sources.checkup import CALLS
from screener.sources.eastmoney import library as akshare_library
from screener.sources.lacking import contract
from tests.command import Command
from tests.loopback import Market, Vendor

DEEP = ("--lang", "en", "doctor", "--deep", "--timeout", "20")


@pytest.fixture
def market(market: Market) -> Market:
    market.cents["0700.HK"] = {2026: 2500.0}
    market.multiples["0700.HK"] = [(date(2026, 11, 2), 20.0)]
    return market


def test_all_that_is_built_on_is_there(online: Command) -> None:
    done = online(*DEEP)
    assert 0 == done.returncode, done.stdout
    assert len(CALLS) == done.stdout.count("answers")


def test_a_field_that_was_renamed_is_named(online: Command, vendor: Vendor) -> None:
    def renamed(body: Any) -> Any:
        for item in body["quoteResponse"]["result"]:
            item["sharesCount"] = item.pop("sharesOutstanding")
        return body

    vendor.changes["/v7/finance/quote"] = renamed
    vendor.faults["RPT_WEB_RESPREDICT"] = "404"
    done = online(*DEEP)
    assert 1 == done.returncode
    shown = " ".join(done.stdout.split())
    assert "no its answer has no sharesOutstanding" in shown
    assert "Eastmoney: forecasts of 600941 no HTTP 404" in shown
    assert len(CALLS) - 2 == done.stdout.count("answers")


def test_a_function_and_a_parameter_that_are_gone_are_named() -> None:
    found = contract("pytest", {"json.loads": ("s", "old"), "json.gone": (), "nothing.at.all": ()})
    # `loads` takes any keyword: what it makes of one, nobody can tell from here.
    assert ["json.gone", "nothing.at.all"] == found["lacking"]
    assert ["bisect.insort(old)"] == contract("pytest", {"bisect.insort": ("a", "old")})["lacking"]


def test_every_function_of_akshare_that_is_called_is_in_the_contract() -> None:
    def called() -> Iterator[tuple[str, set[str]]]:
        for node in ast.walk(ast.parse(inspect.getsource(akshare_library))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name.startswith("akshare."):
                    yield name, {each.arg or "" for each in node.keywords}
                elif name == "request_with_retry":
                    # Two of its parameters are given by their places.
                    keywords = {each.arg or "" for each in node.keywords}
                    yield "akshare.utils.request.request_with_retry", {"url", "params"} | keywords

    used: dict[str, set[str]] = {}
    for name, parameters in called():
        used[name] = used.get(name, set()) | parameters
    assert {name: set(names) for name, names in akshare_library.FUNCTIONS.items()} == used
