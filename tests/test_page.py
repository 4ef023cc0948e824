"""The page: its figures against the frame, and what a reader does with it in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from lxml import html as lxml_html
from playwright.sync_api import expect

import screener
from screener.model.records import Multiple
from screener.output.formats import page_bytes
from screener.output.page.comps import render_comps_page
from screener.screening import runs
from screener.screening.comps import compare
from screener.store.store import Store
from tests.browser import Open, Opened, launched, needs_browser
from tests.command import Command
from tests.conftest import NOW, WATCHLISTS, screen, write_watchlist

ELECTRONICS = "electronics"
# On a tab of a sector of the report: where its columns stand, counted from one.
RANK, SYMBOL, NAME, MULTIPLE = 1, 3, 4, 6


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> screener.Result:
    """The report's names; of one there is a past, which falls from 40x to 20x."""
    store = Store(tmp_path_factory.mktemp("store") / "quotes.db")
    days = [date(2025, 1, 31) - timedelta(days=at) for at in range(100)]
    store.save_multiples(
        [
            Multiple("002600.SZ", "pe_ttm", day, 20 + at / 5, "vendor")
            for at, day in enumerate(days)
        ],
        [],
    )
    return runs.with_past(screen(watchlists=WATCHLISTS, now=NOW), store)


@pytest.fixture(scope="module")
def opened() -> Iterator[Open]:
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def reader(
    opened: Open, result: screener.Result, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opened]:
    with opened(page_bytes(result, "en"), tmp_path_factory.mktemp("page")) as found:
        yield found


def test_every_figure_of_a_tab_is_the_frames(result: screener.Result) -> None:
    page = lxml_html.fromstring(page_bytes(result, "en"))
    for number, watchlist in enumerate(result.watchlists, start=1):
        rows = result.table.filter(result.table["sector"] == watchlist.name).to_dicts()
        lines = page.xpath(f"//section[@id='sector-{number}']//tbody/tr")
        expected = [
            (
                row["symbol"],
                row["name"],
                "NM" if row["pe_fy1"] is None else f"{row['pe_fy1']:,.1f}x",
            )
            for row in rows
        ]
        heads = [each.text for each in page.xpath(f"//section[@id='sector-{number}']//thead//th")]
        at = [heads.index(each) for each in ("Symbol", "Name", "P/E 2025E")]
        assert expected == [tuple(line[place].text for place in at) for line in lines]


def test_the_page_is_one_file_that_is_the_same_each_time(result: screener.Result) -> None:
    page = page_bytes(result, "en")
    assert page == page_bytes(result, "en")
    root = lxml_html.fromstring(page)
    assert [] == root.xpath("//*[@src] | //link | //a[not(starts-with(@href, '#'))]")
    assert len(page) < 3_000_000


@needs_browser
def test_nothing_is_asked_for_and_nothing_goes_wrong(reader: Opened) -> None:
    (asked,) = reader.asked
    assert asked.startswith("file:")
    assert [] == reader.said


@needs_browser
def test_a_click_sorts_and_a_loss_never_looks_cheap(reader: Opened) -> None:
    reader.tab("Electronics")
    head = reader.page.get_by_role("columnheader", name="P/E 2025E").first
    head.click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    rising = reader.column(MULTIPLE)
    head.click()
    expect(head).to_have_attribute("aria-sort", "descending")
    falling = reader.column(MULTIPLE)
    for shown, order in ((rising, 1), (falling, -1)):
        assert ["NM", "NM"] == shown[-2:]
        figures = [order * float(text.removesuffix("x")) for text in shown[:-2]]
        assert figures == sorted(figures)
        assert 15 == len(figures)
    head.click()  # as it was ranked


@needs_browser
def test_the_search_keeps_what_it_finds(reader: Opened) -> None:
    reader.tab("Computing")
    search = reader.page.get_by_role("searchbox").locator("visible=true").first
    search.fill("金山")
    assert ["金山办公"] == reader.column(NAME)
    search.fill("")
    assert 24 == len(reader.column(NAME))


@needs_browser
def test_a_column_is_filtered_by_a_number(reader: Opened) -> None:
    reader.tab("Computing")
    head = reader.page.get_by_role("columnheader", name="P/E 2025E").locator("visible=true").first
    head.locator(".dtcc-button_dropdown").click()
    # Greater than 90: five by hand.
    reader.page.locator(".dtcc-dropdown select").select_option("greater")
    reader.page.locator(".dtcc-dropdown input").fill("90")
    assert 5 == len(reader.column(MULTIPLE))
    assert all(float(text.removesuffix("x")) > 90 for text in reader.column(MULTIPLE))
    reader.page.locator(".dtcc-dropdown input").fill("")
    reader.page.keyboard.press("Escape")


@needs_browser
def test_tabs_are_walked_by_keys_and_one_part_is_seen(reader: Opened) -> None:
    reader.tab("Summary")
    labels = reader.page.get_by_role("tab").all_inner_texts()
    for label in labels:
        # Waits until just this heading is seen.
        expect(reader.page.locator("main > section:not([hidden]) > h2")).to_have_text([label])
        reader.page.keyboard.press("ArrowRight")


@needs_browser
def test_a_code_leads_to_its_row(reader: Opened) -> None:
    reader.tab("Ranking")
    reader.page.get_by_role("link", name="600941.SH").locator("visible=true").click()
    assert "600941.SH" in reader.page.locator("tr:target").inner_text()
    assert "Telecom" == reader.page.locator("[aria-selected=true]").inner_text()


@needs_browser
def test_charts_are_svg_and_say_what_is_pointed_at(reader: Opened) -> None:
    reader.tab("Electronics")
    charts = reader.page.locator("section:not([hidden]) .chart svg")
    # P/E against growth, premiums, and the one past that is kept.
    assert 3 == charts.count()
    bar = charts.nth(1).locator("[aria-roledescription=bar]").first
    bar.hover()
    tooltip = reader.page.locator("#vg-tooltip-element").inner_text()
    assert "领益智造" in tooltip
    assert "-54.0%" in tooltip


@needs_browser
def test_the_past_of_a_name_is_drawn_and_said(reader: Opened) -> None:
    reader.tab("Electronics")
    (spark,) = reader.page.locator("svg.spark").all()
    # From 20 to 39.8 in steps of a fifth: its tenths lie at 22 and at 37.8.
    assert "10%–90%: 22.0x–37.8x, now 20.0x" == spark.get_attribute("aria-label")


@needs_browser
@pytest.mark.parametrize(
    ("colours", "width"), [("light", 1300), ("dark", 1300), ("light", 390), ("dark", 390)]
)
def test_nothing_bars_a_reader_out(
    opened: Open, result: screener.Result, tmp_path: Path, colours: str, width: int
) -> None:
    looks = {"color_scheme": colours, "viewport": {"width": width, "height": 800}}
    with opened(page_bytes(result, "en"), tmp_path, **looks) as found:
        for label in ("Summary", "Ranking", "Electronics", "Problems", "Sources"):
            found.tab(label)
            broken = Axe().run(found.page).response["violations"]
            assert [] == [(each["id"], each["nodes"][0]["html"][:200]) for each in broken]
        wide = found.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        assert [] == found.said


@needs_browser
def test_dark_is_dark(opened: Open, result: screener.Result, tmp_path: Path) -> None:
    with opened(page_bytes(result, "en"), tmp_path, color_scheme="dark") as found:
        colour = "getComputedStyle(document.body).backgroundColor"
        assert "rgb(20, 23, 27)" == found.page.evaluate(colour)


@needs_browser
def test_paper_shows_every_part(opened: Open, result: screener.Result, tmp_path: Path) -> None:
    with opened(page_bytes(result, "en"), tmp_path) as found:
        found.page.emulate_media(media="print")
        parts = found.page.locator("main > section")
        assert all(part.is_visible() for part in parts.all())
        assert not found.page.locator("nav").is_visible()


@needs_browser
def test_a_name_is_text_whatever_it_looks_like(opened: Open, tmp_path: Path) -> None:
    name = "<script>document.title='x'</script>"
    row = f"600941.SH,{name},100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
    write_watchlist(tmp_path / "lists", row)
    hostile = screen(watchlists=tmp_path / "lists", now=NOW)
    with opened(page_bytes(hostile, "en"), tmp_path) as found:
        assert "Screen 2025-01-31" == found.page.title()
        found.tab("Ranking")
        assert [name] == found.column(NAME)


@needs_browser
def test_the_page_speaks_chinese(opened: Open, result: screener.Result, tmp_path: Path) -> None:
    with opened(page_bytes(result, "zh"), tmp_path) as found:
        assert "zh-CN" == found.page.evaluate("document.documentElement.lang")
        found.tab("计算机")
        assert "搜索" in found.page.locator("section:not([hidden])").inner_text()


@needs_browser
def test_many_names_come_in_pages_and_all_of_them_on_paper(opened: Open, tmp_path: Path) -> None:
    rows = [
        f"{600000 + at}.SH,N{at},100,0.50,{1 + at / 100:.2f},1.00,40.00,25.00,20.00,CNY"
        for at in range(230)
    ]
    write_watchlist(tmp_path / "lists", *rows)
    many = screen(watchlists=tmp_path / "lists", now=NOW)
    with opened(page_bytes(many, "en"), tmp_path) as found:
        found.tab("Ranking")
        assert 100 == len(found.column(NAME))
        found.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert 230 == len(found.column(NAME))
        assert (
            20 + 20
            == found.page.locator("#sector-1 .chart >> nth=1 >> [aria-roledescription=bar]").count()
        )


@needs_browser
def test_a_comparison_is_a_page(opened: Open, result: screener.Result, tmp_path: Path) -> None:
    found = compare(result, "600941.SH")
    with opened(render_comps_page(found, result, "en"), tmp_path) as seen:
        assert "600941.SH" == seen.column(1)[0]
        assert {row["symbol"] for row in found.peers} == {*seen.column(1)[1:]}
        assert [] == seen.said
        assert [] == Axe().run(seen.page).response["violations"]
        bar = seen.page.locator("[aria-roledescription=bar]").first
        bar.hover()
        median = next(e for e in found.implied if e.metric.name == "pe_fy1" and e.at == "median")
        assert f"{median.price:.2f}" in seen.page.locator("#vg-tooltip-element").inner_text()


def test_a_run_writes_a_page_and_open_opens_it(command: Command, tmp_path: Path) -> None:
    done = command("run", "telecom", "--prices", "report", "--format", "html", "-q")
    (page,) = (tmp_path / "exports").glob("*.html")
    assert str(page.relative_to(tmp_path)) in done.stdout
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}\n', encoding="utf-8")
    browser.chmod(0o755)
    done = command("open", BROWSER=f"{browser} %s")
    assert (0, f"{page}\n") == (done.returncode, done.stdout)
    assert page.as_uri() == seen.read_text(encoding="utf-8").strip()


def test_open_says_how_a_page_is_made(command: Command) -> None:
    done = command("open")
    assert 2 == done.returncode
    assert "--format html" in done.stderr
