"""The libraries of a page, as the packages that we depend on carry them: nothing is fetched.

DataTables sorts, filters and searches the tables, Vega-Lite draws the charts.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path


@cache
def scripts() -> tuple[str, ...]:
    """The libraries as scripts, which leave `DataTable` and `vegaEmbed` on the window."""
    import vl_convert

    charts = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # A module that stands in the page itself cannot be imported from: it hands out by a line more.
    tables = _text("itables/html/dt_bundle.js").rstrip()
    # Comments, licences among them, may stand behind the last statement.
    code, exported, rest = tables.rpartition("export{")
    names, _, rest = rest.partition("}")
    found = re.search(r"([\w$]+) as default", names)
    if not exported or found is None:
        raise RuntimeError("itables hands out no DataTable")
    tables = f"{code}window.DataTable={found[1]};{rest.lstrip(';')}"
    return tuple(map(_inside, (charts, tables)))


@cache
def styles() -> str:
    """The style sheet of the tables."""
    return _text("itables/html/dt_bundle.css")


def _text(path: str) -> str:
    # By its file: to import the package would load what the page has no use for.
    return Path(str(distribution("itables").locate_file(path))).read_text(encoding="utf-8")


def _inside(script: str) -> str:
    """A script that may stand within an HTML page: nothing in it ends it."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
