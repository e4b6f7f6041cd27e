#!/bin/sh
# SPDX-License-Identifier: ISC
# check --postfix and contrib's refresh of the table: Postfix itself reads the lines; a domain that cannot be asked keeps its
# own. And contrib's watch mails only when there is something to say.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\ntimeout = 4\n' >"$HOME/.config/sealpost/config"

run sealpost check --postfix dane.transit.example transit.example
is 'one is not bound: exit' "$rc" 1
like 'DANE' "$out" '^dane\.transit\.example dane-only$'
like 'nothing promised: a comment' "$out" '^# transit\.example: none: '
is 'in order' "$(printf '%s\n' "$out" | wc -l)" 2
check_exit 64 sealpost check --postfix --json dane.transit.example
run sealpost check --postfix transit.example dane.transit.example a@transit.example Transit.Example.
is 'a domain has one line, however often it is named' "$(printf '%s\n' "$out" | cut -d: -f 1 | tr '\n' ' ')" \
	'# transit.example dane.transit.example dane-only '

# A line that is no name: reported, and the others are checked.
check_exit 65 sh -c 'printf "dane.transit.example\n\n# a comment\nno such..name\ntransit.example\na@\n" | sealpost check --csv -'
is 'the others are checked' "$(printf '%s\n' "$out" | cut -d, -f 1 | tr '\n' ' ')" 'domain dane.transit.example transit.example '
like 'the lines and the reasons' "$err" '^sealpost: standard input, line 4: no such\.\.name: one line, one name'
like 'the last of them' "$err" '^sealpost: standard input, line 6: a@: '
# What standard input holds, the exit status, the names that were asked about.
while IFS='|' read -r verb text want names; do
	run sh -c "printf '$text' | sealpost $verb --json -"
	is "$verb of '$text'" "$rc $(printf '%s' "$out" | jq -r '.domain // .address' | tr '\n' ' ')" "$want $names"
done <<'ROWS'
check|a..b\n|65|
check|a..b\nabsent.example\n|65|absent.example 
check|absent.example transit.example\n|65|
check|absent.example # a comment\n|1|absent.example 
check|# a comment\n#another\nabsent.example \r\n|1|absent.example 
check|\357\273\277absent.example\n|1|absent.example 
check|absent.example\0.x\ntransit.example|65|transit.example 
check||64|
check|# a comment\n|64|
lookup|a..b@\n|65|
lookup|nobody@absent.example bob@direct.example\n|65|
lookup|nobody@absent.example\rbob@direct.example\r|65|
lookup|nobody@absent.example # a comment|1|nobody@absent.example 
lookup|# a comment\nnobody@absent.example\n|1|nobody@absent.example 
lookup|"a b"@absent.example # a comment\n|1|"a b"@absent.example 
lookup|"a b"@absent.example x@absent.example\n|65|
lookup|N. O. Body <nobody@absent.example>\r\n|1|nobody@absent.example 
lookup|\357\273\277nobody@absent.example|1|nobody@absent.example 
lookup|nobody@absent.example\0\nx@absent.example\n|65|x@absent.example 
lookup||64|
ROWS
check_exit 65 sh -c 'printf "a..b\n" | sealpost check -'
like 'no other line: the reason first' "$err" '^sealpost: standard input, line 1: a..b: '
like 'no other line: what was to be there' "$err" '^hint: one domain on a line'
check_exit 64 sealpost check dane.transit.example a..b
check_exit 65 sh -c 'printf "nobody@absent.example\nx@\n" | sealpost lookup --json -'
is 'lookup: the others are looked up' "$(printf '%s\n' "$out" | jq -r .address)" nobody@absent.example
like 'lookup: the line and the reason' "$err" '^sealpost: standard input, line 2: x@: '
check_exit 65 sh -c 'i=0; while [ $i -lt 14 ]; do echo "x$i@"; i=$((i + 1)); done | sealpost lookup - alice@advanced.example'
is 'many: some are named' "$(printf '%s\n' "$err" | grep -c 'standard input, line')" 10
like 'many: the others counted' "$err" '^sealpost: standard input: 4 lines more are left out'

domains=$LAB/tmp/domains
map=$LAB/tmp/tls_policy
export SEALPOST="$LAB_BUILD/bin/sealpost"
refresh() {
	TYPE=texthash "$LAB_SRC/contrib/postfix/sealpost-tls-policy" "$domains" "$map"
}
printf 'dane.transit.example\ntransit.example\n' >"$domains"
ok 'contrib: writes the table' refresh
like 'contrib: what is bound' "$(cat "$map")" '^dane\.transit\.example dane-only$'
printf '[sealpost]\ntimeout = 1\nresolver = 127.0.0.1@1\n' >"$HOME/.config/sealpost/config"
ok 'contrib: nobody can be asked' refresh
like 'contrib: the line stays' "$(cat "$map")" '^dane\.transit\.example dane-only$'
printf '[sealpost]\ntimeout = 4\n' >"$HOME/.config/sealpost/config"
printf 'transit.example dane-only\n' >>"$map"
ok 'contrib: a promise is gone' refresh
like 'contrib: its line stays, to be looked at' "$(cat "$map")" '^transit\.example dane-only$'
gone() { KEEP=no refresh; }
ok 'contrib: unless one says so' gone
unlike 'contrib: then it goes' "$(cat "$map")" '^transit\.example dane-only$'
printf 'transit.example\n' >"$domains"
ok 'contrib: a domain is taken off the list' refresh
unlike 'contrib: its line goes' "$(cat "$map")" '^dane'
printf 'dane.transit.example\ntransit.example\n' >"$domains"
ok 'contrib: it is back' refresh
printf 'no such..name\n' >"$LAB/tmp/wrong"
wrong() { TYPE=texthash "$LAB_SRC/contrib/postfix/sealpost-tls-policy" "$LAB/tmp/wrong" "$map"; }
run wrong
is 'contrib: a list that cannot be read' "$rc" 65
like 'contrib: leaves the table as it was' "$(cat "$map")" '^dane\.transit\.example dane-only$'
is 'contrib: and nothing beside it' "$(echo "$map"*)" "$map"
if [ -x /usr/sbin/postmap ]; then
	mkdir -p "$LAB/tmp/pf"
	printf 'compatibility_level = 3.6\n' >"$LAB/tmp/pf/main.cf"
	is 'Postfix reads the table' "$(/usr/sbin/postmap -c "$LAB/tmp/pf" -q dane.transit.example "texthash:$map" 2>&1)" dane-only
else
	skip 1 'Postfix is not installed'
fi

# contrib/watch: mails go out when there is something to say, and not otherwise.
printf '#!/bin/sh\n{ echo "$@"; cat; } >>%s/mailed\n' "$LAB/tmp" >"$LAB/tmp/mail"
chmod 755 "$LAB/tmp/mail"
echo dane.transit.example >"$LAB/tmp/names"
mkdir -p "$LAB/tmp/maildir/new" "$LAB/tmp/maildir/cur" "$LAB/tmp/maildir/tmp"
watch() {
	: >"$LAB/tmp/mailed"
	WATCH_TO=postmaster@sender.example WATCH_NAMES=$LAB/tmp/names WATCH_MAIL=$LAB/tmp/mail \
		"$LAB_SRC/contrib/watch/sealpost-watch" "$LAB/tmp/maildir"
}
ok 'watch: runs' watch
is 'watch: nothing to say, no mail' "$(cat "$LAB/tmp/mailed")" ''
sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE watched SET facts = replace(facts, 'dnssec		secure', 'dnssec		insecure')"
today=$(date -u +%Y-%m-%d)
sed "s/2016-04-01/$today/" "$LAB_SRC/tests/fuzz/corpus/report/appendix-b" >"$LAB/tmp/maildir/new/1"
ok 'watch: runs again' watch
like 'watch: changes are mailed' "$(cat "$LAB/tmp/mailed")" '^-s sealpost: something changed postmaster@sender\.example$'
like 'watch: what changed' "$(cat "$LAB/tmp/mailed")" 'changed: dnssec: insecure -> secure'
like 'watch: failures in reports are mailed' "$(cat "$LAB/tmp/mailed")" '303 of 5629 sessions failed'
ok 'watch: runs a third time' watch
is 'watch: the same is not mailed again' "$(cat "$LAB/tmp/mailed")" ''

# No mail can be sent, then it can; and one that was killed before it sent what it had to say.
change() {
	sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE watched SET facts = replace(facts, 'dnssec		secure', 'dnssec		insecure')"
}
change
mv "$LAB/tmp/mail" "$LAB/tmp/mail.away"
run watch
is 'watch: mail cannot be sent' "$rc" 75
mv "$LAB/tmp/mail.away" "$LAB/tmp/mail"
ok 'watch: it can' watch
like 'watch: what changed is mailed then' "$(cat "$LAB/tmp/mailed")" 'changed: dnssec: insecure -> secure'
echo 'x.example: ALARM protection-lost' >"$HOME/.local/state/sealpost-watch/changes.new"
ok 'watch: after a kill' watch
like 'watch: what was said before it is mailed' "$(cat "$LAB/tmp/mailed")" '^x\.example: ALARM'
ok 'watch: once more' watch
is 'watch: and nothing is left' "$(cat "$LAB/tmp/mailed")" ''
sed "s/2016-04-01/$(date -u -d '2 days ago' +%Y-%m-%d)/; s/5065427c/late/" "$LAB_SRC/tests/fuzz/corpus/report/appendix-b" \
	>"$LAB/tmp/maildir/new/2"
ok 'watch: a report that is two days old arrives' watch
like 'watch: and is mailed' "$(cat "$LAB/tmp/mailed")" '606 of 11258 sessions failed'
done_testing
