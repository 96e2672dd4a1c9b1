import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorDomain } from '../../../../src/checks/signatures/author.js';
import {
  KeyRing,
  keyRecordName,
  keyRecordText,
  readSigningKey,
} from '../../../../src/checks/signatures/signing-key.js';
import { ED25519, pemOf, RSA, signingKey } from '../../../helpers/signing-keys.js';

const NAME = { domain: 'Example.ORG', selector: 'mail' };

function rsa(modulusLength: number) {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey;
}

describe('readSigningKey', () => {
  it('reads RSA as PKCS#1 and PKCS#8, and Ed25519', () => {
    const pkcs1 = RSA.export({ type: 'pkcs1', format: 'pem' }) as string;
    for (const [pem, algorithm] of [
      [pkcs1, 'rsa-sha256'],
      [pemOf(RSA), 'rsa-sha256'],
      [pemOf(ED25519), 'ed25519-sha256'],
    ] as const) {
      const reading = readSigningKey(NAME, Buffer.from(pem));
      expect(reading).toMatchObject({
        status: 'ok',
        key: { algorithm, domain: 'example.org', selector: 'mail' },
      });
      expect(reading).not.toHaveProperty('warning');
    }
  });

  // RFC 8301 §3.2: at least 1024 bits, and 2048 are what signers should have.
  it('warns of a short RSA key, and takes none that verifiers would not', () => {
    expect(readSigningKey(NAME, Buffer.from(pemOf(rsa(1024))))).toMatchObject({
      status: 'ok',
      warning: 'it has 1024 bits only; use 2048',
    });
    expect(readSigningKey(NAME, Buffer.from(pemOf(rsa(512))))).toMatchObject({
      status: 'bad',
      reason: 'it has 512 bits; verifiers take 1024 or more',
    });
  });

  it.each([
    ['nothing', ''],
    ['text', 'no key'],
    ['a public key', createPublicKey(RSA).export({ type: 'spki', format: 'pem' }) as string],
    ['a curve that DKIM does not know', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    [
      'a key with a password',
      RSA.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string,
    ],
  ])('takes %s for no key', (_what, pem) => {
    expect(readSigningKey(NAME, Buffer.from(pem))).toMatchObject({ status: 'bad' });
  });
});

describe('the record', () => {
  it('has a name and a text', () => {
    const key = signingKey(ED25519, 'example.org', '2026');
    expect(keyRecordName(key)).toBe('2026._domainkey.example.org');
    // RFC 8463 §4: the bare key.
    expect(keyRecordText(key)).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
    expect(keyRecordText(signingKey(RSA))).toMatch(/^v=DKIM1; k=rsa; p=MIIB/);
  });
});

describe('KeyRing', () => {
  const first = signingKey(RSA, 'example.org', 'a');
  const second = signingKey(ED25519, 'example.org', 'b');
  const below = signingKey(ED25519, 'news.example.org', 'c');
  const ring = new KeyRing([first, below, second]);

  it('knows all keys of a domain, in any spelling', () => {
    expect(ring.of('EXAMPLE.org')).toEqual([first, second]);
    expect(ring.of('org')).toEqual([]);
    expect(ring.of('sub.example.org')).toEqual([]);
  });

  it('finds the nearest domain above', () => {
    expect(ring.nearest('example.org')).toEqual([first, second]);
    expect(ring.nearest('a.b.example.org')).toEqual([first, second]);
    expect(ring.nearest('x.News.Example.org')).toEqual([below]);
    expect(ring.nearest('otherexample.org')).toEqual([]);
    expect(ring.nearest('')).toEqual([]);
    expect(ring.nearest('.')).toEqual([]);
    expect(ring.isEmpty).toBe(false);
    expect(new KeyRing([]).isEmpty).toBe(true);
  });
});

describe('authorDomain', () => {
  const of = (...from: string[]): string | undefined => authorDomain({ getAll: () => from });

  it.each([
    ['ann@example.org', 'example.org'],
    ['Ann <ann@EXAMPLE.org>', 'example.org'],
    ['"a@evil.test" <ann@example.org>', 'example.org'],
    ['ann@example.org (ann@evil.test)', 'example.org'],
    ['"x@y"@example.org', 'example.org'],
    ['ann@example.org, bob@Example.org', 'example.org'],
    ['us: ann@example.org, bob@example.org;', 'example.org'],
    ['ann@b\u00fccher.example', 'xn--bcher-kva.example'],
  ])('of %s is %s', (from, domain) => {
    expect(of(from)).toBe(domain);
  });

  it.each([
    [],
    [''],
    ['Ann'],
    ['ann@'],
    ['undisclosed:;'],
    ['ann@example.org, eve@evil.test'],
    [`${'a'.repeat(10_001)}@example.org`],
    ['ann@example.org', 'ann@example.org'],
  ])('of %j %j is unknown', (...from) => {
    expect(of(...(from as string[]))).toBeUndefined();
  });
});
