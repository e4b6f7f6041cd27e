#!/bin/sh
# SPDX-License-Identifier: ISC
# A large mail from a file: memory does not grow with it, the sealed text waits in a file without a name, clear text never.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck disable=SC2034
lab_options=--caps
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
mkdir -p "$HOME/.config/sealpost"
# The server would keep it all in memory.
printf '#!/bin/sh\nsed 1,/^$/d | sha256sum >%s/handed\n' "$LAB/tmp" >"$LAB/tmp/mta"
chmod 755 "$LAB/tmp/mta"
printf '[sealpost]\nmta = %s\n' "$LAB/tmp/mta" >"$HOME/.config/sealpost/config"
check_exit 0 sealpost lookup --pin $alice

large() { # MEGABYTES of the attachment, before base64
	printf 'From: me@sender.example\nTo: %s\nSubject: large\nMIME-Version: 1.0\n' $alice
	printf 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\n'
	printf 'Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n'
	head -c "$1"000000 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null | base64 -w 76
	printf -- '--b--\n'
}
peak() { # COMMAND...: the largest memory of any process, in kB
	timeout -k 1 500 /usr/bin/time -q -o "$LAB/tmp/peak" -f %M "$@"
}

large 1 >"$LAB/tmp/small"
large 72 >"$LAB/tmp/large"
ok "the large one has 96 MB" test "$(wc -c <"$LAB/tmp/large")" -gt 96000000
ok "the small one is sealed" peak sealpost send $alice <"$LAB/tmp/small"
small=$(cat "$LAB/tmp/peak")
ok "the large one is sealed" peak sealpost send $alice <"$LAB/tmp/large"
large=$(cat "$LAB/tmp/peak")
ok "it takes below 32 MB ($large kB)" test "$large" -lt 32768
ok "and not much more than the small one ($small kB)" test "$large" -lt $((small + 4096))

if strace -o /dev/null true 2>/dev/null; then
	check_exit 0 strace -f -qq -o "$LAB/tmp/trace" -e trace=openat,memfd_create,linkat sealpost send $alice <"$LAB/tmp/large"
	like "the sealed text waits in a file without a name, in the temporary folder" "$(cat "$LAB/tmp/trace")" \
		"openat\(AT_FDCWD, \"$TMPDIR\", O_RDWR\|O_EXCL\|O_CLOEXEC\|O_TMPFILE, 0600(\) = [0-9]| <unfinished)"
	unlike "not in memory" "$(cat "$LAB/tmp/trace")" 'memfd_create\("sealpost"'
	unlike "it gets no name" "$(cat "$LAB/tmp/trace")" 'linkat\('
	sed -i 's/^To: .*/To: nobody@absent.example/' "$LAB/tmp/large"
	check_exit 0 strace -f -qq -o "$LAB/tmp/trace" -e trace=openat,memfd_create sealpost send nobody@absent.example <"$LAB/tmp/large"
	unlike "clear text waits in no file" "$(cat "$LAB/tmp/trace")" 'O_TMPFILE'
	like "but in memory" "$(cat "$LAB/tmp/trace")" 'memfd_create\("sealpost"'
	is "and its body is what it was" "$(cat "$LAB/tmp/handed")" "$(sed '1,/^$/d' "$LAB/tmp/large" | sha256sum)"
else
	skip 7 "strace cannot trace here"
fi

# Kept in the queue: read where it lies as it is sealed; opened, it is there once, as from a pipe.
cp "$HOME/.config/sealpost/config" "$LAB/tmp/online"
printf 'queue = unknown\nresolver = 127.0.0.1@1\ntimeout = 1\n' >>"$HOME/.config/sealpost/config"
chmod 600 "$HOME/.config/sealpost/config"
sealpost pins forget $alice >/dev/null
ok "it is kept" peak sealpost send $alice <"$LAB/tmp/large"
kept=$(cat "$LAB/tmp/peak")
ok "that takes below 32 MB ($kept kB)" test "$kept" -lt 32768
cp "$LAB/tmp/online" "$HOME/.config/sealpost/config"
ok "it is sent" peak sealpost queue run
run=$(cat "$LAB/tmp/peak")
case $LAB_BUILD in
*/developer) skip 1 'sanitizers take memory of their own' ;;
*) ok "the mail is in memory once ($run kB)" test "$run" -lt 130000 ;;
esac

# From a pipe it is held in memory, up to max-message.
printf 'max-message = 10000000\n' >>"$HOME/.config/sealpost/config"
rm -f "$LAB/tmp/handed"
check_exit 65 sh -c "cat '$LAB/tmp/large' | sealpost send nobody@absent.example"
like "it says how much" "$err" 'larger than 10000000 bytes'
like "and what helps" "$err" '^hint: raise max-message'
ok "nothing was handed over" test ! -e "$LAB/tmp/handed"
is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$TMPDIR" -name 'sealpost*')" ""
done_testing
