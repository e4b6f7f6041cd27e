#!/bin/sh
# SPDX-License-Identifier: ISC
# check --live: what mail servers say when they are asked for TLS, good ones and odd ones, and how that is judged by DANE
# and MTA-STS.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"
# shellcheck source=tests/discovery/sts.sh
. "$(dirname "$0")/../discovery/sts.sh"

tls=$LAB/tls
spki() { openssl x509 -in "$1" -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1; }
cert() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d' ' -f1; }

lab-cert good.live.example good.live.example eefull.live.example ta.live.example tahop.live.example
cat "$LAB/ca/ca.pem" >>"$tls/good.live.example.pem"
# Of nobody's authority; and of one, but expired.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 20 -subj /CN=self \
	-addext subjectAltName=DNS:self.live.example -keyout "$tls/self.pem" -out "$LAB/tmp/self.crt" 2>/dev/null
cat "$LAB/tmp/self.crt" >>"$tls/self.pem"
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=old -addext subjectAltName=DNS:expired.live.example \
	-keyout "$tls/expired.pem" -out "$LAB/tmp/expired.csr" 2>/dev/null
lab-sign-expired "$LAB/tmp/expired.csr" >>"$tls/expired.pem"

set -- "good=192.0.2.130:$tls/good.live.example.pem" "good=192.0.2.131:$tls/self.pem" "good=192.0.2.132:$tls/expired.pem"
n=133
: >"$LAB/tmp/zone"
for kind in plain refuses injects breaks garbled turns silent banner line drip strange closes slow; do
	set -- "$@" "$kind=192.0.2.$n:$tls/good.live.example.pem"
	echo "$kind-h A 192.0.2.$n"
	echo "$kind MX 10 $kind-h"
	n=$((n + 1))
done >>"$LAB/tmp/zone"
cases_start "$(dirname "$0")/../discovery/odd-smtp" "$@"

wrong=$(printf '%064d' 0)
good=$tls/good.live.example.pem
ca=$LAB/ca/ca.pem
# Each host is its own domain's mail server, at the given server, with the given TLSA record.
host() { # NAME ADDRESS TLSA
	echo "$1 MX 10 $1"
	echo "$1 A 192.0.2.$2"
	[ -z "$3" ] || echo "_25._tcp.$1 TLSA $3"
}
{
	host ee 130 "3 1 1 $(spki "$good")"
	host eefull 130 "3 0 1 $(cert "$good")"
	host eewrong 130 "3 1 1 $wrong"
	host eeself 131 "3 1 1 $(spki "$tls/self.pem")"
	host eeexpired 132 "3 1 1 $(spki "$tls/expired.pem")"
	host ta 130 "2 0 1 $(cert "$ca")"
	host tawrong 130 "2 0 1 $wrong"
	host taname 130 "2 0 1 $(cert "$ca")"
	echo "tahop MX 10 tahop-h"
	host tahop-h 130 "2 0 1 $(cert "$ca")"
	host unusable 130 "1 1 1 $(spki "$good")"
	host good 130 ""
	host self 131 ""
	host expired 132 ""
	host refused 129 ""
	for name in good self expired plain; do
		host=$name
		[ $name != plain ] || host=plain-h
		echo "sts$name MX 10 $host"
		echo "_mta-sts.sts$name TXT \"v=STSv1; id=1\""
		echo "mta-sts.sts$name A 192.0.2.92"
		policy "sts$name.live.example" enforce '*.live.example'
	done
	echo "stsname MX 10 ta2"
	echo "ta2 A 192.0.2.130"
	echo '_mta-sts.stsname TXT "v=STSv1; id=1"'
	echo "mta-sts.stsname A 192.0.2.92"
	policy stsname.live.example enforce '*.live.example'
} >>"$LAB/tmp/zone"
lab-dns-add --replace live.example "$LAB/tmp/zone" || exit 1
sts_serve

all='ee eefull eewrong eeself eeexpired ta tawrong taname tahop unusable good self refused stsgood stsself stsexpired stsname
stsplain plain refuses injects breaks garbled turns silent banner line drip strange closes slow'
pids=
for name in $all; do
	sealpost check --live=2525 --json "$name.live.example" >"$LAB/tmp/$name.json" 2>"$LAB/tmp/$name.err" &
	pids="$pids $!"
done
# shellcheck disable=SC2086 # words
wait $pids

saw() { # NAME STATUS RESULT STARTTLS DANE PKIX [FILTER]
	name=$1
	want="$2 $3 $4 $5 $6"
	got=$(jq -r '.mx[0].live | [.status, .result, .starttls, .dane_match, .pkix] | map(if . == null then "-" else tostring end)
		| join(" ")' "$LAB/tmp/$name.json")
	if [ "$got" = "$want" ] && { [ -z "${7-}" ] || jq -e "$7" "$LAB/tmp/$name.json" >/dev/null; }; then
		pass "$name: $2"
	else
		fail "$name: $2"
		diag "wanted: $want ${7-}" "got: $got" "$(jq -c '.mx[0].live' "$LAB/tmp/$name.json")" "$(cat "$LAB/tmp/$name.err")"
	fi
}

saw ee authenticated - yes yes no '.mx[0].live.tls_version == "TLSv1.3" and .mx[0].live.requiretls == "yes"'
saw eefull authenticated - yes yes yes
saw eewrong failed validation-failure yes no no
saw eeself authenticated - yes yes no
saw eeexpired authenticated - yes yes no
saw ta authenticated - yes yes yes
saw tawrong failed validation-failure yes no no
saw taname failed validation-failure yes no no '.mx[0].live.reason | test("ostname")'
saw tahop authenticated - yes yes no
saw unusable encrypted - yes - no
saw good encrypted - yes - yes
saw self encrypted - yes - no
saw refused unknown - unknown - - '.mx[0].live.reason | test("refused")'
saw stsgood authenticated - yes - yes
saw stsself failed certificate-not-trusted yes - no
saw stsexpired failed certificate-expired yes - no
saw stsname failed certificate-host-mismatch yes - no
saw stsplain failed starttls-not-supported no - -
saw plain failed starttls-not-supported no - -
saw refuses failed validation-failure yes - -
saw injects failed validation-failure yes - - '.mx[0].live.injected and .mx[0].live.requiretls != "yes"'
saw breaks failed validation-failure yes - -
saw garbled failed validation-failure yes - -
saw slow encrypted - yes - no
saw turns unknown - unknown - -
saw silent unknown - unknown - -
saw banner unknown - unknown - -
saw line unknown - unknown - -
saw drip unknown - unknown - -
saw strange unknown - unknown - -
saw closes unknown - unknown - -

# No address, no mail, no name of this machine has been said.
is "nothing is said but what leads to TLS, and farewell" \
	"$(sed 's/\r$//; s/^EHLO \[[0-9.]*\]$/EHLO [address]/' "$LAB/log/odd-smtp" | sort -u | tr '\n' ',')" \
	'EHLO [address],QUIT,STARTTLS,'
ok "the certificates that the hosts showed are told" jq -e \
	'[.ct[]? // .certificates[]? | select(.host == "ee.live.example" or .name == "ee.live.example")] | length == 1' "$LAB/tmp/ee.json"
done_testing
