#!/bin/sh
# SPDX-License-Identifier: ISC
# A revocation counts wherever it was seen, and for every address; a sender may have an odd User ID.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"

lab-import-sender
conf 'encrypt = prefer'
home=$LAB/tmp/theirs
mkdir -m 700 "$home"
theirs() {
	gpg --homedir "$home" --batch --quiet --no-tty --pinentry-mode loopback --passphrase '' "$@" 2>/dev/null
}
# make USER-ID...: a key with these User IDs; its fingerprint.
make() {
	theirs --status-fd 1 --quick-generate-key "$1" future-default default never | awk '/KEY_CREATED/ { print $4 }' >"$LAB/tmp/fpr"
	made=$(cat "$LAB/tmp/fpr")
	shift
	for uid in "$@"; do
		theirs --quick-add-uid "$made" "$uid"
	done
}
revoke() { # FPR
	sed 's/^:-----BEGIN/-----BEGIN/' "$home/openpgp-revocs.d/$1.rev" | theirs --import
}
publish() { # ADDRESS
	theirs --export "$made" >"$LAB/tmp/published"
	lab-wkd-put "$1" "$LAB/tmp/published"
}
pinned() { # ADDRESS...: pins them to what is published
	check_exit 0 sealpost lookup --pin "$@"
}
# 1: two addresses of one key; its revocation is published for one of them
make 'P <p1@advanced.example>' 'p2@advanced.example' 'p3@direct.example'
for a in p1@advanced.example p2@advanced.example; do publish "$a"; done
lab-wkd-put p3@direct.example "$LAB/tmp/published" direct
pinned p1@advanced.example p2@advanced.example p3@direct.example
revoke "$made"
publish p1@advanced.example
check_exit 69 sealpost lookup --fresh p1@advanced.example
for a in p1@advanced.example p2@advanced.example p3@direct.example; do
	mail "$a" >"$LAB/tmp/mail"
	refused 69 "$a: .*revoked" "$a"
done

# 2: the same by an import of a certificate that names one of them only
make 'Q <q1@advanced.example>' 'q2@advanced.example'
for a in q1@advanced.example q2@advanced.example; do publish "$a"; done
pinned q1@advanced.example q2@advanced.example
revoke "$made"
theirs --export-filter 'keep-uid=mbox = q1@advanced.example' --export "$made" >"$LAB/tmp/revoked"
check_exit 0 sealpost pins import "$LAB/tmp/revoked"
like "import: says so" "$out" '^q1@advanced.example: revoked '
for a in q1@advanced.example q2@advanced.example; do
	mail "$a" >"$LAB/tmp/mail"
	refused 69 "$a: .*revoked" "$a"
done

# 3: the same by an import of a certificate without any User ID
make 'R <r1@advanced.example>' 'r2@advanced.example'
for a in r1@advanced.example r2@advanced.example; do publish "$a"; done
theirs --export-filter 'keep-uid=mbox = nobody@nowhere.example' --export "$made" >"$LAB/tmp/bare"
check_exit 1 sealpost pins import "$LAB/tmp/bare"
like "nobody is pinned to it" "$out" "^$made: not imported: no User ID of it has an address"
pinned r1@advanced.example r2@advanced.example
revoke "$made"
theirs --export-filter 'keep-uid=mbox = nobody@nowhere.example' --export "$made" >"$LAB/tmp/revoked"
check_exit 0 sealpost pins import "$LAB/tmp/revoked"
like "import without User ID: one" "$out" '^r1@advanced.example: revoked '
for a in r1@advanced.example r2@advanced.example; do
	mail "$a" >"$LAB/tmp/mail"
	refused 69 "$a: .*revoked" "$a"
done

# 4: a sender whose User ID has a comment, or is long
sender() { # NAME USER-ID
	mkdir -m 700 "$LAB/tmp/$1"
	export "GNUPGHOME=$LAB/tmp/$1"
	gpg --batch --quiet --no-tty --pinentry-mode loopback --passphrase '' --quick-generate-key "$2" future-default default never \
		2>/dev/null
	before=$(arrived)
	mail alice@advanced.example >"$LAB/tmp/mail"
	check_exit 0 sealpost send alice@advanced.example <"$LAB/tmp/mail"
	is "sender, $1: sent" "$(arrived)" "$((before + 1))"
	lab-mails | tail -n 1 >"$LAB/tmp/last"
	lab-decrypt "$(cat "$LAB/tmp/last")" >"$LAB/tmp/clear" 2>"$LAB/tmp/status" || :
	like "sender, $1: signed" "$(cat "$LAB/tmp/status")" 'GOODSIG|ERRSIG|NO_PUBKEY'
	gpgconf --kill all
}
sender comment 'Me <me@sender.example> (at work)'
sender long "$(printf 'x%.0s' $(seq 1500)) <me@sender.example>"
gpgconf --homedir "$home" --kill all
done_testing
