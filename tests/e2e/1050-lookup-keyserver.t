#!/bin/sh
# SPDX-License-Identifier: ISC
# Key servers: asked only where a domain has no key, believed only about the address itself, and never a reason to take absent
# for unknown or unknown for absent.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"
discovery=$LAB_SRC/tests/discovery
lab-import-sender

for host in vks other.vks silent.vks huge.vks; do lab-cert "$host.example"; done
lab-dns-add example 'vks A 192.0.2.152' 'other.vks A 192.0.2.152' 'silent.vks A 192.0.2.153' 'huge.vks A 192.0.2.154' \
	'dead.vks A 203.0.113.9'
nginx -c "$discovery/vks.conf" -e "$LAB/log/vks.err"
cases_start "$discovery/odd-server" "silence=192.0.2.153:$LAB/tls/silent.vks.example.pem" "more=192.0.2.154:$LAB/tls/huge.vks.example.pem"

at=$LAB/www/vks.example/vks/v1/by-email
mkdir -p "$at" "$LAB/www/other.vks.example/vks/v1/by-email"
cases_key u1@absent.example u1@unsigned.example alice@advanced.example s500@absent.example moved@absent.example
serve() { # ADDRESS [OF]: what the key server has for it, armoured
	gpg --enarmor <"$LAB/keys/${2-$1}.pub" 2>/dev/null | sed 's/ARMORED FILE/PUBLIC KEY BLOCK/' >"$at/$1"
}
asked() { # how often the key server was asked about an address
	grep -c "by-email/$(printf %s "$1" | sed 's/@/%40/') " "$LAB/log/vks.log"
}
field() { # JQ: of what was said last
	printf '%s\n' "$out" | jq -r "$1"
}
u=u1@absent.example
fpr=$(cat "$LAB/keys/$u.fpr")
serve $u
serve u1@unsigned.example
serve alice@advanced.example
lab-new-key old@absent.example "$LAB/keys/old@absent.example.pub" 'seconds=1' >/dev/null
serve old@absent.example
cp "$at/$u" "$LAB/www/other.vks.example/vks/v1/by-email/moved@absent.example"

conf 'timeout = 4'
check_exit 1 sealpost lookup --json $u
is 'off by default: absent' "$(field .status,.keyserver | tr '\n' ' ')" 'absent null '
is 'and nobody is asked' "$(asked $u)" 0

conf 'timeout = 4' 'keyservers = vks://vks.example'
check_exit 0 sealpost lookup --json $u
is 'the domain has none, the key server has one' "$(field .status,.method,.fingerprint,.tls,.pin | tr '\n' ' ')" \
	"usable keyserver $fpr webpki none "
is 'evidence of both, told apart' "$(field '.evidence.verdict,.keyserver.method,.keyserver.keyserver.status,.keyserver.wkd' | tr '\n' ' ')" \
	'absent keyserver found null '
is 'with its URL' "$(field .keyserver.url)" 'https://vks.example/vks/v1/by-email/u1%40absent.example'
like 'in words' "$(sealpost lookup $u)" 'found by +keyserver, .*TLS webpki'
is 'the cache answers the second time' "$(asked $u)" 1
check_exit 0 sealpost lookup --json --fresh U1@Absent.example
is 'in whatever case: it is asked in lower case' "$(field .fingerprint) $(asked $u)" "$fpr 2"
check_exit 0 sealpost lookup --json u1@unsigned.example
is 'an unproved absence will do' "$(field .method)" keyserver
conf 'timeout = 4' 'keyservers = vks://vks.example' 'absence = proved'
check_exit 1 sealpost lookup --json --fresh u1@unsigned.example
is 'but not where only a proved one counts' "$(field .status) $(asked u1@unsigned.example)" 'absent 1'
check_exit 0 sealpost lookup --json --fresh $u
conf 'timeout = 4' 'keyservers = vks://vks.example' 'never-ask = absent.example'
check_exit 1 sealpost lookup --json --fresh $u
is 'never-ask holds for key servers too' "$(asked $u)" 3
conf 'timeout = 4' 'keyservers = vks://vks.example' '[policy none]' 'to = absent.example' 'keyservers = none'
check_exit 1 sealpost lookup --json --fresh $u
is 'and so does a policy' "$(asked $u)" 3
conf 'timeout = 4' '[policy one]' 'to = absent.example' 'keyservers = vks://vks.example'
check_exit 0 sealpost lookup --json --fresh $u
is 'which may name one, too' "$(asked $u) $(field .method)" '4 keyserver'

conf 'timeout = 4' 'keyservers = vks://vks.example'
check_exit 0 sealpost lookup --json alice@advanced.example
is 'the domain has a key: its own' "$(field .method,.keyserver | tr '\n' ' ')" 'wkd-advanced null '
for address in x@bogus.example x@refused.example; do
	cp "$at/$u" "$at/$address"
	check_exit 75 sealpost lookup --json "$address"
	is "unknown stays unknown: $address" "$(field .keyserver) $(asked $address)" 'null 0'
done

# A key server that has none, lies, or fails: the domain's absence stands.
serve s500@absent.example
serve other@absent.example $u
gpg --homedir "$cases_home" --batch --export-filter 'keep-uid=uid = nobody' --export "$fpr" >"$LAB/tmp/nouid" 2>/dev/null
cp "$LAB/tmp/nouid" "$at/nouid@absent.example"
lab-key me@sender.example >/dev/null
cp "$LAB/keys/me@sender.example.sec" "$at/secret@absent.example"
printf 'not a key' >"$at/text@absent.example"
: >"$at/empty@absent.example"
head -c 100 "$LAB/keys/$u.pub" >"$at/cut@absent.example"
stands() { # WHAT ADDRESS ERE
	check_exit 1 sealpost lookup --json "$2"
	is "$1: absent, proved" "$(field .status,.absence,.fingerprint | tr '\n' ' ')" 'absent proved null '
	like "$1: the reason says so" "$(field .reason)" "$3"
	isnt "$1: the evidence is shown" "$(field .keyserver)" null
}
stands 'it has none' none@absent.example 'key server vks.example has none either'
stands '500' s500@absent.example 'key server vks.example failed: .*500'
stands '403' s403@absent.example 'failed: .*403'
stands '429' s429@absent.example 'failed: .*429'
stands 'a redirect' moved@absent.example 'failed: .*redirected'
stands 'a web page' page@absent.example 'failed'
stands 'text' text@absent.example 'failed'
stands 'nothing' empty@absent.example 'failed'
stands 'another'\''s key' other@absent.example 'failed: .*User ID'
stands 'a key without User ID' nouid@absent.example 'failed'
stands 'a secret key' secret@absent.example 'failed: .*secret'
stands 'half a key' cut@absent.example 'failed'
is 'the redirect went nowhere' "$(grep -c '^other.vks' "$LAB/log/vks.log")" 0
conf 'timeout = 4' 'keyservers = vks://silent.vks.example'
stands 'it stalls' $u 'failed: .*silent.vks.example.* within 2.0 s'
conf 'timeout = 4' 'keyservers = vks://huge.vks.example'
stands 'it never ends' $u 'failed: .*huge.vks.example'
conf 'timeout = 4' 'keyservers = vks://dead.vks.example'
stands 'it is dead' $u 'failed'
conf 'timeout = 4' 'keyservers = vks://nosuch.vks.example'
stands 'it does not exist' $u 'failed'
conf 'timeout = 4' 'keyservers = vks://nosuch.vks.example vks://vks.example'
check_exit 0 sealpost lookup --json $u
is 'the next one is asked' "$(field .fingerprint,.keyserver.url | tr '\n' ' ')" "$fpr https://vks.example/vks/v1/by-email/u1%40absent.example "

conf 'timeout = 4' 'keyservers = vks://vks.example'
mail $u >"$LAB/tmp/mail"

# Mail: the key is used, pinned as what it is, and asked for again.
before=$(asked $u)
check_exit 0 sealpost send -i $u <"$LAB/tmp/mail"
is 'send: asked once' "$(($(asked $u) - before))" 0
lab-decrypt "$(lab-mails | tail -n 1)" >/dev/null 2>"$LAB/tmp/status"
like 'send: sealed' "$(cat "$(lab-mails | tail -n 1)")" '^Content-Type: multipart/encrypted'
like 'send: pinned as of a key server' "$(sealpost pins list)" "^$u +tofu +$fpr keyserver"
is 'pins list --json' "$(sealpost pins list --json | jq -r 'select(.address == "'$u'") | .method')" keyserver
like 'pins show has its evidence' "$(sealpost pins show --json $u | jq -c .evidence)" '"method":"keyserver"'
# What it has, and cannot be used: nobody says that there is none.
check_exit 69 sealpost lookup old@absent.example
check_exit 69 sealpost send -i old@absent.example <"$LAB/tmp/mail"
like 'send: an expired key of a key server is not taken for none' "$err" 'old@absent.example: .*the key of the key server vks.example: it expired'
count=$(arrived)
mail none@absent.example >"$LAB/tmp/mail2"
check_exit 0 sealpost send -i none@absent.example <"$LAB/tmp/mail2"
like 'send: nobody has one: clear' "$(cat "$(lab-mails | tail -n 1)")" '^the text'
check_exit 0 sealpost send -i s500@absent.example <"$LAB/tmp/mail2"
is 'send: a failing key server keeps nobody from sending' "$(arrived)" $((count + 2))
mail x@bogus.example >"$LAB/tmp/mail3"
check_exit 75 sealpost send -i x@bogus.example <"$LAB/tmp/mail3"
run sealpost send --explain none2@absent.example <"$LAB/tmp/mail2"
is 'explain, without asking: not known' "$rc" 75
sealpost lookup none3@absent.example >/dev/null 2>&1
run sealpost send --explain none3@absent.example <"$LAB/tmp/mail2"
is 'explain: the cache knows what the key server said' "$rc $(printf '%s' "$out" | grep -c 'would go in clear')" '0 1'



check_exit 0 sealpost lookup --json --fresh $u
is 'lookup: it is the pin' "$(field .method,.pin | tr '\n' ' ')" 'keyserver match '
# Due: send asks the domain and the key server again, and goes on if that one does not answer.
sealpost pins export | sed "s/^\(first\|last\)-seen: .*/\1-seen: $(date -u -d '8 days ago' +%F)T00:00:00Z/" >"$LAB/tmp/aged"
rm -rf "$HOME/.local/share/sealpost"
sealpost pins import "$LAB/tmp/aged" >/dev/null
like 'an export keeps where it came from' "$(sealpost pins list)" "^$u +tofu +$fpr keyserver"
sed -i 's/^keyservers = .*/keyservers = vks:\/\/silent.vks.example/' "$HOME/.config/sealpost/config"
mail $u >"$LAB/tmp/mail"
check_exit 0 sealpost send -i $u <"$LAB/tmp/mail"
like 'send, due: the key server is silent, the pin stays in use' "$(sealpost pins log $u)" ' kept .*stays in use'
sed -i 's/^keyservers = .*/keyservers = vks:\/\/vks.example/' "$HOME/.config/sealpost/config"
rm -rf "$HOME/.local/share/sealpost"
sealpost pins import "$LAB/tmp/aged" >/dev/null
before=$(asked $u)
mail $u >"$LAB/tmp/mail"
check_exit 0 sealpost send -i $u <"$LAB/tmp/mail"
is 'send, due: it is asked again, once' "$(($(asked $u) - before)) $(sealpost pins list --json | jq -r '.last_seen[:10]')" "1 $(date -u +%F)"
check_exit 0 sealpost refresh $u
like 'refresh: asked again' "$out" "^$u: unchanged"
mv "$at/$u" "$LAB/tmp/served"
check_exit 0 sealpost refresh $u
like 'refresh: it has gone there: the pin stays' "$out" "^$u: (vanished|gone|absent|kept).*"
like 'and is used' "$(sealpost lookup --offline --json $u | jq -r .status)" usable
rm -f "$at/$u"
lab-new-key $u "$LAB/keys/$u.pub2" >/dev/null
gpg --enarmor <"$LAB/keys/$u.pub2" 2>/dev/null | sed 's/ARMORED FILE/PUBLIC KEY BLOCK/' >"$at/$u"
check_exit 77 sealpost refresh $u
like 'refresh: another key there is held' "$(sealpost pins list --held)" "^$u .*HELD"
sealpost pins reject $u >/dev/null
cp "$LAB/tmp/served" "$at/$u"
sed -i 's/^keyservers = .*/keyservers = vks:\/\/silent.vks.example/' "$HOME/.config/sealpost/config"
check_exit 75 sealpost refresh $u
sed -i 's/^keyservers = .*/keyservers = vks:\/\/vks.example/' "$HOME/.config/sealpost/config"

# Beside the other sources: the gpg keyring comes before, received mail after.
two_keys() { # ADDRESS: one key in $LAB/tmp/one, another at the key server
	lab-new-key "$1" "$LAB/tmp/one" >"$LAB/tmp/one.fpr"
	lab-new-key "$1" "$LAB/keys/$1.pub" >"$LAB/tmp/two.fpr"
	serve "$1"
	mail "$1" >"$LAB/tmp/mail"
}
two_keys g1@absent.example
gpg --batch --quiet --import "$LAB/tmp/one" 2>/dev/null
check_exit 69 sealpost send -i g1@absent.example <"$LAB/tmp/mail"
like 'a key in the gpg keyring is to be decided about first' "$err" "$(cat "$LAB/tmp/one.fpr")"
is 'and nobody is asked' "$(asked g1@absent.example)" 0
conf 'timeout = 4' 'keyservers = vks://vks.example' 'gnupg = ignore'
check_exit 0 sealpost send -i g1@absent.example <"$LAB/tmp/mail"
like 'unless that is ignored' "$(sealpost pins list)" "^g1@absent.example +tofu +$(cat "$LAB/tmp/two.fpr") keyserver"
for address in l1@absent.example l2@absent.example; do
	two_keys $address
	printf 'From: %s\nTo: me@sender.example\nDate: %s\nMessage-ID: <%s>\nAutocrypt: addr=%s; prefer-encrypt=mutual; keydata=%s\nSubject: s\n\nx\n' \
		$address "$(date -R -d '1 hour ago')" $address $address "$(base64 -w 70 "$LAB/tmp/one" | sed '2,$s/^/ /')" >"$LAB/tmp/received"
	check_exit 0 sealpost learn "$LAB/tmp/received"
	[ $address = l1@absent.example ] || conf 'timeout = 4' 'keyservers = vks://silent.vks.example'
	check_exit 0 sealpost send -i $address <"$LAB/tmp/mail"
	[ $address = l2@absent.example ] ||
		like 'the key server comes before what was learnt' "$(sealpost pins list)" "^$address +tofu +$(cat "$LAB/tmp/two.fpr") keyserver"
done
like 'which is used where the key server fails' "$(sealpost pins list)" "^l2@absent.example +tofu +$(cat "$LAB/tmp/one.fpr") learnt"
conf 'timeout = 4' 'keyservers = vks://vks.example'

# The domain publishes one: it takes the place of the key server's.
cases_publish direct $u
lab-new-key $u "$LAB/tmp/new" >"$LAB/tmp/newfpr"
lab-wkd-put $u "$LAB/tmp/new" direct
lab-cert absent.example
lab-dns-add absent.example '@ A 192.0.2.80'
lab-dns-flush
check_exit 0 sealpost refresh $u
like 'refresh: the domain'\''s key replaces it' "$(sealpost pins list)" "^$u +tofu +$(cat "$LAB/tmp/newfpr") wkd-direct"

# What says so.
like 'config shows it' "$(sealpost config keyservers)" '^keyservers = vks://vks.example'
like 'doctor too' "$(sealpost doctor)" 'key servers: .*vks.example'
for bad in 'hkps://keys.example.org' 'vks://' 'vks://a' 'vks://h.example:443' 'vks://h.example/x' 'vks://192.0.2.1' ',' \
	'vks://h.example vks://H.example'; do
	conf "keyservers = $bad"
	check_exit 78 sealpost config keyservers
done
done_testing
