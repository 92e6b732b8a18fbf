# Two commands do everything: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= data
PORT ?= 3000

.PHONY: install run test lint conform bench chaos agents sdks docs clean

$(VENV)/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(VENV)/.installed

run: install
	$(BIN)/faregate serve --port $(PORT) --data-dir $(DATA)

test: install
	$(BIN)/pytest -n 2 --dist loadfile

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

ADAPTED := $(notdir $(basename $(wildcard tests/conformance/adapted/scenarios/[a-z]*.py)))
SCENARIOS := $(filter-out $(ADAPTED),$(notdir $(basename $(wildcard tests/conformance/scenarios/[a-z]*.py))))
CONFORM := $(BIN)/python tests/conformance/conform.py check --jobs 2 --differences tests/conformance/differences.toml \
  --start '$(CURDIR)/$(BIN)/faregate serve --host 127.0.0.1 --port {PORT} --data-dir {DIR}'

conform: install
	$(CONFORM) $(SCENARIOS)
	$(CONFORM) --dir tests/conformance/adapted

bench: install
	$(BIN)/python bench/run.py

chaos: install
	FAREGATE_CHAOS_ROUNDS=100 $(BIN)/pytest tests/chaos

sdks: install
	$(BIN)/pytest tests/sdks

agents: install
	$(BIN)/python tests/agents/run.py

docs: install
	$(BIN)/python scripts/write_docs.py

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache
