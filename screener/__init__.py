"""Screen watchlists of listed companies by price-earnings ratio.

>>> import screener
>>> result = screener.screen(sectors=["telecom"], prices="report")
>>> result.table          # a polars frame, one row a listing
>>> result.problems       # what could not be had, or looks wrong
>>> result.to_excel("telecom.xlsx")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screener.inputsheet import TypedInputs, read_inputs
    from screener.model import Problem, UnknownNameError, UsageError
    from screener.screening import Result, screen

__version__ = "0.1.0"
__all__ = [
    "Problem",
    "Result",
    "TypedInputs",
    "UnknownNameError",
    "UsageError",
    "__version__",
    "read_inputs",
    "screen",
]

_HOMES = {
    "Problem": "screener.model",
    "Result": "screener.screening",
    "TypedInputs": "screener.inputsheet",
    "UnknownNameError": "screener.model",
    "UsageError": "screener.model",
    "read_inputs": "screener.inputsheet",
    "screen": "screener.screening",
}


def __getattr__(name: str) -> Any:
    """Load a public name at its first use, so that `screener --help` loads no polars."""
    if name not in _HOMES:
        raise AttributeError(f"module 'screener' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
