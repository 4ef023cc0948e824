"""Sentences in two languages: each has both, with the same values, wherever it has been."""

from __future__ import annotations

import copy
import json
import re
import string
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from openpyxl import load_workbook

from screener import Result, write
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
from screener.model.width import width_of
from tests import messages
from tests.command import Command
from tests.conftest import ROOT, reads_past_extensions, write_watchlist

INNER = say("{low} to {high}", low=1, high=2)
# The fields of the older form of templates.
PERCENT = re.compile(r"%\(\w+\)s")
OUTER = say("{known}, the rest of the row {rest}", known=INNER, rest="—")


def fields(template: str) -> set[str]:
    return {name for _, name, *_ in string.Formatter().parse(template) if name is not None}


def ours(catalogue: Catalog) -> set[str]:
    """What a catalogue has of the program's own; what click says differs by its version."""
    own = (
        message.id
        for message in catalogue
        if any(place.startswith("screener/") for place, _ in message.locations)
    )
    return {each for each in own if isinstance(each, str)}


def test_the_catalogue_has_every_text_that_is_said_and_no_other() -> None:
    said, kept = ours(messages.extracted()), ours(messages.catalogue())
    assert (set(), set()) == (said - kept, kept - said)


def test_the_catalogue_has_what_click_says_itself() -> None:
    said, kept = messages.extracted(), messages.catalogue()
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    if f"\nclick=={version('click')}\n" not in pinned:
        pytest.skip("another version of click than the one that is translated")
    assert set() == {str(each.id) for each in said if each.id and each.id not in kept}


@pytest.mark.parametrize("message", [each for each in messages.catalogue() if each.id])
def test_a_text_has_its_chinese_with_the_same_values(message: Message) -> None:
    english = [message.id] if isinstance(message.id, str) else message.id
    chinese = message.string if isinstance(message.string, str) else (message.string or [""])[0]
    assert (True, False) == (bool(chinese), message.fuzzy)
    assert all(PERCENT.findall(each) == PERCENT.findall(chinese) for each in english)
    # A plural's sentence is said of one and of many: it may have the values of the latter.
    assert fields(english[-1]) == fields(chinese)


def test_what_gettext_reads_is_compiled_from_the_catalogue() -> None:
    assert messages.compiled(messages.catalogue()) == messages.COMPILED.read_bytes()


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
    """Run `screener`; neither a variable nor the locale says the language unless the test does."""
    return partial(command, SCREENER_LANG="", LC_ALL="C.UTF-8")


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


def test_help_and_usage_errors_are_in_the_language_of_option_variable_and_locale(
    command: Command,
) -> None:
    def shown(locale: str, variable: str, *arguments: str) -> str:
        done = command(*arguments, LC_ALL=locale, SCREENER_LANG=variable)
        return done.stdout + done.stderr

    zh, en = "按此指标排名", "Rank by this"
    assert zh in shown("zh_CN.UTF-8", "", "run", "--help")
    assert en in shown("en_US.UTF-8", "", "run", "--help")
    assert zh in shown("C.UTF-8", "", "run", "--help")
    assert en in shown("zh_CN.UTF-8", "en", "run", "--help")
    assert zh in shown("en_US.UTF-8", "en", "run", "--help", "--lang", "zh")
    assert zh in shown("en_US.UTF-8", "en", "--lang=zh", "run", "--help")
    assert "没有选项 '--bye'" in shown("zh_CN.UTF-8", "", "run", "--bye")
    assert "No such option '--bye'" in shown("en_US.UTF-8", "", "run", "--bye")
    assert "'--top' 的值无效" in shown("en_US.UTF-8", "", "run", "--lang", "zh", "--top", "x")


def test_no_line_of_chinese_help_is_wider_than_the_terminal(command: Command) -> None:
    for arguments in ((), ("run",), ("consensus", "accept"), ("import",)):
        lines = command(*arguments, "--help", COLUMNS="80").stdout.splitlines()
        assert [] == [line for line in lines if width_of(line) > 80]
        assert any(ord(character) > 0x2E80 for line in lines for character in line)


def test_what_a_command_says_of_a_bad_line_is_chinese_to_the_end(
    command: Command, tmp_path: Path
) -> None:
    write_watchlist(tmp_path, "AAPL,苹果,1,1,1,1,1,1,1,CNY")
    done = command("watchlist", "check", "-w", ".")
    assert ["错误: 行无法读取 (1)", "1 张自选表，0 行，1 个错误"] == [
        done.stderr.splitlines()[0],
        done.stdout.strip(),
    ]
    assert "AAPL: 'AAPL' 不是这里支持的交易所的代码：支持上海（600941.SH）" in done.stderr


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
    english = {each.id for each in messages.catalogue() if each.id and each.id != each.string}
    # Data, not sentences: the name of the source of prices that was asked for.
    assert set() == pieces & english - {"report"}


def test_days_are_written_as_days() -> None:
    assert "in 2026-03-31" == say("in {folder}", folder=date(2026, 3, 31))
