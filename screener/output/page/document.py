"""The frame of a page: its head, its sections as tabs, its charts as data, its libraries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from screener.files import MARK
from screener.model.messages import Sentence, said, say
from screener.model.version import __version__
from screener.output.page.libraries import scripts, styles

if TYPE_CHECKING:
    from screener.model.table import ShownTable

# The page asks nobody for anything, and runs only what stands in it.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:;"
    " base-uri 'none'; form-action 'none'"
)
# What the tables say of themselves, by the names that DataTables has for it.
_WORDS: Mapping[str, Sentence] = {
    "search": say("Search"),
    "zeroRecords": say("No name meets this"),
    "info": say("{first} – {last} of {all}", first="_START_", last="_END_", all="_TOTAL_"),
    "infoEmpty": say("No names"),
    "infoFiltered": say("(of {all})", all="_MAX_"),
    "lengthMenu": say("{count} a page", count="_MENU_"),
}
_LANGUAGES = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: what it shows in a sentence, and its Vega-Lite specification."""

    title: str
    specification: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that a tab opens: what links call it and readers, its HTML and charts.

    Both are made of `ShownTable.html` and the functions below, which take every text as text.
    """

    name: str
    label: str
    above: str
    charts: Sequence[Chart] = ()
    below: str = ""


def document(
    title: str, lines: Iterable[str], sections: Sequence[Section], lang: str, banner: str = ""
) -> bytes:
    """The page: one file without anything outside it; the same input gives the same bytes."""
    charts: list[Mapping[str, Any]] = []
    tabs = "".join(f'<a href="#{section.name}">{escape(section.label)}</a>' for section in sections)
    parts = "".join(_part(each, charts) for each in sections)
    words = {name: each.said(lang) for name, each in _WORDS.items()}
    alarm = f'<p class="banner" role="status">{escape(banner)}</p>' if banner else ""
    facts = "".join(f"<p>{escape(line)}</p>" for line in lines)
    head = (
        f"<!-- {MARK} {__version__} -->\n<!DOCTYPE html>\n"
        f'<html lang="{_LANGUAGES[lang]}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        f"<style>{styles()}</style><style>{_own('page.css')}</style></head>"
    )
    body = (
        f"<body><header><h1>{escape(title)}</h1>{facts}{alarm}</header>"
        f'<nav aria-label="{escape(say("Parts").said(lang))}"><div>{tabs}</div></nav>'
        f"<main>{parts}</main>"
    )
    data = "".join(
        f'<script type="application/json" id="{name}">{_json(value)}</script>'
        for name, value in (("charts", charts), ("words", words))
    )
    # A module runs when the whole page is there.
    code = "".join(
        f'<script type="module">{script}</script>' for script in (*scripts(), _own("page.js"))
    )
    return f"{head}{body}{data}{code}</body></html>\n".encode()


def _part(section: Section, charts: list[Mapping[str, Any]]) -> str:
    figures = []
    for chart in section.charts:
        figures.append(
            f"<figure><figcaption>{escape(chart.title)}</figcaption>"
            f'<div class="chart" data-chart="{len(charts)}"></div></figure>'
        )
        charts.append({"description": chart.title, **chart.specification})
    drawn = f'<div class="charts">{"".join(figures)}</div>' if figures else ""
    return (
        f'<section id="{section.name}" aria-label="{escape(section.label)}">'
        f"<h2>{escape(section.label)}</h2>{section.above}{drawn}{section.below}</section>"
    )


def paragraphs(lines: Iterable[str], lang: str, name: str = "") -> str:
    """A paragraph a line; text is text, whatever it looks like."""
    mark = f' class="{name}"' if name else ""
    return "".join(f"<p{mark}>{escape(said(line, lang))}</p>" for line in lines)


def listed(title: str, lines: Iterable[str], lang: str) -> str:
    """A heading and a list below it."""
    items = "".join(f"<li>{escape(said(line, lang))}</li>" for line in lines)
    return f"<h3>{escape(said(title, lang))}</h3><ul>{items}</ul>"


def scrolling(table: ShownTable, name: str = "") -> str:
    """The table in a part of the page that scrolls sideways by itself."""
    return f'<div class="scroll {escape(name)}">{table.html()}</div>'


def _json(value: Any) -> str:
    """JSON that may stand in a page: nothing in it ends the script that it stands in."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def _own(name: str) -> str:
    return (files("screener.output.page") / name).read_text(encoding="utf-8")
