"""The command `screener`, which is also `python -m screener`."""

from __future__ import annotations

import gc

from screener.commands.signals import end_at_once


def main() -> None:
    """Run the command; Ctrl-C is one from the first moment, before the commands are loaded."""
    end_at_once()
    # A workbook is hundreds of thousands of objects, none of which is thrown away before the end:
    # to look through them at every 700 new ones takes an eighth of the time.
    gc.set_threshold(200_000, 20, 100)
    from screener.commands import cli

    cli.main()


if __name__ == "__main__":
    main()
