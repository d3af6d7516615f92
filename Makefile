# The two commands of this project: `make explore` opens the window, `make test` checks everything.
# Both set up what they need first: system libraries (Debian, Ubuntu), a virtual environment in .venv, the packages.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable

.PHONY: explore test check faults screenshots bench models base constraints clean

explore: .venv/explore
	$(BIN)/vrae-explorer

# What is heard and what a mouse does is tested with nothing beside it.
ALONE := tests/sound tests/end_to_end/test_play_the_map.py tests/end_to_end/test_real_window.py

# In the order of the folders, as the long tests are in files of one or two, which would otherwise come last.  Three at a
# time on two cores: many wait for a process that starts.
test: .venv/test check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder tests $(addprefix --ignore=,$(ALONE))
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(ALONE)

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# About two hours: what `make test` tries in small doses.  docs/reliability.md holds what came out.
faults: .venv/test
	$(BIN)/python tests/faults/run_faults.py

screenshots: .venv/test
	$(BIN)/python docs/make_screenshots.py

# About six minutes on a quiet machine: docs/benchmarks.md anew.  MIDI: files to read, or a folder; else the bundled ones.
bench: .venv/test
	$(BIN)/vrae bench core $(MIDI) --markdown docs/benchmarks.md

# About 35 minutes on two cores, one model on each.  A run that was stopped goes on where it was.
models: .venv/explore
	$(BIN)/vrae train assets/songs/*.mid -o assets/models/eight-songs-2d.safetensors --recipe fast-2d --resume & \
	$(BIN)/vrae train assets/songs/*.mid -o assets/models/eight-songs-20d.safetensors --recipe fast-20d --resume & \
	wait

# About two hours on one core: the model that people's own songs are learnt from.  SONGS: a folder of MIDI files.
base: .venv/explore
	$(BIN)/python -m assets.models.make_base $(SONGS) -o base

# The exact versions that `make` installs: what the ranges in pyproject.toml give today.
constraints:
	rm -rf .venv && $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet "torch==2.13.0" --editable ".[test]"
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache

.venv/explore: pyproject.toml constraints.txt
	.ci/system-libraries window
	$(PYTHON) -m venv .venv
	$(INSTALL) .
	touch $@

.venv/test: pyproject.toml constraints.txt
	.ci/system-libraries window tests
	$(PYTHON) -m venv .venv
	$(INSTALL) ".[test]"
	touch $@ .venv/explore
