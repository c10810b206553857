# The two commands of the README are `make results` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PLUGIN := plugins/snakemake-executor-plugin-cutoff

.PHONY: results test test-long test-rerun test-kills test-compiled simulation-study simulation-command \
  show-swaps proof benchmark-pipeline benchmark-derive lint format lock simulate publish verify clean

results: $(READY)           ## the whole paper from data/raw
	$(BIN)/snakemake

test: $(READY)              ## everything that proves it, but the minutes-long checks
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

test-long: $(READY)         ## the minutes-long checks
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

test-rerun: $(READY)        ## every edit of the matrix, on the small workflow and on the trial
	$(BIN)/python -m pytest -n 2 tests/rerun plugins

test-kills: $(READY)        ## 50 kills at random moments, 50 recoveries; prints the count
	KILLS=50 $(BIN)/python -m pytest -s tests/rerun/test_kills.py

test-compiled: $(READY)     ## the optional compiled loops, with numba in an environment of its own
	test -d .venv-numba/numba || $(BIN)/python -m pip install -q --disable-pip-version-check \
	  --no-deps --target .venv-numba numba==0.68.1 llvmlite==0.50.0
	PYTHONPATH=.venv-numba $(BIN)/python -c 'import numba'
	PYTHONPATH=.venv-numba $(BIN)/python -m pytest tests/inference/test_compiled.py

simulation-study: $(READY)  ## thousands of simulated trials: published/simulation_study.csv (10 to 20 minutes)
	$(BIN)/python benchmarks/inference/simulation_study.py

simulation-command: $(READY) ## some of those trials through the real command, with equal results
	$(BIN)/python benchmarks/inference/simulation_command.py --trials 20 \
	  --out published/simulation_command.csv

show-swaps: results         ## three swaps of a biomarker file in copies under swaps/: pages to open
	$(BIN)/python docs/show_swaps.py

proof: $(READY)             ## our derivations on the CDISC pilot, agreement by variable
	test -d .venv-proof || $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps \
	  --require-hashes --target .venv-proof -r tests/requirements-proof.txt
	PYTHONPATH=.venv-proof $(BIN)/python -m tests.derive.pilot_compare
	PYTHONPATH=.venv-proof $(BIN)/python -m pytest tests/derive -m "not slow"

benchmark-pipeline: $(READY) ## this pipeline beside other drivers of the same steps
	test -x .venv-benchmark/bin/dvc || { $(PYTHON) -m venv .venv-benchmark && \
	  .venv-benchmark/bin/pip install -q -r benchmarks/pipeline/requirements.txt; }
	$(BIN)/python benchmarks/pipeline

benchmark-derive: $(READY)  ## the derivations at 10, 1,000 and 10,000 patients, seconds and memory
	$(BIN)/python -m benchmarks.derive

lint: $(READY)              ## style of Python and of the workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

verify: $(READY)            ## results against published/, a line each difference
	$(BIN)/snakemake verify

publish: $(READY)           ## take the present results as the published ones
	$(BIN)/sclerotrial publish --with $(BIN)/snakemake

lock:                       ## requirements.in -> requirements.lock (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  -o requirements.lock requirements.in

clean:
	rm -rf results .snakemake

# third parties with hashes checked, then our own packages; the stamp is last, so a half-made
# environment is made again
$(READY): requirements.lock pyproject.toml $(PLUGIN)/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "Python 3.11, 3.12 or 3.13 is needed" >&2; \
	  echo "  where: $(PYTHON) is $$($(PYTHON) --version 2>&1)" >&2; \
	  echo "  to do: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  -e . -e $(PLUGIN)
	touch $@
