# SPDX-License-Identifier: ISC
# postfix.sh: for tests with a Postfix of their own; its files are in $p.
#
#	postfix_main LINE...         $p/etc/main.cf, with these lines more
#
# With a whole one, inside a lab with lab_options=--caps; its log is $LAB/log/postfix:
#
#	postfix_or_skip              skips the test where it is not installed, or cannot have users of its own
#	postfix_configure LINE...    postfix_main, and master.cf
#	postfix_start                until its daemon has started; fails if it does not within 10 s
#	postfix_stop                 until it has ended
# shellcheck shell=sh

p=$LAB/tmp/pf

postfix_or_skip() {
	[ -x /usr/lib/postfix/sbin/master ] && [ -x "$LAB/postfix/sendmail" ] || skip_all 'Postfix is not installed'
	awk '{ n += $3 } END { exit n < 65536 }' /proc/self/uid_map ||
		skip_all 'Postfix needs users of its own here: run as root'
}

postfix_main() {
	mkdir -p "$p/etc" "$p/queue" "$p/data"
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
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /dev/stdout
CF
	printf '%s\n' "$@" >>"$p/etc/main.cf"
}

postfix_configure() {
	postfix_main "$@"
	chmod 755 "$LAB" "$LAB/tmp" "$p" "$p/etc" "$p/queue"
	chown postfix "$p/data"
	cat >"$p/etc/master.cf" <<'CF'
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
showq unix n - n - - showq
flush unix n - n 1000? 0 flush
postlog unix-dgram n - n - 1 postlogd
CF
}

postfix_start() {
	: >"$LAB/log/postfix"
	/usr/sbin/postfix start-fg >"$LAB/log/postfix" 2>&1 &
	postfix=$!
	within 10 grep -q 'daemon started' "$LAB/log/postfix"
}

postfix_stop() {
	/usr/sbin/postfix stop >/dev/null 2>&1
	wait "$postfix"
}
