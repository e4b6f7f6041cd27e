#!/bin/sh
# SPDX-License-Identifier: ISC
# send: find, pin, seal, hand over; what arrives, and what is never asked again.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
bob=bob@direct.example

cat >"$LAB/tmp/mail" <<'MAIL'
From: Me <me@sender.example>
To: Alice <alice@advanced.example>, bob@direct.example
Subject: the secret subject
Date: Mon, 23 Nov 2026 10:00:00 +0000
Message-ID: <one@sender.example>
X-Mailer: none

Meet me at the usual place.
Grüße
MAIL
chmod 600 "$LAB/tmp/mail"

questions() {
	grep -c ' IN$' "$LAB/log/unbound.log"
}

check_exit 0 sealpost send -f me@sender.example -- $alice $bob <"$LAB/tmp/mail"
is "silent on success" "$out$err" ""
is "one mail arrived" "$(lab-mails | wc -l)" 1
mail=$(lab-mails | tail -n 1)
lab-decrypt "$mail" >"$LAB/tmp/plain" 2>"$LAB/tmp/status"
like "it decrypts" "$(cat "$LAB/tmp/plain")" 'Meet me at the usual place'
like "the subject is inside" "$(cat "$LAB/tmp/plain")" '^Subject: the secret subject'
like "with header protection" "$(cat "$LAB/tmp/plain")" 'hp="?cipher"?'
unlike "the subject is not outside" "$(cat "$mail")" 'secret subject'
like "the outer subject says nothing" "$(cat "$mail")" '^Subject: \[\.\.\.\]'
like "PGP/MIME" "$(tr -d '\n' <"$mail")" 'multipart/encrypted;[[:space:]]*protocol="application/pgp-encrypted"'
GNUPGHOME=$LAB/keys/gnupg-receivers gpg --batch --quiet --import "$LAB/keys/me@sender.example.pub" 2>/dev/null
lab-decrypt "$mail" >/dev/null 2>"$LAB/tmp/status"
like "the signature is good" "$(cat "$LAB/tmp/status")" "GOODSIG.*me@sender.example"
is "encrypted to three keys" "$(grep -c '^\[GNUPG:\] ENC_TO' "$LAB/tmp/status")" 3
is "both are pinned" "$(sealpost pins list --json | jq -r '.address + " " + .state' | tr '\n' ' ')" \
	"$alice tofu $bob tofu "

# A second send asks nothing and starts no helper.
before=$(questions)
requests=$(cat "$LAB"/log/*access* 2>/dev/null | wc -l)
check_exit 0 strace -f -e trace=execve -o "$LAB/tmp/trace" sealpost send -- $alice $bob <"$LAB/tmp/mail"
is "no DNS question" "$(questions)" "$before"
is "no HTTP request" "$(cat "$LAB"/log/*access* 2>/dev/null | wc -l)" "$requests"
unlike "no network helper" "$(cat "$LAB/tmp/trace")" 'sealpost-net'
is "the second arrived" "$(lab-mails | wc -l)" 2

# From a pipe, with -t, CRLF, Bcc to oneself alone.
check_exit 0 sh -c "sed 's/\$/\r/' '$LAB/tmp/mail' | sealpost send -t -i"
is "the third arrived" "$(lab-mails | wc -l)" 3
lab-decrypt "$(lab-mails | tail -n 1)" >"$LAB/tmp/plain" 2>/dev/null
like "from a pipe with CRLF" "$(cat "$LAB/tmp/plain")" 'usual place'

# Called as sendmail, by name and by the path that programs take.
ln -sf "$(command -v sealpost)" "$LAB/tmp/sendmail"
check_exit 0 "$LAB/tmp/sendmail" -i -- $alice <"$LAB/tmp/mail"
check_exit 0 "$LAB_BUILD/libexec/sealpost/sendmail" -oi -f me@sender.example $alice <"$LAB/tmp/mail"
is "both arrived" "$(lab-mails | wc -l)" 5

# Unsigned when there is no key of From's; logged, not refused.
sed 's/^From: .*/From: nokey@sender.example/' "$LAB/tmp/mail" >"$LAB/tmp/other"
check_exit 0 sealpost send $alice <"$LAB/tmp/other"
lab-decrypt "$(lab-mails | tail -n 1)" >/dev/null 2>"$LAB/tmp/status"
unlike "unsigned" "$(cat "$LAB/tmp/status")" 'GOODSIG|ERRSIG|BADSIG'
is "encrypted to one key" "$(grep -c '^\[GNUPG:\] ENC_TO' "$LAB/tmp/status")" 1

# A message that is encrypted already keeps its body.
sealpost filter $alice <"$LAB/tmp/mail" >"$LAB/tmp/sealed"
check_exit 0 sealpost send $alice <"$LAB/tmp/sealed"
body() {
	sed -n '/^-----BEGIN PGP/,/^-----END PGP/p' "$1" | tr -d '\r'
}
is "not sealed twice" "$(body "$(lab-mails | tail -n 1)")" "$(body "$LAB/tmp/sealed")"

# Clear, where nobody publishes a key and policy prefers.
printf 'From: me@sender.example\nTo: nobody@absent.example\nBcc:\nSubject: clear\n\nin clear\n' >"$LAB/tmp/clear"
check_exit 0 sealpost send nobody@absent.example <"$LAB/tmp/clear"
like "sent in clear" "$(cat "$(lab-mails | tail -n 1)")" '^in clear'
unlike "Bcc is gone" "$(cat "$(lab-mails | tail -n 1)")" '^Bcc:'

# cron mail to a local user
check_exit 0 sh -c 'printf "To: root\nSubject: cron\n\ndone\n" | sealpost send -FCronDaemon -i -B8BITMIME -oem root'
is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""
done_testing
