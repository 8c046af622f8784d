# Two commands set everything up on a fresh machine with Python: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test test-all check check-cuda check-versions bench bench-classroom messages clean

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[vision,classroom,cluster,dev]'
	$(BIN)/python -m compileall -q grader/dlex
	touch $(STAMP)

demo: $(STAMP)  ## Install, then grade one attempt that fails and one that passes
	@echo; echo '$$ dlex check 10 attempt.py     # padding forgotten in one branch'
	@$(BIN)/dlex author mistake 10 missing_padding | $(BIN)/dlex check 10 -; test $$? -eq 1
	@echo; echo '$$ dlex check 10 attempt.py     # put right'
	@$(BIN)/dlex check 10 solutions/10_inception_block/inception_block.py

test: $(STAMP) check  ## Everything that must hold
	$(BIN)/python -m pytest -n auto --dist loadfile
	$(BIN)/dlex author verify --all
	$(BIN)/dlex author verify --all --quick --device sim

test-all: test  ## The same, and what takes long: honest students beside every hog, ten times
	$(BIN)/python benchmarks/hogs.py --rounds 10

check: $(STAMP)  ## Lint, format, who imports whom, and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy

check-cuda:  ## The device tests on torch's CUDA build, without a GPU: see tests/devices/without_gpu
	$(PYTHON) -m venv $(VENV)-cuda
	$(VENV)-cuda/bin/python -m pip install --quiet -c constraints.txt -e '.[dev]' 'nvidia-cuda-crt>=13.0,<13.1'
	$(VENV)-cuda/bin/python tests/devices/without_gpu/build.py
	PYTHONPATH=tests/devices/without_gpu $(VENV)-cuda/bin/python -m pytest -p arithmetic tests/devices

check-versions:  ## The oldest versions that pyproject.toml allows, and the newest torch; each in an environment of its own
	$(PYTHON) .ci/check_versions.py

bench: $(STAMP)  ## Measure beside plain pytest
	$(BIN)/python benchmarks/check_latency.py

bench-classroom: $(STAMP)  ## Measure a class beside nbgrader, otter and pytest; grade 10,000; kill 60 runs (half an hour)
	$(BIN)/python benchmarks/classroom.py
	$(BIN)/python benchmarks/classroom.py --scale 10000 --kills 50 --kills-nbgrader 10

messages: $(STAMP)  ## Collect the interface's texts and compile their translation
	$(BIN)/pybabel -q extract --no-location --sort-output -o $(VENV)/dlex.pot grader/dlex/cli grader/dlex/feedback
	$(BIN)/pybabel -q update -i $(VENV)/dlex.pot -d grader/dlex/locale -D dlex --no-fuzzy-matching -w 100
	$(BIN)/pybabel -q compile -d grader/dlex/locale -D dlex

clean:  ## Remove what was built
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache
