"""The command `screener`, which is also `python -m screener`."""

from __future__ import annotations

from screener.commands.signals import end_at_once


def main() -> None:
    """Run the command; Ctrl-C is one from the first moment, before the commands are loaded."""
    end_at_once()
    from screener.commands import cli

    cli.main()


if __name__ == "__main__":
    main()
