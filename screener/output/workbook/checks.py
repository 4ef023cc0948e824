"""The Checks sheet: what must hold, and what holds until an input is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from screener.consensus.sheet_columns import FX_RATE, PRICE_DAY
from screener.model.messages import Sentence, say
from screener.model.problems import SEVERITIES, Severity
from screener.output.workbook.block import Block
from screener.output.workbook.book import HEADER_ROW, Book
from screener.output.workbook.inputs import InputsPlace, fiscal_years
from screener.output.workbook.page import Page
from screener.output.workbook.places import area_of, fixed, serial
from screener.output.workbook.problems import Listed
from screener.valuation.aggregates import NO_STATISTIC
from screener.valuation.periods import STATED

if TYPE_CHECKING:
    from screener.screening.result import Result


# Other sheets name the cell, so that it can move.
LIGHT = "Check_Light"

COUNTS = ("n", "n_nm", "n_missing")

# Excel's own colours for good, neutral and bad.
GOOD = {"bg_color": "#C6EFCE", "font_color": "#006100"}
NEUTRAL = {"bg_color": "#FFEB9C", "font_color": "#9C5700"}
BAD = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}
_LIGHTS: Mapping[str, Mapping[str, str]] = {
    "OK": GOOD, "EDITED": NEUTRAL, "ERRORS": BAD, "CHECK": BAD,
}  # fmt: skip


def coloured(book: Book, page: Page, *area: int) -> None:
    for word, properties in _LIGHTS.items():
        looks = book.workbook.add_format(properties)
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": looks}
        page.sheet.conditional_format(*area, rule)


CheckKind = Literal["integrity", "found", "unchanged"]
# What a line says that does not hold.
_FAULTS: Mapping[CheckKind, str] = {
    "integrity": "CHECK", "found": "ERRORS", "unchanged": "EDITED",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Check:
    """One line of Checks: two formulas that should agree, and the values they have now."""

    what: Sentence
    live: str
    expected: str
    live_value: float | str
    expected_value: float | str
    number: str
    kind: CheckKind


def write_checks(
    book: Book,
    result: Result,
    page: Page,
    blocks: Mapping[str, Block],
    ranking: Block,
    inputs: InputsPlace,
    lists: Sequence[Listed],
) -> None:
    """What must always hold, and what holds until an input is changed; one light over all.

    `lists` are the sheets of problems and findings, whose errors the light counts.
    """
    heads = (say("Check"), say("Live"), say("Expected"), say("Status"))
    page.table_head(HEADER_ROW, dict(enumerate(heads)))
    row = HEADER_ROW + 1
    first = row
    checks = [
        *_integrity(result, blocks, ranking, inputs),
        *_found(book, result, lists),
        *_unchanged(result, blocks, inputs),
    ]
    kind = ""
    for check in checks:
        if check.kind != kind:
            kind = check.kind
            page.text(row, 0, _KINDS[check.kind], book.style("statistic", bold=True), fits=False)
            for column in (1, 2, 3):
                page.number(row, column, None, book.style("statistic"))
            row += 1
        _write_check(book, page, row, check)
        row += 1
    last = row - 1
    statuses = area_of(first, 3, last, 3)
    page.text(row + 1, 0, say("Overall"), book.style("text", bold=True))
    formula = '"OK"'
    for word in reversed([*_FAULTS.values()]):
        formula = f'IF(COUNTIF({statuses},"{word}")>0,"{word}",{formula})'
    page.formula(row + 1, 3, f"={formula}", light(result), book.style("light"))
    book.name(LIGHT, page, (row + 1, 3), (row + 1, 3))
    coloured(book, page, first, 3, row + 1, 3)
    for column in (1, 2, 3):
        page.fit(column, "000,000,000.00")
    page.set_widths(widest=80)
    page.sheet.freeze_panes(HEADER_ROW + 1, 0)
    page.sheet.repeat_rows(HEADER_ROW)


def light(result: Result) -> str:
    """What the light shows as exported."""
    return "ERRORS" if sum(count_of(result, "error")) else "OK"


def count_of(result: Result, severity: Severity) -> tuple[int, int]:
    """How many problems and how many findings are so bad."""
    problems = sum(each.severity == severity for each in result.problems)
    return problems, sum(each.severity == severity for each in result.findings)


def counted(book: Book, listed: Listed, severity: Severity) -> str:
    """The formula that counts what is so bad on a sheet of problems or findings."""
    return f'COUNTIF({listed.severities},"{SEVERITIES[severity].said(book.lang)}")'


_KINDS: Mapping[CheckKind, Sentence] = {
    "integrity": say("Integrity: must always hold"),
    "found": say("Found in the data: ERRORS while there are any"),
    "unchanged": say("As exported: EDITED once an input was changed"),
}


def _write_check(book: Book, page: Page, row: int, check: _Check) -> None:
    page.text(row, 0, check.what, book.style("text"))
    page.formula(row, 1, f"={check.live}", check.live_value, book.style("link", check.number))
    if check.expected:
        style = book.style("link", check.number)
        page.formula(row, 2, f"={check.expected}", check.expected_value, style)
    else:
        page.value(row, 2, check.expected_value, book.style("note", check.number))
    live, expected = fixed(row, 1), fixed(row, 2)
    fault = _FAULTS[check.kind]
    formula = (
        f'=IF(ISERROR({live}),"CHECK",IF(ISNUMBER({live})*ISNUMBER({expected}),'
        f"IF(ABS({live}-{expected})<=Tolerance*MAX(1,ABS({expected})),"
        f'"OK","{fault}"),IF({live}={expected},"OK","{fault}")))'
    )
    holds = check.live_value == check.expected_value
    page.formula(row, 3, formula, "OK" if holds else fault, book.style("light"))


def _found(book: Book, result: Result, lists: Sequence[Listed]) -> Iterator[_Check]:
    """The errors that the sheets of problems and findings hold."""
    for listed, errors in zip(lists, count_of(result, "error"), strict=True):
        what = say("Errors on {sheet}", sheet=listed.name)
        yield _Check(what, counted(book, listed, "error"), "", errors, 0, "integer", "found")


def _integrity(
    result: Result,
    blocks: Mapping[str, Block],
    ranking: Block,
    inputs: InputsPlace,
) -> Iterator[_Check]:
    rows = len(result.table)
    prices = result.table["price"].count()

    def check(
        what: Sentence, live: str, expected: str, value: float, expected_value: float
    ) -> _Check:
        return _Check(what, live, expected, value, expected_value, "integer", "integrity")

    key, price = inputs.columns["key"], inputs.columns["price"]
    shown = "+".join(f"COUNTA({each.outside_area('symbol')})" for each in blocks.values())
    yield check(say("Rows of the sheets = rows of Inputs"),
                shown or "0", f"COUNTA({key})", rows, rows)  # fmt: skip
    yield check(say("Rows of Ranking = rows of Inputs"),
                f"COUNTA({ranking.outside_area('symbol')})", f"COUNTA({key})",
                rows, rows)  # fmt: skip
    if rows:
        # Each of two alike counts a half; an empty one counts nothing.
        once = f'ROUND(SUMPRODUCT(({key}<>"")/COUNTIF({key},{key}&"")),0)'
        yield check(say("Every symbol stands once a sheet"),
                    once, f"ROWS({key})", rows, rows)  # fmt: skip
    yield check(say("Every price that is typed is a positive number"),
                f'COUNTIF({price},">0")', f"COUNTA({price})", prices, prices)  # fmt: skip
    rates = len(inputs.rates)
    yield check(say("Every rate that is typed is a positive number"),
                f'COUNTIF({FX_RATE},">0")', f"COUNTA({FX_RATE})", rates, rates)  # fmt: skip
    for block in blocks.values():
        name, figures = block.page.name, block.figures.get(result.by, {})
        n = figures.get("n", 0)
        counts = "+".join(
            block.page.reference + block.statistic(each, result.by) for each in COUNTS
        )
        symbols = f"COUNTA({block.outside_area('symbol')})"
        yield check(say("{name}: n + NM + missing = rows", name=name),
                    counts, symbols, len(block.rows), len(block.rows))  # fmt: skip
        yield check(say("{name}: the last rank, with who shares it, is n", name=name),
                    _last_rank(block.outside_area("rank")),
                    f"COUNT({block.outside_area(result.by)})", n, n)  # fmt: skip
        errors = area_of(block.first, 0, max(block.statistics.values()), block.shown - 1)
        yield check(say("{name}: no formula in error", name=name),
                    f"SUMPRODUCT(ISERROR({block.page.reference}{errors})*1)", "0",
                    0, 0)  # fmt: skip
    total = result.table["rank_all"].count()
    yield check(say("The last rank of all, with who shares it, is n"),
                _last_rank(ranking.outside_area("rank_all")),
                f"COUNT({ranking.outside_area('once')})", total, total)  # fmt: skip


def _last_rank(ranks: str) -> str:
    """How many names have a rank, by the last of them: equal figures share one (1, 1, 3)."""
    return f"IF(COUNT({ranks})>0,MAX({ranks})+COUNTIF({ranks},MAX({ranks}))-1,0)"


def _unchanged(
    result: Result, blocks: Mapping[str, Block], inputs: InputsPlace
) -> Iterator[_Check]:
    metric = result.metrics[result.by]

    def check(what: Sentence, live: str, value: float | str, number: str) -> _Check:
        return _Check(what, live, "", value, value, number, "unchanged")

    for block in blocks.values():
        median = block.figures.get(result.by, {}).get("median")
        yield check(
            say("{name}: median {metric}", name=block.page.name, metric=metric.title),
            block.page.reference + block.statistic("median", result.by),
            NO_STATISTIC if median is None else median,
            metric.format,
        )
    caps = "+".join(f"SUM({block.outside_area('market_cap')})" for block in blocks.values())
    yield check(say("Total market cap of all rows (亿)"),
                caps or "0", _sum(result, "market_cap"), "amount")  # fmt: skip
    yield check(say("Inputs: sum of the prices"),
                f"SUM({inputs.columns['price']})", _sum(result, "price"), "price")  # fmt: skip
    for year in fiscal_years(result):
        yield check(say("Inputs: sum of EPS FY{year}", year=year),
                    f"SUM({inputs.columns[f'eps_{year}']})", _sum(result, f"{STATED}eps_{year}"),
                    "eps")  # fmt: skip
    yield check(say("Inputs: sum of the rates"),
                f"SUM({FX_RATE})", sum(inputs.rates), "rate")  # fmt: skip
    yield check(say("Inputs: day of the valuation"), PRICE_DAY, serial(result.price_day), "day")


def _sum(result: Result, name: str) -> float:
    return float(result.stated[name].sum())
