# Every command of the project. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
STAMPS := .make

.PHONY: help setup engine web demo up test check fmt bench bench-forward bench-timetable clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMPS)/python engine web ## Python packages, media engine and web pages (done by the others when needed)

$(STAMPS)/venv:
	@mkdir -p $(STAMPS)
	python3 -m venv .venv
	$(PY) -m pip install --quiet "$$(grep '^uv==' requirements.lock)"
	@touch $@

$(STAMPS)/python: requirements.lock pyproject.toml $(STAMPS)/venv
	.venv/bin/uv pip sync --quiet requirements.lock
	@touch $@

RUST_SOURCES := $(shell find rtc/crates -name '*.rs' -o -name 'Cargo.toml' 2>/dev/null) rtc/Cargo.toml rtc/Cargo.lock setup.py

engine: $(STAMPS)/engine ## build the Rust media engine

$(STAMPS)/engine: $(RUST_SOURCES) $(STAMPS)/python
	.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

WEB_SOURCES := $(shell find web/src -type f 2>/dev/null) web/package.json web/package-lock.json web/build.mjs web/tsconfig.json

web: $(STAMPS)/web ## build the web pages

$(STAMPS)/npm: web/package.json web/package-lock.json $(STAMPS)/python
	$(PY) web/npm.py ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/web: $(WEB_SOURCES) $(STAMPS)/npm
	$(PY) web/npm.py run --silent build
	@touch $@

demo: setup ## one whole 1+3 lesson on real media; KEEP=1 leaves it running, REPORT=path writes the figures
	$(PY) -m tongke demo $(if $(KEEP),--keep) $(if $(REPORT),--report $(REPORT))

up: setup ## the all-in-one server on embedded defaults
	$(PY) -m tongke up

test: setup ## all tests: Rust, web, Python, browser; REPORT=path writes the figures
	REPORT=$(REPORT) $(PY) -m tests.steps test

check: setup ## format, lint, types, imports; REPORT=path writes the figures
	REPORT=$(REPORT) $(PY) -m tests.steps check

fmt: setup ## format everything
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format --quiet .
	cd rtc && cargo fmt --all

bench: bench-forward bench-timetable ## all measurements of benchmarks/
	$(PY) -m benchmarks.join
	$(PY) -m benchmarks.agent_cpu
	$(PY) -m benchmarks.recorder_kill
	$(PY) -m benchmarks.recorder_mix

bench-forward: setup ## CPU of the node per forwarded packet, 1 publisher to 50 subscribers
	REPORT=$(REPORT) $(PY) -m benchmarks.forward

bench-timetable: setup ## time to a first timetable, to a good one and to a repair, against FET; XHSTT=folder solves public instances too
	REPORT=$(REPORT) $(PY) -m benchmarks.timetable; ours=$$?; \
	REPORT=$(if $(REPORT),$(REPORT:.json=)-xhstt.json) $(PY) -m benchmarks.xhstt $(XHSTT) && exit $$ours

clean: ## remove what was built (not the data)
	rm -rf .make .venv build web/dist web/node_modules rtc/target *.egg-info
