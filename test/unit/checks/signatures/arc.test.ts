import { describe, expect, it } from 'vitest';
import { judge, type Zone } from '../../../helpers/judge-signatures.js';
import {
  type ArcOptions,
  arcSealed,
  ed25519Key,
  type Mail,
  rsaKey,
  textOf,
} from '../../../helpers/text-signer.js';

const key = rsaKey();
const short = rsaKey(512);
const long = rsaKey(2048);
const curve = ed25519Key();
const name = 's._domainkey.arc.test TXT';
const zone: Zone = { [name]: [key.text] };

const MAIL: Mail = {
  header: 'From: a@a.test\r\nTo: b@b.test\r\nSubject: chain\r\nDate: now\r\n',
  body: 'Hello\r\n\r\n there \r\n',
};

type Edits = Partial<ArcOptions>;

function chain(count: number, edits: Readonly<Record<number, Edits>> = {}): Mail {
  let mail = MAIL;
  for (let i = 1; i <= count; i += 1) mail = arcSealed(mail, { key, i, ...edits[i] });
  return mail;
}

async function statusOf(mail: Mail, known: Zone = zone): Promise<readonly [string, string]> {
  const { arc } = await judge(textOf(mail), known);
  return [arc.status, arc.explanation];
}

const change =
  (from: string | RegExp, to: string) =>
  (text: string): string => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`nothing like ${String(from)} in ${text}`);
    return changed;
  };

describe('a chain', () => {
  it('is None where there is none', async () => {
    expect((await judge(textOf(MAIL), zone)).arc).toMatchObject({ status: 'None', sealers: [] });
  });

  it.each([1, 2, 3, 5, 10, 50])('of %i good sets passes, and names who sealed', async (count) => {
    const { arc } = await judge(textOf(chain(count)), zone);
    expect(arc).toMatchObject({ status: 'Pass', explanation: '' });
    expect(arc.sealers).toEqual(Array.from({ length: count }, () => 'arc.test'));
  });

  it('of more than 50 sets fails', async () => {
    expect(await statusOf(chain(51))).toEqual(['Fail', 'invalid as instance']);
  });

  it('is found in any order of its fields', async () => {
    const fields = chain(3)
      .header.split(/\r\n(?![ \t])/)
      .filter((field) => field !== '');
    const turned = [...fields]
      .reverse()
      .map((field) => `${field}\r\n`)
      .join('');
    expect((await statusOf({ ...MAIL, header: turned }))[0]).toBe('Pass');
  });

  it('does not care for the older signatures, which the next hop may have broken', async () => {
    const first = chain(1);
    const changed = {
      header: first.header.replace('Subject: chain', 'Subject: [list] chain'),
      body: 'new\r\n',
    };
    expect((await statusOf(changed))[0]).toBe('Fail');
    expect((await statusOf(arcSealed(changed, { key, i: 2 })))[0]).toBe('Pass');
  });
});

describe('a broken chain', () => {
  const good = chain(3);

  it.each([
    ['a changed body', { ...good, body: 'other\r\n' }],
    ['a changed signed field', { ...good, header: good.header.replace('Subject: chain', 'Subject: other') }],
    [
      'a changed oldest seal',
      { ...good, header: good.header.replace(/(i=1;[^\r]*cv=none;[^\r]* b=)..../, '$1AAAA') },
    ],
    [
      'changed old results',
      { ...good, header: good.header.replace('hop1.test; none', 'hop1.test; dkim=pass') },
    ],
    [
      'a set taken out of the middle',
      { ...good, header: good.header.replace(/^ARC[^\r]*i=2;[^\r]*\r\n/gm, '') },
    ],
    ['the oldest set taken out', { ...good, header: good.header.replace(/^ARC[^\r]*i=1;[^\r]*\r\n/gm, '') }],
    ['a set twice', { ...good, header: (/^(ARC[^\r]*\r\n){3}/.exec(good.header)?.[0] ?? '') + good.header }],
    ['one field twice', { ...good, header: (/^ARC[^\r]*\r\n/.exec(good.header)?.[0] ?? '') + good.header }],
  ])('%s: Fail', async (_title, mail) => {
    expect(mail).not.toEqual(good);
    expect((await statusOf(mail))[0]).toBe('Fail');
  });

  it('passes again without the newest set, because the message is as it was then', async () => {
    const without = good.header.replace(/^ARC[^\r]*i=3;[^\r]*\r\n/gm, '');
    expect((await statusOf({ ...good, header: without }))[0]).toBe('Pass');
  });
});

/** RFC 8617 §4.1 and §5.2, tag by tag; the signature always fits the odd text. */
describe('one set with', () => {
  it.each<[string, 'Pass' | 'Fail', Edits]>([
    ['no seal', 'Fail', { without: 'seal' }],
    ['no message signature', 'Fail', { without: 'ams' }],
    ['no results', 'Fail', { without: 'aar' }],
    ['cv=pass at the first hop', 'Fail', { cv: 'pass' }],
    ['cv=fail', 'Fail', { cv: 'fail' }],
    ['an unknown cv', 'Fail', { cv: 'maybe' }],
    ['an empty cv', 'Fail', { cv: '' }],
    ['no cv', 'Fail', { seal: change(' cv=none;', '') }],
    ['cv in capitals', 'Pass', { cv: 'NONE' }],
    ['h= in the seal', 'Fail', { seal: change('cv=none', 'cv=none; h=from') }],
    ['an unknown tag in the seal', 'Pass', { seal: change('cv=none', 'cv=none; w=catparty') }],
    ['an unknown tag in the signature', 'Pass', { ams: change('c=relaxed', 'w=catparty; c=relaxed') }],
    ['a tag twice in the seal', 'Fail', { seal: change('s=s;', 's=s; s=s;') }],
    ['a tag twice in the signature', 'Fail', { ams: change('s=s;', 's=s; s=s;') }],
    ['a tag name in capitals in the seal', 'Fail', { seal: change('d=', 'D=') }],
    ['a tag name in capitals in the signature', 'Fail', { ams: change('s=', 'S=') }],
    ['an impossible tag name', 'Fail', { seal: change('cv=none', 'cv=none; _a=b') }],
    ['a semicolon at the end of the seal', 'Pass', { seal: (text) => `${text};` }],
    ['two semicolons at the end of the seal', 'Fail', { seal: (text) => `${text};;` }],
    [
      'white space everywhere',
      'Pass',
      { seal: (text) => text.replaceAll(';', ' ;\r\n  ').replace('d=', 'd = ') },
    ],
    ['no white space', 'Pass', { seal: (text) => text.replaceAll(' ', '') }],
    ['another order of tags', 'Pass', { seal: () => 'b=; s=s; d=arc.test; cv=none; a=rsa-sha256; i=1' }],
    ['no time', 'Pass', { seal: change(' t=1700000000;', ''), ams: change(' t=1700000000;', '') }],
    ['a time that is no number', 'Fail', { seal: change('t=1700000000', 't=x') }],
    ['no algorithm in the seal', 'Fail', { seal: change(' a=rsa-sha256;', '') }],
    ['an empty algorithm in the seal', 'Fail', { seal: change('a=rsa-sha256', 'a=') }],
    ['rsa-sha1 in the seal', 'Fail', { seal: change('rsa-sha256', 'rsa-sha1') }],
    ['rsa-sha1 in the signature', 'Fail', { ams: change('rsa-sha256', 'rsa-sha1') }],
    ['an unknown algorithm in the signature', 'Fail', { ams: change('rsa-sha256', 'elliptic-sha256') }],
    ['no domain in the seal', 'Fail', { seal: change(' d=arc.test;', '') }],
    ['an empty domain', 'Fail', { seal: change('d=arc.test', 'd=') }],
    ['a domain without key', 'Fail', { seal: change('d=arc.test', 'd=other.test') }],
    ['no selector', 'Fail', { ams: change(' s=s;', '') }],
    ['another selector', 'Fail', { ams: change('s=s', 's=other') }],
    ['a domain in capitals', 'Pass', { seal: change('arc.test', 'ARC.Test') }],
    ['no instance in the results', 'Fail', { aar: change('i=1; ', '') }],
    [
      'an instance at the end of the results',
      'Fail',
      { aar: () => 'ARC-Authentication-Results: hop1.test; none; i=1' },
    ],
    ['instance 0', 'Fail', { seal: change('i=1', 'i=0') }],
    ['an empty instance', 'Fail', { seal: change('i=1', 'i=') }],
    ['an instance that is no number', 'Fail', { ams: change('i=1', 'i=a') }],
    ['no instance in the seal', 'Fail', { seal: change('i=1; ', '') }],
    ['instance 2 in the seal alone', 'Fail', { seal: change('i=1', 'i=2') }],
    ['white space around the instance', 'Pass', { aar: change('i=1;', 'i = 1 ;') }],
    ['empty results', 'Pass', { aar: change('; hop1.test; none', ';') }],
    ['no h=', 'Fail', { ams: change('h=from:to:subject; ', '') }],
    ['an empty h=', 'Fail', { ams: change('h=from:to:subject', 'h=') }],
    ['From not signed', 'Fail', { ams: change('h=from:to', 'h=to') }],
    ['h= that names the seal', 'Fail', { ams: change('h=from', 'h=arc-seal:from') }],
    ['h= with names that are not there', 'Pass', { ams: change('h=from', 'h=x-none:from:from') }],
    ['h= with white space and capitals', 'Pass', { ams: change('h=from:to', 'h=From :\r\n  TO') }],
    ['no bh=', 'Fail', { ams: change(/bh=[^;]*; /, '') }],
    ['an empty bh=', 'Fail', { ams: change(/bh=[^;]*/, 'bh=') }],
    ['another bh=', 'Fail', { ams: change(/bh=..../, 'bh=AAAA') }],
    ['white space in bh=', 'Pass', { ams: change(/bh=(....)/, 'bh=$1\r\n ') }],
    ['simple header form', 'Pass', { amsForm: 'simple' }],
    ['an unknown form', 'Fail', { ams: change('relaxed/', 'casual/') }],
    ['l= that covers all', 'Pass', { ams: change('bh=', 'l=1000; bh=') }],
  ])('%s: %s', async (_title, expected, edits) => {
    expect((await statusOf(chain(1, { 1: edits })))[0]).toBe(expected);
  });

  it.each<[string, 'Pass' | 'Fail', Edits]>([
    ['cv=none at the second hop', 'Fail', { cv: 'none' }],
    ['cv=fail at the second hop', 'Fail', { cv: 'fail' }],
    ['a seal that does not fit', 'Fail', { key: long }],
    ['instance 3 at the second hop', 'Fail', { i: 3 }],
  ])('%s: %s', async (_title, expected, edits) => {
    expect((await statusOf(chain(2, { 2: edits })))[0]).toBe(expected);
  });
});

describe('the key of a seal', () => {
  it.each<[string, string, string]>([
    ['is missing', 'nxdomain', 'Fail'],
    ['is revoked', 'v=DKIM1; k=rsa; p=', 'Fail'],
    ['is no key', 'v=DKIM1; k=rsa; p=AAAA', 'Fail'],
    ['is of another version', key.text.replace('DKIM1', 'DKIM2'), 'Fail'],
    ['is too short', short.text, 'Fail'],
    ['is of another kind', curve.text, 'Fail'],
    ['is for something else', key.text.replace('k=rsa;', 'k=rsa; s=tlsrpt;'), 'Fail'],
    ['is not for the hash', key.text.replace('k=rsa;', 'k=rsa; h=sha1;'), 'Fail'],
    ['has no version', key.text.replace('v=DKIM1; ', ''), 'Pass'],
    ['has notes', key.text.replace('k=rsa;', 'k=rsa; n=hello there;'), 'Pass'],
  ])('%s: %s', async (_title, text, expected) => {
    const known: Zone = { [name]: text === 'nxdomain' ? text : [text] };
    expect((await statusOf(chain(1), known))[0]).toBe(expected);
  });

  it('may be an Ed25519 key', async () => {
    const edit = change('rsa-sha256', 'ed25519-sha256');
    const mail = chain(1, { 1: { key: curve, seal: edit, ams: edit } });
    expect((await statusOf(mail, { [name]: [curve.text] }))[0]).toBe('Pass');
  });

  it.each(['timeout', 'servfail', 'refused', 'network', 'malformed'] as const)(
    'does not come (%s): TempError, because it says nothing of the chain',
    async (trouble) => {
      expect((await statusOf(chain(2), { [name]: trouble }))[0]).toBe('TempError');
    },
  );

  it('does not come for the newest signature alone: TempError', async () => {
    const mail = chain(1, { 1: { ams: change('d=arc.test', 'd=slow.test') } });
    const known: Zone = { ...zone, 's._domainkey.slow.test TXT': 'timeout' };
    expect((await statusOf(mail, known))[0]).toBe('TempError');
  });
});

describe('trouble that has nothing to do with the verdict', () => {
  it('leaves a broken newest seal a Fail', async () => {
    const mail = chain(2, { 1: { seal: change('d=arc.test', 'd=slow.test') }, 2: { key: long } });
    const known: Zone = { ...zone, 's._domainkey.slow.test TXT': 'timeout' };
    expect(await statusOf(mail, known)).toEqual(['Fail', 'i=2 seal signature validation failed']);
  });

  it('leaves a chain with a hole a Fail, and asks nobody', async () => {
    const mail = chain(1, { 1: { cv: 'pass' } });
    expect((await statusOf(mail, { [name]: 'timeout' }))[0]).toBe('Fail');
  });

  it('of a key nobody waits for ends nothing', async () => {
    // The oldest key is asked for ahead and rejects; the newest seal has ended the work before.
    const mail = chain(2, { 1: { seal: change('d=arc.test', 'd=gone.test') }, 2: { key: long } });
    expect((await statusOf(mail))[0]).toBe('Fail');
  });
});
