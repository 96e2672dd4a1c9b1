import { describe, expect, it } from 'vitest';
import { createKeyCache } from '../../../../src/checks/signatures/key-cache.js';
import { mailauthLookups } from '../../../../src/checks/mailauth-lookups.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { createFakeResolver } from '../../../helpers/fake-resolver.js';
import type { Zone } from '../../../helpers/judge-signatures.js';
import { ed25519Key, rsaKey } from '../../../helpers/text-signer.js';

const key = rsaKey();

function bench(zone: Zone) {
  const clock = createFakeClock();
  const resolver = createFakeResolver(zone);
  const lookups = mailauthLookups(resolver, {});
  const keys = createKeyCache({ clock });
  const get = (name: string, hashAlgo = 'sha256') =>
    keys.get({ type: 'DKIM', name, options: { strict: true, hashAlgo } }, lookups);
  return { clock, resolver, get };
}

/** An RSA key of any size without finding primes: nothing here signs with it. */
function madeUpKey(bits: number, exponent: Buffer): string {
  const modulus = Buffer.alloc(bits / 8, 0xa5);
  const integer = (value: Buffer): Buffer => {
    const padded = (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), value]) : value;
    return Buffer.concat([Buffer.from([2]), lengthOf(padded), padded]);
  };
  const lengthOf = ({ length }: Buffer): Buffer =>
    length < 128 ? Buffer.from([length]) : Buffer.from([0x82, length >> 8, length & 0xff]);
  const pair = Buffer.concat([integer(modulus), integer(exponent)]);
  return `v=DKIM1; k=rsa; p=${Buffer.concat([Buffer.from([0x30]), lengthOf(pair), pair]).toString('base64')}`;
}

const USUAL = Buffer.from([1, 0, 1]);

describe('the key cache', () => {
  it('imports a key once for all who ask, in any letters', async () => {
    const { get, resolver } = bench({ 's._domainkey.a.test TXT': [key.text] });
    const one = await get('s._domainkey.a.test');
    expect(one).toMatchObject({ keyType: 'rsa', modulusLength: 1024, testing: false });
    expect((await get('S._domainkey.A.test')).publicKey).toBe(one.publicKey);
    expect(resolver.asked).toHaveLength(1);
  });

  it('judges the same record anew for another hash', async () => {
    const { get } = bench({ 's._domainkey.a.test TXT': [`${key.text}; h=sha256`] });
    await get('s._domainkey.a.test');
    await expect(get('s._domainkey.a.test', 'sha1')).rejects.toMatchObject({ code: 'EINVALIDHASH' });
  });

  it('forgets with the TTL', async () => {
    const { get, resolver, clock } = bench({ 'k.test TXT': [key.text] });
    await get('k.test');
    await clock.advance(299_000);
    await get('k.test');
    expect(resolver.asked).toHaveLength(1);
    await clock.advance(2000);
    await get('k.test');
    expect(resolver.asked).toHaveLength(2);
  });

  it.each<[string, Zone[string], string]>([
    ['no name', 'nxdomain', 'ENOTFOUND'],
    ['no record', 'none', 'ENODATA'],
    ['no answer', 'timeout', 'ETIMEOUT'],
    ['a failing server', 'servfail', 'ESERVFAIL'],
    ['no key', ['v=DKIM1; p='], 'EINVALIDVAL'],
  ])('%s is not remembered here', async (_title, answer, code) => {
    const { get, resolver } = bench({ 'k.test TXT': answer });
    await expect(get('k.test')).rejects.toMatchObject({ code });
    resolver.set('k.test TXT', [key.text]);
    expect((await get('k.test')).keyType).toBe('rsa');
  });

  it('takes Ed25519', async () => {
    const { get } = bench({ 'k.test TXT': [ed25519Key().text] });
    expect((await get('k.test')).keyType).toBe('ed25519');
  });

  it('finds a key among nothing else of 64 KB', async () => {
    const { get } = bench({ 'k.test TXT': [`${key.text}; n=${'x'.repeat(65_000)}`] });
    expect((await get('k.test')).keyType).toBe('rsa');
  });

  it.each([
    [4096, USUAL],
    [8192, USUAL],
    [2048, Buffer.from([0xff, 0xff, 0xff, 0xff])],
  ])('takes RSA of %i bits', async (bits, exponent) => {
    const { get } = bench({ 'k.test TXT': [madeUpKey(bits, exponent)] });
    expect((await get('k.test')).modulusLength).toBe(bits);
  });

  it.each([
    ['16,384 bits', madeUpKey(16_384, USUAL)],
    ['a huge exponent', madeUpKey(2048, Buffer.alloc(255, 0xff))],
    ['an exponent of 33 bits', madeUpKey(3072, Buffer.from([1, 0, 0, 0, 1]))],
  ])('does not take RSA of %s, which costs too much to verify with', async (_title, text) => {
    const { get } = bench({ 'k.test TXT': [text] });
    await expect(get('k.test')).rejects.toMatchObject({ code: 'EINVALIDVAL' });
  });

  it('does not ask for a name that is none', async () => {
    const { get, resolver } = bench({});
    await expect(get(`${'\u4e00'.repeat(1000)}.test`)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(resolver.asked).toEqual([]);
  });
});
