#!/bin/sh
# SPDX-License-Identifier: ISC
# The main job with the real programs: mutt composes, sealpost seals, msmtp delivers, gpg decrypts.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
command -v mutt >/dev/null || skip_all "mutt is missing"

lab-import-sender
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nmta = msmtp --file=%s\n' "$LAB/etc/msmtprc" >"$HOME/.config/sealpost/config"
cat >"$HOME/.muttrc" <<MUTT
set sendmail="$LAB_BUILD/bin/sealpost send"
set sendmail_wait=0
set from=me@sender.example
set envelope_from=yes
set use_from=yes
set realname="Me"
set record=""
set copy=no
set crypt_autosign=no
set hostname=sender.example
MUTT
echo 'The text that mutt composed: Grüße.' >"$LAB/tmp/body"
printf '\001\002\003\377 attachment' >"$LAB/tmp/file.bin"

check_exit 0 sh -c 'mutt -F "$HOME/.muttrc" -s "from mutt" -a "$LAB/tmp/file.bin" -- alice@advanced.example bob@direct.example <"$LAB/tmp/body"'
is "one mail arrived" "$(lab-mails | wc -l)" 1
mail=$(lab-mails | tail -n 1)
unlike "nothing of it is in clear" "$(cat "$mail")" 'composed|from mutt|file\.bin'
lab-decrypt "$mail" >"$LAB/tmp/plain" 2>"$LAB/tmp/status"
like "the subject is inside" "$(cat "$LAB/tmp/plain")" '^Subject: from mutt'
like "the text is inside" "$(cat "$LAB/tmp/plain")" 'The text that mutt composed'
like "the attachment is inside" "$(cat "$LAB/tmp/plain")" 'file\.bin'
is "and is what it was" "$(tr -d '\r' <"$LAB/tmp/plain" | grep -x 'AQID/yBhdHRhY2htZW50')" "AQID/yBhdHRhY2htZW50"

# A mail program learns of a refusal from the exit code.
run sh -c 'mutt -F "$HOME/.muttrc" -s "refused" -- x@bogus.example <"$LAB/tmp/body"'
isnt "mutt is told" "$rc" 0
is "nothing went out" "$(lab-mails | wc -l)" 1
like "why keeps it" "$(sealpost why -n 1)" 'x@bogus.example'
done_testing
