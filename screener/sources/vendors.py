"""The live sources: whose library serves each, in which module, and how it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

YAHOO, EASTMONEY, ETNET = "Yahoo", "Eastmoney", "etnet"

# The names of Hong Kong listings: a host of its own, whose failure costs no price.
PROFILES = "Eastmoney, Hong Kong"
# The reports of companies in Beijing: so is theirs.
ACCOUNTS = "Eastmoney, accounts"
# Splits and dividends are of tables and charts, which may fail where prices come, or come where
# those fail.
EASTMONEY_SPLITS, YAHOO_SPLITS = "Eastmoney, splits", "Yahoo, splits"
# Which industry is of whom.
BOARDS = "Eastmoney, industries"
# Where it is no source that is out, but the way to all of them.
NETWORK = "network"
# Multiples of the past of Hong Kong listings.
BAIDU = "Baidu"


@dataclass(frozen=True, slots=True)
class Vendor:
    """A library that asks `sources`, the one that gives it its title first.

    `module` has `prepare()` and `answer(job, emit)`, and runs in the child; `host` tells whether
    there is a network; `known` is a symbol that the vendor is sure to have.
    """

    module: str
    sources: tuple[str, ...]
    host: str
    known: str
    # Statuses by which a source refuses; it is not asked again in that run. 999 is Yahoo's own.
    # Neither library reads Retry-After, so how long that will be is not known.
    refuses: frozenset[int] = frozenset({401, 403, 429, 999})

    @property
    def title(self) -> str:
        return self.sources[0]


# Sina and Xueqiu are left out (2026-10): the one sends plain HTTP that anybody on the way can
# rewrite, the other needs a token that dies every few weeks.
VENDORS: Mapping[str, Vendor] = {
    "yahoo": Vendor(
        module="screener.sources.yahoo.library",
        sources=(YAHOO, YAHOO_SPLITS),
        host="query1.finance.yahoo.com",
        known="600941.SH",
    ),
    "akshare": Vendor(
        module="screener.sources.eastmoney.library",
        sources=(EASTMONEY, PROFILES, ETNET, ACCOUNTS, EASTMONEY_SPLITS, BOARDS, BAIDU),
        host="push2.eastmoney.com",
        known="920808.BJ",
    ),
}

VENDOR_OF = {source: name for name, vendor in VENDORS.items() for source in vendor.sources}
