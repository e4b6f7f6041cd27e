#!/bin/sh
# SPDX-License-Identifier: ISC
# Hidden recipients, over random sets of recipients: each has a copy of their own, and nothing of them is in any other.
# The plan alone is tested over 1,000 sets (tests/unit/mail/test_copies.c); here the whole way, with gpg. How many: an argument.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

here=$(cd "$(dirname "$0")/.." && pwd)
lab-import-sender
mkdir -p "$HOME/.config/sealpost"
cat >"$LAB/tmp/mta" <<'MTA'
#!/bin/sh
n=1
while [ -e "$LAB/tmp/calls/$n.argv" ]; do n=$((n + 1)); done
printf '%s\n' "$@" >"$LAB/tmp/calls/$n.argv"
cat >"$LAB/tmp/calls/$n.mail"
MTA
chmod 755 "$LAB/tmp/mta"
printf '[sealpost]\nmta = %s\n' "$LAB/tmp/mta" >"$HOME/.config/sealpost/config"
SENDER=me@sender.example
export SENDER
GNUPGHOME=$LAB/keys/gnupg-receivers gpg --batch --quiet --import "$LAB/keys/$SENDER.pub" 2>/dev/null
everybody='alice@advanced.example erin@advanced.example frank@advanced.example grace@advanced.example
	bob@direct.example carol@dane.example dave@unsigned.example'
# shellcheck disable=SC2086
check_exit 0 sealpost lookup --pin $everybody

# Each is in To, in Cc, in Bcc, an argument only, or absent.
draw() { # SEED
	# shellcheck disable=SC2086
	awk -v seed="$1" 'BEGIN { srand(seed); for (i = 1; i < ARGC; i++) print int(rand() * 5), ARGV[i] }' $everybody
}
sets=${1:-40}
seed=0
wrong=
copies=0
while [ "$seed" -lt "$sets" ]; do
	seed=$((seed + 1))
	draw "$seed" >"$LAB/tmp/set"
	to=$(sed -n 's/^0 //p' "$LAB/tmp/set" | paste -sd ,)
	cc=$(sed -n 's/^1 //p' "$LAB/tmp/set" | paste -sd ,)
	bcc=$(sed -n 's/^2 //p' "$LAB/tmp/set" | paste -sd ,)
	args=$(sed -n 's/^3 //p' "$LAB/tmp/set")
	[ -n "$to$cc$bcc$args" ] || continue
	{
		printf 'From: %s\nSubject: s\n' $SENDER
		[ -z "$to" ] || printf 'To: %s\n' "$to"
		[ -z "$cc" ] || printf 'Cc: %s\n' "$cc"
		[ -z "$bcc" ] || printf 'Bcc: %s\n' "$bcc"
		printf '\nthe text\n'
	} >"$LAB/tmp/mail"
	rm -rf "$LAB/tmp/calls"
	mkdir "$LAB/tmp/calls"
	# shellcheck disable=SC2086
	if ! sealpost send -t -i -- $args <"$LAB/tmp/mail" 2>"$LAB/tmp/err"; then
		wrong="$wrong set $seed: $(cat "$LAB/tmp/err")"
		continue
	fi
	copies=$((copies + $(find "$LAB/tmp/calls" -name '*.argv' | wc -l)))
	found=$("$here/copies/check" "$LAB/tmp/calls" "$(echo "$to,$cc" | tr , ' ')" "$(echo "$bcc" | tr , ' ') $args" 2>&1)
	[ -z "$found" ] || wrong="$wrong set $seed: $found"
done
is "$sets sets, $copies copies: nothing of a hidden recipient is anywhere else" "$wrong" ""

# The check itself finds what is wrong: a mail sealed to all by one copy.
rm -rf "$LAB/tmp/calls"
mkdir "$LAB/tmp/calls"
printf 'From: %s\nTo: alice@advanced.example, bob@direct.example\nSubject: s\n\nthe text\n' $SENDER >"$LAB/tmp/mail"
check_exit 0 sealpost send -t <"$LAB/tmp/mail"
found=$("$here/copies/check" "$LAB/tmp/calls" alice@advanced.example bob@direct.example)
like "a shared copy is found" "$found" 'shares a copy'
found=$("$here/copies/check" "$LAB/tmp/calls" alice@advanced.example erin@advanced.example)
like "a key too many is found" "$found" 'sealed to .* instead of'
sed -i '/^bob/d' "$LAB/tmp/calls/1.argv"
found=$("$here/copies/check" "$LAB/tmp/calls" alice@advanced.example bob@direct.example)
like "a hidden recipient's key in another's copy is found" "$found" 'a key of bob@direct.example is in it'
like "and the address" "$found" 'the address of bob@direct.example is in it'
like "and who was not served" "$found" 'bob@direct.example: was handed over 0 times'

# Many: three are sealed at a time, and handed over as they were named. A gpg that fails for one of them: nothing is.
# shellcheck disable=SC2086
set -- $everybody
printf 'From: %s\nTo: %s\nSubject: s\n\nthe text\n' $SENDER $SENDER >"$LAB/tmp/mail"
mkdir "$LAB/tmp/bin"
real=$(command -v gpg)
# The first one of two that run at once takes longer than the second. One that was started before the mail is known is told
# by its descriptor 5.
cat >"$LAB/tmp/bin/gpg" <<GPG
#!/bin/sh
settings=
case " \$* " in *' --options /dev/fd/5 '*) settings=\$(cat <&5) ;; esac
case " \$* \$(echo \$settings) " in
*" nobody "*) exit 2 ;;
*" $(lab-key bob@direct.example) "* | *" $(lab-key frank@advanced.example) "*) sleep 0.3 ;;
esac
[ "\$settings" ] || exec $real "\$@"
exec $real "\$@" 5<<SETTINGS
\$settings
SETTINGS
GPG
chmod 755 "$LAB/tmp/bin/gpg"
rm -rf "$LAB/tmp/calls"
mkdir "$LAB/tmp/calls"
check_exit 0 env PATH="$LAB/tmp/bin:$PATH" sealpost send -- "$@" <"$LAB/tmp/mail"
is "handed over in their order" "$(for i in 1 2 3 4 5 6 7; do tail -n 1 "$LAB/tmp/calls/$i.argv"; done)" "$(printf '%s\n' "$@")"
found=$("$here/copies/check" "$LAB/tmp/calls" '' "$everybody" 2>&1)
is "each is sealed to one" "$found" ""
# However many they are, three are in memory.
peak() { # RECIPIENT...: kB
	rm -rf "$LAB/tmp/calls"
	mkdir "$LAB/tmp/calls"
	timeout 100 time -q -f %M -o "$LAB/tmp/memory" sealpost send -- "$@" <"$LAB/tmp/long"
	cat "$LAB/tmp/memory"
}
{
	cat "$LAB/tmp/mail"
	head -c 90000 /dev/urandom | base64
} >"$LAB/tmp/long"
two=$(peak "$1" "$2")
seven=$(peak "$@")
is "seven mails of 120 kB" "$(find "$LAB/tmp/calls" -name '*.mail' -size +100k | wc -l)" 7
# AddressSanitizer keeps what was freed.
if nm "$LAB_BUILD/bin/sealpost" 2>/dev/null | grep -q __asan_init; then
	skip 1 "take no more memory than two: the program is sanitized"
else
	ok "take no more memory than two, or hardly ($seven kB, $two kB)" test "$seven" -lt $((two + 2000))
fi
for who in "$1" "$2" "$5" "$7"; do
	sed -i "s/\*\" [^ ]* \"\*) exit 2/*\" $(lab-key "$who") \"*) exit 2/" "$LAB/tmp/bin/gpg"
	rm -rf "$LAB/tmp/calls"
	mkdir "$LAB/tmp/calls"
	check_exit 75 env PATH="$LAB/tmp/bin:$PATH" sealpost send -- "$@" <"$LAB/tmp/mail"
	like "gpg fails for $who: said" "$err" 'gpg: signing and encrypting: '
	is "gpg fails for $who: nothing is handed over" "$(ls "$LAB/tmp/calls")" ""
done

is "nothing is left running" "$(running)" ""
done_testing
