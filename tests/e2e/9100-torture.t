#!/bin/sh
# SPDX-License-Identifier: ISC
# A little of "make torture": at some points of each command something fails, and everything holds all the same.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
src=$PWD

# AddressSanitizer has the allocator to itself.
if nm "$LAB_BUILD/bin/sealpost" 2>/dev/null | grep -q __asan_init; then
	skip 4 "failing allocations, spoilt messages: the program is sanitized"
elif ! command -v cc >/dev/null; then
	skip 4 "no C compiler"
else
	check_exit 0 "$src/tests/torture/allocations" --each 911
	is "each command was tried" "$(printf '%s\n' "$out" | grep -c ' points tried of .* allocations, 0 faults$')" 12
	check_exit 0 "$src/tests/torture/talks" --each 8 lookup
	like "and it" "$out" '^lookup +[1-9] points tried of .* ways to spoil a message, 0 faults$'
fi
if strace -o /dev/null true 2>/dev/null; then
	check_exit 0 env ASAN_OPTIONS=detect_leaks=0 "$src/tests/torture/calls" --each 2111 send "queue run"
	is "each command was tried" "$(printf '%s\n' "$out" | grep -c ' points tried of .* system calls, 0 faults$')" 2
else
	skip 2 "strace cannot trace here"
fi
done_testing
