"""The recipes of CONTRIBUTING, read, and carried out as they stand there in a copy of the tree."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.command import run
from tests.conftest import ROOT

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w./-]+\.(?:py|csv|toml|po|md))`")
_REST = "…"
# What is typed, by the interpreter that runs the tests.
_WORDS = "".join(
    f'{word}() {{ "{sys.executable}" {module} "$@"; }}\n'
    for word, module in (
        ("python", ""),
        ("screener", "-m screener"),
        ("pytest", "-m pytest -p no:cacheprovider -n 0"),
    )
)


class RecipeError(AssertionError):
    """A recipe cannot be carried out as it is written; the message says where it fails."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a recipe: its kind, the file it is for, and whether it goes to that one's end."""

    kind: str
    file: str
    is_end: bool
    text: str


@cache
def recipes() -> dict[str, tuple[Block, ...]]:
    """The blocks of every recipe, in their order, by its heading."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page.partition("\n## Adding things\n")[2].partition("\n## ")[0]
    _, *parts = re.split(r"^### (.*)$", section, flags=re.MULTILINE)
    return {name: tuple(_blocks(text)) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def _blocks(text: str) -> Iterator[Block]:
    """The blocks of a recipe: each is for the last file that is named above it."""
    file, read = "", 0
    for match in _BLOCK.finditer(text):
        above, read = text[read : match.start()], match.end()
        file = [file, *_FILE.findall(above)][-1]
        yield Block(match[2], file, "the end of" in above, textwrap.dedent(match[3]))


class Copy:
    """A copy of the tree, in which recipes are carried out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        files = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(files, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
        for name in listed.stdout.splitlines():
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes((ROOT / name).read_bytes())

    def follow(self, blocks: Sequence[Block]) -> None:
        """Do what a recipe says, block by block."""
        steps = {"console": self._type, "diff": self._change, "po": self._fill}
        for block in blocks:
            steps.get(block.kind, self._write)(block)

    def shell(self, line: str, *, fails: bool = False) -> str:
        """What a line of bash prints in the copy. Raises RecipeError where it should not fail."""
        variables = {
            "PYTHONPATH": str(self.folder),
            "HOME": str(self.folder.with_name("home")),
            "XDG_DATA_HOME": str(self.folder.with_name("data")),
            "SCREENER_LANG": "",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "200",
        }
        done = run(["bash", "-c", _WORDS + line], self.folder, variables, timeout=300)
        if fails != bool(done.returncode):
            raise RecipeError(f"{line}\nends with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _type(self, block: Block) -> None:
        """Type each command; what stands below it must be among what it prints."""
        for typed in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, *expected = typed.splitlines()
            printed = _plain(self.shell(command))
            for line in expected:
                parts = map(re.escape, _plain(line).split(_REST))
                if not re.search(".*".join(parts), printed):
                    raise RecipeError(f"{command}\ndoes not print {line!r}:\n{printed}")

    def _write(self, block: Block) -> None:
        path = self.folder / block.file
        if path.exists() != block.is_end:
            raise RecipeError(f"{block.file} is {'' if path.exists() else 'not '}there")
        before = f"{path.read_text(encoding='utf-8')}\n\n" if block.is_end else ""
        path.write_text(before + block.text, encoding="utf-8")

    def _change(self, block: Block) -> None:
        path = self.folder / block.file
        text = path.read_text(encoding="utf-8")
        for hunk in re.split(r"^@@\n", block.text, flags=re.MULTILINE):
            text = "\n".join(changed(text.split("\n"), hunk.splitlines(), block.file))
        path.write_text(text, encoding="utf-8")

    def _fill(self, block: Block) -> None:
        """Translate what the catalogue has empty, between two runs of `tests.messages`."""
        self.shell("python -m tests.messages", fails=True)
        path = self.folder / block.file
        text = path.read_text(encoding="utf-8")
        for chinese in re.findall(r'^msgid .*\nmsgstr ".*"\n', block.text, flags=re.MULTILINE):
            empty = re.sub(r'msgstr ".*"\n', 'msgstr ""\n', chinese)
            if text.count(empty) != 1:
                raise RecipeError(f"{block.file} has not empty:\n{chinese}")
            text = text.replace(empty, chinese)
        path.write_text(text, encoding="utf-8")
        self.shell("python -m tests.messages")


def changed(lines: Sequence[str], hunk: Sequence[str], file: str) -> list[str]:
    """The lines of a file after a piece of a diff. Raises RecipeError where it fits not once."""
    before = [line[1:] for line in hunk if line[:1] != "+"]
    last = len(lines) - len(before)
    places = [at for at in range(last + 1) if before and all(map(_fits, before, lines[at:]))]
    if len(places) != 1:
        found = "\n".join(before)
        raise RecipeError(f"{file} has {len(places)} places, not one, that read\n{found}")
    start, end = places[0], places[0] + len(before)
    replaced, rest, after = iter(lines[start:end]), "", []
    for line in hunk:
        sign, start_of_line = line[:1], line[1:].removesuffix(_REST)
        if sign != "+":
            whole = next(replaced)
            rest = whole.removeprefix(start_of_line)
            after += [whole] if sign == " " else []
        else:
            after.append(start_of_line + (rest if line.endswith(_REST) else ""))
    return [*lines[:start], *after, *lines[end:]]


def _fits(pattern: str, line: str) -> bool:
    is_start = pattern.endswith(_REST)
    return line.startswith(pattern.removesuffix(_REST)) if is_start else line == pattern


def _plain(text: str) -> str:
    """The text with one blank for all that lies between two words of a line."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines())
