#!/bin/sh
# SPDX-License-Identifier: ISC
# publish for a provider: Caddy with the written configuration gets certificates from Pebble on demand, for names that point
# here and are listed, and for no others.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
lab_options=--caps
# shellcheck source=tests/publish.sh
. "$(dirname "$0")/../publish.sh"
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

pebble_starts
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
	run sealpost publish write "$@" out site
}
write
is 'written' "$rc" 0
run sealpost publish plan site
like 'what certificates cost is told before' "$out" '^wkd.sender.example: 4 names have no certificate yet$'
is 'nobody points here yet' "$(ls out/hosts 2>/dev/null)" ''
lab-dns-add sender.example - <out/dns/wkd.sender.example.zone
lab-dns-add publish.example - <out/dns/publish.example.zone
write
is 'the customer who took the letter points here, the other does not' "$rc $(ls out/hosts | tr '\n' ' ')" \
	'0 mta-sts.publish.example openpgpkey.publish.example '

policy_file=https://openpgpkey.publish.example/.well-known/openpgpkey/publish.example/policy
caddy_serves $policy_file
got=$(curl -s -o /dev/null -w '%{http_code}' $policy_file)
is 'Caddy has got a certificate, and serves the policy file' "$got" 200
key=$(find out/www -path '*/hu/*')
url=https://openpgpkey.publish.example/.well-known/openpgpkey/publish.example/hu/${key##*/}
is 'and the key, byte by byte' "$(curl -s "$url" | sha256sum)" "$(sha256sum <"$key")"
is 'type and CORS' "$(curl -sI "$url" | tr -d '\r' | grep -iE '^(content-type|access-control)' | sort | tr '\n' ' ')" \
	'access-control-allow-origin: * content-type: application/octet-stream '
is 'a stranger: 404' "$(curl -s -o /dev/null -w '%{http_code}' "${url%/*}/yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy")" 404
is 'the policy' "$(curl -s https://mta-sts.publish.example/.well-known/mta-sts.txt | head -n 1 | tr -d '\r')" 'version: STSv1'
not_ok 'a name that is not listed gets no certificate' curl -s --connect-to ::192.0.2.82:443 \
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
is 'mode none is served' "$(curl -s https://mta-sts.publish.example/.well-known/mta-sts.txt | tr -d '\r' | sed -n 2p)" 'mode: none'
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

# Many customers at once: write asks few of their hosts at a time, so that Caddy fetches a certificate for each.
certificates() {
	find caddy -name '*c[0-9].publish.example.crt' | wc -l
}
takes() { # ZONE FILE: what was written, into the zone
	grep -E '^[a-z0-9._-]*c[0-9]\.' "$2" | lab-dns-add "$1" -
}
for n in 1 2 3 4 5 6; do echo "c$n.publish.example tokc$n"; done >customers
write --force=customer
grep -E '^(tokc[0-9]|c[0-9])\.' out/dns/wkd.sender.example.zone | lab-dns-add sender.example -
for n in 1 2 3 4 5 6; do takes publish.example out/dns/c$n.publish.example.zone; done
write
is 'many: their hosts are listed' "$rc $(ls out/hosts | wc -l)" '0 12'
like 'many: and not asked yet' "$err" '6 domains have new hosts that are not asked yet'
write
some=$(certificates)
like 'many: the others are told of' "$err" '[1-6] domains have new hosts that are not asked yet'
ok 'many: few of them are' test "$some" -ge 1 -a "$some" -le 5
for _ in 1 2 3 4 5; do
	write
	[ "$(certificates)" -eq "$some" ] || break
done
ok 'many: others the next time' test "$(certificates)" -gt "$some"
done_testing
