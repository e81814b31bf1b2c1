# Every task a person runs. All of it works offline after the first one.
SHELL := /bin/sh
BIN := .venv/bin
UV := $(or $(shell command -v uv),.tools/bin/uv)
TRANSLATIONS := $(patsubst %.ts,%.qm,$(wildcard clients/clinician/translations/*.ts))
PYTHONS := python3 python3.14 python3.13 python3.12 /usr/bin/python3 python

.DEFAULT_GOAL := help
.PHONY: help run clinician test lint audit fuzz fmt bench bench-check docs screenshots k8s-check sbom protos clean

help: ## list the tasks
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 12

run: gen/contract.binpb ## run the whole platform here, with demo patients on the ward
	@$(BIN)/apricot up --demo

clinician: gen/contract.binpb $(TRANSLATIONS) ## open the clinician's app beside `make run`, as the demo's clinician
	@$(BIN)/apricot clinician

test: gen/contract.binpb $(TRANSLATIONS) $(BIN)/.clinician ## run all tests, on real PostgreSQL, NATS and Envoy
	@# Two platforms side by side: half of the time is waiting. A process that crashes is not begun anew: pytest would hang.
	@$(BIN)/pytest -n 2 --dist loadfile --max-worker-restart 0

lint: gen/contract.binpb $(BIN)/.clinician ## check format, style, types, import layers and the contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint gen/contract.binpb
	$(BIN)/buf format --diff --exit-code protos
	$(BIN)/python protos/breaking.py

audit: $(BIN)/.installed ## ask the advisory databases about what is locked, and look for secrets in the tree and its history
	@UV=$(UV) $(BIN)/python -m deploy.audit

fuzz: gen/contract.binpb ## send every method what nobody should send, for FUZZ_SECONDS (300); what fails is kept in .fuzz/
	@$(BIN)/python -m tests.fuzz

fmt: gen/contract.binpb ## format the code and the protos
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/buf format --write protos

bench: gen/contract.binpb $(TRANSLATIONS) $(BIN)/.clinician ## measure the benchmarks beside their limits
	@$(BIN)/python -m benchmarks

bench-check: gen/contract.binpb $(TRANSLATIONS) $(BIN)/.clinician ## run every benchmark line once in its quick form, to see that it works
	@$(BIN)/python -m benchmarks --quick --repeats 1

docs: gen/contract.binpb ## draw what the docs show of the code and the benchmarks anew
	@$(BIN)/python -m docs.draw_states
	@$(BIN)/python -m docs.draw_scale

screenshots: gen/contract.binpb $(TRANSLATIONS) ## take the pictures of the clinician's app anew
	@$(BIN)/python -m stack.demo.screenshots

k8s-check: gen/contract.binpb $(BIN)/.clinician ## check what a cluster would get and rehearse it here (needs `prometheus` and `ip`)
	@$(BIN)/python -m deploy.check
	@# What needs programs that no package carries: the alert rules in a real Prometheus, networks of their own.
	@$(BIN)/pytest -m programs tests/deploy tests/consult/calls

sbom: gen/contract.binpb $(BIN)/.clinician ## make the image's environment, and list what is in it and under which licences
	@$(BIN)/python -m deploy.sbom

protos: $(BIN)/.installed ## make gen/ from protos/ anew
	@$(BIN)/python protos/build.py

clean: ## remove what was made here: gen/, .venv/, .tools/, caches; not .state/, which holds data
	rm -rf gen .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

gen/contract.binpb: $(BIN)/.installed $(shell find protos -type f)
	@$(BIN)/python protos/build.py

$(BIN)/.installed: pyproject.toml uv.lock $(filter .tools/%,$(UV))
	@echo "make: installing the libraries that uv.lock names; the first time this takes a minute or two …"
	@$(UV) sync --frozen --quiet --compile-bytecode --extra stack $(if $(wildcard $(BIN)/.clinician),--extra clinician)
	@touch $@

# The desktop app's libraries are large, and nobody else needs them.
$(BIN)/.clinician: $(BIN)/.installed
	@echo "make: installing the clinician's app and its libraries (about 300 MB, once; a minute or two) …"
	@$(UV) sync --frozen --quiet --compile-bytecode --extra stack --extra clinician
	@touch $@

%.qm: %.ts $(BIN)/.clinician
	@$(BIN)/pyside6-lrelease -silent $< -qm $@

# Any ordinary Python with pip or venv brings uv, which brings the rest.
.tools/bin/uv:
	@mkdir -p .tools/bin
	@for python in $(PYTHONS); do \
	  command -v $$python >/dev/null 2>&1 || continue; \
	  if $$python -m pip install --quiet --disable-pip-version-check --target .tools/uv uv 2>.tools/log \
	    || { $$python -m venv .tools/uv 2>>.tools/log && .tools/uv/bin/pip install --quiet uv 2>>.tools/log; }; \
	  then ln -sf ../uv/bin/uv $@; exit 0; fi; \
	done; \
	cat .tools/log; echo "make: needs a Python with pip or venv to install uv, or uv itself"; exit 1
