#!/bin/sh
# SPDX-License-Identifier: ISC
# The resolver: one that does not pass on DNSSEC is passed over, said so, and never where it may hide somebody; TCP where
# UDP is cut; the one of the settings.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
lab_options=--caps # gives lo an address
in_lab "$0" "$@"

cat >"$LAB/tmp/relay" <<'PERL'
# relay ADDRESS UPSTREAM LOG [strip] [tcp] [all]: passes questions on, and notes them in LOG. strip: without EDNS, so that
# no signature comes back; tcp: only what comes by TCP, while UDP vanishes; all: it gives its own address for the lab's
# name server's, as though it sat on the way there.
use strict;
use warnings;
use IO::Select;
use IO::Socket::IP;

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
	my $socket = IO::Socket::IP->new(PeerAddr => $upstream, PeerPort => 53, Proto => 'tcp') or return;
	print {$socket} pack 'n/a*', $packet;
	read $socket, my $len, 2 or return;
	read $socket, my $answer, unpack 'n', $len;
	if ($how{all}) {
		my ($four, $six) = (pack('C4', 198, 51, 100, 53), pack 'n8', 0x2001, 0xdb8, (0) x 5, 0x53);
		my $own = pack 'C4', split /[.]/, $address;
		$answer =~ s/\Q$four\E/$own/g;
		$answer =~ s/\Q$six\E/pack 'n8', 0x2001, 0xdb8, (0) x 5, 0x99/ge;
	}
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
my $udp = IO::Socket::IP->new(@where, Proto => 'udp') or die "$address: $!\n";
my $tcp = IO::Socket::IP->new(@where, Proto => 'tcp', Listen => 64, ReuseAddr => 1) or die "$address: $!\n";
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

relay() { # ADDRESS UPSTREAM [strip] [tcp] [all]
	relay_address=$1
	relay_upstream=$2
	shift 2
	: >"$LAB/tmp/relay-$relay_address"
	perl "$LAB/tmp/relay" "$relay_address" "$relay_upstream" "$LAB/tmp/asked-$relay_address" "$@" \
		>"$LAB/tmp/relay-$relay_address" 2>&1 &
	until grep -q ready "$LAB/tmp/relay-$relay_address"; do
		kill -0 $! 2>/dev/null || { diag "$(cat "$LAB/tmp/relay-$relay_address")"; exit 1; }
		sleep 0.05
	done
}

asked() { # ADDRESS: how many questions since the last time
	touch "$LAB/tmp/asked-$1"
	wc -l <"$LAB/tmp/asked-$1"
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
	printf '%s\n' '[sealpost]' ${hints:+"root-hints = $hints"} "$@" >"$look_home/conf"
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

root_at() { # NAME ADDRESS
	printf '. 3600 IN NS ns.example.\nns.example. 3600 IN A %s\n' "$2" >"$LAB/tmp/$1.hints"
}
root_at root 198.51.100.55
root_at dead 203.0.113.53
root_at strip 198.51.100.59
root_at tcp 198.51.100.60
hints=$LAB/tmp/root.hints

relay 198.51.100.54 127.0.0.1 strip
relay 198.51.100.55 198.51.100.53
relay 198.51.100.56 127.0.0.1 tcp
relay 198.51.100.57 127.0.0.1 strip tcp
relay 198.51.100.58 127.0.0.1
relay 198.51.100.59 198.51.100.53 strip all
relay 198.51.100.60 198.51.100.53 tcp all
relay 127.0.0.2 127.0.0.1 strip
relay 127.0.0.53 127.0.0.1 strip
notice='by full recursion: the resolver does not pass on DNSSEC'

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
hints=
look alice@advanced.example
usable 'the usual root hints' secure
hints=$LAB/tmp/root.hints
look bob@direct.example
usable 'the direct method, by proof' secure
look dave@unsigned.example
usable 'an unsigned zone' insecure
look nobody@absent.example
is 'absence is proved' "$rc $(said '.status + " " + .absence')" '1 absent proved'
look x@bogus.example
unknown 'what is bogus stays so'
run env "HOME=$look_home/fresh" timeout 30 sealpost -v -C "$look_home/conf" lookup -- alice@advanced.example
like 'the trace says so' "$err" "$notice"
run env "HOME=$look_home/several" timeout 30 sealpost -C "$look_home/conf" lookup --json -- alice@advanced.example \
	bob@direct.example carol@dane.example dave@unsigned.example heidi@tlsa.example
is 'several at once wait for it' "$rc $(said .status | sort | uniq -c | xargs)" '0 5 usable' || diag "$out $err"
is 'and each one says so' "$(said '.evidence.dns[0].note' | grep -c "$notice")" 5
rm -f "$LAB/tmp"/asked-*

system_resolver 198.51.100.54 127.0.0.2
look alice@advanced.example
unknown 'never by itself with a loopback address beside it'
like 'the reason' "$(said .reason)" 'the resolver does not pass on DNSSEC;.*on this machine.*resolver = recursive'
is 'the root is not asked' "$(asked 198.51.100.55)" 0
system_resolver 127.0.0.2
look dave@unsigned.example
unknown 'never by itself from a loopback address'
is 'the root is not asked' "$(asked 198.51.100.55)" 0
look alice@advanced.example 'resolver = recursive'
usable 'if it is allowed' secure
isnt 'the root was asked' "$(asked 198.51.100.55)" 0
hints=
for file in /nonexistent /etc/passwd; do
	look alice@advanced.example 'resolver = recursive' "root-hints = $file"
	unknown "without hints: $file"
	like 'which is said' "$(said .reason)" "^root-hints: $file: "
done
hints=$LAB/tmp/root.hints
system_resolver 127.0.0.53
look alice@advanced.example
usable "systemd-resolved's is passed over" secure
is 'which is said' "$(said '.evidence.dns[0].note')" "$notice"

system_resolver 198.51.100.54
hints=$LAB/tmp/dead.hints
look alice@advanced.example 'timeout = 3'
unknown 'the root does not answer either'
like 'both reasons' "$(said .reason)" \
	'the resolver does not pass on DNSSEC, and full recursion fails: the name servers of the root do not answer'
look dave@unsigned.example 'timeout = 3'
unknown 'nor is an unsigned answer taken then'
hints=$LAB/tmp/strip.hints
look alice@advanced.example
unknown 'nor what comes from there is signed'
like 'both reasons' "$(said .reason)" \
	'the resolver does not pass on DNSSEC, and full recursion fails: the network does not pass on DNSSEC'
hints=$LAB/tmp/tcp.hints
look alice@advanced.example
usable 'the root is reached over TCP only' secure
is 'which is said' "$(said '.evidence.dns[0].note')" \
	'by full recursion over TCP: the resolver does not pass on DNSSEC, and nothing is answered over UDP'
hints=$LAB/tmp/root.hints

system_resolver 198.51.100.56
look alice@advanced.example
usable 'UDP is cut, TCP open' secure
is 'which is said' "$(said '.evidence.dns[0].note')" 'over TCP: nothing is answered over UDP'
system_resolver 198.51.100.57
look alice@advanced.example
usable 'UDP is cut, and TCP strips DNSSEC' secure
is 'which is said' "$(said '.evidence.dns[0].note')" "$notice"
# As a router announces itself.
ip -6 address add fe80::53/64 dev lo nodad
relay fe80::53%lo 127.0.0.1
system_resolver fe80::53%lo
look alice@advanced.example
usable 'a link-local address' secure
system_resolver fe80::53%gone 198.51.100.58
look alice@advanced.example
usable 'a link-local address of an interface that is gone, and another' secure
system_resolver 203.0.113.53
look alice@advanced.example 'timeout = 3'
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
like 'the reason' "$(said .reason)" 'the resolver does not pass on DNSSEC'
is 'the root is not asked' "$(asked 198.51.100.55)" 0
done_testing
