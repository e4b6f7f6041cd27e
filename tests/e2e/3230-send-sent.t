#!/bin/sh
# SPDX-License-Identifier: ISC
# sent = MAILDIR: what stays with the sender is sealed, names nobody hidden, and never makes a mail fail. compress.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
mkdir -p "$HOME/.config/sealpost"
sent=$HOME/Mail/Sent
mkdir "$HOME/Mail"
conf() {
	printf '%s\n' '[sealpost]' "$@" >"$HOME/.config/sealpost/config"
}
kept() {
	find "$HOME/Mail" -path '*/cur/*' -type f | wc -l
}
empty() {
	rm -rf "$sent" "$HOME/Mail/Work"
}
one() { # the only kept copy
	find "$HOME/Mail" -path '*/cur/*' -type f
}
mine() { # what the sender reads in the kept copy
	sed -n '/^-----BEGIN PGP/,/^-----END PGP/p' "$(one)" | gpg --batch --quiet --decrypt 2>"$LAB/tmp/status"
}
keys_in() { # FILE: to how many keys it is sealed
	sed -n '/^-----BEGIN PGP/,/^-----END PGP/p' "$1" | gpg --batch --list-packets --list-only 2>/dev/null |
		grep -c '^:pubkey enc packet:'
}
a=alice@advanced.example
b=bob@direct.example
n=nobody@absent.example
me=me@sender.example
mail() { # TO [MORE FIELDS]
	printf 'From: %s\nTo: %s\n%sSubject: a secret\n\nthe text\n' "$me" "$1" "${2-}" >"$LAB/tmp/mail"
}

# 1 sealed
conf "sent = ~/Mail/Sent" "mta = /bin/true"
mail $a
check_exit 0 sealpost send -- $a <"$LAB/tmp/mail"
is "1 sealed: silent" "$out$err" ""
is "1 sealed: one copy" "$(kept)" 1
like "1 sealed: seen" "$(one)" '/Mail/Sent/cur/[^/]*:2,S$'
is "1 sealed: the file is private" "$(stat -c %a "$(one)")" 600
is "1 sealed: so is the folder" "$(stat -c %a "$sent")" 700
is "1 sealed: nothing stays in tmp or new" "$(find "$sent/tmp" "$sent/new" -type f)" ""
unlike "1 sealed: no clear text" "$(cat "$(one)")" 'the text|a secret'
like "1 sealed: the sender can read it" "$(mine)" '^the text'
like "1 sealed: with its subject" "$(mine)" '^Subject: a secret'
is "1 sealed: to oneself alone" "$(keys_in "$(one)")" 1
result() { # what the kept copy says of the mail, on one line
	mine | tr -d '\r' | sed -n '/^X-Sealpost-Result:/,/^[^ X]/p' | sed '/^[^ X]/d' | tr -d '\n'
}
alice_fpr=$(gpg --batch --show-keys --with-colons "$LAB/keys/$a.pub" | sed -n '/^pub/,/^fpr/s/^fpr:*\([0-9A-F]*\):/\1/p')
is "1 sealed: it says to which key" "$(result)" "X-Sealpost-Result: sealed $alice_fpr"
unlike "1 sealed: inside only" "$(cat "$(one)")" 'X-Sealpost-Result'

# 1b not what somebody wrote there, and it goes nowhere
empty
mail $a "X-Sealpost-Result: clear (a lie)
Fcc: =secret-folder
X-Bcc: $b
"
check_exit 0 sealpost send -- $a <"$LAB/tmp/mail"
is "1b a mail that has such a field: ours alone" "$(result)" "X-Sealpost-Result: sealed $alice_fpr"
unlike "1b the lie is gone" "$(mine)" 'a lie'
like "1b where it was to be kept stays with the sender" "$(mine)" '^Fcc: =secret-folder'
unlike "1b but not outside" "$(cat "$(one)")" 'secret-folder'

# 2 hidden recipients do not show
empty
mail $a "Bcc: $b
"
check_exit 0 sealpost send -t <"$LAB/tmp/mail"
is "2 hidden: one copy" "$(kept)" 1
is "2 hidden: sealed to the sender alone" "$(keys_in "$(one)")" 1
is "2 hidden: of the named one it says the key" "$(result)" "X-Sealpost-Result: sealed $alice_fpr"
unlike "2 hidden: not named" "$(mine)$(cat "$(one)")" "$b"

# 3 only hidden recipients: sealed to oneself
empty
printf 'From: %s\nBcc: %s\nSubject: a secret\n\nthe text\n' $me $b >"$LAB/tmp/mail"
check_exit 0 sealpost send -t <"$LAB/tmp/mail"
is "3 hidden only: one copy" "$(kept)" 1
is "3 hidden only: sealed to oneself alone" "$(keys_in "$(one)")" 1
like "3 hidden only: readable" "$(mine)" '^the text'
unlike "3 hidden only: not named" "$(mine)$(cat "$(one)")" "$b"

# 4 clear mail: the copy is sealed all the same
empty
mail $n
check_exit 0 sealpost send -- $n <"$LAB/tmp/mail"
is "4 clear: one copy" "$(kept)" 1
unlike "4 clear: no clear text" "$(cat "$(one)")" 'the text|a secret'
is "4 clear: sealed to oneself alone" "$(keys_in "$(one)")" 1
like "4 clear: readable" "$(mine)" '^the text'
like "4 clear: it says that it went in clear, and why" "$(result)" '^X-Sealpost-Result: clear \(.*absent\.example.*\)$'

# 4b to some sealed, to others in clear
empty
mail "$a, $n"
check_exit 0 sealpost send --mixed=split -- $a $n <"$LAB/tmp/mail"
like "4b split: both are said" "$(result)" "^X-Sealpost-Result: sealed $alice_fpr; clear \\(.*\\)\$"

# 5 an identity's own folder
empty
conf "sent = ~/Mail/Sent" "mta = /bin/true" "[identity work]" "from = $me" "sent = ~/Mail/Work"
mail $a
check_exit 0 sealpost send -- $a <"$LAB/tmp/mail"
is "5 identity: in its own folder" "$(find "$HOME/Mail/Work/cur" -type f | wc -l) $(find "$sent/cur" -type f | wc -l)" "1 0"

# 6 not sent, nothing kept
empty
conf "sent = ~/Mail/Sent" "mta = /bin/false"
check_exit 1 sealpost send -- $a <"$LAB/tmp/mail"
is "6 refused by the MTA: nothing is kept" "$(kept)" 0

# 7 the folder cannot be had: the mail was sent, and a line says so
conf "sent = $LAB/not/there" "mta = /bin/true"
check_exit 0 sealpost send -- $a <"$LAB/tmp/mail"
like "7 no such folder: said" "$err" '^sealpost: .*the mail was sent; no copy is kept: Maildir .*No such file'
is "7 no such folder: in one line" "$(printf '%s\n' "$err" | wc -l)" 1
rm -rf "$sent"
: >"$sent"
conf "sent = $sent" "mta = /bin/true"
check_exit 0 sealpost send -- $a <"$LAB/tmp/mail"
like "7 a file in its place: said" "$err" 'the mail was sent; no copy is kept'
rm "$sent"

# 8 a sender without a key: no clear copy
printf 'From: other@sender.example\nTo: %s\nSubject: s\n\nthe text\n' $n >"$LAB/tmp/mail"
check_exit 78 sealpost send -- $n <"$LAB/tmp/mail"
like "8 no key: said" "$err" 'no copy can be kept, as there is no secret key for other@sender.example'
is "8 no key: nothing is kept" "$(kept)" 0

# 9 --explain and filter keep nothing
mail $a
check_exit 0 sealpost send --explain -- $a <"$LAB/tmp/mail"
check_exit 0 sealpost filter $a <"$LAB/tmp/mail"
is "9 explain, filter: nothing is kept" "$(kept)" 0

# 10 doctor
run sealpost doctor
like "10 doctor names the folder" "$out" "sent.*$sent"

# 11 compress: text shrinks when it is long, or when it is wanted
conf "mta = $LAB/tmp/mta" "sign = never"
cat >"$LAB/tmp/mta" <<'MTA'
#!/bin/sh
cat >"$LAB/tmp/out"
MTA
chmod 755 "$LAB/tmp/mta"
size() { # SETTING FILE
	conf "mta = $LAB/tmp/mta" "$1"
	sealpost send -- $a <"$2" && wc -c <"$LAB/tmp/out"
}
{
	cat "$LAB/tmp/mail"
	yes 'the same line over and over' | head -n 4000
} >"$LAB/tmp/long"
whole=$(size 'compress = no' "$LAB/tmp/long")
ok "11 compress = no: as long as it is ($whole)" [ "$whole" -gt 110000 ]
ok "11 compress = auto: a long text shrinks" [ "$(size 'compress = auto' "$LAB/tmp/long")" -lt $((whole / 4)) ]
ok "11 compress = yes: so it does" [ "$(size 'compress = yes' "$LAB/tmp/long")" -lt $((whole / 4)) ]
like "11 it decrypts all the same" "$(lab-decrypt "$LAB/tmp/out" 2>/dev/null)" 'the same line over and over'
conf "compress = perhaps"
check_exit 78 sealpost send -- $a <"$LAB/tmp/mail"
like "11 another word: said" "$err" 'not one of: auto, yes, no'

done_testing
