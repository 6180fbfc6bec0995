# The two commands of the README are `make checklist` and `make test`. Each sets up what it needs, and only when that has changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
WORKERS ?= auto

TARGETS := $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))
.PHONY: $(TARGETS)
.DEFAULT_GOAL := help

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

checklist: $(VENV)/base  ## Simulate both systems, edit every property on each side, and tell what holds; build/checklist/index.html
	@$(BIN)/dataflow checklist --report build/checklist

demo: $(VENV)/full  ## Open a page to edit both systems and watch edits travel
	@$(BIN)/dataflow demo

live: $(VENV)/base  ## The same as checklist, without writing files
	@$(BIN)/dataflow checklist --against live

replay: $(VENV)/base  ## Replay the fixtures and print what they tell of the checklist
	@$(BIN)/dataflow checklist --against replay

test: $(VENV)/full $(VENV)/browser lint  ## Run lint and all tests
	@$(BIN)/python -m pytest -n $(WORKERS)

lint: $(VENV)/full  ## Check style, formatting and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/dataflow checklist write --check

format: $(VENV)/full  ## Format the code and the configuration
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .
	@$(BIN)/dataflow format

bench: $(VENV)/full  ## Measure speed and memory, as ratios against references run in the same go
	@$(BIN)/python tests/bench/run.py; language=$$?; $(BIN)/python tests/bench/node_bench.py && exit $$language

bench-load: $(VENV)/full  ## Load 10,000 organisations and what hangs on them over HTTP (ORGANISATIONS=<n> for others)
	@$(BIN)/python tests/bench/load.py --organisations $${ORGANISATIONS:-10000}

bench-node: $(VENV)/full  ## Measure the node: replay, long chains on disk, single edits, merging
	@$(BIN)/python tests/bench/node_bench.py

bench-lsp: $(VENV)/full  ## Measure how long an editor waits for the findings in a long pipe
	@cd tests && ../$(BIN)/python -m bench.lsp_bench

fuzz: $(VENV)/full  ## Compile and run malformed DTL for five minutes (MINUTES=<n> for others)
	@$(BIN)/python tests/dtl/fuzz_expressions.py --minutes $${MINUTES:-5}

mutants: $(VENV)/full  ## Make 1000 faults in packages that are right, and see which are reported
	@cd tests && ../$(BIN)/python -m rules.harness

crash: $(VENV)/full  ## Kill a writing node 500 times, and a served one, and look at what is left
	@$(BIN)/python tests/node/crash/driver.py
	@$(BIN)/python tests/node/crash/served.py

scenarios: $(VENV)/full  ## Play every scenario: edits, races and faults
	@$(BIN)/dataflow scenario run

histories: $(VENV)/full  ## Play 2,000 random histories of both systems (HISTORIES_SEED=<n> for others)
	@HISTORIES=$${HISTORIES:-2000} HISTORIES_PARTS=$${HISTORIES_PARTS:-40} $(BIN)/python -m pytest -n $(WORKERS) tests/histories

sabotage: $(VENV)/full  ## Plant every known defect, one at a time, and see which rows of the checklist fail
	@SABOTAGE=1 $(BIN)/python -m pytest -n $(WORKERS) tests/checklist/sabotage

soak: $(VENV)/full  ## Play random histories for an hour
	@$(BIN)/python tests/histories/soak.py

sesam-py: $(VENV)/full  ## Drive a served node with the vendor's client (SESAM_PY=<folder> uses a checkout of it)
	@PYTHONPATH=tests $(BIN)/python -m vendor.run

databases: $(VENV)/full  ## Run the sql tests against PostgreSQL and MariaDB servers of their own, where both are installed
	@PYTHONPATH=tests $(BIN)/python -m node.sql.servers

clean:  ## Remove everything that can be made again
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis

NOT_INSTALLED = { echo "$(VENV) is not ready: pip could not install what the project needs. It says why above; without a network it takes" \
	"packages from a mirror (PIP_INDEX_URL) or a folder (PIP_FIND_LINKS). The same command goes on from here." >&2; exit 1; }

# A stamp stands for "installed"; a half-made environment leaves none and is made again.
$(VENV)/base: pyproject.toml tools/constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) ..."
	@$(PIP) install --constraint tools/constraints.txt --editable '.[document]' || $(NOT_INSTALLED)
	@touch $@

$(VENV)/full: $(VENV)/base
	@$(PIP) install --constraint tools/constraints.txt --editable '.[contract,document,node,sql,excel,lsp,test,dev]' || $(NOT_INSTALLED)
	@touch $@

# The browser tests want a Chromium of the machine's own. Where there is none and none may be installed, they are skipped and say so.
$(VENV)/browser: $(VENV)/full
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update && apt-get -qq install -y chromium; } || \
		echo "no Chromium: the browser tests will be skipped"
	@touch $@
