"""What can be wrong: a problem with its kind and place, and how bad each kind is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from screener.model.messages import NOTHING, InputError, Sentence, say

Severity = Literal["error", "warning", "note"]

SEVERITIES: Mapping[Severity, Sentence] = {
    "error": say("error"),
    "warning": say("warning"),
    "note": say("note"),
}


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What a family of problems is called, and how bad it is."""

    name: str
    severity: Severity
    zh: str
    en: str

    def label(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


# error: a figure that was asked for is missing. warning: it is there, and doubtful.
# note: it is right, and needs a word.
PROBLEM_KINDS: Mapping[str, ProblemKind] = {
    kind.name: kind
    for kind in (
        ProblemKind("bad_file", "error", "文件无法读取", "File cannot be used"),
        ProblemKind("bad_line", "error", "行无法读取", "Line cannot be used"),
        ProblemKind("skipped_line", "note", "非个股行", "Line of no listing"),
        ProblemKind("bad_cell", "error", "单元格无法读取", "Cell cannot be used"),
        ProblemKind("no_price", "error", "无价格", "No price"),
        ProblemKind("no_rate", "error", "无汇率", "No exchange rate"),
        ProblemKind("no_estimate", "error", "无盈利预测", "No estimate"),
        ProblemKind("source_out", "warning", "数据源不可用", "Source is out"),
        ProblemKind("names_unchecked", "note", "名称未核对", "Names not compared"),
        ProblemKind("sources_differ", "warning", "数据源不一", "Sources differ"),
        ProblemKind("store", "warning", "存储有误", "Store"),
        ProblemKind("stored_price", "note", "用存储价", "Stored price in place of a live one"),
        ProblemKind("wrong_name", "warning", "代码与名称不符", "Name does not fit the code"),
        ProblemKind(
            "report_price", "warning", "用报告价代替", "Report price in place of a live one"
        ),
        ProblemKind("price_conflict", "warning", "同一标的价格不一", "Prices that conflict"),
        ProblemKind(
            "printed_cell", "warning", "报告数字有疑", "Printed figure that cannot be right"
        ),
        ProblemKind("unused_column", "warning", "未用的列", "Column not used"),
        ProblemKind("correction_unused", "warning", "更正未生效", "Correction not applied"),
        ProblemKind("old_price", "warning", "价格陈旧", "Old price"),
        ProblemKind("old_rate", "warning", "汇率陈旧", "Old exchange rate"),
        ProblemKind("rate_conflict", "warning", "汇率不一", "Exchange rates that conflict"),
        ProblemKind("no_report_price", "warning", "无报告价", "No report price"),
        ProblemKind("later_consensus", "warning", "预测晚于估值日", "Consensus of a later day"),
        ProblemKind("old_consensus", "warning", "一致预期陈旧", "Old consensus"),
        ProblemKind("no_market_cap", "warning", "市值无法换算", "Market cap without a rate"),
        ProblemKind("no_calendar", "warning", "无交易日历", "No trading calendar"),
        ProblemKind("doubted_consensus", "warning", "预测存疑未用", "Estimates in doubt, not used"),
        ProblemKind("no_history", "warning", "无历史价格", "No history of prices"),
        ProblemKind("not_refreshed", "warning", "预测未更新", "No newer estimates"),
        ProblemKind("unknown_to_filter", "note", "筛选条件无法判断", "Filter cannot tell"),
        ProblemKind("splits_unknown", "warning", "送转未查", "Splits not looked up"),
        ProblemKind("splits_differ", "warning", "送转来源不一", "Sources of splits differ"),
        ProblemKind("possible_split", "warning", "疑有送转未记录", "Possible unrecorded split"),
        ProblemKind("correction", "note", "已更正", "Corrected"),
        ProblemKind("filtered", "note", "已筛选", "Filtered"),
        ProblemKind("split", "note", "已按送转调整", "EPS adjusted for a split"),
        ProblemKind("edited_estimate", "note", "手改预测", "Estimate edited by hand"),
        ProblemKind("not_in_workbook", "note", "工作簿中无此行", "Not in the workbook"),
        ProblemKind("no_revision", "note", "修正不可比", "Revisions cannot be compared"),
        ProblemKind("not_meaningful", "note", "无意义 (NM)", "Not meaningful (NM)"),
        ProblemKind("no_next_year", "note", "缺下一年预测", "No estimate for the next year"),
        ProblemKind("listed_twice", "note", "同一标的多表", "Listed in several tables"),
    )
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the user must know: what, where, and about which listing."""

    kind: str
    where: str
    message: Sentence
    symbol: str = ""

    def __post_init__(self) -> None:
        if self.kind not in PROBLEM_KINDS:
            raise ValueError(f"unknown kind of problem: {self.kind!r}")

    @property
    def severity(self) -> Severity:
        return PROBLEM_KINDS[self.kind].severity


class UsageError(InputError):
    """What was asked for cannot be done as it was asked; the message says what can."""


class UnknownNameError(UsageError):
    """A name that is not among the ones there are; the message names those and the nearest."""

    def __init__(self, what: Sentence, name: str, known: Sequence[str]) -> None:
        super().__init__(
            say(
                "no {what} {name!r}; there are {known}.{guess}",
                what=what,
                name=name,
                known=", ".join(known),
                guess=guess(name, known),
            )
        )


def guess(name: str, known: Iterable[str], least: float = 0.5) -> Sentence:
    """The question whether the nearest of the known names is meant; nothing where none is near."""
    nearest = get_close_matches(name, list(known), n=1, cutoff=least)
    return say(" Did you mean {nearest!r}?", nearest=nearest[0]) if nearest else NOTHING
