# Everything a fresh machine needs is python3, pip and make.
PY     ?= python3
JOBS   ?= 2
V      := .venv
RUN    := PYTHONPATH="$(CURDIR)" $(V)/bin/python
FLASK  := $(RUN) -m flask --app wsgi
BENCH  := $(patsubst bench/%.py,%,$(shell grep -ls '__main__' bench/*.py))
CHASU_PROVE ?= full

# The venv's own pip, or, for a Debian python3 without python3-venv, that of $(PY): pip 22.3 or later.
PIP = $$($(V)/bin/python -m pip --version >/dev/null 2>&1 && echo "$(V)/bin/python -m pip" \
      || echo "$(PY) -m pip --python $(V)/bin/python") install -q --disable-pip-version-check --no-input

.PHONY: venv demo test prove lint lock bench pictures

venv: $(V)/.fonts

demo: venv
	@$(FLASK) demo

test: venv
	@$(RUN) -m pytest -q -n $(JOBS) --dist worksteal

# The long proofs at full size; CHASU_PROVE=sample is what every test run does.
prove: venv
	CHASU_PROVE=$(CHASU_PROVE) $(RUN) -m pytest -q -m prove -n $(JOBS) --dist worksteal

lint: venv
	@failed=; for tool in "ruff check ." "ruff format --check ." mypy lint-imports; \
	do echo "$$tool"; $(V)/bin/$$tool || failed=1; done; test -z "$$failed"

bench: venv
	missed=; for script in $(BENCH); do echo "== $$script"; $(RUN) -m bench.$$script || missed="$$missed $$script"; done; test -z "$$missed"

# The pictures of the README; needs Chromium and a Chinese font.
pictures: venv
	$(RUN) -m docs.pictures.take

# Writes the pins; uv alone writes them without any registry host.
lock: venv
	test -x $(V)/bin/uv || $(PIP) uv
	$(V)/bin/uv pip compile -q --universal pyproject.toml --generate-hashes --no-annotate --no-header -o requirements.txt
	$(V)/bin/uv pip compile -q --universal pyproject.toml --extra test --generate-hashes --no-annotate --no-header -o requirements-dev.txt

# The second form is for a Debian python3 without python3-venv.
$(V)/.ok: requirements-dev.txt
	$(PY) -m venv $(V) >/dev/null 2>&1 || $(PY) -m venv --clear --without-pip $(V)
	$(PIP) --require-hashes -r $<
	touch $@

$(V)/.fonts: $(V)/.ok labels/fonts.py
	$(RUN) -m labels.fonts
	touch $@
