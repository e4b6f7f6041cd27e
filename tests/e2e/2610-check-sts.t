#!/bin/sh
# SPDX-License-Identifier: ISC
# MTA-STS: whatever a record, a web server and a policy say, the mode and the verdict are right, and a policy that was
# in force stays so until its max_age is over.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"
# shellcheck source=tests/discovery/sts.sh
. "$(dirname "$0")/../discovery/sts.sh"
cases_verb=check
sts='([.mx[].mta_sts] | join(" "))'

policy enforce enforce plain.sts.example
policy testing testing plain.sts.example
policy none none
policy mismatch enforce other.sts.example
policy enforcehalf enforce plain.sts.example
policy wild enforce '*.in.sts.example'
policy wilddeep enforce '*.in.sts.example'
policy wildself enforce '*.plain.sts.example'
policy dane enforce tlsa1.transit.example
policy danehalf enforce plain.sts.example
policy danemixed enforce plain.sts.example tlsa1.transit.example
policy danefails enforce tlsabogus.transit.example
policy unusable enforce pkix.transit.example
for name in blanks nearly two foreign badid noid wrongversion norecord nohost recordalias hostalias recordbogus recorddead hostbogus silent \
	refused wrongname expired self nocert private failing moved html kept keptgone turned; do
	policy "$name" enforce plain.sts.example
done
policy sts.open.example enforce plain.open.example
text crlf 'version: STSv1\r\nmode: enforce\r\nmx: plain.sts.example\r\nmax_age: 86400'
text unknownkeys 'version: STSv1\nnew_key: x: y\nmode: enforce\nmx: plain.sts.example\nmax_age: 86400\n'
text twokeys 'version: STSv1\nmode: enforce\nmode: none\nmx: plain.sts.example\nmax_age: 86400\nmax_age: 0\n'
text noversion 'mode: enforce\nmx: plain.sts.example\nmax_age: 86400\n'
text badmode 'version: STSv1\nmode: Enforce\nmx: plain.sts.example\nmax_age: 86400\n'
text nomx 'version: STSv1\nmode: enforce\nmax_age: 86400\n'
text noage 'version: STSv1\nmode: enforce\nmx: plain.sts.example\n'
text hugeage 'version: STSv1\nmode: enforce\nmx: plain.sts.example\nmax_age: 31557601\n'
text longage 'version: STSv1\nmode: enforce\nmx: plain.sts.example\nmax_age: 00000000001\n'
text empty ''
text nul 'version: STSv1\nmode: enforce\nmx: plain.sts.example\nmax_age: 86400\n\000\n'
{
	printf 'version: STSv1\nmode: enforce\nmx: plain.sts.example\nmax_age: 86400\n'
	head -c 66000 /dev/zero | tr '\0' '\n'
} >"$(policy_file big)"
sts_serve

check_exit 0 sealpost check --postfix wild.sts.example
is "for Postfix a wildcard is the hosts that it is for now" "$out" 'wild.sts.example secure match=one.in.sts.example servername=hostname'

# The longest first.
case_ 240 'the web server is silent' silent.sts.example unknown timeout=4 jq='.mta_sts.mode == "unknown"'
case_ 241 'the record is in a zone that does not answer' recorddead.sts.example unknown timeout=4 jq='.mta_sts.mode == "unknown"'

case_ 201 'in force' enforce.sts.example mta-sts \
	jq=".mta_sts.mode == \"enforce\" and .mta_sts.id == \"1\" and .mta_sts.max_age == 86400 and $sts == \"match\""
case_ 202 'testing' testing.sts.example none jq=".mta_sts.mode == \"testing\" and $sts == \"match\""
case_ 203 'taken back' none.sts.example none jq='.mta_sts.mode == "none"'
case_ 204 'no server matches' mismatch.sts.example none jq="$sts == \"mismatch\""
case_ 205 'one of two matches' enforcehalf.sts.example none jq="$sts == \"match mismatch\""
case_ 206 'wildcard' wild.sts.example mta-sts jq="$sts == \"match\""
case_ 207 'wildcard, two labels' wilddeep.sts.example none jq="$sts == \"mismatch\""
case_ 208 'wildcard, no label' wildself.sts.example none jq="$sts == \"mismatch\""
case_ 209 'unsigned zone' sts.open.example mta-sts jq='.mta_sts.mode == "enforce" and .dnssec == "insecure"'
case_ 210 'with DANE' dane.sts.example dane jq='.mta_sts.mode == "enforce"'
case_ 211 'servers that DANE binds and others that match' danehalf.sts.example none jq="$sts == \"mismatch match\""
case_ 212 'all match, DANE for one' danemixed.sts.example mta-sts jq="$sts == \"match match\""
case_ 213 'never overrides DANE that fails' danefails.sts.example unknown jq='.mta_sts.mode == "enforce"'
case_ 214 'TLSA records that cannot be used' unusable.sts.example mta-sts jq='.mx[0].dane == "unusable"'

case_ 220 'two records' two.sts.example none jq='.mta_sts.mode == "absent"'
case_ 221 'a foreign record beside it' foreign.sts.example mta-sts
case_ 221 'blanks before the semicolons' blanks.sts.example mta-sts jq='.mta_sts.id == "1"'
case_ 221 'nearly right: its owner is told' nearly.sts.example none \
	jq='.mta_sts.mode == "absent" and ([.findings[].what | select(test("v=STSv1;"))] != [])'
case_ 222 'id with a hyphen' badid.sts.example none jq='.mta_sts.mode == "absent"'
case_ 223 'no id' noid.sts.example none jq='.mta_sts.mode == "absent"'
case_ 224 'another version' wrongversion.sts.example none jq='.mta_sts.mode == "absent"'
case_ 225 'no record, though there is a policy' norecord.sts.example none jq='.mta_sts.mode == "absent"'
case_ 226 'the record is an alias' recordalias.sts.example mta-sts jq='.mta_sts.mode == "enforce"'
case_ 227 'the record is bogus' recordbogus.sts.example unknown jq='.mta_sts.mode == "unknown"'

case_ 230 'no host' nohost.sts.example none
case_ 231 'the host is an alias' hostalias.sts.example mta-sts
case_ 232 'the host is bogus' hostbogus.sts.example unknown
case_ 233 'connection refused' refused.sts.example unknown
case_ 234 'the certificate is of another name' wrongname.sts.example unknown
case_ 235 'the certificate has expired' expired.sts.example unknown
case_ 236 'the certificate is self-signed' self.sts.example unknown
case_ 237 'no certificate' nocert.sts.example unknown
case_ 238 'a private address' private.sts.example unknown
case_ 242 '404' notfound.sts.example none jq='.mta_sts.mode == "absent"'
case_ 243 '500' failing.sts.example unknown
case_ 244 'redirect' moved.sts.example none
case_ 245 'text/html' html.sts.example none
case_ 246 'more than 64 KiB' big.sts.example unknown jq='.mta_sts.result == "sts-policy-fetch-error"'

case_ 250 'CR LF, and no end of the last line' crlf.sts.example mta-sts
case_ 251 'unknown keys' unknownkeys.sts.example mta-sts
case_ 252 'keys twice' twokeys.sts.example mta-sts jq='.mta_sts.max_age == 86400'
case_ 254 'max_age beyond a year is a year' hugeage.sts.example mta-sts jq='.mta_sts.max_age == 31557600'
for bad in noversion badmode nomx noage longage empty nul; do
	case_ 253 "bad policy: $bad" "$bad.sts.example" none jq='.mta_sts.mode == "absent"'
done

names='([.caa[].name] | join(" "))'
case_ 260 'CAA of its host, with a record' enforce.sts.example mta-sts \
	jq="$names == \"enforce.sts.example mta-sts.enforce.sts.example\""
case_ 261 'CAA of its host, with a record that does not count' badid.sts.example none \
	jq="$names == \"badid.sts.example mta-sts.badid.sts.example\""
case_ 262 'CAA of its host, when the record cannot be told' recordbogus.sts.example unknown \
	jq="$names == \"recordbogus.sts.example mta-sts.recordbogus.sts.example\""
case_ 263 'no CAA of its host without a record' norecord.sts.example none jq="$names == \"norecord.sts.example\""
cases_run

# Only --changes needs what was recorded.
run env XDG_DATA_HOME=/proc/none sealpost check --json enforce.sts.example
is 'no state folder can be created: the verdict' "$(printf %s "$out" | jq -r .protection) $err" 'mta-sts '
mkdir -m 700 "$LAB/tmp/fixed"
mkdir -m 500 "$LAB/tmp/fixed/sealpost"
run env XDG_DATA_HOME="$LAB/tmp/fixed" sealpost check --json enforce.sts.example
is 'read-only state folder: the verdict' "$(printf %s "$out" | jq -r .protection) $err" 'mta-sts '
check_exit 73 env XDG_DATA_HOME=/proc/none sealpost check --changes enforce.sts.example
done_testing
