#!/bin/sh
# SPDX-License-Identifier: ISC
# What the caller leaves open, allows too little of, or holds locked.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck disable=SC2034
lab_options=--caps
in_lab "$0" "$@"

t=$LAB/tmp
a=alice@advanced.example
state=$HOME/.local/share/sealpost
lab-import-sender
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nmta = %s/mta\ntimeout = 3s\n' "$t" >"$HOME/.config/sealpost/config"
printf '#!/bin/sh\nexec cat >"%s/sent"\n' "$t" >"$t/mta"
chmod 755 "$t/mta"
printf 'From: me@sender.example\nTo: %s\nSubject: x\n\nthe text\n' $a >"$t/mail"
ok "pinned" sealpost lookup --pin $a

# Descriptors that the caller left open.
echo secret >"$HOME/held"
holders() { # the programs of ours that have it open
	for name in sealpost sealpost-net gpg sleep; do
		for p in $(pgrep -x $name); do
			find "/proc/$p/fd" -lname "$HOME/held" -exec cat "/proc/$p/comm" \;
		done
	done
}
held_while() { # NAME PATTERN-OF-WHAT-RUNS-THEN COMMAND...
	name=$1
	pattern=$2
	shift 2
	"$@" 7<"$HOME/held" 9<"$HOME/held" <"$t/mail" >/dev/null 2>&1 &
	main=$!
	ok "1 $name: it runs" within 5 pgrep -x "$pattern"
	is "1 $name: nobody has the caller's files" "$(holders)" ""
	pkill -x "$pattern"
	wait $main 2>/dev/null
}
held_while "a lookup" sealpost-net sealpost lookup x@dead.example
printf '#!/bin/sh\nexec sleep 7777\n' >"$t/mta"
held_while "hand-off" sleep sealpost send -- $a
printf '#!/bin/sh\nexec cat >"%s/sent"\n' "$t" >"$t/mta"
ok "2 a file that a shell hands over is read all the same" \
	bash -c "sealpost pins export >'$t/pins' && exec sealpost pins import <(cat '$t/pins')"

# ulimit -f: whatever cannot be written is told, and nothing is sent in part.
for blocks in 0 1 2 4 8 16 32 64 128 256 512; do
	rm -rf "$HOME/.cache/sealpost" "$t/sent"
	err=$( # not into a file, which would be limited too
		ulimit -f $blocks
		sealpost send -- $a 2>&1 <"$t/mail"
		echo "exit $?"
	)
	rc=${err##*exit }
	case $rc in
	0) is "3 ulimit -f $blocks: sent whole" "$(lab-decrypt "$t/sent" 2>/dev/null | tail -n 1 | tr -d '\r')" "the text" ;;
	71 | 73 | 74)
		like "3 ulimit -f $blocks: said" "$err" '^sealpost: not sent: .*([Ff]ile too large|ulimit -f|limit)'
		not_ok "3 ulimit -f $blocks: nothing sent" test -s "$t/sent"
		;;
	*)
		fail "3 ulimit -f $blocks"
		diag "$err"
		;;
	esac
done
is "3 ulimit -f: the pins are whole" "$(sealpost pins list | grep -c "$a")" 1

# A database that another process holds.
if command -v sqlite3 >/dev/null; then
	mkfifo "$t/hold"
	sqlite3 "$state/pins.db" <"$t/hold" >"$t/held" 2>&1 &
	holder=$!
	exec 5>"$t/hold"
	printf 'PRAGMA locking_mode=EXCLUSIVE;\nBEGIN EXCLUSIVE;\nCREATE TABLE held (x);\nSELECT "held";\n' >&5
	within 5 grep -q '^held' "$t/held"
	# All at once, as each waits for a while.
	locked() { # NAME ARGUMENT...
		name=$1
		shift
		timeout 12 sealpost "$@" >"$t/locked-$name" 2>&1
		echo "exit $?" >>"$t/locked-$name"
	}
	locked send send -- $a <"$t/mail" &
	locked_send=$!
	locked lookup lookup --pin $a &
	locked_lookup=$!
	locked list pins list
	wait $locked_send $locked_lookup
	for name in send lookup list; do
		is "4 locked: $name: exit" "$(tail -n 1 "$t/locked-$name")" 'exit 75'
		like "4 locked: $name: said" "$(cat "$t/locked-$name")" "^sealpost: (.*: )?$state/pins.db: another process holds it locked"
		like "4 locked: $name: hint" "$(cat "$t/locked-$name")" "^hint: fuser -v $state/pins.db"
	done
	exec 5>&-
	kill $holder
	wait $holder 2>/dev/null
	rm -f "$t/sent"
	check_exit 0 sealpost send -- $a <"$t/mail"
	ok "4 no longer locked: sent" test -s "$t/sent"
else
	skip 11 "sqlite3 is not installed"
fi
done_testing
