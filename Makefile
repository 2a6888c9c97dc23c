# The commands of this project. CI calls the same.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test lint types conformance reliability bench cluster cluster-down cluster-test clean

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 …" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group dev
	@touch $@

demo: $(STAMP) ## The whole job on this machine: a 4K video through emulator, Prefect and S3
	$(RUN)/python tests/servers/demo_with_s3.py

test: $(STAMP) lint types ## Everything that must hold
	$(RUN)/python -m pytest --numprocesses=2 --dist=loadfile

lint: $(STAMP) ## Style
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .

types: $(STAMP) ## Types, of the package as it is installed
	rm -rf build/typed
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target build/typed .
	cp pyproject.toml build/typed/
	cd build/typed && ../../$(RUN)/mypy prefect_nemovideo

conformance: $(STAMP) ## Which test proves which sentence of the two skills: docs/conformance.md
	$(RUN)/python tests/conformance/report.py

reliability: $(STAMP) ## Every crash and every fault against the whole job: docs/reliability.md
	$(RUN)/python tests/reliability/report.py

bench: $(STAMP) ## Measured beside what people would use instead: docs/performance.md (ROWS="upload download": some)
	$(RUN)/python -m benchmarks $(ROWS)

cluster: $(STAMP) ## The shape of a production on this machine: two API servers, two workers, PostgreSQL, S3
	$(RUN)/python tests/servers/cluster_control.py up

cluster-test: $(STAMP) ## A thousand jobs through a cluster, with a worker and the parent killed on the way
	$(RUN)/python tests/servers/cluster_trial.py

cluster-down: $(STAMP) ## End it
	$(RUN)/python tests/servers/cluster_control.py down

clean: ## Everything that was made
	rm -rf $(VENV) build dist *.egg-info src/*.egg-info demo-output .cluster .pytest_cache .mypy_cache .ruff_cache
