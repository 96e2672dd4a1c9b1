/** Files that are to hold a private key: a key, or words that tell nothing of the file. */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSigningKey } from '../../src/checks/signatures/signing-key.js';

const NAME = { domain: 'example.org', selector: 's' };
const { privateKey } = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

describe('a key file', () => {
  it('of any octets is no key, in words', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (octets) => {
        expect(readSigningKey(NAME, Buffer.from(octets)).status).toBe('bad');
      }),
    );
  });

  it('with one octet changed is a key or none, and never throws', () => {
    const pem = Buffer.from(privateKey);
    expect(readSigningKey(NAME, pem).status).toBe('ok');
    fc.assert(
      fc.property(fc.nat(pem.length - 1), fc.nat(255), (at, octet) => {
        const changed = Buffer.from(pem);
        changed[at] = octet;
        expect(['ok', 'bad']).toContain(readSigningKey(NAME, changed).status);
      }),
    );
  });
});
