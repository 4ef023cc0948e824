"""Tables as dataclasses describe them: SQL from their fields, and records to rows and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, fields
from datetime import UTC, date, datetime
from functools import cache
from operator import index
from sqlite3 import Row
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_type_hints

from screener.model.extents import held
from screener.model.messages import Sentence, from_plain, to_plain

Record = TypeVar("Record")
# A statement, and the values by name of each time it is carried out.
Batch = tuple[str, list[dict[str, Any]]]


class Kind(NamedTuple):
    """How the values of a type are kept, and read back: ValueError or TypeError if they cannot."""

    sql: str
    keep: Callable[[Any], Any]
    read: Callable[[Any], Any]


class Column(NamedTuple):
    """A field of a record, and the column that holds it."""

    field: str
    name: str
    kind: Kind
    may_lack: bool

    @property
    def sql(self) -> str:
        return f"{self.name} {self.kind.sql}{'' if self.may_lack else ' NOT NULL'}"

    def keep(self, value: Any) -> Any:
        return None if value is None and self.may_lack else self.kind.keep(value)

    def read(self, value: Any) -> Any:
        return None if value is None and self.may_lack else self.kind.read(value)


@dataclass(frozen=True, slots=True)
class Table(Generic[Record]):
    """The table of a type of records: of those with the same `unique` columns it holds one.

    Where records are told apart by a number instead, `number` is its column, and SQLite gives it.
    """

    name: str
    record: type[Record]
    unique: tuple[str, ...] = ()
    number: str = ""

    @property
    def create(self) -> str:
        number = f"{self.number} INTEGER PRIMARY KEY AUTOINCREMENT"
        parts = [
            number if column.name == self.number else column.sql for column in columns(self.record)
        ]
        if self.unique:
            parts.append(f"UNIQUE ({', '.join(self.unique)})")
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(parts)})"

    def insert(self, records: Iterable[Record], conflict: str = "OR IGNORE") -> Batch:
        """What keeps these records; `conflict` says what of one that is there already."""
        names = [column.name for column in columns(self.record) if column.name != self.number]
        into = f"{self.name} ({', '.join(names)}) VALUES (:{', :'.join(names)})"
        return f"INSERT {conflict} INTO {into}", [values(record) for record in records]


def select(record: type, rest: str, *more: str) -> str:
    """The query for records of a type: their columns, and more that the rest of it is about."""
    names = (column.name for column in columns(record))
    return f"SELECT {', '.join((*names, *more))} {rest}"


def values(record: Any) -> dict[str, Any]:
    """A record as SQLite keeps it, by column."""
    return {
        column.name: column.keep(getattr(record, column.field)) for column in columns(type(record))
    }


def reader(record: type[Record]) -> Callable[[Row], Record]:
    """Makes a row the record of a type; raises ValueError or TypeError where it is none."""
    found = columns(record)
    return lambda row: held(
        record(**{column.field: column.read(row[column.name]) for column in found})
    )


# Hints are texts here (`from __future__ import annotations`), and slow to evaluate: once a type.
def _columns(record: type[Any]) -> tuple[Column, ...]:
    """The columns of a record, in the order of its fields."""
    types = get_type_hints(record)
    return tuple(_column(field, types[field.name]) for field in fields(record))


columns: Callable[[Any], tuple[Column, ...]] = cache(_columns)


def _column(field: Field[Any], annotated: Any) -> Column:
    kinds = get_args(annotated) or (annotated,)  # `float | None` is two
    name = field.metadata.get("column", field.name)
    return Column(field.name, name, KINDS[kinds[0]], type(None) in kinds)


def _text(moment: datetime) -> str:
    # All in UTC: then texts are in the order of their times, and max() finds the last one.
    return moment.astimezone(UTC).isoformat()


def _moment(kept: str) -> datetime:
    found = datetime.fromisoformat(kept)
    if found.tzinfo is None or not _is_of_calendars(found):
        raise ValueError("a time beyond all calendars")
    return found


def _day(kept: str) -> date:
    found = date.fromisoformat(kept)
    if not _is_of_calendars(found):
        raise ValueError("a day beyond all calendars")
    return found


def _is_of_calendars(day: date) -> bool:
    # At the ends of Python's own calendar a day before, or another zone, is an overflow.
    return 1970 <= day.year < 2100


def _noted(note: Sentence) -> str:
    """A note as JSON, so that it can be said in either language."""
    return json.dumps(to_plain(note), ensure_ascii=False) if note else ""


def _note(kept: str) -> Sentence:
    # Stores of before 2026-11-25 hold notes as they are read.
    return from_plain(json.loads(kept) if kept.startswith("[") else kept)


def _as_it_is(value: Any) -> Any:
    return value


def _only(wanted: type) -> Callable[[Any], Any]:
    # SQLite keeps any value in any column, whatever its type says.
    def read(value: Any) -> Any:
        if not isinstance(value, wanted):
            raise TypeError(f"{value!r} is no {wanted.__name__}")
        return value

    return read


# What a broken file can hold has to fail here, where it costs a row, not later in a run: `index`
# takes no float for an int, `float` no text that is no number.
KINDS: Mapping[type, Kind] = {
    date: Kind("TEXT", date.isoformat, _day),
    datetime: Kind("TEXT", _text, _moment),
    float: Kind("REAL", _as_it_is, float),
    int: Kind("INTEGER", _as_it_is, index),
    bool: Kind("INTEGER", int, bool),
    str: Kind("TEXT", _as_it_is, _only(str)),
    bytes: Kind("BLOB", _as_it_is, _only(bytes)),
    Sentence: Kind("TEXT", _noted, _note),
}
