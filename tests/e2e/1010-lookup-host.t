#!/bin/sh
# SPDX-License-Identifier: ISC
# Discovery, key hosts: whatever a web server does, the verdict is right and comes in time.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"
discovery=$LAB_SRC/tests/discovery

redirected='r301 r302 r303 r307 r308 relative slashes fragment port443 hop5 hop6'
at_first=
for mailbox in $redirected; do
	at_first="$at_first $mailbox@moved.host.example"
done
# shellcheck disable=SC2086 # addresses
cases_key x@first.host.example x@halfdead.host.example $at_first x@u0.pinned.example x@u1.pinned.example x@u2.pinned.example \
	x@u3.pinned.example x@whole.pinned.example x@sha512.pinned.example x@one.pinned.example x@unusable.pinned.example \
	x@unpinned.example x@old.host.example x@self.host.example x@name.host.example x@expired.host.example \
	x@stranger.host.example x@away.pinned.example x@loose.pinned.example
# Keys that must not be looked for: the advanced host is there, however it behaves.
cases_publish direct x@first.host.example x@name.host.example x@self.host.example
cases_publish advanced x@halfdead.host.example x@u0.pinned.example x@u1.pinned.example x@u2.pinned.example \
	x@u3.pinned.example x@whole.pinned.example x@sha512.pinned.example x@one.pinned.example x@unusable.pinned.example \
	x@unpinned.example x@away.pinned.example x@loose.pinned.example x@self.host.example x@name.host.example x@expired.host.example x@stranger.host.example
# What redirects lead to: the same path at another host, or /key.
for mailbox in $redirected; do
	cases_publish advanced "$mailbox@moved.host.example"
done
mv "$LAB/www/openpgpkey.moved.host.example" "$LAB/www/openpgpkey.target.host.example"
cp "$LAB/keys/r301@moved.host.example.pub" "$LAB/www/openpgpkey.target.host.example/key"

for host in halfdead old status moved handshake silence header drip slowhead headers longheader interim close empty max more \
	claims chunked endless bomb truncated halfchunk garbled h2whole h2cut h2away h2reset h2error again; do
	lab-cert "openpgpkey.$host.host.example"
done
lab-cert soft.host.example
lab-cert openpgpkey.name.host.example other.host.example
lab-cert openpgpkey.alias.pinned.example
for host in away astray loose; do
	lab-cert "openpgpkey.$host.pinned.example"
done

# request HOST: its key, and in $LAB/tmp/odd.csr what is to be signed.
request() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=odd -addext "subjectAltName=DNS:$1" \
		-keyout "$LAB/tls/$1.pem" -out "$LAB/tmp/odd.csr" 2>/dev/null
}
# certificate HOST OPENSSL_OPTION...: not one of lab-cert's.
certificate() {
	host=$1
	shift
	request "$host"
	openssl x509 -req -in "$LAB/tmp/odd.csr" -copy_extensions copy "$@" >>"$LAB/tls/$host.pem" 2>/dev/null
}
certificate openpgpkey.self.host.example -key "$LAB/tls/openpgpkey.self.host.example.pem" -days 20
request openpgpkey.expired.host.example
lab-sign-expired "$LAB/tmp/odd.csr" >>"$LAB/tls/openpgpkey.expired.host.example.pem"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=stranger -keyout "$LAB/tmp/stranger.key" \
	-out "$LAB/tmp/stranger.pem" 2>/dev/null
certificate openpgpkey.stranger.host.example -CA "$LAB/tmp/stranger.pem" -CAkey "$LAB/tmp/stranger.key" -days 20
certificate openpgpkey.self.pinned.example -key "$LAB/tls/openpgpkey.self.pinned.example.pem" -days 20

# tlsa HOST USAGE SELECTOR MATCHING FILE: the record that matches the certificate in FILE.
tlsa() {
	case $3 in
	0) openssl x509 -in "$5" -outform DER ;;
	1) openssl x509 -in "$5" -noout -pubkey | openssl pkey -pubin -outform DER ;;
	esac >"$LAB/tmp/tlsa"
	case $4 in
	0) data=$(od -An -v -tx1 "$LAB/tmp/tlsa" | tr -d ' \n') ;;
	1) data=$(sha256sum "$LAB/tmp/tlsa" | cut -d ' ' -f 1) ;;
	2) data=$(sha512sum "$LAB/tmp/tlsa" | cut -d ' ' -f 1) ;;
	esac
	echo "_443._tcp.$1.pinned.example. TLSA $2 $3 $4 $data"
}
own() { # HOST USAGE SELECTOR MATCHING: of the host's own certificate
	tlsa "openpgpkey.$1" "$2" "$3" "$4" "$LAB/tls/openpgpkey.$1.pinned.example.pem"
}
authority() { # HOST USAGE SELECTOR MATCHING: of the lab's certification authority
	tlsa "openpgpkey.$1" "$2" "$3" "$4" "$LAB/ca/ca.pem"
}
foreign() { # HOST USAGE SELECTOR MATCHING: of somebody else's certificate
	tlsa "openpgpkey.$1" "$2" "$3" "$4" "$LAB/tls/advanced.example.pem"
}
lab-dns-add pinned.example "$(authority u0 0 0 1)" "$(own u1 1 0 1)" "$(authority u2 2 1 1)" "$(own u3 3 1 1)" \
	"$(own whole 3 0 0)" "$(own sha512 3 1 2)" "$(own w0 0 0 1)" "$(foreign w1 1 0 1)" "$(foreign w2 2 1 1)" \
	"$(foreign w3 3 1 1)" "$(foreign one 3 1 1)" "$(own one 3 1 1)" "$(own self 3 1 1)" \
	"$(own away 3 1 1)" "$(foreign astray 3 1 1)"
sed -i '/^_443\._tcp\.openpgpkey\.tampered\.pinned\.example\.[[:blank:]].*[[:blank:]]TLSA[[:blank:]]/s/3 1 1 ../3 1 1 00/' \
	"$LAB/dns/pinned.example.zone"
nsd-control -c "$LAB/etc/nsd.conf" reload pinned.example >/dev/null
lab-dns-flush

nginx -c "$discovery/hosts.conf" -e "$LAB/log/hosts.err" || exit 1
odd=
address=100
for kind in handshake silence header drip slowhead headers longheader interim close empty max more claims chunked endless bomb \
	truncated halfchunk garbled h2whole h2cut h2away h2reset h2error; do
	odd="$odd $kind=192.0.2.$address:$LAB/tls/openpgpkey.$kind.host.example.pem"
	address=$((address + 1))
done
# Each serves one connection at a time: one more for who asks while the cases run.
odd="$odd header=192.0.2.$address:$LAB/tls/openpgpkey.again.host.example.pem"
# shellcheck disable=SC2086 # words
cases_start "$discovery/odd-server" $odd

# The longest first: they have to wait for their deadlines.
stall='openpgpkey\.[a-z]*\.host\.example: .*(no answer|no connection) within'
case_ 39 'stalls after connect, before TLS' x@handshake.host.example unknown timeout=4 absence=- tls=- reason="$stall" urls=1 \
	jq='.evidence.urls[0] | .status == null and .tls == null'
case_ 39 'stalls after the request' x@silence.host.example unknown timeout=4 absence=- reason="$stall" urls=1 \
	jq='.evidence.urls[0].status == null'
case_ 40 'stalls after the headers' x@header.host.example unknown timeout=4 absence=- reason="$stall" urls=1 \
	jq='.evidence.urls[0] | .note != null and .status == 200 and .tls == "webpki"'
case_ 41 'one byte a second' x@drip.host.example unknown timeout=4 absence=- reason="$stall" urls=1
case_ 41 'one byte of the header a second' x@slowhead.host.example unknown timeout=4 absence=- reason="$stall" urls=1
case_ 44 '1 MiB + 1 announced, and nothing sent' x@claims.host.example unknown timeout=4 absence=-
case_ 28 'redirected to a silent host' dead@moved.host.example unknown timeout=4 absence=- reason='dead\.host\.example'
case_ 22 'times out' x@silent.host.example unknown timeout=4 absence=- reason='openpgpkey\.silent\.host\.example'
case_ 22 'times out by IPv6, answers by IPv4' x@halfdead.host.example usable method=wkd-advanced fpr=x@halfdead.host.example

case_ 20 'advanced 404, direct has a key' x@first.host.example absent method=wkd-advanced absence=proved urls=1 \
	jq='[.evidence.dns[] | select(.name == "first.host.example" and (.type == "A" or .type == "AAAA"))] == []'
case_ 21 'refused' x@refused.host.example unknown absence=- reason='openpgpkey\.refused\.host\.example.*refused'
case_ 23 'self-signed' x@self.host.example unknown absence=- tls=- reason='TLS: .*self-signed'
case_ 23 'from an unknown authority' x@stranger.host.example unknown absence=- tls=- reason='TLS: .*issuer'
case_ 24 'wrong name' x@name.host.example unknown method=wkd-advanced absence=- tls=- urls=1 reason='TLS: .*name'
case_ 25 'expired' x@expired.host.example unknown absence=- tls=- reason='TLS: .*expired'
case_ 26 'TLS 1.1 only' x@old.host.example unknown absence=- tls=- reason='TLS'
case_ 27 'direct, an ordinary site (soft 404)' x@soft.host.example absent absence=unproved urls=2

for mailbox in r301 r302 r303 r307 r308; do
	case_ 28 "redirect ${mailbox#r}" "$mailbox@moved.host.example" usable method=wkd-advanced tls=webpki dnssec=secure \
		urls=2 fpr=r301@moved.host.example
done
case_ 28 'redirect, relative' relative@moved.host.example usable urls=4 fpr=r301@moved.host.example
case_ 28 'redirect, without a scheme' slashes@moved.host.example usable urls=2 fpr=r301@moved.host.example
case_ 28 'redirect with a fragment' fragment@moved.host.example usable urls=2 fpr=r301@moved.host.example
case_ 28 'redirect to a host that has none' nokey@moved.host.example absent absence=proved urls=2
case_ 28 'redirect to a host that does not exist' gone@moved.host.example unknown absence=- urls=1 \
	reason='openpgpkey\.gone\.host\.example'
case_ 28 'redirect to a host whose address is bogus' bogus@moved.host.example unknown absence=- urls=1 \
	reason='openpgpkey\.bogus\.example.*DNSSEC'
case_ 28 'redirect without a target' nothing@moved.host.example unknown absence=- urls=1
case_ 28 'redirect to a URL with a blank' blank@moved.host.example unknown absence=-
case_ 29 'redirects in a circle' circle@moved.host.example unknown absence=- reason='in a loop'
case_ 29 'redirected to itself' self@moved.host.example unknown absence=- urls=1 reason='in a loop'
case_ 30 'five redirects' hop5@moved.host.example usable urls=6 fpr=r301@moved.host.example
case_ 30 'six redirects' hop6@moved.host.example unknown absence=- urls=6 reason='too often'
case_ 31 'redirect to http' http@moved.host.example unknown absence=- urls=1 reason='other than https'
case_ 32 'redirect to file:' file@moved.host.example unknown absence=- urls=1 reason='other than https'
case_ 33 'redirect to user@' user@moved.host.example unknown absence=- urls=1 reason='user information'
case_ 33 'redirect to user:password@' password@moved.host.example unknown absence=- urls=1 reason='user information'
case_ 34 'redirect to port 8443' port@moved.host.example unknown absence=- urls=1 reason='port'
case_ 34 'redirect to port 80' port80@moved.host.example unknown absence=- urls=1 reason='port'
case_ 35 'redirect to a private address' private@moved.host.example unknown absence=- urls=1 reason='private address'
for mailbox in loopback loopback6 mapped linklocal; do
	case_ 35 "redirect to a private address, $mailbox" "$mailbox@moved.host.example" unknown absence=- urls=1 \
		reason='private address'
done
for mailbox in literal literal6 decimal localhost; do
	case_ 35 "redirect to an address, $mailbox" "$mailbox@moved.host.example" unknown absence=- urls=1 \
		reason='redirected to a host'
done

case_ 36 '401 with a challenge' s401@status.host.example unknown absence=- urls=1 reason='401'
case_ 37 '403' s403@status.host.example unknown absence=- urls=1 reason='403'
case_ 38 '500' s500@status.host.example unknown absence=- urls=1 reason='500'
for status in 204 300 304 429 503; do
	case_ 38 "$status" "s$status@status.host.example" unknown absence=- urls=1
done
case_ 38 '410, for comparison' s410@status.host.example absent absence=proved urls=1

case_ 42 'headers without end' x@headers.host.example unknown absence=- reason='header'
case_ 42 'a header line without end' x@longheader.host.example unknown absence=- reason='header'
case_ 42 'interim answers without end' x@interim.host.example unknown absence=- reason='header'
case_ 43 '0 bytes, not even a header' x@close.host.example unknown absence=- urls=1
case_ 43 '0 bytes of body' x@empty.host.example unusable urls=1
case_ 44 '1 MiB of nothing' x@max.host.example unusable urls=1
case_ 44 '1 MiB + 1' x@more.host.example unknown absence=- reason='too large'
case_ 44 '1 MiB + 1, in chunks' x@chunked.host.example unknown absence=- reason='too large'
case_ 45 'endless' x@endless.host.example unknown absence=- reason='too large'
case_ 46 'gzip bomb' x@bomb.host.example unknown absence=- urls=1 reason='too large'
case_ 47 'truncated' x@truncated.host.example unknown absence=- reason='broke off'
case_ 47 'truncated, in chunks' x@halfchunk.host.example unknown absence=- reason='broke off'
case_ 47 'HTTP/2 without a length, whole' x@h2whole.host.example unusable urls=1
for kind in cut away error; do
	case_ 47 "HTTP/2 without a length, $kind" "x@h2$kind.host.example" unknown absence=- reason='broke off'
done
# libcurl takes this for the end now and then, from 8.x on always. Only the authenticated server itself can say so, and
# half an answer is still no certificate.
case_ 47 'HTTP/2 without a length, reset without an error' x@h2reset.host.example unknown or=unusable absence=- urls=1
case_ 47 'not HTTP' x@garbled.host.example unknown absence=-

case_ 48 'TLSA matches' heidi@tlsa.example usable method=wkd-advanced dnssec=secure tls=webpki+dane fpr=heidi@tlsa.example
case_ 49 'TLSA does not match' ivan@badtlsa.example unknown absence=- tls=- reason='TLSA'
case_ 49 'TLSA of the CNAME target does not match' x@alias.pinned.example unknown absence=- tls=- reason='TLSA'
case_ 50 'TLSA 0 0 1 of the authority' x@u0.pinned.example usable tls=webpki+dane
case_ 50 'TLSA 1 0 1' x@u1.pinned.example usable tls=webpki+dane
case_ 50 'TLSA 2 1 1 of the authority' x@u2.pinned.example usable tls=webpki+dane
case_ 50 'TLSA 3 1 1' x@u3.pinned.example usable tls=webpki+dane
case_ 50 'TLSA 3 0 0, the whole certificate' x@whole.pinned.example usable tls=webpki+dane
case_ 50 'TLSA 3 1 2, SHA-512' x@sha512.pinned.example usable tls=webpki+dane
case_ 50 'TLSA, one of two' x@one.pinned.example usable tls=webpki+dane
for usage in 0 1 2 3; do
	case_ 50 "TLSA $usage, not matching" "x@w$usage.pinned.example" unknown absence=- tls=- reason='TLSA'
done
case_ 50 'TLSA 3 1 1 matches, self-signed' x@self.pinned.example unknown absence=- tls=- reason='TLS: .*self-signed'
case_ 51 'TLSA, all unusable' x@unusable.pinned.example usable tls=webpki
case_ 52 'TLSA insecure' x@unpinned.example usable dnssec=insecure tls=webpki
case_ 52 'alias into an unsigned zone, TLSA secure' x@away.pinned.example usable dnssec=insecure tls=webpki+dane
case_ 52 'alias into an unsigned zone, TLSA secure, 404' nokey@away.pinned.example absent absence=proved urls=1
case_ 52 'alias into an unsigned zone, TLSA secure, not matching' x@astray.pinned.example unknown absence=- tls=- reason='TLSA'
case_ 52 'alias into an unsigned zone, no TLSA' x@loose.pinned.example usable dnssec=insecure tls=webpki
case_ 53 'TLSA bogus' x@tampered.pinned.example unknown absence=- tls=- urls=0 reason='TLSA'

# One after the other, these would take 50 s.
together() {
	timeout 30 sealpost lookup --json x@handshake.host.example x@again.host.example x@silent.host.example \
		alice@advanced.example dead@moved.host.example x@dead.example
}
together | jq -r .status | tr '\n' ' ' >"$LAB/tmp/together" &
together=$!

cases_run
wait "$together"
is "several that stall: none delays another" "$(cat "$LAB/tmp/together")" "unknown unknown unknown usable unknown unknown "
done_testing
