# Two commands do everything on a fresh machine with Python 3.11 or newer and make:
#   make demo    simulate a muscle clip, examine it, print the table, write report and overlay under demo/
#   make test    install what the tests need and run them, doctests and coverage included
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Learning is tested with this release; it is installed by itself so that a wheel for the CPU is taken where one is offered.
TORCH ?= torch==2.13.0
DEMO := demo

.DEFAULT_GOAL := help
.PHONY: help demo picture pictures test lint docs bench format clean

help:  ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "mskus needs Python 3.11 or newer as '$(PYTHON)'; name another one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@PYTHON="$(PYTHON)" sh .ci/make-environment "$(VENV)"
	@touch $@

$(VENV)/.light: pyproject.toml $(VENV)/.made
	$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.light
	$(PIP) install --quiet "$(TORCH)"
	$(PIP) install --quiet --editable ".[learn,volumes,test]"
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	$(PIP) install --quiet --editable ".[lint]"
	@touch $@

$(VENV)/.docs: $(VENV)/.light
	$(PIP) install --quiet --editable ".[docs]"
	@touch $@

demo: $(VENV)/.light  ## Simulate a muscle clip, examine it, print the table, write report and overlay under demo/
	@mkdir -p $(DEMO)
	$(BIN)/mskus simulate muscle -o $(DEMO)/muscle.dcm --seed 0 --frames 60
	$(BIN)/mskus examine muscle $(DEMO)/muscle.dcm -o $(DEMO)/findings
	@echo "Report, overlay, table and findings:"; find $(DEMO)/findings -type f | sort | sed 's/^/  /'

picture: demo  ## Make the README's picture from the demo
	cp $$(find $(DEMO)/findings -name overlay.png | head -n 1) docs/images/muscle_example.png

test: $(VENV)/.test  ## Run all tests and doctests, with coverage
	$(BIN)/python -m pytest --cov --cov-report=term $(PYTEST_ARGS)

lint: $(VENV)/.lint  ## Check style, formatting, types and the order of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.lint  ## Put formatting and the order of imports right
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

docs: $(VENV)/.docs  ## Build the documentation site into site/; any warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

bench: $(VENV)/.test  ## Run every benchmark and rewrite benchmarks/RESULTS.md
	@for script in $(filter-out %_picture.py %_pictures.py,$(wildcard benchmarks/[a-z]*.py)); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

pictures: $(VENV)/.test  ## Draw the documentation's pictures again
	@for script in benchmarks/*_picture.py benchmarks/*_pictures.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:  ## Remove the virtual environment, the caches and everything that was made
	rm -rf $(VENV) $(DEMO) site build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
