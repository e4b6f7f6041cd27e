#!/bin/sh
# SPDX-License-Identifier: ISC
# publish: Knot takes the script for nsupdate and signs what it brings; sets that are wanted no more go away again.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
command -v knotd >/dev/null || skip_all 'knot is not installed'
command -v kdig >/dev/null || skip_all 'knot-dnsutils is not installed'

cd "$LAB/tmp" || exit 1
mkdir -p keys gnupg knot/run knot/db
chmod 700 gnupg
own() {
	GNUPGHOME=$LAB/tmp/gnupg gpg --batch --quiet --passphrase '' "$@" 2>/dev/null
}
for who in ann bob; do
	own --quick-generate-key "$who <$who@publish.example>" future-default default 1y
	own --export "$who@publish.example" >keys/$who.pgp
done
settings() { # LINE...
	printf '%s\n' '[domain]' 'name = publish.example' 'keys = keys/' 'web = 192.0.2.81' 'ns = 192.0.2.81' 'openpgpkey-records = yes' "$@" >site
	chmod 600 site
}
write() {
	run sealpost publish write "$@" out site
}
cat >knot/zone <<'ZONE'
$ORIGIN publish.example.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
@ MX 10 mx
ns A 192.0.2.81
mx A 192.0.2.25
other TXT "somebody else's"
_mta-sts CNAME policy.elsewhere.example.
_25._tcp.mx CNAME tlsa.elsewhere.example.
openpgpkey TXT ""
mta-sts CNAME www.elsewhere.example.
ZONE
cat >knot/conf <<CONF
server:
    rundir: $LAB/tmp/knot/run
    listen: 192.0.2.81@53
database:
    storage: $LAB/tmp/knot/db
acl:
  - id: update
    address: [192.0.2.0/24, 127.0.0.0/8]
    action: update
zone:
  - domain: publish.example
    storage: $LAB/tmp/knot
    file: zone
    dnssec-signing: on
    acl: update
CONF
knotd -c knot/conf >knot/log 2>&1 &
# Knot's own client does not look for the zone by itself.
cat >update <<'SH'
#!/bin/sh
if [ -x /usr/bin/nsupdate ]; then exec nsupdate "$1"; fi
{ echo 'zone publish.example.'; cat "$1"; } | knsupdate
SH
chmod 755 update
ask() { # NAME TYPE
	kdig +short +time=2 @192.0.2.81 "$1" "$2" 2>/dev/null
}
serves_zone() {
	[ -n "$(ask publish.example SOA)" ]
}
within 20 serves_zone
names() { # the owner names of OPENPGPKEY records in the tree's zone lines
	sed -n 's/^\([^ ]*\) .* IN TYPE61 .*/\1/p' out/dns/publish.example.zone | sort
}

settings 'mta-sts = testing' 'mx = mx.publish.example'
write
is 'written' "$rc $(names | wc -l)" '0 2'
check_exit 0 ./update out/dns/publish.example.nsupdate
ann=$(names | sed -n 1p) bob=$(names | sed -n 2p)
is 'both keys are in the zone' "$(ask "$ann" TYPE61 | head -n 1 | wc -l) $(ask "$bob" TYPE61 | head -n 1 | wc -l)" '1 1'
is 'and the addresses' "$(ask openpgpkey.publish.example A) $(ask mta-sts.publish.example A)" '192.0.2.81 192.0.2.81'
like 'the policy as well' "$(ask _mta-sts.publish.example TXT)" 'v=STSv1; id='
like 'Knot signs what it took' "$(kdig +dnssec +noall +answer @192.0.2.81 "$ann" TYPE61)" 'RRSIG'
before=$(cat out/dns/publish.example.nsupdate)
write
is 'again: the same script' "$(cat out/dns/publish.example.nsupdate)" "$before"

# What is told in an order that cuts sets apart: addresses of two kinds, two keys of two mail servers.
for key in now next; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=mx -keyout $key.key -out $key.pem 2>/dev/null
done
settings 'mta-sts = testing' 'mx = mx.publish.example mx2.publish.example' 'web = 2001:db8::81 192.0.2.82 192.0.2.81' \
	'tlsa-from = now.pem next.pem'
write --force=tlsa
is 'written, with keys of mail servers' "$rc $(grep -c ' IN TLSA 3 1 1 ' out/dns/publish.example.zone)" '0 4'
check_exit 0 ./update out/dns/publish.example.nsupdate
for host in mx mx2; do
	is "$host: both keys" "$(ask _25._tcp.$host.publish.example TLSA | grep -c '^3 1 1')" 2
done
is 'all addresses, each once' "$(ask openpgpkey.publish.example A | sort | tr '\n' ' ')$(ask openpgpkey.publish.example AAAA)" \
	'192.0.2.81 192.0.2.82 2001:db8::81'
settings 'mta-sts = testing' 'mx = mx.publish.example'
sed -i 's/^web = .*/web = www.publish.example/' site
write
check_exit 0 ./update out/dns/publish.example.nsupdate
is 'an alias in the place of addresses' "$(ask openpgpkey.publish.example CNAME)" 'www.publish.example.'
settings 'mta-sts = testing' 'mx = mx.publish.example'
write
check_exit 0 ./update out/dns/publish.example.nsupdate
is 'and back' "$(ask openpgpkey.publish.example CNAME)$(ask openpgpkey.publish.example A)" '192.0.2.81'

rm keys/bob.pgp
write --force=withdraw
is 'bob is withdrawn' "$rc $(names | wc -l)" '0 1'
gone=$ann
[ "$(names)" = "$ann" ] && gone=$bob
is 'the script takes his records away' "$(grep -Fxc "update delete $gone TYPE61" out/dns/publish.example.nsupdate)" 1
before=$(cat out/dns/publish.example.nsupdate)
write
is 'so does the next, as nobody knows whether this one was run' "$(cat out/dns/publish.example.nsupdate)" "$before"
check_exit 0 ./update out/dns/publish.example.nsupdate
is 'they have gone, the other stays' "$(ask "$gone" TYPE61)$(ask "$(names)" TYPE61 | head -n 1 | wc -l)" 1
is 'what is not ours stays too' "$(ask other.publish.example TXT)" "\"somebody else's\""
own --export bob@publish.example >keys/bob.pgp
write
check_exit 0 ./update out/dns/publish.example.nsupdate
is 'and come back' "$(ask "$gone" TYPE61 | head -n 1 | wc -l) $(grep -Fxc "update delete $gone TYPE61" out/dns/publish.example.nsupdate)" '1 1'
done_testing
