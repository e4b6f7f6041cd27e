#!/bin/sh
# SPDX-License-Identifier: ISC
# TLS reports as they arrive: mails, files, a Maildir, standard input. They are added up, each once, with what to fix and
# whose they are; what cannot be read is told, within a second and 32 MB, and the good ones among it still count.
# shellcheck source=../tap.sh
. "$(dirname "$0")/../tap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${LAB_BUILD:-$top/build}/bin/sealpost
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
[ -x "$bin" ] || skip_all "$bin is not built"
mkdir -p "$work/home/.config/sealpost" "$work/maildir/new" "$work/maildir/cur" "$work/maildir/tmp"
cd "$work" || exit 1
sealpost() {
	env -i HOME="$work/home" PATH="$PATH" "$bin" "$@"
}

cp "$top/tests/fuzz/corpus/report/appendix-b" b.json
gzip -nc b.json >b.json.gz
cp b.json.gz "odd name
$(printf '\033')[2J.gz"

# From d= of the signature, the one who sends, the submitter, the report file.
mail() { # SIGNER FROM SUBMITTER FILE
	printf 'Authentication-Results: mx.here.example; dkim=pass header.d=%s header.s=x\n' "$1"
	printf 'From: TLS reports <tls@%s>\nTo: reports@company-y.example\n' "$2"
	[ -z "$3" ] || printf 'TLS-Report-Submitter: %s\n' "$3"
	printf 'Subject: Report Domain: company-y.example\nMIME-Version: 1.0\n'
	printf 'Content-Type: multipart/report; report-type="tlsrpt"; boundary="b"\n\n--b\n'
	printf 'Content-Type: text/plain; charset=us-ascii\n\nA report.\n\n--b\n'
	printf 'Content-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: base64\n\n'
	base64 "$4"
	printf '\n--b--\n'
}
mail company-x.example mail.company-x.example company-x.example b.json.gz >signed
mail evil.example company-x.example company-x.example b.json.gz >forged
mail company-x.example company-x.example other.example b.json.gz >other-submitter

run sealpost reports b.json
is 'RFC 8460 appendix B: some sessions failed' "$rc" 1
like 'how many' "$out" '^company-y\.example, MTA-STS: 303 of 5629 sessions failed$'
like 'of whom' "$out" '^  2016-04-01, 1 report by Company-X$'
like 'what failed, and what it means' "$out" '^    certificate-expired: .*expired'
like 'what to fix' "$out" '^      fix: renew it'
like 'where, and of which network' "$out" '^ +200  mx2\.mail\.company-y\.example, from 2001:db8:abcd::/48$'
like 'the reason code' "$out" ': X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED$'
like 'whom it comes from is not known' "$out" 'trusted-authserv names no host'
is 'nothing on stderr' "$err" ''

run sealpost reports b.json b.json.gz
like 'the same report counts once' "$out" '303 of 5629'
like 'and that is said' "$out" '1 report came more than once, and counts once'
# In one mail, and in one file: what cannot be read keeps nothing else from counting, and nothing is passed over unsaid.
{ mail company-x.example company-x.example '' b.json.gz | sed '/^--b--/d' && head -c 60 b.json.gz >cut.gz &&
	printf -- '--b\nContent-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: base64\n\n' && base64 cut.gz &&
	printf '\n--b--\n'; } >good-first
{ mail company-x.example company-x.example '' cut.gz | sed '/^--b--/d' &&
	printf -- '--b\nContent-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: base64\n\n' && base64 b.json.gz &&
	printf '\n--b--\n'; } >bad-first
for name in good-first bad-first; do
	run sealpost reports $name
	is "two reports in a mail, $name: one cannot be read" "$rc" 65
	like "$name: which" "$err" "^sealpost: $name: the report is not whole gzip"
	like "$name: the other one counts" "$out" '303 of 5629'
done
{ echo 'From x@company-x.example Thu Nov 26 10:00:00 2026' && cat signed; } >mbox1
{ cat mbox1 && printf '\nFrom y@company-x.example Thu Nov 26 10:00:01 2026\n' && cat signed; } >mbox2
run sealpost reports mbox1
is 'an mbox of one mail' "$rc" 1
run sealpost reports mbox2
is 'an mbox of two: is not read as one' "$rc $out" '65 no TLS reports'
like 'an mbox of two: it says so' "$err" '^sealpost: mbox2: is an mbox of several mails'
run sealpost learn mbox2
is 'learn of an mbox: neither' "$rc" 1
like 'learn of an mbox: it says so' "$err$out" 'mbox2: is an mbox of several mails'

stdin() {
	sealpost reports "$@" - <b.json.gz
}
run stdin --json
is 'standard input' "$(printf '%s\n' "$out" | jq -r 'select(.kind == "policy") | "\(.domain) \(.good) \(.failed)"')" \
	'company-y.example 5326 303'
is 'by day' "$(printf '%s\n' "$out" | jq -c 'select(.kind == "policy") | .days')" \
	'[{"day":"2016-04-01","good":5326,"failed":303}]'
run sealpost reports --csv b.json
is 'CSV: a line for each cause' "$(printf '%s\n' "$out" | wc -l)" 4
like 'CSV: with what counts' "$out" '^company-y\.example,sts,unknown,.*,5326,303,certificate-expired,.*,100'

auth() { # FILE
	sealpost reports --json "$1" | jq -r 'select(.kind == "policy") | .authenticated'
}
is 'no host is trusted: not known' "$(auth signed)" unknown
printf '[sealpost]\ntrusted-authserv = other.example, mx.here.example\n' >home/.config/sealpost/config
is 'signed by the sender' "$(auth signed)" yes
is 'signed by somebody else' "$(auth forged)" no
is 'the submitter is somebody else' "$(auth other-submitter)" no
mail company-x.example company-x.example 'Company X' b.json.gz >named-submitter
is 'the submitter is a name, no domain' "$(auth named-submitter)" yes
sed 's/^Authentication-Results: mx.here/Authentication-Results: evil.here/' signed >elsewhere
is 'a host says so that is not trusted' "$(auth elsewhere)" no
run sealpost reports forged
like 'that is told' "$out" 'NOT authenticated: anybody may have sent this'
sed 's/5326/5327/' b.json | gzip -nc >liar.json.gz
mail evil.example company-x.example company-x.example liar.json.gz >liar
run sealpost reports liar signed
like 'of two with one report-id the authenticated one counts' "$out" '303 of 5629.*'
like 'that they differ is told' "$out" '1 of them differs from the report'

sed -e 's/ 303$/ 0/' b.json | jq -c '.policies[0]["failure-details"] = [] | .policies[0].summary["total-failure-session-count"] = 0' >good.json
check_exit 0 sealpost reports good.json
jq -c 'del(.policies[0].policy["policy-domain"])' good.json >unnamed.json
run sealpost reports unnamed.json
like 'a policy without a domain, as Postfix reports it' "$out" '^no domain named, MTA-STS: 0 of '
check_exit 0 sealpost reports --since 2016-04-02 b.json
like '--since: told' "$out" 'ended before the day'
check_exit 1 sealpost reports --since 2016-04-01 b.json
check_exit 64 sealpost reports --since yesterday b.json
check_exit 64 sealpost reports
run sealpost reports --since
is '--since without a date' "$rc $err" "64 sealpost: --since: needs an argument
hint: sealpost reports --help"
check_exit 64 sealpost reports --json --html b.json
check_exit 0 sealpost reports --json --json good.json
mkfifo idle
check_exit 65 sealpost reports idle
like 'a pipe that nobody writes to is not waited for' "$err" 'idle: is empty'
check_exit 65 sealpost reports nothing
check_exit 65 sealpost reports home
like 'no Maildir' "$err" 'home: is not a Maildir'

# A Maildir, with all sorts of mail.
cp signed maildir/new/1
cp signed maildir/cur/2:2,S
printf 'From: a@b.example\nSubject: lunch\n\nhello\n' >maildir/cur/3:2,
cat >maildir/new/4 <<'END'
From: Some CA <caa@ca.example>
Subject: Certificate request refused
Date: Thu, 26 Nov 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: application/xml

<?xml version="1.0"?><IODEF-Document xmlns="urn:ietf:params:xml:ns:iodef-2.0"><Incident>
<Description>CAA of company-y.example forbids us</Description></Incident></IODEF-Document>
END
run sealpost reports maildir
is 'Maildir: exit' "$rc" 1
like 'Maildir: read once' "$out" '303 of 5629'
like 'Maildir: other mail is counted' "$out" '1 mail holds no TLS report'
like 'Maildir: a notice of an authority, whom it says to be from' "$out" 'CAA iodef.*Some CA.*NOT authenticated'
like 'Maildir: its text' "$out" '\| Description: CAA of company-y.example forbids us'
check_exit 65 sealpost reports maildir/cur/3:2,

# Bombs, each beside a good report.
dd if=/dev/zero bs=1M count=300 2>/dev/null | gzip -1 >zeros.gz
awk 'BEGIN { for (i = 0; i < 200000; i++) printf "[" }' >nested.json
sed -i 's/^/{"a":/' nested.json
awk 'BEGIN { printf "{\"organization-name\":\"x\",\"report-id\":\"y\",\"policies\":[{\"failure-details\":[{}"
	for (i = 0; i < 1000000; i++) printf ",{\"result-type\":\"certificate-expired\",\"failed-session-count\":1}"
	printf "]}]}" }' >details.json
gzip -9nc details.json >details.json.gz
awk 'BEGIN { printf "{\"a\":[1"; for (i = 0; i < 1900000; i++) printf ",1"; printf "]}" }' >values.json
awk 'BEGIN { for (i = 0; i < 60000; i++) printf "{\"a\":" }' >objects.json
sed 's/"report-id"/"report-id": "x", "report-id"/' b.json >twice.json
sed 's/100,*$/"100"/' b.json >typed.json
sed 's/2016-04-01T00/2016-13-01T00/' b.json >dated.json
sed 's/Company-X/Company\\u001b[2JX/' b.json >controls.json
head -c 500 b.json.gz >cut.json.gz
awk 'BEGIN { print "From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n"
	for (i = 0; i < 100000; i++) print "--b\nContent-Type: application/tlsrpt+json\n\n{}"; print "--b--" }' >parts
for bomb in zeros.gz nested.json details.json details.json.gz values.json objects.json twice.json typed.json dated.json \
	controls.json cut.json.gz parts; do
	# Address sanitizer has its own memory; the time is a bound on what a bomb could cost, which is minutes.
	run env -i HOME="$work/home" PATH="$PATH" timeout 5 /usr/bin/time -o usage -f '%e %M' "$bin" reports --json "$bomb" signed
	is "$bomb: could not be read" "$rc" 65
	is "$bomb: the good one counts" "$(printf '%s\n' "$out" | jq -r 'select(.kind == "policy") | .failed')" 303
	like "$bomb: which one it was" "$err" "^sealpost: $bomb: "
	if strings "$bin" 2>/dev/null | grep -q __asan_init; then
		skip 2 'address sanitizer'
	else
		ok "$bomb: within a second" awk 'END { exit !($1 < 1) }' usage
		ok "$bomb: within 32 MB" awk 'END { exit !($2 < 32768) }' usage
	fi
done
many() {
	sealpost reports - <details.json
}
check_exit 65 many

if command -v script >/dev/null; then
	for columns in 50 80; do
		env -i HOME="$work/home" PATH="$PATH" TERM=xterm script -qec "stty cols $columns; $bin reports b.json maildir" /dev/null |
			tr -d '\r' >term
		ok "$columns columns: fits" awk -v n=$columns 'length > n { bad = 1; print "# " $0 } END { exit bad || NR < 15 }' term
	done
else
	skip 2 'script is not installed'
fi
run sealpost reports odd*
is 'odd name: read' "$rc" 1
run sealpost reports "$work/odd
$(printf '\033')x"
unlike 'odd name: made safe' "$err" "$(printf '\033')"

# It may read what it is given, and write nothing.
if command -v strace >/dev/null; then
	strace -f -o trace env -i HOME="$work/home" PATH="$PATH" "$bin" reports signed >/dev/null 2>&1
	is 'no socket' "$(grep -c 'socket(AF_INET' trace)" 0
	is 'nothing is opened for writing' "$(grep -E 'open(at)?\(.*O_(WRONLY|RDWR|CREAT)' trace | grep -vc /dev/null)" 0
else
	skip 2 'strace is not installed'
fi
ok 'full disk is told' sh -c 'env -i HOME="$0/home" PATH="$PATH" "$1" reports "$0/b.json" >/dev/full 2>/dev/null; [ $? = 74 ]' \
	"$work" "$bin"
done_testing
