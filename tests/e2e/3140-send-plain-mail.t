#!/bin/sh
# SPDX-License-Identifier: ISC
# Mails as programs write them: each is sealed to all whom it names, by a program that needs no library to read it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
bob=bob@direct.example
needed=$(readelf -d "$LAB_BUILD/bin/sealpost" | grep NEEDED)
like "readelf names the libraries" "$needed" 'libsqlite3'
unlike "the program is not linked with GMime or GLib" "$needed" 'lib(gmime|glib|gobject|gio)'

head_of() { # TO
	printf 'From: Me <me@sender.example>\nTo: %s\nSubject: the secret subject\n' "$1"
	printf 'Date: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <one@sender.example>\nMIME-Version: 1.0\n'
}
mail_of() { # TO ENCODING
	head_of "$1"
	printf 'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: %s\n\n' "$2"
}

# What the dynamic linker does, of this process and those that it starts; what they have to say goes the same way.
traced() { # COMMAND...: reads $LAB/tmp/mail
	LD_DEBUG=libs "$@" <"$LAB/tmp/mail" 2>"$LAB/tmp/libs"
}
check_mail() { # NAME: sealed to both
	before=$(lab-mails | wc -l)
	check_exit 0 traced sealpost send -t
	like "$1: the linker tells" "$(cat "$LAB/tmp/libs")" 'calling init: .*/libsqlite3'
	unlike "$1: GMime is not loaded" "$(cat "$LAB/tmp/libs")" 'libgmime|libglib|libgobject'
	is "$1: it arrived" "$(lab-mails | wc -l)" $((before + 1))
	mail=$(lab-mails | tail -n 1)
	unlike "$1: nothing is in clear" "$(cat "$mail")" 'usual place|secret subject'
	lab-decrypt "$mail" >"$LAB/tmp/plain" 2>"$LAB/tmp/status"
	like "$1: it decrypts" "$(cat "$LAB/tmp/plain")" '^Subject: the secret subject'
	is "$1: encrypted to three keys" "$(grep -c '^\[GNUPG:\] ENC_TO' "$LAB/tmp/status")" 3
}

mail_of "Alice A <$alice>, $bob" 7bit >"$LAB/tmp/mail"
echo 'the usual place' >>"$LAB/tmp/mail"
check_mail "7bit"
mail_of "Alice <$alice>,
  Bob <$bob>" 8bit >"$LAB/tmp/mail"
echo 'the usual place: Grüße' >>"$LAB/tmp/mail"
check_mail "8bit, folded"
head_of "$alice,$bob" >"$LAB/tmp/mail"
cat >>"$LAB/tmp/mail" <<'MAIL'
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

the usual place
--b
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

AQID/yBhdHRhY2htZW50
--b--
MAIL
check_mail "attachment"

mail_of "\"A. Alice\" <$alice>, $bob" 7bit >"$LAB/tmp/quoted"
echo 'the usual place' >>"$LAB/tmp/quoted"
cp "$LAB/tmp/quoted" "$LAB/tmp/mail"
check_mail "quoted name"
mail_of "friends: $alice, =?utf-8?q?B=C3=B6b?= <$bob>;" 7bit >"$LAB/tmp/mail"
echo 'the usual place' >>"$LAB/tmp/mail"
check_mail "group"
mail_of "$alice, $bob" base64 >"$LAB/tmp/encoded"
echo 'the usual place' | base64 >>"$LAB/tmp/encoded"
cp "$LAB/tmp/encoded" "$LAB/tmp/mail"
check_mail "base64 text"

# As mutt writes it.
if command -v mutt >/dev/null; then
	cat >"$LAB/tmp/traced" <<'SCRIPT'
#!/bin/sh
LD_DEBUG=libs exec sealpost send "$@" 2>"$LAB/tmp/libs"
SCRIPT
	chmod +x "$LAB/tmp/traced"
	printf 'set sendmail="%s"\nset sendmail_wait=0\nset from=me@sender.example\nset realname="Me"\nset record=""\n' \
		"$LAB/tmp/traced" >"$HOME/.muttrc"
	before=$(lab-mails | wc -l)
	check_exit 0 sh -c "echo 'the usual place: Grüße' | mutt -F '$HOME/.muttrc' -s s -- 'Alice <$alice>' $bob"
	is "mutt: it arrived" "$(lab-mails | wc -l)" $((before + 1))
	like "mutt: the linker tells" "$(cat "$LAB/tmp/libs")" 'calling init: .*/libsqlite3'
	unlike "mutt: GMime is not loaded" "$(cat "$LAB/tmp/libs")" 'libgmime'
else
	skip 4 "mutt is missing"
fi

done_testing
