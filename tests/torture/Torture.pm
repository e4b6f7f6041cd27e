# SPDX-License-Identifier: ISC
# Torture.pm: commands that are run again and again while something fails, and what must hold whatever fails:
#
#	the exit code is the usual one or says that it failed; it is never another verdict ("absent", "refused")
#	a failure is told on standard error, and the command ends within its deadline, and not by a signal
#	the MTA, standard output, standard error and the disk never get the text of the mail
#	what was there is there afterwards, and the stores open: the next try, undisturbed, completes it, and nobody gets
#	a mail twice
#
# A worker is a process with a home of its own in the lab, so that several work beside each other.
package Torture;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use POSIX qw(setpgid);
use Time::HiRes qw(sleep time);

our @EXPORT = qw(enter_lab $top $build worker_home commands attempt judge restore work_through slurp spew fail_allocation told_by places_told_by wrap_net
	torture_options every_nth chosen usual report);

use constant {TIMEOUT => 3, DEADLINE => 30, SETTLING => 12};

our $top = abs_path(dirname(__FILE__) . '/../..');
our $build = $ENV{LAB_BUILD} // "$top/build";
my $secret = 'four score and seven years'; # the text, and the Subject, which other fields tell, too
my $told = $secret =~ tr/ /./r; # in whatever code
my ($alice, $bob, $me) = ('alice@advanced.example', 'bob@direct.example', 'me@sender.example');

# Starts the script again inside a lab.
sub enter_lab {
	return if $ENV{LAB};
	exec "$top/tests/lab/run", '--', abs_path($0), @ARGV;
	die "lab: $!\n";
}

sub slurp {
	my ($file) = @_;
	open my $f, '<', $file or return '';
	local $/;
	return scalar(<$f>) // '';
}

sub spew {
	my ($file, $text, $mode) = @_;
	open my $f, '>', $file or die "$file: $!\n";
	print $f $text;
	close $f or die "$file: $!\n";
	chmod $mode, $file if $mode;
}

# The environment in which one allocation of main, child or net fails; what it tells is in the file, see told_by().
sub fail_allocation {
	my ($who, $point, $told) = @_;
	my $net = $who eq 'net';
	my $so = "$ENV{LAB}/tmp/failing_alloc.so";
	my $cc = $ENV{CC} // 'cc';
	-e $so or system("$cc -shared -fPIC -D_GNU_SOURCE -o $so $top/tests/failing_alloc.c") == 0 or die "no allocator\n";
	unlink $told;
	return {LD_PRELOAD => $so, FAIL_IN => $net ? 'real-net' : 'sealpost', FAIL_WHO => $net ? '' : $who, FAIL_ALLOC => $point,
		FAIL_TOLD => $told};
}

# How many allocations there were, the signal that ended a process after one failed, or 0, and where that was.
sub told_by {
	my ($file) = @_;
	my ($count, $signal, $places, $where) = unpack 'l!l!l!Z*', slurp($file);
	return ($count // 0, $signal // 0, $where // '');
}

# The number of one allocation for each place that was not seen yet: a place is told by all the calls that lead there.
sub places_told_by {
	my ($file, $seen) = @_;
	my $told = slurp($file);
	my (undef, undef, $places) = unpack 'l!l!l!', $told;
	my %numbers;
	for (0 .. ($places // 0) - 1) {
		my ($number, $hash) = unpack 'QQ', substr($told, 4096 + $_ * 16, 16);
		$numbers{$number} = 1 unless $seen->{$hash}++;
	}
	return sort { $a <=> $b } keys %numbers;
}

# sealpost-net is started with an environment of its own: this one, through a script.
sub wrap_net {
	my ($home, $with) = @_;
	my $real = $home->{net} =~ s/sealpost-net$/real-net/r;
	-e $real or rename $home->{net}, $real or die "$real: $!\n";
	my $text = "#!/bin/sh\nexport " . join(' ', 'LC_ALL=C', map { "$_='$with->{$_}'" } sort keys %$with) . "\nexec $real \"\$@\"\n";
	spew($home->{net}, $text, 0755) if slurp($home->{net}) ne $text;
}

sub quiet {
	my ($home, @command) = @_;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		set_environment($home);
		open STDOUT, '>', "$home->{dir}/prepared" or die;
		open STDERR, '>&', \*STDOUT or die;
		exec @command or POSIX::_exit(127);
	}
	waitpid $pid, 0;
	return $? == 0;
}

sub set_environment {
	my ($home) = @_;
	$ENV{HOME} = $home->{dir};
	$ENV{TMPDIR} = "$home->{dir}/tmp";
	$ENV{XDG_RUNTIME_DIR} = "$home->{dir}/run";
	delete @ENV{grep { /^(XDG_(DATA|CONFIG|CACHE)_HOME|GNUPGHOME)$/ } keys %ENV};
}

# A home with a sender, two pins, and an MTA that keeps each mail in a file; tree: the programs, where sealpost-net may be
# replaced.
sub worker_home {
	my ($number) = @_;
	my $dir = "$ENV{LAB}/w$number";
	my $home = {dir => $dir, sealpost => "$dir/tree/bin/sealpost", net => "$dir/tree/libexec/sealpost/sealpost-net"};
	system('mkdir', '-p', "$dir/tmp", "$dir/run", "$dir/taken", "$dir/.config/sealpost", "$dir/conf", "$dir/tree/bin",
		"$dir/tree/libexec/sealpost", "$dir/site") == 0 or die;
	chmod 0700, "$dir/run", "$dir/conf";
	system('cp', "$build/bin/sealpost", $home->{sealpost}) == 0 or die;
	system('cp', "$build/libexec/sealpost/sealpost-net", $home->{net}) == 0 or die;
	spew("$dir/mta", "#!/bin/sh\nunset LD_PRELOAD\n"
		. "cat >$dir/taken/\$\$.part && mv $dir/taken/\$\$.part $dir/taken/\$\$.mail\n", 0755);
	my $conf = "[sealpost]\nmta = $dir/mta\nqueue = unknown\ntimeout = ${\TIMEOUT}s\nmta-timeout = 5s\n";
	spew("$dir/.config/sealpost/config", $conf, 0600);
	spew("$dir/conf/off", "${conf}resolver = 100.64.0.1\n", 0600);
	spew("$dir/conf/plain", $conf =~ s/queue = unknown/queue = no/r, 0600);
	my $encoded = $secret =~ tr/ /_/r;
	spew("$dir/mail", "From: $me\nTo: $alice\nSubject: =?utf-8?q?$encoded?=\nComments: $secret\nX-Note: =?utf-8?q?$encoded?=\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n"
		. "Message-ID: <1\@sender.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b b\n\n"
		. "--b b\nContent-Type: text\n\n$secret\n--b b\nContent-Type: text/plain; charset=utf-8; name=\xc3\xa9.txt\n"
		. "Content-Disposition: attachment; filename*0=\xc3\xa9; filename*1=.txt\n\n\xc3\xa9\n--b b--\n");
	spew("$dir/conf/site", "[domain]\nname = publish.example\nkeys = $dir/site/\nweb = 192.0.2.81\nmta-sts = testing\n"
		. "mx = mx.publish.example\n", 0600);
	quiet($home, 'lab-import-sender') or die "no sender\n";
	# One that waits, then two pins: with them it would not wait.
	system('cp', "$dir/mail", "$dir/mail.waits");
	quiet($home, 'sh', '-c', "$home->{sealpost} -C $dir/conf/off send $alice <$dir/mail.waits") or die slurp("$dir/prepared");
	quiet($home, 'cp', '-a', "$dir/.local/share/sealpost", "$dir/state.queued") or die;
	quiet($home, 'rm', '-rf', "$dir/.local/share/sealpost", "$dir/.cache/sealpost");
	quiet($home, $home->{sealpost}, 'lookup', '--pin', $alice) or die slurp("$dir/prepared");
	quiet($home, 'cp', '-a', "$dir/.local/share/sealpost", "$dir/state.pinned") or die;
	$home->{fpr} = slurp("$ENV{LAB}/keys/$alice.fpr") =~ s/\s+//gr;
	write_received($home);
	return $home;
}

# What learn reads: a key of bob's in a field, and a mail sealed to several, in which are their keys; and a state in which a
# mail was sent.
sub write_received {
	my ($home) = @_;
	my $dir = $home->{dir};
	my $send = "$home->{sealpost} -C $dir/conf/plain send";
	quiet($home, 'sh', '-c', "gpg --dearmor <$ENV{LAB}/keys/$bob.pub | base64") or die slurp("$dir/prepared");
	my $key = slurp("$dir/prepared") =~ s/^/ /gmr;
	spew("$dir/mail.field", "From: $bob\nTo: $me\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <2\@direct.example>\n"
		. "Autocrypt: addr=$bob; prefer-encrypt=mutual; keydata=\n$key\nhello\n");
	quiet($home, 'sh', '-c', "$send $alice <$dir/mail") or die slurp("$dir/prepared");
	quiet($home, 'cp', '-a', "$dir/.local/share/sealpost", "$dir/state.sent") or die;
	system("rm -f $dir/taken/*; sed 's/^To: .*/&, $bob, $me/; s/^Message-ID: <1/&2/' $dir/mail >$dir/mail.several");
	quiet($home, $home->{sealpost}, 'pins', 'import', "$ENV{LAB}/keys/$bob.pub") or die slurp("$dir/prepared");
	quiet($home, 'sh', '-c', "$send $alice $bob $me <$dir/mail.several && cp $dir/taken/*.mail $dir/mail.sealed")
		or die slurp("$dir/prepared");
}

# The state that a command starts from; mails that an MTA took are forgotten.
sub restore {
	my ($home, $state) = @_;
	my $dir = $home->{dir};
	my $start = $home->{start}{$state} //= contents("$dir/state.$state");
	my @others = grep { -e $_ } "$dir/.cache/sealpost", "$dir/out", glob "$dir/tmp/* $dir/taken/*";
	system('rm', '-rf', @others) if @others;
	$home->{starts} = $start;
	return if is_untouched($home);
	system("rm -rf $dir/.local/share/sealpost; cp -a $dir/state.$state $dir/.local/share/sealpost");
}

# All that is below the folder: modes, names and bytes.
sub contents {
	my ($dir) = @_;
	my $text = '';
	for my $path (sort(glob "$dir/* $dir/.[!.]*")) {
		my @st = lstat $path or next;
		my $name = $path =~ s!.*/!!r;
		$text .= sprintf "%o %s\n%s\n", $st[2], $name, -d _ ? contents($path) : -f _ ? slurp($path) : '';
	}
	return $text;
}

# Whether the state is what the command started from: then whatever is done next goes as if nothing had been.
sub is_untouched {
	my ($home) = @_;
	return contents("$home->{dir}/.local/share/sealpost") eq $home->{starts};
}

sub left_no_trace {
	my ($home) = @_;
	my $dir = $home->{dir};
	return !-e "$dir/.cache/sealpost" && !-e "$dir/out" && !glob("$dir/taken/*") && is_untouched($home);
}

# name; args; state it starts from; input: standard input; keeps: what must hold beyond the rules of each command; then: what
# the list of pins shows once it went well; loads: the process whose loading is tried with it, which is the same for all.
sub commands {
	my ($home) = @_;
	my $dir = $home->{dir};
	my $write = ['publish', 'write', '--offline', '--force=withdraw', "$dir/out", "$dir/conf/site"];
	return (
		{name => 'send', args => ['-C', "$dir/conf/plain", 'send', $alice], input => "$dir/mail", keeps => \&keeps_sent, loads => 'main'},
		{name => 'filter', args => ['filter', $alice], input => "$dir/mail", keeps => \&keeps_filtered, mail_out => 1},
		{name => 'lookup', args => ['lookup', $alice], keeps => \&keeps_found, asks => 1, loads => 'net'},
		{name => 'pins list', args => ['pins', 'list'], keeps => \&keeps_same},
		{name => 'pins verify', args => ['pins', 'verify', $alice, $home->{fpr}], then => qr/verified/},
		{name => 'pins import', args => ['pins', 'import', "$ENV{LAB}/keys/$bob.pub"], then => qr/\Q$bob/},
		{name => 'refresh', args => ['refresh', '--all'], asks => 1},
		{name => 'check', args => ['check', 'dane.transit.example'], asks => 1},
		{name => 'publish write', args => $write, keeps => \&keeps_published},
		{name => 'queue run', args => ['queue', 'run'], state => 'queued', wants => [1],
			keeps => \&keeps_queued, asks => 1},
		{name => 'learn', args => ['learn', "$dir/mail.field"], wants => [1], keeps => \&keeps_same},
		{name => 'learn sealed', args => ['learn', '--decrypt', "$dir/mail.sealed"], wants => [1], keeps => \&keeps_opened},
		{name => 'why', args => ['why', '--sent'], state => 'sent', keeps => \&keeps_same},
	);
}

# One run: {code, signal, late, out, err, took}. with: environment of its own; before: a wrapper such as strace; patience:
# seconds until it is late.
sub attempt {
	my ($home, $command, $with, $before, $patience) = @_;
	my $dir = $home->{dir};
	my $began = time;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		setpgid(0, 0);
		set_environment($home);
		$ENV{$_} = $with->{$_} for keys %{$with // {}};
		open STDIN, '<', $command->{input} // '/dev/null' or POSIX::_exit(126);
		open STDOUT, '>', "$dir/stdout" or POSIX::_exit(126);
		open STDERR, '>', "$dir/stderr" or POSIX::_exit(126);
		exec @{$before // []}, $home->{sealpost}, @{$command->{args}} or POSIX::_exit(127);
	}
	my %result = (late => 0, who => 'main');
	my $status = eval {
		local $SIG{ALRM} = sub { die "late\n" };
		alarm($patience // DEADLINE);
		waitpid $pid, 0;
		alarm 0;
		$?;
	};
	if (!defined $status) {
		kill 'KILL', -$pid;
		waitpid $pid, 0;
		($status, $result{late}) = (0, 1);
	}
	$result{stays} = !settles($pid, $patience);
	@result{qw(code signal took)} = ($status >> 8, $status & 127, time - $began);
	@result{qw(out err)} = (slurp("$dir/stdout"), slurp("$dir/stderr"));
	return \%result;
}

# What it has started ends with it, or soon after it was killed.
sub settles {
	my ($group, $patience) = @_;
	my $until = time + ($patience // SETTLING);
	while (kill 0, -$group) {
		if (time > $until) {
			kill 'KILL', -$group;
			return 0;
		}
		sleep 0.005;
	}
	return 1;
}

sub ended_well {
	my ($r) = @_;
	return $r->{code} == 0 && !$r->{signal} && !$r->{late};
}

sub taken {
	my ($home) = @_;
	return map { slurp($_) } glob "$home->{dir}/taken/*.mail";
}

# What all of them owe: the faults found, as words.
sub judge {
	my ($home, $command, $usual, $r) = @_;
	my @faults;
	push @faults, "late ($r->{code})" if $r->{late};
	push @faults, "signal $r->{signal} $r->{err}" if $r->{signal} && !($r->{killed} && $r->{signal} == 9);
	push @faults, 'something runs on' if $r->{stays};
	my %fine = map { $_ => 1 } @{$command->{wants} // []}, $usual->{code}, 70, 71, 73, 74, 75;
	# The program was not loaded.
	$fine{127} = 1 if $r->{err} =~ /error while loading shared libraries|cannot allocate TLS/;
	push @faults, "exit $r->{code}: " . (split /\n/, $r->{err})[0] if !$r->{late} && !$r->{signal} && !$fine{$r->{code}};
	push @faults, "exit $r->{code} without a word" if $r->{code} && $r->{code} != $usual->{code} && "$r->{out}$r->{err}" !~ /\S/;
	push @faults, 'a line without its text' if $r->{err} =~ /^(?:sealpost|hint): *$/m;
	push @faults, 'the text went to the MTA' if grep { /$told/ || !/BEGIN PGP MESSAGE/ } taken($home);
	push @faults, is_other($usual, $r, mails_length($home) + ($command->{mail_out} ? length $r->{out} : 0)) if ended_well($r);
	push @faults, 'the text went out' if "$r->{out}$r->{err}" =~ /$told/;
	push @faults, map { "the text is on the disk, below $_" } grep { contents("$home->{dir}/$_") =~ /$told/ } qw(tmp run .cache .local);
	$r->{traceless} = left_no_trace($home);
	push @faults, $command->{keeps}->($home, $command, $usual, $r) if $command->{keeps};
	push @faults, keeps_pins($home, ended_well($r) ? $command->{then} : undef) if !$command->{state} && !$r->{traceless};
	return @faults;
}

# What was sealed silently and well has the usual length: it is signed, and for whom it is by usual.
sub is_other {
	my ($usual, $r, $length) = @_;
	my $differs = abs($length - ($usual->{length} //= $length));
	return $differs > 64 && $r->{err} eq '' ? "exit 0 without a word, but other mail: $differs bytes" : ();
}

sub mails_length {
	my ($home) = @_;
	my $length = 0;
	$length += length for taken($home);
	return $length;
}

# The keyring opens, and has its pin, and what came to it.
sub keeps_pins {
	my ($home, $then) = @_;
	my $r = attempt($home, {args => ['pins', 'list']});
	return "the pins are lost ($r->{code}): $r->{err}" if $r->{code} != 0 || $r->{out} !~ /\Q$alice/;
	return $then && $r->{out} !~ $then ? "exit 0, and the pins do not show it: $r->{out}" : ();
}

# Once it went well the MTA has it; once it did not, the same mail sent again arrives, and once in all.
sub keeps_sent {
	my ($home, $command, $usual, $r) = @_;
	return 'exit 0, and the MTA has no mail' if ended_well($r) && taken($home) != 1;
	return () if ended_well($r) || $r->{traceless};
	my $again = attempt($home, $command);
	return "again: exit $again->{code}: $again->{err}" if $again->{code};
	return keeps_once($home, $r);
}

# Whoever was killed may have a copy in doubt.
sub keeps_once {
	my ($home, $r) = @_;
	my $n = taken($home);
	my $most = $r->{killed} ? 2 : 1;
	return $n >= 1 && $n <= $most ? () : "the MTA has $n mails";
}

sub keeps_filtered {
	my ($home, $command, $usual, $r) = @_;
	return 'exit 0 without a mail' if ended_well($r) && $r->{out} !~ /END PGP MESSAGE/;
	return 'a failure with output' if $r->{code} && $r->{out} ne '' && !$r->{cut};
	return ();
}

sub keeps_found {
	my ($home, $command, $usual, $r) = @_;
	return ended_well($r) && $r->{out} !~ /\Q$home->{fpr}/ ? 'exit 0 without a fingerprint' : ();
}

# Whoever says that something failed may say less of the rest.
sub keeps_same {
	my ($home, $command, $usual, $r) = @_;
	return () if !ended_well($r) || $r->{err} ne $usual->{err};
	return undated($r->{out}) ne undated($usual->{out}) ? 'exit 0 with another answer' : ();
}

# What the agent does not open stays closed: less is learnt then.
sub keeps_opened {
	my ($home, $command, $usual, $r) = @_;
	my %known = map { $_ => 1 } split /\n/, $usual->{out};
	my $fewer = ended_well($r) && $r->{who} ne 'main' && !grep { !$known{$_} } split /\n/, $r->{out};
	return $fewer ? () : keeps_same($home, $command, $usual, $r);
}

sub undated {
	my ($text) = @_;
	return $text =~ s/[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]+Z)?//gr;
}

# What another run makes of the folder is what one makes that nothing disturbed.
sub keeps_published {
	my ($home, $command, $usual, $r) = @_;
	return () if ended_well($r) || $r->{traceless};
	my $again = attempt($home, $command);
	return $again->{code} == $usual->{code} ? () : "again: exit $again->{code}: $again->{err}";
}

sub keeps_queued {
	my ($home, $command, $usual, $r) = @_;
	return () if !ended_well($r) && $r->{traceless};
	system('rm', '-rf', "$home->{dir}/.cache/sealpost"); # it remembers for a while what could not be asked
	my $again = ended_well($r) ? undef : attempt($home, $command);
	return "again: exit $again->{code}: $again->{err}" if $again && $again->{code};
	return keeps_once($home, $r);
}

# What the script was given: {each, part, at, who, jobs, places, only: {COMMAND}}.
sub torture_options {
	my ($name) = @_;
	my %o = (each => 1, part => 1, jobs => 2, places => 0, only => {});
	while (@ARGV && $ARGV[0] =~ /^--(each|jobs|at|who|places)$/) {
		my $option = shift @ARGV;
		$o{places} = 1, next if $option eq '--places';
		my $n = shift @ARGV;
		my $form = $option =~ /at|who/ ? qr/./ : qr!^([1-9][0-9]*/)?[1-9][0-9]*$!;
		die "usage: $name [--places] [--each [I/]N | --at POINT] [--who WHO] [--jobs N] [COMMAND...]\n" unless ($n // '') =~ $form;
		$o{$option =~ s/^--//r} = $n;
	}
	($o{part}, $o{each}) = $o{each} =~ m!/! ? split m!/!, $o{each} : ($o{each}, $o{each});
	$o{only}{$_} = 1 for @ARGV;
	return \%o;
}

# Of the points those that --each leaves: every Nth, beginning with the Ith (else the Nth).
sub every_nth {
	my ($o, @points) = @_;
	return @points[grep { $_ % $o->{each} == $o->{part} - 1 } 0 .. $#points];
}

sub chosen {
	my ($o, $home) = @_;
	my @all = commands($home);
	my %known = map { $_->{name} => 1 } @all;
	$known{$_} or die "$_: no such command; there are: @{[map { qq('$_->{name}') } @all]}\n" for keys %{$o->{only}};
	return grep { !%{$o->{only}} || $o->{only}{$_->{name}} } @all;
}

# What comes of it when nothing fails.
sub usual {
	my ($home, $command) = @_;
	restore($home, $command->{state} // 'pinned');
	my $r = attempt($home, $command);
	my @faults = judge($home, $command, $r, $r);
	die "$command->{name}: undisturbed: @faults\n" if @faults || $r->{code} > 1;
	return $r;
}

# A line for a command; the number of faults.
sub report {
	my ($name, $of, $sum) = @_;
	$| = 1;
	printf "%-14s %6d points tried of %s, %d faults\n", $name, $sum->{tried}, $of, $sum->{faults};
	return $sum->{faults};
}

# Each job, which is a list, goes to one of the workers; act(home, job...) gives the faults, and whether the point was
# reached. Faults are told as they come. Returns {tried, faults}.
sub work_through {
	my ($homes, $jobs, $act) = @_;
	pipe my $from, my $to or die "pipe: $!\n";
	my @pids;
	for my $w (0 .. $#$homes) {
		my $pid = fork // die "fork: $!\n";
		if ($pid == 0) {
			for (my $i = $w; $i < @$jobs; $i += @$homes) {
				my ($fault, $tried) = $act->($homes->[$w], @{$jobs->[$i]});
				my @lines = map { 'fault ' . substr($_ =~ s/\n/ | /gr, 0, 3000) } @$fault;
				syswrite $to, "$_\n" for @lines, $tried ? 'tried' : ();
			}
			syswrite $to, "ended\n";
			POSIX::_exit(0);
		}
		push @pids, $pid;
	}
	close $to;
	my %sum = (tried => 0, faults => 0, ended => 0);
	while (<$from>) {
		$sum{s/^fault // ? 'faults' : s/\n//r}++;
		print STDERR $_ if / /;
	}
	waitpid $_, 0 for @pids;
	die "a worker died\n" if $sum{ended} != @$homes;
	return \%sum;
}

1;
