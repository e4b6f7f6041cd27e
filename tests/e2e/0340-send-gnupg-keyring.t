#!/bin/sh
# SPDX-License-Identifier: ISC
# A key for the recipient lies in the user's gpg keyring, and nothing is published: a person is asked (gnupg = ask), or it
# is used where its validity allows that (use), until the domain publishes one.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"

lab-import-sender
nobody=nobody@absent.example
conf 'encrypt = prefer'
last() {
	lab-mails | tail -n 1
}
# A key for somebody: made elsewhere, so that no secret key lies here.
make_key() { # UID FILE
	[ -d "$LAB/tmp/other" ] || mkdir -m 700 "$LAB/tmp/other"
	GNUPGHOME=$LAB/tmp/other gpg --batch --quiet --passphrase '' --quick-gen-key "$1" future-default default 2>/dev/null
	GNUPGHOME=$LAB/tmp/other gpg --batch --export "$1" >"$2"
	GNUPGHOME=$LAB/tmp/other gpg --batch --with-colons --list-keys "$1" | sed -n '/^pub/,/^fpr/s/^fpr:*\([0-9A-F]*\):/\1/p'
}
fpr=$(make_key "Nobody <$nobody>" "$LAB/tmp/nobody.pgp")
forget() {
	gpg --batch --yes --delete-keys "$fpr" 2>/dev/null
}
try() { # leaves rc, out, err
	mail $nobody >"$LAB/tmp/mail"
	run sealpost send $nobody <"$LAB/tmp/mail"
}
asks() { # NAME
	try
	is "$1: refused" "$rc" 69
	like "$1: with the fingerprint" "$err" "not sent: $nobody: .*your gpg keyring has one: $fpr"
	like "$1: with both lines" "$err" "^hint: gpg --export $fpr \| sealpost pins import -; .*sealpost pins allow-clear $nobody"
}
goes() { # NAME
	try
	is "$1: sent" "$rc" 0
	like "$1: in clear" "$(cat "$(last)")" '^the text'
}

goes "1 no key"
gpg --batch --quiet --import "$LAB/tmp/nobody.pgp" 2>/dev/null
asks "2 imported by hand, its validity unknown"
forget
gpg --batch --quiet --key-origin dane --import "$LAB/tmp/nobody.pgp" 2>/dev/null
goes "3 it came from the DNS"
forget
gpg --batch --quiet --key-origin wkd,https://absent.example/ --import "$LAB/tmp/nobody.pgp" 2>/dev/null
goes "4 it came from a directory"
gpg --batch --quiet --yes --trust-model always --local-user me@sender.example --quick-lsign-key "$fpr" >/dev/null 2>&1
gpg --batch --with-colons --list-keys me@sender.example | sed -n '/^pub/,/^fpr/s/^fpr:*\([0-9A-F]*\):/\1:6:/p' | gpg --batch --quiet --import-ownertrust 2>/dev/null
asks "5 from the network, but certified since"
forget
gpg --batch --quiet --key-origin file --import "$LAB/tmp/nobody.pgp" 2>/dev/null
asks "6 it came from a file"
conf 'encrypt = prefer' 'gnupg = ignore'
goes "7 ignored"
conf 'encrypt = prefer' '[policy x]' "to = $nobody" 'gnupg = ignore'
goes "8 ignored by a rule"
conf 'encrypt = prefer'
printf 'trust\n1\ndisable\nsave\n' | gpg --batch --command-fd 0 --no-tty --edit-key "$fpr" >/dev/null 2>&1
goes "9 disabled"
printf 'enable\nsave\n' | gpg --batch --command-fd 0 --no-tty --edit-key "$fpr" >/dev/null 2>&1
asks "10 enabled again"

# 11 the hint, carried out
check_exit 0 sh -c "gpg --batch --export $fpr | sealpost pins import -"
try
is "11 imported: sent" "$rc" 0
unlike "11 imported: sealed" "$(cat "$(last)")" '^the text'
check_exit 0 sealpost pins forget $nobody
check_exit 0 sealpost pins allow-clear $nobody
goes "12 allowed"

# 13 the keyring cannot be read: nobody is said to have no key
check_exit 0 sealpost pins forget $nobody
mkdir -m 700 "$LAB/tmp/odd\"name"
cp "$HOME/.gnupg/pubring.kbx" "$LAB/tmp/odd\"name"
mail $nobody >"$LAB/tmp/mail"
run env GNUPGHOME="$LAB/tmp/odd\"name" sealpost send $nobody <"$LAB/tmp/mail"
is "13 a keyring that cannot be read: not sent" "$rc" 75
like "13 a keyring that cannot be read: said" "$err" "not sent: $nobody: .*your gpg keyring, which may have a key, cannot be read"

# 14 there is a keyring, and no gpg that could read it
mkdir -m 700 "$LAB/tmp/few" "$LAB/tmp/nogpg"
mkdir -m 700 "$LAB/tmp/ring" && cp "$HOME/.gnupg/pubring.kbx" "$LAB/tmp/ring"
ln -s /usr/bin/* "$LAB/tmp/few" && rm "$LAB"/tmp/few/gpg*
program=$(command -v sealpost)
mail $nobody >"$LAB/tmp/mail"
run env PATH="$LAB/tmp/few" GNUPGHOME="$LAB/tmp/ring" "$program" send $nobody <"$LAB/tmp/mail"
is "14 no gpg: not sent" "$rc" 75
like "14 no gpg: said" "$err" "not sent: $nobody: .*your gpg keyring, which may have a key, cannot be read: gpg is not in PATH"
run env PATH="$LAB/tmp/few" GNUPGHOME="$LAB/tmp/nogpg" "$program" send $nobody <"$LAB/tmp/mail"
is "14 neither gpg nor a keyring: sent" "$rc" 0

# 15 gnupg = use: by validity
conf 'encrypt = prefer' 'gnupg = use'
goes "15 validity unknown: not used"
like "15 why names it" "$(sealpost why --sent)" "$fpr, whose validity is unknown"
check_exit 1 sealpost lookup $nobody
like "15 lookup names it" "$out" "$fpr, whose validity is unknown"
trust() { # FPR: certified by the user, so that its User ID is valid
	gpg --batch --quiet --yes --trust-model always --local-user me@sender.example --quick-lsign-key "$1" >/dev/null 2>&1
	gpg --batch --quiet --check-trustdb >/dev/null 2>&1
}
seals() { # NAME FPR ADDRESS
	mail "$3" >"$LAB/tmp/mail"
	run sealpost send "$3" <"$LAB/tmp/mail"
	is "$1: sent" "$rc" 0
	unlike "$1: sealed" "$(cat "$(last)")" '^the text'
	like "$1: to that key" "$(sealpost why --sent -n 1 | tr -d ' \n')" "$2"
}
trust "$fpr"
mail $nobody >"$LAB/tmp/mail"
run sealpost send --explain $nobody <"$LAB/tmp/mail"
check_exit 0 sealpost lookup --json $nobody
is "16 looked up: found" "$(printf '%s' "$out" | jq -r '[.status,.method,.fingerprint]|join(" ")')" "usable gnupg $fpr"
check_exit 1 sealpost pins show $nobody
seals "16 valid" "$fpr" $nobody
like "16 it is the pin" "$(sealpost pins list --json)" "$nobody.*$fpr.*gnupg-use"
forget
seals "17 no longer in the keyring: the pin stays" "$fpr" $nobody
check_exit 0 sealpost pins reject $nobody
gpg --batch --quiet --import "$LAB/tmp/nobody.pgp" 2>/dev/null
trust "$fpr"
try
is "18 rejected: never used, and not in clear" "$rc" 69

# 19 the domain publishes one later: it replaces the keyring's
late=late@advanced.example
late_fpr=$(make_key "Late <$late>" "$LAB/tmp/late.pgp")
gpg --batch --quiet --import "$LAB/tmp/late.pgp" 2>/dev/null
trust "$late_fpr"
seals "19 before" "$late_fpr" $late
published=$(lab-new-key $late "$LAB/tmp/published")
lab-wkd-put $late "$LAB/tmp/published"
run sealpost refresh --all
like "19 said in one line" "$out$err" "$late.*replaced"
like "19 it is the pin" "$(sealpost pins list --json | grep $late)" "$published"
unlike "19 no longer the keyring's" "$(sealpost pins list --json | grep $late)" gnupg-use

# 19 what the keyring learns of a pin that came from it counts: its owner has a new subkey, revokes them, or all of it
elsewhere() {
	GNUPGHOME=$LAB/tmp/other gpg --batch --quiet --yes --no-tty --passphrase '' "$@" 2>/dev/null
}
imported() { # FPR: as it is now elsewhere
	elsewhere --export "$1" | gpg --batch --quiet --import 2>/dev/null
}
dead() { # NAME ERE ADDRESS
	mail "$3" >"$LAB/tmp/mail"
	run sealpost send "$3" <"$LAB/tmp/mail"
	is "$1: not sent" "$rc" 69
	like "$1: why" "$err" "not sent: $3: .*$2"
}
sub=sub@absent.example
sub_fpr=$(make_key "Sub <$sub>" "$LAB/tmp/sub.pgp")
gpg --batch --quiet --import "$LAB/tmp/sub.pgp" 2>/dev/null
trust "$sub_fpr"
seals "19 pinned" "$sub_fpr" $sub
elsewhere --quick-add-key "$sub_fpr" cv25519 encr
imported "$sub_fpr"
seals "19 a new subkey" "$sub_fpr" $sub
like "19 the pin has it" "$(sealpost pins log --json $sub | jq -r .event | tr '\n' ' ')" 'pinned updated'
printf '%s\n' 'key 1' 'key 2' revkey y 0 '' y save | elsewhere --command-fd 0 --edit-key "$sub_fpr"
imported "$sub_fpr"
dead "19 its subkeys are revoked" 'its encryption keys are revoked' $sub
like "19 the hint" "$err" "^hint: once your gpg keyring has it renewed: gpg --export $sub_fpr \| sealpost pins import -$"
elsewhere --quick-add-key "$sub_fpr" cv25519 encr
imported "$sub_fpr"
ok "19 renewed" sh -c "gpg --batch --export $sub_fpr | sealpost pins import -"
seals "19 renewed" "$sub_fpr" $sub
sed 's/^:-----BEGIN/-----BEGIN/' "$LAB/tmp/other/openpgp-revocs.d/$sub_fpr.rev" | elsewhere --import
imported "$sub_fpr"
check_exit 69 sealpost lookup $sub
dead "19 revoked" 'the pinned key is revoked' $sub

# 20 a domain that cannot be asked
lost=nobody@refused.example
lost_fpr=$(make_key "Lost <$lost>" "$LAB/tmp/lost.pgp")
gpg --batch --quiet --import "$LAB/tmp/lost.pgp" 2>/dev/null
mail $lost >"$LAB/tmp/mail"
run sealpost send $lost <"$LAB/tmp/mail"
is "20 validity unknown: not sent" "$rc" 75
trust "$lost_fpr"
seals "20 full validity" "$lost_fpr" $lost

# 20 clear text is allowed where that cannot be told: not past a key of the keyring, nor past a pin of the address without
# its tag, nor where the keyring cannot be read
like "20 the pin is the keyring's" "$(sealpost pins list --json | grep $lost)" gnupg-use
unsure() { # NAME ERE ADDRESS
	mail "$3" >"$LAB/tmp/mail"
	run sealpost send "$3" <"$LAB/tmp/mail"
	is "$1: not sent" "$rc" 75
	like "$1: why" "$err" "not sent: [^ ]*: $2"
}
tag="nobody+tag@refused.example"
other=other@refused.example
other_fpr=$(make_key "Other <$other>" "$LAB/tmp/other.pgp")
gpg --batch --quiet --import "$LAB/tmp/other.pgp" 2>/dev/null
conf 'encrypt = prefer' 'on-unknown = clear'
unsure "20 a tag, by rule" "cannot tell whether a key exists" $tag
like "20 a tag: the hint" "$err" "^hint: .*to = nobody\+tag@refused.example with the line keys = $lost_fpr"
unsure "20 in the keyring, by rule" "cannot tell whether a key is published, and your gpg keyring has $other_fpr" $other
unlike "20 in the keyring: no clear text is offered" "$err" "allow-clear"
mail $other >"$LAB/tmp/mail"
run env GNUPGHOME="$LAB/tmp/odd\"name" sealpost send $other <"$LAB/tmp/mail"
is "20 nobody can read the keyring, by rule: not sent" "$rc" 75
check_exit 0 sealpost pins allow-clear refused.example
conf 'encrypt = prefer'
unsure "20 a tag, in a domain that is allowed" "cannot tell" $tag
unsure "20 in the keyring, in a domain that is allowed" "cannot tell" $other
mail another@refused.example >"$LAB/tmp/mail"
check_exit 0 sealpost send another@refused.example <"$LAB/tmp/mail"
check_exit 0 sealpost pins forget refused.example
conf 'encrypt = prefer' 'gnupg = use'

# 21 marginal validity: certified by somebody whom the user trusts in part
theirs() {
	GNUPGHOME=$LAB/tmp/other gpg --batch --quiet --yes --passphrase '' "$@" 2>/dev/null
}
intro_fpr=$(make_key "Intro <intro@absent.example>" "$LAB/tmp/intro.pgp")
part=part@absent.example
part_fpr=$(make_key "Part <$part>" "$LAB/tmp/part.pgp")
theirs --trust-model always --local-user "$intro_fpr" --quick-sign-key "$part_fpr"
theirs --export "$part_fpr" >"$LAB/tmp/part.pgp"
gpg --batch --quiet --import "$LAB/tmp/intro.pgp" "$LAB/tmp/part.pgp" 2>/dev/null
echo "$intro_fpr:4:" | gpg --batch --quiet --import-ownertrust 2>/dev/null
trust "$intro_fpr"
is "21 gpg says so" "$(gpg --batch --with-colons --list-keys "$part_fpr" 2>/dev/null | sed -n 's/^pub:\(.\):.*/\1/p')" m
seals "21 marginal" "$part_fpr" $part
like "21 said with the pin" "$(sealpost pins show --json $part)" '"validity": *"marginal"'
part=part@refused.example
theirs --quick-add-uid "$part_fpr" "Part <$part>"
theirs --trust-model always --local-user "$intro_fpr" --quick-sign-key "$part_fpr"
theirs --export "$part_fpr" | gpg --batch --quiet --import 2>/dev/null
gpg --batch --quiet --check-trustdb >/dev/null 2>&1
mail $part >"$LAB/tmp/mail"
run sealpost send $part <"$LAB/tmp/mail"
is "21 marginal, and the domain cannot be asked: not sent" "$rc" 75

# 22 a key that is valid and too weak: no clear text
weak=weak@absent.example
theirs --quick-gen-key "Weak <$weak>" rsa1024 default
weak_fpr=$(GNUPGHOME=$LAB/tmp/other gpg --batch --with-colons --list-keys $weak 2>/dev/null | sed -n '/^pub/,/^fpr/s/^fpr:*\([0-9A-F]*\):/\1/p')
theirs --quick-add-key "$weak_fpr" rsa1024 encr
theirs --export "$weak_fpr" | gpg --batch --quiet --import 2>/dev/null
trust "$weak_fpr"
mail $weak >"$LAB/tmp/mail"
run sealpost send $weak <"$LAB/tmp/mail"
is "22 too weak: not sent" "$rc" 69
like "22 too weak: shown" "$err" "not sent: $weak: .*your gpg keyring has one: $weak_fpr"
check_exit 0 sealpost pins allow-clear $weak
run sealpost send $weak <"$LAB/tmp/mail"
is "22 clear text is allowed: sent" "$rc" 0
like "22 clear text is allowed: in clear" "$(cat "$(last)")" '^the text'
conf 'encrypt = prefer' 'gnupg = use' 'weak-keys = accept'
check_exit 0 sealpost pins forget $weak
seals "23 weak keys are accepted" "$weak_fpr" $weak

# 24 it expires, and is renewed in the keyring only: the hint, carried out
conf 'encrypt = prefer' 'gnupg = use'
short=short@absent.example
theirs --quick-gen-key "Short <$short>" future-default default 1y
short_fpr=$(GNUPGHOME=$LAB/tmp/other gpg --batch --with-colons --list-keys $short 2>/dev/null | sed -n '/^pub/,/^fpr/s/^fpr:*\([0-9A-F]*\):/\1/p')
theirs --export "$short_fpr" | gpg --batch --quiet --import 2>/dev/null
trust "$short_fpr"
seals "24 before" "$short_fpr" $short
sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE pin SET expires = unixepoch() - 1 WHERE address = '$short'"
rm -rf "$HOME/.cache/sealpost"
mail $short >"$LAB/tmp/mail"
run sealpost send $short <"$LAB/tmp/mail"
is "24 expired: not sent" "$rc" 69
like "24 expired: who can renew it" "$err" "^hint: .*gpg --export $short_fpr \| sealpost pins import -"
theirs --quick-set-expire "$short_fpr" 2y
theirs --quick-set-expire "$short_fpr" 2y '*'
theirs --export "$short_fpr" | gpg --batch --quiet --import 2>/dev/null
check_exit 0 sh -c "gpg --batch --export $short_fpr | sealpost pins import -"
seals "24 renewed" "$short_fpr" $short

# 25 a damaged keyring of somebody without a key of their own: nobody knows who is in it
conf 'encrypt = prefer'
mkdir -m 700 "$LAB/tmp/public"
for damage in half garbage empty; do
	GNUPGHOME=$LAB/tmp/public gpg --batch --quiet --import "$LAB/keys/alice@advanced.example.pub" 2>/dev/null
	case $damage in
	half) truncate -s 900 "$LAB/tmp/public/pubring.kbx" ;;
	garbage) head -c 900 /dev/zero >"$LAB/tmp/public/pubring.kbx" ;;
	empty) : >"$LAB/tmp/public/pubring.kbx" ;;
	esac
	mail $nobody >"$LAB/tmp/mail"
	run env GNUPGHOME="$LAB/tmp/public" sealpost send $nobody <"$LAB/tmp/mail"
	is "25 $damage: not sent" "$rc" 75
	like "25 $damage: said" "$err" "not sent: $nobody: .*your gpg keyring, which may have a key, cannot be read: .*/pubring.kbx: is damaged"
	like "25 $damage: hint" "$err" '^hint: gpg --list-keys'
	check_exit 75 env GNUPGHOME="$LAB/tmp/public" sealpost pins import --from-gnupg
	rm -f "$LAB/tmp/public/pubring.kbx" "$LAB/tmp/public/pubring.kbx~"
done

done_testing
