"""Sentences to the user: said in English, kept with their values, and said again in Chinese.

A message is made where something happens, before anybody knows in which language it will be read.
So it is a text, its English, that still knows its template and values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from screener.model.language import translated


class Sentence(str):
    """An English sentence that can be said in Chinese: `template` filled with `values`.

    A value is a number, a text, or a message of its own.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any] | None = None) -> Sentence:
        values = values or {}
        message = super().__new__(cls, template.format(**values))
        message.template, message.values = template, values
        return message

    def __getnewargs__(self) -> tuple[str, Mapping[str, Any]]:  # type: ignore[override]
        return self.template, self.values  # a copy is made of these, not of the text

    def said(self, lang: str) -> str:
        """The sentence in a language; in English where it has no Chinese."""
        if lang == "en":
            return str(self)
        values = {name: said(value, lang) for name, value in self.values.items()}
        return translated(self.template, lang).format(**values)


class InputError(ValueError):
    """What was given cannot be used; the message says why, and what would be right."""

    def __init__(self, message: Sentence) -> None:
        super().__init__(message)
        self.message = message


def say(template: str, /, **values: Any) -> Sentence:
    """The message of a template and the values of its fields; days and errors become texts."""
    return Sentence(template, {name: _plain(value) for name, value in values.items()})


# Where there is nothing to say: it is false.
NOTHING = Sentence("")

SEMICOLON, COMMA = say("; "), say(", ")


def joined(messages: Iterable[str], mark: Sentence = SEMICOLON) -> Sentence:
    """Several messages in a row, with a mark between them."""
    # Not one text: each part must still be a message that can be said in Chinese.
    parts = [part for message in messages for part in (mark, message)][1:]
    named = {f"part_{number}": part for number, part in enumerate(parts)}
    template = "".join(f"{{{name}}}" for name in named)
    return say(template, **named)


def message_of(error: Exception) -> Sentence:
    """What an error says; that of another library is the same in every language."""
    return error.message if isinstance(error, InputError) else say("{text}", text=str(error))


def said(value: Any, lang: str) -> Any:
    """A message in a language; any other value as it is."""
    return value.said(lang) if isinstance(value, Sentence) else value


def to_plain(text: str) -> Any:
    """A message as JSON can hold it: its template and values; any other text as it is."""
    if not isinstance(text, Sentence):
        return text
    return [text.template, {name: to_plain(value) for name, value in text.values.items()}]


def from_plain(plain: Any) -> Sentence:
    """The message that `to_plain` made plain; of a text, that text. Raises ValueError otherwise."""
    if isinstance(plain, str):
        return say("{text}", text=plain)
    match plain:
        case [str(template), dict(values)]:
            inner = {n: from_plain(v) if isinstance(v, list) else v for n, v in values.items()}
            return Sentence(template, inner)
    raise ValueError(f"no message: {plain!r}")


def _plain(value: Any) -> Any:
    if isinstance(value, InputError):
        return value.message
    if isinstance(value, int | float | Sentence):
        return value
    # The name of a file may be no UTF-8, which nobody could write down.
    return str(value).encode(errors="replace").decode()
