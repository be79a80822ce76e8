# A short way to the sessions of noxfile.py. Only python3 (3.11 or newer) and make are needed for
# `make demo` and `make test`; `make check` runs everything. The environment is made once and again
# only when pyproject.toml changes. `make test PYTHON=python3.13` works in one of its own.

PYTHON ?= python3
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python \
	--constraint requirements/development.txt
NOX := $(BIN)/nox --envdir $(VENV)/nox
SESSIONS := test coverage lint format types imports docs test-postgres test-psycopg2 test-mariadb test-redis \
	test-guarantees test-browser test-typescript test-wheel test-importers test-compat test-lowest test-matrix \
	test-prerelease test-surroundings test-deployment torture torture-short messages screenshots \
	guesses fuzz mutants bench lock
MADE := pyproject.toml requirements/development.txt

.DEFAULT_GOAL := help
.PRECIOUS: $(VENV)/.group-%
.PHONY: help demo dev check clean $(SESSIONS)

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile
	@awk '/^def [a-z]/ { name = substr($$2, 1, index($$2, "(") - 1); gsub("_", "-", name); getline; \
		gsub(/^ *"""|"""/, ""); printf "make %-16s %s\n", name, $$0 }' noxfile.py

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("ninja_totp needs Python \
	3.11 or newer. If you have one under another name: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

$(VENV)/.nox: $(MADE) $(VENV)/.uv
	$(INSTALL) --group nox
	@touch $@

$(VENV)/.test: $(MADE) $(VENV)/.uv
	$(INSTALL) --editable '.[drf,spectacular,jwt,simplejwt,prometheus,demo]' --group test --group nox
	@touch $@

$(VENV)/.group-%: $(VENV)/.test
	$(INSTALL) --group $*
	@touch $@

$(VENV)/.demo: $(MADE) $(VENV)/.uv
	$(INSTALL) --editable '.[demo]'
	@touch $@

demo: $(VENV)/.demo  ## serve the demo; it prints the addresses to open
	$(BIN)/python -m demo

dev: $(VENV)/.test $(VENV)/.group-lint $(VENV)/.group-typing  ## make .venv ready for daily work

check: $(VENV)/.nox  ## run everything, as CI does
	@# First `make test`, with more examples and longer histories, and with the tracer, which takes
	@# as long as the tests themselves. Then one process each: two that share a session would both
	@# collect its tests. Last a Python that is still rare, and a Django that is not out: said, and
	@# no failure.
	@status=0; set -x; \
	$(NOX) --session test -- --hypothesis-profile=thorough --cov --cov-report= || status=1; \
	JOBS=1 $(NOX) --parallel 2 --tags check || status=1; \
	$(NOX) --no-error-on-missing-interpreters --session 'test_matrix(python3.14-django6.1)' || status=1; \
	$(NOX) --session test_prerelease || true; \
	exit $$status

$(SESSIONS): $(VENV)/.nox
	$(NOX) --session $(subst -,_,$@) $(if $(OPTIONS),-- $(OPTIONS))

test-python%: $(VENV)/.nox
	$(NOX) --session 'test_matrix(python$*)'

clean:  ## remove what these commands made
	rm -rf .venv .venv-* .nox clients/*/node_modules examples/*/node_modules tests/browser/node_modules build dist .coverage .coverage.* \
		.hypothesis .schemathesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
