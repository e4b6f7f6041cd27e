#!/bin/sh
# SPDX-License-Identifier: ISC
# An answer to a sealed mail, written in mutt or NeoMutt with the lines of contrib: the program seals nothing by itself, asks
# nothing, and demands that sealpost does. The next mail is free again.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
command -v script >/dev/null || skip_all "script is missing"

lab-import-sender
t=$LAB/tmp
alice=alice@advanced.example
cat >"$t/catch" <<SCRIPT
#!/bin/sh
cat >"$t/got.\$(ls $t/got.* 2>/dev/null | wc -l)"
SCRIPT
cat >"$t/editor" <<'SCRIPT'
#!/bin/sh
echo 'an answer' >>"$1"
SCRIPT
chmod 755 "$t/catch" "$t/editor"
gpg --batch --quiet --import "$LAB/keys/$alice.pub" 2>/dev/null

# A sealed mail from Alice, and one in clear.
mailbox() {
	printf 'From alice@advanced.example Mon Nov 23 10:00:00 2026\nFrom: Alice <%s>\nTo: me@sender.example\n' $alice
	printf 'Subject: sealed\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <s1@advanced.example>\nMIME-Version: 1.0\n'
	printf 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n'
	printf -- '--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n'
	printf 'Content-Type: text/plain\r\n\r\nthe secret\r\n' |
		gpg --batch --quiet --armor --trust-model always --recipient me@sender.example --encrypt
	printf -- '--b--\n\n'
	printf 'From alice@advanced.example Mon Nov 23 11:00:00 2026\nFrom: Alice <%s>\nTo: me@sender.example\n' $alice
	printf 'Subject: clear\nDate: Mon, 23 Nov 2026 11:00:00 +0000\nMessage-ID: <c1@advanced.example>\n\nno secret\n\n'
}

for m in mutt neomutt; do
	command -v $m >/dev/null || {
		skip 5 "$m is missing"
		continue
	}
	rm -f "$t"/got.*
	mailbox >"$t/mbox"
	sed "s,^set sendmail=.*,set sendmail=\"$t/catch\"," "$LAB_SRC/contrib/$m/${m}rc" >"$HOME/.${m}rc"
	cat >>"$HOME/.${m}rc" <<MUTT
set from=me@sender.example realname=Me use_from=yes hostname=sender.example
set editor=$t/editor autoedit fast_reply include=yes edit_headers=no folder=$t wait_key=no quit=yes
push '<first-entry><reply><send-message><next-entry><reply><send-message><quit>'
MUTT
	TERM=xterm timeout 100 script -qefc "stty rows 40 cols 100; $m -F $HOME/.${m}rc -f $t/mbox" /dev/null >"$t/screen" 2>&1 </dev/null
	like "$m: the answer to the sealed mail has to be sealed" "$(cat "$t/got.0" 2>/dev/null)" '^X-Sealpost: encrypt=require'
	like "$m: it is not sealed by $m itself" "$(cat "$t/got.0" 2>/dev/null)" 'an answer'
	like "$m: it names the mail that it answers" "$(cat "$t/got.0" 2>/dev/null)" '^In-Reply-To: <s1@advanced.example>'
	like "$m: the next mail went out" "$(cat "$t/got.1" 2>/dev/null)" '^In-Reply-To: <c1@advanced.example>'
	unlike "$m: and is free" "$(cat "$t/got.1" 2>/dev/null)" '^X-Sealpost:'
done
done_testing
