#!/bin/sh
# SPDX-License-Identifier: ISC
# A little of "make torture": at some points of each command something fails, and everything holds all the same.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
src=$PWD

# AddressSanitizer has the allocator to itself, and ends the process where mmap() fails.
sanitized=
! nm "$LAB_BUILD/bin/sealpost" 2>/dev/null | grep -q __asan_init || sanitized=yes
if [ -n "$sanitized" ]; then
	skip 8 "failing allocations, spoilt messages: the program is sanitized"
elif ! command -v cc >/dev/null; then
	skip 8 "no C compiler"
else
	check_exit 0 "$src/tests/torture/allocations" --who main --each 911
	is "each command was tried" "$(printf '%s\n' "$out" | grep -c ' points tried of .* allocations of main, 0 faults$')" 13
	check_exit 0 "$src/tests/torture/allocations" --who net --each 3001 lookup
	like "and sealpost-net" "$out" '^lookup +[1-9] points tried of .* allocations of net, 0 faults$'
	check_exit 0 "$src/tests/torture/allocations" --places --each 40 --who main "pins list"
	like "one of each place" "$out" '^pins list +[1-9] points tried of 1... allocations of main, of [1-5].. places, 0 faults$'
	check_exit 0 "$src/tests/torture/talks" --who net --each 8 lookup
	like "and it" "$out" '^lookup +[1-9] points tried of .* ways to spoil a message, 0 faults$'
fi
if [ -n "$sanitized" ]; then
	skip 4 "failing system calls: the program is sanitized"
elif command -v cc >/dev/null && [ "$(uname -m)" = x86_64 ]; then
	check_exit 0 "$src/tests/torture/calls" --each 997 send lookup "queue run"
	is "each command was tried" "$(printf '%s\n' "$out" | grep -c ' points tried of .* system calls, 0 faults$')" 3
	check_exit 0 "$src/tests/torture/calls" --places --each 60 "pins list"
	like "one of each place" "$out" '^pins list +[1-9] points tried of [2-9].. failing system calls, by place, 0 faults$'
else
	skip 4 "no C compiler, or another machine than fail_call.c is for"
fi
done_testing
