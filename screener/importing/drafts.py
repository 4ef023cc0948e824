"""Valuation tables of a broker's document to watchlists, saying what of them is guessed."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path

from screener.importing.documents.read import read_document
from screener.importing.facts import (
    currency_named,
    eps_currency_around,
    in_cents,
    industries,
    provenance_facts,
)
from screener.importing.rows import MAINLAND
from screener.importing.table import Row, Table
from screener.importing.tables import find_tables, stray_rows, symbol_of, unread_headings
from screener.model.aliases import known_by_name, plain_name
from screener.model.messages import InputError, Sentence, message_of, say
from screener.model.problems import Problem, bad_file
from screener.model.symbols import currency_of
from screener.watchlists.csvfile import CsvLine
from screener.watchlists.folder import CORRECTIONS
from screener.watchlists.read import Watchlist, from_lines

# A spreadsheet program that opens the CSV would compute a name that begins with one of these.
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
    lines: tuple[CsvLine, ...]
    facts: Mapping[str, str | int | date]
    guessed: tuple[Sentence, ...]
    confidence: Sentence
    problems: tuple[Problem, ...]

    @property
    def years(self) -> list[int]:
        endings = {name.rpartition("_")[2] for name in self.header}
        return sorted(int(ending) for ending in endings if ending.isdecimal())

    def csv_text(self) -> str:
        """The watchlist as it is written, UTF-8 with BOM for Excel."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows([line.cells[name] for name in self.header] for line in self.lines)
        # Without the mark Excel reads a CSV in the code page of the system.
        return "\ufeff" + text.getvalue()

    def toml_text(self) -> str:
        """Where the figures come from, and what was guessed."""
        facts = {**self.facts, "guessed": [*self.guessed]}
        lines = [f"# Read from {Path(self.where.rpartition(':')[0]).name}. Figures as printed."]
        lines += [f"{key} = {_toml(value)}" for key, value in facts.items() if value != ""]
        return "\n".join(lines) + "\n"

    def watchlist(self) -> tuple[Watchlist, list[Problem]]:
        """The table as a watchlist; a row that cannot be one is a problem."""
        path = Path(f"{self.name}.csv")
        found, problems = from_lines(path, self.lines, self.toml_text().encode())
        return replace(found, path=Path(self.where.rpartition(":")[0])), problems


@dataclass(frozen=True, slots=True)
class Found:
    """What a document holds: its valuation tables, and what could not be read of it."""

    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]


def find_drafts(path: Path, as_of: date | None = None, sector: str = "") -> Found:
    """The valuation tables of a document as drafts of watchlists, in their order.

    `as_of` is the day of tables that name none; `sector` names the tables. Raises nothing for
    any bytes whatever: what cannot be read is a problem with page or line.
    """
    lines, problems = read_document(path)
    found = find_tables(lines)
    top = [line.text for line in lines[:_TOP] if line.cells]
    for line in unread_headings(lines, found):
        text = line.text[:120]
        message = say("looks like a valuation table and could not be read: {text}", text=text)
        problems.append(Problem("bad_line", line.where, message))
    for line in stray_rows(lines, found):
        text = line.text[:120]
        message = say("looks like a row of a valuation table and stands in none: {text}", text=text)
        problems.append(Problem("bad_line", line.where, message))
    if not found and not problems:
        message = say("holds no table with EPS or P/E over two fiscal years or more")
        problems.append(bad_file(path, message))
    drafts: list[Draft] = []
    for number, table in enumerate(found, start=1):
        draft = _draft(path, number, table, top, as_of, sector)
        if draft.name in {earlier.name for earlier in drafts}:
            draft = replace(draft, name=f"{draft.name}-{number}")
        drafts.append(draft)
    return Found(tuple(drafts), tuple(problems))


def _draft(
    path: Path, number: int, table: Table, top: Sequence[str], as_of: date | None, sector: str
) -> Draft:
    guessed: dict[Sentence, None] = {}
    facts, label = provenance_facts(path, table, top, as_of, guessed)
    header = _header(table)
    lines, problems = _lines(table, header, guessed)
    guessed[say("fiscal years end on 12-31 where no other day is known")] = None
    # Of an unknown industry the file is named after the document, and the table's number in it.
    slug = sector or industries().get(label) or f"{_slug(path.stem)}-{table.number or number}"
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


def _header(table: Table) -> list[str]:
    """The columns of the watchlist, in the order of the bundled ones."""
    kinds = {(heading.kind, heading.year) for heading in table.headings}
    by_year = sorted((kind, year) for kind, year in kinds if kind in ("eps", "pe") and year)
    return [
        *("symbol", "name"),
        *(["market_cap"] if ("market_cap", None) in kinds else []),
        *(f"{kind}_{year}" for kind, year in by_year),
        *(["price", "currency"] if ("price", None) in kinds else []),
        *("eps_currency", "fiscal_year_end"),
    ]


def _lines(
    table: Table, header: Sequence[str], guessed: dict[Sentence, None]
) -> tuple[list[CsvLine], list[Problem]]:
    """The rows as lines of a watchlist, and a problem for each line and column that is not kept."""
    problems = list(_not_kept(table))
    currencies = {
        kind: currency_named(*(head.text for head in table.headings if head.kind == kind))
        for kind in ("eps", "price")
    }
    currencies["eps"] = currencies["eps"] or eps_currency_around(table)
    cents = in_cents(table)
    if cents:
        message = say("EPS is in cents: {line}; none of its rows is kept", line=cents[:120])
        return [], [*problems, Problem("bad_line", table.where, message)]
    lines = []
    said = " ".join((table.caption, *table.before[-2:]))
    is_mixed = MAINLAND.search(said) is not None or any(
        re.search(r"\d{6}", row.code) for row in table.rows
    )
    for row in table.rows:
        try:
            code = symbol_of(row, is_mixed=is_mixed)
            cells = _cells(row, code.symbol, header, currencies)
        except ValueError as error:
            problems.append(Problem("bad_line", row.where, message_of(error), row.code))
            continue
        if row.name[0] in _FORMULA_SIGNS:
            message = say("the name {name!r} begins like a formula", name=row.name)
            problems.append(Problem("bad_line", row.where, message, code.symbol))
            continue
        if code.guessed:
            guessed[code.guessed] = None
        if not currencies["eps"] and not row.cells.get(("currency", None)):
            own = cells["eps_currency"]
            guessed[say("EPS in {currency}: the heading names no currency", currency=own)] = None
        lines.append(CsvLine(row.where, cells))
    return _once(lines, problems), problems


def _once(lines: Sequence[CsvLine], problems: list[Problem]) -> list[CsvLine]:
    """The lines without those of a listing that stands twice with other figures: none is right.

    What stands twice with the same figures stands once.
    """
    of_symbol: dict[str, list[CsvLine]] = {}
    for line in lines:
        of_symbol.setdefault(line.cells["symbol"], []).append(line)
    kept = []
    for symbol, same in of_symbol.items():
        if all(line.cells == same[0].cells for line in same):
            kept.append(same[0])
            continue
        message = say(
            "{symbol} stands {count} times with other figures: none is kept",
            symbol=symbol,
            count=len(same),
        )
        problems += [Problem("bad_line", line.where, message, symbol) for line in same]
    return kept


def _not_kept(table: Table) -> Iterator[Problem]:
    for line in table.unread:
        kind = "skipped_line" if line.is_summary else "bad_line"
        yield Problem(kind, line.where, say("{why}: {text}", why=line.why, text=line.text))
    for heading in table.headings:
        if heading.rival:
            message = say(
                "column {text!r} is not kept: {other!r} says the same, and which is meant nobody"
                " can tell",
                text=heading.text,
                other=heading.rival,
            )
            yield Problem("unused_column", table.where, message)
        elif heading.kind == "other" or (heading.kind in ("eps", "pe") and heading.year is None):
            message = say("column {text!r} is not kept", text=heading.text)
            yield Problem("unused_column", table.where, message)


def _cells(
    row: Row, symbol: str, header: Sequence[str], currencies: Mapping[str, str | None]
) -> dict[str, str]:
    """The row as a line of a watchlist. Raises ValueError for a currency that is none."""
    figures = {
        f"{kind}_{year}" if year else str(kind): text for (kind, year), text in row.cells.items()
    }
    known = known_by_name(row.name)
    printed = row.cells.get(("currency", None), "")
    own = currency_named(printed)
    if printed and own is None:
        fault = say("currency {printed!r} is none known here: CNY, HKD or USD", printed=printed)
        raise InputError(fault)
    # Figures stay as text: a watchlist keeps them as printed, to the last digit.
    cells = {
        **dict.fromkeys(header, ""),
        **figures,
        "symbol": symbol,
        "printed_symbol": symbol,
        "name": plain_name(row.name),
        "eps_currency": currencies["eps"] or own or currency_of(symbol),
        "fiscal_year_end": known[0].fiscal_year_end if known else "",
    }
    if "price" in header:
        cells["currency"] = own or currencies["price"] or currency_of(symbol)
    return cells


def _confidence(
    table: Table, lines: Sequence[CsvLine], guessed: Mapping[Sentence, None]
) -> Sentence:
    """How sure it is that this is the table, read right: its rows, its caption, its guesses."""
    # A table that is read right has hardly a line left over, a name above it, and says itself its
    # day, unit and currency: each column or row that is missed is one guess or line more.
    unread = [line for line in table.unread if not line.is_summary]
    share = len(lines) / max(len(table.rows) + len(unread), 1)
    if not unread and table.caption and share > 0.9 and len(guessed) <= 3:
        return say("high")
    return say("medium") if share > 0.5 else say("low")


def _slug(text: str) -> str:
    """A file's name out of any text: letters, digits and dashes, in one folder."""
    # What a document says must not lead out of the folder, nor take the name of corrections.csv.
    slug = re.sub(r"[^\w-]+", "-", text).strip("-_").lower()[:60] or "table"
    return f"{slug}-table" if f"{slug}.csv" == CORRECTIONS else slug


def _toml(value: str | int | date | Sequence[str]) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(sign if sign.isprintable() else " " for sign in escaped) + '"'
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)
