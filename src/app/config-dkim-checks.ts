/**
 * What must hold between the keys of `dkim.keys`.
 *
 * A domain and a selector name one key record, so no two keys can share both.
 *
 * Callers: config-cross-checks. Nothing here throws.
 */
import { keyRecordName } from '../checks/signatures/signing-key.js';
import type { Complain } from './config-origin.js';
import type { Config } from './config-types.js';

/** RFC 6376 §3.1, RFC 5321 §4.1.2; unlike a host name it may be all digits. */
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** RFC 1035 §3.1, written without the last dot. */
const LONGEST_NAME = 253;

function isSelector(text: string): boolean {
  return text.split('.').every((label) => LABEL.test(label));
}

export function checkDkimKeys({ dkim }: Config, complain: Complain): void {
  const seen = new Map<string, number>();
  for (const [place, { domain, selector, keyFile }] of dkim.keys.entries()) {
    const section = `dkim.keys[${place}]`;
    if (domain === '' || domain === '*')
      complain([`${section}.domain`], 'expected a domain such as example.com');
    if (!isSelector(selector)) {
      complain([`${section}.selector`], 'expected a name such as mail or 2026a');
    }
    if (keyRecordName({ domain, selector }).length > LONGEST_NAME) {
      complain([`${section}.selector`], 'is too long: no DNS name could hold it with the domain');
    }
    if (keyFile === '') complain([`${section}.keyFile`], 'expected the path of a private key');
    const id = `${selector.toLowerCase()} ${domain}`;
    const first = seen.get(id);
    if (first !== undefined) complain([section], `dkim.keys[${first}] has this domain and selector already`);
    else seen.set(id, place);
  }
}
