#!/bin/sh
# SPDX-License-Identifier: ISC
# Every caller, by its exact pattern of arguments and input: what the MTA is then given.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
mkdir -p "$HOME/.config/sealpost"
cat >"$LAB/tmp/mta" <<'MTA'
#!/bin/sh
printf '%s\n' "$@" >"$LAB/tmp/argv"
cat >"$LAB/tmp/got"
MTA
chmod 755 "$LAB/tmp/mta"
printf '[sealpost]\nmta = %s\n' "$LAB/tmp/mta" >"$HOME/.config/sealpost/config"
ln -sf "$LAB_BUILD/bin/sealpost" "$LAB/tmp/sendmail"
a=alice@advanced.example
b=bob@direct.example
m=me@sender.example
printf 'From: %s\nTo: %s, %s\nSubject: s\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <1@sender.example>\n\n.\nthe text\n' $m $a $b >"$LAB/tmp/mail"
sed 's/$/\r/; s/^Subject/Bcc: \r\nSubject/' "$LAB/tmp/mail" >"$LAB/tmp/crlf"
grep -v '^Date\|^Message-ID' "$LAB/tmp/mail" >"$LAB/tmp/bare"

case_n=0
called_by() { # NAME INPUT ARGV... ; expected argv in $want
	case_n=$((case_n + 1))
	name="case $case_n, $1"
	input=$2
	shift 2
	rm -f "$LAB/tmp/argv" "$LAB/tmp/got"
	sed -i "s/^Message-ID: <[0-9]*@/Message-ID: <$case_n@/" "$input" # each is a mail of its own
	run "$@" <"$input"
	is "$name: exit" "$rc" 0
	is "$name: silent" "$out$err" ""
	is "$name: argv" "$(tr '\n' ' ' <"$LAB/tmp/argv" 2>/dev/null)" "$want"
	lab-decrypt "$LAB/tmp/got" >"$LAB/tmp/plain" 2>/dev/null
	like "$name: sealed" "$(cat "$LAB/tmp/plain")" "${text-the text}"
	unlike "$name: no Bcc" "$(cat "$LAB/tmp/got" "$LAB/tmp/plain")" '^Bcc:'
}
s=$LAB_BUILD/bin/sealpost
want="-i -f $m -- $a $b "
called_by 'mutt' "$LAB/tmp/mail" $s send -oem -oi -f $m -- $a $b
called_by 'mutt with DSN options' "$LAB/tmp/mail" $s send -oi -B8BITMIME -f $m -N failure,delay -R hdrs -- $a $b
want="-i -- $a $b "
called_by 'aerc' "$LAB/tmp/crlf" $s send -i $a $b
want="-i -f $m -- $a $b "
called_by 'git send-email' "$LAB/tmp/mail" $s send -f $m -i $a $b
want="-i -- $a $b "
called_by 's-nail' "$LAB/tmp/mail" "$LAB/tmp/sendmail" -i -- $a $b
called_by 'bsd-mailx' "$LAB/tmp/bare" "$LAB/tmp/sendmail" -i -t
want="-i -f $m -- $a $b "
called_by 'Emacs' "$LAB/tmp/mail" "$LAB/tmp/sendmail" -oi -f $m -t
want="-i -F CronDaemon -- $a $b "
called_by 'cron' "$LAB/tmp/mail" "$LAB/tmp/sendmail" -FCronDaemon -i -B8BITMIME -oem $a $b
called_by 'cron with two in MAILTO' "$LAB/tmp/mail" "$LAB/tmp/sendmail" -FCronDaemon -i -B8BITMIME -oem $a,$b
want="-i -f <> -- $a $b "
called_by 'null sender' "$LAB/tmp/mail" $s send -i -f '<>' $a $b
want="-i -- $a $b "
called_by '-t with the same recipients as arguments' "$LAB/tmp/mail" $s send -ti $a $b

# a script that leaves From to sendmail: it is the envelope sender's, and so is the signature
grep -v '^From' "$LAB/tmp/bare" >"$LAB/tmp/script"
want="-i -f $m -F Jörg, Dr. -- $a $b "
called_by 'a script with -f and -F' "$LAB/tmp/script" "$LAB/tmp/sendmail" -t -i -f $m -F 'Jörg, Dr.'
like "its From, outside" "$(cat "$LAB/tmp/got")" "^From: =\?utf-8\?q\?J=C3=B6rg=2C_Dr=2E\?= <$m>"
like "and inside" "$(tr -d '\r' <"$LAB/tmp/plain")" "^From: =\?utf-8\?q\?J=C3=B6rg=2C_Dr=2E\?= <$m>\$"
like "signed by that sender" "$(lab-decrypt "$LAB/tmp/got" 2>&1)" '(ERRSIG|GOODSIG)'

# without -i a lone dot in the middle is text: only as the very last line it is left out
rm -f "$LAB/tmp/got"
check_exit 0 $s send --again $a $b <"$LAB/tmp/mail"
lab-decrypt "$LAB/tmp/got" >"$LAB/tmp/plain" 2>/dev/null
like "a lone dot in the middle is text without -i" "$(cat "$LAB/tmp/plain")" 'the text'
# options end at the first recipient
check_exit 64 $s send $a -t <"$LAB/tmp/mail"
done_testing
