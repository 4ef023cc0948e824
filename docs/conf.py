"""Sphinx: the pages of this folder as a site. `make docs` builds it."""

from screener.model.version import __version__ as release

project = "screener"
author = "The screener authors"
html_title = f"screener {release}"
html_theme = "furo"
html_show_copyright = False
html_show_sphinx = False
extensions = ["myst_parser"]
myst_heading_anchors = 3
# Two minus signs are two minus signs: most of them begin an option.
smartquotes = False
