#!/bin/sh
# SPDX-License-Identifier: ISC
# The kept copy in mutt and NeoMutt: the key of contrib shows what became of the mail, out of its seal.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
command -v script >/dev/null || skip_all "script is missing"

lab-import-sender
t=$LAB/tmp
alice=alice@advanced.example
nobody=nobody@absent.example
mkdir -p "$HOME/.config/sealpost" "$HOME/Mail"
chmod 700 "$HOME/.config/sealpost"
printf '[sealpost]\nsent = ~/Mail/Sent\n' >"$HOME/.config/sealpost/config"
chmod 600 "$HOME/.config/sealpost/config"
for to in $alice $nobody; do
	printf 'From: me@sender.example\nTo: %s\nSubject: a secret\n\nhi\n' $to >"$t/mail"
	check_exit 0 sealpost send $to <"$t/mail"
done

screen() { # PROGRAM MAILBOX: what is seen after the key
	cat "$LAB_SRC/contrib/$1/${1}rc" >"$HOME/.${1}rc"
	cat >>"$HOME/.${1}rc" <<MUTT
set folder=$t wait_key=no quit=yes sort=mailbox-order
push '<first-entry><esc>R<quit>'
MUTT
	TERM=xterm timeout 60 script -qefc "stty rows 40 cols 100; $1 -F $HOME/.${1}rc -f $2" /dev/null 2>&1 </dev/null |
		tr '\r' '\n'
}

for m in mutt neomutt; do
	command -v $m >/dev/null || {
		skip 4 "$m is missing"
		continue
	}
	for to in $alice $nobody; do
		rm -rf "$t/one"
		mkdir -p "$t/one/new" "$t/one/cur" "$t/one/tmp"
		for f in "$HOME"/Mail/Sent/cur/*; do
			gpg --decrypt "$f" 2>/dev/null | grep -q "^To: $to" && cp "$f" "$t/one/cur/1.a.b:2,S"
		done
		seen=$(screen $m "$t/one")
		if [ $to = $alice ]; then
			like "$m: sealed" "$seen" 'X-Sealpost-Result: sealed'
			like "$m: with which key" "$seen" "^ $(lab-key $alice)"
		else
			like "$m: in clear" "$seen" 'X-Sealpost-Result: clear'
			unlike "$m: nothing else" "$seen" 'HP-Outer'
		fi
	done
done
done_testing
