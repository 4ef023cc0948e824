"""Where the time of a run goes, part by part."""

from __future__ import annotations

from time import perf_counter, process_time

from screener.model.messages import Sentence, say

# The parts in the order of a run, and what they are called.
PARTS = {
    "start": say("start"),
    "imports": say("imports"),
    "lists": say("lists"),
    "prices": say("prices"),
    "valuation": say("valuation"),
    "ranking": say("ranking"),
    "store": say("store"),
    "workbook": say("files"),
    "terminal": say("terminal"),
}


class Timings:
    """Seconds by part. Each call ends the part that it names."""

    def __init__(self) -> None:
        # What the interpreter took before anything here could look at a clock: of its processor.
        self._spent = {"start": process_time()}
        self._since = perf_counter()

    def __call__(self, part: str) -> None:
        now = perf_counter()
        self._spent[part] = self._spent.get(part, 0.0) + now - self._since
        self._since = now

    def said(self, lang: str) -> str:
        """One line: every part that there was, and how long they took together."""
        parts = [(PARTS[part], self._spent[part]) for part in PARTS if part in self._spent]
        parts.append((say("together"), sum(self._spent.values())))
        return ", ".join(_said(part, seconds).said(lang) for part, seconds in parts)


def _said(part: Sentence, seconds: float) -> Sentence:
    return say("{part} {seconds:.2f} s", part=part, seconds=seconds)
