#!/bin/sh
# SPDX-License-Identifier: ISC
# What was asked is not asked again for a while: by nobody, not twice at the same time, and never for longer than it may be.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

cache=$HOME/.cache/sealpost/cache.db
conf=$HOME/.config/sealpost/config
mkdir -p "$HOME/.config/sealpost"
settings() { # LINE...
	printf '[sealpost]\nmta = /bin/true\n' >"$conf"
	printf '%s\n' "$@" >>"$conf"
}
settings
printf 'From: me@sender.example\nSubject: x\n\nx\n' >"$LAB/tmp/mail"
lab-import-sender me@sender.example >/dev/null 2>&1

# What the network was asked about, since the last mark.
mark() {
	dns=$(wc -l <"$LAB/log/unbound.log")
	web=$(wc -l <"$LAB/log/web.log")
}
asked() { # [WORD]: how many questions and requests, perhaps only those with the word
	{
		tail -n "+$((dns + 1))" "$LAB/log/unbound.log"
		tail -n "+$((web + 1))" "$LAB/log/web.log"
	} | grep -c -e "${1-}"
}
lookup() { # ADDRESS FILTER
	sealpost lookup --json "$1" 2>/dev/null | jq -r "$2"
}
# Of a finding: all that does not tell when.
same='del(.cached, .asked, .evidence.time)'

# each kind of answer, twice
for a in alice@advanced.example bob@direct.example carol@dane.example dave@unsigned.example heidi@tlsa.example \
	nokey@advanced.example nobody@absent.example nobody@unsigned.example x@bogus.example revoked@advanced.example \
	garbage@advanced.example; do
	sealpost lookup --json $a >"$LAB/tmp/first" 2>/dev/null
	first=$?
	mark
	sealpost lookup --json $a >"$LAB/tmp/second" 2>/dev/null
	is "$a: the same exit status" "$?" "$first"
	is "$a: nobody was asked" "$(asked)" 0
	is "$a: the same finding" "$(jq -c "$same" "$LAB/tmp/second")" "$(jq -c "$same" "$LAB/tmp/first")"
	is "$a: says when it was asked, and that this comes from the cache" \
		"$(jq -r '[.cached, .asked == .evidence.time] | map(tostring) | join(" ")' "$LAB/tmp/first" "$LAB/tmp/second" | tr '\n' ' ')" \
		"false true true true "
	is "$a: the time is the first one" "$(jq -r .asked "$LAB/tmp/second")" "$(jq -r .asked "$LAB/tmp/first")"
done
sealpost lookup --export alice@advanced.example >"$LAB/tmp/second"
sealpost lookup --fresh --export alice@advanced.example >"$LAB/tmp/first"
ok "the certificate's octets are the same" cmp "$LAB/tmp/first" "$LAB/tmp/second"
like "people are told, too" "$(sealpost lookup nobody@absent.example)" '^ *asked .*from the cache \(--fresh asks again\)'
is "the cache is private" "$(stat -c %a "$cache")" 600
mark
is "--fresh asks" "$(sealpost lookup --fresh --json nobody@absent.example | jq -r .cached)" false
isnt "indeed" "$(asked)" 0
check_exit 64 sealpost lookup --fresh --offline alice@advanced.example
mark
check_exit 75 sealpost lookup --offline nobody@absent.example
is "--offline is of pins only" "$(asked)" 0

# mail
rm -f "$cache"
mark
rm -rf "$HOME/.local/share/sealpost" "$cache"
check_exit 0 sealpost send nobody@absent.example <"$LAB/tmp/mail"
mark
check_exit 0 sealpost send nobody@absent.example <"$LAB/tmp/mail"
is "absent: a second mail asks the network nothing" "$(asked)" 0
check_exit 0 sealpost send --explain nobody@absent.example <"$LAB/tmp/mail"
like "--explain knows it as well" "$out" 'no key is published \(proved\)'
like "and says since when" "$out" '\(asked [0-9]+ s ago\)'
check_exit 75 sealpost send x@bogus.example <"$LAB/tmp/mail"
mark
check_exit 75 sealpost send x@bogus.example <"$LAB/tmp/mail"
is "unknown: a second mail asks the network nothing" "$(asked)" 0
like "and says so" "$err" '\(asked [0-9]+ s ago\)'
check_exit 75 sealpost send --explain x@refused.example <"$LAB/tmp/mail"
is "--explain alone asks nobody" "$(asked)" 0
check_exit 0 sealpost filter alice@advanced.example <"$LAB/tmp/mail"
mark
check_exit 0 sealpost send alice@advanced.example <"$LAB/tmp/mail"
is "a pin: nobody is asked" "$(asked)" 0
check_exit 0 sealpost refresh alice@advanced.example
isnt "refresh asks" "$(asked)" 0
mark
is "and renews" "$(lookup alice@advanced.example .cached) $(asked)" "true 0"

# expiry, of each kind
settings 'cache-found = 2' 'cache-absent = 2' 'cache-failed = 2'
answered='bob@direct.example nobody@absent.example nobody@unsigned.example x@bogus.example'
for a in $answered; do
	lookup $a .status >/dev/null
done
sleep 3
for a in $answered; do
	mark
	is "$a: over" "$(lookup $a .cached)" false
	isnt "$a: asked again" "$(asked)" 0
done
settings 'cache-found = 0' 'cache-absent = 0' 'cache-failed = 0'
for a in bob@direct.example nobody@absent.example x@bogus.example; do
	lookup $a .status >/dev/null
	is "$a: 0 keeps nothing" "$(lookup $a .cached)" false
done
settings 'cache-absent = 24h'
is "an unproved absence: five minutes at most" \
	"$(sealpost lookup --fresh nobody@unsigned.example >/dev/null
	sqlite3 "$cache" 'SELECT keep FROM answer ORDER BY rowid DESC LIMIT 1')" 300
settings
# The clock: what was asked in the future never counts, nor what was asked long ago.
for change in 'asked + 1000' 'asked - 400'; do
	sealpost lookup --fresh nobody@unsigned.example >/dev/null
	sqlite3 "$cache" "UPDATE answer SET asked = $change"
	is "a time that somebody wrote into it does not count ($change)" "$(lookup nobody@unsigned.example .cached)" false
done

# what another setting would have answered
lookup bob@direct.example .status >/dev/null
settings 'resolver = recursive'
is "another resolver: asked anew" "$(lookup bob@direct.example .cached)" false
settings
is "and back" "$(lookup bob@direct.example .cached)" true
cp /etc/ssl/certs/ca-certificates.crt "$LAB/tmp/ca.pem"
settings "ca-file = $LAB/tmp/ca.pem"
is "another CA bundle: asked anew" "$(lookup bob@direct.example .cached)" false
is "the same one again" "$(lookup bob@direct.example .cached)" true
echo >>"$LAB/tmp/ca.pem"
is "it has changed: asked anew" "$(lookup bob@direct.example .cached)" false
settings

# damage
lookup bob@direct.example .status >/dev/null
head -c 5000 /dev/urandom | dd of="$cache" bs=1 seek=2000 conv=notrunc 2>/dev/null
is "a damaged cache: the verdict is right" "$(lookup bob@direct.example .status)" usable
is "and it works again" "$(lookup bob@direct.example '.status + " " + (.cached | tostring)')" "usable true"
: >"$cache"
is "emptied" "$(lookup bob@direct.example .status) $(lookup bob@direct.example .cached)" "usable true"
echo 'not a database' >"$cache"
is "another program's: not used, not touched" "$(lookup bob@direct.example .status) $(lookup bob@direct.example .cached) $(cat "$cache")" \
	"usable false not a database"
rm -f "$cache"
ln -s "$HOME/victim" "$cache"
is "a symbolic link: the verdict is right" "$(lookup bob@direct.example .status)" usable
not_ok "and it is not followed" test -e "$HOME/victim"
rm -f "$cache"
lookup bob@direct.example .status >/dev/null
chmod 644 "$cache"
is "open to others: not used" "$(lookup bob@direct.example .cached)" false
chmod 600 "$cache"
is "closed: used" "$(lookup bob@direct.example .cached)" true
chmod 500 "$HOME/.cache/sealpost"
is "a folder that cannot be written to" "$(lookup bob@direct.example .status)" usable
chmod 700 "$HOME/.cache/sealpost"
rm -rf "$HOME/.cache/sealpost"
echo file >"$HOME/.cache/sealpost"
is "no folder at all" "$(lookup bob@direct.example .status)" usable
rm -f "$HOME/.cache/sealpost"

# twenty at the same time
mark
for i in $(seq 20); do
	sealpost lookup --json carol@dane.example alice@advanced.example nobody@absent.example >"$LAB/tmp/at-once.$i" 2>&1 &
done
wait
is "twenty at once: all know" "$(cat "$LAB"/tmp/at-once.* | jq -r '.address + " " + .status' | sort | uniq -c | sed 's/^ *//' | tr '\n' ',')" \
	"20 alice@advanced.example usable,20 carol@dane.example usable,20 nobody@absent.example absent,"
is "and one asked the web servers, once for each" "$(tail -n "+$((web + 1))" "$LAB/log/web.log" | grep -c hu/)" 2
mark
for i in $(seq 8); do
	sealpost lookup --fresh --json alice@advanced.example >"$LAB/tmp/at-once.$i" 2>&1 &
	[ "$i" != 4 ] || rm -f "$cache"
done
wait
is "deleted meanwhile: all know" "$(cat "$LAB"/tmp/at-once.[1-8] | jq -r .status | sort | uniq -c | sed 's/^ *//')" "8 usable"
rm -f "$LAB"/tmp/at-once.*

# twice on one command line
mark
check_exit 0 sealpost lookup --fresh --json alice@advanced.example bob@direct.example alice@advanced.example alice@ADVANCED.example
is "in the order given, and all of it" "$(printf '%s\n' "$out" | jq -r '.address + " " + .status' | tr '\n' ',')" \
	"alice@advanced.example usable,bob@direct.example usable,alice@advanced.example usable,alice@advanced.example usable,"
is "the same text: the same finding" "$(printf '%s\n' "$out" | jq -c . | sed -n '1p;3p;4p' | uniq | wc -l)" 1
is "one request for each" "$(tail -n "+$((web + 1))" "$LAB/log/web.log" | grep -c hu/)" 2
check_exit 0 sealpost lookup --fresh --pin bob@direct.example bob@direct.example
is "pinned once" "$(sealpost pins log --json bob@direct.example | jq -r .event | grep -c pinned)" 1

# never-ask
settings 'never-ask = direct.example, *.never.example absent.example'
mark
for a in x@direct.example a@b.never.example nobody@absent.example; do
	check_exit 1 sealpost lookup --json --fresh $a
	is "never-ask: absent by rule, which is no proof" "$(printf %s "$out" | jq -r '.status + " " + .absence + " " + (.evidence | tostring)')" \
		"absent unproved null"
	like "and the reason says so" "$(printf %s "$out" | jq -r .reason)" 'never-ask'
done
check_exit 0 sealpost send nobody@absent.example <"$LAB/tmp/mail"
check_exit 0 sealpost send --explain bob@direct.example <"$LAB/tmp/mail"
like "a pin is used all the same" "$out" 'seal'
check_exit 0 sealpost lookup bob@direct.example
check_exit 0 sealpost refresh --all
before=$(sealpost pins log bob@direct.example)
check_exit 0 sealpost refresh bob@direct.example
like "refresh says that it did not ask" "$out" '^bob@direct.example: unasked: .*never-ask'
check_exit 0 sealpost refresh --json bob@direct.example
is "and so does its object" "$(printf %s "$out" | jq -r '.outcome + " " + (.evidence | tostring)')" "unasked null"
is "the log does not say that it was asked" "$(sealpost pins log bob@direct.example)" "$before"
is "nobody was asked about them" "$(asked 'direct\|never\|absent')" 0
settings 'encrypt = require' 'never-ask = absent.example'
check_exit 69 sealpost send nobody@absent.example <"$LAB/tmp/mail"
settings 'never-ask = a@direct.example'
check_exit 78 sealpost lookup bob@direct.example
like "not an address" "$err" 'config:3: never-ask'
settings

# the line that tells how far it is
export TERM=xterm
tty() { # COMMAND: its terminal output
	script -qec "$1" /dev/null </dev/null | tr '\r' '\n'
}
# The name servers of dead.example are silent, which takes longer than a second.
settings 'timeout = 2' 'cache-failed = 0'
like "progress on a terminal, after a second" "$(tty 'sealpost lookup x@dead.example alice@advanced.example')" '^sealpost: lookup: [01] of 2'
tty 'sealpost lookup x@dead.example 2>&1 >/dev/null' >"$LAB/tmp/line"
is "and nothing is left of it" "$(tail -n 1 "$LAB/tmp/line" | tr -d ' \n')" ""
unlike "not with -q" "$(tty 'sealpost -q lookup x@dead.example')" 'of 1'
unlike "not on a terminal that cannot go back" "$(tty 'TERM=dumb sealpost lookup x@dead.example')" 'of 1'
unlike "not where stderr is no terminal" "$(tty "sealpost lookup x@dead.example 2>$LAB/tmp/err"; cat "$LAB/tmp/err")" 'of 1'
unlike "not where it is quick" "$(tty 'sealpost lookup --fresh alice@advanced.example')" 'of 1'

# what is there is printed while the rest is waited for
settings 'timeout = 5' 'cache-failed = 0'
sealpost lookup --fresh --json alice@advanced.example x@dead.example bob@direct.example >"$LAB/tmp/stream" &
until [ -s "$LAB/tmp/stream" ]; do sleep 0.1; done
is "the first is told before the last is known" "$(jq -r .address "$LAB/tmp/stream" | tr '\n' ' ')" "alice@advanced.example "
wait
is "then the others, in their order" "$(jq -r .address "$LAB/tmp/stream" | tr '\n' ' ')" \
	"alice@advanced.example x@dead.example bob@direct.example "
is "nothing is left running" "$(running)" ""
is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""
done_testing
