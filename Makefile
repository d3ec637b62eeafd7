# Beta9 Provisioning. Every target sets up what it needs by itself; what is done already is skipped.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.PHONY: help setup demo up down status test test-fast test-e2e lint lint-types lint-style lint-layers lint-contracts lint-generated format docs iam proto proto-check proto-baseline lock bench crash clean

PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && exit; done; echo python3)
BIN := $(CURDIR)/.venv/bin
export PATH := $(CURDIR)/.tools/bin:$(BIN):$(PATH)
PYTEST = $(BIN)/python -m pytest
# Two a core, since the longest tests mostly wait; tests/conftest.py says how they are spread. 0 runs all in one.
TEST_PROCESSES ?= $(shell cores=$$(nproc 2>/dev/null || echo 2); echo $$((cores > 4 ? 8 : cores * 2)))
IN_PARALLEL = $(if $(filter 0,$(TEST_PROCESSES)),,-n $(TEST_PROCESSES) --dist loadscope --no-loadscope-reorder)

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: .venv and .tools
	@$(PYTHON) -m scripts.setup

demo: setup ## Bring one environment up in the sandbox, look at it, and take it away again
	@exec $(BIN)/python -m libs.embedded demo

up: setup ## Start platform and sandbox in the background
	@exec $(BIN)/python -m libs.embedded up

down: ## End platform and sandbox
	@test -x $(BIN)/python || { echo "nothing was ever started: there is no .venv"; exit 0; }
	exec $(BIN)/python -m libs.embedded down

status: ## Show the running platform's processes and endpoints
	@test -x $(BIN)/python || { echo "nothing was ever started: there is no .venv"; exit 0; }
	exec $(BIN)/python -m libs.embedded status

test: lint ## Everything that CI runs
	@$(PYTHON) -m scripts.setup --tools fake-gcs-server
	$(PYTEST) tests $(IN_PARALLEL)

test-fast: setup ## Lint's fastest part and the tests that need no server
	@$(BIN)/ruff check .
	$(PYTEST) tests/unit tests/contract -q

test-e2e: setup ## The whole way on the sandbox
	@$(PYTEST) tests -m e2e

lint: setup ## Style, types, layers, contracts, and whether generated code or pages are stale
	@$(MAKE) --no-print-directory -j2 -Otarget lint-types lint-style lint-layers lint-contracts lint-generated

lint-types:
	@$(BIN)/mypy -p services -p libs -p scripts

lint-style:
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-layers:
	@$(BIN)/lint-imports

lint-contracts:
	@$(MAKE) --no-print-directory proto-check

lint-generated:
	@$(BIN)/python -m scripts.docs.document_page --check
	$(BIN)/python -m scripts.iam.generate --check

format: setup ## Put the code into shape
	@$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup ## Write docs/document.md from the comments of the contract
	@$(BIN)/python -m scripts.docs.document_page

proto: setup ## Generate libs/contracts from proto/
	@$(BIN)/python -m scripts.proto.generate

proto-check: setup ## Check the contracts: rules, breaking changes, stale code
	@$(BIN)/python -m scripts.proto.buf lint
	$(BIN)/python -m scripts.proto.buf breaking
	$(BIN)/python -m scripts.proto.generate --check

iam: setup ## Generate what is made of deploy/iam: the CloudFormation template and the engine's list of actions
	@$(BIN)/python -m scripts.iam.generate

proto-baseline: setup ## At a release: promise the contracts as they are now
	@$(BIN)/python -m scripts.proto.buf baseline

lock: setup ## Lock the Python packages anew, by hash, from pyproject.toml
	@.tools/bin/uv pip compile --quiet --extra dev --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-annotate --upgrade pyproject.toml -o requirements.lock
	.tools/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--upgrade scripts/setup/uv.in -o scripts/setup/uv.txt

bench: setup ## Measure, and print the figures of docs/benchmarks.md
	@exec $(BIN)/python -m tests.bench

crash: setup ## Kill a worker at every call to AWS, and write docs/crash-points.md; ARGS=--go-on keeps what has converged
	@exec $(BIN)/python -m tests.crash $(ARGS)

clean: down ## Remove state and caches; .venv and .tools stay
	@rm -rf .state .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .grimp_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
