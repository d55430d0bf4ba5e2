# Two commands do everything on a fresh machine with Python 3.11 or newer, git and make:
#   make ingest   sets up and runs the flow `ingest` on the seeds
#   make test     sets up and runs every test and check

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench

.PHONY: ingest demo test check fuzz soak format bench bench-large lock lock-bench clean

ingest: $(VENV)/installed
	@$(BIN)/python -m flows.ingest

# What the archive is for, in a minute: an archive of its own in data/demo, with made captures.
demo: $(VENV)/installed
	@$(BIN)/mfa-archive demo

test: check
	$(BIN)/pytest

check: $(VENV)/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar warehouse/sql
	$(BIN)/lint-imports

# Damaged inputs of every form for some minutes; another SEED makes others.
fuzz: $(VENV)/installed
	MFA_FUZZ_ROUNDS=$(or $(ROUNDS),2000) MFA_FUZZ_SEED=$(or $(SEED),1) $(BIN)/pytest tests/extract/test_any_bytes.py

# Kills of processes at random over all that is done to an archive, for some minutes; a SEED makes the same order again.
soak: $(VENV)/installed
	$(BIN)/python -m tests.soak --kills $(or $(KILLS),500) --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

format: $(VENV)/installed
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/sqlfluff fix warehouse/sql

# What is compared with dlt and trafilatura runs them in an environment of their own, which no test needs.
bench: $(VENV)/installed $(PEERS)/installed
	$(BIN)/python -m tests.bench --peers $(PEERS)/bin/python $(BENCH)

# About 20 minutes and 15 GB of disk: an export of a million posts, and an archive of as many.
bench-large: BENCH := --large $(BENCH)
bench-large: bench

# The stamp is written last, so that an installation that was cut off is begun again.
$(VENV)/installed: requirements.lock pyproject.toml
	@echo "setting up $(VENV) (about a minute, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.11 ingest"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(PEERS)/installed: requirements-bench.lock
	@echo "setting up $(PEERS) (about half a minute, once)"
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Newer versions of what the project stands on. DuckDB stays at the version whose extensions exist as wheels.
lock: $(VENV)/installed
	$(BIN)/pip install --quiet uv
	echo 'duckdb==1.5.5' | $(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --group dev --constraint - pyproject.toml --output-file requirements.lock

# The same for what is measured against.
lock-bench: $(VENV)/installed
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --group bench --constraint requirements.lock --output-file requirements-bench.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
