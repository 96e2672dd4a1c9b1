import type { DkimStatus } from '../../../../src/checks/signatures/verified.js';
import { describe, expect, it } from 'vitest';
import { dkimOutcome, dkimTrouble } from '../../../../src/checks/signatures/dkim.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { judge, type Zone } from '../../../helpers/judge-signatures.js';
import { EXAMPLE_6376, EXAMPLE_8463 } from '../../../helpers/rfc-messages.js';
import {
  dkimSigned,
  ed25519Key,
  type FieldOptions,
  hashOf,
  type Mail,
  rsaKey,
  textOf,
} from '../../../helpers/text-signer.js';

const key = rsaKey();
const curve = ed25519Key();
const name = 's._domainkey.a.test TXT';
const zone: Zone = { [name]: [key.text] };
const MAIL: Mail = {
  header: 'From: a@a.test\r\nTo: b@b.test\r\nSubject:  hi \r\n there\r\nX-Other: no\r\n',
  body: 'Hello  you \r\n\r\nbye\r\n\r\n',
};
const TAGS = 'v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.test; s=s; h=from:to:subject; bh=BH; b=';
const tagsOf =
  (text: string) =>
  (bh: string): string =>
    text.replace('BH', bh);

function signed(tags: string = TAGS, more: Partial<FieldOptions> = {}, mail: Mail = MAIL): Mail {
  return dkimSigned(mail, { key, tags: tagsOf(tags), ...more });
}

async function first(mail: Mail, known: Zone = zone) {
  const { dkim } = await judge(textOf(mail), known);
  return dkim.signatures[0];
}

describe('the examples that RFCs print', () => {
  it('RFC 6376 Appendix A passes with the key of Appendix C', async () => {
    const { dkim } = await judge(EXAMPLE_6376.message, EXAMPLE_6376.zone);
    expect(dkim.status).toBe('Pass');
    expect(dkim.signatures).toMatchObject([
      { domain: 'example.com', identity: 'joe@football.example.com', selector: 'brisbane' },
    ]);
  });

  it('RFC 8463 Appendix A passes with both of its keys', async () => {
    const { dkim } = await judge(EXAMPLE_8463.message, EXAMPLE_8463.zone);
    expect(dkim.signatures.map(({ status, algorithm }) => [status, algorithm])).toEqual([
      ['Pass', 'ed25519-sha256'],
      ['Pass', 'rsa-sha256'],
    ]);
  });

  it.each([1, 2, 7])('pass with the body in pieces of %i', async (piece) => {
    expect((await judge(EXAMPLE_6376.message, EXAMPLE_6376.zone, { piece })).dkim.status).toBe('Pass');
  });

  it.each([
    ['RFC 6376', EXAMPLE_6376],
    ['RFC 8463', EXAMPLE_8463],
  ])('%s fails with another body, or another signed field', async (_title, { message, zone: known }) => {
    const body = await judge(message.replace('hungry', 'thirsty'), known);
    expect(body.dkim).toMatchObject({ status: 'Fail', explanation: 'body hash did not verify' });
    const header = await judge(message.replace('Is dinner', 'Was dinner'), known);
    expect(header.dkim).toMatchObject({ status: 'Fail', explanation: 'bad signature' });
  });
});

describe('what a signature covers', () => {
  it('passes, and says who stands for it', async () => {
    expect(await first(signed())).toMatchObject({
      status: 'Pass',
      domain: 'a.test',
      selector: 's',
      identity: '@a.test',
      algorithm: 'rsa-sha256',
      testing: false,
      uncovered: 0,
      explanation: '',
    });
  });

  it.each(['relaxed/relaxed', 'relaxed/simple', 'simple/relaxed', 'simple/simple', 'relaxed', 'simple', ''])(
    'in the forms %j',
    async (forms) => {
      const [form, bodyForm] = forms.split('/') as [
        'simple' | 'relaxed' | '',
        'simple' | 'relaxed' | undefined,
      ];
      const tags = TAGS.replace(' c=relaxed/relaxed;', forms === '' ? '' : ` c=${forms};`);
      const mail = signed(tags, { form: form || 'simple', bodyForm: bodyForm ?? 'simple' });
      expect((await first(mail))?.status).toBe('Pass');
    },
  );

  it('relaxed bears folds and white space that were changed, simple does not', async () => {
    const change = (mail: Mail): Mail => ({
      header: mail.header.replace('Subject:  hi \r\n there', 'SUBJECT: hi there'),
      body: mail.body.replace('Hello  you \r\n', 'Hello\tyou\r\n'),
    });
    expect((await first(change(signed())))?.status).toBe('Pass');
    const simple = signed(TAGS.replace('relaxed/', 'simple/'), { form: 'simple' });
    expect((await first(change(simple)))?.explanation).toBe('bad signature');
    const simpleBody = signed(TAGS.replace('/relaxed', '/simple'), { bodyForm: 'simple' });
    expect((await first(change(simpleBody)))?.explanation).toBe('body hash did not verify');
  });

  it('a field that is signed once more than it is there cannot be added', async () => {
    const mail = signed(TAGS.replace('h=from', 'h=from:from'));
    expect((await first(mail))?.status).toBe('Pass');
    const added = { ...mail, header: `From: other@b.test\r\n${mail.header}` };
    expect((await first(added))?.status).toBe('Fail');
  });

  it('an unsigned field may change', async () => {
    const mail = signed();
    expect(
      (await first({ ...mail, header: mail.header.replace('X-Other: no', 'X-Other: yes') }))?.status,
    ).toBe('Pass');
  });

  it('l= leaves out what was appended, and says how much', async () => {
    const limit = 18;
    const mail = signed(TAGS.replace('bh=', `l=${limit}; bh=`), { limit });
    const appended = { ...mail, body: `${mail.body}and buy this\r\n` };
    expect(await first(appended)).toMatchObject({ status: 'Pass' });
    expect((await first(appended))?.uncovered).toBeGreaterThan(10);
    const nothing = signed(TAGS.replace('bh=', 'l=0; bh='), { limit: 0 });
    expect(await first({ ...nothing, body: 'anything\r\n' })).toMatchObject({
      status: 'Pass',
      uncovered: 10,
    });
  });

  it('a message without any body', async () => {
    for (const form of ['simple', 'relaxed'] as const) {
      const mail = signed(TAGS.replace('/relaxed', `/${form}`), { bodyForm: form }, { ...MAIL, body: '' });
      expect((await first(mail))?.status).toBe('Pass');
      const { dkim } = await judge(mail.header, zone);
      expect(dkim.status).toBe('Pass');
    }
  });

  it('octets beyond ASCII, long lines and lines of dots', async () => {
    const mail: Mail = {
      header:
        'From: "J\u00c3\u00bcrgen \u00ff" <a@a.test>\r\nTo: b\r\nSubject: \u00c3\u00a9\u00a0\u0085 x\r\n',
      body: `${'\u00e9 x'.repeat(5000)}\r\n..\r\n.\t.\r\n\u00a0 \r\n`,
    };
    for (const form of ['simple', 'relaxed'] as const) {
      const tags = TAGS.replace('relaxed/relaxed', `${form}/${form}`);
      expect((await first(signed(tags, { form, bodyForm: form }, mail)))?.status).toBe('Pass');
    }
  });

  it('an Ed25519 key', async () => {
    const tags = TAGS.replace('rsa-', 'ed25519-');
    expect((await first(signed(tags, { key: curve }), { [name]: [curve.text] }))?.status).toBe('Pass');
    expect((await first(signed(tags, { key: curve })))?.status).toBe('PermError');
  });
});

/** RFC 6376 §3.5 and §6.1.1, tag by tag; the signature fits the odd text. */
describe('a signature with', () => {
  it.each<[string, DkimStatus, string, readonly [from: string, to: string]]>([
    ['no version', 'Neutral', 'signature missing required tag', ['v=1; ', '']],
    ['another version', 'Neutral', 'incompatible version', ['v=1', 'v=2']],
    ['a version 1.0', 'Neutral', 'incompatible version', ['v=1', 'v=1.0']],
    ['no domain', 'Neutral', 'signature missing required tag', [' d=a.test;', '']],
    ['no selector', 'Neutral', 'signature missing required tag', [' s=s;', '']],
    ['no list of fields', 'Neutral', 'signature missing required tag', [' h=from:to:subject;', '']],
    ['no body hash', 'Neutral', 'signature missing required tag', [' bh=BH;', '']],
    ['no algorithm', 'Neutral', 'unknown algorithm', [' a=rsa-sha256;', '']],
    ['an unknown algorithm', 'Neutral', 'unknown algorithm', ['rsa-sha256', 'rsa-sha512']],
    ['From not signed', 'Neutral', 'From field not signed', ['h=from:', 'h=']],
    ['an empty list of fields', 'Neutral', 'signature syntax error', ['h=from:to:subject', 'h=']],
    ['a tag twice', 'Neutral', 'signature syntax error', ['s=s;', 's=s; s=s;']],
    ['an empty tag', 'Neutral', 'signature syntax error', ['s=s;', 's=s;;']],
    ['a tag name in capitals', 'Neutral', 'signature missing required tag', [' s=s;', ' S=s;']],
    ['an unknown form', 'Neutral', 'unknown canonicalization', ['c=relaxed/relaxed', 'c=nofws']],
    ['an unknown query method', 'Neutral', 'unsupported query method', ['s=s;', 's=s; q=dns/srv;']],
    ['an identity of somebody else', 'Neutral', 'domain mismatch', ['s=s;', 's=s; i=x@b.test;']],
    ['an identity like ours', 'Neutral', 'domain mismatch', ['s=s;', 's=s; i=x@aa.test;']],
    ['an identity without an at sign', 'Neutral', 'signature syntax error', ['s=s;', 's=s; i=a.test;']],
    ['a domain of one label', 'Neutral', 'signature syntax error', ['d=a.test', 'd=test']],
    ['a length that is no number', 'Neutral', 'signature syntax error', ['s=s;', 's=s; l=-1;']],
    ['a time that is no number', 'Neutral', 'signature syntax error', ['s=s;', 's=s; t=now;']],
    [
      'an end before the beginning',
      'Neutral',
      'invalid expiration',
      ['s=s;', 's=s; t=2000000000; x=1999999999;'],
    ],
    ['an end in the past', 'Neutral', 'expired', ['s=s;', 's=s; x=1000000000;']],
    ['an end in the future', 'Pass', '', ['s=s;', 's=s; x=99999999999;']],
    ['an identity below the domain', 'Pass', '', ['s=s;', 's=s; i=x=2Dy@mail.a.test;']],
    ['unknown tags and copies of fields', 'Pass', '', ['s=s;', 's=s; z=From:a=3Bb|To:x; w=1;']],
    ['b= inside another tag', 'Pass', '', ['s=s;', 's=s; w=b=; xb=1;']],
    ['tags behind the signature', 'Pass', '', ['b=', 'b=; t=1']],
    ['a semicolon at the end', 'Pass', '', ['b=', 'b=;']],
    ['folds and white space', 'Pass', '', ['; d=a.test', '\r\n\t; d\r\n = \t a.test\r\n ']],
    ['capitals in the domain', 'Pass', '', ['a.test', 'A.Test']],
    ['dns/txt among other query methods', 'Pass', '', ['s=s;', 's=s; q=dns/srv : dns/txt;']],
  ])('%s: %s', async (_title, status, explanation, [from, to]) => {
    const tags = TAGS.replace(from, to);
    expect(tags).not.toBe(TAGS);
    expect(await first(signed(tags, { names: ['from', 'to', 'subject'] }))).toMatchObject({
      status,
      ...(status === 'Pass' ? {} : { explanation }),
    });
  });

  it('an identity longer than an address has none, for a cut one would be another', async () => {
    const tags = TAGS.replace('s=s;', `s=s; i=${'x'.repeat(400)}@a.test;`);
    const options = { names: ['from', 'to', 'subject'] };
    expect(await first(signed(tags, options))).toMatchObject({ status: 'Pass', identity: '' });
  });

  it('rsa-sha1 is against policy, whether it fits or not', async () => {
    const mail = signed(TAGS.replace('rsa-sha256', 'rsa-sha1'));
    expect((await first(mail))?.status).not.toBe('Pass');
  });

  it('an end that the clock passes', async () => {
    const mail = textOf(signed(TAGS.replace('s=s;', 's=s; t=1699999000; x=1700000000;')));
    const before = createFakeClock({ start: 1_699_999_999_000 });
    expect((await judge(mail, zone, { clock: before })).dkim.status).toBe('Pass');
    const after = createFakeClock({ start: 1_700_000_001_000 });
    expect((await judge(mail, zone, { clock: after })).dkim).toMatchObject({
      status: 'Neutral',
      explanation: 'expired',
    });
  });
});

describe('several signatures', () => {
  const good = (): Mail => signed();
  const other = (tags: string, mail: Mail): Mail => signed(tags, {}, mail);

  it.each<[string, string, DkimStatus]>([
    ['one that fails', TAGS.replace('BH', hashOf('other')), 'Pass'],
    ['one without key', TAGS.replace('s=s', 's=none'), 'Pass'],
    ['one that is malformed', 'v=1', 'Pass'],
    ['one whose key does not come', TAGS.replace('s=s', 's=slow'), 'Pass'],
  ])('with %s, the good one decides, wherever it stands', async (_title, tags, status) => {
    const known: Zone = {
      ...zone,
      's._domainkey.slow.test TXT': 'timeout',
      'slow._domainkey.a.test TXT': 'timeout',
    };
    expect((await judge(textOf(other(tags, good())), known)).dkim.status).toBe(status);
    expect((await judge(textOf(signed(TAGS, {}, other(tags, MAIL))), known)).dkim.status).toBe(status);
  });

  it('trouble weighs more than a Fail, since it may still pass', async () => {
    const failing = other(TAGS.replace('BH', hashOf('other')), MAIL);
    const slow = other(TAGS.replace('s=s', 's=slow'), failing);
    const { dkim } = await judge(textOf(slow), { ...zone, 'slow._domainkey.a.test TXT': 'timeout' });
    expect(dkim.status).toBe('TempError');
    expect(dkim.signatures.map(({ status }) => status)).toEqual(['TempError', 'Fail']);
  });
});

describe('the outcome', () => {
  it('of a message without signatures is None', async () => {
    expect((await judge(textOf(MAIL))).dkim).toMatchObject({ status: 'None', signatures: [] });
    const none = { evidence: [], hadTrouble: () => false };
    expect(dkimOutcome([], none)).toMatchObject({ status: 'None', explanation: 'the message is not signed' });
  });

  it('is one printable line each, whatever a signature holds', async () => {
    const tags = TAGS.replace('s=s;', 's=s\u0007; i="a\u001b[2Jb"@a.test;');
    const signature = await first(signed(tags));
    expect(Object.values(signature ?? {}).join(' ')).toMatch(/^[\x20-\x7e]*$/);
  });

  it('of trouble of our own is TempError', () => {
    expect(dkimTrouble('no\r\nluck')).toMatchObject({ status: 'TempError', explanation: 'no luck' });
  });
});
