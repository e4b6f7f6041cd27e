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
cp -a out kept-old
# Once more from the old state to the new one, with what strace does to it.
change() { # STRACE-OPTION...
	rm -rf out
	cp -a kept-old out
	site new 2h
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$LAB/tmp/trace" "$@" sealpost publish write --offline --force=withdraw out site \
		>/dev/null 2>&1
}
if strace -o /dev/null true 2>/dev/null; then
	# What is there changes by these calls alone; a kill at any other leaves what one at the next of these leaves.
	killed=0
	half=
	mv new/eve eve-new
	for call in renameat fsync,syncfs unlinkat mkdirat; do
		try=0
		while [ $((try += 1)) -le 60 ]; do
			change -e trace=$call -e inject=$call:signal=KILL:when=$try && break
			killed=$((killed + 1))
			half="$half$(contents | grep -vxF -f either)"
			# Folders are made, and gpg's own files removed, long before.
			[ $call != unlinkat ] || try=$((try + 2))
			[ $call != mkdirat ] || try=$((try + 6))
		done
		[ $try -le 60 ] || half="$half; $call does not come to an end"
		write || half="$half; the run after a kill at $call fails"
		[ -z "$(find out -name '*.tmp' -o -name '*.new')" ] || half="$half; something temporary stays after $call"
	done
	is "killed at $killed moments: each file is the old or the new one" "$half" ''
	ok 'some were killed while they ran' test $killed -gt 15
	is 'and the next run is right' "$(find out/www -path '*/hu/*' | wc -l)" 2

	mv eve-new new/eve

	# Two at once: the first one sleeps within its changes.
	change -e trace=renameat -e inject=renameat:delay_enter=1500000:when=3 &
	within 20 test -e out/.sealpost-publish.tmp
	site old 1h
	run sealpost publish write --offline out site
	wait
	is 'two at once: the second one waits, or says so' "$rc" 0
	is 'and what it wrote is there' "$(contents)" "$(cat want-old)"
	is 'with nothing temporary' "$(find out -name '*.tmp' -o -name '*.new')" ''
else
	skip 6 'strace may not trace here'
fi

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
