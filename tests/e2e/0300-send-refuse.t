#!/bin/sh
# SPDX-License-Identifier: ISC
# send refuses: what it says, its exit code, that nothing goes out, and how the user gets on.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"

lab-import-sender

# unknown is never taken for absent
conf 'encrypt = prefer'
mail x@bogus.example >"$LAB/tmp/mail"
refused 75 'x@bogus.example: .*' x@bogus.example
unlike "no hint to clear text for a first failure" "$err" 'allow-clear'
mail x@refused.example >"$LAB/tmp/mail"
refused 75 'x@refused.example: .*' x@refused.example

# it has failed for hours, and its domain is to blame, for another one answers: clear text may be allowed
if [ -x /usr/bin/sqlite3 ]; then
	sqlite3 "$HOME/.local/share/sealpost/pins.db" 'UPDATE refusal SET time = time - 4 * 3600'
	refused 75 'x@refused.example: .*' x@refused.example
	like "nobody else was reached" "$err" '^hint: send it again when this machine is connected'
	check_exit 0 sealpost lookup --pin alice@advanced.example
	refused 75 'x@refused.example: .*' x@refused.example
	like "the hint can be pasted" "$err" '^hint: sealpost pins allow-clear x@refused.example'
	conf 'encrypt = require'
	refused 75 'x@refused.example: .*' x@refused.example
	unlike "never under require" "$err" 'allow-clear'
	# Nor for what this machine lacks, however long it lasts.
	conf 'encrypt = prefer' 'ca-file = /nonexistent'
	mail dave@unsigned.example >"$LAB/tmp/mail"
	refused 75 'dave@unsigned.example: .*/nonexistent: No such file or directory' dave@unsigned.example
	sqlite3 "$HOME/.local/share/sealpost/pins.db" 'UPDATE refusal SET time = time - 4 * 3600'
	refused 75 'dave@unsigned.example: .*' dave@unsigned.example
	like "not for want of CA certificates" "$err" '^hint: send it again when this machine is connected'
	conf 'encrypt = prefer' 'trust-anchor = /nonexistent'
	refused 75 'dave@unsigned.example: .*/nonexistent: No such file or directory' dave@unsigned.example
	like "nor for want of a trust anchor" "$err" '^hint: send it again when this machine is connected'
	conf 'encrypt = prefer'
	mail x@refused.example >"$LAB/tmp/mail"
	refused 75 'x@refused.example: .*' x@refused.example
else
	skip "the hint after hours" "sqlite3 is not installed"
fi

# why shows it, also after stderr was thrown away
check_exit 0 sealpost why -n 1
like "why: the recipient" "$out" 'x@refused.example'
unlike "why: no subject" "$out" 'Subject'
is "why --json" "$(sealpost why -n 1 --json | jq -r '[.exit, .recipients[0].address] | join(" ")')" "75 x@refused.example"

# the hint, carried out, settles it
check_exit 0 sealpost pins allow-clear x@bogus.example
mail x@bogus.example >"$LAB/tmp/mail"
check_exit 0 sealpost send x@bogus.example <"$LAB/tmp/mail"
like "sent in clear after allow-clear" "$(cat "$(lab-mails | tail -n 1)")" '^the text'
check_exit 0 sealpost pins allow-clear --last
like "--last settles the last refusal" "$out$err" 'x@refused.example'
mail x@refused.example >"$LAB/tmp/mail"
check_exit 0 sealpost send x@refused.example <"$LAB/tmp/mail"
check_exit 0 sealpost pins forget x@refused.example
refused 75 'x@refused.example: .*' x@refused.example
check_exit 0 sealpost pins allow-clear refused.example
check_exit 0 sealpost send x@refused.example <"$LAB/tmp/mail"
# but nothing that is stored overrides require
conf 'encrypt = require'
refused 75 'x@refused.example: .*' x@refused.example
check_exit 0 sealpost send --encrypt=prefer x@refused.example <"$LAB/tmp/mail"
conf 'encrypt = prefer'
check_exit 0 sealpost pins forget refused.example
mail x@refused.example >"$LAB/tmp/mail"
refused 75 'x@refused.example: .*' x@refused.example

# by rule
conf 'encrypt = prefer' '[policy r]' 'to = *@refused.example' 'on-unknown = clear'
check_exit 0 sealpost send x@refused.example <"$LAB/tmp/mail"

# no key
conf 'encrypt = require'
mail nobody@absent.example >"$LAB/tmp/mail"
refused 69 'nobody@absent.example: .*' nobody@absent.example
conf 'encrypt = prefer' '[policy a]' 'to = absent.example' 'encrypt = require'
refused 69 'nobody@absent.example: .*' nobody@absent.example
conf 'encrypt = require' '[policy a]' 'to = *@absent.example' 'encrypt = prefer'
check_exit 0 sealpost send nobody@absent.example <"$LAB/tmp/mail"

# a mixture: both are named when both are in the way; a pinned address never gets clear text
conf 'encrypt = prefer'
mail 'alice@advanced.example, nobody@absent.example' >"$LAB/tmp/mail"
refused 69 'nobody@absent.example: .*' alice@advanced.example nobody@absent.example
conf 'encrypt = prefer' 'mixed = clear'
refused 69 '.*' alice@advanced.example nobody@absent.example
conf 'encrypt = never'
mail alice@advanced.example >"$LAB/tmp/mail"
check_exit 0 sealpost pins list
refused 69 'alice@advanced.example: .*' alice@advanced.example

# unusable
conf 'encrypt = prefer'
for a in revoked expired signonly wronguid garbage; do
	mail $a@advanced.example >"$LAB/tmp/mail"
	refused 69 "$a@advanced.example: .*" $a@advanced.example
done

# a hidden recipient alone
printf 'From: me@sender.example\nBcc: bob@direct.example\nSubject: s\n\nhidden\n' >"$LAB/tmp/mail"
check_exit 0 sealpost send -t <"$LAB/tmp/mail"
unlike "a sole hidden recipient is not named" "$(grep -v '^X-\|^Received' "$(lab-mails | tail -n 1)")" '^Bcc:|bob@direct'

# another key than the pinned one
lab-new-key erin@advanced.example "$LAB/tmp/new.key" >/dev/null
check_exit 0 sealpost lookup --pin erin@advanced.example
mail erin@advanced.example >"$LAB/tmp/mail"
lab-wkd-put erin@advanced.example "$LAB/tmp/new.key"
check_exit 0 sealpost send erin@advanced.example <"$LAB/tmp/mail"
lab-decrypt "$(lab-mails | tail -n 1)" >"$LAB/tmp/plain" 2>/dev/null
like "the pinned key is the one used" "$(cat "$LAB/tmp/plain")" 'the text'

# sign-key that is not there
mail erin@advanced.example >"$LAB/tmp/mail"
conf 'sign-key = 0123456789ABCDEF0123456789ABCDEF01234567'
refused 78 '0123456789ABCDEF' erin@advanced.example
rm "$HOME/.config/sealpost/config"

# the passphrase
lab-import-sender locked@sender.example
sed 's/me@sender/locked@sender/' "$LAB/tmp/mail" >"$LAB/tmp/locked"
mv "$LAB/tmp/locked" "$LAB/tmp/mail"
unset GPG_TTY DISPLAY WAYLAND_DISPLAY
refused 75 'passphrase' erin@advanced.example
like "the hint names GPG_TTY" "$err" 'GPG_TTY'
conf 'pinentry = never'
GPG_TTY=/dev/null
export GPG_TTY
refused 75 'passphrase' erin@advanced.example

is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""
is "nothing is left running" "$(running)" ""
# many of them: ten are named, the others counted, and what it means for those who could get it
conf 'encrypt = require'
many=
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	many="$many u$n@absent.example"
done
mail alice@advanced.example >"$LAB/tmp/mail"
# shellcheck disable=SC2086
check_exit 69 sealpost send alice@advanced.example $many <"$LAB/tmp/mail"
is "ten are named" "$(printf '%s\n' "$err" | grep -c '^sealpost: not sent: u[0-9]*@absent\.example: ')" 10
like "the others are counted" "$err" '^sealpost: not sent: and 2 more; sealpost why names them'
like "why names them" "$(sealpost why -n 1)" 'u12@absent\.example'
like "nobody got it" "$err" '^sealpost: nobody got the mail; 1 of its 13 recipients is ready'
is "and that is all" "$(printf '%s\n' "$err" | wc -l)" 13
# shellcheck disable=SC2086
check_exit 75 sealpost send $many z@refused.example <"$LAB/tmp/mail"
like "whom the exit status is for is named, though the last" "$err" '^sealpost: not sent: z@refused\.example: cannot tell'
is "with nine of the others" "$(printf '%s\n' "$err" | grep -c '^sealpost: not sent: [uz][0-9]*@')" 10
like "the others are counted then too" "$err" '^sealpost: not sent: and 3 more; sealpost why names them'
conf 'encrypt = prefer'

done_testing
