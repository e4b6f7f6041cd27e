#!/bin/sh
# SPDX-License-Identifier: ISC
# The queue loses nothing and sends nothing twice: killed anywhere, two at once, with a full disk, a locked key, or a mail
# program that does not take it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
t=$LAB/tmp
s=$LAB_BUILD/bin/sealpost
state=$HOME/.local/share/sealpost
a=alice@advanced.example
b=bob@direct.example
c=carol@dane.example
# One line for each call, its recipients, in $t/taken if it is taken; what it does stands in $t/do: "EXIT", or "EXIT ADDRESS"
# for a mail to that address only.
cat >"$t/mta" <<'MTA'
#!/bin/sh
cat >"$LAB/tmp/last"
while [ "$1" != -- ]; do shift; done
shift
read -r code whom <"$LAB/tmp/do"
case " $* " in *" ${whom:-$1} "*) [ "$code" = 0 ] || { printf 'no\nconnection\n' >&2; exit "$code"; } ;; esac
echo "$*" >>"$LAB/tmp/taken"
MTA
chmod 755 "$t/mta"
mkdir -p "$LAB/conf" "$HOME/.config/sealpost"
chmod 700 "$LAB/conf"
configure() { # QUEUE [MTA]
	printf '[sealpost]\nqueue = %s\nmta = %s\n' "$1" "${2:-$t/mta}" >"$HOME/.config/sealpost/config"
	{ cat "$HOME/.config/sealpost/config"; printf "resolver = $lab_no_resolver\ntimeout = 1\n"; } >"$LAB/conf/off"
	chmod 600 "$LAB/conf/off"
}
off() { $s -C "$LAB/conf/off" "$@"; }
serial=0
begin() { # FROM TO...: a mail of its own
	serial=$((serial + 1))
	from=$1
	shift
	printf 'From: %s\nTo: %s\nSubject: s\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <%s@sender.example>\n\nthe text\n' \
		"$from" "$*" "$serial" >"$t/mail"
	: >"$t/taken"
	echo 0 >"$t/do"
}
how_often() {
	tr ' ' '\n' <"$t/taken" | grep -cxF "$1" || :
}
waits() { $s queue --json | jq -r .number | tr '\n' ' ' | sed 's/ $//'; }
settled() {
	within 30 nothing_runs
}
me=me@sender.example
# Unknown whether there is a network or not, as long as nobody is pinned: the pins would answer offline.
forget() { $s pins forget $a $b $c >/dev/null 2>&1 || :; }

# Killed while it is kept: it is there or not, and the mail program, which sees the failure, tries again.
configure unknown
if command -v strace >/dev/null && strace -f -o /dev/null true 2>/dev/null; then
	trace() { # CALL I COMMAND...
		call=$1
		i=$2
		shift 2
		run env ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace="$call" -e inject="$call":signal=SIGKILL:when="$i" "$@"
	}
	for call in fsync fdatasync renameat,renameat2,rename unlinkat; do
		i=1
		bad=
		while [ $i -lt 40 ]; do
			begin $me $a
			trace $call $i $s -C "$LAB/conf/off" send $a <"$t/mail"
			first=$rc
			settled
			run off send $a <"$t/mail"
			[ "$rc" = 0 ] || bad="$bad $i:again:$rc"
			[ "$(waits | wc -w)" = 1 ] || bad="$bad $i:waits:$(waits)"
			run $s queue run
			[ "$rc $(how_often $a)" = '0 1' ] || bad="$bad $i:run:$rc,$(how_often $a)"
			[ -z "$(waits)" ] || bad="$bad $i:left"
			forget
			[ "$first" != 0 ] || break
			i=$((i + 1))
		done
		is "killed at each $call while it is kept" "$bad" ''
		ok "with an end" test $i -lt 40
	done
	# Killed while it is sent, any of the processes: the next one knows what was done, but for the copy in doubt.
	for call in fdatasync unlinkat sendmsg; do
		i=1
		bad=
		while [ $i -lt 30 ]; do
			begin $me $a
			off send $a <"$t/mail"
			trace $call $i $s queue run
			first=$rc
			settled
			[ "$first" = 0 ] || { run $s queue run; settled; }
			most=2
			[ $call != unlinkat ] || most=1
			[ "$(how_often $a)" -ge 1 ] && [ "$(how_often $a)" -le $most ] || bad="$bad $i:$rc,$(how_often $a)"
			[ -z "$(waits)" ] || bad="$bad $i:left"
			forget
			[ "$first" != 0 ] || break
			i=$((i + 1))
		done
		is "killed at each $call while it is sent" "$bad" ''
		ok "with an end" test $i -lt 30
	done
	# A full disk: refused as if there were no queue, and nothing is left.
	for failing in fsync:when=1 fsync:when=3; do
		call=${failing%:*}
		begin $me $a
		run strace -o /dev/null -e trace=$call -e inject=$call:error=ENOSPC:${failing#*:} $s -C "$LAB/conf/off" send $a <"$t/mail"
		is "$failing fails: refused" "$rc $(waits)" '75 '
		like "$failing fails: and it is said" "$err" 'the mail cannot be kept: .*No space left on device'
		is "$failing fails: nothing is left" "$(find "$state/queue" -type f ! -name '*.key' ! -name lock)" ''
	done
	# Full when it is sent: what could not be recorded is not handed over, or each try would do it again.
	begin $me $a
	sed -i "s/^To: .*/&\nBcc: $b/" "$t/mail"
	off send -t <"$t/mail"
	echo 75 >"$t/do"
	run $s queue run # the keys are found, nobody gets it
	echo "75 $b" >"$t/do"
	for k in 1 2; do
		run strace -f -o /dev/null -e trace=pwrite64 -e inject=pwrite64:error=ENOSPC $s queue run
		is "full, try $k: it stays, and nothing went out" "$rc $(how_often $a) $(waits | wc -w)" '1 0 1'
		like "full, try $k: and why" "$err" 'No space left on device'
	done
	run $s queue run
	is "room again: what can be sent is" "$rc $(how_often $a) $(how_often $b)" '1 1 0'
	echo 0 >"$t/do"
	run $s queue run
	is "and the rest" "$rc $(how_often $a) $(how_often $b) $(waits)" '0 1 1 '
	forget
else
	skip 26 'strace does not work here'
fi

# Two at once, and the mail program besides.
begin $me $a
off send $a <"$t/mail"
for k in 1 2 3 4; do
	$s queue run 2>"$t/err$k" &
done
$s send $a <"$t/mail" 2>/dev/null
wait
run $s queue run
is "several at once: it is sent once" "$rc $(how_often $a) $(waits)" '0 1 '

# Sent by the mail program that tries again, when there is a connection: it leaves the queue.
forget
begin $me $a
off send $a <"$t/mail"
is "it waits" "$(waits | wc -w)" 1
check_exit 0 $s send $a <"$t/mail"
is "sent past the queue" "$(how_often $a) $(waits)" '1 '
check_exit 0 $s queue run
is "and not again" "$(how_often $a)" 1

# Several copies, some of which the MTA has refused: only what is missing, ten days later too.
forget
begin $me $a
sed -i "s/^To: .*/&\nBcc: $b, $c/" "$t/mail"
off send -t <"$t/mail"
echo "75 $b" >"$t/do"
run $s queue run
is "one copy is refused: it stays" "$rc $(how_often $a) $(how_often $b) $(how_often $c) $(waits | wc -w)" '1 1 0 1 1'
echo 0 >"$t/do"
if [ -x /usr/bin/sqlite3 ]; then
	sqlite3 "$state/pins.db" 'UPDATE journal SET since = since - 864000'
fi
run $s queue run
is "then the rest of it" "$rc $(how_often $a) $(how_often $b) $(how_often $c) $(waits)" '0 1 1 1 '

# queue = all: what the MTA does not take now.
configure all
for code in 68 71 74 75; do
	begin $me $a
	echo $code >"$t/do"
	check_exit 0 $s send $a <"$t/mail"
	is "$code: silent" "$err" ''
	is "$code: it waits" "$(waits | wc -w)" 1
	run $s queue run
	is "$code: it stays" "$rc $(how_often $a)" '1 0'
	echo 0 >"$t/do"
	run $s queue run
	is "$code: it is sent" "$rc $(how_often $a) $(waits)" '0 1 '
done
for code in 67 65 69 77 1; do
	begin $me $a
	echo $code >"$t/do"
	check_exit $code $s send $a <"$t/mail"
	is "$code passes through" "$(waits)" ''
done
begin $me $a
sed -i "s/^To: .*/&\nBcc: $b, $c/" "$t/mail"
echo "75 $b" >"$t/do"
check_exit 0 $s send -t <"$t/mail"
is "some copies are taken" "$(how_often $a) $(how_often $b) $(how_often $c) $(waits | wc -w)" '1 0 1 1'
is "why --sent says which waits" "$($s why --sent -n 1 --json | jq -r '[.recipients[] | .address, .result] | join(" ")')" "$b queued"
echo 0 >"$t/do"
run $s queue run
is "only the missing one" "$rc $(how_often $a) $(how_often $b) $(how_often $c) $(waits)" '0 1 1 1 '
begin $me nobody@absent.example
echo 75 >"$t/do"
check_exit 75 $s send nobody@absent.example <"$t/mail"
is "clear text is not kept" "$(waits)" ''
configure all "$t/none"
begin $me $a
check_exit 0 $s send $a <"$t/mail"
is "no such mail program: it waits" "$(waits | wc -w)" 1
run $s queue run
is "it stays" "$rc" 1
configure all
run $s queue run
is "it is sent" "$rc $(how_often $a) $(waits)" '0 1 '
configure unknown
begin $me $a
echo 75 >"$t/do"
check_exit 75 $s send $a <"$t/mail"
is "queue = unknown: passes through" "$(waits)" ''

# A key with a passphrase: kept without, opened only when it is cached.
forget
locked=locked@sender.example
lab-import-sender $locked
gpg-connect-agent reloadagent /bye >/dev/null 2>&1
begin $locked $a
check_exit 0 off send $a <"$t/mail"
run $s queue run
is "locked: it stays" "$rc $(how_often $a) $(waits | wc -w)" '1 0 1'
like "and why" "$err" '^sealpost: queue [0-9]*: stays: the passphrase of your key is not cached'
like "and how to unlock it" "$err" "^hint: gpg --decrypt $state/queue/[0-9]*\\.[0-9a-f]* >/dev/null"
run $s queue show "$(waits)"
is "show cannot either" "$rc" 75
hint=$(printf '%s\n' "$err" | sed -n 's/^hint: gpg //p')
grep -qs allow-loopback-pinentry "$HOME/.gnupg/gpg-agent.conf" || {
	echo allow-loopback-pinentry >>"$HOME/.gnupg/gpg-agent.conf"
	gpg-connect-agent reloadagent /bye >/dev/null 2>&1
}
printf '#!/bin/sh\necho OK\nwhile read -r word rest; do\ncase $word in GETPIN) printf "D correct horse\\nOK\\n" ;; *) echo OK ;; esac\ndone\n' >"$t/pinentry"
chmod 755 "$t/pinentry"
echo "pinentry-program $t/pinentry" >>"$HOME/.gnupg/gpg-agent.conf"
gpg-connect-agent reloadagent /bye >/dev/null 2>&1
sh -c "gpg --batch $hint" 2>/dev/null
run $s queue run
is "unlocked: it is sent" "$rc $(how_often $a) $(waits)" '0 1 '
lab-decrypt "$t/last" >/dev/null 2>"$t/status"
like "and signed" "$(cat "$t/status")" "VALIDSIG|ERRSIG"
done_testing
