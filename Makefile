# The doors of the portal. Each brings what it needs; none needs another to have been opened first.
PYTHON ?= python3
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev serve test test-quick test-long test-full mutants lint format lock messages bench lighthouse release deploy-test clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## all that serve needs, starting nothing
	@$(PYTHON) tools/setup.py

setup-dev: ## and what building and testing need
	@$(PYTHON) tools/setup.py --dev

serve: setup ## the portal with demo data on SQLite, ended by Ctrl-C (PORT=8000)
	@DEMO=$${DEMO:-1} exec $(RUN) manage.py serve

test: setup-dev ## the whole suite: SQLite, PostgreSQL, Chromium, Redis
	@exec $(RUN) tests/run.py

test-quick: setup-dev ## SQLite only, no browser, no Redis
	@exec $(RUN) tests/run.py --quick

test-long: setup-dev ## what make test has no time for, on both databases
	@exec $(RUN) tests/run.py --long

test-full: setup-dev ## all of both, and what takes longest
	@exec $(RUN) tests/run.py --full

bench: setup-dev ## how fast each page is beside a view that does nothing, at 1,000 to 100,000 reports (ARGS="--only pages")
	@exec $(RUN) -m bench.run $(ARGS)

lighthouse: setup-dev ## how the pages come to a browser: marks, bytes, first words: docs/lighthouse.md (ARGS="--only entry")
	@$(PYTHON) tools/setup.py --lighthouse
	@exec $(RUN) tools/lighthouse/measure.py $(ARGS)

mutants: setup-dev ## small wrong changes, and which test notices each: docs/mutants.md (ARGS="--count 40 --only sla")
	@exec $(RUN) -m tools.mutants $(ARGS)

lint: setup-dev ## format, style, import law, migrations, settings, translations, types
	@exec $(RUN) tools/lint.py

format: setup-dev ## put Python and templates into the house's format
	@$(RUN) tools/lint.py --fix

lock: setup-dev ## pin what the .in files name, with hashes (UPGRADE=1 moves the pins)
	@tools/lock.sh $(if $(UPGRADE),--upgrade)

messages: setup-dev ## bring the Persian catalogue in step with the code
	@DEMO=1 $(RUN) manage.py translations update && DEMO=1 $(RUN) manage.py translations compile

release: setup-dev ## one file that installs without internet: dist/ (deploy/README.md, step 3)
	@exec $(RUN) tools/release.py $(ARGS)

deploy-test: setup-dev ## deploy/README.md, typed on an empty machine that is made for it; needs root on Debian (ARGS="--before FILE")
	@exec $(RUN) tests/deploying/story.py $(ARGS)

clean: ## forget what set-up made (the data in var/ stays)
	rm -rf .venv node_modules tools/lighthouse/node_modules static/vendor .setup.lock
