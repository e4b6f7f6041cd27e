#!/bin/sh
# SPDX-License-Identifier: ISC
# What each process can and cannot do; what is left behind; the user's gpg settings.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# Our processes hide what they hold from their own user.
# shellcheck disable=SC2034
lab_options=--caps
in_lab "$0" "$@"

lab-import-sender
printf 'From: me@sender.example\nTo: alice@advanced.example, bob@direct.example\nSubject: s\n\nthe text\n' >"$LAB/tmp/mail"
find_helper() {
	within 5 pgrep -f "$1" | head -n 1
}

# A lookup that hangs until its deadline shows the processes as they are.
sealpost lookup x@dead.example >/dev/null 2>&1 &
main=$!
net=$(find_helper sealpost-net)
ok "the network helper is a program of its own" test -n "$net"
field() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}
under_seccomp() {
	[ "$(field "$1" Seccomp)" = 2 ]
}
# It has a name before it has a sandbox.
ok "it is under seccomp" within 5 under_seccomp "$net"
is "it cannot gain privileges" "$(field "$net" NoNewPrivs)" 1
like "its descriptor 3 is the socket" "$(readlink "/proc/$net/fd/3")" '^socket:'
is "its standard input and output are nobody's" "$(readlink "/proc/$net/fd/0" "/proc/$net/fd/1" | sort -u)" /dev/null
is "it holds no file of the home" "$(find "/proc/$net/fd" -type l -exec readlink {} \; | grep -c "^$HOME")" 0
ok "its environment can be looked at" test -r "/proc/$net/environ"
unlike "its environment names no home" "$(tr '\0' '\n' <"/proc/$net/environ")" '^(HOME|GNUPGHOME|XDG_|GPG_)'
is "the asking process is under seccomp too" "$(field "$main" Seccomp)" 2
is "and cannot gain privileges" "$(field "$main" NoNewPrivs)" 1
kill -INT "$main"
wait "$main" 2>/dev/null
within 3 nothing_runs
is "interrupted: nothing runs on" "$(running)" ""
is "interrupted: nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""

# The ports that it may connect to are those of this run; the kernel's Landlock decides whether they count.
ports() { # OPTION... VERB...: as -v tells them
	sealpost -v "$@" 2>&1 >/dev/null | sed -n 's/^sealpost: sandbox of sealpost-net: .*, TCP to \(no port but\|any port, not only to\) //p'
}
conf=$HOME/.config/sealpost/config
mkdir -p "${conf%/*}"
is "443 and 53" "$(ports lookup --fresh nobody@absent.example)" "443, 53"
is "with check --live its port" "$(ports check --live=2525 absent.example)" "443, 53, 2525"
is "not for the rest of check" "$(ports check absent.example)" "443, 53"
printf '[sealpost]\nresolver = 127.0.0.1@5353\n' >"$conf"
is "the resolver's own" "$(ports lookup --fresh nobody@absent.example)" "443, 5353"
printf '[sealpost]\nproxy = socks5h://127.0.0.1:9050\nmethods = wkd\n' >"$conf"
is "nothing but the proxy's" "$(ports lookup --fresh nobody@absent.example)" "9050"
rm "$conf"
rm -rf "$HOME/.cache/sealpost"

# No daemon of ours survives; the user's agent is the only one, and is the user's.
check_exit 0 sealpost send -f me@sender.example -- alice@advanced.example bob@direct.example <"$LAB/tmp/mail"
is "no daemon of ours survives" "$(running)" ""
is "the user's agent is the only one, and is the user's" "$(ps -eo args= | grep '^gpg-agent' | grep -cv "homedir $HOME/.gnupg ")" 0
is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""

# The user's gpg.conf changes nothing.
keys() {
	lab-decrypt "$1" 2>&1 >/dev/null | sed -n 's/^\[GNUPG:\] ENC_TO //p' | sort
}
before=$(keys "$(lab-mails | tail -n 1)")
is "three recipients: two and the sender" "$(printf '%s\n' "$before" | wc -l)" 3
cat >"$HOME/.gnupg/gpg.conf" <<CONF
encrypt-to $(lab-key me@sender.example)
throw-keyids
comment hostile-comment
group alice@advanced.example = $(lab-key frank@advanced.example)
auto-key-locate wkd,dane,keyserver
auto-key-retrieve
hidden-encrypt-to $(lab-key me@sender.example)
armor
CONF
cp "$HOME/.gnupg/gpg.conf" "$LAB/tmp/gpg.conf"
ls -la --time-style=full-iso "$HOME/.gnupg/pubring.kbx" >"$LAB/tmp/ring"
rm -rf "$HOME/.cache/sealpost"
check_exit 0 sealpost send -f me@sender.example -- alice@advanced.example bob@direct.example <"$LAB/tmp/mail"
is "same recipients as without it" "$(keys "$(lab-mails | tail -n 1)")" "$before"
unlike "no comment" "$(cat "$(lab-mails | tail -n 1)")" 'hostile-comment|^Version: G'
is "the keyring is as it was" "$(ls -la --time-style=full-iso "$HOME/.gnupg/pubring.kbx")" "$(cat "$LAB/tmp/ring")"
echo 'no-such-option-in-gpg' >>"$HOME/.gnupg/gpg.conf"
rm -rf "$HOME/.cache/sealpost"
check_exit 0 sealpost send -f me@sender.example -- alice@advanced.example bob@direct.example <"$LAB/tmp/mail"
done_testing
