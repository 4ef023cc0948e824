"""How many faults the audit finds: one put into clean rows of the report, a few hundred times each.

    python -m benchmarks.audit

Prints the share found, the share whose cause is named rightly, and the false alarms on the rows as
they are. A swap of digits that leaves all years of a row at one price, within their rounding, can
be found by nobody: those are counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from screener.watchlists.folder import bundled
from tests import faults
from tests.conftest import YEARS

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
    _of_tables()
    _alone()


def _of_tables() -> None:
    """Faults of a whole table: how many tables have one finding that names it."""
    folder = bundled()
    tables = {
        name: faults.table_rows(folder, name) for name in ("electronics", "telecom", "computing")
    }
    made: Mapping[str, tuple[str, Callable[[faults.Rows], faults.Rows]]] = {
        "EPS a year left": ("years_moved", lambda rows: faults.eps_moved(rows, -1)),
        "EPS a year right": ("years_moved", lambda rows: faults.eps_moved(rows, 1)),
        "caps ×1000": ("unit", lambda rows: faults.caps_scaled(rows, 1000)),
        "caps ×10, counts stored": ("cap_scale", lambda rows: faults.caps_scaled(rows, 10)),
        "caps ×100, counts stored": ("cap_scale", lambda rows: faults.caps_scaled(rows, 100)),
    }
    for title, (kind, fault) in made.items():
        found = 0
        for name, rows in tables.items():
            counts = faults.counts_of(folder, name, rows) if "counts" in title else None
            kinds = {each.kind for each in faults.audited_table(folder, name, fault(rows), counts)}
            found += kind in kinds
        print(f"{title:26} {found} of {len(tables)} tables")  # noqa: T201


def _alone() -> None:
    """Slips in rows that print EPS or P/E alone: suspected, and false suspicions."""
    folder = bundled()
    rows = faults.clean_rows(folder)
    for kind, other in (("eps", "pe"), ("pe", "eps")):
        alone = [(name, faults.without(cells, other)) for name, cells in rows]
        alarms = sum(_suspected(folder, *each) for each in alone)
        line = f"{kind} alone: {alarms} of {len(alone)} clean rows suspected"
        for title, fault in (("decimal", faults.decimal_moved), ("sign", faults.sign_flipped)):
            made = [
                each
                for each in faults.faulty(rows, fault, COUNT, SEED)
                if any(
                    each[1][f"{kind}_{year}"] != _clean(rows, each)[f"{kind}_{year}"]
                    for year in YEARS
                )
            ]
            hits = sum(
                _suspected(folder, name, faults.without(cells, other)) for name, cells in made
            )
            line += f"; {title} {hits} of {len(made)}"
        print(line)  # noqa: T201


def _clean(rows: list[tuple[str, faults.Cells]], made: tuple[str, faults.Cells]) -> faults.Cells:
    return next(
        cells for name, cells in rows if name == made[0] and cells["symbol"] == made[1]["symbol"]
    )


def _suspected(folder: Path, name: str, cells: faults.Cells) -> bool:
    return any(each.kind == "odd_growth" for each in faults.audited(folder, name, cells))


if __name__ == "__main__":
    main()
