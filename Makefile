# Sets up .venv as needed and runs the project's programs in it. Works with make 3.81 (macOS).
#
# A stamp's name holds a checksum of what was installed from and where: a second run installs
# nothing, and works without network, until pyproject.toml, the lock or the place changes.

SHELL := /bin/sh
PYTHON ?= python3
ARGS ?=
# Whole files go to a worker, so that what a file sets up is set up once. Tests wait for media and
# browsers as much as they compute: three workers do well on two cores.
WORKERS ?= -n 3 --dist loadfile

BIN := .venv/bin
KEY := $(shell { pwd -P; cat pyproject.toml requirements.lock; } | cksum | cut -d' ' -f1)
SERVE := .venv/.serve-$(KEY)
DEV := .venv/.dev-$(KEY)
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --constraint requirements.lock --editable
PACKAGES := $(patsubst %/__init__.py,%,$(wildcard mock_server/__init__.py contract/__init__.py))
CHECKED := $(PACKAGES) $(if $(wildcard bench/*.py),bench) examples tests scripts

.PHONY: run test check contract fuzz static wheel bench assets mutants distil alarms fmt coverage lock clean help
.DEFAULT_GOAL := help

help: ## what can be made
	@echo 'make TARGET [ARGS="..."] [PYTHON=python3.12]'
	@echo
	@sed -n 's/^\([a-z]*\):.*## /\1 /p' Makefile | \
	  while read -r name text; do printf '  %-9s %s\n' "$$name" "$$text"; done

run: $(SERVE) ## set up and serve: make run ARGS="--port 9000"
	@exec $(BIN)/python -m mock_server serve $(ARGS)

test: $(DEV) ## set up and pass the tests: make test ARGS="-k sdp"
	@$(run-tests)

check: $(DEV) ## all that CI runs: lint, types, directions, the wheel, then the tests
	@$(run-static)
	@$(run-wheel)
	@$(run-tests)

contract: $(DEV) ## judge the fake by its contract: make contract ARGS="--seed 7 --no-media"
	@exec $(BIN)/python -m contract check $(ARGS)

fuzz: $(DEV) ## every deviation to each reference client, each finding twenty times (half an hour)
	@HEYGEN_SWEEP=whole $(BIN)/python -m pytest tests/contract/clients/test_reference_findings.py $(ARGS)

static: $(DEV) ## lint, types and directions only
	@$(run-static)

wheel: $(DEV) ## the built wheel, installed outside the checkout, serves
	@$(run-wheel)

bench: $(DEV) ## the benchmarks, as one table
	@exec $(BIN)/python -m bench $(ARGS)

assets: $(DEV) ## redraw and encode the avatars (minutes; the result is committed)
	@exec $(BIN)/python -m mock_server.media.build $(ARGS)

fmt: $(DEV) ## format, and repair what lint can repair
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

coverage: $(DEV) ## the tests again, with branch coverage
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m coverage run -m pytest $(ARGS)
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report

mutants: $(DEV) ## write docs/mutants.md: the planted bugs that judge the judge
	@exec $(BIN)/python -m tests.mutants

distil: $(DEV) ## choose the histories for targets that cost money (minutes): contract/probe.json
	@exec $(BIN)/python -m tests.mutants.distil $(ARGS)

alarms: $(DEV) ## look for false alarms on the right fake: make alarms HEYGEN_ROUNDS=50
	@HEYGEN_ROUNDS='$(or $(HEYGEN_ROUNDS),20)' $(BIN)/python -m pytest tests/mutants/test_right.py

lock: ## resolve anew what pyproject.toml asks for, into requirements.lock
	@PYTHON='$(PYTHON)' scripts/lock

clean: ## remove .venv and all that was built or cached
	rm -rf .venv build dist .bench .hypothesis .schemathesis htmlcov .coverage .coverage.*
	rm -rf tests/browser/sdk/node_modules tests/browser/sdk2/node_modules tests/browser/bundle/*
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name node_modules -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

define run-static
set -e; \
echo 'ruff format'; $(BIN)/ruff format --check --quiet .; \
echo 'ruff check'; $(BIN)/ruff check --quiet .; \
echo 'mypy'; $(BIN)/python -m mypy --no-error-summary $(CHECKED); \
echo 'import-linter'; $(BIN)/lint-imports --no-logo
endef

define run-wheel
echo 'wheel'; $(BIN)/python scripts/wheel_test.py
endef

# Where Chromium cannot be had the browser tests are skipped, and say so; never in CI.
define run-tests
set -e; \
scripts/browser-kit || test -z "$$CI"; \
$(BIN)/python -m pytest $(WORKERS) $(ARGS)
endef

$(BIN)/python:
	@PYTHON='$(PYTHON)' scripts/venv

# An older stamp belongs to another state of the environment: it must not be found again.
$(SERVE): | $(BIN)/python
	@rm -f .venv/.serve-* .venv/.dev-*
	@echo 'Setting up .venv to serve (once)'
	@$(INSTALL) .
	@touch $@

# After the other stamp, never beside it: both write to the same environment.
$(DEV): $(SERVE)
	@rm -f .venv/.dev-*
	@echo 'Setting up .venv to develop (once)'
	@$(INSTALL) '.[all]'
	@touch $@
