"""Which language a command speaks, and its help in that language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from inspect import cleandoc
from itertools import pairwise

import click

from screener.model.language import LANGUAGES, of_locale, speak, translated
from screener.model.usage import UsageError
from screener.model.width import width_of

# The first and the last character of those that a line may end before.
_CHINESE = "\u2e80", "\uffef"
_NEVER_FIRST = "，。；：！？、）》”…"


class WideFormatter(click.HelpFormatter):
    """Help whose lines fit: click counts characters, and a Chinese one is two columns wide."""

    def write_text(self, text: str) -> None:
        """Write paragraphs, folded at any Chinese character."""
        indent = " " * self.current_indent
        for number, paragraph in enumerate(text.split("\n\n")):
            if number:
                self.write_paragraph()
            lines = folded(" ".join(paragraph.split("\n")), self.width - self.current_indent)
            self.write("".join(f"{indent}{line}\n" for line in lines))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms, and beside each what it means."""
        listed = list(rows)
        first = min(max(width_of(term) for term, _ in listed), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, meaning in listed:
            lines = folded(meaning, max(self.width - first - self.current_indent, 10)) or [""]
            if width_of(term) > first - col_spacing:
                self.write(f"{indent}{term}\n")
                term = ""
            self.write(f"{indent}{term}{' ' * (first - width_of(term))}{lines[0]}\n")
            self.write("".join(f"{indent}{' ' * first}{line}\n" for line in lines[1:]))


class WideContext(click.Context):
    """The context of a command whose help may be Chinese."""

    formatter_class = WideFormatter


def folded(text: str, width: int) -> list[str]:
    """The text in lines of so many columns: Latin words stay whole, Chinese folds anywhere."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1].strip() and width_of(lines[-1] + piece.rstrip()) > width:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines if line.strip()]


def _pieces(text: str) -> Iterator[str]:
    """Chinese characters, each with the marks that may not begin a line, words, and blanks."""
    piece = kind = ""
    for character in text:
        is_sign = _CHINESE[0] <= character <= _CHINESE[1]
        its = "sign" if is_sign else "blank" if character.isspace() else "word"
        stays = character in _NEVER_FIRST if kind == "sign" else its == kind
        if stays or not piece:
            piece += character
        else:
            yield piece
            piece = character
        kind = kind if stays else its
    yield piece


def spoken(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language asked for, before anything is parsed: help and usage errors speak it, too.

    By option, variable or settings; else that of the locale, else Chinese.
    """
    asked = [
        second if first == "--lang" else first.removeprefix("--lang=")
        for first, second in pairwise((*arguments, ""))
        if first == "--lang" or first.startswith("--lang=")
    ]
    known = (*reversed(asked), environment.get("SCREENER_LANG", ""), _of_settings())
    return next((lang for lang in known if lang in LANGUAGES), of_locale(environment))


def _of_settings() -> str:
    from screener import config

    with suppress(UsageError):  # the command itself says what is wrong with them
        return str(config.load().options.get("lang", ""))
    return ""


def localize(command: click.Command, lang: str) -> None:
    """Have a command and those below it say their help in a language, from now on."""
    speak(lang)
    if lang == "en":
        return
    command.context_class = WideContext
    command.help = translated(cleandoc(command.help or ""), lang)
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            option.help = translated(cleandoc(option.help), lang)
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        localize(inner, lang)
