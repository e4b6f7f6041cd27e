#!/bin/sh
# SPDX-License-Identifier: ISC
# publish write and what may happen to it: killed at any moment, on a full disk. Of each file the old state or the new one
# is there, never half; and nothing of a secret key is anywhere.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
lab_options=--caps
in_lab "$0" "$@"

cd "$LAB/tmp" || exit 1
mkdir old new gnupg secret
chmod 700 gnupg
own() {
	GNUPGHOME=$LAB/tmp/gnupg gpg --batch --quiet --passphrase '' "$@" 2>/dev/null
}
for name in ann bob eve; do
	own --quick-generate-key "$name <$name@publish.example>" future-default default 1y
	own --export $name@publish.example >old/$name
	own --quick-set-expire "$(GNUPGHOME=$LAB/tmp/gnupg gpg --batch --with-colons --list-keys $name@publish.example | awk -F: '/^fpr/ { print $10; exit }')" 2y
	own --export $name@publish.example >new/$name
done
site() { # KEYS TTL
	printf '[domain]\nname = publish.example\nkeys = %s/\nweb = 192.0.2.81\nttl = %s\nmta-sts = testing\nmx = %s\n' "$1" "$2" \
		mx.publish.example >site
	chmod 600 site
}
write() {
	sealpost publish write --offline out site >/dev/null 2>&1
}
# What is served and told, by content.
contents() {
	(cd out && find www dns -type f -exec sha256sum {} + 2>/dev/null) | sort
}

site new 2h
ok 'the new state' write
contents >want-new
rm -r out
site old 1h
ok 'the old state' write
contents >want-old
sort -u want-old want-new >either
killed=0
half=
for try in $(seq 1 40); do
	site new 2h
	sealpost publish write --offline out site >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf %03d $((try % 20 * 2 + 1)))"
	if kill -KILL $pid 2>/dev/null; then killed=$((killed + 1)); fi
	wait $pid 2>/dev/null
	half="$half$(contents | grep -vxF -f either)"
	site old 1h
	write || half="$half; the next run fails"
	contents | cmp -s - want-old || half="$half; the next run does not mend it"
done
is "killed at $killed moments: each file is the old or the new one" "$half" ''
ok 'some were killed while they ran' test $killed -gt 2
is 'nothing temporary stays' "$(find out -name '*.tmp' -o -name '*.new')" ''

# A full disk.
rm -rf out
mkdir out
mount -t tmpfs -o size=256k,mode=755 full out
site old 1h
ok 'on a small disk' write
contents >want-old
dd if=/dev/zero of=out/fill bs=1k 2>/dev/null
site new 2h
run sealpost publish write --offline out site
is 'full: exit 74' "$rc" 74
is 'full: nothing has changed' "$(contents)" "$(cat want-old)"
rm out/fill
ok 'with room again' write
isnt 'it is there' "$(contents)" "$(cat want-old)"

# Secret keys: no run leaves anything of one.
canary=CANARY$(date +%s)
for name in ann bob; do
	own --armor --export-secret-keys $name@publish.example >secret/$name
done
printf -- '-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n' "$canary" >secret/pem
site secret 1h
run sealpost publish write --offline out site
is 'secret keys: refused' "$rc" 78
line=$(sed -n 10p secret/ann)
is 'secret keys: nothing of them is anywhere' \
	"$(grep -rlaF -e "$canary" -e "$line" out "$HOME" "$XDG_RUNTIME_DIR" 2>/dev/null)" ''
done_testing
