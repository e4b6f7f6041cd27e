#!/bin/sh
# SPDX-License-Identifier: ISC
# A thousand addresses at once, half of them at dead or hostile domains: every verdict is right, within three deadlines
# and 100 MB. Many at one host share its connection.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"
deadline=20

seq_of() { # FORMAT COUNT
	seq -f "$1" "$2"
}
found=$(seq_of 'u@k%g.many.example' 60)
# shellcheck disable=SC2086 # addresses
cases_key $found
# shellcheck disable=SC2086 # addresses
cases_publish direct $found
mkdir -p "$LAB/www/many.example"
head -c 1048577 /dev/zero >"$LAB/www/many.example/large"
lab-cert many.example '*.many.example' many.example
# The zones of the lab are fixed when it starts; this one takes the place of one of them.
{
	echo '; many hosts, of many kinds'
	seq_of 'k%g.many A 192.0.2.95' 60
	seq_of 'n%g.many A 192.0.2.95' 440
	seq_of 's%g.many A 203.0.113.7' 100
	seq_of 'r%g.many A 192.0.2.99' 100
	seq_of 'h%g.many A 192.0.2.96' 100
	seq_of 'l%g.many A 192.0.2.97' 50
	echo 'many A 192.0.2.95'
} >"$LAB/tmp/zone"
cat "$LAB/dns/src/example" "$LAB/tmp/zone" >"$LAB/tmp/example"
lab-dns-add --replace example "$LAB/tmp/example"
nginx -c "$LAB_SRC/tests/discovery/many.conf" -e "$LAB/log/many.err" || exit 1

{
	echo "$found"
	seq_of 'u@n%g.many.example' 440
	seq_of 'u@s%g.many.example' 100
	seq_of 'u@r%g.many.example' 100
	seq_of 'u@h%g.many.example' 100
	seq_of 'u@l%g.many.example' 50
	seq_of 'u@d%g.dead.example' 100
	seq_of 'u@b%g.bogus.example' 50
} | shuf --random-source="$LAB/www/many.example/large" >"$LAB/tmp/addresses"
is 'a thousand' "$(wc -l <"$LAB/tmp/addresses")" 1000
printf '[sealpost]\ntimeout = %ss\n' $deadline >"$LAB/tmp/conf"

begin=$(date +%s)
rc=0
# shellcheck disable=SC2046 # addresses
timeout 300 time -f '%M' -o "$LAB/tmp/memory" sealpost -C "$LAB/tmp/conf" lookup --json -- $(cat "$LAB/tmp/addresses") \
	>"$LAB/tmp/out" 2>"$LAB/tmp/err" || rc=$?
took=$(($(date +%s) - begin))
diag "$took s, $(tail -n 1 "$LAB/tmp/memory") kB"
is 'exit' "$rc" 75
verdicts() { # LETTER
	jq -r "select(.address | startswith(\"u@$1\")) | .status + \" \" + (.absence // \"-\")" "$LAB/tmp/out" | sort | uniq -c | xargs
}
is 'those that have a key' "$(verdicts k)" '60 usable -'
is 'those that have none' "$(verdicts n)" '440 absent proved'
is 'silent hosts' "$(verdicts s)" '100 unknown -'
is 'hosts that refuse' "$(verdicts r)" '100 unknown -'
is 'one octet a second' "$(verdicts h)" '100 unknown -'
is 'too much' "$(verdicts l)" '50 unknown -'
is 'dead name servers' "$(verdicts d)" '100 unknown -'
is 'forged answers' "$(verdicts b)" '50 unknown -'
is 'in the order of the addresses' "$(jq -r .address "$LAB/tmp/out" | cmp - "$LAB/tmp/addresses" 2>&1)" ''
reasons() { # LETTER ERE: how many reasons are like that
	jq -r "select(.address | startswith(\"u@$1\")) | .reason" "$LAB/tmp/out" | grep -Ec "$2"
}
is 'and why' "$(reasons s 'no connection within') $(reasons r 'connection refused') $(reasons h 'no answer within') $(reasons l 'too large')" \
	'100 100 100 50'
case $LAB_BUILD in
*/developer) skip 2 'sanitizers take time and memory of their own' ;;
*)
	ok 'within three deadlines' test "$took" -le $((3 * deadline))
	ok 'within 100 MB' test "$(tail -n 1 "$LAB/tmp/memory")" -le 102400
	;;
esac

# Those of one host at once.
lab-dns-add example "_443._tcp.k2.many TLSA 3 1 1 $(openssl x509 -in "$LAB/tls/many.example.pem" -noout -pubkey |
	openssl pkey -pubin -outform DER | sha256sum | cut -d ' ' -f 1)"
for host in k1 k2; do
	: >"$LAB/log/many.log"
	# shellcheck disable=SC2046 # addresses
	run sealpost -C "$LAB/tmp/conf" lookup --fresh --json -- "u@$host.many.example" $(seq_of "v%g@$host.many.example" 20)
	is "21 at $host" "$(printf '%s\n' "$out" | jq -r '.status + " " + .tls' | sort | uniq -c | xargs)" \
		"$([ $host = k1 ] && echo 20 absent webpki 1 usable webpki || echo 20 absent webpki+dane 1 usable webpki+dane)"
	is 'each with the key of the server' "$(printf '%s\n' "$out" | jq -r '.evidence.urls[0] | .spki_sha256 + " " + .ip' | sort -u | wc -l)" 1
	is 'over one connection' "$(cut -d ' ' -f 1 "$LAB/log/many.log" | sort | uniq -c | awk '{ print $1 }' | xargs)" 21
done
done_testing
