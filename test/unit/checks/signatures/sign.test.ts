import { describe, expect, it } from 'vitest';
import type { MessageSignatures } from '../../../../src/checks/signatures/message-signatures.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { ODD_MESSAGES } from '../../../helpers/odd-messages.js';
import { readSignatures } from '../../../helpers/read-signatures.js';
import { ED25519, keyRecords, RSA, signedWith, signingKey } from '../../../helpers/signing-keys.js';
import { parseHeader } from '../../../../src/message/header-block.js';
import type { SigningKey } from '../../../../src/checks/signatures/signing-key.js';

const RSA_KEY = signingKey(RSA, 'example.org', 'rsa');
const ED_KEY = signingKey(ED25519, 'example.org', '2026');
const BOTH = [RSA_KEY, ED_KEY];

async function verified(message: string, keys: readonly SigningKey[] = BOTH, clock = createFakeClock()) {
  const zone = Object.fromEntries(
    Object.entries(keyRecords(...keys)).map(([name, text]) => [`${name} TXT`, [text]]),
  );
  const end = message.indexOf('\r\n\r\n') + 2;
  const { header } = parseHeader(Buffer.from(message.slice(0, end), 'latin1'));
  const signatures: MessageSignatures = await readSignatures(zone, clock)(header);
  signatures.update(Buffer.from(message.slice(end + 2), 'latin1'));
  return (await signatures.verify()).dkim;
}

const now = createFakeClock().now();
const MESSAGE = ODD_MESSAGES['an ordinary message'] ?? '';

function tagsOf(message: string): Record<string, string> {
  const field = message.slice('DKIM-Signature:'.length, message.indexOf('\r\nFrom:'));
  const tags = field.replaceAll(/\s/g, '').split(';');
  return Object.fromEntries(
    tags.map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)]),
  );
}

describe('sign', () => {
  it.each(Object.entries(ODD_MESSAGES))('makes signatures that verify: %s', async (_what, message) => {
    const { signatures } = await verified(await signedWith(message, BOTH, { now }));
    const ours = signatures
      .slice(0, 2)
      .map(({ status, domain, selector, algorithm }) => [status, domain, selector, algorithm]);
    expect(ours).toEqual([
      ['Pass', 'example.org', 'rsa', 'rsa-sha256'],
      ['Pass', 'example.org', '2026', 'ed25519-sha256'],
    ]);
  });

  it('says when it was made, and when it ends where it shall', async () => {
    const plain = tagsOf(await signedWith(MESSAGE, [ED_KEY], { now }));
    expect(plain).toMatchObject({
      v: '1',
      a: 'ed25519-sha256',
      c: 'relaxed/relaxed',
      d: 'example.org',
      s: '2026',
    });
    expect(plain['t']).toBe(String(Math.floor(now / 1000)));
    expect(plain).not.toHaveProperty('x');
    expect(plain).not.toHaveProperty('l');
    const ending = await signedWith(MESSAGE, [ED_KEY], { now, lifetimeMs: 60_001 });
    expect(tagsOf(ending)['x']).toBe(String(Math.floor(now / 1000) + 61));
    const clock = createFakeClock();
    await clock.advance(120_000);
    expect((await verified(ending, BOTH, clock)).status).not.toBe('Pass');
  });

  it('signs what a reader sees once more than it is there, and other fields as often as they are', async () => {
    const message = `${MESSAGE.replace('\r\n\r\n', '\r\nList-Id: <x>\r\nX-Other: 1\r\nReceived: x\r\n\r\n')}`;
    const { h = '' } = tagsOf(await signedWith(message, [ED_KEY], { now }));
    expect(h.split(':')).toEqual(
      'From From Reply-To Subject Subject Date Date To To Cc Message-ID Message-ID MIME-Version Content-Type Content-Transfer-Encoding List-Id'.split(
        ' ',
      ),
    );
  });

  it.each([
    'From: x@example.org',
    'Subject: x',
    'Reply-To: x@example.org',
    'Content-Type: text/html',
    'Cc: x@example.org',
  ])('does not hold when somebody adds %s', async (field) => {
    const signed = await signedWith(MESSAGE, [ED_KEY], { now });
    expect((await verified(`${field}\r\n${signed}`)).status).toBe('Fail');
  });

  it.each([
    ['the body changes', (text: string) => text.replace('this is it', 'that was it')],
    ['the subject changes', (text: string) => text.replace('Subject: signed', 'Subject: other')],
    ['a recipient is taken out', (text: string) => text.replace('To: b@example.com\r\n', '')],
  ])('does not hold when %s', async (_what, change) => {
    const signed = await signedWith(MESSAGE, [RSA_KEY], { now });
    expect((await verified(change(signed))).status).toBe('Fail');
  });

  it('holds when trace fields and others are added, and white space changes', async () => {
    const signed = await signedWith(MESSAGE, BOTH, { now });
    const passedOn = `Received: by x.test\r\nX-Mark: 1\r\n${signed.replace('Subject: signed', 'SUBJECT:   signed \t')}`;
    expect((await verified(passedOn)).signatures.map(({ status }) => status)).toEqual(['Pass', 'Pass']);
  });

  it('has lines that every server takes', async () => {
    const long = signingKey(RSA, `${'label-of-many-letters.'.repeat(8)}example.org`, `${'s'.repeat(60)}.x`);
    const signed = await signedWith(MESSAGE, [long], { now });
    const field = signed.slice(0, signed.indexOf('\r\nFrom:'));
    expect(Math.max(...field.split('\r\n').map((line) => line.length))).toBeLessThan(300);
    expect((await verified(signed, [long])).status).toBe('Pass');
  });

  it.each([
    ['no From field', 'Subject: x\r\n\r\nbody\r\n'],
    ['two From fields', 'From: a@example.org\r\nFrom: b@example.org\r\n\r\nbody\r\n'],
  ])('refuses a message with %s', async (_what, message) => {
    await expect(signedWith(message, BOTH, { now })).rejects.toThrow('exactly one From field');
  });
});
