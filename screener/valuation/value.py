"""Every metric of the catalogue, computed on a frame of inputs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from string import Formatter
from typing import Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from screener.valuation.metric import Metric
from screener.valuation.term import finite


def value(inputs: IntoFrameT, metrics: Iterable[Metric]) -> IntoFrameT:
    """The frame with a column for each metric, in their order; null where it means nothing.

    Takes and gives any frame narwhals knows, eager or lazy. No figure comes out NaN or infinite.
    """
    frame: Any = nw.from_native(inputs)
    asked = list(metrics)
    given = list(frame.collect_schema().names())
    for level in levels(asked):
        frame = frame.with_columns(**{metric.name: metric.value.frame for metric in level})
        frame = frame.with_columns(**finite(metric.name for metric in level))
    return frame.select(*given, *(each.name for each in asked)).to_native()  # type: ignore[no-any-return]


def levels(metrics: Sequence[Metric]) -> list[list[Metric]]:
    """The metrics by what they follow from: each level needs only columns of those before it.

    A plan of few steps is what engines that compile one can take in.
    """
    left = {metric.name: metric for metric in metrics}
    found: list[list[Metric]] = []
    while left:
        free = [metric for metric in left.values() if not _used(metric, left)]
        if not free:
            raise ValueError(f"a circle among {sorted(left)}")
        found.append(free)
        left = {name: metric for name, metric in left.items() if metric not in free}
    return found


def _used(metric: Metric, names: Collection[str]) -> set[str]:
    """Which of the metrics a metric is computed from, as its formula names them."""
    fields = (name for _, name, _, _ in Formatter().parse(metric.value.cell) if name)
    # `area[pe_fy1]` is all cells of that column, and a sheet has rounded copies of some.
    cells = {name.partition("[")[2].rstrip("]") or name for name in fields}
    used = {name for name in names for cell in cells if cell == name or cell.endswith(f"_{name}")}
    # The sector's median is one of P/E FY1.
    return (used | ({"pe_fy1"} & set(names) if "sector_median" in cells else set())) - {metric.name}
