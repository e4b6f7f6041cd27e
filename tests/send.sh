# SPDX-License-Identifier: ISC
# send.sh: for tests of what becomes of a mail, inside the lab, with the sender imported.
#
#	conf LINE...                     the user's configuration: [sealpost] and these lines
#	mail TO [FIELD...]               a clear mail with these fields and a Message-ID of its own, to standard output
#	arrived                          how many mails have arrived so far
#	refused CODE ERE ARGUMENT...     sealpost send ARGUMENT..., given $LAB/tmp/mail, refuses it: that exit code, one
#	                                 line with a reason that matches, one hint; nothing goes out
# shellcheck shell=sh

conf() {
	mkdir -p "$HOME/.config/sealpost"
	printf '%s\n' '[sealpost]' "$@" >"$HOME/.config/sealpost/config"
}

mail() {
	printf 'From: me@sender.example\nTo: %s\n' "$1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@"
	printf 'Message-ID: <%s@sender.example>\nSubject: s\n\nthe text\n' "$(date +%s.%N)"
}

arrived() {
	lab-mails | wc -l
}

refused() {
	send_code=$1
	send_ere=$2
	shift 2
	send_count=$(arrived)
	check_exit "$send_code" sealpost send "$@" <"$LAB/tmp/mail"
	like "the reason: $send_ere" "$err" "^sealpost: not sent: .*$send_ere"
	is "one hint" "$(printf '%s\n' "$err" | grep -c '^hint: ')" 1
	is "nothing on stdout" "$out" ""
	is "nothing went out" "$(arrived)" "$send_count"
}
