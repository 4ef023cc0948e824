"""One absurd field of an answer costs only itself: it is dropped or named, and nothing falls."""

from __future__ import annotations

import random

import pytest

from tests import mutations

# Of all fields of all answers with all hostile values; `make fuzz` tries every one.
SAMPLE = 3_000


@pytest.mark.parametrize("answer", mutations.answers(), ids=lambda each: each.name)
def test_an_answer_as_it_is_recorded_is_read_and_holds_nothing_absurd(
    answer: mutations.Answer,
) -> None:
    found = mutations.of_sound(answer.name)
    kept = [record for (what, _), record in found.items() if what != "said"]
    assert [] != kept
    assert [] == [each for record in kept for each in mutations.absurdities(record)]


def test_an_absurd_field_costs_only_itself() -> None:
    every = [each for answer in mutations.answers() for each in mutations.mutations(answer)]
    assert 30_000 < len(every)
    sample = random.Random(20).sample(every, SAMPLE)  # noqa: S311 - which to try, no secret
    assert [] == [(str(each), wrong) for each in sample if (wrong := mutations.faults(each))]
