#!/bin/sh
# SPDX-License-Identifier: ISC
# doctor MUTTRC: the settings as mutt and neomutt themselves say them, and what doctor makes of them.
# shellcheck disable=SC2016,SC2317 # the backquotes are for mutt, and ok calls what is not called
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

good="set sendmail=\"$(command -v sealpost) send -oi\" sendmail_wait=0 record=\"\""
mkdir -p "$HOME/Mail"

# Of doctor's output the lines about the file: "LEVEL WHAT", sorted as printed.
about() {
	printf '%s\n' "$out" |
		sed -nE 's/^(ok|WARN|BAD) +(muttrc|smtp_url|sendmail|sendmail_wait|record|encryption by mutt): .*/\1 \2;/p' |
		grep -v '^ok' | tr -d '\n'
}
nobody_has() { # ARGUMENT
	! grep -lsz "$1" /proc/[0-9]*/cmdline >/dev/null
}
ended() { # ARGUMENT: no process has it, now or in a moment
	within 5 nobody_has "$1"
}
row() { # DESC WANT LINE...
	desc=$program:$1 want=$2
	shift 2
	printf '%s\n' "$@" >"$LAB/tmp/${program}rc"
	run sealpost doctor "$LAB/tmp/${program}rc"
	is "$desc" "$(about)" "$want"
}

for program in mutt neomutt; do
	command -v "$program" >/dev/null || {
		skip 20 "$program is not installed"
		continue
	}
	row '1 good' '' "$good"
	like "$program: who was asked, and that it ran commands" "$out" "^ok +muttrc: .*/$program, .*commands in backquotes"
	row '2 nothing' 'BAD sendmail;WARN record;' ''
	row '3 without -oi' 'WARN sendmail;' "$good" 'set sendmail="sealpost send"'
	like "$program: the fix" "$out" 'set sendmail="sealpost send -oi"'
	row '3 by a path where it is not' 'BAD sendmail;' "$good" 'set sendmail="~/bin/sealpost send -oi"'
	like "$program: it is said" "$out" 'sendmail is "[^"]*/bin/sealpost send -oi", and there is no such program'
	printf 'set sendmail_wait=-1\n' >"$LAB/tmp/more"
	row '4 sourced' 'BAD sendmail_wait;' "$good" "source $LAB/tmp/more"
	row '5 by a variable' 'BAD smtp_url;' 'set my_url=smtp://x' "$good" "set smtp_url=\$my_url"
	row '6 not by a command that only looks like it' '' "$good" "macro index x 'set sendmail_wait=-1'"
	row '7 copies below the folder' 'WARN record;' "$good" 'set folder=~/Mail record==sent'
	like "$program: named in full" "$out" "in clear in $HOME/Mail/sent\$"
	row '8 thrown away' '' "$good" 'set record=/dev/null'
	row '9 it encrypts itself' 'WARN encryption by mutt;' "$good" 'set crypt_autoencrypt=yes'
	row '10 an error in the file' 'WARN muttrc;' "$good" 'set no_such_thing=1'
	LANGUAGE=de LC_ALL=C.UTF-8 row '11 read in another language' 'WARN record;' "$good" 'set save_name'

	# Commands in backquotes run in the sandbox, without a terminal, and not for long.
	row '12 backquotes' '' 'set sendmail="`echo sealpost send -oi`" record="`pwd | tr -d a-z/`"'
	row '13 write nothing' '' "$good" "set editor=\"\`touch $LAB/tmp/written 2>/dev/null; echo vi\`\""
	not_ok "$program: indeed" test -e "$LAB/tmp/written"
	row '14 have no terminal' '' "$good" 'set sendmail_wait="`if (: </dev/tty) 2>/dev/null; then echo -1; else echo 0; fi`"'
	before=$(date +%s)
	row '15 are stopped' 'WARN muttrc;' "$good" 'set editor="`sleep 37`"'
	ok "$program: after 5 s" test $(($(date +%s) - before)) -lt 20
	ok "$program: with all that they began" ended '^37$'
done

# A name without a folder, and one that means another file to a child.
program=mutt
if command -v mutt >/dev/null; then
	printf '%s\n' "$good" >"$LAB/tmp/muttrc"
	for name in muttrc ./muttrc /dev/stdin; do
		run sh -c 'cd "$LAB/tmp" && sealpost doctor "$1" <muttrc' sh "$name"
		is "$name" "$(about)" ''
		like "$program: was read" "$out" "^ok +sendmail: $(command -v sealpost) send -oi\$"
	done
else
	skip 6 'mutt is not installed'
fi
check_exit 74 sealpost doctor "$LAB/tmp/not-there"
check_exit 74 sealpost doctor "$LAB/tmp"

# Neither is there.
mkdir "$LAB/tmp/bin"
for name in gpg gpgconf gpg-connect-agent gpg-agent; do
	ln -s "$(command -v "$name")" "$LAB/tmp/bin/$name"
done
sealpost=$(command -v sealpost)
run env PATH="$LAB/tmp/bin" "$sealpost" doctor "$LAB/tmp/muttrc"
is 'neither mutt nor neomutt' "$(about)" 'WARN muttrc;'
like 'said plainly' "$out" 'neither mutt nor neomutt is installed'
# Or only the other.
if command -v neomutt >/dev/null; then
	ln -s "$(command -v neomutt)" "$LAB/tmp/bin/neomutt"
	run env PATH="$LAB/tmp/bin" "$sealpost" doctor "$LAB/tmp/muttrc"
	like 'neomutt in the place of mutt' "$out" '^ok +muttrc: .*/neomutt,'
else
	skip 1 'neomutt is not installed'
fi
# What exits 1 by itself, as neomutt 20250510 does, is judged by what it says.
cat >"$LAB/tmp/bin/mutt" <<'SH'
#!/bin/sh
echo 'set sendmail = "sealpost send -oi"
set sendmail_wait = 0
set smtp_url = ""
set record = ""
set folder = "/x"
set copy = yes
set save_name = no
set force_name = no
set crypt_auto_encrypt = no
set crypt_opportunistic_encrypt = no'
exit 1
SH
chmod +x "$LAB/tmp/bin/mutt"
run env PATH="$LAB/tmp/bin:$PATH" "$sealpost" doctor "$LAB/tmp/muttrc"
is 'a mutt that exits 1' "$(about)" ''
like 'is believed' "$out" '^ok +sendmail: sealpost send -oi$'
done_testing
