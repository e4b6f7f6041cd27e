#!/bin/sh
# SPDX-License-Identifier: ISC
# What the process that holds the mail, and gpg below it, can read and change: tried by a gpg that does more than it
# should, as a broken one would, before it does its work.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

t=$LAB/tmp
a=alice@advanced.example
state=$HOME/.local/share/sealpost
lab-import-sender
mkdir -p "$HOME/.config/sealpost" "$HOME/.ssh" "$HOME/Mail" "$t/bin"
printf '[sealpost]\nmta = %s/mta\n' "$t" >"$HOME/.config/sealpost/config"
printf '#!/bin/sh\ncat >"%s/sent"\n' "$t" >"$t/mta"
chmod 755 "$t/mta"
echo secret >"$HOME/.ssh/id_ed25519"
echo secret >"$HOME/Mail/inbox"
echo secret >"$HOME/other"
printf 'From: me@sender.example\nTo: %s\nSubject: x\n\nthe text\n' $a >"$t/mail"
ok "pinned" sealpost lookup --pin $a
real=$(command -v gpg)
try() { # SHELL COMMAND: a gpg that tries that first; what came of it is in $state/got
	rm -f "$state/got" "$t/sent"
	printf '#!/bin/sh\n{ %s; } >>"%s/got" 2>&1\nexec %s "$@"\n' "$1" "$state" "$real" >"$t/bin/gpg"
	chmod 755 "$t/bin/gpg"
	run env PATH="$t/bin:$PATH" sealpost send -- $a <"$t/mail"
}
denied() { # NAME SHELL COMMAND WORDS
	try "$2"
	is "$1: sent all the same" "$rc" 0
	like "$1: denied" "$(cat "$state/got")" "$3"
	unlike "$1: nothing got out" "$(cat "$state/got")" '^secret|^-----BEGIN|^HOME='
}
no='Permission denied'
denied "1 an SSH key" "cat $HOME/.ssh/id_ed25519" "$no"
denied "2 the user's mail" "cat $HOME/Mail/inbox" "$no"
denied "3 a listing of the home" "ls $HOME" "$no"
denied "4 gpg's secret keys" "for k in $HOME/.gnupg/private-keys-v1.d/*; do cat \$k; done" "$no"
denied "5 any other file" "cat $HOME/other" "$no"
denied "6 another process's environment" "cat /proc/1/environ" "$no"
denied "7 the machine's settings" "cat /etc/shadow /etc/fstab /etc/hosts" "$no"
denied "8 by a hard link where it may read" "ln $HOME/other $state/x; cat $state/x" 'denied|cross-device|permitted|No such'
denied "9 by a symbolic link" "ln -sf $HOME/other $state/x; cat $state/x" "$no"
denied "10 writing beside" "echo x >$HOME/new" "$no|cannot create"
denied "11 modes" "touch $state/x; chmod 644 $state/x" 'not permitted'
denied "12 priorities" "renice -n 5 -p \$\$" 'not permitted'
rm -f "$state/x"

# What it may.
try "cat $HOME/.gnupg/pubring.kbx | wc -c"
is "20 the public keys: sent" "$rc" 0
like "20 the public keys" "$(cat "$state/got")" '^[1-9][0-9]*$'
try "cat $HOME/.config/sealpost/config"
like "21 its configuration" "$(cat "$state/got")" '^mta ='

# The other verbs are in it as well.
printf '#!/bin/sh\ncat %s/Mail/inbox >>"%s/got" 2>&1\nexec %s "$@"\n' "$HOME" "$state" "$real" >"$t/bin/gpg"
for verb in "lookup --fresh --pin $a" "refresh --all"; do
	rm -f "$state/got"
	run env PATH="$t/bin:$PATH" sealpost $verb
	like "22 ${verb%% *}: denied" "$(cat "$state/got")" "$no"
done
sealpost pins export >"$t/pins"
for from in "$t/pins" --from-gnupg; do
	rm -f "$state/got"
	run env PATH="$t/bin:$PATH" sealpost pins import "$from"
	like "22 pins import: denied" "$(cat "$state/got")" "$no"
done
check_exit 0 sealpost pins import "$t/pins"
(cd "$t" && sealpost pins import pins)
is "23 pins import: a file named from where one is" "$?" 0
ok "23 pins import: a pipe" sh -c "sealpost pins import /dev/fd/0 <'$t/pins'"
check_exit 0 sealpost pins import - <"$t/pins"
is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" -name 'sealpost*')" ""
done_testing
