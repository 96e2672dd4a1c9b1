/**
 * Keys to sign with, their records in DNS, and what signs a message with them as the engine does.
 *
 * Made once for all tests of a file.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { BodyHash } from '../../src/checks/signatures/body-hash.js';
import { SIGNED_BODY, sign } from '../../src/checks/signatures/sign.js';
import {
  keyRecordName,
  keyRecordText,
  readSigningKey,
  type SigningKey,
} from '../../src/checks/signatures/signing-key.js';
import { parseHeader } from '../../src/message/header-block.js';

/** A private key as the files hold it. */
export function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

export const RSA: KeyObject = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
export const ED25519: KeyObject = generateKeyPairSync('ed25519').privateKey;

export function signingKey(privateKey: KeyObject, domain = 'example.org', selector = 's1'): SigningKey {
  const reading = readSigningKey({ domain, selector }, Buffer.from(pemOf(privateKey)));
  if (reading.status === 'bad') throw new Error(reading.reason);
  return reading.key;
}

/** Names of key records and their texts. */
export function keyRecords(...keys: readonly SigningKey[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key) => [keyRecordName(key), keyRecordText(key)]));
}

export interface SignOptions {
  readonly now?: number;
  readonly lifetimeMs?: number;
}

/** The message, whose octets are latin1 characters, with a signature by each key in front. */
export async function signedWith(
  message: string,
  keys: readonly SigningKey[],
  { now = Date.now(), lifetimeMs = 0 }: SignOptions = {},
): Promise<string> {
  const end = message.indexOf('\r\n\r\n');
  const { header } = parseHeader(Buffer.from(end < 0 ? message : message.slice(0, end + 2), 'latin1'));
  const hash = new BodyHash(SIGNED_BODY);
  hash.update(Buffer.from(end < 0 ? '' : message.slice(end + 4), 'latin1'));
  const bodyHash = hash.digest('base64');
  const fields: string[] = [];
  for (const key of keys) {
    fields.push((await sign({ key, header, bodyHash, now, lifetimeMs })).toString('latin1'));
  }
  return fields.join('') + message;
}
