"""Where watchlists lie: the bundled ones, the user's, and the files in a folder."""

from __future__ import annotations

from pathlib import Path

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

    A file that is there already is kept as it is.
    """
    target.mkdir(parents=True, exist_ok=True)
    copied, kept = [], []
    for source in sorted((*bundled().glob("*.csv"), *bundled().glob("*.toml"))):
        path = target / source.name
        if path.exists():
            kept.append(path)
        else:
            path.write_bytes(source.read_bytes())
            copied.append(path)
    return copied, kept


def watchlist_files(folder: Path) -> dict[str, Path]:
    """The watchlist files of a folder by name."""
    tables = (path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    return {path.stem: path for path in sorted(tables) if path.name != CORRECTIONS}
