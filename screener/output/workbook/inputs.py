"""The Inputs sheet: the only place with typed numbers; every other sheet looks them up here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screener.consensus.fiscal_calendar import OLD_AFTER_DAYS
from screener.consensus.sheet_columns import (
    FISCAL_YEARS,
    PRICE_DAY,
    TABLE,
    sheet_columns,
)
from screener.model.columns import code_word
from screener.model.messages import Sentence, say
from screener.model.symbols import exchange_of
from screener.output.workbook.book import Book
from screener.output.workbook.exact import Cell
from screener.output.workbook.page import Page
from screener.output.workbook.places import fixed
from screener.output.workbook.rates import Rate, pairs_of, write_rates
from screener.output.workbook.styles import Role
from screener.valuation.composite import PART, weights
from screener.valuation.limits import TIE_DECIMALS, TIE_PRECISION
from screener.valuation.periods import STATED

if TYPE_CHECKING:
    from screener.screening.result import Result


_TOP = 3

# Of more rows than that notes double the time that LibreOffice takes to open them; Sources has all.
MOST_NOTED = 100

# What a row is found by, and in which order it stands.
_FOUND_BY = ("key", "sector", "row")


@dataclass(frozen=True, slots=True)
class InputsPlace:
    """The columns of Inputs, as formulas of other sheets refer to them, and what it will hold.

    `places` says where in the table each row of the result stands, the first at 1.
    """

    columns: Mapping[str, str]
    pairs: Mapping[str, Rate]
    stated: Sequence[Mapping[str, Any]]
    places: Mapping[int, int]
    page: Page
    header: int

    @property
    def rates(self) -> list[float]:
        """The rates that are known, in the order they stand in."""
        return [rate for rate, _, _ in self.pairs.values() if rate is not None]

    def row(self, place: int) -> str:
        """Where the row of that place in the table stands, the first being 1."""
        return self.page.reference + fixed(self.header + place, 0)


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A named cell: its value, and what it is for."""

    name: str
    value: Any
    number: str
    meaning: Sentence


def inputs_place(book: Book, result: Result, page: Page) -> InputsPlace:
    """How the columns and rows of the table are referred to."""
    named = {column.name: column.label(book.lang) for column in sheet_columns(fiscal_years(result))}
    columns = {name: f"{TABLE}[{label}]" for name, label in named.items()}
    stated = result.stated.to_dicts()
    pairs = pairs_of(stated)
    header = _TOP + 2 + max(len(_parameters(result)), len(pairs) + 1)
    places = {row["row"]: place for place, row in enumerate(stated, start=1)}
    return InputsPlace(columns, pairs, stated, places, page, header)


def fiscal_years(result: Result) -> list[int]:
    """The years that any watchlist has EPS of."""
    return [
        column.year for column in result.columns.values() if column.family == "eps" and column.year
    ]


def write_inputs(
    book: Book, result: Result, place: InputsPlace, sheets: Mapping[str, Page]
) -> None:
    """Parameters and exchange rates above, the table of listings below."""
    page = place.page
    _write_parameters(book, page, _parameters(result))
    write_rates(book, page, _TOP, place.pairs)
    _write_table(book, result, place, sheets)
    page.set_widths(widest=28, least=9)


def _parameters(result: Result) -> tuple[_Parameter, ...]:
    return (
        _Parameter(PRICE_DAY, result.price_day, "day", say("decides FY1")),
        _Parameter(
            "FY1_Rule",
            result.fy1_rule,
            "text",
            say("when FY1 turns: calendar, or reported: once results are known"),
        ),
        _Parameter(
            "NM_Above",
            result.nm_above,
            "multiple",
            say("P/Es above it are NM; empty: none are"),
        ),
        _Parameter(
            "Consensus_Old_Days",
            OLD_AFTER_DAYS,
            "integer",
            say("a consensus older than this is old"),
        ),
        _Parameter("Days_Per_Year", 365, "integer", say("days that NTM weighs by")),
        _Parameter("Months_Per_Year", 12, "integer", say("months of a CY weight")),
        _Parameter("Percent", 100, "integer", say("PEG has growth in percent")),
        _Parameter(
            "Tie_Decimals", TIE_DECIMALS, "integer", say("figures equal to so many decimals tie")
        ),
        _Parameter(
            "Tie_Precision",
            TIE_PRECISION,
            "general",
            say("what is this little above a limit is at it"),
        ),
        *(
            _Parameter(
                f"Weight_{place}",
                weight,
                "percent",
                say("weight of {part}", part=name.removeprefix(PART)),
            )
            for place, (name, weight) in enumerate(weights(result.metrics).items(), start=1)
        ),
        _Parameter("Tolerance", 1e-9, "general", say("what Checks let pass")),
    )


def _write_parameters(book: Book, page: Page, parameters: Sequence[_Parameter]) -> None:
    page.text(_TOP, 0, say("Parameters"), book.style("text", bold=True))
    for row, each in enumerate(parameters, start=_TOP + 1):
        page.text(row, 0, each.name, book.style("text"))
        style = book.style("input", each.number, bg_color="#FFF9E5")
        page.value(row, 1, each.value, style)
        page.text(row, 2, each.meaning, book.style("note"), fits=False)
        book.name(each.name, page, (row, 1), (row, 1))


def _write_table(
    book: Book, result: Result, place: InputsPlace, sheets: Mapping[str, Page]
) -> None:
    page, header, rows = place.page, place.header, place.stated
    years = fiscal_years(result)
    table = sheet_columns(years)
    last = header + max(len(rows), 1)
    head = book.style("head")
    page.sheet.add_table(
        header,
        0,
        last,
        len(table) - 1,
        {
            "name": TABLE,
            "style": "Table Style Light 1",
            "columns": [{"header": each.label(book.lang), "header_format": head} for each in table],
        },
    )
    page.sheet.set_row(header, 32)
    for column, each in enumerate(table):
        page.fit(column, each.label(book.lang) + "  ")
    _write_years(book, page, years, header - 1, [each.name for each in table])
    roles: list[Role] = ["note" if each.name in _FOUND_BY else "input" for each in table]
    styles = [book.style(role, each.format) for role, each in zip(roles, table, strict=True)]
    typed = [_typed(row, sheets[row["sector"]]) for row in rows]
    cells = [Cell(*each) for each in enumerate(styles)]
    page.rows(header + 1, cells, [[of[each.name] for each in table] for of in typed])
    if len(rows) <= MOST_NOTED:
        for number, row in enumerate(rows, start=header + 1):
            _notes(page, number, row, [each.name for each in table], result, book.lang)
    _validate(page, [each.name for each in table], header + 1, last)
    page.sheet.freeze_panes(header + 1, 4)
    page.sheet.repeat_rows(header)


def _write_years(
    book: Book, page: Page, years: Sequence[int], row: int, names: Sequence[str]
) -> None:
    """The fiscal years as numbers over their columns, for formulas to find a year by."""
    first = names.index(f"eps_{years[0]}") if years else names.index("eps_rounding")
    for offset, year in enumerate(years):
        page.number(row, first + offset, year, book.style("note", "integer"))
    book.name(FISCAL_YEARS, page, (row, first), (row, first + max(len(years), 1) - 1))


def _typed(row: Mapping[str, Any], sheet: Page) -> dict[str, Any]:
    """What is typed into the row of a listing: EPS per share of its own day, other figures too."""
    stated = {
        name.removeprefix(STATED): value for name, value in row.items() if name.startswith(STATED)
    }
    same = (
        "symbol", "name", "name_en", "price", "eps_currency", "consensus_day", "split_factor",
        "split_since_report", "actual_year", "market_cap_currency", "report_price_currency",
        "year_end_month", "year_end_day", "row", "eps_ttm", "eps_ttm_currency", "book_value",
        "dividend", "accounts_currency", "pe_ttm_standing",
    )  # fmt: skip
    return {
        **{name: row[name] for name in same},
        **stated,
        "key": f"{sheet.name}/{row['symbol']}",
        "sector": sheet.name,
        "price_currency": row["traded_currency"],
        "market_cap_printed": row["stated_market_cap"],
        "eps_rounding": row["stated_rounding"],
    }


def _notes(
    page: Page,
    number: int,
    row: Mapping[str, Any],
    names: Sequence[str],
    result: Result,
    lang: str,
) -> None:
    """Beside each figure, as a note on its cell, who says so and of when."""
    source = result.text(row, "consensus_source", lang)
    notes = {name: f"{source} {row['consensus_day']}" for name in names if name.startswith("eps_2")}
    if row["price"] is not None:
        when = row["price_time"].astimezone(exchange_of(row["symbol"]).zone)
        said = result.text(row, "price_source", lang)
        notes["price"] = f"{said} {when:%Y-%m-%d %H:%M} {code_word(row['price_obtained'], lang)}"
    if row["accounts_source"] is not None:
        of_accounts = f"{row['accounts_source']} {row['accounts_day']}"
        notes |= dict.fromkeys(("eps_ttm", "book_value", "dividend"), of_accounts)
    for name, text in notes.items():
        if row.get(name, row.get(STATED + name)) is not None:
            page.note(number, names.index(name), text)


def _validate(page: Page, names: Sequence[str], first: int, last: int) -> None:
    """Ask before something is typed that is no price."""
    shares = ("split_factor", "split_since_report")
    for name in ("price", *shares, "market_cap_printed", "report_price"):
        column = names.index(name)
        page.sheet.data_validation(
            first,
            column,
            last,
            column,
            {
                "validate": "decimal",
                "criteria": ">",
                "value": 0,
                "error_type": "warning",
                "error_title": "screener",
                "error_message": "> 0, 或留空 / or empty",
            },
        )
