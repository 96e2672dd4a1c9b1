import { describe, expect, it } from 'vitest';
import { judge } from '../../../helpers/judge-signatures.js';
import { arcSealed, dkimSigned, hashOf, type Mail, rsaKey, textOf } from '../../../helpers/text-signer.js';

const key = rsaKey();
const zone = { 's._domainkey.a.test TXT': [key.text], 's._domainkey.arc.test TXT': [key.text] };
const MAIL: Mail = { header: 'From: a@a.test\r\nSubject: x\r\n', body: 'Hello\r\n' };
const TAGS = 'v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.test; s=s; h=from; bh=BH; b=';
const tags = (bh: string): string => TAGS.replace('BH', bh);
const good = (mail: Mail = MAIL): Mail => dkimSigned(mail, { key, tags });
const under = (field: string, mail: Mail = MAIL): Mail => ({ ...mail, header: `${field}\r\n${mail.header}` });
const BH = hashOf(MAIL.body);

async function explained(mail: Mail): Promise<string | undefined> {
  return (await judge(textOf(mail), zone)).dkim.signatures[0]?.explanation;
}

describe('what a stranger can make expensive', () => {
  it.each<[string, string, string]>([
    ['names in h=', `${TAGS.replace('h=from', `h=from${':a'.repeat(400)}`)}AAAA`, 'too many signed fields'],
    ['a long domain', `${TAGS.replace('d=a', `d=${'\u00e4'.repeat(300)}`)}AAAA`, 'name too long'],
    ['a long selector', `${TAGS.replace('s=s', `s=${'s.'.repeat(200)}s`)}AAAA`, 'name too long'],
    [
      'a long identity',
      `${TAGS.replace('s=s', `s=s; i=${'=41'.repeat(500)}@a.test`)}AAAA`,
      'identity too long',
    ],
    ['a long signature', `${TAGS}${'A'.repeat(20_000)}`, 'signature too long'],
  ])('%s: not looked at, and said so', async (_title, list, explanation) => {
    expect(await explained(under(`DKIM-Signature: ${list}`))).toBe(explanation);
  });

  it('a good signature under ten others is still looked at, the next is not', async () => {
    const junk = (count: number, mail: Mail): Mail =>
      under(Array(count).fill('DKIM-Signature: v=1').join('\r\n'), mail);
    expect((await judge(textOf(junk(9, good())), zone)).dkim.status).toBe('Pass');
    const { dkim } = await judge(textOf(junk(900, good())), zone);
    expect(dkim.status).toBe('Neutral');
    expect(dkim.signatures).toHaveLength(10);
    expect(dkim.explanation).toMatch(/; only the first ten signatures were looked at$/);
  });

  it('a signature with half a form spoils no other', async () => {
    const odd = TAGS.replace('c=relaxed/relaxed', 'c=/relaxed').replace('BH', BH);
    const { dkim } = await judge(textOf(under(`DKIM-Signature: ${odd}AAAA`, good())), zone);
    expect(dkim.signatures.map(({ status, explanation }) => [status, explanation])).toEqual([
      ['Neutral', 'unknown canonicalization'],
      ['Pass', ''],
    ]);
  });

  it('many ways to hash the body: five of them are tried', async () => {
    const field = (at: number): string =>
      `DKIM-Signature: ${TAGS.replace('BH', BH).replace('bh=', `l=${at}; bh=`)}AAAA`;
    const mail = under(Array.from({ length: 8 }, (_, at) => field(at)).join('\r\n'));
    const { dkim } = await judge(textOf(mail), zone);
    const tooMany = dkim.signatures.filter(
      ({ explanation }) => explanation === 'too many ways to hash the body',
    );
    expect(tooMany).toHaveLength(3);
  });

  it('white space without end costs nothing: the signature fits its own octets', async () => {
    const wide = dkimSigned(MAIL, {
      key,
      tags: (bh) => tags(bh).replace('; d=', `;${'\r\n '.repeat(3000)}d=`),
    });
    expect((await judge(textOf(wide), zone)).dkim.status).toBe('Pass');
    const simple = dkimSigned(MAIL, {
      key,
      form: 'simple',
      tags: (bh) =>
        tags(bh)
          .replace('relaxed/', 'simple/')
          .replace('; d=', `;${'\t '.repeat(3000)}d=`),
    });
    expect((await judge(textOf(simple), zone)).dkim.status).toBe('Pass');
    const changed = textOf(simple).replace('\t \t d=', '\t d=');
    expect((await judge(changed, zone)).dkim.status).toBe('Fail');
    const sealed = arcSealed(MAIL, {
      key,
      i: 1,
      seal: (text) => text.replace('; d=', `;${'\r\n\t'.repeat(2000)}d=`),
      ams: (text) => text.replace('; d=', `;${'  '.repeat(2000)}d=`),
      aar: (text) => text.replace('; none', `;${'  '.repeat(2000)}none`),
    });
    expect((await judge(textOf(sealed), zone)).arc.status).toBe('Pass');
  });

  it.each([
    ['a field of 20 KB', `ARC-Seal: i=1; ${'x'.repeat(20_000)}`, 'a field of the chain is too long'],
    [
      'many fields',
      Array(15)
        .fill(`ARC-Seal: i=1; ${'x'.repeat(10_000)}`)
        .join('\r\n'),
      'the chain is too long',
    ],
    ['a seal of a long name', 'ARC-Seal: i=1', 'i=1 no arc-message-signature set'],
  ])('a chain with %s is broken', async (_title, fields, explanation) => {
    expect((await judge(textOf(under(fields)), zone)).arc).toMatchObject({ status: 'Fail', explanation });
  });

  it('a seal whose domain is no name of DNS has no key', async () => {
    const sealed = arcSealed(MAIL, {
      key,
      i: 1,
      seal: (text) => text.replace('arc.test', 'a.'.repeat(1000)),
    });
    expect((await judge(textOf(sealed), zone)).arc.status).toBe('Fail');
  });

  it('authors without end are no author', async () => {
    const { author } = await judge(`From: ${'a:'.repeat(50_000)}\r\n\r\n`);
    expect(author).toMatchObject({ addresses: [], fields: 1 });
  });
});
