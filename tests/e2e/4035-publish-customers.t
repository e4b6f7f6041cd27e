#!/bin/sh
# SPDX-License-Identifier: ISC
# A provider's customers: one whose key strangers find and use, one with an alias that is wrong, one who leaves the provider,
# and two domains that others claim. Caddy serves with certificates from Pebble.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/publish.sh
. "$(dirname "$0")/../publish.sh"
in_lab "$0" "$@"
command -v caddy >/dev/null || skip_all 'caddy is not installed'
command -v pebble >/dev/null || skip_all 'pebble is not installed'

cd "$LAB/tmp" || exit 1
mkdir -m 700 gnupg
own() {
	GNUPGHOME=$LAB/tmp/gnupg gpg --batch --quiet --passphrase '' "$@" 2>/dev/null
}
fpr_of() {
	own --with-colons --list-keys "$1" | awk -F: '/^fpr/ { print $10; exit }'
}
for domain in publish absent family; do
	mkdir -p "keys/$domain.example"
	own --quick-generate-key "<cat@$domain.example>" future-default default 1y
	own --export "cat@$domain.example" >"keys/$domain.example/cat.pgp"
done
pebble_starts
cat >site <<'SITE'
[provider]
host = wkd.sender.example
domains = customers
keys = keys/%d/
web = 192.0.2.82
web-server = caddy nginx
listen = 192.0.2.82
acme = https://localhost:14000/dir
acme-ca = /etc/ssl/certs/ca-certificates.crt
mta-sts = testing
mx = mx.publish.example
SITE
customers() { # LINE...
	printf '%s\n' "$@" >customers
	chmod 600 site customers
}
write() {
	run sealpost publish write out site
}
hosts() {
	ls out/hosts 2>/dev/null | tr '\n' ' '
}
# What a customer was told, put into the zone as it is.
takes_letter() { # DOMAIN
	lab-dns-add "$1" - <"out/dns/$1.zone"
}
# Other aliases of a customer's.
leads_to() { # DOMAIN TARGET
	sed -i -E "s/^((openpgpkey|mta-sts)\.$1\. .* CNAME) .*/\1 $2./" "$LAB/dns/src/$1"
	lab-dns-add "$1"
}
page() { # HOST PATH [CURL OPTION...]
	host=$1 path=$2
	shift 2
	curl -s -o /dev/null -w '%{http_code}' --max-time 3 "$@" "https://$host/$path"
}
key_path() { # DOMAIN
	(cd "out/www/openpgpkey.$1" && find .well-known -path '*/hu/*')
}
customers 'publish.example tok1' 'absent.example tok2' 'family.example tok3'
write
is 'written' "$rc $(hosts)" '0 '
lab-dns-add sender.example - <out/dns/wkd.sender.example.zone
for domain in publish absent family; do takes_letter $domain.example; done
leads_to absent.example tok2.wdk.sender.example
write
is 'the one with a wrong alias gets nothing' "$rc $(hosts)" \
	'0 mta-sts.family.example mta-sts.publish.example openpgpkey.family.example openpgpkey.publish.example '
run sealpost publish plan --json site
is 'plan says of whom, and what' "$(printf '%s' "$out" | jq -r '.domain as $d | .records[]? | select(.state != "right") | [$d, .name, .state] | join(" ")' | sort)" \
	"$(printf '%s\n' 'absent.example mta-sts.absent.example differs' 'absent.example openpgpkey.absent.example differs')"
unlike 'and of nobody else' "$(printf '%s' "$out" | jq -r 'select(.domain != "absent.example") | .records[]?.state')" 'differs|missing|unknown'

caddy_serves "https://openpgpkey.publish.example/$(key_path publish.example)"
is 'the good one is served' "$(page openpgpkey.publish.example "$(key_path publish.example)")" 200
not_ok 'the wrong one gets no certificate' curl -s --connect-to ::192.0.2.82:443 "https://openpgpkey.absent.example/$(key_path absent.example)"
leads_to absent.example tok2.wkd.sender.example
write
is 'the alias is right now: served, without a reload' "$(page openpgpkey.absent.example "$(key_path absent.example)")" 200

# Strangers.
fpr=$(fpr_of cat@publish.example)
run sealpost lookup --json cat@publish.example
is 'lookup finds the key' "$rc $(printf '%s' "$out" | jq -r '.status + " " + .method + " " + .fingerprint')" "0 usable wkd-advanced $fpr"
run sealpost check --json publish.example
is 'check: the directory and the policy' "$(printf '%s' "$out" | jq -r '.wkd.method + " " + .mta_sts.mode')" 'advanced testing'
if command -v dirmngr >/dev/null; then
	mkdir -m 700 stranger
	like 'gpg finds it' "$(GNUPGHOME=$LAB/tmp/stranger gpg --batch --with-colons --auto-key-locate clear,nodefault,wkd \
		--locate-external-keys cat@publish.example 2>&1)" "^fpr:+$fpr:"
	GNUPGHOME=$LAB/tmp/stranger gpgconf --kill all
else
	skip 1 'dirmngr is not installed'
fi
if command -v sq >/dev/null; then
	like 'sq finds it' "$(SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt sq wkd get cat@publish.example 2>&1 |
		own --with-colons --show-keys)" "^fpr:+$fpr:"
else
	skip 1 'sq is not installed'
fi
lab-import-sender me@sender.example
printf 'From: me@sender.example\nTo: cat@publish.example\nSubject: hello\n\nfor the cat alone\n' >mail
check_exit 0 sealpost send cat@publish.example <mail
sent=$(lab-mails | tail -n 1)
unlike 'a mail goes out encrypted' "$(cat "$sent")" 'for the cat alone'
like 'and the customer reads it' "$(sed -n '/^-----BEGIN PGP MESSAGE/,/^-----END/p' "$sent" | own --decrypt)" '^for the cat alone'

# Somebody else has the domain now, or says so: what its names lead to is another customer's token, or none.
is 'before: served' "$(page openpgpkey.family.example "$(key_path family.example)")" 200
in_nginx() {
	grep -c 'ssl_certificate .*/openpgpkey.family.example/' out/nginx.conf
}
is 'before: by nginx too' "$(in_nginx)" 1
leads_to family.example tok9.wkd.sender.example
write
unlike 'taken over, to a token of somebody else' "$(hosts)" 'family'
leads_to family.example wkd.sender.example
write
unlike 'taken over, to the host without a token' "$(hosts)" 'family'
is 'nor in the configuration of nginx' "$(in_nginx)" 0
is 'its old certificate serves nothing' "$(page openpgpkey.family.example "$(key_path family.example)" --connect-to ::192.0.2.82:443)" 404
customers 'publish.example tok8' 'absent.example tok2' 'family.example tok3'
write
unlike 'a customer claims a domain that means another' "$(hosts)" 'publish'
is 'and is not served under its certificate' "$(page openpgpkey.publish.example "$(key_path publish.example)")" 404

# What a request calls its host is a path nowhere.
shown=
for host in .. . ../hosts '' %2e%2e '..:443'; do
	for path in Caddyfile .sealpost-publish dns/publish.example.txt customers; do
		got=$(page openpgpkey.absent.example "$path" -H "Host: $host")
		case $got in 4??) ;; *) shown="$shown $path by $host" ;; esac
	done
done
is 'no host leads out of the tree' "$shown" ''
is 'nor does a path' "$(page openpgpkey.absent.example ../../Caddyfile --path-as-is) $(page openpgpkey.absent.example ..%2f..%2fCaddyfile --path-as-is)" \
	'404 404'

# A customer leaves MTA-STS: mode none, then the record in the provider's zone, then the rest.
if [ -x /usr/bin/sqlite3 ]; then
	later() { # SECONDS: what was seen live was seen so much earlier
		sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE live SET first = first - $1, last = last - $1"
	}
	told() {
		echo "$(grep -c '^absent.example._mta-sts' out/dns/wkd.sender.example.zone) $(find out/www/mta-sts.absent.example -type f 2>/dev/null | wc -l)"
	}
	provider_tells() {
		sed -i '/^[a-z.]*\._mta-sts\.wkd\.sender\.example\. /d' "$LAB/dns/src/sender.example"
		grep '\._mta-sts\.wkd\.sender\.example\. ' out/dns/wkd.sender.example.zone | lab-dns-add sender.example -
	}
	customers 'publish.example tok8' 'absent.example tok2 mta-sts=off' 'family.example tok3'
	write
	is 'leave: mode none first' "$rc $(told) $(tr -d '\r' <out/www/mta-sts.absent.example/.well-known/mta-sts.txt | sed -n 2p)" \
		'0 1 1 mode: none'
	provider_tells
	write
	is 'leave: then what senders keep' "$rc $(printf '%s\n' "$err" | grep -c 'leave: absent.example: senders keep the old policy')" '1 1'
	later 700000
	write
	is 'leave: its record goes from the zone of the provider' "$rc $(told)" '0 0 1'
	write -d publish.example
	is 'leave: and stays away while others are written' "$(told)" '0 1'
	provider_tells
	write
	is 'leave: the policy stays for the TTL of it' "$rc $(told)" '0 0 1'
	later 3700
	write
	is 'leave: then it goes' "$rc $(told)" '0 0 0'
else
	skip 'a customer leaves MTA-STS' 'sqlite3 is not installed'
fi
done_testing
