"""What a table and the lines around it say of industry, day, unit, currency and source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from screener.importing.table import Table
from screener.model.messages import Sentence, say

# What industries are called on both sides, for file names and labels (Shenwan, first level).
INDUSTRIES: Mapping[str, str] = {
    "电子": "electronics",
    "通信": "telecom",
    "计算机": "computing",
    "传媒": "media",
    "医药生物": "healthcare",
    "医药": "healthcare",
    "汽车": "autos",
    "非银金融": "nonbank-financials",
    "银行": "banks",
    "食品饮料": "food",
    "家用电器": "appliances",
    "家电": "appliances",
    "电力设备": "power-equipment",
    "机械设备": "machinery",
    "机械": "machinery",
    "基础化工": "chemicals",
    "化工": "chemicals",
    "有色金属": "metals",
    "钢铁": "steel",
    "煤炭": "coal",
    "石油石化": "oil",
    "公用事业": "utilities",
    "交通运输": "transport",
    "建筑材料": "building-materials",
    "建筑装饰": "construction",
    "房地产": "real-estate",
    "商贸零售": "retail",
    "社会服务": "services",
    "纺织服饰": "apparel",
    "轻工制造": "light-industry",
    "农林牧渔": "agriculture",
    "国防军工": "defense",
    "环保": "environment",
    "美容护理": "personal-care",
}

_UNITS: tuple[tuple[str, str], ...] = (
    (r"US\$ ?(mn|m\b|million)|USD ?(mn|m\b|million)|百万美元", "百万美元"),
    (r"HK\$ ?(mn|m\b|million)|HKD ?(mn|m\b|million)|百万港元", "百万港元"),
    (r"亿美元|US\$ ?bn|USD ?bn", "亿美元"),
    (r"亿港元|亿港币", "亿港元"),
    (r"百万|RMB ?(mn|m\b)|CNY ?(mn|m\b)", "百万元"),
    (r"亿", "亿元"),
    (r"万", "万元"),
)

_CURRENCIES: tuple[tuple[str, str], ...] = (
    (r"美元|US\$|USD", "USD"),
    (r"港元|港币|HK\$|HKD", "HKD"),
    (r"元|人民币|RMB|CNY|￥|¥", "CNY"),
)

_DAYS = (
    (re.compile(r"((?:19|20)\d\d) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日"), "ymd"),
    (re.compile(r"((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})"), "ymd"),
    (re.compile(r"(\d{1,2}) ([A-Z][a-z]{2,8}),? ((?:19|20)\d\d)"), "dMy"),
    (re.compile(r"([A-Z][a-z]{2,8}) (\d{1,2}),? ((?:19|20)\d\d)"), "Mdy"),
)

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

# No consensus is of before.
_FIRST_YEAR = 1990

_CONSENSUS = re.compile(r"一致预期|consensus|wind|ifind|choice|bloomberg|factset|朝阳永续", re.I)

_PUBLISHER = re.compile(r"证券|研究|securities|research|capital|banking", re.I)

_SOURCE = re.compile(r"(?:(?:资料|数据)?来源|source)\s*[::]\s*(.*)", re.I)


def provenance_facts(
    path: Path, table: Table, top: Sequence[str], as_of: date | None, guessed: dict[Sentence, None]
) -> tuple[dict[str, str | int | date], str]:
    """What the TOML file will say, and the industry's name."""
    label = _label(table)
    published = _first_day(top)
    said = _first_day([table.caption, *(heading.text for heading in table.headings), *table.after])
    day = said or as_of or published
    facts: dict[str, str | int | date] = {
        "label_zh": label or path.stem,
        "label_en": INDUSTRIES.get(label, label or path.stem).capitalize(),
        "title": next((each.strip("*#> ") for each in top if len(each) <= 80), path.stem),
    }
    source = next((m[1] for each in table.after if (m := _SOURCE.search(each))), "")
    parts = [part.strip() for part in re.split(r"[、,;,;]", source) if part.strip()]
    consensus = next((each for each in parts if _CONSENSUS.search(each)), "")
    facts["consensus"] = consensus or source
    facts["publisher"] = next((each for each in parts if _PUBLISHER.search(each)), "")
    if table.number is not None:
        facts["table"] = table.number
    if published:
        facts["published"] = published
        message = say("published {day}: the first day the document names", day=published)
        guessed[message] = None
    if day:
        facts["as_of"] = day
    if day and not said:
        why = say("as was said") if as_of is not None else say("the day of the document")
        guessed[say("as of {day}: {why}", day=day, why=why)] = None
    unit, is_said = _unit(table)
    facts["market_cap_unit"] = unit
    if not is_said and any(heading.kind == "market_cap" for heading in table.headings):
        guessed[say("market cap in {unit}: the heading names no unit", unit=unit)] = None
    return facts, label


def _label(table: Table) -> str:
    """The industry that the caption names, the longest name first."""
    said = [table.caption, *table.before[::-1]]
    for text in said:
        named = [each for each in sorted(INDUSTRIES, key=len, reverse=True) if each in text]
        english = [zh for zh, en in INDUSTRIES.items() if re.search(rf"\b{en}\b", text, re.I)]
        if named or english:
            return (named or english)[0]
    after_dash = re.search(r"[-—–]\s*([^\s(（\-—–]{2,12})\s*(?:[(（]|$)", table.caption)
    return after_dash[1] if after_dash else ""


def _unit(table: Table) -> tuple[str, bool]:
    text = next((heading.text for heading in table.headings if heading.kind == "market_cap"), "")
    for pattern, unit in _UNITS:
        if re.search(pattern, text, re.I):
            return unit, True
    return "亿元", False


def _first_day(texts: Sequence[str]) -> date | None:
    return next((day for text in texts for day in _days(text)), None)


def _days(text: str) -> Iterator[date]:
    for pattern, order in _DAYS:
        for match in pattern.finditer(text):
            day = _day(match, order)
            if day is not None and day.year >= _FIRST_YEAR:
                yield day


def _day(match: re.Match[str], order: str) -> date | None:
    """The day that a match in that order names, or None where there is no such day."""
    try:
        if order == "ymd":
            return date(int(match[1]), int(match[2]), int(match[3]))
        day, month, year = (match[at] for at in {"dMy": (1, 2, 3), "Mdy": (2, 1, 3)}[order])
        return date(int(year), _MONTHS.index(month[:3]) + 1, int(day))
    except ValueError:
        return None


def currency_named(text: str) -> str | None:
    """The currency that a text names, in words or signs: `港元`, `US$`, `RMB`."""
    return next(
        (currency for pattern, currency in _CURRENCIES if re.search(pattern, text, re.I)), None
    )
