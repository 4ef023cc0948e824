"""What an audit finds: kinds of findings, and what would mend them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from screener.model.messages import Sentence, say
from screener.model.problems import ProblemKind, Severity
from screener.model.records import Listing

# error: the figure is wrong. warning: two figures do not go together. note: it needs a word.
KINDS: Mapping[str, ProblemKind] = {
    kind.name: kind
    for kind in (
        ProblemKind("sign", "error", "正负号有误", "Sign"),
        ProblemKind("columns_swapped", "error", "EPS与市盈率互换", "EPS and P/E swapped"),
        ProblemKind("years_swapped", "error", "年份互换", "Years swapped"),
        ProblemKind("decimal", "error", "小数点移位", "Decimal point"),
        ProblemKind("digits", "error", "数字颠倒", "Digits transposed"),
        ProblemKind("cell", "error", "数字不符", "Cell at odds with its row"),
        ProblemKind("monotony", "warning", "EPS与市盈率同升", "EPS and P/E rise together"),
        ProblemKind("code_name", "error", "代码与名称不符", "Code and name"),
        ProblemKind("suffix", "error", "交易所后缀有误", "Exchange of the code"),
        ProblemKind("retired_code", "warning", "代码已停用", "Retired code"),
        ProblemKind("price_conflict", "warning", "同一标的两个价格", "Two prices of one listing"),
        ProblemKind("eps_conflict", "warning", "同一标的两个EPS", "Two EPS of one listing"),
        ProblemKind(
            "cap_conflict", "warning", "同一标的两个市值", "Two market caps of one listing"
        ),
        ProblemKind("shares", "warning", "股本不一", "Share counts that differ"),
        ProblemKind("unit", "error", "市值单位有误", "Unit of the market caps"),
        ProblemKind("other_day", "warning", "整列为另一日价格", "Column at another day's price"),
        ProblemKind("closed_day", "note", "截至日休市", "Day without trading"),
    )
}


@dataclass(frozen=True, slots=True)
class Fix:
    """A printed value and what it should be, where only one thing can be meant."""

    field: str
    printed: str
    corrected: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A printed figure, or several, that cannot be right: what, where, and the likeliest cause."""

    symbol: str
    kind: str
    where: str
    message: Sentence
    sector: str = ""
    fiscal_year: int | None = None
    is_corrected: bool = False
    fixes: tuple[Fix, ...] = ()

    @property
    def severity(self) -> Severity:
        """How bad it is; what a correction has mended is a note."""
        return "note" if self.is_corrected else KINDS[self.kind].severity

    def to_dict(self) -> dict[str, object]:
        """The finding as plain values, ready for JSON."""
        fixes = [asdict(fix) for fix in self.fixes]
        return {**asdict(self), "severity": self.severity, "fixes": fixes}


def code_fix(printed: str, corrected: str) -> Fix:
    return Fix("symbol", printed, corrected)


def finding_on(
    listing: Listing,
    kind: str,
    message: Sentence,
    fiscal_year: int | None = None,
    fixes: tuple[Fix, ...] = (),
) -> Finding:
    return Finding(
        listing.printed_symbol,
        kind,
        listing.where,
        say("{name}: {message}", name=listing.name, message=message),
        listing.sector,
        fiscal_year,
        fixes=fixes,
    )
