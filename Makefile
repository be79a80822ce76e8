# One command runs everything: `make check`. Only python3 (3.11 or newer) and make are needed for
# `make demo` and `make test`; the virtual environment is made once and again only when
# pyproject.toml changes. `make test PYTHON=python3.13` works in an environment of its own.

PYTHON ?= python3
JOBS ?= 2
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
EXTRAS := drf,spectacular,jwt,simplejwt,demo
FUZZ_SECONDS ?= 60
BENCH := .venv-bench
BENCH_PYTHON ?= python3.13
INSTALL := $(BIN)/python scripts/install.py
# Who has nothing left takes from the other: some tests take a hundred times as long as most.
PYTEST := $(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal
# What does not depend on the database is tested once: documentation, core, generated input and
# histories, the table of who gets in.
PYTEST_AGAIN := $(PYTEST) --ignore=tests/docs --ignore=tests/core \
	--ignore=tests/http/test_odd_input.py --ignore=tests/http/test_conformance.py \
	--ignore=tests/drf/test_conformance.py --ignore=tests/fuzz --ignore=tests/guessing \
	--ignore=tests/stateful --ignore=tests/guarding/test_matrix.py --ignore=tests/torture \
	--ignore=tests/languages
TYPED := $(wildcard ninja_totp drf_compat demo scripts torture tests/typing)

export JOBS
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PRECIOUS: $(VENV)/.group-%
.PHONY: help demo test coverage lint format format-check messages types imports \
	test-postgres test-mariadb test-redis test-deployment test-browser test-typescript test-wheel \
	test-importers test-compat test-lowest test-matrix screenshots reference torture torture-short \
	check docs guesses fuzz mutants bench clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("ninja_totp needs Python \
	3.11 or newer. If you have one under another name: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@# uv installs several times as fast; pip does where uv has no build for this platform.
	-$(BIN)/python -m pip install --quiet uv
	@touch $@

$(VENV)/.demo: pyproject.toml $(VENV)/.created
	$(INSTALL) --editable '.[demo]'
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.created
	$(INSTALL) --editable '.[$(EXTRAS)]' --group test
	@touch $@ $(VENV)/.demo

$(VENV)/.group-%: $(VENV)/.test
	$(INSTALL) --group $*
	@touch $@

demo: $(VENV)/.demo  ## serve the demo; it prints the addresses to open
	$(BIN)/python -m demo

test: $(VENV)/.test  ## run the tests on SQLite
	$(PYTEST) --cov --cov-report=

coverage: $(VENV)/.test  ## report on the branches that the last `make test` reached
	$(BIN)/coverage report --fail-under=97
	$(BIN)/coverage report --fail-under=100 --include='ninja_totp/core/*'

lint: $(VENV)/.group-lint  ## look for mistakes
	$(BIN)/ruff check

format: $(VENV)/.group-lint  ## put the code into shape, and fix what can be fixed
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

format-check: $(VENV)/.group-lint  ## see whether `make format` would change something
	$(BIN)/ruff format --check

messages: $(VENV)/.test  ## bring the translations up to date with the sentences in the code
	$(BIN)/python scripts/messages.py

types: $(VENV)/.group-typing  ## check the types
	$(BIN)/mypy $(TYPED)

imports: $(VENV)/.group-lint  ## check which module may import which
	$(BIN)/lint-imports --no-logo
	$(if $(wildcard drf_compat/__init__.py),$(BIN)/lint-imports --no-logo \
		--config .importlinter-drf_compat.toml)

test-postgres: $(VENV)/.group-postgres  ## run the tests on PostgreSQL
	TOTP_TEST_DATABASE=postgres $(PYTEST_AGAIN)

test-mariadb: $(VENV)/.group-mariadb  ## run the tests on MariaDB
	TOTP_TEST_DATABASE=mariadb $(PYTEST_AGAIN)

test-redis: $(VENV)/.group-redis  ## run the tests with Redis as cache
	TOTP_TEST_CACHE=redis $(PYTEST) tests/contract tests/drf tests/http/test_whom_the_throttle_counts.py

test-deployment: $(VENV)/.group-deployment  ## run the site of the page on deploying, behind nginx
	$(PYTEST) --numprocesses 0 -m deployment tests/docs

test-browser: $(VENV)/.group-browser  ## walk through the demo in Chromium
	$(PYTEST) -m browser

screenshots: $(VENV)/.group-browser  ## take the pictures of the documentation anew
	TOTP_PICTURES=$(CURDIR)/docs/assets/screenshots \
		$(BIN)/python -m pytest --numprocesses 0 -m browser tests/browser/test_pictures.py

examples/typescript/node_modules/.created: examples/typescript/package-lock.json
	cd examples/typescript && npm ci --no-audit --no-fund --loglevel error
	@touch $@

test-typescript: $(VENV)/.group-browser examples/typescript/node_modules/.created  ## compile and use the client made from the OpenAPI document
	$(PYTEST) --numprocesses 0 -m typescript tests/browser tests/docs

test-wheel: $(VENV)/.group-packaging  ## build the distribution and use it in an empty project
	$(PYTEST) --numprocesses 0 -m packaging

test-importers: $(VENV)/.group-packaging  ## carry users over from the packages themselves
	$(BIN)/python scripts/peers.py

test-compat: $(VENV)/.group-packaging  ## ask django-totp 1.1.7 and this package the same
	$(BIN)/python scripts/environments.py compat

test-lowest: $(VENV)/.group-packaging  ## run the tests on the oldest versions allowed
	$(BIN)/python scripts/environments.py lowest

test-matrix: test-python3.12-django6.0 test-python3.13-django6.1  ## run the tests on newer ones

test-python%: $(VENV)/.group-packaging
	$(BIN)/python scripts/environments.py python$*

reference: $(VENV)/.created  ## bring the reference up to date with the docstrings
	$(BIN)/python scripts/reference.py

docs: $(VENV)/.group-docs  ## build the documentation as a site, with MkDocs and with Zensical
	$(BIN)/python scripts/documentation.py
	$(PYTEST) --numprocesses 0 -m site tests/docs/test_site.py

torture: $(VENV)/.group-torture  ## attack and break real servers on real databases (20 minutes)
	$(BIN)/python -m torture $(TORTURE_OPTIONS)

torture-short: $(VENV)/.group-torture  ## the same at one server for each database
	$(BIN)/python -m torture --short $(TORTURE_OPTIONS)

check: $(VENV)/.created  ## run everything, as CI does
	@$(BIN)/python scripts/check.py

$(BENCH)/.created: benchmarks/requirements.txt
	$(BENCH_PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --requirement benchmarks/requirements.txt
	@touch $@

guesses: $(VENV)/.test  ## guess for years at accounts, and compare with the bound on guessing
	$(BIN)/python -m tests.guessing

fuzz: $(VENV)/.group-fuzz  ## look for input that a parser trips over: FUZZ_SECONDS, 60 by default
	$(BIN)/python -m tests.fuzz.core $(FUZZ_SECONDS)
	$(PYTEST) --hypothesis-profile=default tests/fuzz tests/http/test_conformance.py tests/drf/test_conformance.py

mutants: $(VENV)/.group-mutants  ## change the core a little, again and again: does a test notice?
	$(BIN)/python scripts/mutants.py

bench: $(BENCH)/.created  ## measure against the floor and the peers (needs PostgreSQL)
	$(BENCH)/bin/python -m benchmarks $(BENCH_OPTIONS)

clean:  ## remove what these commands made
	rm -rf .venv .venv-* examples/typescript/node_modules build dist mutants .coverage .coverage.* .hypothesis .schemathesis \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache
