import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../src/message/header-block.js';
import { formatReceived } from '../../src/message/received.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: fc.constantFrom(...'a.;()<>[]"\\ \r\n\t:@ö'), maxLength: 80 }),
);
const facts = fc.record({
  ehloHost: text,
  remoteName: text,
  remoteIp: text,
  recipient: text,
  tls: fc.option(fc.record({ version: text, cipher: text }), { nil: undefined }),
});

describe('Received properties', () => {
  it('is one field of our own clauses, whatever the client chose', () => {
    fc.assert(
      fc.property(facts, (chosen) => {
        const raw = formatReceived({
          ...chosen,
          hostname: 'mx.example',
          transmission: { lmtp: false, extended: true, utf8: false, secure: false, authenticated: false },
          id: '0m7c3k9qab1x-1',
          at: 0,
        });
        const { header, body } = parseHeader(raw);
        expect(header.fields.map((field) => field.name)).toEqual(['Received']);
        expect(body.length).toBe(0);
        const written = raw.toString('latin1');
        expect(written).toMatch(/^[\x20-\x7e]+(?:\r\n [\x20-\x7e]+)*\r\n$/);
        expect(Math.max(...written.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
        expect(header.get('received')).toMatch(
          /^from [^ ;()<>]+ \((?:[^ ;()<>]+ )?\[[^ ;()<>]*\]\) by mx\.example \(Postern\) with ESMTP id 0m7c3k9qab1x-1(?: for <[^ ;()<>]+>)?(?: tls [^ ;()<>]* \([^ ;()<>]*\))?; Thu, 1 Jan 1970 00:00:00 \+0000$/,
        );
      }),
    );
  });
});
