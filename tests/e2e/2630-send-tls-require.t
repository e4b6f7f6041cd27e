#!/bin/sh
# SPDX-License-Identifier: ISC
# tls = require: no mail is handed over unless the way to every recipient is bound, whatever the mail is; what is said,
# the exit code, and that nobody is asked more than it takes.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/send.sh
. "$(dirname "$0")/../send.sh"
# shellcheck source=tests/discovery/sts.sh
. "$(dirname "$0")/../discovery/sts.sh"

lab-import-sender
sent() { # ARGUMENT... (message in $LAB/tmp/mail)
	count=$(arrived)
	check_exit 0 sealpost send --again "$@" <"$LAB/tmp/mail"
	is "it went out" "$(arrived)" $((count + 1))
}
asked() { # NAME: how often the resolver was asked about it
	grep -c " $1\. " "$LAB/log/unbound.log"
}

# clear mail
conf 'tls = require'
mail a@dane.transit.example >"$LAB/tmp/mail"
sent -v a@dane.transit.example
like "the way is asked about" "$err" 'DNS MX dane.transit.example'
like "what is guaranteed is said" "$err" 'the route to 1 recipient\(s\) is bound now; the mail program delivers later'
sent -v a@dane.transit.example
unlike "a second mail asks nobody" "$err" 'DNS (MX|TXT|TLSA)'
mail a@transit.example >"$LAB/tmp/mail"
refused 69 'a@transit.example: the route to transit.example is not bound to TLS, and tls = require in \[sealpost\]: ' \
	a@transit.example
like "the hint can be pasted" "$err" '^hint: sealpost check transit.example$'
is "no key was looked for" "$(asked openpgpkey.transit.example)" 0
like "why says it again" "$(sealpost why)" 'a@transit.example.*not bound to TLS'
mail a@oftlsabogus.transit.example >"$LAB/tmp/mail"
refused 75 'cannot tell whether the route to oftlsabogus.transit.example is bound to TLS' a@oftlsabogus.transit.example
mail a@bogus.example >"$LAB/tmp/mail"
refused 75 'cannot tell whether the route to bogus.example' a@bogus.example
mail a@null.transit.example >"$LAB/tmp/mail"
refused 68 'null.transit.example accepts no mail: it says so \(null MX\)' a@null.transit.example
is "no key was looked for behind the null MX" "$(asked openpgpkey.null.transit.example)" 0
mail a@nothing.transit.example >"$LAB/tmp/mail"
refused 68 'nothing.transit.example accepts no mail' a@nothing.transit.example

# several
mail 'a@dane.transit.example, b@half.transit.example' >"$LAB/tmp/mail"
refused 69 'b@half.transit.example: ' a@dane.transit.example b@half.transit.example
unlike "only who is in the way is named" "$err" 'a@dane'
mail 'b@half.transit.example, a@oftlsabogus.transit.example' >"$LAB/tmp/mail"
refused 75 'b@half.transit.example: ' b@half.transit.example a@oftlsabogus.transit.example
refused 68 'null.transit.example accepts no mail' b@half.transit.example a@null.transit.example

# where there is nothing to ask
mail root >"$LAB/tmp/mail"
sent root
refused 69 'TLS cannot be enforced for an address literal' 'root@[192.0.2.25]'
refused 69 'TLS cannot be enforced for a name without a dot' root@host

# filter, and what is encrypted already
mail a@transit.example >"$LAB/tmp/mail"
check_exit 69 sealpost filter a@transit.example <"$LAB/tmp/mail"
is "filter writes nothing" "$out" ""
conf 'tls = any'
mail alice@advanced.example >"$LAB/tmp/mail"
sent alice@advanced.example
cp "$(lab-mails | tail -n 1)" "$LAB/tmp/sealed.sink"
sed '/^X-/d' "$LAB/tmp/sealed.sink" >"$LAB/tmp/mail"
conf 'tls = require'
refused 69 'alice@advanced.example: the route to advanced.example is not bound' alice@advanced.example
mail alice@advanced.example >"$LAB/tmp/mail"
refused 69 'alice@advanced.example: the route to advanced.example is not bound' alice@advanced.example

# a relay
conf 'tls = require' 'smart-host = dane.transit.example'
sent alice@advanced.example
like "it was sealed" "$(cat "$(lab-mails | tail -n 1)")" '^-----BEGIN PGP MESSAGE'
conf 'tls = require' 'smart-host = [tlsa1.transit.example]'
sent alice@advanced.example
conf 'tls = require' 'smart-host = [plain.transit.example]'
refused 69 'the route to \[plain.transit.example\] is not bound' alice@advanced.example
like "the hint names the relay's host" "$err" '^hint: sealpost check plain.transit.example$'
mail root >"$LAB/tmp/mail"
refused 69 'root: the route to \[plain.transit.example\] is not bound' root

# whose rule it is
conf 'tls = require' '[policy any]' 'to = transit.example' 'tls = any'
mail a@transit.example >"$LAB/tmp/mail"
sent a@transit.example
mail a@transit.example 'X-Sealpost: tls=require' >"$LAB/tmp/mail"
refused 69 "tls = require in the message's X-Sealpost" a@transit.example
mail a@transit.example >"$LAB/tmp/mail"
refused 69 'tls = require on the command line' --tls=require a@transit.example
conf '[policy strict]' 'to = *@transit.example' 'tls = require'
mail a@transit.example >"$LAB/tmp/mail"
refused 69 'tls = require in \[policy strict\]' a@transit.example
conf '[identity me]' 'from = me@sender.example' 'tls = require'
refused 69 'the route to transit.example is not bound' a@transit.example

# TLS-Required: No
conf 'tls = require'
mail a@dane.transit.example 'TLS-Required: No' >"$LAB/tmp/mail"
refused 69 'the message says TLS-Required: No, and tls = require in \[sealpost\]' a@dane.transit.example
conf 'tls = any'
sent a@dane.transit.example
like "elsewhere it stays in the header" "$(cat "$(lab-mails | tail -n 1)")" '^TLS-Required: No'

# --explain
conf 'tls = require'
mail a@dane.transit.example >"$LAB/tmp/mail"
run sealpost send --explain --online a@dane.transit.example <"$LAB/tmp/mail"
is "explain: it would go" "$rc" 0
like "explain: by which way" "$out" 'way +the route to dane.transit.example is bound to TLS by DANE'
mail a@far.transit.example >"$LAB/tmp/mail"
count=$(arrived)
run sealpost send --explain a@far.transit.example <"$LAB/tmp/mail"
is "explain asks nobody" "$rc $(asked far.transit.example)" "75 0"
like "explain: how to ask" "$out" '^hint: add --online'
run sealpost send --explain --online a@far.transit.example <"$LAB/tmp/mail"
is "explain: it would be refused" "$rc" 69
like "explain: why" "$out" 'in the way +the route to far.transit.example is not bound'
is "explain sends nothing" "$(arrived)" "$count"

# A policy that was in force stays so while its record and its server are gone, until its time is over.
policy kept enforce plain.sts.example
policy turned enforce plain.sts.example
sts_serve
mail a@kept.sts.example >"$LAB/tmp/mail"
sent a@kept.sts.example
like "the policy is in the log" "$(sealpost pins log kept.sts.example)" 'mta-sts'
grep -v '^_mta-sts\.kept' "$LAB/dns/src/sts.example" >"$LAB/tmp/zone"
lab-dns-add --replace sts.example "$LAB/tmp/zone"
rm "$LAB/www/mta-sts.kept.sts.example/.well-known/mta-sts.txt"
lab-dns-flush
rm -f "$HOME"/.cache/sealpost/cache.db*
sent a@kept.sts.example
run sealpost check --json kept.sts.example
is "check says that it was kept" "$(printf '%s' "$out" | jq -c '[.mta_sts.kept, .mta_sts.record, .protection]')" '[true,"none","mta-sts"]'
sqlite3 "$HOME/.local/share/sealpost/pins.db" "UPDATE sts SET fetched = fetched - 86400"
rm -f "$HOME"/.cache/sealpost/cache.db*
refused 69 'the route to kept.sts.example is not bound' a@kept.sts.example

# One that is replaced by another counts no more.
mail a@turned.sts.example >"$LAB/tmp/mail"
sent a@turned.sts.example
policy turned testing plain.sts.example
sed 's/^\(_mta-sts\.turned.*id=\)1/\12/' "$LAB/tmp/zone" >"$LAB/tmp/zone2"
lab-dns-add --replace sts.example "$LAB/tmp/zone2"
lab-dns-flush
rm -f "$HOME"/.cache/sealpost/cache.db*
refused 69 'the route to turned.sts.example is not bound' a@turned.sts.example

is "nothing is left running" "$(running)" ""
# REQUIRETLS is passed on to a Postfix that can
bound=a@dane.transit.example
mkdir -p "$LAB/tmp/postfix"
for program in sendmail postdrop postconf; do
	printf '#!/bin/sh\n' >"$LAB/tmp/postfix/$program"
	chmod 755 "$LAB/tmp/postfix/$program"
done
printf 'printf "%%s " "$@" >"%s/tmp/postfix/argv"\ncat >/dev/null\n' "$LAB" >>"$LAB/tmp/postfix/sendmail"
postfix() { # VERSION: it says that it is, and nothing was handed to it yet
	printf '#!/bin/sh\necho %s\n' "$1" >"$LAB/tmp/postfix/postconf"
	: >"$LAB/tmp/postfix/argv"
}
requiretls() { # TLS SETTING
	conf "mta = $LAB/tmp/postfix/sendmail" "tls = $1" "mta-requiretls = $2"
	run sealpost send --again -- "$bound" <"$LAB/tmp/mail"
}
mail "$bound" >"$LAB/tmp/mail"
postfix 3.11.1
requiretls require yes
is "REQUIRETLS: passed on" "$(cat "$LAB/tmp/postfix/argv")" "-i -O requiretls=yes -- $bound "
postfix 3.11.1
requiretls any yes
is "REQUIRETLS: not where nothing is required" "$(cat "$LAB/tmp/postfix/argv")" "-i -- $bound "
postfix 3.10.4
requiretls require yes
is "REQUIRETLS: an older Postfix does not get the mail" "$rc $(cat "$LAB/tmp/postfix/argv")" "78 "
like "REQUIRETLS: the reason" "$err" 'mta-requiretls = yes, but .*/sendmail is not known to pass REQUIRETLS on'
requiretls require no
is "REQUIRETLS: not asked for by default" "$(cat "$LAB/tmp/postfix/argv")" "-i -- $bound "

done_testing
