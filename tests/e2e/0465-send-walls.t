#!/bin/sh
# SPDX-License-Identifier: ISC
# From inside of each gpg that send starts no service of the user's can be reached, and through the relay to the agent
# nothing is had but a signature. A gpg that tries stands in for one that was broken into.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

t=$LAB/tmp
a=alice@advanced.example
me=me@sender.example
lab-import-sender $me
agent=$(gpgconf --list-dirs agent-socket)
grip=$(gpg --batch --with-colons --with-keygrip --list-secret-keys $me 2>/dev/null | sed -n 's/^grp:*\([0-9A-F]*\):.*/\1/p' | head -n 1)
mkdir -p "$HOME/.config/sealpost" "$t/bin"
printf '%s\n' '[sealpost]' "mta = $t/mta" >"$HOME/.config/sealpost/config"
printf '#!/bin/sh\ncat >"%s"\n' "$t/sent" >"$t/mta"
chmod 755 "$t/mta"
printf 'From: %s\nTo: %s\nSubject: x\n\nthe text\n' $me $a >"$t/mail"

# A service of the user's: it notes who comes.
cat >"$t/service" <<'END'
use strict;
use IO::Socket::UNIX;
use IO::Handle;
my ($path, $log) = @ARGV;
my $s = IO::Socket::UNIX->new(Local => $path, Listen => 10) or die;
open my $out, '>>', $log or die;
$out->autoflush;
while (my $c = $s->accept) {
	print $out "somebody came\n";
}
END
perl "$t/service" "$t/bus" "$t/came" &
service=$!
waited=0
until [ -S "$t/bus" ] || [ $waited = 100 ]; do
	sleep 0.05
	waited=$((waited + 1))
done

# What a broken gpg does before it does its work. Its temporary folder is the only place where it can write.
cat >"$t/bin/gpg" <<END
#!/usr/bin/perl
use strict;
use Socket;
use POSIX;
my \$dir = \$ENV{TMPDIR};
open my \$log, '>>', "\$dir/log" or die;
my \$signs = grep { \$_ eq '--sign' } @ARGV;
my \$kind = \$signs ? 'signs' : (grep { \$_ eq '--list-secret-keys' } @ARGV) ? 'lists' : 'reads';
for my \$path ('$t/bus', '$agent') {
	my \$made = socket(my \$s, AF_UNIX, SOCK_STREAM, 0);
	my \$there = \$made && connect(\$s, sockaddr_un(\$path));
	printf \$log "%s: %s: %s\n", \$kind, \$path, !\$made ? 'no socket' : !\$there ? 'not connected' : fileno(\$s) == 0 ? 'the relay' : 'OUTSIDE';
}
printf \$log "%s: internet: %s\n", \$kind, socket(my \$i, AF_INET, SOCK_STREAM, 0) ? 'OUTSIDE' : 'no socket';
printf \$log "%s: pair: %s\n", \$kind, socketpair(my \$p, my \$q, AF_UNIX, SOCK_STREAM, 0) ? 'made' : 'no socket';
if (\$signs && -e "\$dir/abuse") {
	my \$line = '';
	my \$read = sub { my \$c; \$line = ''; while (POSIX::read(0, \$c, 1)) { \$line .= \$c; last if \$c eq "\n" } \$line };
	\$read->();
	for my \$say ('EXPORT_KEY $grip', 'KEYWRAP_KEY --export', 'DELETE_KEY --force $grip', 'PASSWD $grip', 'PRESET_PASSPHRASE $grip -1 61',
		'READKEY $grip', 'PKDECRYPT', 'SETKEY $grip', 'OPTION pinentry-mode=loopback', 'OPTION putenv=DBUS_SESSION_BUS_ADDRESS=unixexec:path=/bin/sh',
		'SCD RESTART', 'KILLAGENT', 'GETINFO version') {
		POSIX::write(0, "\$say\n", length("\$say\n"));
		my \$answer = \$read->();
		\$answer = \$read->() if \$answer =~ /^D /;
		\$answer =~ s/^(\S+).*/\$1/s;
		print \$log "relay: \$say: \$answer\n";
	}
	close \$log;
	exit 2;
}
close \$log;
exec '/usr/bin/gpg', @ARGV;
END
chmod 755 "$t/bin/gpg"
[ -x /usr/bin/gpg ] || skip_all "gpg is not /usr/bin/gpg"

mkdir "$t/in"
export TMPDIR="$t/in"
PATH=$t/bin:$PATH
export PATH
check_exit 0 sealpost lookup --pin $a
is "lookup: pinned, by way of gpg" "$(grep -c '^reads: internet: no socket$' "$t/in/log" | sed 's/^[1-9].*/some/')" some
check_exit 0 sealpost send -- $a <"$t/mail"
is "sent" "$(test -s "$t/sent" && echo yes)" yes
PATH=${PATH#*:}
is "and signed" "$(lab-decrypt "$t/sent" 2>&1 >/dev/null | grep -c "VALIDSIG $(lab-key $me)")" 1
is "each gpg made no socket of its own" "$(grep -vE '(no socket|the relay)$' "$t/in/log")" ""
is "nor one that reads certificates any" "$(grep '^reads' "$t/in/log" | grep -v 'no socket$')" ""
is "one that signs had the relay for everything" \
	"$(grep '^signs' "$t/in/log" | sed "s,$t/bus,BUS,; s,$agent,AGENT," | sort -u | tr '\n' ,)" \
	"signs: AGENT: the relay,signs: BUS: the relay,signs: internet: no socket,signs: pair: no socket,"

PATH=$t/bin:$PATH
: >"$t/in/abuse"
: >"$t/in/log"
rm -f "$t/sent"
check_exit 75 sealpost send -- $a <"$t/mail"
not_ok "a gpg that fails: nothing sent" test -e "$t/sent"
PATH=${PATH#*:}
is "the relay refuses all but what signing needs" "$(sed -n 's/^relay: //p' "$t/in/log" | grep -v ': ERR$')" "GETINFO version: OK"
is "of which it was asked for all" "$(grep -c '^relay: .*: ERR$' "$t/in/log")" 12
is "nobody came to the service" "$(cat "$t/came")" ""
ok "the agent has all its keys" gpg --batch --list-secret-keys $me
rm "$t/in/abuse"
check_exit 0 sealpost send -- $a <"$t/mail"
is "and the next mail goes" "$(test -s "$t/sent" && echo yes)" yes
kill $service
done_testing
