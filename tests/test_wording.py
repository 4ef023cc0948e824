"""Sentences in two languages: each has both, with the same values, wherever it has been."""

from __future__ import annotations

import ast
import copy
import json
import re
import string
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from openpyxl import load_workbook

from screener import Result, write
from screener.chinese import CHINESE
from screener.model.messages import (
    NOTHING,
    InputError,
    Sentence,
    from_plain,
    joined,
    message_of,
    say,
    to_plain,
)
from tests.command import Command
from tests.conftest import ROOT, reads_past_extensions, write_watchlist

INNER = say("{low} to {high}", low=1, high=2)
OUTER = say("{known}, the rest of the row {rest}", known=INNER, rest="—")


def templates() -> Iterator[str]:
    """Every text that the program gives to `say`."""
    for path in (ROOT / "screener").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("say"), args=[ast.Constant(str(template)), *_]):
                    yield template


def words(template: str) -> str:
    return "".join(text for text, *_ in string.Formatter().parse(template))


def fields(template: str) -> set[str]:
    return {name for _, name, *_ in string.Formatter().parse(template) if name is not None}


def test_every_sentence_has_its_chinese_and_every_chinese_is_of_one() -> None:
    said = {each for each in templates() if re.search("[A-Za-z]", words(each))}
    assert set() == said - set(CHINESE)
    assert {"; ", " + "} == set(CHINESE) - said


@pytest.mark.parametrize("template", CHINESE)
def test_the_chinese_of_a_sentence_has_its_values(template: str) -> None:
    assert fields(template) == fields(CHINESE[template])


def test_a_sentence_is_english_where_nobody_asks_and_chinese_with_all_it_holds() -> None:
    assert "1 to 2, the rest of the row —" == OUTER == OUTER.said("en")
    assert "1 至 2，该行其余为 —" == OUTER.said("zh")


def test_sentences_in_a_row_keep_their_languages() -> None:
    assert "1 to 2; empty" == joined([INNER, say("empty")])
    assert "1 至 2；空" == joined([INNER, say("empty")]).said("zh")
    assert not joined([]) and not NOTHING


@pytest.mark.parametrize("each", [INNER, OUTER, NOTHING, say("{text}", text="a {brace}")])
def test_a_sentence_comes_back_whole_from_json_and_from_a_copy(each: Sentence) -> None:
    for found in (from_plain(json.loads(json.dumps(to_plain(each)))), copy.deepcopy(each)):
        assert (each, each.said("zh")) == (found, found.said("zh"))


def test_the_text_of_an_older_store_is_said_as_it_is() -> None:
    assert "50 {x} %" == from_plain("50 {x} %").said("zh")


def test_an_error_says_what_it_said_when_it_is_a_value() -> None:
    error = InputError(say("{text!r} is no number: write 12.34 or -0.5", text="x"))
    assert "价格 'x' 不是数字：请写 12.34 或 -0.5" == say("price {error}", error=error).said("zh")
    assert "EPS of another" == message_of(ValueError("EPS of another")).said("zh")


@pytest.fixture
def command(command: Command) -> Command:
    """Run `screener`; no variable says the language unless the test sets it."""
    return partial(command, SCREENER_LANG="")


def test_the_language_is_chinese_unless_option_variable_or_settings_say_otherwise(
    command: Command, tmp_path: Path
) -> None:
    zh, en = "没有自选表 'no'", "no watchlist 'no'"
    assert zh in command("run", "no").stderr
    assert en in command("run", "no", SCREENER_LANG="en").stderr
    assert en in command("--lang", "en", "run", "no").stderr
    assert zh in command("run", "no", "--lang", "zh", SCREENER_LANG="en").stderr
    (tmp_path / "screener.toml").write_text('lang = "en"\n[watchlist.show]\nlang = "zh"\n')
    assert en in command("run", "no").stderr
    assert zh in command("watchlist", "show", "no").stderr
    assert zh in command("--lang", "zh", "run", "no").stderr
    (tmp_path / "screener.toml").write_text('lang = "fr"\n')
    assert (2, True) == ((done := command("runs")).returncode, "'fr'" in done.stderr)


def test_what_a_command_says_of_a_bad_line_is_chinese_to_the_end(
    command: Command, tmp_path: Path
) -> None:
    write_watchlist(tmp_path, "600000,浦发银行,1,1,1,1,1,1,1,CNY")
    done = command("watchlist", "check", "-w", ".")
    assert ["错误: 行无法读取 (1)", "1 张自选表，0 行，1 个错误"] == [
        done.stderr.splitlines()[0],
        done.stdout.strip(),
    ]
    assert "600000: '600000' 不是代码：请写数字、点和交易所，如 600941.SH" in done.stderr


def test_a_workbook_says_its_problems_and_findings_in_its_language(
    report_result: Result, tmp_path: Path
) -> None:
    book = load_workbook(write(report_result, tmp_path / "zh.xlsx", lang="zh"), read_only=True)
    problems = [each for each in report_result.problems if each.kind != "correction"]
    for sheet, found in (("问题", problems), ("审计", report_result.findings)):
        cells = [row[-1].value for row in book[sheet].iter_rows()]
        assert {each.message.said("zh") for each in found} <= set(cells)
        assert not {str(each.message) for each in found} & set(cells)


@reads_past_extensions
def test_a_chinese_workbook_holds_no_english_sentence(
    report_result: Result, tmp_path: Path
) -> None:
    path = write(report_result, tmp_path / "zh.xlsx", lang="zh")
    book = load_workbook(path, read_only=True)
    cells = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row)
    pieces = {
        piece.strip("()") for text in cells if isinstance(text, str) for piece in text.split("\n")
    }
    english = {each for each, chinese in CHINESE.items() if each != chinese}
    # Data, not sentences: a source's word for a price, the kinds of prices.
    assert set() == pieces & english - {"report", "n"}


def test_days_are_written_as_days() -> None:
    assert "in 2026-03-31" == say("in {folder}", folder=date(2026, 3, 31))
