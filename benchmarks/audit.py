"""How many faults the audit finds: one put into clean rows of the report, a few hundred times each.

    python -m benchmarks.audit

Prints the share found, the share whose cause is named rightly, and the false alarms on the rows as
they are. A swap of digits that leaves all years of a row at one price, within their rounding, can
be found by nobody: those are counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping

from screener.watchlists.folder import bundled
from tests import faults

COUNT, SEED = 400, 20250203
CAUSES: Mapping[str, str] = {
    "sign": "sign",
    "decimal": "decimal",
    "years": "years_swapped",
    "columns": "columns_swapped",
    "digits": "digits",
    "code": "code_name",
}


def main() -> None:
    """Print a line a kind of fault."""
    folder = bundled()
    rows = faults.clean_rows(folder)
    alarms = sum(bool(faults.audited(folder, name, cells)) for name, cells in rows)
    print(f"false alarms: {alarms} of {len(rows)} clean rows")  # noqa: T201
    print(f"{'fault':12} {'rows':>5} {'within rounding':>16} {'found':>8} {'cause right':>12}")  # noqa: T201
    for kind, fault in faults.FAULTS.items():
        made = list(faults.faulty(rows, fault, COUNT, SEED))
        open_ = [
            (name, cells)
            for name, cells in made
            if kind in ("code", "columns") or faults.row_price(folder, name, cells) is None
        ]
        found = [faults.audited(folder, name, cells) for name, cells in open_]
        hits = sum(bool(each) for each in found)
        right = sum(CAUSES.get(kind) in [each.kind for each in findings] for findings in found)
        share = f"{hits / len(open_):.1%}" if open_ else "–"
        cause = f"{right / len(open_):.1%}" if kind in CAUSES else "–"
        print(f"{kind:12} {len(made):5} {len(made) - len(open_):16} {share:>8} {cause:>12}")  # noqa: T201


if __name__ == "__main__":
    main()
