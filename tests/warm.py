"""Vendors' children that are forked from one process which has imported their libraries already.

The import takes each child the better part of a second, hundreds of times in a run of the tests.
So the tests' environment leads the interpreter of a child to the warm process, over a socket: a
fork of that takes the child's pipes, its environment and its folder, and lives its life with the
real libraries. Where there is no fork every child starts by itself, as it does for users.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

# By this a child finds the warm process.
PLACE = "SCREENER_TESTS_WARM"
# What the interpreter of every process of the tests executes first; of a child it is all there is.
AT_START = """
import os, sys
if "screener.sources.child" in sys.orig_argv and os.environ.get("SCREENER_TESTS_WARM"):
    import array, json, socket
    place = os.environ.pop("SCREENER_TESTS_WARM")
    warm = socket.socket(socket.AF_UNIX)
    warm.connect(place)
    about = {"vendor": sys.orig_argv[-1], "environment": dict(os.environ), "folder": os.getcwd()}
    pipes = array.array("i", [0, 1])
    text = json.dumps(about).encode()
    warm.sendmsg([len(text).to_bytes(8, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, pipes)])
    warm.sendall(text)
    for pipe in (0, 1):
        os.close(pipe)
    # The fork lives as long as this does, and this as long as the fork.
    warm.recv(1)
    os._exit(0)
"""
# Longer than the imports take on a busy machine.
SECONDS = 120.0


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """The environment that leads children to a warm process until the block ends."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        yield {}
        return
    (folder / "sitecustomize.py").write_text(AT_START)
    place = folder / "warm"
    # It says when it listens by being there.
    words = [sys.executable, "-m", "tests.warm", str(place)]
    # It ends when nobody holds the other end of its stdin any more, whatever becomes of the tests.
    warm = subprocess.Popen(words, stdin=subprocess.PIPE)
    try:
        until = time.monotonic() + SECONDS
        while not place.exists() and warm.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        yield {PLACE: str(place), "PYTHONPATH": str(folder)} if place.exists() else {}
    finally:
        warm.kill()
        warm.communicate()


def serve(place: str) -> None:
    """Fork a child for each that asks, for ever."""
    import screener.sources.eastmoney.library
    import screener.sources.yahoo.library  # noqa: F401 - what makes it warm

    def end_with_the_tests() -> None:
        sys.stdin.read()
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
                live(asking)


def live(asking: socket.socket) -> None:
    """The life of a child that was asked for, from its environment to its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, pipes, *_ = asking.recvmsg(8, socket.CMSG_SPACE(2 * array("i").itemsize))
    said = array("i", pipes[0][2])
    text = b""
    while len(text) < int.from_bytes(head, "big"):
        text += asking.recv(65536)
    about = json.loads(text)
    for number, pipe in enumerate(said):
        os.dup2(pipe, number)
        os.close(pipe)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.environ.clear()
    os.environ.update(about["environment"])
    os.chdir(about["folder"])
    import platformdirs
    import yfinance

    # It asked the environment where its cookies are when it was imported.
    yfinance.set_tz_cache_location(os.path.join(platformdirs.user_cache_dir(), "py-yfinance"))  # noqa: PTH118

    def end_with_it() -> None:
        with suppress(OSError):
            asking.recv(1)
        os._exit(0)

    Thread(target=end_with_it, daemon=True).start()
    from screener.sources import child

    child.main(about["vendor"])


if __name__ == "__main__":
    serve(sys.argv[1])
