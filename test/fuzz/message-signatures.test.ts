import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDmarc } from '../../src/checks/dmarc.js';
import { dkimResults, dmarcResult, arcResult } from '../../src/checks/auth-results.js';
import { formatAuthenticationResults } from '../../src/message/authentication-results.js';
import { createFakeClock } from '../helpers/fake-clock.js';
import { createFakeResolver } from '../helpers/fake-resolver.js';
import { judge, type Zone } from '../helpers/judge-signatures.js';
import { arcSealed, dkimSigned, type Mail, rsaKey, textOf } from '../helpers/text-signer.js';

const key = rsaKey();
const zone: Zone = {
  's._domainkey.a.test TXT': [key.text],
  's._domainkey.arc.test TXT': [key.text],
  '_dmarc.a.test TXT': ['v=DMARC1; p=reject'],
};
const MAIL: Mail = { header: 'From: a@a.test\r\nSubject: x\r\n', body: 'Hello\r\n' };
const SIGNED = arcSealed(
  dkimSigned(MAIL, {
    key,
    tags: (bh) => `v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.test; s=s; h=from; bh=${bh}; b=`,
  }),
  { key, i: 1 },
);

/** Everything that a policy would ask, and the field that says it. */
async function everything(message: string, known: Zone = zone): Promise<void> {
  const { dkim, arc, author } = await judge(message, known);
  const deps = { resolver: createFakeResolver(known), clock: createFakeClock() };
  const dmarc = await checkDmarc(deps, { author, dkim, spfDomain: 'a.test', spfTroubleDomain: '' });
  const statements = [...dkimResults(dkim), dmarcResult(dmarc), arcResult(arc, '192.0.2.1')];
  const field = formatAuthenticationResults('mx.test', statements).toString('latin1');
  expect(field).toMatch(/^Authentication-Results: mx\.test;(?:[\x20-\x7e\t]|\r\n[ \t])*\r\n$/);
  for (const text of [dkim.explanation, arc.explanation, dmarc.explanation, dmarc.domain]) {
    expect(text).not.toMatch(/\p{Cc}/u);
  }
}

const name = fc.constantFrom(
  'DKIM-Signature',
  'ARC-Seal',
  'ARC-Message-Signature',
  'ARC-Authentication-Results',
  'From',
);
const bits = fc.constantFrom(
  ...[
    'v=1;',
    'a=rsa-sha256;',
    'a=ed25519-sha256;',
    'c=relaxed/relaxed;',
    'd=a.test;',
    's=s;',
    'h=from:x;',
    'bh=AAAA;',
  ],
  ...[
    'b=AAAA',
    'i=1;',
    'cv=none;',
    'cv=pass;',
    't=9999999999999;',
    'x=1;',
    'l=0;',
    'l=-1;',
    'q=dns/txt;',
    'z=a|b;',
  ],
  ...[
    ';',
    '=',
    ' ',
    '\t',
    '\r\n ',
    '"',
    '(',
    ')',
    '\\',
    '<',
    '>',
    '@',
    ',',
    ':',
    '\u00ff',
    '\u0000',
    '__proto__=1;',
  ],
  ...['i=@a.test;', 'd=\u00c3\u00bc.test;', 'constructor=1;', 'header=1;', 'a@a.test', 'x'.repeat(300)],
);
const field = fc
  .tuple(name, fc.array(bits, { maxLength: 30 }))
  .map(([front, text]) => `${front}: ${text.join('')}\r\n`);

describe('signatures of strangers', () => {
  it('never reject, whatever the fields hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 12 }), (fields) =>
        everything(`${fields.join('')}\r\nbody\r\n`),
      ),
      { numRuns: 1500 },
    );
  });

  it('never reject, where octets of a good message change', async () => {
    const good = textOf(SIGNED);
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(6), fc.string({ unit: 'binary', maxLength: 5 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), (changes) => {
        const message = changes.reduce(
          (text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut),
          good,
        );
        return everything(message);
      }),
      { numRuns: 1500 },
    );
  });

  it('never reject, whatever the records hold', async () => {
    const tag = fc.constantFrom(
      'v=DKIM1;',
      'v=DMARC1;',
      'k=rsa;',
      'k=ed25519;',
      'p=AAAA;',
      'p=',
      't=y:s;',
      's=*;',
      'h=sha1',
      ';',
      '=',
      'p=reject;',
      'sp=',
      'rua=x',
      key.text.slice(0, 100),
      '\u0000',
      '\u00ff',
      ' ',
    );
    const text = fc.array(tag, { maxLength: 8 }).map((tags) => tags.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 3 }), (records) =>
        everything(textOf(SIGNED), {
          's._domainkey.a.test TXT': records,
          's._domainkey.arc.test TXT': records,
          '_dmarc.a.test TXT': records,
        }),
      ),
      { numRuns: 1000 },
    );
  });
});
