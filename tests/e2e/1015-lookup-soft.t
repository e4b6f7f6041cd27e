#!/bin/sh
# SPDX-License-Identifier: ISC
# Discovery, direct hosts: a published key that cannot be read is not taken for none, and a site that answers anything to
# everything still has none (cases 110 to 119).
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"

served='page mixed empty note meant moody gzip deflate br lie'
files='file text pre bom crlf utf16 base64 base64armour gz pointer packed broken void noise php'
names=
for host in $served; do
	names="$names $host.site.example"
done
# shellcheck disable=SC2086 # names
lab-cert soft $names
for host in $files; do
	lab-cert "$host.site.example"
done
addresses=
for host in $served $files; do
	addresses="$addresses x@$host.site.example"
done
# shellcheck disable=SC2086 # addresses
cases_key $addresses
key=$LAB/keys/x@file.site.example.pub
fpr=$(lab-key x@file.site.example)
armoured=$LAB/tmp/armoured
gpg --batch --quiet --no-tty --homedir "$LAB/tmp/cases-gnupg" --armor --export "$fpr" >"$armoured"
gpgconf --homedir "$LAB/tmp/cases-gnupg" --kill all

# put HOST: standard input is what x@HOST.site.example publishes.
put() {
	cat >"$LAB/tmp/published"
	lab-wkd-put "x@$1.site.example" "$LAB/tmp/published" direct
}
put file <"$key"
{ printf 'My key:\n\n'; cat "$armoured"; printf '\nregards\n'; } | put text
{ printf '<!DOCTYPE html>\n<html><body><pre>'; cat "$armoured"; printf '</pre></body></html>\n'; } | put pre
{ printf '\357\273\277'; cat "$armoured"; } | put bom
sed 's/$/\r/' "$armoured" | put crlf
{ printf '\377\376'; sed 's/./&\x00/g; s/$/\r\x00/' "$armoured" | sed 's/$/\x00/' | tr -d '\n' | sed 's/\r\x00\x00/\r\x00\n\x00/g'; } | put utf16
base64 "$key" | put base64
base64 "$armoured" | put base64armour
gzip -c "$armoured" | put gz
put php <"$key"
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 1234\n' 0 | put pointer
gzip -c "$key" | { printf '\243\001'; cat; } | put packed
sed 's/BLOCK-----$/BLOCK----/' "$armoured" | put broken
printf '' | put void
head -c 500 /dev/zero | openssl enc -aes-128-ctr -K 00000000000000000000000000000000 -iv 00000000000000000000000000000000 |
	{ printf 'x'; cat; } | put noise
for host in page moody; do
	put "$host" <"$key"
done
printf '<!DOCTYPE html>\n<title>Mine</title>\n' >"$LAB/tmp/html"
lab-wkd-put html@moody.site.example "$LAB/tmp/html" direct
printf 'version https://git-lfs.github.com/spec/v1\n' | put mixed
gzip -c "$key" | put gzip
put lie <"$key"
gzip -nc <"$key" | tail -c +11 | head -c -8 | put deflate
printf '\033\001\002\003 whatever' | put br
nginx -c "$LAB_SRC/tests/discovery/soft.conf" -e "$LAB/log/soft.err" || exit 1

for host in file text pre bom crlf utf16 base64 base64armour gz php page moody gzip deflate lie; do
	case_ 110 "read: $host" "x@$host.site.example" usable method=wkd-direct "fpr=x@file.site.example"
done
for host in pointer packed void noise; do
	case_ 111 "not read, 404 to others: $host" "x@$host.site.example" unusable absence=- urls=2
done
case_ 111 'not read, but armour: broken' x@broken.site.example unusable absence=- urls=1
case_ 112 'not read, a page to others' x@mixed.site.example unusable absence=- urls=2
case_ 112 'not read, an unknown coding' x@br.site.example unusable absence=- urls=2
case_ 113 'a page to everything' nokey@page.site.example absent absence=unproved urls=2
case_ 113 'nothing to everything' nokey@empty.site.example absent absence=unproved urls=2
case_ 113 'text that names the path to everything' nokey@note.site.example absent absence=unproved urls=2
case_ 114 'a page about keys to everything' nokey@meant.site.example unusable absence=- urls=1
case_ 115 'a page, and a failure to others' html@moody.site.example unknown absence=- urls=2
case_ 116 '404, for comparison' nokey@file.site.example absent absence=proved urls=1
cases_run

is "it is asked for as it is" "$(cut -d ' ' -f 3 "$LAB/log/soft.log" | sort -u)" "identity"
is "the control names no mailbox" "$(grep -c 'l=nokey' "$LAB/log/soft.log")" 4

lab-import-sender
printf 'From: me@sender.example\nSubject: x\n\ntext\n' >"$LAB/tmp/mail"
exit_of=0
sealpost send x@pointer.site.example <"$LAB/tmp/mail" 2>"$LAB/tmp/err" || exit_of=$?
is "send: what cannot be read is refused" "$exit_of" 69
is "nothing went out" "$(lab-mails | wc -l)" 0
exit_of=0
sealpost send nokey@page.site.example <"$LAB/tmp/mail" 2>"$LAB/tmp/err" || exit_of=$?
is "send: a site that answers everything has no key" "$exit_of" 0
done_testing
