"""`python -m screener` is the command `screener`."""

from __future__ import annotations

from screener.commands.cli import main

main()
