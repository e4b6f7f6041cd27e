#!/bin/sh
# SPDX-License-Identifier: ISC
# filter, send --explain, doctor.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
printf 'From: me@sender.example\nTo: alice@advanced.example\nSubject: s\n\nthe text\n' >"$LAB/tmp/mail"

# --explain changes and asks nothing
questions() {
	grep -c ' IN$' "$LAB/log/unbound.log" || true
}
before=$(questions)
check_exit 75 sealpost send --explain alice@advanced.example <"$LAB/tmp/mail"
like "explain: why" "$out" 'alice@advanced.example'
is "explain asks nothing" "$(questions)" "$before"
check_exit 0 sealpost send --explain --online alice@advanced.example <"$LAB/tmp/mail"
like "explain --online: the key" "$out" "$(lab-key alice@advanced.example)"
like "explain: who signs" "$out" "signed by $(lab-key me@sender.example)"
like "explain: the MTA" "$out" 'would hand over to /'
is "explain pins nothing" "$(sealpost pins list 2>/dev/null)" ""
is "explain sends nothing" "$(lab-mails | wc -l)" 0

# recipient by recipient: fate, key, rule and where it stands, copy
mkdir -p "$HOME/.config/sealpost"
printf '%s\n' '[sealpost]' '[policy adv]' 'to = *@advanced.example' 'encrypt = require' '[policy list]' \
	'to = nobody@unsigned.example' 'public = yes' '[identity work]' 'from = me@sender.example' \
	>"$HOME/.config/sealpost/config"
printf 'From: me@sender.example\nTo: alice@advanced.example, nobody@absent.example\nBcc: bob@direct.example\nSubject: s\n\nx\n' >"$LAB/tmp/mixed"
about() { # ADDRESS: what is said of it
	printf '%s\n' "$out" | awk -v a="$1:" '$1 == a { on = 1; print; next } /^[^ ]/ { on = 0 } on'
}
check_exit 69 sealpost send --explain --online -t <"$LAB/tmp/mixed"
like "refused: who is in the way" "$(about nobody@absent.example)" '^nobody@absent.example: is in the way'
like "refused: by which rule" "$(about nobody@absent.example)" '^  rule       mixed = refuse in \[sealpost\]'
like "refused: the others" "$(about alice@advanced.example)" '^alice@advanced.example: could be sealed'
like "refused: what then" "$out" '^hint: send to nobody@absent.example'
check_exit 0 sealpost send --explain --online --mixed=split -t <"$LAB/tmp/mixed"
like "split: sealed" "$(about alice@advanced.example)" '^alice@advanced.example: would be sealed'
like "split: its rule" "$(about alice@advanced.example)" '^  rule       encrypt = require in \[policy adv\]'
like "split: its key" "$(about alice@advanced.example)" "^  key        $(lab-key alice@advanced.example)"
like "split: in clear" "$(about nobody@absent.example)" '^nobody@absent.example: would go in clear'
like "split: why" "$(about nobody@absent.example)" '^  rule       mixed = split on the command line'
like "split: proved" "$(about nobody@absent.example)" '^  key        no key is published \(proved\)'
like "split: the hidden one's copy" "$(about bob@direct.example)" '^  copy       3 of 3, for this recipient alone'
like "split: the identity" "$out" '^would use the identity work'
check_exit 0 sealpost send --explain --online -t nobody@unsigned.example <"$LAB/tmp/mixed"
like "public: clear for all" "$(about alice@advanced.example)" '^  rule       public = yes in \[policy list\]'
is "and nothing was pinned, sent or kept" "$(sealpost pins list 2>/dev/null)$(lab-mails)$(sealpost why 2>/dev/null)" ""
rm "$HOME/.config/sealpost/config"

# filter
sealpost filter alice@advanced.example <"$LAB/tmp/mail" >"$LAB/tmp/out" 2>"$LAB/tmp/err"
is "filter: exit" $? 0
is "filter: silent" "$(cat "$LAB/tmp/err")" ""
lab-decrypt "$LAB/tmp/out" >"$LAB/tmp/plain" 2>/dev/null
like "filter: decrypts" "$(cat "$LAB/tmp/plain")" 'the text'
check_exit 0 sealpost filter -t <"$LAB/tmp/mail"
like "filter -t" "$out" '^-----BEGIN PGP MESSAGE-----'
is "filter hands nothing over" "$(lab-mails | wc -l)" 0
check_exit 75 sealpost filter x@bogus.example <"$LAB/tmp/mail"
is "filter: nothing on stdout when it fails" "$out" ""
check_exit 69 sealpost filter revoked@advanced.example <"$LAB/tmp/mail"
is "filter: nothing on stdout when it refuses" "$out" ""

# What some or all have from an earlier try
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "$3" != erin@advanced.example ] || exit 75\n' >"$LAB/tmp/mta"
chmod 755 "$LAB/tmp/mta"
printf '[sealpost]\nmta = %s/tmp/mta\n' "$LAB" >"$HOME/.config/sealpost/config"
printf 'Message-ID: <partly@sender.example>\n' | cat - "$LAB/tmp/mail" >"$LAB/tmp/partly"
set -- alice@advanced.example erin@advanced.example
check_exit 75 sealpost send "$@" <"$LAB/tmp/partly"
check_exit 0 sealpost send --explain "$@" <"$LAB/tmp/partly"
like "explain: what is missing" "$out" '^would hand over what is missing: 1 of 2 copies$'
like "explain: who has it" "$(about alice@advanced.example)" '^  served     has it from an earlier try'
printf '#!/bin/sh\n' >"$LAB/tmp/mta"
check_exit 0 sealpost send "$@" <"$LAB/tmp/partly"
check_exit 0 sealpost send --explain "$@" <"$LAB/tmp/partly"
like "explain: nothing is missing" "$out" '^would not hand it over again: the same mail was handed over within the hour'
unlike "explain: so nobody would get it" "$out" '^would (seal|hand over)'
check_exit 0 sealpost send --explain --again "$@" <"$LAB/tmp/partly"
like "explain --again: all would get it" "$out" '^would hand over 2 copies$'
rm "$HOME/.config/sealpost/config"
sealpost pins forget "$@" >/dev/null

# doctor
check_exit 0 sealpost doctor
like "doctor: gpg" "$out" '^ok +.*gpg'
like "doctor: trust anchor" "$out" 'trust anchor'
like "doctor: MTA" "$out" 'MTA|sendmail'
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nmta = /nonexistent/mta\ntrust-anchor = /nonexistent/anchor\n' >"$HOME/.config/sealpost/config"
check_exit 1 sealpost doctor
like "doctor: names the missing MTA" "$out" '^BAD.*/nonexistent/mta'
like "doctor: says how to fix it" "$out" 'fix: '
# What a setting names and is not there: told with its own fix, and not as a fault of the resolver.
while IFS='|' read -r setting what fix; do
	printf '[sealpost]\n%b\n' "$setting" >"$HOME/.config/sealpost/config"
	check_exit 1 sealpost doctor --online
	is "doctor: $setting" "$(printf '%s\n' "$out" | grep -A1 '^BAD' | grep -v '^--')" "BAD   $what
      fix: $fix"
done <<'ROWS'
notify = /nonexistent/p x|notify: /nonexistent/p: there is no such program: nobody is told of refusals|install it, or correct notify in the configuration
root-hints = /nonexistent|root-hints: /nonexistent: No such file or directory|correct it, or leave it out
root-hints = /nonexistent\nresolver = recursive|root-hints: /nonexistent: No such file or directory|correct it, or leave it out
sent = /nonexistent/a|sent: /nonexistent/a does not exist and cannot be created|name a Maildir that you may make, or write to
ca-file = /nonexistent|certificate authorities: /nonexistent: No such file or directory|apt-get install ca-certificates, or set ca-file
trust-anchor = /nonexistent|trust anchor: /nonexistent: No such file or directory: lookups will refuse to run|apt-get install dns-root-data, or set trust-anchor
trust-anchor = /dev/null|trust anchor: /dev/null holds no key of the root|apt-get install dns-root-data, or set trust-anchor
ROWS
printf '[sealpost]\nnotify = true\n' >"$HOME/.config/sealpost/config"
check_exit 0 sealpost doctor
like "doctor: notify that is there" "$out" '^ok +notify: /.*/true$'
printf 'nonsense\n' >"$HOME/.config/sealpost/config"
check_exit 1 sealpost doctor
like "doctor: works with a broken configuration" "$out" '^BAD.*config'
is "doctor: whatever is bad has its fix" "$(sealpost doctor --json | jq -r 'select(.level != "ok" and (.mend // "") == "") | .finding')" ''
printf '[sealpost]\ndata-dir = %s/tmp/file\n' "$LAB" >"$HOME/.config/sealpost/config"
touch "$LAB/tmp/file"
check_exit 1 sealpost doctor
like "doctor: a file where a folder is expected" "$out" '^BAD +state folder: .*/file: is not a folder'
is "doctor: has its fix too" "$(sealpost doctor --json | jq -r 'select(.level != "ok" and (.mend // "") == "") | .finding')" ''
rm "$HOME/.config/sealpost/config"
printf 'set sendmail="/usr/bin/sealpost send"\nset sendmail_wait=-1\nset record=~/Sent\n' >"$LAB/tmp/muttrc"
check_exit 1 sealpost doctor "$LAB/tmp/muttrc"
like "doctor: sendmail_wait" "$out" 'sendmail_wait'
like "doctor: record" "$out" 'record'
check_exit 0 sh -c 'sealpost doctor --json | jq -es "all(.[]; .version == 1)"'
done_testing
