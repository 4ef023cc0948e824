"""The command as a user types it: output, exit codes, and what it does not do."""

from __future__ import annotations

import json
import math
import os
import stat
import subprocess
import sys
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import screener
from screener import to_dict
from screener.commands.file_name import file_stem
from screener.output.terminal.console import console
from screener.output.terminal.result import result_tables
from tests.command import ROOT, SCREENER, Command, Done, shell
from tests.conftest import ROW, WATCHLISTS, write_watchlist


@pytest.fixture
def command(command: Command) -> Command:
    """Run `screener`; a run takes the report's prices unless it says which."""

    def run(*arguments: str | Path, **variables: str) -> Done:
        if arguments[:1] == ("run",) and not {"--prices", "--offline"} & set(arguments):
            arguments = (*arguments, "--prices", "report")
        return command(*arguments, **variables)

    return run


def executed(code: str) -> Done:
    """What a fresh interpreter prints that executes the code."""
    words = [sys.executable, "-c", code]
    return subprocess.run(words, capture_output=True, encoding="utf-8", check=True, cwd=ROOT)


def test_run_prints_a_table_a_sector_and_writes_the_workbook(
    command: Command, tmp_path: Path
) -> None:
    done = command("run", "--lang", "zh")
    assert 0 == done.returncode, done.stderr
    for text in ("电子 electronics", "通信 telecom", "计算机 computing", "传媒 media", "行业统计"):
        assert text in done.stdout
    assert done.stdout.endswith("exports/screen-2025-01-31.xlsx\n")
    assert (tmp_path / "exports" / "screen-2025-01-31.xlsx").exists()
    assert "688256.SH" in done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_run_needs_no_network(command: Command, tmp_path: Path) -> None:
    forbid = tmp_path / "forbid"
    forbid.mkdir()
    (forbid / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(*a, **k): raise SystemExit('a socket was opened')\n"
        "socket.socket.__init__ = socket.getaddrinfo = refuse\n"
    )
    path = os.pathsep.join((str(forbid), str(ROOT)))
    done = command("run", "-q", PYTHONPATH=path)
    assert (0, "") == (done.returncode, done.stderr)
    offline = command("run", "-q", "--offline", "-o", "offline", PYTHONPATH=path)
    assert (0, "") == (offline.returncode, offline.stderr)
    probe = command("--version", PYTHONPATH=path)
    refused = subprocess.run(
        [sys.executable, "-c", "import socket; socket.socket()"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (0, "a socket was opened\n") == (probe.returncode, refused.stderr)


def test_help_imports_nothing_heavy() -> None:
    heavy = ("polars", "pandas", "yfinance", "akshare", "xlsxwriter", "openpyxl", "narwhals")
    code = (
        "import sys\nfrom screener.commands.cli import cli\n"
        "for words in (['--help'], ['run', '--help']):\n"
        "    cli(words, standalone_mode=False)\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = executed(code)
    assert "[]\n" == done.stderr
    assert "Usage:" in done.stdout


# --- the JSON contract -----------------------------------------------------------------------

ROW_KEYS: dict[str, Any] = {
    "symbol": str,
    "printed_symbol": str,
    "name": str,
    "sector": str,
    "price": (float, type(None)),
    "price_currency": (str, type(None)),
    "price_source": (str, type(None)),
    "price_time": (str, type(None)),
    "fx": (float, type(None)),
    "eps": dict,
    "pe": dict,
    "pe_fy1": (float, type(None)),
    "fy1": int,
    "pe_ntm": (float, type(None)),
    "peg": (float, type(None)),
    "rank": (int, type(None)),
    "rank_best": (int, type(None)),
    "rank_worst": (int, type(None)),
    "status": str,
}
SECTOR_KEYS = ("sector", "metric", "n", "n_nm", "median", "harmonic_mean", "aggregate")


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for each in value.values() for number in numbers(each)]
    if isinstance(value, list):
        return [number for each in value for number in numbers(each)]
    return [value] if isinstance(value, float) else []


def test_json_is_one_document_of_the_contract(command: Command) -> None:
    done = command("run", "--json")
    assert 0 == done.returncode, done.stderr
    document = json.loads(done.stdout)
    assert ("2025-01-31", "pe_fy1") == (document["price_day"], document["by"])
    assert 53 == len(document["rows"])
    for row in document["rows"]:
        for key, kind in ROW_KEYS.items():
            assert isinstance(row[key], kind), (row["symbol"], key)
        assert {"2024", "2025", "2026"} == set(row["eps"]) == set(row["pe"])
        assert row["price_time"].endswith("+08:00")
    for sector in document["sectors"]:
        assert set(SECTOR_KEYS) <= set(sector)
    for problem in document["problems"]:
        assert {"kind", "severity", "where", "message", "symbol"} == set(problem)
    assert all(map(math.isfinite, numbers(document)))
    assert "9988.HK" in {row["symbol"] for row in document["rows"]}
    assert "9898.HK" in {row["printed_symbol"] for row in document["rows"]}


def test_json_and_the_library_say_the_same(
    command: Command, report_result: screener.Result
) -> None:
    document = json.loads(command("run", "--json", "-w", WATCHLISTS).stdout)
    expected = json.loads(json.dumps(to_dict(report_result)))
    # It is told how long ago that is from today.
    for moving in ("generated_at", "staleness"):
        del document[moving], expected[moving]
    assert expected == document


# --- wrong usage, faults, exit codes ---------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "telekom"], "no watchlist 'telekom'; there are electronics, telecom, computing,"),
        (["run", "--by", "pe_fy"], "Did you mean 'pe_fy1'?"),
        (["run", "--by", "price"], "no metric 'price'"),
        (["run", "--pricess", "x"], "No such option '--pricess'"),
        (
            ["run", "--prices", "bloomberg"],
            "no price source 'bloomberg'; there are auto, live, report",
        ),
        (["run", "--prices", "no.csv"], "there is no price file no.csv"),
        (["run", "--as-of", "9999-12-31"], "the day must lie between 1990 and 2099"),
        (["run", "--as-of", "31.1.2025"], "'31.1.2025' does not match the format"),
        (["run", "--top", "0"], "0 is not in the range x>=1"),
        (["watchlist", "show", "medai"], "Did you mean 'media'?"),
        (["rum"], "No such command 'rum'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    command: Command, tmp_path: Path, arguments: list[str], message: str
) -> None:
    done = command(*arguments)
    assert (2, "") == (done.returncode, done.stdout)
    assert message in done.stderr
    assert 1 == done.stderr.count("\n")
    assert not (tmp_path / "exports").exists()


def test_an_error_in_the_input_writes_the_workbook_and_exits_1(
    command: Command, tmp_path: Path
) -> None:
    path = write_watchlist(tmp_path / "watchlists", ROW, "000001,B,,1,1,1,,,,CNY")
    done = command("run", "-o", "out.xlsx")
    assert 1 == done.returncode
    assert (tmp_path / "out.xlsx").exists()
    assert f"{path.relative_to(tmp_path)}:3: 000001: '000001' may be" in done.stderr


def test_a_place_that_cannot_be_written_exits_3_and_still_prints(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    done = command("run", "media", "-o", "file/exports")
    assert 3 == done.returncode
    assert "nothing written" in done.stderr
    assert "0700.HK" in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_needs_only_another_output(
    command: Command, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert 3 == command("run", "-q").returncode
        assert 0 == command("run", "-q", "-o", elsewhere).returncode
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_nothing_but_the_output_is_written(
    command: Command, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert 0 == command("run", "-q", "-o", elsewhere).returncode
    assert [] == list(tmp_path.rglob("*"))
    assert ["screen-2025-01-31.xlsx"] == [path.name for path in elsewhere.iterdir()]


def test_ctrl_c_exits_130() -> None:
    code = (
        "import os, signal, sys\n"
        "from screener.commands import cli\n"
        "@cli.cli.command('wait')\n"
        "def wait(): os.kill(os.getpid(), signal.SIGINT); signal.pause()\n"
        "sys.argv = ['screener', 'wait']\n"
        "cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)
    assert 130 == done.returncode


@pytest.mark.parametrize("how", ["", "--plain", "--json"])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, how: str) -> None:
    run = f"{SCREENER} run --prices report -o out.xlsx {how}"
    done = shell(tmp_path, f"{run} | head -c 10; exit ${{PIPESTATUS[0]}}")
    assert (0, False) == (done.returncode, "Traceback" in done.stderr), done.stderr
    assert "BrokenPipe" not in done.stderr
    assert (tmp_path / "out.xlsx").exists()


def test_an_output_that_cannot_be_written_is_said_and_exits_3(tmp_path: Path) -> None:
    done = shell(tmp_path, f"{SCREENER} run --prices report --json > /dev/full")
    assert 3 == done.returncode
    assert "screener: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("by", ["pe_fy1", "market_cap"])
def test_no_figure_is_ever_cut(by: str) -> None:
    result = screener.screen(prices="report", by=by)
    for columns, lang in product((50, 60, 80, 120), ("zh", "en")):
        terminal = console(width=columns)
        with terminal.capture() as shown:
            terminal.print(result_tables(result, lang, None, columns))
        assert "600941.SH" in shown.get()
        assert "…" not in shown.get(), (columns, lang)


def test_no_figure_of_a_watchlist_is_ever_cut(command: Command) -> None:
    for columns in ("50", "60", "80", "120"):
        assert "…" not in command("watchlist", "show", "media", COLUMNS=columns).stdout


# --- the other commands and options ----------------------------------------------------------


def test_quiet_prints_only_where_the_workbook_is(command: Command) -> None:
    done = command("run", "--quiet", "-o", "out")
    assert (0, "out/screen-2025-01-31.xlsx\n", "") == (done.returncode, done.stdout, done.stderr)


def test_top_limits_what_is_printed_and_says_how_many_are_left(command: Command) -> None:
    done = command("run", "telecom", "--top", "3", "--lang", "en")
    assert 3 == sum("%" in line and ".S" in line for line in done.stdout.splitlines())
    assert "+ 7 more in the workbook" in done.stdout


def test_metrics_names_every_metric_with_meaning_and_formula(
    command: Command, report_result: screener.Result
) -> None:
    done = command("metrics", COLUMNS="200")
    assert 0 == done.returncode
    for metric in report_result.metrics.values():
        assert metric.name in done.stdout
        assert metric.meaning in done.stdout
        assert metric.formula in done.stdout


def test_init_copies_the_watchlists_and_they_win_from_then_on(
    command: Command, tmp_path: Path
) -> None:
    assert 0 == command("init").returncode
    for name in ("electronics", "computing", "media"):
        (tmp_path / "watchlists" / f"{name}.csv").unlink()
    assert "1 watchlists, 10 rows, 0 errors" in command("watchlist", "check").stdout
    again = command("init")
    assert "kept    watchlists/telecom.csv (was there already)" in again.stdout


def test_watchlist_list_and_show(command: Command) -> None:
    listed = command("watchlist", "list", COLUMNS="120")
    assert 0 == listed.returncode
    assert "computing Computing" in listed.stdout and "2025-01-31" in listed.stdout
    shown = command("watchlist", "show", "media", COLUMNS="120")
    assert "16.27" in shown.stdout
    assert "9898.HK → 9988.HK" in shown.stderr


def test_watchlist_check_reads_any_file_and_exits_1_for_a_bad_line(
    command: Command, tmp_path: Path
) -> None:
    path = write_watchlist(tmp_path / "mine", ROW, "bad")
    done = command("watchlist", "check", path)
    assert 1 == done.returncode
    assert f"{path}:3" in done.stderr
    assert "1 watchlists, 1 rows, 1 errors" in done.stdout


def test_a_folder_without_watchlists_says_so(command: Command, tmp_path: Path) -> None:
    (tmp_path / "watchlists").mkdir()
    done = command("run")
    assert 2 == done.returncode
    assert "no watchlists in watchlists" in done.stderr
    assert "screener init" in done.stderr


def test_ten_equal_problems_share_a_line(command: Command) -> None:
    done = command("run", "telecom", "--as-of", "2025-03-03")
    lines = [line for line in done.stderr.splitlines() if "35 days old" in line]
    assert 1 == len(lines)
    assert "300308.SZ" in lines[0] or "and 4 more" in lines[0]


def test_the_catalogue_of_a_later_day_is_labelled_by_its_consensus(command: Command) -> None:
    done = command("run", "telecom", "--as-of", "2027-01-04", "--json")
    document = json.loads(done.stdout)
    assert 1 == done.returncode
    assert {"no_estimate"} == {row["status"] for row in document["rows"]}
    assert {None} == {row["pe_fy1"] for row in document["rows"]}


def test_streams_that_are_closed_do_not_stop_a_run(tmp_path: Path) -> None:
    run = f"{SCREENER} run telecom --prices report --only - >&- <&-"
    for line, code in ((run.replace(" --only -", ""), 0), (run, 2)):
        done = shell(tmp_path, line)
        assert (code, False) == (done.returncode, "Traceback" in done.stderr), done.stderr


def test_runs_that_ask_otherwise_have_files_of_their_own(command: Command, tmp_path: Path) -> None:
    def written(*arguments: str) -> str:
        done = command("run", "--prices", "report", "-q", *arguments)
        assert 0 == done.returncode, done.stderr
        return Path(done.stdout.strip()).name

    day = "screen-2025-01-31"
    assert f"{day}.xlsx" == written()
    assert f"{day}-telecom-pe_fy1-lt-20-by-peg.xlsx" == written(
        "telecom", "--where", "pe_fy1 < 20", "--by", "peg"
    )
    assert f"{day}-only-600941.SH.xlsx" == written("--only", "600941.SH")
    assert f"{day}-garp.xlsx" == written("--preset", "garp")
    # What a file's name cannot hold is told apart by a mark of the whole.
    names = [written("--where", f"pe_fy1 {sign} peg < 20") for sign in "+*"]
    assert 2 == len(set(names)) and all(name.startswith(f"{day}-pe_fy1-peg") for name in names)
    assert 6 == len(list((tmp_path / "exports").iterdir()))


def test_much_that_is_asked_makes_a_file_name_that_a_file_system_takes() -> None:
    asked = [f"行业 = '半导体{number}'" for number in range(40)]
    stem = file_stem(date(2025, 1, 31), asked)
    assert stem.startswith("screen-2025-01-31-行业-eq") and len(f"{stem}.xlsx".encode()) < 240
    assert stem != file_stem(date(2025, 1, 31), asked[:-1])


def test_a_run_of_no_names_says_so_and_writes_over_nothing(
    command: Command, tmp_path: Path
) -> None:
    first = command("run", "--prices", "report", "-q", "-o", "mine.xlsx")
    before = (tmp_path / "mine.xlsx").read_bytes()
    done = command("run", "--prices", "report", "-q", "-o", "mine.xlsx", "--where", "pe_fy1 < 1")
    assert (0, 3, "") == (first.returncode, done.returncode, done.stdout)
    assert "no name is left: nothing is written" in done.stderr
    assert before == (tmp_path / "mine.xlsx").read_bytes()


def test_the_name_alone_says_the_three_things_to_do_next(command: Command, tmp_path: Path) -> None:
    first = command()
    assert 0 == first.returncode, first.stderr
    for words in ("screener run", "screener add 600941 0700.HK", "screener import report.pdf"):
        assert words in first.stdout
    write_watchlist(tmp_path / "watchlists", ROW)
    assert "screener consensus update" in command().stdout
    assert 5 == len(command(SCREENER_LANG="zh").stdout.splitlines())


def test_a_workbook_is_no_watchlist_and_the_ways_to_make_one_are_named(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "my.xlsx").write_bytes(b"")
    done = command("watchlist", "check", "my.xlsx")
    assert 2 == done.returncode
    assert "screener import my.xlsx" in done.stderr


def test_without_settings_it_is_said_where_they_would_go(command: Command) -> None:
    by_locale = {"SCREENER_LANG": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "en_US.UTF-8"}
    done = command("config", "show", **by_locale)
    assert "settings would go to screener.toml" in done.stdout
    by_variable = command("config", "show", SCREENER_RUN_BY="peg")
    assert "SCREENER_RUN_BY" in by_variable.stdout
    assert "neither screener.toml nor" in by_variable.stdout


@pytest.mark.parametrize("name", ["y.pdf", "y.xls", "y.doc"])
def test_a_file_of_no_format_is_refused_before_anything_is_done(
    command: Command, tmp_path: Path, name: str
) -> None:
    done = command("run", "-o", name)
    assert 2 == done.returncode
    assert "a file of results ends in .xlsx, .html, .csv" in done.stderr
    assert not (tmp_path / name).exists()
    # A folder may be called so.
    (tmp_path / name).mkdir()
    assert 2 != command("run", "media", "-o", name).returncode


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (("run", "telecom", "--prices", "live", "--timeout", "2", "-q"),
         {"HTTPS_PROXY": "http://127.0.0.1:99999"}),
        (("doctor", "--timeout", "1e300"), {}),
        (("run", "telecom", "--max-age", "1e300"), {}),
        (("run", "--prices", "report", "--by", f"{'9' * 400} pe_fy1 + 1 peg"), {}),
        (("run", "telecom", "--watch", "1e23"), {}),
    ],
)  # fmt: skip
def test_an_absurd_figure_is_a_message_not_a_traceback(
    command: Command, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    done = command(*arguments, **variables)
    assert done.returncode in (1, 2), done.stderr
    assert done.stderr


def test_a_pipe_is_no_watchlist_and_hangs_nothing(command: Command, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    os.mkfifo(tmp_path / "lists" / "a.csv")
    done = command("run", "-w", "lists", "--prices", "report", "--offline")
    assert done.returncode != 0
    assert "regular file" in done.stderr


def test_timings_say_where_the_time_went_and_add_up(command: Command) -> None:
    done = command("run", "telecom", "--timings", "--lang", "en")
    assert 0 == done.returncode, done.stderr
    line = done.stderr.splitlines()[-1]
    parts = dict(part.removesuffix(" s").rsplit(" ", 1) for part in line.split(", "))
    names = "start imports lists prices valuation ranking store files terminal together"
    assert names.split() == list(parts)
    seconds = [float(each) for each in parts.values()]
    # Each is rounded to a hundredth.
    assert sum(seconds[:-1]) == pytest.approx(seconds[-1], abs=0.005 * len(seconds))


def test_a_run_of_the_reports_prices_imports_no_library_that_only_vendors_need() -> None:
    heavy = ("pandas", "exchange_calendars", "openpyxl", "yfinance", "akshare", "pyarrow")
    code = (
        "import sys\nfrom screener import screen\nfrom screener.output.formats import FORMATS\n"
        "result = screen(prices='report')\n"
        "FORMATS['xlsx'].content(result, 'en', '')\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = executed(code)
    assert "[]\n" == done.stdout


def test_the_list_of_commands_needs_none_of_them_and_names_all() -> None:
    from screener.commands.menu import MENU

    code = (
        "import sys\nfrom screener.commands.cli import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        "print(sorted(name for name in sys.modules if name.startswith('screener.commands.')),"
        " file=sys.stderr)"
    )
    done = executed(code)
    kept = ("cli", "common", "language", "menu", "signals")
    assert f"{[f'screener.commands.{name}' for name in kept]}\n" == done.stderr
    for name, entry in MENU.items():
        assert f"  {name} " in done.stdout
        assert entry.about in done.stdout
