/**
 * Chains that dkimpy seals verify here, also when each hop has changed the message; and what becomes of
 * broken ones is the same in both, but for the reasons below.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../helpers/judge-signatures.js';
import { type ArcOptions, arcSealed, type Mail, rsaKey, textOf } from '../../helpers/text-signer.js';
import { type Dkimpy, dkimpyIsThere, startDkimpy } from '../dkim/dkimpy.js';

const PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY = PAIR.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const TEXT = `v=DKIM1; k=rsa; p=${PAIR.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const OURS = rsaKey(2048);

const KEYS: Readonly<Record<string, string>> = {
  's._domainkey.hop1.test': TEXT,
  's._domainkey.hop2.test': TEXT,
  's._domainkey.hop3.test': TEXT,
  's._domainkey.hop4.test': TEXT,
  's._domainkey.hop5.test': TEXT,
  's._domainkey.arc.test': OURS.text,
};
const zone = Object.fromEntries(Object.entries(KEYS).map(([name, text]) => [`${name} TXT`, [text]]));

const FIRST = [
  'From: Ann <ann@example.org>',
  'To: list@example.com',
  'Subject:  folded ',
  '\there',
  'Date: Sat, 21 Nov 2026 10:00:00 +0000',
  'Message-ID: <1@example.org>',
  'MIME-Version: 1.0',
  '',
  'Hello  there \r\n\r\n caf\u00e9\r\n\r\n\r\n',
].join('\r\n');

/** What a list does to a message between two seals. */
function forwarded(message: string, hop: number): string {
  return `${message.replace('Subject: ', `Subject: [list${hop}] `)}-- \r\nfooter ${hop}\r\n`;
}

describe.skipIf(!dkimpyIsThere)('chains', () => {
  let dkimpy: Dkimpy;
  beforeAll(() => {
    dkimpy = startDkimpy();
  });
  afterAll(() => dkimpy.stop());

  /** Seals by dkimpy; each hop first adds what it found, and changes the message if `change`. */
  async function sealed(hops: number, change: boolean): Promise<string> {
    let message = FIRST;
    for (let hop = 1; hop <= hops; hop += 1) {
      const server = `hop${hop}.test`;
      const [cv] = await dkimpy.chain(message, KEYS);
      const arc = cv === 'none' ? '' : `; arc=${cv}`;
      if (change && hop > 1) message = forwarded(message, hop);
      message = `Authentication-Results: ${server}; spf=pass smtp.mailfrom=example.org${arc}\r\n${message}`;
      message = (await dkimpy.seal(message, { domain: server, selector: 's', key: KEY, server })) + message;
    }
    return message;
  }

  it.each([1, 2, 3, 4, 5])('sealed %i times by dkimpy pass', async (hops) => {
    for (const change of [false, true]) {
      const { arc } = await judge(await sealed(hops, change), zone, { piece: 11 });
      expect(arc).toMatchObject({ status: 'Pass', explanation: '' });
      expect(arc.sealers).toEqual(Array.from({ length: hops }, (_, at) => `hop${at + 1}.test`));
    }
  });

  it('sealed by the tests themselves pass there as well, so that their signer is right', async () => {
    let mail: Mail = { header: FIRST.slice(0, FIRST.indexOf('\r\n\r\n') + 2), body: 'Hello\r\n' };
    for (let i = 1; i <= 5; i += 1) {
      mail = arcSealed(mail, { key: OURS, i });
      expect((await dkimpy.chain(textOf(mail), KEYS))[0]).toBe('pass');
      expect((await judge(textOf(mail), zone)).arc.status).toBe('Pass');
    }
  });

  it('that go on after a change nobody sealed are broken, and stay so', async () => {
    const message = forwarded(await sealed(2, true), 9);
    expect((await judge(message, zone)).arc.status).toBe('Fail');
    const server = 'hop3.test';
    const found = `Authentication-Results: ${server}; arc=fail\r\n${message}`;
    const again = (await dkimpy.seal(found, { domain: server, selector: 's', key: KEY, server })) + found;
    expect(again).toContain('cv=fail');
    expect((await judge(again, zone)).arc).toMatchObject({ status: 'Fail' });
  });

  it('broken in any of many places fail in both', async () => {
    const good = await sealed(3, true);
    const fields = good.split(/\r\n(?![ \t])/);
    const isOf = (field: string, name: string, i: number): boolean =>
      field.toLowerCase().startsWith(`${name}:`) && new RegExp(`[:;\\s]i=${i};`).test(field);
    const edit = (name: string, i: number, change: (field: string) => string | undefined): string =>
      fields
        .map((field) => (isOf(field, name, i) ? change(field) : field))
        .filter((field) => field !== undefined)
        .join('\r\n');
    const broken: Record<string, string> = {
      'the body': good.replace('Hello', 'Hullo'),
      'a signed field': good.replace('[list3]', '[list4]'),
      'order of instances': good.replaceAll(/([:;\s])i=([12]);/g, (_all, front: string, i: string) => {
        return `${front}i=${3 - Number(i)};`;
      }),
    };
    for (const i of [1, 2, 3]) {
      for (const name of ['arc-seal', 'arc-message-signature', 'arc-authentication-results']) {
        broken[`${name} ${i} taken out`] = edit(name, i, () => undefined);
        broken[`${name} ${i} twice`] = edit(name, i, (field) => `${field}\r\n${field}`);
        broken[`${name} ${i} of instance 7`] = edit(name, i, (field) => field.replace(`i=${i};`, 'i=7;'));
        broken[`${name} ${i} changed`] = edit(name, i, (field) => field.replace(/s(=|pf)/, 'z$1'));
      }
      broken[`cv of ${i}`] = edit('arc-seal', i, (field) => field.replace(/cv=\w+/, 'cv=fail'));
      broken[`seal ${i} of another`] = edit('arc-seal', i, (field) => field.replace(/d=hop\d/, 'd=hop9'));
    }
    const differing: string[] = [];
    for (const [what, message] of Object.entries(broken)) {
      expect([what, message === good]).toEqual([what, false]);
      const { status, explanation } = (await judge(message, zone)).arc;
      const theirs = await dkimpy.chain(message, KEYS).catch((fault: unknown) => ['fault', String(fault)]);
      // RFC 8617 §5.2 step 2: a newest seal that says fail makes it fail. dkimpy calls it none, with these words.
      const isTerminated = theirs[1]?.includes('the chain is terminated') === true;
      if (status !== 'Fail' || (theirs[0] !== 'fail' && !isTerminated)) {
        differing.push(`${what}: ${status} ${explanation} / ${theirs.join(' ')}`);
      }
    }
    expect(Object.keys(broken)).toHaveLength(45);
    expect(differing).toEqual([]);
  });

  /** Odd sets that are signed as they are: only the tag is odd. */
  it.each<[string, 'Pass' | 'Fail', string, Partial<ArcOptions>]>([
    ['an unknown tag', 'Pass', 'pass', { seal: (text) => text.replace('cv=', 'w=1; cv=') }],
    ['h= in the seal', 'Fail', 'fail', { seal: (text) => text.replace('cv=', 'h=from; cv=') }],
    ['no signature', 'Fail', 'fail', { without: 'ams' }],
    ['rsa-sha1', 'Fail', 'fail', { seal: (text) => text.replace('sha256', 'sha1') }],
    ['cv=pass first', 'Fail', 'fail', { cv: 'pass' }],
    ['a tag twice', 'Fail', 'fail', { seal: (text) => text.replace('s=s;', 's=s; s=s;') }],
  ])('with %s', async (_title, ours, theirs, edits) => {
    const header = FIRST.slice(0, FIRST.indexOf('\r\n\r\n') + 2);
    const mail = arcSealed({ header, body: 'x\r\n' }, { key: OURS, i: 1, ...edits });
    expect((await judge(textOf(mail), zone)).arc.status).toBe(ours);
    const [cv] = await dkimpy.chain(textOf(mail), KEYS).catch(() => ['fail']);
    expect(cv).toBe(theirs);
  });
});
