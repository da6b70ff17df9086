# Every task is one word; `make help` lists them. Works with GNU make 3.81 (macOS) and later, and on
# Windows from Git Bash. Each environment is made from a lock of its own and remade when that changes.
.DEFAULT_GOAL := help
SHELL := bash

PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := Scripts
PATHSEP := ;
else
BIN := bin
PATHSEP := :
endif

# Where it is set, each of the hundreds of programs that the suite starts compiles the packages anew.
unexport PYTHONDONTWRITEBYTECODE

# Tests wait for sockets, so three workers keep two cores busy.
WORKERS = $(shell $(PYTHON) -c "import os; print(max(2, (os.cpu_count() or 1) * 3 // 2))")

DEV := .venv
DEMO := .venv-demo
LOWEST := .venv-lowest
AUDIT := .venv-audit
DOCS := .venv-docs
ENGINES := .venv-engines
COOKBOOK := .venv-cookbook
PY := $(DEV)/$(BIN)/python
DEV_READY := $(DEV)/.ready
DEMO_READY := $(DEMO)/.ready
LOWEST_READY := $(LOWEST)/.ready
AUDIT_READY := $(AUDIT)/.ready
DOCS_READY := $(DOCS)/.ready
ENGINES_READY := $(ENGINES)/.ready
COOKBOOK_READY := $(COOKBOOK)/.ready

# The generator and schemathesis need certain releases of what the package itself depends on, so
# their tests would undo what `make test-lowest` and `make test-newest` are for.
NOT_LOWEST := tests/scripts tests/benchmarks tests/emulator/cloud/test_published.py tests/emulator/control/test_openapi.py tests/generated/test_odd_contracts.py tests/attacks/test_hostile_contracts.py tests/contract/test_fuzz.py tests/contract/test_dialect_second_opinion.py

# $(1): the folder of the environment, $(2): the lock, $(3): more options for pip
define make-environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or later is needed; try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(1)
	@$(1)/$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(3) -r $(2)
endef
# $(1): the folder of the environment
define install-package
	@$(1)/$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
endef

##@ Start here

.PHONY: help
help:  ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(DEMO_READY)  ## Show a history over real HTTP from the local Comfy Cloud; needs no key
	@PYTHONPATH="$(CURDIR)/wrapper$(PATHSEP)$(CURDIR)/generated$(PATHSEP)$(CURDIR)/catalogue$(PATHSEP)$(CURDIR)/emulator" $(DEMO)/$(BIN)/python -m comfy_cloud.cli demo

.PHONY: setup
setup: $(DEV_READY)  ## Make .venv with everything locked in requirements/dev.txt

# Most of what is installed is never imported by the demo, so compiling it would only cost time.
$(DEMO_READY): requirements/demo.txt
	$(call make-environment,$(DEMO),$<,--no-compile)
	@touch $@

$(DEV_READY): requirements/dev.txt pyproject.toml
	$(call make-environment,$(DEV),$<)
	$(call install-package,$(DEV))
	@touch $@

$(LOWEST_READY): requirements/lowest.txt pyproject.toml
	$(call make-environment,$(LOWEST),$<)
	$(call install-package,$(LOWEST))
	@touch $@

$(AUDIT_READY): requirements/audit.txt
	$(call make-environment,$(AUDIT),$<)
	@touch $@

$(DOCS_READY): requirements/docs.txt
	$(call make-environment,$(DOCS),$<)
	@touch $@

$(ENGINES_READY): requirements/engines.txt pyproject.toml
	$(call make-environment,$(ENGINES),$<)
	$(call install-package,$(ENGINES))
	@touch $@

$(COOKBOOK_READY): requirements/cookbook.txt pyproject.toml
	$(call make-environment,$(COOKBOOK),$<)
	$(call install-package,$(COOKBOOK))
	@touch $@

##@ Before a commit

.PHONY: check
check: format-check lint types drift test test-slow  ## Everything that must hold before a commit

.PHONY: test
test: $(DEV_READY)  ## Run the tests, but for those that are slow
	@$(PY) -m pytest -q -n $(WORKERS) -m "not slow"

.PHONY: test-slow
test-slow: $(DEV_READY)  ## Run the slow tests: second transport, most of the sync client, long searches, killed programs
	@$(PY) -m pytest -q -n $(WORKERS) -m slow

.PHONY: slow-tests
slow-tests: $(DEV_READY)  ## Run all tests, and note in tests/slow.txt which functions are slow
	@$(PY) -m pytest -q -n $(WORKERS) -p tests.costs

.PHONY: format
format: $(DEV_READY)  ## Format and sort imports
	@$(PY) -m ruff check --select I --fix --quiet .
	@$(PY) -m ruff format --quiet .

.PHONY: format-check
format-check: $(DEV_READY)  ## Fail when `make format` would change a file
	@$(PY) -m ruff format --check --quiet . || { echo "error: run make format" >&2; exit 1; }

.PHONY: lint
lint: $(DEV_READY)  ## Lint
	@$(PY) -m ruff check --quiet .

# Neither mypy nor basedpyright uses a second core, so they run side by side; and so below.
.PHONY: types
types: $(DEV_READY)  ## Check types with mypy and basedpyright, both as strict as pyproject.toml says; what users see with ty too; and the code in the docs
	@$(PY) -m mypy && $(PY) -m scripts.project.documented_code & \
	$(PY) -m basedpyright --warnings && $(PY) -m ty check --quiet; \
	code=$$?; wait $$! && exit $$code

.PHONY: drift
drift: $(DEV_READY)  ## Fail when a made file is not what its source makes
	@$(PY) -m scripts.generate --check & \
	$(PY) -m scripts.exports --check && \
	$(PY) -m scripts.unasync --check && \
	$(PY) -m scripts.api_map --check && \
	$(PY) -m scripts.command_reference --check && \
	$(PY) -m scripts.performance --check; \
	code=$$?; wait $$! && exit $$code

##@ Make what is made from something else

.PHONY: generate
generate: $(DEV_READY)  ## Make generated/ from the contract and its overlay, then API.md and the reference
	@$(PY) -m scripts.generate
	@$(PY) -m scripts.api_map
	@$(PY) -m scripts.command_reference

.PHONY: sessions
sessions: $(DEV_READY)  ## Record the sessions in docs/command.md anew
	@$(PY) -m scripts.recorded_sessions

.PHONY: picture
picture: $(DEV_READY)  ## Record docs/run.svg, the moving picture of a run at the top of the README
	@$(PY) -m scripts.terminal_picture

.PHONY: command-table
command-table: $(DEV_READY)  ## Try every command on terminals and pipes, into docs/command-table.md: make command-table WORDS="jobs list"
	@$(PY) -m scripts.command_table $(WORDS) $(if $(WORDS),,--page docs/command-table.md)

.PHONY: unasync
unasync: $(DEV_READY)  ## Make the sync client and its tests from the async ones
	@$(PY) -m scripts.unasync

.PHONY: exports
exports: $(DEV_READY)  ## Make the table of public names from the package's __init__.py
	@$(PY) -m scripts.exports

.PHONY: api-map
api-map: $(DEV_READY)  ## Make API.md
	@$(PY) -m scripts.api_map

.PHONY: command-reference
command-reference: $(DEV_READY)  ## Make the reference of the command, as a page and for man
	@$(PY) -m scripts.command_reference

.PHONY: performance
performance: $(DEV_READY)  ## Make docs/performance.md from the last results of make bench
	@$(PY) -m scripts.performance

.PHONY: update-spec
update-spec: $(DEV_READY)  ## Take a newer contract: make update-spec FROM=<file or URL> [CONTRACT=v2] [ONLY=1] [PRUNE=1] [YES=1]
	@test -n "$(FROM)" || { echo "error: say where it is: make update-spec FROM=<file or URL>" >&2; exit 2; }
	@$(PY) -m scripts.update_spec "$(FROM)" $(if $(CONTRACT),--contract $(CONTRACT)) $(if $(ONLY),--only) $(if $(PRUNE),--prune) $(if $(KEEP_WORDS),--keep-words) $(if $(UNFINISHED),--unfinished) $(if $(NO_TESTS),--no-tests) $(if $(YES),--yes)

.PHONY: update-table
update-table: $(DEV_READY)  ## Try update-spec on many contracts in a scratch copy: make update-table FILES="<files or folders>"
	@test -n "$(FILES)" || { echo "error: say which: make update-table FILES=\"<files or folders>\"" >&2; exit 2; }
	@$(PY) -m scripts.update_table $(FILES) $(if $(NO_TESTS),--no-tests)

.PHONY: lock
lock: $(DEV_READY)  ## Lock what pyproject.toml and requirements/*.in ask for: make lock UPGRADE=1 for the newest
	@$(COMPILE) pyproject.toml requirements/dev.in $(EXTRAS:%=--extra %) -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --extra cli --extra emulator -c requirements/dev.txt -o requirements/demo.txt
	@$(COMPILE) requirements/publish.in -c requirements/dev.txt -o requirements/publish.txt
	@$(COMPILE) requirements/audit.in -c requirements/dev.txt -o requirements/audit.txt
	@$(COMPILE) requirements/docs.in -o requirements/docs.txt
	@$(COMPILE) pyproject.toml requirements/test.in $(EXTRAS:%=--extra %) --resolution lowest-direct -o requirements/lowest.txt
	@$(COMPILE) pyproject.toml requirements/engines.in $(ENGINE_EXTRAS:%=--extra %) -o requirements/engines.txt
	@$(COMPILE) pyproject.toml requirements/cookbook.in --extra emulator -c requirements/dev.txt -o requirements/cookbook.txt

# The extras that the two commands try, and those that only the engines' checks do: they are large.
EXTRAS := cli jq preview layout parquet mirror duckdb xlsx contract emulator fast keyring fsspec otel mcp redis
ENGINE_EXTRAS := mirror parquet duckdb postgres delta dlt redis emulator

COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	$(if $(UPGRADE),--upgrade)

##@ Not part of check: slow, or in need of something else

.PHONY: coverage
coverage: $(DEV_READY)  ## Run all tests, list the lines that none reaches, fail when they are too many
	@$(PY) -m pytest -q -n $(WORKERS) --cov --cov-report=term-missing:skip-covered

.PHONY: test-lowest
test-lowest: $(LOWEST_READY)  ## Run the tests with the lowest dependencies that pyproject.toml allows (Python 3.11)
	@$(LOWEST)/$(BIN)/python -m pytest -q -n $(WORKERS) tests $(NOT_LOWEST:%=--ignore=%)

.PHONY: test-newest
test-newest: $(DEV_READY)  ## Run the tests with the newest dependencies, on each Python here: make test-newest PYTHONS=3.13 TESTS=tests/unit
	@$(PY) -m scripts.newest $(if $(PYTHONS),--python $(PYTHONS)) $(if $(TESTS),--tests "$(TESTS)") --ignore $(NOT_LOWEST)

.PHONY: audit
audit: $(AUDIT_READY) $(DEV_READY)  ## Ask an advisory service about the locked dependencies: make audit SERVICE=osv
	@$(PY) -m scripts.audit --program $(AUDIT)/$(BIN)/pip-audit $(if $(SERVICE),--service $(SERVICE))

.PHONY: fuzz
fuzz: $(DEV_READY)  ## Send the local Comfy Cloud thousands of made-up requests: make fuzz CASES=300 SEED=1 API=v2, PLAIN=1
	@$(PY) -m tests.contract.fuzz $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED)) $(if $(API),--api $(API)) $(if $(PLAIN),--plain)

.PHONY: crash
crash: $(DEV_READY)  ## Kill a busy local Comfy Cloud again and again, losing nothing: make crash KILLS=100 SEED=1
	@$(PY) -m tests.emulator.survival.kill_loop $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

.PHONY: prism
prism: $(DEV_READY)  ## Run the client against Prism mocks of the contracts (npm): make prism CONTRACT=merged|plain|v2 CLIENT=sync
	@$(PY) -m scripts.prism $(if $(CONTRACT),--contract $(CONTRACT)) $(if $(CLIENT),--client $(CLIENT))

.PHONY: frontend-check
frontend-check: $(DEV_READY)  ## Open ComfyUI's own frontend on the emulator: make frontend-check FRONTEND=<folder> [CHROMIUM=<program>] [SCREENSHOT=<file>]
	@test -n "$(FRONTEND)" || { echo "error: unpack the wheel of comfyui-frontend-package and say where: make frontend-check FRONTEND=<folder>" >&2; exit 2; }
	@$(PY) -m tests.live.frontend "$(FRONTEND)" $(if $(CHROMIUM),--chromium "$(CHROMIUM)") $(if $(SCREENSHOT),--screenshot "$(SCREENSHOT)")

.PHONY: report-check
report-check: $(DEV_READY)  ## Open reports of 5,000 jobs and of hostile ones in Chromium, with axe-core (npm): make report-check [CHROMIUM=<program>] [SCREENSHOTS=<folder>]
	@$(PY) -m tests.live.report_check $(if $(CHROMIUM),--chromium "$(CHROMIUM)") $(if $(SCREENSHOTS),--screenshots "$(SCREENSHOTS)")

.PHONY: page-check
page-check: $(DEV_READY)  ## Open the emulator's page in Chromium, with axe-core (npm): make page-check [CHROMIUM=<program>] [SCREENSHOTS=<folder>]
	@$(PY) -m tests.live.page_check $(if $(CHROMIUM),--chromium "$(CHROMIUM)") $(if $(SCREENSHOTS),--screenshots "$(SCREENSHOTS)")

.PHONY: conversion-score
conversion-score: $(DEV_READY)  ## Convert recorded workflows of the editor, and compare: make conversion-score CASES=<folder> [ARGUMENTS="--titles --default"]
	@test -n "$(CASES)" || { echo "error: say where the recorded cases are: make conversion-score CASES=<folder>" >&2; exit 2; }
	@$(PY) -m tests.live.conversion_score "$(CASES)" $(ARGUMENTS)

.PHONY: conversion-run
conversion-run: $(DEV_READY)  ## Run converted workflows on the emulator, and have a ComfyUI validate them: make conversion-run CASES=<folder> [COMFYUI=<folder> COMFYUI_PYTHON=<program>]
	@test -n "$(CASES)" || { echo "error: say where the recorded cases are: make conversion-run CASES=<folder>" >&2; exit 2; }
	@$(PY) -m tests.live.conversion_run "$(CASES)" $(if $(COMFYUI),--comfyui "$(COMFYUI)") $(if $(COMFYUI_PYTHON),--comfyui-python "$(COMFYUI_PYTHON)")

.PHONY: congruence
congruence: $(DEV_READY)  ## Compare the emulated ComfyUI with a real one: make congruence URL=http://127.0.0.1:8188 [QUIRKS=comfyui_new]
	@test -n "$(URL)" || { echo "error: say where it is: make congruence URL=http://127.0.0.1:8188" >&2; exit 2; }
	@$(PY) -m tests.live.congruence "$(URL)" $(if $(QUIRKS),--quirks $(QUIRKS))

.PHONY: drive
drive: $(DEV_READY)  ## Drive a real ComfyUI with both forms of the client: make drive URL=http://127.0.0.1:8188 [USER_ID=...]
	@test -n "$(URL)" || { echo "error: say where it is: make drive URL=http://127.0.0.1:8188" >&2; exit 2; }
	@$(PY) -m tests.live.drive "$(URL)" $(if $(USER_ID),--user $(USER_ID))

.PHONY: vendor-sdk
vendor-sdk: $(DEV_READY)  ## Run the README of Comfy's own SDK against the emulator; installs it into a throw-away environment
	@$(PY) -m tests.live.vendor_sdk

.PHONY: examples-curl
examples-curl: $(DEV_READY)  ## The shell script of examples/curl against the emulator; needs curl
	@PATH="$(CURDIR)/$(DEV)/$(BIN):$$PATH" sh examples/curl/try_it.sh

.PHONY: examples-javascript
examples-javascript: $(DEV_READY)  ## The app of examples/javascript and its tests against the emulator; needs Node.js 20 or later
	@cd examples/javascript && PATH="$(CURDIR)/$(DEV)/$(BIN):$$PATH" \
		node $$(node -p 'typeof WebSocket === "undefined" ? "--experimental-websocket" : ""') --test

.PHONY: ready-made
ready-made: $(DEV_READY)  ## Lint Containerfile and action.yml, and do what they say; installs linters and the package into throw-away environments
	@$(PY) -m tests.live.ready_made

.PHONY: attack
attack: $(DEV_READY)  ## Run the attacks of tests/attacks with all their cases: kind, tries, held
	@$(PY) -m tests.attacks

.PHONY: bench
bench: $(DEV_READY)  ## Measure speed against plain httpx and json, and against the last commit: make bench BENCH="calls" ROWS=<text> QUICK=1 SAVE=1 JOBS=1000000 MIB=256
	@$(if $(QUICK),BENCH_QUICK=1) $(if $(JOBS),BENCH_JOBS=$(JOBS)) $(if $(MIB),BENCH_MIB=$(MIB) BENCH_RANGED_MIB=$(MIB)) $(PY) -m benchmarks $(BENCH) $(if $(ROWS),--rows "$(ROWS)") $(if $(SAVE),--save)

.PHONY: bench-peers
bench-peers: $(DEV_READY)  ## Measure other clients beside this one; installs them into environments that are thrown away: make bench-peers WORKS="run convert"
	@$(PY) -m benchmarks.peers $(WORKS)

.PHONY: mirror-kills
mirror-kills: $(DEV_READY)  ## Kill a hundred syncs of a mirror, and look for jobs that were lost or doubled
	@$(PY) -m tests.mirror.killed_sync 100

.PHONY: mirror-postgres
mirror-postgres: $(ENGINES_READY)  ## Try the mirror on a PostgreSQL of its own; needs Debian's postgresql
	@$(ENGINES)/$(BIN)/python -m scripts.mirror_postgres

.PHONY: mirror-engines
mirror-engines: $(ENGINES_READY)  ## Ask DuckDB, Polars, pandas, Delta Lake and dlt about an exported history: the same answers
	@$(ENGINES)/$(BIN)/python -m tests.live.mirror_engines

.PHONY: mirror-spark
mirror-spark: $(ENGINES_READY)  ## The same questions to a PySpark; needs Java 17
	@$(ENGINES)/$(BIN)/python -m tests.live.mirror_engines --spark

.PHONY: idempotency-runs
idempotency-runs: $(DEV_READY)  ## Use a thousand idempotency keys in processes that are killed: make idempotency-runs RUNS=100 SEED=2
	@$(PY) -m tests.live.idempotency_runs $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED))

.PHONY: cookbook
cookbook: $(COOKBOOK_READY)  ## The programs of docs/cookbook.md with FastAPI, Flask, Celery and discord.py themselves
	@$(COOKBOOK)/$(BIN)/python -m tests.live.cookbook_check

.PHONY: engines-dask
engines-dask: $(ENGINES_READY)  ## A sweep over Dask whose workers are killed: each variant once; needs Debian's redis-server
	@$(ENGINES)/$(BIN)/python -m tests.live.engines_check dask

.PHONY: engines-ray
engines-ray: $(ENGINES_READY)  ## The same over Ray
	@$(ENGINES)/$(BIN)/python -m tests.live.engines_check ray

.PHONY: engines-prefect
engines-prefect: $(ENGINES_READY)  ## The same over Prefect
	@$(ENGINES)/$(BIN)/python -m tests.live.engines_check prefect

.PHONY: engines-celery
engines-celery: $(ENGINES_READY)  ## The same over Celery with Redis
	@$(ENGINES)/$(BIN)/python -m tests.live.engines_check celery

##@ Release and tidy up

.PHONY: docs
docs: $(DOCS_READY) $(DEV_READY)  ## Build the documentation into site/; a link to nowhere is an error: make docs [SERVE=1]
	@$(PY) -m scripts.site.build --program $(DOCS)/$(BIN)/zensical $(if $(SERVE),--serve)

.PHONY: site-check
site-check: docs  ## Open every page of the site in Chromium, with axe-core (npm): make site-check [CHROMIUM=<program>] [SCREENSHOTS=<folder>]
	@$(PY) -m tests.live.site_check $(if $(CHROMIUM),--chromium "$(CHROMIUM)") $(if $(SCREENSHOTS),--screenshots "$(SCREENSHOTS)")

.PHONY: build
build: $(DEV_READY)  ## Build the wheel and the source distribution into dist/
	@$(PY) -m hatchling build

.PHONY: packages
packages: $(DEV_READY)  ## Install the wheel alone with each extra and use it, into packaging/extras.md: make packages EXTRAS="cli mirror"
	@$(PY) -m scripts.package_table $(EXTRAS)

.PHONY: clean
clean:  ## Remove the environments and everything that tools left
	@rm -rf $(DEV) $(DEMO) $(LOWEST) $(AUDIT) $(DOCS) $(ENGINES) $(COOKBOOK) .venv-newest-* dist build site htmlcov .prism .report-check .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis generated.new generated.old
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
