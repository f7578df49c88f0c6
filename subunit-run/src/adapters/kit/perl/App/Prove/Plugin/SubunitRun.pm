# Has prove run the files that it is told of, each in a process of its own that it forks: it is loaded once, and each file has a
# prove of its own all the same. $SUBUNIT_FORKER names two descriptors. A request is a line on the first, the path of a pipe for
# what the file and its prove write, a tab, and the file; on the second `ready` is said once, then of each process that it has opened
# its pipe, and its status when it has ended.
package App::Prove::Plugin::SubunitRun;
use strict;
use warnings;
use IO::Handle;
use POSIX ();

# What prove loads when it runs tests. It does without those that its version has not.
my @HARNESS = qw(
  TAP::Harness TAP::Formatter::File TAP::Formatter::File::Session TAP::Parser TAP::Parser::Iterator::Process
  TAP::Parser::SourceHandler::Executable TAP::Parser::SourceHandler::File TAP::Parser::SourceHandler::Handle
  TAP::Parser::SourceHandler::Perl TAP::Parser::SourceHandler::RawTAP Benchmark File::Path IO::Select IPC::Open3
);

sub load {
    my ( $class, $prove ) = @_;
    my ( $in, $out ) = split /:/, delete $ENV{SUBUNIT_FORKER};
    leave_no_trace();
    eval "require $_" for @HARNESS;
    open my $requests, '<&=', $in  or die "descriptor $in: $!\n";
    open my $replies,  '>&=', $out or die "descriptor $out: $!\n";
    $replies->autoflush(1);
    print {$replies} "ready\n";
    while ( my $request = <$requests> ) {
        chomp $request;
        my ( $output, $file ) = split /\t/, $request, 2;
        my $pid = fork;
        if ( defined $pid && $pid == 0 ) {
            close $requests;
            write_to($output);
            print {$replies} "open\n";
            close $replies;
            return become( $prove->{app_prove}, $file );
        }
        # Whoever asked sees the end of the replies.
        POSIX::_exit(1) unless defined $pid && waitpid( $pid, 0 ) == $pid;
        print {$replies} "$?\n";
    }
    POSIX::_exit(0);
}

# The folder of this file is none of the tests'.
sub leave_no_trace {
    my $folder = $ENV{PERL5LIB} =~ /\A([^:]*)/ ? $1 : '';
    @INC = grep { $_ ne $folder } @INC;
    $ENV{PERL5LIB} =~ s/\A[^:]*:?//;
    delete $ENV{PERL5LIB} if $ENV{PERL5LIB} eq '';
}

sub write_to {
    my ($output) = @_;
    open( STDOUT, '>', $output ) && open( STDERR, '>&', \*STDOUT ) or POSIX::_exit(1);
    return;
}

# What called this plugin runs the file then.
sub become {
    my ( $app, $file ) = @_;
    $app->argv( [$file] );
    return;
}

1;
