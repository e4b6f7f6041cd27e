#!/bin/sh
# SPDX-License-Identifier: ISC
# What the MTA gets: its options, its own modes, local names; and that we are not our own MTA.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
s=$LAB_BUILD/bin/sealpost
conf=$HOME/.config/sealpost/config
a=alice@advanced.example
t=$LAB/tmp
mkdir -p "$HOME/.config/sealpost" "$t/bin"

# An MTA that writes down what it gets; under its names it has the habits of that one.
cat >"$t/mta" <<'MTA'
#!/bin/sh
printf '%s\n' "$@" >"$LAB/tmp/argv"
case ${0##*/} in
exim4)
	# -N throws the mail away; -R runs the queue.
	for word; do
		case $word in
		--) break ;;
		-N* | -R*) exit 0 ;;
		esac
	done
	;;
msmtp)
	for word; do
		case $word in
		--) break ;;
		-V*) echo "msmtp: invalid option -- 'V'" >&2; exit 64 ;;
		esac
	done
	;;
esac
[ "$1" != -bp ] || { cat; echo 'Mail queue is empty'; exit 0; }
[ "$1" != -bi ] || { cat; exit 3; }
cat >"$LAB/tmp/got"
MTA
chmod 755 "$t/mta"
for name in exim4 msmtp dma smtpctl sendmail.postfix sendmail; do
	cp "$t/mta" "$t/bin/$name"
done
use() { # MTA [SETTING...]
	printf '[sealpost]\nmta = %s\n' "$1" >"$conf"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$conf"
	rm -f "$t/argv" "$t/got"
}
argv() {
	tr '\n' ' ' <"$t/argv" 2>/dev/null
}
printf 'From: me@sender.example\nTo: %s\nSubject: s\n\nthe text\n' $a >"$t/mail"

for row in 'exim4 -i -- ' 'msmtp -i -Nfailure -Rhdrs -- ' 'dma -i -- ' 'smtpctl -i -Nfailure -Rhdrs -Vid7 -- ' \
	'sendmail.postfix -i -Nfailure -Rhdrs -Vid7 -- ' 'sendmail -i -- '; do
	name=${row%% *}
	use "$t/bin/$name"
	check_exit 0 $s send -i -N failure -R hdrs -V id7 -- $a <"$t/mail"
	is "$name is given" "$(argv)" "${row#* }$a "
	lab-decrypt "$t/got" >"$t/plain" 2>/dev/null
	like "$name has the mail" "$(cat "$t/plain")" 'the text'
done
use "$t/bin/sendmail"
check_exit 0 $s -v send -i -N failure -O a=b -- $a <"$t/mail"
like "-v says what is not passed on" "$err" 'not known to take -N'
like "-O neither" "$err" 'option -O is not passed on'
use "$t/bin/exim4" 'mta-dsn = yes'
check_exit 0 $s send -i -N failure -- $a <"$t/mail"
is "-N never reaches Exim" "$(argv)" "-i -- $a "

# The MTA's own modes: nothing of our input reaches it.
use "$t/bin/sendmail.postfix -G"
check_exit 0 $s send -bp <"$t/mail"
is "-bp shows the queue, and no message goes in" "$out$err" 'Mail queue is empty'
is "-bp alone" "$(argv)" "-bp "
check_exit 3 $s send -bi <"$t/mail"
is "-bi's exit status is the MTA's, and no message goes in" "$out$err" ''
for name in mailq newaliases; do ln -sf "$s" "$t/$name"; done
check_exit 0 "$t/mailq" <"$t/mail"
is "mailq is -bp" "$(argv)" "-bp "
check_exit 3 "$t/newaliases" <"$t/mail"
check_exit 64 "$t/mailq" -bs <"$t/mail"
check_exit 64 $s send -bp $a <"$t/mail"
use "$t/bin/smtpctl"
check_exit 64 $s send -bp <"$t/mail"
like "one that would read a message is not asked" "$err" 'not known to take -bp'
not_ok "and did not run" test -e "$t/argv"
for mode in -bs -bd -bv -bt -q -q30m -M1; do
	check_exit 64 $s send $mode <"$t/mail"
	like "$mode is refused, with a hint" "$err" '^hint: '
	not_ok "$mode: the MTA did not run" test -e "$t/argv"
done

# Names without a domain.
use "$t/mta"
printf 'From: root (Cron Daemon)\nTo: root\nSubject: Cron\n\nthe output\n' >"$t/cron"
check_exit 0 $s send -FCronDaemon -i -B8BITMIME -oem root <"$t/cron"
is "a local user" "$(argv)" "-i -F CronDaemon -- root "
like "has no key" "$(cat "$t/got")" 'the output'
use "$t/mta" 'encrypt = require'
check_exit 69 $s send -i root <"$t/cron"
use "$t/mta" 'qualify-domain = advanced.example'
check_exit 0 $s send -i -f root alice <"$t/cron"
is "qualified" "$(argv)" "-i -f root@advanced.example -- alice@advanced.example "
lab-decrypt "$t/got" >"$t/plain" 2>/dev/null
like "and sealed" "$(cat "$t/plain")" 'the output'
use "$t/mta"
for name in '|prog' '/tmp/file' '"|prog"' '\prog' ':include:/etc/passwd'; do
	run $s send -i -- "$name" <"$t/cron"
	is "$name: exit" "$rc" 64
	not_ok "$name: the MTA did not run" test -e "$t/argv"
done
printf 'From: root\nTo: "|prog"\nSubject: s\n\nx\n' >"$t/pipe"
check_exit 65 $s send -i -t <"$t/pipe"
not_ok "nor with -t" test -e "$t/argv"

n=nobody@absent.example
# Odd addresses stay one argument each.
use "$t/mta" 'encrypt = never'
for odd in '"a b"@advanced.example' '"a,b@dane.example"@advanced.example' '"-oQ/tmp"@advanced.example' \
	'"|x"@advanced.example' "it's@advanced.example" 'a|b@advanced.example'; do
	check_exit 0 $s send -i -- "$odd" $n <"$t/mail"
	is "$odd: two recipients" "$(sed '1,/^--$/d' "$t/argv" | wc -l)" 2
done

use nowhere/else
like 'what mta is wrong' "$(sealpost doctor 2>&1)" '^BAD +mta: nowhere/else: neither an absolute path nor a name alone$'

# Ourselves as MTA, behind every name.
ln -sf "$s" "$t/link"
cp "$s" "$t/copy"
printf '#!/bin/sh\nexec %s send "$@"\n' "$s" >"$t/wrapper"
printf '#!/bin/sh\nexec %s filter "$@"\n' "$s" >"$t/filterer"
chmod 755 "$t/wrapper" "$t/filterer"
for mta in "$s" "$s send" "$t/link" "$t/copy send" "$t/wrapper" "$t/filterer" "/usr/bin/env $s send" "sh -c 'exec $s send a@dane.example'" \
	"$LAB_BUILD/libexec/sealpost/sendmail"; do
	use "$mta" 'encrypt = never'
	run $s send -i -- $n <"$t/mail"
	is "$mta: exit" "$rc" 78
	like "$mta: says so" "$err" 'loop for ever'
	printf '[sealpost]\nmta = %s\n[identity me]\nfrom = me@sender.example\nmta = %s\n' "$t/mta" "$mta" >"$conf"
	run $s send -i -- $n <"$t/mail"
	is "$mta, by identity: exit" "$rc" 78
	not_ok "$mta: nothing was sent" test -e "$t/got"
done

# What an MTA may do.
mta_that() { # BODY
	printf '#!/bin/sh\n%s\n' "$1" >"$t/odd-mta"
	chmod 755 "$t/odd-mta"
	use "$t/odd-mta" 'encrypt = never'
}
mta_that 'exit 0'
check_exit 0 $s send -i -- $n <"$t/mail"
mta_that 'echo no room >&2; exit 73'
check_exit 73 $s send -i -- $n <"$t/mail"
like "its words are shown" "$err" 'no room'
mta_that 'exec <&-; sleep 0.1; exit 67'
check_exit 67 $s send -i -- $n <"$t/mail"
mta_that 'cat >"$LAB/tmp/got"; sleep 600 & echo $! >"$LAB/tmp/pid"; exit 0'
check_exit 0 $s send -i -- $n <"$t/mail"
kill "$(cat "$t/pid")"
like "one that leaves a process behind is not waited for" "$(cat "$t/got")" 'the text'
mta_that 'kill -9 $$'
check_exit 75 $s send -i -- $n <"$t/mail"
like "a killed one leaves doubt" "$err" 'is unknown'
printf '[sealpost]\nmta = %s\nmta-timeout = 1s\nencrypt = never\n' "$t/odd-mta" >"$conf"
printf '#!/bin/sh\nexec sleep 600\n' >"$t/odd-mta"
check_exit 75 $s send -i -- $n <"$t/mail"
like "so does one that hangs" "$err" 'did not finish in time'
is "nothing is left running" "$(running)" ""
done_testing
