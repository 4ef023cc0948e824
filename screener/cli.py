"""The command `screener`: options to a library call, its result to the terminal, an exit code."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener import __version__
from screener.model import Problem, UsageError

if TYPE_CHECKING:
    from screener.audit import Finding

FINE, ERRORS, WRONG_USAGE, NOTHING_WRITTEN, INTERRUPTED = 0, 1, 2, 3, 130

_LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Headings."
)
_WATCHLISTS = click.option(
    "-w",
    "--watchlists",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of watchlists.  [default: ./watchlists, else the bundled ones]",
)


def main() -> None:
    """Run the command, and end with the exit code that says how it went."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a name shows a question mark, and the run goes on.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        code: int | None = cli(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except (click.ClickException, UsageError) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"screener: {message}", err=True)
        return WRONG_USAGE
    except BrokenPipeError:
        # The reader has gone (`| head`): nothing more to say to it, and nothing went wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"screener: {error.strerror or error}", err=True)
        return NOTHING_WRITTEN
    return code or FINE


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="screener")
def cli() -> None:
    """Value and rank the names of a broker's tables, and write an Excel workbook."""


@cli.command()
@click.argument("sectors", nargs=-1, metavar="[SECTOR]...")
@click.option(
    "--prices",
    default="auto",
    show_default=True,
    metavar="auto|live|report|FILE.csv",
    help="auto: live, else stored, else the report's. live: no other. report: what the printed"
    " tables imply. FILE.csv: your own, as symbol,price,currency,time.",
)
@click.option("--by", default="pe_fy1", show_default=True, metavar="METRIC", help="Rank by this.")
@click.option(
    "--nm-above",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MULTIPLE",
    help="P/Es above this mean nothing: NM, not ranked, in no statistics.  [default: none]",
)
@click.option(
    "--consensus",
    default="latest",
    show_default=True,
    metavar="report|latest|DATE|FILE.xlsx",
    help="latest: the newest estimates that are stored and not in doubt. report: the"
    " watchlists' own. DATE: those of by then. FILE.xlsx: as typed into an earlier workbook.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day of the valuation.  [default: the latest day a price stands for]",
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Print only N names a sector.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="exports",
    show_default=True,
    metavar="DIR|FILE",
    help="Where the workbook goes.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="How long live prices may take, all together.",
)
@click.option("--offline", is_flag=True, help="Open no connection.")
@click.option("--cross-check", is_flag=True, help="Ask both live sources, and compare.")
@click.option(
    "--max-age",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Use a stored price up to this age without asking."
    "  [default: 60 while the market trades, else until it opens]",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the whole result as one JSON document."
)
@click.option("-q", "--quiet", is_flag=True, help="Print only where the workbook is, and errors.")
@_LANG
@_WATCHLISTS
def run(
    sectors: tuple[str, ...],
    prices: str,
    by: str,
    nm_above: float | None,
    consensus: str,
    as_of: datetime | None,
    top: int | None,
    output: Path,
    timeout: float,
    offline: bool,
    cross_check: bool,
    max_age: float | None,
    as_json: bool,
    quiet: bool,
    lang: str,
    watchlists: Path | None,
) -> int:
    """Price, value and rank the names of the sectors, print them, and write a workbook.

    Without a SECTOR all watchlists are taken: `screener watchlist list` names them.
    """
    from screener.files import Written
    from screener.screening import screen
    from screener.terminal import console, progress_bar, result_tables
    from screener.workbook import write

    with progress_bar(shown=not quiet) as progress:
        result = screen(
            sectors,
            prices,
            by,
            as_of and as_of.date(),
            watchlists,
            timeout=timeout,
            offline=offline,
            max_age=max_age,
            cross_check=cross_check,
            nm_above=nm_above,
            consensus=consensus,
            progress=progress,
        )
    # The workbook first: whatever becomes of the output, it is there.
    target = output
    if output.suffix.lower() != ".xlsx":
        target = output / f"screen-{result.price_day}.xlsx"
    try:
        written: Written | None = write(result, target, lang, _command_line())
    except OSError as error:
        written, fault = None, f"no workbook written: {target}: {error.strerror or error}"
    if as_json:
        click.echo(json.dumps(result.to_dict(), ensure_ascii=False, allow_nan=False, indent=1))
    elif not quiet:
        terminal = console()
        terminal.print(result_tables(result, lang, top, terminal.width))
    sys.stdout.flush()
    shown = [each for each in result.problems if not quiet or each.severity == "error"]
    _print_problems(shown, lang)
    if written is None:
        click.echo(f"screener: {fault}", err=True)
        return NOTHING_WRITTEN
    if written.kept:
        click.echo(written.kept, err=True)
    click.echo(str(written.path), err=as_json)
    return _code_of(result.problems)


@cli.command()
@_LANG
@_WATCHLISTS
def metrics(lang: str, watchlists: Path | None) -> None:
    """Every metric: its name, what it means, how it is computed."""
    from screener import watchlist
    from screener.metrics import catalogue
    from screener.terminal import console, metrics_table

    folder = watchlists or watchlist.default_folder()
    tables, _ = watchlist.load(folder, (), on=_today())
    years = {year.fiscal_year for table in tables for row in table.listings for year in row.years}
    console().print(metrics_table(catalogue(sorted(years)).values(), lang))


@cli.command()
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
def quote(symbols: tuple[str, ...]) -> int:
    """What prices are known of SYMBOLs, from where and when, without asking anybody."""
    from screener import quotes
    from screener.store import Store, default_path
    from screener.terminal import console, known_table

    kept = Store(default_path())
    known = quotes.known(symbols, kept, _now())
    console().print(known_table(known))
    return _report(kept.problems) if all(known.values()) else ERRORS


@cli.command()
@click.option("--timeout", type=click.FloatRange(min=1), default=10.0, show_default=True)
def doctor(timeout: float) -> int:
    """How each price source answers, what is stored, and which proxy and certificates are set."""
    from screener import diagnosis
    from screener.terminal import console, diagnosis_table

    found = diagnosis.diagnose(_now(), timeout)
    console().print(diagnosis_table(found))
    return FINE if all(finding.is_fine for finding in found) else ERRORS


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def init(folder: Path) -> int:
    """Copy the bundled watchlists to FOLDER/watchlists, to edit them. Files there are kept."""
    from screener import watchlist

    target = folder / "watchlists"
    try:
        copied, kept = watchlist.copy_bundled(target)
    except OSError as error:
        click.echo(f"screener: {target}: {error.strerror}", err=True)
        return NOTHING_WRITTEN
    for path in kept:
        click.echo(f"kept    {path} (was there already)")
    for path in copied:
        click.echo(f"written {path}")
    return FINE


@cli.command()
@click.argument("targets", nargs=-1, metavar="[SECTOR...|FILE]")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON document.")
@click.option(
    "--fix", is_flag=True, help="Write corrections of what is certain, for you to accept."
)
@_WATCHLISTS
def audit(targets: tuple[str, ...], as_json: bool, fix: bool, watchlists: Path | None) -> int:
    """Which printed figures cannot be right, from the figures alone.

    Takes watchlists by name (all without one), or a document as `screener import` reads it.
    """
    from screener import audit as auditing
    from screener import importing, watchlist
    from screener.store import Store, default_path
    from screener.terminal import console, findings_table

    folder = watchlists or watchlist.default_folder()
    problems: list[Problem] = []
    if len(targets) == 1 and Path(targets[0]).is_file():
        tables, problems = importing.watchlists(Path(targets[0]), _today())
        folder = Path(targets[0]).parent
        if fix and not Path(targets[0]).with_suffix(".toml").exists():
            raise UsageError("--fix is for watchlists: `screener import` the document first")
    else:
        tables, problems = watchlist.load(folder, targets, on=_today())
        problems = [each for each in problems if each.severity == "error"]
    kept = Store(default_path())
    findings = auditing.audit(tables, kept.shares())
    if as_json:
        shown = {"findings": [each.to_dict() for each in findings]}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        console().print(findings_table(findings))
    if fix:
        _propose(findings, folder)
    code = _report(problems)
    return ERRORS if any(each.severity == "error" for each in findings) else code


def _propose(findings: Sequence[Finding], folder: Path) -> None:
    """Append proposals to the corrections of a folder that is the user's own."""
    from screener import watchlist
    from screener.audit import proposals
    from screener.files import replace_file

    if folder == watchlist.bundled():
        raise UsageError("the bundled watchlists are not changed: `screener init` copies them")
    path = folder / watchlist.CORRECTIONS
    kept = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    lines = proposals(findings, kept, _today())
    if lines:
        head = kept or ",".join((*watchlist.CORRECTION_COLUMNS[:5], "effective", "dated", "reason"))
        content = "\ufeff" + head.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
        replace_file(content.encode(), path)
    where = f"in {path}: accept one by deleting its '# '" if lines else "nothing is certain"
    click.echo(f"{len(lines)} corrections proposed {where}", err=True)


@cli.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--list", "only_list", is_flag=True, help="Show the tables found; write nothing.")
@click.option("--table", type=int, metavar="N", help="Take only table N.")
@click.option("--sector", default="", metavar="NAME", help="What the watchlist is to be called.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day of the figures, for tables that name none.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default="watchlists",
    show_default=True,
    help="Folder to write to.",
)
@click.option("--force", is_flag=True, help="Write over watchlists that are there.")
def import_(
    file: Path,
    only_list: bool,
    table: int | None,
    sector: str,
    as_of: datetime | None,
    output: Path,
    force: bool,
) -> int:
    """Turn the valuation tables of FILE into watchlists.

    Reads text, Markdown, CSV, .xlsx, .docx, HTML and PDF with a text layer. What is guessed is
    shown and written down.
    """
    from screener import importing
    from screener.terminal import console, drafts_table, guesses

    found = importing.find(file, as_of and as_of.date(), sector)
    drafts = importing.chosen(found.drafts, table) if found.drafts else []
    console().print(drafts_table(drafts))
    problems = [*found.problems, *(each for draft in drafts for each in draft.problems)]
    if only_list:
        return _report(problems)
    if not drafts:
        _report(problems)
        return NOTHING_WRITTEN
    console().print(guesses(drafts))
    written, faults = importing.write(drafts, output, force=force)
    code = _report([*problems, *faults])
    for path in written:
        click.echo(str(path))
    return code if written else NOTHING_WRITTEN


@cli.group("consensus")
def consensus_group() -> None:
    """Show, refresh, compare and edit the estimates that names are valued on."""


_TARGETS = click.argument("targets", nargs=-1, metavar="[SYMBOL|SECTOR]...")


@consensus_group.command("show")
@_TARGETS
@_WATCHLISTS
def consensus_show(targets: tuple[str, ...], watchlists: Path | None) -> int:
    """Every vintage of the estimates, the oldest first; the watchlist's own is one of them.

    A * marks fiscal years that are over: their EPS is stale, or actual if it was updated since.
    """
    from screener.terminal import console, vintages_table
    from screener.upkeep import desk

    at = desk(watchlists, now=_now())
    histories = {row: at.history(row) for row in at.of(targets)}
    console().print(vintages_table(histories, _today()))
    return _report([*at.problems, *at.store.problems])


@consensus_group.command("update")
@_TARGETS
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the sources may take, all together.",
)
@_WATCHLISTS
def consensus_update(targets: tuple[str, ...], timeout: float, watchlists: Path | None) -> int:
    """Fetch newer estimates, and keep them beside the older ones.

    Mainland names from Eastmoney, Hong Kong's from Yahoo. What jumps by more than ×3, changes
    its sign or its currency is kept, and not used until you accept it.
    """
    from screener.terminal import console, refreshed_table
    from screener.upkeep import desk, refresh

    now = _now()
    at = desk(watchlists, now=now, create=True)
    refreshed, problems = refresh(at, targets, now, timeout)
    console().print(refreshed_table(refreshed))
    code = _report([*at.problems, *problems])
    return code if any(each.new for each in refreshed) else NOTHING_WRITTEN


@consensus_group.command("revisions")
@_TARGETS
@click.option("--from", "old", default="report", show_default=True, metavar="report|latest|DATE")
@click.option("--to", "new", default="latest", show_default=True, metavar="report|latest|DATE")
@_WATCHLISTS
def consensus_revisions(
    targets: tuple[str, ...], old: str, new: str, watchlists: Path | None
) -> int:
    """How EPS has changed between two vintages, year by year, as if no share had been split."""
    from screener.terminal import console, revisions_table
    from screener.upkeep import between, desk
    from screener.vintages import parse_choice

    at = desk(watchlists, now=_now())
    choices = parse_choice(old), parse_choice(new)
    console().print(revisions_table(between(at, at.of(targets), *choices, _today())))
    return _report([*at.problems, *at.store.problems])


@consensus_group.command("set")
@click.argument("symbol")
@click.argument("fiscal_year", type=int, metavar="YEAR")
@click.argument("eps")
@click.option("--currency", default="", metavar="CCY", help="  [default: that of the estimates]")
@click.option("--note", default="", help="Why.")
@_WATCHLISTS
def consensus_set(
    symbol: str, fiscal_year: int, eps: str, currency: str, note: str, watchlists: Path | None
) -> int:
    """Set the EPS of one fiscal year by hand, over the estimates that are used now.

    A negative EPS stands behind `--`: screener consensus set -- 688220.SH 2026 -0.35
    """
    from screener.upkeep import desk, set_estimate

    now = _now()
    at = desk(watchlists, now=now, create=True)
    made = set_estimate(at, symbol, fiscal_year, eps, currency, note, now)
    click.echo(f"{made.symbol}: {made.note}; used from now on")
    return _kept(at.store.problems)


@consensus_group.command("accept")
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@click.option("--currency", default="", metavar="CCY", help="For estimates that name none.")
@_WATCHLISTS
def consensus_accept(symbols: tuple[str, ...], currency: str, watchlists: Path | None) -> int:
    """Use the newest estimates of SYMBOL that are in doubt."""
    from screener.upkeep import accept, desk

    now = _now()
    at = desk(watchlists, now=now, create=True)
    for symbol in symbols:
        accepted = accept(at, symbol, currency, now)
        click.echo(f"{accepted.symbol}: {accepted.source} of {accepted.as_of} is used from now on")
    return _kept(at.store.problems)


def _kept(problems: Sequence[Problem]) -> int:
    """What was to be kept is kept, or the store says why not."""
    _report(problems)
    return NOTHING_WRITTEN if problems else FINE


@cli.group("watchlist")
def watchlist_group() -> None:
    """List, show and check watchlists."""


@watchlist_group.command("list")
@_WATCHLISTS
def watchlist_list(watchlists: Path | None) -> int:
    """Which watchlists there are, and where their figures come from."""
    from screener import watchlist
    from screener.terminal import console, watchlist_table

    folder = watchlists or watchlist.default_folder()
    tables, problems = watchlist.load(folder, (), on=_today())
    console().print(watchlist_table(tables))
    click.echo(f"in {folder}")
    return _report(problems)


@watchlist_group.command("show")
@click.argument("sector")
@_WATCHLISTS
def watchlist_show(sector: str, watchlists: Path | None) -> int:
    """The figures of SECTOR as they are used, and the corrections to what is printed."""
    from screener import watchlist
    from screener.terminal import console, printed_table

    folder = watchlists or watchlist.default_folder()
    tables, problems = watchlist.load(folder, (sector,), on=_today())
    for table in tables:
        # A figure is never cut: what is wider than the terminal goes on in the next line.
        console(width=200).print(printed_table(table))
    return _report(problems)


@watchlist_group.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@_WATCHLISTS
def watchlist_check(files: tuple[Path, ...], watchlists: Path | None) -> int:
    """Read the watchlists, or FILES, and report every line that cannot be used."""
    from screener import watchlist

    folder = watchlists or watchlist.default_folder()
    paths = files or watchlist.files(folder).values()
    tables, problems = watchlist.load_files(paths, on=_today())
    code = _report(problems)
    rows = sum(len(table.listings) for table in tables)
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(f"{len(tables)} watchlists, {rows} rows, {errors} errors")
    return code


def _report(problems: Sequence[Problem]) -> int:
    sys.stdout.flush()
    _print_problems(problems, "en")
    return _code_of(problems)


def _print_problems(problems: Sequence[Problem], lang: str) -> None:
    from screener.terminal import console, print_problems

    print_problems(console(error=True), problems, lang)


def _code_of(problems: Iterable[Problem]) -> int:
    return ERRORS if any(problem.severity == "error" for problem in problems) else FINE


def _command_line() -> str:
    return shlex.join(["screener", *sys.argv[1:]])


def _today() -> date:
    return _now().date()


def _now() -> datetime:
    return datetime.now(UTC)
