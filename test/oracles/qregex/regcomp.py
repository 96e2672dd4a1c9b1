"""The regcomp and regexec of the C library, asked by lines of JSON.

Each line is {"pattern": ..., "texts": [...]}; the answer is null for a pattern that does not
compile, else a list of booleans. Extended syntax, letter case ignored, as qregex uses it.
"""
import ctypes
import json
import sys

REG_EXTENDED, REG_ICASE, REG_NOSUB = 1, 2, 8
libc = ctypes.CDLL(None)
libc.regcomp.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
libc.regexec.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int]
libc.regfree.argtypes = [ctypes.c_char_p]

for line in sys.stdin:
    question = json.loads(line)
    # The structure is 64 octets on every platform there is; more does no harm.
    compiled = ctypes.create_string_buffer(512)
    pattern = question["pattern"].encode()
    if libc.regcomp(compiled, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0:
        print("null")
        continue
    found = [libc.regexec(compiled, text.encode(), 0, None, 0) == 0 for text in question["texts"]]
    libc.regfree(compiled)
    print(json.dumps(found))
