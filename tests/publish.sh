# SPDX-License-Identifier: ISC
# publish.sh: for tests of what publish has written, inside the lab.
#
#	nginx_serves HOST <LINES     nginx with these lines within http { }; returns when HOST answers
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
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		curl -s -o /dev/null "https://$1/" && break
		sleep 0.2
	done
	[ ! -s nginx.out ] || diag "$(cat nginx.out nginx.err)"
}
