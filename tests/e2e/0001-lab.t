#!/bin/sh
# SPDX-License-Identifier: ISC
# The lab itself: what it serves is what the other tests believe it serves.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

dns() { # NAME [TYPE]: rcode, then the flags
	drill -D "$@" | sed -n 's/.*rcode: \([A-Z]*\),.*/\1/p; s/^;; flags: \([a-z ]*\) ;.*/\1/p' | tr '\n' ' '
}

get() { # ADDRESS [METHOD]: what its WKD URL serves, or curl's exit code
	path=$(lab-wkd-path "$@")
	path=${path#"$LAB/www/"}
	curl -sSf --max-time 5 "https://$path" || echo "exit $?"
}

openpgpkey_name() {
	printf '%s._openpgpkey.%s' "$(printf %s "${1%@*}" | sha256sum | cut -c1-56)" "${1##*@}"
}

fingerprint() {
	gpg --batch --with-colons --show-keys | awk -F: '/^fpr/ { print $10; exit }'
}

lines() {
	wc -l | tr -d ' '
}

# DNS
like "signed address is validated" "$(dns openpgpkey.advanced.example)" 'NOERROR .* ad'
like "signed address, IPv6" "$(dns openpgpkey.advanced.example AAAA)" 'NOERROR .* ad'
like "signed denial is validated" "$(dns openpgpkey.direct.example)" 'NXDOMAIN .* ad'
like "NSEC denial is validated" "$(dns openpgpkey.absent.example)" 'NXDOMAIN .* ad'
like "unsigned address" "$(dns unsigned.example)" 'NOERROR'
unlike "unsigned address is not validated" "$(dns unsigned.example)" ' ad'
like "unsigned denial" "$(dns openpgpkey.unsigned.example)" 'NXDOMAIN'
unlike "unsigned denial is not validated" "$(dns openpgpkey.unsigned.example)" ' ad'
like "bogus is refused" "$(dns openpgpkey.bogus.example)" 'SERVFAIL'
check_exit 124 timeout 1 drill openpgpkey.dead.example
ok "a client validates through the resolver" \
	drill -S -k /usr/share/dns/root.key openpgpkey.advanced.example
ok "a client recurses by itself from the root hints" \
	drill -T -r /usr/share/dns/root.hints mx.example
like "OPENPGPKEY is validated" "$(dns "$(openpgpkey_name carol@dane.example)" TYPE61)" 'NOERROR .* ad'
is "OPENPGPKEY is carol's" "$(drill "$(openpgpkey_name carol@dane.example)" TYPE61 |
	awk '!/^;/ && $4 == "OPENPGPKEY" { print $5 }' | base64 -d | fingerprint)" "$(lab-key carol@dane.example)"
like "TLSA is validated" "$(dns _443._tcp.openpgpkey.tlsa.example TLSA)" 'NOERROR .* ad'
tlsa=$(drill _443._tcp.openpgpkey.tlsa.example TLSA | awk '!/^;/ && $4 == "TLSA" { print $8 }')
is "TLSA matches the certificate" "$(openssl x509 -in "$LAB/tls/openpgpkey.tlsa.example.pem" -noout -pubkey |
	openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)" "$tlsa"
like "questions are logged" "$(cat "$LAB/log/unbound.log")" '127.0.0.1 openpgpkey.advanced.example. A IN'
lab-dns-add unsigned.example 'later A 192.0.2.80'
lab-dns-add advanced.example 'later A 192.0.2.80'
like "a record added later, unsigned" "$(dns later.unsigned.example)" 'NOERROR'
like "a record added later, signed" "$(dns later.advanced.example)" 'NOERROR .* ad'

# WKD
is "alice, advanced method" "$(get alice@advanced.example | fingerprint)" "$(lab-key alice@advanced.example)"
is "bob, direct method" "$(get bob@direct.example direct | fingerprint)" "$(lab-key bob@direct.example)"
is "dave, direct method" "$(get dave@unsigned.example direct | fingerprint)" "$(lab-key dave@unsigned.example)"
like "nobody: 404" "$(get nokey@advanced.example 2>&1)" 'error: 404'
like "carol: 404" "$(get carol@dane.example 2>&1)" 'error: 404'
like "garbage is a page" "$(get garbage@advanced.example)" '<html>|<title>'
like "refused" "$(get x@refused.example 2>&1)" 'exit 7'
like "a silent address" "$(curl -sS --max-time 1 https://203.0.113.1/ 2>&1)" 'timed out'
like "IPv6" "$(curl -6 -sSI https://openpgpkey.advanced.example/ 2>&1)" '^HTTP/2 40'
lab-wkd-put new@direct.example "$LAB/keys/erin@advanced.example.pub" direct
is "published later" "$(get new@direct.example direct | fingerprint)" "$(lab-key erin@advanced.example)"
lab-wkd-rm new@direct.example direct
like "withdrawn" "$(get new@direct.example direct 2>&1)" 'error: 404'
like "requests are logged" "$(cat "$LAB/log/web.log")" ' openpgpkey.advanced.example "GET [^"]*alice|hu/.* 200'

# keys
keyinfo() {
	gpg --batch --with-colons --list-options show-unusable-subkeys --show-keys "$LAB/keys/$1.pub"
}
like "revoked" "$(keyinfo revoked@advanced.example)" '^pub:r:'
like "expired" "$(keyinfo expired@advanced.example)" '^pub:e:'
unlike "signing only" "$(keyinfo signonly@advanced.example)" '^sub:'
unlike "another's User ID" "$(keyinfo wronguid@advanced.example)" '^uid:.*wronguid'
is "two User IDs" "$(keyinfo multi@advanced.example | grep -c '^uid:.*other@elsewhere\|^uid:.*multi@advanced')" 2

# mail
printf 'Subject: hello\n\nworld\n' | msmtp --host=127.0.0.1 --from=a@b.example x@y.example
printf 'Subject: again\n\nworld\n' | /usr/sbin/sendmail -i -f a@b.example -- x@y.example z@y.example
is "both mails have arrived" "$(lab-mails | lines)" 2
like "sender" "$(cat "$(lab-mails | head -n 1)")" '^X-Mail-Args: <a@b.example>'
like "recipient" "$(cat "$(lab-mails | tail -n 1)")" '^X-Rcpt-Args: <z@y.example>'

# sealing by hand, as a receiver would undo it
ok "import a sender" lab-import-sender
printf 'secret\n' | gpg --batch --quiet --trust-model always -sea -u me@sender.example \
	-f "$LAB/keys/alice@advanced.example.pub" >"$TMPDIR/sealed"
run lab-decrypt "$TMPDIR/sealed"
is "a receiver decrypts" "$out" secret
like "the signature is good" "$err" "VALIDSIG $(lab-key me@sender.example)"
lab-import-sender locked@sender.example
not_ok "a locked key needs its passphrase" \
	gpg --batch --quiet --pinentry-mode error -u locked@sender.example -s -o "$TMPDIR/signed" /dev/null
ok "and opens with it" gpg --batch --quiet --pinentry-mode loopback --passphrase 'correct horse' \
	-u locked@sender.example -s --yes -o "$TMPDIR/signed" /dev/null

# the environment
not_ok "the machine's files cannot be changed" touch /etc/lab-was-here
not_ok "its devices cannot be removed" rm -f /dev/full
if [ "$(stat -c %u "$LAB_BUILD")" = 0 ]; then
	ok "the build folder can be written" rm "$(mktemp "$LAB_BUILD/.lab.XXXXXX")"
else
	skip 1 "the build folder is another's"
fi
is "HOME is the lab's" "$HOME" "$LAB/home"
is "no variables of the caller's" "$(env | cut -d= -f1 | grep -c '^GNUPGHOME\|^XDG_.*_HOME\|^DBUS')" 0
like "no capabilities" "$(cat /proc/self/status)" '^CapEff:.0+$'
is "no agent but the lab's" "$(gpgconf --list-dirs agent-socket)" "$HOME/.gnupg/S.gpg-agent"

done_testing
