"""What ends the program from outside: Ctrl-C, a request to end, a terminal that is gone.

Imports next to nothing: it is in force before the commands are loaded.
"""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

# Those that there are here: SIGHUP is no signal of Windows, SIGBREAK only Windows has.
_ENDS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
]
_received: list[int] = []


def end_at_once() -> None:
    """From now on a signal ends the program where it is: there is nothing to put away."""
    _handle(lambda number, _: os._exit(_code(number)))


def interrupt() -> None:
    """From now on every such signal is a KeyboardInterrupt: what was begun is put away."""
    _handle(_interrupt)


def received() -> int | None:
    """The exit code that the first signal received makes, or None where there was none."""
    return _code(_received[0]) if _received else None


def _handle(handler: object) -> None:
    for number in _ENDS:
        # What the caller has ignored (`nohup`, a job in the background) stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)  # type: ignore[arg-type]


def _interrupt(number: int, _: FrameType | None) -> None:
    _received.append(number)
    raise KeyboardInterrupt


def _code(number: int) -> int:
    # As a shell says it of a program that a signal has ended.
    return 128 + number
