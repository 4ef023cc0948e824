"""All metadata is in setup.cfg; this puts the bundled watchlists into the wheel.

They stand at the top of the tree, where people edit them. Were they mapped into the package by
`package_dir`, an editable install could not be seen by type checkers and editors.
"""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithWatchlists(build_py):
    """The modules, and a copy of `watchlists/` as `screener/bundled/`."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return  # `screener.watchlists.folder.bundled` finds those at the top of the tree
        bundled = Path(self.build_lib) / "screener" / "bundled"
        self.mkpath(str(bundled))
        for path in sorted(Path("watchlists").iterdir()):
            self.copy_file(str(path), str(bundled / path.name))


setup(cmdclass={"build_py": BuildWithWatchlists})
