"""Whether there is a network at all, and which proxy is set."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

from screener.model.messages import Sentence
from screener.model.problems import Problem
from screener.sources.vendors import NETWORK, VENDORS

# A network that is there takes a connection within this, from the other side of the world too; one
# lost packet is sent again after a second. A dead network is not asked name by name.
PROBE_SECONDS = 1.5


def proxy_place() -> tuple[str, int] | None:
    """Host and port of the proxy that is set, without the name and password it may hold."""
    from urllib.request import getproxies

    proxy = getproxies().get("https")
    if not proxy:
        return None
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    try:
        return parts.hostname or "", parts.port or 80
    except ValueError:  # a port beyond 65535: no proxy listens there
        return parts.hostname or "", 0


def no_network(what_follows: Sentence) -> list[Problem]:
    """A problem that says so, where there is no network."""
    return [] if network_is_there() else [Problem("source_out", NETWORK, what_follows)]


def is_cut_off(problems: Iterable[Problem]) -> bool:
    """Whether problems say that there is no way to any source: nobody else need be asked then."""
    return any(problem.where == NETWORK for problem in problems)


def network_is_there() -> bool:
    """Whether the proxy, or one of the sources' hosts, takes a connection."""
    # Behind a proxy the hosts' names need not be known here. Any host will do: one of them may ban.
    proxy = proxy_place()
    places = [proxy] if proxy else [(vendor.host, 443) for vendor in VENDORS.values()]
    reached: SimpleQueue[bool] = SimpleQueue()
    for place in places:
        # A daemon: looking up a name can hang for longer than anybody wants to wait.
        Thread(target=_try_to_connect, args=(place, reached), daemon=True).start()
    limit = time.monotonic() + PROBE_SECONDS
    for _ in places:
        try:
            if reached.get(timeout=max(0.0, limit - time.monotonic())):
                return True
        except Empty:
            return False
    return False


def _try_to_connect(place: tuple[str, int], reached: SimpleQueue[bool]) -> None:
    try:
        socket.create_connection(place, PROBE_SECONDS).close()
        reached.put(True)
    except OSError:
        reached.put(False)
