#!/bin/sh
# SPDX-License-Identifier: ISC
# One mail in several copies: hidden recipients, mixed = split, and what is said when the MTA takes only some.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
mkdir -p "$HOME/.config/sealpost"
# Records each call; says no to whom $LAB/tmp/no names: ADDRESS EXIT.
cat >"$LAB/tmp/mta" <<'MTA'
#!/bin/sh
n=$(($(ls "$LAB/tmp/calls" | wc -l) / 2 + 1))
printf '%s\n' "$@" >"$LAB/tmp/calls/$n.argv"
cat >"$LAB/tmp/calls/$n.mail"
while read -r address code; do
	grep -qx "$address" "$LAB/tmp/calls/$n.argv" || continue
	echo "550 $address is not liked" >&2
	exit "$code"
done <"$LAB/tmp/no"
MTA
chmod 755 "$LAB/tmp/mta"
: >"$LAB/tmp/no"
conf() {
	printf '%s\n' '[sealpost]' "mta = $LAB/tmp/mta" "$@" >"$HOME/.config/sealpost/config"
}
conf
reset() {
	rm -rf "$LAB/tmp/calls"
	mkdir "$LAB/tmp/calls"
}
calls() {
	find "$LAB/tmp/calls" -name '*.argv' | wc -l
}
rcpt() { # CALL: its recipients on one line
	sed '1,/^--$/d' "$LAB/tmp/calls/$1.argv" | tr '\n' ' '
}
keyids() { # CALL: to whose keys it is sealed, as key IDs
	sed -n '/^-----BEGIN PGP/,/^-----END PGP/p' "$LAB/tmp/calls/$1.mail" | gpg --batch --list-packets --list-only 2>/dev/null |
		sed -n 's/^:pubkey enc packet:.* keyid \([0-9A-F]*\)$/\1/p' | sort | tr '\n' ' '
}
ids_of() { # ADDRESS...: their encryption keys' IDs
	for a; do
		GNUPGHOME=$LAB/keys/gnupg-receivers gpg --batch --with-colons --list-keys "$a" 2>/dev/null |
			awk -F: '$1 == "sub" && $12 ~ /e/ { print $5 }'
	done | sort | tr '\n' ' '
}
GNUPGHOME=$LAB/keys/gnupg-receivers gpg --batch --quiet --import "$LAB/keys/me@sender.example.pub" 2>/dev/null
a=alice@advanced.example
b=bob@direct.example
c=carol@dane.example
e=erin@advanced.example
n=nobody@absent.example
me=me@sender.example
printf 'From: %s\nTo: %s\nCc: %s\nBcc: %s, %s\nSubject: s\n\nthe text\n' $me $a $e $b $c >"$LAB/tmp/mail"

# named and hidden
reset
check_exit 0 sealpost send -t <"$LAB/tmp/mail"
is "silent" "$out$err" ""
is "three copies" "$(calls)" 3
is "the named copy: recipients" "$(rcpt 1)" "$a $e "
is "the named copy: keys" "$(keyids 1)" "$(ids_of $a $e $me)"
is "bob's copy: recipients" "$(rcpt 2)" "$b "
is "bob's copy: keys" "$(keyids 2)" "$(ids_of $a $e $me $b)"
is "carol's copy: recipients" "$(rcpt 3)" "$c "
is "carol's copy: keys" "$(keyids 3)" "$(ids_of $a $e $me $c)"
for i in 1 2 3; do
	lab-decrypt "$LAB/tmp/calls/$i.mail" >"$LAB/tmp/plain.$i" 2>/dev/null
	like "copy $i: the text" "$(cat "$LAB/tmp/plain.$i")" '^the text'
	unlike "copy $i: no Bcc, no hidden address" "$(cat "$LAB/tmp/plain.$i" "$LAB/tmp/calls/$i.mail")" "[Bb]cc *:|$b|$c"
done
is "one Message-ID" "$(cat "$LAB"/tmp/calls/*.mail "$LAB"/tmp/plain.? | grep -i '^Message-ID:' | tr -d '\r' | sort -u | wc -l)" 1
is "one Date" "$(cat "$LAB"/tmp/calls/*.mail "$LAB"/tmp/plain.? | grep -i '^Date:' | tr -d '\r' | sort -u | wc -l)" 1
is "the same payload" "$(cmp "$LAB/tmp/plain.1" "$LAB/tmp/plain.2" && cmp "$LAB/tmp/plain.1" "$LAB/tmp/plain.3" && echo same)" same

# hidden ones only
reset
printf 'From: %s\nSubject: s\n\nthe text\n' $me >"$LAB/tmp/bare"
check_exit 0 sealpost send $b $c <"$LAB/tmp/bare"
is "two copies" "$(calls)" 2
is "each to one" "$(rcpt 1)$(rcpt 2)" "$b $c "
is "each to one key and the sender's" "$(keyids 1)$(keyids 2)" "$(ids_of $b $me)$(ids_of $c $me)"

# filter has one exit
check_exit 69 sealpost filter -t <"$LAB/tmp/mail"
is "filter: nothing on stdout" "$out" ""
is "filter: who is in the way" "$(printf '%s\n' "$err" | grep -c '^sealpost: not sent: \(bob@direct\|carol@dane\)')" 2
check_exit 0 sealpost filter $b <"$LAB/tmp/bare"

# mixed = split
printf 'From: %s\nTo: %s, %s\nBcc: %s\nSubject: s\n\nthe text\n' $me $a $n $b >"$LAB/tmp/mixed"
reset
check_exit 69 sealpost send -t <"$LAB/tmp/mixed"
is "refuse: nothing handed over" "$(calls)" 0
conf 'mixed = split'
check_exit 0 sealpost send -t <"$LAB/tmp/mixed"
is "split: three copies" "$(calls)" 3
is "split: recipients" "$(rcpt 1)| $(rcpt 2)| $(rcpt 3)" "$a | $n | $b "
is "split: the sealed copy's keys" "$(keyids 1)" "$(ids_of $a $me)"
is "split: the hidden copy's keys" "$(keyids 3)" "$(ids_of $a $b $me)"
like "split: the clear copy" "$(cat "$LAB/tmp/calls/2.mail")" '^the text'
unlike "split: no Bcc in it" "$(cat "$LAB/tmp/calls/2.mail")" "[Bb]cc *:|$b"
is "split: one Message-ID" "$(cat "$LAB"/tmp/calls/*.mail | grep -i '^Message-ID:' | sort -u | wc -l)" 1
is "split: one Date" "$(cat "$LAB"/tmp/calls/*.mail | grep -i '^Date:' | sort -u | wc -l)" 1
check_exit 69 sealpost filter -t <"$LAB/tmp/mixed"
conf 'mixed = split' 'encrypt = require'
check_exit 69 sealpost send -t <"$LAB/tmp/mixed"

# clear text and mail that came encrypted: one copy, no Bcc
conf 'encrypt = never'
printf 'From: %s\nTo: %s\nBcc: nokey@advanced.example,\n\tx@absent.example\nResent-Bcc: y@absent.example\nSubject: s\n\nthe text\n' $me $n >"$LAB/tmp/clear"
reset
check_exit 0 sealpost send nobody@absent.example nokey@advanced.example <"$LAB/tmp/clear"
is "clear: one copy" "$(calls)" 1
unlike "clear: no Bcc" "$(cat "$LAB/tmp/calls/1.mail")" '[Bb]cc *:|nokey|[^d]y@absent|x@absent'
conf
sealpost filter $b <"$LAB/tmp/bare" | sed 's/^Subject:.*/&\nBcc: carol@dane.example/' >"$LAB/tmp/sealed"
reset
check_exit 0 sealpost send $b $c <"$LAB/tmp/sealed"
is "as it was: one copy" "$(calls)" 1
unlike "as it was: no Bcc" "$(cat "$LAB/tmp/calls/1.mail")" '[Bb]cc *:|carol'

# the MTA takes some
conf
echo "$b 67" >"$LAB/tmp/no"
reset
check_exit 67 sealpost send -t <"$LAB/tmp/mail"
is "all copies were tried" "$(calls)" 3
is "who was served" "$(printf '%s\n' "$err" | sed -n 's/^sealpost: sent: \([^:]*\):.*/\1/p' | tr '\n' ' ')" "$a $e $c "
is "who was not" "$(printf '%s\n' "$err" | sed -n 's/^sealpost: not sent: \([^:]*\):.*/\1/p' | tr '\n' ' ')" "$b "
like "the MTA's words" "$err" '550 bob@direct.example is not liked'
is "one hint" "$(printf '%s\n' "$err" | grep -c '^hint: ')" 1
is "why says it too" "$(sealpost why -n 1 --json | jq -r '[.exit, .recipients[].address] | join(" ")')" "67 $b"
printf '%s\n' "$a 75" "$b 67" >"$LAB/tmp/no"
reset
check_exit 75 sealpost send -t <"$LAB/tmp/mail"
is "who was served when two were refused" "$(printf '%s\n' "$err" | sed -n 's/^sealpost: sent: \([^:]*\):.*/\1/p' | tr '\n' ' ')" "$c "

# one copy: one sentence
printf '%s\n' "$a 75" >"$LAB/tmp/no"
reset
check_exit 75 sealpost send $a $e <"$LAB/tmp/mail"
like "one copy: what the MTA did" "$err" "^sealpost: .*/mta refused the mail \(exit status 75\): 550 $a is not liked\$"
like "one copy: in its words, for programs that hide them" "$(sealpost why -n 1)" "550 $a is not liked"
is "one copy: and once" "$(printf '%s\n' "$err" | grep -c 'is not liked')" 1
like "one copy: whose exit status it is" "$(sealpost why -n 1)" 'not sent \(75, by the mail transfer agent\)'
is "one copy: why names both" "$(sealpost why -n 1 --json | jq -r '[.recipients[].address] | join(" ")')" "$a $e"

# more copies than files may be open
: >"$LAB/tmp/no"
reset
for n in 1 2 3 4 5 6; do
	lab-new-key "u$n@more.example" "$LAB/tmp/u$n.pgp" >/dev/null
done
cat "$LAB"/tmp/u?.pgp >"$LAB/tmp/more.pgp"
ok "six more keys" sealpost pins import "$LAB/tmp/more.pgp"
more=$(seq -f 'u%g@more.example' 6)
check_exit 0 sh -c "ulimit -Sn 30; exec sealpost send $(echo $a $b $c $e frank@advanced.example grace@advanced.example $more)" <"$LAB/tmp/bare"
is "twelve hidden recipients, twelve copies" "$(calls)" 12

is "nothing is left running" "$(running)" ""
done_testing
