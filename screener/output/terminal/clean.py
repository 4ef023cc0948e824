"""Text of anybody's, as a terminal may be given it: without the signs that would steer it.

A vendor's name or a file's may hold the sequences that clear a screen, write over a line above, or
set its title; or signs that turn the order of reading, so that a figure looks like another one.
"""

from __future__ import annotations

import os
import re
from typing import Any, TextIO

# Controls but for tab and line feed, ends of lines of other kinds, and signs of direction.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    r"""The text with each sign that steers a terminal spelled, as `\u001b`: JSON stays JSON."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """The text in one line, whatever ends of lines it holds."""
    return clean(text.replace("\n", "\\n"))


class CleanStream:
    """A stream to a terminal, or to what may be shown on one, that writes only clean text."""

    def __init__(self, stream: TextIO) -> None:
        # rich writes to the stream of this name: its own colours are sequences, too, and what it
        # is given to colour is cleaned before (`console._Console`).
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        return self.rich_proxied_file.write(clean(text))

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        # On a terminal of Windows click writes past a stream whose bytes it can get at.
        if name == "buffer" and os.name == "nt" and self.rich_proxied_file.isatty():
            raise AttributeError(name)
        return getattr(self.rich_proxied_file, name)
