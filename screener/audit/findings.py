"""What an audit finds: kinds of findings, and what would mend them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from screener.model.messages import Sentence, say
from screener.model.problems import Severity, kinds_of
from screener.model.records import Listing

# error: the figure is wrong. warning: two figures do not go together. note: it needs a word.
# In the order of how common the slips are: of several that explain a row, the first is likeliest.
KINDS = kinds_of("finding_kinds")


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


def finding_on(
    listing: Listing,
    kind: str,
    message: Sentence,
    fiscal_year: int | None = None,
    fixes: tuple[Fix, ...] = (),
) -> Finding:
    said = say("{name}: {message}", name=listing.name, message=message)
    symbol, where, sector = listing.printed_symbol, listing.where, listing.sector
    return Finding(symbol, kind, where, said, sector, fiscal_year, fixes=fixes)
