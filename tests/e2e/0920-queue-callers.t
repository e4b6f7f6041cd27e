#!/bin/sh
# SPDX-License-Identifier: ISC
# A journey with each mail program: written where there is no connection, kept without a word, sent when there is one;
# cron, which ignores what it is told, loses nothing; what comes back can be read and sent again.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

# shellcheck source=tests/callers.sh
. "$(dirname "$0")/../callers.sh"
lab-import-sender
state=$HOME/.local/share/sealpost
catching_mta
connected() { # yes or no
	printf '[sealpost]\nqueue = unknown\nmta = %s\ntimeout = 2\n' "$t/mta" >"$HOME/.config/sealpost/config"
	[ "$1" = yes ] || echo "resolver = $lab_no_resolver" >>"$HOME/.config/sealpost/config"
}
waits() {
	$s queue --json | wc -l
}
begin() {
	connected no
	rm -f "$t/argv" "$t"/got.*
	$s pins forget $a $b >/dev/null 2>&1 || :
}
# The program believes that the mail is sent; it waits, then goes out as it would have, bob's copy of his own.
journey() { # NAME ARGUMENTS-OF-THE-MTA: after the program has run
	is "$1: the program is content" "$rc" 0
	unlike "$1: it says nothing of it" "$out$err" 'sealpost|not sent|queue'
	not_ok "$1: nothing went out" test -e "$t/argv"
	is "$1: it waits" "$(waits)" 1
	connected yes
	run $s queue run
	is "$1: it is sent" "$rc $(waits)" '0 0'
	sealed_copies "$1" "$2"
}

for m in mutt neomutt; do
	have $m 9 || continue
	muttrc $m
	begin
	run sh -c "$m -F $HOME/.${m}rc -s subj -b $b -- $a <$t/body"
	journey $m "-i -f $me"
done

if have s-nail 9; then
	contrib s-nail/mailrc >"$HOME/.mailrc"
	begin
	run snail -b $b $a
	journey s-nail "-i -f $me"
fi

if have bsd-mailx 9; then
	contrib bsd-mailx/mailrc >"$HOME/.mailrc"
	begin
	run sh -c "bsd-mailx -s subj -r $me -b $b $a <$t/body"
	journey bsd-mailx "-i -f $me"
fi
rm -f "$HOME/.mailrc"

if have_send_email 9; then
	begin
	run sh -c "cd $t/repo && git send-email --quiet --confirm=never --suppress-cc=all -1 --to $a --bcc $b >/dev/null"
	text='^Subject: \[PATCH\] the body'
	journey 'git send-email' '-i'
	text=
fi

# cron ignores what its sendmail says: the mail is not lost.
begin
printf 'From: %s\nTo: %s\nSubject: cron\n\nthe body\n' $me $a | "$LAB_BUILD/libexec/sealpost/sendmail" -FCronDaemon -i -B8BITMIME -oem $a >"$t/out" 2>&1
is "cron: no output, which it would mail" "$(cat "$t/out")" ''
is "cron: it waits" "$(waits)" 1
connected yes
run $s queue run
is "cron: it is sent" "$rc $(cat "$t/argv")" "0 -i -F CronDaemon -- $a"

# The friend without a key: refused when it can be told, in the queue or not.
begin
printf 'From: %s\nTo: %s, nobody@absent.example\nSubject: s\n\nthe body\n' $me $a >"$t/mail"
check_exit 0 $s send $a nobody@absent.example <"$t/mail"
connected yes
run $s queue run
is "keyless friend beside another: it stays" "$rc $(waits)" '1 1'
like "and why" "$err" 'queue [0-9]*: stays: nobody@absent.example: '
not_ok "nobody got it" test -e "$t/argv"

# Five days later it comes back; it can be read with gpg alone, and sent as the returned mail says.
touch -d '6 days ago' "$state"/queue/*.*[0-9a-f]
run $s queue run
is "it came back" "$rc $(waits) $(cat "$t/argv")" "0 0 -i -f $me -- $me"
gpg --decrypt "$t/got.1" 2>/dev/null | tr -d '\r' >"$t/back"
like "it says how to send it again" "$(cat "$t/back")" 'sealpost send RECIPIENT\.\.\. < mail\.eml'
sed -n '/filename="mail.eml"/,$p' "$t/back" | sed -n '/^$/,/^--/p' | grep -v -e '^--' | base64 -d >"$t/mail.eml" 2>/dev/null
rm -f "$t/argv"
check_exit 0 $s send $a <"$t/mail.eml"
lab-decrypt "$t/got.1" >"$t/plain" 2>/dev/null
like "and that works" "$(cat "$t/argv") $(cat "$t/plain")" "the body"
# NetworkManager's dispatcher starts the user's own service when a connection comes up, for everybody who is logged in.
if mkdir -p /run/user/0/systemd 2>/dev/null &&
	perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "/run/user/0/systemd/private", Listen => 1) or die' 2>/dev/null; then
	printf '#!/bin/sh\necho "$*" >>"$LAB/tmp/started"\n' >"$t/systemctl"
	chmod 755 "$t/systemctl"
	dispatch() { # ACTION STATE: how many were started
		rm -f "$t/started"
		PATH=$t:$PATH CONNECTIVITY_STATE=$2 sh "$LAB_SRC/contrib/networkmanager/90-sealpost-queue" eth0 "$1"
		grep -c . "$t/started" 2>/dev/null || [ -e "$t/started" ] || echo 0
	}
	is "dispatcher: up" "$(dispatch up '')" 1
	like "dispatcher: whose, and what" "$(cat "$t/started")" '^--user --machine=root@.host .*start sealpost-queue.service$'
	is "dispatcher: down" "$(dispatch down '')" 0
	is "dispatcher: a portal" "$(dispatch connectivity-change PORTAL)" 0
	is "dispatcher: connected" "$(dispatch connectivity-change FULL)" 1
else
	skip 5 'there can be no /run/user here'
fi
done_testing
