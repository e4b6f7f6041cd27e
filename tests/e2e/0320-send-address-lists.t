#!/bin/sh
# SPDX-License-Identifier: ISC
# Address lists of -t: what is an address gets the mail, sealed; what only looks like one stops it, and is named.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
bob=bob@direct.example
check_exit 0 sealpost lookup --pin $alice $bob
cat >"$LAB/tmp/mta" <<'MTA'
#!/bin/sh
printf '%s\n' "$@" >"$LAB/tmp/argv"
cat >"$LAB/tmp/sent"
MTA
chmod 755 "$LAB/tmp/mta"
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nmta = %s\n' "$LAB/tmp/mta" >"$HOME/.config/sealpost/config"

n=0
send_to() { # FIELDS [ARGUMENT...]: printf's
	n=$((n + 1))
	# shellcheck disable=SC2059
	printf "From: me@sender.example\n$1\nSubject: the secret subject\n\nthe secret text\n" >"$LAB/tmp/mail"
	shift
	rm -f "$LAB/tmp/argv" "$LAB/tmp/sent"
	[ $# -gt 0 ] || set -- -t
	run sealpost send -i "$@" <"$LAB/tmp/mail"
}
sealed() { # FIELDS RECIPIENTS [ARGUMENT...]
	fields=$1
	want=$2
	shift 2
	send_to "$fields" "$@"
	is "$n $fields: sent" "$rc$out$err" 0
	is "$n $fields: to whom" "$(sed '1,/^--$/d' "$LAB/tmp/argv" | paste -sd ' ')" "$want"
	unlike "$n $fields: sealed" "$(cat "$LAB/tmp/sent")" 'secret'
}
refused() { # FIELDS PATTERN
	send_to "$1"
	is "$n $1: exit" "$rc" 65
	like "$n $1: the entry is named" "$err" "^sealpost: .*To field cannot be read as addresses: .*$2"
	like "$n $1: one hint" "$err" '^hint: '
	unlike "$n $1: nothing of the mail is told" "$err" 'secret'
	ok "$n $1: nothing was handed over" [ ! -e "$LAB/tmp/argv" ]
}

# An encoded word is never an address; what looks like '@' or like nothing is not passed over.
refused 'To: =?utf-8?q?Ada_=3Calice=40advanced=2Eexample=3E?=' 'Ada_=3C.*encoded word'
refused 'To: =?utf-8?B?YWxpY2VAYWR2YW5jZWQuZXhhbXBsZQ==?=' 'encoded word'
refused "To: $bob, <=?utf-8?Q?alice?=@advanced.example>" 'alice.*encoded word'
refused 'To: alice\357\274\240advanced.example' 'looks like another'
refused 'To: alice\357\271\253advanced.example' 'looks like another'
refused 'To: al\342\200\213ice@advanced.example' 'invisible'
refused 'To: \342\200\256alice@advanced.example' 'invisible'
# Nobody is dropped in silence.
refused "To: A <alice@advanced\"c.example>, B <$bob>" 'alice@advanced"c.example'
refused "To: $bob, alice advanced.example" 'alice advanced.example: it is not a single address'
refused "To: $alice $bob" 'something follows the address'
refused "To: g: $alice, $bob" 'a group does not end'

# What mail programs write.
sealed "To: $alice <$alice>" $alice
sealed "To: $bob <$alice>" $alice
sealed "To: [ML] Alice <$alice>" $alice
sealed "To: , $alice" $alice
sealed "To: $alice; $bob" "$alice $bob"
sealed "To: <mailto:$alice>" $alice
sealed "To: Undisclosed recipients\nBcc: $alice" $alice
sealed "To: \"A. Alice\" <$alice>, friends: =?utf-8?q?B=C3=B6b?= <$bob>;" "$alice $bob"
sealed "To: $alice" "$alice" -f "Me Myself <me@sender.example>" -- "Alice <$alice>"
like "$n: the sender" "$(paste -sd ' ' "$LAB/tmp/argv")" '-f me@sender.example '
# With recipients as arguments the field goes as it is, and whom it names is not hidden.
sealed "To: $alice, a b, $bob" "$alice $bob" -- $alice $bob
like "$n: the field is carried" "$(cat "$LAB/tmp/sent")" "^To: $alice, a b, $bob"
done_testing
