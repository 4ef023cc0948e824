"""A sample of `make faults`: a fault, on a call to a vendor, in a command; nothing falls."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.loopback import running
from tests.outage_cells import WAYS, Cell, cells
from tests.outage_world import market
from tests.outages import Bench
from tests.soak import Soak

SEED, QUICK, SLOW, RUNS = 20, 135, 8, 6
# What a command takes is no matter of the suite, as the machine may do other things; that it ends
# at all is.
NO_MATTER = 60.0


def sample() -> list[Cell]:
    """The same for the same seed; of what is slow a few, of the whole way each fault."""
    dice, every = Random(SEED), list(cells())  # noqa: S311 - which to try, no secret
    quick = [cell for cell in every if not cell.is_slow and cell.fault not in WAYS]
    slow = [cell for cell in every if cell.is_slow]
    ways = [dice.choice([cell for cell in every if cell.fault == way]) for way in WAYS]
    return [*dice.sample(quick, QUICK), *dice.sample(slow, SLOW), *ways]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, warm: dict[str, str]) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    with running(market(), folder) as vendor:
        yield Bench(folder, vendor, warm)


@pytest.mark.parametrize(
    "cell", sample(), ids=lambda cell: f"{cell.doing}-{cell.call}-{cell.fault}"
)
def test_a_fault_costs_no_more_than_what_it_is_of(bench: Bench, cell: Cell) -> None:
    assert [] == bench.try_one(cell, NO_MATTER)


def test_a_store_stays_right_through_runs_under_faults(bench: Bench) -> None:
    assert [] == [fault for _, fault in Soak(bench, SEED).falls(RUNS)]
