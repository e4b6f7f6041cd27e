#!/bin/sh
# SPDX-License-Identifier: ISC
# Two hundred domains at once, every other one with a name server of its own that never answers: none of the living is
# unknown for that, looked up, asked again for pins, and checked.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\ntimeout = 20s\n' >"$HOME/.config/sealpost/config"

seq_of() { # FORMAT
	seq -f "$1" 100
}
{
	seq_of 'openpgpkey.l%g A 192.0.2.80'
	seq_of 'l%g MX 10 mx.l1'
	echo 'mx.l1 A 192.0.2.25'
	seq 100 | sed 's/.*/d& NS ns.d&\nns.d& A 203.0.113.&/'
} | lab-dns-add example -
# shellcheck disable=SC2046 # names
lab-cert openpgpkey.l1.example $(seq_of 'openpgpkey.l%g.example')
for n in $(seq 2 100); do
	ln "$LAB/tls/openpgpkey.l1.example.pem" "$LAB/tls/openpgpkey.l$n.example.pem"
done
for n in $(seq 100); do
	folder=$LAB/www/openpgpkey.l$n.example/.well-known/openpgpkey/l$n.example
	mkdir -p "$folder/hu"
	: >"$folder/policy"
done
for n in 7 77; do
	lab-new-key "u@l$n.example" "$LAB/tmp/$n.pgp" >/dev/null
	lab-wkd-put "u@l$n.example" "$LAB/tmp/$n.pgp"
done
{
	seq_of 'u@l%g.example'
	seq_of 'u@d%g.example'
} | shuf --random-source="$LAB/tmp/7.pgp" >"$LAB/tmp/addresses"
is 'two hundred' "$(wc -l <"$LAB/tmp/addresses")" 200

verdicts() { # LETTER
	jq -r "select(.address | startswith(\"u@$1\")) | .status" "$LAB/tmp/out" | sort | uniq -c | xargs
}
look_up() {
	sealpost lookup --json --fresh --pin - <"$LAB/tmp/addresses"
}
run look_up
printf '%s\n' "$out" >"$LAB/tmp/out"
is 'exit' "$rc" 75
is 'the living' "$(verdicts l)" '98 absent 2 usable'
is 'the dead' "$(verdicts d)" '100 unknown'
is 'and why' "$(jq -r 'select(.status == "unknown") | .reason' "$LAB/tmp/out" | sed 's/d[0-9]*[.]/D./' | sort | uniq -c | xargs)" \
	'100 openpgpkey.D.example: its address is unknown: no answer within 20.0 s'
is 'what their delegations say is known, as of one alone' "$(jq -r 'select(.status == "unknown") | .evidence.dns[] |
	select(.type == "DS") | .state' "$LAB/tmp/out" | sort | uniq -c | xargs)" '100 secure'

refresh() {
	sealpost refresh --json --all
}
run refresh
is 'pins: asked again' "$rc $(printf '%s\n' "$out" | grep -c .)" '0 2'

sed 's/.*@//' "$LAB/tmp/addresses" >"$LAB/tmp/names"
check_all() {
	sealpost check --json - <"$LAB/tmp/names"
}
run check_all
is 'checked: the living' "$(printf '%s\n' "$out" | jq -r 'select(.domain | startswith("l")) | .protection + " " + .dnssec' | sort | uniq -c | xargs)" \
	'100 none secure'
is 'checked: the dead' "$(printf '%s\n' "$out" | jq -r 'select(.domain | startswith("d")) | .protection + " " + .dnssec' | sort | uniq -c | xargs)" \
	'100 unknown error'
done_testing
