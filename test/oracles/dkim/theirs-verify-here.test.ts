/**
 * What OpenDKIM and dkimpy sign verifies here, and no longer once it has been changed.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge, type Zone } from '../../helpers/judge-signatures.js';
import { type Dkimpy, dkimpyIsThere, startDkimpy } from './dkimpy.js';
import { MESSAGES } from './messages.js';
import { OPENDKIM, opendkimSign } from './opendkim.js';

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const RSA_PEM = RSA.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const RSA_TEXT = `v=DKIM1; k=rsa; p=${RSA.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const CURVE = generateKeyPairSync('ed25519');
const CURVE_PEM = CURVE.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const CURVE_SEED = CURVE.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32).toString('base64');
const CURVE_DER = CURVE.publicKey.export({ type: 'spki', format: 'der' });
const CURVE_TEXT = `v=DKIM1; k=ed25519; p=${CURVE_DER.subarray(-32).toString('base64')}`;

const zone: Zone = {
  'rsa._domainkey.example.org TXT': [RSA_TEXT],
  'curve._domainkey.example.org TXT': [CURVE_TEXT],
};
const FORMS = ['simple/simple', 'simple/relaxed', 'relaxed/simple', 'relaxed/relaxed'] as const;

const names = Object.keys(MESSAGES);
const texts = Object.values(MESSAGES);

/** As a milter OpenDKIM is not told of the white space behind the colon, so its simple form is of another field. */
const HIDDEN_FROM_MILTERS: ReadonlySet<string> = new Set(['white space everywhere']);
const NONE: ReadonlySet<string> = new Set();

/** Every message passes, and fails with one line more in the body or one letter more in From. */
async function expectGood(signed: readonly string[], but: ReadonlySet<string> = NONE): Promise<void> {
  for (const [at, message] of signed.entries()) {
    if (but.has(names[at] ?? '')) continue;
    const { dkim } = await judge(message, zone, { piece: 97 });
    expect([names[at], dkim.status, dkim.explanation]).toEqual([names[at], 'Pass', '']);
    const body = await judge(`${message}x\r\n`, zone);
    expect([names[at], body.dkim.explanation]).toEqual([names[at], 'body hash did not verify']);
    const from = await judge(message.replace(/^From:/m, 'From: x'), zone);
    expect([names[at], from.dkim.explanation]).toEqual([names[at], 'bad signature']);
  }
}

describe.skipIf(OPENDKIM === undefined)('signed by OpenDKIM', () => {
  const rsa = { domain: 'example.org', selector: 'rsa', key: RSA_PEM };
  const sign = async (form: string, more: readonly string[] = []): Promise<readonly string[]> => {
    const fields = await opendkimSign(texts, { ...rsa, form, more });
    return fields.map((field, at) => field + (texts[at] ?? ''));
  };

  it.each(FORMS)('with RSA in %s', async (form) => {
    await expectGood(await sign(form), form.startsWith('simple') ? HIDDEN_FROM_MILTERS : NONE);
  });

  it('with Ed25519', async () => {
    const fields = await opendkimSign(texts, {
      ...{ domain: 'example.org', selector: 'curve', key: CURVE_PEM, form: 'relaxed/relaxed' },
      more: ['SignatureAlgorithm ed25519-sha256'],
    });
    await expectGood(fields.map((field, at) => field + (texts[at] ?? '')));
  });

  it('with an end, with copies of the fields, with fields signed once more', async () => {
    const more = ['SignatureTTL 100000', 'Diagnostics yes', 'OverSignHeaders From,Subject,X-None'];
    const signed = await sign('relaxed/relaxed', more);
    expect(signed[0]).toMatch(/x=\d+;[^]*z=From:/);
    await expectGood(signed);
  });
});

describe.skipIf(!dkimpyIsThere)('signed by dkimpy', () => {
  let dkimpy: Dkimpy;
  beforeAll(() => {
    dkimpy = startDkimpy();
  });
  afterAll(() => dkimpy.stop());

  const rsa = { domain: 'example.org', selector: 'rsa', key: RSA_PEM, algorithm: 'rsa-sha256' } as const;
  const curve = {
    ...{ domain: 'example.org', selector: 'curve', key: CURVE_SEED },
    algorithm: 'ed25519-sha256',
  } as const;

  it.each(FORMS)('with RSA and with Ed25519 in %s', async (form) => {
    for (const order of [rsa, curve]) {
      await expectGood(
        await Promise.all(texts.map(async (text) => (await dkimpy.sign(text, { ...order, form })) + text)),
      );
    }
  });

  it('twice, with both keys', async () => {
    const [text = ''] = texts;
    const once = (await dkimpy.sign(text, { ...rsa, form: 'relaxed/relaxed' })) + text;
    const twice = (await dkimpy.sign(once, { ...curve, form: 'simple/simple' })) + once;
    const { dkim } = await judge(twice, zone);
    expect(dkim.signatures.map(({ status, algorithm }) => [status, algorithm])).toEqual([
      ['Pass', 'ed25519-sha256'],
      ['Pass', 'rsa-sha256'],
    ]);
  });

  it('with l=, an identity and chosen fields', async () => {
    const order = { ...rsa, form: 'relaxed/relaxed', length: true, identity: 'x.y@mail.example.org' };
    for (const [at, text] of texts.entries()) {
      const signed = (await dkimpy.sign(text, { ...order, names: ['from', 'subject', 'subject'] })) + text;
      const { dkim } = await judge(`${signed}more\r\n`, zone);
      expect([names[at], dkim.status]).toEqual([names[at], 'Pass']);
      expect(dkim.signatures[0]).toMatchObject({ identity: 'x.y@mail.example.org' });
      expect(dkim.signatures[0]?.uncovered).toBeGreaterThan(0);
    }
  });

  it('with rsa-sha1, which is against policy since RFC 8301', async () => {
    const [text = ''] = texts;
    const signed =
      (await dkimpy.sign(text, { ...rsa, algorithm: 'rsa-sha1', form: 'relaxed/relaxed' })) + text;
    expect((await judge(signed, zone)).dkim).toMatchObject({
      status: 'Policy',
      explanation: 'weak algorithm',
    });
  });
});
