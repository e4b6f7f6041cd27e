#!/bin/sh
# SPDX-License-Identifier: ISC
# check: where a domain publishes keys, as its owner sees it. Numbered; each row says what the page and the JSON hold.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

wkd='.wkd | [.method, .policy // "-", (.hosts[] | [.address, .dnssec, .wildcard, .dane, .dane_match, .covers, .key.status] |
	map(. // "-") | join("/"))] | join(" ")'
number=0
row() { # DOMAIN METHOD POLICY ADVANCED-HOST DIRECT-HOST OPENPGPKEY [LINE-OF-THE-PAGE...]
	number=$((number + 1))
	domain=$1
	run sealpost check --json "$domain"
	is "$number $domain: Web Key Directory" "$(printf '%s' "$out" | jq -r "$wkd")" "$2 $3 $4 $5"
	is "$number $domain: OPENPGPKEY" "$(printf '%s' "$out" | jq -r '.openpgpkey | "\(.status)/\(.dnssec)"')" "$6"
	shift 6
	[ $# = 0 ] || page=$(sealpost check "$domain")
	for line; do
		like "$number $domain: $line" "$page" "^ *$line"
	done
}

#   domain                method   policy  openpgpkey.DOMAIN: address/dnssec/wildcard/dane/match/covers/key   DOMAIN
row advanced.example advanced found found/secure/no/none/-/yes/none found/secure/-/none/-/yes/none none/secure \
	'ok +clients ask openpgpkey.advanced.example \(wkd-advanced\)' 'ok +policy file' 'ok +404 for a mailbox without a key'
row tlsa.example advanced found found/secure/no/usable/yes/yes/none none/secure/-/-/-/-/- none/secure
row badtlsa.example unknown - found/secure/no/usable/no/unknown/unknown none/secure/-/-/-/-/- none/secure \
	'unknown +clients cannot tell whether a key exists' 'bad +TLSA record, and the certificate does not match it'
row direct.example direct found none/secure/-/-/-/-/- found/secure/-/none/-/yes/none none/secure \
	'ok +clients ask direct.example \(wkd-direct\)'
row unsigned.example direct found none/insecure/-/-/-/-/- found/insecure/-/insecure/-/yes/none none/insecure
row wild.example none - found/secure/yes/none/-/unknown/unknown found/secure/-/none/-/yes/none found/secure \
	'bad +exists only because the domain answers for every name: it hides the direct method' 'ok +_openpgpkey exists, signed'
row absent.example none - none/secure/-/-/-/-/- none/secure/-/-/-/-/- none/secure 'note +none'
row bogus.example unknown - unknown/bogus/-/unknown/-/-/- unknown/bogus/-/unknown/-/-/- unknown/bogus

# one mailbox, whose key is there: what the servers say of it
lab-wkd-put alice@advanced.example "$LAB/keys/alice@advanced.example.pub" advanced
run sealpost check --json alice@advanced.example
is "the key document" "$(printf '%s' "$out" | jq -r '.wkd.hosts[0] | [.key.status, .key.http_status, .head.status, .key.armoured, .key.tls] |
	map(tostring) | join(" ")')" "found 200 found false webpki"
gpg --quiet --batch --enarmor <"$LAB/keys/alice@advanced.example.pub" 2>/dev/null | sed 's/ARMORED FILE/PUBLIC KEY BLOCK/; /^Comment:/d' \
	>"$LAB/tmp/armoured"
lab-wkd-put alice@advanced.example "$LAB/tmp/armoured" advanced
is "an armoured one is told" "$(sealpost check --json alice@advanced.example | jq -r '.wkd.hosts[0].key.armoured')" true
like "with its mend" "$(sealpost check alice@advanced.example)" 'armour'

# certificates
run sealpost check --json advanced.example
is "each certificate once, its issuer, and how often it was logged" \
	"$(printf '%s' "$out" | jq -r '.ct[] | "\(.name) \(.issuer) \(.scts) \(.logged)"' | sort)" \
	"advanced.example CN=sealpost lab CA 0 no
openpgpkey.advanced.example CN=sealpost lab CA 0 no"

# doctor looks at the list of logs
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nct-log-list = %s/tmp/logs\n' "$LAB" >"$HOME/.config/sealpost/config"
run sealpost doctor
like "a list that is missing" "$out" 'BAD +ct-log-list: .*/tmp/logs: No such file'
echo '{"version": "3", "operators": []}' >"$LAB/tmp/logs"
run sealpost doctor
like "one that is there" "$out" 'ok +ct-log-list: .*/tmp/logs'
echo '<html>' >"$LAB/tmp/logs"
run sealpost doctor
like "another file" "$out" 'ct-log-list: .*/tmp/logs is not a list of certificate transparency logs'


# Of names that are too long to exist nothing is unknown.
long=$(printf '%060d.%060d.%060d.%062d.example' 0 0 0 0 | tr 0 a)
is 'a name of 253 octets' "${#long}" 253
run sealpost check --json "$long"
is 'what would lie below it does not exist' "$(printf '%s\n' "$out" | jq -r '"\(.openpgpkey.status) \(.tlsrpt.status) \(.mta_sts.record)"')" \
	'none none none'
done_testing
