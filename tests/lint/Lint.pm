# What the checks of this folder share.
package Lint;
use strict;
use warnings;
use Exporter 'import';
use File::Find ();

our @EXPORT = qw(sources code problem finish slurp);
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

sub problem {
	my ($where, $what) = @_;
	print "$where: $what\n";
	$problems++;
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
