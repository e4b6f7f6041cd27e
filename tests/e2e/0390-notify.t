#!/bin/sh
# SPDX-License-Identifier: ISC
# notify: a program is told of a refusal; and what a person is reminded of once a day.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
t=$LAB/tmp
x=x@refused.example
alice=alice@advanced.example
mkdir -p "$HOME/.config/sealpost" "$HOME/bin"
cat >"$HOME/bin/told" <<'END'
#!/bin/sh
{ echo "arguments: $*"; cat; } >"$LAB/tmp/told.new"
mv "$LAB/tmp/told.new" "$LAB/tmp/told"
while [ -e "$LAB/tmp/wait" ]; do sleep 0.1; done
touch "$LAB/tmp/ended"
END
chmod 755 "$HOME/bin/told"
conf() {
	printf '%s\n' '[sealpost]' "$@" >"$HOME/.config/sealpost/config"
}
told() { # what the program got, once it is there
	within 10 test -e "$t/told"
	cat "$t/told" 2>/dev/null
	rm -f "$t/told"
}
mail() { # TO
	printf 'From: me@sender.example\nTo: %s\nSubject: canary-subject\n\ncanary-text\n' "$1"
}

conf "notify = ~/bin/told 'two words'"
touch "$t/wait"
mail $x >"$t/mail"
check_exit 75 sealpost send $x <"$t/mail"
got=$(told)
like "the program got its arguments" "$got" '^arguments: two words$'
like "and the refusal" "$got" "^sealpost: not sent: $x: cannot tell"
like "and the hint" "$got" '^hint: '
is "which is what standard error has" "$(printf '%s\n' "$got" | tail -n +2)" "$err"
unlike "no subject, no text" "$got" 'canary'
not_ok "it is not waited for" test -e "$t/ended"
rm -f "$t/wait"
ok "and it outlives sealpost" within 10 test -e "$t/ended"

check_exit 0 sh -c "sealpost send $alice" <"$t/mail"
not_ok "nothing is refused, nobody is told" test -e "$t/told"
sealpost send --explain $x <"$t/mail" >/dev/null 2>&1
not_ok "nor by --explain" test -e "$t/told"

# What the MTA does not take.
printf '#!/bin/sh\nexit 73\n' >"$t/mta"
chmod 755 "$t/mta"
conf 'notify = ~/bin/told' "mta = $t/mta"
check_exit 73 sealpost send --again $alice <"$t/mail"
like "the MTA's refusal too" "$(told)" 'refused the mail \(exit status 73\)'

# Arguments are refused before the configuration is read.
conf 'notify = ~/bin/told'
for words in 'x@@y' '--nosuch alice@advanced.example' '-bs'; do
	# shellcheck disable=SC2086
	check_exit 64 sealpost send $words <"$t/mail"
	is "$words: the refusal too" "$(told | tail -n +2)" "$err"
	is "$words: and why has it" "$(sealpost why -n 1 --json | jq -r '"\(.exit) \(.recipients[0].reason)"')" \
		"64 $(printf '%s\n' "$err" | sed -n 's/^sealpost: not sent: //p')"
done
check_exit 64 sealpost send --explain 'x@@y' <"$t/mail"
is "but not by --explain" "$(sealpost why -n 1 --json | jq -r '.recipients[0].reason' | cut -c 1-10)" 'option -bs'
printf 'nosuch = 1\n' >>"$HOME/.config/sealpost/config"
check_exit 64 sealpost send 'x@@y' <"$t/mail"
is "nor does a configuration that cannot be read stand in the way" "$(printf '%s\n' "$err" | wc -l)" 2

# A configuration that cannot be read refuses the mail: why has it once it can be, where the state is the usual one.
check_exit 78 sealpost send alice@advanced.example <"$t/mail"
check_exit 78 sealpost send --explain bob@advanced.example <"$t/mail"
check_exit 78 sealpost why
conf
is "why has both" "$(sealpost why -n 2 --json | jq -r '"\(.exit) \(.recipients[0].reason)"' | sed 's/: .*//; s|/.*/||')" \
	"78 config:3
64 recipient x@@y"
mv "$HOME/.local/share/sealpost" "$t/state"
printf 'nosuch = 1\n' >>"$HOME/.config/sealpost/config"
check_exit 78 sealpost send alice@advanced.example <"$t/mail"
not_ok "no state is made for it" test -e "$HOME/.local/share/sealpost"
mv "$t/state" "$HOME/.local/share/sealpost"
rm -f "$t/told"

# A program that is not there changes nothing.
conf 'notify = /nonexistent/told'
check_exit 75 sealpost send $x <"$t/mail"
like "the refusal" "$err" "not sent: $x"
like "and that nobody is told" "$err" 'notify: /nonexistent/told'
# It cannot send by sealpost: that would go round for ever.
printf '#!/bin/sh\nprintf "To: %s\\n\\nx\\n" | sealpost send %s 2>"%s"\ntouch "%s"\n' $x $x "$t/inner" "$t/told" >"$HOME/bin/told"
conf 'notify = ~/bin/told'
check_exit 75 sealpost send $x <"$t/mail"
told >/dev/null
like "a mail of its own is refused" "$(cat "$t/inner")" 'for ever'

# Once a day on a terminal: different keys that wait.
conf
lab-new-key $alice "$t/alice2" >/dev/null
lab-wkd-put $alice "$t/alice2"
sealpost refresh $alice >/dev/null 2>&1
is "a key is held" "$(sealpost pins list --json | jq -r 'select(.held) | .address')" $alice
screen() {
	script -qec "sealpost send --again bob@direct.example <'$t/mail'" /dev/null </dev/null 2>&1 | tr -d '\r'
}
like "said on a terminal" "$(screen)" '1 pinned address.* have a different key now'
is "once a day" "$(screen)" ''
rm -f "$HOME/.cache/sealpost/reminded"
is "never elsewhere" "$(sealpost send --again bob@direct.example <"$t/mail" 2>&1)" ''
like "doctor says it" "$(sealpost doctor 2>&1)" '^WARN +held keys: 1 pinned'
fpr=$(lab-key me@sender.example)
gpg --batch --quick-set-expire "$fpr" 10d 2>/dev/null
out=$(screen)
like "the own key is about to expire" "$out" "your key $fpr expires in (9|10) day"
like "the own key is about to expire: hint" "$out" '^hint: sealpost doctor$'
done_testing
