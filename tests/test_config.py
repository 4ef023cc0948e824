"""Settings of a file and of variables, presets, and the formats that a run writes."""

from __future__ import annotations

import json
import os
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from screener import config
from screener.files import replace_file
from screener.model.usage import UsageError
from screener.output.formats import csv_bytes
from tests.command import Command
from tests.conftest import NOW, WATCHLISTS, screen, write_watchlist


def symbols(document: str) -> list[str]:
    return [row["symbol"] for row in json.loads(document)["rows"]]


REPORT = ("run", "telecom", "--prices", "report", "--json")


def test_a_file_sets_options_a_variable_wins_over_it_and_the_command_line_over_both(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "screener.toml").write_text(
        '[run]\nby = "peg"\nnm-above = 50\nprices = "report"\n', "utf-8"
    )
    assert "peg" == json.loads(command("run", "telecom", "--json").stdout)["by"]
    done = command("run", "telecom", "--json", SCREENER_RUN_BY="eps_cagr")
    assert "eps_cagr" == json.loads(done.stdout)["by"]
    done = command("run", "telecom", "--json", "--by", "pe_ntm", SCREENER_RUN_BY="eps_cagr")
    assert "pe_ntm" == json.loads(done.stdout)["by"]
    shown = command("config", "show", SCREENER_RUN_LANG="en").stdout.split("\n")
    settings = {" ".join(line.split()) for line in shown}
    assert {
        "run --by peg screener.toml",
        "run --nm-above 50 screener.toml",
        "run --lang en SCREENER_RUN_LANG",
        "settings are in screener.toml",
    } <= settings


def test_the_users_own_folder_is_looked_into_after_the_working_folder(
    command: Command, tmp_path: Path
) -> None:
    own = tmp_path / "home" / ".config" / "screener"
    own.mkdir(parents=True)
    (own / "screener.toml").write_text('[run]\nby = "peg"\n', "utf-8")
    assert "peg" == json.loads(command(*REPORT).stdout)["by"]
    (tmp_path / "screener.toml").write_text("", "utf-8")
    assert "pe_fy1" == json.loads(command(*REPORT).stdout)["by"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[run]\nbyy = "peg"', "no option in screener.toml, [run] 'byy'"),
        ('[runn]\nby = "peg"', "no command in screener.toml 'runn'"),
        ('by = "peg"', "no command in screener.toml 'by'"),
        ("[run\n", "screener.toml is no TOML"),
        ("run = 3", "run is a command: write [run]"),
        ("[presets.mine]\nwhere = 3", "[presets.mine] must hold where, by and about"),
        ("presets = 3", "presets must be tables"),
        ('[run]\nnm_above = "much"', "'much' is not a valid float"),
    ],
)
def test_what_is_no_setting_is_refused_and_told(
    command: Command, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "screener.toml").write_text(text, "utf-8")
    done = command(*REPORT)
    assert (2, True) == (done.returncode, words in done.stderr), done.stderr


def test_help_needs_no_settings(command: Command, tmp_path: Path) -> None:
    (tmp_path / "screener.toml").write_text("[run\n", "utf-8")
    assert 0 == command("--help").returncode


def test_a_preset_is_its_conditions_and_its_metric(command: Command, tmp_path: Path) -> None:
    (tmp_path / "screener.toml").write_text(
        '[presets.big]\nabout = "large"\nwhere = "market_cap > 2000"\nby = "market_cap"\n', "utf-8"
    )
    document = json.loads(command(*REPORT, "--preset", "big").stdout)
    assert "market_cap" == document["by"]
    assert all(row["market_cap"] > 2000 for row in document["rows"])
    more = command(*REPORT, "--preset", "big", "--where", "pe_fy1 < 17", "--by", "peg").stdout
    assert ("peg", ["600941.SH"]) == (json.loads(more)["by"], symbols(more))
    assert 2 == command(*REPORT, "--preset", "bigg").returncode
    assert "large" in command("presets").stdout


@pytest.mark.parametrize("name", sorted(config.load([]).presets))
def test_every_bundled_preset_runs_and_is_explained(name: str) -> None:
    preset = config.load([]).presets[name]
    assert preset.about
    result = screen(watchlists=WATCHLISTS, now=NOW, where=preset.where, by=preset.by)
    assert "filtered" in {each.kind for each in result.problems}


def test_symbols_come_from_the_command_line_or_stdin(command: Command) -> None:
    assert ["600050.SH", "600941.SH"] == sorted(
        symbols(command(*REPORT, "--only", "600941.SH,600050.SH").stdout)
    )
    read = command(*REPORT, "--only", "-", stdin="600941.SH\n600050.SH 601728.SH\n").stdout
    assert ["600050.SH", "600941.SH", "601728.SH"] == sorted(symbols(read))
    # Nothing to choose from is no choice of all.
    assert 2 == command(*REPORT, "--only", "-", stdin="").returncode
    left = symbols(command(*REPORT, "--exclude", "600941.SH").stdout)
    assert (9, False) == (len(left), "600941.SH" in left)


# --- formats ----------------------------------------------------------------------------------


def test_every_format_holds_the_same_figures(command: Command, tmp_path: Path) -> None:
    done = command(
        "run", "--prices", "report", "--format", "xlsx,csv", "--format", "parquet,json,markdown"
    )
    assert 0 == done.returncode
    names = ["xlsx", "csv", "parquet", "json", "md"]
    paths = [f"exports/screen-2025-01-31.{suffix}" for suffix in names]
    assert paths == done.stdout.split("\n")[-6:-1]
    frame = pl.read_parquet(tmp_path / paths[2])
    read = pl.read_csv(tmp_path / paths[1], infer_schema_length=None)
    assert frame.columns == read.columns
    assert frame["pe_fy1"].to_list() == read["pe_fy1"].to_list()
    assert (tmp_path / paths[1]).read_bytes().startswith(b"\xef\xbb\xbf")
    document = json.loads((tmp_path / paths[3]).read_text("utf-8"))
    assert frame["pe_fy1"].to_list() == [row["pe_fy1"] for row in document["rows"]]
    text = (tmp_path / paths[4]).read_text("utf-8")
    assert "| 1 | 300308.SZ | 中际旭创 | 114.81 | 14.2x |" in text


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (("--format", "csv", "-o", "-"), "\ufeffrank,"),
        (("--format", "markdown", "-o", "-"), "<!-- screener "),
        (("--format", "json", "-o", "-"), "{"),
    ],
)
def test_one_text_goes_to_stdout_and_no_file_is_written(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], begins: str
) -> None:
    done = command("run", "media", "--prices", "report", *arguments)
    assert done.stdout.startswith(begins)
    assert not (tmp_path / "exports").exists()


@pytest.mark.parametrize(
    "arguments",
    [("-o", "-"), ("--format", "xlsx,csv", "-o", "-"), ("--format", "pdf"),
     ("--format", "parquet", "-o", "-")],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(command: Command, arguments: tuple[str, ...]) -> None:
    assert 2 == command("run", "media", "--prices", "report", *arguments).returncode


def test_the_name_of_the_output_says_its_format(command: Command, tmp_path: Path) -> None:
    command("run", "media", "--prices", "report", "-o", "out/media.csv")
    assert ["media.csv"] == [path.name for path in (tmp_path / "out").iterdir()]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12))
def test_no_text_in_a_csv_looks_like_a_formula(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    name = "".join(each for each in text if each.isprintable() and each not in ',"').strip() or "x"
    row = f"600941.SH,{name},100,0.50,0.80,1.00,40.00,25.00,20.00,CNY"
    write_watchlist(folder / "lists", row)
    result = screen(watchlists=folder / "lists", now=NOW)
    read = pl.read_csv(BytesIO(csv_bytes(result)), infer_schema=False)
    for cell in read.select("name", "note", "where", "sector").row(0):
        assert not (cell or "").startswith(("=", "+", "-", "@"))


def test_a_setting_of_another_type_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "screener.toml"
    path.write_text("[presets]\nmine = 3\n", "utf-8")
    with pytest.raises(UsageError, match="must hold where"):
        config.load([path])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("offline = 3", "offline is 3: write true or false"),
        ('output = ["a"]', "write a text or a number"),
        ("top = 2.7", "'2.7' is not a valid integer range"),
        ("timeout = nan", "'nan' is no number"),
        ("as_of = 2025-13-01", "is no TOML"),
        ("[presets.mine]\nwher = ['pe_fy1 < 20']", "no key in [presets.mine] 'wher'"),
    ],
)
def test_a_setting_that_nobody_could_type_is_refused_by_name(
    command: Command, tmp_path: Path, line: str, words: str
) -> None:
    (tmp_path / "screener.toml").write_text(f"[run]\n{line}\n", "utf-8")
    done = command("run", "telecom", "--prices", "report", "-q")
    assert (2, True) == (done.returncode, words in done.stderr), done.stderr


def test_settings_are_what_the_command_line_would_say(command: Command, tmp_path: Path) -> None:
    text = '[run]\nas_of = 2025-02-10\nwhere = "pe_fy1 < 20"\nprices = "report"\n'
    (tmp_path / "screener.toml").write_text(text, "utf-8")
    found = json.loads(command("run", "telecom", "--json").stdout)
    assert ("2025-02-10", ["pe_fy1 < 20"]) == (found["price_day"], found["where"])


def test_every_option_is_set_by_the_variable_of_its_own_name(command: Command) -> None:
    assert "'bogus'" in command("history", "--offline", SCREENER_HISTORY_EPS="bogus").stderr
    variable = {"SCREENER_RUN_WHERE": "pe_fy1 < 20; peg < 2"}
    found = json.loads(command("run", "telecom", "--prices", "report", "--json", **variable).stdout)
    assert ["pe_fy1 < 20", " peg < 2"] == found["where"]


def test_a_variable_wins_over_what_a_preset_of_the_settings_ranks_by(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "screener.toml").write_text('[run]\npreset = "value"\n', "utf-8")
    report = ("run", "telecom", "--prices", "report", "--json")
    assert "pe_fy1" == json.loads(command(*report).stdout)["by"]
    assert "peg" == json.loads(command(*report, SCREENER_RUN_BY="peg").stdout)["by"]


def test_every_setting_is_shown_with_a_value_or_none(command: Command) -> None:
    shown = command("config", "show", "--all").stdout
    assert "run --max-age default" in " ".join(shown.split())
    assert "Sentinel" not in shown


# --- what is written ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mine.csv", "mine.json", "mine.md", "mine.parquet", "mine.xlsx"])
def test_a_file_of_another_hand_is_kept_and_one_of_ours_replaced(
    command: Command, tmp_path: Path, name: str
) -> None:
    output, second = tmp_path / name, tmp_path / f"mine-2{Path(name).suffix}"
    output.write_bytes(b"symbol,name\n")
    for _ in range(2):
        done = command(*REPORT[:-1], "-q", "-o", name)
        assert (0, f"{second.name}\n") == (done.returncode, done.stdout)
        assert f"{name} is not as screener wrote it, and is kept" in done.stderr
    assert b"symbol,name\n" == output.read_bytes()


def test_a_workbook_that_another_program_wrote_is_kept(command: Command, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "mine.xlsx") as book:
        book.add_worksheet()
    theirs = (tmp_path / "mine.xlsx").read_bytes()
    command(*REPORT[:-1], "-q", "-o", "mine.xlsx")
    assert (theirs, True) == (
        (tmp_path / "mine.xlsx").read_bytes(),
        (tmp_path / "mine-2.xlsx").exists(),
    )


def test_a_parquet_file_that_speaks_of_screener_is_not_ours_for_that(
    command: Command, tmp_path: Path
) -> None:
    pl.DataFrame({"screener": ["screener"]}).write_parquet(tmp_path / "mine.parquet")
    theirs = (tmp_path / "mine.parquet").read_bytes()
    command(*REPORT[:-1], "-q", "-o", "mine.parquet")
    command(*REPORT[:-1], "-q", "-o", "ours.parquet")
    command(*REPORT[:-1], "-q", "-o", "ours.parquet")
    assert theirs == (tmp_path / "mine.parquet").read_bytes()
    assert ["mine-2.parquet", "mine.parquet", "ours.parquet"] == sorted(
        path.name for path in tmp_path.glob("*.parquet")
    )


def test_what_is_no_file_is_not_written_over(command: Command, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    assert "pipe-2.csv\n" == command(*REPORT[:-1], "-q", "-o", "pipe.csv").stdout
    done = command(*REPORT[:-1], "-q", "-o", "loop.csv")
    assert (3, True) == (done.returncode, "nothing written: loop.csv" in done.stderr)


def test_a_link_is_followed_and_a_file_is_for_whom_the_mask_lets(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    mask = os.umask(0o077)
    try:
        replace_file(b"new", tmp_path / "link.csv")
        replace_file(b"new", tmp_path / "other.csv")
    finally:
        os.umask(mask)
    assert (True, b"new") == ((tmp_path / "link.csv").is_symlink(),
                              (tmp_path / "real.csv").read_bytes())  # fmt: skip
    assert 0o600 == (tmp_path / "other.csv").stat().st_mode & 0o777


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", ","), "no format is named"),
        (("--format", "csv,json", "-o", "one.csv"), "-o one.csv is one file, of format csv"),
        (("--format", "csv", "-o", "one.xlsx"), "-o one.xlsx is one file, of format xlsx"),
        (("--watch", "5", "--json"), "--watch prints tables"),
        (("--repeat", "1", "--watch", "5"), "--watch cannot go with it"),
        (("--only", "600941.SH", "--exclude", "600941.SH"), "no name is left"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    command: Command, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = command("run", "telecom", *options)
    assert (2, True) == (done.returncode, words in done.stderr), done.stderr
    assert not list(tmp_path.glob("one*"))


def test_changes_are_written_to_a_workbook_only(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    for _ in range(2):
        command(*REPORT[:-1], "-q")
    done = command("diff", "-o", "notes.txt")
    assert (2, True) == (done.returncode, "must end in .xlsx" in done.stderr)
    (tmp_path / "mine.xlsx").write_bytes(b"mine")
    done = command("diff", "-o", "mine.xlsx")
    assert "mine.xlsx is not as screener wrote it, and is kept" in done.stderr
    assert done.stdout.endswith("mine-2.xlsx\n")


@pytest.mark.parametrize(
    ("section", "line"),
    [("import", "force = true"), ("run", 'output = "/elsewhere"'), ("run", 'output = "../up"')],
)
def test_settings_that_come_with_a_folder_force_nothing_and_write_nowhere_else(
    command: Command, tmp_path: Path, section: str, line: str
) -> None:
    (tmp_path / "screener.toml").write_text(f"[{section}]\n{line}\n", encoding="utf-8")
    done = command("run", "telecom", "--prices", "report", "--offline")
    assert 2 == done.returncode
    assert "is not taken from the settings of a folder" in done.stderr
    assert not (tmp_path / "exports").exists()
    # The user's own settings may.
    own = tmp_path / "config" / "screener"
    own.mkdir(parents=True)
    (tmp_path / "screener.toml").replace(own / "screener.toml")
    text = (own / "screener.toml").read_text(encoding="utf-8").replace("/elsewhere", "mine")
    (own / "screener.toml").write_text(text.replace("../up", "mine"), encoding="utf-8")
    mine = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert 0 == command("run", "telecom", "--prices", "report", "--offline", **mine).returncode
