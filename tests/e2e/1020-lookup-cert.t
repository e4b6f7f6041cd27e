#!/bin/sh
# SPDX-License-Identifier: ISC
# Discovery: what is published, cases 54 to 73. The certificates are made by tests/discovery/make-certs.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"

"$(dirname "$0")/../discovery/make-certs" cert 2>"$LAB/tmp/make-certs" || {
	diag "$(cat "$LAB/tmp/make-certs")"
	exit 1
}
for file in "$LAB"/keys/*@cert.example.pub; do
	address=${file##*/}
	lab-wkd-put "${address%.pub}" "$file" || exit 1
done

good() { # NUMBER TITLE NAME [KEY=VALUE...]
	number=$1
	title=$2
	name=$3
	shift 3
	case_ "$number" "$title" "$name@cert.example" usable method=wkd-advanced "fpr=$name@cert.example" "$@"
}

bad() { # NUMBER TITLE NAME REASON [KEY=VALUE...]
	number=$1
	title=$2
	name=$3
	reason=$4
	shift 4
	case_ "$number" "$title" "$name@cert.example" unusable method=wkd-advanced "reason=$reason" "$@"
}

bad 54 "HTML" html 'not an OpenPGP certificate'
bad 55 "random octets" noise 'not an OpenPGP certificate'
bad 55 "random octets behind a key's first three" key-noise '.'
bad 55 "a message" message 'not an OpenPGP certificate'
bad 55 "a certificate in a message" packed 'not an OpenPGP certificate'
bad 55 "a certificate cut short" cut 'damaged|cut short|not an OpenPGP'
# "noted" stands somewhere in the evidence.
good 56 "armour is tolerated, and noted" armour 'jq=[.evidence | .. | objects | select(.armoured == true)] | length > 0'
bad 57 "secret key" secret 'secret key'
bad 57 "secret key in armour" secret-armour 'secret key'
bad 57 "secret key beside its public one" secret-beside 'secret key'
good 58 "several, revoked first" several1 'reason=2 certificates' \
	'jq=[.evidence.certificates[] | .use + " " + (.chosen | tostring)] == ["revoked false", "usable true"]'
good 58 "several, revoked last" several2 'reason=2 certificates' \
	'jq=[.evidence.certificates[] | .use + " " + (.chosen | tostring)] == ["usable true", "revoked false"]'
bad 58 "more than anybody has" twenty 'more than 16 certificates' \
	'jq=(.evidence.urls | length) == 1 and .evidence.verdict == "unusable"'
good 59 "RSA and newer ECC" both 'reason=2 certificates'
good 59 "newer ECC and RSA" turned
good 59 "ECC and newer RSA" newer-rsa
good 59 "RSA alone" rsa
good 59 "newest expired, older one valid" valid
bad 60 "User ID of somebody else" wrong 'User ID'
bad 60 "the address as somebody else's name" name 'User ID'
bad 60 "the address in somebody else's comment" comment 'User ID'
bad 60 "the address and more" longer 'User ID'
good 61 "bare address as User ID" bare
good 61 "the address in another case" case
good 61 "a comment behind the address" behind
bad 61 "two addresses in brackets" two 'User ID'
good 61 "a User ID of more than 1,024 bytes" long
good 62 "several User IDs with the address" names
bad 63 "revoked User ID beside another one" left 'User ID.*revoked'
good 63 "revoked User ID beside a new one" renamed
good 64 "photo" photo
good 65 "5,000 certifications" crowd
for kind in v3 v5 v6 v9 algorithm; do
	what="of version ${kind#v}"
	[ "$kind" != algorithm ] || what="of an unknown algorithm"
	bad 66 "$what" $kind '.'
	good 66 "$what before a good one" $kind-first 'jq=[.evidence.certificates[].use] == ["unsupported", "usable"]'
	good 66 "$what after a good one" $kind-last
done
bad 67 "no encryption subkey" signonly 'no key that gpg can encrypt to'
bad 68 "expired primary key" expired 'expired on 2020-12-31'
bad 68 "not yet made" future 'future|invalid'
bad 69 "all encryption subkeys expired" stale 'encryption keys have expired'
good 70 "newest encryption subkey expired, older one valid" older
bad 71 "subkey bound by somebody else" foreign 'no key that gpg can encrypt to'
bad 71 "subkey bound by a forged signature" forged 'no key that gpg can encrypt to'
bad 71 "another subkey under a genuine binding" swapped 'no key that gpg can encrypt to'
good 71 "forged subkey, newer than a genuine one" beside
bad 72 "revoked" revoked 'revoked'
bad 72 "revoked, and a copy from before that" copies 'revoked'
good 73 "control and bidi characters in the User ID" bidi
bad 74 "RSA of 1024 bits" weak-primary 'primary key is too weak: RSA of 1024 bits'
bad 74 "encryption subkey, RSA of 1024 bits" weak-subkey 'encryption key is too weak: RSA of 1024 bits'
bad 74 "DSA of 1024 bits" weak-dsa 'primary key is too weak: DSA of 1024 bits'
bad 74 "ElGamal of 1024 bits" weak-elgamal 'encryption key is too weak: ElGamal of 1024 bits'
bad 74 "SHA-1, of today" weak-sha1 'SHA-1 after January 2023' \
	'jq=[.evidence.certificates[].use] == ["weak"]'
bad 74 "RIPEMD-160, of 2020" weak-ripemd 'RIPEMD-160'
good 74 "SHA-1, of 2020" old-sha1
good 74 "RSA of 1024 bits, and a newer subkey" newer
good 75 "superseded from a day to come on" ahead
good 75 "superseded, as somebody else says" ahead-forged
bad 75 "compromised, dated ahead" ahead-hard revoked
cases_run

day=$(date -u -d '+180 days' +%F)
is "case 75: it ends on that day" "$(sealpost lookup --json ahead@cert.example | jq -r '.evidence.certificates[].expires[:10]')" "$day"
is "case 75: nobody else can say so" "$(sealpost lookup --json ahead-forged@cert.example | jq -r '.evidence.certificates[].expires')" null
is "case 75: the certificate keeps it" "$(sealpost lookup --export ahead@cert.example | gpg --batch --list-packets | grep -c 'sigclass 0x20')" 1
printf 'To: ahead@cert.example\n\nsecret\n' >"$LAB/tmp/to-ahead"
lab-import-sender
for pin in first pinned; do
	check_exit 0 sealpost send -t <"$LAB/tmp/to-ahead"
	is "case 75: $pin: the pin ends on that day" "$(sealpost pins show --json ahead@cert.example | jq -r '.expires[:10]')" "$day"
done
sealpost pins forget ahead@cert.example >/dev/null

# Who wants to writes to them all the same; never in clear.
sealpost lookup --pin old-sha1@cert.example >/dev/null
printf 'To: weak-subkey@cert.example\n\nsecret\n' >"$LAB/tmp/weak"
lab-import-sender
check_exit 69 sealpost send -t <"$LAB/tmp/weak"
like "case 74: refused, with the reason" "$err" 'weak-subkey@cert.example: the key that is published cannot be used: .*RSA of 1024 bits'
like "case 74: the hint is the line" "$err" '^hint: .*to = weak-subkey@cert.example.*weak-keys = accept'
unlike "case 74: never clear text" "$err" 'allow-clear'
check_exit 1 sealpost pins allow-clear --last
printf '[policy weak]\nto = weak-subkey@cert.example\nweak-keys = accept\n' >"$LAB/tmp/accept"
check_exit 0 sealpost -C "$LAB/tmp/accept" send -t <"$LAB/tmp/weak"
# Now it has a pin, and the rule holds for that too.
check_exit 69 sealpost send -t <"$LAB/tmp/weak"
like "case 74: a pin is no way around" "$err" 'the key that is pinned cannot be used: .*RSA of 1024 bits'
like "case 74: the hint is the same" "$err" '^hint: .*weak-keys = accept'
check_exit 69 sealpost lookup --offline weak-subkey@cert.example
check_exit 0 sealpost -C "$LAB/tmp/accept" send -t <"$LAB/tmp/weak"
printf '[policy list]\nto = list@cert.example\nkey = %s\n' "$(lab-key weak-subkey@cert.example)" >"$LAB/tmp/list"
printf 'To: list@cert.example\n\nsecret\n' >"$LAB/tmp/to-list"
check_exit 69 sealpost -C "$LAB/tmp/list" send -t <"$LAB/tmp/to-list"
like "case 74: nor is a policy that names it" "$err" 'is too weak'
printf 'weak-keys = accept\n' >>"$LAB/tmp/list"
check_exit 0 sealpost -C "$LAB/tmp/list" send -t <"$LAB/tmp/to-list"
sealpost pins forget weak-subkey@cert.example >/dev/null
sealpost pins forget old-sha1@cert.example >/dev/null

# Without a signer, gpg 2.2 aborts where no cipher is left that all prefer.
printf '[sealpost]\nsign = never\n' >"$LAB/tmp/unsigned"
for name in triple cast nothing small "nothing small" "alice small"; do
	to=
	for one in $name; do to="$to${to:+, }$one@cert.example"; done
	to=$(echo "$to" | sed 's/alice@cert/alice@advanced/')
	printf 'To: %s\n\nsecret\n' "$to" >"$LAB/tmp/ciphers"
	check_exit 0 sealpost -C "$LAB/tmp/unsigned" send -t <"$LAB/tmp/ciphers"
done

# The pinned one of two usable ones, though the other one is newer.
lab-wkd-put both@cert.example "$LAB/keys/first-both@cert.example.pub"
check_exit 0 sealpost lookup --pin both@cert.example
lab-wkd-put both@cert.example "$LAB/keys/both@cert.example.pub"
check_exit 0 sealpost lookup --json both@cert.example
is "case 59: the pinned one of two is used" "$(printf '%s\n' "$out" | jq -r '.fingerprint + " " + .pin')" \
	"$(lab-key first-both@cert.example) match"
is "case 59: nothing else is held or pinned" "$(sealpost pins list --json | jq -c 'select(.address == "both@cert.example")' | jq -r '.fingerprint + " " + (.held | tostring)')" \
	"$(lab-key first-both@cert.example) null"

# What of it would be used.
exported() { # NAME: its export, listed by gpg with colons
	sealpost lookup --export "$1@cert.example" >"$LAB/tmp/$1.asc"
	gpg --batch --with-colons --show-keys "$LAB/tmp/$1.asc" 2>/dev/null
}

packets() { # NAME TAG: how many are exported
	exported "$1" >/dev/null
	gpg --batch --list-packets "$LAB/tmp/$1.asc" 2>/dev/null | grep -c "^# .* tag=$2 "
}

subkeys() { # of the lab's key NAME: key IDs of its encryption subkeys that are valid
	gpg --batch --with-colons --show-keys "$LAB/keys/$1@cert.example.pub" 2>/dev/null |
		awk -F: '/^sub/ && $2 !~ /[eri]/ { print $5 }'
}

is "case 62: only the User IDs with the address are kept" \
	"$(exported names | awk -F: '/^uid/ { print $10 }' | sort | tr '\n' ',')" \
	"First <names@cert.example>,Second <names@cert.example>,names@cert.example,"
is "case 63: the revoked User ID is not the one that is used" \
	"$(sealpost lookup renamed@cert.example | sed -n 's/^  user id *//p')" "New name <renamed@cert.example>"
is "case 64: the photo was there" "$(gpg --batch --list-packets "$LAB/keys/photo@cert.example.pub" | grep -c 'tag=17')" 1
is "case 64: the photo is dropped" "$(packets photo 17)" 0
is "case 65: the certifications were there" "$(gpg --batch --list-packets "$LAB/keys/crowd@cert.example.pub" | grep -c 'tag=2 ')" 5003
is "case 65: the certifications are dropped" "$(packets crowd 2)" 2
is "case 71: the forged subkey was there" \
	"$(gpg --batch --list-packets "$LAB/keys/beside@cert.example.pub" | grep -c 'tag=14 ')" 2
is "case 71: the forged subkey is dropped" "$(exported beside | grep -c '^sub')" 1
is "case 71: the genuine one is kept" "$(exported beside | awk -F: '/^sub/ { print $5 }')" "$(subkeys beside)"
is "case 70: the older subkey is there to be used" "$(exported older | awk -F: '/^sub/ && $2 !~ /[eri]/ { print $5 }')" \
	"$(subkeys older)"

# Nothing that could move a cursor, hide text or turn its direction comes through, whoever prints it.
unsafe() {
	LC_ALL=C.UTF-8 grep -cP '[\x00-\x09\x0b-\x1f\x7f-\x9f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}]'
}

is "case 73: they were there" "$(unsafe <"$LAB/keys/bidi@cert.example.pub" | sed 's/^[1-9].*/some/')" "some"
for options in "lookup" "lookup --json" "lookup --export" "-v lookup" "-v -v lookup --json"; do
	# shellcheck disable=SC2086 # words
	sealpost $options bidi@cert.example >"$LAB/tmp/bidi" 2>&1
	is "case 73: sealpost $options: nothing of them is printed as it came" "$(unsafe <"$LAB/tmp/bidi")" 0
	unlike "case 73: sealpost $options: no line is forged" "$(cat "$LAB/tmp/bidi")" '^status: usable'
done
sealpost lookup bidi@cert.example >"$LAB/tmp/bidi"
like "case 73: but what was there can be seen" "$(cat "$LAB/tmp/bidi")" 'Evil\\x1b\[2J'
like "case 73: its direction too" "$(cat "$LAB/tmp/bidi")" '\\xe2\\x80\\xaeRTL'

# As many encryption subkeys as may be, the newest of them last: gpg takes it, or the first of those of its second.
lab-import-sender
own=$LAB/tmp/subkeys
mkdir -m 700 "$own"
theirs() {
	GNUPGHOME=$own gpg --batch --quiet --passphrase '' "$@" 2>/dev/null
}
theirs --quick-generate-key '<erin@advanced.example>' ed25519 cert
fpr=$(theirs --with-colons --list-keys | awk -F: '/^fpr/ { print $10; exit }')
add() { # N: encryption subkeys
	i=0
	while [ $i -lt "$1" ]; do
		theirs --quick-add-key "$fpr" cv25519 encr
		i=$((i + 1))
	done
	theirs --export "$fpr" >"$LAB/tmp/many"
	lab-wkd-put erin@advanced.example "$LAB/tmp/many"
	rm -rf "$HOME/.cache/sealpost"
}
printf 'From: me@sender.example\nTo: erin@advanced.example\nSubject: x\n\nhello\n' >"$LAB/tmp/mail"
add 64
check_exit 0 sealpost send erin@advanced.example <"$LAB/tmp/mail"
newest=$(theirs --with-colons --list-keys | awk -F: '/^sub/ && $6 > made { made = $6; k = $5 } END { print k }')
like "64 encryption subkeys: sealed to the newest" "$(sed -n '/^-----BEGIN PGP/,/^-----END PGP/p' "$(lab-mails | tail -n 1)" |
	gpg --batch --list-packets --list-only 2>/dev/null)" "^:pubkey enc packet:.*keyid $newest"
sealpost pins forget erin@advanced.example >"$LAB/tmp/forgotten"
add 1
check_exit 69 sealpost send erin@advanced.example <"$LAB/tmp/mail"
like "65: not used, and why" "$err" 'more than 64 subkeys'
done_testing
