"""Which listing people mean: by its code, however it is written, or by what it is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from unicodedata import normalize

from screener.model.aliases import KNOWN
from screener.model.codes import AmbiguousError, canonical
from screener.model.messages import say
from screener.model.spellings import plain
from screener.model.symbols import SymbolError, lasting

# So much of a Chinese name may stand for it: 腾讯 for 腾讯控股.
_LEAST_BEGINNING = 2


@dataclass
class Names:
    """The listings that are known: what each is called, and what tables print in its place."""

    _called: dict[str, set[str]] = field(default_factory=dict)
    _printed: dict[str, str] = field(default_factory=dict)

    def add(self, symbol: str, called: Iterable[str], printed: str = "") -> None:
        """Know a listing; `printed` is a code that some table prints for it."""
        self._called.setdefault(symbol, set()).update(filter(None, called))
        if printed:
            self._printed[printed] = symbol

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._called

    def __iter__(self) -> Iterator[str]:
        return iter(self._called)

    def meant(self, text: str) -> str:
        """The symbol that a code or a name means; of a code that nobody knows here, its own.

        Raises AmbiguousError for a code that may be something else, SymbolError for what is neither
        a code nor a name, and for a name of several listings.
        """
        try:
            symbol = canonical(text)
        except AmbiguousError as error:
            # What is known here is meant before what may be elsewhere.
            if self._known(error.candidate) is None:
                raise
            symbol = error.candidate
        except SymbolError as error:
            return self._named(text, error)
        return self._known(symbol) or symbol

    def _known(self, symbol: str) -> str | None:
        """The listing of a code: as it is, as it was before, or as a table prints it."""
        if symbol in self._called:
            return symbol
        # Beijing's old codes and new ones are of the same listings.
        same = (each for each in self._called if lasting(each) == lasting(symbol))
        return next(same, self._printed.get(symbol))

    def _named(self, text: str, error: SymbolError) -> str:
        wanted = plain(normalize("NFKC", text))
        exact, begun = set(), set()
        for symbol, called in self._called.items():
            if any(wanted == plain(normalize("NFKC", name)) for name in called):
                exact.add(symbol)
            elif any(wanted in _beginnings(normalize("NFKC", name)) for name in called):
                begun.add(symbol)
        fits = sorted(exact or begun) if wanted else []
        if len(fits) > 1:
            fault = say(
                "{text!r} may be any of {symbols}: write the code",
                text=text,
                symbols=", ".join(fits),
            )
            raise SymbolError(fault)
        if not fits and wanted and not wanted.isascii():
            fault = say("{text!r} is no name that is known here: write its code", text=text)
            raise SymbolError(fault)
        if not fits:
            raise error
        return fits[0]


def _beginnings(name: str) -> set[str]:
    """What may stand for a name: its first words, or the first signs of one without words."""
    words = name.split()
    if not name.isascii():
        whole = plain(name)
        return {whole[:end] for end in range(_LEAST_BEGINNING, len(whole))}
    return {plain("".join(words[:end])) for end in range(1, len(words))}


def names_of(called: Mapping[str, Iterable[str]]) -> Names:
    """The names of these symbols."""
    names = Names()
    for symbol, each in called.items():
        names.add(symbol, each)
    return names


def known_names() -> Names:
    """The names that are known without a watchlist."""
    return names_of({symbol: (known.name, known.name_en) for symbol, known in KNOWN.items()})
