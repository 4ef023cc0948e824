"""What a panel is asked for as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from screener.valuation.limits import NM_ABOVE

# Calendar days that the listing's own multiples are looked back over.
WINDOW_DAYS = 1826
MEMORY = 1_073_741_824


@dataclass(frozen=True, slots=True)
class Asked:
    """What a panel is asked for as: the metric that ranks, the limit of NM, the own past."""

    by: str = "pe_fy1"
    nm_above: float | None = NM_ABOVE
    window_days: int = WINDOW_DAYS
    since: date | None = None
    where: tuple[str, ...] = ()
    memory: int = MEMORY
