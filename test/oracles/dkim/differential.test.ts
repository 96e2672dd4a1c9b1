/**
 * Signed messages, changed in many ways, judged here, by OpenDKIM and by dkimpy.
 *
 * The changes come from a seeded generator. Where a verdict differs, one of the reasons below must
 * hold, and each reason must have been met: a reason that explains nothing has to go.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../helpers/judge-signatures.js';
import {
  dkimSigned,
  ed25519Key,
  type Form,
  type Mail,
  rsaKey,
  type SigningKey,
  textOf,
} from '../../helpers/text-signer.js';
import { type Dkimpy, dkimpyIsThere, startDkimpy } from './dkimpy.js';
import { OPENDKIM, opendkimVerify } from './opendkim.js';

const SEED = 6376;
const COUNT = 400;

const RSA = rsaKey(2048);
const CURVE = ed25519Key();
const OTHER = rsaKey(2048);
const SHORT = rsaKey(768);

const KEYS: Readonly<Record<string, string>> = {
  'rsa._domainkey.example.org': RSA.text,
  'curve._domainkey.example.org': CURVE.text,
  'other._domainkey.example.org': OTHER.text,
  'short._domainkey.example.org': SHORT.text,
  'revoked._domainkey.example.org': 'v=DKIM1; k=rsa; p=',
  'testing._domainkey.example.org': `${RSA.text}; t=y`,
  'strict._domainkey.example.org': `${RSA.text}; t=s`,
  'web._domainkey.example.org': `${RSA.text}; s=web`,
  'sha1._domainkey.example.org': `${RSA.text}; h=sha1`,
};

const BODIES = [
  'Hello\r\n',
  'Hello  you \r\n\t\r\n there\r\n\r\n\r\n',
  '',
  '\r\n\r\n',
  'caf\u00e9 \u00a0\r\n.\r\n..x\r\n',
  'a line without an end',
  'x '.repeat(2000),
];
const HEADERS = [
  'From: Ann <ann@example.org>\r\nTo: b@example.com\r\nSubject: plain\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n',
  'From: Ann <ann@example.org>\r\nTo: b@example.com,\r\n\tc@example.com\r\nSubject: folded\r\n  here \r\n\tand  there\r\n',
  'Received: by a.test\r\nReceived: by b.test\r\nFrom: "\u00fc" <ann@example.org>\r\nSubject: \u00e9\u00a0x\r\nTo: b\r\n',
];

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    // Numerical Recipes' constants; the high bits are the good ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Made {
  readonly what: string;
  readonly message: string;
}

/** Changes of the tags before they are signed. */
const TAGS: readonly (readonly [string, (tags: string) => string])[] = [
  ['as usual', (tags) => tags],
  ['as usual', (tags) => tags],
  ['folded', (tags) => tags.replaceAll('; ', ';\r\n\t')],
  ['From signed twice', (tags) => tags.replace('h=from', 'h=from:from')],
  ['From not signed', (tags) => tags.replace('h=from:', 'h=')],
  ['an identity', (tags) => tags.replace('s=', 'i=ann@example.org; s=')],
  ['an identity below', (tags) => tags.replace('s=', 'i=@mail.example.org; s=')],
  ['a foreign identity', (tags) => tags.replace('s=', 'i=ann@example.net; s=')],
  ['expired', (tags) => tags.replace('s=', 't=1500000000; x=1500000001; s=')],
  ['not expired', (tags) => tags.replace('s=', 't=1500000000; x=99999999999; s=')],
  ['without version', (tags) => tags.replace('v=1; ', '')],
  ['version 2', (tags) => tags.replace('v=1', 'v=2')],
  ['an unknown tag', (tags) => tags.replace('s=', 'w=cat party; s=')],
  ['a tag twice', (tags) => tags.replace('d=', 'd=example.org; d=')],
  ['without body hash', (tags) => tags.replace(/ bh=[^;]*;/, '')],
  ['an unknown form', (tags) => tags.replace(/c=[^;]*/, 'c=casual/simple')],
  ['a revoked key', (tags) => tags.replace(/s=\w+/, 's=revoked')],
  ['a missing key', (tags) => tags.replace(/s=\w+/, 's=missing')],
  ['a testing key', (tags) => tags.replace(/s=\w+/, 's=testing')],
  ['a strict key', (tags) => tags.replace(/s=\w+/, 'i=@mail.example.org; s=strict')],
  ['a key for the web', (tags) => tags.replace(/s=\w+/, 's=web')],
  ['a key for SHA-1', (tags) => tags.replace(/s=\w+/, 's=sha1')],
  ['the key of another', (tags) => tags.replace(/s=\w+/, 's=other')],
];

/** Changes on the way. */
const WAYS: readonly (readonly [string, (mail: Mail) => Mail])[] = [
  ['untouched', (mail) => mail],
  ['untouched', (mail) => mail],
  ['a line more', (mail) => ({ ...mail, body: `${mail.body}\r\nmore\r\n` })],
  ['blank lines more', (mail) => ({ ...mail, body: `${mail.body.replace(/(?:\r\n)?$/, '\r\n')}\r\n\r\n` })],
  ['white space at line ends', (mail) => ({ ...mail, body: mail.body.replace(/\r\n/g, ' \t\r\n') })],
  ['white space between words', (mail) => ({ ...mail, body: mail.body.replaceAll(' ', '   ') })],
  ['another letter', (mail) => ({ ...mail, body: mail.body.replace('o', '0').replace('x', 'y') })],
  ['Subject refolded', (mail) => ({ ...mail, header: mail.header.replace(/Subject: /, 'subject:\r\n ') })],
  ['Subject changed', (mail) => ({ ...mail, header: mail.header.replace('Subject: ', 'Subject: Re: ') })],
  ['a From on top', (mail) => ({ ...mail, header: `From: mallory@example.net\r\n${mail.header}` })],
  ['a From below', (mail) => ({ ...mail, header: `${mail.header}From: mallory@example.net\r\n` })],
  ['a Received on top', (mail) => ({ ...mail, header: `Received: by c.test\r\n${mail.header}` })],
  [
    'To taken out',
    (mail) => ({ ...mail, header: mail.header.replace(/^To:[^\r]*(?:\r\n[ \t][^\r]*)*\r\n/m, '') }),
  ],
  ['a letter of b= changed', (mail) => ({ ...mail, header: mail.header.replace(/b=([^;]{20})./, 'b=$1A') })],
];

function make(): readonly Made[] {
  const below = generator(SEED);
  const one = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  return Array.from({ length: COUNT }, (): Made => {
    const [form, bodyForm] = [one<Form>(['simple', 'relaxed']), one<Form>(['simple', 'relaxed'])];
    const isCurve = below(4) === 0;
    const [tagTitle, edit] = one(TAGS);
    const [wayTitle, change] = one(WAYS);
    const limit = below(5) === 0 ? below(12) : undefined;
    const key: SigningKey = isCurve ? CURVE : RSA;
    const front = `v=1; a=${isCurve ? 'ed25519' : 'rsa'}-sha256; c=${form}/${bodyForm}; d=example.org; `;
    const tags = (bh: string): string => {
      const length = limit === undefined ? '' : `l=${limit}; `;
      return edit(
        `${front}s=${isCurve ? 'curve' : 'rsa'}; ${length}h=from:to:subject:received; bh=${bh}; b=`,
      );
    };
    const mail: Mail = { header: one(HEADERS), body: one(BODIES) };
    const options = { key, tags, form, bodyForm, ...(limit !== undefined && { limit }) };
    const message = textOf(change(dkimSigned(mail, options)));
    const length = limit === undefined ? '' : `, l=${limit}`;
    const what = `${isCurve ? 'curve' : 'rsa'} ${form}/${bodyForm}${length}: ${tagTitle}, ${wayTitle}`;
    return { what, message };
  });
}

interface Verdict extends Made {
  readonly status: string;
  readonly explanation: string;
  readonly theirs: string;
}

type Reason = readonly [why: string, holds: (verdict: Verdict) => boolean];

const isPass = ({ status }: Verdict): boolean => status === 'Pass';

/** Verdicts of OpenDKIM that are not ours. */
const OPENDKIM_REASONS: readonly Reason[] = [
  // RFC 6376 §3.5 forbids signers such a length; with nothing added or missing it covers the whole body.
  [
    'OpenDKIM takes no l= beyond the body',
    ({ theirs }) => theirs.includes('length tag value exceeds body size'),
  ],
  // RFC 6376 §3.2: the entire tag list is invalid.
  [
    'OpenDKIM takes a tag twice',
    ({ what, explanation }) => what.includes('a tag twice') && explanation === 'signature syntax error',
  ],
  // RFC 6376 §3.4.4 completes the line; the test mode reads files by lines.
  ['OpenDKIM reads no last line without its end', ({ message }) => !message.endsWith('\r\n')],
];
/** Verdicts of dkimpy that are not ours. */
const DKIMPY_REASONS: readonly Reason[] = [
  // It counts From once more than h= does, so that none can be added unsigned (RFC 6376 §8.15 leaves that to
  // the verifier). Here a second From is a matter of DMARC, which then knows no author.
  ['dkimpy takes no second From', ({ what }) => what.includes('a From on top')],
  // RFC 6376 §5.4: From must be signed; §6.1.1 step 4: ignored without.
  ['dkimpy does not ask for From in h=', ({ explanation }) => explanation === 'From field not signed'],
  // RFC 6376 §3.6.1, tags h and t of the key.
  ['dkimpy does not read h= of a key', ({ explanation }) => explanation === 'inappropriate hash algorithm'],
  [
    'dkimpy does not read t=s of a key',
    ({ what, explanation }) => what.includes('strict key') && explanation === 'domain mismatch',
  ],
  // RFC 6376 §3.4.4 has added it to RFC 4871.
  [
    'dkimpy adds no line end in the relaxed form',
    ({ what, message }) => /^\S+ \w+\/relaxed/.test(what) && !message.endsWith('\r\n'),
  ],
];

function unexplained(verdicts: readonly Verdict[], reasons: readonly Reason[]): readonly string[] {
  const met = new Set<string>();
  const left = verdicts
    .filter((verdict) => isPass(verdict) !== (verdict.theirs === 'pass'))
    .filter((verdict) => {
      const found = reasons.find(([, holds]) => holds(verdict));
      if (found) met.add(found[0]);
      return !found;
    })
    .map(({ what, status, explanation, theirs }) => `${what}: ${status} ${explanation} / ${theirs}`);
  return [...left, ...reasons.filter(([why]) => !met.has(why)).map(([why]) => `never met: ${why}`)];
}

describe('signed and changed messages', () => {
  const made = make();
  const zone = Object.fromEntries(Object.entries(KEYS).map(([name, text]) => [`${name} TXT`, [text]]));
  let ours: readonly Omit<Verdict, 'theirs'>[] = [];
  let dkimpy: Dkimpy | undefined;

  beforeAll(async () => {
    ours = await Promise.all(
      made.map(async (one) => {
        const { dkim } = await judge(one.message, zone);
        return { ...one, status: dkim.status, explanation: dkim.explanation };
      }),
    );
    if (dkimpyIsThere) dkimpy = startDkimpy();
  });
  afterAll(() => dkimpy?.stop());

  it('are of both kinds', () => {
    const passing = ours.filter(({ status }) => status === 'Pass').length;
    expect(passing).toBeGreaterThan(COUNT / 5);
    expect(passing).toBeLessThan((COUNT * 4) / 5);
    expect(new Set(ours.map(({ status }) => status))).toEqual(
      new Set(['Pass', 'Fail', 'Neutral', 'PermError']),
    );
  });

  it.skipIf(OPENDKIM === undefined)('are judged as OpenDKIM judges them, but for reasons', async () => {
    const theirs = await opendkimVerify(
      made.map(({ message }) => message),
      KEYS,
    );
    const verdicts = ours.map((one, at) => ({ ...one, theirs: theirs[at] ?? '' }));
    expect(unexplained(verdicts, OPENDKIM_REASONS)).toEqual([]);
  });

  it.skipIf(!dkimpyIsThere)('are judged as dkimpy judges them, but for reasons', async () => {
    const verdicts = await Promise.all(
      ours.map(async (one) => {
        const [theirs = ''] = (await dkimpy?.verify(one.message, 1, KEYS)) ?? [];
        return { ...one, theirs };
      }),
    );
    expect(unexplained(verdicts, DKIMPY_REASONS)).toEqual([]);
  });
});
