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
    ['a signature that cannot pass says why', 'signatureHeader.invalid = reason'],
    ['one that is not looked at too', "signatureHeader.skip = 'unknown algorithm'"],
    ['who signed is told apart from the rest', 'getStatusHeader(signatureHeader) {'],
    ['the newest signature of a chain is one of them', "signatureHeader.type = 'ARC'"],
    ['and stays with its set', 'this.arc.lastEntry.messageSignature = result'],
    ['the keys come with the chain', "Object.defineProperty(this.arc, 'keyCache'"],
    // What we judge ourselves; the order of its steps is held by test/fuzz/dkim-judgement.test.ts.
    ['first what is wrong with the signature', 'if (signatureHeader.invalid) {'],
    ['then the hash of the body', 'else if (signatureHeader.parsed?.bh?.value !== bodyHash)'],
    ['then the algorithm', "status.comment = 'weak algorithm'"],
    ['then the key', 'await this.keyCache.get('],
    ['a weak key is told as such', "status.policy['dkim-rules'] = `weak-key`"],
    ['then what it may sign', "keyError = 'domain mismatch'"],
    ['then the octets', "status.comment = 'bad signature'"],
    ['and at last the time', "status.comment = 'expired'"],
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
