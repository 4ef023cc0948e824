# Two commands: `make run` and `make test`. Both build .venv at their first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: run test lint demo bench clean

run: $(INSTALLED)
	$(BIN)/screener run

# A live run without the internet: the workbook goes to a folder of its own. The consensus of the
# report ends before today, so the run has errors to show, and its exit code is not make's.
demo: $(INSTALLED)
	-$(BIN)/python -m tests.demo -o exports/demo

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.live

test: lint
	$(BIN)/pytest -n auto

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check --output-format concise .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(INSTALLED): setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[test]"
	touch $@
