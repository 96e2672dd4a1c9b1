/**
 * Signed messages of many kinds, most of them odd in a way, and the records of their keys.
 *
 *     fc.property(mails, signing, (mail, how) => verify(signed(mail, how)))
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { canonicalBody, dkimSigned, ed25519Key, type Mail, rsaKey } from './text-signer.js';

export const rsa = rsaKey();
const ed = ed25519Key();
const weak = rsaKey(768);
export const NOW = new Date('2026-11-21T10:00:00Z');
const SECONDS = NOW.getTime() / 1000;

const bare = (text: string): string => text.replace('v=DKIM1; ', '');
/** Records by their selectors; `slow` has none that can be had. */
export const RECORDS: Readonly<Record<string, string>> = {
  s: rsa.text,
  ed: ed.text,
  weak: weak.text,
  try: `${rsa.text}; t=y:s`,
  exact: `${rsa.text}; t=s`,
  old: `${rsa.text}; h=sha1`,
  web: `${rsa.text}; s=web`,
  odd: `v=DKIM2; ${bare(rsa.text)}`,
  gone: 'v=DKIM1; p=',
  junk: 'v=DKIM1; p=AAAA',
};

export const of = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const space = of('', '', '', ' ', '\t', '  ', '\r\n ', ' \r\n\t');
const field = fc.tuple(
  of('From', 'from', 'To', 'Subject', 'X', 'Date', 'DATE', 'X-K'),
  of('', ' ', '\t'),
  of(
    ' a@a.test',
    'a@a.test',
    ' "x, y" <a@b.test>',
    ' g: a@a.test, b@b.test;',
    ' \t',
    '',
    ' caf\u00c3\u00a9\u00a0 x ',
  ),
  fc.array(of(' x', '\t', '  ', '\r\n y', '\r\n\t', '\u00a0', ';b=', ':'), { maxLength: 5 }),
);
const fields = fc
  .array(field, { maxLength: 6 })
  .map((all) => all.map(([name, gap, value, rest]) => `${name}${gap}:${value}${rest.join('')}\r\n`).join(''));
const body = fc
  .array(of('a', ' ', '\t', '\r\n', 'b  c', ' \r\n'), { maxLength: 12 })
  .map((all) => `${all.join('')}\r\n`);
export const mails = fc.record({ header: fields.map((text) => `From: a@a.test\r\n${text}`), body });

export const signing = fc.record({
  form: of<'simple' | 'relaxed'>('simple', 'relaxed'),
  bodyForm: of<'simple' | 'relaxed'>('simple', 'relaxed'),
  algorithm: of(
    'rsa-sha256',
    'rsa-sha256',
    'RSA-SHA256',
    'Rsa-Sha256',
    'ed25519-sha256',
    'rsa-sha1',
    'dsa-sha256',
    'rsa',
  ),
  selector: of('s', 's', 's', 'ed', 'ed', 'slow', 'none', ...Object.keys(RECORDS)),
  h: of(
    'from',
    'From : To',
    'from:from:to:to:subject:x',
    'FROM:date:Date:x-\u00e2\u0084\u00aa:nothing',
    'to',
    '',
  ),
  extra: of(
    ...[
      '',
      '',
      '',
      '',
      ' i=@a.test;',
      ' i=x@sub.a.test;',
      ' i=@b.test;',
      ' l=3;',
      ' l=0;',
      ' l=999;',
      ' q=dns/txt;',
    ],
    ...[
      ` t=${SECONDS - 10}; x=${SECONDS - 5};`,
      ` t=${SECONDS}; x=${SECONDS + 9};`,
      ` t=5; x=5;`,
      ' z=b=|x;',
      ' n=a b;',
    ],
    ...[' B=x;', ' ;', ' v=1;', ' x=y;', ' l=-1;', ' q=other;', '\u00c2\u00a0q=dns/txt;'],
  ),
  gap: space,
  place: of('last', 'first', 'middle'),
  bodyAfter: of('', '', '', '', '', 'x\r\n', ' \r\n\r\n'),
});

type Signing = typeof signing extends fc.Arbitrary<infer T> ? T : never;

function tagsOf(how: Signing): (bh: string) => string {
  const { form, bodyForm, algorithm, selector, h, extra, gap, place } = how;
  const c = form === 'simple' && bodyForm === 'simple' ? '' : ` c=${form}/${bodyForm};`;
  return (bh) => {
    const rest = `v=1;${gap} a=${algorithm};${c}${gap} d=a.test; s=${selector};${extra} h${gap}=${gap}${h};`;
    if (place === 'first') return `${gap}b=;${rest} bh=${bh}`;
    return place === 'middle' ? `${rest}${gap}b${gap}=${gap}; bh=${bh};` : `${rest} bh=${gap}${bh}; b=`;
  };
}

export function signed(mail: Mail, how: Signing): Mail {
  const key = how.selector === 'ed' ? ed : rsa;
  const limit = / l=(\d+);/.exec(how.extra)?.[1];
  const { form, bodyForm } = how;
  const tags = tagsOf(how);
  const sha1 = createHash('sha1')
    .update(
      Buffer.from(canonicalBody(mail.body, bodyForm), 'latin1').subarray(
        0,
        limit ? Number(limit) : undefined,
      ),
    )
    .digest('base64');
  const odd = (bh: string): string => tags(how.algorithm === 'rsa-sha1' ? sha1 : bh);
  const made = dkimSigned(mail, { key, tags: odd, form, bodyForm, ...(limit && { limit: Number(limit) }) });
  return { ...made, body: made.body + how.bodyAfter };
}

export const change = fc.tuple(
  fc.nat(3000),
  fc.nat(3),
  of('', ' ', 'x', ';', '=', ':', '\t', '\u00c2\u00a0', 'b=', '\r\n '),
);
