#!/bin/sh
# SPDX-License-Identifier: ISC
# Discovery: how an address is spelled, cases 86 to 96.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
discovery=$(dirname "$0")/../discovery
# shellcheck source=tests/discovery/engine.sh
. "$discovery/engine.sh"

"$discovery/make-certs" address 2>"$LAB/tmp/make-certs" || {
	diag "$(cat "$LAB/tmp/make-certs")"
	exit 1
}
for file in "$LAB"/keys/*@address.example.pub "$LAB"/keys/*@xn--bcher-kva.example.pub; do
	address=${file##*/}
	lab-wkd-put "${address%.pub}" "$file" || exit 1
done
lab-dns-add opk.example '%openpgpkey Upper@opk.example'
"$discovery/odd-zone" load opk.example || exit 1

x64=$(printf '%064d' 0 | tr 0 x)
l63=$(printf '%063d' 0 | tr 0 l)
long=$l63.$l63.$l63.$(printf %s "$l63" | cut -c1-53).example
joerg=$(printf 'J\303\226RG')
joerg_ascii=$(printf 'j\303\226rg')
joerg_lower=$(printf 'j\303\266rg')

found() { # NUMBER TITLE ADDRESS WHOSE [KEY=VALUE...]
	number=$1
	title=$2
	address=$3
	whose=$4
	shift 4
	case_ "$number" "$title" "$address" usable method=wkd-advanced "fpr=$whose" "$@"
}

found 86 "U-label" "anna@b$(printf '\303\274')cher.example" anna@xn--bcher-kva.example \
	'jq=.address == "anna@xn--bcher-kva.example"'
found 86 "a final dot" "anna@b$(printf '\303\274')cher.example." anna@xn--bcher-kva.example
found 86 "U-label in upper case" "anna@B$(printf '\303\234')CHER.example" anna@xn--bcher-kva.example
found 86 "U-label, decomposed" "anna@bu$(printf '\314\210')cher.example" anna@xn--bcher-kva.example
found 86 "A-label, User ID with U-label" anna@xn--bcher-kva.example anna@xn--bcher-kva.example
found 86 "U-label, User ID with A-label" "bert@b$(printf '\303\274')cher.example" bert@xn--bcher-kva.example
# The process with the mail meets the first such name inside its sandbox, and has to load what reads it there.
lab-import-sender
mkdir -p "$HOME/.config/sealpost"
# shellcheck disable=SC2016 # for the other shell
printf '#!/bin/sh\necho "$*" >"%s/to"\ncat >"%s/sent"\n' "$LAB/tmp" "$LAB/tmp" >"$LAB/tmp/mta"
chmod 755 "$LAB/tmp/mta"
printf '[sealpost]\nmta = %s/mta\n' "$LAB/tmp" >"$HOME/.config/sealpost/config"
printf 'From: me@sender.example\nTo: anna@b\303\274cher.example\nSubject: x\n\ntext\n' >"$LAB/tmp/mail"
ok "case 86: U-label in a mail's header: sent" sh -c "sealpost send -t <'$LAB/tmp/mail'"
like "case 86: U-label in a mail's header: to the A-label" "$(cat "$LAB/tmp/to")" ' anna@xn--bcher-kva\.example$'
like "case 86: U-label in a mail's header: sealed" "$(cat "$LAB/tmp/sent")" '^-----BEGIN PGP MESSAGE-----'
found 87 "quotes that are not needed" '"anna"@address.example' anna@address.example
found 87 "a quoted pair" '"an\na"@address.example' anna@address.example
found 87 "a blank" '"an na"@address.example' 'an na@address.example'
found 87 "@ in quotes" '"a@b"@address.example' a@b@address.example
for local in a+b a%b 'a&b' a=b a#b 'a+b%c&d=e#f'; do
	found 88 "$local" "$local@address.example" "$local@address.example"
done
found 89 "UTF-8" "$joerg@address.example" "$joerg@address.example"
found 89 "UTF-8, ASCII in lower case" "$joerg_ascii@address.example" "$joerg@address.example"
case_ 89 "UTF-8, all in lower case, is another mailbox" "$joerg_lower@address.example" absent
found 90 "upper case, WKD" UPPER@address.example Upper@address.example
found 90 "lower case, WKD" upper@address.example Upper@address.example
found 90 "upper case domain, WKD" upper@ADDRESS.Example Upper@address.example 'jq=.address == "upper@address.example"'
case_ 90 "as it was written, OPENPGPKEY" Upper@opk.example usable method=openpgpkey fpr=Upper@opk.example
case_ 90 "in upper case, OPENPGPKEY" UPPER@opk.example absent absence=proved
case_ 90 "in lower case, OPENPGPKEY" upper@opk.example absent absence=proved
found 91 "64 octets" "$x64@address.example" "$x64@address.example"
case_ 91 "a domain of 253 octets, which leaves no room" "a@$long" absent absence=proved
case_ 92 "IPv4 literal" 'x@[192.0.2.80]' absent absence=proved 'jq=.evidence == null'
case_ 92 "IPv6 literal" 'x@[IPv6:2001:db8::80]' absent absence=proved 'jq=.evidence == null'
case_ 93 "none" root absent absence=proved 'jq=.evidence == null'
case_ 93 "one without a dot" root@localhost absent absence=proved 'jq=.evidence == null'
found 96 "unquoted" 'a||mbox=~x@address.example' 'a||mbox=~x@address.example'
found 96 "quotes that are not needed" '"a||mbox=~x"@address.example' 'a||mbox=~x@address.example'
found 96 "quoted" '"a || mbox =~ ."@address.example' 'a || mbox =~ .@address.example'
case_ 96 "unquoted, true of another User ID" 'b||mbox=~x@address.example' unusable 'reason=User ID'
case_ 96 "quoted, true of another User ID" '"b || mbox =~ ."@address.example' unusable 'reason=User ID'
case_ 96 "a pattern" '*@address.example' absent
cases_run

# What the server got (WKD sends the local part unchanged and fully escaped, and folds the hash).
asked() { # ADDRESS: the l= of the request
	: >"$LAB/log/web.log"
	sealpost lookup "$1" >/dev/null
	sed -n 's/.* "GET [^ ]*?l=\([^ ]*\) HTTP.*/\1/p' "$LAB/log/web.log"
}

is "case 87: l= of a blank" "$(asked '"an na"@address.example')" 'an%20na'
is "case 87: l= without the quotes" "$(asked '"an\na"@address.example')" 'anna'
is "case 88: l= is escaped" "$(asked 'a+b%c&d=e#f@address.example')" 'a%2Bb%25c%26d%3De%23f'
is "case 89: l= of UTF-8" "$(asked "$joerg@address.example")" 'J%C3%96RG'
is "case 90: l= is not lower-cased" "$(asked UPPER@address.example)" 'UPPER'
is "case 96: l= is escaped" "$(asked '"a || mbox =~ ."@address.example')" 'a%20%7C%7C%20mbox%20%3D~%20.'

# Nobody is asked about what has no directory.
: >"$LAB/log/unbound.log"
sealpost lookup 'x@[192.0.2.80]' 'x@[IPv6:2001:db8::80]' root root@localhost >/dev/null
questions() {
	grep -c ' IN$' "$LAB/log/unbound.log" | sed 's/^[1-9].*/some/'
}

is "cases 92, 93: no question" "$(questions)" 0
sealpost lookup root@nowhere.example >/dev/null
is "cases 92, 93: there are questions about others" "$(questions)" some

# What could move a cursor, hide text or turn its direction: the number of lines that hold it, of text, and of
# octets that need not be UTF-8.
unsafe() {
	LC_ALL=C.UTF-8 grep -acP '[\x00-\x09\x0b-\x1f\x7f-\x9f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}]'
}

unsafe_octets() {
	LC_ALL=C grep -acP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]'
}

# What is not an address: 64, and no word of it as it came.
refused() { # NUMBER TITLE ADDRESS
	run timeout 15 sealpost lookup --json -- "$3"
	is "case $1: $2: refused" "$rc" 64
	is "case $1: $2: no answer" "$out" ""
	is "case $1: $2: the message is fit for a terminal" "$(printf '%s\n' "$err" | unsafe)" 0
}

is "case 95: such characters are seen" "$(printf 'a\033b\nx\342\200\256y\n\302\205\n' | unsafe)" 3
is "case 95: such octets are seen" "$(printf 'a\033b\nx\342\200\256y\n\302\205\n\377\n' | unsafe_octets)" 3
refused 86 "not a valid U-label" "anna@b$(printf '\342\200\256')cher.example"
refused 87 "quotes that do not end" '"anna@address.example'
refused 87 "quotes in the middle" 'an"na"@address.example'
refused 91 "65 octets" "x$x64@address.example"
refused 91 "65 octets in quotes" "\"x $x64\"@address.example"
refused 91 "a domain of 254 octets" "a@l$long"
refused 91 "a label of 64 octets" "a@l$l63.example"
refused 92 "not an IP address" 'x@[192.0.2.256]'
refused 92 "a literal that does not end" 'x@[192.0.2.80'
refused 92 "something behind a literal" 'x@[192.0.2.80].example'
refused 93 "nothing behind the @" 'x@'
refused 93 "nothing before the @" '@address.example'
refused 94 "two @" 'a@b@address.example'
refused 94 "two @ in a row" 'a@@address.example'
refused 95 "line feed" "$(printf 'a\nb@address.example')"
refused 95 "line feed in quotes" "$(printf '"a\nb"@address.example')"
# shellcheck disable=SC2059 # octets
for octet in 001 011 015 033 177; do
	refused 95 "octet $octet" "$(printf "a\\${octet}b@address.example")"
	refused 95 "octet $octet in quotes" "$(printf "\"a\\${octet}b\"@address.example")"
	refused 95 "octet $octet behind a backslash" "$(printf "\"a\\\\\\${octet}b\"@address.example")"
	refused 95 "octet $octet in the domain" "$(printf "a@addr\\${octet}ess.example")"
done
refused 95 "C1 control character" "$(printf 'a\302\205b@address.example')"
for bad in '\200' '\303' '\300\200' '\355\240\200' '\364\220\200\200' '\377'; do
	# shellcheck disable=SC2059 # octets
	run timeout 15 sealpost lookup --json -- "a$(printf "$bad")b@address.example"
	is "case 95: not UTF-8, $bad: refused" "$rc $out" "64 "
	is "case 95: not UTF-8, $bad: the message is ASCII" "$(printf '%s\n' "$err" | LC_ALL=C grep -acP '[\x80-\xff]')" 0
done
printf 'a\000b@address.example\n' >"$LAB/tmp/nul"
run timeout 15 sealpost lookup --json - <"$LAB/tmp/nul"
is "case 95: NUL: refused" "$rc $out" "65 "

# Bidi characters are letters to RFC 6531, and make an address look like another: refused, and never printed as they came.
bidi=$(printf 'x\342\200\256y@address.example')
for options in "lookup" "lookup --json" "-v -v lookup"; do
	# shellcheck disable=SC2086 # words
	run timeout 15 sealpost $options "$bidi"
	is "case 95: bidi character, sealpost $options: refused" "$rc" 64
	is "case 95: bidi character, sealpost $options: not printed as it came" \
		"$(printf '%s\n%s\n' "$out" "$err" | unsafe_octets)" 0
done

# No other User ID gets past the filter.
for address in 'a||mbox=~x@address.example' '"a || mbox =~ ."@address.example'; do
	sealpost lookup --export "$address" >"$LAB/tmp/filter.asc"
	is "case 96: $address: one User ID is kept" \
		"$(gpg --batch --with-colons --show-keys "$LAB/tmp/filter.asc" 2>/dev/null | awk -F: '/^uid/ { print $10 }')" "$address"
done
done_testing
