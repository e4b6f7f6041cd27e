#!/bin/sh
# SPDX-License-Identifier: ISC
# Bad input of every kind: one clear reason, the right exit code, one hint, nothing sent, nothing lost.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
config=$HOME/.config/sealpost/config
mkdir -p "${config%/*}"
printf 'From: me@sender.example\nTo: alice@advanced.example\nSubject: s\n\ntext\n' >"$LAB/tmp/mail"
check_exit 0 sealpost lookup --pin alice@advanced.example

bad() { # CODE WHAT PATTERN COMMAND...
	code=$1
	what=$2
	pattern=$3
	shift 3
	count=$(lab-mails | wc -l)
	run "$@"
	is "$what: exit" "$rc" "$code"
	like "$what: the reason" "$err" "^sealpost: .*$pattern"
	is "$what: one hint" "$(printf '%s\n' "$err" | grep -c '^hint: ')" 1
	is "$what: nothing on stdout" "$out" ""
	is "$what: nothing went out" "$(lab-mails | wc -l)" "$count"
}
from() { # FORMAT COMMAND...: the message is printf's
	text=$1
	shift
	# shellcheck disable=SC2059
	printf "$text" | "$@"
}
send_mail() {
	sealpost send "$@" <"$LAB/tmp/mail"
}

# the message and its recipients
bad 64 'no recipients' 'recipient' send_mail
bad 64 'no recipients with -t' 'recipient' from 'From: a@b.example\n\nx\n' sealpost send -t
bad 65 'no header' 'header' from 'just text\nmore\n' sealpost send alice@advanced.example
like "the hint says what a message is" "$err" '^hint: begin it with fields'
bad 65 'a header behind a blank line' 'blank line before its header' from '\nTo: a@b.example\nBcc: c@b.example\n\nx\n' sealpost send alice@advanced.example
bad 65 'empty' 'message is empty' from '' sealpost send alice@advanced.example
bad 65 'NUL in the header' 'NUL' from 'From: a@b.example\nSubject: x\000y\n\nx\n' sealpost send alice@advanced.example
bad 65 'two From' 'From' from 'From: a@b.example\nFrom: c@d.example\n\nx\n' sealpost send alice@advanced.example
bad 65 'two Subject' 'Subject' from 'From: a@b.example\nSubject: 1\nSubject: 2\n\nx\n' sealpost send alice@advanced.example
bad 65 'To that does not parse, with -t' 'To' from 'From: a@b.example\nTo: a@@b\n\nx\n' sealpost send -t
bad 64 'an address with two @' '@' send_mail 'a@@b.example'
long=$(printf '%0300d' 0)
bad 64 'an over-long address' 'bytes' send_mail "$long@b.example"
bad 64 'an address like an option, after --' 'option' send_mail -- '-x@b.example'
bad 64 '-bs' '-bs' send_mail -bs
bad 64 '-bd' '-bd' send_mail -bd
bad 64 'an unknown option' 'Z' send_mail -Z alice@advanced.example

# configuration, with file and line
conf() {
	# shellcheck disable=SC2059
	printf "$@" >"$config"
}
rm -f "$config"
ln -s "$LAB/tmp/not-mounted" "$config"
bad 78 'a configuration that is a link to nothing' 'config: a link on its way leads nowhere' send_mail alice@advanced.example
rm -f "$config"
conf '[sealpost]\nencrypt = require\nnonsense = 1\n'
bad 78 'unknown key' "$config:3: .*nonsense" send_mail alice@advanced.example
conf '[sealpost]\n[policies]\nto = x\n'
bad 78 'unknown section' "$config:[23]: .*policies" send_mail alice@advanced.example
conf '[sealpost]\nencrypt = maybe\n'
bad 78 'bad value' "$config:2: .*maybe" send_mail alice@advanced.example
conf '[sealpost]\nmta = %s\n' "$(printf '%0193d' 0)"
bad 78 'over-long line' "$config:2: the line is longer than 198 bytes" send_mail alice@advanced.example
conf '[policy %s]\nto = x@y.example\n' "$(printf '%080d' 0)"
bad 78 'over-long section' "$config:1: " send_mail alice@advanced.example
conf '[policy a]\nto = %s@b.example\n' "$(printf '%0240d' 0)"
bad 78 'over-long pattern' "$config:2: " send_mail alice@advanced.example
conf '[sealpost]\n' && chmod 666 "$config"
bad 78 'configuration that others may write' "$config" send_mail alice@advanced.example
chmod 600 "$config"
for dir in "$HOME" "${config%/*}"; do
	chmod o+w "$dir"
	bad 78 "configuration in a folder that others may write to: $dir" "$dir: others may write to it" send_mail alice@advanced.example
	run send_mail alice@advanced.example
	sh -c "$(printf '%s\n' "$err" | sed -n 's/^hint: //p')"
	check_exit 0 send_mail alice@advanced.example
done
rm -f "$LAB"/sink/*
rm "$config" && mkdir "$config"
bad 78 'configuration that is a folder' "$config" send_mail alice@advanced.example
rmdir "$config"
bad 78 'no such file for -C' '/nonexistent' sealpost -C /nonexistent send alice@advanced.example
bad 64 'no such verb' 'frobnicate' sealpost frobnicate
bad 64 'no verb' 'verb' sealpost

# the MTA
conf '[sealpost]\nmta = /nonexistent/sendmail\n'
bad 78 'MTA missing' '/nonexistent/sendmail' send_mail alice@advanced.example
conf '[sealpost]\nmta = %s send\n' "$LAB_BUILD/bin/sealpost"
bad 78 'ourselves as MTA' 'sealpost' send_mail alice@advanced.example
cat >"$LAB/tmp/failing" <<'MTA'
#!/bin/sh
cat >/dev/null
echo "mailbox is full" >&2
exit 69
MTA
chmod 755 "$LAB/tmp/failing"
conf '[sealpost]\nmta = %s\n' "$LAB/tmp/failing"
bad 69 "the MTA's own code and words" 'mailbox is full' send_mail alice@advanced.example
printf '#!/bin/sh\nexit 67\n' >"$LAB/tmp/failing"
bad 67 'an MTA without a word' 'exit status 67\): unknown user$' send_mail alice@advanced.example
printf '#!/bin/sh\nkill -9 $$\n' >"$LAB/tmp/failing"
bad 75 'MTA killed' 'signal 9' send_mail alice@advanced.example
printf '#!/bin/sh\nsleep 60\n' >"$LAB/tmp/failing"
conf '[sealpost]\nmta = %s\nmta-timeout = 1\n' "$LAB/tmp/failing"
bad 75 'MTA hangs' 'time' send_mail alice@advanced.example
rm -f "$config"

# the installation
mkdir "$LAB/tmp/nogpg"
for p in sealpost cat rm; do
	ln -s "$(command -v $p)" "$LAB/tmp/nogpg/$p"
done
bad 78 'gpg missing' 'gpg' env PATH="$LAB/tmp/nogpg" "$LAB_BUILD/bin/sealpost" lookup bob@direct.example
mkdir "$LAB/tmp/halfgpg"
cat >"$LAB/tmp/halfgpg/gpg" <<GPG
#!/bin/sh
case " \$* " in
*' --encrypt '*) $(command -v gpg) "\$@" | head -c 300 ;;
*) exec $(command -v gpg) "\$@" ;;
esac
GPG
chmod 755 "$LAB/tmp/halfgpg/gpg"
bad 70 'gpg writes a part only' 'cut short' env PATH="$LAB/tmp/halfgpg:$PATH" sealpost send alice@advanced.example <"$LAB/tmp/mail"
conf '[sealpost]\ndata-dir = /proc/sealpost\n'
bad 73 'state folder cannot be made' '/proc' send_mail alice@advanced.example
conf '[sealpost]\ndata-dir = /sealpost\n'
bad 73 'state folder on a read-only disk' '/sealpost: Read-only' send_mail alice@advanced.example
conf '[sealpost]\ntrust-anchor = /nonexistent\n'
check_exit 75 sealpost lookup bob@direct.example
like "no trust anchor: says so" "$out$err" 'trust anchor'
rm -f "$config"
data=$HOME/.local/share/sealpost
chmod 755 "$data"
bad 78 'state folder open to others' "$data" send_mail alice@advanced.example
chmod 700 "$data"
rm -f "$data"/pins.db-*
chmod 400 "$data/pins.db"
bad 73 'a keyring that cannot be written to' 'pins.db: .*cannot be written to' send_mail alice@advanced.example
is "nothing is left beside it" "$(ls "$data")" 'pins.db'
chmod 600 "$data/pins.db"
check_exit 0 send_mail --again alice@advanced.example
: >"$data/pins.db-wal"
: >"$data/pins.db-shm"
chmod 400 "$data"/pins.db-*
bad 73 'its log cannot be written to' 'pins.db: .*-wal.*cannot be written to' send_mail alice@advanced.example
run send_mail alice@advanced.example
sh -c "$(printf '%s\n' "$err" | sed -n 's/^hint: //p')"
check_exit 0 send_mail --again alice@advanced.example
mv "$data/pins.db" "$data/pins.kept"
rm -f "$data"/pins.db-*
echo 'this is no database, but it is long enough to be looked at as one' >"$data/pins.db"
chmod 600 "$data/pins.db"
count=$(lab-mails | wc -l)
run send_mail alice@advanced.example
like "a damaged keyring: refused" "$rc" '^(74|78)$'
like "a damaged keyring: named" "$err" 'pins.db'
is "a damaged keyring: nothing sent" "$(lab-mails | wc -l)" "$count"
like "a damaged keyring: not touched" "$(cat "$data/pins.db")" 'no database'
mv "$data/pins.kept" "$data/pins.db"
check_exit 0 send_mail alice@advanced.example

# the lists of verbs and options
for v in lookup send filter why pins doctor; do
	check_exit 0 sealpost $v --help
	like "$v --help: usage" "$out" "^usage: sealpost $v"
done
check_exit 0 sealpost --help
check_exit 0 sealpost --version
done_testing
