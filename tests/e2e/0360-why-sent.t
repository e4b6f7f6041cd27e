#!/bin/sh
# SPDX-License-Identifier: ISC
# why --sent: what was handed over, recipient by recipient, and nothing of what it says.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
erin=erin@advanced.example
nobody=nobody@absent.example
state=$HOME/.local/share/sealpost

mail() { # ID HEADER...
	printf 'From: me@sender.example\nMessage-ID: <%s@sender.example>\nSubject: canary-subject\n' "$1"
	shift
	printf '%s\n' "$@" '' 'canary-body'
}

run sealpost why --sent
is "nothing yet" "$rc $out" "1 "
like "and it says so" "$err" 'nothing has been handed over'

mail 1 "To: $alice" | sealpost send -f me@sender.example $alice
mail 2 "To: $nobody" | sealpost send $nobody
mail 3 "To: $alice" | sealpost send $alice $erin
mail 4 "To: $alice, $nobody" | sealpost send --mixed=split $alice $nobody
mail 5 "To: $alice" | sealpost filter $alice >"$LAB/tmp/sealed"
sealpost send $alice <"$LAB/tmp/sealed"
mail 1 "To: $alice" | sealpost send -f me@sender.example $alice
mail 6 "To: x@refused.example" | sealpost send x@refused.example 2>/dev/null
mail 7 'To: alice@advanced.example' | sed 's/^From: .*/From: keyless@sender.example/' | sealpost send $alice

shown() {
	sealpost why --sent -n "$1" --json | tail -n 1 |
		jq -r '[.sender, (.recipients[] | .address, .result, (.fingerprints | join("+")), .reason // "-")] | join(" ")'
}
a=$(lab-key $alice)
e=$(lab-key $erin)
is "1 unsigned" "$(shown 1)" "keyless@sender.example $alice sealed $a -"
like "and why" "$(sealpost why --sent -n 1 --json | jq -r .note)" 'without a signature'
is "2 what was refused is not among them; the same mail again" "$(shown 2)" "me@sender.example $alice before  -"
is "3 encrypted already" "$(shown 3)" "me@sender.example $alice passed-on  -"
like "4 each as they can" "$(shown 4)" "^me@sender.example $alice sealed $a - $nobody clear  no key is published.*"
is "5 a hidden one" "$(shown 5)" "me@sender.example $alice sealed $a - $erin sealed $e -"
like "6 in clear" "$(shown 6)" "^me@sender.example $nobody clear  no key is published.*"
is "7 sealed" "$(shown 7)" "me@sender.example $alice sealed $a -"
is "that is all" "$(sealpost why --sent -n 100 --json | wc -l)" 7

run sealpost why --sent -n 4
is "as text" "$rc" 0
like "sealed with its key" "$out" "^  $alice: sealed $a\$"
like "in clear with its reason" "$out" "^  $nobody: clear \(no key is published"
like "passed on" "$out" "^  $alice: passed on, encrypted already\$"
unlike "no colour in a pipe" "$out" "$(printf '\033')"
screen=$(TERM=xterm script -qec "sealpost why --sent -n 1" /dev/null </dev/null | tr -d '\r')
like "groups of four on a terminal" "$screen" "^    $(printf %.4s "$a") "
like "and colour" "$screen" "$(printf '\033')\\[32msealed"
unlike "unless it is not wanted" "$(NO_COLOR=1 TERM=xterm script -qec "sealpost why --sent -n 1" /dev/null </dev/null)" "$(printf '\033')\\["
is "no line beyond 80 columns" "$(printf '%s\n' "$screen" | sed 's/\x1b\[[0-9;]*m//g' | awk 'length > 80')" ""

unlike "no subject and no text in the store" "$(cat "$state"/*)" 'canary'

# send -v says it in one line.
v() { printf 'From: me@sender.example\nTo: you@x.example\nSubject: v\n\nhi\n' | sealpost send -v "$@" 2>&1 >/dev/null | grep 'handed over'; }
is "sealed" "$(v alice@advanced.example)" \
	'sealpost: sealed for alice@advanced.example; handed over to /usr/sbin/sendmail'
is "in clear" "$(v nobody@absent.example)" \
	'sealpost: in clear for nobody@absent.example; handed over to /usr/sbin/sendmail'
is "each as they can, hidden ones too" "$(v --mixed=split nobody@absent.example alice@advanced.example bob@direct.example)" \
	'sealpost: sealed for alice@advanced.example, bob@direct.example; in clear for nobody@absent.example; handed over to /usr/sbin/sendmail'
done_testing
