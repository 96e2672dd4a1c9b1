/**
 * Messages signed for the test, and the DNS records that go with them.
 *
 *     const { message, records } = await signedMessage();
 *
 * The signature is made by the library, so what verifies it here must not be judged by this alone;
 * other signers have tests of their own.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';

interface Signed {
  readonly signatures: string;
}
type Sign = (message: Buffer, options: object) => Promise<Signed>;
const { dkimSign } = createRequire(import.meta.url)('mailauth/lib/dkim/sign.js') as { dkimSign: Sign };

const KEYS = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PRIVATE = KEYS.privateKey.export({ type: 'pkcs1', format: 'pem' });
const PUBLIC = KEYS.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

export interface SignedOptions {
  readonly domain?: string;
  readonly canonicalization?: string;
  readonly header?: string;
  readonly body?: string;
}

const HEADER = [
  'From: Ann <ann@example.org>',
  'To: b@example.com',
  'Subject: signed',
  'Date: Sat, 21 Nov 2026 10:00:00 +0000',
  'Message-ID: <1@example.org>',
  '',
].join('\r\n');

/** A whole message with CRLF, and its key as `name TXT` and text. */
export async function signedMessage(options: SignedOptions = {}): Promise<{
  readonly message: string;
  readonly keyName: string;
  readonly keyText: string;
}> {
  const { domain = 'example.org', canonicalization = 'relaxed/relaxed', header = HEADER } = options;
  const unsigned = `${header}\r\n${options.body ?? 'Hello,\r\n\r\nthis is  it.\r\n'}`;
  const { signatures } = await dkimSign(Buffer.from(unsigned, 'latin1'), {
    canonicalization,
    signatureData: [{ signingDomain: domain, selector: 'test', privateKey: PRIVATE }],
  });
  return {
    message: signatures + unsigned,
    keyName: `test._domainkey.${domain}`,
    keyText: `v=DKIM1; k=rsa; p=${PUBLIC}`,
  };
}
