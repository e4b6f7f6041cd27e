#!/bin/sh
# SPDX-License-Identifier: ISC
# Each fuzz target reads its corpus, as an ordinary test: no crash, no hang, no complaint of a sanitizer.
here=$(cd "$(dirname "$0")" && pwd)
build=${LAB_BUILD:-$here/../../build}
n=0
failed=0
for source in "$here"/fuzz_*.c; do
	target=$(basename "$source" .c)
	n=$((n + 1))
	if timeout 120 "$build/tests/fuzz/$target" "$here/corpus/${target#fuzz_}" >/dev/null 2>&1; then
		echo "ok $n - $target"
	else
		echo "not ok $n - $target"
		failed=1
	fi
done
echo "1..$n"
exit $failed
