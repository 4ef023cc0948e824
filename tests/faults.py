"""Clean printed rows with one fault put in: what the audit is measured by."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from screener.audit.audit import audit_watchlists
from screener.audit.findings import Finding
from screener.audit.implied import common_price, figures_of, implied_shares
from screener.model.aliases import KNOWN
from screener.watchlists import csvfile
from screener.watchlists.read import from_lines, names
from tests.conftest import YEARS

# Cells that the report itself has wrong: no clean rows.
NOT_CLEAN = ("688256.SH", "9898.HK")

Cells = dict[str, str]
Fault = Callable[[random.Random, Cells], Cells | None]


def clean_rows(folder: Path) -> list[tuple[str, Cells]]:
    """Every row of the bundled watchlists that has no fault, as its cells, with its watchlist."""
    found = []
    for name in names(folder):
        lines, _ = csvfile.read(folder / f"{name}.csv", ("symbol",))
        found += [
            (name, dict(line.cells)) for line in lines if line.cells["symbol"] not in NOT_CLEAN
        ]
    return found


def audited(folder: Path, name: str, cells: Mapping[str, str]) -> list[Finding]:
    """What the audit says of one row alone; that the day was no trading day is not of the row."""
    line = csvfile.CsvLine("row", {**cells, "printed_symbol": cells["symbol"]})
    table, problems = from_lines(folder / f"{name}.csv", [line])
    assert problems == [], problems
    found = audit_watchlists([table])
    return [each for each in found if each.kind not in ("closed_day", "retired_code")]


def row_price(folder: Path, name: str, cells: Mapping[str, str]) -> object:
    """The price that the row's years have in common, or None."""
    line = csvfile.CsvLine("row", {**cells, "printed_symbol": cells["symbol"]})
    table, _ = from_lines(folder / f"{name}.csv", [line])
    return common_price(figures_of(table.listings[0]))


def _cell(random_: random.Random) -> str:
    return f"{random_.choice(('eps', 'pe'))}_{random_.choice(YEARS)}"


def sign_flipped(random_: random.Random, cells: Cells) -> Cells | None:
    cell = _cell(random_)
    text = cells[cell]
    return {**cells, cell: text[1:] if text.startswith("-") else f"-{text}"}


def decimal_moved(random_: random.Random, cells: Cells) -> Cells | None:
    cell = _cell(random_)
    digits, places = cells[cell].replace(".", ""), len(cells[cell].partition(".")[2])
    places += random_.choice((1, -1))
    if places < 0:
        return None
    sign, bare = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    bare = bare.zfill(places + 1)
    moved = f"{sign}{bare[: len(bare) - places]}.{bare[len(bare) - places :]}".rstrip(".")
    return {**cells, cell: moved}


def digits_swapped(random_: random.Random, cells: Cells) -> Cells | None:
    cell = _cell(random_)
    text = cells[cell]
    places = [at for at, sign in enumerate(text) if sign.isdigit()]
    pairs = [(a, b) for a in places for b in places if a < b and text[a] != text[b]]
    if not pairs:
        return None
    one, other = random_.choice(pairs)
    signs = list(text)
    signs[one], signs[other] = signs[other], signs[one]
    return {**cells, cell: "".join(signs)}


def years_swapped(random_: random.Random, cells: Cells) -> Cells | None:
    kind = random_.choice(("eps", "pe"))
    one, other = (f"{kind}_{year}" for year in random_.sample(YEARS, 2))
    return {**cells, one: cells[other], other: cells[one]}


def columns_swapped(random_: random.Random, cells: Cells) -> Cells | None:
    year = random_.choice(YEARS)
    eps, pe = f"eps_{year}", f"pe_{year}"
    return {**cells, eps: cells[pe], pe: cells[eps]}


def price_stale(percent: float) -> Fault:
    def fault(random_: random.Random, cells: Cells) -> Cells | None:
        cell = f"pe_{random_.choice(YEARS)}"
        factor = 1 + random_.choice((-1, 1)) * percent / 100
        return {**cells, cell: f"{float(cells[cell]) * factor:.2f}"}

    return fault


def code_wrong(random_: random.Random, cells: Cells) -> Cells | None:
    other = random_.choice([symbol for symbol in KNOWN if symbol != cells["symbol"]])
    same = KNOWN[other].name == cells["name"]
    return None if same else {**cells, "symbol": other}


FAULTS: Mapping[str, Fault] = {
    "sign": sign_flipped,
    "decimal": decimal_moved,
    "years": years_swapped,
    "columns": columns_swapped,
    "digits": digits_swapped,
    "code": code_wrong,
    "stale 1 %": price_stale(1),
    "stale 2 %": price_stale(2),
    "stale 5 %": price_stale(5),
    "stale 10 %": price_stale(10),
}


def faulty(
    rows: list[tuple[str, Cells]], fault: Fault, count: int, seed: int
) -> Iterator[tuple[str, Cells]]:
    """So many rows with that fault, the same for the same seed."""
    random_ = random.Random(seed)  # noqa: S311 - figures, no secrets
    made = 0
    while made < count:
        name, cells = random_.choice(rows)
        changed = fault(random_, cells)
        if changed is not None:
            made += 1
            yield name, changed


# --- faults of a whole table, and of rows that print one kind alone -------------------------------

Rows = list[Cells]


def table_rows(folder: Path, name: str) -> Rows:
    """The clean rows of a bundled watchlist."""
    return [cells for watchlist, cells in clean_rows(folder) if watchlist == name]


def audited_table(
    folder: Path, name: str, rows: Rows, shares: Mapping[str, float] | None = None
) -> list[Finding]:
    """What the audit says of these rows as one table."""
    lines = [
        csvfile.CsvLine(f"row {at}", {**cells, "printed_symbol": cells["symbol"]})
        for at, cells in enumerate(rows)
    ]
    table, problems = from_lines(folder / f"{name}.csv", lines)
    assert problems == [], problems
    return audit_watchlists([table], shares)


def counts_of(folder: Path, name: str, rows: Rows) -> dict[str, float]:
    """Shares by symbol, as the rows imply them: what a vendor would count."""
    lines = [csvfile.CsvLine("row", {**cells, "printed_symbol": cells["symbol"]}) for cells in rows]
    table, _ = from_lines(folder / f"{name}.csv", lines)
    counts = {listing.symbol: implied_shares(listing) for listing in table.listings}
    return {symbol: count.midpoint * 1e8 for symbol, count in counts.items() if count}


def eps_moved(rows: Rows, step: int) -> Rows:
    """EPS under the year `step` after its own; the one that falls off is made up."""
    moved = []
    for cells in rows:
        eps = [cells[f"eps_{year}"] for year in YEARS]
        eps = [f"{float(eps[0] or 1) * 0.83:.2f}", *eps[:-1]] if step > 0 else [
            *eps[1:], f"{float(eps[-1] or 1) * 1.21:.2f}"
        ]  # fmt: skip
        moved.append({**cells, **dict(zip((f"eps_{y}" for y in YEARS), eps, strict=True))})
    return moved


def caps_scaled(rows: Rows, factor: float) -> Rows:
    """All market caps times a factor."""
    return [{**cells, "market_cap": f"{float(cells['market_cap']) * factor:.2f}"} for cells in rows]


def without(cells: Cells, kind: str) -> Cells:
    """A row that prints no EPS, or no P/E."""
    return {name: "" if name.startswith(f"{kind}_2") else text for name, text in cells.items()}
