#!/bin/sh
# SPDX-License-Identifier: ISC
# refresh: who is asked again and when, and what becomes of a pin whose owner changed something.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

put() { # ADDRESS FINGERPRINT
	gpg --batch --export "$2" >"$LAB/tmp/key"
	lab-wkd-put "$1" "$LAB/tmp/key"
}
make_key() { # ADDRESS: its fingerprint; expires in 30 days
	gpg --batch --quiet --passphrase '' --quick-generate-key "<$1>" ed25519 default 30d 2>/dev/null
	gpg --batch --with-colons --list-keys "<$1>" | awk -F: '/^fpr/ { f = $10; exit } END { print f }'
}
add_encryption() { # FINGERPRINT
	gpg --batch --quiet --passphrase '' --quick-add-key "$1" cv25519 encr 30d 2>/dev/null
}
outcome() { # ADDRESS
	sealpost refresh --json "$1" 2>/dev/null | jq -r .outcome
}
events() { # ADDRESS
	sealpost pins log --json "$1" | jq -r .event | tr '\n' ' '
}
# Pins of another time: what is exported, with other dates.
age() { # DATE
	sealpost pins export | sed "s/^\(first\|last\)-seen: .*/\1-seen: $1T00:00:00Z/" >"$LAB/tmp/aged"
	rm -rf "$HOME/.local/share/sealpost"
	sealpost pins import "$LAB/tmp/aged" >/dev/null
}
requests() {
	wc -l <"$LAB/log/web.log"
}

# nothing there
check_exit 0 sealpost refresh
check_exit 0 sealpost refresh --all --json
is "no pins, nothing said" "$out$err" ""
check_exit 1 sealpost refresh alice@advanced.example
like "no pin: says so" "$err" 'alice@advanced.example: there is no pin'
ok "a domain with an allow-clear" sealpost pins allow-clear absent.example
check_exit 1 sealpost refresh absent.example
like "it has no key of its own" "$out$err" '^sealpost: absent\.example: there is no pin$'
ok "the domain is forgotten" sealpost pins forget absent.example
check_exit 64 sealpost refresh not@@an.example
check_exit 64 sealpost refresh --all alice@advanced.example
check_exit 64 sealpost refresh --nonsense

# due, or not
sealpost lookup --pin alice@advanced.example bob@direct.example carol@dane.example >/dev/null
before=$(requests)
check_exit 0 sealpost refresh
is "fresh pins are not due: nobody is asked" "$out $(requests)" " $before"
check_exit 0 sealpost refresh alice@advanced.example
is "one that is named is asked about" "$out" "alice@advanced.example: unchanged"
check_exit 0 sealpost refresh --all --json
is "all of them: one object each" "$(printf '%s\n' "$out" | jq -r '[.version, .address, .outcome, .held] | join(" ")')" \
	"1 alice@advanced.example unchanged false
1 bob@direct.example unchanged false
1 carol@dane.example unchanged false"
is "with evidence" "$(printf '%s\n' "$out" | jq -r 'select(.evidence.verdict == "usable") | .address' | wc -l)" 3
age "$(date -u -d '8 days ago' +%F)"
check_exit 0 sealpost refresh
is "after a week all are due" "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" \
	"alice@advanced.example: unchanged bob@direct.example: unchanged carol@dane.example: unchanged "
before=$(requests)
check_exit 0 sealpost refresh
is "and then not again" "$out $(requests)" " $before"

# the owner extends the expiry, adds a subkey, revokes
grace=$(make_key grace@advanced.example)
add_encryption "$grace"
put grace@advanced.example "$grace"
sealpost lookup --pin grace@advanced.example >/dev/null
gpg --batch --quiet --passphrase '' --quick-set-expire "$grace" 300d 2>/dev/null
gpg --batch --quiet --passphrase '' --quick-set-expire "$grace" 300d '*' 2>/dev/null
put grace@advanced.example "$grace"
until=$(date -u -d '+300 days' +%F)
check_exit 0 sealpost refresh grace@advanced.example
like "expiry: says what it was and is" "$out" "^grace@advanced.example: updated: .*expires $until, before: "
is "expiry: in the pin" "$(sealpost pins show --json grace@advanced.example | jq -r '.expires[:10]')" "$until"
add_encryption "$grace"
put grace@advanced.example "$grace"
check_exit 0 sealpost refresh grace@advanced.example
like "subkey: says so" "$out" 'updated: .*other encryption keys'
check_exit 0 sealpost refresh grace@advanced.example
is "then it is unchanged" "$out" "grace@advanced.example: unchanged"
# takes back all that can be encrypted to, or the address: the pin is no way around, until the owner has put that right
printf '%s\n' 'key 1' 'key 2' revkey y 0 '' y save | gpg --batch --quiet --yes --command-fd 0 --edit-key "$grace" 2>/dev/null
put grace@advanced.example "$grace"
check_exit 0 sealpost refresh grace@advanced.example
like "all encryption keys revoked: says so" "$out" '^grace@advanced.example: dead: .*its encryption keys are revoked$'
check_exit 69 sealpost lookup --offline grace@advanced.example
like "why" "$out$err" 'the pinned certificate can no longer be used'
is "it is known from then on" "$(outcome grace@advanced.example)" dead
lab-wkd-rm grace@advanced.example
is "also when it is no longer published" "$(outcome grace@advanced.example)" dead
check_exit 69 sealpost lookup --fresh grace@advanced.example
add_encryption "$grace"
put grace@advanced.example "$grace"
check_exit 0 sealpost refresh grace@advanced.example
like "a new one: says so" "$out" 'updated: .*other encryption keys'
check_exit 0 sealpost lookup --offline grace@advanced.example
gpg --batch --quiet --passphrase '' --quick-add-uid "$grace" 'Grace elsewhere <grace@other.example>' 2>/dev/null
gpg --batch --quiet --quick-revoke-uid "$grace" '<grace@advanced.example>' 2>/dev/null
put grace@advanced.example "$grace"
cp -r "$HOME/.local/share/sealpost" "$LAB/tmp/before"
check_exit 0 sealpost pins import "$LAB/tmp/key"
check_exit 69 sealpost lookup --offline grace@advanced.example
rm -r "$HOME/.local/share/sealpost" && mv "$LAB/tmp/before" "$HOME/.local/share/sealpost"
check_exit 0 sealpost refresh grace@advanced.example
like "User ID revoked: says so" "$out" '^grace@advanced.example: dead: .*its User ID for the address is revoked$'
check_exit 69 sealpost lookup --offline grace@advanced.example
sealpost pins export >"$LAB/tmp/moved"
rm -r "$HOME/.local/share/sealpost"
sealpost pins import "$LAB/tmp/moved" >/dev/null
is "moved: still a pin" "$(sealpost pins show --json grace@advanced.example | jq -r .fingerprint)" "$grace"
check_exit 69 sealpost lookup --offline grace@advanced.example
gpg --batch --quiet --passphrase '' --quick-add-uid "$grace" 'Grace <grace@advanced.example>' 2>/dev/null
put grace@advanced.example "$grace"
check_exit 0 sealpost refresh grace@advanced.example
check_exit 0 sealpost lookup --offline grace@advanced.example

lab-wkd-rm grace@advanced.example
check_exit 0 sealpost refresh grace@advanced.example
like "no longer published: kept" "$out" 'grace@advanced.example: kept: .*no longer published'
is "the pin stays in use" "$(sealpost lookup --offline --json grace@advanced.example | jq -r .status)" usable
sed 's/^:-----BEGIN/-----BEGIN/' "$(gpgconf --list-dirs homedir)/openpgp-revocs.d/$grace.rev" | gpg --batch --quiet --import 2>/dev/null
put grace@advanced.example "$grace"
check_exit 0 sealpost refresh grace@advanced.example
like "revoked: says so" "$out" '^grace@advanced.example: revoked: '
is "revoked: in the pin" "$(sealpost pins show --json grace@advanced.example | jq -r .revoked)" true
check_exit 69 sealpost lookup --offline grace@advanced.example
is "revoked: dead from then on" "$(outcome grace@advanced.example)" dead
like "the log has it" "$(events grace@advanced.example)" 'pinned updated .*asked.* revoked '

# a different key
cp "$(lab-wkd-path alice@advanced.example)" "$LAB/tmp/alice.key"
old=$(lab-key alice@advanced.example)
new=$(make_key alice@advanced.example)
add_encryption "$new"
put alice@advanced.example "$new"
check_exit 77 sealpost refresh alice@advanced.example
like "different: held" "$out" '^alice@advanced.example: held: '
like "a hint that can be pasted" "$err" '^hint: sealpost pins show alice@advanced.example$'
is "the pin is what it was" "$(sealpost pins list --json | jq -r 'select(.address == "alice@advanced.example") | .fingerprint + " " + .held.fingerprint')" "$old $new"
check_exit 77 sealpost refresh --all --json
is "the others go on" "$(printf '%s\n' "$out" | jq -r 'select(.outcome == "unchanged") | .address' | wc -l)" 2
cp "$LAB/tmp/alice.key" "$(lab-wkd-path alice@advanced.example)"
check_exit 77 sealpost refresh alice@advanced.example
is "still held, though the old one is back" "$out" "alice@advanced.example: unchanged; another certificate is held"

# one that the old key certified
erin=$(make_key erin@advanced.example)
add_encryption "$erin"
put erin@advanced.example "$erin"
sealpost lookup --pin erin@advanced.example >/dev/null
gpg --batch --quiet --passphrase '' --quick-generate-key 'Erin again <erin@advanced.example>' ed25519 default 30d 2>/dev/null
next=$(gpg --batch --with-colons --list-keys 'Erin again' | awk -F: '/^fpr/ { f = $10; exit } END { print f }')
add_encryption "$next"
gpg --batch --quiet --yes --no-tty --pinentry-mode loopback --passphrase '' -u "$erin" --quick-sign-key "$next" >/dev/null 2>&1
put erin@advanced.example "$next"
check_exit 0 sealpost refresh erin@advanced.example
like "certified by the pinned key: replaced" "$out" '^erin@advanced.example: replaced: '
is "and pinned" "$(sealpost pins show --json erin@advanced.example | jq -r .fingerprint)" "$next"

# the same of a key that a person has verified: a person decides
check_exit 0 sealpost pins verify erin@advanced.example "$next"
third=$(make_key erin@advanced.example)
add_encryption "$third"
gpg --batch --quiet --yes --no-tty --pinentry-mode loopback --passphrase '' -u "$next" --quick-sign-key "$third" >/dev/null 2>&1
put erin@advanced.example "$third"
check_exit 77 sealpost refresh erin@advanced.example
like "verified, and certified by it: held" "$out" '^erin@advanced.example: held: '
is "verified: the pin is what it was" "$(sealpost pins show --json erin@advanced.example | jq -r '.state + " " + .fingerprint')" \
	"verified $next"

# nobody answers
x=$(make_key x@refused.example)
add_encryption "$x"
gpg --batch --export "$x" >"$LAB/tmp/x.key"
sealpost pins import "$LAB/tmp/x.key" >/dev/null
age "$(date -u -d '8 days ago' +%F)"
check_exit 75 sealpost refresh --json x@refused.example bob@direct.example
is "no answer: unknown, and the others go on" "$(printf '%s\n' "$out" | jq -r '.address + " " + .outcome')" \
	"x@refused.example unknown
bob@direct.example unchanged"
like "no answer: and why" "$(printf '%s\n' "$out" | jq -r .reason)" \
	'^the lookup failed; the pinned key stays in use: openpgpkey\.refused\.example: connection refused$'
is "the pin stays in use" "$(sealpost lookup --offline --json x@refused.example | jq -r .status)" usable
like "the log says so" "$(sealpost pins log x@refused.example)" ' kept '
check_exit 0 sealpost refresh carol@dane.example
run sealpost refresh
unlike "it is not tried again at once" "$out" 'x@refused.example'

# progress: on a terminal, after a second, and gone at the end
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\ntimeout = 2\n' >"$HOME/.config/sealpost/config"
d=$(make_key x@dead.example)
add_encryption "$d"
gpg --batch --export "$d" >"$LAB/tmp/d.key"
sealpost pins import "$LAB/tmp/d.key" >/dev/null
if command -v script >/dev/null; then
	on_tty=$(TERM=vt100 script -qec 'sealpost refresh x@dead.example' /dev/null | tr '\r' '\n')
	like "progress on a terminal" "$on_tty" '^sealpost: refresh: 0 of 1$'
	on_tty=$(TERM=vt100 script -qec 'sealpost refresh bob@direct.example' /dev/null | tr '\r' '\n')
	unlike "none when it is quick" "$on_tty" 'of 1'
else
	skip 2 'script is not installed'
fi
check_exit 75 sealpost refresh x@dead.example
is "none elsewhere" "$err" ""

# what is not asked about
sealpost pins allow-clear nobody@absent.example >/dev/null
run sealpost refresh --all
unlike "where clear text is allowed nobody is asked" "$out" 'absent.example'
check_exit 0 sealpost refresh nobody@absent.example
check_exit 64 sealpost refresh ''
is "nothing on a pipe but the lines" "$(sealpost refresh bob@direct.example 2>&1 >/dev/null)" ""

is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""
is "nothing is left running" "$(running)" ""
done_testing
