# SPDX-License-Identifier: ISC
# publish.sh: for tests of what publish has written, inside the lab.
#
#	nginx_serves HOST <LINES     nginx with these lines within http { }; returns when HOST answers
#	pebble_starts                a certificate authority that everybody trusts
#	caddy_serves URL             Caddy with what was written; returns when URL is there
# shellcheck shell=sh

nginx_serves() {
	{
		cat <<CONF
user root;
daemon off;
master_process off;
pid $LAB/tmp/nginx.pid;
events { }
http {
	access_log off;
	client_body_temp_path $LAB/tmp/body;
	proxy_temp_path $LAB/tmp/proxy;
	fastcgi_temp_path $LAB/tmp/fastcgi;
	uwsgi_temp_path $LAB/tmp/uwsgi;
	scgi_temp_path $LAB/tmp/scgi;
CONF
		cat
		echo '}'
	} >nginx.conf
	nginx -c "$LAB/tmp/nginx.conf" -e "$LAB/tmp/nginx.err" >nginx.out 2>&1 &
	within 20 curl -s -o /dev/null "https://$1/"
	[ ! -s nginx.out ] || diag "$(cat nginx.out nginx.err)"
}

# pebble_starts: a certificate authority at https://localhost:14000/dir, which everybody in the lab trusts.
pebble_starts() {
	lab-cert localhost
	cat >pebble.json <<JSON
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
	"certificate": "/run/lab/tls/localhost.pem", "privateKey": "/run/lab/tls/localhost.pem",
	"httpPort": 80, "tlsPort": 443, "externalAccountBindingRequired": false}}
JSON
	PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config pebble.json -dnsserver 127.0.0.1:53 >pebble.log 2>&1 &
	within 20 curl -s -o root.pem https://localhost:15000/roots/0 || diag "$(cat pebble.log)"
	cat root.pem >>"$LAB/ca/ca.pem"
}

# caddy_serves URL: Caddy with out/Caddyfile; returns when URL is there.
caddy_serves() {
	XDG_DATA_HOME=$LAB/tmp/caddy XDG_CONFIG_HOME=$LAB/tmp/caddy HOME=$LAB/tmp \
		caddy run --adapter caddyfile --config out/Caddyfile >caddy.log 2>&1 &
	within 20 curl -s -f -o /dev/null "$1" || diag "$(tail -n 3 caddy.log)"
}
