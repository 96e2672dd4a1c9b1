# Answers SPF questions with pyspf: one JSON object a line in, one a line out.
# The address of the name server is the first argument, as host:port.
import json
import sys

import dns.resolver
import spf

host, port = sys.argv[1].split(':')
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = [host]
resolver.port = int(port)
resolver.lifetime = 5
dns.resolver.default_resolver = resolver

for line in sys.stdin:
    case = json.loads(line)
    try:
        query = spf.query(i=case['ip'], s=case['from'], h=case['helo'], receiver=case['receiver'], querytime=0)
        query.set_default_explanation('DEFAULT')
        result, _, explanation = query.check()
        said = {
            'result': result,
            'explanation': explanation if result == 'fail' else '',
            'detail': str(query.perm_error or ''),
        }
    except Exception as fault:
        said = {'result': 'exception', 'explanation': '', 'detail': '%s: %s' % (type(fault).__name__, fault)}
    print(json.dumps({'id': case['id'], **said}), flush=True)
