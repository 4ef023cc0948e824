"""The columns of every frame as one table: a line a column, in `columns.csv`.

A line whose name holds `{period}` stands for one column a period; lines of such names that follow
each other alternate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

from screener.model.columns import Column, Kind
from screener.model.messages import NOTHING, say
from screener.model.shipped import rows_of


@dataclass(frozen=True, slots=True)
class Period:
    """What a figure is of: a fiscal or calendar year, FY1, FY2, the last year."""

    name: str
    title: str
    prefix: str = ""
    year: int | None = None


def fiscal_year(year: int) -> Period:
    """The fiscal year that ends in that year."""
    return Period(str(year), f"FY{year}", "", year)


def calendar_year(year: int) -> Period:
    """That year from January to December."""
    return Period(f"cy_{year}", f"CY{year}", "_cy", year)


FY1, FY2, LAST = (Period(name, name.upper()) for name in ("fy1", "fy2", "last"))


def columns_of(table: str, periods: Sequence[Period] = ()) -> tuple[Column, ...]:
    """The columns of a table, in their order; those of a period for each of these."""
    found: list[Column] = []
    of_table = (line for line in rows_of("columns") if line["table"] == table)
    for is_by_period, lines in groupby(of_table, lambda line: "{period}" in line["name"]):
        family, of_each = list(lines), periods if is_by_period else (None,)
        found += [_column(line, period) for period in of_each for line in family]
    return tuple(found)


def _column(line: Mapping[str, str], period: Period | None = None) -> Column:
    title = {"title": period.title} if period else {}
    label, meaning, unit = line["label"], line["meaning"], line["unit"]
    family = line["name"].partition("_{period}")[0]
    return Column(
        name=line["name"].format(period=period.name) if period else line["name"],
        kind=cast(Kind, line["kind"]),
        title=say(label, **title),
        meaning=say(meaning, **title),
        format=line["format"],
        unit=say(unit) if unit else NOTHING,
        nullable=line["nullable"] == "yes",
        family=f"{family}{period.prefix}" if period and period.year else "",
        year=period.year if period else None,
    )


def texts() -> Iterator[str]:
    """Every text in the tables that come with the program: what a translator is asked for."""
    for line in rows_of("columns"):
        yield from filter(None, (line["label"], line["meaning"], line["unit"]))
    for kinds in ("problem_kinds", "finding_kinds"):
        yield from (line["title"] for line in rows_of(kinds))
