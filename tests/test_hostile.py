"""One absurd field of an answer costs only itself: it is dropped or named, and nothing falls."""

from __future__ import annotations

import gc
import os
import random
from collections import Counter
from pathlib import Path

import click
import pytest

from screener.commands.panel import Size
from screener.importing.documents.line import MOST_CELLS, placed_line
from tests import fuzz, mutations
from tests.command import Command
from tests.conftest import ROW, write_watchlist
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


@pytest.mark.parametrize("text", ["²", "9" * 400, "-1", "0", "1e3", "", "MiB", "1 GB", "１G"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no size: write 800MiB or 1GiB"):
        Size().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "size"), [("800MiB", 838_860_800), ("1g", 2**30), ("1.5KB", 1536), ("64", 64)]
)
def test_a_size_is_read(text: str, size: int) -> None:
    assert size == Size().convert(text, None, None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--watch", "1e23"),
        ("run", "--watch", "9" * 30),
        ("doctor", "--timeout", "1e300"),
        ("run", "--prices", "report", "--by", f"{'9' * 400} pe_fy1 + 1 peg"),
        ("run", "--prices", "report", "--by", f"0.{'0' * 400}1 pe_fy1 + 1 peg"),
        ("run", "--prices", "report", "--consensus", "/dev/zero"),
        ("run", "--prices", "/dev/zero"),
    ],
    ids=lambda each: " ".join(each)[:40],
)
def test_an_absurd_option_is_wrong_usage(command: Command, arguments: tuple[str, ...]) -> None:
    assert 2 == command(*arguments).returncode


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_in_place_of_a_file_is_told_and_not_waited_for(
    command: Command, tmp_path: Path
) -> None:
    write_watchlist(tmp_path / "watchlists", ROW)
    os.mkfifo(tmp_path / "watchlists" / "pipe.csv")
    os.mkfifo(tmp_path / "pipe.xlsx")
    done = command("run", "--prices", "report", "--consensus", "pipe.xlsx", "-o", "out")
    assert 2 == done.returncode
    done = command("run", "--prices", "report", "-o", "out")
    assert (1, True) == (done.returncode, "Is no regular file" in done.stderr)
    assert 2 == command("add", "pipe.xlsx", "--yes").returncode


def test_stdin_is_read_up_to_a_bound(command: Command) -> None:
    done = command("run", "--prices", "report", "--only", "-", stdin="0" * 50_000_001)
    assert 2 == done.returncode
    assert "- cannot be read: Has more than 50 MB" in done.stderr


def test_a_line_of_any_length_has_so_many_cells_and_each_in_its_place() -> None:
    line = placed_line("x:1", "移动  b1  " * 100_000)
    assert MOST_CELLS == len(line.cells)
    # Two wide signs and two blanks, then two narrow ones and two blanks: ten places.
    assert [(0, 4), (6, 8), (10, 14), (16, 18)] == [
        (cell.left, cell.right) for cell in line.cells[:4]
    ]
    assert (590, 594) == (line.cells[118].left, line.cells[118].right)
