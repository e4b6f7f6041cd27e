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
none() { # PATTERN
	! pgrep -f "$1" >/dev/null
}
gone() { # PATTERN: no such process is left, now or in a moment
	within 3 none "$1"
}
there() { # PATTERN
	within 5 pgrep -f "$1" >/dev/null
}

# A helper that does not do its work: all of them at once, each in a tree and a home of its own. The exit code comes from
# sealpost, not from timeout (124; "-" is any other), and its standard error ends: cat would go on reading.
begin() { # NUMBER ARGUMENTS SCRIPT
	own=$t/own/$1
	mkdir -p "$own/bin" "$own/libexec/sealpost" "$own/home/.config/sealpost"
	cp "$LAB_BUILD/bin/sealpost" "$own/bin/"
	cp "$HOME/.config/sealpost/config" "$own/home/.config/sealpost/"
	printf '#!/bin/sh\n%s\n' "$3" >"$own/libexec/sealpost/sealpost-net"
	chmod 755 "$own/libexec/sealpost/sealpost-net"
	HOME=$own/home timeout 30 sh -c "'$own/bin/sealpost' $2 2>&1 >/dev/null; echo exit \$?" | cat >"$own/said"
	pgrep -af "^sleep $mark$1\$|$own/(bin|libexec)/" >"$own/left"
}
cat >"$t/helpers" <<END
1|-v lookup $a|75|hangs|exec sleep ${mark}1
2|-v lookup $a|75|hangs, deaf to TERM, INT and HUP|trap '' TERM INT HUP; exec sleep ${mark}2
3|-v lookup $a|75|does nothing but trace|while printf '\\000\\000\\000\\002\\004x' >&3; do sleep 0.3; done
4|-v lookup $a|75|closes the socket and stays|exec 3<&-; exec sleep ${mark}4
5|-v lookup $a|75|ends at once|exit 0
6|-v lookup $a|70|says something that is no answer|printf '\\000\\000\\000\\002\\143x' >&3; exec sleep ${mark}6
7|-v lookup $a|75|stops in the middle of an answer|printf '\\000\\000\\001\\000\\003x' >&3; exec sleep ${mark}7
8|-v lookup $a|75|stops in the middle of a line of trace|printf '\\000\\000\\001\\000\\004x' >&3; exec sleep ${mark}8
91|check absent.example|-|nothing but trace|while printf '\\000\\000\\000\\002\\004x' >&3; do sleep 0.3; done
92|refresh $a|-|nothing but trace|while printf '\\000\\000\\000\\002\\004x' >&3; do sleep 0.3; done
93|doctor --online|-|nothing but trace|while printf '\\000\\000\\000\\002\\004x' >&3; do sleep 0.3; done
END
while IFS='|' read -r number arguments code name script; do
	begin "$number" "$arguments" "$script" &
done <"$t/helpers"
wait
while IFS='|' read -r number arguments code name script; do
	said=$(tail -n 1 "$t/own/$number/said")
	case $code in
	-) like "$number the helper $name: $arguments" "$said" '^exit ([0-9]|[1-9][0-9])$' ;;
	*) is "$number the helper $name: $arguments" "$said" "exit $code" ;;
	esac
	is "$number the helper $name: nothing runs on" "$(cat "$t/own/$number/left")" ""
done <"$t/helpers"
is "of all of them nothing runs on" "$(running)" ""
rm -rf "$t/own"

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
kill -KILL "$(pgrep -P $main -x sealpost)" # a gpg may wait beside it
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

# It is stopped: three at once, each in a home of its own.
homes='looked-up known elsewhere'
in_home() { # NAME COMMAND...
	name=$1
	shift
	if [ "$name" = elsewhere ]; then # a place that only gpg knows
		env "HOME=$t/$name" "GNUPGHOME=$t/$name/gnupg" "$@"
	else
		env "HOME=$t/$name" "$@"
	fi
}
send() { # NAME
	rm -f "$t/$1/sent"
	in_home "$1" timeout 30 sealpost send -- $a <"$t/mail" >"$t/$1/said" 2>&1
	echo $? >"$t/$1/code"
}
for name in $homes; do
	mkdir -p "$t/$name/.config/sealpost" "$t/$name/.local/share"
	printf '[sealpost]\ntimeout = 1s\nmta = %s\n' "$t/$name/mta" >"$t/$name/.config/sealpost/config"
	printf '#!/bin/sh\ncat >"%s"\n' "$t/$name/sent" >"$t/$name/mta"
	chmod 755 "$t/$name/mta"
	cp -r "$HOME/.local/share/sealpost" "$t/$name/.local/share/"
	[ "$name" = elsewhere ] && gnupg=gnupg || gnupg=.gnupg
	cp -r "$HOME/.gnupg" "$t/$name/$gnupg"
	send "$name"
	is "13 $name: it goes" "$(cat "$t/$name/code")" 0
done
rm -rf "$t/looked-up/.cache/sealpost"
pkill -STOP -x gpg-agent
while ps -o stat= -C gpg-agent | grep -q '^[^T]'; do sleep 0.05; done
for name in $homes; do
	send "$name" &
done
wait
for name in $homes; do
	is "13 stopped, $name: in time" "$(cat "$t/$name/code")" 75
	said=$(cat "$t/$name/said")
	like "13 stopped, $name: said" "$said" 'gpg-agent.* does not answer within [0-9]+ s'
	not_ok "13 stopped, $name: nothing sent" test -e "$t/$name/sent"
	in_home "$name" sh -c "$(printf '%s\n' "$said" | sed -n 's/^hint: //p')"
	send "$name"
	is "13 stopped, $name: with its hint it goes" "$(cat "$t/$name/code") $(grep -c 'BEGIN PGP MESSAGE' "$t/$name/sent")" '0 1'
done

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
