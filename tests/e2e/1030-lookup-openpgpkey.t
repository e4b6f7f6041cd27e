#!/bin/sh
# SPDX-License-Identifier: ISC
# Discovery: OPENPGPKEY records, cases 74 to 85.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
discovery=$(dirname "$0")/../discovery
# shellcheck source=tests/discovery/engine.sh
. "$discovery/engine.sh"

"$discovery/make-certs" openpgpkey 2>"$LAB/tmp/make-certs" || {
	diag "$(cat "$LAB/tmp/make-certs")"
	exit 1
}

owner() { # LOCAL-PART
	printf '%s._openpgpkey\n' "$(printf %s "$1" | sha256sum | cut -c1-56)"
}

load() { # ZONE
	"$discovery/odd-zone" load "$1" || exit 1
}

lab-dns-add opk.example \
	'%openpgpkey secure@opk.example' \
	'%openpgpkey bogus@opk.example' \
	"$(owner moved) CNAME $(owner target).opkwkd.example." \
	"$(owner away) CNAME $(owner away).opkunsigned.example." \
	'%openpgpkey two@opk.example first-two@opk.example' \
	'%openpgpkey two@opk.example' \
	'%openpgpkey tworevoked@opk.example' \
	'%openpgpkey tworevoked@opk.example first-tworevoked@opk.example' \
	"$(owner half) TYPE61 \\# 4 99ffff04" \
	'%openpgpkey half@opk.example' \
	"$(owner half) TYPE61 \\# 6 ffffffffffff" \
	"$(owner broken) TYPE61 \\# 4 99ffff04" \
	'%openpgpkey secret@opk.example' \
	'%openpgpkey x@opk.example any@opk.example' \
	'%openpgpkey ab@opk.example' \
	'%openpgpkey foreign@opk.example'
"$discovery/odd-zone" big opk.example big@opk.example || exit 1
"$discovery/odd-zone" spoil opk.example bogus@opk.example || exit 1
load opk.example

lab-dns-add opkwkd.example \
	'%openpgpkey target@opkwkd.example moved@opk.example' \
	'%openpgpkey same@opkwkd.example' \
	'%openpgpkey different@opkwkd.example second-different@opkwkd.example' \
	'%openpgpkey pinned@opkwkd.example' \
	'%openpgpkey dead@opkwkd.example revoked-dead@opkwkd.example' \
	'%openpgpkey bogus@opkwkd.example' \
	'%openpgpkey mixed@opkwkd.example'
"$discovery/odd-zone" spoil opkwkd.example bogus@opkwkd.example || exit 1
"$discovery/odd-zone" spoil opkwkd.example mixed@opkwkd.example || exit 1
load opkwkd.example

lab-dns-add opkunsigned.example \
	'%openpgpkey x@opkunsigned.example' \
	'%openpgpkey both@opkunsigned.example second-both@opkunsigned.example' \
	'%openpgpkey away@opkunsigned.example away@opk.example'
load opkunsigned.example
lab-dns-add opkrefused.example '%openpgpkey x@opkrefused.example'
load opkrefused.example

for name in same different pinned dead mixed; do
	lab-wkd-put $name@opkwkd.example "$LAB/keys/$name@opkwkd.example.pub"
done
lab-wkd-put any2@opkwkd.example "$LAB/keys/any@opkwkd.example.pub"
lab-wkd-put both@opkunsigned.example "$LAB/keys/both@opkunsigned.example.pub" direct
lab-wkd-put key@opkdead.example "$LAB/keys/key@opkdead.example.pub" direct

record() { # NUMBER TITLE LOCAL-PART [KEY=VALUE...]: of opk.example, where there is no WKD
	number=$1
	title=$2
	address=$3@opk.example
	shift 3
	case_ "$number" "$title" "$address" usable method=openpgpkey dnssec=secure tls=- urls=0 "$@"
}

record 74 "secure" secure fpr=secure@opk.example
case_ 74 "secure denial" nobody@opk.example absent absence=proved
case_ 74 "a secret key" secret@opk.example unusable method=openpgpkey 'reason=secret key'
case_ 74 "no OpenPGP in it" broken@opk.example unusable method=openpgpkey
case_ 75 "insecure: not even asked for" x@opkunsigned.example absent absence=unproved \
	'jq=.evidence.openpgpkey.status == "absent" and [.evidence.dns[] | select(.type == "OPENPGPKEY")] == []'
case_ 75 "insecure: no conflict with WKD" both@opkunsigned.example usable method=wkd-direct dnssec=insecure \
	fpr=both@opkunsigned.example
case_ 76 "bogus" bogus@opk.example unknown 'reason=opk\.example.*OPENPGPKEY.*DNSSEC' \
	'jq=.evidence.openpgpkey.status == "failed" and .evidence.wkd.status == "absent"'
case_ 77 "in an unsigned zone, from dead servers" x@opkdead.example absent absence=unproved \
	'jq=.evidence.openpgpkey.status == "absent"'
case_ 77 "in an unsigned zone, from dead servers, a key by WKD" key@opkdead.example usable method=wkd-direct \
	fpr=key@opkdead.example
record 78 "through a CNAME into another signed zone" moved fpr=moved@opk.example
case_ 78 "through a CNAME into an unsigned zone" away@opk.example absent \
	'jq=.evidence.openpgpkey.reason | test("^opk[.]example: the zone is not signed") | not'
record 79 "two records" two fpr=two@opk.example 'reason=2 certificates'
record 79 "two records, one revoked" tworevoked fpr=tworevoked@opk.example
record 79 "broken records beside a good one" half fpr=half@opk.example
record 80 "*@domain" x fpr=any@opk.example
case_ 80 "a*@domain" ab@opk.example unusable 'reason=User ID'
case_ 80 "*@ another domain" foreign@opk.example unusable 'reason=User ID'
case_ 80 "*@domain by WKD" any2@opkwkd.example unusable 'reason=User ID'
record 81 "64 kB" big fpr=big@opk.example
case_ 82 "the same by WKD" same@opkwkd.example usable fpr=same@opkwkd.example 'reason=agree'
case_ 83 "another one by WKD" different@opkwkd.example conflict \
	"reason=$(lab-key different@opkwkd.example).*$(lab-key second-different@opkwkd.example)"
case_ 83 "the same by WKD, but revoked here" dead@opkwkd.example unusable 'reason=revoked'
case_ 84 "none by WKD, bogus here" bogus@opkwkd.example unknown absence=- 'reason=opkwkd\.example' \
	'jq=.evidence.openpgpkey.status == "failed" and .evidence.wkd.status == "absent"'
case_ 84 "WKD failed, none here" x@refused.example unknown absence=- 'reason=openpgpkey\.refused\.example' \
	'jq=.evidence.openpgpkey.status == "absent" and .evidence.wkd.status == "failed"'
case_ 84 "none by either" nobody@opkwkd.example absent absence=proved
case_ 85 "WKD failed, secure here" x@opkrefused.example usable method=openpgpkey dnssec=secure fpr=x@opkrefused.example \
	'jq=.evidence.wkd.status == "failed"'
case_ 85 "by WKD, bogus here" mixed@opkwkd.example usable method=wkd-advanced fpr=mixed@opkwkd.example
cases_run

# One of two different ones is the pin.
check_exit 0 sealpost lookup --pin pinned@opkwkd.example
lab-wkd-put pinned@opkwkd.example "$LAB/keys/second-pinned@opkwkd.example.pub"
check_exit 0 sealpost lookup --fresh --json pinned@opkwkd.example
is "case 83: of two different ones the pinned one is used" "$(printf '%s\n' "$out" | jq -r .fingerprint)" \
	"$(lab-key pinned@opkwkd.example)"
like "case 83: and the other one is named" "$(printf '%s\n' "$out" | jq -r .reason)" "$(lab-key second-pinned@opkwkd.example)"

# A record this large does not fit into a datagram.
ok "case 81: the record has more than 64,000 octets" [ "$(wc -c <"$LAB/keys/big@opk.example.pub")" -gt 64000 ]
is "case 81: by UDP it is cut short" \
	"$(drill -u -b 1232 @198.51.100.53 "$(owner big).opk.example" TYPE61 | grep -c '^;; flags:.* tc')" 1
done_testing
