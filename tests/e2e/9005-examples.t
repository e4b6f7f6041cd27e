#!/bin/sh
# SPDX-License-Identifier: ISC
# The manual's examples, run as they are printed: each verb has one, and does what the text above it says.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

work=$LAB/tmp/examples
mkdir -p "$work/Maildir/.tlsrpt/new" "$work/Maildir/.tlsrpt/cur" "$work/Maildir/.tlsrpt/tmp"
lab-import-sender
printf 'From: me@sender.example\nTo: alice@advanced.example\nSubject: lunch\n\nat noon\n' >"$work/mail"
printf '%s\n' alice@advanced.example nobody@absent.example >"$work/addresses"
cat >"$work/Maildir/.tlsrpt/new/1" <<'REPORT'
From: tlsrpt@mail.example
Subject: Report Domain: example.org Submitter: mail.example
MIME-Version: 1.0
Content-Type: application/tlsrpt+json

{"organization-name": "Mail", "date-range": {"start-datetime": "2026-11-20T00:00:00Z", "end-datetime":
"2026-11-20T23:59:59Z"}, "contact-info": "tlsrpt@mail.example", "report-id": "1", "policies": [{"policy":
{"policy-type": "sts", "policy-string": [], "policy-domain": "example.org"}, "summary":
{"total-successful-session-count": 3, "total-failure-session-count": 0}}]}
REPORT

# One a line: the commands after "$ ", continued where a pipe ends the line, without mdoc's quotes. The addresses are
# those of the lab.
awk '/^\.Sh/ { on = $2 == "EXAMPLES" } !on { next }
	/^\.Dl \$ / { sub(/^\.Dl \$ /, ""); print; next }
	more { sub(/^ */, ""); print more $0; more = ""; next }
	/^\$ / { sub(/^\$ /, ""); if (/\|$/) more = $0 " "; else print }' "$LAB_SRC/src/man/sealpost.1" |
	sed 's/\\(dq/"/g; s/\\(aq/'"'"'/g; s/alice@example\.org/alice@advanced.example/; s/bob@example\.net/bob@absent.example/
		s/example\.org/advanced.example/' >"$work/commands"

mkdir "$work/keys"
# Somebody whose domain publishes nothing has written.
mkdir -m 700 "$work/theirs" "$work/Maildir/cur" "$work/Maildir/new"
GNUPGHOME=$work/theirs gpg --batch --quiet --passphrase '' --quick-gen-key 'Dan <dan@absent.example>' future-default 2>/dev/null
{
	printf 'From: dan@absent.example\nDate: Thu, 1 Jan 2026 12:00:00 +0000\nAutocrypt: addr=dan@absent.example; '
	printf 'prefer-encrypt=mutual; keydata=\n%s\n\nhello\n' \
		"$(GNUPGHOME=$work/theirs gpg --batch --export dan@absent.example 2>/dev/null | base64 | sed 's/^/ /')"
} >"$work/Maildir/new/1"
printf '[domain]\nname = example.org\nkeys = keys/\nweb = 192.0.2.80\nmta-sts = off\n' >"$work/domains.ini"
sealpost lookup --pin alice@advanced.example >/dev/null
sealpost send --encrypt=require nobody@absent.example <"$work/mail" 2>/dev/null
# No way leads to that resolver: the mail is kept.
printf '[sealpost]\nqueue = unknown\nresolver = %s\n' "$lab_no_resolver" >"$work/offline"
chmod 600 "$work/offline"
sealpost -C "$work/offline" send bob@direct.example <"$work/mail"
cd "$work" || exit 1
# Command, exit code, and what a line of its output has to be like.
while IFS='|' read -r command code like; do
	line=$(grep -F -e "$command" commands | head -n 1)
	isnt "$command: stands in the manual" "$line" ''
	run sh -c "$line"
	is "$line: exit" "$rc" "$code" || diag "$err"
	like "$line: output" "$out" "$like"
	grep -vxF -e "$line" commands >rest
	mv rest commands
done <<'TABLE'
sealpost doctor|0|^ok
sealpost lookup alice@|0|^alice@advanced.example: usable
sealpost send --explain|0|would seal
sealpost filter|0|^-----BEGIN PGP MESSAGE-----
sealpost check|1|advanced.example
sealpost publish write|0|5 files written
sealpost reports|0|example.org
sealpost learn|0|^dan@absent.example: [0-9A-F]* .autocrypt. is used
sealpost why|0|nobody@absent.example
sealpost queue|0|^  bob@direct.example: cannot tell
sealpost pins list|0|alice@advanced.example
sealpost refresh --all|0|alice@advanced.example
sealpost config timeout|0|timeout = 
sealpost help lookup|0|^usage: sealpost lookup
sealpost pins allow-clear|0|bob@absent.example
sealpost pins forget|0|bob@absent.example
sealpost lookup --json|0|^"?alice@advanced.example"?$
TABLE
is 'no other example of sealpost is there' "$(grep '^sealpost' commands)" ''

missing=
for verb in $(sealpost --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	grep -q "^[.Dl\$ ]*sealpost $verb" "$LAB_SRC/src/man/sealpost.1" || missing="$missing $verb"
done
is 'each verb has an example' "$missing" ''
done_testing
