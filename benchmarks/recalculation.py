"""How long LibreOffice computes a workbook from nothing, with its ranks and with those of before.

    python -m benchmarks.recalculation [ROWS]...

Ranks were sums over the whole sheet in every cell, which grow with the square of the names; both
are measured in turn, as whole runs of LibreOffice: start, load, compute, save.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from benchmarks.worlds import many_names
from screener import screen, write
from tests import office

ROWS = (500, 2000, 5000)

_AREA, _CELL = r"([^,()]+)", r"([^,()]+)"
# A rank among numbers, and a count of those beyond a bound, as the sums they stand for. In the
# files `<`, `>` and `&` are written out.
_SUMS = (
    (rf"RANK\({_CELL},{_AREA},1\)", r"(1+SUMPRODUCT(ISNUMBER(\2)*(\2&lt;\1)))"),
    (rf"RANK\({_CELL},{_AREA},0\)", r"(1+SUMPRODUCT(ISNUMBER(\2)*(\2&gt;\1)))"),
    (
        rf"COUNTIF\({_AREA},\"((?:&lt;|&gt;)=?)\"&amp;{_CELL}\)",
        r"SUMPRODUCT(ISNUMBER(\1)*(\1\2\3))",
    ),
)


def main() -> None:
    """Print a line a size."""
    sizes = [int(each) for each in sys.argv[1:]] or ROWS
    print(f"{'names':>6} {'seconds now':>12} {'with sums':>10} {'cells changed':>14}")  # noqa: T201
    for count in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            now = office.forgetful(book_of(count, folder), folder / "now.xlsx")
            before = folder / "before.xlsx"
            changed = _with_sums(now, before)
            seconds = [seconds_of(path, folder / path.stem) for path in (now, before)]
        print(f"{count:6} {seconds[0]:12.1f} {seconds[1]:10.1f} {changed:14}")  # noqa: T201


def book_of(count: int, folder: Path) -> Path:
    """The workbook of so many names in one watchlist."""
    lists = many_names(folder / "lists", count, of_a_list=count)
    return write(screen(watchlists=lists, prices="report"), folder / "book.xlsx", "en")


def _with_sums(path: Path, target: Path) -> int:
    """A copy whose ranks are sums; how many cells that changed."""
    changed = 0
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = content.decode()
                for pattern, replacement in _SUMS:
                    text, count = re.subn(pattern, replacement, text)
                    changed += count
                content = text.encode()
            copy.writestr(name, content, zipfile.ZIP_DEFLATED)
    return changed


def seconds_of(path: Path, folder: Path, *, computed: bool = True) -> float:
    """How long LibreOffice takes to open a workbook, compute it, and save it in a new folder."""
    folder.mkdir()
    begun = time.perf_counter()
    office.recalculated([path], folder, computed=computed)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
