"""Chromium as a reader of pages: what is clicked, seen, said, and asked of a network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

PROGRAM = shutil.which("chromium")
needs_browser = pytest.mark.skipif(
    PROGRAM is None, reason="Chromium is not installed: `make browser` installs it"
)


@dataclass
class Opened:
    """A page that is open and drawn; `said` is what its console says, `asked` what it requests."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def tab(self, label: str) -> None:
        """Open a tab by its label."""
        self.page.get_by_role("tab", name=label, exact=True).click()

    def column(self, at: int) -> list[str]:
        """The texts of a column of the first table that can be seen."""
        cells = self.page.locator(f"section:not([hidden]) >> nth=0 >> tbody tr td:nth-child({at})")
        return [text.strip() for text in cells.all_inner_texts()]


Open = Callable[..., AbstractContextManager[Opened]]


@contextmanager
def launched() -> Iterator[Open]:
    """A browser that opens pages of bytes; more arguments are looks, as Playwright has them."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])

        @contextmanager
        def opened(content: bytes, folder: Path, **looks: Any) -> Iterator[Opened]:
            path = folder / "page.html"
            path.write_bytes(content)
            page = browser.new_page(**{"viewport": {"width": 1300, "height": 900}, **looks})
            found = Opened(page)
            page.on("console", lambda message: found.said.append(message.text))
            page.on("pageerror", lambda error: found.said.append(str(error)))
            page.on("request", lambda request: found.asked.append(request.url))
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-drawn=all]", state="attached")
            yield found
            page.close()

        yield opened
        browser.close()
