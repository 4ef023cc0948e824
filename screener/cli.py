"""The command `screener`: options to a library call, its result to the terminal, an exit code."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from screener import __version__
from screener.model import Problem, UnknownNameError, UsageError

if TYPE_CHECKING:
    from screener.audit import Finding
    from screener.config import Config
    from screener.model import Vintage
    from screener.screening import Result

FINE, ERRORS, WRONG_USAGE, NOTHING_WRITTEN, INTERRUPTED = 0, 1, 2, 3, 130

_LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Headings."
)
_TARGETS = click.argument("targets", nargs=-1, metavar="[SYMBOL|SECTOR]...")
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


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "SCREENER"}
)
@click.version_option(__version__, package_name="screener")
@click.pass_context
def cli(context: click.Context) -> None:
    """Value and rank the names of a broker's tables, and write an Excel workbook.

    Every option can be set in screener.toml, or as a variable: SCREENER_RUN_BY=peg.
    """
    from screener import config

    context.obj = config.load()
    context.default_map = _defaults(cli, context.obj.options, str(context.obj.path))


def _defaults(command: click.Command, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The settings of a command and those below it, as click takes them.

    Raises UsageError for settings of no command or option.
    """
    found: dict[str, Any] = {}
    if isinstance(command, click.Group):
        for name, inner in given.items():
            if name not in command.commands:
                raise UnknownNameError(f"command in {where}", name, list(command.commands))
            if not isinstance(inner, Mapping):
                raise UsageError(f"{where}: {name} is a command: write [{name}] and options below")
            found[name] = _defaults(command.commands[name], inner, f"{where}, [{name}]")
        return found
    options = _option_names(command)
    for name, value in given.items():
        plain = name.replace("_", "-")
        if plain not in options:
            raise UnknownNameError(f"option in {where}", name, list(options))
        found[str(options[plain].name)] = value
    return found


def _option_names(command: click.Command) -> dict[str, click.Option]:
    """The options of a command by their long names, without the dashes before them."""
    options = (each for each in command.params if isinstance(each, click.Option))
    return {max(each.opts, key=len).lstrip("-"): each for each in options}


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
@click.option(
    "--by",
    default="pe_fy1",
    show_default=True,
    metavar="METRIC",
    help="Rank by this; or by several, as '0.5 pe_fy1 + 0.3 peg + 0.2 eps_cagr'.",
)
@click.option(
    "--scope",
    type=click.Choice(["sector", "all"]),
    default="sector",
    show_default=True,
    help="Where the percentiles of several metrics are taken.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="CONDITION",
    help="Only names that meet this, as 'pe_fy1 < 30 and eps_cagr > 0.2'; repeatable.",
)
@click.option("--preset", metavar="NAME", help="A named screen: `screener presets` lists them.")
@click.option(
    "--only", multiple=True, metavar="SYMBOL,…", help="Only these names; - reads them from stdin."
)
@click.option(
    "--exclude", multiple=True, metavar="SYMBOL,…", help="Not these names; - reads from stdin."
)
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
@click.option(
    "--repeat", type=int, metavar="RUN", help="A run that is kept, again: the same figures."
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Print only N names a sector.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="exports",
    show_default=True,
    metavar="DIR|FILE|-",
    help="Where the files go; - prints the format instead of tables.",
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
    "--format",
    "formats",
    envvar="SCREENER_RUN_FORMAT",
    multiple=True,
    default=["xlsx"],
    show_default=True,
    metavar="xlsx|csv|parquet|json|markdown",
    help="What to write; repeatable, or with commas.",
)
@click.option(
    "--json",
    "as_json",
    envvar="SCREENER_RUN_JSON",
    is_flag=True,
    help="Print the whole result as one JSON document.",
)
@click.option(
    "--plain", is_flag=True, help="A line a name, cells separated by tabs, for other programs."
)
@click.option(
    "--watch",
    type=click.IntRange(min=5),
    metavar="SECONDS",
    help="Print anew after so many seconds, until Ctrl-C; writes and keeps nothing.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only where the files are, and errors.")
@_LANG
@_WATCHLISTS
@click.pass_context
def run(
    context: click.Context,
    /,
    sectors: tuple[str, ...],
    by: str,
    where: tuple[str, ...],
    preset: str | None,
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    as_of: datetime | None,
    repeat: int | None,
    top: int | None,
    output: Path,
    formats: tuple[str, ...],
    as_json: bool,
    plain: bool,
    watch: int | None,
    quiet: bool,
    lang: str,
    **asked: Any,
) -> int:
    """Price, value and rank the names of the sectors, print them, and write a workbook.

    Without a SECTOR all watchlists are taken: `screener watchlist list` names them.
    """
    from screener import config
    from screener.screening import screen
    from screener.terminal import progress_bar

    wanted = _formats(formats, output)
    if preset:
        chosen = config.preset(context.obj, preset)
        where = (*chosen.where, *where)
        typed = context.get_parameter_source("by") == ParameterSource.COMMANDLINE
        by = by if typed else chosen.by or by
    only, exclude = tuple(_symbols(only)), tuple(_symbols(exclude))

    def screened() -> Result:
        with progress_bar(shown=not quiet and watch is None) as progress:
            return screen(
                sectors,
                by=by,
                where=where,
                only=only,
                exclude=exclude,
                as_of=as_of and as_of.date(),
                progress=progress,
                **asked,
            )

    show = _print_plain if plain else _print_tables
    if watch is not None:
        return _watched(screened, lambda result: show(result, lang, top), watch)
    if repeat is not None:
        result = _repeated(repeat, sectors)
    else:
        result = screened()
        _keep(result)
    return _put_out(
        result,
        wanted,
        output,
        lang,
        show=None if quiet else lambda: show(result, lang, top),
        as_json=as_json,
    )


def _watched(screened: Callable[[], Result], show: Callable[[Result], None], seconds: int) -> int:
    """Print the result again and again, in place on a terminal. Ends with Ctrl-C only."""
    from time import sleep

    from screener.terminal import console

    terminal = console()
    while True:
        result = screened()
        terminal.clear()
        show(result)
        errors = [each for each in result.problems if each.severity == "error"]
        click.echo(f"{result.generated_at.astimezone():%H:%M:%S} · {len(errors)} errors · Ctrl-C")
        sys.stdout.flush()
        sleep(seconds)


def _put_out(
    result: Result,
    wanted: Sequence[str],
    output: Path,
    lang: str,
    *,
    show: Callable[[], None] | None,
    as_json: bool,
) -> int:
    """Write the files, print the result, then its problems and where the files are."""
    to_stdout = str(output) == "-"
    # The files first: whatever becomes of the output, they are there.
    paths, fault = ([], "") if to_stdout else _write(result, wanted, output, lang)
    if to_stdout:
        _print_bytes(result, wanted[0], lang)
    elif as_json:
        _print_bytes(result, "json", lang)
    elif show is not None:
        show()
    sys.stdout.flush()
    shown = [each for each in result.problems if show or each.severity == "error"]
    _print_problems(shown, lang)
    for line in (*paths, *filter(None, [fault])):
        click.echo(line, err=as_json or line == fault)
    return NOTHING_WRITTEN if fault else _code_of(result.problems)


def _repeated(number: int, sectors: Sequence[str]) -> Result:
    from screener import runs
    from screener.store import Store, default_path

    if sectors:
        raise UsageError("--repeat takes the watchlists of the run: name none")
    kept = Store(default_path(), create=False).runs()
    run = next((each for each in kept if each.number == number), None)
    if run is None:
        raise UsageError(f"there is no run {number}: `screener runs` lists them")
    return runs.result_of(run)


def _keep(result: Result) -> None:
    """Keep the run; what comes of that is no part of its figures."""
    from screener import runs
    from screener.store import Store, default_path

    store = Store(default_path())
    runs.keep(result, store)
    if store.problems and not any(each.kind == "store" for each in result.problems):
        _print_problems(store.problems, "en")


def _formats(given: Sequence[str], output: Path) -> list[str]:
    """The formats to write: those named, else what the name of the output says."""
    from screener.exports import FORMATS, TEXTS

    known = {"xlsx": "xlsx", **{name: suffix for name, (suffix, _) in FORMATS.items()}}
    named = [name for each in given for name in each.replace(",", " ").split()]
    if named == ["xlsx"] and output.suffix:
        named = [name for name, suffix in known.items() if output.suffix.lower() == f".{suffix}"]
        named = named or ["xlsx"]
    for name in named:
        if name not in known:
            raise UnknownNameError("format", name, list(known))
    if str(output) == "-" and (len(named) != 1 or named[0] not in TEXTS):
        raise UsageError(f"-o - prints one of {', '.join(TEXTS)}: name it with --format")
    return list(dict.fromkeys(named))


def _write(
    result: Result, formats: Sequence[str], output: Path, lang: str
) -> tuple[list[str], str]:
    """Write the formats; what to print of that, and what went wrong."""
    from screener import exports, files
    from screener.workbook import render

    lines: list[str] = []
    for name in formats:
        suffix = exports.FORMATS[name][0] if name in exports.FORMATS else "xlsx"
        is_file = output.suffix.lower() == f".{suffix}"
        target = output if is_file else output / f"screen-{result.price_day}.{suffix}"
        try:
            if name == "xlsx":
                content = render(result, lang, _command_line())
            else:
                content = exports.FORMATS[name][1](result, lang)
            written = files.save(content, target)
        except OSError as error:
            return lines, f"screener: nothing written: {target}: {error.strerror or error}"
        if written.kept:
            click.echo(written.kept, err=True)
        lines.append(str(written.path))
    return lines, ""


def _print_bytes(result: Result, name: str, lang: str) -> None:
    from screener.exports import FORMATS

    click.echo(FORMATS[name][1](result, lang), nl=False)


def _print_plain(result: Result, lang: str, top: int | None) -> None:
    from screener.terminal import plain_lines

    for line in plain_lines(result, lang, top):
        click.echo(line)


def _print_tables(result: Result, lang: str, top: int | None) -> None:
    from screener.terminal import console, result_tables

    terminal = console()
    terminal.print(result_tables(result, lang, top, terminal.width))


def _symbols(given: Sequence[str]) -> list[str]:
    """The symbols of options: separated by commas or blanks, from stdin for `-`."""
    texts = [sys.stdin.read() if each == "-" else each for each in given]
    return [symbol for text in texts for symbol in text.replace(",", " ").split()]


@cli.command()
@click.argument("symbol")
@click.option(
    "--peers", multiple=True, metavar="SYMBOL,…", help="  [default: the others of its watchlist]"
)
@click.option("--prices", default="auto", show_default=True, metavar="auto|live|report|FILE.csv")
@click.option("--offline", is_flag=True, help="Open no connection.")
@_LANG
@_WATCHLISTS
def comps(
    symbol: str,
    peers: tuple[str, ...],
    prices: str,
    offline: bool,
    lang: str,
    watchlists: Path | None,
) -> int:
    """One page on SYMBOL beside its peers: multiples, premium, implied prices, its own past."""
    from screener import comps as comparing
    from screener.screening import screen
    from screener.store import Store, default_path
    from screener.terminal import comps_page, console

    result = screen(prices=prices, offline=offline, watchlists=watchlists)
    store = Store(default_path(), create=False)
    found = comparing.compare(result, symbol, _symbols(peers), store.figures(symbol.upper()))
    terminal = console()
    terminal.print(comps_page(found, result, lang, terminal.width))
    names = {found.row["symbol"], *(row["symbol"] for row in found.peers), ""}
    return _report([each for each in result.problems if each.symbol in names])


@cli.command()
@_TARGETS
@click.option("--years", type=click.FloatRange(0.1, 30), default=5.0, show_default=True)
@click.option(
    "--eps",
    "line",
    type=click.Choice(["consensus", "fixed"]),
    default="consensus",
    show_default=True,
    help="consensus: EPS as it was known on each day. fixed: today's, for all days.",
)
@click.option("--timeout", type=click.FloatRange(min=1), default=60.0, show_default=True)
@click.option("--offline", is_flag=True, help="Open no connection: the days that are stored.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE.xlsx", help="With charts."
)
@_LANG
@_WATCHLISTS
def history(
    targets: tuple[str, ...],
    years: float,
    line: Literal["consensus", "fixed"],
    timeout: float,
    offline: bool,
    output: Path | None,
    lang: str,
    watchlists: Path | None,
) -> int:
    """P/E FY1 over the years: its percentiles, and where it stands in them now.

    Closes are per share of today, as EPS is; only days that are not stored are asked for.
    """
    from screener.history import bands
    from screener.terminal import console, history_page
    from screener.upkeep import desk

    now = _now()
    at = desk(watchlists, now=now, create=True)
    found, problems = bands(at, at.of(targets), years, line, now, timeout, offline=offline)
    terminal = console()
    terminal.print(history_page(found, lang, terminal.width))
    if output is not None:
        from screener.files import save
        from screener.workbook.history import render_history

        click.echo(str(save(render_history(found, lang), output).path))
    return _report([*at.problems, *problems])


@cli.command()
def runs() -> int:
    """Every run that is kept: its number, its day, what it ranked by."""
    from screener.store import Store, default_path
    from screener.terminal import console, runs_table

    store = Store(default_path(), create=False)
    console().print(runs_table(store.runs()))
    return _report(store.problems)


@cli.command()
@click.argument("numbers", nargs=-1, type=int, metavar="[RUN] [RUN]")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE.xlsx", help="Write a sheet."
)
@_LANG
def diff(numbers: tuple[int, ...], output: Path | None, lang: str) -> int:
    """What changed between two runs: ranks, P/E by price and by EPS, names, problems.

    Without a RUN the last two of the same watchlists; with one, that and the one before.
    """
    from screener import runs
    from screener.changes import compare
    from screener.store import Store, default_path
    from screener.terminal import changes_table, console

    if len(numbers) > 2:
        raise UsageError("two runs are compared, not more")
    store = Store(default_path(), create=False)
    old, new = runs.chosen(store, numbers)
    changes = compare(runs.result_of(old), runs.result_of(new))
    terminal = console()
    terminal.print(changes_table(changes, lang, terminal.width))
    click.echo(f"run {old.number} of {old.price_day} → run {new.number} of {new.price_day}")
    if output is not None:
        from screener.files import save
        from screener.workbook.changes import render_changes

        title = f"{old.number} ({old.price_day}) → {new.number} ({new.price_day})"
        click.echo(str(save(render_changes(changes, lang, title), output).path))
    return _report(store.problems)


@cli.command()
@click.pass_obj
def presets(settings: Config) -> None:
    """The named screens there are: what each is for, its conditions, its metric."""
    from screener.terminal import console, presets_table

    console().print(presets_table(settings.presets.values()))


@cli.group("config")
def config_group() -> None:
    """Show the settings."""


@config_group.command("show")
@click.option("--all", "every", is_flag=True, help="Those that nobody set, too.")
@click.pass_obj
def config_show(settings: Config, every: bool) -> None:
    """Every option that is set, to what, and by which file or variable."""
    from screener import config
    from screener.terminal import console, settings_table

    rows = [row for row in _settings(cli, settings, ()) if every or row[2] != "default"]
    console().print(settings_table(rows))
    looked = ", ".join(str(path) for path in config.places())
    click.echo(f"settings are in {settings.path}" if settings.path else f"no file: {looked}")


def _settings(
    command: click.Command, settings: Config, path: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """Option, value and origin of every option of a command and those below it."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _settings(inner, settings, (*path, name))
        return
    given: Any = settings.options
    for name in path:
        given = given.get(name, {})
    by_name = {name.replace("_", "-"): value for name, value in given.items()}
    for name, option in _option_names(command).items():
        variable = "_".join(("SCREENER", *path, name)).upper().replace("-", "_")
        title = " ".join((*path, f"--{name}"))
        if os.environ.get(variable):
            yield title, os.environ[variable], variable
        elif name in by_name:
            yield title, str(by_name[name]), str(settings.path)
        else:
            yield title, "" if option.default is None else str(option.default), "default"


@cli.command()
@click.option("--columns", is_flag=True, help="Every column of CSV, Parquet and JSON instead.")
@_LANG
@_WATCHLISTS
def metrics(columns: bool, lang: str, watchlists: Path | None) -> None:
    """Every metric: its name, what it means, how it is computed."""
    from screener import inputs, ranking, watchlist
    from screener.metrics import catalogue
    from screener.terminal import columns_table, console, metrics_table

    folder = watchlists or watchlist.default_folder()
    tables, _ = watchlist.load(folder, (), on=_today())
    years = {year.fiscal_year for table in tables for row in table.listings for year in row.years}
    every = catalogue(sorted(years))
    if columns:
        named = (*ranking.RANK_COLUMNS, *inputs.columns(sorted(years)), *every.values())
        console().print(columns_table(named, lang))
    else:
        console().print(metrics_table(every.values(), lang))


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
    kept = any(each.new for each in refreshed) and not at.store.problems
    return code if kept else NOTHING_WRITTEN


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
    from screener.upkeep import between, desk, unknown_between
    from screener.vintages import which_of

    at = desk(watchlists, now=_now())
    changes = between(at, at.of(targets), which_of(old), which_of(new), _today())
    console().print(revisions_table(changes))
    return _report([*at.problems, *unknown_between(at, changes), *at.store.problems])


@consensus_group.command("set", context_settings={"ignore_unknown_options": True})
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

    EPS is per share of today: splits since those estimates are looked up first.
    """
    from screener.upkeep import desk, keep, set_estimate, with_splits

    now = _now()
    at = desk(watchlists, now=now, create=True)
    at, faults = with_splits(at, symbol, now, _SPLITS_SECONDS)
    _report(faults)
    made = set_estimate(at, symbol, fiscal_year, eps, currency, note, now)
    keep(at, [made], now)
    return _kept(at.store.problems, [f"{made.symbol}: {made.note}; used from now on"])


@consensus_group.command("accept")
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@click.option("--currency", default="", metavar="CCY", help="For estimates that name none.")
@click.option(
    "--per-receipt",
    type=click.IntRange(1, 1000),
    metavar="SHARES",
    help="EPS is per receipt of so many shares; 1 where it is per share.",
)
@_WATCHLISTS
def consensus_accept(
    symbols: tuple[str, ...], currency: str, per_receipt: int | None, watchlists: Path | None
) -> int:
    """Use the newest estimates of SYMBOL that are in doubt, or those accepted in another way."""
    from screener.upkeep import accept, desk, keep

    now = _now()
    at = desk(watchlists, now=now, create=True)
    pairs = [accept(at, symbol, currency, per_receipt, now) for symbol in symbols]
    keep(at, [accepted for accepted, _ in pairs], now)
    lines = [
        f"{new.symbol}: {_figures(new)} of {new.source}, {new.as_of}, in place of {_figures(old)}"
        f" of {old.source}, {old.as_of}; used from now on"
        for new, old in pairs
    ]
    return _kept(at.store.problems, lines)


# How long `consensus set` looks for splits.
_SPLITS_SECONDS = 20.0


def _figures(vintage: Vintage) -> str:
    per = f" per {vintage.per_receipt} shares" if (vintage.per_receipt or 1) > 1 else ""
    years = ", ".join(f"FY{each.fiscal_year} {each.eps:g}" for each in vintage.estimates)
    return f"EPS {years} {vintage.currency}{per}"


def _kept(problems: Sequence[Problem], lines: Sequence[str]) -> int:
    """Say what was kept, or why it was not."""
    _report(problems)
    for line in () if problems else lines:
        click.echo(line)
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
    from screener.calendars import market_day

    return market_day(_now())


def _now() -> datetime:
    return datetime.now(UTC)
