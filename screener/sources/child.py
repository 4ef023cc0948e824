"""Vendors' libraries in a process of their own, where a call that never ends can be ended.

Their own timeouts do not cover every step (a hanging cookie host, a byte a second), and a stuck
thread keeps an interpreter from leaving. So each library runs in a child that reads jobs and
writes answers as lines of JSON; the parent waits as long as it likes, and then kills it. A child
does its jobs side by side, and ends at once where its parent does.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import import_module
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from screener.model.bounded import command_of, environment, limit_memory
from screener.model.messages import InputError, Sentence, say, to_plain
from screener.sources.vendors import VENDORS

Message = Mapping[str, Any]
Inbox = SimpleQueue[tuple[str, Message]]
Emit = Callable[[Message], None]

# How many names a source is asked for at once: 50 take 2.2 s with 8, and still 1.5 s with 32 (at
# 200 ms an answer), which looks like an attack to a host that bans.
WORKERS = 8

# What a library's errors mean to a user; their own words are long and may hold addresses. Told by
# their names: the parent does without the libraries, whose imports take a second each.
FAULTS = {
    "DNSError": say("its host's name cannot be looked up"),
    "ConnectionError": say("it cannot be reached, or breaks off"),
    "ProxyError": say("the proxy does not reach it"),
    "ChunkedEncodingError": say("it breaks off"),
    "SSLError": say("its certificate is not trusted"),
    "CertificateVerifyError": say("its certificate is not trusted"),
    "JSONDecodeError": say("it answers, but not with data"),
    "Timeout": say("it does not answer in time"),
    "ConnectTimeout": say("it does not answer in time"),
    "ReadTimeout": say("it does not answer in time"),
    "RefusalError": say("it answers with something else"),
    "TypeError": say("its answer is not of the usual form"),
    "KeyError": say("its answer is not of the usual form"),
    "ValueError": say("its answer is not of the usual form"),
}


# How curl and urllib3 say that a proxy did not connect, and with which status.
TUNNEL = re.compile(r"(?:CONNECT tunnel failed, response|Tunnel connection failed:) (\d{3})")

# From here on a status of HTTP is a fault.
BAD_STATUS = 400


class Child:
    """One library's process. What it answers arrives in `inbox` as (vendor, message).

    The last message of a job is `{"done": KIND}`; of a process, `{"gone": true}`.
    """

    def __init__(self, vendor: str, inbox: Inbox) -> None:
        self.vendor = vendor
        self.inbox = inbox
        # A session of its own: Ctrl-C reaches the parent alone, which then ends its children.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command_of("screener.sources.child", vendor),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # akshare's progress bars and the libraries' warnings are nothing to a user.
            stderr=subprocess.DEVNULL,
            env={**environment(), "TQDM_DISABLE": "1"},
            start_new_session=True,
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, job: Message) -> None:
        """Give the child a job; one that is gone says so in the inbox."""
        stdin = self._process.stdin
        if stdin is not None:
            try:
                stdin.write(json.dumps(job).encode() + b"\n")
                stdin.flush()
            except BrokenPipeError:
                self.inbox.put((self.vendor, {"gone": True}))

    def kill(self) -> None:
        """End the process at once, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # What a dead process has not read is lost, and nobody waits for it.
                with suppress(BrokenPipeError):
                    pipe.close()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.inbox.put((self.vendor, json.loads(line)))
        self.inbox.put((self.vendor, {"gone": True}))


class Children:
    """The children of a run, one a vendor: each is started at first use, all are ended at exit.

    Whatever they are asked one after the other, they have `seconds` for all of it.
    """

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._told: set[tuple[str, str]] = set()
        self._running: dict[str, Child] = {}

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        for vendor in list(self._running):
            self.end(vendor)

    @property
    def left(self) -> float:
        """How many seconds are left."""
        return max(0.0, self._until - time.monotonic())

    def is_news(self, source: str, fault: str) -> bool:
        """Whether nobody was told of a fault of a source yet, nor that all of it is out (an empty
        fault); from now on somebody was."""
        is_known = not self._told.isdisjoint({(source, fault), (source, "")})
        self._told.add((source, fault))
        return not is_known

    def of(self, vendor: str, inbox: Inbox) -> Child:
        """The child of a vendor, which answers into this inbox from now on."""
        child = self._running.get(vendor) or Child(vendor, inbox)
        child.inbox = inbox
        self._running[vendor] = child
        return child

    def end(self, vendor: str) -> None:
        """End the child of a vendor; who asks next gets a new one."""
        child = self._running.pop(vendor, None)
        if child is not None:
            child.kill()


def main(vendor: str) -> None:
    """The child's life: a job a line, until the parent closes its end, or is no more."""
    # A library keeps cookies: nobody else is to read them.
    os.umask(0o077)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    lock = Lock()
    # A worker that fails of what nobody foresaw takes the process with it, so that it is noticed.
    threading.excepthook = lambda _: os._exit(1)

    def emit(message: Message) -> None:
        with lock:
            answers.write(json.dumps(message).encode() + b"\n")
            answers.flush()

    loading = Lock()

    def library() -> Any:
        with loading:
            return _library(vendor)

    def work(job: Message) -> None:
        library().answer(job, emit)
        emit({"done": job["kind"]})

    # The import takes as long as the parent needs to find out what to ask.
    Thread(target=library, daemon=True).start()
    for line in sys.stdin:
        Thread(target=work, args=(json.loads(line),), daemon=True).start()
    # A worker stuck in a library would keep the interpreter from leaving: requests' timeout starts
    # again at every byte, so a host that sends one a second holds a thread for ever.
    os._exit(0)


@cache
def _library(vendor: str) -> Any:
    module = import_module(VENDORS[vendor].module)
    # Set after the import: yfinance 1.7 turns its own deprecation warnings on at it.
    warnings.simplefilter("ignore")
    # Of what is written to: V8, under akshare, reserves far more than it takes.
    limit_memory("RLIMIT_DATA")
    module.prepare()
    return module


def probe_then_all(ask: Callable[[str], bool], names: Iterable[str]) -> None:
    """Ask for the first name alone; if that went well, for the others, a few at a time."""
    # A host that is out costs one request's time and anger then, not eight.
    left = list(names)
    if left and ask(left.pop(0)):
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(ask, left))


def tell(
    emit: Emit,
    kind: str,
    get: Callable[[str], Any],
    symbol: str = "",
    is_outage: Callable[[Exception], bool] = lambda _: True,
) -> bool:
    """Emit what `get` has of a name, or its error; whether the source goes on answering."""
    try:
        emit({"kind": kind, "symbol": symbol, "answer": get(symbol)})
    except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer
        outage = is_outage(error)
        emit({**fault_of(error), "kind": kind, "symbol": symbol, "outage": outage})
        return not outage
    return True


def words_of(message: Message) -> Sentence:
    """What a library's error means to a user."""
    if message["status"] and message["error"] == "ProxyError":
        return say("the proxy answers HTTP {status}", status=message["status"])
    if message["status"]:
        return say("HTTP {status}", status=message["status"])
    error = str(message["error"])
    return FAULTS.get(error, say("its library fails ({error})", error=error))


def status_of(error: Exception) -> int | None:
    """The HTTP status that an error of a library is of."""
    # It comes without the response that it was raised for.
    if type(error).__name__ == "YFRateLimitError":
        return 429
    status: int = getattr(getattr(error, "response", None), "status_code", None) or 0
    # An answer that breaks off was announced as a good one.
    return status if status >= BAD_STATUS else None


def fault_of(error: Exception) -> dict[str, Any]:
    """An error of a library as a message: its kind, the HTTP status if it had one, its words."""
    if tunnel := TUNNEL.search(str(error)):
        return {"error": "ProxyError", "status": int(tunnel[1]), "words": ""}
    words = to_plain(error.message) if isinstance(error, InputError) else str(error)[:200]
    return {"error": type(error).__name__, "status": status_of(error), "words": words}


if __name__ == "__main__":
    main(sys.argv[1])
