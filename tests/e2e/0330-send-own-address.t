#!/bin/sh
# SPDX-License-Identifier: ISC
# Mail to oneself is sealed to one's own key, and nobody is asked for it. A tag on an address that has a pin.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"

lab-import-sender
me=me@sender.example
alice=alice@advanced.example
nobody=nobody@absent.example
conf 'encrypt = prefer'
last() {
	lab-mails | tail -n 1
}
keys_in() { # FILE: to how many keys it is sealed
	sed -n '/^-----BEGIN PGP/,/^-----END PGP/p' "$1" | gpg --batch --list-packets --list-only 2>/dev/null |
		grep -c '^:pubkey enc packet:'
}

# 1 alone
mail $me >"$LAB/tmp/mail"
check_exit 0 strace -f -qq -e trace=%network -o "$LAB/tmp/trace" sealpost send $me <"$LAB/tmp/mail"
unlike "1 to oneself: sealed" "$(cat "$(last)")" 'the text'
is "1 to oneself: to one key" "$(keys_in "$(last)")" 1
unlike "1 to oneself: nobody is asked" "$(cat "$LAB/tmp/trace")" 'sin_port=htons\((53|443)\)'
check_exit 0 sealpost send --explain $me <"$LAB/tmp/mail"
like "1 explained" "$out" 'your own key'
check_exit 0 sealpost lookup --json "$me"
is "1 looked up: the own key" "$(printf '%s' "$out" | jq -r '[.status,.method,.fingerprint,.pin]|join(" ")')" \
	"usable own $(lab-key $me) none"
check_exit 1 sealpost lookup alice@advanced.example "$me" $nobody
like "1 looked up: among others" "$out" '^  found by +own$'
check_exit 1 sealpost lookup --fresh $me
like "1 looked up: --fresh says what others get" "$out" 'absent \(proved\)'

# 2 with one who has a key
mail "$alice, $me" >"$LAB/tmp/mail"
check_exit 0 sealpost send $alice $me <"$LAB/tmp/mail"
is "2 with one who has a key: to both" "$(keys_in "$(last)")" 2

# 3 with one who has none: a copy of what goes in clear is no mixture
mail "$nobody, $me" >"$LAB/tmp/mail"
check_exit 0 sealpost send $nobody $me <"$LAB/tmp/mail"
like "3 with one who has none: in clear" "$(cat "$(last)")" '^the text'
conf 'encrypt = require'
check_exit 69 sealpost send $nobody $me <"$LAB/tmp/mail"
like "3 required: refused for the other" "$err" "not sent: $nobody"
mail $me >"$LAB/tmp/mail"
check_exit 0 sealpost send $me <"$LAB/tmp/mail"
conf 'encrypt = prefer'

# 4 spelt in capitals
mail ME@Sender.Example >"$LAB/tmp/mail"
check_exit 0 sealpost send ME@Sender.Example <"$LAB/tmp/mail"
is "4 in capitals: sealed" "$(keys_in "$(last)")" 1

# 5 where the keyring cannot be asked, whoever has no key may be oneself: not in clear
long=$LAB/tmp/$(printf '%0120d' 0)
mkdir -m 700 "$long" "$LAB/tmp/home2"
gpg --batch --export-secret-keys $me 2>/dev/null | GNUPGHOME=$LAB/tmp/home2 gpg --batch --quiet --import 2>/dev/null
GNUPGHOME=$LAB/tmp/home2 gpgconf --kill gpg-agent
cp -r "$LAB/tmp/home2/pubring.kbx" "$LAB/tmp/home2/private-keys-v1.d" "$long"
mail $nobody >"$LAB/tmp/mail"
before=$(arrived)
run env GNUPGHOME="$long" sealpost send $nobody <"$LAB/tmp/mail"
is "5 no agent: unknown, not absent" "$rc" 75
like "5 no agent: it says so" "$err" "not sent: $nobody: .*it may be your own address, but .*agent"
is "5 no agent: nothing went out" "$(arrived)" "$before"

# 6 a tag
check_exit 0 sealpost lookup --pin bob@direct.example
mail bob+list@direct.example >"$LAB/tmp/mail"
before=$(lab-mails | wc -l)
check_exit 69 sealpost send bob+list@direct.example <"$LAB/tmp/mail"
is "6 a tag: nothing went out" "$(lab-mails | wc -l)" "$before"
like "6 a tag: it says whose pin" "$err" 'the same address without its tag has a pin: bob@direct\.example'
fpr=$(sealpost pins show --json bob@direct.example | jq -r '.. | .fingerprint? // empty' | head -n 1)
like "6 a tag: and the rule that maps it" "$err" "^hint: .*\[policy tag\] to = bob\+list@direct\.example with the line keys = $fpr"
conf 'encrypt = prefer' '[policy tag]' 'to = bob+list@direct.example' "keys = $fpr"
check_exit 0 sealpost send bob+list@direct.example <"$LAB/tmp/mail"
unlike "6 a tag, by that rule: sealed" "$(cat "$(last)")" 'the text'
conf 'encrypt = prefer'
check_exit 0 sealpost pins allow-clear bob+list@direct.example
check_exit 0 sealpost send bob+list@direct.example <"$LAB/tmp/mail"
like "6 a tag, allowed by its name: in clear" "$(cat "$(last)")" '^the text'
mail zed+list@direct.example >"$LAB/tmp/mail"
check_exit 0 sealpost send zed+list@direct.example <"$LAB/tmp/mail"
like "7 a tag on an address without a pin: as any" "$(cat "$(last)")" '^the text'

# 8 whom none of the user's own User IDs names, the secret keys are not listed for. gpg writes down how it is called, where
# sealpost's sandbox lets it.
mkdir "$LAB/tmp/bin"
cat >"$LAB/tmp/bin/gpg" <<'GPG'
#!/bin/sh
echo "$*" >>"$HOME/.cache/sealpost/runs"
exec /usr/bin/gpg "$@"
GPG
chmod 755 "$LAB/tmp/bin/gpg"
PATH=$LAB/tmp/bin:$PATH
lists() { grep -c -e --list-secret-keys "$HOME/.cache/sealpost/runs"; }
rm "$HOME/.cache/sealpost/cache.db"
mail stranger1@insecure.example >"$LAB/tmp/mail"
check_exit 0 sealpost send stranger1@insecure.example <"$LAB/tmp/mail"
before=$(lists)
like "8 the first one: the keyring is asked" "$before" '^[1-9]'
mail stranger2@insecure.example >"$LAB/tmp/mail"
check_exit 0 sealpost send stranger2@insecure.example <"$LAB/tmp/mail"
is "8 another one: it is not asked again" "$(lists)" "$before"
mail $me >"$LAB/tmp/mail"
check_exit 0 sealpost send $me <"$LAB/tmp/mail"
is "8 oneself: sealed" "$(keys_in "$(last)")" 1
touch "$HOME/.gnupg/pubring.kbx"
mail stranger3@insecure.example >"$LAB/tmp/mail"
before=$(lists)
check_exit 0 sealpost send stranger3@insecure.example <"$LAB/tmp/mail"
like "8 the keyring has changed: asked again" "$(($(lists) > before))" '^1$'

done_testing
