#!/bin/sh
# SPDX-License-Identifier: ISC
# Exactly once: the MTA takes some copies and not others, or somebody is killed; sent again, only those who miss it get it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck disable=SC2034 # read by in_lab
lab_options=--caps # mounts a file system
in_lab "$0" "$@"

lab-import-sender
mkdir -p "$HOME/.config/sealpost"
s=$LAB_BUILD/bin/sealpost
t=$LAB/tmp
# Each call is one line of $t/calls, its recipients; what it does then stands in $t/do: CALL WHAT.
cat >"$t/mta" <<'MTA'
#!/bin/sh
cat >"$LAB/tmp/last"
n=$(($(wc -l <"$LAB/tmp/calls") + 1))
what=take
while read -r call word; do
	[ "$call" != "$n" ] || what=$word
done <"$LAB/tmp/do"
here() {
	while [ "$1" != -- ]; do shift; done
	shift
	echo "$*" >>"$LAB/tmp/$take"
}
take=calls
here "$@"
runner=$(ps -o ppid= -p $$ | tr -d ' ')
sender=$(ps -o ppid= -p "$runner" | tr -d ' ')
case $what in
take) ;;
refuse) echo 'no room' >&2; exit 73 ;;
fill) dd if=/dev/zero of="$LAB/small/fill" bs=4k 2>/dev/null ;;
die) kill -9 $$ ;;
kill-sender) kill -9 "$sender" ;;
kill-sender-untaken) kill -9 "$sender"; exit 75 ;;
kill-runner) kill -9 "$runner" ;;
kill-both) kill -9 "$sender" "$runner" ;;
wait) while [ ! -e "$LAB/tmp/go" ]; do sleep 0.1; done ;;
esac
take=taken
here "$@"
MTA
chmod 755 "$t/mta"
conf() {
	printf '%s\n' '[sealpost]' "mta = $t/mta" "$@" >"$HOME/.config/sealpost/config"
}
conf
begin() { # WHAT THE MTA DOES, "CALL WORD"...: a new story
	: >"$t/calls"
	: >"$t/taken"
	act "$@"
}
act() {
	printf '%s\n' "$@" >"$t/do"
}
calls() {
	tr '\n' ';' <"$t/calls"
}
how_often() { # ADDRESS: how often the MTA took a mail for it
	tr ' ' '\n' <"$t/taken" | grep -cxF "$1" || :
}
settled() { # all of ours have ended
	within 30 nothing_runs
}
rows() {
	[ ! -x /usr/bin/sqlite3 ] || sqlite3 "$HOME/.local/share/sealpost/pins.db" "SELECT count(*) FROM journal WHERE closed IS NULL"
}
a=alice@advanced.example
b=bob@direct.example
c=carol@dane.example
e=erin@advanced.example
n=nobody@absent.example
serial=0
compose() { # a mail of its own, in three copies
	serial=$((serial + 1))
	printf 'From: me@sender.example\nTo: %s\nCc: %s\nBcc: %s, %s\nSubject: s\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <%s@sender.example>\n\nthe text\n' \
		$a $e $b $c "$serial" >"$t/mail"
}
none=
[ ! -x /usr/bin/sqlite3 ] || none=0

# The MTA refuses one.
compose
begin '2 refuse'
check_exit 73 $s send -t <"$t/mail"
is "the others are tried" "$(calls)" "$a $e;$b;$c;"
is "who was served" "$(printf '%s\n' "$err" | grep -c '^sealpost: sent: \(alice\|erin\|carol\)')" 3
is "who was not" "$(printf '%s\n' "$err" | grep -c '^sealpost: not sent: bob@')" 1
like "the MTA's words" "$err" 'no room'
like "what to do" "$err" '^hint: send the very same mail again'
like "why keeps it" "$($s why -n 1)" 'bob@direct.example'
unlike "and nobody else" "$($s why -n 1)" 'alice|erin|carol'
like "--explain knows" "$($s send -t --explain <"$t/mail")" 'has it from an earlier try'
check_exit 0 $s -v send -t <"$t/mail"
is "again: only what is missing" "$(calls)" "$a $e;$b;$c;$b;"
like "-v tells" "$err" '3 of 4 recipients have it'
lab-decrypt "$t/last" >"$t/plain" 2>/dev/null
like "and it is the mail" "$(cat "$t/plain")" '^the text'
is "complete: forgotten" "$(rows)" "$none"
check_exit 0 $s -v send -t <"$t/mail"
is "once more: within the hour it is the same mail" "$(calls)" "$a $e;$b;$c;$b;"
like "-v tells" "$err" 'handed over within the hour'
like "--explain knows" "$($s send -t --explain <"$t/mail")" 'has it from an earlier try'
check_exit 0 $s send --again -t <"$t/mail"
is "--again" "$(calls)" "$a $e;$b;$c;$b;$a $e;$b;$c;"

# The disk is full once the first copy is taken: that is on record, or nothing would have been handed over.
if mkdir "$LAB/small" && mount -t tmpfs -o size=6m,mode=700 small "$LAB/small" 2>/dev/null; then
	compose
	begin '1 fill' '2 refuse'
	check_exit 73 env XDG_DATA_HOME="$LAB/small" $s send -t <"$t/mail"
	is "a full disk: the others are tried" "$(calls)" "$a $e;$b;$c;"
	ok "it is full" test -e "$LAB/small/fill"
	rm -f "$LAB/small/fill"
	check_exit 0 env XDG_DATA_HOME="$LAB/small" $s send -t <"$t/mail"
	is "a full disk: again, only what is missing" "$(calls)" "$a $e;$b;$c;$b;"
	compose
	begin
	dd if=/dev/zero of="$LAB/small/fill" bs=4k 2>/dev/null
	truncate -s -300k "$LAB/small/fill"
	check_exit 74 env XDG_DATA_HOME="$LAB/small" $s send -t <"$t/mail"
	like "what could not be recorded" "$err" '^sealpost: not sent: .*less than [0-9]+ kB are left on its disk'
	like "and what to do" "$err" '^hint: make room on that disk'
	is "is not handed over" "$(calls)" ''
	printf 'From: me@sender.example\nTo: %s\nSubject: s\nMessage-ID: <small@sender.example>\n\nthe text\n' $a >"$t/mail"
	truncate -s -200k "$LAB/small/fill"
	conf "sent = $LAB/small/Sent"
	check_exit 0 env XDG_DATA_HOME="$LAB/small" $s send -t <"$t/mail"
	is "a single copy needs little: nothing is said" "$err" ''
	conf
else
	skip 11 "no file system can be mounted here"
fi

# Several times, and the last one too.
compose
begin '1 refuse' '3 refuse' '5 refuse'
check_exit 73 $s send -t <"$t/mail"
check_exit 73 $s send -t <"$t/mail"
check_exit 0 $s send -t <"$t/mail"
is "in three tries" "$(calls)" "$a $e;$b;$c;$a $e;$c;$c;"
is "complete: forgotten" "$(rows)" "$none"

# Nobody was served: nothing to go on with.
compose
begin '1 refuse' '2 refuse' '3 refuse'
check_exit 73 $s send -t <"$t/mail"
unlike "no word of going on" "$err" 'very same'
is "nothing is kept" "$(rows)" "$none"
check_exit 0 $s send -t <"$t/mail"
is "all of them again" "$(calls)" "$a $e;$b;$c;$a $e;$b;$c;"

# What is the same mail.
again() { # DESC CALLS SED ARGUMENTS...: refuse the second of three, then send what sed makes of it
	compose
	begin '2 refuse'
	run $s send -t <"$t/mail"
	sed "$3" "$t/mail" >"$t/mail2"
	desc=$1
	want=$2
	shift 3
	run $s send -t "$@" <"$t/mail2"
	is "$desc" "$rc $(calls)" "0 $a $e;$b;$c;$want"
}
again "a renewed Date" "$b;" 's/^Date: .*/Date: Tue, 24 Nov 2026 11:11:11 +0000/'
again "no Date" "$b;" '/^Date: /d'
again "another body" "$a $e;$b;$c;" 's/the text/the texT/'
again "another Subject" "$a $e;$b;$c;" 's/^Subject.*/Subject: t/'
again "another Message-ID" "$a $e;$b;$c;" 's/^Message-ID: </&x/'
again "a recipient less" "$a $e;$b;" "s/^Bcc: .*/Bcc: $b/"
again "a recipient more" "$a $e;$b;$c;frank@advanced.example;" '' frank@advanced.example
again "another sender" "$a $e;$b;$c;" '' -f me@sender.example
again "the recipients as arguments" "$b;" 's/x/x/' $c $b $e $a
again "a reply, quoted" "$a $e;$b;$c;" 's/the text/> the text/'
forget() {
	[ ! -x /usr/bin/sqlite3 ] || sqlite3 "$HOME/.local/share/sealpost/pins.db" "PRAGMA foreign_keys = ON; DELETE FROM journal"
}
forget
compose
sed -i '/^Message-ID/d' "$t/mail"
begin '2 refuse'
check_exit 73 $s send -t <"$t/mail"
like "without Message-ID: only those, says the hint" "$err" 'but only to those'
is "and nothing is kept" "$(rows)" "$none"
run $s send -t <"$t/mail"
is "all of them again" "$(calls)" "$a $e;$b;$c;$a $e;$b;$c;"

# Five days.
if [ -x /usr/bin/sqlite3 ]; then
	compose
	begin '2 refuse'
	run $s send -t <"$t/mail"
	is "kept" "$(rows)" 1
	is "hashes only" "$(sqlite3 "$HOME/.local/share/sealpost/pins.db" "SELECT count(*) FROM journal_rcpt WHERE typeof(rcpt) = 'blob' AND length(rcpt) = 32 AND length(mail) = 32")" 3
	sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE journal SET since = since - 432001"
	check_exit 0 $s send -t <"$t/mail"
	is "too old: another mail" "$(calls)" "$a $e;$b;$c;$a $e;$b;$c;"
	is "and forgotten" "$(rows)" "$none"
else
	skip 5 'sqlite3 is missing'
fi

# In doubt: told, not gone on with, and sent again.
for i in 1 2 3; do
	compose
	begin "$i die"
	check_exit 75 $s send -t <"$t/mail"
	is "the MTA dies at call $i: no more calls" "$(wc -l <"$t/calls")" $i
	like "and it says perhaps" "$err" "$(test $i = 1 && echo 'perhaps sent: (alice|erin)' || echo 'perhaps sent: (bob|carol)')"
	check_exit 0 $s send -t <"$t/mail"
	is "again: from that copy on" "$(wc -l <"$t/calls")" 4
	for r in $a $b $c $e; do is "$r has it once" "$(how_often $r)" 1; done
done

# Killed, at each copy, by whatever dies: nothing is lost, and at most the copy in doubt comes twice.
for who in kill-sender kill-sender-untaken kill-runner kill-both; do
	for i in 1 2 3; do
		compose
		begin "$i $who"
		run $s send -t <"$t/mail"
		isnt "$who at call $i: told" "$rc" 0
		settled
		check_exit 0 $s send -t <"$t/mail"
		is "$who at call $i: one copy more than there are" "$(wc -l <"$t/calls")" 4
		for r in $a $b $c $e; do isnt "$who at call $i: $r has it" "$(how_often $r)" 0; done
		is "and then forgotten" "$(rows)" "$none"
	done
done

# Both killed: nobody is left to clear up but the next one.
left() {
	find "$XDG_RUNTIME_DIR" "$TMPDIR" -maxdepth 1 -name 'sealpost*'
}
is "what was left of the killed is gone" "$(left)" ""
compose
begin '1 kill-both'
run $s send -t <"$t/mail"
settled
is "kill-both: one folder is left" "$(left | wc -l)" 1
unlike "it holds no text" "$(grep -rl 'the text' "$XDG_RUNTIME_DIR" "$HOME/.local" 2>/dev/null)" .
begin '1 wait'
rm -f "$t/go"
$s send -t <"$t/mail" &
first=$!
while [ ! -s "$t/calls" ]; do sleep 0.1; done
is "the next one removed it, and has one of its own" "$(left | wc -l)" 1
mine=$(left)
check_exit 1 $s lookup --fresh nobody@absent.example
is "which nobody removes while it is in use" "$(left)" "$mine"
: >"$t/go"
wait $first
is "and the end of it" "$? $(left)" "0 "

# Killed before each writing to the disk, and each word to the runner.
if [ -x /usr/bin/sqlite3 ] && command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	for call in fdatasync sendmsg; do
		i=1
		bad=
		while [ $i -lt 60 ]; do
			compose
			begin ''
			run env ASAN_OPTIONS=detect_leaks=0 strace -o /dev/null -e trace=$call -e inject=$call:signal=SIGKILL:when=$i $s send -t <"$t/mail"
			[ "$rc" != 0 ] || break
			settled
			run $s send -t <"$t/mail"
			[ "$rc" = 0 ] || bad="$bad $i:$rc"
			[ "$(wc -l <"$t/taken")" -le 4 ] || bad="$bad $i:$(wc -l <"$t/taken")"
			for r in $a $b $c $e; do [ "$(how_often $r)" -gt 0 ] || bad="$bad $i:$r"; done
			i=$((i + 1))
		done
		is "killed at each $call" "$bad" ""
		ok "of which there are some, and an end" test $i -gt 3 -a $i -lt 60
	done
else
	skip 4 'strace does not work here, or sqlite3 is missing'
fi

# TERM at each writing to the disk: before the MTA has it that ends the run, and then nothing does. Everybody has it once,
# and the sender one copy.
kept() {
	find "$HOME/Sent/new" "$HOME/Sent/cur" -type f 2>/dev/null | wc -l
}
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	conf "sent = $HOME/Sent"
	i=1
	bad=
	while [ $i -lt 60 ]; do
		compose
		begin ''
		rm -rf "$HOME/Sent"
		run env ASAN_OPTIONS=detect_leaks=0 strace -o /dev/null -e trace=fdatasync,fsync -e inject=fdatasync,fsync:signal=SIGTERM:when=$i $s send -t <"$t/mail"
		first=$rc
		settled
		run $s send -t <"$t/mail"
		[ "$rc" = 0 ] || bad="$bad $i:$rc"
		for r in $a $b $c $e; do [ "$(how_often $r)" = 1 ] || bad="$bad $i:$r"; done
		[ "$(kept)" = 1 ] || bad="$bad $i:kept$(kept)"
		[ "$first" != 0 ] || bad_after=$i
		[ $i -lt 40 ] || break
		i=$((i + 1))
	done
	is "TERM at each writing" "$bad" ""
	ok "some of which do not end the run" test -n "${bad_after-}"
	conf
else
	skip 2 'strace does not work here'
fi

# Two at once.
compose
begin '1 wait'
rm -f "$t/go"
$s send -t <"$t/mail" 2>"$t/err1" &
first=$!
while [ ! -s "$t/calls" ]; do sleep 0.1; done
check_exit 75 $s send -t <"$t/mail"
like "the second one is told" "$err" 'another process'
is "and hands over nothing" "$(calls)" "$a $e;"
cp "$t/mail" "$t/mail1"
compose
check_exit 0 $s send -t <"$t/mail"
is "another mail is not held up" "$(wc -l <"$t/calls")" 4
: >"$t/go"
wait $first
is "the first one completes" "$? $(cat "$t/err1")" "0 "
for r in $a $b $c $e; do is "$r has both" "$(how_often $r)" 2; done

# The rules change in between: everybody still has it once.
conf 'mixed = split'
printf 'From: me@sender.example\nTo: %s, %s\nSubject: s\nMessage-ID: <split@sender.example>\n\nthe text\n' $a $n >"$t/mail"
begin '2 refuse'
check_exit 73 $s send -t <"$t/mail"
is "sealed and clear" "$(calls)" "$a;$n;"
$s pins allow-clear $a >/dev/null
conf 'encrypt = never'
check_exit 0 $s send -t <"$t/mail"
is "now one copy, for the one who misses it" "$(calls)" "$a;$n;$n;"
is "complete: forgotten" "$(rows)" "$none"
$s pins forget $a >/dev/null
conf

# Notes cannot be taken: nothing goes out.
rm -f "$HOME/.local/share/sealpost/journal.lock"
mkdir "$HOME/.local/share/sealpost/journal.lock"
compose
begin ''
check_exit 73 $s send -t <"$t/mail"
is "nothing was handed over" "$(calls)" ""
rmdir "$HOME/.local/share/sealpost/journal.lock"

# One copy for several recipients is the MTA's own matter.
begin '1 refuse'
printf 'From: me@sender.example\nTo: %s, %s\nSubject: s\nMessage-ID: <one@sender.example>\n\nthe text\n' $a $e >"$t/mail"
check_exit 73 $s send -t <"$t/mail"
is "no note" "$(rows)" "$none"
check_exit 0 $s send -t <"$t/mail"
check_exit 0 $s send -t <"$t/mail"
is "then once" "$(calls)" "$a $e;$a $e;"
sed -i '/^Message-ID/d' "$t/mail"
check_exit 0 $s send -t <"$t/mail"
check_exit 0 $s send -t <"$t/mail"
is "without Message-ID identical mails are two" "$(calls)" "$a $e;$a $e;$a $e;$a $e;"

# The mark of a mail that is complete: the same mail, and the same keys, within the hour.
single() { # RECIPIENT: a mail of its own, in one copy
	serial=$((serial + 1))
	printf 'From: me@sender.example\nTo: %s\nSubject: s\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <%s@sender.example>\n\nthe text\n' "$1" "$serial" >"$t/mail"
}
marked() { # DESC CALLS SED COMMAND...: send, do COMMAND, then send what sed makes of the mail
	single "${2%%;*}"
	begin ''
	run $s send -t <"$t/mail"
	desc=$1
	want=$2
	sed "$3" "$t/mail" >"$t/mail2"
	shift 3
	"$@" >/dev/null 2>&1
	run $s send -t <"$t/mail2"
	is "mark: $desc" "$rc $(calls)" "0 $want"
}
aged() {
	sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE journal SET closed = closed - $1"
}
marked "1 the same" "$n;" '' true
marked "2 a renewed Date" "$n;" 's/^Date: .*/Date: Tue, 24 Nov 2026 11:11:11 +0000/' true
marked "3 another Message-ID" "$n;$n;" 's/^Message-ID: </&x/' true
marked "4 another text" "$n;$n;" 's/the text/the texT/' true
marked "5 sealed as before" "$a;" '' conf 'autocrypt = no'
conf
in_clear() {
	$s pins allow-clear $a
	conf 'encrypt = never'
}
marked "6 in clear now" "$a;$a;" '' in_clear
$s pins forget $a >/dev/null
conf
if [ -x /usr/bin/sqlite3 ]; then
	marked "7 an hour ago, nearly" "$n;" '' aged 3590
	marked "8 more than an hour ago" "$n;$n;" '' aged 3601
else
	skip 2 'sqlite3 is missing'
fi
check_exit 0 sh -c "$s filter -i $a <$t/mail >/dev/null && $s filter -i $a <$t/mail >/dev/null"

# TERM, INT, HUP: passed to the MTA while it runs; ignored from the last copy until all is noted.
cat >"$t/slow-mta" <<'MTA'
#!/bin/sh
cat >/dev/null
echo begun >>"$LAB/tmp/signals"
case $(cat "$LAB/tmp/do") in
catch) trap 'echo caught >>"$LAB/tmp/signals"; exit 0' TERM INT HUP ;;
deaf) trap 'echo deaf >>"$LAB/tmp/signals"' TERM INT HUP ;;
esac
n=0
while [ $n -lt 300 ]; do
	sleep 0.1
	n=$((n + 1))
done
MTA
chmod 755 "$t/slow-mta"
interrupt() { # SIGNAL WHAT: sends a mail, and the signal to sealpost alone once the MTA runs; $rc, $err
	single $n
	: >"$t/signals"
	echo "$2" >"$t/do"
	$s send -t <"$t/mail" 2>"$t/err1" &
	first=$!
	while [ ! -s "$t/signals" ]; do sleep 0.1; done
	sleep 0.3
	kill -s "$1" $first
	wait $first
	rc=$?
	err=$(cat "$t/err1")
}
printf '[sealpost]\nmta = %s\n' "$t/slow-mta" >"$HOME/.config/sealpost/config"
for sig in TERM INT HUP; do
	interrupt $sig die
	is "$sig: it ends the MTA" "$rc $(cat "$t/signals")" "75 begun"
	like "$sig: in doubt" "$err" 'whether it accepted the mail is unknown'
	interrupt $sig catch
	is "$sig: an MTA that ends well" "$rc $(tr '\n' ' ' <"$t/signals")" "0 begun caught "
done
began=$(date +%s)
interrupt TERM deaf
is "an MTA that does not listen is ended" "$rc $(tr '\n' ' ' <"$t/signals")" "75 begun deaf "
took=$(($(date +%s) - began))
ok "after 10 s (it took $took)" test $took -ge 9 -a $took -le 20
conf
settled
is "nothing is left running" "$(running)" ""
is "nor any file" "$(left)" ""
done_testing
