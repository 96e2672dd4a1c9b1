# Answers SPF questions with Mail::SPF: one JSON object a line in, one a line out.
# The address of the name server is the first argument, as host:port.
use strict;
use warnings;
use JSON::PP;
use Mail::SPF;
use Net::DNS::Resolver;

$| = 1;
my ($host, $port) = split /:/, shift @ARGV;
my $resolver = Net::DNS::Resolver->new(
    config_file => '/dev/null', nameservers => [$host], port => $port, recurse => 1,
    udp_timeout => 5, tcp_timeout => 5, retry => 1, dnsrch => 0, defnames => 0,
);
my $json = JSON::PP->new->utf8->canonical;

while (my $line = <STDIN>) {
    my $case = $json->decode($line);
    my $said = eval {
        my $server = Mail::SPF::Server->new(
            dns_resolver => $resolver, hostname => $case->{receiver},
            default_authority_explanation => 'DEFAULT',
        );
        my $from = $case->{from};
        my $request = Mail::SPF::Request->new(
            versions => [1], scope => $from eq '' ? 'helo' : 'mfrom',
            identity => $from eq '' ? $case->{helo} : $from,
            ip_address => $case->{ip}, helo_identity => $case->{helo},
        );
        my $result = $server->process($request);
        {
            result => $result->code,
            explanation => $result->code eq 'fail' ? '' . $result->authority_explanation : '',
            detail => '' . $result->text,
        };
    };
    if (!$said) {
        my $fault = ref $@ && $@->can('text') ? ref($@) . ': ' . $@->text : "$@";
        $fault =~ s/\s+/ /g;
        $said = { result => 'exception', explanation => '', detail => $fault };
    }
    print $json->encode({ id => $case->{id}, %$said }), "\n";
}
