# SPDX-License-Identifier: GPL-2.0-or-later
# wmark: make | demo | check | lint | install.  O=DIR moves the objects, V=1 shows commands, SAN=1 adds ASan + UBSan, WERROR=1.
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:

O ?= build
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/wmark
CC ?= cc
ifeq ($(origin CC),default)
CC := gcc
endif
INSTALL ?= install

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

WARN := -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
OPTIM ?= -O2 -g
# no fused multiply-add: a verdict has the same bits on every CPU
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(WARN) $(if $(WERROR),-Werror) $(OPTIM) \
	-ffile-prefix-map=$(CURDIR)/= -fno-common -ffp-contract=off -pthread $(SAN_FLAGS) $(CFLAGS)
ALL_CPPFLAGS = -I. -Iharness -I$(O)/gen -DWMARK_DATADIR='"$(DATADIR)"' $(CPPFLAGS)
LIBS := -lnuma -ljansson -llzma -lzstd -lm -lpthread
ifdef SAN
SAN_FLAGS := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
STATIC :=
else
STATIC := -static
endif

ifneq ($(V),1)
Q := @
say = @printf '  %-7s %s\n' '$(1)' '$(2)'
endif

MODULES := base probe archive sample scenario run vm evidence metric stats check judge campaign report html
LIB_SRC := $(sort $(foreach m,$(MODULES),$(wildcard harness/$(m)/*.c))) $(sort $(wildcard workloads/*.c))
CMD_SRC := $(sort $(wildcard harness/cmd/*.c))
TEST_SRC := $(sort $(wildcard harness/test/*.c))
WORKLOADS := $(sort $(patsubst workloads/%.c,%,$(filter-out workloads/wl_%.c,$(wildcard workloads/*.c))))

obj = $(patsubst %.c,$(O)/obj/%.o,$(1))
LIB_OBJ := $(call obj,$(LIB_SRC)) $(O)/gen/workload_table.o

.PHONY: all
all: $(O)/wmark

# The binary is copied into every test VM: it is stripped there, and its symbols are in a file beside it for gdb.
$(O)/wmark: $(O)/wmark.debug
	$(Q)strip -o $@ $<

$(O)/wmark.debug: $(call obj,$(CMD_SRC)) $(O)/libwmark.a
	$(call say,LINK,$(O)/wmark)
	$(Q)$(CC) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -o $@ $^ $(LIBS) 2>$@.log || { cat $@.log >&2; exit 1; }
	$(Q)grep -v -e getaddrinfo -e "in function .affinity_ip" $@.log >&2 || true

$(O)/libwmark.a: $(LIB_OBJ)
	$(call say,AR,$@)
	@# q, not r: two files of the same name from two folders are two members
	$(Q)rm -f $@ && ar qcsD $@ $^

$(O)/obj/%.o: %.c $(O)/gen/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/gen/%.o: $(O)/gen/%.c $(O)/gen/flags
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# When the flags, the compiler or PREFIX change, all objects are made anew, and every archive and program with them.
FLAGS_NOW = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) $(LIBS)
$(O)/gen/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' > $@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# The registry follows the file list; it is rewritten only when the list changes.
$(O)/gen/workload_table.c: FORCE
	$(Q)mkdir -p $(@D)
	$(Q){ echo '/* made by the Makefile from the names of workloads/ */'; \
	  echo '#include "workloads/workload.h"'; \
	  for w in $(WORKLOADS); do echo "extern const struct workload workload_$$w;"; done; \
	  echo 'const struct workload *const workload_table[] = {'; \
	  for w in $(WORKLOADS); do echo "	&workload_$$w,"; done; \
	  echo '	NULL,'; echo '};'; } > $@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# The list of report formats follows the lines REPORT_FORMAT(name) in their files. html stands first.
$(O)/gen/report_formats.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q){ echo '/* made by the Makefile from REPORT_FORMAT(name) in harness/html and harness/report */'; \
	  echo "#define REPORT_FORMATS(X, ...) $$(sed -n 's/^REPORT_FORMAT(\([a-z0-9_]*\)) = {$$/X(\1, ##__VA_ARGS__)/p' \
		harness/html/*.c harness/report/*.c | tr '\n' ' ')"; } > $@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(call obj,$(CMD_SRC) $(TEST_SRC)): | $(O)/gen/report_formats.h

# Facts of a run that are saved beside its archive are valid only for the sources that derived them.
FACTS_SRC := $(sort $(wildcard harness/judge/facts*.[ch] $(foreach m,base archive probe evidence metric check,harness/$(m)/*.[ch])))
$(O)/gen/facts_tables.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo "#define FACTS_TABLES \"$$(cat $(FACTS_SRC) | sha256sum | cut -c 1-16)\"" > $@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(O)/obj/harness/judge/facts_file.o: | $(O)/gen/facts_tables.h

# The list of rules follows the lines RULES(name, place): each file of harness/check ends with one and its table.
$(O)/gen/rule_tables.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q){ echo '/* made by the Makefile from RULES(name, place) in harness/check */'; \
	  echo "#define RULE_TABLES(X) $$(sed -n 's/^RULES(\([a-z0-9_]*\), \([0-9]*\)) = {$$/\2 X(\1)/p' \
		harness/check/*.c | sort -n | cut -d ' ' -f 2 | tr '\n' ' ')"; } > $@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(O)/obj/harness/check/check.o: | $(O)/gen/rule_tables.h

# The list of the sampler's sources follows the lines SOURCE(name, place) and SOURCE_TIMED(name, place) in their files.
sources = sed -n 's/^$(1)(\([a-z0-9_]*\), \([0-9]*\)) = {$$/\2 X(\1)/p' harness/sample/*.c | sort -n | cut -d ' ' -f 2 | tr '\n' ' '
$(O)/gen/sample_sources.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q){ echo '/* made by the Makefile from SOURCE(name, place) and SOURCE_TIMED(name, place) in harness/sample */'; \
	  echo "#define SAMPLE_SOURCES(X) $$($(call sources,SOURCE[A-Z_]*))"; \
	  echo "#define SAMPLE_PERIODS(X) $$($(call sources,SOURCE_TIMED))"; } > $@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(call obj,$(LIB_SRC) $(CMD_SRC) $(TEST_SRC) $(wildcard bench/perf/*.c)): | $(O)/gen/sample_sources.h

# The version has a separate file, so that a new commit rebuilds only one object.
$(O)/gen/git_version.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '#define WMARK_VERSION "$(VERSION)"' > $@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(O)/obj/harness/base/version.o: $(O)/gen/git_version.h

.PHONY: FORCE
FORCE:

# One Criterion program for all unit suites; T='suite/*' runs some of them.
$(O)/unit: $(call obj,$(TEST_SRC)) $(O)/libwmark.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcriterion

# objects that lint compiles, to see warnings, but does not link
.PHONY: commands unit-objects perf-objects
commands: $(call obj,$(CMD_SRC))
unit-objects: $(call obj,$(TEST_SRC))
perf-objects: $(call obj,$(sort $(wildcard bench/perf/*.c)))

.PHONY: unit
unit: $(O)/unit
	$(Q)WMARK_TEST_DATA=$(CURDIR)/harness/test/data $(O)/unit $(if $(T),--filter '$(T)')

# ---- what README names ----

# Kernels of the demo and of the tests; wmark itself takes any version in the cache. The two of the demo are by one
# compiler, without which their times could not be compared.
DEMO_A ?= 6.1
DEMO_B ?= 6.12~deb12
CHECK_KERNELS ?= 5.10 6.1 6.12 7.3
DEMO_FLAGS ?=

.PHONY: demo
demo:
	$(Q)ci/deps.sh build vm
	$(Q)$(MAKE) --no-print-directory all
	$(Q)k=$$(ci/kernels.sh fetch $(DEMO_A) $(DEMO_B)) && WMARK=$(O)/wmark ci/demo.sh $$k $(DEMO_FLAGS)

.PHONY: check
check:
	$(Q)ci/deps.sh
	$(Q)$(MAKE) --no-print-directory all $(O)/unit
	$(Q)ci/kernels.sh fetch $(CHECK_KERNELS)
	$(Q)O=$(O) MAKE="$(MAKE)" ci/check.sh

.PHONY: lint
lint:
	$(Q)ci/deps.sh build test
	$(Q)O=$(O) MAKE="$(MAKE)" ci/lint.sh

# Puts every source into the style of .clang-format; ci/lint.sh checks it.
.PHONY: format
format:
	$(Q)ci/format.sh -i

.PHONY: perf
PERF := $(patsubst bench/perf/%.c,%,$(foreach f,$(wildcard bench/perf/*.c),$(if $(findstring _,$f),,$f)))
perf: $(PERF:%=$(O)/perf/%)
# judge_*.c are parts of judge, rebuild_*.c of rebuild
$(O)/perf/judge: $(call obj,$(sort $(wildcard bench/perf/judge_*.c)))
$(O)/perf/rebuild: $(call obj,$(sort $(wildcard bench/perf/rebuild_*.c)))
$(O)/perf/%: $(O)/obj/bench/perf/%.o $(O)/libwmark.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

# Builds a source several times, runs the suite on each, and judges all pairs: hours.
.PHONY: perf-rebuild
REBUILD_FLAGS ?=
perf-rebuild:
	$(Q)ci/deps.sh build vm kernel
	$(Q)$(MAKE) --no-print-directory all $(O)/perf/rebuild
	$(Q)O=$(abspath $(O)) bench/perf/rebuild.sh $(REBUILD_FLAGS)

# libFuzzer programs: the sources are compiled again, with coverage (needs clang).
FUZZ_SRC := $(sort $(foreach m,base probe archive evidence metric check stats judge,$(wildcard harness/$(m)/*.c)))
.PHONY: fuzz
fuzz: $(patsubst harness/fuzz/%.c,$(O)/%,$(sort $(wildcard harness/fuzz/*.c)))
$(O)/fuzz_%: harness/fuzz/fuzz_%.c $(FUZZ_SRC) $(addprefix $(O)/gen/,git_version.h facts_tables.h rule_tables.h) $(O)/gen/flags
	$(call say,FUZZ,$@)
	$(Q)clang $(ALL_CPPFLAGS) -std=gnu11 -D_GNU_SOURCE -O1 -g -fsanitize=fuzzer,address,undefined -o $@ $< $(FUZZ_SRC) -lm -lpthread

.PHONY: man
man: $(O)/wmark
	ci/man.sh $<

.PHONY: install
install: $(O)/wmark
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(DATADIR)/bench/scenarios $(DESTDIR)$(DATADIR)/bench/suites
	$(INSTALL) -m 755 $(O)/wmark $(DESTDIR)$(BINDIR)/wmark
	$(INSTALL) -m 644 harness/man/wmark.1 $(DESTDIR)$(MANDIR)/man1/wmark.1
	$(INSTALL) -m 644 bench/scenarios/*.ini $(DESTDIR)$(DATADIR)/bench/scenarios/
	$(INSTALL) -m 644 bench/suites/*.list $(DESTDIR)$(DATADIR)/bench/suites/
	$(INSTALL) -d $(DESTDIR)$(DATADIR)/baselines
	for f in results/baselines/*; do [ ! -f "$$f" ] || $(INSTALL) -m 644 "$$f" $(DESTDIR)$(DATADIR)/baselines/ || exit 1; done

.PHONY: clean
clean:
	rm -rf $(O)

-include $(shell find $(O) -name '*.d' 2>/dev/null)
