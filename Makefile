# The words of the house; CI runs the same ones through script/test.
.PHONY: fmt lint type test test-engine lock

fmt:
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lint:
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports

type:
	.venv/bin/mypy

test:
	.venv/bin/pytest -m "not engine"

test-engine:
	.venv/bin/pytest -m engine

lock:
	script/lock
