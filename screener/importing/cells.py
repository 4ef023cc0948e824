"""What one cell of a document is: a code, a figure, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from screener.importing.documents.line import Line, clean, words
from screener.importing.table import Heading

# P/E is printed as 12.3, 12.3x or 12.3倍; a loss as -0.54 or, by accountants, as (0.54).
# A comma parts thousands; `6,48` may be a decimal one, and is no figure. A sign of money may stand
# before one, A or E for actual and estimate behind.
_NUMBER = re.compile(
    r"([-+−–‐]?)(?:hk\$|us\$|rmb|cny|hkd|usd|[¥￥])? ?"
    r"(\d{1,3}(?:,\d{3})+|\d+)?(\.\d+)?\s?(?:x|倍|[ae])?",
    re.I,
)
_BRACKETS = re.compile(r"\(([^()]*)\)\s?(?:x|倍)?", re.I)
# Marks of footnotes behind a figure.
_MARKS = "*†‡#"
_NOTHING = (
    "", "-", "—", "–", "--", "——", "---", "...", "…", "N/A", "NA", "N.A.", "N.A", "#N/A",
    "#N/A N/A", "NM", "N.M.", "N.M", "NMF", "NULL", "NONE", "/", "亏损", "不适用", "无", "不详",
    "NEG", "NEG.", "LOSS", "N/M", "扭亏", "负值", "停牌", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?",
)  # fmt: skip
NOT_PRINTED = frozenset(_NOTHING)
# A bound, as `>100`, is no figure.
_BOUND = re.compile(r"[<>＜＞≥≤]\s?\d[\d,.]*\s?(?:x|倍)?", re.I)
# A code as Wind, Bloomberg, Reuters or a mainland program writes it; five or six digits alone may
# be one, but not those of a figure, which go on with a point or a comma.
# Codes of elsewhere are codes, too: cut down to their digits they would be ones of here.
_ABROAD = "KS|KQ|KR|KP|TT|TW|TWO|JP|JT|JPN|US|UN|UW|UQ|LN|GR|GY|FP|SP|AU|AT|TB|IJ|IN|IB|MK|SW|NA|VN"
_CODE = re.compile(
    r"(?<![A-Z0-9])(?:(?:SHSE|SZSE|BJSE|SSE|XSHG|XSHE|SEHK|XHKG|HKEX|SH|SZ|BJ|HK)[.: ]?\d{1,6}"
    r"|\d{4,6}[.:-][A-Z]{1,4}|\d{1,6}[.:-]HK|\d{1,5} HK|\d{6} C[HN]|\d{4,6} C[12]"
    rf"|\d{{3,6}}[ .:-](?:{_ABROAD})|(?:KRX|TSE|TYO|TPE|NASDAQ|NYSE)[: ]\w{{1,6}}"
    r"|[A-Z]{1,5}\.(?:O|N|OQ|US)|[A-Z]{1,5} US|\d{6}|\d{5})(?: EQUITY)?(?![A-Z0-9]|[.,]\d)",
    re.I,
)
_RULE = re.compile(r"[-=_:|+\s─━—]*")


# Each cell of a large table is looked at some times within a few lines.
@lru_cache(4096)
def number_text(text: str) -> str | None:
    """A printed figure as digits with a sign: `(0.54)` is -0.54; empty where none is printed.

    None for what is no figure.
    """
    plain = text.strip().rstrip(_MARKS).strip()
    if plain.upper() in NOT_PRINTED or _BOUND.fullmatch(plain):
        return ""
    bracketed = _BRACKETS.fullmatch(plain)
    match = _NUMBER.fullmatch(bracketed[1] if bracketed else plain)
    if match is None or not (match[2] or match[3]):
        return None
    # `25E` is a year.
    if plain[-1] in "aeAE" and not match[3]:
        return None
    sign = "-" if bracketed or match[1] in ("-", "−", "–", "‐") else ""
    return f"{sign}{(match[2] or '0').replace(',', '')}{match[3] or ''}"


def split_code(text: str, *, in_hong_kong: bool) -> tuple[str, str]:
    """The code in a cell, and what else stands there; a short number is one in Hong Kong only."""
    # Many tables print both in one cell: `腾讯控股（0700.HK）`.
    match = _CODE.search(text)
    if match:
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        return match[0], clean(re.sub(r"[(（]\s*[)）]", " ", rest))
    if in_hong_kong and re.fullmatch(r"\d{3,5}", text):
        return text, ""
    return "", text


def count_codes(text: str) -> int:
    """How many different codes a cell holds."""
    return len({code.upper() for code in _CODE.findall(text)})


def is_blank(line: Line) -> bool:
    return not line.cells or bool(_RULE.fullmatch(line.text))


def has_code(line: Line) -> bool:
    # Code and name come first, with at most a rank and an industry before; further to the right
    # market caps of five and six digits look like codes.
    return any(_CODE.search(cell.text) for cell in line.cells[:4])


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def is_figure(text: str) -> bool:
    return number_text(text) is not None


def is_numeric(line: Line, headings: Sequence[Heading]) -> bool:
    """Whether most of what a line holds are figures, as many as the table has at least half of."""
    cells = list(line.cells) if len(line.cells) > 1 or line.is_grid else words(line)
    # Half: cells that are not printed leave a row with fewer, but a sentence with two figures none.
    figures = sum(1 for cell in cells if is_figure(cell.text) and not is_code(cell.text))
    valued = sum(1 for heading in headings if heading.kind in ("eps", "pe"))
    return figures >= max(2, valued / 2) and 2 * figures >= len(cells)
