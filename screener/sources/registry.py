"""Sources of prices: which there are. Each is a module with one function of the contract."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from screener.model.messages import say
from screener.model.usage import UnknownNameError, UsageError
from screener.sources import pricefile
from screener.sources.contract import Provider
from screener.sources.printed import printed_prices


def find_provider(prices: str | Path) -> Provider:
    """The source called `prices`, or the one that reads the CSV file of that path.

    Raises UsageError where it is neither.
    """
    if str(prices) == "report":
        return printed_prices
    if Path(prices).is_file():
        return partial(pricefile.fetch, Path(prices))
    if str(prices).lower().endswith(".csv"):
        raise UsageError(say("there is no price file {prices}", prices=prices))
    raise UnknownNameError(say("price source"), str(prices), ["auto", "live", "report"])
