"""Layouts in the manner of many houses: each is read right or refused with a reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import corpus
from tests.corpus import CLASSES, DISTRACTORS, KINDS, NAMES, Case, judged


@pytest.mark.parametrize("name", CLASSES)
def test_no_layout_is_read_wrong_and_hardly_one_is_refused(name: str, tmp_path: Path) -> None:
    score: Counter[str] = Counter()
    wrong, cases = [], list(CLASSES[name]())
    for number, case in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        verdict, why = judged(case, folder)
        score[verdict] += 1
        if verdict == "wrong":
            wrong.append(f"{case.name}: {why}")
    assert [] == wrong
    assert score["refused"] <= len(cases) / 20, score


def test_the_corpus_has_all_its_classes() -> None:
    assert sum(len(list(made())) for made in CLASSES.values()) >= 120


@settings(max_examples=120)
@given(
    picked=st.lists(st.sampled_from(DISTRACTORS), max_size=3, unique=True),
    places=st.lists(st.integers(0, 8), min_size=3, max_size=3),
    kind=st.sampled_from(KINDS),
    eps=st.sampled_from(corpus.EPS_WORDS),
    pe=st.sampled_from(corpus.PE_WORDS),
    is_folded=st.booleans(),
)
def test_a_table_with_any_other_columns_among_its_own_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    picked: list[str],
    places: list[int],
    kind: str,
    eps: str,
    pe: str,
    is_folded: bool,
) -> None:
    years = [f"{year}E" for year in corpus.YEARS]
    lower = ["", "", *years, *years] if is_folded else []
    upper = ["代码", "名称", eps, "", "", pe, "", ""]
    if not is_folded:
        upper = ["代码", "名称", *(f"{label}{year}" for label in (eps, pe) for year in years)]
    made = corpus.rows()
    # A column stands before, between or behind the groups, not within one; the last goes in first.
    wanted_at = [(2, 5, 8)[place % 3] if is_folded else max(2, place) for place in places]
    for text, at in sorted(zip(picked, wanted_at, strict=False), key=lambda pair: -pair[1]):
        upper.insert(at, text)
        lower[at:at] = [""] if is_folded else []
        for number, row in enumerate(made):
            row.insert(at, f"{7.31 + number}")
    heads = [upper, lower] if is_folded else [upper]
    case = Case("random", heads, made, corpus.wanted(), kind=kind)
    verdict, why = judged(case, tmp_path_factory.mktemp("random"))
    assert "wrong" != verdict, (heads, why)


def test_the_judge_sees_a_figure_in_the_wrong_year(tmp_path: Path) -> None:
    (first, *_) = CLASSES["headings"]()
    moved = {
        symbol: {**cells, "eps_2025": cells["eps_2024"]} for symbol, cells in first.wanted.items()
    }
    case = Case(first.name, first.heads, first.rows, moved)
    assert "wrong" == judged(case, tmp_path)[0]
    assert 4 == len(NAMES)
