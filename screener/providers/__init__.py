"""Sources of prices: which there are. Each is a module with one function of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from screener.model import UnknownNameError, UsageError
from screener.providers import pricefile, report
from screener.providers.contract import Provider
from screener.wording import say

PROVIDERS: Mapping[str, Provider] = MappingProxyType({"report": report.fetch})


def find(prices: str | Path) -> Provider:
    """The source called `prices`, or the one that reads the CSV file of that path.

    Raises UsageError where it is neither.
    """
    if str(prices) in PROVIDERS:
        return PROVIDERS[str(prices)]
    if Path(prices).is_file():
        return partial(pricefile.fetch, Path(prices))
    if str(prices).lower().endswith(".csv"):
        raise UsageError(say("there is no price file {prices}", prices=prices))
    raise UnknownNameError(say("price source"), str(prices), ["auto", "live", *PROVIDERS])
