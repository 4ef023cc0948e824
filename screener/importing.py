"""Valuation tables of a broker's document to watchlists, saying what of them is guessed."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path

from screener import tables, watchlist
from screener.csvfile import Line
from screener.documents import read
from screener.files import replace_file
from screener.known import KNOWN, plain_name
from screener.model import Problem, UsageError
from screener.symbols import currency_of
from screener.tables import Heading, Row, Table
from screener.watchlist import Watchlist
from screener.wording import InputError, Sentence, message_of, say

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
_FORMULA_SIGNS = "=+-@"
# So many lines at the top of a document may say when it was published.
_TOP = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """A table on its way to a watchlist: its name, its lines as the file will have them, its facts.

    `facts` go into the TOML file; `guessed` says which of all this the table does not say itself.
    """

    name: str
    number: int
    where: str
    caption: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]
    facts: Mapping[str, str | int | date]
    guessed: tuple[Sentence, ...]
    confidence: Sentence
    problems: tuple[Problem, ...]

    @property
    def years(self) -> list[int]:
        names = (each.rpartition("_")[2] for each in self.header)
        return sorted({int(name) for name in names if name.isdigit()})

    def csv_text(self) -> str:
        """The watchlist as it is written, UTF-8 with BOM for Excel."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows([line.cells[name] for name in self.header] for line in self.lines)
        return "\ufeff" + text.getvalue()

    def toml_text(self) -> str:
        """Where the figures come from, and what was guessed."""
        facts = {**self.facts, "guessed": [*self.guessed]}
        lines = [f"# Read from {Path(self.where.rpartition(':')[0]).name}. Figures as printed."]
        lines += [f"{key} = {_toml(value)}" for key, value in facts.items() if value != ""]
        return "\n".join(lines) + "\n"

    def watchlist(self) -> tuple[Watchlist, list[Problem]]:
        """The table as a watchlist; a row that cannot be one is a problem."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{self.name}.csv"
            path.with_suffix(".toml").write_text(self.toml_text(), encoding="utf-8")
            found, problems = watchlist.from_lines(path, self.lines)
        return replace(found, path=Path(self.where.rpartition(":")[0])), problems


@dataclass(frozen=True, slots=True)
class Found:
    """What a document holds: its valuation tables, and what could not be read of it."""

    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]


def find(path: Path, as_of: date | None = None, sector: str = "") -> Found:
    """The valuation tables of a document as drafts of watchlists, in their order.

    `as_of` is the day of tables that name none; `sector` names the tables. Raises nothing for
    any bytes whatever: what cannot be read is a problem with page or line.
    """
    lines, problems = read(path)
    found = tables.find(lines)
    top = [line.text for line in lines[:_TOP] if line.cells]
    for line in tables.unread_headings(lines, found):
        message = say(
            "looks like a valuation table and could not be read: {text}", text=line.text[:120]
        )
        problems.append(Problem("bad_line", line.where, message))
    if not found and not problems:
        message = say("holds no table with EPS or P/E over two fiscal years or more")
        problems.append(Problem("bad_file", str(path), message))
    drafts: list[Draft] = []
    for number, table in enumerate(found, start=1):
        draft = _draft(path, number, table, top, as_of, sector)
        taken = [each.name for each in drafts]
        if draft.name in taken:
            draft = replace(draft, name=f"{draft.name}-{number}")
        drafts.append(draft)
    return Found(tuple(drafts), tuple(problems))


def watchlists(path: Path, today: date) -> tuple[list[Watchlist], list[Problem]]:
    """The tables of a document as watchlists, without writing them anywhere.

    A table that names no day is taken to be of `today`. A file with its provenance beside it is a
    watchlist already.
    """
    if path.suffix.lower() == ".csv" and path.with_suffix(".toml").exists():
        return watchlist.load_files([path], today)
    found = find(path, as_of=today)
    problems = [*found.problems]
    tables_ = []
    for draft in found.drafts:
        table, faults = draft.watchlist()
        tables_.append(table)
        problems += [*draft.problems, *faults]
    return tables_, problems


def write(
    drafts: Sequence[Draft], folder: Path, *, force: bool
) -> tuple[list[Path], list[Problem]]:
    """Write a CSV and a TOML file for each draft, and say which could not be.

    A file that is there is kept unless `force`. A draft without a day is not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written, problems = [], []
    for draft in drafts:
        path = folder / f"{draft.name}.csv"
        if "as_of" not in draft.facts:
            message = say("names no day its figures are of: say --as-of DATE")
            problems.append(Problem("bad_file", draft.where, message))
        elif not draft.lines:
            problems.append(Problem("bad_file", draft.where, say("has no row that can be read")))
        elif not force and (path.exists() or path.with_suffix(".toml").exists()):
            message = say(
                "{path} is there already and is kept: --force overwrites it, -o writes elsewhere",
                path=path,
            )
            problems.append(Problem("bad_file", draft.where, message))
        else:
            replace_file(draft.csv_text().encode(), path)
            replace_file(draft.toml_text().encode(), path.with_suffix(".toml"))
            written.append(path)
    return written, problems


def chosen(drafts: Sequence[Draft], number: int | None) -> list[Draft]:
    """The draft of that number, as `--list` counts or as the document does; all without one.

    Raises UsageError where there is none.
    """
    if number is None:
        return list(drafts)
    fits = [each for each in drafts if each.facts.get("table") == number] or [
        each for each in drafts if each.number == number
    ]
    if not fits:
        numbers = ", ".join(str(each.facts.get("table", each.number)) for each in drafts)
        raise UsageError(
            say(
                "there is no valuation table {number}; there are {numbers}",
                number=number,
                numbers=numbers or say("none"),
            )
        )
    return fits[:1]


def _draft(
    path: Path, number: int, table: Table, top: Sequence[str], as_of: date | None, sector: str
) -> Draft:
    guessed: dict[Sentence, None] = {}
    facts, label = _facts(path, table, top, as_of, guessed)
    header = _header(table)
    lines, problems = _lines(table, header, guessed)
    guessed[say("fiscal years end on 12-31 where no other day is known")] = None
    slug = sector or INDUSTRIES.get(label, "") or f"{_slug(path.stem)}-{table.number or number}"
    if sector:
        facts |= {"label_zh": sector, "label_en": sector}
    return Draft(
        name=_slug(slug),
        number=number,
        where=table.where,
        caption=table.caption,
        header=tuple(header),
        lines=tuple(lines),
        facts=facts,
        guessed=tuple(guessed),
        confidence=_confidence(table, lines, guessed),
        problems=tuple(problems),
    )


def _facts(
    path: Path,
    table: Table,
    top: Sequence[str],
    as_of: date | None,
    guessed: dict[Sentence, None],
) -> tuple[dict[str, str | int | date], str]:
    """What the TOML file will say, and the industry's name."""
    label = _label(table)
    published = _first_day(top)
    said = _first_day([table.caption, *(each.text for each in table.headings), *table.after])
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
    if not is_said and any(each.kind == "market_cap" for each in table.headings):
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
    text = next((each.text for each in table.headings if each.kind == "market_cap"), "")
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


def _header(table: Table) -> list[str]:
    """The columns of the watchlist, in the order of the bundled ones."""
    kinds = {(each.kind, each.year) for each in table.headings}
    header = ["symbol", "name"]
    header += ["market_cap"] if ("market_cap", None) in kinds else []
    header += [f"{kind}_{year}" for kind in ("eps", "pe") for year in _years(table, kind)]
    header += ["price", "currency"] if ("price", None) in kinds else []
    return [*header, "eps_currency", "fiscal_year_end"]


def _years(table: Table, kind: str) -> list[int]:
    return sorted(each.year for each in table.headings if each.kind == kind and each.year)


def _lines(
    table: Table, header: Sequence[str], guessed: dict[Sentence, None]
) -> tuple[list[Line], list[Problem]]:
    """The rows as lines of a watchlist, and a problem for each line and column that is not kept."""
    problems = [
        Problem(
            "skipped_line" if each.is_summary else "bad_line",
            each.where,
            say("{why}: {text}", why=each.why, text=each.text),
        )
        for each in table.unread
    ]
    for heading in table.headings:
        if heading.kind == "other" or (heading.kind in ("eps", "pe") and heading.year is None):
            message = say("column {text!r} is not kept", text=heading.text)
            problems.append(Problem("unused_column", table.where, message))
    currency, price_currency = (_currency(table.headings, kind) for kind in ("eps", "price"))
    lines = []
    for row in table.rows:
        try:
            symbol, guess = tables.symbol_of(row)
            cells = _cells(row, symbol, header, currency, price_currency)
        except ValueError as error:
            problems.append(Problem("bad_line", row.where, message_of(error), row.code))
            continue
        if row.name[0] in _FORMULA_SIGNS:
            # A spreadsheet program that opens the CSV would compute it.
            message = say("the name {name!r} begins like a formula", name=row.name)
            problems.append(Problem("bad_line", row.where, message, symbol))
            continue
        if guess:
            guessed[guess] = None
        if not currency and not row.cells.get(("currency", None)):
            own = cells["eps_currency"]
            guessed[say("EPS in {currency}: the heading names no currency", currency=own)] = None
        lines.append(Line(row.where, cells))
    return lines, problems


def _cells(
    row: Row,
    symbol: str,
    header: Sequence[str],
    eps_currency: str | None,
    price_currency: str | None,
) -> dict[str, str]:
    """The row as a line of a watchlist. Raises ValueError for a currency that is none."""
    figures: dict[str, str] = {
        f"{kind}_{year}" if year else str(kind): text for (kind, year), text in row.cells.items()
    }
    name = plain_name(row.name)
    known = next((each for each in KNOWN.values() if plain_name(each.name) == name), None)
    printed = row.cells.get(("currency", None), "")
    own = currency_named(printed)
    if printed and own is None:
        raise InputError(
            say("currency {printed!r} is none known here: CNY, HKD or USD", printed=printed)
        )
    cells = {
        **dict.fromkeys(header, ""),
        **figures,
        "symbol": symbol,
        "printed_symbol": symbol,
        "name": name,
        "eps_currency": eps_currency or own or currency_of(symbol),
        "fiscal_year_end": known.fiscal_year_end if known else "",
    }
    if "price" in header:
        cells["currency"] = own or price_currency or currency_of(symbol)
    return cells


def _currency(headings: Sequence[Heading], kind: str) -> str | None:
    """The currency that the headings of a kind name."""
    return currency_named(" ".join(each.text for each in headings if each.kind == kind))


def currency_named(text: str) -> str | None:
    """The currency that a text names, in words or signs: `港元`, `US$`, `RMB`."""
    return next(
        (currency for pattern, currency in _CURRENCIES if re.search(pattern, text, re.I)), None
    )


def _confidence(table: Table, lines: Sequence[Line], guessed: Mapping[Sentence, None]) -> Sentence:
    """How sure it is that this is the table, read right: its rows, its caption, its guesses."""
    unread = [each for each in table.unread if not each.is_summary]
    share = len(lines) / max(len(table.rows) + len(unread), 1)
    if not unread and table.caption and share > 0.9 and len(guessed) <= 3:
        return say("high")
    return say("medium") if share > 0.5 else say("low")


def _slug(text: str) -> str:
    """A file's name out of any text: letters, digits and dashes, in one folder."""
    slug = re.sub(r"[^\w-]+", "-", text).strip("-_").lower()[:60] or "table"
    return f"{slug}-table" if f"{slug}.csv" == watchlist.CORRECTIONS else slug


def _toml(value: str | int | date | Sequence[str]) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(each if each.isprintable() else " " for each in escaped) + '"'
    if isinstance(value, Sequence):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return str(value)
