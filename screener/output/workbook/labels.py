"""Where the names of points in a chart go, so that none lies over another or over a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, hypot, inf, log, log10
from typing import Literal

Position = Literal["right", "left", "above", "below"]

POSITIONS: tuple[Position, ...] = ("right", "left", "above", "below")

# Half the height of a label and of a marker, and the gap between them, in pixels.
_HALF_LINE, _HALF_MARKER, _GAP = 7.0, 4.0, 3.0
# Half of a line of the chart.
_HALF_RULE = 1.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in pixels of the plot, and how wide its name is."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the plot."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `high`; on a logarithmic one each line is `base` times the last."""

    low: float
    high: float
    base: int | None = None

    def at(self, value: float) -> float:
        """Where a value lies, from 0 at the low end to 1 at the high end."""
        if self.base is not None:
            return log(value / self.low) / log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def scale_of(values: Sequence[float], base: int | None = None) -> Scale:
    """About the axis that a spreadsheet program chooses by itself for these values."""
    low, high = min(values), max(values)
    if base is not None:
        floor_, ceiling = floor(log(low, base)), ceil(log(high, base))
        return Scale(float(base) ** floor_, float(base) ** max(ceiling, floor_ + 1), base)
    if low > 0 and high - low > high / 6:
        low = 0.0
    if high < 0 and high - low > -low / 6:
        high = 0.0
    span = (high - low) or abs(high) or 1.0
    step = _step(span)
    return Scale(floor(low / step) * step, (floor(high / step) + 1) * step)


def placed(
    layouts: Sequence[Sequence[Spot]],
    width: float,
    height: float,
    crossings: Sequence[Spot] = (),
    most: int | None = None,
) -> dict[int, Position]:
    """A side for the name of each spot that has room for it in a plot of that size.

    `layouts` holds the same spots as they lie on different axes: a name must have room on all. The
    spots farthest from all others are served first; where no side is free, the name is left out.
    Names lie in the plot, over no point and over no other name, nor over the two lines that cross
    in the spot of each layout in `crossings`; at `most` so many have one.
    """
    crossed = [_lines(spot, width, height) for spot in crossings] or [[] for _ in layouts]
    plots = [
        _Plot(width, height, list(map(_marker, spots)), lines)
        for spots, lines in zip(layouts, crossed, strict=True)
    ]
    sides: dict[int, Position] = {}
    room = _room(layouts[0])
    for number in sorted(range(len(room)), key=lambda each: -room[each]):
        if len(sides) == most:
            break
        for side in POSITIONS:
            boxes = [_box(spots[number], side) for spots in layouts]
            pairs = list(zip(plots, boxes, strict=True))
            if all(plot.has_room(box, number) for plot, box in pairs):
                sides[number] = side
                for plot, box in pairs:
                    plot.taken.append(box)
                break
    return sides


@dataclass(frozen=True, slots=True)
class _Plot:
    """A plot with the markers of its points, and the lines and names that lie in it."""

    width: float
    height: float
    markers: Sequence[Box]
    taken: list[Box]

    def has_room(self, box: Box, number: int) -> bool:
        """Whether the name of the point of that number fits there."""
        if not (box.left >= 0 and box.right <= self.width):
            return False
        if not (box.top >= 0 and box.bottom <= self.height):
            return False
        if any(box.overlaps(other) for other in self.taken):
            return False
        points = enumerate(self.markers)
        return not any(box.overlaps(point) for at, point in points if at != number)


def _box(spot: Spot, side: Position) -> Box:
    near = _HALF_MARKER + _GAP
    if side in ("right", "left"):
        left = spot.x + near if side == "right" else spot.x - near - spot.width
        top = spot.y - _HALF_LINE
    else:
        left = spot.x - spot.width / 2
        top = spot.y - near - 2 * _HALF_LINE if side == "above" else spot.y + near
    return Box(left, top, left + spot.width, top + 2 * _HALF_LINE)


def _marker(spot: Spot) -> Box:
    return Box(
        spot.x - _HALF_MARKER, spot.y - _HALF_MARKER, spot.x + _HALF_MARKER, spot.y + _HALF_MARKER
    )


def _lines(spot: Spot, width: float, height: float) -> list[Box]:
    """The lines that cross in a spot, from one end of the plot to the other."""
    return [
        Box(0, spot.y - _HALF_RULE, width, spot.y + _HALF_RULE),
        Box(spot.x - _HALF_RULE, 0, spot.x + _HALF_RULE, height),
    ]


def _room(spots: Sequence[Spot]) -> list[float]:
    """How far each spot is from the one that is nearest to it; 0 for one that is alone.

    From left to right: a spot farther to the side than the nearest so far ends the search.
    """
    if len(spots) == 1:
        return [0.0]
    order = sorted(range(len(spots)), key=lambda number: spots[number].x)
    room = [inf] * len(spots)
    for at, number in enumerate(order):
        spot = spots[number]
        for side in (order[at + 1 :], reversed(order[:at])):
            for other in map(spots.__getitem__, side):
                if abs(other.x - spot.x) > room[number]:
                    break
                room[number] = min(room[number], hypot(spot.x - other.x, spot.y - other.y))
    return room


def _step(span: float) -> float:
    """A round step that divides a span into about five."""
    raw = span / 5
    magnitude = 10.0 ** floor(log10(raw))
    return next(each * magnitude for each in (1, 2, 5, 10) if each * magnitude >= raw)
