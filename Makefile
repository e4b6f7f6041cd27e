# SPDX-License-Identifier: ISC
# sealpost. The user's: CC CFLAGS CPPFLAGS LDFLAGS DESTDIR PREFIX LIBEXECDIR. DEVELOPER=1: -Werror, ASan, UBSan.
VERSION = 0.2.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec
MANDIR ?= $(PREFIX)/share/man
SYSCONFDIR ?= /etc
CONTRIBDIR ?= $(PREFIX)/share/doc/sealpost
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
USERUNITDIR ?= $(PREFIX)/lib/systemd/user
CC ?= cc
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
B = build

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla -Wformat=2 -Wundef -Wno-missing-field-initializers \
	-Wno-format-truncation
HARDEN = -fPIE -fstack-protector-strong -fno-strict-aliasing
HARDEN_LD = -pie -Wl,-z,relro -Wl,-z,now -Wl,--as-needed
ifdef DEVELOPER
WARN += -Werror
SANITIZE = -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
# In their sandboxes the programs cannot look for leaks; the unit tests do.
NO_LEAKS = $(B)/obj/tests/no_leaks.o
B = build/developer
else ifeq ($(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

MAIL_PKGS = gpgme sqlite3 jansson inih libseccomp libgcrypt zlib
# What the tests compare the reading of mail with.
TEST_PKGS = gmime-3.0
# libidn2 with libunistring (base/unicode.c) and libcurl (net/libcurl.c) are loaded when they are needed: their headers
# alone are seen here. jansson: the list of certificate transparency logs is JSON.
NET_PKGS = openssl libunbound libgcrypt libseccomp jansson zlib
DEFS = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
# The only files that see these; compiled again when one of them is another than last time.
PLACES = -DSEALPOST_VERSION='"$(VERSION)"' -DSEALPOST_LIBEXECDIR='"$(LIBEXECDIR)/sealpost"' \
	-DSEALPOST_SYSCONFDIR='"$(SYSCONFDIR)"'
PLACED = $(patsubst %,$(B)/obj/src/%.o,main netd/main conf/conf process/mta_command process/runner_serve \
	discovery/cache verbs/doctor/system)
MAIL_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(MAIL_PKGS) 2>/dev/null)
NET_CFLAGS := $(shell $(PKG_CONFIG) --cflags libcurl $(NET_PKGS) 2>/dev/null)
MAIL_LIBS := $(shell $(PKG_CONFIG) --libs $(MAIL_PKGS) 2>/dev/null) -lpthread
TEST_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(TEST_PKGS) 2>/dev/null)
TEST_LIBS := $(shell $(PKG_CONFIG) --libs $(TEST_PKGS) 2>/dev/null)
NET_LIBS := $(shell $(PKG_CONFIG) --libs $(NET_PKGS) 2>/dev/null) -lpthread
ALL_CFLAGS = -std=gnu11 $(DEFS) $(WARN) $(HARDEN) $(SANITIZE) -Isrc -I. $(CPPFLAGS) $(CFLAGS)

BASE_SRC = $(wildcard src/base/*.c src/wire/*.c)
MAIL_SRC = $(wildcard $(patsubst %,src/%/*.c,print mime conf decide store process discovery transport mail \
	verbs verbs/*) pgp/*/*.c)
NET_SRC = $(filter-out src/netd/main.c,$(wildcard src/netd/*.c)) $(wildcard src/net/*.c src/mx/*.c wkd/*.c)
# One short line for each step; whole commands with V=1.
say = $(if $(V),,@printf '  %s  %s\n' $(1) $@;)
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

BIN = $(B)/bin/sealpost
NETD = $(B)/libexec/sealpost/sealpost-net
SENDMAIL = $(B)/libexec/sealpost/sendmail
UNIT_SRC = $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c)
UNIT = $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(UNIT_SRC))
FUZZ_SRC = $(wildcard tests/fuzz/fuzz_*.c)
FUZZ = $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(FUZZ_SRC))
MUTATED = $(B)/tests/torture/mutated_intake
INTERLEAVE = $(B)/tests/torture/interleavings
# The longest start first, so that no processor is idle at the end.
LONG = 0830 1010 1020 1130 1135 0910 2010 1000 3120 1200 9010 0420 1100 3250 0820 2610 3110 1040 2650
E2E_ALL = $(sort $(wildcard tests/e2e/*.t))
E2E_LONG = $(foreach n,$(LONG),$(filter tests/e2e/$(n)-%,$(E2E_ALL)))
E2E = $(filter-out $(E2E_LONG),$(E2E_ALL))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: FORCE all deps demo test check coverage unit-coverage lint bench torture fuzz install uninstall dist deb clean
all: $(BIN) $(NETD) $(SENDMAIL)

$(B)/obj/src/base/%.o $(B)/obj/src/wire/%.o: PKG_CFLAGS = $(NET_CFLAGS)
$(B)/obj/src/net/%.o $(B)/obj/src/netd/%.o $(B)/obj/src/mx/%.o $(B)/obj/wkd/%.o: PKG_CFLAGS = $(NET_CFLAGS)
$(B)/obj/%.o: PKG_CFLAGS = $(MAIL_CFLAGS)
$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(PLACED): DEFS += $(PLACES)
$(PLACED): $(B)/places
$(B)/places: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(VERSION)' '$(LIBEXECDIR)' '$(SYSCONFDIR)' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
FORCE:

$(B)/base.a: $(call obj,$(BASE_SRC))
$(B)/mail.a: $(call obj,$(MAIL_SRC))
$(B)/net.a: $(call obj,$(NET_SRC))
$(B)/%.a:
	@rm -f $@
	$(call say,AR)$(AR) qcs $@ $^

$(BIN): $(B)/obj/src/main.o $(NO_LEAKS) $(B)/mail.a $(B)/base.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CFLAGS) $(SANITIZE) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(MAIL_LIBS)

$(NETD): $(B)/obj/src/netd/main.o $(NO_LEAKS) $(B)/net.a $(B)/base.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CFLAGS) $(SANITIZE) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(NET_LIBS)

$(SENDMAIL): $(BIN)
	@mkdir -p $(@D)
	ln -sf ../../bin/sealpost $@

# A unit test links the archives, and may define a neighbour's functions itself to fake it.
$(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(B)/mail.a $(B)/net.a $(B)/base.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ -lcmocka $(MAIL_LIBS) $(NET_LIBS) \
		-Wl,--as-needed $(TEST_LIBS)
$(B)/obj/tests/%.o: PKG_CFLAGS = -Itests/unit $(MAIL_CFLAGS) $(NET_CFLAGS) $(TEST_CFLAGS)

# The corpora run through the fuzz targets as ordinary tests; "make fuzz" needs clang.
$(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/obj/tests/fuzz/replay.o $(B)/mail.a $(B)/net.a $(B)/base.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(MAIL_LIBS) $(NET_LIBS) \
		-Wl,--as-needed $(TEST_LIBS)

$(MUTATED): $(B)/obj/tests/torture/mutated_intake.o $(B)/mail.a $(B)/base.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(MAIL_LIBS)

# The verbs, with what two processes see of each other in the hands of an explorer.
STEPS = access fsync mkdir open64 openat64 renameat unlinkat fstatat64 lstat64 readdir64 pread64 pwrite64 \
	fcntl64 close nanosleep time getrandom getpid clock_gettime waitpid sqlite3_step sqlite3_exec sqlite3_close dir_temp_root \
	daemons_find_agent gpg_init seal_message seal_begin seal_end seal_drop open_sealed mail_find_signer \
	mail_autocrypt mail_gossip mail_marks cert_strength ahead_cut intake_many ask_all
$(INTERLEAVE): $(call obj,$(wildcard tests/torture/interleave/*.c)) $(B)/mail.a $(B)/base.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) $(STEPS:%=-Wl,--wrap=%) -o $@ $^ $(MAIL_LIBS)

# Packages: make deps FOR="build run test lint bench systems package"
FOR ?= build run test
deps:
	@contrib/packaging/install-deps $(FOR)

# What a package build calls: installs nothing, needs neither root nor network. Every test has a lab of its own.
# Most of the time most of the tests wait for something: three for each processor.
PROVE_FLAGS ?= -j$(shell echo $$((3 * $$(getconf _NPROCESSORS_ONLN))))
test: all $(UNIT) $(FUZZ) $(MUTATED) $(INTERLEAVE)
	LAB_BUILD=$(CURDIR)/$(B) LAB_SRC=$(CURDIR) prove $(PROVE_FLAGS) --exec tests/unit/as-tap $(E2E_LONG) $(sort $(UNIT)) \
		$(if $(FUZZ),tests/fuzz/corpora.t) $(E2E)

# Packages first, in a make of its own: which libraries there are is found out when make starts.
check: deps
	+$(MAKE) --no-print-directory test

# How much of the source the unit tests reach, by folder; SHOW="src/decide wkd" names what they do not. In a build of its
# own, where nothing is moved or left out by the optimiser.
coverage:
	+$(MAKE) --no-print-directory B=build/coverage unit-coverage CFLAGS='-O0 -g --coverage -fprofile-update=atomic \
		-U_FORTIFY_SOURCE -include tests/unit/coverage.h -DCOVERAGE_DIR=\"$(CURDIR)/build/coverage\"'
unit-coverage: all $(UNIT)
	@find $(B) -name '*.gcda' -delete
	@LAB_BUILD=$(CURDIR)/$(B) LAB_SRC=$(CURDIR) \
		prove $(PROVE_FLAGS) -Q --exec tests/unit/as-tap $(sort $(UNIT))
	@tests/unit/coverage $(B) $(SHOW)

demo: deps
	+$(MAKE) --no-print-directory all
	LAB_BUILD=$(CURDIR)/$(B) tests/lab/run tests/demo

bench: all
	LAB_BUILD=$(CURDIR)/$(B) tests/bench/run
	LAB_BUILD=$(CURDIR)/$(B) tests/bench/seal
	LAB_BUILD=$(CURDIR)/$(B) tests/bench/pins
	LAB_BUILD=$(CURDIR)/$(B) tests/bench/publish
	LAB_BUILD=$(CURDIR)/$(B) tests/bench/learn
	LAB_BUILD=$(CURDIR)/$(B) tests/bench/customers
	LAB_BUILD=$(CURDIR)/$(B) tests/bench/discovery
	LAB_BUILD=$(CURDIR)/$(B) tests/bench/checks
	LAB_BUILD=$(CURDIR)/$(B) tests/bench/growth

# Everything fails once: each allocation, each system call and each message between the processes, of each command;
# and of two commands at the same time, all orders in which they can go on are tried, with one killed or the power lost
# at any point. And 100,000 mutated certificates, which a second reader must not refuse when they are taken. With
# TORTURE=--places only one failure for each place, told by all the calls that lead there.
torture: all $(MUTATED) $(INTERLEAVE)
	LAB_BUILD=$(CURDIR)/$(B) tests/torture/run $(TORTURE)

# What the linker sees is looked at too, so it has to be built.
lint: FOR = build run lint
lint: deps
	+$(MAKE) --no-print-directory all
	tests/lint/run

# Coverage-guided: make fuzz TARGET=fuzz_packet SECONDS=60; each of them for an hour on two processors: TARGET=all
# SECONDS=3600 PROCESSES=2
TARGET ?= fuzz_packet
SECONDS ?= 60
fuzz:
	tests/fuzz/run $(TARGET) $(SECONDS) $(PROCESSES)

# DESTDIR goes before each folder, and may hold blanks.
install: all
	@$(INSTALL_ENV) contrib/packaging/install-files
uninstall:
	@$(INSTALL_ENV) contrib/packaging/install-files --remove
INSTALL_ENV = B='$(B)' $(foreach v,DESTDIR BINDIR LIBEXECDIR MANDIR SYSCONFDIR CONTRIBDIR BASHCOMPDIR ZSHCOMPDIR \
	FISHCOMPDIR USERUNITDIR,$(v)='$($(v))')

# build/sealpost-VERSION.tar.gz; Debian packages in build/deb.
dist:
	contrib/packaging/make-dist
deb:
	contrib/packaging/build-deb

clean:
	rm -rf build

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
