#!/bin/sh
# SPDX-License-Identifier: ISC
# What gpg has found of signatures is kept: it runs once for a mail to known keys, and looks again when it has to.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
mkdir -p "$HOME/.config/sealpost" "$LAB/tmp/bin"
printf '[sealpost]\nmta = %s\n' "$LAB/tmp/mta" >"$HOME/.config/sealpost/config"
printf '#!/bin/sh\ncat >"%s"\n' "$LAB/tmp/sent" >"$LAB/tmp/mta"
# gpg, and what it was called for. One that seals can write nowhere, and says it in a notation of its signature; one that
# was started before the mail is known is told of the keys by its descriptor 5.
real=$(command -v gpg)
cat >"$LAB/tmp/bin/gpg" <<END
#!/bin/sh
case " \$* " in
*' --options /dev/fd/5 '*)
	settings=\$(cat <&5)
	said=\$(echo "\$settings" | sed -n 's/^recipient .*/-r/p; s/^recipient-file .*/-f/p' | tr '\n' ' ')
	exec $real --sig-notation "run@test.example=\${said}seal" "\$@" 5<<SETTINGS
\$settings
SETTINGS
	;;
*' --encrypt '*)
	for a; do
		case \$a in -r | -f) said="\$said\$a " ;; esac
	done
	exec $real --sig-notation "run@test.example=\${said}seal" "\$@"
	;;
*' --import '*) echo import >>"$LAB/tmp/runs" ;;
*) echo other >>"$LAB/tmp/runs" ;;
esac
exec $real "\$@"
END
chmod 755 "$LAB/tmp/mta" "$LAB/tmp/bin/gpg"
PATH=$LAB/tmp/bin:$PATH
cache=$HOME/.cache/sealpost/cache.db
a=alice@advanced.example
b=bob@direct.example
send() { # RECIPIENT...
	: >"$LAB/tmp/runs"
	rm -f "$LAB/tmp/sent"
	printf 'From: me@sender.example\nTo: %s\nSubject: x\n\nthe text\n' "$(echo "$@" | sed 's/ /, /g')" >"$LAB/tmp/mail"
	check_exit 0 sealpost send -- "$@" <"$LAB/tmp/mail"
	recipients=$(sed -n '/^-----BEGIN PGP/,/^-----END PGP/p' "$LAB/tmp/sent" |
		"$real" --batch --list-packets --list-only 2>/dev/null | grep -c '^:pubkey enc packet:')
}
runs() {
	PATH=${PATH#*:} lab-notation "$LAB/tmp/sent" >>"$LAB/tmp/runs"
	tr '\n' , <"$LAB/tmp/runs"
}

# gpg 2.4's agent writes an imported secret key anew at its first use, and sealpost would see that keys have changed.
echo | "$real" --batch --quiet --local-user me@sender.example --sign >/dev/null

ok "pinned" sealpost lookup --pin $a $b

# 1 first mail: gpg's word is had, and used
send $a
like "1 first mail: gpg looks once" "$(runs)" 'import,.*-r -r seal,$'
is "1 first mail: two can open it" "$recipients" 2

# 2 afterwards
send $a
is "2 afterwards: one run" "$(runs)" "-r -r seal,"
is "2 afterwards: two can open it" "$recipients" 2

# 3 a new recipient: only his key is new, but all is known afterwards
send $a $b
like "3 a new recipient: gpg looks at his" "$(runs)" 'import,-r -r -r seal,$'
is "3 a new recipient: three can open it" "$recipients" 3
send $b $a
is "3 a new recipient: known" "$(runs)" "-r -r -r seal,"

# 4 another gpg, or one that was exchanged, looks for itself
touch -d '2001-01-01' "$LAB/tmp/bin/gpg"
send $a
like "4 another gpg looks again" "$(runs)" 'import,-r -r seal,$'
send $a
is "4 another gpg: known" "$(runs)" "-r -r seal,"

# 5 the notes are gone
rm "$cache"
send $a
like "5 no notes: gpg looks again" "$(runs)" 'import,.*-r -r seal,$'
is "5 no notes: two can open it" "$recipients" 2

# 6 the notes are damaged: nothing in them is believed
printf 'damaged' | dd of="$cache" bs=1 seek=5000 conv=notrunc 2>/dev/null
send $a
is "6 damaged notes: two can open it" "$recipients" 2
like "6 damaged notes: sealed" "$(runs)" 'seal,$'

# 7 no folder for the notes: checked each time, and sent all the same
rm -rf "$HOME/.cache/sealpost"
mkdir -p "$HOME/.cache"
: >"$HOME/.cache/sealpost"
send $a
is "7 no folder: two can open it" "$recipients" 2
send $a
like "7 no folder: gpg looks each time" "$(runs)" 'import,-r -r seal,$'
rm "$HOME/.cache/sealpost"

# 8 gpg fails to look: it checks while it seals
sed -i "/^\*' --import '/s| ;;|; exit 2 ;;|" "$LAB/tmp/bin/gpg"
send $a
like "8 gpg fails to look: he is a file" "$(runs)" '-r -f seal,$'
is "8 gpg fails to look: two can open it" "$recipients" 2
send $a
unlike "8 gpg fails to look: it is not asked again" "$(runs)" 'import'

# 9 no gpg of a version that will do
sed -i "s|^case|case \" \$* \" in *' --version '*) echo 'gpg (GnuPG) 2.0.30'; exit 0 ;; esac\ncase|" "$LAB/tmp/bin/gpg"
: >"$LAB/tmp/runs"
rm -f "$LAB/tmp/sent"
check_exit 78 sealpost send -- $a <"$LAB/tmp/mail"
like "9 too old a gpg: said" "$err" 'version 2\.0\.30 is older than'
not_ok "9 too old a gpg: nothing sent" test -e "$LAB/tmp/sent"

done_testing
