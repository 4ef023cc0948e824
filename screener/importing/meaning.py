"""What a heading says: quantity, qualifiers, unit, currency and period, word by word.

A heading is what all of its words together say. One that is not known, or that makes something
else of a quantity, leaves no quantity: `EPS growth` is no EPS, and `EPS xyz` is none either.
The words stand in `heading_words.csv`, in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from screener.importing.table import Kind
from screener.model.shipped import rows_of

# Days, as of which a price is, are no fiscal years.
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY = re.compile(
    r"(?:19|20)\d\d ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2} ?日?|\d{1,2} ?月 ?\d{1,2} ?日"
    rf"|\d{{1,2}}[ -]?{_MONTH},?(?:[ -](?:20)?\d\d)?(?![\d./aefp])"
    rf"|{_MONTH} \d{{1,2}}(?!\d),? ?(?:(?:19|20)\d\d)?"
    r"|\d{1,2}/\d{1,2}/(?:20)?\d\d"
)
# A part of a year, before or behind it: nine months, a half, a quarter.
_PART = re.compile(
    r"(?:[1-9]\d?m|[1-4]q|[12]h|h[12]|q[1-4])[ -]?(?:fy)?(?:20)?\d\d(?!\d)"
    r"|(?:fy)?(?:20)?\d\d[ -]?(?:[1-9]\d?m|[1-4]q|[12]h|h[12]|q[1-4])(?![a-z])"
)
# `2024/25` is the year that ends in 2025; `24` is a year only with FY before it, or A (actual),
# E (estimate), F or P behind: alone it is a figure.
_YEAR = re.compile(
    r"(?:fy|cy|fye)? ?((?:19|20)\d\d) ?[/-] ?((?:20)?\d\d)(?!\d) ?[aefp]?(?![a-z])"
    r"|(?:fy|cy|fye) ?(\d\d?) ?/ ?(\d\d)(?!\d) ?[aefp]?(?![a-z])"
    r"|(\d\d)[/-](\d\d) ?[aefp](?![a-z])"
    rf"|{_MONTH}[ -]?((?:20)?\d\d) ?[aefp](?![a-z])"
    r"|(?:fy|cy|fye)? ?((?:19|20)\d\d)(?![\d.]) ?(?:年度?|[aefp](?![a-z]))?"
    r"|(?:fy|cy|fye) ?'?(\d\d)(?!\d) ?[aefp]?(?![a-z])|'?(?<![\d.])(\d\d) ?(?:[aefp](?![a-z])|年)"
)
# The groups of a year that stands by itself.
_ALONE = (7, 8, 9, 10)
_MONTHS = 12
_GLUED = re.compile(r"[fc]y ?\d\d")
_SIGNS = frozenset(" ()[]{}<>:;/,.'\"*#-–—_|·、。，：；（）【】《》“”\n")
# One figure over or less another: `EPS/consensus` is no EPS.
_AGAINST = re.compile(
    r"(?:eps|p/?e|市盈率|每股收益|每股盈利)[ 0-9aefp]*[-/–—] ?(?:一致|cons)"
    r"|(?:一致预期|cons\w*) ?[-/–—] ?(?:eps|p/?e)"
)
_LATIN = re.compile(r"[a-z]+[a-z.'-]*|\d[\d.,]*")
# Longer than that a text is a sentence, and no heading.
LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading says; `other` is its kind where any word makes it no quantity that is kept.

    `scale` is what one unit of it is, in ones; `currencies` are all that it names. It `is_known`
    where every word is, whatever it comes to; it `is_altered` by a word that makes a quantity
    something else. `mentions` are the quantities that it names, whatever becomes of them.
    """

    kind: Kind
    year: int | None
    scale: float | None
    currencies: frozenset[str]
    is_known: bool
    is_altered: bool
    mentions: frozenset[str] = frozenset()


# Bounded: of a large table each cell would be kept.
@lru_cache(4096)
def meaning_of(text: str) -> Meaning:
    """What a heading says."""
    said: dict[str, set[str]] = {}
    for role, meant in _parts(text):
        said.setdefault(role, set()).add(meant)
    kinds, years = said.get("quantity", set()), said.get("year", set())
    scales = said.get("unit", set()) - {"x"}
    is_known = "unknown" not in said and len(text) <= LONGEST_HEADING
    is_altered = "other" in said or len(scales) > 1 or bool(_AGAINST.search(text.lower()))
    # A market cap has a scale and one currency, EPS no scale, P/E neither.
    currencies = said.get("currency", set())
    is_altered |= bool(kinds & {"eps", "pe"} and scales) or bool("pe" in kinds and currencies)
    is_altered |= "market_cap" in kinds and len(currencies) > 1
    # A price or a market cap of a year is none of today.
    is_altered |= bool(kinds & {"price", "market_cap"} and years)
    if kinds == {"code", "name"}:
        kinds = {"code"}
    is_one = len(kinds) == 1 and is_known and not is_altered and len(years) < 2
    (kind,) = kinds if is_one else {"other"}
    return Meaning(
        kind=kind,  # type: ignore[arg-type]
        year=int(min(years)) if len(years) == 1 else None,
        scale=float(min(scales)) if len(scales) == 1 else None,
        currencies=frozenset(currencies),
        is_known=is_known and bool(text.strip()),
        is_altered=is_altered,
        mentions=frozenset(said.get("quantity", ())),
    )


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The role and the meaning of each word of a heading, the longest word that fits first."""
    plain = " ".join(text.lower().split())
    at = 0
    while at < len(plain):
        found = _special(plain, at) or _word(plain, at)
        if found is not None:
            role, meant, at = found
            yield role, meant
            continue
        latin = _LATIN.match(plain, at)
        if latin is not None:
            yield "unknown", latin[0]
            at = latin.end()
            continue
        # Signs between words say nothing; any other one may: an arrow, a plus, a triangle.
        if plain[at] not in _SIGNS:
            yield "unknown", plain[at]
        at += 1


def _special(plain: str, at: int) -> tuple[str, str, int] | None:
    """A day, a part of a year or a fiscal year that begins here."""
    if at and plain[at - 1].isdigit():
        return None
    if (day := _DAY.match(plain, at)) is not None:
        return "filler", "", day.end()
    if (part := _PART.match(plain, at)) is not None:
        return "other", "", part.end()
    year = _YEAR.match(plain, at)
    # `EPSFY2025` is two words; a month in the middle of one is none.
    is_cut = at > 0 and _is_latin(plain[at - 1]) and _is_latin(plain[at])
    if year is None or (is_cut and not _GLUED.match(plain, at)):
        return None
    pairs = (year.group(1, 2), year.group(3, 4), year.group(5, 6), (None, _alone(year)))
    begun, ended = next(pair for pair in pairs if pair[1])
    full = _full(ended)
    # `2024-26` are three years, `2024/25` is one, and `12/25E` the one that ends in December.
    if begun is not None and full != _full(begun) + 1 and not 1 <= int(begun) <= _MONTHS:
        return "other", "", year.end()
    return "year", str(full), year.end()


def _alone(year: re.Match[str]) -> str:
    return next(each for each in year.group(*_ALONE) if each) if any(year.group(*_ALONE)) else ""


def _full(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _word(plain: str, at: int) -> tuple[str, str, int] | None:
    vocabulary = _vocabulary()
    for length in range(min(_longest(), len(plain) - at), 0, -1):
        word = plain[at : at + length]
        if word in vocabulary and _stands_alone(plain, at, at + length):
            role, meant = vocabulary[word]
            return role, meant, at + length
    return None


def _stands_alone(plain: str, start: int, end: int) -> bool:
    """Whether no Latin word is cut: `pe` is none of `open`, nor of `peg`."""
    before = plain[start - 1] if start else ""
    behind = plain[end] if end < len(plain) else ""
    is_cut = _is_latin(plain[end - 1]) and _is_latin(behind) and not _GLUED.match(plain, end)
    return not (is_cut or (_is_latin(plain[start]) and _is_latin(before)))


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


@cache
def _vocabulary() -> dict[str, tuple[str, str]]:
    return {row["word"]: (row["role"], row["meaning"]) for row in rows_of("heading_words")}


@cache
def _longest() -> int:
    return max(map(len, _vocabulary()))
