# capsim - discrete-event capacity simulator for GPU inference. `make help` lists the targets.
#
# Sources are found by wildcard: a new file needs no line here. Objects go to build/<variant>/, so variants never mix.

VERSION = 0.1.0
PREFIX ?= /usr/local
VARIANT ?= release
BUILD = build
OBJ = $(BUILD)/$(VARIANT)
OUT = $(if $(filter release,$(VARIANT)),$(BUILD),$(OBJ))
REFERENCES = claims audit
DEMOS = llm-azure tts-modal
FUZZ_SECONDS ?= 60
# V=1 shows whole commands.
Q = $(if $(V),,@)
SAY = $(if $(V),@:,@echo)

PACKAGES = gsl hdf5-serial yaml-0.1 jansson zlib lua5.4
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
# The program, not the library, is optimised across files: a tenth fewer instructions. gcc only.
LTO := $(shell $(CC) --version 2>/dev/null | grep -qi 'free software' && echo -flto=auto)
# Vectors of two gain nothing here, and putting them together costs a fiftieth of the time.
FLAGS_release  = -O2 -g -fno-tree-vectorize $(LTO:%=% -ffat-lto-objects)
FLAGS_lint     = -O2 -Werror
FLAGS_asan     = -O1 -g -fsanitize=address -fno-omit-frame-pointer -DSIM_PARANOID
FLAGS_ubsan    = -O1 -g -fsanitize=undefined -fno-sanitize-recover=all -DSIM_PARANOID
FLAGS_coverage = -O0 -g --coverage
FLAGS_fuzz     = -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DSIM_PARANOID
# CFLAGS, CPPFLAGS and LDFLAGS belong to the user. Contraction is off so that results do not depend on the machine.
ALL_CFLAGS := -std=c17 -D_GNU_SOURCE -I. -pthread $(WARNINGS) $(FLAGS_$(firstword $(subst -, ,$(VARIANT)))) \
  $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null) $(CFLAGS) \
  -ffp-contract=off -ffile-prefix-map=$(CURDIR)=.
LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm -pthread
CHECK_LIBS := $(shell pkg-config --libs check 2>/dev/null)
COMMIT := $(shell test -e .git && git describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null || echo unknown)

FOLDERS = sim models scenarios analysis
HEADERS = $(wildcard $(FOLDERS:%=%/*.h))
SOURCES = $(wildcard $(FOLDERS:%=%/*.c))
MAIN    = $(filter analysis/main.c,$(SOURCES))
PROGRAM = $(MAIN:analysis/main.c=$(OUT)/capsim)
LIBRARY = $(OUT)/libcapsim.a
HELPERS = $(wildcard tests/*.c)
TESTS   = $(wildcard $(foreach folder,unit property theory golden fault,tests/$(folder)/test_*.c))
SCRIPTS = $(filter-out $(if $(MAIN),,tests/golden/%),$(wildcard tests/*/test_*.sh))
SWARM   = $(wildcard tests/swarm/test_*.c)
BENCHES = $(wildcard tests/bench/bench_*.c)
FUZZERS = $(wildcard tests/fuzz/fuzz_*.c)
PRELOADS = $(patsubst %.c,$(OBJ)/%.so,$(wildcard tests/fault/preload_*.c))
ALL_C   = $(SOURCES) $(wildcard tests/*.c tests/*/*.c)
objects = $(patsubst %.c,$(OBJ)/%.o,$(1))
programs = $(patsubst %.c,$(OBJ)/%,$(1))
CHECKED = $(call programs,$(TESTS) $(FUZZERS))
# A fresh machine has no pkg-config yet, so make is started again once the packages are there.
AGAIN = +@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
NEED = @CC='$(CC)' tests/packages.sh
RUN = CAPSIM=$(PROGRAM) BUILD=$(OBJ) CK_DEFAULT_TIMEOUT=60 ASAN_OPTIONS=handle_segv=0:allocator_may_return_null=1 \
  UBSAN_OPTIONS=print_stacktrace=1

.PHONY: all objects capsim-mpi check-mpi check check-run check-asan check-ubsan check-valgrind check-layers check-headers check-symbols \
  check-install check-long fuzz lint coverage bench accuracy verify golden-update demo install uninstall clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAM) $(LIBRARY) ## build/capsim and build/libcapsim.a
objects: $(call objects,$(ALL_C))

$(BUILD)/packages.ok: tests/packages.sh
	$(NEED) name build
	@mkdir -p $(@D) && touch $@

# These two files change only when what they hold does.
$(OBJ)/flags: private TEXT = $(CC) $(CPPFLAGS) $(ALL_CFLAGS)
$(OBJ)/commit: private TEXT = $(VERSION) $(COMMIT)
$(OBJ)/flags $(OBJ)/commit: FORCE
	@mkdir -p $(@D); echo '$(TEXT)' | cmp -s - $@ || echo '$(TEXT)' >$@

$(OBJ)/analysis/version.o: private CPPFLAGS += -DCAPSIM_VERSION='"$(VERSION)"' -DCAPSIM_COMMIT='"$(COMMIT)"'
$(OBJ)/analysis/version.o: $(OBJ)/commit
$(OBJ)/%.o: %.c $(OBJ)/flags | $(BUILD)/packages.ok
	@mkdir -p $(@D)
	$(SAY) "  cc $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIBRARY): $(call objects,$(filter-out $(MAIN),$(SOURCES)))
	$(SAY) "  ar $@"
	$(Q)rm -f $@ && ar rcsD $@ $^

$(OUT)/capsim: $(call objects,$(SOURCES))
	$(SAY) "  link $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -o $@ $(LIBS)

capsim-mpi: $(OUT)/capsim-mpi ## sweeps under mpirun (Open MPI, which nothing else needs)
$(OUT)/capsim-mpi: analysis/mpi/capsim_mpi.c $(LIBRARY)
	$(NEED) name mpi
	$(SAY) "  link $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(patsubst -I%,-isystem %,$(shell pkg-config --cflags ompi-c)) $(LDFLAGS) $^ -o $@ \
	  $(LIBS) $(shell pkg-config --libs ompi-c)

$(OBJ)/tests/fuzz/fuzz_%: $(OBJ)/tests/fuzz/fuzz_%.o $(OBJ)/tests/fuzz/replay.o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -o $@ $(LIBS)
$(OBJ)/tests/%.so: tests/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -shared $< -o $@ -ldl
$(OBJ)/tests/%: $(OBJ)/tests/%.o $(call objects,$(HELPERS)) $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -fno-lto $(LDFLAGS) $^ -o $@ $(CHECK_LIBS) $(LIBS)

check: ## everything that must hold before a commit (under 3 minutes)
	$(NEED) install build test
	$(AGAIN) VARIANT=release check-layers check-headers check-symbols check-install check-run

check-run: all $(CHECKED) $(PRELOADS)
	@$(RUN) tests/run.sh $(CHECKED) $(SCRIPTS)

check-asan check-ubsan: export CK_TIMEOUT_MULTIPLIER = 10
check-asan check-ubsan: check-%: ## the same tests with that sanitizer
	$(NEED) install build test
	$(AGAIN) VARIANT=$* check-run

check-valgrind: export CK_TIMEOUT_MULTIPLIER = 30
check-valgrind: export CAPSIM_TEST_EFFORT = quick
check-valgrind: all $(CHECKED) $(PRELOADS) ## the same tests, smaller, in valgrind
	$(NEED) name valgrind
	@$(RUN) TEST_WRAPPER='valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite' \
	  tests/run.sh $(CHECKED) $(SCRIPTS)

check-layers: ## who includes whom
	@tests/check_layers.sh
check-headers: | $(BUILD)/packages.ok ## each header compiles alone
	@for header in $(HEADERS); do printf '#include "%s"\nint main(void);\n' "$$header" | \
	  $(CC) $(ALL_CFLAGS) -Werror -fsyntax-only -x c - || { echo "$$header does not compile alone"; exit 1; }; done
check-symbols: $(call objects,$(SOURCES)) ## names of external functions, no globals
	@rm -f $(filter-out $(call objects,$(SOURCES)),$(wildcard $(FOLDERS:%=$(OBJ)/%/*.o))) # of renamed sources
	@tests/check_symbols.sh $(OBJ)
check-install: all ## a program builds against an installed copy
	@$(MAKE) --no-print-directory -s VARIANT=$(VARIANT) install DESTDIR= PREFIX=$(CURDIR)/$(OBJ)/stage
	@CC='$(CC)' CFLAGS='$(FLAGS_$(VARIANT))' tests/install/run.sh $(OBJ)/stage

check-mpi: all capsim-mpi ## sweeps under mpirun give the same files
	@tests/mpi/run.sh $(PROGRAM) $(OUT)/capsim-mpi

check-long: export CAPSIM_TEST_EFFORT = long
check-long: check $(call programs,$(SWARM)) ## tight intervals, random scenarios, fuzzing
	@$(RUN) tests/run.sh $(call programs,$(SWARM))
	$(AGAIN) VARIANT=fuzz CC=clang fuzz

fuzz: $(call objects,$(FUZZERS)) $(LIBRARY)
	@tests/fuzz/run.sh $(OBJ) $(FUZZ_SECONDS) $(FUZZERS) -- $(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -- $(LIBRARY) $(LIBS)

lint: ## gcc and clang without warnings, clang-tidy, cppcheck, format
	$(NEED) name build test lint
	$(AGAIN) VARIANT=lint-gcc CC=gcc objects
	$(AGAIN) VARIANT=lint-clang CC=clang objects
	@echo "  clang-format"
	@clang-format --dry-run -Werror $(ALL_C) $(HEADERS) $(wildcard tests/*.h tests/*/*.h)
	@echo "  cppcheck"
	@cppcheck --quiet --std=c11 -I. --enable=warning,performance,portability --suppressions-list=.cppcheck \
	  --inline-suppr --error-exitcode=1 $(ALL_C)
	@echo "  clang-tidy" # one file at a time: among several it takes va_list for uninitialised
	@printf '%s\n' $(ALL_C) | xargs -n1 -P$$(nproc) sh -c 'clang-tidy --quiet "$$@" -- $(ALL_CFLAGS) 2>/dev/null' sh

coverage: ## which lines the tests reach
	$(NEED) name build test coverage
	$(AGAIN) VARIANT=coverage check-run
	gcovr --root . --filter '($(subst $() ,|,$(FOLDERS)))/' $(BUILD)/coverage

bench: all $(call programs,$(BENCHES)) ## speeds, with machine and commit
	@tests/bench/run.sh "$(COMMIT)" $(call programs,$(BENCHES))

accuracy: all ## fits every file of scenarios/measurements: what was asked of each, and what was reached
	@$(RUN) tests/accuracy.sh $(wildcard scenarios/measurements/*.yaml)

verify: all ## answers every published figure and claim that scenarios refer to, into scenarios/VERIFIED.md
	@$(PROGRAM) verify --quiet $(sort $(shell grep -l '^reference:' scenarios/*.yaml)) \
	  $(REFERENCES:%=--claims scenarios/references/%.csv) --markdown scenarios/VERIFIED.md

golden-update: all ## stores what golden scenarios give now, and shows what changed
	@$(RUN) tests/golden/test_golden.sh --update

demo: ## installs what is missing, builds, and runs the main job on real input
	$(NEED) install build
	$(AGAIN) all
	@for demo in $(DEMOS); do \
	  echo; echo "\$$ $(BUILD)/capsim run scenarios/$$demo.yaml -o $(BUILD)/$$demo.h5"; echo; \
	  $(BUILD)/capsim run scenarios/$$demo.yaml -o $(BUILD)/$$demo.h5 || exit; \
	done
	@echo; echo "Traces (HDF5): $(DEMOS:%=$(BUILD)/%.h5)"

INSTALLED = $(DESTDIR)$(PREFIX)
install: all ## to DESTDIR and PREFIX (/usr/local)
	@for folder in $(FOLDERS); do mkdir -p $(INSTALLED)/include/capsim/$$folder; done
	@mkdir -p $(INSTALLED)/bin $(INSTALLED)/lib/pkgconfig
	$(if $(PROGRAM),install -m 755 $(PROGRAM) $(INSTALLED)/bin/)
	install -m 644 $(LIBRARY) $(INSTALLED)/lib/
	for h in $(filter-out %_internal.h,$(HEADERS)); do install -m 644 $$h $(INSTALLED)/include/capsim/$$h; done
	printf '%s\n' 'Name: capsim' 'Description: capacity simulator for GPU inference' 'Version: $(VERSION)' \
	  'Requires: $(PACKAGES)' 'Cflags: -I$(PREFIX)/include/capsim' 'Libs: -L$(PREFIX)/lib -lcapsim -lm -pthread' \
	  >$(INSTALLED)/lib/pkgconfig/capsim.pc
uninstall: ## removes what install put there
	rm -rf $(INSTALLED)/include/capsim
	rm -f $(INSTALLED)/bin/capsim $(INSTALLED)/lib/libcapsim.a $(INSTALLED)/lib/pkgconfig/capsim.pc

clean: ## removes build/
	rm -rf $(BUILD)
help: ## this list
	@sed -n 's/^\([a-z][a-z -]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 26

-include $(patsubst %.c,$(OBJ)/%.d,$(ALL_C))
