"""The folders of a user's own: where settings and the store are, whatever folder is worked in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from screener.model.messages import say
from screener.model.usage import UsageError


def config_folder() -> Path:
    """The folder of the user's settings. Raises UsageError where nobody says whose it would be."""
    from platformdirs import user_config_path

    return _of(user_config_path, "XDG_CONFIG_HOME")


def data_folder() -> Path:
    """The folder of what is kept for the user. Raises UsageError as `config_folder` does."""
    from platformdirs import user_data_path

    return _of(user_data_path, "XDG_DATA_HOME")


def _of(place: Callable[..., Path], variable: str) -> Path:
    # A process in a container may have neither HOME nor a line in the list of users.
    try:
        found = place("screener", appauthor=False)
    except RuntimeError:
        found = Path("~")
    if not found.is_absolute():
        raise UsageError(
            say("no folder is the user's own: set HOME, or {variable}, to one", variable=variable)
        )
    return found
