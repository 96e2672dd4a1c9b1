/**
 * What checks/signatures relies on inside mailauth 7.1.0.
 *
 * None of it is documented, so an upgrade may move it without notice. Then this file fails in seconds
 * and names the member, before anything subtle does.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const source = (file: string): string => readFileSync(require.resolve(`mailauth/${file}`), 'utf8');

const VERIFIER = source('lib/dkim/dkim-verifier.js');

describe('the seam to mailauth', () => {
  it('is pinned to the release it was written for', () => {
    expect((require('mailauth/package.json') as { version: string }).version).toBe('7.1.0');
  });

  it.each([
    ['signatures are read from the header', 'async messageHeaders(headers) {'],
    ['each is prepared before it counts', 'this.prepareSignature(signatureHeader);'],
    ['one that is skipped costs no hash', 'if (signatureHeader.skip || signatureHeader.invalid) {'],
    ['each way of hashing is asked for', 'signatureHeader.bodyHashKey = this.addBodyHash('],
    ['and known by a key', "[bodyCanon, hashAlgo, maxBodyLength].join(':')"],
    ['a hash is asked for its digest', "bodyHash.digest('base64')"],
    ['and for the length it covers', 'bodyHasher?.bodyHashedBytes'],
    ['and for the length of all', 'bodyHasher?.canonicalizedLength'],
    ['keys come from the key source', 'await this.keyCache.get('],
    [
      'by the name of their record',
      '`${signatureHeader.selector}._domainkey.${signatureHeader.signingDomain}`',
    ],
    ['what is signed is looked for in the header', 'getSigningHeaderLines(this.headers.parsed,'],
    ['the authors are counted', 'this.fromFields = fromHeaders.length'],
    ['a weak key is told as such', "status.policy['dkim-rules'] = `weak-key`"],
    ['all is judged at the end', 'async finalChunk() {'],
  ])('%s', (_what, text) => {
    expect(VERIFIER).toContain(text);
  });

  it('faults of keys are told by words that we know', () => {
    const tools = source('lib/tools.js');
    for (const [code, comment] of [
      ['ENOTFOUND', 'no key'],
      ['ENODATA', 'no key'],
      ['EINVALIDVER', 'unknown key version'],
      ['EINVALIDTYPE', 'unknown key type'],
      ['EINVALIDVAL', 'invalid public key'],
      ['EINVALIDHASH', 'inappropriate hash algorithm'],
      ['EINVALIDSERVICE', 'key not for email'],
    ]) {
      expect(tools).toContain(`['${code}', '${comment}']`);
    }
    expect(VERIFIER).toContain("keyError = 'inappropriate key algorithm'");
  });

  it('the chain takes the keys of the signatures as long as the resolver is the same', () => {
    expect(source('lib/arc/index.js')).toContain(
      'keyCache: data.keyCache?.resolver === opts.resolver ? data.keyCache : undefined',
    );
  });

  it('SPF asks as often as its terms do, by resolvers of ours', () => {
    const spf = source('lib/spf/spf-verify.js');
    expect(spf).toContain("typeof opts.createSubResolver === 'function'");
    expect(spf).toContain('opts.expResolver');
  });
});
