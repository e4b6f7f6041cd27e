#!/bin/sh
# SPDX-License-Identifier: ISC
# The queue: what is kept, sealed to its sender, and sent later, once.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
bob=bob@direct.example
nobody=nobody@absent.example
state=$HOME/.local/share/sealpost
mkdir -p "$LAB/conf"
chmod 700 "$LAB/conf"

# Online and offline: no way leads to the resolver.
configure() { # QUEUE [LINE...]
	rule=$1
	shift
	{ printf '[sealpost]\nqueue = %s\ntimeout = 3\n' "$rule"; printf '%s\n' "$@"; } >"$LAB/conf/on"
	{ cat "$LAB/conf/on"; printf 'resolver = %s\n' "$lab_no_resolver"; } >"$LAB/conf/off"
	chmod 600 "$LAB/conf/on" "$LAB/conf/off"
}
on() { sealpost -C "$LAB/conf/on" "$@"; }
off() { sealpost -C "$LAB/conf/off" "$@"; }
mail() { # ID HEADER...
	printf 'From: Me <me@sender.example>\nMessage-ID: <%s@sender.example>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nSubject: canary-subject %s\n' "$1" "$1"
	shift
	printf '%s\n' "$@" '' 'canary-body' 'Gr\303\274\303\237e' | sed 's/\\303\\274\\303\\237/\xc3\xbc\xc3\x9f/'
}
waits() { on queue --json | jq -r .number | tr '\n' ' ' | sed 's/ $//'; }
arrived() { lab-mails | wc -l; }

# Not unless it is wanted.
configure no
mail 0 "To: $alice" >"$LAB/tmp/mail"
check_exit 75 off send $alice <"$LAB/tmp/mail"
is "no queue by default" "$(waits)" ''
run on queue
is "an empty queue is no fault" "$rc $out" '0 '
check_exit 0 on queue run

# Kept, and silent.
configure unknown
mail 1 "To: $alice" >"$LAB/tmp/mail"
check_exit 0 off send -f me@sender.example $alice <"$LAB/tmp/mail"
is "it is kept, and nothing is said" "$out$err" ''
is "as number 1" "$(waits)" '1'
is "nothing was sent" "$(arrived)" 0
check_exit 0 off send -f me@sender.example $alice <"$LAB/tmp/mail"
is "the same mail is kept once" "$(waits)" '1'
run off send -v -f me@sender.example $alice <"$LAB/tmp/mail"
like "-v says so" "$err" 'kept already, as number 1'
is "why --sent has it" "$(on why --sent -n 1 --json | jq -r '[.recipients[0].address, .recipients[0].result] | join(" ")')" "$alice queued"
is "no refusal but the first" "$(on why --json | wc -l)" 1
like "the list says for whom and why" "$(on queue list)" "^  $alice: cannot tell whether a key exists"
like "and since when" "$(on queue)" '^1 since 20..-..-..T..:..:..Z, [0-9]+ kB$'

# What lies there.
file=$(ls "$state"/queue/1.*)
is "nothing in clear in the whole state folder" "$(grep -rlE 'canary|usual place' "$state" | tr '\n' ' ')" ''
is "nor in base64" "$(grep -rlE "$(printf 'canary-body' | base64 | cut -c 1-12)" "$state" | tr '\n' ' ')" ''
is "no recipient in the queue" "$(grep -rl 'alice' "$state/queue" | tr '\n' ' ')" ''
is "closed to others" "$(stat -c %a "$state/queue" "$file" | tr '\n' ' ')" '700 600 '
like "show opens it" "$(on queue show 1)" '^  Subject +canary-subject 1$'
is "show as JSON" "$(on queue show --json 1 | jq -c '[.number, .sender, .subject, .recipients]')" \
	'[1,"me@sender.example","canary-subject 1",[{"address":"'$alice'","sealed_only":false}]]'
run on queue show 7
is "no such number" "$rc" 1
check_exit 64 on queue show 1x
chmod 755 "$state"
check_exit 78 on queue
check_exit 78 on why --sent
check_exit 78 off send $bob <"$LAB/tmp/mail"
chmod 700 "$state"

# Still offline: it stays.
run off queue run
is "it stays" "$rc $(waits)" '1 1'
like "and why" "$err" "^sealpost: queue 1: stays: $alice: cannot tell"

# Online: it is sent, once, as it was meant.
run on queue run
is "it is sent" "$rc $out$err" '0 '
is "it is gone" "$(waits)$(find "$state/queue" -name '*.*[0-9a-f]')" ''
is "one mail arrived" "$(arrived)" 1
lab-decrypt "$(lab-mails | tail -n 1)" >"$LAB/tmp/plain" 2>"$LAB/tmp/status"
like "sealed, with its text" "$(cat "$LAB/tmp/plain")" 'canary-body'
like "its Message-ID" "$(cat "$(lab-mails | tail -n 1)")" '^Message-I[Dd]: <1@sender.example>'
is "why --sent" "$(on why --sent -n 1 --json | jq -r '[.recipients[0].address, .recipients[0].result] | join(" ")')" "$alice sealed"
check_exit 0 on queue run
is "not again" "$(arrived)" 1
check_exit 0 on send -f me@sender.example $alice <"$LAB/tmp/mail"
is "nor by the mail program that tries again" "$(arrived)" 1

# Byte for byte what it would have been: bytes beyond ASCII, long lines, no line end at the end, CRLF, a dot.
for odd in 'lf' 'crlf' 'none'; do
	{ mail "odd-$odd" "To: $bob" 'MIME-Version: 1.0' 'Content-Type: text/plain; charset=utf-8' 'Content-Transfer-Encoding: 8bit'
		printf '.\n..two\n'; head -c 900 /dev/zero | tr '\0' x; printf '\nend'; } >"$LAB/tmp/odd"
	[ $odd != lf ] || echo >>"$LAB/tmp/odd"
	[ $odd != crlf ] || sed -i 's/$/\r/' "$LAB/tmp/odd"
	on pins forget $bob >/dev/null 2>&1 # pinned, it would go out offline
	off send -i $bob <"$LAB/tmp/odd"
	is "$odd: it waits" "$(waits | wc -w)" 1
	on queue run
	lab-decrypt "$(lab-mails | tail -n 1)" 2>/dev/null | tr -d '\r' | sed -n '/^canary-body/,$p' >"$LAB/tmp/got"
	on send -i --again $bob <"$LAB/tmp/odd"
	lab-decrypt "$(lab-mails | tail -n 1)" 2>/dev/null | tr -d '\r' | sed -n '/^canary-body/,$p' >"$LAB/tmp/wanted"
	is "$odd: the same text" "$(cat "$LAB/tmp/got")" "$(cat "$LAB/tmp/wanted")"
	ok "$odd: and there is some" test -s "$LAB/tmp/got"
done

# A Message-ID, a Date or a From that is empty is none: made once, and the same however often it is tried.
for field in Message-ID Date; do
	{ mail x "To: $bob"; } | sed "s/^$field: .*/$field:/" >"$LAB/tmp/empty"
	on pins forget $bob >/dev/null 2>&1
	check_exit 0 off send $bob <"$LAB/tmp/empty"
	once=$(on queue show "$(waits)" | grep "^  $field ")
	like "$field: it is there" "$once" "^  $field +[^ ]"
	is "$field: it stays the same" "$(on queue show "$(waits)" | grep "^  $field ")" "$once"
	check_exit 0 on queue run
	lab-decrypt "$(lab-mails | tail -n 1)" 2>/dev/null | tr -d '\r' | sed '/^$/q' >"$LAB/tmp/got"
	is "$field: it is sent once, with that" "$(grep -i "^$field:" "$LAB/tmp/got")" \
		"$field: $(printf '%s' "$once" | sed "s/^  $field *//")"
done

on pins forget $bob >/dev/null 2>&1

# The arguments that it was sent with; who is hidden stays so.
before=$(arrived)
mail 2 "To: $alice" | off send -f other@sender.example -F 'My Name' --mixed=split $alice $bob x@dead.example
is "kept" "$(waits | wc -w)" 1
on queue show --json "$(waits)" >"$LAB/tmp/show"
is "its envelope" "$(jq -r '[.recipients[].address] | join(" ")' "$LAB/tmp/show")" "$alice $bob x@dead.example"
run on queue run
like "one that cannot be asked keeps it there" "$err" 'stays: x@dead.example'
is "nobody got it" "$(arrived)" "$before"

# The first failure does not hold the others.
mail 3 "To: $bob" | off send $bob
mail 3 "To: carol@dane.example" | off send carol@dane.example
run on queue run
is "the others went out" "$rc $(($(arrived) - before)) $(waits | wc -w)" '1 2 1'
n=$(waits)
run on queue drop "$n"
is "drop" "$rc $(waits)" '0 '
check_exit 1 on queue drop "$n"

# Numbers are never used twice.
mail 4 "To: x@dead.example" | off send x@dead.example
ok "a fresh number" test "$(waits)" -gt "$n"
on queue drop "$(waits)" >/dev/null

# Without a key of the sender's own: refused as before.
mail 5 "To: frank@advanced.example" | sed 's/^From: .*/From: keyless@sender.example/' >"$LAB/tmp/mail"
check_exit 75 off send frank@advanced.example <"$LAB/tmp/mail"
is "not kept" "$(waits)" ''
like "-v says why" "$(off send -v frank@advanced.example <"$LAB/tmp/mail" 2>&1)" 'no key of yours to seal it to'

# What would not pass by itself is refused at once.
mail 6 "To: revoked@advanced.example" >"$LAB/tmp/mail"
check_exit 75 off filter x@dead.example <"$LAB/tmp/mail"
is "filter keeps nothing" "$(waits)" ''
check_exit 75 on send revoked@advanced.example x@dead.example <"$LAB/tmp/mail"
check_exit 69 on send revoked@advanced.example <"$LAB/tmp/mail"
is "policy is not waited for" "$(waits)" ''
run off send --explain --online frank@advanced.example <"$LAB/tmp/mail"
like "explain says it" "$out" '^would keep it in the queue'

# Clear text: where nothing forbids it, what turns out to be absent goes out in clear...
mail 7 "To: $nobody" >"$LAB/tmp/mail"
check_exit 0 off send $nobody <"$LAB/tmp/mail"
run on queue run
is "absent, prefer: in clear" "$rc $(grep -c '^canary-body' "$(lab-mails | tail -n 1)")" '0 1'
# ... not where a key was demanded when it was written, whatever the rules are now.
before=$(arrived)
mail 8 "To: $nobody" >"$LAB/tmp/mail"
check_exit 0 off send --encrypt=require $nobody <"$LAB/tmp/mail"
configure unknown 'encrypt = require'
mail 9 "To: $nobody" >"$LAB/tmp/mail"
check_exit 0 off send $nobody <"$LAB/tmp/mail"
configure unknown
run on queue run
is "required then: stays" "$rc $(waits | wc -w) $(arrived)" "1 2 $before"
like "and says so" "$err" "$nobody: no key (was found; it waited for one|is published)"
on pins allow-clear $nobody >/dev/null 2>&1
run on queue run
is "a person may allow it, for what was not required on its own" "$(waits | wc -w) $(($(arrived) - before))" '1 1'
on queue drop "$(waits)" >/dev/null
# A served domain.
mail 10 "To: nokey@advanced.example" >"$LAB/tmp/mail"
check_exit 0 off send nokey@advanced.example <"$LAB/tmp/mail"
before=$(arrived)
run on queue run
is "a served domain: stays" "$rc $(arrived)" "1 $before"
like "and says so" "$err" 'nokey@advanced.example: no key was found; it waited for one, and is not sent in clear automatically'

on queue drop "$(waits)" >/dev/null

# tls = require: where the way cannot be asked about, the mail waits; it goes out by a bound way only.
configure unknown 'tls = require'
before=$(arrived)
mail 20 "To: a@dane.transit.example" >"$LAB/tmp/mail"
check_exit 75 off filter a@dane.transit.example <"$LAB/tmp/mail"
check_exit 75 off send --explain a@dane.transit.example <"$LAB/tmp/mail"
like "--explain says what it was not asked to ask" "$out$err" 'hint: add --online'
check_exit 0 off send --explain --online a@dane.transit.example <"$LAB/tmp/mail"
like "or that it would be kept" "$out" '^would keep it in the queue'
check_exit 0 off send a@dane.transit.example <"$LAB/tmp/mail"
mail 21 "To: a@transit.example" >"$LAB/tmp/mail"
check_exit 0 off send a@transit.example <"$LAB/tmp/mail"
mail 22 "To: $alice" >"$LAB/tmp/mail"
check_exit 0 off send $alice <"$LAB/tmp/mail"
is "an unknown way: kept" "$(waits | wc -w) $(arrived)" "3 $before"
like "and why" "$(on why --sent -n 1)" "$alice: queued \\(cannot tell whether the route to advanced.example is bound to TLS"
run off queue run
is "still offline: they stay" "$rc $(waits | wc -w) $(arrived)" "1 3 $before"
run on queue run
is "online: by a bound way only" "$rc $(waits | wc -w) $(($(arrived) - before))" '1 2 1'
like "not where there is none" "$err" 'a@transit.example: the route to transit.example is not bound to TLS'
like "nor for sealed mail" "$err" "$alice: the route to advanced.example is not bound to TLS"
for n in $(waits); do on queue drop "$n" >/dev/null; done
mail 23 "To: $alice" >"$LAB/tmp/mail"
check_exit 69 on send $alice a@localhost.localdomain 'b@[192.0.2.1]' <"$LAB/tmp/mail"
is "what cannot be bound at all does not wait" "$(waits)" ''
configure unknown

# After five days it goes back, sealed; but first it is tried.
mail 10 "To: nokey@advanced.example" >"$LAB/tmp/mail"
check_exit 0 off send nokey@advanced.example <"$LAB/tmp/mail"
before=$(arrived)
touch -d '6 days ago' "$state"/queue/*[0-9a-f]
mail 11 "To: grace@advanced.example" >"$LAB/tmp/mail"
off send grace@advanced.example <"$LAB/tmp/mail"
touch -d '6 days ago' "$state"/queue/*[0-9a-f]
run on queue run
is "both are gone" "$rc $(waits)" '0 '
is "one was sent, one came back" "$(($(arrived) - before))" 2
back=$(lab-mails | xargs grep -l '^To: me@sender.example' | tail -n 1)
ok "it came to its sender" test -n "$back"
unlike "sealed" "$(cat "$back")" 'canary|nokey'
like "like any sealed mail" "$(cat "$back")" '^Subject: \[\.\.\.\]'
gpg --decrypt "$back" >"$LAB/tmp/back" 2>/dev/null
like "it says what it is" "$(cat "$LAB/tmp/back")" 'sealpost has kept a mail of yours'
like "for whom, and why" "$(cat "$LAB/tmp/back")" '^  nokey@advanced.example: cannot tell whether a key exists'
tr -d '\r' <"$LAB/tmp/back" | sed -n '/mail.eml"$/,$p' | sed -n '/^$/,/^--/p' | grep -v -e -- | base64 -d >"$LAB/tmp/eml" 2>/dev/null
is "the mail is in it, byte for byte" "$(cat "$LAB/tmp/eml")" "$(sed 's/ 11$/ 10/; s/<11@/<10@/; s/grace@/nokey@/' "$LAB/tmp/mail")"
like "why says so" "$(on why -n 1)" 'nokey@advanced.example: for 5 days'

# While the mail program is down it stays, however old it is.
configure unknown 'mta = /bin/false'
mail 12 "To: x@dead.example" >"$LAB/tmp/mail"
off send x@dead.example <"$LAB/tmp/mail"
touch -d '6 days ago' "$state"/queue/*[0-9a-f]
run on queue run
is "stays" "$rc $(waits | wc -w)" '1 1'
like "it was to go back" "$err" 'should have been returned to you, but /.*false did not take it'
like "doctor says it" "$(on doctor 2>&1)" '^WARN +queue: 1 mail'
# A clock that was wrong.
touch -d '400 days' "$state"/queue/*[0-9a-f]
run on queue run
is "from the future: stays, from now on" "$rc $(waits | wc -w) $(find "$state"/queue -name "*[0-9a-f]" -newermt @$(($(date +%s) + 3600)) | wc -l)" '1 1 0'
on queue drop "$(waits)" >/dev/null

# A file that lost its contents: said each time, never sent, returned or removed.
configure unknown
mail 13 "To: x@dead.example" | off send x@dead.example
before=$(arrived)
for age in now '6 days ago'; do
	for size in 0 200; do
		truncate -s $size "$state"/queue/*[0-9a-f]
		touch -d "$age" "$state"/queue/*[0-9a-f]
		run on queue run
		is "$size bytes, $age: stays" "$rc $(waits | wc -w) $(arrived)" "1 1 $before"
		like "$size bytes, $age: and why" "$err" '^sealpost: queue [0-9]+: stays: .'
		[ $size != 0 ] || like "$size bytes, $age: what to do" "$err" '^hint: sealpost queue drop [0-9]+$'
		[ $size = 0 ] || like "$size bytes, $age: what to do" "$err" '^hint: what is left of it: gpg --decrypt .*/queue/[0-9a-f.]+; then: sealpost queue drop [0-9]+$'
	done
done
like "doctor says it" "$(on doctor 2>&1)" '^WARN +queue: 1 mail'
run on queue show "$(waits)"
is "cannot be shown" "$rc" 65
like "and what to do" "$err" '^hint: what is left of it: gpg --decrypt '
on queue drop "$(waits)" >/dev/null

is "nothing in clear in the whole state folder at last" "$(grep -rlE 'canary' "$state" | tr '\n' ' ')" ''
is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""
# A subject as people read it.
configure unknown
readable() { # NAME SUBJECT WANT: the subject as show has it
	{ printf 'From: =?iso-8859-1?Q?J=F6rg?= <me@sender.example>\nMessage-ID: <words@sender.example>\n'
		printf 'To: %s\nSubject: %b\n\nhello\n' stranger@advanced.example "$2"; } >"$LAB/tmp/mail"
	off send -f me@sender.example stranger@advanced.example <"$LAB/tmp/mail"
	n=$(waits)
	is "$1" "$(on queue show "$n" | sed -n 's/^  Subject  *//p')" "$3"
	is "$1: as JSON" "$(on queue show --json "$n" | jq -r .subject)" "$3"
	is "$1: From" "$(on queue show "$n" | sed -n 's/^  From  *//p')" 'Jörg <me@sender.example>'
	on queue drop "$n" >"$LAB/tmp/dropped"
}
readable "show decodes words" '=?utf-8?Q?Gr=C3=BC=C3=9Fe?= x' 'Grüße x'
readable "show unfolds" 'a\n =?utf-8?B?w7w=?=\n\t=?utf-8?B?w7w=?= z' 'a üü z'
readable "show: what cannot be decoded" '=?utf-8?X?abc?=' '=?utf-8?X?abc?='

done_testing
