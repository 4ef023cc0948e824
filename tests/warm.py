"""Processes that are forked from one which has imported what they need already.

The imports take a command half a second and a vendor's child more, a thousand times in a run of the
tests. So the tests start commands by way of a warm process, and their environment leads the
interpreter of a vendor's child to another: a fork of that takes the pipes, the environment and the
folder of who asks, and lives its life with the real program and the real libraries. Where there is
no fork each starts by itself, as it does for users; and so does a command whose environment says
something to the interpreter.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from tests.command import PROGRAM, Start

# By this a child finds the warm process.
PLACE = "SCREENER_TESTS_WARM"
# What is asked of a warm process: who asks gives it the pipes, and lives as long as the fork does.
_ASKING = """
def ended(place, words, pipes):
    import array, json, os, socket
    warm = socket.socket(socket.AF_UNIX)
    warm.connect(place)
    about = {"words": words, "environment": dict(os.environ), "folder": os.getcwd()}
    text = json.dumps(about).encode()
    given = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", pipes))]
    warm.sendmsg([len(text).to_bytes(8, "big")], given)
    warm.sendall(text)
    for pipe in pipes:
        os.close(pipe)
    return int(warm.recv(16) or b"0")
"""
# What the interpreter of every process of the tests executes first; of a child it is all there is.
_AT_START = f"""
import os, sys
if "screener.sources.child" in sys.orig_argv and os.environ.get("{PLACE}"):
{"".join(f"    {line}" for line in _ASKING.strip().splitlines(keepends=True))}
    ended(os.environ.pop("{PLACE}"), sys.orig_argv[-1:], [0, 1])
    os._exit(0)
"""
# A command ends as its fork has ended, by a signal as well.
_COMMAND = f"""
import os, sys
{_ASKING}
code = ended(sys.argv[1], sys.argv[2:], [0, 1, 2])
if code < 0:
    os.kill(os.getpid(), -code)
os._exit(code)
"""
# What says something to an interpreter or a library before any code of ours runs.
_EARLY = ("PYTHON", "POLARS", "LC_", "LANG", "LD_", "TZ")
# What a command loads only in processes of their own, or where it is asked for.
_ELSEWHERE = ("eastmoney.library", "yahoo.library", "on_spark", "__main__")
# Longer than the imports take on a busy machine.
SECONDS = 120.0


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """The environment that leads vendors' children to a warm process until the block ends."""
    (folder / "sitecustomize.py").write_text(_AT_START)
    with _served("vendors", folder / "warm") as place:
        yield {PLACE: place, "PYTHONPATH": str(folder)} if place else {}


@contextmanager
def commands(folder: Path) -> Iterator[Start]:
    """The words that start `screener` with these variables, from a warm process if that can be."""
    with _served("commands", folder / "warm") as place:

        def words(variables: Mapping[str, str]) -> Sequence[str]:
            if not place or any(name.startswith(_EARLY) for name in variables):
                return PROGRAM
            return [sys.executable, "-I", "-S", "-c", _COMMAND, place]

        yield words


@contextmanager
def _served(what: str, place: Path) -> Iterator[str]:
    """Where a warm process listens until the block ends; nowhere if there is none."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        yield ""
        return
    words = [sys.executable, "-m", "tests.warm", what, str(place)]
    # It ends when nobody holds the other end of its stdin any more, whatever becomes of the tests.
    warm = subprocess.Popen(words, stdin=subprocess.PIPE)
    try:
        until = time.monotonic() + SECONDS
        # It says when it listens by being there.
        while not place.exists() and warm.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        yield str(place) if place.exists() else ""
    finally:
        warm.kill()
        warm.communicate()


def serve(what: str, place: str) -> None:
    """Fork a process for each that asks, for ever."""
    load, live = _KINDS[what]
    load()
    # What is loaded is never thrown away: to look it through would copy it in every fork.
    gc.freeze()

    def end_with_the_tests() -> None:
        # Not by `sys.stdin`: its lock would be taken in every fork.
        while os.read(0, 1024):
            pass
        os._exit(0)

    Thread(target=end_with_the_tests, daemon=True).start()
    # Who has ended is forgotten at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{place}.new")
    listening.listen(64)
    Path(f"{place}.new").rename(place)
    while True:
        asking, _ = listening.accept()
        with asking:
            if os.fork() == 0:
                listening.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                live(asking, *_asked(asking))


def _asked(asking: socket.socket) -> tuple[dict[str, Any], array[int]]:
    """What is asked for, and the pipes that are given for it."""
    head, pipes, *_ = asking.recvmsg(8, socket.CMSG_SPACE(3 * array("i").itemsize))
    given = array("i")
    given.frombytes(pipes[0][2])
    text = b""
    while len(text) < int.from_bytes(head, "big"):
        text += asking.recv(65536)
    return json.loads(text), given


def _settle(about: Mapping[str, Any], pipes: array[int]) -> None:
    """Take the pipes, the environment and the folder of who asks."""
    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
        os.close(pipe)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        was = getattr(sys, name)
        stream = open(  # noqa: SIM115 - of a pipe, as long as the process lives
            number,
            was.mode,
            1 if name == "stderr" else -1,
            encoding=was.encoding,
            errors=was.errors,
            closefd=False,
        )
        setattr(sys, name, stream)
    os.environ.clear()
    os.environ.update(about["environment"])
    os.chdir(about["folder"])


def _when_gone(asking: socket.socket, end: Callable[[], None]) -> None:
    """End what was asked for once nobody waits for it any more."""

    def wait() -> None:
        with suppress(OSError):
            asking.recv(1)
        with suppress(ProcessLookupError):
            end()

    Thread(target=wait, daemon=True).start()


def _load_vendors() -> None:
    import screener.sources.eastmoney.library
    import screener.sources.yahoo.library  # noqa: F401 - what makes it warm


def _live_as_vendor(asking: socket.socket, about: Mapping[str, Any], pipes: array[int]) -> None:
    """The life of a vendor's child, from its environment to its end."""
    _settle(about, pipes)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    import platformdirs
    import yfinance

    # It asked the environment where its cookies are when it was imported.
    yfinance.set_tz_cache_location(os.path.join(platformdirs.user_cache_dir(), "py-yfinance"))  # noqa: PTH118

    _when_gone(asking, lambda: os._exit(0))
    from screener.sources import child

    child.main(*about["words"])


def _load_commands() -> None:
    import screener

    for found in pkgutil.walk_packages(screener.__path__, "screener."):
        if not found.name.endswith(_ELSEWHERE):
            import_module(found.name)


def _live_as_command(asking: socket.socket, about: Mapping[str, Any], pipes: array[int]) -> None:
    """The life of a command, in a fork of this one, which tells how it ended."""
    command = os.fork()
    if command == 0:
        asking.close()
        _settle(about, pipes)
        _be_screener(about["words"])
    for pipe in pipes:
        os.close(pipe)
    _when_gone(asking, lambda: os.kill(command, signal.SIGKILL))
    _, status = os.waitpid(command, 0)
    with suppress(OSError):
        asking.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _be_screener(words: Sequence[str]) -> None:
    """What `python -m screener` does, to the end, but for throwing away what is loaded."""
    import screener.__main__ as program

    sys.argv = [str(program.__file__), *words]
    sys.modules["__main__"] = program
    code: Any = 0
    try:
        program.main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - printed, as the interpreter does
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code or 0)


_KINDS = {
    "vendors": (_load_vendors, _live_as_vendor),
    "commands": (_load_commands, _live_as_command),
}


if __name__ == "__main__":
    serve(*sys.argv[1:])
