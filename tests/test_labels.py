"""Names in a chart: none over another, none over a point, none outside."""

from __future__ import annotations

from itertools import combinations
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.output.workbook.labels import (
    Box,
    Scale,
    Spot,
    _box,
    _marker,
    _room,
    placed,
    scale_of,
)  # fmt: skip

WIDTH, HEIGHT = 600.0, 280.0
spot = st.builds(Spot, x=st.floats(0, WIDTH), y=st.floats(0, HEIGHT), width=st.floats(10, 80))


@given(st.lists(spot, max_size=24))
def test_no_name_lies_over_another_a_point_or_the_edge(spots: list[Spot]) -> None:
    sides = placed([spots], WIDTH, HEIGHT)
    boxes = {number: _box(spots[number], side) for number, side in sides.items()}
    for first, second in combinations(boxes.values(), 2):
        assert not first.overlaps(second)
    for number, box in boxes.items():
        others = (each for place, each in enumerate(spots) if place != number)
        assert not any(box.overlaps(_marker(each)) for each in others)
        assert 0 <= box.left and box.right <= WIDTH and 0 <= box.top and box.bottom <= HEIGHT


@given(st.lists(spot, max_size=24), spot)
def test_no_name_lies_over_the_lines_that_cross_the_plot(spots: list[Spot], middle: Spot) -> None:
    for number, side in placed([spots], WIDTH, HEIGHT, [middle]).items():
        box = _box(spots[number], side)
        assert not box.left < middle.x < box.right
        assert not box.top < middle.y < box.bottom


def test_a_name_with_room_all_around_stands_at_the_right() -> None:
    assert {0: "right"} == placed([[Spot(300, 140, 40)]], WIDTH, HEIGHT)


def test_at_the_right_edge_a_name_goes_to_the_left() -> None:
    assert {0: "left"} == placed([[Spot(595, 140, 40)]], WIDTH, HEIGHT)


def test_of_two_on_one_spot_neither_name_is_written_over_the_other() -> None:
    together = [Spot(300, 140, 40), Spot(301, 141, 40)]
    sides = placed([together], WIDTH, HEIGHT)
    assert {"left", "right"} == set(sides.values())


def test_a_name_must_have_room_on_every_axis_it_may_be_drawn_on() -> None:
    apart = [Spot(300, 50, 40), Spot(330, 250, 40)]
    together = [Spot(300, 140, 40), Spot(330, 140, 40)]
    assert {0: "right", 1: "right"} == placed([apart], WIDTH, HEIGHT)
    assert "right" != placed([apart, together], WIDTH, HEIGHT).get(0)


@pytest.mark.parametrize(
    ("values", "base", "expected"),
    [
        ([12.6, 118.6], 2, Scale(8.0, 128.0, 2)),
        ([12.6, 118.6], 10, Scale(10.0, 1000.0, 10)),
        ([20.0, 132.0], None, Scale(0.0, 150.0)),
        ([-0.1, 0.35], None, Scale(-0.1, 0.4)),
    ],
)
def test_an_axis_ends_where_a_spreadsheet_program_ends_it(
    values: list[float], base: int | None, expected: Scale
) -> None:
    found = scale_of(values, base)
    assert pytest.approx((expected.low, expected.high)) == (found.low, found.high)


def test_boxes_that_only_touch_do_not_overlap() -> None:
    assert not Box(0, 0, 10, 10).overlaps(Box(10, 0, 20, 10))
    assert Box(0, 0, 10, 10).overlaps(Box(9, 9, 20, 20))


@given(st.lists(spot, max_size=24))
def test_the_room_of_a_spot_is_its_distance_from_the_nearest(spots: list[Spot]) -> None:
    expected = [
        min((hypot(a.x - b.x, a.y - b.y) for at, b in enumerate(spots) if at != number), default=0)
        for number, a in enumerate(spots)
    ]
    assert expected == _room(spots)


@given(st.lists(spot, max_size=24), st.integers(0, 24))
def test_of_so_many_names_those_come_first_that_have_most_room(
    spots: list[Spot], most: int
) -> None:
    every = placed([spots], WIDTH, HEIGHT)
    assert list(every.items())[:most] == list(placed([spots], WIDTH, HEIGHT, most=most).items())
