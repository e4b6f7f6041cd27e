#!/bin/sh
# SPDX-License-Identifier: ISC
# Discovery, DNS: which method is chosen, and that a failure of DNS is never taken for absence.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"

# Changes a zone's file after it was signed: what an attacker on the path could send.
tamper() { # ZONE SED_COMMANDS
	sed -i -e "$2" "$LAB/dns/$1.zone"
	nsd-control -c "$LAB/etc/nsd.conf" reload "$1" >/dev/null
	lab-dns-flush "$1"
}

cases_start "$LAB_SRC/tests/discovery/odd-dns" 192.0.2.153
cases_key x@nodata.example x@four.family.example x@six.family.example x@chain.example x@out.chain.example \
	x@servfail.half.example x@silent.half.example x@direct.half.example x@tampered.example \
	x@four.tampered.example x@six.tampered.example x@tamperednx.example x@stale.example x@bogusdirect.example \
	x@wild.example x@sub.wild.example x@wildalias.example x@wildtarget.example x@wildreplay.example \
	x@wildunsigned.example x@covered.wildunsigned.example x@single.example
cases_publish direct x@nodata.example x@direct.half.example x@tamperednx.example x@bogusdirect.example x@wild.example \
	x@sub.wild.example x@wildalias.example x@wildtarget.example x@wildreplay.example \
	x@wildunsigned.example x@covered.wildunsigned.example x@single.example
cases_publish advanced x@four.family.example x@six.family.example x@chain.example x@out.chain.example \
	x@servfail.half.example x@silent.half.example x@tampered.example x@four.tampered.example x@six.tampered.example \
	x@stale.example

for host in four.family six.family chain out.chain servfail.half silent.half wildtarget covered.wildunsigned; do
	lab-cert "openpgpkey.$host.example"
done
lab-cert direct.half.example
lab-cert openpgpkey.star.wildunsigned.example '*.star.wildunsigned.example'
lab-cert openpgpkey.policy.wildunsigned.example
for host in star policy; do
	mkdir -p "$LAB/www/openpgpkey.$host.wildunsigned.example/.well-known/openpgpkey/$host.wildunsigned.example"
	: >"$LAB/www/openpgpkey.$host.wildunsigned.example/.well-known/openpgpkey/$host.wildunsigned.example/policy"
done
lab-cert sub.wild.example
# A web server that answers for any name does it with a certificate for its own.
for host in wild wildalias sub.wild wildunsigned own.wildunsigned single; do
	lab-cert "openpgpkey.$host.example" "$host.example"
done

tamper tampered.example "/^openpgpkey\.tampered\.example\./s/192\.0\.2\.80\$/192.0.2.81/
	/^openpgpkey\.tampered\.example\./s/2001:db8::80\$/2001:db8::81/
	/^openpgpkey\.four\.tampered\.example\./s/2001:db8::80\$/2001:db8::81/
	/^openpgpkey\.six\.tampered\.example\./s/192\.0\.2\.80\$/192.0.2.81/"
tamper tamperednx.example '/^openpgpkey\.tamperednx\.example\./d'
tamper wildreplay.example '/^openpgpkey\./{
		/NSEC/!d
	}
	/^\*\./{
		p
		s/^\*\./openpgpkey./
	}'

case_ 1 'advanced' alice@advanced.example usable method=wkd-advanced dnssec=secure tls=webpki absence=- urls=1 \
	fpr=alice@advanced.example
case_ 2 'direct, NXDOMAIN proved' bob@direct.example usable method=wkd-direct dnssec=secure tls=webpki urls=1 \
	fpr=bob@direct.example
case_ 2 'direct, NXDOMAIN proved, no key' x@direct.example absent absence=proved urls=1
case_ 3 'direct, NODATA proved' x@nodata.example usable method=wkd-direct dnssec=secure urls=1 fpr=x@nodata.example
case_ 4 'direct, unsigned zone' dave@unsigned.example usable method=wkd-direct dnssec=insecure tls=webpki \
	fpr=dave@unsigned.example
case_ 4 'direct, unsigned zone, no key' x@unsigned.example absent absence=unproved urls=1
case_ 5 'IPv4 only' x@four.family.example usable method=wkd-advanced dnssec=secure fpr=x@four.family.example
case_ 6 'IPv6 only' x@six.family.example usable method=wkd-advanced dnssec=secure fpr=x@six.family.example
case_ 7 'address, AAAA SERVFAIL' x@servfail.half.example usable method=wkd-advanced dnssec=insecure \
	fpr=x@servfail.half.example
case_ 7 'address, AAAA not answered' x@silent.half.example usable method=wkd-advanced dnssec=insecure \
	fpr=x@silent.half.example
case_ 7 'no address, AAAA SERVFAIL' x@none.half.example unknown absence=- urls=0 reason='openpgpkey\.none\.half\.example'
case_ 7 'REFUSED' x@refused.half.example unknown absence=- urls=0 reason='openpgpkey\.refused\.half\.example'
case_ 7 'the same server denying' x@direct.half.example usable method=wkd-direct dnssec=insecure
case_ 8 'address, AAAA bogus: a validated address is one' x@four.tampered.example usable method=wkd-advanced \
	dnssec=secure fpr=x@four.tampered.example
case_ 8 'IPv6 address, A bogus' x@six.tampered.example usable method=wkd-advanced dnssec=secure \
	fpr=x@six.tampered.example
case_ 9 'CNAME chain, signed' x@chain.example usable method=wkd-advanced dnssec=secure fpr=x@chain.example
case_ 10 'CNAME from signed into unsigned' x@out.chain.example usable method=wkd-advanced dnssec=insecure \
	fpr=x@out.chain.example
case_ 11 'bogus address' x@tampered.example unknown absence=- urls=0 reason='openpgpkey\.tampered\.example.*DNSSEC'
case_ 11 'signatures out of date' x@stale.example unknown absence=- urls=0 reason='openpgpkey\.stale\.example.*DNSSEC'
case_ 11 'DS does not match' x@bogus.example unknown absence=- urls=0 reason='openpgpkey\.bogus\.example.*DNSSEC'
case_ 12 'bogus NXDOMAIN' x@tamperednx.example unknown absence=- urls=0 \
	reason='openpgpkey\.tamperednx\.example.*DNSSEC'
case_ 12 'bogus NXDOMAIN, DS does not match' x@bogusdirect.example unknown absence=- urls=0 \
	reason='openpgpkey\.bogusdirect\.example.*DNSSEC'
case_ 13 'dead name servers' x@dead.example unknown timeout=4 absence=- urls=0 reason='openpgpkey\.dead\.example'
case_ 14 'no such domain' x@nosuch.example absent absence=proved urls=0
case_ 14 'no such top-level domain' x@no.such absent absence=proved urls=0
case_ 15 'wildcard, proved' x@wild.example usable method=wkd-direct dnssec=secure fpr=x@wild.example
case_ 15 'wildcard, proved, no key' nokey@wild.example absent absence=proved
case_ 15 'wildcard alias, proved' x@wildalias.example usable method=wkd-direct dnssec=secure fpr=x@wildalias.example
case_ 15 'wildcard alias, proved, no key' nokey@wildalias.example absent absence=proved
case_ 15 'domain below the wildcard, too' x@sub.wild.example usable method=wkd-direct dnssec=secure fpr=x@sub.wild.example
case_ 15 'alias of a wildcard: exists' x@wildtarget.example absent method=wkd-advanced absence=proved urls=1 \
	note='a key lies where direct would look'
case_ 15 'signature of a wildcard, for a name that exists' x@wildreplay.example unknown absence=- urls=0 \
	reason='openpgpkey\.wildreplay\.example.*DNSSEC'
case_ 16 'wildcard, unsigned' x@wildunsigned.example usable method=wkd-direct dnssec=insecure \
	fpr=x@wildunsigned.example
case_ 16 'wildcard, unsigned, no key' nokey@wildunsigned.example unknown absence=- \
	reason='openpgpkey\.wildunsigned\.example'
case_ 16 'wildcard, unsigned, no key host for direct' x@own.wildunsigned.example unknown absence=-
case_ 16 'wildcard, unsigned, a certificate for *.DOMAIN' x@star.wildunsigned.example absent absence=unproved urls=1
case_ 16 'wildcard, unsigned, a certificate for it, and a policy' x@policy.wildunsigned.example absent absence=proved urls=2
case_ 16 'wildcard, unsigned, but the certificate covers it' x@covered.wildunsigned.example absent absence=unproved urls=2 \
	note='a key lies where direct would look'
case_ 16 'no wildcard, certificate for another name' x@single.example unknown absence=- \
	reason='openpgpkey\.single\.example' jq='[.evidence.urls[].url | select(startswith("https://single."))] == []'

# The root gets a second key, which does not sign yet.
(
	cd "$LAB/tmp" && ldns-keygen -k -a ECDSAP256SHA256 . >new-key && mv "$(cat new-key).key" new.key
) || exit 1
cat "$LAB/tmp/new.key" >>"$LAB/dns/src/root"
"$LAB_SRC/tests/lab/make-zones" .
nsd-control -c "$LAB/etc/nsd.conf" reload . >/dev/null
lab-dns-flush

configuration() { # NAME ANCHOR_FILE
	printf '[sealpost]\ntrust-anchor = %s\n' "$2" >"$LAB/tmp/$1.conf"
}
: >"$LAB/tmp/empty.key"
cat "$LAB/dns/anchor/root.key" "$LAB/tmp/new.key" >"$LAB/tmp/both.key"
configuration none /nonexistent/root.key
configuration empty "$LAB/tmp/empty.key"
configuration old "$LAB/dns/anchor/root.key"
configuration new "$LAB/tmp/new.key"
configuration both "$LAB/tmp/both.key"
# Cases 17 and 18 are settings of sealpost's own.
case_ 17 'no trust anchor' alice@advanced.example unknown global="-C $LAB/tmp/none.conf" absence=- urls=0 \
	reason='trust anchor' note='sealpost alone'
case_ 17 'no trust anchor, unsigned zone' x@unsigned.example unknown global="-C $LAB/tmp/none.conf" absence=- urls=0 \
	reason='trust anchor' note='sealpost alone'
case_ 17 'empty trust anchor' x@unsigned.example unknown global="-C $LAB/tmp/empty.conf" absence=- urls=0 \
	reason='trust anchor' note='sealpost alone'
case_ 18 'anchor: the root key that signs, of two' alice@advanced.example usable global="-C $LAB/tmp/old.conf" \
	dnssec=secure
case_ 18 'anchor: both root keys' bob@direct.example usable global="-C $LAB/tmp/both.conf" dnssec=secure
case_ 18 'anchor: the root key that does not sign, of two' alice@advanced.example unknown \
	global="-C $LAB/tmp/new.conf" absence=- urls=0 reason='trust anchor' note='sealpost alone'
case_ 18 'anchor: the root key that does not sign, unsigned zone' x@unsigned.example unknown \
	global="-C $LAB/tmp/new.conf" absence=- urls=0 reason='trust anchor'

cases_run

# To a clock that is years off, the signatures of today's root look like these.
sign_root() { # FROM UNTIL, in years from now
	awk '$4 !~ /^(RRSIG|NSEC|DNSKEY)$/' "$LAB/dns/root.zone" >"$LAB/tmp/root"
	now=$(date +%s)
	ldns-signzone -i "$((now + $1 * 31557600))" -e "$((now + $2 * 31557600))" -o . -f "$LAB/dns/root.zone" \
		"$LAB/tmp/root" "$LAB/dns/root"
	nsd-control -c "$LAB/etc/nsd.conf" reload . >/dev/null
	lab-dns-flush
}
sign_root 6 7
case_ 19 'the clock is years slow' alice@advanced.example unknown absence=- urls=0 reason='clock'
case_ 19 'the clock is years slow, unsigned zone' x@unsigned.example unknown absence=- urls=0 reason='clock'
cases_run
sign_root -7 -6
case_ 19 'the clock is years fast' alice@advanced.example unknown absence=- urls=0 reason='clock'
case_ 19 'the clock is years fast, unsigned zone' x@unsigned.example unknown absence=- urls=0 reason='clock'
cases_run
done_testing
