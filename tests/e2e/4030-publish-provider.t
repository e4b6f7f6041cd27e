#!/bin/sh
# SPDX-License-Identifier: ISC
# publish for a provider: Caddy with the written configuration gets certificates from Pebble on demand, for names that point
# here and are listed, and for no others.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
lab_options=--caps
in_lab "$0" "$@"
command -v caddy >/dev/null || skip_all 'caddy is not installed'
command -v pebble >/dev/null || skip_all 'pebble is not installed'

cd "$LAB/tmp" || exit 1
mkdir -p keys/customer.example gnupg
chmod 700 gnupg
own() {
	GNUPGHOME=$LAB/tmp/gnupg gpg --batch --quiet --passphrase '' "$@" 2>/dev/null
}
own --quick-generate-key 'Cat <cat@publish.example>' future-default default 1y
mkdir -p keys/publish.example
own --export cat@publish.example >keys/publish.example/cat.pgp

# The authority.
lab-cert localhost
cat >pebble.json <<JSON
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
	"certificate": "/run/lab/tls/localhost.pem", "privateKey": "/run/lab/tls/localhost.pem",
	"httpPort": 80, "tlsPort": 443, "externalAccountBindingRequired": false}}
JSON
PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config pebble.json -dnsserver 127.0.0.1:53 >pebble.log 2>&1 &
for try in 1 2 3 4 5 6 7 8 9 10; do
	curl -s -o root.pem https://localhost:15000/roots/0 && break
	sleep "0.$try"
done
ok 'the authority answers' test -s root.pem

cat >site <<'SITE'
[provider]
host = wkd.sender.example
domains = customers
keys = keys/%d/
web = 192.0.2.82
listen = 192.0.2.82
acme = https://localhost:14000/dir
acme-ca = /etc/ssl/certs/ca-certificates.crt
mta-sts = testing
mx = mx.publish.example
SITE
printf 'publish.example tok1\nabsent.example tok2\n' >customers
chmod 600 site customers
write() {
	run sealpost publish write out site
}
write
is 'written' "$rc" 0
run sealpost publish plan site
like 'what certificates cost is told before' "$out" '^wkd.sender.example: 4 names have no certificate yet$'
is 'nobody points here yet' "$(ls out/hosts 2>/dev/null)" ''
set --
while read -r line; do set -- "$@" "$line"; done <out/dns/wkd.sender.example.zone
lab-dns-add sender.example "$@"
set --
while read -r line; do set -- "$@" "$line"; done <out/dns/publish.example.zone
lab-dns-add publish.example "$@"
write
is 'the customer who took the letter points here, the other does not' "$rc $(ls out/hosts | tr '\n' ' ')" \
	'0 mta-sts.publish.example openpgpkey.publish.example '

XDG_DATA_HOME=$LAB/tmp/caddy XDG_CONFIG_HOME=$LAB/tmp/caddy HOME=$LAB/tmp caddy run --adapter caddyfile --config out/Caddyfile >caddy.log 2>&1 &
cat "$LAB/ca/ca.pem" root.pem >bundle.pem
mount --bind bundle.pem /etc/ssl/certs/ca-certificates.crt
for try in 1 2 3 4 5 6 7 8 9 10; do
	curl -s -o /dev/null 'http://127.0.0.1:9180/?domain=none.example' && break
	sleep "0.$try"
done
before=$(date +%s)
run sealpost publish verify --no-smtp -d publish.example --json site
is 'verify opens new hosts, so that Caddy gets their certificates' "$rc $(printf '%s' "$out" | jq -r '[.files[] | select(.state != "right")] | length')" '0 0'
is 'and says whose they are' "$(printf '%s' "$out" | jq -r '[.certificates[] | .host + ":" + (.issuer | test("Pebble") | tostring)] | sort | join(" ")')" \
	'mta-sts.publish.example:true openpgpkey.publish.example:true'
ok 'one a second' test $(($(date +%s) - before)) -ge 1
run sealpost publish plan -d publish.example site
unlike 'they cost nothing more' "$out" 'no certificate yet'
got=
for try in 1 2 3 4 5 6 7 8 9 10; do
	got=$(curl -s --cacert root.pem https://openpgpkey.publish.example/.well-known/openpgpkey/publish.example/policy -o /dev/null -w '%{http_code}')
	[ "$got" = 200 ] && break
	sleep "0.$try"
done
is 'Caddy has got a certificate, and serves the policy file' "$got" 200
key=$(find out/www -path '*/hu/*')
url=https://openpgpkey.publish.example/.well-known/openpgpkey/publish.example/hu/${key##*/}
is 'and the key, byte by byte' "$(curl -s --cacert root.pem "$url" | sha256sum)" "$(sha256sum <"$key")"
is 'type and CORS' "$(curl -sI --cacert root.pem "$url" | tr -d '\r' | grep -iE '^(content-type|access-control)' | sort | tr '\n' ' ')" \
	'access-control-allow-origin: * content-type: application/octet-stream '
is 'a stranger: 404' "$(curl -s --cacert root.pem -o /dev/null -w '%{http_code}' "${url%/*}/yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy")" 404
is 'the policy' "$(curl -s --cacert root.pem https://mta-sts.publish.example/.well-known/mta-sts.txt | head -n 1 | tr -d '\r')" 'version: STSv1'
not_ok 'a name that is not listed gets no certificate' curl -s --cacert root.pem --connect-to ::192.0.2.82:443 \
	https://openpgpkey.absent.example/.well-known/openpgpkey/absent.example/policy

# A customer leaves: while its names lead here, mode none stays served, and the record that tells of it.
printf 'absent.example tok2\n' >customers
record() {
	grep '^publish.example._mta-sts.wkd.sender.example. ' out/dns/wkd.sender.example.zone
}
before=$(record)
write
is 'a customer off the list, whose names lead here: refused' "$rc" 69
like 'and said' "$err" '^sealpost: not done: customer: publish.example: its names still point here$'
run sealpost publish plan site
is 'plan tells it too' "$rc $(printf '%s\n' "$out" | grep -A 1 '^publish.example: not in the file any more$' | tail -n 1)" '69   unsafe   customer'
is 'mode none is served' "$(curl -s --cacert root.pem https://mta-sts.publish.example/.well-known/mta-sts.txt | tr -d '\r' | sed -n 2p)" 'mode: none'
is 'its certificate stays, the keys go' "$(ls out/hosts) $(find out/www -path '*/hu/*')" 'mta-sts.publish.example '
like 'the record stays' "$(record)" 'v=STSv1; id='
not_ok 'with another id' test "$(record)" = "$before"
sed -i -E '/^(openpgpkey|mta-sts|_mta-sts)\.publish\.example\. /d' "$LAB/dns/src/publish.example"
lab-dns-add publish.example
write
is 'its names have gone: the old policy is waited for' "$rc $(printf '%s\n' "$err" | grep -c "customer: publish.example: senders keep the customer's old policy")" '1 1'
ok 'mode none stays so long' test -e out/www/mta-sts.publish.example/.well-known/mta-sts.txt
if [ -x /usr/bin/sqlite3 ]; then
	sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE live SET first = first - 700000, last = last - 700000 WHERE domain = 'publish.example'"
	write
	is 'the wait is over: all of it goes, by itself' "$rc $(find out -name '*publish.example*')" '0 '
else
	skip 'the wait is over' 'sqlite3 is not installed'
fi
done_testing
