"""dkimpy as one long-lived process: a JSON object a line in, one a line out, in the same order.

Messages are base64. keys maps the name of a key record to its text.
"""
import base64
import json
import sys

import dkim


def octets(text):
    return text.encode('latin-1')


def zone(keys):
    def txt(name, timeout=5):
        found = keys.get(name.decode().rstrip('.').lower())
        return found.encode() if found is not None else None

    return txt


def forms(asked):
    header, body = asked['form'].split('/')
    return header.encode(), body.encode()


def sign(asked, message):
    return dkim.sign(
        message,
        octets(asked['selector']),
        octets(asked['domain']),
        octets(asked['key']),
        identity=octets(asked['identity']) if asked.get('identity') else None,
        canonicalize=forms(asked),
        signature_algorithm=octets(asked['algorithm']),
        include_headers=[octets(name) for name in asked['names']] if asked.get('names') else None,
        length=asked.get('length', False),
    )


def verify(asked, message):
    # As for a message with many signatures: each one by itself.
    results = []
    for index in range(asked['count']):
        try:
            good = dkim.DKIM(message).verify(idx=index, dnsfunc=zone(asked['keys']))
            results.append('pass' if good else 'fail')
        except dkim.DKIMException as fault:
            results.append('%s: %s' % (type(fault).__name__, fault))
    return results


def seal(asked, message):
    fields = dkim.arc_sign(
        message,
        octets(asked['selector']),
        octets(asked['domain']),
        octets(asked['key']),
        octets(asked['server']),
        timestamp=1700000000,
    )
    return b''.join(fields)


def chain(asked, message):
    cv, _, reason = dkim.arc_verify(message, dnsfunc=zone(asked['keys']))
    return [cv.decode() if cv else 'none', reason]


for line in sys.stdin:
    asked = json.loads(line)
    message = base64.b64decode(asked['message'])
    try:
        said = {'sign': sign, 'verify': verify, 'seal': seal, 'chain': chain}[asked['do']](asked, message)
        if isinstance(said, bytes):
            said = base64.b64encode(said).decode()
        print(json.dumps({'said': said}), flush=True)
    except Exception as fault:
        print(json.dumps({'fault': '%s: %s' % (type(fault).__name__, fault)}), flush=True)
