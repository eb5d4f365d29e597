# make demo     carry two practice releases through a real Airflow on this machine
# make up       start Airflow for your own plans
# make test     run every test but the long ones
# make unit     those of them that need neither Airflow nor SSH servers, at every save
# make check    lint, types, import contracts, plans, tests
# make ui       build the page of releases anew
# make help     every target

VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# The first Python that is new enough; name another: make PYTHON=/path/to/python3.12 demo
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
REQUIREMENTS := requirements.txt requirements-production.txt requirements-dev.txt
# PostgreSQL from a wheel, which not every platform has: a file of its own, so that the rest is installed without it
DATABASE := requirements-database.txt
# Node.js from a wheel, for those alone who build the page anew; nobody else waits for it
NODE := requirements-ui.txt
NODE_STAMP := ui/node_modules/.set-up
NPM := PATH="$(abspath $(BIN)):$$PATH" npm --prefix ui
# An auth manager that only the long tests need
FAB := requirements-fab.txt
INSTALL := $(addprefix -r ,$(REQUIREMENTS)) -c constraints.txt

# How many tests run at once; more than the cores, as many of them wait: make TESTS_AT_ONCE=8 test
TESTS_AT_ONCE ?= 4
# Unit tests hardly wait, and each worker collects all of them: no more workers than cores.
UNIT_AT_ONCE ?= logical
SIDE_BY_SIDE := --numprocesses $(TESTS_AT_ONCE) --dist loadscope --no-loadscope-reorder

.PHONY: help setup demo up practice test unit check lint types imports plans node ui page chaos soak bench lock packages release clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP)  ## virtual environment with everything pinned; quick when nothing changed

$(STAMP): $(REQUIREMENTS) $(DATABASE) constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer found; name one: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version); the first time takes a few minutes" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv || echo "no uv here: pip does it, more slowly" >&2
	@if [ -x $(BIN)/uv ] && $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode $(INSTALL); then :; else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check $(INSTALL); fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r $(DATABASE) -c constraints.txt 2>/dev/null \
		|| echo "no embedded PostgreSQL for this platform: set AIRFLOW__DATABASE__SQL_ALCHEMY_CONN to a database of yours, or DEPLOYPLAN_DATABASE=sqlite for trials" >&2
	@touch $(STAMP)

demo: $(STAMP)  ## five practice nodes, Airflow, two releases; DEMO=once stops at the end
	@$(BIN)/deployplan demo

up: $(STAMP)  ## Airflow for your own plans, until Ctrl-C
	@$(BIN)/deployplan up

practice: $(STAMP)  ## the five practice nodes alone, until Ctrl-C
	@$(BIN)/deployplan practice

test: $(STAMP)  ## every test but the long ones
	@$(BIN)/python -m pytest -m "not chaos" $(SIDE_BY_SIDE) || { \
		echo "what failed runs once more, by itself: a test that fails beside others and not alone is named above" >&2; \
		$(BIN)/python -m pytest -m "not chaos" --last-failed --last-failed-no-failures none; }

unit: $(STAMP)  ## the tests without Airflow and SSH servers, in two minutes
	$(BIN)/python -m pytest tests/unit $(SIDE_BY_SIDE) --numprocesses $(UNIT_AT_ONCE)

chaos: $(STAMP)  ## the long tests; CHAOS=1000 says how many, CHAOS_SEED=n repeats one
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(FAB) -c constraints.txt || echo "no FAB here: what is tested under it is left out" >&2
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --target $(VENV)/notifiers -r requirements-chaos.txt
	$(BIN)/python -m pytest -m chaos $(if $(CHAOS_SEED),tests/faults/test_chaos_schedules.py)

soak: $(STAMP)  ## random releases, simulated and on real sshd: both must go the same way; SOAK=300 says how many
	SOAK=$(or $(SOAK),300) $(BIN)/python -m pytest -m chaos tests/airflow/what_if

bench: $(STAMP)  ## timings, as ratios and medians
	for script in bench/*.py; do PYTHONPATH=plugins $(BIN)/python $$script || exit 1; done

check: lint types imports plans page test  ## all that must hold before a commit

lint: $(STAMP)  ## style and layout of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)  ## mypy, strict
	$(BIN)/mypy plugins/deployplan dags

imports: $(STAMP)  ## layers: imports point down only
	PYTHONPATH=plugins $(BIN)/lint-imports

plans: $(STAMP)  ## the plans in include/
	$(BIN)/deployplan lint

node: $(NODE_STAMP)  ## Node.js and what the page is built with

$(NODE_STAMP): $(STAMP) $(NODE) ui/package-lock.json ui/.npmrc
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(NODE) -c constraints.txt
	@$(NPM) ci --silent --ignore-scripts
	@touch $(NODE_STAMP)

ui: $(NODE_STAMP)  ## the page of releases, from ui/ into the package
	@$(NPM) run --silent build

page:  ## types and tests of the page, and that the package holds what ui/ makes; where `make node` was
	@if [ -e $(NODE_STAMP) ]; then \
		$(NPM) run --silent types && $(NPM) run --silent test && \
		BUNDLE_TO=$(abspath build/bundle) $(NPM) run --silent build && \
		cmp build/bundle/releases.js plugins/deployplan/ui/bundle/releases.js || \
			{ echo "the page does not hold; where the bundle differs: make ui" >&2; exit 1; }; \
	else echo "no Node.js here: the page of releases was not built anew and compared (make node)" >&2; fi

lock: $(STAMP)  ## choose the whole tree anew: requirements*.txt -> constraints.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-emit-index-url \
		--custom-compile-command "make lock" -o constraints.txt $(REQUIREMENTS) $(DATABASE) $(NODE) $(FAB)

packages: $(STAMP)  ## the practice packages in include/packages/
	$(BIN)/python include/packages/build.py

release: $(STAMP)  ## wheel and sdist of this commit, into dist/
	@test -z "$$(git status --porcelain)" || { echo "commit first: what is built is what a commit says" >&2; exit 1; }
	@rm -rf dist
	@$(BIN)/python -m hatchling build

clean:  ## remove what make and the demo made
	rm -rf $(VENV) .airflow .practice .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist ui/node_modules
