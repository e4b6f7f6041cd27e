#!/bin/sh
# SPDX-License-Identifier: ISC
# A journey with each mail program: written where there is no connection, kept without a word, sent when there is one;
# cron, which ignores what it is told, loses nothing; what comes back can be read and sent again.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
mkdir -p "$HOME/.config/sealpost" "$HOME/Mail"
t=$LAB/tmp
s=$LAB_BUILD/bin/sealpost
a=alice@advanced.example
b=bob@direct.example
me=me@sender.example
state=$HOME/.local/share/sealpost
export TERM=xterm
echo 'the body' >"$t/body"
cat >"$t/mta" <<'MTA'
#!/bin/sh
echo "$*" >>"$LAB/tmp/argv"
cat >"$LAB/tmp/got.$(wc -l <"$LAB/tmp/argv")"
MTA
chmod 755 "$t/mta"
connected() { # yes or no
	printf '[sealpost]\nqueue = unknown\nmta = %s\ntimeout = 2\n' "$t/mta" >"$HOME/.config/sealpost/config"
	[ "$1" = yes ] || echo 'resolver = 127.0.0.1@1' >>"$HOME/.config/sealpost/config"
}
contrib() {
	sed "s|/usr/local/libexec/sealpost|$LAB_BUILD/libexec/sealpost|; s|/usr/local/bin|$LAB_BUILD/bin|" "$LAB_SRC/contrib/$1"
}
have() { # PROGRAM TESTS
	command -v "$1" >/dev/null && return
	skip "$2" "$1 is not installed"
	return 1
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
	is "$1: two copies, with its arguments" "$(cat "$t/argv" 2>/dev/null)" "$2 -- $a
$2 -- $b"
	lab-decrypt "$t/got.1" >"$t/plain" 2>/dev/null
	like "$1: sealed" "$(tr -d '\r' <"$t/plain")" "${text:-^the body}"
	unlike "$1: nothing of the hidden one" "$(cat "$t/got.1" "$t/plain")" "$b|^Bcc:"
	unlike "$1: no clear copy is left" "$(grep -rl 'the body' "$HOME" 2>/dev/null)" .
}

for m in mutt neomutt; do
	have $m 9 || continue
	{
		contrib "$m/${m}rc"
		printf 'set from=%s use_from envelope_from realname=Me hostname=sender.example\n' $me
	} >"$HOME/.${m}rc"
	begin
	run sh -c "$m -F $HOME/.${m}rc -s subj -b $b -- $a <$t/body"
	journey $m "-i -f $me"
done

if have s-nail 9; then
	contrib s-nail/mailrc >"$HOME/.mailrc"
	snail() {
		env MAILRC="$HOME/.mailrc" XDG_CONFIG_HOME="$HOME/.config" XDG_DATA_HOME="$HOME/.local/share" \
			XDG_CACHE_HOME="$HOME/.cache" GNUPGHOME="$HOME/.gnupg" s-nail -s subj -r $me "$@" <"$t/body"
	}
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

if have git 9 && [ -e "$(git --exec-path)/git-send-email" ] && perl -MMail::Address -e 1 2>/dev/null; then
	git init -q "$t/repo"
	(
		cd "$t/repo" || exit
		git config user.name Me
		git config user.email $me
		contrib git/gitconfig >"$t/gitconfig"
		git config include.path "$t/gitconfig"
		echo x >file
		git add file
		git commit -qm 'the body'
	)
	begin
	run sh -c "cd $t/repo && git send-email --quiet --confirm=never --suppress-cc=all -1 --to $a --bcc $b >/dev/null"
	text='^Subject: \[PATCH\] the body'
	journey 'git send-email' '-i'
	text=
elif command -v git >/dev/null; then
	skip 9 'git send-email is not installed, or not with Mail::Address'
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
done_testing
