#!/bin/sh
# SPDX-License-Identifier: ISC
# sign = always: mail that goes out in clear is signed, as others verify it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
nobody=nobody@absent.example
alice=alice@advanced.example
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nsign = always\n' >"$HOME/.config/sealpost/config"

# The signed part of a mail as it was signed, its line ends CRLF, and the signature.
cat >"$LAB/tmp/split" <<'PERL'
my ($mail, $part, $sig) = @ARGV;
local $/;
open my $in, '<:raw', $mail or die;
my $text = <$in>;
$text =~ s/\r\n/\n/g;
my ($b) = $text =~ /^ boundary="(.*)"$/m or die "no boundary\n";
my @p = split /\n--\Q$b\E(?:--)?\n/, $text;
@p == 3 || @p == 4 or die "parts: " . @p . "\n";
$p[1] =~ s/\n/\r\n/g;
open my $out, '>:raw', $part or die;
print $out $p[1];
$p[2] =~ s/^.*?\n\n//s;
open my $s, '>:raw', $sig or die;
print $s $p[2];
PERL

verify() { # DESC: the last mail's signature
	mail=$(lab-mails | tail -n 1)
	ok "$1: two parts" perl "$LAB/tmp/split" "$mail" "$LAB/tmp/part" "$LAB/tmp/sig"
	gpg --batch --status-fd 1 --verify "$LAB/tmp/sig" "$LAB/tmp/part" >"$LAB/tmp/status" 2>/dev/null
	like "$1: the signature is good" "$(cat "$LAB/tmp/status")" 'GOODSIG .*me@sender.example'
}

head='From: Me <me@sender.example>
To: nobody@absent.example
Subject: to everybody
Keywords: k
Bcc:
'
send() { # DESC BODY, with its MIME fields
	# shellcheck disable=SC2059 # the body has escapes
	printf "$head$2" >"$LAB/tmp/mail"
	check_exit 0 sealpost send -- $nobody <"$LAB/tmp/mail"
	is "$1: silent" "$out$err" ""
	verify "$1"
}

send "plain" '\nhello\n'
like "it is multipart/signed" "$(tr '\n' ' ' <"$mail" | tr -d '\r')" \
	'multipart/signed; micalg="pgp-sha512"; *protocol="application/pgp-signature"; *boundary='
like "the hash is what it says" "$(cat "$LAB/tmp/status")" 'VALIDSIG [0-9A-F]+ [0-9-]+ [0-9]+ 0 4 0 [0-9]+ 10 00 '
part=$(tr -d '\r' <"$LAB/tmp/part")
like "the header is inside too" "$part" '^Subject: to everybody$'
like "as clear text" "$part" '^ hp="clear"; protected-headers="v1"$'
unlike "nothing was hidden" "$part" '^HP-Outer'
like "the subject is outside" "$(cat "$mail")" '^Subject: to everybody'
like "keywords too" "$(sed '/^$/q' "$mail")" '^Keywords: k'
unlike "Bcc is gone" "$(cat "$mail")" '^Bcc:'

send "what transport may change" 'Content-Type: text/plain; charset=utf-8\n\nGr\303\274\303\237e \nFrom here\n-- \n.\n\n'
is "7-bit" "$(LC_ALL=C grep -c '[^ -~	]' "$mail")" 0
unlike "no blank at a line's end" "$(cat "$LAB/tmp/part" | tr -d '\r')" '[ 	]$'
send "no line end" '\nhello'
send "no body" ''
send "a long line" "\n$(head -c 3000 /dev/zero | tr '\0' x)\n"
send "an attachment" 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext \n--b\nContent-Type: application/x\n\n\001\377\n--b--\n'
send "raw 8-bit in fields of the parts" 'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: inline; filename="\303\274"\nContent-Description: \344\n\nx\n--b--\n'
is "all of it 7-bit" "$(LC_ALL=C grep -c '[^ -~	]' "$mail")" 0
send "an attached message that is 7-bit" 'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b--\n'

# A signature that would not arrive is not made.
unsigned() { # DESC BODY
	# shellcheck disable=SC2059 # the body has escapes
	printf "$head$2" >"$LAB/tmp/mail"
	check_exit 0 sealpost -v send -- $nobody <"$LAB/tmp/mail"
	like "$1: said so" "$err" 'in clear without a signature: what is attached is not 7-bit'
	mail=$(lab-mails | tail -n 1)
	unlike "$1: it is not signed" "$(cat "$mail")" 'multipart/signed; micalg'
	like "$1: explained" "$(sealpost send --explain --online -- $nobody <"$LAB/tmp/mail" 2>&1)" 'would send in clear'
	unlike "$1: not as signed" "$(sealpost send --explain --online -- $nobody <"$LAB/tmp/mail" 2>&1)" 'signed by'
}
unsigned "1: an attached message is 8-bit" 'Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n\303\274\n--b--\n'
unsigned "2: an attached message has a long line" "Content-Type: message/rfc822\n\nSubject: x\n\n$(head -c 1000 /dev/zero | tr '\0' x)\n"
unsigned "3: a signed part is 8-bit" 'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/signed; boundary=s\n\n--s\n\n\303\274\n--s\n\nsig\n--s--\n--b--\n'
unsigned "4: 8-bit in an unknown encoding" 'Content-Type: text/plain\nContent-Transfer-Encoding: x-own\n\n\303\274\n'

# What mutt makes of it.
send "for mutt" 'Content-Type: text/plain; charset=utf-8\n\nGr\303\274\303\237e von nebenan\n'
mkdir -p "$LAB/tmp/box/cur" "$LAB/tmp/box/new" "$LAB/tmp/box/tmp"
cp "$mail" "$LAB/tmp/box/cur/1:2,S"
cat >"$LAB/tmp/muttrc" <<'RC'
set crypt_use_gpgme=yes crypt_verify_sig=yes
set folder=/run/lab/tmp pager=cat prompt_after=no wait_key=no move=no quit=yes
RC
if command -v mutt >/dev/null && command -v script >/dev/null; then
	run timeout 60 script -qec "stty rows 24 cols 80; TERM=vt100 mutt -F $LAB/tmp/muttrc -f $LAB/tmp/box -R -e 'push <display-message><exit>'" \
		"$LAB/tmp/screen" </dev/null
	like "mutt says that the signature is good" "$(tr '\r' '\n' <"$LAB/tmp/screen")" 'Good signature'
else
	skip 1 "no mutt"
fi

# What is protected already stays as it is.
sealpost filter $nobody <"$LAB/tmp/mail" >"$LAB/tmp/signed"
like "filter signs too" "$(cat "$LAB/tmp/signed")" 'multipart/signed'
check_exit 0 sealpost filter $nobody <"$LAB/tmp/signed"
is "what is signed already is not signed again" "$out" "$(cat "$LAB/tmp/signed")"

# Sealed mail is signed inside, as ever.
printf "From: me@sender.example\nTo: $alice\n\nsecret\n" >"$LAB/tmp/mail"
check_exit 0 sealpost send -- $alice <"$LAB/tmp/mail"
like "a sealed one is sealed" "$(cat "$(lab-mails | tail -n 1)")" 'multipart/encrypted'

# No key: in clear, and said so. A key that is named has to be there.
printf "From: other@sender.example\nTo: $nobody\n\nhello\n" >"$LAB/tmp/mail"
check_exit 0 sealpost -v send -- $nobody <"$LAB/tmp/mail"
like "said so" "$err" 'in clear without a signature'
unlike "not signed" "$(cat "$(lab-mails | tail -n 1)")" 'multipart/signed'
before=$(lab-mails | wc -l)
printf '[sealpost]\nsign = always\nsign-key = other@sender.example\n' >"$HOME/.config/sealpost/config"
check_exit 78 sealpost send -- $nobody <"$LAB/tmp/mail"
is "nothing was sent" "$(lab-mails | wc -l)" "$before"

# A passphrase that nobody can be asked for.
lab-import-sender locked@sender.example
gpgconf --reload gpg-agent
printf '[sealpost]\nsign = always\npinentry = never\n' >"$HOME/.config/sealpost/config"
printf "From: locked@sender.example\nTo: $nobody\n\nhello\n" >"$LAB/tmp/mail"
check_exit 75 sealpost send -- $nobody <"$LAB/tmp/mail"
like "says why" "$err" 'passphrase'
is "nothing was sent then either" "$(lab-mails | wc -l)" "$before"

printf '[sealpost]\nsign = always\n' >"$HOME/.config/sealpost/config"
printf "From: me@sender.example\nTo: $nobody\n\nhello\n" >"$LAB/tmp/mail"
check_exit 0 sealpost send --explain --online -- $nobody <"$LAB/tmp/mail"
like "explained" "$out" 'would send in clear, signed by [0-9A-F]{40}'
done_testing
