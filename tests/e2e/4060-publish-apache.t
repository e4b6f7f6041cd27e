#!/bin/sh
# SPDX-License-Identifier: ISC
# publish for shared hosting: Apache serves the uploaded tree by the .htaccess files in it alone, as strangers need it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
lab_options=--caps
in_lab "$0" "$@"
command -v apache2 >/dev/null || skip_all 'apache2 is not installed'
# Apache insists on another user when it is root, which a user namespace forbids.
unshare --user --map-user=1000 --map-group=1000 true 2>/dev/null || skip_all 'no user namespace for Apache'

cd "$LAB/tmp" || exit 1
mkdir keys gnupg
chmod 700 gnupg
GNUPGHOME=$LAB/tmp/gnupg
export GNUPGHOME
gpg --batch --quiet --passphrase '' --quick-generate-key 'Ann <ann@publish.example>' future-default default 1y 2>/dev/null
gpg --batch --quiet --export ann@publish.example >keys/ann.pgp
for host in publish openpgpkey.publish mta-sts.publish; do lab-cert $host.example; done
settings() { # METHOD
	printf '%s\n' '[domain]' 'name = publish.example' 'keys = keys/' 'web = 192.0.2.81' 'web-server = apache' "method = $1" \
		'mta-sts = testing' 'mx = mx.publish.example' >site
}
settings both
run sealpost publish write --offline out site
is 'written' "$rc" 0
{ echo '@ A 192.0.2.81'; cat out/dns/publish.example.zone; } | lab-dns-add publish.example -

# A host for many: what .htaccess may say, and what is usual around it.
modules=/usr/lib/apache2/modules
load() {
	for name; do echo "LoadModule ${name}_module $modules/mod_$name.so"; done
}
site() { # HOST
	cat <<CONF
<VirtualHost 192.0.2.81:443>
	ServerName $1
	DocumentRoot $LAB/tmp/out/www/$1
	SSLEngine on
	SSLCertificateFile /run/lab/tls/$1.pem
	SSLCertificateKeyFile /run/lab/tls/$1.pem
</VirtualHost>
CONF
}
{
	load mpm_event authz_core autoindex negotiation mime dir alias headers ssl socache_shmcb
	cat <<CONF
ServerRoot $LAB/tmp
DefaultRuntimeDir $LAB/tmp
PidFile $LAB/tmp/apache.pid
ErrorLog $LAB/tmp/apache.log
ServerName localhost
Listen 192.0.2.81:443
TypesConfig /dev/null
AddType text/html .html
AddDefaultCharset ISO-8859-1
DirectoryIndex index.html
StartServers 1
<Directory />
	Options Indexes FollowSymLinks MultiViews
	AllowOverride All
	Require all granted
</Directory>
<FilesMatch "^\.ht">
	Require all denied
</FilesMatch>
CONF
	for host in publish openpgpkey.publish mta-sts.publish; do site $host.example; done
} >apache.conf
unshare --user --map-user=1000 --map-group=1000 apache2 -X -f "$LAB/tmp/apache.conf" >apache.out 2>&1 &
within 20 curl -s -o /dev/null https://publish.example/
[ ! -s apache.out ] || diag "$(cat apache.out apache.log)"

header() { # URL NAME
	curl -sI "$1" | tr -d '\r' | sed -n "s/^$2: //Ip"
}
codes() { # URL...
	for url; do curl -s -o /dev/null -w '%{http_code} ' "$url"; done
}
fpr=$(gpg --batch --quiet --with-colons --list-keys ann@publish.example | awk -F: '/^fpr/ { print $10; exit }')
for base in https://openpgpkey.publish.example/.well-known/openpgpkey/publish.example https://publish.example/.well-known/openpgpkey; do
	file=out/www/${base#https://}
	key=$(find "$file/hu" -type f)
	url=$base/hu/${key##*/}
	case $base in */publish.example) what=advanced ;; *) what=direct ;; esac
	is "$what: GET, byte by byte" "$(curl -s "$url?l=ann" | sha256sum)" "$(sha256sum <"$key")"
	is "$what: HEAD" "$(curl -sI "$url" | tr -d '\r' | head -n 1) $(header "$url" content-length)" "HTTP/1.1 200 OK $(wc -c <"$key")"
	is "$what: media type, CORS" "$(header "$url" content-type) $(header "$url" access-control-allow-origin)" \
		'application/octet-stream *'
	is "$what: the policy file" "$(codes "$base/policy")$(curl -s "$base/policy" | wc -c)" '200 0'
	is "$what: a stranger, folders: 404" \
		"$(codes "$base/hu/yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" "$base/hu/" "$base/hu" "$base/")" '404 404 404 404 '
	unlike "$what: .htaccess is not shown" "$(codes "${base%/publish.example}/.htaccess" "https://openpgpkey.publish.example/.htaccess")" 200
done
is 'the root of the key host: 404' "$(codes https://openpgpkey.publish.example/)" '404 '
policy=https://mta-sts.publish.example/.well-known/mta-sts.txt
is 'the policy: byte by byte, media type' "$(curl -s $policy | sha256sum) $(header $policy content-type)" \
	"$(sha256sum <out/www/mta-sts.publish.example/.well-known/mta-sts.txt) text/plain; charset=utf-8"
for method in both advanced direct; do
	settings $method
	[ $method != direct ] || lab-dns-add publish.example '*._openpgpkey TXT ""'
	run sealpost publish verify --no-smtp --json site
	like "verify, $method: all files are as they should be" \
		"$(printf '%s' "$out" | jq -r '[.files[].state] | group_by(.) | map("\(length) \(.[0])") | join(", ")')" '^[1-9][0-9]* right$'
done
run sealpost lookup --json ann@publish.example
is 'lookup finds the key' "$(printf '%s' "$out" | jq -r '.method + " " + .fingerprint')" "wkd-advanced $fpr"
done_testing
