"""Every metric of the catalogue, computed on a frame of inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from screener.valuation.metric import Metric


def value(inputs: IntoFrameT, metrics: Iterable[Metric]) -> IntoFrameT:
    """The frame with a column for each metric, in their order; null where it means nothing.

    Takes and gives any frame narwhals knows, eager or lazy. No figure comes out NaN or infinite.
    """
    frame: Any = nw.from_native(inputs)
    for metric in metrics:
        term = metric.value.frame
        finite = nw.when(term.is_finite()).then(term)
        frame = frame.with_columns(finite.alias(metric.name))
    return frame.to_native()  # type: ignore[no-any-return]
