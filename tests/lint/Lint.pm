# SPDX-License-Identifier: ISC
# What the checks of this folder share.
package Lint;
use strict;
use warnings;
use Exporter 'import';
use File::Find ();

our @EXPORT = qw(sources code problem finish slurp folder program may_use exceptions excused unused
	has_ctags tags);
my $problems = 0;

# Every C file below the given folders, sorted, as paths from the top of the tree.
sub sources {
	my @found;
	File::Find::find({no_chdir => 1, wanted => sub { push @found, $_ if /\.[ch]\z/ && -f }},
		grep { -d } @_);
	return sort @found;
}

sub slurp {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	return scalar <$in>;
}

# C without its comments, strings and character constants; the lines stay where they are.
sub code {
	my ($text) = @_;
	$text =~ s{(/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')}
		{my $gone = $1; $gone =~ tr/\n//cd; " $gone"}gse;
	return $text;
}

sub has_ctags {
	return (`ctags --version 2>/dev/null` // '') =~ /Universal Ctags/;
}

# Every function definition in the files: {name, file, first, last, static}.
sub tags {
	my $list = join "\n", @_;
	my @found;
	my $pid = open my $out, '-|';
	defined $pid or die "fork: $!\n";
	if ($pid == 0) {
		open STDIN, '-|', 'printf', '%s\n', $list or die "printf: $!\n";
		exec qw(ctags --quiet=yes --options=NONE --sort=no --languages=C --langmap=C:.c.h),
			qw(--kinds-C=f --fields=nef -o - -L -) or die "ctags: $!\n";
	}
	while (<$out>) {
		my %tag;
		@tag{qw(name file first last)} = /^(\S+)\t(\S+)\t.*\tline:(\d+).*\tend:(\d+)/ or next;
		$tag{static} = /\tfile:/ ? 1 : 0;
		push @found, \%tag;
	}
	close $out or die "ctags failed\n";
	return @found;
}

sub problem {
	my ($where, $what) = @_;
	print "$where: $what\n";
	$problems++;
}

# The folders of each program in order; what is in both comes first.
my @both = qw(src/base src/wire);
my %order = (
	net  => [@both, qw(src/net wkd src/mx src/netd)],
	mail => [@both, qw(src/print src/mime pgp/gpg pgp/cert pgp/seal src/conf src/decide src/store src/process
		src/discovery src/transport src/mail src/verbs src/main.c)],
);

# The folder of the lists that a file lies in: of src/verbs/pins/show.c it is src/verbs.
sub folder {
	my ($file) = @_;
	for my $name (map { @$_ } values %order) {
		return $name if $file eq $name || index($file, "$name/") == 0;
	}
	die "$file: lies in no folder of the lists in Lint.pm\n";
}

# "net", "mail" or "both".
sub program {
	my ($folder) = @_;
	return 'both' if grep { $_ eq $folder } @both;
	return (grep { $_ eq $folder } @{$order{net}}) ? 'net' : 'mail';
}

# Whether a file may use what another file has.
sub may_use {
	my ($file, $used) = @_;
	my ($from, $to) = (folder($file), folder($used));
	my ($list) = grep { my $l = $_; grep { $_ eq $from } @$l } @order{qw(net mail)};
	my %at = map { $list->[$_] => $_ } 0 .. $#$list;
	return defined $at{$to} && $at{$to} <= $at{$from};
}

# Known exceptions of a kind, from the file beside this one: lines "KIND WHAT...". The list may only shrink: what is not
# needed any more is a problem too.
sub exceptions {
	my ($kind) = @_;
	my %left;
	for (split /\n/, slurp('tests/lint/exceptions')) {
		$left{$1} = 0 if /^$kind (.+)$/;
	}
	return \%left;
}

sub excused {
	my ($known, $what) = @_;
	return 0 unless exists $known->{$what};
	$known->{$what}++;
	return 1;
}

sub unused {
	my ($known) = @_;
	for (sort grep { !$known->{$_} } keys %$known) {
		problem('tests/lint/exceptions', "no longer needed: $_");
	}
}

# The exit status; says what was looked at, so that a check that saw nothing is noticed.
sub finish {
	my ($name, $seen, $things) = @_;
	if ($seen == 0) {
		print "$name: no $things found, so nothing was checked\n";
		return 1;
	}
	print "$name: $seen $things, ", $problems ? "problems: $problems" : "all well", "\n";
	return $problems ? 1 : 0;
}

1;
