#!/bin/sh
# SPDX-License-Identifier: ISC
# Pins from machine to machine, and to and from other programs: export and import.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

data=$HOME/.local/share/sealpost
pins() { # all pins, one a line
	sealpost pins list --json | jq -r '[.address, .state, .fingerprint // "-", .revoked, .held.fingerprint // "-"] | join(" ")'
}
another_machine() {
	rm -rf "$data"
}
make_key() { # USER-ID [EXPIRY]: its fingerprint
	gpg --batch --quiet --passphrase '' --quick-generate-key "$1" ed25519 default "${2:-30d}" 2>/dev/null
	fpr=$(gpg --batch --with-colons --list-keys "=$1" | awk -F: '/^fpr/ { f = $10 } END { print f }')
	gpg --batch --quiet --passphrase '' --quick-add-key "$fpr" cv25519 encr "${2:-30d}" 2>/dev/null
	echo "$fpr"
}
import() { # CODE FILE
	check_exit "$1" sealpost pins import "$2"
}

alice=$(lab-key alice@advanced.example)
bob=$(lab-key bob@direct.example)
carol=$(lab-key carol@dane.example)

# nothing to export, nothing to import
check_exit 1 sealpost pins export
is "no pins: nothing on stdout" "$out" ""
check_exit 64 sealpost pins import
check_exit 64 sealpost pins import a b
check_exit 64 sealpost pins export more
check_exit 64 sealpost pins export --nonsense
check_exit 74 sealpost pins import "$LAB/tmp/there-is-none"
printf 'nonsense\n' >"$LAB/tmp/nonsense"
import 65 "$LAB/tmp/nonsense"
like "nonsense: named" "$err" 'nonsense: is neither'
: >"$LAB/tmp/empty"
import 65 "$LAB/tmp/empty"

# there and back
sealpost lookup --pin alice@advanced.example bob@direct.example carol@dane.example >/dev/null
sealpost pins verify bob@direct.example "$bob" >/dev/null
sealpost pins allow-clear nobody@absent.example absent.example >/dev/null
pins >"$LAB/tmp/before"
check_exit 0 sealpost pins export
printf '%s\n' "$out" >"$LAB/tmp/pins"
is "one block a pin" "$(grep -c '^pin: ' "$LAB/tmp/pins")" 5
is "the certificates in it are what gpg reads" \
	"$(gpg --batch --with-colons --show-keys "$LAB/tmp/pins" 2>/dev/null | grep -c '^pub')" 3
import 0 "$LAB/tmp/pins"
is "what is known already: unchanged" "$(printf '%s\n' "$out" | grep -cv ': unchanged')" 0
another_machine
import 0 "$LAB/tmp/pins"
is "one line for each" "$(printf '%s\n' "$out" | wc -l)" 5
like "says what became of each" "$out" "^alice@advanced.example: pinned $alice\$"
like "clear text too" "$out" '^nobody@absent.example: clear text is allowed$'
is "the same pins, with their states" "$(pins)" "$(cat "$LAB/tmp/before")"
# Damaged on its way, it is no pile of certificates: some of them may be rejected ones.
sealpost pins reject carol@dane.example >/dev/null
sealpost pins export >"$LAB/tmp/rejecting"
while IFS='|' read -r name code edit; do
	another_machine
	sh -c "$edit" <"$LAB/tmp/rejecting" >"$LAB/tmp/edited"
	import "$code" "$LAB/tmp/edited"
	is "$name: what was rejected is not pinned, and nothing is half imported" \
		"$(pins | grep -c 'carol@dane.example tofu') $(pins | wc -l)" "0 $([ "$code" = 0 ] && echo 5 || echo 0)"
done <<'ROWS'
untouched|0|cat
a byte order mark|0|printf '\357\273\277'; cat
CRLF|0|sed 's/$/\r/'
without its first line|65|sed 1d
one block|65|sed -n '/^pin: carol/,/END PGP/p'
indented|65|sed 's/^/  /'
quoted|65|sed 's/^/> /'
UTF-16|65|iconv -f UTF-8 -t UTF-16
ROWS
another_machine
import 0 "$LAB/tmp/pins"
is "and dates" "$(sealpost pins export | grep -v '^evidence')" "$(grep -v '^evidence' "$LAB/tmp/pins")"
like "and what was told of them there" "$(sealpost pins export)" '^evidence: .*imported from.*"evidence":\{"time"'
is "the pin is used as before" "$(sealpost lookup --offline --json alice@advanced.example | jq -r '.status + " " + .fingerprint')" "usable $alice"
like "its evidence says where it came from" "$(sealpost pins show --json alice@advanced.example | jq -r .evidence.reason)" 'imported from .*/pins'

# what a script does: blocks taken out, files joined, CRLF
another_machine
awk '/^pin: / { out = /bob@/ } !out' "$LAB/tmp/pins" >"$LAB/tmp/some"
cat "$LAB/tmp/some" "$LAB/tmp/pins" | sed 's/$/\r/' >"$LAB/tmp/joined"
check_exit 0 sealpost pins import - <"$LAB/tmp/joined"
is "joined: all are there" "$(pins)" "$(cat "$LAB/tmp/before")"

# nothing is overridden
mallory=$(make_key 'Mallory <alice@advanced.example>')
gpg --batch --armor --export "$mallory" >"$LAB/tmp/mallory.asc"
another_machine
import 0 "$LAB/tmp/mallory.asc"
is "a certificate is pinned as on first use" "$(pins)" "alice@advanced.example tofu $mallory false -"
sealpost pins export >"$LAB/tmp/evil"
another_machine
import 0 "$LAB/tmp/pins"
import 1 "$LAB/tmp/evil"
like "a different one is held" "$out" "^alice@advanced.example: held $mallory: "
like "with a hint" "$err" '^hint: sealpost pins show alice@advanced.example$'
is "the pin is what it was" "$(pins | grep alice)" "alice@advanced.example tofu $alice false $mallory"
import 0 "$LAB/tmp/evil"
third=$(make_key 'Third <alice@advanced.example>')
gpg --batch --export "$third" >"$LAB/tmp/third.key"
import 1 "$LAB/tmp/third.key"
is "what is held is not pushed out either" "$(pins | grep alice)" "alice@advanced.example tofu $alice false $mallory"

# what is held moves along
sealpost pins export >"$LAB/tmp/held"
another_machine
import 1 "$LAB/tmp/held"
is "held there, held here" "$(pins | grep alice)" "alice@advanced.example tofu $alice false $mallory"
{
	echo 'sealpost-pins: 1'
	sed -n '/^state: held/,/^-----END/p' "$LAB/tmp/held" | sed 's/^state: held/pin: alice@advanced.example\n&/'
} >"$LAB/tmp/only-held"
another_machine
import 1 "$LAB/tmp/only-held"
is "held alone is never pinned" "$(pins)" ""

# decisions count only where there is nothing
another_machine
import 0 "$LAB/tmp/pins"
printf 'sealpost-pins: 1\n\npin: alice@advanced.example\nstate: clear\n\npin: Bob@DIRECT.example\nstate: clear\n' >"$LAB/tmp/clear"
import 1 "$LAB/tmp/clear"
is "clear text never takes a pin's place" "$(pins)" "$(cat "$LAB/tmp/before")"
printf 'sealpost-pins: 1\npin: advanced.example\nstate: clear\n' >"$LAB/tmp/clear"
check_exit 0 sealpost lookup --pin alice@advanced.example
import 1 "$LAB/tmp/clear"
like "nor a domain that served a key" "$out" 'has served a key'
another_machine
import 0 "$LAB/tmp/pins"
import 0 "$LAB/tmp/clear"
like "what was imported makes no served domain" "$out" '^advanced.example: clear text is allowed'
another_machine
import 0 "$LAB/tmp/pins"
sed '/^pin: alice/,/^$/s/^state: .*/state: rejected/' "$LAB/tmp/pins" >"$LAB/tmp/rejected"
import 1 "$LAB/tmp/rejected"
is "rejected there never takes a pin's place" "$(pins)" "$(cat "$LAB/tmp/before")"
another_machine
import 0 "$LAB/tmp/rejected"
is "and is taken over where there is nothing" "$(pins | grep alice)" "alice@advanced.example rejected $alice false -"
import 1 "$LAB/tmp/pins"
like "rejected here stays so" "$out" '^alice@advanced.example: not imported .*rejected here'
is "no matter what a file says" "$(pins | grep alice)" "alice@advanced.example rejected $alice false -"
another_machine
sealpost pins allow-clear carol@dane.example >/dev/null
import 0 "$LAB/tmp/pins"
like "a key wins over clear text, and it is said" "$out" "^carol@dane.example: pinned $carol: in place of the allow-clear"
like "verified there, not here: said" "$(another_machine; sealpost lookup --pin bob@direct.example >/dev/null; sealpost pins import "$LAB/tmp/pins")" \
	'^bob@direct.example: unchanged .*verified there'

# the same certificate merges, both ways round
frank=$(make_key 'Frank <frank@advanced.example>')
gpg --batch --export "$frank" >"$LAB/tmp/frank.old"
gpg --batch --quiet --passphrase '' --quick-set-expire "$frank" 300d 2>/dev/null
gpg --batch --quiet --passphrase '' --quick-set-expire "$frank" 300d '*' 2>/dev/null
gpg --batch --export "$frank" >"$LAB/tmp/frank.new"
until=$(date -u -d '+300 days' +%F)
another_machine
import 0 "$LAB/tmp/frank.old"
import 0 "$LAB/tmp/frank.new"
like "newer: updated" "$out" '^frank@advanced.example: updated '
is "newer: in the pin" "$(sealpost pins show --json frank@advanced.example | jq -r '.expires[:10]')" "$until"
import 0 "$LAB/tmp/frank.old"
like "older: unchanged" "$out" '^frank@advanced.example: unchanged '
sealpost pins export >"$LAB/tmp/frank.pins"
sed 's/^:-----BEGIN/-----BEGIN/' "$(gpgconf --list-dirs homedir)/openpgp-revocs.d/$frank.rev" | gpg --batch --quiet --import 2>/dev/null
gpg --batch --export "$frank" >"$LAB/tmp/frank.revoked"
import 0 "$LAB/tmp/frank.revoked"
like "revoked: says so" "$out" '^frank@advanced.example: revoked '
check_exit 69 sealpost lookup --offline frank@advanced.example
import 0 "$LAB/tmp/frank.pins"
is "an older copy does not bring it back" "$(sealpost pins show --json frank@advanced.example | jq -r .revoked)" true
sealpost pins export >"$LAB/tmp/frank.pins"
another_machine
import 1 "$LAB/tmp/frank.revoked"
like "a revoked certificate is not pinned" "$out" '^frank@advanced.example: not imported .*revoked'
import 0 "$LAB/tmp/frank.pins"
is "a revoked pin is: another key shall not take its place unnoticed" "$(pins)" "frank@advanced.example tofu $frank true -"

# files that are damaged or lie: nothing of them is imported
another_machine
bad() { # DESC, message in the error; the file in $LAB/tmp/bad
	check_exit 65 sealpost pins import "$LAB/tmp/bad"
	like "$1" "$err" "$2"
	is "$1: nothing was imported" "$(pins)" ""
}
sed 's/^state: tofu/state: maybe/' "$LAB/tmp/pins" >"$LAB/tmp/bad"
bad "a state that is none" 'line [0-9]*: a value'
sed 's/^pin: carol.*/pin: carol@@dane/' "$LAB/tmp/pins" >"$LAB/tmp/bad"
bad "an address that is none" 'line [0-9]*: a value'
sed 's/^sealpost-pins: 2/sealpost-pins: 3/' "$LAB/tmp/pins" >"$LAB/tmp/bad"
bad "another version" 'another version'
sed 's/^method: .*/trust: complete/' "$LAB/tmp/pins" >"$LAB/tmp/bad"
bad "a field that is not known" 'line [0-9]*: is not of this format'
head -n 20 "$LAB/tmp/pins" >"$LAB/tmp/bad"
bad "cut short" 'line [0-9]*: .*cut short'
head -c 200 "$LAB/tmp/third.key" >"$LAB/tmp/bad"
bad "a certificate cut short" 'damaged'
gpg --batch --armor --export-secret-keys --pinentry-mode loopback --passphrase '' "$mallory" >"$LAB/tmp/bad" 2>/dev/null
bad "a secret key" 'secret key'
sed "s/^fingerprint: $alice/fingerprint: $mallory/" "$LAB/tmp/pins" >"$LAB/tmp/lies"
import 1 "$LAB/tmp/lies"
like "a certificate under another's fingerprint" "$out" "^alice@advanced.example: not imported $mallory: .*not the one"
unlike "is not pinned" "$(pins)" '^alice'
another_machine
sed 's/^pin: alice@advanced.example/pin: boss@advanced.example/' "$LAB/tmp/pins" >"$LAB/tmp/lies"
import 1 "$LAB/tmp/lies"
like "a certificate under another's address" "$out" '^boss@advanced.example: not imported .*User ID'
unlike "is not pinned" "$(pins)" '^boss'

# more than are looked at together, among them a copy under another address, one address twice, and one without a key of its own
another_machine
for i in $(seq 70); do
	printf 'Key-Type: eddsa\nKey-Curve: ed25519\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\nName-Email: m%s@many.example\n%%no-protection\n%%commit\n' "$i"
done >"$LAB/tmp/batch"
mkdir -m 700 "$LAB/tmp/many.gnupg"
GNUPGHOME=$LAB/tmp/many.gnupg gpg --batch --quiet --gen-key "$LAB/tmp/batch" 2>/dev/null
GNUPGHOME=$LAB/tmp/many.gnupg gpg --batch --export >"$LAB/tmp/many" 2>/dev/null
GNUPGHOME=$LAB/tmp/many.gnupg gpgconf --kill all
cat "$LAB/tmp/third.key" >>"$LAB/tmp/many"
import 0 "$LAB/tmp/many"
is "all are pinned" "$(printf '%s\n' "$out" | grep -c ': pinned ')" 71
is "each under its own name" "$(sealpost pins list --json | jq -r .address | grep -c '^m[0-9]*@many.example$')" 70
sealpost pins export | grep -v '^evidence' >"$LAB/tmp/many.pins"
sed 's/^pin: m69@many.example/pin: m1@many.example/; s/^pin: m7@many.example/pin: boss@many.example/' "$LAB/tmp/many.pins" >"$LAB/tmp/lies"
another_machine
import 1 "$LAB/tmp/lies"
is "the others are pinned" "$(printf '%s\n' "$out" | grep -c ': pinned ')" 69
is "in the file's order" "$(printf '%s\n' "$out" | sed 's/: .*//')" "$(sed -n 's/^pin: //p' "$LAB/tmp/lies")"
is "those that lie are not" "$(printf '%s\n' "$out" | grep 'not imported' | sed 's/:.*//' | sort | tr '\n' ' ')" "boss@many.example m1@many.example "
import 0 "$LAB/tmp/many.pins"
is "again: all but two are unchanged" "$(printf '%s\n' "$out" | grep -c ': unchanged')" 69

# certificates: several addresses, several of them
another_machine
gpg --batch --quiet --passphrase '' --quick-add-uid "$third" 'Two <two@advanced.example>' 2>/dev/null
gpg --batch --quiet --passphrase '' --quick-add-uid "$third" 'No address' 2>/dev/null
gpg --batch --export "$third" "$mallory" >"$LAB/tmp/two.key"
import 1 "$LAB/tmp/two.key"
is "two certificates for one address: the first stays, the other is held" "$(pins | grep -c "alice.*tofu.*\($third\|$mallory\)")" 1
is "every address of a certificate" "$(pins | grep two@)" "two@advanced.example tofu $third false -"

# a Shared OpenPGP Certificate Directory
another_machine
import 0 "$LAB/tmp/pins"
certd=$LAB/tmp/pgp.cert.d
file() { # FINGERPRINT
	printf '%s' "$1" | tr 'A-F' 'a-f' | sed "s|^..|$certd/&/|"
}
check_exit 0 sealpost pins export --cert-d "$certd"
is "one file for each certificate" "$(find "$certd" -type f -name '??????*' ! -name writelock | wc -l)" 3
is "its name is its fingerprint" "$(gpg --batch --with-colons --show-keys "$(file "$alice")" 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }')" "$alice"
is "closed to others" "$(stat -c %a "$certd" "$(file "$alice")" | tr '\n' ' ')" "700 600 "
# Relative, and what cannot be one.
for folder in relative ./relative/ relative/../relative; do
	check_exit 0 sh -c "cd '$LAB/tmp' && exec sealpost pins export --cert-d $folder"
done
is "a relative folder: the same" "$(find "$LAB/tmp/relative" -type f ! -name writelock | wc -l)" 3
: >"$LAB/tmp/no-folder"
ln -s /nonexistent "$LAB/tmp/no-link"
mkdir -m 500 "$LAB/tmp/no-writing"
for folder in no-folder no-link no-writing; do
	check_exit 73 sealpost pins export --cert-d "$LAB/tmp/$folder"
	like "$folder: the hint" "$err" '^hint: name a folder'
done
before=$(stat -c '%i %Y' "$(file "$alice")")
check_exit 0 sealpost pins export --cert-d "$certd"
is "nothing new: not written again" "$(stat -c '%i %Y' "$(file "$alice")")" "$before"
gpg --batch --quiet --import "$(file "$alice")" 2>/dev/null
gpg --batch --quiet --yes --no-tty --passphrase '' -u "$third" --quick-sign-key "$alice" >/dev/null 2>&1
gpg --batch --export "$alice" >"$(file "$alice")"
size=$(stat -c %s "$(file "$alice")")
check_exit 0 sealpost pins export --cert-d "$certd"
is "what others put there stays" "$(stat -c %s "$(file "$alice")")" "$size"
is "without touching what is there nor leaving anything" "$(find "$certd" -name '_*')" ""
printf 'damaged' >"$(file "$bob")"
check_exit 1 sealpost pins export --cert-d "$certd"
like "damaged: named" "$err" 'bob@direct.example: not written: .*is not the certificate'
is "and left as it is" "$(cat "$(file "$bob")")" damaged
rm "$(file "$bob")"
ln -s /etc/passwd "$(file "$bob")"
check_exit 74 sealpost pins export --cert-d "$certd"
like "a symbolic link is not followed" "$err" 'symbolic link'
rm "$(file "$bob")"

frank=$(make_key 'Francis <frank@advanced.example>')
gpg --batch --export "$frank" >"$LAB/tmp/frank"
for f in "$frank" "$third"; do
	mkdir -p "$(dirname "$(file "$f")")"
	gpg --batch --export "$f" >"$(file "$f")"
done
printf x >"$certd/_other_program"
import 1 "$certd"
like "a folder: a different one is held" "$out" "^alice@advanced.example: held $third"
unlike "nothing is pinned from it" "$(pins)" '^(frank|two)@'
like "said how many were left alone" "$err" 'without a pin, ignored: [1-9]'
gpg --batch --quiet --passphrase '' --quick-set-expire "$frank" 200d 2>/dev/null
gpg --batch --quiet --passphrase '' --quick-set-expire "$frank" 200d '*' 2>/dev/null
import 0 "$LAB/tmp/frank"
gpg --batch --export "$frank" >"$(file "$frank")"
run sealpost pins import "$certd"
like "but brings pins up to date" "$out" '^frank@advanced.example: updated '
mv "$(file "$frank")" "$(file "$bob")"
run sealpost pins import "$certd"
like "a file under another's name is named" "$err" 'is not the certificate of its name'

# two writers at once
rm -rf "$certd"
sealpost pins export --cert-d "$certd" & one=$!
sealpost pins export --cert-d "$certd" & two=$!
wait "$one"; a=$?
wait "$two"; b=$?
is "two at once" "$a $b $(find "$certd" -type f ! -name writelock | wc -l)" "0 0 4"

# gpg's keyring: only what gpg calls valid
another_machine
ring=$(gpgconf --list-dirs homedir)
gpg --batch --quiet --import "$LAB/keys/dave@unsigned.example.pub" 2>/dev/null
gpg --batch --quiet --import "$LAB/keys/heidi@tlsa.example.pub" 2>/dev/null
heidi=$(lab-key heidi@tlsa.example)
gpg --batch --quiet --yes --no-tty --passphrase '' -u "$third" --quick-sign-key "$heidi" >/dev/null 2>&1
gpg --batch --quiet --check-trustdb 2>/dev/null
sum=$(sha256sum "$ring/pubring.kbx" "$ring/trustdb.gpg")
run sealpost pins import --from-gnupg
like "own keys are of ultimate validity" "$out" "^two@advanced.example: pinned $third\$"
like "what an own key signed is of full validity" "$out" "^heidi@tlsa.example: pinned $heidi\$"
like "the rest is listed" "$out" '^dave@unsigned.example: not imported .*: its validity is unknown'
like "with a way on" "$err" '^hint: .*compared the fingerprint.*: gpg --export [0-9A-F]{40} \| sealpost pins import -$'
unlike "and not pinned" "$(pins)" '^dave'
is "the user's keyring is not changed" "$(sha256sum "$ring/pubring.kbx" "$ring/trustdb.gpg")" "$sum"
is "neither is anything left there" "$(find "$ring" -maxdepth 1 -name '*.lock' -o -maxdepth 1 -name '.#*')" ""
gpg --batch --quiet --yes --delete-secret-and-public-key "$third" 2>/dev/null
mv "$ring" "$ring.away"
check_exit 1 sealpost pins import --from-gnupg
like "no keyring: nothing to import" "$err" 'nothing to import'
mv "$ring.away" "$ring"

gpgconf --kill all
is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""
is "nothing is left running" "$(running)" ""
done_testing
