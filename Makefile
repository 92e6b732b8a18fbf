# Two commands do everything: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= data
PORT ?= 3000

CONSOLE := faregate/console/index.html

.PHONY: install run test lint conform bench bench-console chaos agents sdks docs console-api clean

$(VENV)/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

console/node_modules/.installed: console/package.json console/package-lock.json
	cd console && npm ci --silent --no-audit --no-fund
	@touch $@

$(CONSOLE): console/node_modules/.installed console/index.html console/vite.config.ts $(shell find console/src console/scripts -type f -not -name routeTree.gen.ts -not -name schema.d.ts)
	cd console && npm run --silent build
	@touch $@

install: $(VENV)/.installed $(CONSOLE)

run: install
	$(BIN)/faregate serve --port $(PORT) --data-dir $(DATA)

test: install
	cd console && npm test --silent
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	cd console && npm run --silent lint

ADAPTED := $(notdir $(basename $(wildcard tests/conformance/adapted/scenarios/[a-z]*.py)))
SCENARIOS := $(filter-out $(ADAPTED),$(notdir $(basename $(wildcard tests/conformance/scenarios/[a-z]*.py))))
CONFORM := $(BIN)/python tests/conformance/conform.py check --jobs 2 --differences tests/conformance/differences.toml \
  --start '$(CURDIR)/$(BIN)/faregate serve --host 127.0.0.1 --port {PORT} --data-dir {DIR}'

conform: install
	$(CONFORM) $(SCENARIOS)
	$(CONFORM) --dir tests/conformance/adapted

bench: install
	$(BIN)/python bench/run.py

bench-console: install
	$(BIN)/python bench/console.py

chaos: install
	FAREGATE_CHAOS_ROUNDS=100 $(BIN)/pytest tests/chaos

sdks: install
	$(BIN)/pytest tests/sdks

agents: install
	$(BIN)/python tests/agents/run.py

docs: install
	$(BIN)/python scripts/write_docs.py

# What the console knows of the management API: to be run after a change of endpoints.
console-api: $(VENV)/.installed
	$(BIN)/python scripts/write_api_schema.py
	$(BIN)/python scripts/write_option_titles.py

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache console/node_modules faregate/console
