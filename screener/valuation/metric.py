"""What a metric is: a column that is computed, with its ends, its needs and its direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from screener.model.columns import Column, Kind
from screener.model.messages import NOTHING, Sentence, say
from screener.model.spellings import plain, spellings
from screener.model.usage import UnknownNameError
from screener.valuation.term import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Column):
    """A column that is computed.

    `formula` says in words what `value` says in code. `low` and `high` are its ends when
    each EPS moves within its rounding; a metric that two EPS move in opposite ways has none.
    `best` is the end that ranks first; a metric without is not for ranking. `needs` are the
    inputs without which it is missing; where they are there and it is null, `not_meaningful`
    is the reason. `parts` are the metrics of a composite, `weight` what one of them counts in it.
    `earnings_yield` names the metric whose mean, weighted by market cap, gives
    the aggregate of a sector.
    """

    kind: Kind = "number"
    nullable: bool = True
    formula: Sentence
    value: Term
    needs: tuple[str, ...]
    not_meaningful: Sentence = NOTHING
    low: Term | None = None
    high: Term | None = None
    best: Literal["low", "high"] | None = None
    earnings_yield: str = ""
    parts: tuple[str, ...] = ()
    weight: float = 0.0

    @property
    def tie_breaker(self) -> str:
        """The metric that decides between equals: the more it yields, the better."""
        return self.earnings_yield or "earnings_yield_fy1"

    def gap(self, row: Mapping[str, Any]) -> str:
        """What stands where a row has no figure: `NM`, or `n/a` where an input is missing."""
        return "n/a" if any(row[name] is None for name in self.needs) else "NM"

    def excel(self, term: Term, cells: Mapping[str, Any]) -> str:
        """The formula of one of the metric's terms in a row whose columns stand in `cells`."""
        given = "*".join(f"ISNUMBER({cells[name]})" for name in self.needs)
        return f'IF({given},{term.cell.format_map(cells)},"n/a")'


def ranking_metric(by: str, metrics: Mapping[str, Metric]) -> Metric:
    """The metric called `by`, in any case or by its label in either language.

    Raises UnknownNameError if it is none, or none that ranks.
    """
    ranking_names = [name for name, metric in metrics.items() if metric.best is not None]
    if by in ranking_names:
        return metrics[by]
    meant = spellings(metrics[name] for name in ranking_names).get(plain(by))
    if meant is None:
        raise UnknownNameError(say("metric"), by, ranking_names)
    return metrics[meant]
