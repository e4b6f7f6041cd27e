#!/bin/sh
# SPDX-License-Identifier: ISC
# What nobody may touch goes through octet by octet: signed parts, attached messages, mail that is encrypted already.
# And only what really is encrypted counts as that.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
dir=$LAB/tmp/u
mkdir "$dir"
gpg --batch --quiet --import "$LAB/keys/$alice.pub" 2>/dev/null
GNUPGHOME=$LAB/keys/gnupg-receivers gpg --batch --quiet --import "$LAB/keys/me@sender.example.pub" 2>/dev/null
check_exit 0 sealpost lookup --pin $alice

mygpg() {
	gpg --batch --quiet --yes --trust-model always -u me@sender.example "$@"
}
head_of() { # Content-Type...: the header of a mail
	printf 'From: me@sender.example\nTo: %s\nBcc: hidden@x.example\nX-Sealpost: encrypt=prefer\n' $alice
	printf 'Subject: a subject\nMIME-Version: 1.0\n%s\n\n' "$1"
}
body() { # FILE: what is behind the header, LF line ends
	tr -d '\r' <"$1" | sed '1,/^$/d'
}
send_it() { # FILE: leaves the arrived mail's name in $mail
	run sealpost send -- $alice <"$1"
	mail=$(lab-mails | tail -n 1)
}
is_kept() { # WHAT FILE
	body "$2" >"$dir/want"
	send_it "$2"
	body "$mail" | sed '${/^$/d}' >"$dir/got" # the server adds a line
	is "$1: sent" "$rc$err" 0
	ok "$1: the body is the same, octet by octet" cmp "$dir/want" "$dir/got"
	unlike "$1: Bcc and X-Sealpost are gone" "$(sed '/^.\{0,1\}$/q' "$mail")" '^(Bcc|X-Sealpost):'
}
is_sealed() { # WHAT FILE
	send_it "$2"
	is "$1: sent" "$rc$err" 0
	lab-decrypt "$mail" >"$dir/plain" 2>"$dir/status"
	like "$1: sealed, and signed by us" "$(cat "$dir/status")" 'GOODSIG.*me@sender.example'
	body "$2" >"$dir/want"
	body "$dir/plain" >"$dir/got"
	ok "$1: the body is inside, octet by octet" cmp "$dir/want" "$dir/got"
	unlike "$1: nothing of it is outside" "$(cat "$mail")" 'a subject|clear text'
}

is_wrapped() { # WHAT FILE: sealed as a part of its own, so that readers find the Subject
	send_it "$2"
	is "$1: sent" "$rc$err" 0
	lab-decrypt "$mail" >"$dir/plain" 2>"$dir/status"
	like "$1: sealed, and signed by us" "$(cat "$dir/status")" 'GOODSIG.*me@sender.example'
	like "$1: it is wrapped" "$(cat "$dir/plain")" '^Content-Type: multipart/mixed; boundary="=_[0-9a-f]*"'
	like "$1: the Subject is at the outside of it" "$(sed '/^.\{0,1\}$/q' "$dir/plain")" '^Subject: a subject'
	body "$2" >"$dir/want"
	body "$dir/plain" | sed '1,/^$/d' | sed '/^--=_[0-9a-f]*--$/d' | sed '${/^$/d}' >"$dir/got"
	ok "$1: the body is the part, octet by octet" cmp "$dir/want" "$dir/got"
	unlike "$1: nothing of it is outside" "$(cat "$mail")" 'a subject|clear text'
}

printf 'clear text, Grüße \nFrom x\n%0500d\n' 0 >"$dir/text"
printf 'Content-Type: text/plain; charset=utf-8\r\n\r\nclear text, Grüße \r\nFrom x \r\n' >"$dir/part"
mygpg --armor --output "$dir/part.sig" --detach-sign "$dir/part"

# 1: signed by the author's mail program
{
	head_of 'Content-Type: multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary=s'
	printf 'ignored \n--s\n'
	tr -d '\r' <"$dir/part"
	printf '\n--s\nContent-Type: application/pgp-signature\n\n'
	cat "$dir/part.sig"
	printf '\n--s--\n'
} >"$dir/signed"
is_wrapped '1 multipart/signed' "$dir/signed"
sed '1,/^--s.$/d' "$dir/plain" | sed '/^--s/,$d' >"$dir/inner" # with the line end that belongs to the delimiter
head -c -2 "$dir/inner" >"$dir/signed-part"
ok '1 multipart/signed: its own signature is good' mygpg --verify "$dir/part.sig" "$dir/signed-part"

# 2: a message attached, with what mail programs do wrong
{
	head_of 'Content-Type: multipart/mixed; boundary=b'
	printf -- '--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\n'
	cat "$dir/signed"
	printf '\n--b--\n'
} >"$dir/attached"
is_sealed '2 message/rfc822' "$dir/attached"

# encrypted already
mygpg -a -e -r $alice -o "$dir/pgp.asc" "$dir/text"
mygpg -a -s -e -r $alice -o "$dir/pgp-signed.asc" "$dir/text"
mygpg -a -s -o "$dir/pgp-only-signed.asc" "$dir/text"
mygpg -a --store -o "$dir/pgp-store.asc" "$dir/text"
mygpg -a --clear-sign -o "$dir/pgp-clear-signed.asc" "$dir/text"
gpg --batch --quiet --yes --pinentry-mode loopback --passphrase x -a --symmetric -o "$dir/pgp-symmetric.asc" "$dir/text"
shell() { # ARMOUR [MORE]
	head_of 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=e'
	printf -- '--e\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--e\nContent-Type: application/octet-stream\n\n'
	cat "$1"
	printf '%s' "${2:-}"
	printf '\n--e--\n'
}
inline() { # ARMOUR [MORE]
	head_of 'Content-Type: text/plain; charset=utf-8'
	cat "$1"
	printf '%s' "${2:-}"
}
shell "$dir/pgp.asc" >"$dir/m"
is_kept '3 PGP/MIME' "$dir/m"
shell "$dir/pgp-signed.asc" >"$dir/m"
is_kept '4 PGP/MIME, signed too' "$dir/m"
sed 's/$/\r/' "$dir/m" >"$dir/m-crlf"
is_kept '5 PGP/MIME, CRLF' "$dir/m-crlf"
shell "$dir/pgp-symmetric.asc" >"$dir/m"
is_kept '6 PGP/MIME, to a passphrase' "$dir/m"
inline "$dir/pgp.asc" >"$dir/m"
is_kept '7 inline' "$dir/m"
shell "$dir/pgp-only-signed.asc" >"$dir/m"
is_sealed '8 PGP/MIME around gpg -sa' "$dir/m"
shell "$dir/pgp-store.asc" >"$dir/m"
is_sealed '9 PGP/MIME around gpg --store' "$dir/m"
echo 'clear text' >"$dir/ascii"
shell "$dir/ascii" >"$dir/m"
send_it "$dir/m"
lab-decrypt "$mail" >"$dir/plain" 2>/dev/null
like '10 PGP/MIME around text: sealed' "$(cat "$dir/plain")" '^Content-Type: multipart/encrypted'
like '10 PGP/MIME around text: the text is inside' "$(cat "$dir/plain")" 'clear text'
unlike '10 PGP/MIME around text: and not outside' "$(cat "$mail")" 'clear text'
shell "$dir/pgp.asc" 'clear text
' >"$dir/m"
is_sealed '11 PGP/MIME, with text behind the armour' "$dir/m"
inline "$dir/pgp-only-signed.asc" >"$dir/m"
is_sealed '12 inline gpg -sa' "$dir/m"
inline "$dir/pgp.asc" 'clear text
' >"$dir/m"
is_sealed '13 inline, with text behind the armour' "$dir/m"
inline "$dir/pgp.asc" "$(cat "$dir/pgp.asc")" >"$dir/m"
is_sealed '14 inline, twice' "$dir/m"
inline "$dir/pgp-clear-signed.asc" >"$dir/m"
send_it "$dir/m"
lab-decrypt "$mail" >"$dir/plain" 2>"$dir/status"
like '15 clear-signed: sealed' "$(cat "$dir/status")" 'GOODSIG.*me@sender.example'
unlike '15 clear-signed: nothing of it is outside' "$(cat "$mail")" 'clear text'

# CMS
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key" -out "$dir/cert" -subj /CN=x -days 2 2>/dev/null
cms() { # SMIME-TYPE FILE
	head_of "Content-Type: application/pkcs7-mime; smime-type=$1; name=smime.p7m
Content-Transfer-Encoding: base64"
	base64 "$2"
}
openssl cms -encrypt -binary -in "$dir/text" -outform DER -out "$dir/enveloped" "$dir/cert"
openssl cms -sign -nodetach -binary -in "$dir/text" -outform DER -out "$dir/cms-signed" -signer "$dir/cert" -inkey "$dir/key"
cms enveloped-data "$dir/enveloped" >"$dir/m"
is_kept '16 CMS enveloped' "$dir/m"
cms signed-data "$dir/cms-signed" >"$dir/m"
is_wrapped '17 CMS signed' "$dir/m"
cms enveloped-data "$dir/cms-signed" >"$dir/m"
is_sealed '18 CMS signed, said to be enveloped' "$dir/m"
cms enveloped-data "$dir/text" >"$dir/m"
is_sealed '19 text, said to be enveloped' "$dir/m"
openssl cms -encrypt -binary -stream -in "$dir/text" -outform DER -out "$dir/cms-ber" "$dir/cert"
cms enveloped-data "$dir/cms-ber" >"$dir/m"
is_kept '20 CMS enveloped, BER' "$dir/m"
openssl cms -encrypt -aes-256-gcm -binary -in "$dir/text" -outform DER -out "$dir/cms-auth" "$dir/cert"
cms authEnveloped-data "$dir/cms-auth" >"$dir/m"
is_kept '21 CMS with authenticated encryption' "$dir/m"
openssl smime -encrypt -aes256 -in "$dir/text" -outform DER -out "$dir/smime" "$dir/cert"
cms enveloped-data "$dir/smime" >"$dir/m"
is_kept '22 S/MIME of version 2' "$dir/m"
{
	cms enveloped-data "$dir/enveloped" | sed '$d'
	cms enveloped-data "$dir/enveloped" | sed -n '$p' | sed 's/=*$/==secret/'
} >"$dir/m"
is_sealed '23 CMS, text behind the padding' "$dir/m"
sed 's/^-----BEGIN PGP MESSAGE-----$/&\nComment: secret/' "$dir/pgp.asc" >"$dir/comment.asc"
shell "$dir/comment.asc" >"$dir/m"
is_sealed '24 PGP/MIME, text in a Comment of the armour' "$dir/m"
shell "$dir/pgp.asc" | sed 's/^--e$/secret\n&/;t done;b;:done;n;b done' >"$dir/m"
is_sealed '25 PGP/MIME, text in the preamble' "$dir/m"
shell "$dir/pgp.asc" | sed 's/^Content-Type: application.octet-stream$/&\nX-Note: secret/' >"$dir/m"
is_sealed '26 PGP/MIME, text in a field of a part' "$dir/m"
shell "$dir/pgp.asc" | sed 's/boundary=e$/boundary="e"; boundary*0=c/' >"$dir/m"
is_sealed '27 PGP/MIME, another boundary in pieces' "$dir/m"
rm -rf "$dir"
done_testing
