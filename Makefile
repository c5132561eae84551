# Two commands are all a newcomer needs: `make serve` and `make test`.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed
TESTED := $(VENV)/.installed-tests
BENCH ?=

.PHONY: serve test check bench lock clean

serve: $(RUN)
	@$(BIN)/patron sandbox --host $(HOST) --port $(PORT)

# Where an image lets Python keep nothing that it compiles, each process that a test starts would compile Patron.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(TESTED)
	$(BIN)/python -m pytest -n auto --dist worksteal tests

check: $(TESTED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(TESTED)
	$(BIN)/python -m tests.benchmarks $(BENCH)

# The two lock files are one resolution: the second adds what only the suite needs.
lock:
	uv pip compile pyproject.toml --extra postgres --extra production --extra redis --extra otel --group build \
	  --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra postgres --extra production --extra redis --extra otel --group build --group test \
	  --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate --no-emit-index-url --quiet --output-file tests/requirements.lock

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Patron needs Python 3.11 or newer: make PYTHON=python3.11 serve")'
	$(PYTHON) -m venv $(VENV)

$(RUN): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(TESTED): tests/requirements.lock $(RUN)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement tests/requirements.lock
	@touch $@
