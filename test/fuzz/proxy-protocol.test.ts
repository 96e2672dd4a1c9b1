import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProxyParser, PROXY_OCTETS, type ProxyAnswer } from '../../src/smtp/proxy-protocol.js';
import { proxyBinary, proxyBlock, proxyExtension, proxyLine } from '../helpers/proxy-header.js';

/** Feeds pieces cut at `cuts`; the rest is what the last piece left and what was never fed. */
function feed(octets: Buffer, cuts: readonly number[]): ProxyAnswer {
  const places = [...new Set(cuts.map((cut) => cut % (octets.length + 1)))].sort((a, b) => a - b);
  const ends = [...places, octets.length];
  const parser = createProxyParser();
  let at = 0;
  let got: ProxyAnswer = { status: 'more' };
  for (const end of ends) {
    got = parser.feed(octets.subarray(at, end));
    at = end;
    if (got.status === 'bad' || got.status === 'more') {
      if (got.status === 'bad') return got;
      continue;
    }
    return { ...got, rest: Buffer.concat([got.rest, octets.subarray(at)]) };
  }
  return got;
}

const port = fc.nat(65_535);
const pair = fc
  .constantFrom('v4', 'v6')
  .chain((family) => {
    const address =
      family === 'v4' ? fc.ipV4() : fc.constantFrom('2001:db8::7', '::1', '::', 'fe80::1:0:0:2');
    return fc.tuple(address, address, port, port);
  })
  .map(([from, to, fromPort, toPort]) => ({
    source: { address: from, port: fromPort },
    destination: { address: to, port: toPort },
  }));

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((octets) => Buffer.from(octets));
const extensions = fc.array(
  fc
    .tuple(fc.nat(255), bytes(100))
    .map(([type, value]) => proxyExtension(type === 0x20 ? 0x21 : type, value)),
  { maxLength: 4 },
);
const right = fc
  .tuple(pair, extensions, fc.boolean())
  .map(([ends, more, isLine]) => ({ ends, header: isLine ? proxyLine(ends) : proxyBinary(ends, ...more) }));
const wild = fc.oneof(
  bytes(300),
  fc.tuple(fc.nat(255), fc.nat(255), bytes(PROXY_OCTETS)).map((parts) => proxyBlock(...parts)),
  fc
    .string({ unit: fc.constantFrom(...'TCP46UNKOW 019.:\r\n'), maxLength: 120 })
    .map((s) => Buffer.from(`PROXY ${s}`)),
);
const cuts = fc.array(fc.nat(2000), { maxLength: 30 });

describe('PROXY headers', () => {
  it('come back as they were written, whatever follows them', () => {
    fc.assert(
      fc.property(right, bytes(200), cuts, ({ ends, header }, tail, places) => {
        const got = feed(Buffer.concat([header, tail]), places);
        expect(got).toMatchObject({ status: 'proxied', ...ends, consumed: header.length, rest: tail });
      }),
    );
  });

  it('are judged alike however they are cut, and nothing throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          wild,
          right.map((made) => made.header),
        ),
        cuts,
        (octets, places) => {
          expect(feed(octets, places)).toEqual(feed(octets, []));
          expect(feed(octets, [...octets.keys()])).toEqual(feed(octets, []));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('give an answer within their longest length', () => {
    fc.assert(
      fc.property(wild, (octets) => {
        const long = Buffer.concat([octets, Buffer.alloc(PROXY_OCTETS, 0x20)]);
        expect(feed(long, []).status).not.toBe('more');
      }),
    );
  });
});
