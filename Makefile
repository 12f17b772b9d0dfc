# Thin over CMake: each target does its own set-up, so that a fresh clone needs one command.

PROFILE ?= quick
PRESET  := release
BUILD   := build/$(PRESET)
LATEST  := results/latest
PREFIX  ?= /usr/local

# What a user's shell exports must not change what the targets do: options come after files, numbers have a point.
unexport CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL := C.UTF-8

.DEFAULT_GOAL := build
.PHONY: build install package bench bench-theory sweep regress test test-page torture lint format coverage micro wrk bench-services bench-cluster samples plots clean help \
	configure setup setup-test setup-counts setup-lint

build: setup ## build the program: build/release/tva
	@$(MAKE) --no-print-directory TARGET=tva configure

install: setup ## install all to PREFIX (/usr/local) below DESTDIR
	@$(MAKE) --no-print-directory TARGET=tva_install configure
	@DESTDIR='$(DESTDIR)' cmake --install $(BUILD) --prefix '$(PREFIX)' >$(BUILD)/install.log

package: setup ## make a package of Debian: build/release/tva_*.deb
	@bench/scripts/setup.sh --package
	@$(MAKE) --no-print-directory TARGET=tva_install configure
	@cd $(BUILD) && cpack >package.log 2>&1 || { cat package.log >&2; exit 1; }
	@sed -n 's:^CPack\: - package\: .*/\(tva_.*\) generated\.$$:The package is $(BUILD)/\1.:p' $(BUILD)/package.log

bench: build ## measure, report, draw (PROFILE=quick, 100 s; full, 15 min)
	@bench/scripts/bench.sh $(PROFILE)

bench-theory: build ## compare the models with queueing theory (5 min)
	@bench/scripts/theory.sh

sweep: build ## measure where models change places (8 min)
	@bench/scripts/sweep.sh

regress: setup-counts build ## compare with the baseline (30 s), or BASE=<revision> (5 min)
	@bench/scripts/regress.sh $(if $(BASE),--base $(BASE)) $(ARGS)

# A host that takes the CPU away for a second makes a test fail now and then, so what fails runs once
# more; ctest shows both. Under the sanitizers nothing does: a race is not always found.
test: setup-test ## build and run all tests, on the program as it is measured
	@$(MAKE) --no-print-directory TARGET=all configure
	@status=0; \
	ctest --preset $(PRESET) --parallel $$(($$(nproc) * 3)) --repeat until-pass:2 \
		--output-junit tests.xml || status=$$?; \
	echo "The ten dearest tests, in seconds:"; \
	sed -nE 's/.*<testcase name="([^"]*)".* time="([0-9.]+)".*/\2 \1/p' $(BUILD)/tests.xml | sort -rn | \
	head -n 10 | xargs -r printf '%8.1f  %s\n'; \
	exit $$status
	@echo "All tests passed. make bench measures this machine."

test-page: ## let a browser open the pages of tva report --html (1 min)
	@bench/scripts/setup.sh --test --page
	@$(MAKE) --no-print-directory build
	@TVA_SOURCE="$(CURDIR)" TVA="$(CURDIR)/$(BUILD)/tva" bats --print-output-on-failure tests/page

lint: setup-lint build ## check all sources and scripts (1 min); ARGS=<part> for one
	@bench/scripts/lint.sh $(ARGS)

format: setup-lint ## lay out all C sources with clang-format
	@find lib bench demos examples tests -name '*.[ch]' -exec clang-format-14 -i {} +

torture: setup-test ## let calls fail in turn, kill at many points, more (30 min)
	@$(MAKE) --no-print-directory PRESET=asan TARGET="tva tva_fault storms" configure
	@$(MAKE) --no-print-directory PRESET=tsan TARGET="tva storms" configure
	@$(MAKE) --no-print-directory PRESET=release TARGET=tva configure
	@nice python3 -B tests/torture/torture.py --plain build/release/tva $(ARGS) build/asan/tva build/asan/tests/libtva_fault.so

coverage: setup-test ## show which lines and branches the tests reach, by folder
	@bench/scripts/setup.sh --coverage
	@bench/scripts/coverage.sh $(ARGS)

micro: setup ## measure what the runtime costs, beside plain libuv
	@$(MAKE) --no-print-directory TARGET=tva-micro configure
	@mkdir -p $(LATEST)
	@$(BUILD)/tva-micro -o $(LATEST)/micro.json

wrk: build ## measure what HTTP requests cost the client, beside wrk
	@bench/scripts/setup.sh --wrk
	@bench/scripts/wrk.sh

bench-services: ## measure PostgreSQL and Redis, and their pools (4 min)
	@bench/scripts/setup.sh --services
	@$(MAKE) --no-print-directory build
	@bench/scripts/services.sh $(ARGS)

bench-cluster: ## measure from 4 hosts over four wires, as root (6 min)
	@bench/scripts/setup.sh --cluster
	@$(MAKE) --no-print-directory build
	@bench/scripts/cluster.sh $(ARGS)

samples: setup-counts build ## record what README, docs and the gate rest on (40 min)
	@$(MAKE) --no-print-directory TARGET="tva tva-micro" configure
	@bench/scripts/samples.sh $(ARGS)

plots: build ## draw the charts of the latest run again, and its page
	@$(BUILD)/tva plot $(LATEST)/run.json
	@$(BUILD)/tva report --html $(LATEST)/run.json

clean: ## remove what was built; results stay
	@rm -rf build

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Steps of the targets above.

configure:
	@cmake --preset $(PRESET) --log-level=WARNING >/dev/null
	@[ -e $(BUILD)/tva ] || echo "Building; the compiler's output goes to $(BUILD)/build.log." >&2
	@cmake --build --preset $(PRESET) --target $(TARGET) >$(BUILD)/build.log 2>&1 || \
	{ cat $(BUILD)/build.log >&2; exit 1; }

setup:
	@bench/scripts/setup.sh

setup-test:
	@bench/scripts/setup.sh --test

setup-lint:
	@bench/scripts/setup.sh --lint

setup-counts:
	@bench/scripts/setup.sh --counts
