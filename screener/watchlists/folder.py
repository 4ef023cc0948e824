"""Where watchlists lie: the bundled ones, the user's, and the files in a folder."""

from __future__ import annotations

from pathlib import Path

from screener.files import put, replace_file, scratch

CORRECTIONS = "corrections.csv"


def bundled() -> Path:
    """The folder of watchlists that comes with the program."""
    # A wheel has them inside the package; a clone beside it, where people edit them.
    package = Path(__file__).parents[1]
    installed = package / "bundled"
    return installed if installed.is_dir() else package.parent / "watchlists"


def default_folder() -> Path:
    """`./watchlists` where the working folder has one, else the bundled folder."""
    local = Path("watchlists")
    return local if local.is_dir() else bundled()


def copy_bundled(target: Path) -> tuple[list[Path], list[Path]]:
    """Copy the bundled watchlists into a folder, and say which were copied and which were there.

    A new folder is there with all of them or not at all. A file that is there already is kept as
    it is, and nothing is put beside it that is said of other figures.
    """
    sources = sorted((*bundled().glob("*.csv"), *bundled().glob("*.toml")))
    kept = [target / source.name for source in sources if (target / source.name).exists()]
    new = [source for source in sources if target / source.name not in kept]
    new = [source for source in new if not _is_of_other_figures(source, target)]
    target.parent.mkdir(parents=True, exist_ok=True)
    # A folder that is there may be on another disk than the one it is seen in.
    with scratch(target if target.exists() else target.parent) as folder:
        made = folder / target.name
        made.mkdir()
        for source in new:
            replace_file(source.read_bytes(), made / source.name)
        if not target.exists():
            put(made, target)
        else:
            # Figures come last: they never stand without what is said of them.
            for source in sorted(new, key=_holds_figures):
                put(made / source.name, target / source.name)
    return [target / source.name for source in new], kept


def _is_of_other_figures(source: Path, target: Path) -> bool:
    """Whether this is said of a bundled table in whose place there is another one."""
    table = target / source.with_suffix(".csv").name
    if source.suffix != ".toml" or not table.exists():
        return False
    return table.read_bytes() != source.with_suffix(".csv").read_bytes()


def _holds_figures(source: Path) -> bool:
    return source.suffix == ".csv" and source.name != CORRECTIONS


def watchlist_files(folder: Path) -> dict[str, Path]:
    """The watchlist files of a folder by name."""
    tables = (path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    return {path.stem: path for path in sorted(tables) if path.name != CORRECTIONS}
