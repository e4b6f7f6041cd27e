#!/bin/sh
# SPDX-License-Identifier: ISC
# What the header of a sealed mail shows outside: header-protection.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
mkdir -p "$HOME/.config/sealpost"

cat >"$LAB/tmp/mail" <<'MAIL'
From: Me Myself <me@sender.example>
To: Alice Example <alice@advanced.example>
Subject: the secret subject
Date: Mon, 23 Nov 2026 10:00:00 +0530
Message-ID: <one@sender.example>
Keywords: money

Meet me.
MAIL

sealed() { # POLICY: into $mail, what it holds into $plain
	printf '[sealpost]\nheader-protection = %s\n' "$1" >"$HOME/.config/sealpost/config"
	check_exit 0 sealpost send --again -- $alice <"$LAB/tmp/mail"
	mail=$(sed '/^$/q' "$(lab-mails | tail -n 1)")
	lab-decrypt "$(lab-mails | tail -n 1)" >"$LAB/tmp/plain" 2>/dev/null
	plain=$(tr -d '\r' <"$LAB/tmp/plain")
}

sealed baseline
like "baseline: the subject is hidden" "$mail" '^Subject: \[\.\.\.\]$'
like "the name is seen" "$mail" '^To: Alice Example <alice@advanced.example>'
unlike "keywords are gone" "$mail" '^Keywords'
unlike "readers restore the subject: it is not in the text" "$plain" 'hp-legacy-display'
is "the text is as it was written" "$(printf '%s' "$plain" | sed '1,/^$/d')" "Meet me."

sealed 'baseline
legacy-display = yes'
is "legacy-display = yes: it is the first line" "$(printf '%s' "$plain" | sed '1,/^$/d' | tr '\n' '|')" \
	"Subject: the secret subject||Meet me."
unlike "never outside" "$(cat "$(lab-mails | tail -n 1)")" 'secret subject'

sealed shy
like "shy: the subject is hidden" "$mail" '^Subject: \[\.\.\.\]$'
like "From without a name" "$mail" '^From: me@sender.example$'
like "To without a name" "$mail" '^To: alice@advanced.example$'
like "the date in UTC" "$mail" '^Date: Mon, 23 Nov 2026 04:30:00 \+0000$'
like "all of it is inside" "$plain" '^To: Alice Example <alice@advanced.example>$'
like "and what was outside" "$plain" '^HP-Outer: To: alice@advanced.example$'
like "the zone is inside" "$plain" '^Date: Mon, 23 Nov 2026 10:00:00 \+0530$'

like "shy: shown as the first lines too, and marked" "$(printf '%s' "$plain" | sed '1,/^$/d' | tr '\n' '|')" \
	'^From: Me Myself <me@sender.example>\|To: Alice Example <alice@advanced.example>\|Subject: the secret subject\|Date: .*\|\|Meet me'
like "marked" "$plain" 'hp-legacy-display="1"'

sealed off
like "off: the subject is seen" "$mail" '^Subject: the secret subject$'
like "keywords too" "$mail" '^Keywords: money$'
unlike "nothing is protected" "$plain" '^(Subject|From|HP-Outer)|hp='
like "a MIME part it is" "$plain" '^Content-Type: text/plain; charset=us-ascii$'
like "with the text" "$plain" '^Meet me\.$'

printf '[sealpost]\nheader-protection = all\n' >"$HOME/.config/sealpost/config"
check_exit 78 sealpost send -- $alice <"$LAB/tmp/mail"
like "says what there is" "$err" 'baseline, shy, off'
# by policy
printf '%s\n' '[sealpost]' 'mta = /bin/true' '[policy a]' 'to = alice@advanced.example' 'header-protection = shy' 'autocrypt = no' \
	>"$HOME/.config/sealpost/config"
{
	printf 'From: Me Myself <me@sender.example>\nTo: Alice Liddell <alice@advanced.example>\n'
	printf 'Date: Mon, 2 Nov 2026 10:00:00 +0300\nSubject: s\n\ntext\n'
} >"$LAB/tmp/by-policy"
check_exit 0 sealpost filter alice@advanced.example <"$LAB/tmp/by-policy"
unlike "a policy: shy" "$out" 'Liddell|\+0300'
unlike "a policy: no Autocrypt" "$out" '^Autocrypt:'
check_exit 0 sealpost filter --header-protection=baseline --autocrypt=yes alice@advanced.example <"$LAB/tmp/by-policy"
like "the command line goes over it" "$out" 'Liddell'
like "the command line goes over it: Autocrypt" "$out" '^Autocrypt:'

done_testing
