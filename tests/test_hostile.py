"""One absurd field of an answer costs only itself: it is dropped or named, and nothing falls."""

from __future__ import annotations

import gc
import random
from collections import Counter
from pathlib import Path

import pytest

from tests import fuzz, mutations
from tests.fuzz_inputs import INPUTS, Input

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


# What openpyxl leaves open of a broken workbook is closed as soon as nobody has it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", [name for name, each in INPUTS.items() if each.sample])
def test_a_sample_of_hostile_cases_makes_nothing_fall(name: str, tmp_path: Path) -> None:
    ended = [fuzz.tried(name, number, 1, tmp_path) for number in range(INPUTS[name].sample)]
    gc.collect()
    assert [] == [(number, fault) for number, (_, fault) in enumerate(ended) if fault]
    # Each input is one that is refused at times, and at times is not.
    assert len({how for how, _ in ended}) > 1 or name in ("watchlists", "prices")


def test_a_case_that_makes_the_program_fall_is_said_with_the_seed_to_have_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falls(dice: random.Random, _: Path, __: int) -> str:
        raise ZeroDivisionError(dice.random())

    monkeypatch.setitem(INPUTS, "days", Input(1, 1, falls))
    again = []
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        again.append(fuzz.tried("days", 4711, 3, tmp_path / folder))
    (ended, fault), other = again
    assert (ended, fault) == other
    row = fuzz.Row("days", Counter([ended]), [(4711, fault)])
    said = fuzz.table([row], 3)
    assert "days                     1  crash 1" in said
    assert "days fell: ZeroDivisionError at test_hostile.py" in said
    assert "(--only days --seed 3 --case 4711)" in said
