#!/bin/sh
# SPDX-License-Identifier: ISC
# Plaintext reaches no file, argument or program that does not need it: every write of every process is watched.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# Our processes cannot be traced by their own user; what strace cannot read it could not judge.
# shellcheck disable=SC2034
lab_options=--caps
in_lab "$0" "$@"
strace -f -o /dev/null true 2>/dev/null || skip_all "strace cannot trace here"

lab-import-sender
gpg-connect-agent /bye >/dev/null 2>&1
canary=canary-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
cat >"$LAB/tmp/mail" <<MAIL
From: me@sender.example
To: alice@advanced.example, bob@direct.example
Subject: subject-$canary
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

$canary ä
--b
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

$(printf 'attached-%s' "$canary" | base64 -w0)
--b--
MAIL
# In the trace: as it is, and in base64 at each of its three alignments.
forms=$canary
for lead in '' x xx; do
	forms="$forms|$(printf '%s%s' "$lead" "$canary" | base64 -w0 | cut -c5-28)"
done
forms="$forms|$(printf 'attached-%s' "$canary" | base64 -w0 | cut -c1-28)"

watch() { # COMMAND...: leaves the trace
	strace -f -qq -yy -s 1000000 -o "$LAB/tmp/trace" \
		-e trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,vmsplice,splice,tee,copy_file_range,sendfile,openat,execve,exit_group,read,readv,pread64,recvfrom,recvmsg \
		"$@"
}
of() { # PATTERN of an execve: that process's lines
	pid=$(grep -E "execve\(\"[^\"]*($1)\"" "$LAB/tmp/trace" | grep -v ENOENT | cut -d' ' -f1 | tail -n 1)
	grep "^$pid " "$LAB/tmp/trace"
}

check_exit 0 watch sealpost send -f me@sender.example -- alice@advanced.example bob@direct.example <"$LAB/tmp/mail"
is "it arrived" "$(lab-mails | wc -l)" 1
unlike "strace could read every buffer" "$(grep -E '^[0-9]+ +(p?write|send)[a-z0-9]*\(' "$LAB/tmp/trace")" '^[0-9]+ +[a-z0-9]+\([0-9]+<[^>]*>, 0x[0-9a-f]+, [1-9]'
ok "the trace would show it: gpg was given it through a pipe" \
	grep -Eq "^[0-9]+ +write\([0-9]+<pipe:.*($canary)" "$LAB/tmp/trace"
grep -E '^[0-9]+ +(p?writev?2?|pwrite64|sendfile|copy_file_range|splice)\([0-9]+<(/|anon)' "$LAB/tmp/trace" >"$LAB/tmp/files"
ok "writes to files were seen, the keyring's and the sealed message's" \
	sh -c 'grep -q pins.db "$LAB/tmp/files" && grep -q memfd "$LAB/tmp/files"'
not_ok "it is written to no file, as it is or in base64" grep -Eq "$forms" "$LAB/tmp/files"
not_ok "it is in no argument" sh -c "grep execve '$LAB/tmp/trace' | grep -Eq '$forms'"
of '.*/sealpost-net' >"$LAB/tmp/net"
ok "the network helper was seen" test -s "$LAB/tmp/net"
not_ok "it neither read nor wrote it" grep -Eq "$forms" "$LAB/tmp/net"
not_ok "it opened nothing in the home" grep -q "openat(.*$HOME" "$LAB/tmp/net"
of '.*/sendmail|.*/msmtp' >"$LAB/tmp/mta"
ok "the MTA was seen" test -s "$LAB/tmp/mta"
not_ok "it neither read nor wrote it" grep -Eq "$forms" "$LAB/tmp/mta"
of '.*/gpg' | grep 'exit_group' >"$LAB/tmp/sealing"
started=$(grep -nE 'execve\("[^"]*/(sendmail|msmtp)"' "$LAB/tmp/trace" | grep -v ENOENT | tail -n 1 | cut -d: -f1)
finished=$(grep -nxFf "$LAB/tmp/sealing" "$LAB/tmp/trace" | tail -n 1 | cut -d: -f1)
ok "the MTA is started after gpg has ended" test "$finished" -lt "$started"
# Kept in the queue, and sent from there.
sed 's/^To: .*/To: erin@advanced.example\nMessage-ID: <queue@sender.example>/' "$LAB/tmp/mail" >"$LAB/tmp/mail2"
mkdir -p "$LAB/conf"
printf '[sealpost]\nqueue = unknown\nresolver = %s\ntimeout = 1\n' "$lab_no_resolver" >"$LAB/conf/off"
chmod 700 "$LAB/conf"
chmod 600 "$LAB/conf/off"
written() { # all that went to files
	grep -E '^[0-9]+ +(p?writev?2?|pwrite64|sendfile|copy_file_range|splice)\([0-9]+<(/|anon)' "$LAB/tmp/trace" >"$LAB/tmp/files"
}
check_exit 0 watch sealpost -C "$LAB/conf/off" send -f me@sender.example -- erin@advanced.example <"$LAB/tmp/mail2"
written
ok "queue: the mail was written" grep -q 'sealpost/queue/' "$LAB/tmp/files"
not_ok "queue: in clear to no file" grep -Eq "$forms" "$LAB/tmp/files"
not_ok "queue: nor its base64" grep -qF "$(base64 -w0 <"$LAB/tmp/mail2" | cut -c 101-140)" "$LAB/tmp/files"
not_ok "queue: in no argument" sh -c "grep execve '$LAB/tmp/trace' | grep -Eq '$forms'"
not_ok "queue: in nothing of the state folder" grep -rEq "$forms|erin" "$HOME/.local/share/sealpost/queue"
before=$(lab-mails | wc -l)
check_exit 0 watch sealpost queue run
is "queue: it arrived" "$(lab-mails | wc -l)" $((before + 1))
written
not_ok "queue run: in clear to no file" grep -Eq "$forms" "$LAB/tmp/files"
not_ok "queue run: in no argument" sh -c "grep execve '$LAB/tmp/trace' | grep -Eq '$forms'"

rm -f "$LAB/tmp/sealing" "$LAB/tmp/trace" "$LAB/tmp/files" "$LAB/tmp/mail" "$LAB/tmp/mail2" "$LAB/tmp/net" "$LAB/tmp/mta"
not_ok "nothing that is left holds it" grep -rqE "$forms" "$LAB/tmp" "$HOME" "$XDG_RUNTIME_DIR" "$LAB/sink"
done_testing
