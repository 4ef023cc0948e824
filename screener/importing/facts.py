"""What a table and the lines around it say of industry, day, unit, currency and source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from screener.importing.meaning import Meaning, meaning_of
from screener.importing.rows import SOURCE_LINE
from screener.importing.table import Table
from screener.model.messages import Sentence, say
from screener.model.shipped import rows_of

_SCALES: Mapping[float, str] = {1e9: "十亿", 1e8: "亿", 1e6: "百万", 1e4: "万", 1.0: ""}
_CURRENCIES: Mapping[str, str] = {"CNY": "元", "HKD": "港元", "USD": "美元"}
# What a line beside a table says its figures are in: `单位：百万元`, `(HK$ mn)`.
_STATED_UNIT = re.compile(
    r"(?:单位|units?)\s*[:：]?\s*([^)）,，;；、]{1,20})|[(（]([^)）]{1,20})[)）]", re.I
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
# What stands right before the day that figures are of.
_AS_OF = re.compile(r"(?:截至|截止|as (?:of|at)|priced|收盘价?|prices?)\W{0,3}(?:on |at )?$", re.I)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# No consensus is of before: Shanghai's exchange opened in December 1990.
_FIRST_YEAR = 1990

# A line with the day of a report is short: in a longer one a day is of what it tells.
_LONGEST_DATE_LINE = 40
# Days between a table's own day and its document's: a report is no older than its estimates by so
# much.
_FARTHEST = 200

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
    unit, is_said = _cap_unit(table)
    # The day beside the figures goes before the one that was given, and that before the report's:
    # a table may be older than the report it is printed in.
    published = _first_day(text for text in top if len(text) <= _LONGEST_DATE_LINE)
    said = _day_said(
        [
            table.caption,
            *(heading.text for heading in table.headings if heading.kind != "other"),
            *filter(SOURCE_LINE.search, table.after),
        ]
    )
    # One of another year than the document's is of something else: of a deal, or of results.
    if said and published and abs((published - said).days) > _FARTHEST:
        message = say(
            "the table names {day}, the document {published}: which its figures are of nobody can"
            " tell; say --as-of",
            day=said,
            published=published,
        )
        guessed[message] = None
        said, published = None, None
    day = said or as_of or published
    if published:
        message = say("published {day}: the first day the document names", day=published)
        guessed[message] = None
    if day and not said:
        why = say("as was said") if as_of is not None else say("the day of the document")
        guessed[say("as of {day}: {why}", day=day, why=why)] = None
    if unit and not is_said:
        guessed[say("market cap in {unit}: the heading does not say all of it", unit=unit)] = None
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


def _first_day(texts: Iterable[str]) -> date | None:
    return next((day for text in texts for _, day in _days_in(text)), None)


def _day_said(texts: Sequence[str]) -> date | None:
    """The day that a table says its figures are of: behind `截至` or `as of`, else the last one."""
    found = [
        (_AS_OF.search(text[:start]) is not None, day)
        for text in texts
        for start, day in _days_in(text)
    ]
    return max(found)[1] if found else None


def _days_in(text: str) -> Iterator[tuple[int, date]]:
    """The days that a text names, each with where it begins, in the order of their forms."""
    for match in (each for form in _DAYS for each in form.finditer(text)):
        day = _day(match)
        if day and day.year >= _FIRST_YEAR:
            yield match.start(), day


def _day(match: re.Match[str]) -> date | None:
    """The day that a text names, or None where there is no such day."""
    year, month, day = match["year"], match["month"], match["day"]
    try:
        number = int(month) if month.isdecimal() else _MONTHS.index(month[:3]) + 1
        return date(int(year), number, int(day))
    except ValueError:
        return None


def currency_named(*texts: str) -> str | None:
    """The one currency that texts name, in words or signs: `港元`, `US$`, `RMB`.

    None for no currency, and for several: nobody can tell then which row has which.
    """
    named = {currency for text in texts for currency in meaning_of(text).currencies}
    return named.pop() if len(named) == 1 else None


def eps_currency_around(table: Table) -> str | None:
    """The currency that a line beside the table says EPS is in."""
    texts = (table.caption, *table.before, *table.after)
    return currency_named(*(text for text in texts if _OF_EPS.search(text) and _is_short(text)))


def in_cents(table: Table) -> str:
    """The line beside a table that says its EPS is in cents; empty where there is none."""
    texts = (table.caption, *table.before, *table.after)
    return next((text for text in texts if _is_short(text) and _CENTS.search(text)), "")


def _is_short(text: str) -> bool:
    return len(text) <= 2 * _LONGEST_DATE_LINE


_OF_EPS = re.compile(r"EPS|每股", re.I)
_CENTS = re.compile(r"(?:EPS|每股).{0,12}(?:cents?\b|仙|美分|¢|单位[:：]?分)", re.I)


def _cap_unit(table: Table) -> tuple[str, bool]:
    """The unit of market caps, and whether the table says all of it; empty where it has none."""
    heads = [heading.text for heading in table.headings if heading.kind == "market_cap"]
    if not heads:
        return "", False
    around = [text for text in (table.caption, *table.before[::-1]) if _is_short(text)]
    stated = [one or other for text in around for one, other in _STATED_UNIT.findall(text)]
    meanings = [meaning_of(heads[0]), *filter(_is_unit, map(meaning_of, stated))]
    scale = next((each.scale for each in meanings if each.scale is not None), None)
    named = [each.currencies for each in meanings if len(each.currencies) == 1]
    currency = min(named[0]) if named else None
    # `元` and the like alone are ones; `RMB` names a currency and no unit.
    if scale is None and re.search(r"[(（][^)）]*元[)）]", heads[0]):
        scale = 1.0
    if scale is None:
        return _SCALES[1e8] + _CURRENCIES[currency or "CNY"], False
    return _SCALES[scale] + _CURRENCIES[currency or "CNY"], currency is not None


def _is_unit(meaning: Meaning) -> bool:
    """Whether a bracket holds a unit and nothing else: no sum that a sentence tells of."""
    says_some = meaning.scale is not None or bool(meaning.currencies)
    return meaning.is_known and not meaning.is_altered and meaning.year is None and says_some
