#!/bin/sh
# SPDX-License-Identifier: ISC
# The passphrase: pinentry is told where and in which language to ask, and what it answers, or not, decides. The agent.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

t=$LAB/tmp
a=alice@advanced.example
me=locked@sender.example
# A pinentry that notes what it is told, and does what $t/do says.
cat >"$t/pinentry" <<'END'
#!/bin/sh
t=${0%/*}
echo 'OK ready'
while read -r command rest; do
	printf '%s %s\n' "$command" "$rest" >>"$t/told"
	case $command in
	GETPIN)
		case $(cat "$t/do") in
		answer) printf 'D correct horse\nOK\n' ;;
		wrong) printf 'D battery staple\nOK\n' ;;
		cancel) echo 'ERR 83886179 Operation cancelled' ;;
		gone) echo 'ERR 83918929 No such file or directory' ;;
		hang) exec sleep 60 ;;
		esac
		;;
	BYE)
		echo OK
		exit 0
		;;
	*) echo OK ;;
	esac
done
END
chmod 755 "$t/pinentry"
mkdir -p "$HOME/.gnupg"
chmod 700 "$HOME/.gnupg"
echo "pinentry-program $t/pinentry" >"$HOME/.gnupg/gpg-agent.conf"
lab-import-sender $me
mkdir -p "$HOME/.config/sealpost"
conf() {
	printf '%s\n' '[sealpost]' "mta = $t/mta" "$@" >"$HOME/.config/sealpost/config"
}
printf '#!/bin/sh\ncat >"%s"\n' "$t/sent" >"$t/mta"
chmod 755 "$t/mta"
conf
printf 'From: %s\nTo: %s\nSubject: x\n\nthe text\n' $me $a >"$t/mail"
fresh() { # WHAT PINENTRY DOES: it is asked again
	gpg-connect-agent --no-autostart reloadagent /bye >/dev/null 2>&1
	echo "$1" >"$t/do"
	: >"$t/told"
	rm -f "$t/sent"
}
told() {
	grep -E "^OPTION ($1)[ =]" "$t/told" | tr '\n' ,
}
signed() { # by whom the sent mail is signed
	lab-decrypt "$t/sent" 2>&1 >/dev/null | grep -c "VALIDSIG $(lab-key $me)"
}
ok "pinned" sealpost lookup --pin $a
unset GPG_TTY DISPLAY WAYLAND_DISPLAY LC_ALL LC_CTYPE LC_MESSAGES
export LANG=de_DE.UTF-8

# 1 GPG_TTY
fresh answer
check_exit 0 env GPG_TTY=/dev/pts/77 TERM=vt220 sealpost send -- $a <"$t/mail"
is "1 GPG_TTY: silent" "$out$err" ""
is "1 GPG_TTY: signed" "$(signed)" 1
is "1 GPG_TTY: there it asks" "$(told ttyname)" "OPTION ttyname=/dev/pts/77,"
is "1 GPG_TTY: of that kind" "$(told ttytype)" "OPTION ttytype=vt220,"
is "1 GPG_TTY: in the user's language" "$(told 'lc-ctype|lc-messages')" \
	"OPTION lc-ctype=de_DE.UTF-8,OPTION lc-messages=de_DE.UTF-8,"

# 2 afterwards the agent knows it
: >"$t/told"
check_exit 0 sealpost send -- $a <"$t/mail"
is "2 known: signed" "$(signed)" 1
is "2 known: nobody is asked" "$(cat "$t/told")" ""

# 3 which variable counts: LC_ALL, then the category's own, then LANG; what is no locale's name is passed over
fresh answer
check_exit 0 env GPG_TTY=/dev/pts/77 LC_CTYPE=fr_FR.UTF-8 sealpost send -- $a <"$t/mail"
is "3 LC_CTYPE" "$(told 'lc-ctype|lc-messages')" "OPTION lc-ctype=fr_FR.UTF-8,OPTION lc-messages=de_DE.UTF-8,"
fresh answer
check_exit 0 env GPG_TTY=/dev/pts/77 LC_CTYPE=fr_FR.UTF-8 LC_ALL=el_GR.UTF-8 sealpost send -- $a <"$t/mail"
is "3 LC_ALL" "$(told 'lc-ctype|lc-messages')" "OPTION lc-ctype=el_GR.UTF-8,OPTION lc-messages=el_GR.UTF-8,"
fresh answer
check_exit 0 env GPG_TTY=/dev/pts/77 LC_ALL="x
OPTION y" sealpost send -- $a <"$t/mail"
is "3 no name of a locale: signed" "$(signed)" 1
is "3 no name of a locale: not told" "$(told 'lc-ctype|lc-messages|y')" "OPTION lc-ctype=C,OPTION lc-messages=C,"

# 4 standard output is a terminal
fresh answer
check_exit 0 script -qec "sealpost send -- $a <'$t/mail'" /dev/null
is "4 a terminal: signed" "$(signed)" 1
like "4 a terminal: there it asks" "$(told ttyname)" '^OPTION ttyname=/dev/pts/[0-9]+,$'

# 5 DISPLAY
fresh answer
check_exit 0 env DISPLAY=:77 sealpost send -- $a <"$t/mail"
is "5 DISPLAY: signed" "$(signed)" 1

# 6 nowhere to ask
fresh answer
check_exit 75 sealpost send -- $a <"$t/mail"
like "6 nowhere: said" "$err" 'passphrase of the signing key is not cached and nobody can be asked'
like "6 nowhere: how it could be" "$err" 'export GPG_TTY before the mail program starts'
hint=$(printf '%s\n' "$err" | sed -n 's/^hint: //p')
is "6 nowhere: not asked" "$(grep -c GETPIN "$t/told")" 0
not_ok "6 nowhere: nothing sent" test -e "$t/sent"
ok "6 nowhere: its hint, on another terminal" script -qec "$hint" /dev/null
like "6 nowhere: there it asks" "$(told ttyname)" '^OPTION ttyname=/dev/pts/[0-9]+,$'
check_exit 0 sealpost send -- $a <"$t/mail"
is "6 nowhere: and then it goes, signed" "$(signed)" 1

# 7 pinentry = never
fresh answer
conf 'pinentry = never'
check_exit 75 env GPG_TTY=/dev/pts/77 sealpost send -- $a <"$t/mail"
like "7 never: said" "$err" 'passphrase of the signing key is not cached'
is "7 never: not asked" "$(grep -c GETPIN "$t/told")" 0
conf

# 8 the person cancels
fresh cancel
check_exit 75 env GPG_TTY=/dev/pts/77 sealpost send -- $a <"$t/mail"
like "8 cancelled: said" "$err" 'passphrase of the signing key was not given'
is "8 cancelled: asked once" "$(grep -c GETPIN "$t/told")" 1
not_ok "8 cancelled: nothing sent" test -e "$t/sent"

# 8 a terminal that is gone
fresh gone
check_exit 75 env GPG_TTY=/dev/pts/77 sealpost send -- $a <"$t/mail"
like "8 gone: said" "$err" 'not given, as pinentry could not ask for it \(No such file or directory\); GPG_TTY may name'
like "8 gone: the hint" "$err" "^hint: gpg -u $(lab-key $me) -o /dev/null --sign /dev/null"
not_ok "8 gone: nothing sent" test -e "$t/sent"

# 9 a wrong passphrase, three times
fresh wrong
check_exit 75 env GPG_TTY=/dev/pts/77 sealpost send -- $a <"$t/mail"
like "9 wrong: said" "$err" 'passphrase of the signing key was not given'
not_ok "9 wrong: nothing sent" test -e "$t/sent"

# 10 nobody answers
fresh hang
conf 'pinentry-timeout = 1s'
check_exit 75 env GPG_TTY=/dev/pts/77 sealpost send -- $a <"$t/mail"
like "10 no answer: said" "$err" 'gpg did not finish within [0-9]+ s'
not_ok "10 no answer: nothing sent" test -e "$t/sent"

# 11 the agent was killed, and its socket is still there: another one is started
conf
me=me@sender.example
lab-import-sender $me
sed 's/locked@sender/me@sender/' "$t/mail" >"$t/mine"
socket=$HOME/.gnupg/S.gpg-agent
fresh answer
check_exit 0 sealpost send -- $a <"$t/mine"
is "11 before: signed" "$(signed)" 1
kill_agent() {
	agent=$(gpg-connect-agent --no-autostart 'getinfo pid' /bye | sed -n 's/^D //p')
	kill -9 "$agent"
	while kill -0 "$agent" 2>/dev/null; do sleep 0.05; done
}
kill_agent
ok "11 killed: a socket is left" test -S "$socket"
rm -f "$t/sent"
check_exit 0 sealpost send -- $a <"$t/mine"
is "11 killed: silent" "$out$err" ""
is "11 killed: signed" "$(signed)" 1
conf 'sign = always' 'encrypt = never'
kill_agent
rm -f "$t/sent"
check_exit 0 sealpost send -- nobody@absent.example <"$t/mine"
like "11 killed, signed in clear" "$(cat "$t/sent")" 'BEGIN PGP SIGNATURE'

# 12 and none can be had
conf
kill_agent
mkdir "$t/broken"
printf '#!/bin/sh\nexit 1\n' >"$t/broken/gpg-connect-agent"
chmod 755 "$t/broken/gpg-connect-agent"
rm -f "$t/sent"
check_exit 75 env PATH="$t/broken:$PATH" sealpost send -- $a <"$t/mine"
like "12 no agent: said" "$err" 'gpg-agent cannot be reached'
not_ok "12 no agent: nothing sent" test -e "$t/sent"

is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" -name 'sealpost*')" ""
done_testing
