# Two commands set everything up on a fresh machine with Python: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check bench verify messages clean help

help:  ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' constraints.txt)"
	@# torchvision's wheel asks for the CUDA build's packages; beside the torch above it needs only numpy and pillow.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "$$(grep '^torchvision==' constraints.txt)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pillow
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[vision,dev]'
	$(BIN)/python -m compileall -q grader/dlex
	touch $(STAMP)

demo: $(STAMP)  ## Install, then grade one attempt that fails and one that passes
	@$(BIN)/python benchmarks/demo.py

test: $(STAMP) check  ## Everything that must hold
	$(BIN)/python -m pytest
	$(BIN)/dlex author verify --all

check: $(STAMP)  ## Lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)  ## Measure beside plain pytest
	$(BIN)/python benchmarks/check_latency.py

clean:  ## Remove what was built
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache
