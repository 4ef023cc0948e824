"""How much a vendor's answer may be, in its child: more is refused before any of it is parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from screener.model.messages import say
from screener.sources.answers import RefusalError

# Five times the longest table that is asked for: every day of a listing's thirty years.
MOST_BYTES = 10_000_000

Answer = TypeVar("Answer")


def too_large() -> RefusalError:
    """What is said of an answer that is larger than any that is asked for."""
    return RefusalError(
        say("its answer has more than {most} MB: it is not read", most=MOST_BYTES // 1_000_000)
    )


def shallow(read: Callable[[], Answer]) -> Answer:
    """What is read of an answer. Raises RefusalError for one that is nested beyond reason."""
    try:
        return read()
    except RecursionError:
        raise RefusalError(say("its answer is nested too deep: it is not read")) from None


def bound_requests() -> None:
    """From now on nothing that is asked with requests in this process is read beyond the bound.

    akshare asks with sessions of its own, and has no option for it.
    """
    from requests import Response

    whole = Response.iter_content

    def iter_content(self: Response, *arguments: Any, **options: Any) -> Iterator[Any]:
        size = 0
        for piece in whole(self, *arguments, **options):
            size += len(piece)
            if size > MOST_BYTES:
                self.close()
                raise too_large()
            yield piece

    Response.iter_content = iter_content  # type: ignore[method-assign]
