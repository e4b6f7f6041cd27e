#!/bin/sh
# SPDX-License-Identifier: ISC
# Of "make torture": all orders in which two processes can go on, for a few pairs; the mail arrives once, and each decision
# about a pin stands.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
src=$PWD

# In how many ways it all ended.
endings() { printf '%s\n' "$out" | sed -n 's/^all .* \([0-9]*\) endings.*/\1/p'; }
# Each has its states, and nothing that does not hold.
explored='^%s +[1-9][0-9]* states, .* kills, .* 0 faults$'

if nm "$LAB_BUILD/bin/sealpost" 2>/dev/null | grep -q __asan_init; then
	skip 6 "each of thousands of processes is forked: the program is sanitized"
else
	check_exit 0 "$src/tests/torture/interleavings" "queue drop"
	like "a mail of the queue is sent, or dropped" "$out" "$(printf "$explored" "send, queue drop")"
	ended=$(endings)
	check_exit 0 "$src/tests/torture/interleavings" --whole "queue drop"
	is "where one only looks the other need not go first: it ends in as many ways" "$ended" "$(endings)"
	check_exit 0 "$src/tests/torture/interleavings" \
		"a pin: pins verify alice@x.example AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA (A), refresh" \
		"a pin: pins reject alice@x.example (A), refresh"
	like "decisions about a pin" "$out" "$(printf "$explored" "a pin")"
fi
done_testing
