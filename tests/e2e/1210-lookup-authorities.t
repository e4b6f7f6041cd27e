#!/bin/sh
# SPDX-License-Identifier: ISC
# Certificate authorities: the system's folder of hashed names and its bundle, and a file of one's own, as the network
# process sees them from within its sandbox.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck disable=SC2034
lab_options=--caps # mounts file systems
in_lab "$0" "$@"

local=/usr/local/share/ca-certificates
certs=/etc/ssl/certs
bundle=$certs/ca-certificates.crt
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 20 -subj /CN=other \
	-keyout "$LAB/tmp/other.key" -out "$LAB/tmp/other.pem" 2>/dev/null
lab-cert mailed.example
lab-dns-add example 'mailed MX 10 mailed' 'mailed A 192.0.2.130'
"$(dirname "$0")/../discovery/odd-smtp" "good=192.0.2.130:$LAB/tls/mailed.example.pem" >"$LAB/tmp/odd-smtp" 2>&1 &
mkdir "$LAB/certs" "$LAB/local"
if ! { [ -d $local ] && mount --bind "$LAB/certs" $certs && mount --bind "$LAB/local" $local; } 2>/dev/null; then
	skip_all "no folder can be put over the system's here"
fi

# folder FILE|-: the authority that is in it, as a link to where the administrator put it. bundle FILE|-
folder() {
	rm -f $certs/*.[0-9] $local/*
	[ "$1" != - ] || return 0
	cp "$1" $local/authority.crt
	ln -s $local/authority.crt "$certs/$(openssl x509 -hash -noout -in "$1").0"
}
row() { # NUMBER WHAT FOLDER BUNDLE STATUS [PATTERN]
	folder "$3"
	rm -f $bundle
	[ "$4" = - ] || cp "$4" $bundle
	run sealpost lookup --fresh bob@direct.example
	is "$1 $2: exit status" "$rc" "$5"
	[ -z "${6-}" ] || like "$1 $2: reason" "$out$err" "$6"
}

ours=$LAB/ca/ca.pem other=$LAB/tmp/other.pem
printf -- '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n' >"$LAB/tmp/damaged.pem"
row 1 "in the folder alone" "$ours" "$other" 0
row 2 "in the bundle alone" "$other" "$ours" 0
row 3 "in the bundle, the folder is empty" - "$ours" 0
row 4 "in neither" "$other" "$other" 75 'TLS: unable to get local issuer certificate'
row 5 "in the folder, and the bundle is damaged" "$ours" "$LAB/tmp/damaged.pem" 0
row 6 "not in the folder, and the bundle is damaged" "$other" "$LAB/tmp/damaged.pem" 75 "$bundle: not a bundle of CA"
row 7 "there is no bundle" "$ours" - 75 "ca-certificates.crt: No such file"

# Mail servers are looked at by the same; what is wrong here is not held against them.
until grep -q ready "$LAB/tmp/odd-smtp"; do
	kill -0 $! || break
	sleep 0.1
done
live() { # NUMBER WHAT FOLDER BUNDLE WANTED
	folder "$3"
	cp "$4" $bundle
	sealpost check --live=2525 --json mailed.example >"$LAB/tmp/live.json"
	like "$1 $2" "$(jq -r '.mx[0].live | "\(.status) \(.pkix) \(.reason)"' "$LAB/tmp/live.json")" "$5"
}
live 8 "live: in the folder alone" "$ours" "$other" '^encrypted yes '
live 9 "live: in the bundle alone" "$other" "$ours" '^encrypted yes '
live 10 "live: in neither" "$other" "$other" '^encrypted no '
live 11 "live: the bundle is damaged" "$other" "$LAB/tmp/damaged.pem" "^unknown null .*$bundle: not a bundle of CA"

# A file of one's own is the only one that counts.
conf=$HOME/.config/sealpost/config
mkdir -p "${conf%/*}"
printf '[sealpost]\nca-file = %s\n' "$other" >"$conf"
row 12 "another ca-file" "$ours" "$ours" 75 'TLS: unable to get local issuer certificate'
printf '[sealpost]\nca-file = %s\n' "$ours" >"$conf"
row 13 "in ca-file alone" "$other" "$other" 0

# Other systems' places, where Debian's are not there.
rm "$conf"
mkdir "$LAB/ssl" "$LAB/dns-data" "$LAB/unbound"
cp "$ours" "$LAB/ssl/cert.pem"
mount --bind "$LAB/ssl" /etc/ssl
run sealpost lookup --fresh bob@direct.example
is "14 Alpine's bundle: exit status" "$rc" 0
if [ -d /var/lib/unbound ]; then
	cp /usr/share/dns/root.key "$LAB/unbound"
	mount --bind "$LAB/dns-data" /usr/share/dns
	run sealpost lookup --fresh bob@direct.example
	isnt "15 no trust anchor: exit status" "$rc" 0
	mount --bind "$LAB/unbound" /var/lib/unbound
	run sealpost lookup --fresh bob@direct.example
	is "16 Fedora's trust anchor: exit status" "$rc" 0
else
	skip 2 "there is no /var/lib/unbound"
fi
done_testing
