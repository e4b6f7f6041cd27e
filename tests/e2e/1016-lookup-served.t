#!/bin/sh
# SPDX-License-Identifier: ISC
# A served domain: an absence that comes another way than its keys did is not known to be one, but not for ever.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"

lab-import-sender
conf 'encrypt = prefer'
to() { # ADDRESS
	mail "$1" >"$LAB/tmp/mail"
	check_exit "${2-0}" sealpost send "$1" <"$LAB/tmp/mail"
}
served() {
	[ ! -x /usr/bin/sqlite3 ] || sqlite3 "$HOME/.local/share/sealpost/pins.db" "$@"
}

# a key by the direct method, and a colleague without one
to dave@unsigned.example
to none@unsigned.example
is "both went out" "$(arrived)" 2

# now somebody says that openpgpkey is there
lab-cert openpgpkey.unsigned.example
lab-dns-add unsigned.example '%web openpgpkey'
mail one@unsigned.example >"$LAB/tmp/mail"
refused 75 'one@unsigned.example: .*came by wkd-direct' one@unsigned.example
like "not yet forgotten" "$err" '^hint: send it again later; once this has lasted for three days'
unlike "no clear text is offered" "$err" 'allow-clear'
to dave@unsigned.example
if [ -x /usr/bin/sqlite3 ]; then
	served 'UPDATE refusal SET time = time - 3 * 24 * 3600'
	refused 75 'one@unsigned.example: .*came by wkd-direct' one@unsigned.example
	is "after three days it may be forgotten" "$(printf '%s\n' "$err" | grep '^hint: ')" \
		'hint: sealpost pins forget unsigned.example'
else
	skip 9 "sqlite3 is not installed"
fi
check_exit 0 sealpost pins forget unsigned.example
to one@unsigned.example
check_exit 1 sealpost pins forget unsigned.example
check_exit 0 sealpost pins show dave@unsigned.example

# a key found the new way makes that the way
key=$(lab-key dave@unsigned.example)
lab-wkd-put dave@unsigned.example "$LAB/keys/dave@unsigned.example.pub" advanced
check_exit 0 sealpost refresh --all
to two@unsigned.example
check_exit 0 sealpost pins show dave@unsigned.example
like "the pin is the same" "$out" "$key"

# and after 400 days nothing is held against anybody
lab-dns-add --replace unsigned.example "$LAB_SRC/tests/lab/zones/unsigned.example"
mail three@unsigned.example >"$LAB/tmp/mail"
refused 75 'three@unsigned.example: .*came by wkd-advanced' three@unsigned.example
if [ -x /usr/bin/sqlite3 ]; then
	served 'UPDATE served SET last = last - 401 * 24 * 3600'
	to three@unsigned.example
else
	skip 1 "sqlite3 is not installed"
fi

# where the way is securely closed there is no doubt
to alice@advanced.example
grep -v openpgpkey "$LAB_SRC/tests/lab/zones/advanced.example" >"$LAB/tmp/closed"
echo '%web @' >>"$LAB/tmp/closed"
lab-dns-add --replace advanced.example "$LAB/tmp/closed"
to none@advanced.example
check_exit 1 sealpost lookup --json other@advanced.example
is "a secure denial" "$(printf %s "$out" | jq -r '.status + " " + .method')" "absent wkd-direct"
done_testing
