#!/bin/sh
# SPDX-License-Identifier: ISC
# check of many at once: each domain has the verdict and the findings that it has alone, dead and bogus ones beside it; in
# order, as JSON, CSV and a table that fits the terminal.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\ntimeout = 4\n' >"$HOME/.config/sealpost/config"
names='daneta.transit.example half.transit.example transit.example null.transit.example nowhere.transit.example
	far.transit.example hostbogus.transit.example bogus.example dead.example open.example caa.transit.example
	reports2.transit.example advanced.example direct.example ofpkix.transit.example implicit.transit.example'
# What does not tell when, how quickly or in which company it was asked; records of a set have no order, and the resolver
# words what is bogus as it first met it.
same='{domain, protection, result, reason, dnssec, null_mx, implicit_mx, mx_dnssec, mx, tlsrpt, caa, ct, findings, wkd: .wkd.method,
	sts: .mta_sts.mode} |
	.caa[].records |= sort | .mx[].tlsa |= sort | .mx[].ips |= sort | .findings |= sort |
	walk(if type == "string" then sub("(?<failed>DNSSEC validation failed) [(].*"; .failed) |
		sub("no answer within [0-9.]+ s|no usable answer from its name servers"; "no answer") else . end)'

# Beside more than begin at once, so that the others ask one thing first.
for n in $(seq 12); do
	lab_filler="${lab_filler-} f$n.dead.example f$n.nowhere.example"
done
# shellcheck disable=SC2086 # names
printf '%s\n' $lab_filler $names >"$LAB/tmp/names"
run sealpost check --json - <"$LAB/tmp/names"
printf '%s\n' "$out" >"$LAB/tmp/together"
is 'the highest exit status' "$rc" 75
is 'in order' "$(jq -r .domain "$LAB/tmp/together" | cmp - "$LAB/tmp/names" && echo same)" same
for name in $names; do
	is "$name: as it is alone" "$(jq -c "select(.domain == \"$name\") | $same" "$LAB/tmp/together")" \
		"$(sealpost check --json "$name" | jq -c "$same")"
done

check_exit 0 sealpost check dane.transit.example caa.transit.example
check_exit 1 sealpost check dane.transit.example transit.example
like 'a count on top' "$out" '^2 domains: 1 protected, 1 not, 0 unknown; '
like 'heads' "$out" '^DOMAIN +PROTECTED +DANE +MTA-STS +DNSSEC +WKD +WORST FINDING$'
like 'a line each: protected' "$out" '^dane\.transit\.example +dane +all +absent +secure +'
like 'and not' "$out" '^transit\.example +none +none +absent +secure +[a-z]+ +protection: none: '
is 'one line each where it is no terminal' "$(printf '%s\n' "$out" | wc -l)" 4
run sealpost check transit.example nobody@transit.example
like 'the same finding is told once' "$out" ' as transit\.example$'
check_exit 1 sealpost check transit.example dane.transit.example Transit.example dane.transit.example nobody@transit.example \
	nobody@transit.example
like 'a name counts once' "$out" '^3 domains: 1 protected, 2 not, 0 unknown; '
run sealpost check --json dane.transit.example DANE.transit.example
is 'and is one object' "$(printf '%s\n' "$out" | jq -r .domain)" dane.transit.example
run sealpost check dane.transit.example dane.transit.example
like 'the same twice: a page' "$out" '^dane\.transit\.example: mail to it is protected'
run sealpost check --csv dane.transit.example half.transit.example
is 'CSV: heads and a line each' "$(printf '%s\n' "$out" | wc -l)" 3
like 'CSV: what is in a line' "$out" '^half\.transit\.example,none,some,absent,secure,'
run sealpost check dane.transit.example
like 'one alone: a page' "$out" '^dane\.transit\.example: mail to it is protected'
printf '# mine\n\n dane.transit.example \r\n' >"$LAB/tmp/one"
one() { sealpost check - <"$LAB/tmp/one"; }
run one
is 'comments and blanks in a list' "$rc" 0
like 'one of a list: a page too' "$out" '^dane\.transit\.example: mail to it is protected'

# Addresses among them.
run sealpost check --json alice@advanced.example dane.transit.example nokey@advanced.example
is 'addresses: their keys' "$(printf '%s\n' "$out" | jq -c '[.domain, .key.status]' | xargs)" \
	'[advanced.example,usable] [dane.transit.example,null] [advanced.example,absent]'
check_exit 64 sealpost check dane.transit.example nonsense..example
check_exit 64 sealpost check

# On a terminal of 60 columns: nothing is wider, words are wrapped, and colour is there; not with NO_COLOR.
on_terminal() { # COLUMNS COMMAND
	script -qec "stty cols $1; $2" /dev/null | tr -d '\r'
}
if command -v script >/dev/null; then
	for columns in 60 100; do
		on_terminal $columns 'NO_COLOR=1 TERM=xterm sealpost check dane.transit.example transit.example' >"$LAB/tmp/term"
		ok "$columns columns: fits" awk -v n=$columns 'length > n { bad = 1 } END { exit bad || NR < 4 }' "$LAB/tmp/term"
		ok "$columns columns: no colour with NO_COLOR" awk '/\033\[[0-9]/ { exit 1 }' "$LAB/tmp/term"
	done
	on_terminal 80 'TERM=xterm sealpost check dane.transit.example transit.example' >"$LAB/tmp/term"
	like 'colour' "$(tr '\033' E <"$LAB/tmp/term")" 'E\[31;1mnone'
	on_terminal 80 'TERM=dumb sealpost check dane.transit.example transit.example' >"$LAB/tmp/term"
	unlike 'a dumb terminal' "$(tr '\033' E <"$LAB/tmp/term")" 'E\['
	on_terminal 50 'NO_COLOR=1 TERM=xterm sealpost check transit.example' >"$LAB/tmp/term"
	ok 'the page of one fits' awk 'length > 50 { bad = 1; print } END { exit bad || NR < 4 }' "$LAB/tmp/term"
	on_terminal 80 'TERM=xterm sealpost check dane.transit.example silent.sts.example' >"$LAB/tmp/term"
	like 'progress' "$(tr '\033' E <"$LAB/tmp/term")" 'sealpost: check: 1 of 2'
else
	skip 8 'script is not installed'
fi

# Nothing can be asked: one cause, told once.
printf '[sealpost]\nproxy = socks5h://127.0.0.1:9\n' >"$LAB/tmp/conf"
chmod 600 "$LAB/tmp/conf"
run sealpost -C "$LAB/tmp/conf" check dane.transit.example transit.example half.transit.example
is 'nothing can be asked: 75' "$rc" 75
is 'and that is said once' "$(printf '%s\n' "$out" | grep -c proxy)" 1
is 'nothing is left running' "$(running)" ''

# The process that asks ends: one alone has its object, line or page as it has among others.
mkdir -p "$LAB/tmp/broken/bin" "$LAB/tmp/broken/libexec/sealpost"
cp "$(command -v sealpost)" "$LAB/tmp/broken/bin"
printf '#!/bin/sh\nexit 1\n' >"$LAB/tmp/broken/libexec/sealpost/sealpost-net"
chmod 755 "$LAB/tmp/broken/libexec/sealpost/sealpost-net"
while IFS='|' read -r form want; do
	for names in a.example 'a.example b.example'; do
		# shellcheck disable=SC2086 # several names are several words
		run "$LAB/tmp/broken/bin/sealpost" check $form $names
		is "nobody asks: check $form $names" "$rc $(printf '%s\n' "$out" | grep -c "$want")" "75 $(printf '%s\n' "$names" | wc -w)"
	done
done <<'ROWS'
--json|^{.*"protection":"unknown"
--csv|^[ab].example,unknown
--html|<h2>[ab].example: <span class="unknown">
--postfix|^# [ab].example: unknown
ROWS
check_exit 75 "$LAB/tmp/broken/bin/sealpost" check a.example
like 'nobody asks: in words' "$err" '^sealpost: a\.example: .*helper process'
done_testing
