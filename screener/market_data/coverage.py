"""The listings of some watchlists with what is stored of their estimates and splits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import attrgetter
from pathlib import Path

from screener.consensus.choice import Which, choose
from screener.consensus.judge import Judged, factor_of, history
from screener.consensus.revisions import Revision, revisions
from screener.consensus.splits import Record, adjustment, faults
from screener.market_data.split_lookup import stored_splits
from screener.model.calendars import last_trade, market_day
from screener.model.names import Names, known_names
from screener.model.problems import Problem
from screener.model.records import Listing, Vintage
from screener.model.spellings import plain, spelled
from screener.model.usage import UsageError
from screener.store.store import Store, default_path
from screener.watchlists.folder import default_folder
from screener.watchlists.read import load_watchlists
from screener.watchlists.selection import listed, names_in


@dataclass(frozen=True, slots=True)
class Coverage:
    """The listings of some watchlists with what is stored of their estimates and splits."""

    listings: tuple[Listing, ...]
    store: Store
    record: Record
    problems: tuple[Problem, ...]

    def history(self, listing: Listing) -> tuple[Judged, ...]:
        """Every vintage of a listing, the oldest first."""
        stored = self.store.vintages([listing.symbol])
        return history(listing, stored, self.record)

    def of(self, targets: Sequence[str]) -> list[Listing]:
        """The listings that symbols and names of watchlists mean; all without one.

        Raises UsageError for what is neither.
        """
        found: list[Listing] = []
        for target in targets:
            found += self._of_watchlist(target) or self._named(target)
        return list(dict.fromkeys(found)) if targets else list(self.listings)

    def one(self, text: str) -> Listing:
        """The listing that a code or a name means; of several tables, that of the newest.

        Raises UsageError for what is none of a watchlist.
        """
        return max(self._named(text), key=lambda row: row.provenance.as_of)

    def _of_watchlist(self, text: str) -> list[Listing]:
        labels = {row.sector: (row.provenance.label_zh, row.provenance.label_en)
                  for row in self.listings}  # fmt: skip
        meant = spelled(labels).get(plain(text))
        return [row for row in self.listings if row.sector == meant]

    def _named(self, text: str) -> list[Listing]:
        symbol = listed(text, names_in(self.listings))
        return [row for row in self.listings if row.symbol == symbol]


def load_coverage(
    watchlists: str | Path | None = None,
    store: str | Path | None = None,
    now: datetime | None = None,
    *,
    create: bool = False,
) -> Coverage:
    """What is known of the listings of a folder's watchlists. Without a folder, the usual one."""
    folder = Path(watchlists) if watchlists is not None else default_folder()
    tables, problems = load_watchlists(folder, (), on=market_day(now or datetime.now(UTC)))
    rows = tuple(row for table in tables for row in table.listings)
    kept = Store(Path(store) if store is not None else default_path(), create=create)
    errors = tuple(problem for problem in problems if problem.is_gap)
    return Coverage(rows, kept, stored_splits(rows, kept), errors)


def every_name(store: Store, today: date) -> Names:
    """What listings are called in the usual watchlists, in the store, and in the small table here.

    Without a watchlist there are the others.
    """
    names = known_names()
    for profile in store.profiles():
        names.add(profile.symbol, (profile.name, profile.name_en))
    with suppress(UsageError):
        tables, _ = load_watchlists(default_folder(), (), on=today)
        names_in((row for table in tables for row in table.listings), names)
    return names


def between(
    coverage: Coverage, rows: Iterable[Listing], old: Which, new: Which, today: date
) -> dict[Listing, tuple[Vintage, Vintage, list[Revision]]]:
    """The two vintages of each listing that two choices mean, and what changed between them."""
    found = {}
    for row in rows:
        judged = coverage.history(row)
        before, after = (choose(judged, choice, today) for choice in (old, new))
        factor: Callable[[date, date], float] = factor_of(row.symbol, coverage.record)
        found[row] = (before, after, revisions(before, after, factor))
    return found


def unknown_between(
    coverage: Coverage, changes: Mapping[Listing, tuple[Vintage, Vintage, Sequence[Revision]]]
) -> list[Problem]:
    """A problem for each listing whose splits between its two vintages are not known for sure."""
    between_both = {}
    for row, (old, new, _) in changes.items():
        first, last = sorted((old, new), key=attrgetter("as_of"))
        until = last.as_of
        if last.fetched_at is not None:
            # Nothing has split on a Sunday, nor before the opening bell: nobody is asked of then.
            until = min(until, last_trade(row.symbol, last.fetched_at).date())
        between_both[row] = adjustment(row.symbol, first.as_of, until, coverage.record)
    return faults(between_both)
