"""A value written once and computed twice: over a frame, and as an Excel formula."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw


@dataclass(frozen=True, slots=True)
class Term:
    """One value, written twice: over a frame, and as an Excel formula over the cells of a row.

    In `cell` a name in braces stands for the cell of that column; `NM_Above`, `Days_Per_Year` and
    `Percent` are named cells. A cell holds a number, or the text `NM` or `n/a`.
    """

    frame: nw.Expr
    cell: str
