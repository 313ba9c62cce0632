# Everything from nothing but Python >= 3.12, make and a C library.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
REPORT ?= quickstart-report
# CI runs the slow tests too.
MARKS ?= $(if $(CI),not network,not slow and not network)

.PHONY: env quickstart test lint bench wheel clean help

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

env: $(READY)  ## make .venv with everything

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "no Python >= 3.12 found; install one or say make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[service,twin,dynamics,notebooks]" --group dev
	@touch $(READY)

quickstart: $(READY)  ## make, score and draw a first map on the embedded twin
	$(BIN)/oceanbench quickstart --report $(REPORT)

test: $(READY)  ## run the tests (the slow ones too where CI is set)
	$(BIN)/python -m pytest -m "$(MARKS)"

lint: $(READY)  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)  ## measure speed against named peers
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

wheel: $(READY)  ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:  ## remove what was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
