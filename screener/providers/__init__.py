"""Sources of prices: which there are. Each is a module with one function of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from screener.model import UnknownNameError
from screener.providers import live, pricefile, report
from screener.providers.contract import Provider

PROVIDERS: Mapping[str, Provider] = MappingProxyType({"report": report.fetch, "live": live.fetch})


def find(prices: str | Path) -> Provider:
    """The source called `prices`, or the one that reads the CSV file of that path.

    Raises UnknownNameError where it is neither.
    """
    if str(prices) in PROVIDERS:
        return PROVIDERS[str(prices)]
    path = Path(prices)
    if path.suffix.lower() != ".csv" and not path.exists():
        raise UnknownNameError("price source", str(prices), [*PROVIDERS, "a CSV file"])
    return partial(pricefile.fetch, path)
