.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
ASSETS := inbox/web/assets
VENDOR := inbox/web/static/vendor
PACKAGES := $(VENV)/.packages
# The folders with the longest files begin, so that none of them runs alone at the end.
LONG := tests/kill tests/e2e tests/web
T ?= $(LONG) $(filter-out $(LONG) %__pycache__,$(patsubst %/,%,$(wildcard tests/*/)) $(wildcard tests/test_*.py))
N ?= 10000
AT_ONCE ?= $(shell cores=$$(nproc); echo $$((cores < 8 ? cores + 1 : 8)))
# Every start of the program would compile all its packages again where this is set.
unexport PYTHONDONTWRITEBYTECODE

# Everything that has to be there before anything runs. Each step runs only when what it is made
# from has changed, so a second start costs no more than the program's own.
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(PACKAGES) $(VENDOR)/.done model ## prepare everything (make run and make test do it by themselves)

model: $(PACKAGES)
	@$(BIN)/python -m classifier.train

run: setup ## start the product on SQLite and print its address
	@exec $(BIN)/replydesk run

demo: setup ## the same with an invented, living inbox
	@exec $(BIN)/replydesk demo

# One more at a time than there are cores: they wait for sockets and browsers as much as they reckon.
# In the order given, because by itself the plugin would begin the files with few, long tests last.
test: setup system ## run the tests (T=tests/flows for a part)
	$(BIN)/python -m pytest -n $(AT_ONCE) --dist loadfile --no-loadscope-reorder $(T)

check: lint setup ## style, types, import directions, sizes, docs, translations
	$(BIN)/python -m pytest -q tests/house

lint: $(PACKAGES)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

wheel: setup
	@bash .ci/wheel

fix: setup ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-live-local: setup ## the same walk through servers that are not ours (Bluesky, Postfix)
	@if { ! command -v redis-server || ! command -v postfix || ! command -v dovecot; } >/dev/null \
	  && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing redis, postfix and dovecot"; \
	  apt-get update -q >/dev/null && \
	  echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
	    redis-server postfix dovecot-imapd >/dev/null; fi
	REPLYDESK_LIVE_LOCAL=1 $(BIN)/python -m pytest -rs tests/live_local

kill: setup ## kill -9 the program N times while it works (N=10000)
	$(BIN)/python -m tests.kill --n $(N)

faults: setup ## every contract check under every fault; every answer cut at every byte (long)
	REPLYDESK_EVERY_FAULT=1 $(BIN)/python -m pytest -q -n 2 --timeout 3600 \
	  tests/connectors/test_checks_on_broken_lines.py tests/connectors/test_faults.py \
	  tests/web/test_broken_lines.py tests/web/test_connecting.py

fuzz: setup ## schemathesis against the API (all its phases; some minutes)
	$(BIN)/python -m tests.web.api.fuzz

bench: setup ## measure against raw baselines
	$(BIN)/python -m benchmarks

screenshots: setup system ## make the pictures in docs/images
	$(BIN)/python -m tests.e2e.screenshots docs/images

lock: $(PACKAGES) ## choose new versions of the packages
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade -q -o requirements.lock

$(VENV)/bin/python:
	@echo "[1/4] Python environment"
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Replydesk needs Python 3.11 or newer."; exit 1; }
	@python3 -c 'import ensurepip' 2>/dev/null \
	  || { apt-get update -q && apt-get install -y -q python3-venv; } >/dev/null \
	  || { echo "Install the package python3-venv first."; exit 1; }
	@python3 -m venv $(VENV)

# uv comes first, by its own hash, because it installs the rest in seconds.
$(PACKAGES): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "[2/4] packages"
	@awk '/^uv==/{p=1} p{print} p&&!/\\$$/{exit}' requirements.lock > $(VENV)/uv.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENDOR)/.done: $(ASSETS)/package-lock.json | $(PACKAGES)
	@echo "[3/4] browser assets"
	@cd $(ASSETS) && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --no-audit --no-fund && \
	  PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent copy
	@touch $@

# What the tests need beside Python: a browser, CJK letters, a mail server.
system: | $(VENV)/bin/python
	@if ! command -v chromium >/dev/null || ! command -v dovecot >/dev/null \
	  && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing chromium, fonts, dovecot and pango"; \
	  apt-get update -q >/dev/null && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -q chromium fonts-noto-cjk dovecot-imapd \
	    libpango-1.0-0 libpangoft2-1.0-0 >/dev/null; fi

.PHONY: help setup model run demo test test-live-local check lint wheel fix kill faults fuzz bench screenshots lock system
