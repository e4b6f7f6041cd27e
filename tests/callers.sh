# SPDX-License-Identifier: ISC
# callers.sh: for tests with real mail programs, inside the lab, as me@sender.example, with alice to write to and bob hidden.
#
#	contrib FILE                 the snippet of contrib/, with the paths of this build
#	have PROGRAM TESTS           whether it is installed; else that many tests are skipped
#	muttrc PROGRAM               writes ~/.muttrc or ~/.neomuttrc
#	snail ARGUMENT...            s-nail, given $t/body
#	have_send_email TESTS        whether git send-email runs; then $t/repo holds a commit to send
#	sealed_copies NAME ARGUMENTS the MTA, called with these, got a copy for alice and one for bob, sealed
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
