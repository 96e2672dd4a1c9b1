"""Verifies messages with dkimpy: reads JSON lines {message, index, keys}, answers one JSON line each.

The message is base64; keys maps the name of a key record to its text.
"""
import base64
import json
import sys

import dkim


def verify(message, index, keys):
    def txt(name, timeout=5):
        found = keys.get(name.decode().rstrip("."))
        return found.encode() if found is not None else None

    try:
        return "pass" if dkim.DKIM(message).verify(idx=index, dnsfunc=txt) else "fail"
    except dkim.DKIMException as error:
        return repr(error)


for line in sys.stdin:
    asked = json.loads(line)
    message = base64.b64decode(asked["message"])
    print(json.dumps(verify(message, asked["index"], asked["keys"])))
