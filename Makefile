# Two commands: `make run` and `make test`. Both build .venv at their first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: run test cover faults fuzz kills lint hooks demo docs bench messages office shells browser java picture clean

run: $(INSTALLED)
	$(BIN)/screener run

# A morning with the program, without the internet; its files go to a folder of their own.
demo: $(INSTALLED)
	$(BIN)/python -m tests.demo exports/demo

# Every command that writes, killed some hundred times; the tests do it thirty times.
kills: $(INSTALLED)
	$(BIN)/python -m tests.kills

# LibreOffice recalculates workbooks in the tests and draws the documents' pictures; without it the
# tests that need it are skipped. On Debian and its like this installs it.
office:
	@command -v soffice >/dev/null && command -v pdftoppm >/dev/null || { \
		apt-get update -q && \
		apt-get install -q -y --no-install-recommends libreoffice-calc fonts-noto-cjk poppler-utils; }

# The shells that commands are completed in; the tests skip those that are missing.
shells:
	@command -v zsh >/dev/null && command -v fish >/dev/null || { \
		apt-get update -q && apt-get install -q -y --no-install-recommends zsh fish; }

# The browser that pages are tested in; without it those tests are skipped.
browser:
	@command -v chromium >/dev/null || { \
		apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-noto-cjk; }

# Apache Spark runs on it; without it the tests of panels on Spark are skipped.
java:
	@command -v java >/dev/null || { \
		apt-get update -q && apt-get install -q -y --no-install-recommends openjdk-17-jre-headless; }

picture: $(INSTALLED) office
	$(BIN)/python -m tests.picture

# What the program says, into the catalogue of translations, and that compiled.
messages: $(INSTALLED)
	$(BIN)/python -m tests.messages

# Strict: a link or a reference that leads nowhere is an error, and so is a page that is stale.
docs: $(INSTALLED)
	$(BIN)/python -m docs.reference --check
	$(BIN)/sphinx-build -q -E -a -W --keep-going -n -b html docs build/docs

bench: $(INSTALLED) office
	$(BIN)/python -m benchmarks.paths
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.audit
	$(BIN)/python -m benchmarks.recalculation
	$(BIN)/python -m benchmarks.panel

test: lint
	$(BIN)/pytest -n auto

# The tests, and the share of lines that they run in their own process. On Python 3.11 that costs
# those half as much again.
cover: $(INSTALLED)
	$(BIN)/pytest -n auto --cov --cov-report=
	@echo "Covered by the tests: $$($(BIN)/coverage report --format=total)% of the lines." \
		"Which are not: $(BIN)/coverage report -m"

# Tens of thousands of hostile cases over every input: a quarter of an hour. The suite has a sample.
fuzz: $(INSTALLED)
	$(BIN)/python -m tests.fuzz

# Every fault, on every call to a vendor, in every command; then two hundred runs on one store.
# Twenty minutes on two cores. The suite has a sample.
faults: $(INSTALLED)
	$(BIN)/python -m tests.outages
	$(BIN)/python -m tests.soak

# B608 is ruff's S608, which is answered where it stands.
lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check --output-format concise .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/bandit -q -r screener --skip B608 --severity-level medium --confidence-level medium

# From then on, what `make lint` checks is checked before each commit.
hooks: $(INSTALLED)
	$(BIN)/pre-commit install

clean:
	rm -rf $(VENV) build dist *.egg-info .nox .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(INSTALLED): setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[test,docs,dev]"
	touch $@
