"""The pictures of the README: pages of the report's workbook as LibreOffice prints them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from screener import screen, write
from tests import office
from tests.conftest import NOW, ROOT, WATCHLISTS

# Page of the workbook, and what its picture is called.
PICTURES = {0: "workbook-summary.png", 3: "workbook-computing.png"}


def main() -> None:
    """Draw the pictures into docs/."""
    folder = ROOT / "docs"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        result = screen(prices="report", watchlists=WATCHLISTS, now=NOW)
        path = write(result, Path(scratch) / f"screen-{result.price_day}.xlsx", "zh")
        pages = office.pages(path, Path(scratch), resolution=100)
        for page, name in PICTURES.items():
            (folder / name).write_bytes(pages[page].read_bytes())


if __name__ == "__main__":
    main()
