"""Settings: `screener.toml` in the working folder, else in the user's folder, and presets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from screener.model.messages import say
from screener.model.own_folders import config_folder
from screener.model.reading import plain_bytes
from screener.model.usage import UnknownNameError, UsageError

NAME = "screener.toml"
PRESETS = "presets"
PRESET_KEYS = ("where", "by", "about", "about_zh")


@dataclass(frozen=True, slots=True)
class Preset:
    """A named screen: its conditions, the metric that ranks, and what it is for.

    What it is for may be said in Chinese, too: `about_zh` (empty: it is not).
    """

    name: str
    about: str
    about_zh: str
    where: tuple[str, ...]
    by: str

    def label(self, lang: str) -> str:
        return (self.about_zh if lang == "zh" else "") or self.about


@dataclass(frozen=True, slots=True)
class Config:
    """What settings there are: options by command, the user's own presets by name, and the file.

    `options` is nested as the commands are: `options["run"]["by"]`.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Preset] = field(default_factory=dict)
    path: Path | None = None

    @property
    def presets(self) -> dict[str, Preset]:
        """The bundled presets and the user's, which take the place of those of their names."""
        bundled = _read(Path(__file__).parent / "presets.toml")
        return {**dict(_presets(bundled, "bundled")), **self.own}


def places() -> list[Path]:
    """Where settings may stand; the first file that is there is read."""
    return [Path(NAME), config_folder() / NAME]


def load(paths: Sequence[Path] | None = None) -> Config:
    """The settings of the first file that is there.

    Raises UsageError for a file that is no settings.
    """
    path = next(filter(_is_there, places() if paths is None else paths), None)
    if path is None:
        return Config()
    table = _read(path)
    own = table.pop(PRESETS, {})
    if not isinstance(own, dict):
        raise UsageError(say("{path}: presets must be tables, as [presets.mine]", path=path))
    return Config(table, dict(_presets(own, str(path))), path)


def preset(config: Config, name: str) -> Preset:
    """The preset of that name. Raises UnknownNameError."""
    presets = config.presets
    if name not in presets:
        raise UnknownNameError(say("preset"), name, list(presets))
    return presets[name]


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise UsageError(
            say("{path} cannot be opened: {why}", path=path, why=error.strerror)
        ) from None


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(plain_bytes(path).decode("utf-8-sig"))
    except OSError as error:
        fault = say("{path} cannot be opened: {why}", path=path, why=error.strerror)
    except (ValueError, RecursionError) as error:  # RecursionError: of tables in tables in tables
        fault = say("{path} is no TOML: {error}", path=path, error=error)
    raise UsageError(fault)


def _presets(table: Mapping[str, Any], origin: str) -> Iterator[tuple[str, Preset]]:
    for name, given in table.items():
        fault = say(
            "{origin}: [presets.{name}] must hold where, by and about, all texts",
            origin=origin,
            name=name,
        )
        if not isinstance(given, dict):
            raise UsageError(fault)
        for key in given.keys() - set(PRESET_KEYS):
            raise UnknownNameError(say("key in [presets.{name}]", name=name), key, PRESET_KEYS)
        where = given.get("where", [])
        where = [where] if isinstance(where, str) else where
        texts = [given.get(key, "") for key in ("about", "about_zh", "by")]
        about, about_zh, by = texts
        if not isinstance(where, list) or not all(
            isinstance(text, str) for text in (*where, *texts)
        ):
            raise UsageError(fault)
        yield name, Preset(name, about, about_zh, tuple(where), by)
