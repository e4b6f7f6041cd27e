#!/bin/sh
# SPDX-License-Identifier: ISC
# The MTAs themselves, as far as they can be had side by side, and the examples of contrib/ for msmtp, Postfix and cron.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/postfix.sh
. "$(dirname "$0")/../postfix.sh"

lab-import-sender
s=$LAB_BUILD/bin/sealpost
t=$LAB/tmp
conf=$HOME/.config/sealpost/config
a=alice@advanced.example
b=bob@direct.example
n=nobody@absent.example
me=me@sender.example
mkdir -p "$HOME/.config/sealpost"
printf 'From: %s\nTo: %s\nSubject: s\nMessage-ID: <1@sender.example>\n\nfirst line\n.\nafter the dot\n' $me $a >"$t/mail"
odd='"a b, c@x.example"@absent.example'

# msmtp.
printf '[sealpost]\nmta = msmtp --file=%s\n[policy no]\nto = absent.example\nencrypt = never\n' "$LAB/etc/msmtprc" >"$conf"
mails=$(lab-mails | wc -l)
check_exit 0 "$s" send -i -N failure -R hdrs -V id7 -f $me -- $a <"$t/mail"
is "msmtp: arrived" "$(lab-mails | wc -l)" $((mails + 1))
lab-decrypt "$(lab-mails | tail -n 1)" >"$t/plain" 2>/dev/null
like "msmtp: whole" "$(tr -d '\r' <"$t/plain")" '^after the dot'
check_exit 0 "$s" send -i -f '<>' -- $n <"$t/mail"
like "msmtp: the null sender" "$(cat "$(lab-mails | tail -n 1)")" '^X-Mail-Args: <>'
mails=$(lab-mails | wc -l)
check_exit 69 "$s" send -i -- "$odd" <"$t/mail"
like "msmtp would drop a quoted local part: told" "$err" 'msmtp cannot write to a quoted local part'
check_exit 69 "$s" send -i -- 'x@[IPv6:2001:db8::1]' <"$t/mail"
like "msmtp would write to what follows the last colon: told" "$err" 'msmtp cannot write to an IPv6 address'
is "msmtp: and nothing goes out" "$(lab-mails | wc -l)" "$mails"
check_exit 0 "$s" send -i -f 'x@[IPv6:2001:db8::1]' -- 'x@[192.0.2.1]' <"$t/mail"
is "msmtp: others it takes as they are" "$(sed -n 's/^X-[MR][a-z]*-Args: //p' "$(lab-mails | tail -n 1)" | tr '\n' ' ')" \
	'<x@[IPv6:2001:db8::1]> <x@[192.0.2.1]> '
printf '[sealpost]\nmta = msmtp --file=%s -a nosuch\n' "$LAB/etc/msmtprc" >"$conf"
check_exit 78 "$s" send -i -- $a <"$t/mail"
like "msmtp: its words and its exit status" "$err" 'account nosuch not found'
check_exit 64 "$s" send -bp
like "msmtp has no queue" "$err" 'not known to take -bp'

# msmtp's wrapper.
printf '[sealpost]\nmta = msmtp\n' >"$conf"
mkdir -p "$t/bin"
ln -sf "$s" "$t/bin/sealpost"
wrapper() {
	# shellcheck disable=SC2317 # check_exit calls it
	PATH="$t/bin:$PATH" "$LAB_SRC/contrib/msmtp/sealpost-msmtp" "$@"
}
mails=$(lab-mails | wc -l)
check_exit 0 wrapper --file="$LAB/etc/msmtprc" -f $me -- $a <"$t/mail"
lab-decrypt "$(lab-mails | tail -n 1)" >"$t/plain" 2>/dev/null
like "wrapper: sealed and whole" "$(tr -d '\r' <"$t/plain")" '^after the dot'
run wrapper --file="$LAB/etc/msmtprc" -f $me -- x@bogus.example <"$t/mail"
is "wrapper: a refusal is told" "$rc $(printf '%s' "$err" | grep -c '^sealpost: not sent: x@bogus')" "75 1"
is "wrapper: and no blank mail goes out" "$(lab-mails | wc -l)" $((mails + 1))
check_exit 64 wrapper --file="$LAB/etc/msmtprc" -t -- $a <"$t/mail"
is "wrapper: leaves nothing behind" "$(find "$XDG_RUNTIME_DIR" -name 'sealpost-msmtp*')" ""

# Postfix's sendmail, with a queue of its own.
if [ -x "$LAB/postfix/sendmail" ]; then
	postfix_main 'myhostname = h.example'
	mkdir -p "$p/queue/maildrop" "$p/queue/public" "$p/queue/pid"
	ln -s /usr/sbin/postdrop /usr/sbin/postconf "$LAB/postfix"
	export MAIL_CONFIG="$p/etc"
	sed -i "s/^Message-ID: <[0-9]*@/Message-ID: <2@/" "$t/mail"
	records() { # of the one mail in the queue, a line each
		file=$(find "$p/queue/maildrop" -type f)
		postcat "$file" 2>/dev/null
		rm -f "$file"
	}
	printf '[sealpost]\nmta = %s\n[policy no]\nto = absent.example\nencrypt = never\n' "$LAB/postfix/sendmail" >"$conf"
	run "$s" send -i -N failure,delay -R hdrs -V id7 -f $me -F 'Ann Example' -- $a <"$t/mail"
	if [ "$rc" = 0 ]; then
		pass "Postfix: takes it"
		records >"$t/records"
		like "Postfix: sender" "$(cat "$t/records")" "^sender: $me"
		is "Postfix: one recipient" "$(grep -c '^recipient: ' "$t/records") $(grep -c "^recipient: $a" "$t/records")" "1 1"
		like "Postfix: -V" "$(cat "$t/records")" 'envelope_id=id7'
		like "Postfix: -R" "$(cat "$t/records")" 'ret_flags=2'
		like "Postfix: -N" "$(cat "$t/records")" 'notify_flags=12'
		like "Postfix: -F" "$(cat "$t/records")" '^sender_fullname: Ann Example'
		check_exit 0 "$s" send -i -f '' -- "$odd" '"-oQ/tmp"@absent.example' <"$t/mail"
		records >"$t/records"
		is "Postfix: odd recipients stay two" "$(grep -c '^recipient: ' "$t/records")" 2
		like "Postfix: as they are" "$(cat "$t/records")" '^recipient: a b, c@x\.example@absent\.example$'
		like "Postfix: the null sender" "$(cat "$t/records")" '^sender: *$'
		like "Postfix: the dot ends nothing" "$(cat "$t/records")" '^after the dot'
		run "$s" send -bp
		unlike "Postfix: -bp is known" "$err" 'not known to take'
	else
		skip 13 "Postfix's sendmail does not work here: $err"
	fi
	unset MAIL_CONFIG
else
	skip 13 'no Postfix here, or it is not this machine'\''s sendmail'
fi

# Postfix's content filter, as pipe(8) runs it: from contrib, with sender and recipients filled in. 0735 has Postfix itself.
cat >"$t/mta" <<'MTA'
#!/bin/sh
echo "$*" >>"$LAB/tmp/argv"
cat >"$LAB/tmp/got"
[ ! -e "$LAB/tmp/no" ] || [ "$(wc -l <"$LAB/tmp/argv")" != 2 ] || exit 75
MTA
chmod 755 "$t/mta"
printf '[sealpost]\nmta = %s -G\ndata-dir = %s/senders/%%s\nsign = never\n' "$t/mta" "$t/filter" >"$conf"
filter() { # SENDER RECIPIENT...
	# shellcheck disable=SC2317 # likewise
	SEALPOST=$s "$LAB_SRC/contrib/postfix/sealpost-filter" "$@"
}
check_exit 0 filter $me $a $b <"$t/mail"
is "content filter: what the MTA gets" "$(cat "$t/argv")" "-G -i -f $me -- $a
-G -i -f $me -- $b"
rm -f "$t/argv"
: >"$t/no"
sed -i "s/^Message-ID: <[0-9]*@/Message-ID: <3@/" "$t/mail"
check_exit 75 filter $me $a $b <"$t/mail"
check_exit 0 filter $me $a $b <"$t/mail"
is "content filter: Postfix tries again, and only what is missing goes" "$(cat "$t/argv")" "-G -i -f $me -- $a
-G -i -f $me -- $b
-G -i -f $me -- $b"
rm -f "$t/argv" "$t/no"
check_exit 0 filter '' $n <"$t/mail"
is "content filter: a bounce" "$(cat "$t/argv")" "-G -i -f <> -- $n"
is "content filter: each sender has a folder" "$(cd "$t/filter/senders" && echo *)" "%3C%3E $me"
printf '[sealpost]\nmta = %s/nosuch\n' "$t" >"$conf"
check_exit 75 filter $me $a <"$t/mail"
like "content filter: a fault of this machine is tried again" "$err" 'nosuch'

# cron.
sed "s|/usr/sbin/sendmail.mta|$t/mta|" "$LAB_SRC/contrib/cron/sealpost.conf" >"$conf"
rm -f "$t/argv"
printf 'From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@h> job\n\nthe output\n' >"$t/cron"
check_exit 0 "$LAB_BUILD/libexec/sealpost/sendmail" -FCronDaemon -i -B8BITMIME -oem root <"$t/cron"
is "cron: to a local user, in clear" "$(cat "$t/argv") $(grep -c '^the output' "$t/got")" "-i -F CronDaemon -- root 1"
sed 's/^; qualify-domain = .*/qualify-domain = advanced.example/' "$conf" >"$t/conf2"
cat "$t/conf2" >"$conf"
check_exit 0 "$LAB_BUILD/libexec/sealpost/sendmail" -FCronDaemon -i -B8BITMIME -oem alice <"$t/cron"
lab-decrypt "$t/got" >"$t/plain" 2>/dev/null
like "cron: with a domain, sealed" "$(tr -d '\r' <"$t/plain")" '^the output'
done_testing
