#!/bin/sh
# SPDX-License-Identifier: ISC
# publish plan, write and verify beside the world: what differs, which step comes next, and what is refused until it is safe.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/publish.sh
. "$(dirname "$0")/../publish.sh"
in_lab "$0" "$@"

cd "$LAB/tmp" || exit 1
mkdir keys gnupg
chmod 700 gnupg
own() {
	GNUPGHOME=$LAB/tmp/gnupg gpg --batch --quiet --passphrase '' "$@" 2>/dev/null
}
settings() { # LINE...
	printf '%s\n' '[domain]' 'name = publish.example' 'keys = keys/' 'web = 192.0.2.81' 'web-server = nginx caddy' \
		'listen = 192.0.2.81' 'certificate = /run/lab/tls/%h.pem /run/lab/tls/%h.pem' 'ttl = 5m' "$@" >site
	chmod 600 site
}
write() { # [OPTION...]
	run sealpost publish write "$@" out site
}
plan() {
	run sealpost publish plan "$@" site
}
verify() {
	run sealpost publish verify --no-smtp "$@" site
}
states() { # of the records in $out: NAME:STATE...
	printf '%s' "$out" | jq -r '[.records[] | select(.state != "right") | .name + ":" + .type + ":" + .state] | sort | join(" ")'
}
steps() {
	printf '%s' "$out" | jq -r '[.steps[] | .step + ":" + .state] | sort | join(" ")'
}

own --quick-generate-key 'Ann <ann@publish.example>' future-default default 1y
own --export ann@publish.example >keys/ann.pgp
own --quick-generate-key 'Bob <bob@publish.example>' rsa1024 default 1y
own --export bob@publish.example >keys/bob.pgp
settings 'mta-sts = testing' 'tls-reports = mailto:tls@publish.example'

plan
is 'plan of a new domain' "$rc" 1
like 'counts what is to do' "$out" '^publish.example: 4 to do, 1 key left out$'
like 'names the key' "$out" '^  key +ann@publish.example +until 20'
like 'and what is left out' "$out" '^  left +bob@publish.example'
like 'and the records' "$out" '^  missing +openpgpkey +A +192.0.2.81$'
is 'within 80 columns' "$(printf '%s\n' "$out" | awk 'length > 80')" ''
plan --json
is 'as JSON' "$rc $(states)" '1 _mta-sts.publish.example:TXT:missing _smtp._tls.publish.example:TXT:missing mta-sts.publish.example:A:missing openpgpkey.publish.example:A:missing'
is 'keys as JSON' "$(printf '%s' "$out" | jq -r '[.keys[] | .address + ":" + .state] | sort | join(" ")')" \
	'ann@publish.example:publish bob@publish.example:left-out'
verify --json
is 'verify of a new domain: hosts that do not exist have no files, which is known' \
	"$rc $(printf '%s' "$out" | jq -r '[.files[] | .state] | unique | join(" ")')" '1 missing right'
not_ok 'nothing is written' test -e out
rm keys/bob.pgp

write
is 'written' "$rc" 0
is 'the live MX is the one of the policy' "$(tr -d '\r' <out/www/mta-sts.publish.example/.well-known/mta-sts.txt | grep '^mx')" 'mx: mx.publish.example'
not_ok 'no name leads here yet' test -e out/hosts
unlike 'so that Caddy asks for no certificate' "$(cat out/Caddyfile)" '^openpgpkey'

for host in openpgpkey mta-sts; do lab-cert $host.publish.example; done
lab-dns-add publish.example - <out/dns/publish.example.zone
# Its site is of another authority.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Elsewhere' -keyout other.key -out other.pem 2>/dev/null
openssl req -x509 -CA other.pem -CAkey other.key -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 20 -subj /CN=www \
	-addext subjectAltName=DNS:www.publish.example -addext basicConstraints=critical,CA:FALSE -keyout www.key -out www.pem 2>/dev/null
cat other.pem >>"$LAB/ca/ca.pem"
nginx_serves openpgpkey.publish.example <<CONF
	include $LAB/tmp/out/nginx.conf;
	server {
		listen 192.0.2.81:443 ssl;
		server_name www.publish.example;
		ssl_certificate $LAB/tmp/www.pem;
		ssl_certificate_key $LAB/tmp/www.key;
	}
CONF
write
is 'again: names that lead here may get a certificate' "$rc $(ls out/hosts | tr '\n' ' ')" '0 mta-sts.publish.example openpgpkey.publish.example '
like 'from Caddy too' "$(cat out/Caddyfile)" '^openpgpkey.publish.example \{$'
plan
is 'plan: nothing to do' "$rc $(printf '%s\n' "$out" | head -n 1)" "0 publish.example: nothing to do; next: enforce, not before $(date -u -d '+7 days' +%F)"
verify --json
is 'verify: all is served' "$rc $(printf '%s' "$out" | jq -r '[.files[] | select(.state != "right")] | length')" '0 0'
is 'verify: files were asked for' "$(printf '%s' "$out" | jq -r '[.files[].url | select(test("/hu/[a-z0-9]{32}$|policy$|mta-sts.txt$"))] | length')" 4

# What is served is not what was written.
key=$(find out/www -path '*/hu/*')
mkdir -p kept
cp "$key" kept
head -c 100 kept/* >"$key"
verify
is 'verify: other bytes' "$rc" 1
like 'verify: says where' "$out" '^  differs +https://openpgpkey.publish.example$'
chmod 600 "$key"
mv "$key" gone
verify
is 'verify: a key is missing' "$rc $(printf '%s\n' "$out" | grep -c '^  missing  https://openpgpkey.publish.example$')" '1 1'
cp kept/* "$key"
chmod 644 "$key"
verify
is 'verify: right again' "$rc" 0

# Steps, refused until they are safe.
settings 'mta-sts = enforce' 'tls-reports = mailto:tls@publish.example'
plan --json
is 'enforce: the MX has no TLS' "$rc $(steps)" '69 enforce:unsafe'
write
is 'enforce: refused' "$rc" 69
like 'enforce: said' "$err" '^sealpost: not done: enforce: publish.example: an MX does not show a valid certificate'
like 'enforce: the policy stays' "$(cat out/www/mta-sts.publish.example/.well-known/mta-sts.txt)" '^mode: testing'
settings 'mta-sts = enforce' 'mx = other.publish.example' 'tls-reports = mailto:tls@publish.example'
write
is 'enforce: the MX is not named' "$rc" 69
like 'enforce: said too' "$err" 'a live MX is not named by the policy'

# Mail servers under enforce.
servers() { # HOST...
	settings 'mta-sts = enforce' 'tls-reports = mailto:tls@publish.example' "mx = $*"
}
said() {
	printf '%s' "$out" | jq -r '[.steps[] | select(.step == "mx") | .name + ":" + .state + (if .not_before then ":dated" else "" end)] | join(" ")'
}
servers mx.publish.example
write --force=enforce
is 'enforce, forced' "$rc $(grep -c '^mode: enforce' out/www/mta-sts.publish.example/.well-known/mta-sts.txt)" '0 1'
servers mx.publish.example new.publish.example
write
is 'mx: a line comes at once' "$rc $(grep -c '^mx: ' out/www/mta-sts.publish.example/.well-known/mta-sts.txt)" '0 2'
plan --json
is 'mx: then the TTL of its record is waited for' "$(said)" 'new.publish.example:wait:dated'
servers new.publish.example
plan --json
is 'mx: a line of a live server stays' "$rc $(said | tr ' ' '\n' | sort | tr '\n' ' ')" '69 mx.publish.example:unsafe new.publish.example:wait:dated '
write
is 'mx: in what is written too' "$rc $(grep -c '^mx: ' out/www/mta-sts.publish.example/.well-known/mta-sts.txt)" '69 2'
like 'mx: said' "$err" '^sealpost: not done: mx: mx.publish.example: is a mail server in DNS, and its line is being removed$'
servers mx.publish.example
lab-dns-add publish.example '@ MX 20 odd.publish.example'
plan
is 'mx: a live server that no policy names' "$rc" 69
is 'mx: within 80 columns' "$(printf '%s\n' "$out" | awk 'length > 80')" ''
like 'mx: said by plan' "$out" '^  unsafe   mx odd.publish.example.publish.example$'
servers mx.publish.example '*.publish.example.publish.example'
write
is 'mx: a line for any of its kind' "$rc" 0
servers mx.publish.example
sed -i '/odd.publish.example/d' "$LAB/dns/src/publish.example"
lab-dns-add publish.example
write
is 'mx: it leaves DNS and the line goes: for as long as it is known it has one of its own' \
	"$rc $(tr -d '\r' <out/www/mta-sts.publish.example/.well-known/mta-sts.txt | sed -n 's/^mx: //p' | tr '\n' ' ')" \
	'1 mx.publish.example odd.publish.example.publish.example '
settings 'mta-sts = off' 'tls-reports = mailto:tls@publish.example'
write
is 'leave: mode none first' "$rc $(grep -c '^mode: none' out/www/mta-sts.publish.example/.well-known/mta-sts.txt)" '0 1'
plan --json
is 'leave: then wait for what senders keep' "$(steps)" 'leave:wait'
like 'leave: until when' "$(printf '%s' "$out" | jq -r '.steps[0].not_before')" '^20'
if [ -x /usr/bin/sqlite3 ]; then
	later() { # SECONDS: what was seen live was seen so much earlier
		sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE live SET first = first - $1, last = last - $1"
	}
	told() {
		echo "$(grep -c '^_mta-sts' out/dns/publish.example.zone) $(find out/www -name mta-sts.txt | wc -l)"
	}
	id=$(grep '^_mta-sts' out/dns/publish.example.zone)
	sed -i '/^_mta-sts\.publish\.example\. /d' "$LAB/dns/src/publish.example"
	lab-dns-add publish.example "$id"
	write
	later 700000
	write
	is 'leave: it was live for long: the record goes first' "$rc $(told)" '0 0 1'
	sed -i '/^_mta-sts\.publish\.example\. /d' "$LAB/dns/src/publish.example"
	lab-dns-add publish.example
	write
	is 'leave: the policy stays for the TTL of it' "$rc $(told)" '0 0 1'
	later 400
	write
	is 'leave: then it goes' "$rc $(told)" '0 0 0'
else
	skip 'leave: the waits' 'sqlite3 is not installed'
fi
issuers() { # ISSUER...
	settings 'tls-reports = mailto:tls@publish.example' "$(printf 'caa = %s\n' letsencrypt.org "$@")"
}
of_caa() { # what write says of it, and how many records there are
	echo "$rc $(grep -c ' CAA ' out/dns/publish.example.zone) $(printf '%s\n' "$err" | sed -n 's/^sealpost: not done: caa: publish.example: //p')"
}
outside='a live certificate comes from an issuer outside of the set'
issuers
write -d publish.example
is 'caa: a live certificate is of another authority' "$(of_caa)" "69 0 $outside"
issuers lab.example
write
is 'caa: of no host that is there it is' "$(of_caa)" '0 2 '
lab-dns-add publish.example 'www A 192.0.2.81'
write
is 'caa: that of www is' "$(of_caa)" "69 2 $outside"
issuers lab.example elsewhere.example
write
is 'caa: all are of the set' "$(of_caa)" '0 3 '
sed -i 's/^www A .*/www A 192.0.2.255/' "$LAB/dns/src/publish.example"
lab-dns-add publish.example
write
like 'caa: www is there and does not answer' "$(of_caa)" '^75 3 what is live now is unknown$'
sed -i '/^www A /d' "$LAB/dns/src/publish.example"
lab-dns-add publish.example '@ CAA 0 issue "letsencrypt.org"' '@ CAA 0 issue "lab.example"' '@ CAA 0 issue "elsewhere.example"'
write
is 'caa: they are live, and a TTL is waited for' "$(of_caa)" '1 3 authorities may know the records of before'
if [ -x /usr/bin/sqlite3 ]; then
	later 400
	write
	is 'caa: it is over' "$(of_caa)" '0 3 '
else
	skip 'caa: it is over' 'sqlite3 is not installed'
fi
issuers lab.example elsewhere.example third.example
write
is 'caa: one more forbids nothing' "$(of_caa)" '0 4 '
sed -i '/^@ CAA /d' "$LAB/dns/src/publish.example"
lab-dns-add publish.example
issuers lab.example elsewhere.example
rm keys/ann.pgp
write
is 'withdraw: refused' "$rc" 69
like 'withdraw: until when pins hold it' "$err" '^hint: by itself it is safe from 20[0-9]{2}-.* on$'
ok 'withdraw: the key stays' test -e "$key"
plan --json
is 'withdraw: plan tells it too' "$rc $(printf '%s' "$out" | jq -r '.steps[] | select(.step == "withdraw") | .name + ":" + .state')" '69 ann@publish.example:unsafe'
lab-cert mx.publish.example
openssl x509 -in /run/lab/tls/mx.publish.example.pem -out mx.pem
settings 'tlsa-from = mx.pem' 'tls-reports = mailto:tls@publish.example'
plan --json
like 'tlsa: no server shows that key' "$rc $(steps)" '^(69|75) .*tlsa:(unsafe|unknown)'
like 'tlsa: the record that is wanted' "$(states)" '_25._tcp.mx.publish.example:TLSA:missing'

# A web server whose name is an alias itself.
settings 'mta-sts = testing'
sed -i 's/^web = .*/web = www.publish.example/' site
sed -i -e '/^openpgpkey/d' -e '/^mta-sts/d' "$LAB/dns/src/publish.example"
lab-dns-add publish.example 'openpgpkey CNAME WWW' 'mta-sts CNAME www' 'www CNAME cdn' 'cdn A 192.0.2.81'
lab-dns-flush publish.example
run sealpost publish write --force=withdraw out2 site
is 'web: wherever its name leads, the hosts lead here' "$rc $(ls out2/hosts | tr '\n' ' ')" '0 mta-sts.publish.example openpgpkey.publish.example '

# The certificate of a web site that is none of ours would not be renewed.
settings 'caa = letsencrypt.org'
sed -i -e '/^openpgpkey/d' -e '/^mta-sts/d' -e '/^www/d' "$LAB/dns/src/publish.example"
lab-cert www.publish.example
lab-dns-add publish.example 'www A 192.0.2.80'
lab-dns-flush publish.example
plan --json
is 'caa: www has a certificate of another authority' "$rc $(steps)" '69 caa:unsafe'
sed -i '/^www/d' "$LAB/dns/src/publish.example"
lab-dns-add publish.example
lab-dns-flush publish.example
plan --json
is 'caa: nobody has any' "$rc $(steps)" '1 caa:next'
settings 'mta-sts = testing'

# No mail server is known.
cp "$LAB/dns/src/publish.example" zone
for mx in '' '@ MX 0 .'; do
	grep -v 'MX' zone >"$LAB/dns/src/publish.example"
	lab-dns-add publish.example ${mx:+"$mx"}
	lab-dns-flush publish.example
	plan --json
	is "no policy without a mail server: ${mx:-no MX}" "$rc $(steps)" '69 mx:unsafe'
	like 'said why' "$(printf '%s' "$out" | jq -r '.steps[0].reason')" "^the domain ${mx:+takes no mail}"
done

# Nobody answers.
printf '[domain]\nname = dead.example\nkeys = keys/\nweb = 192.0.2.81\n' >other
printf '[sealpost]\ntimeout = 2\n' >conf
chmod 600 conf other
run sealpost -C conf publish plan other
is 'the domain cannot be asked about' "$rc" 75
like 'what is unknown is not called to do' "$out" '^dead.example: [0-9]+ unknown'
printf '[domain]\nname = b\303\274cher.example\n' >other
run sealpost publish plan other
like 'a name that is not in ASCII: what to write' "$rc $err" '^hint: write xn--bcher-kva.example$'
printf '[domain]\nname = a.example\nttl = 0\n' >other
run sealpost publish plan other
like 'what is wrong in the file: which manual' "$rc $err" '^hint: man sealpost-publish$'
check_exit 64 sealpost publish plan --offline site
check_exit 64 sealpost publish plan
check_exit 64 sealpost publish verify out site
check_exit 64 sealpost publish write --json out site
done_testing
