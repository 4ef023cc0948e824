"""The formulas of a ranked sheet: each column's term, filled with the cells of one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from screener.consensus.sheet_columns import FISCAL_YEARS, FX_PAIR, FX_RATE
from screener.model.columns import code_word
from screener.output.shown import RANK_RANGE
from screener.output.workbook.block import Block, parts_of, rounded_column
from screener.output.workbook.exact import ROW
from screener.output.workbook.places import in_row
from screener.valuation.composite import COUNTED, beaten_formula
from screener.valuation.periods import derived
from screener.valuation.ranking import (
    POSSIBLE,
    STATUSES,
    SURE,
    possible_formula,
    rank_best_formula,
    rank_term,
    rank_worst_formula,
    status,
    sure_formula,
)

if TYPE_CHECKING:
    from screener.screening.result import Result


def _rate_to(column: str) -> str:
    """What one of the price's currency costs in that of a column of Inputs; 1 in its own."""
    traded, wanted = (f"INDEX({{inputs[{name}]}},{{at}})" for name in ("price_currency", column))
    found = f'SUMIF({FX_PAIR},{traded}&"/"&{wanted},{FX_RATE})'
    return f'IF(ISNUMBER({{price}}),IF({traded}={wanted},1,IF({found}>0,{found},"n/a")),"n/a")'


def _number(column: str) -> str:
    """What stands in a column of Inputs, if it is a number."""
    typed = f"INDEX({{inputs[{column}]}},{{at}})"
    return f'IF(ISNUMBER({typed}),{typed},"n/a")'


def _positive(column: str) -> str:
    """What stands in a column of Inputs, if it is a number above zero."""
    typed = f"INDEX({{inputs[{column}]}},{{at}})"
    return f'IF(N({typed})>0,{typed},"n/a")'


# What a row takes from Inputs as it stands there: `{inputs[x]}` is a column of it, `{at}` the row.
LOOKUPS: Mapping[str, str] = {
    "row": "INDEX({inputs[row]},{at})",
    "name": "INDEX({inputs[name]},{at})",
    "price": _positive("price"),
    "price_currency": 'IF(ISNUMBER({price}),INDEX({inputs[price_currency]},{at}),"")',
    "eps_currency": "INDEX({inputs[eps_currency]},{at})",
    "split_factor": _positive("split_factor"),
    "split_since_report": _positive("split_since_report"),
    "fx": _rate_to("eps_currency"),
    "eps_ttm": _number("eps_ttm"),
    "eps_ttm_fx": _rate_to("eps_ttm_currency"),
    "book_value": _number("book_value"),
    "dividend": _number("dividend"),
    "pe_ttm_standing": _number("pe_ttm_standing"),
    "accounts_fx": _rate_to("accounts_currency"),
}
# What only a sheet needs: where the row stands on Inputs, and what its charts draw.
_OF_SHEETS: Mapping[str, str] = {
    "at": 'MATCH($A$1&"/"&{symbol},{inputs[key]},0)',
    "chart_growth": "N({eps_cagr})",
    "chart_multiple": "IF(ISNUMBER({pe_fy1})*ISNUMBER({eps_cagr}),{pe_fy1},NA())",
    "chart_bar": "IF(ISNUMBER({pe_fy1}),{pe_fy1},NA())",
    "chart_median": "IF(ISNUMBER({sector_median}),{sector_median},NA())",
}


@dataclass
class SheetFormulas:
    """The formulas of one sector's sheet.

    `peers` are the sheets that percentiles are taken over, `inputs` the columns of Inputs.
    """

    result: Result
    block: Block
    peers: Sequence[Block]
    inputs: Mapping[str, str]
    lang: str

    def of_row(self, number: int, earlier: Sequence[Mapping[str, str]]) -> dict[str, str]:
        """The formulas of a row by its columns, escaped as XML holds them.

        `earlier` are the cells of the rows of a listing that stands in other tables before.
        """
        return {name: escape(formula) for name, formula in self._of_row(str(number + 1), earlier)}

    @cached_property
    def shared(self) -> dict[str, str]:
        """The formulas of every row that is the only one of its listing: but for its number they
        are the same."""
        return {name: escape(formula) for name, formula in self._of_row(ROW, ())}

    def _of_row(self, row: str, earlier: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
        cells = self.block.cells(row)
        places = {**self._common, **cells, **self._across_sheets(cells)}
        of_first = dict(cells)
        if earlier:
            # One row of a listing counts across all sheets: the others' percentiles are no numbers.
            every = (cells, *earlier)
            of_first = {name: f"MAX({','.join(each[name] for each in every)})" for name in cells}
        places |= {"cells": self._eps_cells(row), "of_first": of_first}
        for name in self.block.columns:
            if name in self.result.metrics:
                metric = self.result.metrics[name]
                yield name, metric.excel(metric.value, places)
            elif name in self._ends:
                yield name, self.result.metrics[self.result.by].excel(self._ends[name], places)
            elif (figure := rounded_column(name)) is not None:
                place = cells[figure]
                rounded = f"IF(ISNUMBER({place}),ROUND({place},Tie_Decimals),{place})"
                if name.startswith(COUNTED) and earlier:
                    counted = ",".join(before[figure] for before in earlier)
                    rounded = f'IF(COUNT({counted})>0,"",{rounded})'
                yield name, rounded
            elif name != "symbol":
                yield name, self._templates[name].format_map(places)

    @cached_property
    def _common(self) -> dict[str, Any]:
        """What is the same for every row."""
        return {
            "inputs": self.inputs,
            "area": self.block.areas,
            "sector_median": self.block.statistic("median", "pe_fy1"),
            "word": {code: code_word(code, self.lang) for code in STATUSES},
        }

    @cached_property
    def _ends(self) -> dict[str, Any]:
        metric = self.result.metrics[self.result.by]
        ends = {"figure_low": metric.low, "figure_high": metric.high}
        return {name: term for name, term in ends.items() if term is not None}

    @cached_property
    def _templates(self) -> dict[str, str]:
        """The formulas of what is no metric."""
        metric = self.result.metrics[self.result.by]
        levels = derived(self.result.gathered.years)
        follows = {name: term.cell for level in levels for name, term in level.items()}
        ranks = {"rank": rank_term(metric).cell, "status": status(metric).cell}
        if metric.low is not None:
            ranks["rank_best"] = rank_best_formula(metric)
            ranks["rank_worst"] = rank_worst_formula(metric)
            ranks[SURE] = sure_formula(metric)
            ranks[POSSIBLE] = possible_formula(metric)
            ranks[RANK_RANGE] = (
                "IF(ISNUMBER({rank_best})*ISNUMBER({rank_worst}),IF({rank_best}<{rank_worst},"
                '{rank_best}&"–"&{rank_worst},""),"")'
            )
        return {**follows, **LOOKUPS, **_OF_SHEETS, **ranks}

    def _across_sheets(self, cells: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """For each part of a composite the names over all sheets, and those that the row beats."""
        if self.peers == [self.block]:
            return {}
        areas = {name: self._areas(COUNTED + name) for name in parts_of(self.result)}
        beaten = {
            name: "+".join(
                beaten_formula(self.result.metrics[name], cells[COUNTED + name], area)
                for area in of_part
            )
            for name, of_part in areas.items()
        }
        counts = {name: _sum_of(of_part) for name, of_part in areas.items()}
        return {"count": counts, "beaten": {name: f"({sum_})" for name, sum_ in beaten.items()}}

    def _areas(self, name: str) -> list[str]:
        return [
            peer.area(name) if peer is self.block else peer.outside_area(name)
            for peer in self.peers
        ]

    def _eps_cells(self, row: str) -> dict[str, str]:
        """The cells of a row that hold EPS by fiscal year, side by side, by family."""
        found = {}
        for family in ("eps", "eps_report"):
            columns = self.block.of_family(family)
            # Without a year the years themselves stand for it: one empty cell.
            found[family] = FISCAL_YEARS
            if columns:
                found[family] = f"{in_row(row, min(columns))}:{in_row(row, max(columns))}"
        return found


def _sum_of(areas: Iterable[str]) -> str:
    return "+".join(f"COUNT({area})" for area in areas)
