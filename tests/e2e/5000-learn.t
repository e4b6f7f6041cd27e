#!/bin/sh
# SPDX-License-Identifier: ISC
# learn: keys in received mail become candidates, which are used where nothing is published, never over a pin, a rejected
# key, or what a domain publishes; the network is not asked.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"

lab-import-sender
conf 'encrypt = prefer'
db=$HOME/.local/share/sealpost/pins.db
theirs() {
	[ -d "$LAB/tmp/other" ] || mkdir -m 700 "$LAB/tmp/other"
	GNUPGHOME=$LAB/tmp/other gpg --batch --quiet --yes --passphrase '' "$@" 2>/dev/null
}
make_key() { # ADDRESS FILE: its fingerprint
	theirs --quick-gen-key "Somebody <$1>" future-default default
	fpr=$(theirs --with-colons --list-keys "<$1>" | sed -n '/^pub/,/^fpr/s/^fpr:*\([0-9A-F]*\):/\1/p' | tail -n 1)
	theirs --export "$fpr" >"$2"
	echo "$fpr"
}
# A mail with an Autocrypt field. WHEN: as date(1) has it.
from() { # ADDRESS KEYFILE PREFER WHEN [FIELD...]
	printf 'From: Somebody <%s>\nTo: me@sender.example\nDate: %s\n' "$1" "$(date -R -d "$4")"
	printf 'Message-ID: <%s.%s>\nSubject: s\n' "$(date +%s.%N)" "$1"
	[ -z "$2" ] || printf 'Autocrypt: addr=%s;%s keydata=\n%s\n' "$1" "${3:+ prefer-encrypt=$3;}" "$(base64 -w 70 <"$2" | sed 's/^/ /')"
	shift 4
	[ $# = 0 ] || printf '%s\n' "$@"
	printf '\nhello\n'
}
learn() { # of the mail in $LAB/tmp/learn
	run sealpost learn "$@" <"$LAB/tmp/learn"
}
try() { # ADDRESS
	mail "$1" >"$LAB/tmp/mail"
	run sealpost send "$1" <"$LAB/tmp/mail"
}
last() {
	lab-mails | tail -n 1
}
goes() { # NAME ADDRESS
	try "$2"
	is "$1: sent" "$rc" 0
	like "$1: in clear" "$(cat "$(last)")" '^the text'
}
seals() { # NAME FPR ADDRESS
	try "$3"
	is "$1: sent" "$rc" 0
	unlike "$1: sealed" "$(cat "$(last)")" '^the text'
	like "$1: to that key" "$(sealpost why --sent -n 1 | tr -d ' \n')" "$2"
}

# 1 mutual: used where nothing is published
ann=ann@absent.example
ann_fpr=$(make_key $ann "$LAB/tmp/ann")
goes "1 before" $ann
from $ann "$LAB/tmp/ann" mutual '3 days ago' >"$LAB/tmp/learn"
learn
is "1 learnt" "$rc" 0
like "1 said" "$out" "^$ann: $ann_fpr \(autocrypt\) is used where nothing is published"
check_exit 0 sealpost lookup --json $ann
is "1 lookup finds it" "$(printf '%s' "$out" | jq -r '[.status,.method,.fingerprint]|join(" ")')" "usable learnt $ann_fpr"
like "1 lookup shows it" "$out" "\"candidates\": *\[\{.*$ann_fpr.*\"used\": *true"
check_exit 1 sealpost pins list
run sealpost learn "$LAB/tmp/learn"
is "1 again: nothing to say" "$rc $out$err" "0 "
run sealpost -q send --explain $ann <"$LAB/tmp/mail"
like "1 explained" "$out" "learnt from mail"
seals "1 after" "$ann_fpr" $ann
like "1 it is the pin" "$(sealpost pins list --json)" "$ann.*$ann_fpr.*learnt-use"
run sealpost pins show --json $ann
like "1 its evidence" "$out" '"learnt": *\{"autocrypt": *\{.*"message_id"'

# 2 no preference: named, and used when a person says so
ben=ben@absent.example
ben_fpr=$(make_key $ben "$LAB/tmp/ben")
from $ben "$LAB/tmp/ben" '' '3 days ago' >"$LAB/tmp/learn"
learn
like "2 said" "$out" "^$ben: $ben_fpr \(autocrypt\) is not used automatically; to use it: sealpost pins accept $ben $ben_fpr"
goes "2 in clear" $ben
like "2 why names it" "$(sealpost why --sent -n 1)" "received mail has $ben_fpr"
run sealpost pins show $ben
is "2 shown" "$rc" 0
like "2 shown as what it is" "$out" "learnt +$ben_fpr"
run sealpost lookup $ben
like "2 lookup shows it" "$out" "in your mail +$ben_fpr\$"
mail $ben >"$LAB/tmp/mail"
run sealpost send --encrypt=require $ben <"$LAB/tmp/mail"
is "2 a key is demanded: not sent" "$rc" 69
like "2 a key is demanded: the way out" "$err" "^hint: sealpost pins accept $ben $ben_fpr"
check_exit 0 sealpost pins accept $ben "$ben_fpr"
seals "2 accepted" "$ben_fpr" $ben
like "2 where it is from" "$(sealpost pins list --json | grep $ben)" '"method": *"learnt"'

# 3 attached
cleo=cleo@absent.example
cleo_fpr=$(make_key $cleo "$LAB/tmp/cleo")
attach() { # ADDRESS KEYFILE ENCODING: its mail
	printf 'From: %s\nTo: me@sender.example\nDate: %s\nMIME-Version: 1.0\n' "$1" "$(date -R -d yesterday)"
	printf 'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nhello\n'
	printf -- '--b\nContent-Type: application/pgp-keys; name="k.asc"\nContent-Disposition: attachment\n'
	if [ "$3" = base64 ]; then
		printf 'Content-Transfer-Encoding: base64\n\n%s\n' "$(base64 <"$2")"
	else
		printf '\n%s\n' "$(gpg --enarmor <"$2" 2>/dev/null | sed 's/PGP ARMORED FILE/PGP PUBLIC KEY BLOCK/')"
	fi
	printf -- '--b--\n'
}
attach $cleo "$LAB/tmp/cleo" base64 >"$LAB/tmp/learn"
learn
like "3 binary" "$out" "^$cleo: $cleo_fpr \(attached\) is not used automatically"
check_exit 0 sealpost pins forget $cleo
attach $cleo "$LAB/tmp/cleo" armour >"$LAB/tmp/learn"
learn
like "3 armoured" "$out" "^$cleo: $cleo_fpr \(attached\)"
run sealpost -v learn "$LAB/tmp/learn"
like "3 one is one" "$out" '^1 mail, 0 of them sealed; 1 key, 0 of them new; 0 left out$'
attach dora@absent.example "$LAB/tmp/cleo" base64 >"$LAB/tmp/learn"
learn -- -
is "3 another's key" "$rc $out" "0 "
run sealpost -v learn "$LAB/tmp/learn"
like "3 another's key: why" "$err" "left out: dora@absent.example: "

# 4 what Autocrypt rules out, each with its reason
eve=eve@absent.example
make_key $eve "$LAB/tmp/eve" >/dev/null
left_out() { # NAME ERE, of that mail
	run sealpost -v learn - <"$LAB/tmp/learn"
	is "4 $1: read" "$rc" 0
	like "4 $1: why" "$err" "left out: .*$2"
	is "4 $1: no candidate" "$(sqlite3 "$db" "SELECT count(*) FROM candidate WHERE address LIKE 'eve@%'")" 0
}
from $eve "$LAB/tmp/eve" mutual yesterday | sed "s/^Autocrypt: addr=$eve/Autocrypt: addr=$ann/" >"$LAB/tmp/learn"
left_out "another address" 'another address than From'
from $eve "$LAB/tmp/eve" mutual yesterday | sed 's/prefer-encrypt/critical/' >"$LAB/tmp/learn"
left_out "a critical attribute" 'not known'
{
	from $eve "$LAB/tmp/eve" mutual yesterday | sed '/^$/,$d'
	from $eve "$LAB/tmp/eve" mutual yesterday | sed -n '/^Autocrypt/,$p'
} >"$LAB/tmp/learn"
left_out "two of them" 'there are several'
head -c 9000 /dev/urandom >"$LAB/tmp/huge"
from $eve "$LAB/tmp/huge" mutual yesterday >"$LAB/tmp/learn"
left_out "too long" 'longer than 10 KiB'
head -c 900 /dev/zero >"$LAB/tmp/junk" # at random it would be a packet at times
from $eve "$LAB/tmp/junk" mutual yesterday >"$LAB/tmp/learn"
left_out "not a key" 'holds no key'
from $eve "$LAB/tmp/ann" mutual yesterday >"$LAB/tmp/learn"
left_out "a key of somebody else" 'User ID'
theirs --export-secret-keys "$eve" >"$LAB/tmp/secret"
from $eve "$LAB/tmp/secret" mutual yesterday >"$LAB/tmp/learn"
left_out "a secret key" 'secret key'
from $eve "$LAB/tmp/eve" mutual yesterday 'Content-Type: multipart/report; boundary=b' >"$LAB/tmp/learn"
left_out "a report" 'report'
from "$eve>, <$ann" "$LAB/tmp/eve" mutual yesterday >"$LAB/tmp/learn"
left_out "two in From" 'not exactly one'
from $eve "$LAB/tmp/eve" mutual yesterday 'List-Id: <l.absent.example>' "List-Post: <mailto:$eve>" >"$LAB/tmp/learn"
left_out "a list in From" 'mailing list'
from $eve "$LAB/tmp/eve" mutual yesterday 'List-Id: <l.absent.example>' 'X-Original-From: <x@y.example>' >"$LAB/tmp/learn"
left_out "From rewritten" 'mailing list'
from $eve "$LAB/tmp/eve" mutual yesterday 'Resent-From: x@y.example' 'Resent-To: me@sender.example' >"$LAB/tmp/learn"
left_out "resent" 'resent'
conf 'encrypt = prefer' 'trusted-authserv = mx.sender.example'
from $eve "$LAB/tmp/eve" mutual yesterday 'Authentication-Results: mx.sender.example; dkim=fail header.d=absent.example' >"$LAB/tmp/learn"
left_out "not signed by its domain" 'does not confirm'
from $eve "$LAB/tmp/eve" mutual yesterday 'Authentication-Results: mx.sender.example; dkim=pass header.d=absent.example' >"$LAB/tmp/learn"
learn --json
like "4 signed by its domain" "$out" '"authenticated": *true'
check_exit 0 sealpost pins forget $eve
conf 'encrypt = prefer'
{
	printf 'From: %s\nDate: %s\n' $eve "$(date -R)"
	i=0
	while [ $i -lt 3000 ]; do
		printf 'Autocrypt: addr=%s; keydata=AAAA\n' $eve
		i=$((i + 1))
	done
	printf '\nx\n'
} >"$LAB/tmp/learn"
left_out "three thousand of them" 'several'

# 5 by Date, not by the order of reading
fay=fay@absent.example
old_fpr=$(make_key $fay "$LAB/tmp/old")
new_fpr=$(make_key $fay "$LAB/tmp/new")
mkdir -p "$LAB/tmp/box/cur" "$LAB/tmp/box/new" "$LAB/tmp/box/tmp"
from $fay "$LAB/tmp/new" mutual '2 days ago' >"$LAB/tmp/box/cur/1"
from $fay "$LAB/tmp/old" mutual '9 days ago' >"$LAB/tmp/box/new/2"
from $fay '' '' '50 days ago' >"$LAB/tmp/box/cur/3"
run sealpost learn --json "$LAB/tmp/box"
is "5 a Maildir" "$rc" 0
like "5 the newer one is used" "$(printf '%s\n' "$out" | grep "$new_fpr")" '"used": *true'
like "5 the older one is not" "$(printf '%s\n' "$out" | grep "$old_fpr")" '"used": *false'
like "5 all of it" "$out" '"mails": *3'
state() {
	sqlite3 "$db" "SELECT * FROM candidate c JOIN candidate_seen USING (address, fpr) ORDER BY 1, 2; SELECT * FROM candidate_mail; SELECT address, fpr, state FROM pin; SELECT * FROM sealed; SELECT count(*) FROM log" | sha256sum
}
before=$(state)
run sealpost learn "$LAB/tmp/box" "$LAB/tmp/box/cur/1" "$LAB/tmp/box/new/2"
is "5 again: all as it was" "$(state)" "$before"
like "5 again: nothing new" "$out" '^5 mails, 0 of them sealed; 2 keys, 0 of them new'
from $fay '' '' 'now' >"$LAB/tmp/learn"
learn
seals "5 the newer one" "$new_fpr" $fay

# 6 its owner has long been writing without it
gus=gus@absent.example
make_key $gus "$LAB/tmp/gus" >/dev/null
from $gus "$LAB/tmp/gus" mutual '60 days ago' >"$LAB/tmp/learn"
learn
from $gus '' '' 'yesterday' >"$LAB/tmp/learn"
learn
goes "6 without it since" $gus
like "6 said" "$(sealpost why --sent -n 1)" 'written without it since'

# 7 a pin stays, whatever mails say; what they say is kept beside it
carl_fpr=$(make_key carl@absent.example "$LAB/tmp/carl")
other_fpr=$(make_key carl@absent.example "$LAB/tmp/carl2")
check_exit 0 sealpost pins import "$LAB/tmp/carl"
from carl@absent.example "$LAB/tmp/carl2" mutual 'yesterday' >"$LAB/tmp/learn"
learn
like "7 held" "$out" "^carl@absent.example: $other_fpr \(autocrypt\) is held; the pin $carl_fpr stays"
seals "7 to the pin" "$carl_fpr" carl@absent.example
run sealpost pins show carl@absent.example
like "7 beside it" "$out" "learnt +$other_fpr"
run sealpost pins show --json carl@absent.example
like "7 in JSON" "$out" "\"candidates\": *\[\{.*$other_fpr"
check_exit 0 sealpost pins reject carl@absent.example "$other_fpr"
from carl@absent.example "$LAB/tmp/carl2" mutual 'now' >"$LAB/tmp/learn"
learn
is "7 rejected: left out" "$rc $out" "0 "
seals "7 still to the pin" "$carl_fpr" carl@absent.example
from carl@absent.example "$LAB/tmp/carl" mutual 'now' >"$LAB/tmp/learn"
learn -- "$LAB/tmp/learn"
like "7 the same" "$out" "is the pin"

# 8 what a domain publishes comes first, and later too
hal=hal@advanced.example
hal_fpr=$(make_key $hal "$LAB/tmp/hal")
from $hal "$LAB/tmp/hal" mutual 'yesterday' >"$LAB/tmp/learn"
learn
seals "8 nothing published" "$hal_fpr" $hal
published=$(lab-new-key $hal "$LAB/tmp/published")
lab-wkd-put $hal "$LAB/tmp/published"
run sealpost refresh --all
like "8 replaced, in one line" "$out$err" "$hal.*replaced"
seals "8 the published one" "$published" $hal
alice=alice@advanced.example
make_key $alice "$LAB/tmp/alice" >/dev/null
from $alice "$LAB/tmp/alice" mutual 'yesterday' >"$LAB/tmp/learn"
learn
try $alice
is "8 published before: sent" "$rc" 0
unlike "8 not to the learnt one" "$(sealpost pins list --json | grep $alice)" learnt

# 9 a revocation of the pin counts wherever it is seen
ira=ira@absent.example
ira_fpr=$(make_key $ira "$LAB/tmp/ira")
check_exit 0 sealpost pins import "$LAB/tmp/ira"
sed 's/^:-----BEGIN/-----BEGIN/' "$LAB/tmp/other/openpgp-revocs.d/$ira_fpr.rev" | theirs --import
theirs --export "$ira_fpr" >"$LAB/tmp/ira"
from $ira "$LAB/tmp/ira" mutual 'yesterday' >"$LAB/tmp/learn"
learn
try $ira
is "9 revoked: not sent" "$rc" 69
like "9 revoked: said" "$err" 'revoked'

# 10 answers to a sealed mail of somebody else's
sealed() { # RECIPIENT: a sealed mail to us, which we received
	printf 'From: %s\nTo: me@sender.example\nDate: %s\nMessage-ID: <sealed@absent.example>\nSubject: ...\n' "$1" "$(date -R -d yesterday)"
	printf 'MIME-Version: 1.0\nContent-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n'
	printf -- '--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n'
	printf 'Content-Type: text/plain\n\nsecret\n' | gpg --batch --trust-model always --armor --encrypt -r me@sender.example 2>/dev/null
	printf -- '\n--b--\n'
}
sealed zoe@absent.example >"$LAB/tmp/learn"
learn --json
like "10 it is sealed" "$out" '"sealed": *1'
mail zoe@absent.example 'In-Reply-To: <sealed@absent.example>' >"$LAB/tmp/mail"
run sealpost send zoe@absent.example <"$LAB/tmp/mail"
is "10 an answer: not in clear" "$rc" 69
like "10 an answer: why" "$err" 'sealed@absent.example'
mail zoe@absent.example 'In-Reply-To: <other@absent.example>' >"$LAB/tmp/mail"
check_exit 0 sealpost send zoe@absent.example <"$LAB/tmp/mail"

# 11 the certificate of a valid signature
kim=kim@absent.example
kim_fpr=$(make_key $kim "$LAB/tmp/kim")
signed() { # TEXT-TO-SEND OPTION...: a mail that is signed
	text=$1
	shift
	printf 'Content-Type: text/plain\r\n\r\nhello  \r\n\r\nbye\r\n' >"$LAB/tmp/part"
	theirs --armor --detach-sign --local-user "$kim_fpr" "$@" <"$LAB/tmp/part" >"$LAB/tmp/part.sig"
	printf 'From: %s\nDate: %s\nMIME-Version: 1.0\n' $kim "$(date -R -d yesterday)"
	printf 'Content-Type: multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary="b b"\n\nx\n--b b\n'
	printf '%s\n\nhello  \n\nbye\n\n' 'Content-Type: text/plain' | sed "s/hello/$text/"
	printf -- '--b b\nContent-Type: application/pgp-signature; name=s.asc\n\n'
	cat "$LAB/tmp/part.sig"
	printf -- '\n--b b--\n'
}
signed hello >"$LAB/tmp/learn"
learn
is "11 no certificate: nothing" "$out" ''
if signed hello --include-key-block >"$LAB/tmp/learn" && grep -q 'BEGIN PGP SIGNATURE' "$LAB/tmp/learn"; then
	signed HELLO --include-key-block >"$LAB/tmp/learn"
	learn
	is "11 the text is another: nothing" "$out" ''
	signed hello --include-key-block >"$LAB/tmp/learn"
	learn
	like "11 it brings its certificate" "$out" "^$kim: $kim_fpr \(signature\) is not used automatically"
	check_exit 0 sealpost pins forget $kim
fi
# Beside the key that it attaches.
attach $kim "$LAB/tmp/kim" base64 >"$LAB/tmp/learn"
learn
like "11 attached before" "$out" "\(attached\)"
signed hello >"$LAB/tmp/learn"
learn --json
like "11 signed by a key that is stored" "$out" '"how": *"signature"'
before=$(state)
learn
is "11 again: all as it was" "$(state)" "$before"

# 12 gossip within a mail that is sealed to us
mail "$ann, $kim, me@sender.example" >"$LAB/tmp/mail"
check_exit 0 sealpost pins accept $kim "$kim_fpr"
check_exit 0 sealpost send $ann $kim me@sender.example <"$LAB/tmp/mail"
cp "$(last)" "$LAB/tmp/learn"
mv "$HOME/.local/share/sealpost" "$LAB/tmp/first"
learn
is "12 closed: nothing" "$(printf '%s' "$out" | grep -c gossip)" 0
learn --decrypt
like "12 one" "$out" "^$ann: $ann_fpr \(gossip\) is not used automatically"
like "12 the other" "$out" "^$kim: $kim_fpr \(gossip\) is not used automatically"
like "12 whose word it is" "$(sealpost pins show --json $ann)" '"from": *"me@sender.example"'
goes "12 not used by itself" $ann
sed "s/$kim/other@absent.example/g" "$LAB/tmp/learn" >"$LAB/tmp/moved"
check_exit 0 sealpost pins forget $kim
run sealpost -v learn --decrypt "$LAB/tmp/moved"
like "12 not of somebody who did not get it" "$err" 'did not go'
is "12 not noted" "$(sqlite3 "$db" "SELECT count(*) FROM candidate WHERE address = '$kim'")" 0
rm -rf "$HOME/.local/share/sealpost"
mv "$LAB/tmp/first" "$HOME/.local/share/sealpost"

# 13 moved to another machine: each source with its evidence
sealpost pins export >"$LAB/tmp/pins"
like "13 a candidate" "$(cat "$LAB/tmp/pins")" '^state: learnt'
like "13 with its evidence" "$(cat "$LAB/tmp/pins")" '^evidence: \{"date":.*"message_id":'
kept() {
	sqlite3 "$db" "SELECT address, fpr, source, first, last, mutual, evidence FROM candidate_seen ORDER BY 1, 2, 3; SELECT address, fpr, state, method, coalesce(json_extract(evidence, '\$.evidence'), evidence) FROM pin WHERE state <> 'rejected' AND NOT revoked ORDER BY 1"
}
kept >"$LAB/tmp/kept"
mv "$HOME/.local/share/sealpost" "$LAB/tmp/first"
run sealpost pins import "$LAB/tmp/pins"
like "13 imported" "$out" 'learnt'
kept >"$LAB/tmp/kept2"
is "13 all of it" "$(diff "$LAB/tmp/kept" "$LAB/tmp/kept2")" ''
rm -rf "$HOME/.local/share/sealpost"
mv "$LAB/tmp/first" "$HOME/.local/share/sealpost"

# 14 errors, and no network
run sealpost learn "$LAB/tmp/is-not-there"
is "14 no such file" "$rc" 1
like "14 no such file: said" "$err" 'is-not-there'
: >"$LAB/tmp/empty"
run sealpost learn "$LAB/tmp/empty"
is "14 empty" "$rc" 1
run sealpost learn --wrong
is "14 no such option" "$rc" 64
from jo@elsewhere.example '' '' yesterday >"$LAB/tmp/learn"
run strace -f -qq -e trace=socket,connect -o "$LAB/tmp/trace" sealpost learn "$LAB/tmp/learn" "$LAB/tmp/box"
is "14 traced" "$rc" 0
is "14 no internet socket" "$(grep -c 'AF_INET' "$LAB/tmp/trace")" 0

# 15 as many files as a shell's pattern names
mkdir "$LAB/tmp/many"
for i in $(seq 120); do
	from "p$i@elsewhere.example" '' '' yesterday >"$LAB/tmp/many/$i"
done
run sealpost learn "$LAB"/tmp/many/*
is "15 each of many files is read" "$rc$err" 0
like "15 all of them" "$out" '^120 mails'

done_testing
