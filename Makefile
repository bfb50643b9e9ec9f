# `make run` and `make test` are all that a fresh clone needs; each target installs what it misses.
PYTHON_FILES = asgi.py bench catalog moviedb server settings tests
BIN = .venv/bin
STAMP = .venv/.installed
# An environment whose Python has gone (or was copied from elsewhere) is made anew.
BROKEN = $(shell $(BIN)/python -m pip --version >/dev/null 2>&1 || echo broken)
PYTEST_ARGS ?=
BENCH_ARGS ?=

.PHONY: help install run test check bench lock matrix conformance contract broken
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(STAMP) ## fill .venv with what the locks name

$(STAMP): requirements.txt requirements-dev.txt requirements.in pyproject.toml .ci/install $(BROKEN)
	@sh .ci/install
	@touch $@

run: export DJANGO_SETTINGS_MODULE = settings.development
run: install ## serve a sample catalogue on $HOST:$PORT, else 127.0.0.1:8000
	@$(BIN)/moviedb migrate --verbosity 0
	@$(BIN)/moviedb import sample --if-empty
	@exec $(BIN)/moviedb serve

test: install ## all tests, on SQLite and on PostgreSQL; PYTEST_ARGS="-k cursor" chooses
	@sh .ci/packages postgresql chromium wrk git curl
	@sh .ci/test $(PYTEST_ARGS)

check: export DJANGO_SETTINGS_MODULE = settings.test
check: install ## lint, types, migrations, Django's own checks
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/ruff format --check $(PYTHON_FILES)
	$(BIN)/mypy $(PYTHON_FILES)
	$(BIN)/python -m django makemigrations --check --dry-run
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') ALLOWED_HOSTS=localhost \
		DJANGO_SETTINGS_MODULE=settings.production $(BIN)/python -m django check --deploy --fail-level WARNING

bench: install ## requests per second beside its peers; BENCH_ARGS="--workloads hot --rounds 1" chooses, --help tells
	@sh .ci/packages wrk postgresql
	$(BIN)/python -m bench $(BENCH_ARGS)

matrix: install ## the bridge's tests on aiohttp 3.10 to 3.14 and four servers
	$(BIN)/python -m tests.matrix

conformance: install ## aiohttp's own web tests through the bridge
	$(BIN)/python -m tests.conformance

contract: install ## 100,000 generated requests on each database: schemathesis, all checks
	$(BIN)/python -m tests.contract

lock: ## requirements*.in -> requirements*.txt, with hashes, for all supported Pythons
	@sh .ci/lock
