#!/bin/sh
# SPDX-License-Identifier: ISC
# What was sealed is read by mutt, neomutt and notmuch: the text, the protected subject, the attachment, the good signature.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
dir=$LAB/tmp/r
mkdir -p "$dir/box/cur" "$dir/box/new" "$dir/box/tmp"
cat >"$dir/mail" <<MAIL
From: Me <me@sender.example>
To: $alice
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle?=
Date: Mon, 23 Nov 2026 10:00:00 +0000
Message-ID: <readers@sender.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Der Text: Grüße.
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="plan.bin"
Content-Transfer-Encoding: base64

AQID/yBhdHRhY2htZW50
--b--
MAIL
check_exit 0 sealpost send $alice <"$dir/mail"
tr -d '\r' <"$(lab-mails | tail -n 1)" >"$dir/box/cur/1.1.lab:2,S"
unlike "nothing of it is outside" "$(cat "$dir/box/cur/1.1.lab:2,S")" 'Gr=C3|Grüße|plan\.bin'

fpr=$(lab-key me@sender.example)
GNUPGHOME=$LAB/keys/gnupg-receivers
TERM=vt100
LC_ALL=C.UTF-8
export GNUPGHOME TERM LC_ALL
gpg --batch --quiet --import "$LAB/keys/me@sender.example.pub" 2>/dev/null
echo "$fpr:6:" | gpg --batch --quiet --import-ownertrust 2>/dev/null

# The pager keeps what a person would be shown.
printf '#!/bin/sh\nfor f; do :; done\ncat "$f" >>%s/shown\n' "$dir" >"$dir/pager"
chmod 755 "$dir/pager"
cat >"$dir/rc" <<MUTT
set crypt_use_gpgme=yes
set crypt_verify_sig=yes
set wait_key=no
set prompt_after=no
set charset=utf-8
set quit=yes
set record=
set folder=$dir
set pager=$dir/pager
MUTT
for reader in mutt neomutt; do
	if ! command -v $reader >/dev/null || ! command -v script >/dev/null; then
		skip 5 "$reader is missing"
		continue
	fi
	rm -f "$dir/shown"
	# It wants a terminal that has a size; what it writes there is of no use.
	run timeout -s KILL 60 script -qec "stty rows 24 cols 80; $reader -n -F '$dir/rc' -f '$dir/box' -R -e 'push <display-message><exit><exit>'" /dev/null </dev/null
	shown=$(tr -d '\r' <"$dir/shown" 2>/dev/null)
	like "$reader: shows the text" "$shown" '^Der Text: Grüße\.$'
	like "$reader: shows the protected subject" "$shown" '^Subject: Grüße an alle$'
	like "$reader: the signature is good" "$shown" "^Good signature from: .*me@sender\.example"
	like "$reader: signed and encrypted" "$shown" 'PGP/MIME signed and encrypted data'
	like "$reader: the attachment has its name" "$shown" 'Attachment #2: plan\.bin'
done

if command -v notmuch >/dev/null; then
	NOTMUCH_CONFIG=$dir/notmuch
	export NOTMUCH_CONFIG
	printf '[database]\npath=%s/box\n[user]\nname=Alice\nprimary_email=%s\n[index]\ndecrypt=true\n' "$dir" $alice >"$NOTMUCH_CONFIG"
	ok "notmuch: indexes it" notmuch new --quiet
	notmuch show --format=json --decrypt=true id:readers@sender.example >"$dir/json"
	shown() { # FILTER on the message
		jq -r ".[0][0][0] | $1" "$dir/json"
	}
	is "notmuch: decrypts all of it" "$(shown .crypto.decrypted.status)" full
	is "notmuch: shows the protected subject" "$(shown .headers.Subject)" 'Grüße an alle'
	is "notmuch: knows that it was hidden" "$(shown '.crypto.decrypted."header-mask".Subject')" '[...]'
	is "notmuch: the signature is good" "$(shown '.crypto.signed.status[0] | .status + " " + .fingerprint')" "good $fpr"
	is "notmuch: the subject is signed and encrypted" "$(shown '.crypto.signed | "\(.headers) \(.encrypted)"')" '["Subject"] true'
	is "notmuch: the text" "$(shown '.body[0].content[1].content[0].content')" 'Der Text: Grüße.'
	is "notmuch: the attachment" "$(shown '.body[0].content[1].content[1].filename')" plan.bin
	is "notmuch: and what it holds" "$(notmuch show --format=raw --decrypt=true --part=5 id:readers@sender.example | base64)" AQID/yBhdHRhY2htZW50
	like "notmuch: finds it by its subject" "$(notmuch search subject:Grüße)" 'Grüße an alle'
else
	skip 10 "notmuch is missing"
fi
rm -rf "$dir"
done_testing
