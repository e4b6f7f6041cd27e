#!/bin/sh
# SPDX-License-Identifier: ISC
# A few of the mutated certificates of "make torture": none is taken that a second reader refuses.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
src=$PWD

if ! command -v sq >/dev/null; then
	skip 2 "sq is not installed"
else
	check_exit 0 "$src/tests/torture/certificates" --count 150
	like "and they were tried" "$out" '^150 certificates of [0-9]{2} kinds tried: [1-9][0-9]* usable, .* 0 faults$'
fi
done_testing
