"""Conditions on the columns of a result, as polars reads SQL, over a closed set of names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from screener.model.codes import AmbiguousError, canonical
from screener.model.messages import NOTHING, Sentence, message_of, say
from screener.model.spellings import plain
from screener.model.symbols import SymbolError
from screener.model.usage import UsageError
from screener.valuation.limits import TIE_DECIMALS

if TYPE_CHECKING:
    import polars as pl


# Polars' SQL can read files, in subqueries and even while it parses them. So a condition may
# hold nothing but these: no function, no quoted name, no comment, no second statement.
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|(?P<text>'[^']*')"
    r"|(?P<word>(?i:is\s+not)\b|[^\W\d]\w*)|(?P<sign>--|<=|>=|<>|!=|[-<>=+*/(),]))"
)

KEYWORDS = frozenset(
    ["and", "or", "not", "is", "is not", "null", "between", "in", "like", "true", "false"]
)

LONGEST = 2000

# What ends a figure, or a sum of figures, on either side.
_BOUNDARIES = KEYWORDS - {"null", "true", "false"} | {"<", "<=", ">", ">=", "=", "<>", "!=", ","}


def parse(
    condition: str,
    columns: Sequence[str],
    texts: Collection[str] = (),
    spelled: Mapping[str, str] = MappingProxyType({}),
) -> pl.Expr:
    """The condition as an expression. Raises UsageError for what is none on these columns.

    It may hold names of `columns`, numbers, texts in single quotes, + - * / and brackets,
    comparisons, AND, OR, NOT, IS NULL, BETWEEN, IN, LIKE. Figures are compared as ties are told,
    so that a P/E of exactly 20 is one; `texts` are the columns that hold none. Names may be in any
    case, or `spelled` otherwise.
    """
    import polars as pl

    pieces = _pieces_of(condition, columns, spelled)
    try:
        pl.sql_expr(" ".join(pieces))  # what cannot be read is complained of as it was written
        expression = pl.sql_expr(" ".join(_rounded(pieces, frozenset(columns) - set(texts))))
    except pl.exceptions.PolarsError as error:
        why = say("polars cannot read it ({words})", words=_first_line(error))
        raise _no_condition(condition, why) from None
    return expression


def passing(
    frame: pl.DataFrame,
    conditions: Iterable[str],
    spelled: Mapping[str, str] = MappingProxyType({}),
) -> tuple[pl.DataFrame, Mapping[str, pl.DataFrame]]:
    """The rows that meet every condition; and those left out that nobody can tell of, by condition.

    A condition on a figure that a row has not is neither met nor missed. Raises UsageError for
    what is no condition on the frame's columns.
    """
    unknown = {}
    for condition in conditions:
        met = _met(frame, condition, spelled)
        unknown[condition] = frame.filter(met.is_null())
        frame = frame.filter(met.fill_null(value=False))
    return frame, unknown


def names(
    condition: str, columns: Sequence[str], spelled: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """The columns that a condition is on."""
    pieces = dict.fromkeys(_pieces_of(condition, columns, spelled))
    return [piece for piece in pieces if piece in columns]


def _met(frame: pl.DataFrame, condition: str, spelled: Mapping[str, str]) -> pl.Series:
    """Whether each row meets it; null where nobody can tell: for want of a figure, or over zero."""
    import polars as pl

    comparable = [
        name for name, dtype in frame.schema.items() if dtype.is_numeric() or dtype == pl.String
    ]
    texts = [name for name in comparable if frame.schema[name] == pl.String]
    expression = parse(condition, comparable, texts, spelled)
    try:
        pieces = list(_pieces(expression, frame.clear().lazy()))
        if any(_takes_a_figure_for_true(*piece) for piece in pieces):
            raise UsageError(
                say(
                    "{condition!r} compares what is true or false with a figure: write"
                    " 10 < pe_fy1 and pe_fy1 < 20",
                    condition=condition,
                )
            )
        computed = [node for node, dtype, _ in pieces if dtype.is_float()]
        is_told = pl.all_horizontal(pl.lit(value=True), *(each.is_finite() for each in computed))
        told = pl.when(is_told.fill_null(value=True)).then(expression)
        met = frame.select(met=told)["met"]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        why = say("its parts do not go together ({words})", words=_first_line(error))
        raise _no_condition(condition, why) from None
    if met.dtype != pl.Boolean or len(met) != len(frame):
        raise _no_condition(condition, say("compare a column, as pe_fy1 < 30"))
    return met


Piece = tuple["pl.Expr", "pl.DataType", list[tuple["pl.Expr", "pl.DataType"]]]


def _pieces(expression: pl.Expr, empty: pl.LazyFrame) -> Iterator[Piece]:
    """An expression and all that it is made of: each with its type, and with what it takes."""
    parts = expression.meta.pop(schema=empty.collect_schema())
    yield expression, _type_of(expression, empty), [(each, _type_of(each, empty)) for each in parts]
    for part in parts:
        yield from _pieces(part, empty)


def _type_of(expression: pl.Expr, empty: pl.LazyFrame) -> pl.DataType:
    return empty.select(piece=expression).collect_schema()["piece"]


def _takes_a_figure_for_true(
    node: pl.Expr, dtype: pl.DataType, parts: Sequence[tuple[pl.Expr, pl.DataType]]
) -> bool:
    """Whether polars makes one of a truth value and a figure: `10 < pe < 20`, `NOT pe`."""
    import polars as pl

    are_figures = {part_type.is_numeric() for _, part_type in parts}
    mixed = are_figures == {True, False} and any(each == pl.Boolean for _, each in parts)
    cast = dtype == pl.Boolean and any(
        part_type.is_numeric() and node.meta.eq(part.cast(pl.Boolean)) for part, part_type in parts
    )
    return mixed or cast


def _rounded(pieces: Sequence[str], figures: Collection[str]) -> Iterator[str]:
    """The pieces with every figure, and every sum of figures, at the precision of ties."""
    run: list[str] = []
    at = 0
    while at <= len(pieces):
        piece = pieces[at] if at < len(pieces) else ","
        inside = _bracketed(pieces[at:]) if piece == "(" else []
        if inside and not _BOUNDARIES.isdisjoint(each.lower() for each in inside):
            # A condition of its own, or a list: it ends what stands before it.
            yield from [*_as_figure(run, figures), "(", *_rounded(inside, figures), ")"]
            run = []
        elif piece.lower() in _BOUNDARIES:
            yield from [*_as_figure(run, figures), *pieces[at : at + 1]]
            run = []
        else:
            run += ["(", *inside, ")"] if inside else [piece]
        at += len(inside) + 2 if inside else 1


def _bracketed(pieces: Sequence[str]) -> list[str]:
    """What stands in the bracket that the pieces begin with; nothing where it is never closed."""
    depth = 0
    for at, piece in enumerate(pieces):
        depth += (piece == "(") - (piece == ")")
        if not depth:
            return list(pieces[1:at])
    return []


def _as_figure(run: Sequence[str], figures: Collection[str]) -> Sequence[str]:
    # A text, NULL or a lone number stays what it is, and so does what polars is to complain of.
    is_computed = any(piece in figures for piece in run)
    is_figure = all(piece in figures or piece[0] in "0123456789.+-*/()" for piece in run)
    return ["ROUND", "(", *run, ",", str(TIE_DECIMALS), ")"] if is_computed and is_figure else run


def _pieces_of(condition: str, columns: Sequence[str], spelled: Mapping[str, str]) -> list[str]:
    """The words and signs of a condition, columns by their own names. Raises UsageError."""
    meant = {**{plain(name): name for name in columns}, **spelled}
    if len(condition) > LONGEST:
        raise UsageError(say("the condition is longer than {most} characters", most=LONGEST))
    found: list[str] = []
    before, at = "", 0
    while at < len(condition.rstrip()):
        match = _TOKEN.match(condition, at)
        if match is None:
            rest = condition[at:].strip()[:20]
            fault = say("what is {sign!r}?", sign=rest)
        else:
            word, at = match["word"], match.end()
            piece = " ".join(word.split()) if word else match.group().strip()
            if word and piece.lower() not in KEYWORDS and piece not in columns:
                piece = meant.get(plain(piece), piece)
            fault = _unknown(piece, columns) or _misplaced(before, piece, columns)
            before = piece
            found.append(piece)
        if fault:
            raise _no_condition(condition, fault)
    return _with_codes(condition, found, columns)


def _with_codes(condition: str, pieces: Iterable[str], columns: Collection[str]) -> list[str]:
    """The pieces with the codes that `symbol` is compared with in the one spelling they have."""
    found: list[str] = []
    about, is_pattern = "", False
    for piece in pieces:
        if piece in columns:
            about, is_pattern = piece, False
        is_pattern = is_pattern or piece.lower() == "like"
        if about == "symbol" and piece.startswith("'") and not is_pattern:
            found.append(f"'{_code(condition, piece[1:-1])}'")
        else:
            found.append(piece)
    return found


def _code(condition: str, text: str) -> str:
    try:
        return canonical(text)
    except AmbiguousError as error:
        raise _no_condition(condition, message_of(error)) from None
    except SymbolError:
        return text  # it is the symbol of no row


def _unknown(piece: str, columns: Sequence[str]) -> Sentence:
    """What is wrong with a word that is neither a column nor one of SQL's."""
    is_word = piece[0].isalpha() or piece[0] == "_"
    if not is_word or piece in columns or piece.lower() in KEYWORDS:
        return NOTHING
    nearest = ", ".join(get_close_matches(piece.lower(), columns, n=3, cutoff=0.4))
    meant = say("; is {nearest} meant?", nearest=nearest) if nearest else NOTHING
    return say(
        "no column {word!r}{guess} (`screener metrics` names the figures)", word=piece, guess=meant
    )


def _misplaced(before: str, piece: str, columns: Sequence[str]) -> Sentence:
    """What is wrong with a piece where it stands, after another one."""
    if piece == "(" and before in columns:
        return say("there are no functions, such as {before}(…)", before=before)
    if piece.lower() == "null" and before.lower() not in ("is", "is not"):
        return say("write IS NULL or IS NOT NULL")
    if piece == "--":  # a comment's beginning
        return say("what is {sign!r}?", sign=piece)
    # Of two figures in a row polars would take the second for another name of the first.
    if _ends(before, columns) and (_is_figure(piece, columns) or piece == "("):
        return say("what is between {before} and {piece}?", before=before, piece=piece)
    return NOTHING


def _is_figure(piece: str, columns: Sequence[str]) -> bool:
    """Whether a piece is a column, a number or a text."""
    return piece in columns or piece[0] in "0123456789.'"


def _ends(piece: str, columns: Sequence[str]) -> bool:
    """Whether a piece ends a figure or a truth value, which an operator must follow."""
    known = (")", "null", "true", "false")
    return bool(piece) and (_is_figure(piece, columns) or piece.lower() in known)


def _no_condition(condition: str, why: str) -> UsageError:
    return UsageError(say("{condition!r} is no condition: {why}", condition=condition, why=why))


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
