#!/bin/sh
# SPDX-License-Identifier: ISC
# Autocrypt: the sender's key in every mail, the recipients' keys inside; nothing of hidden ones.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
bob=bob@direct.example
erin=erin@advanced.example
mkdir -p "$HOME/.config/sealpost"

cat >"$LAB/tmp/unfold" <<'PERL'
undef $/;
my $text = <STDIN>;
$text =~ s/\r//g;
my ($head) = $text =~ /\A(.*?\n)\n/s or die;
$head =~ s/\n[ \t]/ /g;
print $head;
PERL
header() { # FILE: its header, unfolded
	perl "$LAB/tmp/unfold" <"$1"
}
keydata() { # binary, of the fields given
	sed 's/.*keydata= *//; s/ //g' | base64 -d
}
last() {
	mail=$(lab-mails | tail -n 1)
	header "$mail" >"$LAB/tmp/outside"
}
open() {
	lab-decrypt "$mail" >"$LAB/tmp/plain" 2>/dev/null
	header "$LAB/tmp/plain" >"$LAB/tmp/inside"
}

cat >"$LAB/tmp/mail" <<'MAIL'
From: Me <me@sender.example>
To: Alice <alice@advanced.example>, bob@direct.example, Me <me@sender.example>
Bcc: erin@advanced.example
Subject: s

text
MAIL

# Sealed, to several and one hidden.
lab-wkd-put me@sender.example "$LAB/keys/me@sender.example.pub" direct 2>/dev/null || true
check_exit 0 sealpost send -- $alice $bob $erin <"$LAB/tmp/mail"
is "silent" "$out$err" ""
is "two copies" "$(lab-mails | wc -l)" 2
for mail in $(lab-mails); do
	header "$mail" >"$LAB/tmp/outside"
	open
	is "one header outside" "$(grep -c '^Autocrypt:' "$LAB/tmp/outside")" 1
	like "of From, without a wish" "$(cat "$LAB/tmp/outside")" '^Autocrypt: addr=me@sender.example; keydata= '
	is "the same inside" "$(grep '^Autocrypt:' "$LAB/tmp/inside")" "$(grep '^Autocrypt:' "$LAB/tmp/outside")"
	is "protected" "$(sed -n 's/^HP-Outer: Autocrypt:/Autocrypt:/p' "$LAB/tmp/inside")" \
		"$(grep '^Autocrypt:' "$LAB/tmp/outside")"
	unlike "gossip is not outside" "$(cat "$LAB/tmp/outside")" 'Gossip'
	is "gossip of the others who are named" \
		"$(sed -n 's/^Autocrypt-Gossip: addr=\([^;]*\); keydata=.*/\1/p' "$LAB/tmp/inside" | tr '\n' ' ')" "$alice $bob "
	unlike "nothing of the hidden one" "$(cat "$LAB/tmp/plain")" 'erin'
	unlike "not in HP-Outer" "$(cat "$LAB/tmp/inside")" 'HP-Outer: Autocrypt-Gossip'
	grep '^Autocrypt' "$LAB/tmp/inside" >"$LAB/tmp/fields.$(basename "$mail")"
done
is "both copies have the same fields" "$(cat "$LAB"/tmp/fields.* | sort -u | wc -l)" 3

grep '^Autocrypt:' "$LAB/tmp/outside" | keydata >"$LAB/tmp/own"
is "five packets" "$(gpg --batch --list-packets "$LAB/tmp/own" 2>/dev/null | sed -n 's/^:\([a-zID ]*\)packet.*/\1/p' | tr '\n' ',')" \
	"public key ,user ID ,signature ,public sub key ,signature ,"
is "it is the sender's" "$(gpg --batch --show-keys --with-colons "$LAB/tmp/own" | sed -n '/^fpr/{s/[^0-9A-F]//g;p;q}')" \
	"$(lab-key me@sender.example)"
grep '^Autocrypt-Gossip: addr=alice' "$LAB/tmp/inside" | keydata >"$LAB/tmp/gossip"
is "and alice's is what was sealed to" \
	"$(gpg --batch --show-keys --with-colons "$LAB/tmp/gossip" | sed -n '/^fpr/{s/[^0-9A-F]//g;p;q}')" "$(lab-key $alice)"

# To one alone: no gossip.
printf 'From: me@sender.example\nTo: %s\n\ntext\n' $alice >"$LAB/tmp/one"
check_exit 0 sealpost send -- $alice <"$LAB/tmp/one"
last
open
unlike "no gossip to one alone" "$(cat "$LAB/tmp/inside")" 'Gossip'

# In clear, and signed.
printf 'From: me@sender.example\nTo: nobody@absent.example\n\ntext\n' >"$LAB/tmp/clear"
check_exit 0 sealpost send -- nobody@absent.example <"$LAB/tmp/clear"
last
is "one in a clear mail" "$(grep -c '^Autocrypt: addr=me@sender.example; keydata=' "$LAB/tmp/outside")" 1
printf '[sealpost]\nsign = always\nautocrypt = mutual\n' >"$HOME/.config/sealpost/config"
check_exit 0 sealpost send -- nobody@absent.example <"$LAB/tmp/clear"
last
is "and in a signed one" "$(grep -c '^Autocrypt: addr=me@sender.example; prefer-encrypt=mutual; keydata=' "$LAB/tmp/outside")" 1

# The mail program's own stays alone.
rm "$HOME/.config/sealpost/config"
printf 'Autocrypt: addr=me@sender.example; keydata=AAAA\n' | cat - "$LAB/tmp/clear" >"$LAB/tmp/own"
check_exit 0 sealpost send -- nobody@absent.example <"$LAB/tmp/own"
last
is "its own" "$(grep '^Autocrypt' "$LAB/tmp/outside")" 'Autocrypt: addr=me@sender.example; keydata=AAAA'

# No key for From, no wish for it.
sed 's/me@sender/other@sender/' "$LAB/tmp/clear" >"$LAB/tmp/other"
check_exit 0 sealpost send -- nobody@absent.example <"$LAB/tmp/other"
last
unlike "without a key" "$(cat "$LAB/tmp/outside")" 'Autocrypt'
printf '[sealpost]\nautocrypt = no\n' >"$HOME/.config/sealpost/config"
check_exit 0 sealpost send -- $alice $bob <"$LAB/tmp/mail"
last
open
unlike "autocrypt = no" "$(cat "$LAB/tmp/outside" "$LAB/tmp/inside")" 'Autocrypt'

# What somebody else wrote of others' keys does not travel.
printf 'Autocrypt-Gossip: addr=erin@advanced.example; keydata=AAAA\n' | cat - "$LAB/tmp/clear" >"$LAB/tmp/own"
check_exit 0 sealpost send -- nobody@absent.example <"$LAB/tmp/own"
last
unlike "no gossip in clear" "$(cat "$LAB/tmp/outside")" 'Gossip'

# A sign-key that is not there stops what it is to sign, and nothing else.
printf '[sealpost]\nsign-key = none@sender.example\n' >"$HOME/.config/sealpost/config"
check_exit 0 sealpost -v send -- nobody@absent.example <"$LAB/tmp/clear"
like "said with -v" "$err" 'no Autocrypt header: sign-key'
done_testing
