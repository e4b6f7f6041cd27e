#!/bin/sh
# SPDX-License-Identifier: ISC
# Discreetly: which methods are asked; a resolver on this machine that asks over TLS as in contrib/resolver, or nobody; a
# proxy, and nothing beside it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# What our processes do cannot be traced by their own user.
# shellcheck disable=SC2034
lab_options=--caps
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"

# Every lookup has a cache of its own.
look() { # ADDRESS [LINE...] with lines of a configuration
	look_address=$1
	shift
	look_home=$(mktemp -d "$LAB/tmp/home.XXXXXX")
	printf '%s\n' '[sealpost]' "$@" >"$look_home/conf"
	# shellcheck disable=SC2086 # words
	run env "HOME=$look_home" timeout 60 ${before-} sealpost -C "$look_home/conf" lookup --json -- "$look_address"
}

said() { # FILTER
	printf '%s\n' "$out" | jq -r "$1"
}

verdict() { # DESC WANT
	is "$1" "$rc $(said '[.status, .method, .dnssec, .tls, .absence] | map(. // "-") | join(" ")')" "$2" || diag "$out $err"
}

verdict_of() { # DESC WANT: status alone
	is "$1" "$rc $(said .status)" "$2" || diag "$out $err"
}

asked() { # how many questions the resolver had since the last time; waits until it has written them down
	unbound-control -c "$LAB/etc/unbound.conf" log_reopen >/dev/null
	asked_all=$(grep -c ' IN$' "$LAB/log/unbound.log")
	echo $((asked_all - ${asked_before:-0}))
}
mark() {
	unbound-control -c "$LAB/etc/unbound.conf" log_reopen >/dev/null
	asked_before=$(grep -c ' IN$' "$LAB/log/unbound.log")
}

questions() { # TYPE: of that type
	said "[.evidence.dns[] | select(.type == \"$1\")] | length"
}

### methods

look alice@advanced.example 'methods = wkd'
verdict 'methods = wkd: found' '0 usable wkd-advanced secure webpki -'
is 'OPENPGPKEY is not asked' "$(said .evidence.openpgpkey.status) $(questions OPENPGPKEY)" 'not-asked 0'
look carol@dane.example 'methods = wkd'
verdict 'what only the zone has is absent then' '1 absent wkd-advanced secure webpki proved'
look carol@dane.example 'methods = openpgpkey'
verdict 'methods = openpgpkey: found' '0 usable openpgpkey secure - -'
is 'no URL is asked, no address' "$(said '.evidence.urls | length') $(questions A) $(questions AAAA) $(questions TLSA)" '0 0 0 0'
is 'nor is that a failure' "$(said .evidence.wkd.status)" not-asked
look alice@advanced.example 'methods = openpgpkey'
verdict 'what only WKD has is absent then' '1 absent openpgpkey secure - proved'
look x@refused.example 'methods = openpgpkey'
verdict 'a dead key host stands in nobody else'"'"'s way' '1 absent openpgpkey secure - proved'
look x@refused.example 'methods = wkd, openpgpkey'
verdict_of 'both' '75 unknown'
look alice@advanced.example 'methods = hkp'
is 'another word is a mistake' "$rc" 78
like 'which is named' "$err" 'conf:2: methods: .hkp. is not one of: wkd, openpgpkey'

### contrib/resolver: over TLS

dot() { # ADDRESS CERTIFICATE: a resolver over TLS alone, that passes everything on
	cat >"$LAB/tmp/dot-$1.conf" <<-CONF
		server:
			interface: $1@853
			interface: $1@8853
			tls-port: 853
			tls-additional-port: 8853
			tls-service-key: "$2"
			tls-service-pem: "$2"
			access-control: 0.0.0.0/0 allow
			access-control: ::/0 allow
			do-not-query-localhost: no
			username: ""
			chroot: ""
			pidfile: "$LAB/tmp/dot-$1.pid"
			directory: "$LAB/tmp"
			use-syslog: no
			logfile: "$LAB/tmp/dot-$1.log"
			log-queries: yes
			num-threads: 1
			module-config: "iterator"
		forward-zone:
			name: "."
			forward-addr: 127.0.0.1
	CONF
	"$LAB/var/unbound" -c "$LAB/tmp/dot-$1.conf" || diag "unbound for $1 does not start"
}

dot_asked() { # ADDRESS
	grep -c ' IN$' "$LAB/tmp/dot-$1.log"
}

lab-cert dot.sender.example
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 20 -subj /CN=self \
	-addext subjectAltName=DNS:dot.sender.example -keyout "$LAB/tmp/self.pem" -out "$LAB/tmp/self.crt" 2>/dev/null
cat "$LAB/tmp/self.crt" >>"$LAB/tmp/self.pem"
dot 198.51.100.70 "$LAB/tls/dot.sender.example.pem"
dot 2001:db8::25 "$LAB/tls/dot.sender.example.pem"
dot 198.51.100.71 "$LAB/tmp/self.pem"


# The example as it is, but for the addresses and the name, which are to be replaced; beside the lab's own resolver.
example() { # FILE ADDRESS NAME
	grep -v '2001:db8::53' "$LAB_SRC/contrib/resolver/$1" | sed "s/192\.0\.2\.53/$2/; s/dns\.example/$3/"
}

asks_over_tls() { # unbound | stubby, ADDRESS, NAME; then: resolver = 127.0.0.1@8053
	! local_pid=$(cat "$LAB/tmp/local.pid" 2>/dev/null) || kill "$local_pid"
	while [ -n "$local_pid" ] && kill -0 "$local_pid" 2>/dev/null; do sleep 0.1; done
	case $1 in
	unbound)
		example unbound.conf "$2" "$3" >"$LAB/tmp/example.conf"
		cat >"$LAB/tmp/local.conf" <<-CONF
			include: "$LAB/tmp/example.conf"
			server:
				port: 8053
				trust-anchor-file: "/run/lab/dns/anchor/root.key"
				username: ""
				chroot: ""
				pidfile: "$LAB/tmp/local.pid"
				directory: "$LAB/tmp"
				use-syslog: no
				logfile: "$LAB/tmp/local.log"
		CONF
		"$LAB/var/unbound" -c "$LAB/tmp/local.conf" || diag 'the example does not start'
		;;
	stubby)
		example stubby.yml "$2" "$3" >"$LAB/tmp/local.yml"
		stubby -C "$LAB/tmp/local.yml" >"$LAB/tmp/local.log" 2>&1 &
		echo $! >"$LAB/tmp/local.pid"
		sleep 0.5
		;;
	esac
}

asks_example() { # unbound | stubby: that it asks over TLS or not at all
	before_198=$(dot_asked 198.51.100.70)
	asks_over_tls "$1" 198.51.100.70 dot.sender.example
	look alice@advanced.example 'resolver = 127.0.0.1@8053'
	verdict "$1: over TLS" '0 usable wkd-advanced secure webpki -'
	isnt "$1: that resolver was asked" "$(dot_asked 198.51.100.70)" "$before_198"
	look nobody@absent.example 'resolver = 127.0.0.1@8053'
	verdict_of "$1: absence over TLS" '1 absent'
	look dave@unsigned.example 'resolver = 127.0.0.1@8053'
	verdict "$1: an unsigned zone" '0 usable wkd-direct insecure webpki -'
	while IFS='|' read -r what address name; do
		asks_over_tls "$1" "$address" "$name"
		mark
		look alice@advanced.example 'resolver = 127.0.0.1@8053' 'timeout = 8s'
		verdict_of "$1: $what" '75 unknown'
		is "$1: no other resolver is asked instead" "$(asked)" 0
	done <<-'ROWS'
		a certificate for another name|198.51.100.70|other.sender.example
		a certificate that nobody vouches for|198.51.100.71|dot.sender.example
		nobody there|198.51.100.72|dot.sender.example
	ROWS
}

run unbound-checkconf "$LAB_SRC/contrib/resolver/unbound.conf"
is 'unbound-checkconf has nothing against the example' "$rc" 0 || diag "$out $err"
asks_example unbound
if command -v stubby >/dev/null; then
	run stubby -i -C "$LAB_SRC/contrib/resolver/stubby.yml"
	is 'stubby has nothing against its example' "$rc" 0 || diag "$out $err"
	asks_example stubby
else
	skip 11 'stubby is not installed'
fi
is 'no question is told to a resolver that nobody vouches for' "$(dot_asked 198.51.100.71)" 0

look alice@advanced.example 'resolver = tls://198.51.100.70#dot.sender.example'
is 'sealpost itself does not speak it' "$rc" 78
like 'the message names the example' "$err" 'conf:2: resolver: .*contrib/resolver/unbound\.conf.*resolver = 127\.0\.0\.1'
ok 'which is there' test -e "$LAB_SRC/contrib/resolver/unbound.conf"

### proxy = socks5h://

socks() {
	touch "$LAB/tmp/socks.log"
	cat "$LAB/tmp/socks.log"
	rm -f "$LAB/tmp/socks.log"
}
cases_start "$LAB_SRC/tests/discovery/socks-proxy" 198.51.100.80 "$LAB/tmp/socks.log"
proxy='proxy = socks5h://198.51.100.80:1080'

# Each internet address that any of our processes turned to, once.
traced="strace -f -qq -o $LAB/tmp/trace -e trace=connect,sendto,sendmsg,sendmmsg"
peers() {
	sed -n 's/.*sin_port=htons(\([0-9]*\)), sin_addr=inet_addr("\([^"]*\)").*/\2 \1/p; s/.*sin6_port=htons(\([0-9]*\)).*inet_pton(AF_INET6, "\([^"]*\)".*/\2 \1/p' \
		"$LAB/tmp/trace" | sort -u
}

mark
before=$traced
look alice@advanced.example "$proxy"
before=
verdict 'found through the proxy, without DNSSEC' '0 usable wkd-advanced - webpki -'
is 'the proxy was asked for the host by name' "$(socks)" '1 3 openpgpkey.advanced.example 443'
is 'no question is asked' "$(asked) $(said '.evidence.dns | length')" '0 0'
is 'nothing went beside the proxy' "$(peers)" '198.51.100.80 1080'
is 'the evidence has the server'"'"'s key, and no address' \
	"$(said '.evidence.urls[0] | .ip // "-", (.spki_sha256 | length)' | xargs)" '- 64'
before=$traced
look alice@advanced.example
before=
isnt 'without one, all of that does' "$(peers | wc -l)" 1

mark
look ivan@badtlsa.example "$proxy"
verdict 'TLSA is not known' '0 usable wkd-advanced - webpki -'
look nokey@advanced.example "$proxy"
verdict_of 'not found: OPENPGPKEY could not be asked' '75 unknown'
like 'the reason' "$(said .reason)" 'OPENPGPKEY record: not asked, since no DNS question can go through the proxy'
look nokey@advanced.example "$proxy" 'methods = wkd'
verdict 'not found by WKD, and nothing else wanted' '1 absent wkd-advanced - webpki unproved'
like 'the reason' "$(said .reason)" 'HTTP status 404.; the name was resolved by the proxy'
# A key server, too.
lab-cert vks.example
mkdir -p "$LAB/www/vks.example/vks/v1/by-email"
lab-new-key nokey@advanced.example "$LAB/www/vks.example/vks/v1/by-email/nokey@advanced.example" >/dev/null
socks >/dev/null
look nokey@advanced.example "$proxy" 'methods = wkd' 'keyservers = vks://vks.example'
verdict 'not found by WKD, but at a key server' '0 usable keyserver - webpki -'
is 'the proxy was asked for both by name' "$(socks | sort | xargs)" '1 3 openpgpkey.advanced.example 443 1 3 vks.example 443'
is 'and no question is asked' "$(asked)" 0
look nokey@advanced.example "$proxy" 'methods = openpgpkey'
verdict_of 'OPENPGPKEY alone' '75 unknown'
socks >/dev/null
look bob@direct.example "$proxy" 'methods = wkd'
verdict_of 'no such advanced host, says the proxy' '75 unknown'
like 'the reason' "$(said .reason)" 'the proxy did not reach it .host unreachable.; whether that host exists is unknown'
is 'the direct method is not asked' "$(socks)" '1 3 openpgpkey.direct.example 443'
look x@refused.example "$proxy" 'methods = wkd'
verdict_of 'a host that refuses' '75 unknown'
like 'the reason' "$(said .reason)" 'the proxy did not reach it .connection refused.'
is 'still no question is asked' "$(asked)" 0

lab-cert openpgpkey.sender.example
mkdir -p "$LAB/www/openpgpkey.sender.example"
cat >"$LAB/etc/redirect.server" <<'NGINX'
location ~ ^/.well-known/openpgpkey/sender.example/ {
	if ($arg_l = away) { return 302 https://openpgpkey.advanced.example$request_uri; }
	if ($arg_l = here) { return 302 https://openpgpkey.sender.example/key; }
}
NGINX
cp "$LAB/keys/me@sender.example.pub" "$LAB/www/openpgpkey.sender.example/key"
nginx -c "$LAB/etc/nginx.conf" -e "$LAB/log/nginx.err" -s quit
while [ -e "$LAB/var/nginx.pid" ]; do sleep 0.1; done
nginx -c "$LAB/etc/nginx.conf" -e "$LAB/log/nginx.err" &
until curl -s --connect-timeout 1 https://openpgpkey.sender.example/key --resolve openpgpkey.sender.example:443:192.0.2.80 >/dev/null; do
	sleep 0.1
done
look here@sender.example "$proxy"
like 'a redirect to the same host is followed' "$(said '[.evidence.urls[].status] | map(tostring) | join(" ")')" '^302 200$'
socks >/dev/null
look away@sender.example "$proxy"
verdict_of 'one to another host is not' '75 unknown'
like 'the reason' "$(said .reason)" 'redirected to another host'
is 'nor is it asked for' "$(socks)" '1 3 openpgpkey.sender.example 443'

mark
look alice@advanced.example 'proxy = socks5h://198.51.100.81'
verdict_of 'no proxy there' '75 unknown'
like 'the reason' "$(said .evidence.wkd.reason)" 'the proxy itself cannot be used .*refused'
is 'and nothing goes another way' "$(asked)" 0
before=$traced
look alice@advanced.example 'proxy = socks5h://203.0.113.80' 'timeout = 3s'
before=
verdict_of 'a proxy that does not answer' '75 unknown'
is 'nothing went beside it' "$(peers)" '203.0.113.80 1080'
look alice@advanced.example 'proxy = http://198.51.100.80'
is 'another kind of proxy' "$rc" 78
like 'the mistake is named' "$err" 'conf:2: proxy: .*is not socks5h://HOST'

printf '[sealpost]\n%s\n' "$proxy" >"$LAB/tmp/conf"
run sealpost -v -C "$LAB/tmp/conf" lookup alice@advanced.example
like '-v says so' "$err" 'DNS: nothing is asked: the proxy resolves names, so there is no DNSSEC'
run sealpost -C "$LAB/tmp/conf" doctor
like 'doctor says so' "$out" 'proxy.*198\.51\.100\.80.*no DNSSEC'
run sealpost -C "$LAB/tmp/conf" doctor --online
like 'doctor has tried it' "$out" 'proxy.*198\.51\.100\.80.*answers'
sed -i s/100.80/100.81/ "$LAB/tmp/conf"
run sealpost -C "$LAB/tmp/conf" doctor --online
like 'or failed to' "$out" 'proxy.*the proxy itself cannot be used'
done_testing
