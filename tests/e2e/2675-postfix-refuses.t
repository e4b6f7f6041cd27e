#!/bin/sh
# SPDX-License-Identifier: ISC
# A real Postfix with the table that check --postfix writes: mail does not go to a server that was talked out of TLS, or shows
# another certificate; without the table it does.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
lab_options=--caps
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"

[ -x /usr/lib/postfix/sbin/master ] && [ -x "$LAB/postfix/sendmail" ] || skip_all 'Postfix is not installed'
awk '{ n += $3 } END { exit n < 65536 }' /proc/self/uid_map || skip_all 'Postfix needs users of its own here: run as root'
/usr/sbin/postconf -d smtp_tcp_port 2>/dev/null | grep -q = || skip_all "Postfix's port cannot be set"

# One with the certificate of its TLSA record, one whose offer of TLS was taken out, one that shows another certificate.
lab-cert good.pf.example good.pf.example
lab-cert other.pf.example other.pf.example
good=$LAB/tls/good.pf.example.pem
cases_start "$(dirname "$0")/../discovery/odd-smtp" "good=192.0.2.140:$good" "plain=192.0.2.141:$good" \
	"good=192.0.2.142:$LAB/tls/other.pf.example.pem"
spki=$(openssl x509 -in "$good" -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum | cut -d ' ' -f 1)
for host in good:140 stripped:141 forged:142; do
	name=${host%:*}.pf
	lab-dns-add example "$name MX 10 mx.$name" "mx.$name A 192.0.2.${host#*:}" "_25._tcp.mx.$name TLSA 3 1 1 $spki" \
		"_2525._tcp.mx.$name TLSA 3 1 1 $spki" # where the lab's servers listen, and Postfix looks
done
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\ntimeout = 4\n' >"$HOME/.config/sealpost/config"

p=$LAB/tmp/pf
mkdir -p "$p/etc" "$p/queue" "$p/data"
chmod 755 "$LAB" "$LAB/tmp" "$p" "$p/etc" "$p/queue" 2>/dev/null
chown postfix "$p/data"
cat >"$p/etc/main.cf" <<CF
compatibility_level = 3.6
queue_directory = $p/queue
data_directory = $p/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
myhostname = h.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_tcp_port = 2525
smtp_dns_support_level = dnssec
smtp_tls_security_level = may
smtp_tls_policy_maps = texthash:$p/etc/tls_policy
maillog_file = /dev/stdout
CF
for service in 'pickup unix n - n 60 1 pickup' 'cleanup unix n - n - 0 cleanup' 'qmgr unix n - n 300 1 qmgr' \
	'tlsmgr unix - - n 1000? 1 tlsmgr' 'rewrite unix - - n - - trivial-rewrite' 'bounce unix - - n - 0 bounce' \
	'defer unix - - n - 0 bounce' 'trace unix - - n - 0 bounce' 'proxymap unix - - n - - proxymap' 'smtp unix - - n - - smtp' \
	'error unix - - n - - error' 'retry unix - - n - - error' 'scache unix - - n - 1 scache' \
	'postlog unix-dgram n - n - 1 postlogd'; do
	echo "$service"
done >"$p/etc/master.cf"
export MAIL_CONFIG="$p/etc"
postfix=

start() { # with the table as it is
	: >"$LAB/log/postfix"
	/usr/sbin/postfix -c "$p/etc" start-fg >"$LAB/log/postfix" 2>&1 &
	postfix=$!
	n=0
	until grep -q 'daemon started' "$LAB/log/postfix"; do
		n=$((n + 1))
		[ $n -lt 100 ] || return 1
		sleep 0.1
	done
}
stop() {
	/usr/sbin/postfix -c "$p/etc" stop >/dev/null 2>&1
	wait "$postfix"
}
deliver() { # NAME...: what Postfix says of a mail to each; what the servers heard is in $LAB/log/odd-smtp
	: >"$LAB/log/odd-smtp"
	for name in "$@"; do
		printf 'Subject: x\n\nx\n' | "$LAB/postfix/sendmail" -i -f a@sender.example -- "u@$name.pf.example" || return
	done
	n=0
	until [ "$(grep -c 'status=' "$LAB/log/postfix")" -ge $# ]; do
		n=$((n + 1))
		[ $n -lt 200 ] || return 1
		sleep 0.1
	done
}

: >"$p/etc/tls_policy"
start || skip_all "Postfix does not start here: $(tail -n 1 "$LAB/log/postfix")"
ok 'without the table: Postfix tries' deliver stripped
like 'and speaks in clear' "$(cat "$LAB/log/odd-smtp")" '^MAIL FROM'
stop

run sealpost check --postfix good.pf.example stripped.pf.example forged.pf.example
is 'check: all three promise DANE' "$rc $(printf '%s\n' "$out" | grep -c 'dane-only$')" '0 3'
printf '%s\n' "$out" >"$p/etc/tls_policy"
ok 'with the table: Postfix starts' start
ok 'the server without TLS: Postfix tries' deliver stripped
unlike 'and says nothing of the mail to it' "$(cat "$LAB/log/odd-smtp")" '^MAIL FROM'
like 'since TLS is required' "$(cat "$LAB/log/postfix")" 'u@stripped\.pf\.example.*status=deferred .*TLS is required'
stop
ok 'again' start
ok 'the server with another certificate: Postfix tries' deliver forged
unlike 'and says nothing of the mail to it' "$(cat "$LAB/log/odd-smtp")" '^MAIL FROM'
like 'since it is not authenticated' "$(cat "$LAB/log/postfix")" 'u@forged\.pf\.example.*status=deferred .*not (verified|trusted)'
stop
ok 'and again' start
ok 'the server that keeps its promise: Postfix tries' deliver good
like 'and hands the mail over' "$(cat "$LAB/log/odd-smtp")" '^MAIL FROM'
stop
done_testing
