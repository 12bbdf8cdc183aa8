# The report's commands. `make book` and `make test` are all a newcomer needs.

VENV := .venv
ifeq ($(OS),Windows_NT)
PY := $(VENV)/Scripts/python.exe
else
PY := $(VENV)/bin/python
endif
# A copied environment must run the code it lies beside, not the code it was made for.
export PYTHONPATH := $(CURDIR)
export PYTHONUTF8 := 1
# Charts and dates come out the same in every time zone.
export TZ := UTC

# The first Python on the path that the lock file covers; set PYTHON to choose another.
COVERED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c "$(COVERED)" >/dev/null 2>&1 && echo $$p && break; done)

.PHONY: book pdf test browser test-deep test-pythons lab execute bench lock clean help

help:
	@echo "make book     build the report into _build/html"
	@echo "make pdf      build the report and print it into _build/report.pdf"
	@echo "make test     test everything: code, data, notebooks, site; PROCESSES=4 for more than two at a time"
	@echo "make browser  install Chromium from Debian's or Ubuntu's packages; as root"
	@echo "make test-deep  look at every figure at every end of every assumption; minutes"
	@echo "make lab      open the chapters in JupyterLab"
	@echo "make execute  run the chapters in place, store their outputs and what the report now says"
	@echo "make test-pythons  make test on every Python from 3.11 to 3.13 that is on the path"
	@echo "make bench    measure speed: against peers, as ratios; scenarios, as rates"
	@echo "make lock     resolve the dependencies again"
	@echo "make clean    remove what was built"

$(VENV)/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "no Python 3.11, 3.12 or 3.13 was found on the path" >&2; exit 2; }
	@echo "Making the environment in $(VENV) (once; a few minutes) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

book: $(VENV)/.installed
	@$(PY) -m analysis build

pdf: book
	@$(PY) -m analysis pdf

# Code and data, notebooks against their stored outputs, and the site made from them: one run in as many processes.
PROCESSES ?= 2
# What takes minutes goes first, or one process would wait for the other at the end.
SLOW := tests/site tests/test_changed_site.py tests/test_scenarios.py book
test: $(VENV)/.installed
	@$(PY) -m analysis check
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet .
	@told=$$($(dir $(PY))lint-imports --no-cache --no-logo 2>&1) || { echo "$$told"; exit 1; }
	@$(PY) -m pytest -n $(PROCESSES) --no-loadscope-reorder --nbval --nbval-current-env \
		$(SLOW) $(sort $(wildcard tests/test_*.py))

# For the tests of the site and for the PDF. It never fails: without a browser, those say what is missing.
browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name >/dev/null 2>&1 && exit 0; done; \
	command -v apt-get >/dev/null 2>&1 || { \
		echo "no apt-get here: install Chrome, or run python -m playwright install chromium"; exit 0; }; \
	apt-get update -qq >/dev/null 2>&1; \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null 2>&1 </dev/null || \
		echo "apt-get could not install chromium: as root, try apt-get install chromium"

# Marks that leave their axes and labels that collide, wherever a reader may move an assumption to.
test-deep: $(VENV)/.installed
	@$(PY) -m pytest -m deep tests/test_axes.py tests/test_state.py

# Each Python has an environment of its own; the results, figures and fingerprints have to be the same.
test-pythons:
	@found=0; for version in 3.11 3.12 3.13; do \
		python=$$(command -v python$$version) && $$python -c "$(COVERED)" 2>/dev/null || continue; \
		found=1; echo "== Python $$version"; \
		$(MAKE) --no-print-directory test VENV=.venv-$$version PYTHON=$$python || exit 1; \
	done; test $$found = 1 || { echo "no python3.11, python3.12 or python3.13 was found on the path" >&2; exit 2; }

lab: $(VENV)/.installed
	@$(PY) -m jupyterlab book

execute: $(VENV)/.installed
	@$(PY) -m analysis execute
	@$(PY) -m analysis state --write

bench: $(VENV)/.installed
	@$(PY) bench/serving.py
	@$(PY) bench/scenarios.py

lock:
	@uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes \
		--no-header --quiet --upgrade --output-file requirements.lock

clean:
	@rm -rf _build .pytest_cache .ruff_cache .hypothesis test-artifacts
	@find . -name __pycache__ -not -path "./.venv*" -prune -exec rm -rf {} +
