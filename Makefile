# Two commands do everything on a fresh machine: `make run` and `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV := .venv
BENCH := .venv-bench
LOCK := .venv-lock
BIN := $(VENV)/bin

# The first Python 3.11 to 3.14 on the path; `make PYTHON=/path/to/python3 run` names another.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	if "$$p" -c '$(SUPPORTED)' >/dev/null 2>&1; then echo "$$p"; break; fi; done)

# Everything comes from a lock file with hashes. Sdists are built with the locked setuptools too.
PIP := -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --require-hashes --no-build-isolation
INSTALL_PROJECT := $(PIP) install --no-deps --no-build-isolation --config-settings editable_mode=compat -e .

# Tests and measurements on real data read a folder beside the checkout, where there is one.
test bench bench-service parity quality: export ISNAD_SHARED ?= $(wildcard $(abspath ../shared))

.PHONY: help run run-distributed report test lint type format lock bench bench-service parity quality screenshots clean debian

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

run: $(VENV)/.runtime ## install what is needed, then run the service on 127.0.0.1:8080, with seeds/ in it
	@exec $(BIN)/isnad serve --seeds seeds

run-distributed: $(VENV)/.runtime ## run Redis, PostgreSQL, the service with seeds/ and two workers; Ctrl-C ends all
	@scripts/install-debian-packages requirements/debian-servers.txt
	@exec scripts/run-distributed $(BIN)/isnad

report: $(VENV)/.runtime ## install what is needed, then report the duplicates in seeds/
	@$(BIN)/isnad report seeds/*.txt seeds/*.jsonl

# Bytecode is kept whatever the environment says: tests start the command hundreds of times. One core
# compiles the kernels that all tests need while the other checks types.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.dev debian lint ## install what tests need, then check style, types and behaviour
	@$(BIN)/python -c 'from service.wiring import warm_up; warm_up()' & kernels=$$!; \
		$(BIN)/mypy && wait $$kernels
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(ARGS)

lint: $(VENV)/.dev ## check style: Python, shell and Dockerfile
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@for script in .ci/run scripts/*; do bash -n "$$script"; done
	@$(BIN)/hadolint Dockerfile

type: $(VENV)/.dev ## check types (mypy, strict)
	@$(BIN)/mypy

format: $(VENV)/.dev ## rewrite the Python files in the house style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lock: $(LOCK)/.ready ## resolve requirements/*.txt again (UPGRADE=1: to the newest versions)
	@scripts/lock $(LOCK)/bin/uv $(if $(UPGRADE),--upgrade)

bench: $(VENV)/.runtime ## measure speed and memory against the peers, in one run (ARGS='--n 20000')
	@$(BIN)/python -m benchmarks.bench_peers --venv $(BENCH) $(ARGS)

bench-service: $(VENV)/.runtime ## measure the service: stream, single requests, growth, restart (ARGS='--grow 200000')
	@$(BIN)/python -m benchmarks.bench_service $(if $(ARGS),$(ARGS),--grow 500000)

parity: $(VENV)/.runtime ## the same articles over HTTP and in the report: equal clusters, or not
	@$(BIN)/python -m benchmarks.parity $(ARGS)

quality: $(VENV)/.runtime ## score the results against labelled data (ARGS=--quick)
	@$(BIN)/python -m benchmarks.quality $(ARGS)

screenshots: $(VENV)/.dev debian ## picture every page for docs/screenshots/, with the corpus in seeds/
	@PYTHONPATH=.:tests $(BIN)/python -m browser.screenshots

clean: ## remove environments, caches and build products
	rm -rf $(VENV) $(BENCH) $(LOCK) build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

debian:
	@scripts/install-debian-packages requirements/debian-test.txt

# --- environments: each stamp stands for "installed as these files say" ---------------------------

define create-venv
@"$(PYTHON)" -c '$(SUPPORTED)' 2>/dev/null || { \
	echo "No Python 3.11 to 3.14 found: apt install python3 python3-venv, or make PYTHON=/path/to/python3" >&2; exit 1; }
@"$(PYTHON)" -m venv --clear $(@D)
@touch $@
endef

$(VENV)/.created $(LOCK)/.created:
	$(create-venv)

$(VENV)/.runtime: $(VENV)/.created requirements/build.txt requirements/runtime.txt pyproject.toml
	@echo "Installing the locked packages into $(VENV) (about 150 MB, once)" >&2
	@$(BIN)/python $(INSTALL) -r requirements/build.txt
	@$(BIN)/python $(INSTALL) -r requirements/runtime.txt
	@$(BIN)/python $(INSTALL_PROJECT)
	@touch $@

$(VENV)/.dev: $(VENV)/.created requirements/build.txt requirements/dev.txt pyproject.toml
	@echo "Installing the locked packages and the tools for tests into $(VENV) (once)" >&2
	@$(BIN)/python $(INSTALL) -r requirements/build.txt
	@$(BIN)/python $(INSTALL) -r requirements/dev.txt
	@$(BIN)/python $(INSTALL_PROJECT)
	@touch $(VENV)/.runtime $@

$(LOCK)/.ready: $(LOCK)/.created requirements/lock.in
	@$(LOCK)/bin/python $(PIP) install -r requirements/lock.in
	@touch $@
