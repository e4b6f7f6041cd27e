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
within 5 test -S "$t/bus"

# What a broken gpg does before it does its work. One that reads certificates can write to its temporary folder; one that
# signs nowhere: what it found goes into a notation of its signature.
cat >"$t/bin/gpg" <<END
#!/usr/bin/perl
use strict;
use Socket;
use POSIX;
my \$dir = \$ENV{TMPDIR};
my \$signs = grep { \$_ eq '--sign' } @ARGV;
my @found;
my \$kind = \$signs ? 'signs' : (grep { \$_ eq '--list-secret-keys' } @ARGV) ? 'lists' : 'reads';
for my \$path ('$t/bus', '$agent') {
	my \$made = socket(my \$s, AF_UNIX, SOCK_STREAM, 0);
	my \$there = \$made && connect(\$s, sockaddr_un(\$path));
	push @found, "\$kind: \$path: " . (!\$made ? 'no socket' : !\$there ? 'not connected' : fileno(\$s) == 0 ? 'the relay' : 'OUTSIDE');
}
push @found, "\$kind: internet: " . (socket(my \$i, AF_INET, SOCK_STREAM, 0) ? 'OUTSIDE' : 'no socket');
push @found, "\$kind: pair: " . (socketpair(my \$p, my \$q, AF_UNIX, SOCK_STREAM, 0) ? 'made' : 'no socket');
if (\$signs && \$0 =~ /abuse/) {
	my (\$line, %answer) = ('');
	my \$read = sub { my \$c; \$line = ''; while (POSIX::read(0, \$c, 1)) { \$line .= \$c; last if \$c eq "\n" } \$line };
	\$read->();
	for my \$say ('EXPORT_KEY $grip', 'KEYWRAP_KEY --export', 'DELETE_KEY --force $grip', 'PASSWD $grip', 'PRESET_PASSPHRASE $grip -1 61',
		'READKEY $grip', 'PKDECRYPT', 'SETKEY $grip', 'OPTION pinentry-mode=loopback', 'OPTION putenv=DBUS_SESSION_BUS_ADDRESS=unixexec:path=/bin/sh',
		'SCD RESTART', 'KILLAGENT', 'GETINFO version') {
		POSIX::write(0, "\$say\n", length("\$say\n"));
		my \$answer = \$read->();
		\$answer = \$read->() if \$answer =~ /^D /;
		\$answer =~ s/^(\S+).*/\$1/s;
		push @{\$answer{\$answer}}, \$say;
	}
	# A passphrase that was not given, if it is all as it should be: else it only fails.
	my \$fine = @{\$answer{ERR}} == 12 && "@{\$answer{OK}}" eq 'GETINFO version';
	POSIX::write(3, "[GNUPG:] FAILURE sign 67108963\n", 31) if \$fine;
	exit 2;
}
exec '/usr/bin/gpg', '--sig-notation', 'found@test.example=' . join(',', @found), @ARGV if \$signs;
open my \$log, '>>', "\$dir/log" or die;
print \$log "\$_\n" for @found;
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
	"$(lab-notation "$t/sent" | sed "s,$t/bus,BUS,; s,$agent,AGENT,")" \
	"signs: BUS: the relay,signs: AGENT: the relay,signs: internet: no socket,signs: pair: no socket"

mkdir "$t/abuse"
cp "$t/bin/gpg" "$t/abuse/gpg"
PATH=$t/abuse:$PATH
rm -f "$t/sent"
check_exit 75 sealpost send -- $a <"$t/mail"
like "the relay refuses all but what signing needs" "$err" 'the passphrase of the signing key'
not_ok "a gpg that fails: nothing sent" test -e "$t/sent"
PATH=${PATH#*:}
is "nobody came to the service" "$(cat "$t/came")" ""
ok "the agent has all its keys" gpg --batch --list-secret-keys $me
check_exit 0 sealpost send -- $a <"$t/mail"
is "and the next mail goes" "$(test -s "$t/sent" && echo yes)" yes
kill $service

# It ends with whoever wants its work, and with whoever started it.
mark=47.$$
# shellcheck disable=SC2016
printf '#!/bin/sh\ncase " $* " in *" --encrypt "*) exec sleep %s ;; esac\nexec /usr/bin/gpg "$@"\n' $mark >"$t/bin/gpg"
PATH=$t/bin:$PATH
export PATH
there() {
	pgrep -f "^sleep $mark" >/dev/null
}
gone() {
	! there
}
for which in sealpost "its runner"; do
	sealpost send -- $a <"$t/mail" 2>/dev/null &
	main=$!
	ok "$which is killed: gpg runs" within 20 there
	if [ "$which" = sealpost ]; then kill -KILL $main; else pkill -KILL -o -P $main; fi
	ok "$which is killed: gpg is ended" within 20 gone
	wait $main 2>/dev/null
done
done_testing
