#!/bin/sh
# The resolver: one that does not pass DNSSEC on is passed over, said so, and never where it may hide somebody; TCP where
# UDP is cut; the one of the settings.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

cat >"$LAB/tmp/relay" <<'PERL'
# relay ADDRESS UPSTREAM LOG [strip] [tcp]: passes questions on, and notes them in LOG. strip: without EDNS, so that no
# signature comes back; tcp: only what comes by TCP, while UDP vanishes.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my ($address, $upstream, $log, @how) = @ARGV;
my %how = map { $_ => 1 } @how;

sub ask {
	my ($packet) = @_;
	my $end = 12;
	$end += 1 + ord substr $packet, $end, 1 while ord substr $packet, $end, 1;
	open my $out, '>>', $log or die "$log: $!\n";
	printf {$out} "%s %d\n", join('.', unpack 'x12 (C/a)*', substr $packet, 0, $end), unpack 'n', substr $packet, $end + 1, 2;
	close $out;
	$packet = pack('n6', unpack('n', $packet), 0x0100, 1, 0, 0, 0) . substr $packet, 12, $end + 5 - 12 if $how{strip};
	my $socket = IO::Socket::INET->new(PeerAddr => $upstream, PeerPort => 53, Proto => 'tcp') or return;
	print {$socket} pack 'n/a*', $packet;
	read $socket, my $len, 2 or return;
	read $socket, my $answer, unpack 'n', $len;
	return $answer;
}

sub serve_tcp {
	my ($client) = @_;
	$client or return;
	while (read $client, my $len, 2) {
		read $client, my $packet, unpack 'n', $len;
		my $answer = ask($packet);
		print {$client} pack 'n/a*', $answer if defined $answer;
	}
	exit;
}

my @where = (LocalAddr => $address, LocalPort => 53);
my $udp = IO::Socket::INET->new(@where, Proto => 'udp') or die "$address: $!\n";
my $tcp = IO::Socket::INET->new(@where, Proto => 'tcp', Listen => 64, ReuseAddr => 1) or die "$address: $!\n";
$SIG{PIPE} = $SIG{CHLD} = 'IGNORE';
$| = 1;
print "ready\n";
my $ready = IO::Select->new($udp, $tcp);
while (1) {
	for my $socket ($ready->can_read) {
		if ($socket == $tcp) {
			my $client = $tcp->accept;
			fork or serve_tcp($client);
			next;
		}
		my $peer = recv $udp, my $packet, 4096, 0;
		next if !defined $peer || $how{tcp};
		my $answer = ask($packet);
		# What is too long is asked again over TCP.
		$answer = pack('n6', unpack('n', $packet), 0x8380, 1, 0, 0, 0) . substr $answer, 12, 0
			if defined $answer && length $answer > 1232;
		send $udp, $answer, 0, $peer if defined $answer;
	}
}
PERL

relay() { # ADDRESS UPSTREAM [strip] [tcp]
	relay_address=$1
	relay_upstream=$2
	shift 2
	perl "$LAB/tmp/relay" "$relay_address" "$relay_upstream" "$LAB/tmp/asked-$relay_address" "$@" \
		>"$LAB/tmp/relay-$relay_address" 2>&1 &
	until grep -q ready "$LAB/tmp/relay-$relay_address"; do
		kill -0 $! 2>/dev/null || { diag "$(cat "$LAB/tmp/relay-$relay_address")"; exit 1; }
		sleep 0.05
	done
}

asked() { # ADDRESS: how many questions since the last time
	wc -l <"$LAB/tmp/asked-$1" 2>/dev/null || echo 0
	rm -f "$LAB/tmp/asked-$1"
}

system_resolver() { # ADDRESS
	printf 'nameserver %s\n' "$@" >"$LAB/etc/resolv.conf"
}

# Every lookup has a cache of its own.
look() { # ADDRESS [LINE...] with lines of a configuration
	look_address=$1
	shift
	look_home=$(mktemp -d "$LAB/tmp/home.XXXXXX")
	printf '%s\n' '[sealpost]' "root-hints = $hints" "$@" >"$look_home/conf"
	run env "HOME=$look_home" timeout 30 sealpost -C "$look_home/conf" lookup --json -- "$look_address"
}

said() { # FILTER
	printf '%s\n' "$out" | jq -r "$1"
}

usable() { # DESC DNSSEC
	is "$1" "$rc $(said '.status + " " + .dnssec')" "0 usable $2" || diag "$out $err"
}

unknown() { # DESC
	is "$1" "$rc $(said '.status')" "75 unknown" || diag "$out $err"
}

hints=$LAB/tmp/root.hints
dead=$LAB/tmp/dead.hints
printf '. 3600 IN NS ns.example.\nns.example. 3600 IN A %s\n' 198.51.100.55 >"$hints"
printf '. 3600 IN NS ns.example.\nns.example. 3600 IN A %s\n' 203.0.113.53 >"$dead"

relay 198.51.100.54 127.0.0.1 strip
relay 198.51.100.55 198.51.100.53
relay 198.51.100.56 127.0.0.1 tcp
relay 198.51.100.57 127.0.0.1 strip tcp
relay 198.51.100.58 127.0.0.1
relay 127.0.0.2 127.0.0.1 strip
relay 127.0.0.53 127.0.0.1 strip
notice='by full recursion: the resolver does not pass DNSSEC on'

look alice@advanced.example
usable 'a resolver that validates' secure
is 'nothing is said of it' "$(said '[.evidence.dns[].note // "" | select(test("recursion|TCP"))] | length')" 0
is 'the root is not asked' "$(asked 198.51.100.55)" 0

system_resolver 198.51.100.54
look alice@advanced.example
usable 'one that strips DNSSEC is passed over' secure
is 'the first question says so' "$(said '.evidence.dns[0].note')" "$notice"
is 'and no other' "$(said '[.evidence.dns[].note // "" | select(test("recursion"))] | length')" 1
isnt 'it was asked' "$(asked 198.51.100.54)" 0
isnt 'the root was asked' "$(asked 198.51.100.55)" 0
look bob@direct.example
usable 'the direct method, by proof' secure
look dave@unsigned.example
usable 'an unsigned zone' insecure
look nobody@absent.example
is 'absence is proved' "$rc $(said '.status + " " + .absence')" '1 absent proved'
look x@bogus.example
unknown 'what is bogus stays so'
run sealpost -v -C "$look_home/conf" lookup --fresh -- alice@advanced.example
like 'the trace says so' "$err" "$notice"
rm -f "$LAB/tmp"/asked-*

for address in 127.0.0.2 0.0.0.0; do
	system_resolver 198.51.100.54 "$address"
	look alice@advanced.example
	unknown "never by itself with $address beside it"
	like 'the reason' "$(said .reason)" 'the resolver does not pass DNSSEC on;.*on this machine.*resolver = recursive'
	is 'the root is not asked' "$(asked 198.51.100.55)" 0
done
system_resolver 127.0.0.2
look dave@unsigned.example
unknown 'never by itself from a loopback address'
is 'the root is not asked' "$(asked 198.51.100.55)" 0
look alice@advanced.example 'resolver = recursive'
usable 'if it is allowed' secure
isnt 'the root was asked' "$(asked 198.51.100.55)" 0
system_resolver 127.0.0.53
look alice@advanced.example
usable "systemd-resolved's is passed over" secure
is 'which is said' "$(said '.evidence.dns[0].note')" "$notice"

system_resolver 198.51.100.54
hints=$dead
look alice@advanced.example
unknown 'the root does not answer either'
like 'both reasons' "$(said .reason)" \
	'the resolver does not pass DNSSEC on, and full recursion fails: the name servers of the root do not answer'
look dave@unsigned.example
unknown 'nor is an unsigned answer taken then'
hints=$LAB/tmp/root.hints

system_resolver 198.51.100.56
look alice@advanced.example
usable 'UDP is cut, TCP open' secure
is 'which is said' "$(said '.evidence.dns[0].note')" 'over TCP: nothing is answered over UDP'
system_resolver 198.51.100.57
look alice@advanced.example
usable 'UDP is cut, and TCP strips DNSSEC' secure
is 'which is said' "$(said '.evidence.dns[0].note')" "$notice"
system_resolver 203.0.113.53
look alice@advanced.example
unknown 'silence is not passed over'
like 'the reason' "$(said .reason)" 'the resolver does not answer'

rm -f "$LAB/tmp"/asked-*
look alice@advanced.example 'resolver = 198.51.100.58'
usable 'resolver = ADDRESS' secure
isnt 'it was asked' "$(asked 198.51.100.58)" 0
look alice@advanced.example 'resolver = 198.51.100.58@53'
usable 'resolver = ADDRESS@PORT' secure
isnt 'it was asked' "$(asked 198.51.100.58)" 0
look alice@advanced.example 'resolver = 198.51.100.54'
unknown 'one that was chosen is not passed over'
like 'the reason' "$(said .reason)" 'the resolver does not pass DNSSEC on'
is 'the root is not asked' "$(asked 198.51.100.55)" 0
done_testing
