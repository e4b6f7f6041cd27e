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
# A gpg that tries that first. What came of it is in $state/got where it reads certificates; one that seals can write
# nowhere: it says it in a notation of its signature.
put() { # SHELL COMMAND
	cat >"$t/bin/gpg" <<END
#!/bin/sh
got=\$({ $1; } 2>&1 | base64 -w 0)
case " \$* " in
*' --encrypt '*) exec $real --sig-notation "got@test.example=\$got" "\$@" ;;
esac
echo "\$got" | base64 -d >>"$state/got"
exec $real "\$@"
END
	chmod 755 "$t/bin/gpg"
	rm -f "$state/got" "$t/sent"
}
try() { # SHELL COMMAND
	put "$1"
	run env PATH="$t/bin:$PATH" sealpost send -- $a <"$t/mail"
	lab-notation "$t/sent" | base64 -d >"$t/got"
}
denied() { # NAME SHELL COMMAND WORDS
	try "$2"
	is "$1: sent all the same" "$rc" 0
	like "$1: denied" "$(cat "$t/got")" "$3"
	unlike "$1: nothing got out" "$(cat "$t/got")" '^secret|^-----BEGIN|^HOME='
	put "$2"
	run env PATH="$t/bin:$PATH" sealpost lookup --fresh --pin $a
	like "$1: denied to one that reads certificates" "$(cat "$state/got")" "$3"
	unlike "$1: nothing got out of that" "$(cat "$state/got")" '^secret|^-----BEGIN|^HOME='
}
no='Permission denied'
denied "1 an SSH key" "cat $HOME/.ssh/id_ed25519" "$no"
denied "2 the user's mail" "cat $HOME/Mail/inbox" "$no"
denied "3 a listing of the home" "ls $HOME" "$no"
denied "4 gpg's secret keys" "for k in $HOME/.gnupg/private-keys-v1.d/*; do cat \$k; done" "$no|No such file"
denied "5 any other file" "cat $HOME/other" "$no"
denied "6 another process's environment" "cat /proc/1/environ" "$no"
denied "7 the machine's settings" "cat /etc/shadow /etc/fstab /etc/hosts" "$no"
denied "8 by a hard link where it may read" "ln $HOME/other $state/x; cat $state/x" 'denied|cross-device|permitted|No such'
denied "9 by a symbolic link" "ln -sf $HOME/other $state/x; cat $state/x" "$no"
denied "10 writing beside" "echo x >$HOME/new" "$no|cannot create"
denied "11 modes" "chmod 644 $t/mail" 'not permitted'
denied "12 priorities" "renice -n 5 -p \$\$" 'not permitted'
rm -f "$state/x"

# What the one may, and the other, which needs nothing of it, may not.
for file in "$HOME/.gnupg/pubring.kbx" "$HOME/.config/sealpost/config"; do
	try "wc -c <$file"
	like "20 $file: not one that seals" "$(cat "$t/got")" "$no"
	put "wc -c <$file"
	run env PATH="$t/bin:$PATH" sealpost lookup --fresh --pin $a
	like "20 $file: one that reads certificates" "$(cat "$state/got")" '^[1-9][0-9]*$'
done
for folder in "$state" "$XDG_RUNTIME_DIR" "\${2-}" /tmp; do
	try "echo x >$folder/new"
	like "21 one that seals writes not even to $folder" "$(cat "$t/got")" "$no|cannot create|nonexistent"
done

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
