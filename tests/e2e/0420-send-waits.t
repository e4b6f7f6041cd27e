#!/bin/sh
# SPDX-License-Identifier: ISC
# Every wait has an end, whatever the other process does, and nothing outlives sealpost.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck disable=SC2034
lab_options=--caps
in_lab "$0" "$@"

t=$LAB/tmp
tree=$t/tree
src=$PWD
a=alice@advanced.example
mkdir -p "$tree/bin" "$tree/libexec/sealpost" "$HOME/.config/sealpost"
cp "$LAB_BUILD/bin/sealpost" "$tree/bin/"
conf() {
	printf '%s\n' '[sealpost]' 'timeout = 1s' "$@" >"$HOME/.config/sealpost/config"
}
conf
# Longer than any wait of these tests: a helper that is called this is of ours.
mark=7777
helper() { # SCRIPT: what sealpost-net does
	printf '#!/bin/sh\n%s\n' "$1" >"$tree/libexec/sealpost/sealpost-net"
	chmod 755 "$tree/libexec/sealpost/sealpost-net"
	rm -rf "$HOME/.cache/sealpost"
}
gone() { # PATTERN: no such process is left, now or in a moment
	tries=30
	while [ $tries -gt 0 ] && pgrep -f "$1" >/dev/null; do
		sleep 0.1
		tries=$((tries - 1))
	done
	! pgrep -f "$1" >/dev/null
}
there() { # PATTERN
	tries=50
	while [ $tries -gt 0 ] && ! pgrep -f "$1" >/dev/null; do
		sleep 0.1
		tries=$((tries - 1))
	done
	pgrep -f "$1" >/dev/null
}

# A helper that does not do its work. The exit code comes from sealpost, not from timeout (124), and its standard error
# ends: cat would go on reading.
while IFS='|' read -r name code script; do
	helper "$script"
	said=$(timeout 30 sh -c "'$tree/bin/sealpost' -v lookup $a 2>&1 >/dev/null; echo exit \$?" | cat)
	is "$name" "$(printf '%s\n' "$said" | tail -n 1)" "exit $code"
	is "$name: ended" "$(pgrep -f "sleep $mark")" ""
	is "$name: nothing runs on" "$(running)" ""
done <<END
1 the helper hangs|75|exec sleep $mark
2 it hangs, deaf to TERM, INT and HUP|75|trap '' TERM INT HUP; exec sleep $mark
3 it does nothing but trace|75|while printf '\\000\\000\\000\\002\\004x' >&3; do sleep 0.3; done
4 it closes the socket and stays|75|exec 3<&-; exec sleep $mark
5 it ends at once|75|exit 0
6 it says something that is no answer|70|printf '\\000\\000\\000\\002\\143x' >&3; exec sleep $mark
7 it stops in the middle of an answer|75|printf '\\000\\000\\001\\000\\003x' >&3; exec sleep $mark
8 it stops in the middle of a line of trace|75|printf '\\000\\000\\001\\000\\004x' >&3; exec sleep $mark
END
for verb in "check absent.example" "refresh $a" "doctor --online"; do
	helper "while printf '\\000\\000\\000\\002\\004x' >&3; do sleep 0.3; done"
	run timeout 30 "$tree/bin/sealpost" $verb
	isnt "9 nothing but trace: $verb" "$rc" 124
	is "9 nothing but trace: $verb: nothing runs on" "$(running)" ""
done

# sealpost is killed.
for signal in KILL TERM; do
	helper "exec sleep $mark"
	"$tree/bin/sealpost" lookup $a >/dev/null 2>&1 &
	main=$!
	ok "10 $signal while the helper hangs: it runs" there "sleep $mark"
	kill -$signal $main
	wait $main 2>/dev/null
	ok "10 $signal while the helper hangs: it is ended" gone "sleep $mark"
	is "10 $signal while the helper hangs: nothing is left lying" "$(find "$XDG_RUNTIME_DIR" -name 'sealpost*')" ""
done
helper "exec sleep $mark"
"$tree/bin/sealpost" lookup $a >/dev/null 2>&1 &
main=$!
ok "11 the runner is killed: a helper runs" there "sleep $mark"
kill -KILL "$(pgrep -P $main)"
ok "11 the runner is killed: the helper is ended" gone "sleep $mark"
wait $main 2>/dev/null

# The agent.
cp "$LAB_BUILD/libexec/sealpost/sealpost-net" "$tree/libexec/sealpost/"
me=locked@sender.example
mkdir -p "$HOME/.gnupg"
chmod 700 "$HOME/.gnupg"
printf '#!/bin/sh\necho "OK ready"\nwhile read -r c x; do case $c in GETPIN) exec sleep %s;; *) echo OK;; esac; done\n' \
	$mark >"$t/pinentry"
chmod 755 "$t/pinentry"
echo "pinentry-program $t/pinentry" >"$HOME/.gnupg/gpg-agent.conf"
lab-import-sender $me
lab-import-sender
printf '#!/bin/sh\ncat >"%s"\n' "$t/sent" >"$t/mta"
chmod 755 "$t/mta"
conf "mta = $t/mta" 'pinentry-timeout = 60s'
ok "pinned" sealpost lookup --pin $a
printf 'From: %s\nTo: %s\nSubject: x\n\nthe text\n' $me $a >"$t/locked"
sed 's/locked@/me@/' "$t/locked" >"$t/mail"
for signal in KILL TERM; do
	gpg-connect-agent --no-autostart reloadagent /bye >/dev/null 2>&1
	GPG_TTY=/dev/pts/77 sealpost send -- $a <"$t/locked" >/dev/null 2>&1 &
	main=$!
	ok "12 $signal while pinentry hangs: gpg runs" there "sleep $mark"
	kill -$signal $main
	wait $main 2>/dev/null
	ok "12 $signal while pinentry hangs: gpg is ended" gone '^[^ ]*gpg --homedir'
	pkill -f "sleep $mark"
done
send() {
	rm -f "$t/sent"
	check_exit "$1" timeout 30 sealpost send -- $a <"$t/mail"
}
send 0
stopped() {
	pkill -STOP -x gpg-agent
	while ps -o stat= -C gpg-agent | grep -q '^[^T]'; do sleep 0.05; done
	case $1 in
	"signer is looked up") rm -rf "$HOME/.cache/sealpost" ;;
	esac
	send 75
	like "13 stopped, $1: said" "$err" 'gpg-agent.* does not answer within [0-9]+ s'
	hint=$(printf '%s\n' "$err" | sed -n 's/^hint: //p')
	not_ok "13 stopped, $1: nothing sent" test -e "$t/sent"
	sh -c "$hint"
	send 0
	is "13 stopped, $1: with its hint it goes" "$(grep -c 'BEGIN PGP MESSAGE' "$t/sent")" 1
}
stopped "signer is looked up"
stopped "signer is known"
export GNUPGHOME="$t/gnupg" # whose place only gpg knows
cp -r "$HOME/.gnupg" "$GNUPGHOME"
send 0
stopped "in another home"
unset GNUPGHOME

# An allocation fails, in sealpost and its runner or in the helper: whatever comes of it, it comes soon.
# AddressSanitizer has the allocator to itself.
sanitized() {
	nm "$LAB_BUILD/bin/sealpost" 2>/dev/null | grep -q __asan_init
}
if sanitized; then
	skip 3 "14 failing allocations: the program is sanitized"
elif command -v cc >/dev/null && cc -shared -fPIC -D_GNU_SOURCE -o "$t/fail.so" "$src/tests/failing_alloc.c" 2>/dev/null; then
	conf
	mv "$tree/libexec/sealpost/sealpost-net" "$tree/libexec/sealpost/real-net"
	try() { # PROGRAM NUMBER: the exit code of a lookup
		helper "export FAIL_IN=$1 FAIL_ALLOC=$2 LD_PRELOAD=$t/fail.so; exec $tree/libexec/sealpost/real-net"
		FAIL_IN=$1 FAIL_ALLOC=$2 LD_PRELOAD=$t/fail.so timeout 30 "$tree/bin/sealpost" lookup $a >/dev/null 2>&1
		echo $?
	}
	is "14 no allocation fails" "$(try none 1)" 0
	late=
	# At some of 700 to 1000 libseccomp goes round in a circle.
	for n in 1 20 60 150 300 450 600 750 795 850 939 1050 1200 1500 1900 2300; do
		[ "$(try sealpost $n)" != 124 ] || late="$late sealpost:$n"
	done
	for n in 1 50 500 1500 1995 4986 10000 28914; do
		[ "$(try real-net $n)" != 124 ] || late="$late helper:$n"
	done
	is "14 an allocation fails: none waits for ever" "$late" ""
	is "14 an allocation fails: nothing runs on" "$(running)" ""
else
	skip 3 "no C compiler"
fi
done_testing
