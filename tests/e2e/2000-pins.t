#!/bin/sh
# SPDX-License-Identifier: ISC
# pins: a person sees what there is, and decides; what was decided holds.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

a=alice@advanced.example
old=$(lab-key $a)
cp "$(lab-wkd-path $a)" "$LAB/tmp/old.key"
one=$(lab-new-key $a "$LAB/tmp/one.key")
two=$(lab-new-key $a "$LAB/tmp/two.key")
pinned() { # its state, fingerprint and what is held
	sealpost -q pins list --json | jq -r "select(.address == \"$a\") | .state + \" \" + .fingerprint + \" \" + (.held.fingerprint // \"-\")"
}
held() { # FILE: alice has the pin, and this is held
	sealpost pins forget $a >/dev/null 2>&1
	lab-wkd-put $a "$LAB/tmp/old.key"
	sealpost lookup --fresh --pin $a >/dev/null
	lab-wkd-put $a "$1"
	sealpost lookup --fresh --pin $a >/dev/null || true
}
events() {
	sealpost pins log --json $a | jq -r .event | tail -n "$1" | tr '\n' ' '
}
undo() { # of the last command's output
	printf '%s\n' "$out" | sed -n 's/^undo: //p'
}

# nothing to decide about
check_exit 1 sealpost pins accept $a
like "no pin, nothing held" "$err" 'nothing is held'
check_exit 1 sealpost -q pins accept $a
like "-q: that it is not done is told" "$err" 'nothing is held'
check_exit 1 sealpost pins reject $a
like "no pin to reject" "$err" 'there is no pin'
check_exit 1 sealpost pins verify $a "$old"
check_exit 1 sealpost pins accept --last
like "no refusal" "$err" 'nothing has been refused'
for verb in accept reject verify; do
	check_exit 64 sealpost pins $verb
	check_exit 64 sealpost pins $verb example.org "$old"
	check_exit 64 sealpost pins $verb $a 1234
	check_exit 64 sealpost pins $verb $a "${old%?}"
	check_exit 64 sealpost pins $verb $a "${old}0"
	check_exit 64 sealpost pins $verb $a "g${old#?}"
done
check_exit 64 sealpost pins verify $a
check_exit 64 sealpost pins reject --last
check_exit 64 sealpost pins accept --last $a

# what is held, at a glance and in full
held "$LAB/tmp/one.key"
is "the pin stays, the new one is held" "$(pinned)" "tofu $old $one"
like "list marks it" "$(sealpost pins list)" "^$a +tofu +$old .* HELD$"
run sealpost pins show $a
like "show: the fingerprints side by side" "$out" "^ *fingerprint +$old +$one$"
like "show: how each was found" "$out" '^ *source +wkd-advanced +wkd-advanced$'
like "show: DNSSEC of both" "$out" '^ *DNSSEC +secure +secure$'
like "show: TLS of both" "$out" '^ *TLS +webpki +webpki$'
like "show: the server's key is the same" "$out" '^ *server key +[0-9a-f]{16}\.\.\. +[0-9a-f]{16}\.\.\. \(the same\)$'
like "show: not certified" "$out" 'certified +- +not by the pinned key$'
like "show: what to do" "$out" "sealpost pins accept $a $one"
unlike "show: no dump" "$out" 'spki_sha256'
run sealpost -v pins show $a
like "-v: the dump" "$out" 'urls\[[0-9]\]\.spki_sha256: '
run sealpost pins show --json $a
is "show --json: what is compared" "$(printf %s "$out" | jq -c '.held | [.certified_by_pin, .server_key_changed, .revoked]')" \
	'[false,false,false]'
is "show --json: evidence of both" "$(printf %s "$out" | jq -r '[.evidence.verdict, .held.evidence.verdict] | join(" ")')" "usable usable"
if command -v sqlite3 >/dev/null; then
	sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE held SET evidence = json_replace(evidence,
		'\$.urls[0].spki_sha256', '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff')"
	like "show: when the server's key changed, it says so" "$(sealpost pins show $a)" '\(CHANGED\)$'
	is "and in JSON" "$(sealpost pins show --json $a | jq .held.server_key_changed)" true
else
	skip 2 "sqlite3 is not installed"
fi

# accept: only what is held
check_exit 1 sealpost pins accept $a "$two"
like "another fingerprint than the held one" "$err" "$two is not what is held, which is $one"
is "nothing changed" "$(pinned)" "tofu $old $one"
check_exit 0 sealpost pins accept $a "$(printf %s "$one" | tr 'A-F' 'a-f')"
like "says what it did" "$out" "accepted: $one is the pin now.*$old is set aside"
is "it is the pin, nothing is held" "$(pinned)" "tofu $one -"
is "the log says so" "$(sealpost pins log --json $a | jq -r '[.event, .fingerprint, .what] | join(" ")' | tail -n 1)" \
	"accepted $one in place of $old"
check_exit 0 sealpost lookup --fresh --json $a
is "lookup matches" "$(printf %s "$out" | jq -r '.status + " " + .pin')" "usable match"
like "show names the former pin" "$(sealpost pins show $a)" "former pin +$old since"
check_exit 0 sealpost pins accept $a "$old"
is "undo of accept" "$(pinned)" "tofu $old -"
check_exit 1 sealpost pins accept $a "$old"
like "accepting the pin" "$err" 'that is the pin already'
# shellcheck disable=SC2046 # the command that it prints
{
	held "$LAB/tmp/one.key"
	check_exit 0 sealpost pins accept $a
	is "accept without fingerprint: what is held" "$(pinned)" "tofu $one -"
	ok "the undo that it prints works" $(undo)
	is "the former pin is back" "$(pinned)" "tofu $old -"
}

# accept --last
expire() { # TABLE: what it keeps has expired a second ago, and no answer is kept in which it has not
	rm -rf "$HOME/.cache/sealpost"
	sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE $1 SET expires = unixepoch() - 1"
}
lab-import-sender
mail() {
	printf 'From: me@sender.example\nTo: %s\nSubject: s\n\nthe text\n' "$a"
}
run sealpost pins forget $a
mail >"$LAB/tmp/mail"
lab-wkd-put $a "$LAB/tmp/one.key"
expiring=$(lab-new-key $a "$LAB/tmp/short.key")
lab-wkd-put $a "$LAB/tmp/short.key"
check_exit 0 sealpost lookup --fresh --pin $a
expire pin
lab-wkd-put $a "$LAB/tmp/two.key"
check_exit 77 sealpost send $a <"$LAB/tmp/mail"
is "the expired pin is not used, its successor held" "$(pinned)" "tofu $expiring $two"
like "list says that it has expired" "$(sealpost pins list)" "^$a .* EXPIRED HELD$"
like "show says so too" "$(sealpost pins show $a)" 'expires +EXPIRED '
check_exit 0 sealpost pins accept --json --last
is "accept --last, as JSON" "$(printf %s "$out" | jq -r '[.address, .event, .fingerprint, .previous_fingerprint] | join(" ")')" \
	"$a accepted $two $expiring"
check_exit 0 sealpost send $a <"$LAB/tmp/mail"
check_exit 1 sealpost pins accept --last
like "--last again" "$err" 'nothing is held for the recipients'
check_exit 1 sealpost pins accept $a "$expiring"
like "an expired one is not accepted" "$err" 'has expired'

# what expires while it is held
expiring=$(lab-new-key $a "$LAB/tmp/short.key")
held "$LAB/tmp/short.key"
is "held" "$(pinned)" "tofu $old $expiring"
expire held
check_exit 1 sealpost pins accept $a
like "held, and expired since" "$err" 'what is held has expired'
is "the pin is as it was" "$(pinned)" "tofu $old $expiring"

# verify
held "$LAB/tmp/one.key"
check_exit 1 sealpost pins verify $a "$one"
like "the held one's fingerprint does not verify" "$err" "what is held, not of the pin $old"
check_exit 1 sealpost pins verify $a "$two"
like "a wrong one: both are shown" "$err" "^ *pinned: $(printf %s "$old" | sed 's/..../& /g; s/ $//')$"
like "and where they differ" "$err" '^ *[ ^]*\^[ ^]*$'
flipped=$(printf %s "$old" | sed 's/.$//')$(printf %s "$old" | sed 's/.*\(.\)$/\1/' | tr '0123456789ABCDEF' '123456789ABCDEF0')
check_exit 1 sealpost pins verify $a "$flipped"
is "one digit is enough" "$(printf '%s\n' "$err" | tail -n 1 | tr -d ' ')" '^'
is "nothing was verified" "$(pinned)" "tofu $old $one"
grouped=$(printf %s "$old" | tr 'A-F' 'a-f' | sed 's/..../& /g; s/ $//; s/^\(.\{24\}\)/\1 /')
check_exit 0 sealpost pins verify $a "$grouped"
is "lower case and blanks will do" "$(pinned)" "verified $old $one"
ok "and the undo that it prints works" sh -c "$(undo)"
is "tofu again" "$(pinned)" "tofu $old $one"
# shellcheck disable=SC2086 # in several words
check_exit 0 sealpost pins verify $a $grouped
is "in several words too" "$(pinned)" "verified $old $one"
check_exit 77 sealpost lookup --fresh --pin $a
is "another key never replaces a verified one" "$(pinned)" "verified $old $one"
check_exit 0 sealpost pins list --json
is "verified is kept over an update" "$(
	lab-wkd-put $a "$LAB/tmp/old.key"
	sealpost lookup --fresh --pin $a >/dev/null
	pinned)" "verified $old $one"

# reject what is held: never used, never held again, and the pin stays
held "$LAB/tmp/one.key"
check_exit 0 sealpost pins reject $a
like "says what it did" "$out" "rejected: $one is never used; the pin stays $old"
is "nothing is held any more" "$(pinned)" "tofu $old -"
is "the undo takes it back, and leaves the pin" "$(undo)" \
	"sealpost pins accept $a $one && sealpost pins accept $a $old"
run sealpost lookup --fresh --pin $a
is "seen again: not held again" "$(pinned)" "tofu $old -"
is "what is exported is never that one" "$(sealpost lookup --fresh --export $a 2>/dev/null |
	gpg --batch --with-colons --show-keys 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }' | grep -c "^$one$")" 0
like "show names it" "$(sealpost pins show $a)" "REJECTED +$one since"
lab-wkd-put $a "$LAB/tmp/two.key"
run sealpost lookup --fresh --pin $a
is "a third one is held as ever" "$(pinned)" "tofu $old $two"
check_exit 0 sealpost pins accept $a "$two"
lab-wkd-put $a "$LAB/tmp/one.key"
run sealpost lookup --fresh --pin $a
is "also when another key is pinned later" "$(pinned)" "tofu $two -"
check_exit 0 sealpost pins forget $a
like "forget says that it stays" "$out" '1 rejected fingerprint stays so'
run sealpost lookup --fresh --pin $a
is "nor is it pinned on a later first use" "$(pinned)" ""
run sealpost send $a <"$LAB/tmp/mail"
isnt "nor does a mail go out to it" "$rc" 0
is "nor pinned by that" "$(pinned)" ""
check_exit 0 sealpost pins accept $a "$one"
is "until a person accepts it by its name" "$(pinned)" "tofu $one -"

# reject the pin itself
check_exit 0 sealpost pins reject $a
is "the pin is rejected" "$(pinned)" "rejected $one -"
check_exit 1 sealpost pins reject $a
check_exit 77 sealpost lookup --fresh --pin $a
run sealpost send $a <"$LAB/tmp/mail"
is "send does not use it" "$rc" 77
check_exit 1 sealpost pins verify $a "$one"
like "nor is it verified" "$err" 'was rejected; accept it first'
lab-wkd-put $a "$LAB/tmp/old.key"
check_exit 77 sealpost lookup --fresh --pin $a
is "another one is held" "$(pinned)" "rejected $one $old"
like "show says what waits" "$(sealpost pins show $a)" 'was rejected, and the other one waits'
check_exit 0 sealpost pins reject $a "$old"
is "both are rejected" "$(pinned)" "rejected $one -"
check_exit 0 sealpost pins accept $a "$one"
is "undo" "$(pinned)" "tofu $one -"
is "each is in the log" "$(events 4)" "rejected held rejected accepted "

# allow-clear and forget say how to go back
check_exit 0 sealpost pins allow-clear $a
is "clear in place of the pin" "$(sealpost pins list --json | jq -r .state)" clear
ok "undo: the pin is back" sh -c "$(undo)"
is "undone" "$(pinned)" "tofu $one -"
check_exit 0 sealpost pins allow-clear --json $a
is "allow-clear as JSON" "$(printf %s "$out" | jq -r '[.event, .previous_fingerprint] | join(" ")')" "allow-clear $one"
check_exit 0 sealpost pins forget $a
like "forget of an allow-clear" "$(undo)" "^sealpost pins allow-clear $a$"

# Each decision's undo makes the pin what it was, in whatever state it was.
lab-wkd-put $a "$LAB/tmp/one.key"
while read -r state verb fpr; do
	sealpost pins forget $a >/dev/null 2>&1
	sealpost pins import "$LAB/tmp/one.key" >/dev/null 2>&1
	sealpost pins accept $a "$one" >/dev/null 2>&1
	case $state in
	verified) sealpost pins verify $a "$one" >/dev/null ;;
	rejected) sealpost pins reject $a >/dev/null ;;
	clear) sealpost pins allow-clear $a >/dev/null ;;
	esac
	is "it is $state" "$(sealpost pins list --json | jq -r .state)" "$state"
	check_exit 0 sealpost pins "$verb" $a ${fpr:+"$fpr"}
	[ -z "$(undo)" ] || ok "$state, $verb: the undo works" sh -c "$(undo)"
	is "$state, $verb: as before" "$(sealpost pins list --json | jq -r .state)" "$state"
done <<END
tofu reject $one
tofu verify $one
tofu allow-clear
verified accept $one
verified reject $one
verified verify $one
verified allow-clear
rejected accept $one
rejected allow-clear
clear accept $one
clear reject $one
clear allow-clear
END
check_exit 0 sealpost pins allow-clear absent.example
is "a domain too" "$(undo)" 'sealpost pins forget absent.example'
check_exit 0 sealpost pins allow-clear absent.example
is "nothing to undo the second time" "$(undo)" ''
sealpost pins forget absent.example >/dev/null

# one certificate of two addresses, and the forms of one address
sealpost pins forget $a >/dev/null 2>&1
lab-wkd-put $a "$LAB/tmp/two.key"
check_exit 0 sealpost lookup --fresh --pin 'Alice@ADVANCED.Example'
is "case is no other pin" "$(sealpost pins list --json | jq -r .address)" "$a"
check_exit 0 sealpost pins verify 'ALICE@advanced.EXAMPLE' "$two"
is "nor to decide" "$(pinned)" "verified $two -"
is "an address that has to be quoted is quoted in the hint" "$(
	sealpost pins allow-clear "o'neill@absent.example" | sed -n 's/^undo: //p')" \
	"sealpost pins forget 'o'\\''neill@absent.example'"

is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""
# A revocation that only a lookup has seen counts for mails from then on, for every address that has the key.
lab-import-sender
sealpost lookup --pin frank@advanced.example >/dev/null
mkdir -m 700 "$LAB/tmp/frank.home"
gpg --homedir "$LAB/tmp/frank.home" --batch --quiet --import "$LAB/keys/frank@advanced.example.sec" 2>/dev/null
printf 'y\n0\n\ny\n' | gpg --homedir "$LAB/tmp/frank.home" --no-tty --quiet --yes --pinentry-mode loopback --passphrase '' \
	--command-fd 0 --gen-revoke "$(lab-key frank@advanced.example)" >"$LAB/tmp/frank.rev" 2>/dev/null
gpg --homedir "$LAB/tmp/frank.home" --batch --quiet --import "$LAB/tmp/frank.rev" 2>/dev/null
gpg --homedir "$LAB/tmp/frank.home" --batch --quiet --export >"$LAB/tmp/frank.revoked"
gpgconf --homedir "$LAB/tmp/frank.home" --kill all
printf 'To: frank@advanced.example\n\nsecret\n' >"$LAB/tmp/to-frank"
check_exit 0 sealpost send -t <"$LAB/tmp/to-frank"
lab-wkd-put frank@advanced.example "$LAB/tmp/frank.revoked"
check_exit 69 sealpost lookup --fresh frank@advanced.example
is "revoked, seen by lookup: in the pin" "$(sealpost pins show --json frank@advanced.example | jq -r .revoked)" true
like "revoked, seen by lookup: in the log" "$(sealpost pins log frank@advanced.example)" 'revoked'
check_exit 69 sealpost send -t <"$LAB/tmp/to-frank"
done_testing
