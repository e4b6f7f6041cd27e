#!/bin/sh
# SPDX-License-Identifier: ISC
# Mail as programs write it against the standards: nothing is cut, dropped or refused without need, and what goes out is 7-bit.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
bob=bob@direct.example
check_exit 0 sealpost lookup --pin $alice $bob erin@advanced.example
GNUPGHOME=$LAB/keys/gnupg-receivers gpg --batch --quiet --import "$LAB/keys/me@sender.example.pub" 2>/dev/null

n=0
carried() { # WHAT FIELDS BODY [OPTION...]: printf's; leaves the opened mail in $plain, the sealed one in $mail
	n=$((n + 1))
	what="$n $1"
	# shellcheck disable=SC2059
	printf "From: Me <me@sender.example>\n$2Subject: the secret subject\nDate: Mon, 23 Nov 2026 12:00:00 +0000
Message-ID: <$n@sender.example>\nMIME-Version: 1.0\n$3" >"$LAB/tmp/mail"
	shift 3
	[ $# -gt 0 ] || set -- -i -t
	before=$(lab-mails | wc -l)
	run sealpost send "$@" <"$LAB/tmp/mail"
	is "$what: sent" "$rc$out$err" 0
	is "$what: one mail" "$(lab-mails | wc -l)" $((before + 1))
	mail=$(lab-mails | tail -n 1)
	unlike "$what: sealed" "$(cat "$mail")" 'secret'
	is "$what: 7-bit outside" "$(LC_ALL=C grep -c '[^ -~	]' "$mail")" 0
	plain=$(lab-decrypt "$mail" 2>"$LAB/tmp/status" | tr -d '\r')
	like "$what: the signature is good" "$(cat "$LAB/tmp/status")" 'GOODSIG'
	is "$what: 7-bit inside" "$(printf '%s\n' "$plain" | LC_ALL=C grep -c '[^ -~	]')" 0
}
to="To: $alice\n"

# Boundaries that never occur.
carried "no part" "$to" 'Content-Type: multipart/alternative; boundary="aaa"\n\n<html>secret Gr\303\274\303\237e</html>\n'
like "$what: it is text" "$plain" '^Content-Type: text/plain; charset=utf-8'
like "$what: the text is there" "$plain" 'secret Gr=C3=BC=C3=9Fe'
carried "nested, no part" "$to" 'Content-Type: multipart/mixed; boundary="out"\n\n--out\nContent-Type: multipart/alternative; boundary="x"\n\n--y\nContent-Type: text/plain; charset=utf-8\n\nGr\303\274\303\237e an alle\n--y--\n--out\nContent-Type: text/plain\n\nsee above\n--out--\n'
like "$what: the text is there" "$plain" 'Gr=C3=BC=C3=9Fe an alle'
like "$what: and what follows" "$plain" 'see above'

# Odd values.
carried "Content-Type: text" "$to" 'Content-Type: text\n\nsecret\n'
like "$what: repaired" "$plain" '^Content-Type: text/plain;'
carried "a file name without quotes" "$to" 'Content-Type: application/pdf; name=my file.pdf\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n'
like "$what: repaired" "$plain" '^Content-Type: application/pdf; name="my file.pdf";'
carried "a boundary in pieces" "$to" "Content-Type: multipart/mixed;\n boundary*0*=us-ascii''ab;\n boundary*1*=cd\n\n--abcd\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\303\274\303\237e \n--abcd--\n"
like "$what: repaired" "$plain" '^Content-Type: multipart/mixed; boundary=abcd;'
like "$what: the text is there" "$plain" 'Gr=C3=BC=C3=9Fe=20'
carried "a boundary without quotes" "$to" 'Content-Type: multipart/mixed; boundary=----=_Part_1\n\n------=_Part_1\n\nsecret\n------=_Part_1--\n'
like "$what: repaired" "$plain" '^Content-Type: multipart/mixed; boundary="----=_Part_1";'
carried "8bits" "$to" 'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bits\n\nGr\303\274\303\237e\n'
like "$what: encoded" "$plain" '^Content-Transfer-Encoding: quoted-printable'
like "$what: the text is there" "$plain" 'Gr=C3=BC=C3=9Fe'

# Raw 8-bit text in fields.
carried "8-bit in the header" "${to}Cc: J\366rg <$bob>\nReceived: from x (\344)\nX-Any: Gr\303\274\303\237e\n" '\nsecret\n'
like "$what: the name" "$(cat "$mail")" '^Cc: =\?unknown-8bit\?q\?J=F6rg\?= <bob@direct.example>'
like "$what: text" "$(cat "$mail")" '^X-Any: =\?utf-8\?q\?Gr=C3=BC=C3=9Fe\?='

# An address that cannot be said in ASCII goes only to who passes it on (SMTPUTF8), wherever it stands.
printf 'From: Me <me@sender.example>\nTo: %s\nReply-To: j\303\266rg@sender.example\nSubject: s\n\nsecret\n' $alice >"$LAB/tmp/mail"
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nmta = msmtp\n' >"$HOME/.config/sealpost/config"
before=$(lab-mails | wc -l)
check_exit 65 sealpost send -i -t <"$LAB/tmp/mail"
like "it is said where" "$err" '^sealpost: not sent: the header has an address that is not in ASCII: .*SMTPUTF8'
is "nothing went out" "$(lab-mails | wc -l)" "$before"

# One mailbox, spelt with composed characters and with combining ones: it has one pin.
mkdir -p "$LAB/tmp/postfix"
for program in sendmail postdrop postconf; do
	printf '#!/bin/sh\n' >"$LAB/tmp/postfix/$program"
	chmod 755 "$LAB/tmp/postfix/$program"
done
printf 'printf "%%s " "$@" >"%s/tmp/postfix/argv"\ncat >"%s/tmp/postfix/got"\n' "$LAB" "$LAB" >>"$LAB/tmp/postfix/sendmail"
printf '[sealpost]\nmta = %s\n' "$LAB/tmp/postfix/sendmail" >"$HOME/.config/sealpost/config"
composed=$(printf 'j\303\266rg@absent.example')
combining=$(printf 'Jo\314\210rg@absent.example')
lab-new-key "$composed" "$LAB/tmp/joerg.pub" >/dev/null
check_exit 0 sealpost pins import "$LAB/tmp/joerg.pub"
for spelling in "$composed" "$combining"; do
	printf 'From: Me <me@sender.example>\nTo: %s\nSubject: s\n\nsecret\n' "$spelling" >"$LAB/tmp/mail"
	rm -f "$LAB/tmp/postfix/got"
	run sealpost send -i -t <"$LAB/tmp/mail"
	is "$spelling: sent" "$rc$err" 0
	like "$spelling: sealed" "$(cat "$LAB/tmp/postfix/got")" '^Content-Type: multipart/encrypted'
	like "$spelling: handed over as it was written" "$(cat "$LAB/tmp/postfix/argv")" "-- $spelling "
	check_exit 0 sealpost pins show "$spelling"
done
check_exit 0 sealpost pins forget "$combining"
check_exit 1 sealpost pins show "$composed"
rm "$HOME/.config/sealpost/config"

# Long lines, and fields that stand twice.
carried "References on one line" "${to}References: $(printf '<%030d@mail.example> ' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25)\n" '\nsecret\n'
ok "$what: folded" [ "$(sed '/^$/q' "$mail" | awk 'length > m { m = length } END { print m }')" -le 100 ]
is "$what: all are there" "$(sed '/^$/q' "$mail" | grep -o '@mail\.example>' | wc -l)" 25
carried "To on one line" "To: $alice,$(printf 'x%02d <erin@advanced.example>,' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40)$bob\n" '\nsecret\n'
ok "$what: folded" [ "$(sed '/^$/q' "$mail" | awk 'length > m { m = length } END { print m }')" -le 100 ]
carried "two Cc, two equal MIME-Version" "${to}Cc: $bob\nMIME-Version: 1.0\ncc: Erin <erin@advanced.example>\n" '\nsecret\n'
is "$what: one Cc" "$(sed '/^$/q' "$mail" | grep -ci '^cc:')" 1
like "$what: with both" "$(sed '/^$/q' "$mail" | tr -d '\r\n')" 'Cc: bob@direct.example, Erin <erin@advanced.example>'
is "$what: one MIME-Version" "$(sed '/^$/q' "$mail" | grep -ci '^MIME-Version:')" 1

carried "a quoted line of an mbox in the header" "${to}>From x@y.example Mon Nov 23 12:00:00 2026\n" '\nsecret\n'
unlike "$what: it is gone" "$(cat "$mail")$plain" '>From'

# A dot is text.
carried "a lone dot" "$to" '\nbefore\n.\nafter the dot\n' -t
like "$what: nothing is cut" "$plain" 'after the dot'
carried "an address as its name" "To: $alice <$alice>\n" '\nsecret\n'
carried "Thread-Topic" "${to}Thread-Topic: the secret subject\n" '\nx\n'
like "$what: inside" "$plain" '^Thread-Topic: the secret subject'
carried "a copy of the Subject, folded and between quotes" \
	"${to}X-Folded: the secret\n   subject\nX-Quoted: \"=?utf-8?q?the_secret_subject?=\"\nX-Other: the subject\n" '\nx\n'
is "$what: both inside only" "$(sed '/^$/q' "$mail" | grep -o '^X-[FQO][a-z]*:')" 'X-Other:'
is "$what: there they are" "$(printf '%s\n' "$plain" | grep -c '^X-[FQ][a-z]*: ')" 2

# Legacy display leaves the structure alone.
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nlegacy-display = yes\n' >"$HOME/.config/sealpost/config"
carried "a delimiter behind the text's last line" "$to" 'Content-Type: multipart/alternative; boundary="aaa"\n\n--aaa\nContent-Type: text/plain\n\nhello\n--aaa'
like "$what: the text is there" "$plain" '^hello'
is "$what: no delimiter more" "$(printf '%s\n' "$plain" | grep -c '^--aaa')" 2
unlike "$what: none beside a field" "$plain" '[^-]--aaa|--aaa.'
# No header at all: a blank line and the text, as people pipe it into sendmail.
before=$(lab-mails | wc -l)
printf '\nthe secret text\n' >"$LAB/tmp/mail"
run sealpost send -f me@sender.example $alice <"$LAB/tmp/mail"
is "no header: sent" "$rc$out$err$(lab-mails | wc -l)" "0$((before + 1))"
mail=$(lab-mails | tail -n 1)
unlike "no header: sealed" "$(cat "$mail")" 'secret'
like "no header: what it must have is written" "$(cat "$mail")" '^From: me@sender.example'
like "no header: and the date" "$(cat "$mail")" '^Date: '
plain=$(lab-decrypt "$mail" 2>"$LAB/tmp/status" | tr -d '\r')
like "no header: the text" "$plain" '^the secret text'
like "no header: signed" "$(cat "$LAB/tmp/status")" 'GOODSIG'
run sealpost send nokey@advanced.example <"$LAB/tmp/mail"
is "no header, in clear: sent" "$rc$out$err" 0
like "no header, in clear: the text" "$(cat "$(lab-mails | tail -n 1)")" '^the secret text'

done_testing
