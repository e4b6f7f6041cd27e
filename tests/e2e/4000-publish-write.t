#!/bin/sh
# SPDX-License-Identifier: ISC
# publish write --offline: out of keys and one file comes a tree that strangers find the keys in, as nginx serves it and NSD
# answers for it; what does not go out, and why; and what is never done.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/publish.sh
. "$(dirname "$0")/../publish.sh"
in_lab "$0" "$@"

umask 077
cd "$LAB/tmp" || exit 1
mkdir keys gnupg other
chmod 700 gnupg other
GNUPGHOME=$LAB/tmp/gnupg
export GNUPGHOME
own() {
	gpg --batch --quiet --passphrase '' "$@" 2>/dev/null
}
new_key() { # "NAME <ADDRESS>" [ALGORITHM [EXPIRY]]
	own --quick-generate-key "$1" "${2-future-default}" default "${3-1y}"
}
fpr_of() {
	gpg --batch --with-colons --list-keys "$1" | awk -F: '/^fpr/ { print $10; exit }'
}
write() { # [OPTION...]
	run sealpost publish write --offline "$@" "$LAB/tmp/out" "$LAB/tmp/site"
}
settings() { # LINE...
	printf '%s\n' '[domain]' 'name = publish.example' 'keys = keys/' 'web = 192.0.2.81' 'web-server = nginx' \
		'listen = 192.0.2.81' 'certificate = /run/lab/tls/%h.pem /run/lab/tls/%h.pem' "$@" >site
}
# All that is there: name, mode, time, inode.
picture() {
	find out -printf '%p %m %T@ %i\n' | sort
}

new_key 'Ann <Ann@publish.example>'
own --quick-add-uid Ann@publish.example 'Ann at home <ann@elsewhere.example>'
own --quick-add-uid Ann@publish.example 'Ann@publish.example'
new_key 'Eve <eve@elsewhere.example>'
own --local-user eve@elsewhere.example --quick-sign-key "$(fpr_of Ann@publish.example)" >/dev/null
own --armor --export Ann@publish.example >keys/ann.asc
settings 'openpgpkey-records = yes' 'mta-sts = testing' 'mx = mx.publish.example' 'tls-reports = mailto:tls@publish.example'

write
is 'written' "$rc" 0
like 'and counted' "$out" '^1 key published, 0 left out; [0-9]+ files written, 0 removed$'
is 'everybody can read it, whatever the umask' "$(find out \( -type f ! -perm 644 -o -type d ! -perm 755 \) -print)" ''
before=$(picture)
write
is 'again: nothing is touched' "$(picture)" "$before"
key=$(find out/www -path '*/hu/*')
like 'the key lies where the directory has it' "$key" \
	'^out/www/openpgpkey.publish.example/.well-known/openpgpkey/publish.example/hu/[a-z0-9]{32}$'
show() {
	gpg --batch --no-autostart --with-colons --show-keys "$1" 2>/dev/null | cut -d: -f1-10
}
is 'it is the certificate, with one User ID' "$(show "$key" | grep -c '^uid')" 1
is 'its keys are those of the file' "$(show "$key" | grep -E '^(pub|sub|fpr)')" "$(show keys/ann.asc | grep -E '^(pub|sub|fpr)')"
unlike 'others, and their signatures, are gone' "$(gpg --list-packets "$key" 2>/dev/null)" "elsewhere|$(fpr_of eve@elsewhere.example | cut -c 25-)"
is 'the policy of the directory is empty' "$(wc -c <out/www/openpgpkey.publish.example/.well-known/openpgpkey/publish.example/policy)" 0
policy=out/www/mta-sts.publish.example/.well-known/mta-sts.txt
is 'the policy of MTA-STS, with CRLF' "$(od -An -c "$policy" | tr -d ' \n')" \
	'version:STSv1\r\nmode:testing\r\nmx:mx.publish.example\r\nmax_age:604800\r\n'
like 'its id can be worked out by others' "$(cat out/dns/publish.example.zone)" "id=$(sha256sum "$policy" | cut -c 1-20)\""
like 'a control panel gets values without quotes' "$(cat out/dns/publish.example.txt)" '^value: v=TLSRPTv1; rua=mailto:tls@publish.example$'

# The world: the zone lines in NSD, the configuration in nginx.
for host in openpgpkey mta-sts; do lab-cert $host.publish.example; done
umask 022
lab-dns-add publish.example - <out/dns/publish.example.zone
echo "include $LAB/tmp/out/nginx.conf;" | nginx_serves openpgpkey.publish.example
run sealpost lookup --json Ann@publish.example
is 'lookup finds it' "$rc $(printf '%s' "$out" | jq -r '.status + " " + .method + " " + .fingerprint')" \
	"0 usable wkd-advanced $(fpr_of Ann@publish.example)"
run sealpost check --json Ann@publish.example
is 'check: keys, the policy, reports' \
	"$(printf '%s' "$out" | jq -r '[.wkd.method, .mta_sts.mode, .tlsrpt.status] | join(" ")')" 'advanced testing found'
is 'check: nothing bad about the keys' \
	"$(printf '%s' "$out" | jq -r '.findings[] | select(.level == "bad") | .what' | grep -iE 'wkd|openpgpkey|web key' || true)" ''
owner=$(sed -n 's/^\([0-9a-f]*\._openpgpkey\.publish\.example\)\. .*/\1/p' out/dns/publish.example.zone)
is 'OPENPGPKEY: by the name as written, and in small letters' "$(printf '%s\n' "$owner" | sort)" \
	"$(for local in Ann ann; do printf '%s' $local | sha256sum | cut -c 1-56; done | sort | sed 's/$/._openpgpkey.publish.example/')"
for name in $owner; do
	ok "OPENPGPKEY: $name, signed" sh -c "drill -D TYPE61 $name | grep -q '^$name.*RRSIG'"
done
url=https://openpgpkey.publish.example/.well-known/openpgpkey/publish.example/hu/${key##*/}
is 'GET: byte by byte' "$(curl -s "$url?l=ann" | sha256sum)" "$(sha256sum <"$key")"
is 'HEAD, type, CORS' "$(curl -sI "$url" | tr -d '\r' | grep -iE '^(HTTP|content-type|access-control)' | tr '\n' ' ')" \
	'HTTP/1.1 200 OK Content-Type: application/octet-stream Access-Control-Allow-Origin: * '
is 'a stranger, the folder, the root: 404' "$(for path in hu/yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy hu/ hu ''; do
	curl -s -o /dev/null -w '%{http_code} ' "https://openpgpkey.publish.example/.well-known/openpgpkey/publish.example/$path"
done)" '404 404 404 404 '
is 'the policy: type' "$(curl -sI https://mta-sts.publish.example/.well-known/mta-sts.txt | tr -d '\r' | grep -i '^content-type')" \
	'Content-Type: text/plain; charset=utf-8'
if command -v dirmngr >/dev/null; then
	ok 'gpg finds it, as a stranger' env GNUPGHOME="$LAB/tmp/other" gpg --batch --auto-key-locate clear,nodefault,wkd \
		--locate-external-keys ann@publish.example
	env GNUPGHOME="$LAB/tmp/other" gpgconf --kill all
else
	skip 1 'dirmngr is not installed'
fi
if command -v sq >/dev/null; then
	like 'sq finds it' "$(SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt sq wkd get Ann@publish.example 2>&1 | gpg --batch --with-colons --show-keys 2>/dev/null)" \
		"^fpr:+$(fpr_of Ann@publish.example):"
else
	skip 1 'sq is not installed'
fi
umask 077

# Names that are somebody else's zone lines, paths or settings: see the unit test for all of them.
for name in ../../etc 'publish.example;' 'a.example"; }' 'x y.example' localhost bücher.example; do
	printf '[domain]\nname = %s\n' "$name" >site
	write
	is "hostile name: $name" "$rc $(printf '%s' "$err" | grep -c "^sealpost: $LAB/tmp/site:2: name: ")" '78 1'
done
settings 'openpgpkey-records = yes' 'mta-sts = testing' 'mx = mx.publish.example' 'tls-reports = mailto:tls@publish.example'

# A secret key refuses the run, before anything is written.
new_key 'Zoe <zoe@publish.example>'
own --export zoe@publish.example >keys/zoe.pgp
for kind in armoured binary ssh gnupg damaged wrapped; do
	case $kind in
	armoured) own --armor --export-secret-keys zoe@publish.example >keys/z ;;
	binary) own --export zoe@publish.example >keys/z; own --export-secret-keys zoe@publish.example >>keys/z ;;
	ssh) printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n' >keys/z ;;
	gnupg) cat gnupg/private-keys-v1.d/*.key >keys/z ;;
	damaged) { own --export zoe@publish.example; printf 'no packet'; own --export-secret-keys zoe@publish.example; } >keys/z ;;
	wrapped) own --export-secret-keys zoe@publish.example | own --compress-level 0 --store >keys/z ;;
	esac
	before=$(picture)
	write
	is "secret key, $kind: refused" "$rc" 78
	like "secret key, $kind: names the file" "$err" "^sealpost: $LAB/tmp/keys/z: holds a secret key; nothing was written"
	is "secret key, $kind: nothing was touched" "$(picture)" "$before"
done
rm keys/z keys/zoe.pgp

# Whatever somebody did to our folders: others can read them, and not write to them.
chmod 700 out/www/openpgpkey.publish.example
chmod 777 out/www
write
is 'folders get their mode back' "$rc $(stat -c %a out/www out/www/openpgpkey.publish.example | tr '\n' ' ')" '0 755 755 '
chmod 700 out
write
like 'a closed DIR is told' "$err" 'out: a web server cannot read it there \(mode 0700\)$'
chmod 755 out

# What is left out, and why.
own --faked-system-time 20200101T000000 --quick-generate-key 'Old <old@publish.example>' future-default default 1y
own --export old@publish.example >keys/old.pgp
new_key 'Rev <rev@publish.example>'
sed 's/^:---/---/' "gnupg/openpgp-revocs.d/$(fpr_of rev@publish.example).rev" | own --import
own --export rev@publish.example >keys/rev.pgp
new_key 'Small <small@publish.example>' rsa1024 && own --quick-add-key "$(fpr_of small@publish.example)" rsa1024 encr
own --export small@publish.example >keys/small.pgp
own --export eve@elsewhere.example >keys/eve.pgp
echo 'read me' >keys/readme
head -c 300 keys/rev.pgp >keys/cut.pgp
own --armor --export eve@elsewhere.example | head -n -1 >keys/cut.asc
new_key 'Two <two@publish.example>'
own --export two@publish.example >keys/two1.pgp
sleep 1
export GNUPGHOME="$LAB/tmp/other"
new_key 'Two <two@publish.example>'
own --export two@publish.example >keys/two2.pgp
export GNUPGHOME="$LAB/tmp/gnupg"
write
is 'some are left out: 1' "$rc" 1
left() { # WHAT ERE
	like "left out: $1" "$err" "^sealpost: left out: $2"
}
left expired 'old@publish.example: it expired on 202[01]-[0-9-]+ \(.*/keys/old.pgp\)$'
left revoked 'rev@publish.example: its owner revoked it'
left weak 'small@publish.example: its primary key is too weak: RSA of 1024 bits'
left 'without a User ID of the domain' "$(fpr_of eve@elsewhere.example): no User ID of the domain"
left 'not a certificate' 'the file holds no OpenPGP certificate \(.*/keys/readme\)'
left damaged 'the file is damaged.*/keys/cut.pgp'
left 'armour without its end' 'the file is damaged.*/keys/cut.asc'
left 'two, and neither certified the other' 'two@publish.example: another usable key of the address.*two1.pgp'
left 'both of them' 'two@publish.example: another usable key of the address.*two2.pgp'
is 'what is good goes out all the same' "$(find out/www -path '*/hu/*')" "$key"

# The older certifies the newer: both, the new one first.
old=$(gpg --batch --with-colons --show-keys keys/two1.pgp | awk -F: '/^fpr/ { print $10; exit }')
new=$(gpg --batch --with-colons --show-keys keys/two2.pgp | awk -F: '/^fpr/ { print $10; exit }')
own --import keys/two2.pgp
own --default-key "$old" --quick-sign-key "$new" >/dev/null
own --export "$new" >keys/two2.pgp
rm keys/old.pgp keys/rev.pgp keys/small.pgp keys/eve.pgp keys/readme keys/cut.pgp keys/cut.asc
write
is 'two, certified: nothing is left out' "$rc" 0
two=$(find out/www -path '*/hu/*' ! -path "$key")
is 'two, certified: both, the newer first' "$(gpg --batch --with-colons --show-keys "$two" | awk -F: '/^pub/ { p = 1 } /^fpr/ && p { print $10; p = 0 }' | tr '\n' ' ')" \
	"$new $old "

# A key that was published does not go by itself.
rm keys/two1.pgp keys/two2.pgp
write
is 'withdraw: cannot be told offline' "$rc" 75
like 'withdraw: said' "$err" '^sealpost: not done: withdraw: two@publish.example: '
ok 'withdraw: it stays' test -e "$two"
write --force=withdraw:somebody@publish.example
is 'withdraw: forced for another' "$rc" 75
like 'withdraw: forced for another: said' "$err" '^sealpost: --force=withdraw:somebody@publish.example: no such step came up$'
write --force=withdraw:two@publish.example
is 'withdraw: forced' "$rc" 0
unlike 'withdraw: forced: nothing to say' "$err" 'no such step'
not_ok 'withdraw: it is gone' test -e "$two"

# Another key in its place.
own --armor --export zoe@publish.example >keys/zoe.asc
write
export GNUPGHOME="$LAB/tmp/other"
new_key 'Zoe <zoe@publish.example>'
own --armor --export zoe@publish.example >keys/zoe.asc
export GNUPGHOME="$LAB/tmp/gnupg"
zoe=$(find out/www -path '*/hu/*' ! -path "$key")
before=$(sha256sum <"$zoe")
write
is 'rotate: refused' "$rc $(sha256sum <"$zoe")" "75 $before"
like 'rotate: said' "$err" '^sealpost: not done: rotate: zoe@publish.example: '
write --force=rotate
isnt 'rotate: forced' "$rc $(sha256sum <"$zoe")" "0 $before"

# Steps of MTA-STS.
settings 'mta-sts = enforce' 'mx = mx.publish.example'
write
is 'enforce: cannot be told offline' "$rc" 75
like 'enforce: the policy is as it was' "$(cat $policy)" '^mode: testing'
write --force=enforce:publish.example
is 'enforce: forced' "$rc $(grep -c '^mode: enforce' $policy)" '0 1'
settings 'mta-sts = enforce' 'mx = other.publish.example'
write
is 'mx: other servers under enforce' "$rc $(grep -c '^mx: mx.publish' $policy)" '75 1'
settings
write
is 'leave: not by itself' "$rc $(grep -c '^mode: enforce' $policy)" '75 1'
write --force=leave
is 'leave: first mode none' "$rc $(tr -d '\r' <$policy | grep -cE '^(mode: none|max_age: 86400)$')" '0 2'
write --force=leave
is 'leave: then nothing' "$rc $(ls out/www)" '0 openpgpkey.publish.example'
settings 'caa = letsencrypt.org'
write
is 'caa: cannot be told offline' "$rc $(grep -c CAA out/dns/publish.example.zone)" '75 0'
write --force=caa
is 'caa: forced' "$rc $(grep -c '^publish.example. 3600 IN CAA 0 issue "letsencrypt.org"$' out/dns/publish.example.zone)" '0 1'
write
is 'caa: then refused again, and as it was' "$rc $(grep -c ' IN CAA ' out/dns/publish.example.zone)" '75 1'

# Keys of mail servers.
lab-cert mx.publish.example
settings 'tlsa-from = /run/lab/tls/mx.publish.example.pem' 'mx = mx.publish.example'
write
is 'tlsa: a private key is refused' "$rc" 78
openssl x509 -in /run/lab/tls/mx.publish.example.pem -out mx.pem
openssl ecparam -name prime256v1 -genkey -noout | openssl pkey -pubout >next.pem 2>/dev/null
hash_of() { # COMMAND...: TLSA 3 1 1 of the public key that it writes
	"$@" | openssl pkey -pubin -outform DER | sha256sum | cut -c 1-64
}
settings 'tlsa-from = mx.pem mx.publish.example=next.pem' 'mx = mx.publish.example mx.elsewhere.example'
write
is 'tlsa: cannot be told offline' "$rc $(grep -c TLSA out/dns/publish.example.zone)" '75 0'
write --force=tlsa
is 'tlsa: forced: the key in use and the next one, of hosts in the zone' "$rc $(grep TLSA out/dns/publish.example.zone | sort)" \
	"0 $(for hash in $(hash_of openssl x509 -in mx.pem -noout -pubkey) $(hash_of cat next.pem); do
		echo "_25._tcp.mx.publish.example. 3600 IN TLSA 3 1 1 $hash"; done | sort)"
write
is 'tlsa: then refused again, and as it was' "$rc $(grep -c TLSA out/dns/publish.example.zone)" '75 2'
printf '%s\n' '[provider]' 'host = wkd.sender.example' 'domains = customers' 'web = 192.0.2.81' 'mx = mx.publish.example' \
	'tlsa-from = mx.pem mx.nobody.example=next.pem' >theirs
printf 'publish.example\nother.example\n' >customers
chmod 600 theirs customers
run sealpost publish write --offline --force=tlsa customers-out theirs
is 'tlsa: of a provider: for the customer that has a mail server of its own, into its letter' \
	"$rc $(grep -l TLSA customers-out/dns/* | tr '\n' ' ')" \
	'0 customers-out/dns/publish.example.txt customers-out/dns/publish.example.zone '
like 'tlsa: a file for nobody is told' "$err" 'theirs:6: tlsa-from: mx.nobody.example=next.pem lies in the zone of no customer$'

# What a setting leads to is reported with its line.
settings 'ttl = 1h' 'keys = nosuch.asc'
write
like 'a file of keys that is not there' "$rc $err" "^78 sealpost: [^ ]*:9: keys: .*nosuch.asc: No such file"
mkdir -p empty
settings 'ttl = 1h' 'keys = keys/, empty/*.asc'
write
like 'keys, and no file is there' "$rc $err" "^0 sealpost: [^ ]*:9: keys: .*: no file is there$"
settings 'ttl = 1h' 'keys = keys/, empty/'
write
is 'a folder may be empty' "$rc $err" '0 '
settings 'ttl = 1h' 'keys = gnupg:*@other.example'
write
like 'keys of another domain' "$rc $err" "^78 sealpost: [^ ]*:9: keys: gnupg:.@other.example: is not"
settings 'ttl = 1h' 'mx = mx.publish.example' 'tlsa-from = nosuch.pem'
write
like 'a file of tlsa-from that is not there' "$rc $err" "^78 sealpost: [^ ]*:10: tlsa-from: .*nosuch.pem: No such file"
settings 'ttl = 1h' 'mta-sts = testing'
write
like 'a policy without mail servers' "$rc $err" "^78 sealpost: [^ ]*:9: mta-sts needs mx"
printf '%s\n' '[provider]' 'host = wkd.sender.example' 'domains = nosuch' >theirs
run sealpost publish write --offline customers-out theirs
like 'a list that is not there' "$rc $err" '^78 sealpost: theirs:3: domains: .*nosuch: No such file'

# Folders that are not to be written to.
settings
mkdir foreign
echo x >foreign/x
check_exit 73 sealpost publish write --offline foreign site
mkdir -m 777 shared
chmod 777 shared
check_exit 73 sealpost publish write --offline shared site
check_exit 73 sealpost publish write --offline /proc/none site
mkdir -m 777 wide
check_exit 73 sealpost publish write --offline wide/out site
is 'nothing is made in a folder that others may write to' "$(ls wide)" ''
check_exit 78 sealpost publish write --offline out none
chmod 666 site
check_exit 78 sealpost publish write --offline out site
chmod 600 site
check_exit 64 sealpost publish write --offline -d other.example out site
check_exit 64 sealpost publish write --offline -d '' out site
check_exit 0 sealpost publish write --offline -d Publish.Example. out site
check_exit 64 sealpost publish write --offline --force=nothing out site

# Two at once, and what is not ours.
echo mine >out/www/index.html
for i in 1 2 3 4 5; do
	printf '[domain]\nname = publish.example\nkeys = keys/\nttl = %d\nweb = 192.0.2.81\n' $((300 + i)) >"site$i"
	sealpost publish write --offline out "site$i" >/dev/null 2>"err$i" &
	pids="${pids-} $!"
done
# shellcheck disable=SC2086 # several
wait $pids
is 'five at once: none fails' "$(cat err[1-5])" ''
is 'five at once: one of them is there, whole' "$(grep -c '^openpgpkey.publish.example. 30[1-5] IN A 192.0.2.81$' out/dns/publish.example.zone)" 1
is 'what is not ours stays' "$(cat out/www/index.html)" mine
is 'nothing temporary stays' "$(find out -name '*.tmp' -o -name '*.new')" ''

# The examples of contrib, and a provider's tree.
mkdir contrib contrib/keys
cp "$LAB_SRC"/contrib/publish/* contrib
chmod -R go-w contrib
run sealpost publish write --offline example contrib/domain.conf
is 'contrib: with --offline the MX has to be named' "$rc" 78
echo 'mx = mx.example.org' >>contrib/domain.conf
check_exit 0 sealpost publish write --offline example contrib/domain.conf
new_key 'Cat <cat@customer.example>'
mkdir -p contrib/keys/customer.example
own --export cat@customer.example >contrib/keys/customer.example/cat
run sealpost publish write --offline provider contrib/provider.conf
is 'provider: enforce of one customer cannot be told offline' "$rc $(printf '%s\n' "$err" | grep -c 'enforce: another.example')" '75 1'
like 'provider: a customer gets a letter' "$(tr '\n' ' ' <provider/dns/customer.example.txt)" \
	'name:  openpgpkey full:  openpgpkey.customer.example type:  CNAME TTL:   3600 value: c7f2.wkd.example.net'
like 'provider: its zone has what the letter leads to' "$(cat provider/dns/wkd.example.net.zone)" \
	'^customer.example._mta-sts.wkd.example.net. 3600 IN TXT "v=STSv1; id=[0-9a-f]{20}"$'
like 'provider: and the token' "$(cat provider/dns/wkd.example.net.zone)" '^c7f2.wkd.example.net. 3600 IN A 192.0.2.80$'
is 'provider: the key of one customer' "$(find provider/www -path '*/hu/*' | cut -d/ -f3)" openpgpkey.customer.example
like 'provider: certificates on demand' "$(cat provider/Caddyfile)" 'ask http://127.0.0.1:9180/'
if command -v caddy >/dev/null; then
	ok 'provider: Caddy takes its configuration' caddy validate --adapter caddyfile --config provider/Caddyfile
	ok 'contrib: and that of one domain' caddy validate --adapter caddyfile --config example/Caddyfile
else
	skip 2 'caddy is not installed'
fi
before=$(find provider -printf '%p %m %T@ %i\n' | grep -v 'customer.example' | sort)
own --quick-set-expire "$(fpr_of cat@customer.example)" 2y
own --export cat@customer.example >contrib/keys/customer.example/cat
run sealpost publish write --offline -d customer.example provider contrib/provider.conf
is 'provider: one customer alone' "$rc $(find provider -printf '%p %m %T@ %i\n' | grep -vE 'customer.example|^provider(/\.sealpost-publish)? |^provider/www ' | sort)" \
	"0 $(printf '%s\n' "$before" | grep -vE '^provider(/\.sealpost-publish)? |^provider/www ')"
done_testing
