"""Settings of a file and of variables, presets, and the formats that a run writes."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener import config, exports
from screener.model import UsageError
from tests.command import Command, Done, screener
from tests.conftest import NOW, WATCHLISTS, screen, write_watchlist


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run `screener` in an empty folder, with an empty home."""
    home = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""}

    def execute(*arguments: str, stdin: str = "", **variables: str) -> Done:
        return screener(tmp_path, {**home, **variables}, *arguments, stdin=stdin)

    return execute


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
        (("--format", "markdown", "-o", "-"), "## "),
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
    read = pl.read_csv(BytesIO(exports.csv(result, "zh")), infer_schema=False)
    for cell in read.select("name", "note", "where", "sector").row(0):
        assert not (cell or "").startswith(("=", "+", "-", "@"))


def test_a_setting_of_another_type_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "screener.toml"
    path.write_text("[presets]\nmine = 3\n", "utf-8")
    with pytest.raises(UsageError, match="must hold where"):
        config.load([path])
