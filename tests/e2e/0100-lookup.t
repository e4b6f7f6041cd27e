#!/bin/sh
# SPDX-License-Identifier: ISC
# lookup: each way to find a key, each way not to, and what is said of it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

json() { # ADDRESS FILTER
	sealpost lookup --json "$1" | jq -r "$2"
}

verdict() { # CODE ADDRESS STATUS METHOD DNSSEC TLS ABSENCE
	check_exit "$1" sealpost lookup --json "$2"
	is "$2" "$(printf %s "$out" | jq -r '[.status, .method, .dnssec, .tls, .absence] | map(. // "-") | join(" ")')" \
		"$3 $4 $5 $6 $7"
	is "$2: one object, version 1, a reason" \
		"$(printf %s "$out" | jq -r 'select(.version == 1 and (.reason | type) == "string") | .address')" "$2"
}

verdict 0 alice@advanced.example usable wkd-advanced secure webpki -
verdict 0 bob@direct.example usable wkd-direct secure webpki -
verdict 0 carol@dane.example usable openpgpkey secure - -
verdict 0 dave@unsigned.example usable wkd-direct insecure webpki -
for a in alice@advanced.example bob@direct.example carol@dane.example dave@unsigned.example; do
	is "$a: fingerprint" "$(json $a .fingerprint)" "$(lab-key $a)"
done

check_exit 1 sealpost lookup --json nokey@advanced.example
is "no key at the advanced host: proved" "$(printf %s "$out" | jq -r '.status + " " + .absence')" "absent proved"
check_exit 1 sealpost lookup --json nobody@absent.example
is "nothing published at all: proved" "$(printf %s "$out" | jq -r '.status + " " + .absence')" "absent proved"
check_exit 1 sealpost lookup --json nobody@unsigned.example
is "unsigned zone: unproved" "$(printf %s "$out" | jq -r '.status + " " + .absence')" "absent unproved"

for a in x@bogus.example x@refused.example; do
	check_exit 75 sealpost lookup --json $a
	is "$a: unknown, never absent" "$(printf %s "$out" | jq -r '.status + " " + (.absence | tostring)')" "unknown null"
	like "$a: the reason names the host" "$(printf %s "$out" | jq -r .reason)" "${a#x@}"
done
for a in revoked expired signonly wronguid garbage; do
	check_exit 69 sealpost lookup --json $a@advanced.example
	is "$a: unusable" "$(printf %s "$out" | jq -r .status)" unusable
done
like "revoked: says so" "$(json revoked@advanced.example .reason)" 'revoked'
like "expired: says so" "$(json expired@advanced.example .reason)" 'expired'
like "signonly: says so" "$(json signonly@advanced.example .reason)" 'encrypt'
like "wronguid: says so" "$(json wronguid@advanced.example .reason)" 'User ID'
unlike "garbage: its HTML is not shown" "$(json garbage@advanced.example .reason)" '<'

# several at once, the highest exit code, the order of the input
check_exit 75 sealpost lookup --json alice@advanced.example nokey@advanced.example x@bogus.example bob@direct.example
is "in the order of input" "$(printf '%s\n' "$out" | jq -r .address | tr '\n' ' ')" \
	"alice@advanced.example nokey@advanced.example x@bogus.example bob@direct.example "
check_exit 0 sh -c 'printf "alice@advanced.example\n  bob@direct.example \r\n\n" | sealpost lookup --json -'
is "addresses from standard input" "$(printf '%s\n' "$out" | jq -r .status | tr '\n' ' ')" "usable usable "

# export
sealpost lookup --export multi@advanced.example >"$LAB/tmp/multi.asc" 2>"$LAB/tmp/err"
is "export is quiet on stderr" "$(cat "$LAB/tmp/err")" ""
is "other User IDs are gone" \
	"$(gpg --batch --with-colons --show-keys "$LAB/tmp/multi.asc" 2>/dev/null | awk -F: '/^uid/ { n++; u = $10 } END { print n, u }')" \
	"1 multi@advanced.example"
check_exit 69 sealpost lookup --export revoked@advanced.example
is "nothing is exported of what cannot be used" "$out" ""

# without --pin nothing is changed
check_exit 1 sealpost pins list
not_ok "lookup makes no keyring" test -e "$HOME/.local/share/sealpost/pins.db"
check_exit 0 sealpost lookup --pin alice@advanced.example
check_exit 0 sealpost pins list --json
is "--pin pins" "$(printf %s "$out" | jq -r '.address + " " + .fingerprint + " " + .state')" \
	"alice@advanced.example $(lab-key alice@advanced.example) tofu"
is "a second lookup matches the pin" "$(json alice@advanced.example .pin)" match
check_exit 0 sealpost lookup --offline --json alice@advanced.example
is "offline: by the pin" "$(printf %s "$out" | jq -r '.status + " " + .method')" "usable pin"
check_exit 75 sealpost lookup --offline bob@direct.example

# a different key for a pinned address
cp "$(lab-wkd-path alice@advanced.example)" "$LAB/tmp/alice.key"
lab-wkd-put alice@advanced.example "$LAB/keys/frank@advanced.example.pub"
check_exit 0 sealpost lookup --fresh --json alice@advanced.example
is "a key of another User ID does not touch the pin" "$(printf %s "$out" | jq -r '.status + " " + .method')" "usable pin"
lab-new-key alice@advanced.example "$LAB/tmp/new.key" >/dev/null
lab-wkd-put alice@advanced.example "$LAB/tmp/new.key"
check_exit 77 sealpost lookup --fresh --json alice@advanced.example
is "a different key conflicts" "$(printf %s "$out" | jq -r '.status + " " + .pin')" "conflict conflict"
is "the pinned fingerprint is shown beside it" "$(printf %s "$out" | jq -r .pinned_fingerprint)" "$(lab-key alice@advanced.example)"
check_exit 77 sealpost lookup --fresh --pin alice@advanced.example
is "and never replaces the pin" "$(sealpost pins show --json alice@advanced.example | jq -r '.fingerprint')" \
	"$(lab-key alice@advanced.example)"
is "but is held" "$(sealpost pins list --json | jq -r '.held.fingerprint' | wc -c)" 41
lab-wkd-put alice@advanced.example "$LAB/tmp/alice.key"

# what is not an address
for a in '' @ a@ @b.example 'a@@b.example' 'a b@c.example' '-x@b.example' 'a@b..example' 'a@b_c.example'; do
	run sealpost lookup -- "$a"
	is "not an address: '$a'" "$rc" 64
done
check_exit 64 sealpost lookup
check_exit 64 sealpost lookup --nonsense alice@advanced.example
check_exit 1 sealpost lookup root
check_exit 1 sealpost lookup 'x@[192.0.2.1]'

# -v tells the steps
run sealpost -v lookup --fresh alice@advanced.example
like "-v shows DNS" "$err" 'openpgpkey\.advanced\.example'
like "-v shows HTTPS" "$err" 'https://openpgpkey\.advanced\.example/'
is "nothing is left running" "$(running)" ""
is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""
done_testing
