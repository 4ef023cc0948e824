"""The sheets of all names: ranked together, and what their estimates have become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from screener.model.messages import say
from screener.output.shown import by_year
from screener.output.workbook.block import ORDER, Block, Row
from screener.output.workbook.book import HEADER_ROW, Book
from screener.output.workbook.exact import OTHER, ROW, Cell, Form
from screener.output.workbook.looks import Look, dress_sheet, heading, look_of, write_heads
from screener.output.workbook.notes import REVISIONS_NOTE
from screener.output.workbook.page import Page
from screener.output.workbook.places import cell, fixed, in_row, letters
from screener.output.workbook.sector import columns_of, values_of
from screener.output.workbook.styles import GREY
from screener.valuation.limits import TIE_DECIMALS
from screener.valuation.ranking import ONCE, once_formula, rank_all_term

if TYPE_CHECKING:
    from screener.screening.result import Result


def write_ranking(book: Book, result: Result, block: Block, sectors: Mapping[str, Block]) -> None:
    """All names in one table: figures are links to the sectors' sheets, the rank is its own."""
    places = {
        row["row"]: (sector, number)
        for sector in sectors.values()
        for number, row in enumerate(sector.rows, start=sector.first)
    }
    write_heads(book, result, block)
    metric = result.metrics[result.by]
    context = {**block.cells(ROW), "area": block.areas}
    own = {"rank_all": rank_all_term(metric).cell, ONCE: once_formula(metric)}
    own = {name: formula.format_map(context) for name, formula in own.items()}
    own[ORDER] = _order(block)
    names = [name for name in block.columns if name not in ("sector", ORDER)]
    looks = {name: look_of(book, result, name, linked=name not in own) for name in names}
    looks["sector"] = Look(book.style("text"), "text")
    looks[ORDER] = Look(book.style("computed", "integer"), "integer")
    only_here: dict[str, list[Any]] = {
        "sector": [places[row["row"]][0].page.name for row in block.rows],
        ORDER: list(_places_in_order(block.rows)),
        ONCE: [_counted_once(row, result.by) for row in block.rows],
    }
    values = columns_of(result, block, only_here, book.lang)
    forms = {
        name: Form(
            Cell(column, looks[each].style, escape(own.get(each) or _link(sector, each)))
            for each, column in block.columns.items()
        )
        for name, sector in sectors.items()
    }
    for number, cells in enumerate(zip(*values.values(), strict=True), start=block.first):
        row = block.rows[number - block.first]
        sector, at = places[row["row"]]
        block.page.row(number, forms[row["sector"]], cells, other=str(at + 1))
        block.page.link(number, block.columns["sector"], f"{sector.page.reference}A1")
        block.page.link(number, block.columns["symbol"], sector.outside("symbol", at))
    for name, column in block.columns.items():
        block.page.fit_column(column, looks[name].widest(values[name]))
    dress_sheet(result, block)
    _grey_again(block, result.by)


def _grey_again(block: Block, by: str) -> None:
    """Grey for a listing that stands above already: it has a figure, and across sectors no rank."""
    figure, rank = (cell(block.first, block.columns[name]) for name in (by, "rank_all"))
    looks = block.page.book.workbook.add_format({"font_color": GREY})
    again = f"=AND(ISNUMBER({figure}),NOT(ISNUMBER({rank})))"
    rule = {"type": "formula", "criteria": again, "format": looks}
    area = (block.first, 0, block.last, block.shown - 1)
    block.page.sheet.conditional_format(*area, rule)


# What floating point makes of two equal figures.
NO_REVISION = 1e-9
REVISED = ("consensus_source", "consensus_day")

_REVISIONS = (
    "symbol",
    "name",
    "eps_report_{year}",
    "eps_{year}",
    "eps_revision_{year}",
    "eps_revision_fy1",
    "price_change",
    "rerating",
)


def write_revisions(book: Book, result: Result, page: Page, sectors: Mapping[str, Block]) -> None:
    """What estimates have become since the tables, and how much of the price that explains.

    A name whose estimates are the table's is left out.

    All figures are links to the sectors' sheets.
    """
    printed = {
        year.fiscal_year
        for watchlist in result.watchlists
        for row in watchlist.listings
        for year in row.years
    }
    links = [
        name
        for name in by_year(_REVISIONS, result)
        if (year := result.columns[name].year) is None or year in printed
    ]
    at = {name: column for column, name in enumerate(("sector", *links, *REVISED))}
    page.table_head(
        HEADER_ROW, {column: heading(book, result, name) for name, column in at.items()}
    )
    looks = {name: look_of(book, result, name, linked=True) for name in links}
    number = HEADER_ROW
    for block in sectors.values():
        for place, row in enumerate(block.rows, start=block.first):
            if not _is_revised(row, links):
                continue
            number += 1
            page.text(number, 0, block.page.name, book.style("text"))
            for name in links:
                (value,) = values_of(result, name, [row], book.lang)
                formula = f"={block.outside(name, place)}"
                page.formula(number, at[name], formula, value, looks[name].style)
                page.fit(at[name], looks[name].shown(value))
            source = result.text(row, "consensus_source", book.lang)
            page.text(number, at["consensus_source"], source, book.style("text", "text"))
            page.day(number, at["consensus_day"], row["consensus_day"], book.style("text", "day"))
    if number == HEADER_ROW:
        none = say("No estimate that is used differs from its table's.")
        page.text(number + 1, 0, none, book.style("note"), fits=False)
        number += 1
    page.text(number + 2, 0, REVISIONS_NOTE, book.style("note"), fits=False)
    page.set_widths(widest=28)
    page.sheet.autofilter(HEADER_ROW, 0, max(number, HEADER_ROW + 1), len(at) - 1)
    page.sheet.freeze_panes(HEADER_ROW + 1, at["name"] + 1)
    page.sheet.repeat_rows(HEADER_ROW)


def _is_revised(row: Row, links: Iterable[str]) -> bool:
    """Whether any EPS that is used is another one than the table's."""
    revisions = (row[name] for name in links if name.startswith("eps_revision_"))
    return any(revision is not None and abs(revision) > NO_REVISION for revision in revisions)


def _link(sector: Block, name: str) -> str:
    """The cell of a column of a sector's sheet; the name of the sector is typed."""
    if name == "sector":
        return ""
    return f"{sector.page.reference}${letters(sector.columns[name])}${OTHER}"


def _order(block: Block) -> str:
    """The rank, and those above that share it: 1, 2, 3 for 1, 1, 3."""
    rank = block.columns["rank_all"]
    own = in_row(ROW, rank)
    above = f"{fixed(block.first, rank)}:{own}"
    return f'IF(ISNUMBER({own}),{own}+COUNTIF({above},{own})-1,"")'


def _places_in_order(rows: Iterable[Row]) -> Iterator[int | str]:
    shared: Counter[int] = Counter()
    for row in rows:
        rank = row["rank_all"]
        yield "" if rank is None else rank + shared[rank]
        shared[rank] += 1


def _counted_once(row: Row, by: str) -> float | str:
    return "" if row["rank_all"] is None else round(float(row[by]), TIE_DECIMALS)
