#!/bin/sh
# SPDX-License-Identifier: ISC
# The sender's own key is missing, expired, revoked, or cannot be used now: what then goes out, and what is said.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

t=$LAB/tmp
a=alice@advanced.example
me=own@sender.example
sent=$HOME/Mail/Sent
mkdir -p "$HOME/.config/sealpost" "$HOME/Mail"
mkdir -p "$HOME/.gnupg"
chmod 700 "$HOME/.gnupg"
printf '#!/bin/sh\ncat >"%s"\n' "$t/sent" >"$t/mta"
chmod 755 "$t/mta"
conf() {
	printf '%s\n' '[sealpost]' "mta = $t/mta" "$@" >"$HOME/.config/sealpost/config"
}
conf
printf 'From: %s\nTo: %s\nSubject: x\n\nthe text\n' $me $a >"$t/mail"
ok "pinned" sealpost lookup --pin $a
send() { # CODE OPTION...
	code=$1
	shift
	rm -f "$t/sent"
	check_exit "$code" sealpost "$@" send -- $a <"$t/mail"
}
status() {
	lab-decrypt "$t/sent" 2>"$t/status" >/dev/null
	cat "$t/status"
}
sealed_to() { # how many keys
	status | grep -c ENC_TO
}
hint() {
	printf '%s\n' "$err" | sed -n 's/^hint: //p'
}
terminal() { # what a person sees
	out=$(script -qec "sealpost send -- $a <'$t/mail'" /dev/null | tr -d '\r')
}

# 1 missing
send 0
is "1 missing: silent" "$out$err" ""
is "1 missing: sealed to the recipient alone" "$(sealed_to)" 1
like "1 missing: logged" "$(sealpost pins log)" 'unsigned.*sealed without a signature'
conf "sent = $sent"
send 78
like "1 missing, sent: said" "$err" "^sealpost: not sent: sent = .*: no copy can be kept, as there is no secret key for $me"
is "1 missing, sent: hint" "$(hint)" "gpg --quick-generate-key $me"
not_ok "1 missing, sent: nothing sent" test -e "$t/sent"
check_exit 78 sealpost send --explain -- $a <"$t/mail"
check_exit 0 sealpost filter $a <"$t/mail"
conf "sign-key = $me"
send 78
like "1 missing, named: said" "$err" "sign-key $me: there is no keyring"

# 2 usable
gpg --batch --quiet --passphrase '' --faked-system-time 20200101T000000! --quick-generate-key "Own <$me>" default default never 2>/dev/null
fpr=$(gpg --with-colons --list-secret-keys $me | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | head -n 1)
conf "sent = $sent"
send 0
is "2 usable: silent" "$out$err" ""
is "2 usable: signed" "$(status | grep -cE "VALIDSIG|ERRSIG")" 1
is "2 usable: sealed to both" "$(sealed_to)" 2
is "2 usable: a copy is kept" "$(find "$sent/cur" -type f | wc -l)" 1

# 3 expired
gpg --batch --quiet --faked-system-time 20200601T000000! --quick-set-expire "$fpr" 1y 2>/dev/null
conf
send 0
is "3 expired: silent where nobody sees it" "$out$err" ""
is "3 expired: sealed to the recipient alone" "$(sealed_to)" 1
is "3 expired: unsigned" "$(status | grep -cE "VALIDSIG|ERRSIG")" 0
like "3 expired: logged" "$(sealpost pins log)" "unsigned.*sealed without a signature: your key $fpr has expired"
terminal
like "3 expired, on a terminal: said" "$out" "your key $fpr has expired: the mail goes unsigned, and not to yourself"
like "3 expired, on a terminal: hint" "$out" "^hint: gpg --quick-set-expire $fpr 2y"
terminal
is "3 expired, on a terminal: once a day" "$out" ""
touch -d '25 hours ago' "$HOME/.cache/sealpost/own-key-told"
terminal
like "3 expired, on a terminal: the next day" "$out" "your key $fpr has expired"
# A mail to oneself finds no key to seal to; that is not remembered as no key to sign with.
check_exit 0 sealpost send -- $me <"$t/mail"
like "3 explained" "$(sealpost send --explain -- $a <"$t/mail")" "would seal, unsigned: your key $fpr has expired"
check_exit 69 sealpost send -- $a $me <"$t/mail"
like "3 expired, to oneself too: said" "$err" "^sealpost: not sent: $me: is to get clear text, as your key $fpr has expired"
is "3 expired, to oneself too: hint" "$(hint)" "gpg --quick-set-expire $fpr 2y"
for rule in "sign-key = $fpr" "sign = always" "sent = $sent"; do
	conf "$rule"
	send 78
	like "3 expired, ${rule%% =*}: said" "$err" "^sealpost: not sent: .*(key|$fpr).* has expired"
	is "3 expired, ${rule%% =*}: hint" "$(hint)" "gpg --quick-set-expire $fpr 2y"
	not_ok "3 expired, ${rule%% =*}: nothing sent" test -e "$t/sent"
done
is "3 expired: doctor says it" "$(sealpost doctor | grep -c "$fpr.* has expired")" 0
conf "sign-key = $fpr"
like "3 expired, named: doctor says it" "$(sealpost doctor)" "has expired"
conf "sent = $sent"
send 78
sh -c "$(hint)"
send 0
is "3 with its hint it goes, signed" "$(status | grep -cE "VALIDSIG|ERRSIG")" 1

# 4 it expires soon
gpg --batch --quiet --quick-set-expire "$fpr" 20d
conf "sign-key = $fpr"
like "4 soon: doctor says it" "$(sealpost doctor)" 'expires within 30 days'
like "4 soon: and what to do" "$(sealpost doctor)" "^ +fix: gpg --quick-set-expire $fpr 2y$"
conf
is "4 soon: where none is named too, once" "$(sealpost doctor | grep -c "$fpr.*expires within 30 days")" 1
send 0
is "4 soon: silent" "$out$err" ""
gpg --batch --quiet --quick-set-expire "$fpr" never
unlike "4 never: nor does doctor say anything" "$(sealpost doctor)" 'expires within'

seal=$(gpg --with-colons --list-secret-keys "$fpr" | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | sed -n 2p)
gpg --batch --quiet --quick-set-expire "$fpr" 20d "$seal" 2>/dev/null
like "4 a subkey soon: what to do" "$(sealpost doctor)" "^ +fix: gpg --quick-set-expire $fpr 2y $seal$"
gpg --batch --quiet --quick-set-expire "$fpr" never "$seal" 2>/dev/null

# 5 revoked
conf
send 0
sed 's/^:---/---/' "$HOME/.gnupg/openpgp-revocs.d/$fpr.rev" | gpg --batch --quiet --import 2>/dev/null
send 0
is "5 revoked: unsigned" "$(status | grep -cE "VALIDSIG|ERRSIG")" 0
is "5 revoked: sealed to the recipient alone" "$(sealed_to)" 1
conf "sign = always"
send 78
like "5 revoked, always: said" "$err" "your key $fpr is revoked"

# 5a subkeys that expire by themselves, as gpg makes them: '*' does not give these a new date
me=parts@sender.example
old() {
	gpg --batch --quiet --passphrase '' --pinentry-mode loopback --faked-system-time 20200101T000000! "$@" 2>/dev/null
}
old --quick-generate-key "Parts <$me>" ed25519 cert 1y
part() { # N: the fingerprint of the primary key, 1, or of a subkey
	gpg --with-colons --list-secret-keys $me | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | sed -n "$1p"
}
fpr=$(part 1)
old --quick-add-key "$fpr" ed25519 sign 1y
old --quick-add-key "$fpr" cv25519 encr 1y
sign=$(part 2)
seal=$(part 3)
printf 'From: %s\nTo: %s\nSubject: x\n\nthe text\n' $me $a >"$t/mail"
conf 'sign = always'
send 78
is "5a all of it expired: hint" "$(hint)" "gpg --quick-set-expire $fpr 2y && gpg --quick-set-expire $fpr 2y $sign $seal"
gpg --batch --quiet --quick-set-expire "$fpr" 2y
send 78
like "5a its parts are still: said" "$err" "your key $fpr can no longer sign"
is "5a its parts are still: hint" "$(hint)" "gpg --quick-set-expire $fpr 2y $sign $seal"
gpg --batch --quiet --quick-set-expire "$fpr" 2y "$sign"
for turn in 1 2; do
	send 0
	is "5a it signs, $turn: signed" "$(status | grep -cE "VALIDSIG|ERRSIG")" 1
	is "5a it signs, $turn: not sealed to oneself" "$(sealed_to)" 1
	like "5a it signs, $turn: noted" "$(sealpost why --sent -n 1)" "not sealed to yourself: your key $fpr can no longer be sealed to"
done
rm -f "$HOME/.cache/sealpost/own-key-told"
terminal
like "5a it signs, on a terminal: said" "$out" "your key $fpr can no longer be sealed to, .*: the mail is not sealed to yourself"
like "5a it signs, on a terminal: hint" "$out" "^hint: gpg --quick-set-expire $fpr 2y $seal"
check_exit 69 sealpost send -- $a $me <"$t/mail"
like "5a it signs, to oneself too: said" "$err" "^sealpost: not sent: $me: is to get clear text, as your key $fpr can no longer be sealed to"
is "5a it signs, to oneself too: hint" "$(hint)" "gpg --quick-set-expire $fpr 2y $seal"
like "5a it signs: explained" "$(sealpost send --explain -- $a <"$t/mail")" "signed by $fpr, but not to yourself: your key"
like "5a it signs: doctor says it" "$(sealpost doctor)" "$fpr can no longer be sealed to"
conf "sent = $HOME/Mail/Parts"
send 78
is "5a it signs, sent: hint" "$(hint)" "gpg --quick-set-expire $fpr 2y $seal"
sh -c "$(hint)"
send 0
is "5a with its hint it is sealed to both" "$(sealed_to)" 2
conf
send 0
is "5a silent" "$out$err$(sealpost why --sent -n 1 | grep -c yourself)" 0

# 6 the passphrase is not at hand
me=locked@sender.example
lab-import-sender $me
unset GPG_TTY DISPLAY WAYLAND_DISPLAY
printf 'From: %s\nTo: %s\nSubject: x\n\nthe text\n' $me $a >"$t/mail"
locked() {
	gpg-connect-agent --no-autostart reloadagent /bye >/dev/null 2>&1
	conf "$@"
}
locked 'pinentry = skip'
send 0
is "6 skip: silent" "$out$err" ""
is "6 skip: unsigned" "$(status | grep -cE "VALIDSIG|ERRSIG")" 0
is "6 skip: sealed to both" "$(sealed_to)" 2
like "6 skip: logged" "$(sealpost pins log)" 'unsigned.*passphrase is not cached \(pinentry = skip\)'
send 0 -v
like "6 skip: said with -v" "$err" 'sealed without a signature: its key.s passphrase is not cached'
locked 'pinentry = skip' 'sign = always'
send 75
like "6 skip, always: said" "$err" 'passphrase of the signing key is not cached'
locked 'pinentry = skip' "sent = $sent"
send 0
is "6 skip, sent: a copy is kept" "$(find "$sent/cur" -type f | wc -l)" 3
locked
send 75
like "6 ask, nobody there: said" "$err" 'nobody can be asked; for it to be asked for there, export GPG_TTY before the mail program starts'
is "6 ask, nobody there: hint" "$(hint)" "gpg -u $(lab-key $me) -o /dev/null --sign /dev/null"

# 7 "no signing key" is not remembered of an agent that failed
me=late@sender.example
gpg --batch --quiet --passphrase '' --quick-generate-key "Late <$me>" default default never 2>/dev/null
printf 'From: %s\nTo: %s\nSubject: x\n\nthe text\n' $me $a >"$t/mail"
conf
# shellcheck disable=SC2009,SC2317 # within calls it
agent_stopped() {
	pkill -STOP -x gpg-agent
	! ps -o stat= -C gpg-agent | grep -q '^[^TZ]'
}
within 30 agent_stopped || diag "7 not every gpg-agent is stopped: $(ps -o pid,stat,args -C gpg-agent)"
send 75
like "7 a stopped agent: said" "$err" 'gpg-agent.* does not answer'
pkill -CONT -x gpg-agent
send 0
is "7 it goes on: signed" "$(status | grep -cE "VALIDSIG|ERRSIG")" 1

# 8 a damaged keyring: nobody knows whether there is a key, and nothing takes that for none
conf
cp "$HOME/.gnupg/pubring.kbx" "$t/ring"
size=$(stat -c %s "$t/ring")
for damage in garbage cut zeros empty link; do
	case $damage in
	garbage) yes junk | head -c 700 >"$HOME/.gnupg/pubring.kbx" ;;
	cut) head -c $((size - 1)) "$t/ring" >"$HOME/.gnupg/pubring.kbx" ;;
	zeros) { head -c 32 "$t/ring"; head -c 700 /dev/zero; } >"$HOME/.gnupg/pubring.kbx" ;;
	empty) : >"$HOME/.gnupg/pubring.kbx" ;;
	link) rm -f "$HOME/.gnupg/pubring.kbx"; ln -s "$t/not-mounted" "$HOME/.gnupg/pubring.kbx" ;;
	esac
	want=75
	[ $damage != link ] || want=78
	# The key that is sought stands before the damage, in one of them; whether it would be the newest is unknown.
	if [ $damage != cut ]; then
		send $want
		like "8 $damage: said" "$err" '^sealpost: not sent: .*/pubring.kbx: (is damaged|No such file)'
		like "8 $damage: hint" "$(hint)" '^(gpg --list-keys|ls -ld )'
		not_ok "8 $damage: nothing sent" test -e "$t/sent"
	fi
	printf 'From: %s\nTo: nobody@absent.example\nSubject: x\n\nthe text\n' $me >"$t/clear"
	rm -f "$t/sent"
	check_exit 75 sealpost send -- nobody@absent.example <"$t/clear"
	like "8 $damage, no key: said" "$err" 'not sent: nobody@absent.example: .*pubring.kbx'
	like "8 $damage, no key: hint" "$(hint)" '^(gpg --list-keys|ls -ld )'
	not_ok "8 $damage, no key: nothing sent" test -e "$t/sent"
	check_exit 0 sealpost send -- root <"$t/clear"
	rm -f "$HOME/.gnupg/pubring.kbx"
	cp "$t/ring" "$HOME/.gnupg/pubring.kbx"
done
send 0
is "8 restored: signed" "$(status | grep -cE "VALIDSIG|ERRSIG")" 1
done_testing
