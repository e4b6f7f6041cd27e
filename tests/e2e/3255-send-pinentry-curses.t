#!/bin/sh
# SPDX-License-Identifier: ISC
# A real pinentry at a real terminal, which GPG_TTY names, as under a mail program: the passphrase typed in, cancelled; two
# identities with a key each. sealpost has no terminal of its own here.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

[ -x /usr/bin/pinentry-curses ] || skip_all "pinentry-curses is not installed"
t=$LAB/tmp
a=alice@advanced.example
locked=locked@sender.example
me=me@sender.example
mkdir -p "$HOME/.gnupg" "$HOME/.config/sealpost"
chmod 700 "$HOME/.gnupg"
echo 'pinentry-program /usr/bin/pinentry-curses' >"$HOME/.gnupg/gpg-agent.conf"
lab-import-sender $locked
lab-import-sender $me
printf '%s\n' '[sealpost]' "mta = $t/mta" '[identity locked]' "from = $locked" "sign-key = $(lab-key $locked)" \
	'[identity me]' "from = $me" "sign-key = $(lab-key $me)" >"$HOME/.config/sealpost/config"
printf '#!/bin/sh\ncat >"%s"\n' "$t/sent" >"$t/mta"
chmod 755 "$t/mta"
for who in $locked $me; do
	printf 'From: %s\nTo: %s\nSubject: x\n\nthe text\n' $who $a >"$t/from-$who"
done
ok "pinned" sealpost lookup --pin $a
unset DISPLAY WAYLAND_DISPLAY LC_ALL LC_CTYPE LC_MESSAGES
export LANG=C TERM=xterm

# A terminal that somebody sits at: what is written to keys is typed, what it shows is in screen.
mkfifo "$t/keys"
script -qfc "tty >'$t/tty'; stty rows 24 cols 80; exec sleep 300" "$t/screen" <"$t/keys" >/dev/null 2>&1 &
terminal=$!
exec 7>"$t/keys"
until_there() { # TEXT FILE: waits at most ten seconds
	within 10 grep -qs "$1" "$2"
}
until_there /dev/ "$t/tty"
GPG_TTY=$(cat "$t/tty")
export GPG_TTY
signed() { # WHO: whether the sent mail is signed with that key
	lab-decrypt "$t/sent" 2>&1 >/dev/null | grep -c "VALIDSIG $(lab-key "$1")"
}
asks() {
	tail -c +$((shown + 1)) "$t/screen" | grep -q Passphrase
}
# What is typed once it asks; then what send said.
typed() { # KEYS FROM
	rm -f "$t/sent" "$t/code"
	gpg-connect-agent --no-autostart reloadagent /bye >/dev/null 2>&1
	shown=$(wc -c <"$t/screen")
	{
		sealpost send -- $a <"$t/from-$2" >"$t/said" 2>&1
		echo $? >"$t/code.new"
		mv "$t/code.new" "$t/code"
	} &
	within 10 asks
	# shellcheck disable=SC2059
	printf "$1" >&7
	until_there . "$t/code"
}

typed 'correct horse\r' $locked
is "typed in: sent" "$(cat "$t/code" "$t/said")" 0
is "typed in: signed" "$(signed $locked)" 1
like "it was told whose key it is" "$(tr -d '\r' <"$t/screen")" "$locked"
typed '\t\t\r' $locked
is "cancelled: not sent" "$(cat "$t/code")" 75
like "cancelled: said" "$(cat "$t/said")" 'the passphrase of the signing key was not given'
not_ok "cancelled: nothing went" test -e "$t/sent"
check_exit 0 sealpost send -- $a <"$t/from-$me"
is "the other identity: by its own key" "$(signed $me)$(signed $locked)" 10
typed 'correct horse\r' $locked
is "and the first one again" "$(cat "$t/code")$(signed $locked)" 01
kill $terminal
exec 7>&-
done_testing
