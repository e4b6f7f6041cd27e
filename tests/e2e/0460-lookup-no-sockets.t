#!/bin/sh
# SPDX-License-Identifier: ISC
# Where sealpost-net can open no socket within its sandbox: doctor says so, and a lookup is unknown, not absent.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

if ! lab-without-sockets true 2>"$LAB/tmp/why"; then
	skip_all "$(cat "$LAB/tmp/why")"
fi
run sealpost doctor
like "doctor: sockets can be opened" "$out" 'ok .*network helper'
run lab-without-sockets sealpost doctor
is "doctor: without sockets there is something to fix" "$rc" 1
like "doctor: which is the network helper" "$out" 'BAD .*network helper'
like "doctor: what is the matter" "$out" 'no lookup can work: no socket can be opened: Operation not permitted'
for address in bob@direct.example nobody@absent.example; do
	run lab-without-sockets sealpost lookup --fresh $address
	is "lookup $address: unknown" "$rc" 75
	like "lookup $address: the reason" "$out" 'no socket can be opened: Operation not permitted'
done
run sealpost lookup --fresh nobody@absent.example
is "with sockets: absent" "$rc" 1
done_testing
