#!/bin/sh
# SPDX-License-Identifier: ISC
# send: a due pin is asked about, and never stands in the way when nobody answers.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\ntimeout = 3\n' >"$HOME/.config/sealpost/config"
age() { # DATE
	sealpost pins export | sed "s/^\(first\|last\)-seen: .*/\1-seen: $1T00:00:00Z/" >"$LAB/tmp/aged"
	rm -rf "$HOME/.local/share/sealpost"
	sealpost pins import "$LAB/tmp/aged" >/dev/null
}
mail() {
	printf 'From: me@sender.example\nTo: %s\nMessage-ID: <%s.%s@sender.example>\nSubject: s\n\nthe text\n' "$1" "$$" "$(date +%N)"
}
send() { # ADDRESS
	mail "$1" >"$LAB/tmp/mail"
	run sealpost send "$1" <"$LAB/tmp/mail"
}
requests() {
	wc -l <"$LAB/log/web.log"
}
long_ago=$(date -u -d '8 days ago' +%F)

sealpost lookup --pin alice@advanced.example >/dev/null
age "$long_ago"
before=$(requests)
send alice@advanced.example
is "due: sent" "$rc $out$err" "0 "
isnt "due: asked" "$(requests)" "$before"
before=$(requests)
send alice@advanced.example
is "not due any more: sent without asking" "$rc $(requests)" "0 $before"
age "$long_ago"
before=$(requests)
sealpost send --explain alice@advanced.example <"$LAB/tmp/mail" >/dev/null
is "--explain asks nobody" "$(requests)" "$before"

# no longer published
cp "$(lab-wkd-path alice@advanced.example)" "$LAB/tmp/alice.key"
lab-wkd-rm alice@advanced.example
send alice@advanced.example
is "vanished: sent to the pinned key" "$rc" 0
lab-decrypt "$(lab-mails | tail -n 1)" >"$LAB/tmp/plain" 2>/dev/null
like "and sealed" "$(cat "$LAB/tmp/plain")" 'the text'
before=$(requests)
send alice@advanced.example
is "vanished: not asked at each mail" "$rc $(requests)" "0 $before"

# nobody answers
lab-new-key x@dead.example "$LAB/tmp/x.key" 30d >/dev/null
sealpost pins import "$LAB/tmp/x.key" >/dev/null
age "$long_ago"
send x@dead.example
is "nobody answers: sent to the pinned key" "$rc" 0
like "the log says so" "$(sealpost pins log x@dead.example)" ' kept .*stays in use'
start=$(date +%s)
send x@dead.example
is "and the next mail does not wait for it" "$rc" 0
ok "not for the deadline" test $(($(date +%s) - start)) -lt 3

# another key
lab-wkd-put alice@advanced.example "$LAB/tmp/alice.key"
lab-new-key alice@advanced.example "$LAB/tmp/new.key" >/dev/null
lab-wkd-put alice@advanced.example "$LAB/tmp/new.key"
age "$long_ago"
count=$(lab-mails | wc -l)
send alice@advanced.example
is "a different key: refused" "$rc $(lab-mails | wc -l)" "77 $count"
like "and held" "$(sealpost pins list --json)" '"held":\{'
send alice@advanced.example
is "held: the next mail is refused as well" "$rc $(lab-mails | wc -l)" "77 $count"
like "held: the hint" "$err" '^hint: sealpost pins show alice@advanced.example'
pinned=$(lab-key alice@advanced.example)
printf '[sealpost]\ntimeout = 3\non-change = use-pin\n' >"$HOME/.config/sealpost/config"
send alice@advanced.example
is "on-change = use-pin: sent" "$rc $(lab-mails | wc -l)" "0 $((count + 1))"
lab-decrypt "$(lab-mails | tail -n 1)" >"$LAB/tmp/plain" 2>/dev/null
like "to the pinned key" "$(cat "$LAB/tmp/plain")" 'the text'
is "which is still the pinned one" "$(sealpost pins show --json alice@advanced.example | jq -r .fingerprint)" "$pinned"
age "$long_ago"
send alice@advanced.example
is "also when the different key is only seen now" "$rc $(lab-mails | wc -l)" "0 $((count + 2))"
is "and the pin is as it was" "$(sealpost pins show --json alice@advanced.example | jq -r .fingerprint)" "$pinned"
is "nothing is left running" "$(running)" ""
done_testing
