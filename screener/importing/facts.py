"""What a table and the lines around it say of industry, day, unit, currency and source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from screener.importing.table import Table
from screener.model.messages import Sentence, say
from screener.model.shipped import rows_of

# The first that fits, so what names a foreign currency stands before what any currency has: 亿港元
# holds 亿, and a heading that says `元` alone means CNY.
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
_USUAL_UNIT = "亿元"
_DAYS = [
    re.compile(form)
    for form in (
        r"(?P<year>(?:19|20)\d\d) ?年 ?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?日",
        r"(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<day>\d{1,2}) (?P<month>[A-Z][a-z]{2,8}),? (?P<year>(?:19|20)\d\d)",
        r"(?P<month>[A-Z][a-z]{2,8}) (?P<day>\d{1,2}),? (?P<year>(?:19|20)\d\d)",
    )
]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# No consensus is of before: Shanghai's exchange opened in December 1990.
_FIRST_YEAR = 1990

_CONSENSUS = re.compile(r"一致预期|consensus|wind|ifind|choice|bloomberg|factset|朝阳永续", re.I)
_PUBLISHER = re.compile(r"证券|研究|securities|research|capital|banking", re.I)
_SOURCE = re.compile(r"(?:(?:资料|数据)?来源|source)\s*[::]\s*(.*)", re.I)
# The industry in captions such as `图表3: 重点公司估值表 — 光模块 (2025-01-31)`.
_AFTER_DASH = re.compile(r"[-—–]\s*([^\s(（\-—–]{2,12})\s*(?:[(（]|$)")


@cache
def industries() -> Mapping[str, str]:
    """What industries are called in Chinese and in names of files (Shenwan, first level, 2021)."""
    return {row["name"]: row["slug"] for row in rows_of("industries")}


def provenance_facts(
    path: Path, table: Table, top: Sequence[str], as_of: date | None, guessed: dict[Sentence, None]
) -> tuple[dict[str, str | int | date], str]:
    """What the TOML file will say, and the industry's name; what no line says is `guessed`."""
    label = _label(table)
    source = next((m[1] for text in table.after if (m := _SOURCE.search(text))), "")
    parts = [part.strip() for part in re.split(r"[、,;,;]", source) if part.strip()]
    caps = [heading.text for heading in table.headings if heading.kind == "market_cap"]
    unit = _named(caps[0], _UNITS) if caps else None
    # The day beside the figures goes before the one that was given, and that before the report's:
    # a table may be older than the report it is printed in.
    published = _first_day(top)
    said = _first_day([table.caption, *(heading.text for heading in table.headings), *table.after])
    day = said or as_of or published
    if published:
        message = say("published {day}: the first day the document names", day=published)
        guessed[message] = None
    if day and not said:
        why = say("as was said") if as_of is not None else say("the day of the document")
        guessed[say("as of {day}: {why}", day=day, why=why)] = None
    if caps and not unit:
        guessed[say("market cap in {unit}: the heading names no unit", unit=_USUAL_UNIT)] = None
    facts = {
        "label_zh": label or path.stem,
        "label_en": industries().get(label, label or path.stem).capitalize(),
        "title": next((text.strip("*#> ") for text in top if len(text) <= 80), path.stem),
        "consensus": next(filter(_CONSENSUS.search, parts), source),
        "publisher": next(filter(_PUBLISHER.search, parts), ""),
        "table": table.number,
        "published": published,
        "as_of": day,
        "market_cap_unit": unit or _USUAL_UNIT,
    }
    return {key: value for key, value in facts.items() if value is not None}, label


def _label(table: Table) -> str:
    """The industry that the caption names, the longest name first: 医药生物 before 医药."""
    longest_first = sorted(industries(), key=len, reverse=True)
    for text in (table.caption, *table.before[::-1]):
        chinese = [name for name in longest_first if name in text]
        english = [zh for zh, en in industries().items() if re.search(rf"\b{en}\b", text, re.I)]
        if chinese or english:
            return (chinese or english)[0]
    after_dash = _AFTER_DASH.search(table.caption)
    return after_dash[1] if after_dash else ""


def _first_day(texts: Sequence[str]) -> date | None:
    matches = (match for text in texts for form in _DAYS for match in form.finditer(text))
    return next((day for day in map(_day, matches) if day and day.year >= _FIRST_YEAR), None)


def _day(match: re.Match[str]) -> date | None:
    """The day that a text names, or None where there is no such day."""
    year, month, day = match["year"], match["month"], match["day"]
    try:
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
        return date(int(year), number, int(day))
    except ValueError:
        return None


def currency_named(text: str) -> str | None:
    """The currency that a text names, in words or signs: `港元`, `US$`, `RMB`."""
    return _named(text, _CURRENCIES)


def _named(text: str, patterns: Sequence[tuple[str, str]]) -> str | None:
    return next((meant for pattern, meant in patterns if re.search(pattern, text, re.I)), None)
