# How many points perl's TAP::Parser finds in standard input, and how many errors: `points errors`.
use strict;
use warnings;
use TAP::Parser;

my $tap = do { local $/; <STDIN> };
my $parser = TAP::Parser->new({ tap => $tap });
$parser->run;
print $parser->tests_run, ' ', scalar($parser->parse_errors), "\n";
