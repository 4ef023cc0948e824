"""Vendors' libraries in a process of their own, where a call that never ends can be ended.

Their own timeouts do not cover every step (a hanging cookie host, a byte a second), and a stuck
thread keeps an interpreter from leaving. So each library runs in a child that reads jobs and
writes answers as lines of JSON; the parent waits as long as it likes, and then kills it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from screener.model.messages import InputError, Sentence, from_plain, say, to_plain

Message = Mapping[str, Any]

Emit = Callable[[Message], None]

# The modules that may run in a child; each has `answer(job, emit)`.
MODULES: Mapping[str, str] = {
    "yahoo": "screener.sources.yahoo.prices",
    "akshare": "screener.sources.eastmoney.prices",
    "yahoo facts": "screener.sources.yahoo.estimates",
    "akshare facts": "screener.sources.eastmoney.estimates",
}

# How many names a source is asked for at once.
WORKERS = 8

# What a library's errors mean to a user; their own words are long and may hold addresses.
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


class Child:
    """One library's process. What it answers arrives in `inbox` as (vendor, message).

    The last message of a job is `{"done": true}`; of a process, `{"gone": true}`.
    """

    def __init__(self, vendor: str, inbox: SimpleQueue[tuple[str, Message]]) -> None:
        self.vendor = vendor
        self._inbox = inbox
        # A session of its own: Ctrl-C reaches the parent alone, which then ends its children.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            # -P: nothing in the working folder is taken for a module.
            [sys.executable, "-P", "-m", "screener.sources.child", vendor],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TQDM_DISABLE": "1", "PYTHONPATH": _search_path()},
            start_new_session=True,
        )
        Thread(target=self._read, daemon=True).start()

    def send(self, job: Message) -> None:
        """Give the child a job; one that is gone already says so in the inbox."""
        stdin = self._process.stdin
        if stdin is not None:
            try:
                stdin.write(json.dumps(job).encode() + b"\n")
                stdin.flush()
            except BrokenPipeError:
                pass

    def kill(self) -> None:
        """End the process at once, whatever it is doing."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._inbox.put((self.vendor, json.loads(line)))
        self._inbox.put((self.vendor, {"gone": True}))


def main(vendor: str) -> None:
    """The child's life: a job a line, until the parent closes its end."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    lock = Lock()

    def emit(message: Message) -> None:
        with lock:
            answers.write(json.dumps(message).encode() + b"\n")
            answers.flush()

    module = import_module(MODULES[vendor])
    for line in sys.stdin:
        module.answer(json.loads(line), emit)
        emit({"done": True})
    # A worker stuck in a library would keep the interpreter from leaving.
    os._exit(0)


def _search_path() -> str:
    """The folder this very package is in, before what the environment names."""
    package = str(Path(__file__).parents[2])
    return os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))


def probe_then_all(ask: Callable[[str], bool], names: Sequence[str]) -> None:
    """Ask for the first name alone; if that went well, for the others, a few at a time."""
    if names and ask(names[0]):
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(ask, names[1:]))


def words_of(message: Message) -> Sentence:
    """What a library's error means to a user."""
    if message["status"]:
        return say("HTTP {status}", status=message["status"])
    error = str(message["error"])
    return FAULTS.get(error, say("its library fails ({error})", error=error))


def refusal_of(message: Message) -> Sentence:
    """What a RefusalError in the child said."""
    return from_plain(message["words"])


def fault_of(error: Exception) -> dict[str, Any]:
    """An error of a library as a message: its kind, the HTTP status if it had one, its words."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if type(error).__name__ == "YFRateLimitError":
        status = 429
    words = to_plain(error.message) if isinstance(error, InputError) else str(error)[:200]
    return {"error": type(error).__name__, "status": status, "words": words}


if __name__ == "__main__":
    main(sys.argv[1])
