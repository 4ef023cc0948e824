"""A value written once and computed twice: over a frame, and as an Excel formula.

An expression of terms is at the same time one on narwhals, which runs on any frame that narwhals
knows, and the formula of a cell. Both do the same operations in the same order, so that they agree
to the last digit.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import narwhals as nw

from screener.valuation.limits import TIE_DECIMALS

# How tightly the last operation of a formula binds; what binds less tightly is bracketed.
_COMPARISON, _SUM, _PRODUCT, _POWER, _ATOM = range(5)

Number = int | float


@dataclass(frozen=True, slots=True)
class Term:
    """One value: over a frame, and as an Excel formula over the cells of a row.

    In `cell` a name in braces stands for the cell of that column, `{area[name]}` for all cells of
    it on the sheet, `{inputs[name]}` for a column of Inputs. A cell holds a number, or the text
    `NM` or `n/a`.
    """

    frame: nw.Expr
    cell: str
    binding: int = _ATOM

    def __add__(self, other: Term | Number) -> Term:
        return _joined(self, "+", other, operator.add, _SUM)

    def __sub__(self, other: Term | Number) -> Term:
        return _joined(self, "-", other, operator.sub, _SUM)

    def __rsub__(self, other: Number) -> Term:
        return _joined(other, "-", self, operator.sub, _SUM)

    def __radd__(self, other: Number) -> Term:
        return _joined(other, "+", self, operator.add, _SUM)

    def __mul__(self, other: Term | Number) -> Term:
        return _joined(self, "*", other, operator.mul, _PRODUCT)

    def __truediv__(self, other: Term | Number) -> Term:
        return _joined(self, "/", other, operator.truediv, _PRODUCT)

    def __rtruediv__(self, other: Number) -> Term:
        return _joined(other, "/", self, operator.truediv, _PRODUCT)

    def __pow__(self, other: Term | Number) -> Term:
        return _joined(self, "^", other, operator.pow, _POWER)

    def __gt__(self, other: Term | Number) -> Term:
        return _joined(self, ">", other, operator.gt, _COMPARISON)

    def __lt__(self, other: Term | Number) -> Term:
        return _joined(self, "<", other, operator.lt, _COMPARISON)

    def __le__(self, other: Term | Number) -> Term:
        return _joined(self, "<=", other, operator.le, _COMPARISON)

    def __ge__(self, other: Term | Number) -> Term:
        return _joined(self, ">=", other, operator.ge, _COMPARISON)

    def __and__(self, other: Term) -> Term:
        return Term(self.frame & other.frame, f"AND({self.cell},{other.cell})")


def column(name: str) -> Term:
    """The figure of a row in that column."""
    return Term(nw.col(name), f"{{{name}}}")


def parameter(name: str, value: Number) -> Term:
    """A number that the workbook keeps in the cell of that name."""
    return Term(nw.lit(value), name)


def number(value: Number) -> Term:
    """A number that is the same in every row."""
    return Term(nw.lit(float(value)), str(value))


def is_number(term: Term) -> Term:
    """Whether there is a figure; without it a formula would compare a word."""
    return Term(~term.frame.is_null(), f"ISNUMBER({term.cell})")


def is_positive(term: Term) -> Term:
    """Whether a figure is above zero by more than the noise of floating point; a word is not."""
    return Term(
        term.frame.round(TIE_DECIMALS) > 0, f"ROUND(N({term.cell}),Tie_Decimals)>0", _COMPARISON
    )


def when(condition: Term, value: Term) -> Term:
    """The value where the condition holds; elsewhere it means nothing: null, or NM."""
    return Term(
        nw.when(condition.frame).then(value.frame), f'IF({condition.cell},{value.cell},"NM")'
    )


def either(condition: Term, value: Term, otherwise: Term) -> Term:
    """The one value where the condition holds, the other one elsewhere."""
    return Term(
        nw.when(condition.frame).then(value.frame).otherwise(otherwise.frame),
        f"IF({condition.cell},{value.cell},{otherwise.cell})",
    )


def smallest(*terms: Term) -> Term:
    """The smallest of the figures."""
    cells = ",".join(term.cell for term in terms)
    return Term(nw.min_horizontal(*(term.frame for term in terms)), f"MIN({cells})")


def largest(*terms: Term) -> Term:
    """The largest of the figures."""
    cells = ",".join(term.cell for term in terms)
    return Term(nw.max_horizontal(*(term.frame for term in terms)), f"MAX({cells})")


def finite(names: Iterable[str]) -> dict[str, nw.Expr]:
    """Columns of a frame, null where they hold no finite figure.

    A step of its own, after the one that computes them: asked of the computation itself, engines
    would do that twice.
    """
    return {name: nw.when(nw.col(name).is_finite()).then(nw.col(name)) for name in names}


def _joined(
    left: Term | Number,
    sign: str,
    right: Term | Number,
    operation: Callable[[nw.Expr | Number, nw.Expr | Number], nw.Expr],
    binding: int,
) -> Term:
    frame = operation(_frame(left), _frame(right))
    # Of two operations that bind alike the left one comes first, in Python and in Excel; powers
    # differ, so that theirs are always bracketed.
    first = _bracketed(left, binding + (binding == _POWER))
    return Term(frame, f"{first}{sign}{_bracketed(right, binding + 1)}", binding)


def _frame(operand: Term | Number) -> nw.Expr | Number:
    return operand.frame if isinstance(operand, Term) else operand


def _bracketed(operand: Term | Number, binding: int) -> str:
    if not isinstance(operand, Term):
        return str(operand)
    return operand.cell if operand.binding >= binding else f"({operand.cell})"
