"""Screen watchlists of listed companies by price-earnings ratio.

>>> import screener
>>> result = screener.screen(sectors=["telecom"], prices="report")
>>> result.table          # a polars frame, one row a listing
>>> result.problems       # what could not be had, or looks wrong
>>> screener.write(result, "telecom.xlsx")
"""

from __future__ import annotations

from screener.model.version import __version__

# `typing` is the slowest of all that is loaded before Ctrl-C is in our hands.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from screener.consensus.typed_inputs import TypedInputs, read_inputs
    from screener.model.problems import Problem
    from screener.model.usage import UnknownNameError, UsageError
    from screener.output.document import to_dict
    from screener.output.formats import to_pandas, write
    from screener.panels.panel import panel
    from screener.screening.options import Options
    from screener.screening.result import Result
    from screener.screening.screen import screen

__all__ = [
    "Options",
    "Problem",
    "Result",
    "TypedInputs",
    "UnknownNameError",
    "UsageError",
    "__version__",
    "panel",
    "read_inputs",
    "screen",
    "to_dict",
    "to_pandas",
    "write",
]

_HOMES = {
    "Options": "screener.screening.options",
    "Problem": "screener.model.problems",
    "Result": "screener.screening.result",
    "TypedInputs": "screener.consensus.typed_inputs",
    "UnknownNameError": "screener.model.usage",
    "UsageError": "screener.model.usage",
    "panel": "screener.panels.panel",
    "read_inputs": "screener.consensus.typed_inputs",
    "screen": "screener.screening.screen",
    "to_dict": "screener.output.document",
    "to_pandas": "screener.output.formats",
    "write": "screener.output.formats",
}


def __getattr__(name: str) -> Any:
    """Load a public name at its first use, so that `screener --help` loads no polars."""
    if name not in _HOMES:
        raise AttributeError(f"module 'screener' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
