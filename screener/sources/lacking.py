"""What a vendor's library no longer has of what is built on, in its child."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Any

# The kind of a job that asks for it.
KIND = "contract"


def contract(name: str, functions: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """A library's name and version, and what it lacks of functions and of their parameters."""
    missing = [fault for path, names in functions.items() for fault in _lacking(path, names)]
    return {"name": name, "version": version(name), "lacking": missing}


def _lacking(path: str, names: Collection[str]) -> Iterator[str]:
    found: Any = None
    parts = path.split(".")
    # The longest beginning that is a module; what follows are names in it.
    for end in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        break
    if found is None:
        yield path
        return
    parameters = inspect.signature(found).parameters
    # What takes any keyword may still take it.
    if not any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        yield from (f"{path}({name})" for name in names if name not in parameters)
