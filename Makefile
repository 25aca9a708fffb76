# capsim - discrete-event capacity simulator for GPU inference. See README.md for the targets that matter.

VARIANT ?= release
BUILD   ?= build
OBJ      = $(BUILD)/$(VARIANT)

PACKAGES = gsl hdf5-serial yaml-0.1 jansson zlib
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
FLAGS_release = -O2
FLAGS_asan    = -O1 -g -fsanitize=address -fno-omit-frame-pointer
FLAGS_ubsan   = -O1 -g -fsanitize=undefined -fno-sanitize-recover=all
CFLAGS  ?= -g
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -ffp-contract=off -ffile-prefix-map=$(CURDIR)=. -pthread $(WARNINGS) -I. \
             $(FLAGS_$(VARIANT)) $(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS)
LIBS     = $(shell pkg-config --libs $(PACKAGES)) -lm -pthread

LIBRARY_SOURCES = $(filter-out analysis/main.c,$(wildcard sim/*.c models/*.c scenarios/*.c analysis/*.c))
LIBRARY_OBJECTS = $(LIBRARY_SOURCES:%.c=$(OBJ)/%.o)
TEST_SOURCES    = $(wildcard tests/unit/test_*.c tests/property/test_*.c tests/theory/test_*.c)
TEST_PROGRAMS   = $(TEST_SOURCES:%.c=$(OBJ)/%)

.PHONY: all check clean
all: $(OBJ)/libcapsim.a

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(OBJ)/libcapsim.a: $(LIBRARY_OBJECTS)
	@rm -f $@
	ar rcsD $@ $^

$(OBJ)/tests/%: $(OBJ)/tests/%.o $(OBJ)/libcapsim.a
	$(CC) $(ALL_CFLAGS) $< $(OBJ)/libcapsim.a -o $@ $(shell pkg-config --libs check) $(LIBS)

check: $(TEST_PROGRAMS)
	@set -e; for test in $(TEST_PROGRAMS); do $$test; done

clean:
	rm -rf $(BUILD)

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
.SECONDARY:
