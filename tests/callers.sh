# SPDX-License-Identifier: ISC
# callers.sh: for tests with real mail programs, inside the lab, as me@sender.example, with alice to write to and bob hidden.
#
#	contrib FILE                 the snippet of contrib/, with the paths of this build
#	have PROGRAM TESTS           whether it is installed; else that many tests are skipped
#	muttrc PROGRAM               writes ~/.muttrc or ~/.neomuttrc
#	catching_mta                 writes $t/mta, which keeps its arguments in $t/argv and each mail in $t/got.N
#	snail ARGUMENT...            s-nail, given $t/body
#	have_send_email TESTS        whether git send-email runs; then $t/repo holds a commit to send
#	sealed_copies NAME ARGUMENTS the MTA, called with these, got a copy for alice and one for bob, sealed
#	on_terminal KEYS COMMAND     in a terminal of 40 lines of 100 columns, the screen in $t/screen; KEYS, a function, writes what
#	                             is typed, perhaps by these:
#	press_until KEYS COMMAND...  until it is true, a minute at most, pressing these again and again
#	on_screen BRE, calls_are N   for that, and for within: what is on the screen; how often the MTA was called, by $t/argv
#	aerc_account                 aerc's configuration
#	aerc_sends COMMAND...        for on_terminal: what it was started with is sent until COMMAND is true
# shellcheck shell=sh

t=$LAB/tmp
s=$LAB_BUILD/bin/sealpost
a=alice@advanced.example
b=bob@direct.example
me=me@sender.example
export TERM=xterm
mkdir -p "$HOME/.config/sealpost" "$HOME/Mail"
echo 'the body' >"$t/body"

contrib() {
	sed "s|/usr/local/libexec/sealpost|$LAB_BUILD/libexec/sealpost|; s|/usr/local/bin|$LAB_BUILD/bin|" "$LAB_SRC/contrib/$1"
}

have() {
	command -v "$1" >/dev/null && return
	skip "$2" "$1 is not installed"
	return 1
}

muttrc() {
	{
		contrib "$1/${1}rc"
		printf 'set from=%s use_from envelope_from realname=Me hostname=sender.example\n' $me
	} >"$HOME/.${1}rc"
}

catching_mta() {
	cat >"$t/mta" <<'MTA'
#!/bin/sh
echo "$*" >>"$LAB/tmp/argv"
cat >"$LAB/tmp/got.$(wc -l <"$LAB/tmp/argv")"
MTA
	chmod 755 "$t/mta"
}

# It makes HOME what the user database says.
snail() {
	env MAILRC="$HOME/.mailrc" XDG_CONFIG_HOME="$HOME/.config" XDG_DATA_HOME="$HOME/.local/share" \
		XDG_CACHE_HOME="$HOME/.cache" GNUPGHOME="$HOME/.gnupg" s-nail -s subj -r $me "$@" <"$t/body"
}

have_send_email() {
	have git "$1" || return 1
	if [ ! -e "$(git --exec-path)/git-send-email" ] || ! perl -MMail::Address -e 1 2>/dev/null; then
		skip "$1" 'git send-email is not installed, or not with Mail::Address'
		return 1
	fi
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
}

sealed_copies() {
	is "$1: two copies, with its arguments" "$(cat "$t/argv" 2>/dev/null)" "$2 -- $a
$2 -- $b"
	lab-decrypt "$t/got.1" >"$t/plain" 2>/dev/null
	like "$1: sealed" "$(tr -d '\r' <"$t/plain")" "${text:-^the body}"
	unlike "$1: nothing of the hidden one" "$(cat "$t/got.1" "$t/plain")" "$b|^Bcc:"
	unlike "$1: no clear copy is left" "$(grep -rl 'the body' "$HOME" 2>/dev/null)" .
}

on_screen() {
	tr -d '\r' <"$t/screen" 2>/dev/null | grep -q "$1"
}
calls_are() {
	[ -e "$t/argv" ] && [ "$(wc -l <"$t/argv")" -ge "$1" ]
}
on_terminal() { # KEYS COMMAND: a function that writes keys
	: >"$t/screen"
	$1 | timeout 240 script -qefc "stty rows 40 cols 100; $2" /dev/null >"$t/screen" 2>&1 || :
}
press_until() { # KEYS COMMAND...: again and again, a minute at most
	keys=$1
	shift
	turn=0
	until "$@" || [ $turn -gt 60 ]; do
		# shellcheck disable=SC2059
		printf "$keys"
		sleep 1
		turn=$((turn + 1))
	done
}

aerc_account() {
	mkdir -p "$HOME/.config/aerc" "$HOME/Mail/INBOX/cur" "$HOME/Mail/INBOX/new" "$HOME/Mail/INBOX/tmp"
	{
		contrib aerc/accounts.conf
		printf 'source = maildir://%s/Mail\nfrom = Me <%s>\n' "$HOME" $me
	} >"$HOME/.config/aerc/accounts.conf"
	chmod 600 "$HOME/.config/aerc/accounts.conf"
	printf '[compose]\neditor=%s\n' "$t/editor" >"$HOME/.config/aerc/aerc.conf"
	cat /usr/share/aerc/binds.conf "$LAB_SRC/contrib/aerc/binds.conf" >"$HOME/.config/aerc/binds.conf"
}

aerc_sends() {
	within 60 on_screen 'this email'
	press_until y "$@"
	turn=0
	while [ $turn -lt 60 ] && printf ':quit -f\r' 2>/dev/null; do sleep 1; turn=$((turn + 1)); done
}
