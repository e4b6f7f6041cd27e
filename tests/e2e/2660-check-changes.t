#!/bin/sh
# SPDX-License-Identifier: ISC
# check --changes: the first time remembers, then what is different is told, and what of it is an alarm; what could not be
# asked is neither gone nor changed, and clears nothing. --history tells it again. State survives a kill.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\ntimeout = 4\n' >"$HOME/.config/sealpost/config"
tlsa="3 1 1 $(printf '%064d' 1)"
zone() { # LINE...: what the zone example has besides what it always has
	[ -e "$LAB/tmp/plain" ] || cp "$LAB/dns/src/example" "$LAB/tmp/plain"
	{
		cat "$LAB/tmp/plain"
		printf '%s\n' "$@"
	} >"$LAB/tmp/zone"
	lab-dns-add --replace example "$LAB/tmp/zone"
}
mx='w MX 10 mx1.w'
hosts='mx1.w A 192.0.2.25
mx2.w A 192.0.2.25'
reports='_smtp._tls.w TXT "v=TLSRPTv1; rua=mailto:a@w.example"'

zone "$mx" "$hosts" "_25._tcp.mx1.w TLSA $tlsa" "$reports"
run sealpost check --changes w.example
is 'the first time: nothing to say' "$rc $out" '0 '
run sealpost check --changes w.example
is 'nothing new' "$rc $out" '0 '

zone "$mx" "$hosts" "$reports"
run sealpost check --changes w.example
is 'TLSA records gone: exit' "$rc" 1
like 'protection lost' "$out" '^w\.example: ALARM protection-lost: protection: dane -> none$'
like 'what it means' "$out" '^  nothing binds senders'
like 'DANE of the server lost' "$out" '^w\.example: ALARM dane-lost: dane of mx1\.w\.example: usable -> none$'
run sealpost check --changes w.example
is 'told once' "$rc $out" '0 '

zone "$mx" "w MX 20 mx2.w" "$hosts" "_25._tcp.mx1.w TLSA $tlsa" "_25._tcp.mx2.w TLSA $tlsa"
run sealpost check --changes --json w.example
is 'JSON: what is said' "$(printf '%s\n' "$out" | jq -c '[.alarm, .fact, .before, .after]')" \
	'[null,"protection","none","dane"]
["mail-servers-changed","mail-servers","mx1.w.example","mx1.w.example mx2.w.example"]
[null,"dane","none","usable"]
["report-address-gone","tls-reports","mailto:a@w.example","none"]'

# Nobody answers: neither an alarm, nor forgotten.
printf '[sealpost]\ntimeout = 1\nresolver = 127.0.0.1@1\n' >"$LAB/tmp/conf"
chmod 600 "$LAB/tmp/conf"
run sealpost -C "$LAB/tmp/conf" check --changes w.example
is 'cannot be asked: 75, and nothing said' "$rc $out" '75 '
is 'but why that is' "$err" 'sealpost: 1 of 1 could not be asked about everything (sealpost -v says which)'
run sealpost check --changes w.example
is 'asked again: nothing new' "$rc $out" '0 '
zone "$mx" "w MX 20 mx2.w" "$hosts"
run sealpost -C "$LAB/tmp/conf" check --changes w.example
is 'lost while nobody could be asked: not told yet' "$rc $out" '75 '
run sealpost check --changes w.example dane.transit.example
is 'and told afterwards' "$rc" 1
like 'as an alarm' "$out" 'ALARM protection-lost'

run sealpost check --history w.example
is 'history: 0' "$rc" 0
is 'history: both losses' "$(printf '%s\n' "$out" | grep -c 'ALARM protection-lost')" 2
like 'history: when' "$out" '^20[0-9-]+T[0-9:]+Z  w\.example: ALARM mail-servers-changed'
run sealpost check --history --json w.example
is 'history as JSON' "$(printf '%s\n' "$out" | jq -r 'select(.alarm == "report-address-gone") | .before')" mailto:a@w.example
check_exit 1 sealpost check --history never.example
if command -v script >/dev/null; then
	script -qec 'stty cols 60; TERM=xterm sealpost check --history w.example' /dev/null | tr -d '\r' >"$LAB/tmp/term"
	# shellcheck disable=SC2016
	ok 'history on a terminal: fits' awk 'length > 60 { bad = 1; print "# " $0 } END { exit bad || NR < 8 }' "$LAB/tmp/term"
else
	skip 1 'script is not installed'
fi

# What expires is told by its time.
expires() { # OPTION...: the values that are said
	sealpost check "$@" --json erin@advanced.example | jq -c 'select(.fact == "key-until") | [.alarm, .before, (.after | sub("T.*"; ""))]'
}
run sealpost check --changes erin@advanced.example
lab-new-key erin@advanced.example "$LAB/tmp/soon" 10d >"$LAB/tmp/fpr"
lab-wkd-put erin@advanced.example "$LAB/tmp/soon"
day=$(gpg --batch --with-colons --show-keys "$LAB/tmp/soon" 2>/dev/null | awk -F: '/^pub/ { print $7 }')
day=$(date -u -d "@$day" +%F)
is 'expires soon, as JSON' "$(expires --changes)" "[\"key-expires\",null,\"$day\"]"
is 'expires soon, in the history' "$(expires --history)" "[\"key-expires\",null,\"$day\"]"
like 'expires soon, in words' "$(sealpost check --history erin@advanced.example)" \
	"key-until of erin@advanced.example: never -> ${day}T"

# An own address: what the world is given is held against the own key.
own=me@sender.example
lab-import-sender
gpg --batch --export "<$own>" >"$LAB/tmp/mine"
lab-wkd-put "$own" "$LAB/tmp/mine"
lab-dns-add sender.example '%web openpgpkey'
run sealpost check --changes "$own"
is 'own address: the own key is served, nothing to say' "$rc $out" '0 '
run sealpost check --changes --mine
is '--mine: the same' "$rc $out" '0 '
mkdir -m 700 "$LAB/tmp/other"
gpg --homedir "$LAB/tmp/other" --batch --quiet --passphrase '' --quick-generate-key "<$own>" future-default default never 2>/dev/null
gpg --homedir "$LAB/tmp/other" --batch --export "<$own>" >"$LAB/tmp/theirs"
gpgconf --homedir "$LAB/tmp/other" --kill all
lab-wkd-put "$own" "$LAB/tmp/theirs"
run sealpost check --changes --mine
is 'somebody put another key there' "$rc" 1
like 'an alarm' "$out" "^$own: ALARM wrong-key-served: served-key of $own: [0-9A-F]{40} -> [0-9A-F]{40}\$"
rm -rf "$HOME/.local/share/sealpost"
run sealpost check --changes "$own"
like 'at the first look too' "$out" 'ALARM wrong-key-served'
lab-wkd-rm "$own"
run sealpost check --changes "$own"
like 'taken away: changed' "$out" "changed: served-key of $own: [0-9A-F]{40} -> none"
run sealpost check --changes w.example
printf '[sealpost]\ntimeout = 4\n[policy w]\nto = *@w.example\n[policy x]\nto = w.example\ntls = require\n' \
	>"$HOME/.config/sealpost/config"
run sealpost check --mine --json
like '--mine: domains under tls = require' "$(printf '%s\n' "$out" | jq -r .domain)" '^w\.example$'
check_exit 64 sealpost check --history --mine
check_exit 64 sealpost check --history --live w.example
for words in '--changes --history' '--history --postfix' '--postfix --changes' '--json --csv' '--html --json' '--csv --html'; do
	# shellcheck disable=SC2086
	run sealpost check $words w.example
	is "$words: one of them only" "$rc $out" '64 '
	like "$words: said" "$err" '^sealpost: only one of --.* can be given$'
done
run sealpost check --history never.example
like "no history: said" "$err" '^sealpost: never.example: --changes has said nothing of it yet$'
check_exit 64 sealpost check --changes --csv w.example

# Killed at any moment, the state is whole.
for ms in 0.05 0.1 0.2 0.3 0.4; do
	timeout -s KILL $ms sealpost check --changes w.example dane.transit.example >/dev/null 2>&1
done
run sealpost check --changes w.example dane.transit.example
is 'after kills: as before' "$rc $out" '0 '
# At its writes: what was not kept is told again, and history has it once.
store=$HOME/.local/share/sealpost
sqlite3 "$store/pins.db" "UPDATE watched SET facts = replace(facts, 'dnssec		secure', 'dnssec		insecure')
	WHERE name = 'dane.transit.example'"
cp -a "$store" "$LAB/tmp/store"
if command -v strace >/dev/null; then
	for at in pwrite64:3 pwrite64:12 fdatasync:1 fdatasync:2 fdatasync:3 unlink:1; do
		rm -rf "$store"
		cp -a "$LAB/tmp/store" "$store"
		run strace -f -qqq -o /dev/null -e "trace=${at%:*}" -e "inject=${at%:*}:signal=KILL:when=${at#*:}" \
			sealpost check --changes dane.transit.example
		is "killed at $at" "$rc" 137
		first=$out
		run sealpost check --changes dane.transit.example
		like "killed at $at: told before or now" "$first$out" 'changed: dnssec: insecure -> secure'
		is "killed at $at: once in the history" "$(sealpost check --history dane.transit.example | wc -l)" 1
	done
else
	skip 18 'strace is not installed'
fi
is 'the store is whole' "$(sqlite3 "$HOME/.local/share/sealpost/pins.db" 'PRAGMA integrity_check')" ok
is 'nothing is left running' "$(running)" ''
done_testing
