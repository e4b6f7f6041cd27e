#!/bin/sh
# SPDX-License-Identifier: ISC
# How labs come and go. Runs outside of one.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
lab=$(cd "$(dirname "$0")/../lab" && pwd)/run
reason=$("$lab" --check 2>&1) || skip_all "$reason"

# Something that nobody else's processes are called.
mark=31$$.25

marked() {
	pgrep -f "^sleep $mark" >/dev/null && echo running || echo gone
}

await() { # WORD: until marked says so, 10 s at most
	tries=100
	until [ "$(marked)" = "$1" ] || [ $((tries -= 1)) = 0 ]; do
		sleep 0.1
	done
	marked
}

check_exit 0 "$lab" true
check_exit 42 "$lab" sh -c 'exit 42'
check_exit 64 "$lab"
check_exit 127 "$lab" -- /nonexistent
is "input and output pass through" "$(echo words | "$lab" cat)" words
is "arguments pass through" "$("$lab" printf '%s|' 'a b' '' '*')" 'a b||*|'
is "the folder stays" "$(cd / && "$lab" pwd)" /

is "a process left behind by the command" "$("$lab" sh -c "sleep $mark & echo started")" started
is "ends with the lab" "$(await gone)" gone
for signal in TERM HUP KILL; do
	# A shell of its own, which alone will mention that the job was killed.
	sh -c '"$1" sleep "$2" & echo $!; wait' sh "$lab" "$mark" >"${TMPDIR:-/tmp}/lab-life.$$" 2>/dev/null &
	is "lab to be killed by $signal runs" "$(await running)" running
	kill -s "$signal" "$(cat "${TMPDIR:-/tmp}/lab-life.$$")"
	is "lab killed by $signal leaves nothing" "$(await gone)" gone
	wait
done
rm -f "${TMPDIR:-/tmp}/lab-life.$$"
not_ok "no folder left behind" test -e /run/lab

# Two labs that see each other's mail would both count two.
one='printf "Subject: x\n\nx\n" | msmtp x@y.example; sleep 1; lab-mails | wc -l'
"$lab" sh -c "$one" >"${TMPDIR:-/tmp}/lab-other.$$" &
mine=$("$lab" sh -c "$one")
wait
is "two labs at once: this one's mail" "$mine" 1
is "two labs at once: the other's mail" "$(cat "${TMPDIR:-/tmp}/lab-other.$$")" 1
rm -f "${TMPDIR:-/tmp}/lab-other.$$"

unprivileged='setpriv --reuid=65534 --regid=65534 --clear-groups'
if [ "$(id -u)" != 0 ]; then
	skip 2 "this already runs as an ordinary user"
elif ! $unprivileged "$lab" --check 2>/dev/null; then
	skip 2 "an ordinary user may not make a lab here, or not read this tree"
else
	is "an ordinary user's lab resolves" "$($unprivileged "$lab" drill -D openpgpkey.advanced.example |
		grep -c 'flags:.* ad ')" 1
	is "an ordinary user's lab takes mail" "$($unprivileged "$lab" sh -c "$one")" 1
fi

done_testing
