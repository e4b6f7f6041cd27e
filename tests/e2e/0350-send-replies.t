#!/bin/sh
# SPDX-License-Identifier: ISC
# An answer to a mail of which every copy was sealed quotes it: it is not to go in clear.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"

lab-import-sender
alice=alice@advanced.example
nobody=nobody@absent.example
conf 'encrypt = prefer'
with_id() { # TO ID [FIELD...]
	printf 'From: me@sender.example\nTo: %s\nMessage-ID: %s\n' "$1" "$2"
	shift 2
	[ $# = 0 ] || printf '%s\n' "$@"
	printf 'Subject: s\n\nthe text\n'
}
n=0
answer() { # TO FIELD...: a mail with these fields; leaves rc, out, err
	n=$((n + 1))
	to=$1
	shift
	with_id "$to" "<answer-$n@sender.example>" "$@" >"$LAB/tmp/mail"
	run sealpost send -t <"$LAB/tmp/mail"
}
refuses() { # NAME FIELD...
	name=$1
	shift
	before=$(arrived)
	answer $nobody "$@"
	is "$name: refused" "$rc" 69
	is "$name: nothing went out" "$(arrived)" "$before"
}
goes() { # NAME FIELD...
	name=$1
	shift
	answer $nobody "$@"
	is "$name: sent" "$rc" 0
}

with_id $alice '<sealed-1@sender.example>' >"$LAB/tmp/mail"
check_exit 0 sealpost send -t <"$LAB/tmp/mail"
with_id $nobody '<clear-1@sender.example>' >"$LAB/tmp/mail"
check_exit 0 sealpost send -t <"$LAB/tmp/mail"
with_id "$alice, $nobody" '<split-1@sender.example>' >"$LAB/tmp/mail"
check_exit 0 sealpost send --mixed=split -t <"$LAB/tmp/mail"

unlike "0 no Message-ID is kept" "$(strings -a "$HOME"/.local/share/sealpost/pins.db*)" 'sealed-1@'

refuses "1 In-Reply-To" 'In-Reply-To: <sealed-1@sender.example>'
like "1 it says why" "$err" "not sent: $nobody: no key is published \(.*\) and encrypt = require by the sealed mail that it answers"
like "1 and which, and what to do" "$err" '^hint: it answers <sealed-1@sender\.example>, which was sealed; .*new thread; .*add --replies=prefer to sealpost send'
refuses "2 References, the last" 'References: <other@x.example> <sealed-1@sender.example>'
refuses "3 References, the first, folded" 'References: <sealed-1@sender.example>
	<other@x.example>'
refuses "4 with a comment" 'In-Reply-To: (your mail of Monday) <sealed-1@sender.example>'
refuses "5 old style" 'In-Reply-To: Your message of Monday <sealed-1@sender.example>'
refuses "6 both fields" 'In-Reply-To: <x@x.example>' 'References: <sealed-1@sender.example>'
refuses "7 passed on" 'X-Forwarded-Message-Id: <sealed-1@sender.example>'
refuses "7 a field that is there twice" 'References: <x@x.example>' 'References: <sealed-1@sender.example>'
resent() { # ID: what was sent under it is sent on, as mutt's bounce does
	with_id $alice "$1" 'Resent-From: me@sender.example' "Resent-To: $nobody" >"$LAB/tmp/mail"
	run sealpost send -i -- $nobody <"$LAB/tmp/mail"
}
before=$(arrived)
resent '<sealed-1@sender.example>'
is "7 a sealed mail, resent: refused" "$rc" 69
is "7 a sealed mail, resent: nothing went out" "$(arrived)" "$before"
resent '<clear-1@sender.example>'
is "7 a clear mail, resent: sent" "$rc" 0

goes "8 an answer to a clear mail" 'In-Reply-To: <clear-1@sender.example>'
goes "9 an answer to one that went to some in clear" 'In-Reply-To: <split-1@sender.example>'
goes "10 an answer to a mail that is not known" 'In-Reply-To: <x@x.example>'
goes "11 a field without any" 'In-Reply-To: sealed-1@sender.example'
goes "12 of another case it is another mail" 'In-Reply-To: <SEALED-1@sender.example>'
answer $alice 'In-Reply-To: <sealed-1@sender.example>'
is "13 to one who has a key: sent" "$rc" 0
unlike "13 sealed" "$(cat "$(lab-mails | tail -n 1)")" 'the text'
refuses "14 an answer to the answer" "In-Reply-To: <answer-$n@sender.example>"

# What filter seals is sealed here too.
with_id $alice '<filtered-1@sender.example>' >"$LAB/tmp/mail"
check_exit 0 sealpost filter $alice <"$LAB/tmp/mail"
refuses "21 an answer to what filter has sealed" 'In-Reply-To: <filtered-1@sender.example>'
with_id $alice '<filtered-2@sender.example>' >"$LAB/tmp/mail"
sealpost filter $alice <"$LAB/tmp/mail" >/dev/full 2>/dev/null
goes "22 to what it could not write" 'In-Reply-To: <filtered-2@sender.example>'
with_id $nobody '<filtered-4@sender.example>' >"$LAB/tmp/mail"
check_exit 0 sealpost filter $nobody <"$LAB/tmp/mail"
goes "23 to what it passed in clear" 'In-Reply-To: <filtered-4@sender.example>'

# Who decides
with_id $nobody '<loose@sender.example>' 'In-Reply-To: <sealed-1@sender.example>' >"$LAB/tmp/mail"
check_exit 69 sealpost send --encrypt=prefer -t <"$LAB/tmp/mail"
check_exit 0 sealpost send --replies=prefer -t <"$LAB/tmp/mail"
check_exit 0 sealpost pins allow-clear $nobody
refuses "15 allow-clear is stored, and loosens nothing" 'In-Reply-To: <sealed-1@sender.example>'
check_exit 0 sealpost pins forget $nobody
conf 'encrypt = prefer' 'replies = prefer'
goes "16 by the configuration" 'In-Reply-To: <sealed-1@sender.example>'
conf 'encrypt = prefer' '[policy n]' "to = $nobody" 'replies = prefer'
goes "17 by a rule" 'In-Reply-To: <sealed-1@sender.example>'
conf 'encrypt = prefer' '[policy n]' "to = $nobody" 'encrypt = never'
refuses "18 never is for other mail" 'In-Reply-To: <sealed-1@sender.example>'
conf 'encrypt = prefer' '[policy n]' "to = $nobody" 'public = yes'
goes "19 a public place" 'In-Reply-To: <sealed-1@sender.example>'

conf 'encrypt = prefer'
if [ -x /usr/bin/sqlite3 ]; then
	sqlite3 "$HOME/.local/share/sealpost/pins.db" 'UPDATE sealed SET time = time - 367 * 86400'
	goes "20 after a year" 'In-Reply-To: <sealed-1@sender.example>'
else
	skip "20 after a year" "sqlite3 is not installed"
fi

done_testing
