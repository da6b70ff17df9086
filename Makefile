# Every task is one word. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lint types drift generate unasync exports api-map update-spec fuzz crash prism congruence bench coverage lock build clean
SHELL := /bin/bash

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMP := $(VENV)/.ready

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or later is needed; try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

setup: $(STAMP)  ## Make .venv with everything locked in requirements/dev.txt

demo: $(STAMP)  ## Show a history over real HTTP from the embedded local Comfy Cloud; needs no key
	@$(PY) examples/demo.py

test: $(STAMP)  ## Run all tests
	@$(BIN)/pytest -q -n logical

check: $(STAMP) format-check lint types drift test  ## Everything that must hold before a commit

.PHONY: format-check
format-check: $(STAMP)
	@$(BIN)/ruff format --check --quiet . || { echo "error: run make format" >&2; exit 1; }

format: $(STAMP)  ## Format and sort imports
	@$(BIN)/ruff check --select I --fix --quiet . ; $(BIN)/ruff format --quiet .

lint: $(STAMP)  ## Lint
	@$(BIN)/ruff check --quiet .

types: $(STAMP)  ## Check types with mypy and basedpyright, both strict
	@$(BIN)/mypy
	@$(BIN)/basedpyright --warnings

drift: $(STAMP)  ## Fail when generated/, the sync client, _exports.py or API.md is not what its sources make
	@$(PY) -m scripts.generate --check
	@$(PY) -m scripts.unasync --check
	@$(PY) -m scripts.exports --check
	@$(PY) -m scripts.api_map --check

generate: $(STAMP)  ## Make generated/ from the contract and its overlay, then what follows from it
	@$(PY) -m scripts.generate
	@$(PY) -m scripts.api_map

unasync: $(STAMP)  ## Make the synchronous client and its tests from the asynchronous ones
	@$(PY) -m scripts.unasync

exports: $(STAMP)  ## Make the table of public names from the package's __init__.py
	@$(PY) -m scripts.exports

api-map: $(STAMP)  ## Make API.md
	@$(PY) -m scripts.api_map

update-spec: $(STAMP)  ## Take a newer contract: make update-spec FROM=<file or URL>
	@test -n "$(FROM)" || { echo "error: say where it is: make update-spec FROM=<file or URL>" >&2; exit 2; }
	@$(PY) -m scripts.update_spec "$(FROM)"

fuzz: $(STAMP)  ## Hold the local Comfy Cloud to the contract with thousands of made-up requests: make fuzz CASES=300 SEED=1
	@$(PY) -m tests.contract.fuzz $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))

crash: $(STAMP)  ## Kill a busy local Comfy Cloud and look whether anything was lost: make crash KILLS=100 SEED=1
	@$(PY) -m tests.emulator.kill_loop $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

prism: $(STAMP)  ## Run the client over a Prism mock of the contract (npm): make prism CONTRACT=plain CLIENT=sync
	@$(PY) -m scripts.prism $(if $(CONTRACT),--contract $(CONTRACT)) $(if $(CLIENT),--client $(CLIENT))

congruence: $(STAMP)  ## Compare the imitation of a self-hosted ComfyUI with a real one: make congruence URL=http://127.0.0.1:8188
	@test -n "$(URL)" || { echo "error: say where it is: make congruence URL=http://127.0.0.1:8188" >&2; exit 2; }
	@$(PY) -m tests.live.congruence "$(URL)" $(if $(QUIRKS),--quirks $(QUIRKS))

bench: $(STAMP)  ## Measure speed: ratios to bare httpx and json in the same run, beside their targets
	@$(PY) -m benchmarks

coverage: $(STAMP)  ## Run the tests and list the lines that none of them reaches
	@$(BIN)/pytest -q -n logical --cov --cov-report=term-missing:skip-covered

lock:  ## Lock the newest allowed releases in requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" --upgrade requirements/dev.in -o requirements/dev.txt

build: $(STAMP)  ## Build the wheel and the source distribution into dist/
	@$(PY) -m hatchling build

clean:  ## Remove the environment and everything that tools left
	@rm -rf $(VENV) dist build site htmlcov .prism .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis generated.new generated.old
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
