#!/bin/sh
# SPDX-License-Identifier: ISC
# The user's rules: for an address, a domain, a pattern; for one mail on the command line and in the message; lists and
# aliases.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"

lab-import-sender
last() {
	lab-mails | tail -n 1
}
sent() { # HOW ARGUMENT...
	how=$1
	shift
	count=$(arrived)
	check_exit 0 sealpost send "$@" <"$LAB/tmp/mail"
	isnt "something went out" "$(arrived)" "$count"
	case $how in
	sealed) like "sealed" "$(cat "$(last)")" '^-----BEGIN PGP MESSAGE' ;;
	clear) like "in clear" "$(cat "$(last)")" '^the text' ;;
	esac
	unlike "no X-Sealpost goes out" "$(cat "$(last)")" '^X-Sealpost'
}
a=alice@advanced.example
n=nobody@absent.example
u=nobody@unsigned.example

# absence = proved
mail $u >"$LAB/tmp/mail"
conf
sent clear $u
conf 'absence = proved'
refused 69 "$u: no key is published, but this is not proved, and absence = proved" $u
like "allow-clear settles it" "$err" "^hint: sealpost pins allow-clear $u"
mail $n >"$LAB/tmp/mail"
sent clear $n
conf '[policy u]' 'to = unsigned.example' 'absence = proved'
mail $u >"$LAB/tmp/mail"
refused 69 'absence = proved in .policy u.' $u
mail $u >"$LAB/tmp/mail"
sent clear --absence=any $u

# mixed, by policy: the strictest of anybody's counts
mail "$a, $n" >"$LAB/tmp/mail"
conf 'mixed = split' '[policy a]' 'to = *@advanced.example' 'mixed = refuse'
refused 69 'mixed = refuse in .policy a.' $a $n
sent any --mixed=split $a $n
conf 'mixed = split'
mail "$a, $n" 'X-Sealpost: mixed=refuse' >"$LAB/tmp/mail"
refused 69 "mixed = refuse in the message's X-Sealpost" $a $n
refused 69 "mixed = refuse in the message's X-Sealpost" --mixed=split $a $n

# the message tightens, never loosens
conf
mail $n 'X-Sealpost: encrypt=require' >"$LAB/tmp/mail"
refused 69 "encrypt = require in the message's X-Sealpost" $n
refused 69 "encrypt = require in the message's X-Sealpost" --encrypt=prefer $n
conf 'encrypt = require'
mail $n 'X-Sealpost: encrypt=never' >"$LAB/tmp/mail"
refused 69 'encrypt = require' $n
sent clear --encrypt=prefer $n
mail $a 'x-sealpost: encrypt=never; absence=proved;' >"$LAB/tmp/mail"
sent sealed $a
for wrong in 'encrypt=requires' 'encypt=require' 'secret' 'key=0' 'encrypt=require, mixed=refuse'; do
	mail $a "X-Sealpost: $wrong" >"$LAB/tmp/mail"
	refused 65 'X-Sealpost: ' $a
done
mail $a >"$LAB/tmp/mail"
check_exit 64 sealpost send --encrypt=always $a <"$LAB/tmp/mail"
check_exit 64 sealpost send --public=yes $a <"$LAB/tmp/mail"
check_exit 64 sealpost send $a --mixed=split <"$LAB/tmp/mail"
check_exit 0 sealpost filter --encrypt=require $a <"$LAB/tmp/mail"
unlike "filter: no X-Sealpost" "$out" '^X-Sealpost'

# what is public is public to all, pins or not; but not where encryption is demanded for this mail
conf 'encrypt = require' '[policy list]' "to = $n" 'public = yes'
mail "$a, $n" >"$LAB/tmp/mail"
sent clear $a $n
is "no key was used" "$(grep -c 'BEGIN PGP' "$(last)")" 0
mail "$a, $n" 'X-Sealpost: encrypt=require' >"$LAB/tmp/mail"
refused 69 "$n: no key is published" $a $n
mail "$a, $n" 'X-Sealpost: public=no' >"$LAB/tmp/mail"
refused 69 "$n: no key is published" $a $n
mail x@bogus.example >"$LAB/tmp/mail"
refused 75 'x@bogus.example: ' x@bogus.example
mail "x@bogus.example, $n" >"$LAB/tmp/mail"
sent clear x@bogus.example $n

# an alias and a list: sealed to the keys that the policy names
alice=$(lab-key $a)
bob=$(lab-key bob@direct.example)
conf '[policy team]' 'to = team@absent.example' "key = $alice" "keys = $bob"
mail team@absent.example >"$LAB/tmp/mail"
refused 69 "team@absent.example: .*$bob, which .policy team. names, is not in the keyring" team@absent.example
like "what to do" "$err" '^hint: sealpost pins import FILE'
check_exit 0 sealpost lookup --pin bob@direct.example
before=$(grep -c ' IN$' "$LAB/log/unbound.log")
sent sealed team@absent.example
is "nobody is asked about it" "$(grep -c ' IN$' "$LAB/log/unbound.log")" "$before"
GNUPGHOME=$LAB/keys/gnupg-receivers gpg --batch --quiet --import "$LAB/keys/me@sender.example.pub" 2>/dev/null
lab-decrypt "$(last)" >/dev/null 2>"$LAB/tmp/status"
is "sealed to both and the sender" "$(grep -c '^\[GNUPG:\] ENC_TO' "$LAB/tmp/status")" 3
is "the alias itself is not pinned" "$(sealpost pins list --json | jq -r .address | grep -c team)" 0
check_exit 0 sealpost pins reject bob@direct.example
refused 69 "$bob, which .policy team. names, was rejected" team@absent.example
check_exit 69 sealpost send --mixed=split team@absent.example $n <"$LAB/tmp/mail"

# identities
cat >"$LAB/tmp/mta" <<'MTA'
#!/bin/sh
printf '%s\n' "$@" >"$LAB/tmp/argv"
cat >"$LAB/tmp/got"
MTA
chmod 755 "$LAB/tmp/mta"
lab-import-sender locked@sender.example
conf "sign-key = $(lab-key locked@sender.example)" '[identity me]' 'from = me@sender.example' \
	"mta = $LAB/tmp/mta -a 'my work'" "sign-key = $(lab-key me@sender.example)"
mail $a >"$LAB/tmp/mail"
check_exit 0 sealpost send -f other@sender.example $a <"$LAB/tmp/mail"
is "the identity's MTA, chosen by From" "$(tr '\n' ' ' <"$LAB/tmp/argv")" "-a my work -i -f other@sender.example -- $a "
lab-decrypt "$LAB/tmp/got" >/dev/null 2>"$LAB/tmp/status"
like "the identity's key signed" "$(cat "$LAB/tmp/status")" "GOODSIG.*me@sender.example"
rm "$LAB/tmp/argv"
sed 's/^From: .*/From: other@sender.example/' "$LAB/tmp/mail" >"$LAB/tmp/other"
check_exit 75 sealpost send -f me@sender.example $a <"$LAB/tmp/other"
ok "-f does not choose an identity" test ! -e "$LAB/tmp/argv"
printf 'From: other@sender.example, third@sender.example\nSender: me@sender.example\nTo: %s\nSubject: s\n\nthe text\n' $a >"$LAB/tmp/two"
check_exit 0 sealpost send $a <"$LAB/tmp/two"
is "several From: Sender chooses" "$(sed -n 2p "$LAB/tmp/argv")" "my work"
rm "$LAB/tmp/argv"
printf 'Resent-From: me@sender.example\nResent-To: %s\nResent-Bcc: bob@direct.example\nFrom: other@sender.example\nTo: x@y.example\nSubject: s\n\nthe text\n' $a >"$LAB/tmp/resent"
check_exit 0 sealpost send $a <"$LAB/tmp/resent"
is "sent on: Resent-From chooses" "$(sed -n 2p "$LAB/tmp/argv")" "my work"
unlike "sent on: no Resent-Bcc" "$(cat "$LAB/tmp/got"; lab-decrypt "$LAB/tmp/got" 2>/dev/null)" 'Resent-Bcc|bob@direct'

is "nothing is left running" "$(running)" ""
done_testing
