#!/bin/sh
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

# filter
sealpost filter alice@advanced.example <"$LAB/tmp/mail" >"$LAB/tmp/out" 2>"$LAB/tmp/err"
is "filter: exit" $? 0
is "filter: silent" "$(cat "$LAB/tmp/err")" ""
lab-decrypt "$LAB/tmp/out" >"$LAB/tmp/plain" 2>/dev/null
like "filter: decrypts" "$(cat "$LAB/tmp/plain")" 'the text'
check_exit 0 sh -c 'sealpost filter -t <"$LAB/tmp/mail"'
like "filter -t" "$out" '^-----BEGIN PGP MESSAGE-----'
is "filter hands nothing over" "$(lab-mails | wc -l)" 0
check_exit 75 sealpost filter x@bogus.example <"$LAB/tmp/mail"
is "filter: nothing on stdout when it fails" "$out" ""
check_exit 69 sealpost filter revoked@advanced.example <"$LAB/tmp/mail"
is "filter: nothing on stdout when it refuses" "$out" ""

# doctor
check_exit 0 sealpost doctor
like "doctor: gpg" "$out" '^ok +.*gpg'
like "doctor: trust anchor" "$out" 'trust anchor'
like "doctor: MTA" "$out" 'MTA|sendmail'
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nmta = /nonexistent/mta\ntrust-anchor = /nonexistent/anchor\n' >"$HOME/.config/sealpost/config"
check_exit 1 sealpost doctor
like "doctor: names the missing MTA" "$out" '^BAD.*/nonexistent/mta'
like "doctor: says how to mend it" "$out" 'mend: '
printf 'nonsense\n' >"$HOME/.config/sealpost/config"
check_exit 1 sealpost doctor
like "doctor: works with a broken configuration" "$out" '^BAD.*config'
rm "$HOME/.config/sealpost/config"
printf 'set sendmail="/usr/bin/sealpost send"\nset sendmail_wait=-1\nset record=~/Sent\n' >"$LAB/tmp/muttrc"
check_exit 1 sealpost doctor "$LAB/tmp/muttrc"
like "doctor: sendmail_wait" "$out" 'sendmail_wait'
like "doctor: record" "$out" 'record'
check_exit 0 sh -c 'sealpost doctor --json | jq -es "all(.[]; .version == 1)"'
done_testing
