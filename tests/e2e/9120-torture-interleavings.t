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
	skip 7 "each of thousands of processes is forked: the program is sanitized"
else
	check_exit 0 "$src/tests/torture/interleavings" "queue drop"
	like "a mail of the queue is sent, or dropped" "$out" "$(printf "$explored" "send, queue drop")"
	check_exit 0 "$src/tests/torture/interleavings" \
		"a pin: pins verify alice@x.example AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA (A), refresh" \
		"a pin: pins reject alice@x.example (A), refresh"
	like "decisions about a pin" "$out" "$(printf "$explored" "a pin")"
	pair="no pin: pins allow-clear alice@x.example (A), send"
	check_exit 0 "$src/tests/torture/interleavings" "$pair"
	ended=$(endings)
	check_exit 0 "$src/tests/torture/interleavings" --whole "$pair"
	is "where one only looks the other need not go first: it ends in as many ways" "$ended" "$(endings)"
fi
done_testing
