#!/bin/sh
# SPDX-License-Identifier: ISC
# A real Postfix with the table that contrib writes by check --postfix, for DANE (dane-only) and MTA-STS (secure match=): mail
# goes to a server that keeps the promise; not to one that was talked out of TLS, or shows another certificate, as it does
# without the table.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
lab_options=--caps
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"
# shellcheck source=tests/discovery/sts.sh
. "$(dirname "$0")/../discovery/sts.sh"
# shellcheck source=tests/postfix.sh
. "$(dirname "$0")/../postfix.sh"

postfix_or_skip
/usr/sbin/postconf -d smtp_tcp_port 2>/dev/null | grep -q = || skip_all "Postfix's port cannot be set"

# One with the certificate that was promised (the one of MTA-STS to who names it only), one whose offer of TLS was taken out, one that shows another certificate.
lab-cert good.pf.example good.pf.example
lab-cert other.pf.example other.pf.example
lab-cert mx.sgood.pf.example mx.sgood.pf.example
good=$LAB/tls/good.pf.example.pem
other=$LAB/tls/other.pf.example.pem
cases_start "$(dirname "$0")/../discovery/odd-smtp" "good=192.0.2.140:$good" "plain=192.0.2.141:$good" "good=192.0.2.142:$other" \
	"named=192.0.2.143:$LAB/tls/mx.sgood.pf.example.pem" "plain=192.0.2.144:$good" "good=192.0.2.145:$other"
spki=$(openssl x509 -in "$good" -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum | cut -d ' ' -f 1)
for host in good:140 stripped:141 forged:142; do
	name=${host%:*}.pf
	lab-dns-add example "$name MX 10 mx.$name" "mx.$name A 192.0.2.${host#*:}" "_25._tcp.mx.$name TLSA 3 1 1 $spki" \
		"_2525._tcp.mx.$name TLSA 3 1 1 $spki" # where the lab's servers listen, and Postfix looks
done
for host in sgood:143 sstripped:144 sforged:145; do
	name=${host%:*}.pf
	lab-dns-add example "$name MX 10 mx.$name" "mx.$name A 192.0.2.${host#*:}" "mta-sts.$name A 192.0.2.92" \
		"_mta-sts.$name TXT \"v=STSv1; id=1\""
done
policy sgood.pf.example enforce mx.sgood.pf.example
policy sstripped.pf.example enforce mx.sstripped.pf.example
policy sforged.pf.example enforce '*.sforged.pf.example'
sts_serve
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\ntimeout = 4\n' >"$HOME/.config/sealpost/config"

postfix_configure 'myhostname = h.example' 'smtp_tcp_port = 2525' 'smtp_dns_support_level = dnssec' \
	'smtp_tls_security_level = may' 'smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt' \
	"smtp_tls_policy_maps = \$default_database_type:$p/etc/tls_policy"
export MAIL_CONFIG="$p/etc"

tries_of() { # NAME: how often Postfix has said what became of a mail there
	grep -c "u@$1[.]pf[.]example.*status=" "$LAB/log/postfix"
}
tried_again() { # NAME
	[ "$(tries_of "$1")" -gt "$before" ]
}
deliver() { # NAME: until Postfix has said what became of a mail there; what its server heard is in $LAB/log/odd-smtp
	: >"$LAB/log/odd-smtp"
	before=$(tries_of "$1")
	printf 'Subject: x\n\nx\n' | "$LAB/postfix/sendmail" -i -f a@sender.example -- "u@$1.pf.example" || return
	within 20 tried_again "$1"
}

refresh() { # DOMAIN...: contrib's, as root does it
	printf '%s.pf.example\n' "$@" >"$p/etc/domains"
	PATH=$PATH:/usr/sbin SEALPOST=$LAB_BUILD/bin/sealpost "$LAB_SRC/contrib/postfix/sealpost-tls-policy" "$p/etc/domains" \
		"$p/etc/tls_policy" >"$LAB/tmp/refreshed" 2>&1
}
refused() { # NAME WHY: the mail stays, and the server has heard nothing of it
	ok "$1: Postfix tries" deliver "$1"
	unlike "$1: and says nothing of the mail to it" "$(cat "$LAB/log/odd-smtp")" '^MAIL FROM'
	like "$1: since TLS is required" "$(cat "$LAB/log/postfix")" "u@$1\.pf\.example.*status=deferred .*$2"
}
taken() { # NAME
	ok "$1: Postfix tries" deliver "$1"
	like "$1: and hands the mail over" "$(cat "$LAB/log/odd-smtp")" '^MAIL FROM'
}

: >"$p/etc/tls_policy"
/usr/sbin/postmap "$(/usr/sbin/postconf -h default_database_type):$p/etc/tls_policy"
postfix_start || skip_all "Postfix does not start here: $(tail -n 1 "$LAB/log/postfix")"
taken stripped
taken sstripped

# The table comes while Postfix runs, which sees it by itself.
ok 'the table is written' refresh good stripped forged sgood sstripped sforged
is 'it has them all' "$(sort "$p/etc/tls_policy")" "forged.pf.example dane-only
good.pf.example dane-only
sforged.pf.example secure match=mx.sforged.pf.example servername=hostname
sgood.pf.example secure match=mx.sgood.pf.example servername=hostname
sstripped.pf.example secure match=mx.sstripped.pf.example servername=hostname
stripped.pf.example dane-only"
is 'nothing lies beside it' "$(cd "$p/etc" && echo tls_policy.n* tls_policy.a*)" 'tls_policy.n* tls_policy.a*'
refused stripped 'TLS is required'
refused forged 'not (verified|trusted)'
refused sstripped 'TLS is required'
refused sforged 'not verified'
taken good
taken sgood

# The attacker on the way to us, too: what cannot be asked keeps its line.
printf '[sealpost]\ntimeout = 1\nresolver = 127.0.0.1@1\n' >"$HOME/.config/sealpost/config"
cp "$p/etc/tls_policy" "$LAB/tmp/before"
ok 'refreshed while nobody can be asked' refresh good stripped forged sgood sstripped sforged
ok 'the table stays' cmp -s "$p/etc/tls_policy" "$LAB/tmp/before"
postfix_stop
done_testing
