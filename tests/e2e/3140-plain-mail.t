#!/bin/sh
# GMime is loaded when a mail needs it: not for a plain one. Without GMime what needs it is refused, and nothing else.
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
check_mail() { # NAME yes|no: loads GMime; sealed to both
	before=$(lab-mails | wc -l)
	check_exit 0 traced sealpost send -t
	like "$1: the linker tells" "$(cat "$LAB/tmp/libs")" 'calling init: .*/libsqlite3'
	if [ "$2" = yes ]; then
		like "$1: GMime is loaded" "$(cat "$LAB/tmp/libs")" 'calling init: .*/libgmime-3'
	else
		unlike "$1: GMime is not loaded" "$(cat "$LAB/tmp/libs")" 'libgmime|libglib|libgobject'
	fi
	is "$1: it arrived" "$(lab-mails | wc -l)" $((before + 1))
	mail=$(lab-mails | tail -n 1)
	unlike "$1: nothing is in clear" "$(cat "$mail")" 'usual place|secret subject'
	lab-decrypt "$mail" >"$LAB/tmp/plain" 2>"$LAB/tmp/status"
	like "$1: it decrypts" "$(cat "$LAB/tmp/plain")" '^Subject: the secret subject'
	is "$1: encrypted to three keys" "$(grep -c '^\[GNUPG:\] ENC_TO' "$LAB/tmp/status")" 3
}

mail_of "Alice A <$alice>, $bob" 7bit >"$LAB/tmp/mail"
echo 'the usual place' >>"$LAB/tmp/mail"
check_mail "7bit" no
mail_of "Alice <$alice>,
  Bob <$bob>" 8bit >"$LAB/tmp/mail"
echo 'the usual place: Grüße' >>"$LAB/tmp/mail"
check_mail "8bit, folded" no
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
check_mail "attachment" no

mail_of "\"A. Alice\" <$alice>, $bob" 7bit >"$LAB/tmp/quoted"
echo 'the usual place' >>"$LAB/tmp/quoted"
cp "$LAB/tmp/quoted" "$LAB/tmp/mail"
check_mail "quoted name" no
mail_of "friends: $alice, =?utf-8?q?B=C3=B6b?= <$bob>;" 7bit >"$LAB/tmp/mail"
echo 'the usual place' >>"$LAB/tmp/mail"
check_mail "group" no
mail_of "$alice, $bob" base64 >"$LAB/tmp/encoded"
echo 'the usual place' | base64 >>"$LAB/tmp/encoded"
cp "$LAB/tmp/encoded" "$LAB/tmp/mail"
check_mail "base64 text" yes

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

# A machine where it cannot be loaded.
mkdir "$LAB/tmp/empty"
: >"$LAB/tmp/empty/libgmime-3.0.so.0"
without() { # FILE COMMAND...
	input=$1
	shift
	LD_LIBRARY_PATH=$LAB/tmp/empty "$@" <"$input"
}
before=$(lab-mails | wc -l)
check_exit 78 without "$LAB/tmp/encoded" sealpost send -- $alice $bob
like "says what is missing" "$err" 'GMime cannot be loaded: .*libgmime-3\.0\.so\.0'
like "and how to get it" "$err" 'apt-get install libgmime-3\.0-0'
unlike "and nothing of the mail" "$err$out" 'usual place|secret'
check_exit 78 without "$LAB/tmp/encoded" sealpost send -t
check_exit 78 without "$LAB/tmp/encoded" sealpost filter $alice
is "nothing of it comes out" "$out" ""
is "nothing went out" "$(lab-mails | wc -l)" "$before"
check_exit 1 without /dev/null sealpost doctor
like "doctor says so" "$out" '^BAD +GMime: .*cannot be loaded'
like "doctor: with GMime" "$(sealpost doctor)" '^ok +GMime'
mail_of "Alice <$alice>" 7bit >"$LAB/tmp/mail"
echo 'the usual place' >>"$LAB/tmp/mail"
check_exit 0 without "$LAB/tmp/mail" sealpost send -t
is "a plain mail needs it not" "$(lab-mails | wc -l)" $((before + 1))
unlike "and is sealed" "$(cat "$(lab-mails | tail -n 1)")" 'usual place|secret'
done_testing
