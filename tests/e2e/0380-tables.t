#!/bin/sh
# SPDX-License-Identifier: ISC
# What people look at: tables of 80 columns, fingerprints in groups, colour; and plain lines for programs.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

alice=alice@advanced.example
a=$(lab-key $alice)
esc=$(printf '\033')
screen() { # COLUMNS COMMAND...
	columns=$1
	shift
	TERM=xterm script -qec "stty cols $columns; $*" /dev/null </dev/null 2>&1 | tr -d '\r'
}
plain() {
	sed "s/$esc\\[[0-9;]*m//g"
}
grouped=$(printf %s "$a" | sed 's/..../& /g; s/ $//; s/^\(.\{24\}\) /\1  /')
is "groups of four" "${#grouped}" 50

# Several addresses.
long=$(printf 'u%.0s' $(seq 60))@refused.example
table=$(screen 80 sealpost -q lookup $alice bob@direct.example nobody@absent.example revoked@advanced.example x@refused.example "$long")
text=$(printf '%s\n' "$table" | plain)
is "one line each, and a head" "$(printf '%s\n' "$text" | wc -l)" 7
is "in 80 columns" "$(printf '%s\n' "$text" | awk 'length > 80')" ''
like "a key" "$text" "^$alice +$grouped\$"
like "none" "$text" '^nobody@absent.example +absent \(proved\): '
like "why it is not known" "$text" '^x@refused.example +unknown: '
like "a long address is cut" "$text" '^uuuuuuuuuuuuuuuuuuuuuuuuuuuu> '
like "green" "$table" "$esc\\[32m$grouped"
like "red" "$table" "$esc\\[31;1munusable"
wide=$(screen 132 sealpost -q lookup $alice x@refused.example | plain)
like "a wider terminal has more of the reason" "$wide" '^x@refused.example +unknown: openpgpkey.refused.example: connection refused$'
is "and no more than its width" "$(printf '%s\n' "$wide" | awk 'length > 132')" ''

# One.
one=$(screen 80 sealpost -q lookup $alice | plain)
like "one: its fingerprint in groups" "$one" "^  fingerprint  $grouped\$"
like "one: its kind and age" "$one" '^  key +[a-z]+[0-9]+, made 20..-..-..$'
pipe=$(sealpost lookup $alice x@refused.example)
like "a pipe: as ever" "$pipe" "^  fingerprint  $a\$"
unlike "a pipe: no colour" "$pipe" "$esc"
is "JSON: kind and age" "$(sealpost lookup --json $alice | jq -r '(.algorithm | test("^[a-z]+[0-9]+$")) and (.created | test("^20..-..-..T"))')" true
is "JSON: none" "$(sealpost lookup --json nobody@absent.example | jq -c '[.algorithm, .created]')" '[null,null]'

# The pins.
sealpost lookup --pin $alice bob@direct.example >/dev/null
sealpost pins allow-clear nobody@absent.example >/dev/null 2>&1
table=$(screen 80 sealpost pins list)
text=$(printf '%s\n' "$table" | plain)
is "pins: in 80 columns" "$(printf '%s\n' "$text" | awk 'length > 80')" ''
like "pins: a row" "$text" "^$alice +tofu +wkd-advanced 20..-..-.. "
like "pins: its key" "$text" "^  $grouped  [a-z]+[0-9]+ 20..-..-..\$"
like "pins: clear text is marked" "$table" "$esc\\[33mclear"
unlike "pins: a pipe gets none of it" "$(sealpost pins list)" "$esc|ADDRESS"
like "pins: but plain lines" "$(sealpost pins list)" "^$alice +tofu +$a "
is "pins: JSON" "$(sealpost pins list --json | jq -r 'select(.address == "'$alice'") | .algorithm' | grep -cE '^[a-z]+[0-9]+$')" 1
unlike "NO_COLOR" "$(NO_COLOR=1 screen 80 sealpost pins list)" "$esc"
# Reasons: wrapped on a terminal, whole for programs.
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nqueue = unknown\ntimeout = 2\n' >"$HOME/.config/sealpost/config"
lab-import-sender
long=$(printf 'u%.0s' $(seq 45))@refused.example
for to in x@bogus.example "$long"; do
	printf 'From: me@sender.example\nTo: %s\nSubject: s\n\nx\n' "$to" | sealpost send "$to"
done
printf 'From: keyless@sender.example\nTo: x@bogus.example\n\nx\n' | sealpost send x@bogus.example 2>/dev/null
for what in 'queue' 'why --sent' 'why'; do
	# shellcheck disable=SC2086 # several words
	text=$(screen 80 sealpost $what | plain)
	is "$what: in 80 columns" "$(printf '%s\n' "$text" | grep -v '^  hint: ' | awk 'length > 80')" ''
	like "$what: the reason goes on in further lines" "$text" '^    [^ ]'
	# shellcheck disable=SC2086
	like "$what: a pipe has it in one" "$(sealpost $what)" '^  x@bogus.example: .*DS hash mismatches key for key bogus.example'
done
done_testing
