#!/bin/sh
# SPDX-License-Identifier: ISC
# publish from the advanced method to the direct one: refused until the domain itself serves each key as it is published.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/publish.sh
. "$(dirname "$0")/../publish.sh"
in_lab "$0" "$@"

cd "$LAB/tmp" || exit 1
mkdir keys gnupg served
chmod 700 gnupg
own() {
	GNUPGHOME=$LAB/tmp/gnupg gpg --batch --quiet --passphrase '' "$@" 2>/dev/null
}
method() { # NAME
	printf '%s\n' '[domain]' 'name = publish.example' 'keys = keys/' 'web = 192.0.2.81' "method = $1" >site
	chmod 600 site
}
write() {
	run sealpost publish write out site
}
for who in ann bob; do
	own --quick-generate-key "$who <$who@publish.example>" future-default default 1y
	own --export "$who@publish.example" >keys/$who.pgp
done
own --quick-generate-key 'zoe <zoe@open.example>' future-default default 1y
mkdir zoe wild-served
own --export zoe@open.example >zoe/zoe.pgp
for host in openpgpkey.publish.example publish.example openpgpkey.open.example open.example; do lab-cert $host; done
server() { # HOST ROOT
	printf '\tserver {\n\t\tlisten 192.0.2.81:443 ssl;\n\t\tserver_name %s;\n\t\troot %s;\n' "$1" "$2"
	printf '\t\tssl_certificate /run/lab/tls/%s.pem;\n\t\tssl_certificate_key /run/lab/tls/%s.pem;\n\t}\n' "$1" "$1"
}
method both
write
is 'written for both methods' "$rc $(find out/www -path '*/hu/*' | wc -l)" '0 4'
cp -R out/www/publish.example/. served
lab-dns-add publish.example '@ A 192.0.2.81' 'openpgpkey A 192.0.2.81'
{
	echo 'default_type application/octet-stream;'
	server openpgpkey.publish.example "$LAB/tmp/out/www/openpgpkey.publish.example"
	server publish.example "$LAB/tmp/served"
	server openpgpkey.open.example "$LAB/tmp/wild/www/openpgpkey.open.example"
	server open.example "$LAB/tmp/wild-served"
} | nginx_serves publish.example
run sealpost publish verify --no-smtp --json site
is 'verify: keys without CORS are said to differ' "$(printf '%s' "$out" | jq -r '[.files[] | select(.url | test("/hu/[a-z0-9]{32}$")) | select((.reason // "") | test("^Access-Control"))] | length')" 4
# The second of two is looked at too.
key=$(find served -path '*/hu/*' | sort | tail -n 1)
mv "$key" kept
method direct
write
is 'one key is not served by the direct method: refused' "$rc" 69
like 'and said' "$err" '^sealpost: not done: direct: publish.example: the direct method does not serve the same keys yet$'
is 'the host stays, in DNS too' "$(find out/www -path '*/openpgpkey.*/hu/*' | wc -l) $(grep -c '^openpgpkey.*IN A ' out/dns/publish.example.zone)" '2 1'
head -c 100 kept >"$key"
write
is 'a key is served otherwise than published: refused' "$rc" 69
cp kept "$key"
write
is 'all are served: the address may go' "$rc $(grep -c '^openpgpkey.*IN A ' out/dns/publish.example.zone)" '0 0'
is 'and what lies there stays while it has not' "$(find out/www -path '*/openpgpkey.*/hu/*' | wc -l)" 2
later() { # SECONDS: what was seen live was seen so much earlier
	sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE live SET first = first - $1, last = last - $1"
}
advanced() {
	find out/www -path '*/openpgpkey.*/hu/*' | wc -l
}
direct() {
	find out/www -path '*/publish.example/*/hu/*' ! -path '*/openpgpkey.*' | wc -l
}
if [ -x /usr/bin/sqlite3 ]; then
	sed -i -E '/^openpgpkey(\.publish\.example\.)?[[:space:]]/d' "$LAB/dns/src/publish.example"
	lab-dns-add publish.example
	write
	is 'the address has gone: its TTL is waited for' "$rc $(advanced)" '0 2'
	later 3700
	write
	is 'then it goes too' "$rc $(advanced)" '0 0'

	# And back.
	method advanced
	write
	is 'back: the direct method goes on' "$rc $(advanced) $(direct)" '69 2 2'
	like 'back: the host is not served yet' "$err" '^sealpost: not done: host: publish.example: the keys are not served at openpgpkey. yet'
	write
	is 'served there now: the address may be told' "$rc $(grep -c '^openpgpkey.*IN A ' out/dns/publish.example.zone)" '0 1'
	lab-dns-add publish.example 'openpgpkey A 192.0.2.81'
	write
	is 'that there was none is remembered for a while' "$rc $(advanced) $(direct)" '0 2 2'
	later 10900
	write
	is 'then the direct method goes' "$rc $(advanced) $(direct)" '0 2 0'
else
	skip 'the waits' 'sqlite3 is not installed'
fi

# Where a wildcard has the same address, in a zone that is not signed.
wild() { # METHOD
	printf '%s\n' '[domain]' 'name = open.example' 'keys = zoe/' 'web = 192.0.2.81' "method = $1" >wild-site
	chmod 600 wild-site
	run sealpost publish write wild wild-site
}
at_host() {
	sed -n 's/^openpgpkey\.open\.example\. 3600 IN //p' wild/dns/open.example.zone | sort | tr '\n' ' '
}
lab-dns-add open.example '@ A 192.0.2.81' '* A 192.0.2.81' 'openpgpkey A 192.0.2.81'
wild both
is 'wildcard: written for both' "$rc $(at_host)" '0 A 192.0.2.81 '
wild direct
is 'wildcard: the direct method does not serve it yet: nothing changes' "$rc $(at_host)" '69 A 192.0.2.81 '
cp -R wild/www/open.example/. wild-served
wild direct
is 'wildcard: served: the record that keeps it away comes, the address stays' "$rc $(at_host)" '69 A 192.0.2.81 TXT "" '
like 'wildcard: said' "$err" '^sealpost: not done: direct: open.example: a wildcard in DNS would stand in for openpgpkey.'
like 'wildcard: and what to do' "$err" '^hint: put openpgpkey TXT "" beside the address first'
run sealpost publish plan --json wild-site
is 'wildcard: plan has it as missing' "$rc $(printf '%s' "$out" | jq -r '.records[] | select(.name == "openpgpkey.open.example") | .type + " " + .state' | sort | tr '\n' ' ')" \
	'69 A right AAAA right TXT missing '
lab-dns-add open.example 'openpgpkey TXT ""'
wild direct
is 'wildcard: the record is live: the address may go' "$rc $(at_host)" '0 TXT "" '
sed -i '/^openpgpkey A /d' "$LAB/dns/src/open.example"
lab-dns-add open.example
wild direct
is 'wildcard: it has gone' "$rc $(at_host)" '0 TXT "" '
run sealpost lookup --json zoe@open.example
is 'wildcard: and the key is found' "$rc $(printf '%s' "$out" | jq -r .method)" '0 wkd-direct'
done_testing
