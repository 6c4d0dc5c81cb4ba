# The front door: every target sets up all that it needs, in .venv, from requirements/dev.txt.

PYTHON ?= python3
export PYTHON

# Arguments for the tool behind a target; taken from the command line only.
ARGS :=

# The tools of .venv come first, activated or not.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

VENV := .venv/READY

# One more than processors: tests wait for processes now and then.
WORKERS = $(shell .venv/bin/python -c 'import os; print((os.cpu_count() or 1) + 1)')

.DEFAULT_GOAL := help
.PHONY: help run test browser lint bench format lock reference dist venv clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: $(VENV) ## Judge this repository by its own four gates at stage push (only some: ARGS=security)
	@.venv/bin/gatekeeper run --stage push $(ARGS)

test: $(VENV) ## Run all tests; fails below 90 % branch coverage (some, without it: ARGS="-k name")
	@.venv/bin/pytest $(if $(ARGS),$(ARGS),--numprocesses=$(WORKERS) --dist=worksteal --cov --cov-report=term)

browser: ## Install Chromium for the browser tests, where there is none
	@scripts/browser

lint: $(VENV) ## Check style, types, the floors between modules, the workflows and the action
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy --strict src tests
	.venv/bin/lint-imports
	.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	.venv/bin/check-jsonschema --builtin-schema vendor.github-actions action.yml
	.venv/bin/zizmor --offline --quiet .github action.yml

bench: $(VENV) ## Run the benchmarks (ARGS="-k name")
	@.venv/bin/pytest benchmarks $(ARGS)

format: $(VENV) ## Format the code, and mend what ruff can mend safely
	.venv/bin/ruff check --fix-only --quiet
	.venv/bin/ruff format

lock: $(VENV) ## Write requirements/*.txt anew from pyproject.toml (newest versions: ARGS=--upgrade)
	@scripts/lock $(ARGS)

reference: $(VENV) ## Write docs/reference anew from the code
	@.venv/bin/python scripts/reference.py

dist: $(VENV) ## Build the wheel and the source archive into dist/, and their checksums
	rm -rf dist
	.venv/bin/hatchling build -d dist
	cd dist && ../.venv/bin/python -c 'import hashlib, pathlib; [print(hashlib.sha256(p.read_bytes()).hexdigest(), p.name, sep="  ") for p in sorted(pathlib.Path().glob("gatekeeper-*"))]' >SHA256SUMS

venv: $(VENV) ## Make .venv, or bring it up to date (another Python: PYTHON=python3.13)

$(VENV): requirements/dev.txt pyproject.toml scripts/venv
	@scripts/venv

clean: ## Remove .venv, caches and everything else that is made again
	rm -rf .venv .gatekeeper .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache
	rm -rf .coverage .coverage.* coverage.xml htmlcov build dist
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
