"""The pictures of the documents: pieces of the report's workbook as LibreOffice prints it.

A whole page is too small to read where a picture is shown some 900 dots wide, so each is cut to
what its text speaks of.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from screener import screen, write
from tests import office
from tests.conftest import NOW, ROOT, WATCHLISTS
from tests.office import Crop

FOLDER = ROOT / "docs" / "pictures"
RESOLUTION = 200

# By language of the workbook; a heading is wider in one language than in the other.
PICTURES: Mapping[str, Mapping[str, Crop]] = {
    "en": {
        "summary.png": Crop(page=1, left=9, top=11, right=279, bottom=94),
        "ranking.png": Crop(page=5, left=9, top=11, right=184.5, bottom=112.5),
        "growth.png": Crop(page=5, left=9.5, top=128.5, right=135, bottom=197.5),
    },
    "zh": {"ranking.zh-CN.png": Crop(page=5, left=9, top=11, right=184.5, bottom=112.5)},
}


def main() -> None:
    """Draw the pictures into docs/pictures/."""
    FOLDER.mkdir(exist_ok=True)
    result = screen(prices="report", watchlists=WATCHLISTS, now=NOW)
    for lang, pictures in PICTURES.items():
        with tempfile.TemporaryDirectory() as scratch:
            book = write(result, Path(scratch) / f"screen-{result.price_day}.xlsx", lang)
            (pdf,) = office.convert([book], "pdf", Path(scratch))
            for name, crop in pictures.items():
                office.picture(pdf, crop, FOLDER / name, RESOLUTION)


if __name__ == "__main__":
    main()
